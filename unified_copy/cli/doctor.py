"""Find out, by reading only, whether a key and its account can follow, and show no answer of the venue itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unified_copy.adapter import Operation
from unified_copy.cli import output
from unified_copy.cli.client import Connection
from unified_copy.cli.outcomes import Exit, scrubbed
from unified_copy.errors import VenueError
from unified_copy.results import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unified_copy.cli.options import Target
    from unified_copy.client import CopyClient

_STYLES: Final[Mapping[Level, str]] = {Level.FINE: "green", Level.WARNING: "yellow", Level.PROBLEM: "bold red"}


def run(target: Target, *, as_json: bool) -> int:
    """Print every finding with what to do about it; a problem among them has an exit code of its own."""
    connection = Connection.to(target, Operation.CHECK)

    async def check(client: CopyClient) -> Sequence[Finding]:
        try:
            return await client.check(exchange=connection.adapter)
        except VenueError as error:
            # Some venues answer questions about a key with its secret, so their own words stay unsaid here.
            error.venue_message = ""
            raise

    findings = connection.read(check)
    if as_json:
        output.document(
            {
                "exchange": connection.adapter.name,
                "findings": [
                    {
                        "topic": each.topic,
                        "level": each.level.value,
                        "told": scrubbed(each.told),
                        "advice": scrubbed(each.advice),
                    }
                    for each in findings
                ],
            }
        )
    else:
        table = [
            (each.topic, output.Cell(each.level.value, _STYLES[each.level]), scrubbed(each.told), scrubbed(each.advice))
            for each in findings
        ]
        output.stdout().table(("topic", "level", "found", "what to do"), table)
    return Exit.PROBLEM if any(each.level is Level.PROBLEM for each in findings) else Exit.DONE
