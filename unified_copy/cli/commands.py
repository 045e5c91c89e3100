"""The commands about what is followed, and about copied positions, as click sees them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from unified_copy.cli.options import Target, at_exchange, base_url_option, json_option, on_stop_option, sent_to_exchange
from unified_copy.cli.outcomes import EXIT_CODES_HELP
from unified_copy.model import OnStop

if TYPE_CHECKING:
    from collections.abc import Mapping

# Every command imports its own module when it runs, so that `--help` loads neither the HTTP stack nor rich.
# ruff: noqa: PLC0415

_of_leader: Final = click.option("--leader", metavar="ID", help="Only those of this leader.")
_search: Final = click.option("--leader", metavar="ID", help="Search the positions of this leader only.")


@click.command(short_help="Stop following a leader, and read until it is gone.", epilog=EXIT_CODES_HELP)
@click.argument("leader")
@on_stop_option
@sent_to_exchange
@json_option
def unfollow(*, leader: str, on_stop: str | None, target: Target, yes: bool, as_json: bool) -> int:
    """Stop following LEADER, and read until it is gone.

    What becomes of open copied positions is up to the venue unless --on-stop says it; the question tells what the
    venue does.
    """
    from unified_copy.cli import actions

    chosen = None if on_stop is None else OnStop(on_stop)
    return actions.unfollow(leader, target, on_stop=chosen, yes=yes, as_json=as_json)


@click.command(short_help="List the leaders being followed.", epilog=EXIT_CODES_HELP)
@at_exchange
@json_option
def leaders(*, target: Target, as_json: bool) -> int:
    """List the leaders being followed."""
    from unified_copy.cli import lists

    return lists.leaders(target, as_json=as_json)


@click.command(short_help="List open copied positions.", epilog=EXIT_CODES_HELP)
@_of_leader
@at_exchange
@json_option
def positions(*, leader: str | None, target: Target, as_json: bool) -> int:
    """List open copied positions, of one leader or of all."""
    from unified_copy.cli import lists

    return lists.positions(target, leader=leader, as_json=as_json)


@click.command(short_help="List closed copies.", epilog=EXIT_CODES_HELP)
@_of_leader
@click.option("--limit", type=click.IntRange(min=1), metavar="ROWS", help="Stop after so many rows.")
@at_exchange
@json_option
def history(*, leader: str | None, limit: int | None, target: Target, as_json: bool) -> int:
    """List closed copies, of one leader or of all, in the venue's order."""
    from unified_copy.cli import lists

    return lists.history(target, leader=leader, limit=limit, as_json=as_json)


@click.command(short_help="List the pairs that can be copied.", epilog=EXIT_CODES_HELP)
@click.option("--leader", metavar="ID", help="Only what this leader trades.")
@at_exchange
@json_option
def symbols(*, leader: str | None, target: Target, as_json: bool) -> int:
    """List the pairs that can be copied, from one leader or at all, with limits where the venue gives them."""
    from unified_copy.cli import lists

    return lists.symbols(target, leader=leader, as_json=as_json)


@click.command(short_help="Show what is public about a leader.", epilog=EXIT_CODES_HELP)
@click.argument("leader")
@at_exchange
@json_option
def leader(*, leader: str, target: Target, as_json: bool) -> int:
    """Show what is public about LEADER."""
    from unified_copy.cli import lists

    return lists.leader(leader, target, as_json=as_json)


@click.command(short_help="Close copied positions at market.", epilog=EXIT_CODES_HELP)
@click.argument("position_id", required=False, metavar="[POSITION_ID]")
@click.option("--symbol", "pairs", multiple=True, metavar="PAIR", help="Close everything in this pair; repeatable.")
@click.option("--all-symbols", is_flag=True, help="Close every copied position.")
@_search
@sent_to_exchange
@json_option
def close(  # noqa: PLR0913 (one keyword per thing that can be said)
    *,
    position_id: str | None,
    pairs: tuple[str, ...],
    all_symbols: bool,
    leader: str | None,
    target: Target,
    yes: bool,
    as_json: bool,
) -> int:
    """Close the copied position POSITION_ID at market, or those in some pairs one after the other.

    Each is read until it is gone. One that cannot be closed does not keep the others from being closed.
    """
    from unified_copy.cli import actions

    if [position_id is not None, bool(pairs), all_symbols].count(True) != 1:
        raise click.UsageError("say what to close: POSITION_ID, --symbol for each pair, or --all-symbols; one of them")
    if position_id is not None:
        return actions.close(position_id, target, leader=leader, yes=yes, as_json=as_json)
    if leader is not None:
        raise click.UsageError("--leader narrows the search for POSITION_ID; pairs are closed whoever is copied")
    return actions.close_all(None if all_symbols else pairs, target, yes=yes, as_json=as_json)


@click.command(short_help="Set or cancel the protections of a copied position.", epilog=EXIT_CODES_HELP)
@click.argument("position_id")
@click.option("--take-profit-price", metavar="PRICE|none", help="Set or cancel the take profit; kept unless given.")
@click.option("--stop-loss-price", metavar="PRICE|none", help="Set or cancel the stop loss; kept unless given.")
@_search
@sent_to_exchange
@json_option
def protect(  # noqa: PLR0913 (one keyword per thing that can be said)
    *,
    position_id: str,
    take_profit_price: str | None,
    stop_loss_price: str | None,
    leader: str | None,
    target: Target,
    yes: bool,
    as_json: bool,
) -> int:
    """Set or cancel take profit and stop loss of the copied position POSITION_ID, and read them back."""
    from unified_copy.cli import actions

    return actions.protect(
        position_id,
        target,
        leader=leader,
        take_profit_price=take_profit_price,
        stop_loss_price=stop_loss_price,
        yes=yes,
        as_json=as_json,
    )


@click.command(short_help="Tell whether this key and account can follow.", epilog=EXIT_CODES_HELP)
@at_exchange
@json_option
def doctor(*, target: Target, as_json: bool) -> int:
    """Tell, by reading only, whether this key and account can follow at an exchange, and what to do if not."""
    from unified_copy.cli import doctor

    return doctor.run(target, as_json=as_json)


@click.command(short_help="Settle by reading what a journal leaves open.", epilog=EXIT_CODES_HELP)
@click.argument("journal", type=click.Path(path_type=Path), envvar="UNIFIED_COPY_JOURNAL")
@base_url_option
@json_option
def reconcile(*, journal: Path, base_urls: Mapping[str, str], as_json: bool) -> int:
    """Find out by reading what became of the writes that JOURNAL leaves open, and write it there.

    Nothing is sent but reads, with the credentials of the environment. Writes of other accounts, and those still
    under way, are left open and said so; while something stays open or cannot be told, the exit code is 6.
    """
    from unified_copy.cli import reconcile

    return reconcile.run(journal, base_urls=base_urls, as_json=as_json)


COMMANDS: Final = (unfollow, leaders, positions, history, close, protect, leader, symbols, doctor, reconcile)
"""Every command of this module."""
