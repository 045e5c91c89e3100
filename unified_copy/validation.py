"""Check single values of the model, and word what is wrong with them."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final

from unified_copy.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    import attrs

MOST_SHOWN: Final = 128
"""How much of a value an error quotes."""


def shown(value: object) -> str:
    """Return a value as an error quotes it: whole where it is short."""
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"


def of_type(*allowed: type) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    """Accept instances of the classes given, and ``None`` where that is the field's default."""
    names = ", ".join(" or ".join(map(str, cls)) if issubclass(cls, enum.Enum) else cls.__name__ for cls in allowed)

    def check(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if (value is None and attribute.default is None) or isinstance(value, allowed):
            return
        raise ConfigError(attribute.name, f"{shown(value)} is not allowed; use {names}")

    return check
