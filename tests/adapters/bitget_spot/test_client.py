"""Every operation of Bitget spot, through the client, against the local venue on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal

import pytest

from unified_copy import CopyClient, Credentials, FollowConfig, Multiplier
from unified_copy.errors import (
    AuthenticationError,
    LeaderUnavailableError,
    NotFollowingError,
    OpenPositionsError,
    SettingsRejectedError,
    VerificationError,
)
from unified_copy.model import ALL_SYMBOLS
from unified_copy.results import CopiedPosition, Level
from unified_copy.sandbox import Answer, Calls, Parameters, Refuses, Sandbox
from unified_copy.sandbox.venue import Account
from unified_copy_bitget.spot.venue import BitgetSpotVenue

Make = Callable[..., FollowConfig]
SPOT = "bitget-spot"
SEEDED = "7c6525121a9"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(SPOT) as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[CopyClient]:
    async with sandbox.client() as client:
        yield client


async def _positions(client: CopyClient) -> list[CopiedPosition]:
    return [position async for position in client.positions(exchange=SPOT)]


async def test_a_follow_is_accepted_because_its_size_is_never_shown(client: CopyClient, make_config: Make) -> None:
    config = make_config(max_position=1000, stop_loss="0.1", symbols=["BTC/USDT", "龙虾/USDT"])
    result = await client.follow(config, exchange=SPOT)
    assert (result.status, result.unverified) == ("accepted", ("sizing",))
    shown = await client.settings(config.leader_id, exchange=SPOT)
    assert (shown.active, shown.max_position, shown.stop_loss) == (True, Decimal(1000), Decimal("0.1"))
    assert shown.to_config(sizing=config.sizing, follow_new_symbols=False) == config


async def test_pairs_added_later_cannot_be_seen_either(client: CopyClient, make_config: Make) -> None:
    config = make_config(max_position=1, sizing=Multiplier(2), symbols=["ETH/BTC"], follow_new_symbols=True)
    result = await client.follow(config, exchange=SPOT)
    assert (result.status, result.unverified) == ("accepted", ("sizing", "follow_new_symbols"))


async def test_a_cap_that_reads_back_different_is_an_error(make_config: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    class Capping(BitgetSpotVenue):
        def query_spot_settings(self, account: Account, parameters: Parameters) -> Answer:
            told = super().query_spot_settings(account, parameters)
            assert isinstance(told.body, dict)
            told.body["data"]["tradeSettingList"][0]["maxTraceAmount"] = "500"
            return told

    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.1)
    async with Sandbox(SPOT, venues={SPOT: Capping()}) as sandbox, sandbox.client() as client:
        with pytest.raises(VerificationError) as caught:
            await client.follow(make_config(max_position=1000), exchange=SPOT)
    assert [str(each) for each in caught.value.differences] == ["max_position: wanted 1000, shown 500"]


async def test_the_venues_refusal_is_passed_on(sandbox: Sandbox, client: CopyClient, make_config: Make) -> None:
    sandbox.fault(SPOT, Calls.EVERY, Refuses("31034"), leader_id="123123123")
    with pytest.raises(LeaderUnavailableError):
        await client.follow(make_config(max_position=1), exchange=SPOT)


async def test_a_strangers_key_is_refused(sandbox: Sandbox) -> None:
    async with sandbox.client(credentials={SPOT: Credentials("nobody", "secret", "phrase")}) as client:
        with pytest.raises(AuthenticationError):
            await client.settings("1", exchange=SPOT)


async def test_an_unfollow_is_done_when_it_is_gone(client: CopyClient) -> None:
    result = await client.unfollow(SEEDED, exchange=SPOT)
    assert (result.status, result.note) == ("done", "open copied positions stay open and close with the leader")
    assert not (await client.settings(SEEDED, exchange=SPOT)).active
    assert len(await _positions(client)) == 3
    with pytest.raises(NotFollowingError):
        await client.unfollow(SEEDED, exchange=SPOT)


async def test_the_leaders_are_listed(client: CopyClient, make_config: Make) -> None:
    await client.follow(make_config(max_position=1), exchange=SPOT)
    first, second = [leader async for leader in client.leaders(exchange=SPOT)]
    assert (first.leader_id, first.name, first.invested, first.profit) == (
        SEEDED,
        "Ada",
        Decimal("425.308625"),
        Decimal("-12.25"),
    )
    assert (second.leader_id, second.name, second.profit) == ("123123123", None, None)
    assert second.since is not None
    assert second.since.tzinfo is not None


async def test_positions_and_history_are_listed(client: CopyClient) -> None:
    positions = [position async for position in client.positions(exchange=SPOT, leader_id=SEEDED)]
    assert [str(position.symbol) for position in positions] == ["BTC/USDT", "ETH/USDT", "龙虾/USDT"]
    assert [(p.take_profit_price, p.stop_loss_price) for p in positions] == [
        (66000, None),
        (None, None),
        (None, Decimal("0.0095")),
    ]
    assert all(int(position.position_id) > 2**53 for position in positions)
    closed = [copy async for copy in client.history(exchange=SPOT)]
    assert [copy.profit_ratio for copy in closed] == [Decimal("0.02"), Decimal("-0.02"), 0]
    assert [position async for position in client.positions(exchange=SPOT, leader_id="1")] == []


async def test_many_positions_come_page_by_page(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setattr("unified_copy_bitget.spot.adapter._PAGE_SIZE", 1)
    async with sandbox.client() as client:
        assert len(await _positions(client)) == 3
    asked = [received.query for received in sandbox.venue(SPOT).received]
    assert [query.partition("&")[0] for query in asked[1:]] == [
        "idLessThan=1062518112337358849",
        "idLessThan=1062518112337358848",
    ]


async def test_the_pairs_of_a_leader_are_listed(client: CopyClient) -> None:
    limits = await client.symbols(exchange=SPOT, leader_id=SEEDED)
    assert [str(each.symbol) for each in limits] == ["BTC/USDT", "ETH/USDT", "龙虾/USDT"]


async def test_a_close_is_done_when_the_position_is_gone(client: CopyClient) -> None:
    position = (await _positions(client))[2]
    assert (await client.close(position, exchange=SPOT)).status == "done"
    assert len(await _positions(client)) == 2
    (newest, *_) = [copy async for copy in client.history(exchange=SPOT)]
    assert newest.position_id == position.position_id
    with pytest.raises(OpenPositionsError):
        await client.close(position, exchange=SPOT)


async def test_all_is_closed_one_by_one(sandbox: Sandbox, client: CopyClient) -> None:
    results = await client.close_all(exchange=SPOT, symbols=ALL_SYMBOLS)
    assert [result.status for result in results] == ["done"] * 3
    assert await _positions(client) == []
    operations = [received.operation for received in sandbox.venue(SPOT).received]
    assert operations.count("closeSpotTracking") == 3


async def test_a_protection_is_done_when_it_reads_back(client: CopyClient) -> None:
    position, *_ = await _positions(client)
    result = await client.protect(position, exchange=SPOT, stop_loss_price="55000.5")
    assert (result.status, result.unverified) == ("done", ())
    position, *_ = await _positions(client)
    assert (position.take_profit_price, position.stop_loss_price) == (Decimal(66000), Decimal("55000.5"))
    await client.protect(position, exchange=SPOT, take_profit_price=None, stop_loss_price=None)
    position, *_ = await _positions(client)
    assert (position.take_profit_price, position.stop_loss_price) == (None, None)


async def test_a_protection_on_the_wrong_side_is_refused(client: CopyClient) -> None:
    position, *_ = await _positions(client)
    with pytest.raises(SettingsRejectedError) as caught:
        await client.protect(position, exchange=SPOT, take_profit_price=5)
    assert caught.value.code == "31004"


async def test_a_key_that_can_follow_is_found_fine(client: CopyClient) -> None:
    findings = await client.check(exchange=SPOT)
    assert {finding.level for finding in findings} == {Level.FINE}
    assert {finding.topic for finding in findings} >= {"venue", "key", "clock", "permissions", "account"}


async def test_an_account_that_cannot_follow_is_found(sandbox: Sandbox, client: CopyClient) -> None:
    venue = sandbox.venue(SPOT)
    assert isinstance(venue, BitgetSpotVenue)
    venue.account_info["authorities"] = ["ttor"]
    problems = [finding.topic for finding in await client.check(exchange=SPOT) if finding.level is Level.PROBLEM]
    assert problems == ["permissions"]
