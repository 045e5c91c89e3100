"""The package offers what its documentation names."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution

import pytest

import unified_copy


@pytest.mark.parametrize("name", unified_copy.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(unified_copy, name) is not None


def test_every_package_of_the_wheel_is_typed() -> None:
    files = {str(file) for file in distribution("unified-copy").files or ()}
    packages = {file.split("/")[0] for file in files if file.endswith("/__init__.py")}
    assert "unified_copy_specs" in packages
    assert [package for package in sorted(packages) if f"{package}/py.typed" not in files] == []


def test_completion_finds_every_public_name_before_it_is_loaded() -> None:
    code = "import unified_copy as u, sys; print('aiohttp' in sys.modules, set(u.__all__) <= set(dir(u)))"
    ran = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout.split() == ["False", "True"]
    assert {"CopyClient", "translate"} <= set(dir(unified_copy))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'unified_copy' has no attribute 'CopyCleint'"):
        _ = unified_copy.CopyCleint
