"""What is asked again, how often, and by whose clock."""

from __future__ import annotations

import asyncio

import attrs
import pytest
from aiohttp import web
from bazaar import LIMIT, NO, YES, Bazaar, client_of
from scripted_venue import CUT, Reply, ScriptedVenue, Step

from unified_copy import CopyClient, Credentials, FollowSettings
from unified_copy.adapter import Call
from unified_copy.answers import Answers, Refusal
from unified_copy.clock import Clock
from unified_copy.errors import (
    AuthenticationError,
    ClockError,
    RateLimitedError,
    VenueError,
    VenueUnavailableError,
)
from unified_copy.transport import Trip
from unified_copy.wire import Request, Response

UNFOLLOW = "/future/copytrade/user/v1/copy-trade/cancel-choose-leader"
RELATION = "/future/copytrade/user/v1/copy-trade/leader-relation"
TIME = "/future/market/v1/public/time"
LONG_AGO = 1_000_000_000_000
REFUSED = Reply(b"Forbidden", status=403)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pauses between attempts short."""
    monkeypatch.setattr("unified_copy.retries.SHORTEST_PAUSE", 0.01)


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    "fault",
    [CUT, Reply(b"yes", after=3), Reply(b"", status=503), Reply(b"{"), Reply(b"", status=302)],
    ids=["cut", "no answer in time", "server error", "garbage", "redirect"],
)
async def test_a_read_is_sent_again_after_a_fault_that_may_pass(venue: ScriptedVenue, fault: Step) -> None:
    venue.on("/settings", fault, fault, Reply(b"yes"))
    async with client_of(venue) as client:
        settings = await client.settings("7", exchange="bazaar")
    assert settings.active
    assert len(venue.sent("/settings")) == 3


async def test_a_read_is_given_up_after_its_attempts(venue: ScriptedVenue) -> None:
    venue.on("/settings", Reply(b"", status=503))
    async with client_of(venue) as client:
        with pytest.raises(VenueUnavailableError, match="HTTP 503"):
            await client.settings("7", exchange="bazaar")
    assert len(venue.sent("/settings")) == 3


async def test_a_read_is_given_up_after_its_seconds(venue: ScriptedVenue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unified_copy.retries.READ_SECONDS", 0.0)
    venue.on("/settings", CUT)
    async with client_of(venue) as client:
        with pytest.raises(VenueUnavailableError):
            await client.settings("7", exchange="bazaar")
    assert len(venue.sent("/settings")) == 1


async def test_a_refused_read_is_not_sent_again(venue: ScriptedVenue) -> None:
    venue.on("/leaders", NO)
    async with client_of(venue) as client:
        with pytest.raises(VenueError, match="refused"):
            await anext(client.leaders(exchange="bazaar"))
    assert len(venue.sent("/leaders")) == 1


async def test_a_write_is_not_sent_again(venue: ScriptedVenue) -> None:
    venue.on("/unfollow", CUT, YES)
    venue.on("/settings", Reply(b"no"))
    async with client_of(venue) as client:
        await client.unfollow("7", exchange="bazaar")
    assert len(venue.sent("/unfollow")) == 1


# ------------------------------------------------------------------ penalties

LOCK = Reply(b"", status=429)


async def test_a_penalty_holds_for_every_call_of_the_account_that_was_refused(venue: ScriptedVenue) -> None:
    venue.on(UNFOLLOW, LOCK)
    venue.on(RELATION, _done(None))
    async with _futures(venue) as client:
        with pytest.raises(RateLimitedError):
            await client.unfollow("7", exchange="xt-futures")
        with pytest.raises(RateLimitedError, match="nothing was sent") as kept_back:
            await client.settings("7", exchange="xt-futures")
        assert not (await _other(client).settings("7", exchange="xt-futures")).active
    assert kept_back.value.retry_after == pytest.approx(600, abs=60)
    assert [request.headers["validate-appkey"] for request in venue.received] == ["key-0004", "key-0005"]


async def test_an_account_that_is_refused_without_a_word_on_how_long_pauses_by_itself(
    venue: ScriptedVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy.account.UNSTATED_PAUSE", 60.0)
    venue.on("/v4/account/copy-trade/my-leaders", LOCK)
    keys = {"xt": Credentials("key-0002", "secret-0002")}
    async with CopyClient(credentials=keys, base_urls={"xt": venue.url}) as client:
        for told in (None, pytest.approx(60, abs=20)):
            with pytest.raises(RateLimitedError) as caught:
                await client.settings("7", exchange="xt")
            assert caught.value.retry_after == told
    assert len(venue.received) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT", "date": "Fri, 31 Dec 1999 23:59:29 GMT"}, 30.0),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:29 GMT", "date": "Fri, 31 Dec 1999 23:59:59 GMT"}, 0.0),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, 5.0),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 -0000", "date": "Fri, 31 Dec 1999 23:59:29 GMT"}, 5.0),
        ({"retry-after": "9" * 400}, 5.0),
        ({"retry-after": "-1"}, 5.0),
        ({"retry-after": "NaN"}, 5.0),
    ],
)
def test_a_moment_to_come_back_at_is_taken_by_the_venues_own_clock(headers: dict[str, str], seconds: float) -> None:
    answers = Answers(exchange="venue", codes={"HTTP 429": Refusal(RateLimitedError, "too many")}, pause=5.0)
    error = answers.unusable(Response(429, b"", headers), "no envelope")
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == seconds


# ------------------------------------------------------------------ clocks


def _futures(venue: ScriptedVenue) -> CopyClient:
    keys = {"xt-futures": Credentials("key-0004", "secret-0004")}
    return CopyClient(credentials=keys, base_urls={"xt-futures": venue.url})


def _other(client: CopyClient) -> CopyClient:
    return client.with_credentials({"xt-futures": Credentials("key-0005", "secret-0005")})


def _done(result: object) -> Reply:
    return Reply({"returnCode": 0, "msgInfo": "success", "error": None, "result": result})


async def test_a_refused_key_that_may_be_a_refused_clock_is_tried_by_the_venues_clock(venue: ScriptedVenue) -> None:
    venue.on(UNFOLLOW, REFUSED, _done(result=True))
    venue.on(TIME, _done(LONG_AGO))
    venue.on(RELATION, _done(None))
    async with _futures(venue) as client:
        result = await client.unfollow("7", exchange="xt-futures")
    first, second = (int(request.headers["validate-timestamp"]) for request in venue.sent(UNFOLLOW))
    assert result.status == "done"
    assert first > LONG_AGO + 600_000_000_000
    assert LONG_AGO <= second < LONG_AGO + 60_000
    assert len(venue.sent(TIME)) == 1


async def test_a_refused_key_stays_refused_where_the_clocks_agree(venue: ScriptedVenue) -> None:
    async def now(_: web.Request) -> web.Response:
        return web.json_response({"returnCode": 0, "result": Clock().now_ms()})

    venue.on(UNFOLLOW, REFUSED)
    venue.on(TIME, now)
    async with _futures(venue) as client:
        with pytest.raises(AuthenticationError):
            await client.unfollow("7", exchange="xt-futures")
    assert (len(venue.sent(UNFOLLOW)), len(venue.sent(TIME))) == (1, 1)


async def test_a_refused_key_stays_refused_where_the_clock_cannot_be_read(venue: ScriptedVenue) -> None:
    venue.on(UNFOLLOW, REFUSED)
    async with _futures(venue) as client:
        with pytest.raises(AuthenticationError):
            await client.unfollow("7", exchange="xt-futures")
    assert len(venue.sent(UNFOLLOW)) == 1


async def test_calls_refused_together_ask_the_clock_together(venue: ScriptedVenue) -> None:
    @attrs.frozen(kw_only=True)
    class Strict(Bazaar):
        def settings(self, leader_id: str) -> Call[FollowSettings]:
            call = super().settings(leader_id)

            def decode(response: Response) -> FollowSettings:
                if response.body == b"late":
                    raise ClockError(self.name, "late", "")
                return call.decode(response)

            return Call(call.request, decode, call.limit)

        def time(self) -> Call[int]:
            return Call(Request("GET", "/time"), lambda _: LONG_AGO, LIMIT, signed=False)

    late = Reply(b"late")
    venue.on("/settings", late, late, late, late, Reply(b"yes"))
    venue.on("/time", Reply(b"", after=0.1))
    async with client_of(venue, Strict()) as client:
        found = await asyncio.gather(*(client.settings("7", exchange="bazaar") for _ in range(4)))
    assert all(settings.active for settings in found)
    assert (len(venue.sent("/settings")), len(venue.sent("/time"))) == (8, 1)


async def test_a_clock_that_could_not_be_read_is_not_asked_by_everyone_who_waited() -> None:
    clock, asked = Clock(), asyncio.Event()
    questions = 0

    async def ask() -> int | None:
        nonlocal questions
        questions += 1
        await asked.wait()
        return None

    waiting = [asyncio.create_task(clock.measure(ask, since=0)) for _ in range(3)]
    await asyncio.sleep(0)
    asked.set()
    assert await asyncio.gather(*waiting) == [None, None, None]
    assert (questions, clock.ahead) == (1, 0)


async def test_the_venue_is_taken_to_read_its_clock_halfway() -> None:
    trip = Trip(sent=10.0, answered=14.0)
    assert (trip.seconds, trip.middle) == (4.0, 12.0)
