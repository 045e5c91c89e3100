"""Send the calls of one account, over what it shares with others, and repeat only what a venue refused unseen."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from unified_copy.credentials import Credentials
from unified_copy.errors import (
    ClockError,
    CredentialsError,
    RateLimitedError,
    UnifiedCopyError,
    VenueError,
    VenueUnavailableError,
)
from unified_copy.limits import Limiter
from unified_copy.transport import LostAnswerError, Transport, checked_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unified_copy.adapter import Adapter, Call, Plan

T = TypeVar("T")

LONGEST_PAUSE: Final = 10.0
"""Seconds; a venue that asks for more patience gets none, and its refusal is raised."""
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


class Account:
    """Send for one account, over what it shares with others."""

    def __init__(self, shared: Shared, credentials: Mapping[str, Credentials] | None) -> None:
        """Take the credentials by exchange name; ``None`` stands for the environment."""
        self.shared = shared
        self._credentials = credentials

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
                if repeats == MAX_REPEATS or error.retry_after is None or error.retry_after > LONGEST_PAUSE:
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
