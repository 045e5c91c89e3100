"""What ccxt takes for the same, in its own environment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from typing import Any, Final

from contenders import memory, ready
from contenders.sampling import Sample, against_window, cpu_of, cpu_under_load

_GROUPS: Final = {"bitget": ["private", "copy"], "xt": ["private", "spot"]}
_PREFIXES: Final = {"bitget": "/api/", "xt": "/v4/"}
_CREDENTIALS: Final = {"apiKey": ready.KEY, "secret": ready.SECRET, "password": ready.PASSPHRASE}


def _exchange(name: str, module: str = "ccxt.async_support", /, **options: object) -> Any:  # noqa: ANN401 (ccxt is not installed where types are checked)
    return getattr(import_module(module), name)({**_CREDENTIALS, **options})


def _path(exchange: str) -> str:
    return ready.PATHS[exchange].removeprefix(_PREFIXES[exchange])


def sample_sign(*, exchange: str, symbols: int, calls: int) -> Sample:
    """Measure ``sign``, from a ready dictionary to the bytes that ccxt's client sends."""
    client = _exchange(exchange, "ccxt")
    body, path, group = ready.body(exchange, symbols), _path(exchange), _GROUPS[exchange]

    def signed() -> bytes:
        data: str = client.sign(path, group, "POST", body)["body"]
        return data.encode()

    return cpu_of(signed, calls)


@asynccontextmanager
async def _opened(origin: str, **options: object) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    client = _exchange("bitget", **options)
    ccxt: Any = import_module("ccxt")
    client.urls["api"]["copy"] = origin
    body, path, group = ready.body("bitget", 1), _path("bitget"), _GROUPS["bitget"]
    cost = {"cost": 2}  # ccxt's own for this path

    async def call() -> bool:
        try:
            await client.request(path, group, "POST", body, cost)
        except (ccxt.RateLimitExceeded, ccxt.DDoSProtection):
            return True
        return False

    try:
        yield call
    finally:
        await client.close()


def sample_loopback(*, origin: str, concurrent: int, calls: int) -> Sample:
    """Measure one signed call, with its throttle off."""
    return cpu_under_load(partial(_opened, origin, enableRateLimit=False), concurrent, calls)


def sample_limits(*, origin: str, round_trip: int, calls: int, requests: int) -> Sample:
    """Measure the throttle as shipped."""
    opened = partial(_opened, f"{origin}/window/{round_trip}/ccxt")
    return against_window(opened, calls, requests=requests, round_trip=round_trip)


def sample_accounts(*, origin: str, accounts: int) -> Sample:
    """Measure the memory of one client object per account, none of which connects."""
    del origin
    _exchange("bitget")
    return memory.per_account(lambda: [_exchange("bitget") for _ in range(accounts)], accounts)
