"""Tell what became of unfollowing, closing and protecting: a row for each, notes, and an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unified_copy.cli import output
from unified_copy.cli.follow_report import certainty
from unified_copy.cli.json_data import result_data
from unified_copy.cli.outcomes import Exit, error_data, exit_code, message, worth_a_look, write_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unified_copy.cli.output import JsonValue
    from unified_copy.results import ActionResult

_DONE: Final[Mapping[str, str]] = {"unfollow": "reads back as ended", "close": "reads back as closed"}
_STYLES: Final[Mapping[str, str]] = {"done": "green", "failed": "bold red"}


def report(results: Sequence[ActionResult], action: str, *, leader: str | None, look: str, as_json: bool) -> int:
    """Write what became of each action, and return the exit code; ``look`` is the command that shows the state."""
    try:
        if as_json:
            output.document({"results": [action_data(result, action, leader) for result in results]})
        elif results:
            _write(results, action, leader)
        else:
            output.stdout().line(f"there was nothing to {action}")
    finally:
        # Said even where standard output takes nothing any more.
        _write_notes(results, action, look)
    return max((exit_code(each.cause) for each in results if each.status == "failed" and each.cause), default=Exit.DONE)


def _write(results: Sequence[ActionResult], action: str, leader: str | None) -> None:
    table = [
        (
            result.exchange,
            action,
            result.position.position_id if result.position else leader or "",
            str(result.position.symbol) if result.position else "",
            output.Cell(result.status, _STYLES.get(result.status, "yellow")),
            told(result, action),
        )
        for result in results
    ]
    output.stdout().table(("exchange", "action", "id", "symbol", "outcome", "what is known"), table)


def _write_notes(results: Sequence[ActionResult], action: str, look: str) -> None:
    """Write to standard error what failed or is not certain, and where to look."""
    to = output.stderr()
    for result in results:
        if result.status == "failed" and result.cause is not None:
            if worth_a_look(result.cause):
                result.cause.add_note(f"look with: {look}")
            write_error(to, result.cause)
        elif result.status != "done":
            to.line(f"note: {result.exchange}: {told(result, action)}; look with: {look}")


def told(result: ActionResult, action: str) -> str:
    """Say how much of an action is certain, and what the venue does besides."""
    if result.status == "failed" and result.cause is not None:
        return message(result.cause)
    known = ""
    if result.status == "pending":
        known = "the venue is still working on it"
    elif result.status == "done":
        known = _DONE.get(action, "")
    elif result.cause is None and not result.unverified:
        known = "the venue said yes, and it cannot be read back"
    known = known or certainty(result)
    return f"{known}; {result.note}" if result.note else known


def action_data(result: ActionResult, action: str, leader: str | None) -> dict[str, JsonValue]:
    """Return what became of an action as data; ``leader`` is whose follow it was about, where it was about one."""
    about = result.position.leader_id if result.position else leader
    return {
        "action": action,
        "exchange": result.exchange,
        "leader_id": about,
        "outcome": result.status,
        "note": result.note,
        "position": None if result.position is None else result_data(result.position),
        "unverified": list(result.unverified),
        "cause": None if result.cause is None else error_data(result.cause),
    }
