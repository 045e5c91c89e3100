"""Send the calls of one account: plans and writes, and reading back until it is clear what became of a write."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import attrs

from unified_copy.credentials import Credentials
from unified_copy.errors import (
    ClockError,
    CredentialsError,
    OutcomeUnknownError,
    RateLimitedError,
    TransportError,
    UnifiedCopyError,
    VenueError,
    VenueUnavailableError,
)
from unified_copy.limits import Limiter
from unified_copy.transport import LostAnswerError, Transport, checked_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unified_copy.adapter import Adapter, Call, Plan
    from unified_copy.errors import Difference
    from unified_copy.wire import Request

T = TypeVar("T")

VERIFY_SECONDS: Final = 10.0
"""How long reading back may take beyond the requests' own time-out."""
FIRST_PAUSE: Final = 0.25
"""Seconds between the first two looks; each further pause is twice as long."""
MAX_REPEATS: Final = 3
"""How often a call that was refused for its rate is repeated."""


@attrs.define
class Shared:
    """Hold what all accounts of one client share."""

    transport: Transport
    adapters: Mapping[str, Adapter]
    origins: Mapping[str, str]
    limiter: Limiter = attrs.field(factory=Limiter)
    clock_offsets: dict[str, int] = attrs.field(factory=dict)
    """Milliseconds that each origin's clock is ahead of ours, measured after a refusal."""


@attrs.frozen
class Lost:
    """Hold the unsigned request whose answer is not known, and why."""

    request: Request
    reason: str


@attrs.frozen
class Seen(Generic[T]):
    """Hold what a few looks at the venue came to."""

    state: T | None = None
    """What the venue showed at the last look; ``None`` where it could not be read."""
    differences: tuple[Difference, ...] = ()
    """How it differs from what was wanted."""
    cause: UnifiedCopyError | None = None
    """Why the last look failed."""


@attrs.frozen
class Look(Generic[T]):
    """Say how to look whether a write has taken effect."""

    plan: Callable[[], Plan[T]]
    compare: Callable[[T], tuple[Difference, ...]]
    """Return how what is shown differs from what was wanted."""
    unseen: Callable[[T | None], tuple[str, ...]] = lambda _: ()
    """Return what looking cannot confirm."""


class Session:
    """Send for one account, over what it shares with others."""

    def __init__(self, shared: Shared, credentials: Mapping[str, Credentials] | None) -> None:
        """Take the credentials by exchange name; ``None`` stands for the environment."""
        self.shared = shared
        self._credentials = credentials

    # ------------------------------------------------------------------ writing and reading back

    async def write(
        self, adapter: Adapter, calls: tuple[Call[None], ...], look: Look[T] | None, *, verify: bool = True
    ) -> Seen[T]:
        """Send every call of one write, then look whether it took effect.

        Without ``verify`` it looks only after a lost answer. Raises what the venue refuses with, and
        ``OutcomeUnknownError`` where an answer was lost and looking does not settle it.
        """
        lost = await self._send_all(adapter, calls)
        if lost is None and not verify:
            return Seen()
        seen = await self._read_back(adapter, look) if look else Seen[T]()
        unseen = look.unseen(seen.state) if look else ("outcome",)
        if lost is not None and (seen.state is None or seen.differences or unseen):
            raise OutcomeUnknownError(adapter.name, lost.request, lost.reason, seen.state, seen.differences)
        return seen

    async def _send_all(self, adapter: Adapter, calls: tuple[Call[None], ...]) -> Lost | None:
        """Send the calls one after the other; stop at the first lost answer and return it."""
        for done, call in enumerate(calls):
            try:
                await self.call(adapter, call)
            except (LostAnswerError, VenueUnavailableError) as error:
                return Lost(call.request, str(error))
            except UnifiedCopyError as error:
                if done:
                    error.add_note(f"the first {done} of {len(calls)} calls of this write took effect")
                raise
        return None

    async def _read_back(self, adapter: Adapter, look: Look[T]) -> Seen[T]:
        """Look a few times, with growing pauses, until what is shown is what was wanted or time is up."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + VERIFY_SECONDS
        pause = FIRST_PAUSE
        while True:
            seen = await self._look(adapter, look, deadline)
            as_wanted = seen.state is not None and not seen.differences
            hopeless = seen.cause is not None and not _worth_repeating(seen.cause)
            if as_wanted or hopeless or clock() + pause > deadline:
                return seen
            await asyncio.sleep(pause)
            pause *= 2

    async def _look(self, adapter: Adapter, look: Look[T], deadline: float) -> Seen[T]:
        try:
            async with asyncio.timeout_at(deadline):
                shown = await self.run(adapter, look.plan())
        except UnifiedCopyError as error:
            return Seen(cause=error)
        except TimeoutError:
            why = f"reading back took more than {VERIFY_SECONDS:g} s"
            return Seen(cause=VenueUnavailableError(adapter.name, "no answer", why))
        return Seen(shown, look.compare(shown))

    # ------------------------------------------------------------------ plans and calls

    async def run(self, adapter: Adapter, plan: Plan[T]) -> T:
        """Send the calls of a plan one after the other, and hand each answer or error back to it."""
        steps = iter(plan)
        answer: Any = None
        failure: UnifiedCopyError | None = None
        while True:
            try:
                call = steps.throw(failure) if failure else steps.send(answer)
            except StopIteration as finished:
                result: T = finished.value
                return result
            except UnifiedCopyError:
                raise
            except Exception as error:  # noqa: BLE001 (after a write this must not look like a refusal, whatever went wrong)
                # Its text may quote an answer, and so a secret.
                reason = f"the adapter tripped while reading: {type(error).__name__}"
                raise VenueUnavailableError(adapter.name, "no answer", reason) from None
            answer = failure = None
            try:
                answer = await self.call(adapter, call)
            except LostAnswerError as error:
                failure = VenueUnavailableError(adapter.name, "no answer", str(error))
            except UnifiedCopyError as error:
                failure = error

    async def call(self, adapter: Adapter, call: Call[T]) -> T:
        """Send one call and decode its answer.

        A call that the venue refused unseen is sent again: after too many requests, where the venue or its adapter
        says how long to wait, and once after a refused timestamp, with the clock set right.
        """
        repeats, synced = 0, False
        while True:
            try:
                return await self._send(adapter, call)
            except RateLimitedError as error:
                if repeats == MAX_REPEATS or error.retry_after is None or error.retry_after > VERIFY_SECONDS:
                    raise
                repeats += 1
                await asyncio.sleep(error.retry_after)
            except ClockError:
                if synced or await self.measure_clock(adapter) is None:
                    raise
                synced = True

    async def _send(self, adapter: Adapter, call: Call[T]) -> T:
        shared = self.shared
        origin = self._origin(adapter)
        credentials = self._credentials_for(adapter) if call.signed else None
        holder = origin if credentials is None or call.limit.per == "ip" else credentials.key
        async with shared.limiter.permit(adapter.name, call.limit, holder, lost_for=shared.transport.timeout):
            request = call.request
            if credentials is not None:
                now_ms = time.time_ns() // 1_000_000 + shared.clock_offsets.get(origin, 0)
                request = adapter.sign(request, credentials, now_ms=now_ms)
            response = await shared.transport.send(adapter.name, origin, request)
        scrubbed = credentials.scrubbed if credentials is not None else str
        try:
            return call.decode(response)
        except VenueError as error:
            error.venue_message = scrubbed(error.venue_message)
            raise
        except Exception as error:  # noqa: BLE001 (after a write this must not look like a refusal, whatever went wrong)
            reason = f"the adapter could not read the answer: {scrubbed(f'{type(error).__name__}: {error}')}"
            raise VenueUnavailableError(adapter.name, f"HTTP {response.status}", reason) from None

    async def measure_clock(self, adapter: Adapter) -> int | None:
        """Measure by how many milliseconds the venue's clock is ahead, half the round trip taken off.

        What is measured is what requests are signed by from then on. ``None`` where the venue has no clock or did
        not answer.
        """
        call = adapter.time()
        if call is None:
            return None
        before = time.time_ns()
        try:
            theirs = await self._send(adapter, call)
        except UnifiedCopyError:
            return None
        ahead = theirs - (before + time.time_ns()) // 2_000_000
        self.shared.clock_offsets[self._origin(adapter)] = ahead
        return ahead

    # ------------------------------------------------------------------ whose and where

    def _origin(self, adapter: Adapter) -> str:
        return self.shared.origins.get(adapter.name) or checked_origin(adapter.name, adapter.hosts[0])

    def _credentials_for(self, adapter: Adapter) -> Credentials:
        if self._credentials is None:
            return Credentials.from_env(adapter.name)
        if adapter.name in self._credentials:
            return self._credentials[adapter.name]
        reason = f"no credentials were passed for it, only for: {', '.join(self._credentials) or 'none'}"
        raise CredentialsError(adapter.name, reason)


def _worth_repeating(cause: UnifiedCopyError) -> bool:
    return isinstance(cause, VenueUnavailableError | RateLimitedError | TransportError)
