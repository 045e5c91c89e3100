"""Amounts go in as people write them and come out as the same digits."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext

import pytest

from unified_copy.decimals import is_whole, plain, positive, shifted, told_number, whole
from unified_copy.errors import ConfigError

FORTY_DIGITS = "1234567890123456789012345678901234567890"


@pytest.mark.parametrize(
    ("given", "digits"),
    [
        ("330", "330"),
        (330, "330"),
        (Decimal(330), "330"),
        ("0.10", "0.10"),
        ("1.000", "1.000"),
        ("0.0000001", "0.0000001"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12E+1"), "120"),
        (FORTY_DIGITS, FORTY_DIGITS),
        (int(FORTY_DIGITS), FORTY_DIGITS),
        (Decimal(FORTY_DIGITS), FORTY_DIGITS),
        ("0." + "0" * 38 + "1", "0." + "0" * 38 + "1"),
        ("12345678901234567890.12345678901234567890", "12345678901234567890.12345678901234567890"),
    ],
)
def test_an_amount_keeps_its_digits(given: object, digits: str) -> None:
    assert plain(positive(given, "sizing")) == digits


def test_an_amount_with_a_positive_exponent_is_held_as_plain_digits() -> None:
    assert str(positive(Decimal("1E+3"), "sizing")) == "1000"


def test_an_amount_is_not_rounded_to_the_decimal_context_of_the_caller() -> None:
    with localcontext(Context(prec=3)):
        number = positive(Decimal(FORTY_DIGITS), "sizing")
    assert plain(number) == FORTY_DIGITS


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (0.1, "0.1 is a float"),
        (330.0, "330.0 is a float"),
        (float("nan"), "nan is a float"),
        (float("inf"), "inf is a float"),
        (Decimal("NaN"), "'NaN'"),
        (Decimal("sNaN"), "'sNaN'"),
        (Decimal("Infinity"), "'Infinity'"),
        (Decimal("-Infinity"), "'-Infinity'"),
        (True, "True is a boolean"),
        (False, "False is a boolean"),
        (0, "0 is not above zero"),
        ("0", "'0' is not above zero"),
        ("0.000", "'0.000' is not above zero"),
        ("-0", "'-0' is not above zero"),
        (Decimal("0E+3"), "is not above zero"),
        (-1, "-1 is not above zero"),
        ("-0.5", "'-0.5' is not above zero"),
        (Decimal(-5), "is not above zero"),
        ("1e3", "'1e3' is not a plain number"),
        ("1E-7", "'1E-7' is not a plain number"),
        ("NaN", "'NaN' is not a plain number"),
        ("Infinity", "'Infinity' is not a plain number"),
        ("", "'' is not a plain number"),
        (" 1", "' 1' is not a plain number"),
        ("1\n", r"'1\n' is not a plain number"),
        ("+1", "'+1' is not a plain number"),
        (".5", "'.5' is not a plain number"),
        ("5.", "'5.' is not a plain number"),
        ("05", "'05' is not a plain number"),
        ("1_000", "'1_000' is not a plain number"),
        ("1,5", "'1,5' is not a plain number"),
        ("0x10", "'0x10' is not a plain number"),
        ("\u0663", "is not a plain number"),
        ("\uff11", "is not a plain number"),
        (None, "None is not a number"),
        (b"1", "b'1' is not a number"),
        ([1], "[1] is not a number"),
        (1j, "1j is not a number"),
    ],
)
def test_an_amount_that_is_not_exact_and_above_zero_is_refused_and_shown(given: object, shown: str) -> None:
    with pytest.raises(ConfigError) as caught:
        positive(given, "max_total")
    assert shown in caught.value.reason


@pytest.mark.parametrize(
    "given",
    [
        FORTY_DIGITS + "1",
        10**40,
        -(10**40),
        10**5000,
        Decimal(10) ** 40,
        Decimal("1E+40"),
        Decimal("1E+999999"),
        Decimal("1E-40"),
        Decimal("1E-999999"),
        Decimal("0E-50"),
        "0." + "0" * 39 + "1",
        "9" * 100_000,
    ],
    ids=lambda given: f"{type(given).__name__}",
)
def test_an_amount_of_more_than_40_digits_is_refused_without_being_written_out(given: object) -> None:
    with pytest.raises(ConfigError) as caught:
        positive(given, "max_total")
    assert "more than 40 digits" in caught.value.reason
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("given", [1.5, Decimal("NaN"), True, 0, "x", "9" * 100, None])
def test_a_refused_amount_names_its_field_and_says_what_is_allowed(given: object) -> None:
    with pytest.raises(ConfigError) as caught:
        positive(given, "loss_limit")
    assert caught.value.field == "loss_limit"
    assert "give a Decimal, an int or digits such as '0.5'" in caught.value.reason
    assert caught.value.exchange is None


def test_a_long_text_that_is_no_number_is_shown_shortened() -> None:
    with pytest.raises(ConfigError) as caught:
        positive("x" * 70, "sizing")
    assert "xxx…" in caught.value.reason


@pytest.mark.parametrize(
    ("number", "places", "digits"),
    [
        ("0.2", 2, "20"),
        ("0.125", 2, "12.5"),
        ("20", -2, "0.20"),
        ("0.01", 2, "1"),
        (FORTY_DIGITS, -2, FORTY_DIGITS[:-2] + "." + FORTY_DIGITS[-2:]),
    ],
)
def test_moving_the_point_is_exact(number: str, places: int, digits: str) -> None:
    with localcontext(Context(prec=5)):
        moved = shifted(Decimal(number), places)
    assert plain(moved) == digits


def test_moving_the_point_of_what_is_not_finite_is_an_error() -> None:
    with pytest.raises(TypeError, match="NaN is not finite"):
        shifted(Decimal("NaN"), 2)


@pytest.mark.parametrize(("number", "answer"), [("10", True), ("10.00", True), ("1E+3", True), ("10.5", False)])
def test_a_number_is_whole_when_its_fraction_is_nothing(number: str, *, answer: bool) -> None:
    assert is_whole(Decimal(number)) is answer


@pytest.mark.parametrize(("number", "digits"), [("10", "10"), ("10.00", "10"), ("1E+3", "1000")])
def test_a_whole_number_is_written_without_its_fraction_of_zeros(number: str, digits: str) -> None:
    assert whole(Decimal(number)) == digits


@pytest.mark.parametrize("told", ["-1.50", "0", "1E+3", "9" * 100, "-0." + "1" * 99, Decimal("1E-99"), 5, -(10**99)])
def test_a_number_that_a_venue_tells_is_read_exactly(told: Decimal | int | str) -> None:
    assert told_number(told) == Decimal(told)


@pytest.mark.parametrize(
    "told",
    [
        *("NaN", "sNaN", "-Infinity", "", "abc", "1,5", "1E+999999999", "-1e-999999999999", "1E+99999999999999999999"),
        *("9" * 101, "9" * 9999, "0." + "0" * 100 + "1", 10**100, Decimal("NaN"), Decimal("1E+100")),
    ],
)
def test_a_number_that_could_not_be_written_out_is_none(told: Decimal | int | str) -> None:
    with pytest.raises(ValueError, match="where a number belongs"):
        told_number(told)
