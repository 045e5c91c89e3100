"""Report what became of the follows of one command: done, failed, and not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.cli import output
from unified_copy.cli.json_data import settings_data
from unified_copy.cli.outcomes import Exit, error_data, exit_code, message, write_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unified_copy.cli.output import JsonValue
    from unified_copy.cli.requested import RequestedFollow
    from unified_copy.client import FollowResult
    from unified_copy.results import ActionResult


@attrs.define(kw_only=True)
class Report:
    """Collect what became of each follow, in the order they are sent."""

    wanted: tuple[RequestedFollow, ...]
    results: list[FollowResult] = attrs.field(factory=list)
    """What the first of them came to."""
    under_way: bool = False
    """Whether the one after those was begun and has no result."""
    error: BaseException | None = None
    """What ended the command early."""

    @property
    def failed(self) -> RequestedFollow | None:
        """Return the follow that was under way when the command ended."""
        return self.wanted[len(self.results)] if self.under_way else None

    @property
    def not_sent(self) -> tuple[RequestedFollow, ...]:
        """Return the follows that were never begun."""
        return self.wanted[len(self.results) + self.under_way :]


_OUTCOMES: Final[Mapping[Exit, str]] = {
    Exit.NOTHING_SENT: "nothing sent",
    Exit.NOTHING_ARRIVED: "nothing arrived",
    Exit.REFUSED: "refused",
    Exit.DIFFERENT: "live, different",
    Exit.UNKNOWN: "unknown",
    Exit.UNEXPECTED: "unknown",
    Exit.INTERRUPTED: "unknown",
}
_STYLES: Final[Mapping[str, str]] = {"applied": "green", "accepted": "yellow", "not sent": "dim"}


def write_rows(report: Report) -> None:
    """Write one row for each follow to standard output."""
    rows = [
        (follow.adapter.name, follow.config.leader_id, output.Cell(outcome, _STYLES.get(outcome, "bold red")), told)
        for follow, outcome, told in _outcomes(report)
    ]
    output.stdout().table(("exchange", "leader", "outcome", "what is known"), rows)


def write_notes(report: Report) -> None:
    """Write to standard error what was accepted and not confirmed, and what ended the command."""
    to = output.stderr()
    for result in report.results:
        if result.status == "accepted":
            to.line(
                f"note: {result.exchange} accepted the follow of leader {result.config.leader_id}; {certainty(result)}"
            )
    if report.error is not None:
        write_error(to, report.error)


def report_data(report: Report) -> dict[str, JsonValue]:
    """Return the report as data: every follow with its outcome, and the error where one ended the command."""
    data: dict[str, JsonValue] = {
        "follows": [
            {"exchange": follow.adapter.name, "leader_id": follow.config.leader_id, "outcome": outcome, **further}
            for (follow, outcome, _), further in zip(_outcomes(report), _further(report), strict=True)
        ]
    }
    if report.error is not None:
        data["error"] = error_data(report.error)
    return data


def _outcomes(report: Report) -> Iterable[tuple[RequestedFollow, str, str]]:
    """Yield every follow with one word for its outcome and what is known about it."""
    for follow, result in zip(report.wanted, report.results, strict=False):
        yield follow, result.status, certainty(result)
    if report.failed is not None and report.error is not None:
        yield report.failed, _OUTCOMES[exit_code(report.error)], message(report.error)
    for follow in report.not_sent:
        yield follow, "not sent", ""


def certainty(result: FollowResult | ActionResult) -> str:
    """Say how much of what the venue said yes to is certain."""
    if result.cause is not None:
        return f"reading back failed: {result.cause}"
    if result.unverified:
        return f"not confirmed by reading back: {', '.join(result.unverified)}"
    return "reads back as asked"


def _further(report: Report) -> Iterable[dict[str, JsonValue]]:
    """Yield what is known beyond the outcome, for each follow."""
    yield from map(certainty_data, report.results)
    for _ in report.wanted[len(report.results) :]:
        yield {}


def certainty_data(result: FollowResult) -> dict[str, JsonValue]:
    """Return what a follow came to as data, beyond its outcome."""
    return {
        "unverified": list(result.unverified),
        "settings": None if result.settings is None else settings_data(result.settings),
        "cause": None if result.cause is None else error_data(result.cause),
    }
