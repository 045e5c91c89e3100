"""An exchange that can do everything, with the plainest wire that tests can script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs

import attrs
from aiohttp import web
from scripted_venue import Reply, ScriptedVenue

from unified_copy import Adapter, CopyClient, Credentials, FollowConfig, FollowSettings, OnStop
from unified_copy.adapter import Call, Limit, Plan
from unified_copy.answers import Answers
from unified_copy.errors import UnsupportedError, VenueError
from unified_copy.fields import Fields, sent
from unified_copy.pairs import Pair
from unified_copy.results import (
    KEEP,
    ClosedCopy,
    CopiedPosition,
    Finding,
    FollowedLeader,
    LeaderProfile,
    Level,
    Page,
    Price,
    Side,
    SymbolLimits,
)
from unified_copy.wire import JSON, Request, Response, encode, encode_query

T = TypeVar("T")
Row = Mapping[str, str | None]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

YES = Reply(b"ok")
NO = Reply(b"no")
LIMIT = Limit(1000, 0.01, "key", "everything")
ANSWERS = Answers(exchange="bazaar", codes={})


@attrs.frozen(kw_only=True)
class Bazaar(Adapter):
    """Do everything that a client can ask for."""

    name: ClassVar[str] = "bazaar"
    hosts: ClassVar[tuple[str, ...]] = ("https://bazaar.example",)
    forms: ClassVar[Mapping[str, Fields]] = {
        "only": {"leader_id": sent("leader"), "sizing": sent("amount"), "symbols": sent("pairs")}
    }
    after_unfollow: ClassVar[str] = "open positions stay open"

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        assert known is None
        return write("/follow", leader=config.leader_id, amount="1", pairs="x")

    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:
        if on_stop is OnStop.CLOSE_NOW:
            raise UnsupportedError("on_stop", "the bazaar never closes", self.name)
        told = {} if on_stop is None else {"on_stop": on_stop.value}
        seen = {} if known is None else {"known": "followed" if known.active else "not followed"}
        return write("/unfollow", leader=leader_id, **told, **seen)

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        def decode(response: Response) -> FollowSettings:
            active = _answer(response, {"yes": True, "no": False})
            return FollowSettings(exchange=self.name, leader_id=leader_id, active=active)

        return Call(Request("GET", "/settings", encode_query(leader=leader_id)), decode, LIMIT)

    def leaders(self, cursor: str | None) -> Plan[Page[FollowedLeader]]:
        return self._page("/leaders", None, cursor, lambda row: FollowedLeader(exchange=self.name, leader_id=_id(row)))

    def positions(self, leader_id: str | None, cursor: str | None) -> Plan[Page[CopiedPosition]]:
        return self._page("/positions", leader_id, cursor, position)

    def history(self, leader_id: str | None, cursor: str | None) -> Plan[Page[ClosedCopy]]:
        def read(row: Row) -> ClosedCopy:
            return ClosedCopy(
                exchange=self.name, position_id=_id(row), symbol=Pair("BTC", "USDT"), side=Side.LONG, leader_id="7"
            )

        return self._page("/history", leader_id, cursor, read)

    def symbols(self, leader_id: str | None) -> Generator[Call[Any], Any, tuple[SymbolLimits, ...]]:
        page = yield from self._page(
            "/symbols",
            leader_id,
            None,
            lambda row: SymbolLimits(exchange=self.name, symbol=Pair.parse(row["symbol"] or "")),
        )
        return page.items

    def leader(self, leader_id: str) -> Generator[Call[Any], Any, LeaderProfile]:
        page = yield from self._page(
            "/leader", leader_id, None, lambda row: LeaderProfile(exchange=self.name, leader_id=_id(row))
        )
        return page.items[0]

    def check(self) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
        try:
            yield from self._page("/account", None, None, _id)
        except VenueError as error:
            return (Finding("key", Level.PROBLEM, str(error), "make another key"),)
        return (Finding("key", Level.FINE, "the key may read"),)

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        return write("/close", id=position.position_id)

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        wanted = {"tp": take_profit_price, "sl": stop_loss_price}
        told = {name: "" if price is None else f"{price:f}" for name, price in wanted.items() if price is not KEEP}
        return write("/protect", id=position.position_id, **told)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        assert now_ms > 0
        headers = {**request.headers, "X-Key": credentials.key}
        return Request(request.method, request.path, request.query, headers, request.body)

    def _page(
        self, path: str, leader_id: str | None, cursor: str | None, read: Callable[[Row], T]
    ) -> Generator[Call[Any], Any, Page[T]]:
        asked = {name: told for name, told in (("leader", leader_id), ("cursor", cursor)) if told is not None}
        rows, following = yield from Call(Request("GET", path, encode_query(**asked)), _rows, LIMIT)
        return Page(tuple(read(row) for row in rows), following)


def position(row: Row) -> CopiedPosition:
    """Return the position that a row of the bazaar tells of; a protection without a key is one it does not show."""
    return CopiedPosition(
        exchange="bazaar",
        position_id=_id(row),
        symbol=Pair.parse(row.get("symbol") or "BTC/USDT"),
        side=Side.LONG,
        leader_id="7",
        take_profit_price=_price(row, "tp"),
        stop_loss_price=_price(row, "sl"),
        missing=frozenset(name for key, name in PROTECTIONS.items() if key not in row),
    )


PROTECTIONS = {"tp": "take_profit_price", "sl": "stop_loss_price"}


def write(path: str, **told: str) -> tuple[Call[None], ...]:
    """Return the one call of a write."""

    def decode(response: Response) -> None:
        _answer(response, {"ok": True})

    return (Call(Request("POST", path, "", JSON, encode(told)), decode, LIMIT, writes=True),)


def _answer(response: Response, meanings: Mapping[str, T]) -> T:
    """Return what a word of the bazaar means; ``no`` to what is no question of yes or no is its refusal."""
    word = response.body.decode()
    if word in meanings:
        return meanings[word]
    raise ANSWERS.refusal(word, response) if word == "no" else ANSWERS.unusable(response, "no word of the bazaar")


def _rows(response: Response) -> tuple[list[Row], str | None]:
    if response.body == b"no":
        raise ANSWERS.refusal("no", response)
    document: Any = ANSWERS.json(response, object)
    return document["rows"], document["next"]


def _id(row: Row) -> str:
    return row["id"] or ""


def _price(row: Row, key: str) -> Decimal | None:
    told = row.get(key)
    return Decimal(told) if told else None


# ------------------------------------------------------------------ scripting it


def page(*rows: Row, following: str | None = None) -> Reply:
    """Return the answer that is one page of ``rows``, and names the ``following`` one."""
    return Reply({"rows": rows, "next": following})


def ids(*names: str, following: str | None = None) -> Reply:
    """Return the answer that is one page of rows with these ids and nothing else."""
    return page(*({"id": name} for name in names), following=following)


def by_cursor(pages: Mapping[str, Reply]) -> Handler:
    """Return a step that answers each cursor with its page; the first page has none, which is ``""``."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = encode(pages[request.query.get("cursor", "")].body)
        return web.Response(body=body)

    return answer


def holding() -> tuple[Handler, asyncio.Event]:
    """Return a step that answers too late, and an event that is set once it was asked."""
    asked = asyncio.Event()

    async def answer(_: web.Request) -> web.StreamResponse:
        asked.set()
        await asyncio.sleep(3)
        return web.Response(body=b"ok")

    return answer, asked


def cursors(venue: ScriptedVenue, path: str) -> Sequence[str]:
    """Return the cursor of every page that was asked for, ``""`` for the first."""
    return [parse_qs(request.target.partition("?")[2]).get("cursor", [""])[0] for request in venue.sent(path)]


def client_of(
    venue: ScriptedVenue, adapter: Adapter | None = None, *, timeout: float = 0.5, journal: Path | None = None
) -> CopyClient:
    """Return a client whose bazaar is ``venue``."""
    used = adapter or Bazaar()
    return CopyClient(
        credentials={used.name: Credentials("key-0003", "secret-0003")},
        base_urls={used.name: venue.url},
        adapters=[used],
        timeout=timeout,
        journal=journal,
    )
