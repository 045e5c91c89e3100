"""Open copied positions are closed and protected one at a time, and it is looked whether they are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Generator, Iterable
from decimal import Decimal
from typing import Any, ClassVar, Literal

import attrs
import pytest
from aiohttp import web
from bazaar import NO, YES, Bazaar, by_cursor, client_of, holding, ids, page, position
from scripted_venue import CUT, Reply, ScriptedVenue, Step

from unified_copy import ALL_SYMBOLS, Adapter, CopyClient
from unified_copy.adapter import Call, Operation
from unified_copy.errors import (
    ConfigError,
    OutcomeUnknownError,
    UnsupportedError,
    VenueError,
    VenueUnavailableError,
    VerificationError,
)
from unified_copy.model import AllSymbols
from unified_copy.pairs import Pair
from unified_copy.results import KEEP, ClosedCopy, CopiedPosition, Page, Price, Side

Symbols = Iterable[str | Pair] | Literal[AllSymbols.ALL]

OPEN = position({"id": "9007199254740993", "tp": "", "sl": ""})
SHOWN = ids(OPEN.position_id)


class Unseeing(Bazaar):
    """Act on positions without being able to show them."""

    positions = Adapter.positions


class KeepsNothing(Bazaar):
    """Cancel what is left out."""

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        if KEEP in {take_profit_price, stop_loss_price}:
            raise UnsupportedError("take_profit_price", "leaving a price out may cancel it; give both", self.name)
        return super().protect(position, take_profit_price, stop_loss_price)


@pytest.fixture
def client(venue: ScriptedVenue) -> CopyClient:
    return client_of(venue)


def _bodies(venue: ScriptedVenue, path: str) -> list[dict[str, str]]:
    return [json.loads(request.body) for request in venue.sent(path)]


def _closed(venue: ScriptedVenue) -> list[str]:
    return [body["id"] for body in _bodies(venue, "/close")]


# ------------------------------------------------------------------ closing one


async def test_a_position_that_is_gone_is_done(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/close", YES)
    venue.on("/positions", ids("1", "2"))
    async with client:
        result = await client.close(OPEN, exchange="bazaar")
    assert (result.status, result.position, result.cause) == ("done", OPEN, None)
    assert _closed(venue) == ["9007199254740993"]
    assert [request.target for request in venue.sent("/positions")] == ["/positions?leader=7"]


async def test_a_position_that_goes_late_is_waited_for(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/close", YES)
    venue.on("/positions", SHOWN, page())
    async with client:
        assert (await client.close(OPEN, exchange="bazaar")).status == "done"
    assert len(venue.sent("/close")) == 1


@pytest.mark.usefixtures("hurry")
async def test_a_position_that_stays_open_is_no_success(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/close", YES)
    venue.on("/positions", SHOWN)
    async with client:
        with pytest.raises(VerificationError, match="9007199254740993 is open"):
            await client.close(OPEN, exchange="bazaar")
    assert len(venue.sent("/close")) == 1


@pytest.mark.usefixtures("hurry")
async def test_a_position_on_a_later_page_is_still_open(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/close", YES)
    venue.on("/positions", by_cursor({"": ids("1", following="b"), "b": page(following="c"), "c": SHOWN}))
    async with client:
        with pytest.raises(VerificationError):
            await client.close(OPEN, exchange="bazaar")


@pytest.mark.usefixtures("hurry")
async def test_pages_that_go_round_in_a_circle_do_not_prove_a_position_closed(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on("/close", YES)
    venue.on("/positions", by_cursor({"": ids("1", following="b"), "b": ids("2", following="b")}))
    async with client:
        result = await client.close(OPEN, exchange="bazaar")
    assert result.status == "accepted"
    assert "circle" in str(result.cause)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    "shown",
    [Reply(b"", status=503), page({"symbol": "BTC/USDT"}), Reply({"rows": None, "next": None})],
    ids=["no answer", "a row without an id", "no rows"],
)
async def test_a_failure_to_look_is_a_cause_and_no_exception(
    client: CopyClient, venue: ScriptedVenue, shown: Reply
) -> None:
    venue.on("/close", YES)
    venue.on("/positions", shown)
    async with client:
        result = await client.close(OPEN, exchange="bazaar")
    assert result.status == "accepted"
    assert isinstance(result.cause, VenueUnavailableError)


async def test_a_venue_that_cannot_be_asked_leaves_a_close_accepted(venue: ScriptedVenue) -> None:
    venue.on("/close", YES)
    async with client_of(venue, Unseeing()) as client:
        result = await client.close(OPEN, exchange="bazaar")
    assert (result.status, result.cause) == ("accepted", None)
    assert [request.target for request in venue.received] == ["/close"]


async def test_the_venues_refusal_to_close_is_raised_and_nothing_is_read(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on("/close", NO)
    async with client:
        with pytest.raises(VenueError) as caught:
            await client.close(OPEN, exchange="bazaar")
    assert caught.value.code == "no"
    assert venue.sent("/positions") == []


LOST: dict[str, Step] = {"cut": CUT, "hang": Reply(b"ok", after=3), "gateway": Reply(b"", status=502)}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_lost_answer_to_a_close_is_settled_by_looking(
    client: CopyClient, venue: ScriptedVenue, fault: Step
) -> None:
    venue.on("/close", fault)
    venue.on("/positions", page())
    async with client:
        assert (await client.close(OPEN, exchange="bazaar")).status == "done"
    assert len(venue.sent("/close")) == 1


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    "shown",
    [SHOWN, CUT, by_cursor({"": page(following="b"), "b": page(following="b")})],
    ids=["still open", "cannot be read", "a circle"],
)
async def test_a_lost_answer_to_a_close_that_looking_does_not_settle_is_unknown(
    client: CopyClient, venue: ScriptedVenue, shown: Step
) -> None:
    venue.on("/close", CUT)
    venue.on("/positions", shown)
    async with client:
        with pytest.raises(OutcomeUnknownError):
            await client.close(OPEN, exchange="bazaar")
    assert len(venue.sent("/close")) == 1


@pytest.mark.parametrize("act", ["close", "protect"])
async def test_the_position_of_another_exchange_is_refused(client: CopyClient, venue: ScriptedVenue, act: str) -> None:
    foreign = attrs.evolve(OPEN, exchange="elsewhere")
    async with client:
        with pytest.raises(ConfigError, match="one of elsewhere") as caught:
            await getattr(client, act)(foreign, exchange="bazaar")
    assert (caught.value.field, caught.value.exchange) == ("position", "bazaar")
    assert venue.received == []


@pytest.mark.parametrize("act", ["close", "protect"])
@pytest.mark.parametrize(
    "other",
    [
        ClosedCopy(exchange="bazaar", position_id="1", symbol=Pair("BTC", "USDT"), side=Side.LONG, leader_id="7"),
        "1",
        None,
    ],
    ids=["closed", "id", "none"],
)
async def test_what_is_no_open_position_is_refused(
    client: CopyClient, venue: ScriptedVenue, act: str, other: object
) -> None:
    async with client:
        with pytest.raises(ConfigError, match="is not a CopiedPosition") as caught:
            await getattr(client, act)(other, exchange="bazaar")
    assert caught.value.field == "position"
    assert venue.received == []


# ------------------------------------------------------------------ closing all


def _market(*rows: dict[str, str], refuse: Iterable[str] = ()) -> dict[str, Callable[[web.Request], Awaitable[Any]]]:
    """Return a venue that shows ``rows`` until they are closed, and refuses to close some."""
    shown = list(rows)

    async def positions(_: web.Request) -> web.Response:
        return web.json_response({"rows": shown, "next": None})

    async def close(request: web.Request) -> web.Response:
        told = await request.json()
        if told["id"] in refuse:
            return web.Response(body=b"no")
        shown[:] = [row for row in shown if row["id"] != told["id"]]
        return web.Response(body=b"ok")

    return {"/positions": positions, "/close": close}


BTC = {"id": "1", "symbol": "BTC/USDT"}
ETH = {"id": "2", "symbol": "ETH/USDT:USDT"}
BTC_AGAIN = {"id": "3", "symbol": "BTC/USDT"}
COIN = {"id": "4", "symbol": "BTC/USD"}


def _script(venue: ScriptedVenue, handlers: dict[str, Callable[[web.Request], Awaitable[Any]]]) -> None:
    for path, handler in handlers.items():
        venue.on(path, handler)


@pytest.mark.parametrize(
    ("symbols", "closed"),
    [
        (ALL_SYMBOLS, ["1", "2", "3", "4"]),
        (["BTC/USDT"], ["1", "3"]),
        ((Pair("ETH", "USDT"), "BTC/USD"), ["2", "4"]),
        (iter(["BTC/USDT:USDT"]), ["1", "3"]),
        (["XRP/USDT"], []),
    ],
    ids=["all", "a pair", "pairs", "an iterator", "a pair without a position"],
)
async def test_every_position_in_the_symbols_is_closed_and_no_other(
    client: CopyClient, venue: ScriptedVenue, symbols: Symbols, closed: list[str]
) -> None:
    _script(venue, _market(BTC, ETH, BTC_AGAIN, COIN))
    async with client:
        results = await client.close_all(exchange="bazaar", symbols=symbols)
    assert _closed(venue) == closed
    assert [(result.status, result.position.position_id) for result in results if result.position] == [
        ("done", position_id) for position_id in closed
    ]


async def test_all_symbols_must_be_said(client: CopyClient, venue: ScriptedVenue) -> None:
    careless: Any = client.close_all
    async with client:
        with pytest.raises(TypeError, match="symbols"):
            await careless(exchange="bazaar")
    assert venue.received == []


@pytest.mark.parametrize("symbols", ["BTC/USDT", "all", b"BTC/USDT", "", [], (), iter([]), None, 5, False])
async def test_what_is_no_list_of_pairs_closes_nothing(
    client: CopyClient, venue: ScriptedVenue, symbols: object
) -> None:
    given: Any = symbols
    async with client:
        with pytest.raises(ConfigError, match="or ALL_SYMBOLS") as caught:
            await client.close_all(exchange="bazaar", symbols=given)
    assert caught.value.field == "symbols"
    assert venue.received == []


@pytest.mark.parametrize(
    ("symbols", "field"),
    [
        (["btc/usdt"], "symbols[0]"),
        (["BTCUSDT"], "symbols[0]"),
        ([5], "symbols[0]"),
        ([None], "symbols[0]"),
        (["BTC/USDT", ""], "symbols[1]"),
        (["BTC/USDT:USDT", "ETH/USDT:USDC"], "symbols[1]"),
    ],
)
async def test_what_is_no_pair_closes_nothing(
    client: CopyClient, venue: ScriptedVenue, symbols: object, field: str
) -> None:
    given: Any = symbols
    async with client:
        with pytest.raises(ConfigError) as caught:
            await client.close_all(exchange="bazaar", symbols=given)
    assert caught.value.field == field
    assert venue.received == []


async def test_a_failure_is_reported_and_the_rest_goes_on(client: CopyClient, venue: ScriptedVenue) -> None:
    _script(venue, _market(BTC, ETH, BTC_AGAIN, refuse=["2"]))
    async with client:
        results = await client.close_all(exchange="bazaar", symbols=ALL_SYMBOLS)
    assert [result.status for result in results] == ["done", "failed", "done"]
    assert [type(result.cause) for result in results] == [type(None), VenueError, type(None)]
    assert results[1].position == position(ETH)
    assert _closed(venue) == ["1", "2", "3"]


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(("answer", "cause"), [(YES, VerificationError), (CUT, OutcomeUnknownError)])
async def test_what_was_not_seen_to_close_is_reported_with_what_is_known(
    client: CopyClient, venue: ScriptedVenue, answer: Step, cause: type[Exception]
) -> None:
    venue.on("/positions", page(BTC))
    venue.on("/close", answer)
    async with client:
        (result,) = await client.close_all(exchange="bazaar", symbols=ALL_SYMBOLS)
    assert result.status == "failed"
    assert type(result.cause) is cause


async def test_positions_that_cannot_be_listed_are_not_closed(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/positions", page(BTC, following="b"), CUT)
    async with client:
        with pytest.raises(VenueUnavailableError):
            await client.close_all(exchange="bazaar", symbols=ALL_SYMBOLS)
    assert _closed(venue) == []


async def test_a_list_without_an_end_closes_nothing(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/positions", page(BTC, following="b"), page(ETH, following="b"))
    async with client:
        with pytest.raises(VenueUnavailableError, match="circle"):
            await client.close_all(exchange="bazaar", symbols=ALL_SYMBOLS)
    assert _closed(venue) == []


async def test_a_position_that_is_listed_twice_is_closed_once(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/positions", page(BTC, following="b"), page(BTC, BTC_AGAIN), page())
    venue.on("/close", YES)
    async with client:
        results = await client.close_all(exchange="bazaar", symbols=ALL_SYMBOLS)
    assert [result.status for result in results] == ["done", "done"]
    assert _closed(venue) == ["1", "3"]


@pytest.mark.parametrize("lacking", ["close", "positions"])
async def test_an_exchange_that_cannot_list_or_close_is_refused_by_name(venue: ScriptedVenue, lacking: str) -> None:
    class Without(Bazaar):
        locals()[lacking] = getattr(Adapter, lacking)

    async with client_of(venue, Without()) as client:
        with pytest.raises(UnsupportedError, match="cannot do 'close_all'") as caught:
            await client.close_all(exchange="bazaar", symbols=ALL_SYMBOLS)
    assert (caught.value.field, caught.value.exchange) == ("exchange", "bazaar")
    assert venue.received == []


# ------------------------------------------------------------------ protecting


def _protections(**prices: str | None) -> Reply:
    return page({"id": OPEN.position_id, **prices})


@pytest.mark.parametrize(
    ("wishes", "told", "shown"),
    [
        ({"take_profit_price": "70000.10"}, {"tp": "70000.10"}, {"tp": "70000.1", "sl": ""}),
        ({"stop_loss_price": Decimal("0.00000001")}, {"sl": "0.00000001"}, {"tp": "70000", "sl": "0.00000001"}),
        ({"take_profit_price": 5, "stop_loss_price": None}, {"tp": "5", "sl": ""}, {"tp": "5.00", "sl": ""}),
        ({"take_profit_price": None, "stop_loss_price": None}, {"tp": "", "sl": ""}, {"tp": None, "sl": None}),
        ({"take_profit_price": KEEP, "stop_loss_price": "9"}, {"sl": "9"}, {"tp": "1", "sl": "9"}),
        ({"stop_loss_price": "9"}, {"sl": "9"}, {"sl": "9"}),
    ],
    ids=["set one", "set the other", "set and cancel", "cancel both", "keep one", "the kept one is not shown"],
)
async def test_protections_that_read_back_as_wanted_are_done(
    client: CopyClient, venue: ScriptedVenue, wishes: dict[str, Any], told: dict[str, str], shown: dict[str, str | None]
) -> None:
    venue.on("/protect", YES)
    venue.on("/positions", _protections(**shown))
    async with client:
        result = await client.protect(OPEN, exchange="bazaar", **wishes)
    assert (result.status, result.unverified, result.cause, result.position) == ("done", (), None, OPEN)
    assert _bodies(venue, "/protect") == [{"id": OPEN.position_id, **told}]


async def test_protections_that_show_late_are_waited_for(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/protect", YES)
    venue.on("/positions", _protections(tp="", sl=""), _protections(tp="5", sl=""))
    async with client:
        assert (await client.protect(OPEN, exchange="bazaar", take_profit_price=5)).status == "done"
    assert len(venue.sent("/protect")) == 1


@pytest.mark.parametrize("wishes", [{}, {"take_profit_price": KEEP, "stop_loss_price": KEEP}])
async def test_keeping_both_changes_nothing_and_is_refused(
    client: CopyClient, venue: ScriptedVenue, wishes: dict[str, Any]
) -> None:
    async with client:
        with pytest.raises(ConfigError, match="nothing to change"):
            await client.protect(OPEN, exchange="bazaar", **wishes)
    assert venue.received == []


@pytest.mark.parametrize("price", [0.1, float("nan"), 0, -1, "-1", "0", "1e5", "", True, Decimal("NaN"), "keep", [1]])
@pytest.mark.parametrize("field", ["take_profit_price", "stop_loss_price"])
async def test_what_is_no_exact_price_is_refused_by_name(
    client: CopyClient, venue: ScriptedVenue, field: str, price: object
) -> None:
    wishes: dict[str, Any] = {field: price}
    async with client:
        with pytest.raises(ConfigError) as caught:
            await client.protect(OPEN, exchange="bazaar", **wishes)
    assert caught.value.field == field
    assert venue.received == []


async def test_a_venue_that_cancels_what_is_left_out_refuses_to_keep(venue: ScriptedVenue) -> None:
    async with client_of(venue, KeepsNothing()) as client:
        with pytest.raises(UnsupportedError) as caught:
            await client.protect(OPEN, exchange="bazaar", stop_loss_price=5)
        assert venue.received == []
        venue.on("/protect", YES)
        venue.on("/positions", _protections(tp="", sl="5"))
        result = await client.protect(OPEN, exchange="bazaar", take_profit_price=None, stop_loss_price=5)
    assert caught.value.field == "take_profit_price"
    assert result.status == "done"


@pytest.mark.parametrize(
    ("shown", "unverified"),
    [({}, ("take_profit_price", "stop_loss_price")), ({"tp": "5"}, ("stop_loss_price",))],
    ids=["neither", "one"],
)
async def test_a_protection_that_is_not_shown_leaves_it_accepted(
    client: CopyClient, venue: ScriptedVenue, shown: dict[str, str], unverified: tuple[str, ...]
) -> None:
    venue.on("/protect", YES)
    venue.on("/positions", _protections(**shown))
    async with client:
        result = await client.protect(OPEN, exchange="bazaar", take_profit_price=5, stop_loss_price=4)
    assert (result.status, result.unverified, result.cause) == ("accepted", unverified, None)


async def test_a_venue_that_cannot_be_asked_leaves_a_protection_accepted(venue: ScriptedVenue) -> None:
    venue.on("/protect", YES)
    async with client_of(venue, Unseeing()) as client:
        result = await client.protect(OPEN, exchange="bazaar", take_profit_price=5)
    assert (result.status, result.unverified) == ("accepted", ("take_profit_price",))


@pytest.mark.usefixtures("hurry")
async def test_protections_that_cannot_be_read_are_a_cause_and_no_exception(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on("/protect", YES)
    venue.on("/positions", CUT)
    async with client:
        result = await client.protect(OPEN, exchange="bazaar", stop_loss_price=None)
    assert (result.status, result.unverified) == ("accepted", ("stop_loss_price",))
    assert isinstance(result.cause, VenueUnavailableError)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("wishes", "shown", "told"),
    [
        ({"take_profit_price": "5"}, {"tp": "5.1", "sl": ""}, "take_profit_price: wanted 5, shown 5.1"),
        ({"stop_loss_price": "5"}, {"tp": "", "sl": ""}, "stop_loss_price: wanted 5, shown nothing"),
        ({"take_profit_price": None}, {"tp": "5", "sl": ""}, "take_profit_price: wanted nothing, shown 5"),
        ({"take_profit_price": "5", "stop_loss_price": "4"}, {"tp": "6"}, "take_profit_price: wanted 5, shown 6"),
    ],
    ids=["another price", "none", "not cancelled", "another price beside one not shown"],
)
async def test_protections_that_stay_different_are_named(
    client: CopyClient, venue: ScriptedVenue, wishes: dict[str, Any], shown: dict[str, str], told: str
) -> None:
    venue.on("/protect", YES)
    venue.on("/positions", _protections(**shown))
    async with client:
        with pytest.raises(VerificationError) as caught:
            await client.protect(OPEN, exchange="bazaar", **wishes)
    (difference,) = caught.value.differences
    assert str(difference) == told
    assert len(venue.sent("/protect")) == 1


@pytest.mark.usefixtures("hurry")
async def test_a_position_that_is_gone_protects_nothing(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/protect", YES)
    venue.on("/positions", ids("1"))
    async with client:
        with pytest.raises(VerificationError, match="no such position"):
            await client.protect(OPEN, exchange="bazaar", take_profit_price=5)


async def test_a_lost_answer_to_a_protection_is_settled_by_looking(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/protect", CUT)
    venue.on("/positions", _protections(tp="5", sl=""))
    async with client:
        assert (await client.protect(OPEN, exchange="bazaar", take_profit_price=5)).status == "done"
    assert len(venue.sent("/protect")) == 1


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("shown", [{"tp": "6"}, {}], ids=["another price", "not shown"])
async def test_a_lost_answer_to_a_protection_that_looking_does_not_settle_is_unknown(
    client: CopyClient, venue: ScriptedVenue, shown: dict[str, str]
) -> None:
    venue.on("/protect", CUT)
    venue.on("/positions", _protections(**shown))
    async with client:
        with pytest.raises(OutcomeUnknownError):
            await client.protect(OPEN, exchange="bazaar", take_profit_price=5)
    assert len(venue.sent("/protect")) == 1


async def test_a_plug_in_that_trips_while_looking_makes_no_failure_of_a_write(
    venue: ScriptedVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clumsy(Bazaar):
        reads_before: ClassVar[frozenset[Operation]] = frozenset()

        def positions(self, leader_id: str | None, cursor: str | None) -> Generator[Call[Any], Any, Page[Any]]:
            yield from super().positions(leader_id, cursor)
            raise ZeroDivisionError("secret")

    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.2)
    venue.on("/close", YES)
    venue.on("/positions", page())
    async with client_of(venue, Clumsy()) as client:
        result = await client.close(OPEN, exchange="bazaar")
    assert result.status == "accepted"
    assert "ZeroDivisionError" in str(result.cause)
    assert "secret" not in str(result.cause)


# ------------------------------------------------------------------ cancelling


@pytest.mark.parametrize("reading", [False, True], ids=["while writing", "while reading back"])
@pytest.mark.parametrize(("act", "wishes"), [("close", {}), ("protect", {"take_profit_price": 5})])
async def test_a_cancelled_write_re_raises_with_a_note(
    venue: ScriptedVenue, act: str, wishes: dict[str, Any], *, reading: bool
) -> None:
    path = "/positions" if reading else f"/{act}"
    venue.on(f"/{act}", YES)
    step, asked = holding()
    venue.on(path, step)
    async with client_of(venue, timeout=5) as client:
        task = asyncio.create_task(getattr(client, act)(OPEN, exchange="bazaar", **wishes))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    done = f"bazaar may have been told to {act} position 9007199254740993"
    assert caught.value.__notes__ == [f"cancelled after {done}; look before sending anything again"]


async def test_cancelling_the_closing_of_all_says_how_far_it_came(venue: ScriptedVenue) -> None:
    venue.on("/positions", page(BTC, ETH, BTC_AGAIN), page())
    step, asked = holding()
    venue.on("/close", YES, step)
    async with client_of(venue, timeout=5) as client:
        task = asyncio.create_task(client.close_all(exchange="bazaar", symbols=ALL_SYMBOLS))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert caught.value.__notes__ == [
        "cancelled after bazaar may have been told to close position 2; look before sending anything again",
        "1 of 3 positions had been dealt with before that one",
    ]


async def test_cancelling_before_anything_is_closed_leaves_no_note(venue: ScriptedVenue) -> None:
    venue.on("/positions", Reply(b"", after=3))
    async with client_of(venue, timeout=5) as client:
        task = asyncio.create_task(client.close_all(exchange="bazaar", symbols=ALL_SYMBOLS))
        await venue.arrival.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert getattr(caught.value, "__notes__", []) == []
