"""Show how a leader is followed, as the venue tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unified_copy.adapter import Operation
from unified_copy.cli import output
from unified_copy.cli.client import Connection
from unified_copy.cli.json_data import settings_data, shown_fields
from unified_copy.cli.outcomes import Exit
from unified_copy.settings import FollowSettings, described
from unified_copy.terms import TERMS, SymbolRule

if TYPE_CHECKING:
    from unified_copy.cli.options import Target


def run(leader: str, target: Target, *, as_json: bool) -> int:
    """Read the settings of one follow and print them; not following is an answer."""
    connection = Connection.to(target, Operation.SETTINGS)
    shown = connection.read(lambda client: client.settings(leader, exchange=connection.adapter))
    if as_json:
        output.document(settings_data(shown))
    else:
        write_settings(output.stdout(), shown)
    return Exit.DONE


def write_settings(to: output.Output, shown: FollowSettings) -> None:
    """Write what the venue showed of a follow; what it did not tell is marked."""
    state = "is followed" if shown.active else "is not followed"
    to.line(f"{shown.exchange}: leader {shown.leader_id} {state}", "bold")
    names = shown_fields(shown)
    if shown.active or not shown.missing.issuperset(names):
        to.line()
        to.table(("field", "shown"), [(name, _cell(shown, name)) for name in names])


def _cell(shown: FollowSettings, name: str) -> output.Cell:
    """Return what was shown of one field."""
    if name in shown.unread:
        return output.Cell(f"not readable: {shown.unread[name]}", "yellow")
    if name in shown.missing:
        kinds = shown.sizing_kinds if name == "sizing" else {}
        of_kind = ", ".join(f"{pair}: some {kind.__name__}" for pair, kind in kinds.items())
        return output.Cell(f"not returned; {of_kind}" if of_kind else "not returned", "yellow")
    value = getattr(shown, name)
    rules: tuple[SymbolRule, ...] = shown.symbols if isinstance(shown.symbols, tuple) else ()
    if name == "symbols" and rules:
        return output.Cell(", ".join(str(rule.symbol) for rule in rules))
    told = [] if value is None else [described(value, name)]
    if name in TERMS:
        told += [f"{rule.symbol}: {described(own, name)}" for rule in rules if (own := getattr(rule, name)) is not None]
    return output.Cell("; ".join(told)) if told else output.Cell("-", "dim")
