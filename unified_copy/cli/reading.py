"""Show how a leader is followed, as the venue tells it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from unified_copy.cli import paper
from unified_copy.cli.connecting import client_for, credentials_for
from unified_copy.cli.data import settings_data, shown_fields
from unified_copy.cli.outcomes import Exit
from unified_copy.model import TERMS, SymbolRule
from unified_copy.registry import resolve
from unified_copy.settings import FollowSettings, described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unified_copy.adapter import Adapter
    from unified_copy.client import CopyClient


def run(
    leader: str, exchange: str, *, adapter_options: Mapping[str, str], base_urls: Mapping[str, str], as_json: bool
) -> int:
    """Read the settings of one follow and print them; not following is an answer."""
    adapter = resolve(exchange, adapter_options)
    client = client_for([adapter], credentials_for([adapter]), base_urls)
    shown = asyncio.run(_read(client, adapter, leader))
    if as_json:
        paper.document(settings_data(shown))
    else:
        write_settings(paper.stdout(), shown)
    return Exit.DONE


async def _read(client: CopyClient, adapter: Adapter, leader: str) -> FollowSettings:
    async with client:
        return await client.settings(leader, exchange=adapter)


def write_settings(to: paper.Paper, shown: FollowSettings) -> None:
    """Write what the venue showed of a follow; what it did not tell is marked."""
    state = "is followed" if shown.active else "is not followed"
    to.line(f"{shown.exchange}: leader {shown.leader_id} {state}", "bold")
    names = shown_fields(shown)
    if shown.active or not shown.missing.issuperset(names):
        to.line()
        to.table(("field", "shown"), [(name, _cell(shown, name)) for name in names])


def _cell(shown: FollowSettings, name: str) -> paper.Cell:
    """Return what was shown of one field."""
    if name in shown.unread:
        return paper.Cell(f"not readable: {shown.unread[name]}", "yellow")
    if name in shown.missing:
        return paper.Cell("not returned", "yellow")
    value = getattr(shown, name)
    rules: tuple[SymbolRule, ...] = shown.symbols if isinstance(shown.symbols, tuple) else ()
    if name == "symbols" and rules:
        return paper.Cell(", ".join(str(rule.symbol) for rule in rules))
    told = [] if value is None else [described(value, name)]
    if name in TERMS:
        told += [f"{rule.symbol}: {described(own, name)}" for rule in rules if (own := getattr(rule, name)) is not None]
    return paper.Cell("; ".join(told)) if told else paper.Cell("-", "dim")
