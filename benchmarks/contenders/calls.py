"""One call over loopback, and many against a limit: this library, and its HTTP library alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import ClassVar, Final

import aiohttp
import attrs
import msgspec

from contenders import memory, ready, signing
from contenders.sampling import Sample, against_window, cpu_under_load
from unified_copy import Adapter, CopyClient, Credentials, FollowConfig, FollowSettings
from unified_copy.adapter import Call, Limit
from unified_copy.errors import RateLimitedError
from unified_copy.fields import Fields, sent
from unified_copy.wire import JSON, Request, Response, encode
from unified_copy_bitget.adapter import BitgetAdapter
from unified_copy_bitget.product import answers, confirm

_TOO_MANY: Final = 429
_FREE: Final = Limit(1_000_000, 1.0, "uid", "free")
_ANSWERS: Final = answers(BitgetAdapter.name)
_CREDENTIALS: Final = Credentials(ready.KEY, ready.SECRET, ready.PASSPHRASE)


@attrs.frozen(kw_only=True)
class UnlimitedBitget(BitgetAdapter):
    """Be Bitget without its limit, which would make every measure one of waiting.

    An account for each call would do as well, and measure how accounts are made.
    """

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Return the same call with a limit that is never reached."""
        return tuple(msgspec.structs.replace(call, limit=_FREE) for call in super().follow(config, known))

    def settings(self, leader_id: str) -> Call[FollowSettings]:  # type: ignore[override]  # one call is a plan
        """Return one call that sends a ready body, to measure the way there and back alone."""
        body = encode(ready.body("bitget", 1))

        def decode(response: Response) -> FollowSettings:
            confirm(_ANSWERS, response)
            return FollowSettings(exchange=self.name, leader_id=leader_id, active=False, missing=frozenset())

        return Call(Request("POST", ready.PATHS["bitget"], "", JSON, body), decode, _FREE)


def _client(origin: str) -> CopyClient:
    return CopyClient(
        credentials={"bitget": _CREDENTIALS}, base_urls={"bitget": origin}, adapters=[UnlimitedBitget()], timeout=60
    )


@asynccontextmanager
async def _call(origin: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    async with _client(origin) as client:

        async def call() -> bool:
            return (await client.settings(ready.LEADER, exchange="bitget")).active

        yield call


@asynccontextmanager
async def _follow(origin: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    wanted = signing.config("bitget", 1)
    async with _client(origin) as client:

        async def call() -> bool:
            return (await client.follow(wanted, exchange="bitget", verify=False)).status == "applied"

        yield call


@asynccontextmanager
async def _bare(origin: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    signed, body = signing.standard_library("bitget"), ready.body("bitget", 1)
    url = origin + ready.PATHS["bitget"]
    decode = msgspec.json.decode
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call() -> bool:
            data, headers = signed(body, time.time_ns() // 1_000_000)
            async with session.post(url, data=data, headers=headers) as answer:
                return bool(decode(await answer.read())["code"] != "00000")

        yield call


def sample_call(*, origin: str, concurrent: int, calls: int) -> Sample:
    """Measure one call of the client: a ready dictionary encoded, signed and sent, the answer judged."""
    return cpu_under_load(partial(_call, origin), concurrent, calls)


def sample_follow(*, origin: str, concurrent: int, calls: int) -> Sample:
    """Measure a whole follow but for reading back: a config translated, every field accounted for, and the call."""
    return cpu_under_load(partial(_follow, origin), concurrent, calls)


def sample_bare(*, origin: str, concurrent: int, calls: int) -> Sample:
    """Measure the HTTP library alone: a ready dictionary encoded and signed, the answer decoded."""
    return cpu_under_load(partial(_bare, origin), concurrent, calls)


# ------------------------------------------------------------------ limits


@attrs.frozen(kw_only=True)
class Windowed(Adapter):
    """Be a venue of which nothing matters but that it counts requests."""

    name: ClassVar[str] = "windowed"
    hosts: ClassVar[tuple[str, ...]] = ("https://windowed.example",)
    forms: ClassVar[Mapping[str, Fields]] = {"follow": {"leader_id": sent("leader")}}

    requests: int
    """How many requests a second the venue allows."""

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (nothing is written)
        """Return nothing."""
        return ()

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        """Return one call, of which the venue counts every one."""

        def decode(response: Response) -> FollowSettings:
            if response.status == _TOO_MANY:
                raise RateLimitedError(self.name, str(response.status), "too many requests")
            return FollowSettings(exchange=self.name, leader_id=leader_id, active=False, missing=frozenset())

        return Call(Request("GET", "/settings"), decode, Limit(self.requests, 1.0, "uid", "settings"))

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:  # noqa: ARG002 (the venue knows nobody)
        """Return the request as it is."""
        return request


@asynccontextmanager
async def _windowed(origin: str, requests: int) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    async with CopyClient(
        credentials={"windowed": _CREDENTIALS},
        base_urls={"windowed": origin},
        adapters=[Windowed(requests=requests)],
        timeout=60,
    ) as client:

        async def call() -> bool:
            try:
                await client.settings(ready.LEADER, exchange="windowed")
            except RateLimitedError:
                return True
            return False

        yield call


def sample_limits(*, origin: str, round_trip: int, calls: int, requests: int) -> Sample:
    """Measure the client's own limiter."""
    opened = partial(_windowed, f"{origin}/window/{round_trip}/unified-copy", requests)
    return against_window(opened, calls, requests=requests, round_trip=round_trip)


# ------------------------------------------------------------------ accounts

_CALLERS: Final = 20


def sample_accounts(*, origin: str, accounts: int) -> Sample:
    """Measure what each account adds that has made a call, and how many connections they all share."""

    async def follow_with_all() -> dict[str, float]:
        wanted = signing.config("bitget", 1)
        async with CopyClient(credentials={}, base_urls={"bitget": origin}) as client:

            async def caller(names: list[str]) -> list[CopyClient]:
                clients = []
                for name in names:
                    credentials = Credentials(f"key-{name}", f"secret-{name}", ready.PASSPHRASE)
                    clients.append(client.with_credentials({"bitget": credentials}))
                    await clients[-1].follow(wanted, exchange="bitget", verify=False)
                return clients

            async def callers(names: list[str]) -> list[list[CopyClient]]:
                return await asyncio.gather(*(caller(names[first::_CALLERS]) for first in range(_CALLERS)))

            await callers([f"early-{number}" for number in range(_CALLERS)])
            before = memory.resident()
            kept = await callers([str(number) for number in range(accounts)])
            after = memory.resident()
            opened = await _connections(origin) - 1 - known
            del kept
            return {"KiB": (after - before) / accounts / 1024, "connections": opened}

    known = asyncio.run(_connections(origin))
    return lambda: asyncio.run(follow_with_all())


async def _connections(origin: str) -> int:
    """Ask the server how many connections were ever opened, the one it is asked over among them."""
    async with aiohttp.ClientSession() as session, session.get(f"{origin}/connections") as answer:
        return int(await answer.text())
