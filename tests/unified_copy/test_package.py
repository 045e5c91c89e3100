"""The package offers what its documentation names."""

from __future__ import annotations

import pytest

import unified_copy


@pytest.mark.parametrize("name", unified_copy.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(unified_copy, name) is not None


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'unified_copy' has no attribute 'CopyCleint'"):
        _ = unified_copy.CopyCleint
