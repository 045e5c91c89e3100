"""Pairs, and how they are written: ``BTC/USDT``, in upper-case letters and digits of any script."""

from __future__ import annotations

import unicodedata
from typing import Any

import attrs

from unified_copy.errors import ConfigError
from unified_copy.validation import shown


def _is_symbol_name(text: str) -> bool:
    """Tell whether ``text`` is made of upper-case letters and digits of any script, each in its ordinary form.

    Full-width letters and the Kelvin sign look like others, are folded into them by many programs, and so could name
    one pair twice.
    """
    return text == _ordinary(text) and all(
        category[0] == "L" or category == "Nd" for category in map(unicodedata.category, text)
    )


def _ordinary(text: str) -> str:
    """Return ``text`` in upper case, and in the form that Unicode holds to be the ordinary one of each character."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())


def _checked_coin(_instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401 (unchecked)
    if value is None and attribute.name == "settle":
        return
    if not isinstance(value, str) or not value or not _is_symbol_name(value):
        reason = f"{shown(value)} is no {attribute.name} of a pair; use upper-case letters and digits"
        if isinstance(value, str) and value and value == value.upper() and _is_symbol_name(_ordinary(value)):
            reason = f"{value!a} is not in ordinary characters; write {shown(_ordinary(value))}"
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
        if not isinstance(text, str):
            raise ConfigError("symbol", f"{shown(text)} is not text; give a pair such as 'BTC/USDT'")
        base, slash, rest = text.partition("/")
        quote, colon, settle = rest.partition(":")
        parts = [base, quote, settle] if colon else [base, quote]
        if slash and all(part and _is_symbol_name(part) for part in parts):
            return cls(*parts)
        if slash and all(part and _is_symbol_name(_ordinary(part)) for part in parts):
            wrong = "in ordinary characters" if text == text.upper() else "in upper case"
            quoted = ascii(text) if text == text.upper() else shown(text)
            raise ConfigError("symbol", f"{quoted} is not {wrong}; write {shown(_ordinary(text))}")
        reason = f"{shown(text)} is not a pair; write base and quote in upper-case letters and digits, as in 'BTC/USDT'"
        raise ConfigError("symbol", reason)


def as_pair(value: str | Pair) -> Pair:
    """Return a pair as it is, or read it; raise ``ConfigError`` with field ``symbol`` for anything else."""
    if isinstance(value, Pair):
        return value
    if isinstance(value, str):
        return Pair.parse(value)
    raise ConfigError("symbol", f"{shown(value)} is not a pair; give text such as 'BTC/USDT', or a Pair")
