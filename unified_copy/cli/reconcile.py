"""Tell what reading found out about the writes that a journal leaves open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from unified_copy.cli import output
from unified_copy.cli.outcomes import Exit
from unified_copy.client import CopyClient
from unified_copy.journal_records import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from unified_copy.cli.output import JsonValue
    from unified_copy.reconcile import Reconciliation, Settlement

_OPEN: Final = "open"
_STYLES: Final[Mapping[str, str]] = {
    Outcome.TOOK_EFFECT.value: "green",
    Outcome.DID_NOT.value: "yellow",
    Outcome.DIFFERS.value: "yellow",
    Outcome.SUPERSEDED.value: "dim",
}


def run(journal: Path, *, base_urls: Mapping[str, str], as_json: bool) -> int:
    """Settle what can be settled, and write a row for every write that was open."""

    async def reconcile() -> Reconciliation:
        async with CopyClient(base_urls=base_urls) as client:
            return await client.reconcile(journal)

    found = asyncio.run(reconcile())
    if as_json:
        output.document(
            {
                "journal": str(journal),
                "complete": found.complete,
                "writes": [_data(each) for each in found.settlements],
                "unreadable_lines": list(found.unreadable),
            }
        )
    elif found.settlements:
        header = ("began", "exchange", "write", "outcome", "what is known")
        output.stdout().table(header, [_row(each) for each in found.settlements])
    else:
        output.stdout().line(f"{journal} leaves nothing open")
    if found.unreadable and not as_json:
        numbers = ", ".join(map(str, found.unreadable))
        output.stderr().line(
            f"note: these lines of {journal} cannot be read, as after a crash while writing: {numbers}"
        )
    return Exit.DONE if found.complete else Exit.UNKNOWN


def _outcome(settlement: Settlement) -> str:
    return _OPEN if settlement.outcome is None else settlement.outcome.value


def _row(settlement: Settlement) -> output.Row:
    begun, outcome = settlement.begun, _outcome(settlement)
    return (
        begun.time.isoformat(timespec="seconds"),
        begun.exchange,
        f"{begun.operation.value} {begun.about}",
        output.Cell(outcome, _STYLES.get(outcome, "bold red")),
        "; ".join([*([settlement.told] if settlement.told else []), *settlement.differences]),
    )


def _data(settlement: Settlement) -> dict[str, JsonValue]:
    begun = settlement.begun
    return {
        "id": begun.id,
        "time": begun.time.isoformat(),
        "exchange": begun.exchange,
        "operation": begun.operation.value,
        "about": begun.about,
        "wanted": begun.wanted,
        "outcome": _outcome(settlement),
        "told": settlement.told,
        "differences": list(settlement.differences),
    }
