"""What a venue tells is kept exactly, and what it did not tell stays untold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from unified_copy.pairs import Pair
from unified_copy.results import (
    KEEP,
    ActionResult,
    ClosedCopy,
    CopiedPosition,
    Finding,
    FollowedLeader,
    LeaderProfile,
    Level,
    Page,
    Side,
    SymbolLimits,
    moment,
)

BTC = Pair("BTC", "USDT")
LEADER = FollowedLeader(exchange="bazaar", leader_id="7")
POSITION = CopiedPosition(exchange="bazaar", position_id="1", symbol=BTC, side=Side.LONG)
CLOSED = ClosedCopy(exchange="bazaar", position_id="1", symbol=BTC, side=Side.SHORT)
PROFILE = LeaderProfile(exchange="bazaar", leader_id="7")
LIMITS = SymbolLimits(exchange="bazaar", symbol=BTC)
Row = FollowedLeader | CopiedPosition | ClosedCopy | LeaderProfile | SymbolLimits
ROWS: list[Row] = [LEADER, POSITION, CLOSED, PROFILE, LIMITS]
NAMES = [type(row).__name__ for row in ROWS]


# ------------------------------------------------------------------ times


@pytest.mark.parametrize("milliseconds", [1_700_000_000_123, "1700000000123"])
def test_milliseconds_are_an_exact_and_aware_time(milliseconds: int | str) -> None:
    assert moment(milliseconds) == datetime(2023, 11, 14, 22, 13, 20, 123_000, UTC)


@pytest.mark.parametrize("milliseconds", [None, "", 0, "0"])
def test_a_time_that_is_not_told_is_none(milliseconds: int | str | None) -> None:
    assert moment(milliseconds) is None


def test_a_time_far_from_now_is_as_exact() -> None:
    assert moment(253_402_300_799_999) == datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC)
    assert moment(-1) == datetime(1970, 1, 1, tzinfo=UTC) - timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "words",
    [
        "yesterday",
        "2023-11-14",
        "1700000000123.5",
        " ",
        "1e12",
        10**18,
        "9" * 30,
        "9" * 5000,
        Decimal("1E+999999"),
        [],
        {},
        object(),
        "\0",
    ],
    ids=lambda words: repr(words)[:20].partition(" at ")[0],
)
def test_what_is_no_time_is_a_value_error(words: object) -> None:
    given: Any = words
    with pytest.raises(ValueError, match=r"not a time|invalid literal|Exceeds"):
        moment(given)


def test_a_number_of_a_few_letters_takes_no_minute_to_be_no_time() -> None:
    given: Any = Decimal("1E+999999999")
    with pytest.raises(ValueError, match="not a time"):
        moment(given)


# ------------------------------------------------------------------ rows


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_what_was_not_told_is_none_and_never_zero(row: Row) -> None:
    told = {"exchange", "leader_id", "position_id", "symbol", "side"}
    empty: dict[str, object] = {"missing": frozenset(), "handle": {}}
    for field in attrs.fields(type(row)):
        if field.name not in told:
            assert getattr(row, field.name) == empty.get(field.name), field.name
    assert getattr(row, "leader_id", None) in {None, "7"}


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_the_venues_own_row_is_kept_and_neither_shown_nor_compared(row: Row) -> None:
    kept = attrs.evolve(row, raw={"apiKey": "hidden"})
    assert kept.raw == {"apiKey": "hidden"}
    assert kept == row
    assert "hidden" not in repr(kept)


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_a_row_cannot_be_changed(row: Row) -> None:
    changed: Any = row
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        changed.exchange = "elsewhere"


def test_what_names_a_position_to_the_venue_is_kept_and_not_shown() -> None:
    position = attrs.evolve(POSITION, handle={"productType": "USDT-FUTURES"})
    assert "productType" not in repr(position)
    assert position != POSITION


def test_a_row_shows_the_digits_it_was_given() -> None:
    position = attrs.evolve(POSITION, entry_price=Decimal("0.10"), opened=moment(1))
    assert "entry_price=Decimal('0.10')" in repr(position)
    assert "side=<Side.LONG: 'long'>" in repr(position)


# ------------------------------------------------------------------ pages, findings and results


def test_a_page_holds_rows_and_the_way_to_the_next() -> None:
    page = Page((LEADER,), "b")
    assert (page.items, page.cursor) == ((LEADER,), "b")
    assert page == Page((LEADER,), "b")
    assert repr(Page((), None)) == "Page(items=(), cursor=None)"


def test_keeping_is_neither_a_price_nor_none() -> None:
    keep: Any = KEEP
    assert keep is not None
    assert not isinstance(keep, Decimal)
    assert repr(keep) == "KEEP"


def test_a_finding_need_not_advise() -> None:
    assert Finding("key", Level.FINE, "the key may read").advice == ""


def test_a_result_tells_nothing_that_is_not_so() -> None:
    result = ActionResult(status="done", exchange="bazaar")
    assert (result.note, result.position, result.unverified, result.cause) == ("", None, (), None)
