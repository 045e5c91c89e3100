"""Keep the venues' clocks, so that requests are signed by theirs where ours is off."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CLOCK_TOLERANCE_MS: Final = 1000
"""How far two clocks may be apart before it matters: the strictest venue refuses a time of more than this ahead."""


@attrs.define(eq=False)
class Clock:
    """Know by how much the clock behind one origin is ahead of ours, once that was measured."""

    ahead: int = 0
    """Milliseconds."""
    turn: int = 0
    """How often it was measured, with or without success."""
    _told: int | None = None
    _measuring: asyncio.Lock = attrs.field(factory=asyncio.Lock)

    def now_ms(self) -> int:
        """Return the venue's time, in milliseconds since 1970, as far as it is known."""
        return time.time_ns() // 1_000_000 + self.ahead

    async def measure(self, ask: Callable[[], Awaitable[int | None]], *, since: int | None = None) -> int | None:
        """Return by how many milliseconds it is ahead by ``ask``; ``None`` where that comes to nothing.

        What is measured is what ``now_ms`` goes by from then on. With ``since``, a measurement that another caller has
        made after that turn is taken for this one, so that those who were refused together ask together.
        """
        async with self._measuring:
            if since is None or since == self.turn:
                self._told = await ask()
                self.turn += 1
                if self._told is not None:
                    self.ahead = self._told
            return self._told
