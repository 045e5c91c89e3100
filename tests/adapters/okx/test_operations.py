"""Every operation against a local OKX on a real socket, its own verification included."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from unified_copy import ALL_SYMBOLS, CopyClient, FollowConfig, MarginMode, Multiplier, OnStop, Pair, load_adapter
from unified_copy.adapter import Operation
from unified_copy.errors import (
    AlreadyFollowingError,
    LeaderUnavailableError,
    NotFollowingError,
    OpenPositionsError,
    OutcomeUnknownError,
    UnsupportedError,
    VenueError,
    VenueUnavailableError,
)
from unified_copy.results import KEEP, CopiedPosition, Side
from unified_copy.sandbox import Refuses
from unified_copy.settings import FollowSettings
from unified_copy.wire import Request, Response
from unified_copy_okx.venue import OkxVenue

LEADER = "25CD5A80241D6FE6"
BTC = Pair("BTC", "USDT")

Run = Callable[..., tuple[Any, list[Request]]]


def _asked(venue: OkxVenue) -> list[str]:
    return [received.operation for received in venue.received]


async def _positions(client: CopyClient, leader_id: str | None = None) -> list[CopiedPosition]:
    return [position async for position in client.positions(exchange="okx", leader_id=leader_id)]


# ------------------------------------------------------------------ following


async def test_a_follow_starts_then_changes_by_what_is_read_first(
    client: CopyClient, venue: OkxVenue, config: FollowConfig
) -> None:
    first = await client.follow(config, exchange="okx")
    assert (first.status, first.unverified) == ("applied", ())
    other = attrs.evolve(
        config, symbols=ALL_SYMBOLS, follow_new_symbols=True, sizing=Multiplier(2), margin_mode=MarginMode.CROSS
    )
    assert (await client.follow(other, exchange="okx")).status == "applied"
    assert _asked(venue) == [
        "copySettings",
        "firstCopySettings",
        "copySettings",
        "copySettings",
        "amendCopySettings",
        "copySettings",
    ]


async def test_a_change_takes_nothing_from_what_is_there(
    client: CopyClient, venue: OkxVenue, config: FollowConfig
) -> None:
    await client.follow(config, exchange="okx")
    without = attrs.evolve(config, stop_loss=None)
    await client.follow(without, exchange="okx")
    body = next(each.body for each in reversed(venue.received) if each.operation == "amendCopySettings")
    assert b"slRatio" not in body
    assert (await client.settings(LEADER, exchange="okx")).stop_loss is None


def test_a_follow_that_is_known_is_changed_and_any_other_started(config: FollowConfig) -> None:
    adapter = load_adapter("okx")()
    known = FollowSettings(exchange="okx", leader_id=LEADER, active=True, stop_loss=Decimal("0.3"))
    (change,), (start,) = adapter.follow(config, known), adapter.follow(config, None)
    (again,) = adapter.follow(config, attrs.evolve(known, active=False))
    assert change.request.path == "/api/v5/copytrading/amend-copy-settings"
    assert start.request.path == again.request.path == "/api/v5/copytrading/first-copy-settings"
    assert change.request.body == start.request.body == again.request.body


async def test_what_reads_back_becomes_the_same_config(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange="okx")
    shown = await client.settings(LEADER, exchange="okx")
    assert shown.missing == frozenset()
    assert shown.to_config() == config


async def test_not_following_is_an_answer(client: CopyClient) -> None:
    assert not (await client.settings(LEADER, exchange="okx")).active


async def test_a_leader_with_smart_sync_only_is_refused_with_the_reason(
    client: CopyClient, venue: OkxVenue, config: FollowConfig
) -> None:
    venue.fault("firstCopySettings", Refuses("59292"), leader_id=LEADER)
    with pytest.raises(LeaderUnavailableError, match="smart sync"):
        await client.follow(config, exchange="okx")


async def test_a_busy_venue_after_a_start_is_settled_by_reading(
    client: CopyClient, venue: OkxVenue, config: FollowConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.3)
    venue.fault("firstCopySettings", Refuses("50004"), leader_id=LEADER)
    with pytest.raises(OutcomeUnknownError, match="not following"):
        await client.follow(config, exchange="okx")
    assert _asked(venue).count("firstCopySettings") == 1


async def test_a_start_of_what_exists_is_refused(client: CopyClient, venue: OkxVenue, config: FollowConfig) -> None:
    await client.follow(config, exchange="okx")
    venue.fault("amendCopySettings", Refuses("59279"), leader_id=LEADER)
    with pytest.raises(AlreadyFollowingError):
        await client.follow(config, exchange="okx")


# ------------------------------------------------------------------ unfollowing


async def test_an_unfollow_is_done_once_a_read_shows_it_gone(
    client: CopyClient, venue: OkxVenue, config: FollowConfig
) -> None:
    await client.follow(attrs.evolve(config, on_stop=OnStop.CLOSE_NOW), exchange="okx")
    result = await client.unfollow(LEADER, exchange="okx")
    assert (result.status, result.note) == ("done", load_adapter("okx").after_unfollow)
    assert b'"subPosCloseType":"market_close"' in next(
        each.body for each in venue.received if each.operation == "stopCopyTrading"
    )
    assert not (await client.settings(LEADER, exchange="okx")).active
    assert await _positions(client) == []


async def test_an_unfollow_says_what_becomes_of_positions(
    client: CopyClient, venue: OkxVenue, config: FollowConfig
) -> None:
    await client.follow(config, exchange="okx")
    before = len(venue.received)
    result = await client.unfollow(LEADER, exchange="okx", on_stop=OnStop.LEAVE_OPEN)
    assert (result.status, result.note) == ("done", "")
    # Nothing is read beforehand, so that a follow that cannot be read can still be ended.
    assert venue.received[before].operation == "stopCopyTrading"
    assert b'"subPosCloseType":"manual_close"' in venue.received[before].body
    assert len(await _positions(client)) == 2


async def test_an_unfollow_that_takes_its_time_is_pending(
    client: CopyClient, venue: OkxVenue, config: FollowConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.3)
    venue.reads_after_stop = 1000
    await client.follow(config, exchange="okx")
    assert (await client.unfollow(LEADER, exchange="okx")).status == "pending"
    with pytest.raises(VenueError, match="earlier stop") as caught:
        await client.unfollow(LEADER, exchange="okx")
    assert caught.value.code == "59278"


async def test_an_unfollow_of_nobody_is_refused_by_the_venue(client: CopyClient) -> None:
    with pytest.raises(NotFollowingError):
        await client.unfollow(LEADER, exchange="okx")


def test_a_setting_that_could_not_be_read_has_to_be_said() -> None:
    adapter = load_adapter("okx")()
    known = FollowSettings(exchange="okx", leader_id=LEADER, active=True)
    with pytest.raises(UnsupportedError) as caught:
        adapter.unfollow(LEADER, None, known)
    assert caught.value.field == "on_stop"
    (said,) = adapter.unfollow(LEADER, OnStop.CLOSE_WITH_LEADER, known)
    assert said.request.body == b'{"instType":"SWAP","uniqueCode":"25CD5A80241D6FE6","subPosCloseType":"copy_close"}'
    (unknown,) = adapter.unfollow(LEADER, None, None)
    assert unknown.request.body == b'{"instType":"SWAP","uniqueCode":"25CD5A80241D6FE6"}'


# ------------------------------------------------------------------ reading


async def test_leaders_positions_and_history_are_listed(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange="okx")
    await client.follow(attrs.evolve(config, leader_id="381749205163847291"), exchange="okx")
    leaders = [leader async for leader in client.leaders(exchange="okx")]
    assert [leader.leader_id for leader in leaders] == [LEADER, "381749205163847291"]
    assert len(await _positions(client)) == 4
    mine = await _positions(client, LEADER)
    assert {position.leader_id for position in mine} == {LEADER}
    assert [position.side for position in mine] == [Side.SHORT, Side.LONG]
    assert int(mine[0].position_id) > 2**53
    closed = [copy async for copy in client.history(exchange="okx", leader_id=LEADER)]
    assert [(copy.profit, copy.profit_ratio) for copy in closed] == [
        (Decimal("-0.000375"), Decimal("0.0000")),
        (Decimal("19.27515"), Decimal("0.3855")),
    ]


async def test_pages_are_read_to_their_end(
    client: CopyClient, venue: OkxVenue, config: FollowConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy_okx.wire.PAGE", 1)
    await client.follow(config, exchange="okx")
    assert len(await _positions(client)) == 2
    assert len([copy async for copy in client.history(exchange="okx")]) == 2
    # One page more than there are rows: OKX has no mark for the end.
    assert _asked(venue).count("currentSubpositions") == 3
    assert _asked(venue).count("subpositionsHistory") == 3


async def test_a_cursor_that_repeats_ends_the_pages(
    client: CopyClient, venue: OkxVenue, config: FollowConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy_okx.wire.PAGE", 2)
    monkeypatch.setattr("unified_copy_okx.book.Book._within", lambda _book, _id, _wish: True)
    await client.follow(config, exchange="okx")
    assert len(await _positions(client)) == 4
    assert _asked(venue).count("currentSubpositions") == 2


async def test_the_pairs_of_a_leader_come_with_the_range_of_an_order(client: CopyClient) -> None:
    found = await client.symbols(exchange="okx", leader_id=LEADER)
    assert [str(each.symbol) for each in found][::5] == ["BTC/USDT", "龙虾/USDT"]
    assert {(each.min_amount, each.max_amount) for each in found} == {(Decimal(20), Decimal(1000))}


async def test_pairs_without_a_leader_are_refused_by_name(client: CopyClient) -> None:
    with pytest.raises(UnsupportedError) as caught:
        await client.symbols(exchange="okx")
    assert caught.value.field == "leader_id"


@pytest.mark.parametrize("data", ["[]", '[{"copyState":"0"}]'])
def test_pairs_that_are_not_told_are_no_answer(run_plan: Run, data: str) -> None:
    answer = Response(200, f'{{"code":"0","msg":"","data":{data}}}'.encode())
    with pytest.raises(VenueUnavailableError, match="pairs"):
        run_plan(load_adapter("okx")().symbols(LEADER), [answer])


async def test_a_leader_is_known_by_his_public_results(client: CopyClient) -> None:
    profile = await client.leader(LEADER, exchange="okx")
    assert (profile.leader_id, profile.win_ratio, profile.profit) == (LEADER, Decimal("0.6214"), None)


def test_results_that_cannot_be_read_are_no_answer(run_plan: Run) -> None:
    answer = Response(200, b'{"code":"0","msg":"","data":[{"winRatio":"most"}]}')
    with pytest.raises(VenueUnavailableError):
        run_plan(load_adapter("okx")().leader(LEADER), [answer])


# ------------------------------------------------------------------ open positions


async def test_a_position_is_closed_and_gone(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange="okx")
    first, second = await _positions(client)
    assert (await client.close(first, exchange="okx")).status == "done"
    assert [each.position_id for each in await _positions(client)] == [second.position_id]
    with pytest.raises(OpenPositionsError):
        await client.close(first, exchange="okx")


async def test_all_positions_are_closed_one_by_one(client: CopyClient, venue: OkxVenue, config: FollowConfig) -> None:
    await client.follow(config, exchange="okx")
    results = await client.close_all(exchange="okx", symbols=["BTC/USDT"])
    assert [(result.status, str(result.position and result.position.symbol)) for result in results] == [
        ("done", "BTC/USDT")
    ]
    assert len(await client.close_all(exchange="okx", symbols=ALL_SYMBOLS)) == 1
    assert _asked(venue).count("closeSubposition") == 2


async def test_protections_are_set_kept_and_cancelled(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange="okx")
    _, position = await _positions(client)
    result = await client.protect(position, exchange="okx", take_profit_price="70000", stop_loss_price="60000.5")
    assert (result.status, result.unverified) == ("done", ())
    await client.protect(position, exchange="okx", take_profit_price=None)
    shown = (await _positions(client))[1]
    assert (shown.take_profit_price, shown.stop_loss_price) == (None, Decimal("60000.5"))
    await client.protect(position, exchange="okx", stop_loss_price=None)
    assert (await _positions(client))[1].stop_loss_price is None


def test_a_price_that_is_kept_is_left_out() -> None:
    adapter = load_adapter("okx")()
    position = CopiedPosition(exchange="okx", position_id="9007199254740993", symbol=BTC, side=Side.LONG)
    (call,) = adapter.protect(position, Decimal("1E+3"), KEEP)
    assert call.request.body == (
        b'{"instType":"SWAP","subPosId":"9007199254740993","tpTriggerPx":"1000","subPosType":"copy"}'
    )
    (cancel,) = adapter.protect(position, KEEP, None)
    assert b'"slTriggerPx":"0"' in cancel.request.body
    (close,) = adapter.close(position)
    assert close.request.body == (
        b'{"instType":"SWAP","subPosId":"9007199254740993","ordType":"market","subPosType":"copy"}'
    )


@pytest.mark.parametrize("row", ['{"subPosId":"2","tag":""}', "{}", '{"subPosId":1}'])
def test_an_answer_about_another_position_is_no_answer(row: str) -> None:
    position = CopiedPosition(exchange="okx", position_id="1", symbol=BTC, side=Side.LONG)
    (call,) = load_adapter("okx")().close(position)
    with pytest.raises(VenueUnavailableError):
        call.decode(Response(200, f'{{"code":"0","msg":"","data":[{row}]}}'.encode()))


def test_okx_can_do_everything() -> None:
    assert load_adapter("okx").operations == frozenset(Operation)
