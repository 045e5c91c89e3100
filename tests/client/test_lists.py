"""Lists are read page by page, when they are needed, to their end, and in little memory."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from typing import Any

import attrs
import pytest
from bazaar import NO, Bazaar, by_cursor, client_of, cursors, ids, page
from scripted_venue import CUT, Reply, ScriptedVenue

from unified_copy import CopyClient, Credentials
from unified_copy.adapter import Call
from unified_copy.errors import ConfigError, VenueError, VenueUnavailableError
from unified_copy.pairs import Pair
from unified_copy.results import (
    ClosedCopy,
    CopiedPosition,
    Finding,
    FollowedLeader,
    LeaderProfile,
    Level,
    Page,
    SymbolLimits,
)
from unified_copy.sandbox import Sandbox

NOTHING: Mapping[str, object] = {}
LISTS = ["leaders", "positions", "history"]
ENOUGH = 100
"""A list that is longer than this in a test has no end."""


@pytest.fixture
def client(venue: ScriptedVenue) -> CopyClient:
    return client_of(venue)


def _rows(client: CopyClient, name: str, wishes: Mapping[str, object] = NOTHING) -> AsyncIterator[Any]:
    rows: AsyncIterator[Any] = getattr(client, name)(exchange="bazaar", **wishes)
    return rows


def _id(row: object) -> str:
    return row.leader_id if isinstance(row, FollowedLeader) else getattr(row, "position_id", "")


async def _ids(client: CopyClient, name: str) -> list[str]:
    """Return the ids of all rows of a list, or fail where it has no end."""
    found: list[str] = []
    async with client:
        async for row in _rows(client, name):
            found.append(_id(row))
            assert len(found) < ENOUGH
    return found


# ------------------------------------------------------------------ what is listed


@pytest.mark.parametrize(
    ("name", "kind"), [("leaders", FollowedLeader), ("positions", CopiedPosition), ("history", ClosedCopy)]
)
async def test_a_list_holds_every_row_of_every_page(
    client: CopyClient, venue: ScriptedVenue, name: str, kind: type
) -> None:
    venue.on(f"/{name}", by_cursor({"": ids("1", "2", following="b"), "b": ids("9007199254740993")}))
    async with client:
        rows = [row async for row in _rows(client, name)]
    assert [_id(row) for row in rows] == ["1", "2", "9007199254740993"]
    assert {type(row) for row in rows} == {kind}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_without_rows_is_empty(client: CopyClient, venue: ScriptedVenue, name: str) -> None:
    venue.on(f"/{name}", page())
    assert await _ids(client, name) == []


@pytest.mark.parametrize(("asked", "query"), [({}, ""), ({"leader_id": None}, ""), ({"leader_id": "7"}, "?leader=7")])
@pytest.mark.parametrize("name", ["positions", "history"])
async def test_the_rows_of_one_leader_can_be_asked_for(
    client: CopyClient, venue: ScriptedVenue, name: str, asked: Mapping[str, Any], query: str
) -> None:
    venue.on(f"/{name}", page())
    async with client:
        assert [row async for row in _rows(client, name, asked)] == []
    assert [request.target for request in venue.received] == [f"/{name}{query}"]


@pytest.mark.parametrize("name", ["positions", "history"])
async def test_what_can_be_no_leader_is_refused_when_it_is_said(client: CopyClient, name: str) -> None:
    async with client:
        with pytest.raises(ConfigError) as caught:
            _rows(client, name, {"leader_id": ""})
    assert caught.value.field == "leader_id"


# ------------------------------------------------------------------ when it is read


@pytest.mark.parametrize("name", LISTS)
async def test_nothing_is_read_before_the_first_row_is_wanted(
    client: CopyClient, venue: ScriptedVenue, name: str
) -> None:
    async with client:
        rows = _rows(client, name)
        await asyncio.sleep(0.02)
        assert isinstance(rows, AsyncIterator)
    assert venue.received == []


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_is_read_when_its_first_row_is_wanted(client: CopyClient, venue: ScriptedVenue, name: str) -> None:
    venue.on(f"/{name}", by_cursor({"": ids("1", "2", following="b"), "b": ids("3")}))
    async with client:
        asked = [(_id(row), len(venue.received)) async for row in _rows(client, name)]
    assert asked == [("1", 1), ("2", 1), ("3", 2)]


@pytest.mark.parametrize("name", LISTS)
async def test_a_loop_left_early_reads_no_more_and_ends_cleanly(
    client: CopyClient, venue: ScriptedVenue, name: str
) -> None:
    venue.on(f"/{name}", by_cursor({"": ids("1", "2", following="b"), "b": ids("3")}))
    async with client:
        rows = _rows(client, name)
        async for row in rows:
            assert _id(row) == "1"
            break
        assert isinstance(rows, AsyncGenerator)
        await rows.aclose()
        assert [_id(row) async for row in rows] == []
    assert len(venue.received) == 1


async def test_a_loop_left_early_and_forgotten_warns_of_nothing(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/leaders", by_cursor({"": ids("1", "2", following="b")}))
    async with client:
        async for _ in client.leaders(exchange="bazaar"):
            break
        gc.collect()
        await asyncio.sleep(0)
        assert (await anext(client.leaders(exchange="bazaar"))).leader_id == "1"
    gc.collect()


async def test_a_loop_that_fails_half_way_is_over(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/leaders", ids("1", following="b"), CUT)
    async with client:
        rows = client.leaders(exchange="bazaar")
        assert (await anext(rows)).leader_id == "1"
        with pytest.raises(VenueUnavailableError):
            await anext(rows)
        with pytest.raises(StopAsyncIteration):
            await anext(rows)


async def test_two_loops_over_one_list_do_not_disturb_each_other(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/leaders", by_cursor({"": ids("1", following="b"), "b": ids("2")}))
    async with client:
        first, second = client.leaders(exchange="bazaar"), client.leaders(exchange="bazaar")
        found = [(await anext(rows)).leader_id for rows in (first, second, first, second)]
    assert found == ["1", "1", "2", "2"]


# ------------------------------------------------------------------ where it ends


@pytest.mark.parametrize("name", LISTS)
async def test_an_empty_page_in_the_middle_is_not_the_end(client: CopyClient, venue: ScriptedVenue, name: str) -> None:
    pages = {"": ids("1", following="b"), "b": page(following="c"), "c": page(following="d"), "d": ids("2")}
    venue.on(f"/{name}", by_cursor(pages))
    assert await _ids(client, name) == ["1", "2"]


@pytest.mark.parametrize("name", LISTS)
async def test_a_cursor_that_repeats_at_once_is_the_end(client: CopyClient, venue: ScriptedVenue, name: str) -> None:
    venue.on(f"/{name}", by_cursor({"": ids("1", following="b"), "b": ids("2", following="b")}))
    assert await _ids(client, name) == ["1", "2"]
    assert cursors(venue, f"/{name}") == ["", "b"]


@pytest.mark.parametrize("length", [2, 3, 4, 5, 8, 11])
@pytest.mark.parametrize("before", [1, 2, 5])
async def test_cursors_that_go_round_in_a_circle_end_after_every_row_was_seen(
    client: CopyClient, venue: ScriptedVenue, before: int, length: int
) -> None:
    names = ["", *map(str, range(1, before + length))]
    following = [*names[1:], names[before]]
    pages = {name: ids(name, following=after) for name, after in zip(names, following, strict=True)}
    venue.on("/leaders", by_cursor(pages))
    found = await _ids(client, "leaders")
    assert set(found) == set(names)
    assert len(found) <= 4 * len(names)


async def test_a_circle_of_empty_pages_ends_too(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/leaders", by_cursor({"": page(following="b"), "b": page(following="c"), "c": page(following="b")}))
    assert await _ids(client, "leaders") == []


# ------------------------------------------------------------------ in how much memory


ROWS_OF_A_PAGE = 100


@attrs.frozen(kw_only=True)
class Endless(Bazaar):
    """Show many leaders without asking anybody."""

    pages: int = 0

    def leaders(self, cursor: str | None) -> Generator[Call[Any], Any, Page[FollowedLeader]]:
        number = int(cursor or 0)
        rows = tuple(
            FollowedLeader(exchange=self.name, leader_id=f"{number}.{row}", raw={"row": row})
            for row in range(ROWS_OF_A_PAGE)
        )
        yield from ()
        return Page(rows, str(number + 1) if number + 1 < self.pages else None)


async def _peak(pages: int) -> tuple[int, int]:
    """Return how many rows ``pages`` pages have, and the most memory that reading them takes."""
    adapter = Endless(pages=pages)
    count = 0
    async with CopyClient() as client:
        tracemalloc.start()
        try:
            async for _ in client.leaders(exchange=adapter):
                count += 1
            return count, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


async def test_a_long_list_takes_no_more_memory_than_a_short_one() -> None:
    await _peak(2)
    _, short = await _peak(5)
    count, long = await _peak(1000)
    assert count == 100_000
    assert long < 2 * short


# ------------------------------------------------------------------ what is read at once


@pytest.mark.parametrize(("asked", "query"), [({}, ""), ({"leader_id": "7"}, "?leader=7")])
async def test_the_pairs_that_can_be_copied_are_read(
    client: CopyClient, venue: ScriptedVenue, asked: Mapping[str, Any], query: str
) -> None:
    venue.on("/symbols", page({"symbol": "BTC/USDT"}, {"symbol": "龙虾/USDT"}))
    async with client:
        found = await client.symbols(exchange="bazaar", **asked)
    assert found == tuple(SymbolLimits(exchange="bazaar", symbol=Pair(base, "USDT")) for base in ("BTC", "龙虾"))
    assert [request.target for request in venue.received] == [f"/symbols{query}"]


async def test_a_leader_is_read(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/leader", ids("7"))
    async with client:
        assert await client.leader("7", exchange="bazaar") == LeaderProfile(exchange="bazaar", leader_id="7")
    assert [request.target for request in venue.received] == ["/leader?leader=7"]


@pytest.mark.parametrize("name", ["symbols", "leader"])
async def test_what_can_be_no_leader_is_not_asked_for(client: CopyClient, venue: ScriptedVenue, name: str) -> None:
    async with client:
        with pytest.raises(ConfigError) as caught:
            await getattr(client, name)(leader_id="1 2", exchange="bazaar")
    assert caught.value.field == "leader_id"
    assert venue.received == []


@pytest.mark.parametrize(("answer", "level"), [(page(), Level.FINE), (NO, Level.PROBLEM)], ids=["fine", "refused"])
async def test_a_key_is_checked_by_reading(
    client: CopyClient, venue: ScriptedVenue, answer: Reply, level: Level
) -> None:
    venue.on("/account", answer)
    async with client:
        findings = await client.check(exchange="bazaar")
    assert [(type(finding), finding.topic, finding.level) for finding in findings] == [(Finding, "key", level)]
    assert [request.method for request in venue.received] == ["GET"]


@pytest.mark.parametrize(
    ("off_ms", "level", "told"),
    [(0, Level.FINE, ""), (600_000, Level.WARNING, "ahead of this one"), (-600_000, Level.WARNING, "behind this one")],
)
async def test_a_clock_that_is_off_is_found_before_money_moves(off_ms: int, level: Level, told: str) -> None:
    async with Sandbox("xt") as sandbox, sandbox.client() as client:
        sandbox.venue("xt").now_ms = lambda: time.time_ns() // 1_000_000 + off_ms
        clock, *_ = await client.check(exchange="xt")
    assert (clock.topic, clock.level) == ("clock offset", level)
    assert told in clock.told
    assert bool(clock.advice) == (level is Level.WARNING)


@pytest.mark.parametrize("exchange", ["bitget", "bitget-spot", "okx", "xt", "xt-futures"])
async def test_an_exchange_that_cannot_be_reached_is_a_finding(exchange: str) -> None:
    async with CopyClient(
        credentials={exchange: Credentials("key-0001", "secret-0001", "phrase-0001")},
        base_urls={exchange: "http://127.0.0.1:9"},
    ) as client:
        findings = await client.check(exchange=exchange)
    problem = next(finding for finding in findings if finding.level is Level.PROBLEM)
    assert "no connection to http://127.0.0.1:9" in problem.told
    assert problem.advice


async def test_the_venues_refusal_to_read_is_raised(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/leader", NO)
    async with client:
        with pytest.raises(VenueError) as caught:
            await client.leader("7", exchange="bazaar")
    assert caught.value.code == "no"


async def test_a_plug_in_that_trips_over_a_row_says_so_without_telling_what_was_in_it(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    venue.on("/leaders", page({"secret": "key-0003"}))
    async with client:
        with pytest.raises(VenueUnavailableError, match="the adapter tripped while reading: KeyError") as caught:
            await anext(client.leaders(exchange="bazaar"))
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
