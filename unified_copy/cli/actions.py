"""End a follow, close copied positions, and protect one: look, ask, send, and say how much is certain."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import attrs
import click

from unified_copy.adapter import Operation
from unified_copy.cli import action_report, confirmation, output, tables
from unified_copy.cli.client import Connection, address, place, sign_on_trial
from unified_copy.cli.outcomes import Exit, worth_a_look
from unified_copy.cli.translate import write_request
from unified_copy.credentials import Credentials
from unified_copy.decimals import positive
from unified_copy.errors import ConfigError
from unified_copy.model import ALL_SYMBOLS, AllSymbols, checked_leader_id
from unified_copy.pairs import Pair
from unified_copy.results import KEEP, ActionResult, CopiedPosition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any, Literal

    from unified_copy.adapter import Call
    from unified_copy.cli.options import Target
    from unified_copy.client import CopyClient
    from unified_copy.model import OnStop
    from unified_copy.results import Price

    Act = Callable[[CopyClient], Awaitable[Sequence[ActionResult]]]


@attrs.frozen(kw_only=True)
class _Wish:
    """Hold one thing to be done, checked as far as it can be without sending anything."""

    connection: Connection
    doing: str
    """As in "closing moves money"."""
    told: str
    """What is to be done, in a few words."""
    calls: Sequence[Call[Any]] = ()
    """What would be sent, where that is known beforehand."""
    positions: Sequence[CopiedPosition] = ()
    """What it is about."""
    look: Sequence[str]
    """The command that shows what became of it."""

    def write(self, to: output.Output) -> None:
        """Show what would be sent, and where."""
        if self.positions:
            tables.write(to, self.positions)
            to.line()
        for call in self.calls:
            write_request(to, call.request)
            to.line()
        to.line(f"{self.told}, at {address(self.connection.adapter, self.connection.base_urls)}")


# ------------------------------------------------------------------ what can be done


def unfollow(leader: str, target: Target, *, on_stop: OnStop | None, yes: bool, as_json: bool) -> int:
    """End a follow, and read until it is gone."""
    connection = Connection.to(target, Operation.UNFOLLOW)
    adapter = connection.adapter
    checked_leader_id(leader)
    # Where the venue needs to be read first, the request is not known yet.
    suffices = on_stop is not None and adapter.on_stop_suffices
    known = suffices or Operation.UNFOLLOW not in adapter.reads_before
    if on_stop is not None:
        then = f"open positions: {on_stop.value.replace('_', ' ')}"
    else:
        then = f"open positions are left to the venue: {adapter.after_unfollow or 'it does not say what it does'}"
    wish = _Wish(
        connection=connection,
        doing="unfollowing",
        told=f"unfollow leader {leader} on {adapter.name} ({then})",
        calls=adapter.unfollow(leader, on_stop, None) if known else (),
        look=("settings", leader) if Operation.SETTINGS in adapter.operations else ("positions",),
    )

    async def act(client: CopyClient) -> Sequence[ActionResult]:
        return (await client.unfollow(leader, exchange=adapter, on_stop=on_stop),)

    return _carry_out(wish, act, "unfollow", leader=leader, yes=yes, as_json=as_json)


def close(position_id: str, target: Target, *, leader: str | None, yes: bool, as_json: bool) -> int:
    """Close one position, which is looked up first, and read until it is gone."""
    if not yes:
        confirmation.check("closing")
    connection = Connection.to(target, Operation.CLOSE, Operation.POSITIONS)
    position = _position(connection, position_id, leader)
    adapter = connection.adapter
    wish = _Wish(
        connection=connection,
        doing="closing",
        told=f"close position {position_id} at market on {adapter.name}",
        calls=adapter.close(position),
        positions=(position,),
        look=("positions",),
    )

    async def act(client: CopyClient) -> Sequence[ActionResult]:
        return (await client.close(position, exchange=adapter),)

    return _carry_out(wish, act, "close", yes=yes, as_json=as_json)


def close_all(symbols: Sequence[str] | None, target: Target, *, yes: bool, as_json: bool) -> int:
    """Close every position in ``symbols`` one after the other; ``None`` is every position there is."""
    if not yes:
        confirmation.check("closing")
    connection = Connection.to(target, Operation.CLOSE_ALL)
    adapter = connection.adapter
    wanted: Sequence[Pair] | Literal[AllSymbols.ALL] = ALL_SYMBOLS if symbols is None else [*map(Pair.parse, symbols)]
    names = {(pair.base, pair.quote) for pair in wanted} if wanted is not ALL_SYMBOLS else None

    async def find(client: CopyClient) -> Sequence[CopiedPosition]:
        found = [position async for position in client.positions(exchange=adapter)]
        return [each for each in found if names is None or (each.symbol.base, each.symbol.quote) in names]

    # Unasked, a list would only delay what is wanted.
    found = () if yes else connection.read(find)
    if not (yes or found):
        return action_report.report((), "close", leader=None, look="", as_json=as_json)
    told = "all symbols" if wanted is ALL_SYMBOLS else ", ".join(map(str, wanted))
    wish = _Wish(
        connection=connection,
        doing="closing",
        told=f"close every copied position in {told} at market on {adapter.name}, also what opens meanwhile",
        positions=found,
        look=("positions",),
    )
    return _carry_out(
        wish, lambda client: client.close_all(exchange=adapter, symbols=wanted), "close", yes=yes, as_json=as_json
    )


def protect(  # noqa: PLR0913 (one keyword per thing that can be said)
    position_id: str,
    target: Target,
    *,
    leader: str | None,
    take_profit_price: str | None,
    stop_loss_price: str | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Set, cancel or keep the protections of one position, and read them back."""
    take_profit = _price(take_profit_price, "take_profit_price")
    stop_loss = _price(stop_loss_price, "stop_loss_price")
    if take_profit is KEEP and stop_loss is KEEP:
        raise click.UsageError("there is nothing to change: give --take-profit-price or --stop-loss-price")
    if not yes:
        confirmation.check("protecting")
    connection = Connection.to(target, Operation.PROTECT, Operation.POSITIONS)
    adapter = connection.adapter
    position = _position(connection, position_id, leader)
    wish = _Wish(
        connection=connection,
        doing="protecting",
        told=(
            f"protect position {position_id} on {adapter.name}: "
            f"take profit {_told_price(take_profit)}, stop loss {_told_price(stop_loss)}"
        ),
        calls=adapter.protect(position, take_profit, stop_loss),
        positions=(position,),
        look=("positions",),
    )

    async def act(client: CopyClient) -> Sequence[ActionResult]:
        prices = {"take_profit_price": take_profit, "stop_loss_price": stop_loss}
        return (await client.protect(position, exchange=adapter, **prices),)

    return _carry_out(wish, act, "protect", yes=yes, as_json=as_json)


# ------------------------------------------------------------------ looking first


def _position(connection: Connection, position_id: str, leader: str | None) -> CopiedPosition:
    """Return the open position of this id; raise ``ConfigError`` where there is none."""

    async def find(client: CopyClient) -> CopiedPosition:
        async for position in client.positions(exchange=connection.adapter, leader_id=leader):
            if position.position_id == position_id:
                return position
        reason = f"no open copied position has the id {position_id!r}; `unified-copy positions` lists them"
        raise ConfigError("position", reason, connection.adapter.name)

    return connection.read(find)


def _price(text: str | None, field: str) -> Price:
    if text is None:
        return KEEP
    return None if text == "none" else positive(text, field)


def _told_price(price: Price) -> str:
    return "is kept" if price is KEEP else "is cancelled" if price is None else f"{price:f}"


# ------------------------------------------------------------------ sending and telling


def _carry_out(  # noqa: PLR0913 (one per thing to carry)
    wish: _Wish, act: Act, action: str, *, leader: str | None = None, yes: bool, as_json: bool
) -> int:
    """Ask unless told, send, and write what became of it; a failure comes with the command that shows the state."""
    connection = wish.connection
    sign_on_trial(connection.adapter, wish.calls, Credentials.from_env(connection.adapter.name))
    if not yes and not confirmation.confirmed(wish.doing, wish.write):
        output.stderr().line("nothing was sent")
        return Exit.NOTHING_SENT
    look = shlex.join(["unified-copy", *wish.look, *place(connection.adapter, connection.base_urls)])
    try:
        results = connection.write(wish.told, act)
    except BaseException as error:
        if worth_a_look(error):
            error.add_note(f"look with: {look}")
        raise
    return action_report.report(results, action, leader=leader, look=look, as_json=as_json)
