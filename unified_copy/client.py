"""Follow leaders, and everything after, on any exchange through one client.

A write is done, rejected, or unknown, and which of them is never guessed: what was lost on the way is settled by
reading back.
"""

from __future__ import annotations

import asyncio
import copy
import difflib
import os
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Literal, Self, TypeVar

import attrs

from unified_copy.account import Account, Shared
from unified_copy.adapter import Adapter, Operation
from unified_copy.clock import CLOCK_TOLERANCE_MS
from unified_copy.decimals import DecimalLike, positive
from unified_copy.errors import (
    ConfigError,
    TransportError,
    UnifiedCopyError,
    UnknownExchangeError,
)
from unified_copy.intents import Close, Follow, Protect, Unfollow
from unified_copy.limits import limiter_at
from unified_copy.model import ALL_SYMBOLS, AllSymbols, OnStop, checked_leader_id
from unified_copy.paging import pages
from unified_copy.pairs import Pair, as_pair
from unified_copy.registry import exchanges, resolve
from unified_copy.results import KEEP, ActionResult, CopiedPosition, Finding, Level
from unified_copy.transport import Transport, checked_origin
from unified_copy.validation import shown
from unified_copy.writes import carry_out

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from types import TracebackType

    from unified_copy.credentials import Credentials
    from unified_copy.journal import Journal
    from unified_copy.model import FollowConfig
    from unified_copy.reconcile import Reconciliation
    from unified_copy.results import (
        ClosedCopy,
        FollowedLeader,
        LeaderProfile,
        Price,
        SymbolLimits,
    )
    from unified_copy.settings import FollowSettings

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class FollowResult:
    """Say what became of a follow that the venue did not refuse."""

    status: Literal["applied", "accepted"]
    """``applied``: read back, and as wanted. ``accepted``: the venue said yes, and not everything could be read."""
    exchange: str
    config: FollowConfig
    settings: FollowSettings | None = None
    """What reading back showed; ``None`` where it was not or could not be read."""
    unverified: tuple[str, ...] = ()
    """The fields set off their default that reading back cannot confirm."""
    cause: UnifiedCopyError | None = None
    """Why reading back failed, where it did."""


class CopyClient:
    """Copy leaders on any exchange; use it as an asynchronous context manager.

    A client belongs to the event loop in which it is used first, and refuses any other with a ``ConfigError``.
    ``credentials`` and ``base_urls`` are mappings by exchange name. Without ``credentials`` they come from the
    environment; with them the environment is never looked at, so that no account is used by accident. ``adapters``
    are instances to use in place of the ones the registry builds. ``timeout`` is in seconds, for one whole request.
    ``limits`` is the address of a Redis through which the venues' rate limits are shared with other processes and
    machines; ``None`` stands for ``UNIFIED_COPY_LIMITS`` in the environment, and for this process alone without it.
    ``journal`` is the file that every write is recorded in, before it is sent and after; without it nothing is.
    """

    def __init__(  # noqa: PLR0913 (each is a wish of its own, and given by name)
        self,
        *,
        credentials: Mapping[str, Credentials] | None = None,
        base_urls: Mapping[str, str] | None = None,
        adapters: Iterable[Adapter] | None = None,
        timeout: float = 10.0,
        limits: str | None = None,
        journal: str | Path | None = None,
    ) -> None:
        """Check what was given; nothing connects yet.

        Raises ``ConfigError`` for an unusable ``timeout``, ``limits``, or entry of ``adapters`` or ``base_urls``, and
        ``CredentialsError`` for ``credentials`` that are none.
        """
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < float("inf"):
            raise ConfigError("timeout", f"{timeout!r} is not a number of seconds above zero")
        shared = Shared(
            Transport(timeout),
            _by_name(adapters),
            _origins(base_urls),
            limiter_at(os.environ.get("UNIFIED_COPY_LIMITS") if limits is None else limits),
        )
        for name in shared.origins:
            _check_name(name, shared.adapters)
        self._account = Account(shared, credentials)
        self._journal = None if journal is None else _journal(journal)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection, of all accounts that share them; nothing is sent any more.

        A write that is under way is unknown from then on, and ``OutcomeUnknownError`` says so.
        """
        await self._account.shared.transport.close()
        await self._account.shared.limiter.aclose()

    def with_credentials(self, credentials: Mapping[str, Credentials]) -> CopyClient:
        """Return a client for another account over the same connections and the same limits."""
        other = copy.copy(self)
        other._account = Account(self._account.shared, credentials)  # noqa: SLF001 (a copy of this very object)
        return other

    # ------------------------------------------------------------------ following

    async def follow(self, config: FollowConfig, *, exchange: str | Adapter, verify: bool = True) -> FollowResult:
        """Start or change the follow that ``config`` describes, and read it back.

        Returns a result whose ``status`` says how much is certain. Raises ``UnsupportedError`` before anything is
        sent for what the exchange cannot express; a ``VenueError`` where the venue refused; ``VerificationError``
        where the follow is live with other settings; ``OutcomeUnknownError`` where nobody knows; ``TransportError``
        where nothing arrived. With ``verify=False`` reading back happens only after a lost answer.
        """
        adapter = self._adapter(exchange, Operation.FOLLOW)
        seen = await carry_out(self._account, adapter, Follow(config=config), self._journal, verify=verify)
        return FollowResult(
            status="applied" if seen.status == "done" else "accepted",
            exchange=adapter.name,
            config=config,
            settings=seen.state,
            unverified=seen.unseen,
            cause=seen.cause,
        )

    async def settings(self, leader_id: str, *, exchange: str | Adapter) -> FollowSettings:
        """Read how a leader is followed; not following is an answer with ``active=False``.

        Raises ``UnsupportedError`` where the exchange cannot tell, and a ``VenueError`` or ``TransportError`` where
        reading fails.
        """
        adapter = self._adapter(exchange, Operation.SETTINGS)
        return await self._account.run(adapter, adapter.settings(checked_leader_id(leader_id)))

    async def unfollow(self, leader_id: str, *, exchange: str | Adapter, on_stop: OnStop | None = None) -> ActionResult:
        """End a follow, and read until it is gone.

        ``on_stop`` says what becomes of open copied positions; ``None`` leaves that to the venue, and the result's
        ``note`` says what it does. The status is ``pending`` where the venue is still working on it. Raises as
        ``follow`` does.
        """
        adapter = self._adapter(exchange, Operation.UNFOLLOW)
        intent = Unfollow(leader_id=checked_leader_id(leader_id), on_stop=on_stop)
        seen = await carry_out(self._account, adapter, intent, self._journal)
        note = adapter.after_unfollow if on_stop is None else ""
        return ActionResult(status=seen.status, exchange=adapter.name, note=note, cause=seen.cause)

    # ------------------------------------------------------------------ reading

    def leaders(self, *, exchange: str | Adapter) -> AsyncIterator[FollowedLeader]:
        """Iterate over the leaders being followed; a page is read when it is needed."""
        adapter = self._adapter(exchange, Operation.LEADERS)
        return pages(self._account, adapter, adapter.leaders)

    def positions(self, *, exchange: str | Adapter, leader_id: str | None = None) -> AsyncIterator[CopiedPosition]:
        """Iterate over open copied positions, of one leader or of all; a page is read when it is needed."""
        adapter = self._adapter(exchange, Operation.POSITIONS)
        wanted = leader_id if leader_id is None else checked_leader_id(leader_id)
        return pages(self._account, adapter, lambda cursor: adapter.positions(wanted, cursor))

    def history(self, *, exchange: str | Adapter, leader_id: str | None = None) -> AsyncIterator[ClosedCopy]:
        """Iterate over closed copies, of one leader or of all; a page is read when it is needed."""
        adapter = self._adapter(exchange, Operation.HISTORY)
        wanted = leader_id if leader_id is None else checked_leader_id(leader_id)
        return pages(self._account, adapter, lambda cursor: adapter.history(wanted, cursor))

    async def symbols(self, *, exchange: str | Adapter, leader_id: str | None = None) -> tuple[SymbolLimits, ...]:
        """Read which pairs can be copied, from one leader or at all, with limits where the venue gives them."""
        adapter = self._adapter(exchange, Operation.SYMBOLS)
        wanted = leader_id if leader_id is None else checked_leader_id(leader_id)
        return await self._account.run(adapter, adapter.symbols(wanted))

    async def leader(self, leader_id: str, *, exchange: str | Adapter) -> LeaderProfile:
        """Read what is public about a leader."""
        adapter = self._adapter(exchange, Operation.LEADER)
        return await self._account.run(adapter, adapter.leader(checked_leader_id(leader_id)))

    async def check(self, *, exchange: str | Adapter) -> tuple[Finding, ...]:
        """Find out, by reading only, whether this key and account can follow here, and what to do if not."""
        adapter = self._adapter(exchange, Operation.CHECK)
        plan = adapter.check()
        ahead = await self._account.measure_clock(adapter)
        clock = () if ahead is None else (_clock_finding(ahead),)
        try:
            return (*clock, *await self._account.run(adapter, plan))
        except TransportError as error:
            advice = "see whether this machine reaches the exchange, then check again"
            return (*clock, Finding("connection", Level.PROBLEM, error.reason, advice))

    # ------------------------------------------------------------------ open positions

    async def close(self, position: CopiedPosition, *, exchange: str | Adapter) -> ActionResult:
        """Close one copied position at market, and read until it is gone. Raises as ``follow`` does."""
        adapter = self._adapter(exchange, Operation.CLOSE)
        _check_position(position, adapter)
        seen = await carry_out(self._account, adapter, Close(position=position), self._journal)
        return ActionResult(status=seen.status, exchange=adapter.name, position=position, cause=seen.cause)

    async def close_all(
        self, *, exchange: str | Adapter, symbols: Iterable[str | Pair] | Literal[AllSymbols.ALL]
    ) -> tuple[ActionResult, ...]:
        """Close every copied position in ``symbols``, one after the other; ``ALL_SYMBOLS`` must be said.

        Goes on after a failure: a position that could not be closed has the status ``failed`` and a ``cause``. Raises
        ``VenueUnavailableError``, with nothing closed, where the list of positions cannot be read to its end.
        """
        adapter = self._adapter(exchange, Operation.CLOSE_ALL)
        wanted = None if symbols is ALL_SYMBOLS else _pairs(symbols)
        # Pages that shift while they are read show a position twice, and none must be told to close twice.
        found = {
            (position.position_id, position.symbol): position
            async for position in pages(self._account, adapter, partial(adapter.positions, None), complete=True)
            if wanted is None or (position.symbol.base, position.symbol.quote) in wanted
        }
        results: list[ActionResult] = []
        for position in found.values():
            try:
                results.append(await self.close(position, exchange=adapter))
            except UnifiedCopyError as error:
                results.append(ActionResult(status="failed", exchange=adapter.name, position=position, cause=error))
            except asyncio.CancelledError as error:
                error.add_note(f"{len(results)} of {len(found)} positions had been dealt with before that one")
                raise
        return tuple(results)

    async def protect(
        self,
        position: CopiedPosition,
        *,
        exchange: str | Adapter,
        take_profit_price: DecimalLike | Price = KEEP,
        stop_loss_price: DecimalLike | Price = KEEP,
    ) -> ActionResult:
        """Set, cancel or keep the two protections of one copied position, and read them back.

        A number sets, ``None`` cancels, ``KEEP`` leaves as it is; an exchange where leaving out may cancel refuses
        ``KEEP``. Raises as ``follow`` does.
        """
        adapter = self._adapter(exchange, Operation.PROTECT)
        _check_position(position, adapter)
        intent = Protect(
            position=position,
            take_profit_price=_price(take_profit_price, "take_profit_price"),
            stop_loss_price=_price(stop_loss_price, "stop_loss_price"),
        )
        seen = await carry_out(self._account, adapter, intent, self._journal)
        return ActionResult(
            status=seen.status, exchange=adapter.name, position=position, unverified=seen.unseen, cause=seen.cause
        )

    # ------------------------------------------------------------------ what is open

    async def reconcile(self, journal: str | Path | None = None) -> Reconciliation:
        """Settle by reading the writes of this account that a journal leaves open; the client's own unless given.

        Nothing is sent but reads. What is found out is written into the journal. Raises ``ConfigError`` where there
        is no journal, or it cannot be read or written.
        """
        chosen = self._journal if journal is None else _journal(journal)
        if chosen is None:
            raise ConfigError("journal", "this client keeps none; name the file")
        from unified_copy.reconcile import reconcile  # noqa: PLC0415 (few clients need it)

        return await reconcile(chosen, self._account)

    # ------------------------------------------------------------------ helpers

    def _adapter(self, exchange: str | Adapter, operation: Operation) -> Adapter:
        """Return the adapter that is meant; refuse what it cannot do with the options it has."""
        given = self._account.shared.adapters
        adapter = given[exchange] if isinstance(exchange, str) and exchange in given else resolve(exchange)
        adapter.require(operation)
        return adapter


def _journal(path: str | Path) -> Journal:
    from unified_copy.journal import Journal  # noqa: PLC0415 (few clients keep one)

    return Journal(path)


def _clock_finding(ahead: int) -> Finding:
    """Judge by how many milliseconds the venue's clock is ahead of ours."""
    told = f"the venue's clock is {abs(ahead)} ms {'ahead of' if ahead >= 0 else 'behind'} this one"
    if abs(ahead) <= CLOCK_TOLERANCE_MS:
        return Finding("clock offset", Level.FINE, told)
    advice = "set this machine's clock by a time server; until then requests are signed by the venue's clock"
    return Finding("clock offset", Level.WARNING, told, advice)


def _check_position(position: CopiedPosition, adapter: Adapter) -> None:
    if not isinstance(position, CopiedPosition):
        # A closed copy has an id too, which may name something else by now.
        raise ConfigError("position", f"{type(position).__name__} is not a CopiedPosition", adapter.name)
    if position.exchange != adapter.name:
        raise ConfigError("position", f"it is one of {position.exchange}", adapter.name)


def _pairs(symbols: Iterable[str | Pair]) -> set[tuple[str, str]]:
    allowed = "give a list such as ['BTC/USDT'], or ALL_SYMBOLS"
    if isinstance(symbols, str | bytes) or not isinstance(symbols, Iterable):
        raise ConfigError("symbols", f"{symbols!r} is not a list of pairs; {allowed}")
    pairs = [_pair(pair, f"symbols[{index}]") for index, pair in enumerate(symbols)]
    if not pairs:
        raise ConfigError("symbols", f"it is empty; {allowed}")
    return {(pair.base, pair.quote) for pair in pairs}


def _pair(given: str | Pair, field: str) -> Pair:
    """Return what is given as a pair that base and quote tell from all others of a product."""
    try:
        pair = as_pair(given)
    except ConfigError as error:
        raise ConfigError(field, error.reason) from None
    if pair.settle not in {None, pair.quote, pair.base}:
        raise ConfigError(field, f"{pair} settles in neither of its coins, and no product has such positions")
    return pair


def _price(value: DecimalLike | Price, field: str) -> Price:
    return value if value is None or value is KEEP else positive(value, field)


def _by_name(adapters: Iterable[Adapter] | None) -> Mapping[str, Adapter]:
    allowed = "give adapter instances, as in [load_adapter('xt')()]"
    if adapters is not None and not isinstance(adapters, Iterable):
        raise ConfigError("adapters", f"{shown(adapters)} is not a list; {allowed}")
    named = {}
    for each in adapters or ():
        if not isinstance(each, Adapter):
            raise ConfigError("adapters", f"{shown(each)} is not an adapter instance; {allowed}")
        named[each.name] = each
    return named


def _origins(base_urls: Mapping[str, str] | None) -> Mapping[str, str]:
    if base_urls is not None and not isinstance(base_urls, Mapping):
        raise ConfigError("base_urls", f"{type(base_urls).__name__} is not a mapping by exchange name")
    return {name: checked_origin(name, url) for name, url in (base_urls or {}).items()}


def _check_name(name: str, adapters: Mapping[str, Adapter]) -> None:
    """Refuse a misspelt exchange in ``base_urls``, which would send to the real venue instead.

    A name that resembles no exchange may belong to an adapter that is passed with the call.
    """
    known = {*exchanges(), *adapters}
    nearest = difflib.get_close_matches(name.lower(), known, cutoff=0.7)
    if name not in known and nearest:
        raise UnknownExchangeError(name, tuple(nearest))
