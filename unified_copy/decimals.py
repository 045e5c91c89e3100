"""Exact decimal numbers: in from what people write, out as plain digits, never through a float."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from unified_copy.errors import ConfigError

DecimalLike = Decimal | int | str
"""What an amount may be given as; a float is refused because it cannot hold one exactly."""

MAX_DIGITS: Final = 40
MAX_TOLD_DIGITS: Final = 100
"""More than anything has that a venue counts."""
_PLAIN: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_ALLOWED: Final = "give a Decimal, an int or digits such as '0.5'"
"""With digits that every amount, fraction and multiple may be."""


def positive(value: object, field: str) -> Decimal:
    """Return ``value`` as an exact decimal above zero; ``plain`` gives back its digits.

    Raises ``ConfigError`` naming ``field`` for anything else: floats, booleans, NaN, infinities, exponents in
    text, zero, negative numbers, and numbers of more than 40 digits.
    """
    number = _exact(value, field)
    if number <= 0:
        raise ConfigError(field, f"{_shown(value)} is not above zero; {_ALLOWED}")
    return number


def told_number(value: Decimal | int | str) -> Decimal:
    """Return a number that a venue tells, of any sign, exactly.

    Raises ``ValueError`` for what is no finite number or has more than 100 digits: ``1E+999999999``, twelve characters
    of an answer, would fill the memory where it is written out.
    """
    try:
        number = Decimal(value)
    except ArithmeticError:
        number = Decimal("NaN")
    digits = _digits(number)
    if digits is None or digits > MAX_TOLD_DIGITS:
        raise ValueError(f"{_shown(value)} where a number belongs")
    return number


def plain(number: Decimal) -> str:
    """Return the digits of ``number`` without an exponent."""
    digits = str(number)
    return digits if "E" not in digits else format(number, "f")


def shifted(number: Decimal, places: int) -> Decimal:
    """Return ``number`` times ten to the power of ``places``, exactly and whatever the decimal context."""
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        message = f"{number} is not finite"
        raise TypeError(message)
    return Decimal((sign, digits, exponent + places))


def is_whole(number: Decimal) -> bool:
    """Tell whether ``number`` has no fraction."""
    return number == number.to_integral_value()


def whole(number: Decimal) -> str:
    """Return the digits of a number without a fraction, dropping a fraction of zeros."""
    return str(int(number))


def _exact(value: object, field: str) -> Decimal:
    if isinstance(value, Decimal):
        return _bounded(value, value, field)
    if isinstance(value, bool):
        raise ConfigError(field, f"{value} is a boolean, not a number; {_ALLOWED}")
    if isinstance(value, int):
        if abs(value) >= 10**MAX_DIGITS:
            raise _too_long(field)
        return Decimal(value)
    if isinstance(value, float):
        raise ConfigError(field, f"{value!r} is a float, which cannot hold a decimal amount exactly; {_ALLOWED}")
    if isinstance(value, str):
        if len(value) > 2 * MAX_DIGITS:
            raise _too_long(field)
        if not _PLAIN.fullmatch(value):
            raise ConfigError(field, f"{_shown(value)} is not a plain number; {_ALLOWED}")
        return _bounded(Decimal(value), value, field)
    raise ConfigError(field, f"{_shown(value)} is not a number; {_ALLOWED}")


def _bounded(number: Decimal, given: object, field: str) -> Decimal:
    """Refuse what is not finite or too long, and write an exponent out as digits."""
    digits = _digits(number)
    if digits is None:
        raise ConfigError(field, f"{_shown(given)} is not a finite number; {_ALLOWED}")
    if digits > MAX_DIGITS:
        raise _too_long(field)
    return Decimal(format(number, "f"))


def _digits(number: Decimal) -> int | None:
    """Return how many digits ``number`` has where it is written without an exponent; ``None`` if it is not finite."""
    _, digits, exponent = number.as_tuple()
    return max(len(digits) + exponent, 1) + max(-exponent, 0) if isinstance(exponent, int) else None


def _too_long(field: str) -> ConfigError:
    return ConfigError(field, f"the number has more than {MAX_DIGITS} digits; {_ALLOWED}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_DIGITS else text[:MAX_DIGITS] + "…"
