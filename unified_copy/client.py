"""Follow leaders, and read what is followed, on any exchange through one client.

A write is done, rejected, or unknown, and which of them is never guessed: what was lost on the way is settled by
reading back.
"""

from __future__ import annotations

import asyncio
import copy
import difflib
import time
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar

import attrs

from unified_copy.adapter import Adapter, Call, Operation, Plan
from unified_copy.credentials import Credentials
from unified_copy.errors import (
    ClockError,
    ConfigError,
    CredentialsError,
    OutcomeUnknownError,
    RateLimitedError,
    TransportError,
    UnifiedCopyError,
    UnknownExchangeError,
    VenueError,
    VenueUnavailableError,
    VerificationError,
)
from unified_copy.limits import Limiter
from unified_copy.model import checked_leader_id
from unified_copy.registry import exchanges, resolve
from unified_copy.settings import Difference, FollowSettings, differences, unverified
from unified_copy.translation import Translation, translate_with
from unified_copy.transport import LostAnswerError, Transport, checked_origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from unified_copy.model import FollowConfig
    from unified_copy.wire import Request

T = TypeVar("T")

VERIFY_SECONDS: Final = 10.0
"""How long reading back may take beyond the requests' own time-out."""
FIRST_PAUSE: Final = 0.25
"""Seconds between the first two looks; each further pause is twice as long."""
MAX_REPEATS: Final = 3
"""How often a call that was refused for its rate is repeated."""


@attrs.frozen(kw_only=True)
class FollowResult:
    """Say what became of a follow that the venue did not refuse."""

    status: Literal["applied", "accepted"]
    """``applied``: read back, and as wanted. ``accepted``: the venue said yes, and not everything could be read."""
    exchange: str
    config: FollowConfig
    settings: FollowSettings | None = None
    """What reading back showed; ``None`` where it was not or could not be read."""
    unverified: tuple[str, ...] = ()
    """The fields set off their default that reading back cannot confirm."""
    cause: UnifiedCopyError | None = None
    """Why reading back failed, where it did."""


@attrs.frozen
class _Readback:
    """Hold what a few looks at the venue came to."""

    settings: FollowSettings | None = None
    differences: tuple[Difference, ...] = ()
    cause: UnifiedCopyError | None = None


@attrs.define
class _Shared:
    """Hold what all accounts of one client share."""

    transport: Transport
    adapters: Mapping[str, Adapter]
    origins: Mapping[str, str]
    limiter: Limiter = attrs.field(factory=Limiter)
    clock_offsets: dict[str, int] = attrs.field(factory=dict)
    """Milliseconds that each origin's clock is ahead of ours, measured after a refusal."""


class CopyClient:
    """Copy leaders on any exchange; use it as an asynchronous context manager.

    ``credentials`` and ``base_urls`` are mappings by exchange name. Without ``credentials`` they come from the
    environment; with them the environment is never looked at, so that no account is used by accident. ``adapters``
    are instances to use in place of the ones the registry builds. ``timeout`` is in seconds, for one whole request.
    """

    def __init__(
        self,
        *,
        credentials: Mapping[str, Credentials] | None = None,
        base_urls: Mapping[str, str] | None = None,
        adapters: Iterable[Adapter] | None = None,
        timeout: float = 10.0,
    ) -> None:
        """Check what was given; nothing connects yet. Raises ``ConfigError`` for an unusable ``base_urls`` entry."""
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < float("inf"):
            raise ConfigError("timeout", f"{timeout!r} is no number of seconds above zero")
        self._credentials = credentials
        self._shared = _Shared(
            Transport(timeout),
            {adapter.name: adapter for adapter in adapters or ()},
            {name: checked_origin(name, url) for name, url in (base_urls or {}).items()},
        )
        for name in self._shared.origins:
            _check_name(name, self._shared.adapters)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection, of all accounts that share them."""
        await self._shared.transport.close()

    def with_credentials(self, credentials: Mapping[str, Credentials]) -> CopyClient:
        """Return a client for another account over the same connections and the same limits."""
        other = copy.copy(self)
        other._credentials = credentials  # noqa: SLF001 (a copy of this very object)
        return other

    # ------------------------------------------------------------------ operations

    async def follow(self, config: FollowConfig, *, exchange: str | Adapter, verify: bool = True) -> FollowResult:
        """Start or change the follow that ``config`` describes, and read it back.

        Returns a result whose ``status`` says how much is certain. Raises ``UnsupportedError`` before anything is
        sent for what the exchange cannot express; a ``VenueError`` where the venue refused; ``VerificationError``
        where the follow is live with other settings; ``OutcomeUnknownError`` where nobody knows; ``TransportError``
        where nothing arrived. With ``verify=False`` reading back happens only after a lost answer.
        """
        adapter = self._adapter(exchange)
        known = (
            await self._run(adapter, adapter.settings(config.leader_id))
            if Operation.FOLLOW in adapter.reads_before
            else None
        )
        translation = translate_with(adapter, config, known)
        translation.check()
        try:
            return await self._follow(adapter, translation, verify=verify)
        except asyncio.CancelledError as error:
            error.add_note(
                f"cancelled after {adapter.name} may have been sent a follow of leader {config.leader_id}; "
                "read its settings before sending anything again"
            )
            raise

    async def settings(self, leader_id: str, *, exchange: str | Adapter) -> FollowSettings:
        """Read how a leader is followed; not following is an answer with ``active=False``.

        Raises ``UnsupportedError`` where the exchange cannot tell, and a ``VenueError`` or ``TransportError`` where
        reading fails.
        """
        adapter = self._adapter(exchange)
        return await self._run(adapter, adapter.settings(checked_leader_id(leader_id)))

    # ------------------------------------------------------------------ writing and reading back

    async def _follow(self, adapter: Adapter, translation: Translation, *, verify: bool) -> FollowResult:
        config = translation.config
        lost = await self._write(adapter, translation)
        if not verify and lost is None:
            return FollowResult(
                status="accepted", exchange=adapter.name, config=config, unverified=tuple(config.chosen)
            )
        seen = await self._read_back(adapter, translation)
        open_fields = unverified(config, translation.supports, seen.settings)
        if lost is not None and (seen.settings is None or seen.differences or open_fields):
            raise OutcomeUnknownError(adapter.name, lost.request, lost.reason, seen.settings, seen.differences)
        if seen.differences:
            raise VerificationError(adapter.name, seen.differences)
        return FollowResult(
            status="accepted" if open_fields else "applied",
            exchange=adapter.name,
            config=config,
            settings=seen.settings,
            unverified=open_fields,
            cause=seen.cause,
        )

    async def _write(self, adapter: Adapter, translation: Translation) -> _Lost | None:
        """Send every call of a translation; stop at the first lost answer and return it."""
        for done, call in enumerate(translation.calls):
            try:
                await self._call(adapter, call)
            except (LostAnswerError, VenueUnavailableError) as error:
                return _Lost(call.request, str(error))
            except UnifiedCopyError as error:
                if done:
                    error.add_note(f"the first {done} of {len(translation.calls)} calls of this follow took effect")
                raise
        return None

    async def _read_back(self, adapter: Adapter, translation: Translation) -> _Readback:
        """Look a few times, with growing pauses, until what is shown is what was wanted or time is up."""
        returned = any(support.returned for support in translation.supports.values())
        if Operation.SETTINGS not in adapter.operations or not returned:
            return _Readback()
        clock = asyncio.get_running_loop().time
        deadline = clock() + VERIFY_SECONDS
        pause = FIRST_PAUSE
        while True:
            seen = await self._look(adapter, translation, deadline)
            as_wanted = seen.settings is not None and not seen.differences
            hopeless = seen.cause is not None and not _worth_repeating(seen.cause)
            if as_wanted or hopeless or clock() + pause > deadline:
                return seen
            await asyncio.sleep(pause)
            pause *= 2

    async def _look(self, adapter: Adapter, translation: Translation, deadline: float) -> _Readback:
        config = translation.config
        try:
            async with asyncio.timeout_at(deadline):
                shown = await self._run(adapter, adapter.settings(config.leader_id))
        except UnifiedCopyError as error:
            return _Readback(cause=error)
        except TimeoutError:
            why = f"reading back took more than {VERIFY_SECONDS:g} s"
            return _Readback(cause=VenueUnavailableError(adapter.name, "no answer", why))
        return _Readback(shown, differences(config, shown, translation.supports))

    # ------------------------------------------------------------------ plans and calls

    async def _run(self, adapter: Adapter, plan: Plan[T]) -> T:
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
            answer = failure = None
            try:
                answer = await self._call(adapter, call)
            except LostAnswerError as error:
                failure = VenueUnavailableError(adapter.name, "no answer", str(error))
            except UnifiedCopyError as error:
                failure = error

    async def _call(self, adapter: Adapter, call: Call[T]) -> T:
        """Send one call and decode its answer.

        A call that the venue refused unseen is sent again: after too many requests, where the venue or its adapter
        says how long to wait, and once after a refused timestamp, with the clock set right.
        """
        synced = False
        for repeat in range(MAX_REPEATS + 1):
            try:
                return await self._send(adapter, call)
            except RateLimitedError as error:
                if repeat == MAX_REPEATS or error.retry_after is None or error.retry_after > VERIFY_SECONDS:
                    raise
                await asyncio.sleep(error.retry_after)
            except ClockError:
                if synced or not await self._set_clock(adapter):
                    raise
                synced = True
        raise AssertionError  # pragma: no cover (the last repeat returns or raises)

    async def _send(self, adapter: Adapter, call: Call[T]) -> T:
        shared = self._shared
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

    async def _set_clock(self, adapter: Adapter) -> bool:
        """Measure how far the venue's clock is ahead, half the round trip taken off; tell whether it could be."""
        call = adapter.time()
        if call is None:
            return False
        before = time.time_ns()
        try:
            theirs = await self._send(adapter, call)
        except UnifiedCopyError:
            return False
        ours = (before + time.time_ns()) // 2_000_000
        self._shared.clock_offsets[self._origin(adapter)] = theirs - ours
        return True

    # ------------------------------------------------------------------ whose and where

    def _adapter(self, exchange: str | Adapter) -> Adapter:
        if isinstance(exchange, str) and exchange in self._shared.adapters:
            return self._shared.adapters[exchange]
        return resolve(exchange)

    def _origin(self, adapter: Adapter) -> str:
        return self._shared.origins.get(adapter.name) or checked_origin(adapter.name, adapter.hosts[0])

    def _credentials_for(self, adapter: Adapter) -> Credentials:
        if self._credentials is None:
            return Credentials.from_env(adapter.name)
        if adapter.name in self._credentials:
            return self._credentials[adapter.name]
        reason = f"no credentials were passed for it, only for: {', '.join(self._credentials) or 'none'}"
        raise CredentialsError(adapter.name, reason)


@attrs.frozen
class _Lost:
    """Hold the unsigned request whose answer is not known, and why."""

    request: Request
    reason: str


def _check_name(name: str, adapters: Mapping[str, Adapter]) -> None:
    """Refuse a misspelt exchange in ``base_urls``, which would send to the real venue instead.

    A name that resembles no exchange may belong to an adapter that is passed with the call.
    """
    known = {*exchanges(), *adapters}
    nearest = difflib.get_close_matches(name.lower(), known, cutoff=0.7)
    if name not in known and nearest:
        raise UnknownExchangeError(name, tuple(nearest))


def _worth_repeating(cause: UnifiedCopyError) -> bool:
    return isinstance(cause, VenueUnavailableError | RateLimitedError | TransportError)
