"""Write once, then look until it is clear what became of it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

import attrs

from unified_copy.errors import (
    OutcomeUnknownError,
    RateLimitedError,
    TransportError,
    UnifiedCopyError,
    VenueUnavailableError,
    VerificationError,
)
from unified_copy.limits import NOTHING_SENT
from unified_copy.transport import LostAnswerError

if TYPE_CHECKING:
    from unified_copy.account import Account
    from unified_copy.adapter import Adapter, Call, Plan
    from unified_copy.errors import Difference
    from unified_copy.intents import Intent
    from unified_copy.journal import Journal
    from unified_copy.wire import Request

T = TypeVar("T")

VERIFY_SECONDS: Final = 10.0
"""How long reading back may take beyond the requests' own time-out."""
FIRST_PAUSE: Final = 0.25
"""Seconds between the first two looks; each further pause is twice as long."""


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
    unseen: tuple[str, ...] = ()
    """What looking cannot confirm."""
    cause: UnifiedCopyError | None = None
    """Why the last look failed."""

    @property
    def status(self) -> Literal["done", "accepted", "pending"]:
        """Say how certain a write is that the venue said yes to."""
        if self.differences:
            return "pending"
        return "accepted" if self.state is None or self.unseen else "done"


async def carry_out(
    account: Account, adapter: Adapter, intent: Intent[T], journal: Journal | None, *, verify: bool = True
) -> Seen[T]:
    """Send every call of one write, then look whether it took effect; tell the journal before and after.

    Without ``verify`` it looks only after a lost answer. Raises what the venue refuses with,
    ``VerificationError`` where it said yes and shows something else, and ``OutcomeUnknownError`` where an answer was
    lost and looking does not settle it; ``ConfigError`` where the journal cannot be written, before anything is sent.
    """
    known = None
    if (leader_id := intent.leader(adapter)) and intent.operation in adapter.reads_before:
        known = await account.run(adapter, adapter.settings(leader_id))
    calls = intent.calls(adapter, known)
    act = partial(_send_and_look, account, adapter, intent, calls, verify=verify)
    if journal is None:
        return await act()
    return await journal.record(act, account, adapter, intent, calls)


async def _send_and_look(
    account: Account, adapter: Adapter, intent: Intent[T], calls: tuple[Call[None], ...], *, verify: bool
) -> Seen[T]:
    try:
        lost = await _send_all(account, adapter, calls)
        if lost is None and not verify:
            return Seen(unseen=intent.unseen(adapter, None))
        seen = await read_back(account, adapter, intent)
    except asyncio.CancelledError as error:
        done = f"{adapter.name} may have been told to {intent}"
        error.add_note(f"cancelled after {done}; look before sending anything again")
        raise
    if lost is not None and (seen.state is None or seen.differences or seen.unseen):
        raise OutcomeUnknownError(adapter.name, lost.request, lost.reason, seen.state, seen.differences)
    if seen.differences and not intent.done_later(adapter):
        raise VerificationError(adapter.name, seen.differences)
    return seen


async def _send_all(account: Account, adapter: Adapter, calls: tuple[Call[None], ...]) -> Lost | None:
    """Send the calls one after the other; stop at the first lost answer and return it."""
    for done, call in enumerate(calls):
        try:
            await account.call(adapter, call)
        except (LostAnswerError, VenueUnavailableError) as error:
            return Lost(call.request, str(error))
        except UnifiedCopyError as error:
            if not done:
                raise
            told = f"the first {done} of {len(calls)} calls of this write took effect"
            if isinstance(error, NOTHING_SENT):
                # True of this call, and not of the write, which is not safe to repeat.
                return Lost(call.request, f"{told}, and then: {error}")
            error.add_note(told)
            raise
    return None


async def read_back(account: Account, adapter: Adapter, intent: Intent[T]) -> Seen[T]:
    """Look a few times, with growing pauses, until what is shown is what was wanted or time is up."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + VERIFY_SECONDS
    pause = FIRST_PAUSE
    shown: Seen[T] | None = None
    while plan := intent.look(adapter):
        seen = await _look(account, adapter, intent, plan, deadline)
        if seen.state is not None:
            shown = seen
        elif shown is not None:
            # What was seen before stands, whatever has kept this look from seeing anything.
            seen = attrs.evolve(shown, cause=seen.cause)
        as_wanted = seen.state is not None and not seen.differences
        hopeless = seen.cause is not None and not _worth_repeating(seen.cause)
        if as_wanted or hopeless or clock() + pause > deadline:
            return seen
        await asyncio.sleep(pause)
        pause *= 2
    return Seen(unseen=intent.unseen(adapter, None))


async def _look(account: Account, adapter: Adapter, intent: Intent[T], plan: Plan[T], deadline: float) -> Seen[T]:
    cause: UnifiedCopyError
    try:
        async with asyncio.timeout_at(deadline):
            shown = await account.run(adapter, plan, asks_again=False)
    except UnifiedCopyError as error:
        cause = error
    except TimeoutError:
        why = f"reading back took more than {VERIFY_SECONDS:g} s"
        cause = VenueUnavailableError(adapter.name, "no answer", why)
    else:
        # The venue's own words stand in them, and those may quote what signed the request.
        found = [
            attrs.evolve(each, shown=account.scrubbed(adapter, each.shown))
            for each in intent.differences(adapter, shown)
        ]
        return Seen(shown, tuple(found), intent.unseen(adapter, shown))
    return Seen(unseen=intent.unseen(adapter, None), cause=cause)


def _worth_repeating(cause: UnifiedCopyError) -> bool:
    return isinstance(cause, VenueUnavailableError | RateLimitedError | TransportError)
