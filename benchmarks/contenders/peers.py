"""What other HTTP and limiter libraries take for the same, in their own environment."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from typing import Any, Final

from contenders import ready
from contenders.sampling import Sample, against_window, cpu_under_load

_TOO_MANY: Final = 429


@asynccontextmanager
async def _httpx(origin: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    httpx: Any = import_module("httpx")  # not installed where types are checked
    body, path = ready.body("bitget", 1), ready.PATHS["bitget"]
    async with httpx.AsyncClient(limits=httpx.Limits(), timeout=60) as client:

        async def call() -> bool:
            data = json.dumps(body, separators=(",", ":")).encode()
            now_ms = time.time_ns() // 1_000_000
            digest = hmac.new(ready.SECRET.encode(), f"{now_ms}POST{path}".encode() + data, hashlib.sha256).digest()
            headers = {
                "ACCESS-KEY": ready.KEY,
                "ACCESS-SIGN": b64encode(digest).decode(),
                "ACCESS-TIMESTAMP": str(now_ms),
                "ACCESS-PASSPHRASE": ready.PASSPHRASE,
                "Content-Type": "application/json",
            }
            answer = await client.post(origin + path, content=data, headers=headers)
            return bool(answer.json()["code"] != "00000")

        yield call


def sample_httpx(*, origin: str, concurrent: int, calls: int) -> Sample:
    """Measure the HTTP library alone, a ready dictionary signed as with the other."""
    return cpu_under_load(partial(_httpx, origin), concurrent, calls)


@asynccontextmanager
async def _limited(origin: str, acquire: Callable[[], Callable[[], Awaitable[object]]]) -> AsyncIterator[Any]:
    aiohttp: Any = import_module("aiohttp")
    wait = acquire()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call() -> bool:
            await wait()
            async with session.get(f"{origin}/settings") as answer:
                await answer.read()
                return bool(answer.status == _TOO_MANY)

        yield call


def sample_aiolimiter(*, origin: str, round_trip: int, calls: int, requests: int) -> Sample:
    """Measure a leaky bucket."""
    opened = partial(
        _limited,
        f"{origin}/window/{round_trip}/aiolimiter",
        lambda: import_module("aiolimiter").AsyncLimiter(requests, 1).acquire,
    )
    return against_window(opened, calls, requests=requests, round_trip=round_trip)


def sample_pyrate_limiter(*, origin: str, round_trip: int, calls: int, requests: int) -> Sample:
    """Measure its default bucket."""

    def acquire() -> Callable[[], Awaitable[object]]:
        library: Any = import_module("pyrate_limiter")
        return partial(library.Limiter(library.Rate(requests, library.Duration.SECOND)).try_acquire_async, "settings")

    opened = partial(_limited, f"{origin}/window/{round_trip}/pyrate-limiter", acquire)
    return against_window(opened, calls, requests=requests, round_trip=round_trip)
