"""Run a coroutine on a clock that stands still while anything happens, and skips whatever nobody works in.

Sockets are real. Only when nothing is under way on any of them, the clock jumps to what is due next: ten seconds of
patience take a hundredth of one, and no time-out comes early because the machine is busy.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")
GRACE: Final = 0.005
"""Seconds in which something must happen on a socket of this machine, where anything is to happen at all."""


class _Selector(selectors.DefaultSelector):
    """Wait for the grace at most, and tell the time by what was not waited for."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(min(timeout, GRACE) if timeout else timeout)
        if timeout and not events:
            self.now += timeout
        return events


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Return what ``main`` returns."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(main)
