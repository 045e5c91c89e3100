"""Ask again what only reads, where the fault may pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from unified_copy.errors import TransportError, UnifiedCopyError, VenueUnavailableError
from unified_copy.transport import LostAnswerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

PASSING: Final = (TransportError, LostAnswerError, VenueUnavailableError)
"""No connection, no complete answer, or no usable one. A refusal is an answer, and is never among them."""
READ_ATTEMPTS: Final = 3
"""How often a read is sent at most, the first time included."""
READ_SECONDS: Final = 20.0
"""Seconds after the first fault, beyond which a read is not sent again."""
SHORTEST_PAUSE: Final = 0.25
"""Seconds: the pause before the second attempt is up to this, before the third up to twice as long, at random."""


async def ask_again(fault: UnifiedCopyError, read: Callable[[], Awaitable[T]]) -> T:
    """Return what ``read`` comes to after it ended in ``fault`` once; raise its last fault where the budget ends."""
    # Most reads succeed at once, and neither wait for this to load nor pay for it.
    from tenacity import (  # noqa: PLC0415 (see above)
        AsyncRetrying,
        retry_if_exception_type,
        stop_after_attempt,
        stop_after_delay,
        wait_random_exponential,
    )

    first = [fault]

    async def attempt() -> T:
        if first:
            raise first.pop()
        return await read()

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(PASSING),
        stop=stop_after_attempt(READ_ATTEMPTS) | stop_after_delay(READ_SECONDS),
        wait=wait_random_exponential(multiplier=SHORTEST_PAUSE),
        reraise=True,
    )
    return await retrying(attempt)
