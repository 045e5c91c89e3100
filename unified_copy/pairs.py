"""Pairs, and how they are written: ``BTC/USDT``, in upper-case letters and digits of any script."""

from __future__ import annotations

import unicodedata
from typing import Any

import attrs

from unified_copy.checks import shown
from unified_copy.errors import ConfigError


def _is_symbol_name(text: str) -> bool:
    """Tell whether ``text`` is made of upper-case letters and digits of any script."""
    return text == text.upper() and all(
        category[0] == "L" or category == "Nd" for category in map(unicodedata.category, text)
    )


def _checked_coin(_instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401 (unchecked)
    if value is None and attribute.name == "settle":
        return
    if not isinstance(value, str) or not value or not _is_symbol_name(value):
        reason = f"{shown(value)} is no {attribute.name} of a pair; use upper-case letters and digits"
        raise ConfigError("symbol", reason)


@attrs.frozen
class Pair:
    """Name what is traded, in the field's own notation: ``BTC/USDT``, or ``BTC/USDT:USDT`` with what it settles in."""

    base: str = attrs.field(validator=_checked_coin)
    quote: str = attrs.field(validator=_checked_coin)
    settle: str | None = attrs.field(default=None, validator=_checked_coin)

    def __str__(self) -> str:
        """Write the pair as ``BASE/QUOTE`` or ``BASE/QUOTE:SETTLE``."""
        return f"{self.base}/{self.quote}:{self.settle}" if self.settle else f"{self.base}/{self.quote}"

    @classmethod
    def parse(cls, text: str) -> Pair:
        """Read ``BASE/QUOTE`` or ``BASE/QUOTE:SETTLE``.

        Raises ``ConfigError`` with field ``symbol`` for anything else, and says how to write it where that is plain.
        """
        base, slash, rest = text.partition("/")
        quote, colon, settle = rest.partition(":")
        parts = [base, quote, settle] if colon else [base, quote]
        if slash and all(part and _is_symbol_name(part) for part in parts):
            return cls(*parts)
        if slash and all(part and _is_symbol_name(part.upper()) for part in parts):
            raise ConfigError("symbol", f"{shown(text)} is not in upper case; write {shown(text.upper())}")
        reason = f"{shown(text)} is no pair; write base and quote in upper-case letters and digits, as in 'BTC/USDT'"
        raise ConfigError("symbol", reason)


def as_pair(value: str | Pair) -> Pair:
    """Return a pair as it is, or read it; raise ``ConfigError`` with field ``symbol`` for anything else."""
    if isinstance(value, Pair):
        return value
    if isinstance(value, str):
        return Pair.parse(value)
    raise ConfigError("symbol", f"{shown(value)} is no pair; give text such as 'BTC/USDT', or a Pair")
