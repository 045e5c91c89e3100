"""The life of a follow beyond its start, against the local venue on a real socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest

from unified_copy import ALL_SYMBOLS, CopyClient, FollowConfig, OnStop, Pair, Proportional, load_adapter
from unified_copy.errors import (
    ConfigError,
    NotFollowingError,
    OpenPositionsError,
    OutcomeUnknownError,
    SettingsRejectedError,
    UnsupportedError,
    VenueError,
)
from unified_copy.results import KEEP, CopiedPosition, Level, Side
from unified_copy.sandbox import Account, Answer, Parameters, Refuses, Sandbox, handles
from unified_copy_bitget.book import Book, shown_open
from unified_copy_bitget.venue import BitgetVenue

Make = Callable[..., FollowConfig]

LEADER, OTHER = "123123123", "7c6525121a9"
CLOSE = "/api/v2/copy/mix-follower/close-positions"
TPSL = "/api/v2/copy/mix-follower/setting-tpsl"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox("bitget") as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[CopyClient]:
    async with sandbox.client() as client:
        yield client


@pytest.fixture
def venue(sandbox: Sandbox) -> BitgetVenue:
    venue = sandbox.venue("bitget")
    assert isinstance(venue, BitgetVenue)
    return venue


@pytest.fixture
def account(venue: BitgetVenue) -> Account:
    (account,) = venue.accounts.values()
    return account


@pytest.fixture
def book(venue: BitgetVenue, account: Account) -> Book:
    return venue.book(account)


def _bodies(venue: BitgetVenue, path: str) -> list[Any]:
    return [json.loads(received.body) for received in venue.received if received.path == path]


async def _positions(client: CopyClient, leader_id: str | None = None) -> list[CopiedPosition]:
    return [position async for position in client.positions(exchange="bitget", leader_id=leader_id)]


async def _position(client: CopyClient, symbol: str) -> CopiedPosition:
    return next(each for each in await _positions(client) if str(each.symbol) == symbol)


# ------------------------------------------------------------------ unfollow


async def test_an_unfollow_is_done_when_the_follow_is_gone(client: CopyClient, make_config: Make) -> None:
    await client.follow(make_config(), exchange="bitget")
    result = await client.unfollow(LEADER, exchange="bitget")
    assert (result.status, result.cause) == ("done", None)
    assert "stay open" in result.note
    assert not (await client.settings(LEADER, exchange="bitget")).active


async def test_a_smart_copy_ends_the_same_way(client: CopyClient, make_config: Make) -> None:
    await client.follow(make_config(sizing=Proportional(500), symbols=ALL_SYMBOLS), exchange="bitget")
    assert (await client.unfollow(LEADER, exchange="bitget")).status == "done"


async def test_positions_outlive_the_follow(client: CopyClient, make_config: Make) -> None:
    await client.follow(make_config(), exchange="bitget")
    before = await _positions(client)
    await client.unfollow(LEADER, exchange="bitget", on_stop=OnStop.CLOSE_WITH_LEADER)
    assert await _positions(client) == before


async def test_who_is_not_followed_cannot_be_left(client: CopyClient) -> None:
    with pytest.raises(NotFollowingError) as caught:
        await client.unfollow(LEADER, exchange="bitget")
    assert caught.value.code == "43062"


@pytest.mark.parametrize("on_stop", [OnStop.CLOSE_NOW, OnStop.LEAVE_OPEN])
async def test_an_end_that_bitget_does_not_know_is_refused(
    client: CopyClient, venue: BitgetVenue, on_stop: OnStop
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        await client.unfollow(LEADER, exchange="bitget", on_stop=on_stop)
    assert (caught.value.field, caught.value.exchange) == ("on_stop", "bitget")
    assert not venue.received


# ------------------------------------------------------------------ leaders


async def test_leaders_are_those_being_followed(client: CopyClient, make_config: Make) -> None:
    await client.follow(make_config(), exchange="bitget")
    await client.follow(make_config(leader_id=OTHER), exchange="bitget")
    latest, first = [leader async for leader in client.leaders(exchange="bitget")]
    assert (latest.leader_id, first.leader_id) == (OTHER, LEADER)
    assert (first.invested, first.profit) == (Decimal("412.50"), Decimal("83.17"))
    assert first.symbols == (Pair("BTC", "USDT"), Pair("ETH", "USDT"), Pair("BTC", "USDC"))
    assert first.since is not None
    assert first.since.tzinfo is not None
    assert isinstance(first.raw, dict)
    assert first.raw["followCount"] == "317"


async def test_nobody_is_followed_to_begin_with(client: CopyClient) -> None:
    assert [leader async for leader in client.leaders(exchange="bitget")] == []


async def test_leaders_are_read_page_by_page(client: CopyClient, venue: BitgetVenue, account: Account) -> None:
    for number in range(101):
        venue.start(account, str(number))
    leaders = [leader.leader_id async for leader in client.leaders(exchange="bitget")]
    assert leaders == [str(number) for number in reversed(range(101))]
    assert [received.query for received in venue.received] == [f"pageNo={page}&pageSize=50" for page in (1, 2, 3, 4)]


async def test_a_page_is_read_when_it_is_needed(client: CopyClient, venue: BitgetVenue, account: Account) -> None:
    for number in range(101):
        venue.start(account, str(number))
    leaders = client.leaders(exchange="bitget")
    for _ in range(50):
        await anext(leaders)
    assert len(venue.received) == 1


# ------------------------------------------------------------------ positions and history


async def test_positions_of_all_product_types_are_listed(client: CopyClient, venue: BitgetVenue) -> None:
    positions = await _positions(client)
    assert [str(each.symbol) for each in positions] == ["SOL/USDT", "ETH/USDT", "BTC/USDT", "BTC/USDC", "BTC/USD"]
    assert all(int(each.position_id) > 2**53 for each in positions)
    assert [received.query for received in venue.received] == [
        f"limit=100&productType={product}" for product in ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")
    ]


async def test_a_position_is_told_in_neutral_words(client: CopyClient) -> None:
    position = await _position(client, "BTC/USDT")
    assert (position.side, position.leader_id, position.leverage) == (Side.LONG, LEADER, Decimal(10))
    assert (position.entry_price, position.quantity) == (Decimal("64250.5"), Decimal("0.051"))
    assert position.margin == Decimal("327.68")
    assert position.missing == {"take_profit_price", "stop_loss_price"}
    assert (position.take_profit_price, position.unrealized_profit) == (None, None)


async def test_positions_of_one_leader_can_be_asked_for(client: CopyClient) -> None:
    assert {each.leader_id for each in await _positions(client, OTHER)} == {OTHER}


def _numbered(book: Book, product: str, symbol: str, count: int) -> None:
    for number in range(count, 0, -1):
        book.add(
            product,
            {
                "trackingNo": str(2**60 + number),
                "traderId": "9",
                "traderName": "Many",
                "symbol": symbol,
                "posSide": "long",
                "openLeverage": "1",
                "openAvgPrice": "1",
                "openSize": "1",
                "openMarginSz": "1",
                "openTime": "1755400000123",
            },
        )


async def test_positions_are_read_page_by_page(client: CopyClient, venue: BitgetVenue, book: Book) -> None:
    _numbered(book, "USDT-FUTURES", "BTCUSDT", 201)
    _numbered(book, "COIN-FUTURES", "BTCUSD", 101)
    found = [each.position_id for each in await _positions(client, "9")]
    assert len(found) == len(set(found)) + 101 == 302
    products = [received.query.split("productType=")[1].split("&")[0] for received in venue.received]
    assert products == ["USDT-FUTURES"] * 3 + ["USDC-FUTURES"] + ["COIN-FUTURES"] * 2


async def test_the_history_is_told_in_neutral_words(client: CopyClient) -> None:
    copies = [copy async for copy in client.history(exchange="bitget")]
    assert [str(copy.symbol) for copy in copies] == ["BTC/USDT", "龙虾/USDT", "ETH/USDT", "ETH/USDC"]
    worst = copies[2]
    assert (worst.side, worst.profit_ratio, worst.fees) == (Side.SHORT, Decimal("-2.3547"), Decimal("1.873245"))
    assert (worst.profit, worst.net_profit) == (Decimal("-71.825"), Decimal("-73.698245"))
    assert worst.opened is not None
    assert worst.closed is not None
    assert worst.opened < worst.closed


async def test_the_history_of_one_leader_can_be_asked_for(client: CopyClient) -> None:
    copies = [copy async for copy in client.history(exchange="bitget", leader_id=OTHER)]
    assert [str(copy.symbol) for copy in copies] == ["龙虾/USDT"]


# ------------------------------------------------------------------ closing


async def test_a_close_is_done_when_the_position_is_gone(client: CopyClient, venue: BitgetVenue) -> None:
    position = await _position(client, "BTC/USDT")
    result = await client.close(position, exchange="bitget")
    assert (result.status, result.position) == ("done", position)
    assert position not in await _positions(client)
    copies = [copy async for copy in client.history(exchange="bitget")]
    assert copies[0].position_id == position.position_id
    assert copies[0].profit == Decimal("38.2245")
    assert _bodies(venue, CLOSE) == [
        {
            "productType": "USDT-FUTURES",
            "trackingNo": "1279999999999999001",
            "symbol": "BTCUSDT",
            "holdSide": "long",
        }
    ]


async def test_a_close_leaves_the_others_alone(client: CopyClient) -> None:
    before = await _positions(client)
    await client.close(await _position(client, "BTC/USDT"), exchange="bitget")
    assert {each.position_id for each in before} - {each.position_id for each in await _positions(client)} == {
        "1279999999999999001"
    }


async def test_closing_everything_closes_one_position_at_a_time(client: CopyClient, venue: BitgetVenue) -> None:
    results = await client.close_all(exchange="bitget", symbols=ALL_SYMBOLS)
    assert [result.status for result in results] == ["done"] * 5
    assert await _positions(client) == []
    assert all(set(body) == {"productType", "trackingNo", "symbol", "holdSide"} for body in _bodies(venue, CLOSE))


async def test_what_is_closed_cannot_be_closed_again(client: CopyClient) -> None:
    position = await _position(client, "BTC/USDT")
    await client.close(position, exchange="bitget")
    with pytest.raises(OpenPositionsError) as caught:
        await client.close(position, exchange="bitget")
    assert caught.value.code == "43065"


@pytest.mark.parametrize(
    "change",
    [
        {"handle": {}},
        {"handle": {"symbol": "BTCUSDT"}},
        {"handle": {"productType": "USDT-FUTURES"}},
        {"handle": {"productType": "USDT-FUTURES", "symbol": ""}},
        {"handle": {"productType": "", "symbol": "BTCUSDT"}},
        {"handle": {"productType": "SPOT", "symbol": "BTCUSDT"}},
        {"position_id": ""},
        {"position_id": " "},
        {"position_id": "1 2"},
        {"side": Side.UNKNOWN},
    ],
)
async def test_a_position_that_is_not_fully_named_is_never_closed(
    client: CopyClient, venue: BitgetVenue, change: Mapping[str, Any]
) -> None:
    position = attrs.evolve(await _position(client, "BTC/USDT"), **change)
    with pytest.raises(ConfigError) as caught:
        await client.close(position, exchange="bitget")
    assert (caught.value.field, caught.value.exchange) == ("position", "bitget")
    assert _bodies(venue, CLOSE) == []


class _UnpagedVenue(BitgetVenue):
    """Answer in the older way: a list alone, which is all there is, whatever page was asked for."""

    @handles("queryCurrentOrders")
    def query_current_orders(self, account: Account, parameters: Parameters) -> Answer:
        rows = self.book(account).open[str(parameters.values["productType"])]
        return Answer(200, {"code": "00000", "msg": "success", "requestTime": "1", "data": list(map(shown_open, rows))})


async def test_a_list_that_knows_no_pages_is_read_once_over() -> None:
    async with Sandbox("bitget", venues={"bitget": _UnpagedVenue()}) as sandbox, sandbox.client() as client:
        positions = await _positions(client)
        assert len(positions) == len({each.position_id for each in positions}) == 5
        assert (await client.close(positions[0], exchange="bitget")).status == "done"


# ------------------------------------------------------------------ protecting


async def test_a_protection_is_set_kept_and_cancelled(client: CopyClient, venue: BitgetVenue, book: Book) -> None:
    position = await _position(client, "BTC/USDT")
    result = await client.protect(position, exchange="bitget", take_profit_price="70000.50", stop_loss_price="60000")
    assert result.status == "accepted"
    assert set(result.unverified) == position.missing
    assert book.protections[position.position_id] == {"stopSurplusPrice": "70000.50", "stopLossPrice": "60000"}
    result = await client.protect(position, exchange="bitget", stop_loss_price="61000")
    assert result.unverified == ("stop_loss_price",)
    assert book.protections[position.position_id] == {"stopSurplusPrice": "70000.50", "stopLossPrice": "61000"}
    await client.protect(position, exchange="bitget", take_profit_price=None, stop_loss_price=KEEP)
    assert book.protections[position.position_id] == {"stopLossPrice": "61000"}
    assert _bodies(venue, TPSL)[-1] == {
        "trackingNo": position.position_id,
        "productType": "USDT-FUTURES",
        "symbol": "BTCUSDT",
        "stopSurplusPrice": "0",
    }


async def test_a_protection_ends_with_its_position(client: CopyClient, book: Book) -> None:
    position = await _position(client, "BTC/USDT")
    await client.protect(position, exchange="bitget", stop_loss_price="61000")
    await client.close(position, exchange="bitget")
    assert book.protections == {}
    with pytest.raises(OpenPositionsError):
        await client.protect(position, exchange="bitget", stop_loss_price="61000")


async def test_a_position_without_its_handle_is_never_protected(client: CopyClient, venue: BitgetVenue) -> None:
    position = attrs.evolve(await _position(client, "BTC/USDT"), handle={})
    with pytest.raises(ConfigError):
        await client.protect(position, exchange="bitget", stop_loss_price="61000")
    assert _bodies(venue, TPSL) == []


async def test_the_side_does_not_matter_to_a_protection(client: CopyClient) -> None:
    position = attrs.evolve(await _position(client, "BTC/USDT"), side=Side.UNKNOWN)
    assert (await client.protect(position, exchange="bitget", stop_loss_price="61000")).status == "accepted"


# ------------------------------------------------------------------ pairs


async def test_pairs_come_with_their_bounds(client: CopyClient) -> None:
    found = {str(limits.symbol): limits for limits in await client.symbols(exchange="bitget")}
    assert list(found) == [
        "BTC/USDT",
        "ETH/USDT",
        "SOL/USDT",
        "龙虾/USDT",
        "BTC/USDC",
        "ETH/USDC",
        "BTC/USD",
        "ETH/USD",
    ]
    assert (found["BTC/USDT"].min_quantity, found["BTC/USDT"].max_quantity) == (Decimal("0.001"), Decimal(50))
    assert found["龙虾/USDT"].max_quantity is None
    assert found["BTC/USDT"].min_amount is None


async def test_the_pairs_of_one_leader_are_not_told(client: CopyClient, venue: BitgetVenue) -> None:
    with pytest.raises(UnsupportedError) as caught:
        await client.symbols(exchange="bitget", leader_id=LEADER)
    assert caught.value.field == "leader_id"
    assert not venue.received


async def test_the_profile_of_a_leader_is_not_told(client: CopyClient) -> None:
    with pytest.raises(UnsupportedError):
        await client.leader(LEADER, exchange="bitget")


# ------------------------------------------------------------------ key and account


async def test_a_good_key_is_found_good(client: CopyClient) -> None:
    findings = await client.check(exchange="bitget")
    topics = ["clock offset", "venue", "key", "clock", "permissions", "addresses", "account"]
    assert [finding.topic for finding in findings] == topics
    assert {finding.level for finding in findings} == {Level.FINE}


async def test_checking_writes_nothing(client: CopyClient, venue: BitgetVenue) -> None:
    await client.check(exchange="bitget")
    assert {received.method for received in venue.received} == {"GET"}


async def test_a_key_that_may_too_much_is_a_warning(client: CopyClient, venue: BitgetVenue) -> None:
    venue.account_info["authorities"] = ["ttow", "wwow"]
    warnings = [each for each in await client.check(exchange="bitget") if each.level is Level.WARNING]
    assert [warning.topic for warning in warnings] == ["withdrawal"]


async def test_a_wrong_secret_is_a_problem_of_the_key(sandbox: Sandbox) -> None:
    wrong = attrs.evolve(sandbox.credentials["bitget"], secret="not-it")
    async with sandbox.client(credentials={"bitget": wrong}) as client:
        *_, last = await client.check(exchange="bitget")
    assert (last.topic, last.level) == ("key", Level.PROBLEM)
    assert "not-it" not in repr(last)


async def test_missing_credentials_are_a_problem_of_the_key(sandbox: Sandbox) -> None:
    async with sandbox.client(credentials={"xt": sandbox.credentials["bitget"]}) as client:
        *_, last = await client.check(exchange="bitget")
    assert (last.topic, last.level) == ("key", Level.PROBLEM)


async def test_a_venue_that_is_not_there_is_a_problem_of_the_venue(sandbox: Sandbox) -> None:
    nowhere = {"bitget": "http://127.0.0.1:9"}
    async with CopyClient(credentials=sandbox.credentials, base_urls=nowhere) as client:
        (finding,) = await client.check(exchange="bitget")
    assert (finding.topic, finding.level) == ("venue", Level.PROBLEM)


# ------------------------------------------------------------------ refusals and lost answers


async def test_a_leader_who_cannot_be_left_is_a_refusal(
    client: CopyClient, venue: BitgetVenue, make_config: Make
) -> None:
    await client.follow(make_config(), exchange="bitget")
    venue.fault("cancelTrader", Refuses("31033"), leader_id=LEADER)
    with pytest.raises(VenueError) as caught:
        await client.unfollow(LEADER, exchange="bitget")
    assert caught.value.code == "31033"


async def test_an_unfollow_that_the_venue_was_too_busy_for_is_unknown(
    client: CopyClient, venue: BitgetVenue, make_config: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.5)
    await client.follow(make_config(), exchange="bitget")
    venue.fault("cancelTrader", Refuses("40725"), leader_id=LEADER)
    with pytest.raises(OutcomeUnknownError):
        await client.unfollow(LEADER, exchange="bitget")


async def test_a_leader_whose_positions_cannot_be_read_is_a_refusal(client: CopyClient, venue: BitgetVenue) -> None:
    venue.fault("queryCurrentOrders", Refuses("40017"), leader_id=LEADER)
    with pytest.raises(SettingsRejectedError):
        await _positions(client, LEADER)


# ------------------------------------------------------------------ what cannot be told by accident


def test_the_product_type_of_a_position_comes_from_reading_it() -> None:
    adapter = load_adapter("bitget")()
    bare = CopiedPosition(exchange="bitget", position_id="1", symbol=Pair("BTC", "USDT"), side=Side.LONG)
    for write in (adapter.close, lambda position: adapter.protect(position, None, None)):
        with pytest.raises(ConfigError, match="handle"):
            write(bare)
