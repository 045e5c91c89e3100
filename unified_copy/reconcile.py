"""Find out by reading what became of the writes that a journal leaves open; nothing here sends a write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.errors import UnifiedCopyError
from unified_copy.intent_data import intent_of
from unified_copy.journal import fingerprint
from unified_copy.journal_records import IN_FORCE, Begun, Ended, Entry, Outcome
from unified_copy.processes import lives
from unified_copy.registry import resolve
from unified_copy.writes import read_back

if TYPE_CHECKING:
    from unified_copy.account import Account
    from unified_copy.adapter import Adapter
    from unified_copy.intents import Intent
    from unified_copy.journal import Journal
    from unified_copy.writes import Seen

IN_FLIGHT: Final = timedelta(minutes=5)
"""How long a write of a process that cannot be asked about counts as under way; longer than any write takes."""


@attrs.frozen(kw_only=True)
class Settlement:
    """Say what reading found out about one write that was open."""

    begun: Begun
    """What the journal says about the write."""
    outcome: Outcome | None
    """What became of it; ``None`` where it stays open."""
    told: str = ""
    """Why it stays open, or what else is known."""
    differences: tuple[str, ...] = ()
    """How what the venue shows differs from what was wanted."""


@attrs.frozen
class Reconciliation:
    """Hold what became of every write that a journal left open, oldest first."""

    settlements: tuple[Settlement, ...]
    unreadable: tuple[int, ...]
    """The numbers of the lines that cannot be read, such as one that a crash left unfinished."""

    @property
    def complete(self) -> bool:
        """Tell whether it is known of every write what became of it."""
        return all(each.outcome not in {None, Outcome.UNTOLD} for each in self.settlements)


async def reconcile(journal: Journal, account: Account) -> Reconciliation:
    """Look at the venue for every write of ``account`` that ``journal`` leaves open, and write down what shows.

    A write that is still under way, of another account or of an exchange that is not installed stays open. Raises
    ``ConfigError`` where the journal cannot be read or written.
    """
    found = await journal.read()
    settlements: list[Settlement] = []
    in_force: dict[tuple[str, str, str], str] = {}
    # The latest first: once it is known to be in force, what is read says nothing about those before it.
    for entry in reversed(found.entries):
        begun = entry.begun
        changed = (begun.exchange, begun.account, begun.about)
        taken = entry.in_force
        if entry.open:
            settlement = await _settled(entry, account, in_force.get(changed))
            if settlement.outcome is not None:
                await journal.add(_line(settlement, settlement.outcome))
            settlements.insert(0, settlement)
            taken = settlement.outcome in IN_FORCE
        if taken:
            in_force.setdefault(changed, begun.id)
    return Reconciliation(tuple(settlements), found.unreadable)


def _line(settlement: Settlement, outcome: Outcome) -> Ended:
    return Ended(id=settlement.begun.id, outcome=outcome, told=settlement.told, differences=settlement.differences)


async def _settled(entry: Entry, account: Account, later: str | None) -> Settlement:
    """Look at the venue, unless a ``later`` write about the same thing is in force or looking is no use."""
    begun = entry.begun
    if under_way := _under_way(entry):
        return Settlement(begun=begun, outcome=None, told=under_way)
    try:
        adapter = _adapter(begun, account)
        credentials = account.credentials_for(adapter)
        intent = intent_of(begun.operation, begun.wanted, begun.exchange)
    except (UnifiedCopyError, TypeError) as error:
        return Settlement(begun=begun, outcome=None, told=f"skipped: {error}")
    if fingerprint(credentials) != begun.account:
        return Settlement(begun=begun, outcome=None, told="skipped: it is a write of another account")
    if later is not None:
        return Settlement(begun=begun, outcome=Outcome.SUPERSEDED, told=f"by {later}")
    settlement = _judged(begun, intent, await read_back(account, adapter, intent))
    return attrs.evolve(settlement, told=credentials.scrubbed(settlement.told))


def _under_way(entry: Entry) -> str:
    """Say that a write may still be sent or settled by its own process; empty where it is not."""
    if entry.ended:
        return ""
    process = entry.begun.process
    alive = lives(process)
    if alive:
        return f"under way: process {process.pid} is at it"
    if alive is None and datetime.now(UTC) - entry.begun.time < IN_FLIGHT:
        minutes = IN_FLIGHT // timedelta(minutes=1)
        return (
            f"perhaps under way: its process cannot be asked about from here, and it began less than {minutes} min ago"
        )
    return ""


def _adapter(begun: Begun, account: Account) -> Adapter:
    """Return the adapter that the write went through, with the same options."""
    known = account.shared.adapters.get(begun.exchange)
    return type(known)(**begun.options) if known is not None else resolve(begun.exchange, begun.options)


def _judged(begun: Begun, intent: Intent[Any], seen: Seen[Any]) -> Settlement:
    differences = tuple(map(str, seen.differences))
    if seen.cause is not None:
        return Settlement(begun=begun, outcome=None, told=f"reading failed: {seen.cause}")
    if seen.state is None:
        return Settlement(begun=begun, outcome=Outcome.UNTOLD, told="the venue does not show it")
    if seen.differences:
        outcome = Outcome.DID_NOT if intent.undone(seen.state) else Outcome.DIFFERS
        return Settlement(begun=begun, outcome=outcome, differences=differences)
    if seen.unseen:
        told = f"what can be read is as wanted, and these cannot: {', '.join(seen.unseen)}"
        return Settlement(begun=begun, outcome=Outcome.UNTOLD, told=told)
    return Settlement(begun=begun, outcome=Outcome.TOOK_EFFECT)
