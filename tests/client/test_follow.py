"""What a follow comes to: applied, accepted, refused, different, or unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from scripted_venue import CUT, Reply, ScriptedVenue, Step

from unified_copy import (
    ALL_SYMBOLS,
    Adapter,
    CopyClient,
    Credentials,
    FixedAmount,
    FollowConfig,
    FollowSettings,
    Proportional,
    load_adapter,
)
from unified_copy.adapter import Call, Limit, Operation
from unified_copy.errors import (
    AdapterError,
    AuthenticationError,
    ClockError,
    ConfigError,
    LeaderUnavailableError,
    OutcomeUnknownError,
    RateLimitedError,
    TransportError,
    UnsupportedError,
    VenueError,
    VenueUnavailableError,
    VerificationError,
)
from unified_copy.fields import Fields, sent
from unified_copy.wire import JSON, Request, Response, encode

FOLLOW = "/api/v2/copy/mix-follower/settings"
SMART = "/api/v2/copy/mix-follower/copy-settings"
QUERY = "/api/v2/copy/mix-follower/query-settings"
TIME = "/api/v2/public/time"

OK = {"code": "00000", "msg": "success", "requestTime": 1, "data": "success"}
BUSY = {"code": "40725", "msg": "service return an error", "requestTime": 1, "data": None}
SHOWN = {
    "symbol": "BTCUSDT",
    "productType": "USDT-FUTURES",
    "marginType": "trader",
    "marginCoin": "USDT",
    "leverType": "trader",
    "longLeverage": "",
    "shortLeverage": "",
    "traceType": "amount",
    "traceValue": "330",
    "maxHoldSize": "",
    "stopSurplusRatio": "",
    "stopLossRatio": "",
}
CONFIG = FollowConfig(leader_id="123123123", sizing=FixedAmount("330"), symbols=["BTC/USDT"])


def following(*pairs: Mapping[str, str], enabled: str = "YES") -> Mapping[str, object]:
    return {"code": "00000", "msg": "success", "data": {"followerEnable": enabled, "detailList": list(pairs)}}


@pytest.fixture
def client(venue: ScriptedVenue, credentials: Mapping[str, Credentials]) -> CopyClient:
    return CopyClient(credentials=credentials, base_urls={"bitget": venue.url, "xt": venue.url}, timeout=0.5)


async def test_a_follow_that_reads_back_as_wanted_is_applied(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(OK))
    venue.on(QUERY, Reply(following(SHOWN)))
    async with client:
        result = await client.follow(CONFIG, exchange="bitget")
    assert (result.status, result.unverified, result.cause) == ("applied", (), None)
    assert result.settings is not None
    assert result.settings.sizing == FixedAmount("330")
    assert len(venue.sent(FOLLOW)) == 1


@pytest.mark.parametrize("config", ["follow.toml", None, {"leader_id": "1"}])
async def test_what_is_no_config_is_refused_and_nothing_is_sent(
    client: CopyClient, venue: ScriptedVenue, config: object
) -> None:
    given: Any = config
    async with client:
        with pytest.raises(ConfigError, match="use FollowConfig") as caught:
            await client.follow(given, exchange="bitget")
    assert caught.value.field == "config"
    assert venue.received == []


async def test_a_field_that_is_never_returned_leaves_the_follow_accepted(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on(FOLLOW, Reply(OK))
    venue.on(QUERY, Reply(following(SHOWN)))
    config = FollowConfig(leader_id="1", sizing=FixedAmount("330"), symbols=["BTC/USDT"], follow_new_symbols=True)
    async with client:
        result = await client.follow(config, exchange="bitget")
    assert (result.status, result.unverified) == ("accepted", ("follow_new_symbols",))


async def test_smart_copy_is_never_verified(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(SMART, Reply(OK))
    async with client:
        config = FollowConfig(leader_id="1", sizing=Proportional(200), symbols=ALL_SYMBOLS)
        result = await client.follow(config, exchange="bitget")
    assert (result.status, result.unverified) == ("accepted", ("leader_id", "sizing", "symbols"))
    assert venue.sent(QUERY) == []


async def test_without_verification_nothing_is_read_back(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(OK))
    async with client:
        result = await client.follow(CONFIG, exchange="bitget", verify=False)
    assert (result.status, result.unverified) == ("accepted", ("leader_id", "sizing", "symbols"))
    assert venue.sent(QUERY) == []


async def test_settings_that_arrive_late_are_waited_for(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(OK))
    venue.on(QUERY, Reply(following(enabled="NO")), Reply(BUSY), Reply(following(SHOWN)))
    async with client:
        result = await client.follow(CONFIG, exchange="bitget")
    assert result.status == "applied"
    assert len(venue.sent(QUERY)) == 3


@pytest.mark.usefixtures("hurry")
async def test_settings_that_stay_different_are_named(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(OK))
    venue.on(QUERY, Reply(following({**SHOWN, "traceValue": "33", "stopLossRatio": "10"})))
    async with client:
        with pytest.raises(VerificationError) as caught:
            await client.follow(CONFIG, exchange="bitget")
    assert [difference.field for difference in caught.value.differences] == ["sizing", "stop_loss"]
    assert len(venue.sent(FOLLOW)) == 1
    assert len(venue.sent(QUERY)) > 1


@pytest.mark.usefixtures("hurry")
async def test_a_credential_among_what_is_shown_is_redacted(venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(OK))
    venue.on(QUERY, Reply(following({**SHOWN, "traceType": "key-0001 secret-0001 phrase-0001"})))
    credentials = {"bitget": Credentials("key-0001", "secret-0001", "phrase-0001")}
    async with CopyClient(credentials=credentials, base_urls={"bitget": venue.url}) as client:
        with pytest.raises(VerificationError, match="shown") as caught:
            await client.follow(CONFIG, exchange="bitget")
    assert "*** *** ***" in str(caught.value)
    assert "0001" not in f"{caught.value} {caught.value!r}"


@pytest.mark.usefixtures("hurry")
async def test_a_failure_to_read_back_is_a_cause_and_no_exception(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(OK))
    venue.on(QUERY, Reply(b"<html>", status=502))
    async with client:
        result = await client.follow(CONFIG, exchange="bitget")
    assert result.status == "accepted"
    assert isinstance(result.cause, VenueUnavailableError)
    assert result.settings is None


@pytest.mark.usefixtures("hurry")
async def test_reading_that_takes_too_long_is_a_cause(
    credentials: Mapping[str, Credentials], venue: ScriptedVenue
) -> None:
    venue.on(FOLLOW, Reply(OK))
    venue.on(QUERY, Reply(following(SHOWN), after=5))
    async with CopyClient(credentials=credentials, base_urls={"bitget": venue.url}, timeout=5) as slow:
        result = await slow.follow(CONFIG, exchange="bitget")
    assert result.status == "accepted"
    assert "took more than" in str(result.cause)


async def test_a_refusal_to_read_is_not_asked_again(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(OK))
    venue.on(QUERY, Reply({"code": "40014", "msg": "need read permissions"}, status=400))
    async with client:
        result = await client.follow(CONFIG, exchange="bitget")
    assert result.status == "accepted"
    assert len(venue.sent(QUERY)) == 1


async def test_the_venues_refusal_is_raised_and_nothing_is_read(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply({"code": "31034", "msg": "full"}, status=400))
    async with client:
        with pytest.raises(LeaderUnavailableError) as caught:
            await client.follow(CONFIG, exchange="bitget")
    assert (caught.value.code, caught.value.field, caught.value.http_status) == ("31034", "leader_id", 400)
    assert [request.target for request in venue.received] == [FOLLOW]


async def test_what_the_exchange_cannot_express_is_refused_before_anything_is_sent(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    config = FollowConfig(leader_id="1", sizing=FixedAmount(5), symbols=ALL_SYMBOLS)
    async with client:
        with pytest.raises(UnsupportedError):
            await client.follow(config, exchange="bitget")
    assert venue.received == []


# ------------------------------------------------------------------ lost answers


def lost() -> Mapping[str, Step]:
    return {
        "cut": CUT,
        "hang": Reply(OK, after=3),
        "gateway": Reply(b"<html>bad gateway</html>", status=502),
        "busy": Reply(BUSY),
        "garbage": Reply(b"{"),
        "foreign": Reply({"hello": "world"}),
        "redirect": Reply(b"", status=307, headers={"Location": "http://127.0.0.1:9/"}),
        "success under failure": Reply(OK, status=500),
        "success under a refusal": Reply(OK, status=400),
        "success under too many requests": Reply(OK, status=429),
        "huge": Reply(b" " * (9 * 1024 * 1024)),
        "truncated": Reply(b"{}", headers={"Content-Encoding": "gzip"}),
    }


LOST = [
    "cut",
    "hang",
    "gateway",
    "busy",
    "garbage",
    "foreign",
    "redirect",
    "success under failure",
    "success under a refusal",
    "success under too many requests",
    "huge",
    "truncated",
]


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_is_settled_by_reading_back(client: CopyClient, venue: ScriptedVenue, fault: str) -> None:
    venue.on(FOLLOW, lost()[fault])
    venue.on(QUERY, Reply(following(SHOWN)))
    async with client:
        result = await client.follow(CONFIG, exchange="bitget", verify=False)
    assert result.status == "applied"
    assert len(venue.sent(FOLLOW)) == 1


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_that_reads_back_different_is_unknown(
    client: CopyClient, venue: ScriptedVenue, fault: str
) -> None:
    venue.on(FOLLOW, lost()[fault])
    venue.on(QUERY, Reply(following(enabled="NO")))
    async with client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.follow(CONFIG, exchange="bitget")
    assert isinstance(caught.value.observed, FollowSettings)
    assert not caught.value.observed.active
    assert caught.value.request.headers == JSON
    assert "reading back shows: leader_id" in str(caught.value)
    assert len(venue.sent(FOLLOW)) == 1


@pytest.mark.usefixtures("hurry")
async def test_a_lost_answer_that_cannot_be_read_back_is_unknown(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, CUT)
    venue.on(QUERY, Reply(b"", status=503))
    async with client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.follow(CONFIG, exchange="bitget")
    assert caught.value.observed is None
    assert "could not be read back" in str(caught.value)


async def test_a_lost_answer_with_a_field_that_is_never_returned_is_unknown(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on(FOLLOW, CUT)
    venue.on(QUERY, Reply(following(SHOWN)))
    config = FollowConfig(leader_id="1", sizing=FixedAmount("330"), symbols=["BTC/USDT"], follow_new_symbols=True)
    async with client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.follow(config, exchange="bitget")
    assert "part of it cannot be read" in str(caught.value)


async def test_a_lost_smart_copy_is_unknown_at_once(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(SMART, CUT)
    config = FollowConfig(leader_id="1", sizing=Proportional(200), symbols=ALL_SYMBOLS)
    async with client:
        with pytest.raises(OutcomeUnknownError):
            await client.follow(config, exchange="bitget")
    assert len(venue.received) == 1


async def test_cancelling_a_write_re_raises_with_a_note(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(OK, after=3))
    async with client:
        task = asyncio.create_task(client.follow(CONFIG, exchange="bitget"))
        await venue.arrival.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert "leader 123123123" in caught.value.__notes__[0]


# ------------------------------------------------------------------ refused unseen, and sent again


async def test_a_write_refused_for_its_rate_is_sent_again_after_the_stated_pause(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on(FOLLOW, Reply(b"", status=429, headers={"Retry-After": "0"}), Reply(OK))
    venue.on(QUERY, Reply(following(SHOWN)))
    async with client:
        result = await client.follow(CONFIG, exchange="bitget")
    assert result.status == "applied"
    assert len(venue.sent(FOLLOW)) == 2


async def test_a_rate_refusal_is_repeated_at_most_three_times(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(b"", status=429, headers={"Retry-After": "0"}))
    async with client:
        with pytest.raises(RateLimitedError) as caught:
            await client.follow(CONFIG, exchange="bitget")
    assert caught.value.retry_safe
    assert len(venue.sent(FOLLOW)) == 4


async def test_a_long_penalty_is_reported_instead_of_slept(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply(b"", status=429, headers={"Retry-After": "300"}))
    async with client:
        with pytest.raises(RateLimitedError) as caught:
            await client.follow(CONFIG, exchange="bitget")
    assert caught.value.retry_after == 300
    assert len(venue.sent(FOLLOW)) == 1


async def test_a_key_that_xt_has_blocked_is_not_hammered(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/v4/account/copy-trade/follow", Reply(b"", status=429))
    async with client:
        with pytest.raises(RateLimitedError) as caught:
            await client.follow(CONFIG, exchange="xt")
    assert caught.value.retry_after is None
    assert len(venue.received) == 1


async def test_a_refused_timestamp_is_sent_again_by_the_venues_clock(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply({"code": "40008", "msg": "expired"}, status=400), Reply(OK))
    venue.on(TIME, Reply({"code": "00000", "data": {"serverTime": "1000000000000"}}))
    venue.on(QUERY, Reply(following(SHOWN)))
    async with client:
        await client.follow(CONFIG, exchange="bitget")
    first, second = (int(request.headers["ACCESS-TIMESTAMP"]) for request in venue.sent(FOLLOW))
    assert first > 1_700_000_000_000
    assert 1_000_000_000_000 <= second < 1_000_000_060_000
    assert len(venue.sent(TIME)) == 1


async def test_a_refused_timestamp_counts_apart_from_refusals_for_the_rate(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    throttled = Reply(b"", status=429, headers={"Retry-After": "0"})
    late = Reply({"code": "40008", "msg": "expired"}, status=400)
    venue.on(FOLLOW, throttled, throttled, throttled, late, Reply(OK))
    venue.on(TIME, Reply({"code": "00000", "data": {"serverTime": "1000000000000"}}))
    venue.on(QUERY, Reply(following(SHOWN)))
    async with client:
        result = await client.follow(CONFIG, exchange="bitget")
    assert result.status == "applied"
    assert len(venue.sent(FOLLOW)) == 5


async def test_a_timestamp_refused_twice_is_an_error(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(FOLLOW, Reply({"code": "40008", "msg": "expired"}, status=400))
    venue.on(TIME, Reply({"code": "00000", "data": {"serverTime": "1000000000000"}}))
    async with client:
        with pytest.raises(ClockError):
            await client.follow(CONFIG, exchange="bitget")
    assert len(venue.sent(FOLLOW)) == 2


async def test_a_refused_timestamp_stays_a_refusal_where_the_clock_cannot_be_read(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on(FOLLOW, Reply({"code": "40008", "msg": "expired"}, status=400))
    venue.on(TIME, CUT)
    async with client:
        with pytest.raises(ClockError):
            await client.follow(CONFIG, exchange="bitget")
    assert len(venue.sent(FOLLOW)) == 1


# ------------------------------------------------------------------ settings


async def test_not_following_is_an_answer(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(QUERY, Reply({"code": "43062", "msg": "not following"}, status=400))
    async with client:
        settings = await client.settings("1", exchange="bitget")
    assert not settings.active


async def test_a_read_that_gets_no_answer_says_that_nothing_changed(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on(QUERY, CUT)
    async with client:
        with pytest.raises(VenueUnavailableError) as caught:
            await client.settings("1", exchange="bitget")
    assert "connection broke" in str(caught.value)


async def test_a_leader_id_is_checked_before_it_is_asked_for(client: CopyClient, venue: ScriptedVenue) -> None:
    async with client:
        with pytest.raises(Exception, match="control character") as caught:
            await client.settings("1\r\nX-Evil: 1", exchange="bitget")
    assert getattr(caught.value, "field", "") == "leader_id"
    assert venue.received == []


async def test_a_leader_beyond_the_first_page_is_found(client: CopyClient, venue: ScriptedVenue) -> None:
    def page(*ids: str, more: bool) -> Reply:
        items = [{"accountId": int(account), "id": f"9{account}"} for account in ids]
        return Reply({"rc": 0, "mc": "SUCCESS", "ma": [], "result": {"items": items, "hasNext": more}})

    config = {"followType": "RATE", "followVal": 2, "followSymbols": ["btc_usdt"], "autoFollowSymbol": False}
    shown = {**config, "followLossOperate": "LEADER_CLOSE"}
    venue.on("/v1/copy-trade-account/copy-trade/my-leaders", page("5", more=True), page("7", more=False))
    venue.on("/v1/copy-trade-account/copy-trade/follow-leader-config", Reply({"rc": 0, "ma": [], "result": shown}))
    async with client:
        settings = await client.settings("7", exchange=load_adapter("xt")(generation="v1"))
    assert settings.active
    assert [request.target.partition("?")[2] for request in venue.received[:2]] == [
        "limit=100&type=1",
        "direction=NEXT&id=95&limit=100&type=1",
    ]


# ------------------------------------------------------------------ adapters of other shapes


class Shop(Adapter):
    """Follow in two calls, read before writing, and fail in every way that a plug-in can."""

    name: ClassVar[str] = "shop"
    hosts: ClassVar[tuple[str, ...]] = ("https://shop.example",)
    forms: ClassVar[Mapping[str, Fields]] = {
        "only": {"leader_id": sent("leader"), "sizing": sent("amount"), "symbols": sent("pairs")}
    }
    reads_before: ClassVar[frozenset[Operation]] = frozenset({Operation.FOLLOW})

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        path = "/amend" if known is not None and known.active else "/start"
        body = encode({"leader": config.leader_id, "amount": "1", "pairs": "x"})
        limit = Limit(100, 0.01, "key", "follow")
        return tuple(
            Call(Request(method, path, "", JSON, body), self._decode, limit, writes=True)
            for method, path in (("PUT", "/leverage"), ("PUT", path))
        )

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        def decode(response: Response) -> FollowSettings:
            return FollowSettings(exchange="shop", leader_id=leader_id, active=response.body == b"yes")

        return Call(Request("GET", "/settings"), decode, Limit(100, 0.01, "key", "settings"))

    def _decode(self, response: Response) -> None:
        if response.body == b"no":
            raise VenueError("shop", "no", "refused")
        if response.body == b"bug":
            raise KeyError(response.body)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        if credentials.secret == "clockless":
            raise AuthenticationError("shop", "none", "", f"bad key {credentials.key} at {now_ms}")
        return request


@pytest.fixture
def shop(venue: ScriptedVenue) -> CopyClient:
    return CopyClient(
        credentials={"shop": Credentials("a", "b")},
        base_urls={"shop": venue.url},
        adapters=[Shop()],
        timeout=0.5,
    )


class Open(Shop):
    """Ask for no key."""

    reads_before: ClassVar[frozenset[Operation]] = frozenset()

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        return tuple(msgspec.structs.replace(call, signed=False) for call in super().follow(config, known))

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        return msgspec.structs.replace(super().settings(leader_id), signed=False)


@pytest.mark.usefixtures("hurry")
async def test_a_follow_without_a_key_is_read_back_too(venue: ScriptedVenue) -> None:
    for path in ("/settings", "/leverage", "/start"):
        venue.on(path, Reply(b"ok"))
    async with CopyClient(credentials={}, base_urls={"shop": venue.url}, adapters=[Open()]) as client:
        with pytest.raises(VerificationError, match="wanted an active follow, shown not following"):
            await client.follow(CONFIG, exchange="shop")


@pytest.mark.parametrize(("state", "path"), [(b"no", "/start"), (b"yes", "/amend")])
async def test_a_venue_that_starts_and_amends_is_read_first(
    shop: CopyClient, venue: ScriptedVenue, state: bytes, path: str
) -> None:
    venue.on("/settings", Reply(state))
    venue.on("/leverage", Reply(b"ok"))
    venue.on(path, Reply(b"ok"))
    async with shop:
        await shop.follow(CONFIG, exchange="shop", verify=False)
    assert [request.target for request in venue.received] == ["/settings", "/leverage", path]


async def test_a_refusal_half_way_says_what_took_effect(shop: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/settings", Reply(b"-"))
    venue.on("/leverage", Reply(b"ok"))
    venue.on("/start", Reply(b"no"))
    async with shop:
        with pytest.raises(VenueError) as caught:
            await shop.follow(CONFIG, exchange="shop")
    assert caught.value.__notes__ == ["the first 1 of 2 calls of this write took effect"]


@pytest.mark.usefixtures("hurry")
async def test_what_kept_a_later_call_from_being_sent_does_not_say_that_the_write_was_not(
    venue: ScriptedVenue, tmp_path: Path
) -> None:
    def sign(_shop: Shop, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        if request.path == "/start":
            raise TransportError("shop", f"no way at {now_ms} for {credentials}")
        return request

    venue.on("/settings", Reply(b"no"))
    venue.on("/leverage", Reply(b"ok"))
    client = CopyClient(
        credentials={"shop": Credentials("a", "b")},
        base_urls={"shop": venue.url},
        adapters=[type("Halting", (Shop,), {"sign": sign})()],
        journal=tmp_path / "journal.jsonl",
    )
    async with client:
        with pytest.raises(OutcomeUnknownError, match="the first 1 of 2 calls of this write took effect, and then"):
            await client.follow(CONFIG, exchange="shop")
    assert '"outcome":"unknown"' in (tmp_path / "journal.jsonl").read_text()


@pytest.mark.usefixtures("hurry")
async def test_a_plug_in_that_trips_over_the_answer_to_a_write_leaves_it_unknown(
    shop: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on("/settings", Reply(b"-"))
    venue.on("/leverage", Reply(b"bug"))
    async with shop:
        with pytest.raises(OutcomeUnknownError, match="the adapter could not read the answer: KeyError"):
            await shop.follow(CONFIG, exchange="shop")


async def test_a_plug_in_that_drops_a_field_sends_nothing(shop: CopyClient, venue: ScriptedVenue) -> None:
    class Forgetful(Shop):
        forms: ClassVar[Mapping[str, Fields]] = {"only": {**Shop.forms["only"], "stop_loss": sent("stop")}}

    venue.on("/settings", Reply(b"no"))
    config = FollowConfig(leader_id="1", sizing=FixedAmount(5), symbols=["BTC/USDT"], stop_loss="0.1")
    async with shop:
        with pytest.raises(AdapterError, match="stop_loss is set, and the request carries none"):
            await shop.follow(config, exchange=Forgetful())
    assert [request.method for request in venue.received] == ["GET"]


@pytest.mark.usefixtures("hurry")
async def test_a_put_is_never_sent_twice_over_a_connection_that_died(shop: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/settings", Reply(b"yes"))
    venue.on("/leverage", Reply(b"ok"), CUT)
    venue.on("/amend", Reply(b"ok"))
    async with shop:
        await shop.follow(CONFIG, exchange="shop", verify=False)
        with pytest.raises(OutcomeUnknownError):
            await shop.follow(CONFIG, exchange="shop", verify=False)
    assert len(venue.sent("/leverage")) == 2


async def test_a_venue_without_a_clock_keeps_the_refusal(venue: ScriptedVenue) -> None:
    class Clockless(Shop):
        name: ClassVar[str] = "clockless"
        reads_before: ClassVar[frozenset[Operation]] = frozenset()

        def _decode(self, response: Response) -> None:
            raise ClockError("clockless", "late", "", http_status=response.status)

    venue.on("/leverage", Reply(b"ok"))
    async with CopyClient(
        credentials={"clockless": Credentials("a", "b")}, base_urls={"clockless": venue.url}
    ) as client:
        with pytest.raises(ClockError):
            await client.follow(CONFIG, exchange=Clockless())
    assert len(venue.received) == 1


async def test_a_venue_that_cannot_be_asked_leaves_the_follow_accepted(venue: ScriptedVenue) -> None:
    class Mute(Adapter):
        name: ClassVar[str] = "mute"
        hosts: ClassVar[tuple[str, ...]] = ("https://mute.example",)
        forms: ClassVar[Mapping[str, Fields]] = Shop.forms

        def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
            assert known is None
            body = encode({"leader": config.leader_id, "amount": "1", "pairs": "x"})
            return (Call(Request("POST", "/f", "", JSON, body), lambda _: None, Limit(1, 0.1, "ip", "f"), writes=True),)

        def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
            assert credentials.key == "a"
            assert now_ms > 0
            return request

    venue.on("/f", Reply(b""))
    async with CopyClient(credentials={"mute": Credentials("a", "b")}, base_urls={"mute": venue.url}) as client:
        result = await client.follow(CONFIG, exchange=Mute())
        with pytest.raises(UnsupportedError, match="mute: exchange: cannot do 'settings'"):
            await client.settings("1", exchange=Mute())
    assert (result.status, result.unverified) == ("accepted", ("leader_id", "sizing", "symbols"))


async def test_an_adapter_that_asks_for_plain_http_gets_no_credentials(credentials: Mapping[str, Credentials]) -> None:
    class Careless(Shop):
        hosts: ClassVar[tuple[str, ...]] = ("http://shop.example",)

    async with CopyClient(credentials={"shop": credentials["xt"]}) as client:
        with pytest.raises(ConfigError, match="not https"):
            await client.settings("1", exchange=Careless())


async def test_nothing_arrived_is_told_from_a_lost_answer(credentials: Mapping[str, Credentials]) -> None:
    async with CopyClient(credentials=credentials, base_urls={"bitget": "http://127.0.0.1:9"}) as client:
        with pytest.raises(TransportError, match="nothing was sent"):
            await client.follow(CONFIG, exchange="bitget")
