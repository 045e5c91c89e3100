"""How samples are taken. Needs nothing but the standard library, so that it runs in every environment."""

from __future__ import annotations

import asyncio
import gc
import time
import timeit
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

Sample = Callable[[], dict[str, float]]
Opened = Callable[[], AbstractAsyncContextManager[Callable[[], Awaitable[bool]]]]
"""Opens connections and gives a function that makes one call and tells whether it was refused."""


def cpu_of(function: Callable[[], object], calls: int) -> Sample:
    """Return what measures the microseconds of processor time that one call of ``function`` takes."""
    timer = timeit.Timer(function, timer=time.process_time)
    timer.timeit(max(1, calls // 10))
    return lambda: {"us": timer.timeit(calls) / calls * 1e6}


def cpu_under_load(opened: Opened, concurrent: int, calls: int) -> Sample:
    """Return what measures the microseconds of processor time per call, with ``concurrent`` callers at it."""

    async def caller(call: Callable[[], Awaitable[bool]], times: int) -> None:
        for _ in range(times):
            await call()

    async def load() -> dict[str, float]:
        async with opened() as call:
            await asyncio.gather(*(caller(call, 2) for _ in range(concurrent)))
            gc.collect()
            times = max(1, calls // concurrent)
            before = time.process_time()
            await asyncio.gather(*(caller(call, times) for _ in range(concurrent)))
            return {"us": (time.process_time() - before) / (concurrent * times) * 1e6}

    return lambda: asyncio.run(load())


def against_window(opened: Opened, calls: int, *, requests: int, round_trip: float) -> Sample:
    """Return what makes ``calls`` calls at once against a window of one second, and counts the refusals.

    The ideal is a window's worth of ``requests`` at once, the next when the second is over, and one round trip.
    """
    ideal = (calls - 1) // requests + round_trip / 1000

    async def rush() -> dict[str, float]:
        await asyncio.sleep(1)  # the window may still hold what the sample before sent
        async with opened() as call:
            before = time.perf_counter()
            refusals = sum(await asyncio.gather(*(call() for _ in range(calls))))
            took = time.perf_counter() - before
            return {"refusals": refusals, "s": took, "over": (took / ideal - 1) * 100}

    return lambda: asyncio.run(rush())
