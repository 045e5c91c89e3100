"""Send the calls of one account, over what it shares with others, and repeat only what a venue refused unseen."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from unified_copy.clock import CLOCK_TOLERANCE_MS, Clock
from unified_copy.credentials import SHORTEST, Credentials
from unified_copy.errors import (
    AuthenticationError,
    ClockError,
    CredentialsError,
    RateLimitedError,
    UnifiedCopyError,
    VenueError,
    VenueUnavailableError,
)
from unified_copy.limits import PATIENCE, Claim
from unified_copy.retries import PASSING, ask_again
from unified_copy.transport import LostAnswerError, Transport, Trip, checked_origin
from unified_copy.wire import added

if TYPE_CHECKING:
    from collections.abc import Callable

    from unified_copy.adapter import Adapter, Call, Limit, Plan
    from unified_copy.limits import Limiter
    from unified_copy.wire import Request

T = TypeVar("T")

UNSTATED_PAUSE: Final = PATIENCE
"""Seconds for which calls are kept back after too many requests, where nobody knows for how long the venue is deaf."""
MAX_REPEATS: Final = 3
"""How often a call that was refused for its rate is repeated."""


@attrs.define
class Shared:
    """Hold what all accounts of one client share."""

    transport: Transport
    adapters: Mapping[str, Adapter]
    origins: Mapping[str, str]
    limiter: Limiter
    clocks: defaultdict[str, Clock] = attrs.field(factory=lambda: defaultdict(Clock))
    """By origin."""


class Account:
    """Send for one account, over what it shares with others."""

    def __init__(self, shared: Shared, credentials: Mapping[str, Credentials] | None) -> None:
        """Take the credentials by exchange name; ``None`` stands for the environment.

        Raises ``CredentialsError`` for what is no mapping of names to ``Credentials``, and quotes none of it.
        """
        if credentials is not None:
            _check_credentials(credentials)
        self.shared = shared
        self._credentials = credentials
        self._claims: dict[tuple[str, str, Limit, str | None], Claim] = {}

    # ------------------------------------------------------------------ plans and calls

    async def run(self, adapter: Adapter, plan: Plan[T], *, asks_again: bool = True) -> T:
        """Send the calls of a plan one after the other, and hand each answer or error back to it.

        Without ``asks_again`` nothing is sent again after a fault, for those who look again themselves.
        """
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
                answer = await self.call(adapter, call, asks_again=asks_again)
            except LostAnswerError as error:
                failure = VenueUnavailableError(adapter.name, "no answer", str(error))
            except UnifiedCopyError as error:
                failure = error

    async def call(self, adapter: Adapter, call: Call[T], *, asks_again: bool = True) -> T:
        """Send one call and decode its answer.

        A call that the venue refused unseen is sent again: after too many requests, where the venue or its adapter
        says how long to wait, and once after a refused timestamp, with the clock set right. What only reads is sent
        again after a fault that may pass, too.
        """
        try:
            return await self._until_heard(adapter, call)
        except PASSING as fault:
            if call.writes or not asks_again:
                raise
            return await ask_again(fault, partial(self._until_heard, adapter, call))

    async def _until_heard(self, adapter: Adapter, call: Call[T]) -> T:
        clock = self.shared.clocks[self._origin(adapter)]
        repeats, synced = 0, False
        while True:
            ahead, turn = clock.ahead, clock.turn
            try:
                return await self._send(adapter, call)
            except RateLimitedError as error:
                # The limiter keeps this call back for as long as the venue asked for.
                if repeats == MAX_REPEATS or error.retry_after is None or error.retry_after > PATIENCE:
                    raise
                repeats += 1
            except (ClockError, AuthenticationError) as error:
                hidden = error.code in adapter.clock_codes
                if synced or not (hidden or isinstance(error, ClockError)):
                    raise
                measured = await self.measure_clock(adapter, since=turn)
                if measured is None or (hidden and abs(measured - ahead) <= CLOCK_TOLERANCE_MS):
                    raise
                synced = True

    async def _send(self, adapter: Adapter, call: Call[T], trip: Trip | None = None) -> T:
        shared = self.shared
        shared.transport.enter()
        origin = self._origin(adapter)
        credentials = self.credentials_for(adapter) if call.signed else None
        claim = self._claim(adapter, call, origin, credentials)
        trip = trip or Trip()
        scrubbed: Callable[[str], str] = str
        async with shared.limiter.permit(claim, lost_for=shared.transport.timeout):
            request = call.request
            if credentials is not None:
                request = adapter.sign(request, credentials, now_ms=shared.clocks[origin].now_ms())
                scrubbed = _scrubber(credentials, call.request, request)
            response = await shared.transport.send(adapter.name, origin, request, trip)
            shared.limiter.saw(origin, trip.seconds)
        failure: VenueError
        try:
            return call.decode(response)
        except VenueError as error:
            error.code, error.venue_message = scrubbed(error.code), scrubbed(error.venue_message)
            error.args = tuple(scrubbed(told) if isinstance(told, str) else told for told in error.args)
            failure = error
        except Exception as error:  # noqa: BLE001 (after a write this must not look like a refusal, whatever went wrong)
            reason = f"the adapter could not read the answer: {scrubbed(f'{type(error).__name__}: {error}')}"
            failure = VenueUnavailableError(adapter.name, f"HTTP {response.status}", reason)
        if isinstance(failure, RateLimitedError):
            pause = UNSTATED_PAUSE if failure.retry_after is None else failure.retry_after
            await shared.limiter.close(claim, pause, failure.code)
        # Without the frames that read the answer: their variables hold whatever the venue said.
        raise failure.with_traceback(None)

    async def measure_clock(self, adapter: Adapter, *, since: int | None = None) -> int | None:
        """Measure by how many milliseconds the venue's clock is ahead, half the round trip taken off.

        What is measured is what requests are signed by from then on. ``None`` where the venue has no clock or did
        not answer. With ``since``, whatever was measured after that turn of the clock will do.
        """
        return await self.shared.clocks[self._origin(adapter)].measure(partial(self._ahead, adapter), since=since)

    async def _ahead(self, adapter: Adapter) -> int | None:
        call = adapter.time()
        if call is None:
            return None
        trip = Trip()
        try:
            theirs = await self._send(adapter, call, trip)
        except UnifiedCopyError:
            return None
        # The venue read its clock halfway, neither while a permit was waited for nor while a connection was made.
        ago = asyncio.get_running_loop().time() - trip.middle
        return theirs - (time.time_ns() // 1_000_000 - round(ago * 1000))

    # ------------------------------------------------------------------ whose and where

    def _claim(self, adapter: Adapter, call: Call[Any], origin: str, credentials: Credentials | None) -> Claim:
        """Return what a call needs, which is the same for each of its kind."""
        key = None if credentials is None else credentials.key
        kind = (adapter.name, origin, call.limit, key)
        if kind not in self._claims:
            self._claims[kind] = Claim.of(adapter, call, origin, key)
        return self._claims[kind]

    def _origin(self, adapter: Adapter) -> str:
        return self.shared.origins.get(adapter.name) or checked_origin(adapter.name, adapter.hosts[0])

    def credentials_for(self, adapter: Adapter) -> Credentials:
        """Return what signs the requests to an exchange; raises ``CredentialsError`` where there is nothing."""
        if self._credentials is None:
            return Credentials.from_env(adapter.name)
        if adapter.name in self._credentials:
            return self._credentials[adapter.name]
        reason = f"no credentials were passed for it, only for: {', '.join(self._credentials) or 'none'}"
        raise CredentialsError(adapter.name, reason)

    def scrubbed(self, adapter: Adapter, text: str) -> str:
        """Return ``text`` with the credentials for an exchange redacted, where there are any."""
        try:
            return self.credentials_for(adapter).scrubbed(text)
        except CredentialsError:
            return text


def _check_credentials(credentials: object) -> None:
    if not isinstance(credentials, Mapping):
        raise CredentialsError("credentials", f"{type(credentials).__name__} is not a mapping by exchange name")
    for name, value in credentials.items():
        if not isinstance(value, Credentials):
            reason = f"pass Credentials(key, secret, passphrase), not {type(value).__name__}"
            raise CredentialsError(f"{name}", reason)


def _scrubber(credentials: Credentials, request: Request, signed: Request) -> Callable[[str], str]:
    """Return a function that redacts in a text what signs, and what was signed with it; it shows neither itself."""

    def scrubbed(text: str) -> str:
        text = credentials.scrubbed(text)
        for value in added(request, signed):
            # Times are all digits, and a message may well speak of one.
            if len(value) >= SHORTEST and not value.isdigit():
                text = text.replace(value, "***")
        return text

    return scrubbed
