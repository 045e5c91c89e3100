"""Everything that can be done on XT, done on a real socket, in both generations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal

import pytest

from unified_copy import ALL_SYMBOLS, Adapter, CopyClient, FollowConfig
from unified_copy.errors import (
    LeaderUnavailableError,
    NotFollowingError,
    OpenPositionsError,
    SettingsRejectedError,
    UnsupportedError,
    VenueError,
)
from unified_copy.results import CopiedPosition, Level
from unified_copy.sandbox import Calls, Refuses, Sandbox
from unified_copy_xt.venue import XtVenue

Make = Callable[..., FollowConfig]
LEADER = "5589391507863"


@pytest.fixture
async def venue() -> AsyncIterator[Sandbox]:
    async with Sandbox(venues={"xt": XtVenue(closed_copies=60)}) as sandbox:
        yield sandbox


@pytest.fixture(params=["v4", "v1"])
def adapter(request: pytest.FixtureRequest, adapter_with: Callable[..., Adapter]) -> Adapter:
    return adapter_with("xt", generation=request.param)


@pytest.fixture
async def client(venue: Sandbox, adapter: Adapter) -> AsyncIterator[CopyClient]:
    async with venue.client(adapters=[adapter]) as client:
        yield client


async def _positions(client: CopyClient) -> list[CopiedPosition]:
    return [position async for position in client.positions(exchange="xt")]


async def test_a_follow_begins_is_listed_and_ends(client: CopyClient, make_config: Make) -> None:
    config = make_config(leader_id=LEADER, symbols=["BTC/USDT", "龙虾/USDT"])
    assert (await client.follow(config, exchange="xt")).status == "applied"
    (leader,) = [leader async for leader in client.leaders(exchange="xt")]
    assert (leader.leader_id, leader.name) == (LEADER, f"leader {LEADER}")
    assert (leader.invested, leader.profit) == (Decimal("150.5"), Decimal(-12))
    copied = await client.symbols(exchange="xt", leader_id=LEADER)
    assert [str(each.symbol) for each in copied] == ["BTC/USDT", "龙虾/USDT"]
    ended = await client.unfollow(LEADER, exchange="xt")
    assert (ended.status, "does not document" in ended.note) == ("done", True)
    assert [leader async for leader in client.leaders(exchange="xt")] == []
    assert not (await client.settings(LEADER, exchange="xt")).active
    with pytest.raises(NotFollowingError):
        await client.symbols(exchange="xt", leader_id=LEADER)
    with pytest.raises(VenueError, match="result false"):
        await client.unfollow(LEADER, exchange="xt")


async def test_a_copy_is_protected_and_closed(client: CopyClient, make_config: Make) -> None:
    await client.follow(make_config(symbols=["BTC/USDT", "龙虾/USDT", "ETH/USDT"]), exchange="xt")
    newest, _, oldest = await _positions(client)
    assert (newest.leader_id, int(newest.position_id) > 2**53) == (None, True)
    with pytest.raises(SettingsRejectedError):
        await client.protect(newest, exchange="xt", take_profit_price="1", stop_loss_price="0.5")
    done = await client.protect(newest, exchange="xt", take_profit_price="4000.50", stop_loss_price="2000.10")
    assert (done.status, done.unverified) == ("done", ())
    shown = (await _positions(client))[0]
    assert (shown.take_profit_price, shown.stop_loss_price) == (Decimal("4000.50"), Decimal("2000.10"))
    assert (await client.close(newest, exchange="xt")).status == "done"
    with pytest.raises(OpenPositionsError):
        await client.close(newest, exchange="xt")
    with pytest.raises(OpenPositionsError):
        await client.protect(newest, exchange="xt", take_profit_price="4000", stop_loss_price="2000")
    left = await client.close_all(exchange="xt", symbols=["BTC/USDT"])
    assert [(each.status, each.position and each.position.position_id) for each in left] == [
        ("done", oldest.position_id)
    ]
    (last,) = await client.close_all(exchange="xt", symbols=ALL_SYMBOLS)
    assert (last.status, last.position and str(last.position.symbol)) == ("done", "龙虾/USDT")
    assert await _positions(client) == []


async def test_history_is_read_page_by_page(client: CopyClient, venue: Sandbox, make_config: Make) -> None:
    await client.follow(make_config(symbols=["BTC/USDT", "ETH/USDT"]), exchange="xt")
    await client.close((await _positions(client))[0], exchange="xt")
    copies = [copy async for copy in client.history(exchange="xt")]
    assert len({copy.position_id for copy in copies}) == len(copies) == 121
    assert [int(copy.position_id) for copy in copies] == sorted(
        (int(copy.position_id) for copy in copies), reverse=True
    )
    first = copies[0]
    assert (str(first.symbol), first.quantity, first.exit_price) == ("ETH/USDT", Decimal("0.75"), Decimal("3120.55"))
    assert (first.profit_ratio, first.leader_id) == (Decimal("0.0204"), None)
    assert first.opened
    assert first.closed
    assert first.opened < first.closed
    asked = [received.query for received in venue.venue("xt").received if received.operation.startswith("pastOrders")]
    assert asked == ["limit=100", f"direction=NEXT&id={copies[99].position_id}&limit=100"]


async def test_what_can_be_copied_is_public(client: CopyClient) -> None:
    symbols = await client.symbols(exchange="xt")
    assert [str(each.symbol) for each in symbols] == ["BTC/USDT", "ETH/USDT", "XT/USDT", "龙虾/USDT"]
    assert all(each.min_amount is None for each in symbols)


async def test_a_check_finds_an_account_that_may_follow(client: CopyClient, make_config: Make) -> None:
    before = {each.topic: each for each in await client.check(exchange="xt")}
    assert [each.topic for each in before.values() if each.level is not Level.FINE] == ["permissions"]
    await client.follow(make_config(), exchange="xt", verify=False)
    after = {each.topic: each for each in await client.check(exchange="xt")}
    assert before["account"].told != after["account"].told
    assert "follows already" in after["account"].told


async def test_a_leader_is_shown_by_the_published_generation(
    venue: Sandbox, adapter_with: Callable[..., Adapter]
) -> None:
    async with venue.client(adapters=[adapter_with("xt", generation="v1")]) as client:
        leader = await client.leader(LEADER, exchange="xt")
        assert (leader.leader_id, leader.name, leader.followers, leader.max_followers, leader.days_leading) == (
            LEADER,
            f"leader {LEADER}",
            17,
            200,
            210,
        )
        assert (leader.profit_share, leader.equity) == (Decimal("0.1"), Decimal("25310.75"))
        assert (leader.profit_ratio, leader.win_ratio, leader.profit) == (
            Decimal("0.4125"),
            Decimal("0.7054"),
            Decimal("7412.33"),
        )
        assert leader.max_drawdown is None
        venue.fault("xt", Calls.EVERY, Refuses("COPY_TRADE_SPOT_006"), leader_id="7")
        with pytest.raises(LeaderUnavailableError):
            await client.leader("7", exchange="xt")


async def test_a_leader_is_not_asked_for_in_the_drafted_generation(venue: Sandbox) -> None:
    async with venue.client() as client:
        with pytest.raises(UnsupportedError):
            await client.leader(LEADER, exchange="xt")
    assert list(venue.venue("xt").received) == []
