"""What ending a follow comes to: done, pending, accepted, refused, still there, or unknown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from bazaar import NO, YES, Bazaar, client_of, holding, write
from scripted_venue import CUT, Reply, ScriptedVenue, Step

from unified_copy import Adapter, CopyClient, Credentials, Direction, FollowConfig, FollowSettings, OnStop
from unified_copy.adapter import Call, Operation
from unified_copy.errors import (
    ConfigError,
    OutcomeUnknownError,
    UnsupportedError,
    VenueError,
    VenueUnavailableError,
    VerificationError,
)
from unified_copy.fields import Fields
from unified_copy.results import ActionResult
from unified_copy.wire import Request

FOLLOWED = Reply(b"yes")
GONE = Reply(b"no")


class Slow(Bazaar):
    """Answer an unfollow before it is done."""

    unfollows_later: ClassVar[bool] = True


class Careful(Bazaar):
    """Need to know what is followed before a follow ends."""

    reads_before: ClassVar[frozenset[Operation]] = frozenset({Operation.UNFOLLOW})


class Told(Careful):
    """Need to know what is followed only where it is not told what becomes of open positions."""

    on_stop_suffices: ClassVar[bool] = True


class Blind(Adapter):
    """End follows without being able to show them."""

    name: ClassVar[str] = "blind"
    hosts: ClassVar[tuple[str, ...]] = ("https://blind.example",)
    forms: ClassVar[Mapping[str, Fields]] = Bazaar.forms

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        raise NotImplementedError

    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:
        assert (on_stop, known) == (None, None)
        return write("/unfollow", leader=leader_id)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        assert (credentials.key, now_ms > 0) == ("key-0003", True)
        return request


@pytest.fixture
def client(venue: ScriptedVenue) -> CopyClient:
    return client_of(venue)


async def _unfollow(client: CopyClient, on_stop: OnStop | None = None) -> ActionResult:
    async with client:
        return await client.unfollow("7", exchange="bazaar", on_stop=on_stop)


def _bodies(venue: ScriptedVenue) -> list[dict[str, str]]:
    return [json.loads(request.body) for request in venue.sent("/unfollow")]


async def test_a_follow_that_is_gone_is_done(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/unfollow", YES)
    venue.on("/settings", GONE)
    result = await _unfollow(client)
    assert result == ActionResult(status="done", exchange="bazaar", note="open positions stay open")
    assert _bodies(venue) == [{"leader": "7"}]


async def test_a_follow_that_goes_late_is_waited_for(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/unfollow", YES)
    venue.on("/settings", FOLLOWED, CUT, GONE)
    assert (await _unfollow(client)).status == "done"
    assert len(venue.sent("/unfollow")) == 1


async def test_what_becomes_of_open_positions_is_noted_only_where_it_was_left_to_the_venue(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on("/unfollow", YES)
    venue.on("/settings", GONE)
    result = await _unfollow(client, on_stop=OnStop.LEAVE_OPEN)
    assert result.note == ""
    assert _bodies(venue) == [{"leader": "7", "on_stop": "leave_open"}]


async def test_a_wish_the_venue_cannot_be_told_is_refused_before_anything_is_sent(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        await _unfollow(client, on_stop=OnStop.CLOSE_NOW)
    assert caught.value.field == "on_stop"
    assert venue.received == []


@pytest.mark.parametrize("on_stop", ["close_now", "LEAVE_OPEN", True, Direction.SAME])
async def test_what_is_no_on_stop_is_refused_before_anything_is_sent(
    client: CopyClient, venue: ScriptedVenue, on_stop: object
) -> None:
    given: Any = on_stop
    async with client:
        with pytest.raises(ConfigError, match=r"use OnStop\.CLOSE_WITH_LEADER or OnStop\.CLOSE_NOW") as caught:
            await client.unfollow("7", exchange="bazaar", on_stop=given)
    assert caught.value.field == "on_stop"
    assert venue.received == []


@pytest.mark.parametrize("leader_id", ["", "1 2", 7, None, "1\n"])
async def test_what_can_be_no_leader_is_refused_before_anything_is_sent(
    client: CopyClient, venue: ScriptedVenue, leader_id: object
) -> None:
    given: Any = leader_id
    async with client:
        with pytest.raises(ConfigError) as caught:
            await client.unfollow(given, exchange="bazaar")
    assert caught.value.field == "leader_id"
    assert venue.received == []


@pytest.mark.usefixtures("hurry")
async def test_a_follow_that_stays_is_no_success(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/unfollow", YES)
    venue.on("/settings", FOLLOWED)
    with pytest.raises(VerificationError, match="leader_id") as caught:
        await _unfollow(client)
    assert [difference.field for difference in caught.value.differences] == ["leader_id"]
    assert len(venue.sent("/unfollow")) == 1
    assert len(venue.sent("/settings")) > 1


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(("shown", "status"), [(FOLLOWED, "pending"), (GONE, "done")], ids=["still there", "gone"])
async def test_a_venue_that_takes_its_time_leaves_it_pending(venue: ScriptedVenue, shown: Reply, status: str) -> None:
    venue.on("/unfollow", YES)
    venue.on("/settings", shown)
    assert (await _unfollow(client_of(venue, Slow()))).status == status


@pytest.mark.parametrize(
    ("on_stop", "first"), [(OnStop.LEAVE_OPEN, "/unfollow"), (None, "/settings")], ids=["told", "not told"]
)
async def test_what_needs_not_be_known_is_not_read_before(
    venue: ScriptedVenue, on_stop: OnStop | None, first: str
) -> None:
    venue.on("/unfollow", YES)
    venue.on("/settings", GONE)
    assert (await _unfollow(client_of(venue, Told()), on_stop=on_stop)).status == "done"
    assert venue.received[0].target.partition("?")[0] == first


async def test_a_venue_that_cannot_be_asked_leaves_it_accepted(venue: ScriptedVenue) -> None:
    venue.on("/unfollow", YES)
    async with client_of(venue, Blind()) as client:
        result = await client.unfollow("7", exchange="blind")
    assert (result.status, result.cause, result.note) == ("accepted", None, "")
    assert [request.target for request in venue.received] == ["/unfollow"]


async def test_a_lost_answer_that_cannot_be_asked_about_is_unknown(venue: ScriptedVenue) -> None:
    venue.on("/unfollow", CUT)
    async with client_of(venue, Blind()) as client:
        with pytest.raises(OutcomeUnknownError, match="could not be read back"):
            await client.unfollow("7", exchange="blind")


@pytest.mark.usefixtures("hurry")
async def test_a_failure_to_read_back_is_a_cause_and_no_exception(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/unfollow", YES)
    venue.on("/settings", Reply(b"", status=503))
    result = await _unfollow(client)
    assert result.status == "accepted"
    assert isinstance(result.cause, VenueUnavailableError)


async def test_the_venues_refusal_is_raised_and_nothing_is_read(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/unfollow", NO)
    with pytest.raises(VenueError) as caught:
        await _unfollow(client)
    assert caught.value.code == "no"
    assert [request.target for request in venue.received] == ["/unfollow"]


LOST = {"cut": CUT, "hang": Reply(b"ok", after=3), "gateway": Reply(b"", status=502), "garbage": Reply(b"{")}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_lost_answer_is_settled_by_reading_back(client: CopyClient, venue: ScriptedVenue, fault: Step) -> None:
    venue.on("/unfollow", fault)
    venue.on("/settings", GONE)
    assert (await _unfollow(client)).status == "done"
    assert len(venue.sent("/unfollow")) == 1


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("adapter", [Bazaar(), Slow()], ids=["at once", "later"])
@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
async def test_a_lost_answer_and_a_follow_that_stays_are_unknown(
    venue: ScriptedVenue, adapter: Adapter, fault: Step
) -> None:
    venue.on("/unfollow", fault)
    venue.on("/settings", FOLLOWED)
    with pytest.raises(OutcomeUnknownError) as caught:
        await _unfollow(client_of(venue, adapter))
    assert caught.value.request.path == "/unfollow"
    assert isinstance(caught.value.observed, FollowSettings)
    assert "reading back shows: leader_id" in str(caught.value)
    assert len(venue.sent("/unfollow")) == 1


@pytest.mark.parametrize(("state", "known"), [(FOLLOWED, "followed"), (GONE, "not followed")])
async def test_what_is_followed_is_read_first_where_the_adapter_needs_it(
    venue: ScriptedVenue, state: Reply, known: str
) -> None:
    venue.on("/unfollow", YES)
    venue.on("/settings", state, GONE)
    await _unfollow(client_of(venue, Careful()))
    assert [request.target for request in venue.received][:2] == ["/settings?leader=7", "/unfollow"]
    assert _bodies(venue) == [{"leader": "7", "known": known}]


async def test_a_failure_to_read_first_sends_nothing(venue: ScriptedVenue) -> None:
    venue.on("/settings", Reply(b"", status=503))
    with pytest.raises(VenueUnavailableError):
        await _unfollow(client_of(venue, Careful()))
    assert venue.sent("/unfollow") == []


@pytest.mark.parametrize("path", ["/unfollow", "/settings"], ids=["while writing", "while reading back"])
async def test_a_cancelled_unfollow_re_raises_with_a_note(venue: ScriptedVenue, path: str) -> None:
    venue.on("/unfollow", YES)
    venue.on("/settings", FOLLOWED)
    step, asked = holding()
    venue.on(path, step)
    async with client_of(venue, timeout=5) as client:
        task = asyncio.create_task(client.unfollow("7", exchange="bazaar"))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert caught.value.__notes__ == [
        "cancelled after bazaar may have been told to stop following leader 7; look before sending anything again"
    ]
