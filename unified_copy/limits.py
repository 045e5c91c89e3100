"""Keep to the venues' limits without ever being refused for asking too often.

A permit comes back one window after its answer arrived. The venue counted the request somewhere between sending and
answering, so no window of the venue's can hold more requests than there are permits, whatever the network does.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from unified_copy.errors import AdapterError, ConfigError, CredentialsError, TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from unified_copy.adapter import Limit

NOTHING_SENT: Final = (AdapterError, ConfigError, CredentialsError, TransportError)


class Limiter:
    """Hold the permits of one process, shared by all its accounts."""

    def __init__(self) -> None:
        """Start with every permit free."""
        self._permits: dict[tuple[str, str, str], asyncio.Semaphore] = {}

    @asynccontextmanager
    async def permit(self, exchange: str, limit: Limit, holder: str, *, lost_for: float) -> AsyncIterator[None]:
        """Wait for a permit of ``limit``, and give it back one window after the block is left.

        ``holder`` is who the venue counts by: the key, or the address for limits per IP. After an error the request
        may still be on its way, so the permit is held for ``lost_for`` more seconds; unless it was never sent.
        """
        permits = self._permits.setdefault((exchange, limit.name, holder), asyncio.Semaphore(limit.requests))
        await permits.acquire()
        held_for = limit.seconds + lost_for
        try:
            yield
            held_for = limit.seconds
        except NOTHING_SENT:
            held_for = 0.0
            raise
        finally:
            asyncio.get_running_loop().call_later(held_for, permits.release)
