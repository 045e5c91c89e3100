"""Read a contract file as YAML 1.2 means it, so that whoever reads the file sees the same values.

PyYAML follows YAML 1.1, where ``on``, ``no`` and ``2024-01-26`` are not text, ``010`` is eight, and fractions are
binary floats.
"""

from __future__ import annotations

import re
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from unified_copy.sandbox.extra import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yaml import ScalarNode

_TAG: Final = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """Load exactly the scalars that YAML 1.2 has."""

    def number(self, node: ScalarNode) -> int | Decimal:
        """Return a number with its digits kept."""
        try:
            return int(node.value)
        except ValueError:
            return Decimal(node.value)


_Loader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("number", r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"(?:{_pattern})\\Z"), _first)
_Loader.add_constructor(_TAG + "number", _Loader.number)


def parse(text: str) -> Mapping[str, Any]:
    """Return the document that ``text`` holds; numbers are ``int`` or ``Decimal``."""
    document: Mapping[str, Any] = yaml.load(text, _Loader)
    return document


def load_document(name: str) -> Mapping[str, Any]:
    """Return the document in the installed package data at ``package/file.yaml``."""
    package, _, path = name.partition("/")
    return parse(files(package).joinpath(path).read_text("utf-8"))
