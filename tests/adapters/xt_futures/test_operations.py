"""Everything that can be done on XT futures, against the local venue on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest

from unified_copy import ALL_SYMBOLS, CopyClient, Credentials, Direction, FollowConfig, OnStop, load_adapter
from unified_copy.errors import (
    ConfigError,
    LeaderUnavailableError,
    OpenPositionsError,
    RateLimitedError,
    UnsupportedError,
    VerificationError,
)
from unified_copy.results import KEEP, CopiedPosition, Level, Side
from unified_copy.sandbox import Answer, Sandbox
from unified_copy_xt.futures import XtFuturesSettings

LEADER = "5372510536645"
OTHER = "9007199254740993"
XT = "xt-futures"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    cls: Any = load_adapter(XT)
    async with Sandbox(cls(trigger_price="mark", rate_unit="fraction", loss_unit="quote")) as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[CopyClient]:
    async with sandbox.client() as client:
        yield client


@pytest.fixture
def config(make_config: Callable[..., FollowConfig]) -> FollowConfig:
    venue = XtFuturesSettings(transfer_from="SPOT")
    return make_config(leader_id=LEADER, symbols=["BTC/USDT", "龙虾/USDT"], venue=venue, direction=Direction.REVERSE)


async def _positions(client: CopyClient, leader_id: str | None = None) -> list[CopiedPosition]:
    return [position async for position in client.positions(exchange=XT, leader_id=leader_id)]


# ------------------------------------------------------------------ following


async def test_a_follow_reads_back_but_for_the_wallet(client: CopyClient, config: FollowConfig) -> None:
    result = await client.follow(config, exchange=XT)
    assert (result.status, result.unverified, result.cause) == ("accepted", ("venue",), None)
    assert result.settings is not None
    assert result.settings.direction is Direction.REVERSE
    assert result.settings.missing == {"venue"}


async def test_a_follow_can_be_changed(client: CopyClient, config: FollowConfig, make_config: Any) -> None:  # noqa: ANN401 (a factory)
    await client.follow(config, exchange=XT)
    changed = make_config(leader_id=LEADER, venue=config.venue, stop_loss="0.1", loss_limit=7, on_stop=OnStop.CLOSE_NOW)
    await client.follow(changed, exchange=XT)
    shown = await client.settings(LEADER, exchange=XT)
    assert shown.to_config(venue=config.venue) == changed


async def test_what_is_not_followed_reads_as_inactive(client: CopyClient) -> None:
    shown = await client.settings(LEADER, exchange=XT)
    assert (shown.active, "sizing" in shown.missing) == (False, True)


async def test_an_unfollow_is_done_when_it_reads_back_as_gone(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange=XT)
    result = await client.unfollow(LEADER, exchange=XT)
    assert (result.status, bool(result.note)) == ("done", True)
    assert not (await client.settings(LEADER, exchange=XT)).active


async def test_a_leader_who_is_not_followed_cannot_be_left(client: CopyClient) -> None:
    with pytest.raises(LeaderUnavailableError) as caught:
        await client.unfollow(LEADER, exchange=XT)
    assert caught.value.code == "invalid_leader"


@pytest.mark.parametrize("on_stop", list(OnStop))
async def test_xt_cannot_be_told_what_becomes_of_positions(client: CopyClient, on_stop: OnStop) -> None:
    with pytest.raises(UnsupportedError) as caught:
        await client.unfollow(LEADER, exchange=XT, on_stop=on_stop)
    assert caught.value.field == "on_stop"


# ------------------------------------------------------------------ reading


async def test_the_leaders_followed_are_listed(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange=XT)
    (leader,) = [leader async for leader in client.leaders(exchange=XT)]
    assert (leader.leader_id, leader.name, str(leader.invested), str(leader.profit)) == (
        LEADER,
        "northwind-645",
        "20",
        "-1.5",
    )
    assert leader.since is not None


async def test_nobody_is_followed_at_first(client: CopyClient) -> None:
    assert [leader async for leader in client.leaders(exchange=XT)] == []
    assert await _positions(client) == []


async def test_positions_name_their_leader(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange=XT)
    first, second = await _positions(client)
    assert (str(first.symbol), str(second.symbol)) == ("BTC/USDT", "龙虾/USDT")
    assert {first.leader_id, second.leader_id} == {LEADER}
    assert (first.side, str(first.leverage), str(first.quantity)) == (Side.SHORT, "20", "12")
    assert int(first.position_id) > 2**53
    assert (first.take_profit_price, first.stop_loss_price, first.missing) == (None, None, frozenset())


async def test_positions_of_one_leader_are_his(client: CopyClient, config: FollowConfig, make_config: Any) -> None:  # noqa: ANN401 (likewise)
    await client.follow(config, exchange=XT)
    await client.follow(make_config(leader_id=OTHER, venue=config.venue), exchange=XT)
    assert [position.leader_id for position in await _positions(client, OTHER)] == [OTHER]
    assert len(await _positions(client)) == 3


async def test_history_comes_page_by_page_to_its_end(sandbox: Sandbox, client: CopyClient) -> None:
    rows = [row async for row in client.history(exchange=XT)]
    assert len(rows) == len({row.position_id for row in rows}) == 23
    assert next(call.query for call in sandbox.venue(XT).received) == "type=1"
    assert len(sandbox.venue(XT).received) == 4
    assert all(row.closed and row.opened and row.closed > row.opened for row in rows)
    assert {(str(row.profit), str(row.fees), str(row.profit_ratio), row.leader_id) for row in rows} == {
        ("1.85", "0.06", "0.185", None)
    }


async def test_a_page_of_history_is_read_when_it_is_needed(sandbox: Sandbox, client: CopyClient) -> None:
    async for _ in client.history(exchange=XT):
        break
    assert len(sandbox.venue(XT).received) == 1


def _pages(sandbox: Sandbox, *results: object) -> list[object]:
    """Let the venue answer with ``results`` one after the other, the last one for ever; return what it received."""
    venue: Any = sandbox.venue(XT)
    received: list[object] = []

    def answer(request: object) -> Answer:
        received.append(request)
        told = results[min(len(received), len(results)) - 1]
        return Answer(200, {"returnCode": 0, "msgInfo": "success", "error": None, "result": told})

    venue.answer = answer
    return received


def _row(number: int) -> dict[str, object]:
    return {"id": number, "trackNo": number, "symbol": "btc_usdt", "positionSide": "LONG"}


async def test_history_in_pages_stops_at_the_venue_s_own_end_mark(sandbox: Sandbox, client: CopyClient) -> None:
    pages = ({"hasNext": True, "items": [_row(9), _row(8)]}, {"hasNext": False, "items": [_row(7)]})
    received = _pages(sandbox, *pages)
    assert [row.position_id async for row in client.history(exchange=XT)] == ["9", "8", "7"]
    assert len(received) == 2


async def test_history_in_pages_without_an_end_mark_stops_where_nothing_more_comes(
    sandbox: Sandbox, client: CopyClient
) -> None:
    received = _pages(sandbox, {"items": [_row(9), _row(8)]}, {"items": []})
    assert [row.position_id async for row in client.history(exchange=XT)] == ["9", "8"]
    assert len(received) == 2


async def test_history_that_goes_round_in_a_circle_ends(sandbox: Sandbox, client: CopyClient) -> None:
    received = _pages(sandbox, [_row(9)])
    assert {row.position_id async for row in client.history(exchange=XT)} == {"9"}
    assert len(received) <= 3


@pytest.mark.parametrize("empty", [[], None, {"hasNext": False, "items": []}], ids=str)
async def test_history_may_be_empty(sandbox: Sandbox, client: CopyClient, empty: object) -> None:
    received = _pages(sandbox, empty)
    assert [row async for row in client.history(exchange=XT)] == []
    assert len(received) == 1


async def test_pairs_that_can_be_copied_are_listed_without_a_key(sandbox: Sandbox) -> None:
    async with sandbox.client(credentials={}) as client:
        names = [str(limits.symbol) for limits in await client.symbols(exchange=XT)]
    assert names == ["BTC/USDT", "ETH/USDT", "龙虾/USDT"]


async def test_a_leader_is_shown_without_a_key(sandbox: Sandbox) -> None:
    async with sandbox.client(credentials={}) as client:
        leader = await client.leader(LEADER, exchange=XT)
    assert (leader.name, leader.followers, leader.max_followers, leader.days_leading) == (
        "northwind-645",
        144,
        500,
        212,
    )
    shares = (leader.profit_share, leader.profit_ratio, leader.win_ratio)
    assert list(map(str, shares)) == ["0.1", "0.1875", "0.6153"]
    assert leader.max_drawdown is None
    assert (str(leader.equity), str(leader.profit)) == ("15230.77", "2405.66")


# ------------------------------------------------------------------ open positions


async def test_a_position_is_closed_when_it_is_gone(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange=XT)
    first, second = await _positions(client)
    assert (await client.close(first, exchange=XT)).status == "done"
    assert [position.position_id for position in await _positions(client)] == [second.position_id]
    latest = await anext(aiter(client.history(exchange=XT)))
    assert latest.position_id == first.position_id


async def test_a_position_cannot_be_closed_twice(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange=XT)
    first, _ = await _positions(client)
    await client.close(first, exchange=XT)
    with pytest.raises(OpenPositionsError):
        await client.close(first, exchange=XT)
    with pytest.raises(OpenPositionsError):
        await client.protect(first, exchange=XT, take_profit_price=1, stop_loss_price=None)


async def test_everything_is_closed_one_by_one(sandbox: Sandbox, client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange=XT)
    results = await client.close_all(exchange=XT, symbols=ALL_SYMBOLS)
    assert [result.status for result in results] == ["done", "done"]
    assert await _positions(client) == []
    assert [call.operation for call in sandbox.venue(XT).received].count("closeOrder") == 2


async def test_a_protection_reads_back_and_goes_away_again(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange=XT)
    position, _ = await _positions(client)
    result = await client.protect(position, exchange=XT, take_profit_price="70000.50", stop_loss_price="50000")
    assert (result.status, result.unverified) == ("done", ())
    position, _ = await _positions(client)
    assert (str(position.take_profit_price), str(position.stop_loss_price)) == ("70000.50", "50000")
    await client.protect(position, exchange=XT, take_profit_price=None, stop_loss_price=None)
    position, _ = await _positions(client)
    assert (position.take_profit_price, position.stop_loss_price) == (None, None)


@pytest.mark.parametrize("kept", ["take_profit_price", "stop_loss_price"])
async def test_a_price_cannot_be_kept(client: CopyClient, config: FollowConfig, kept: str) -> None:
    await client.follow(config, exchange=XT)
    position, _ = await _positions(client)
    prices: dict[str, Any] = {"take_profit_price": 1, "stop_loss_price": 1, kept: KEEP}
    with pytest.raises(UnsupportedError) as caught:
        await client.protect(position, exchange=XT, **prices)
    assert caught.value.field == kept


async def test_the_price_that_sets_off_must_be_chosen(
    sandbox: Sandbox, client: CopyClient, config: FollowConfig
) -> None:
    await client.follow(config, exchange=XT)
    position, _ = await _positions(client)
    undecided = load_adapter(XT)()
    async with sandbox.client(adapters=[undecided]) as other:
        with pytest.raises(UnsupportedError) as caught:
            await other.protect(position, exchange=XT, take_profit_price=1, stop_loss_price=None)
    with pytest.raises(UnsupportedError, match="cannot do 'protect'"):
        undecided.protect(position, Decimal(1), None)
    assert caught.value.field == "exchange"
    assert "trigger_price='latest' or 'mark' on the adapter, or XT_FUTURES_TRIGGER_PRICE" in caught.value.reason


@pytest.mark.parametrize("number", ["all", "0", "007", str(2**63), "9" * 5000], ids=lambda number: number[:20])
async def test_an_id_that_is_none_of_xt_s_is_refused_before_anything_is_sent(
    sandbox: Sandbox, client: CopyClient, config: FollowConfig, number: str
) -> None:
    await client.follow(config, exchange=XT)
    position, _ = await _positions(client)
    stray = CopiedPosition(exchange=XT, position_id=number, symbol=position.symbol, side=Side.LONG)
    before = len(sandbox.venue(XT).received)
    with pytest.raises(ConfigError) as caught:
        await client.close(stray, exchange=XT)
    assert caught.value.field == "position"
    assert len(sandbox.venue(XT).received) == before


# ------------------------------------------------------------------ refusals and trouble


async def test_history_and_pairs_of_one_leader_are_refused(client: CopyClient) -> None:
    with pytest.raises(UnsupportedError) as history:
        await anext(aiter(client.history(exchange=XT, leader_id=LEADER)))
    with pytest.raises(UnsupportedError) as symbols:
        await client.symbols(exchange=XT, leader_id=LEADER)
    assert (history.value.field, symbols.value.field) == ("leader_id", "leader_id")


async def test_too_many_requests_are_never_repeated(sandbox: Sandbox, client: CopyClient, config: FollowConfig) -> None:
    venue: Any = sandbox.venue(XT)
    calls: list[object] = []

    def locked(received: object) -> Answer:
        calls.append(received)
        return Answer(429, b"Too Many Requests", {"Retry-After": "1"})

    venue.answer = locked
    with pytest.raises(RateLimitedError) as caught:
        await client.follow(config, exchange=XT)
    assert (len(calls), caught.value.retry_after) == (1, 600)


async def test_a_follow_against_the_wish_is_told(
    sandbox: Sandbox, client: CopyClient, config: FollowConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.1)
    venue: Any = sandbox.venue(XT)
    answer = venue.answer

    def forward(received: Any) -> Answer:  # noqa: ANN401 (what the venue takes)
        told: Answer = answer(received)
        if isinstance(told.body, dict) and isinstance(told.body["result"], dict):
            told.body["result"]["followDirection"] = "FORWARD"
        return told

    venue.answer = forward
    with pytest.raises(VerificationError) as caught:
        await client.follow(config, exchange=XT)
    assert [difference.field for difference in caught.value.differences] == ["direction"]


async def test_a_key_that_works_is_found_fine(client: CopyClient) -> None:
    assert [(finding.topic, finding.level) for finding in await client.check(exchange=XT)] == [
        ("clock offset", Level.FINE),
        ("clock", Level.FINE),
        ("key", Level.FINE),
        ("permissions", Level.WARNING),
    ]


async def test_a_wrong_key_is_found_and_never_shown(sandbox: Sandbox) -> None:
    async with sandbox.client(credentials={XT: Credentials("wrong-key-000", "wrong-secret-000")}) as client:
        *_, clock, key = await client.check(exchange=XT)
    assert (clock.level, key.level) == (Level.FINE, Level.PROBLEM)
    assert "addresses bound" in key.advice
    assert "wrong-" not in key.told + key.advice


@pytest.mark.parametrize(("status", "advice"), [(429, "ten minutes"), (503, "")])
async def test_a_venue_in_trouble_is_a_finding(sandbox: Sandbox, client: CopyClient, status: int, advice: str) -> None:
    venue: Any = sandbox.venue(XT)
    venue.answer = lambda _: Answer(status, b"trouble")
    clock, key = await client.check(exchange=XT)
    assert (clock.level, key.level) == (Level.PROBLEM, Level.PROBLEM)
    assert advice in key.advice


async def test_credentials_fall_back_to_those_of_the_venue(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    account = sandbox.credentials[XT]
    monkeypatch.setenv("XT_API_KEY", account.key)
    monkeypatch.setenv("XT_API_SECRET", account.secret)
    async with CopyClient(base_urls=sandbox.base_urls) as client:
        assert not (await client.settings(LEADER, exchange=XT)).active
