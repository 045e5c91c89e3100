"""Follow leaders, and everything after, on any exchange through one client.

A write is done, rejected, or unknown, and which of them is never guessed: what was lost on the way is settled by
reading back.
"""

from __future__ import annotations

import asyncio
import copy
import difflib
from collections.abc import Iterable
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar

import attrs

from unified_copy.adapter import Adapter, Operation, Plan
from unified_copy.decimals import DecimalLike, positive
from unified_copy.errors import (
    ConfigError,
    Difference,
    UnifiedCopyError,
    UnknownExchangeError,
    UnsupportedError,
    VenueUnavailableError,
    VerificationError,
)
from unified_copy.model import ALL_SYMBOLS, AllSymbols, OnStop, Pair, checked_leader_id
from unified_copy.registry import exchanges, resolve
from unified_copy.results import KEEP, ActionResult, CopiedPosition, Finding, Level, Page
from unified_copy.session import Look, Session, Shared
from unified_copy.settings import described, differences, unverified
from unified_copy.translation import translate_with
from unified_copy.transport import Transport, checked_origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
    from types import TracebackType

    from unified_copy.adapter import Call
    from unified_copy.credentials import Credentials
    from unified_copy.model import FollowConfig
    from unified_copy.results import (
        ClosedCopy,
        FollowedLeader,
        LeaderProfile,
        Price,
        SymbolLimits,
    )
    from unified_copy.settings import FollowSettings

T = TypeVar("T")

CLOCK_TOLERANCE_MS: Final = 1000
"""How far two clocks may be apart before it matters: the strictest venue refuses a time of more than this ahead."""


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

    ``credentials`` and ``base_urls`` are mappings by exchange name. Without ``credentials`` they come from the
    environment; with them the environment is never looked at, so that no account is used by accident. ``adapters``
    are instances to use in place of the ones the registry builds. ``timeout`` is in seconds, for one whole request.
    """

    def __init__(
        self,
        *,
        credentials: Mapping[str, Credentials] | None = None,
        base_urls: Mapping[str, str] | None = None,
        adapters: Iterable[Adapter] | None = None,
        timeout: float = 10.0,
    ) -> None:
        """Check what was given; nothing connects yet. Raises ``ConfigError`` for an unusable ``base_urls`` entry."""
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < float("inf"):
            raise ConfigError("timeout", f"{timeout!r} is no number of seconds above zero")
        shared = Shared(
            Transport(timeout),
            {adapter.name: adapter for adapter in adapters or ()},
            {name: checked_origin(name, url) for name, url in (base_urls or {}).items()},
        )
        for name in shared.origins:
            _check_name(name, shared.adapters)
        self._session = Session(shared, credentials)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection, of all accounts that share them."""
        await self._session.shared.transport.close()

    def with_credentials(self, credentials: Mapping[str, Credentials]) -> CopyClient:
        """Return a client for another account over the same connections and the same limits."""
        other = copy.copy(self)
        other._session = Session(self._session.shared, credentials)  # noqa: SLF001 (a copy of this very object)
        return other

    # ------------------------------------------------------------------ following

    async def follow(self, config: FollowConfig, *, exchange: str | Adapter, verify: bool = True) -> FollowResult:
        """Start or change the follow that ``config`` describes, and read it back.

        Returns a result whose ``status`` says how much is certain. Raises ``UnsupportedError`` before anything is
        sent for what the exchange cannot express; a ``VenueError`` where the venue refused; ``VerificationError``
        where the follow is live with other settings; ``OutcomeUnknownError`` where nobody knows; ``TransportError``
        where nothing arrived. With ``verify=False`` reading back happens only after a lost answer.
        """
        adapter = self._adapter(exchange)
        known = await self._known(adapter, Operation.FOLLOW, config.leader_id)
        translation = translate_with(adapter, config, known)
        translation.check()
        supports = translation.supports
        look = None
        if Operation.SETTINGS in adapter.operations and any(support.returned for support in supports.values()):
            look = Look(
                lambda: adapter.settings(config.leader_id),
                lambda shown: differences(config, shown, supports),
                lambda shown: unverified(config, supports, shown),
            )
        with _noting(f"{adapter.name} may have been sent a follow of leader {config.leader_id}"):
            seen = await self._session.write(adapter, translation.calls, look, verify=verify)
        if seen.differences:
            raise VerificationError(adapter.name, seen.differences)
        open_fields = unverified(config, supports, seen.state)
        return FollowResult(
            status="accepted" if open_fields else "applied",
            exchange=adapter.name,
            config=config,
            settings=seen.state,
            unverified=open_fields,
            cause=seen.cause,
        )

    async def settings(self, leader_id: str, *, exchange: str | Adapter) -> FollowSettings:
        """Read how a leader is followed; not following is an answer with ``active=False``.

        Raises ``UnsupportedError`` where the exchange cannot tell, and a ``VenueError`` or ``TransportError`` where
        reading fails.
        """
        adapter = self._adapter(exchange)
        return await self._session.run(adapter, adapter.settings(checked_leader_id(leader_id)))

    async def unfollow(self, leader_id: str, *, exchange: str | Adapter, on_stop: OnStop | None = None) -> ActionResult:
        """End a follow, and read until it is gone.

        ``on_stop`` says what becomes of open copied positions; ``None`` leaves that to the venue, and the result's
        ``note`` says what it does. The status is ``pending`` where the venue is still working on it. Raises as
        ``follow`` does.
        """
        adapter = self._adapter(exchange)
        leader_id = checked_leader_id(leader_id)
        known = await self._known(adapter, Operation.UNFOLLOW, leader_id)
        calls = adapter.unfollow(leader_id, on_stop, known)
        look = None
        if Operation.SETTINGS in adapter.operations:
            gone = (Difference("leader_id", "not following", "an active follow"),)
            look = Look(lambda: adapter.settings(leader_id), lambda shown: gone if shown.active else ())
        with _noting(f"{adapter.name} may have been told to stop following leader {leader_id}"):
            seen = await self._session.write(adapter, calls, look)
        if seen.differences and not adapter.unfollows_later:
            raise VerificationError(adapter.name, seen.differences)
        status: Literal["done", "pending", "accepted"] = "accepted"
        if seen.state is not None:
            status = "pending" if seen.differences else "done"
        note = adapter.after_unfollow if on_stop is None else ""
        return ActionResult(status=status, exchange=adapter.name, note=note, cause=seen.cause)

    # ------------------------------------------------------------------ reading

    def leaders(self, *, exchange: str | Adapter) -> AsyncIterator[FollowedLeader]:
        """Iterate over the leaders being followed; a page is read when it is needed."""
        adapter = self._adapter(exchange)
        return self._pages(adapter, adapter.leaders)

    def positions(self, *, exchange: str | Adapter, leader_id: str | None = None) -> AsyncIterator[CopiedPosition]:
        """Iterate over open copied positions, of one leader or of all; a page is read when it is needed."""
        adapter = self._adapter(exchange)
        wanted = leader_id if leader_id is None else checked_leader_id(leader_id)
        return self._pages(adapter, lambda cursor: adapter.positions(wanted, cursor))

    def history(self, *, exchange: str | Adapter, leader_id: str | None = None) -> AsyncIterator[ClosedCopy]:
        """Iterate over closed copies, of one leader or of all; a page is read when it is needed."""
        adapter = self._adapter(exchange)
        wanted = leader_id if leader_id is None else checked_leader_id(leader_id)
        return self._pages(adapter, lambda cursor: adapter.history(wanted, cursor))

    async def symbols(self, *, exchange: str | Adapter, leader_id: str | None = None) -> tuple[SymbolLimits, ...]:
        """Read which pairs can be copied, from one leader or at all, with limits where the venue gives them."""
        adapter = self._adapter(exchange)
        wanted = leader_id if leader_id is None else checked_leader_id(leader_id)
        return await self._session.run(adapter, adapter.symbols(wanted))

    async def leader(self, leader_id: str, *, exchange: str | Adapter) -> LeaderProfile:
        """Read what is public about a leader."""
        adapter = self._adapter(exchange)
        return await self._session.run(adapter, adapter.leader(checked_leader_id(leader_id)))

    async def check(self, *, exchange: str | Adapter) -> tuple[Finding, ...]:
        """Find out, by reading only, whether this key and account can follow here, and what to do if not."""
        adapter = self._adapter(exchange)
        plan = adapter.check()
        ahead = await self._session.measure_clock(adapter)
        clock = () if ahead is None else (_clock_finding(ahead),)
        return (*clock, *await self._session.run(adapter, plan))

    # ------------------------------------------------------------------ open positions

    async def close(self, position: CopiedPosition, *, exchange: str | Adapter) -> ActionResult:
        """Close one copied position at market, and read until it is gone. Raises as ``follow`` does."""
        adapter = self._adapter(exchange)
        _check_position(position, adapter)
        calls = adapter.close(position)
        look = None
        if Operation.POSITIONS in adapter.operations:
            still = (Difference("position", "closed", f"{position.symbol} {position.position_id} is open"),)
            look = Look(lambda: _find(adapter, position), lambda found: still if found else ())
        with _noting(f"{adapter.name} may have been told to close position {position.position_id}"):
            seen = await self._session.write(adapter, calls, look)
        if seen.differences:
            raise VerificationError(adapter.name, seen.differences)
        status: Literal["done", "accepted"] = "accepted" if seen.state is None else "done"
        return ActionResult(status=status, exchange=adapter.name, position=position, cause=seen.cause)

    async def close_all(
        self, *, exchange: str | Adapter, symbols: Iterable[str | Pair] | Literal[AllSymbols.ALL]
    ) -> tuple[ActionResult, ...]:
        """Close every copied position in ``symbols``, one after the other; ``ALL_SYMBOLS`` must be said.

        Goes on after a failure: a position that could not be closed has the status ``failed`` and a ``cause``. Raises
        ``VenueUnavailableError``, with nothing closed, where the list of positions cannot be read to its end.
        """
        adapter = self._adapter(exchange)
        if Operation.CLOSE_ALL not in adapter.operations:
            raise UnsupportedError("exchange", "cannot do 'close_all': it has no such operation", adapter.name)
        wanted = None if symbols is ALL_SYMBOLS else _pairs(symbols)
        # Pages that shift while they are read show a position twice, and none must be told to close twice.
        found = {
            (position.position_id, position.symbol): position
            async for position in self._pages(adapter, partial(adapter.positions, None), complete=True)
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
        adapter = self._adapter(exchange)
        _check_position(position, adapter)
        wanted = {
            "take_profit_price": _price(take_profit_price, "take_profit_price"),
            "stop_loss_price": _price(stop_loss_price, "stop_loss_price"),
        }
        if all(price is KEEP for price in wanted.values()):
            raise ConfigError("take_profit_price", "there is nothing to change; give a price, or None to cancel one")
        calls = adapter.protect(position, wanted["take_profit_price"], wanted["stop_loss_price"])
        look = None
        if Operation.POSITIONS in adapter.operations:
            look = Look(
                lambda: _find(adapter, position),
                lambda found: _protection_differences(wanted, found),
                lambda found: _unseen_protections(wanted, found),
            )
        with _noting(f"{adapter.name} may have been told to protect position {position.position_id}"):
            seen = await self._session.write(adapter, calls, look)
        if seen.differences:
            raise VerificationError(adapter.name, seen.differences)
        unseen = _unseen_protections(wanted, seen.state)
        status: Literal["done", "accepted"] = "accepted" if unseen else "done"
        return ActionResult(
            status=status, exchange=adapter.name, position=position, unverified=unseen, cause=seen.cause
        )

    # ------------------------------------------------------------------ helpers

    def _adapter(self, exchange: str | Adapter) -> Adapter:
        if isinstance(exchange, str) and exchange in self._session.shared.adapters:
            return self._session.shared.adapters[exchange]
        return resolve(exchange)

    async def _known(self, adapter: Adapter, operation: Operation, leader_id: str) -> FollowSettings | None:
        """Read what is followed now, where the adapter needs to know it before a write."""
        if operation not in adapter.reads_before:
            return None
        return await self._session.run(adapter, adapter.settings(leader_id))

    async def _pages(
        self, adapter: Adapter, read: Callable[[str | None], Plan[Page[T]]], *, complete: bool = False
    ) -> AsyncIterator[T]:
        """Yield the rows of one page after the other, until the venue says that there are no more.

        Pages that go round in a circle end the list; where it must be ``complete``, they are an error.
        """
        turn = _Circle()
        cursor: str | None = None
        while True:
            page = await self._session.run(adapter, read(cursor))
            for row in page.items:
                yield row
            cursor = page.cursor
            if cursor is None:
                return
            if turn.closes_at(cursor):
                if complete:
                    raise _round_in_a_circle(adapter)
                return


def _round_in_a_circle(adapter: Adapter) -> VenueUnavailableError:
    return VenueUnavailableError(adapter.name, "pages", "the pages of positions go round in a circle")


def _clock_finding(ahead: int) -> Finding:
    """Judge by how many milliseconds the venue's clock is ahead of ours."""
    told = f"the venue's clock is {abs(ahead)} ms {'ahead of' if ahead >= 0 else 'behind'} this one"
    if abs(ahead) <= CLOCK_TOLERANCE_MS:
        return Finding("clock offset", Level.FINE, told)
    advice = "set this machine's clock by a time server; until then requests are signed by the venue's clock"
    return Finding("clock offset", Level.WARNING, told, advice)


class _Circle:
    """Notice in constant memory that cursors repeat, however long the circle is."""

    def __init__(self) -> None:
        self._kept: str | None = None
        self._steps, self._limit = 0, 1

    def closes_at(self, cursor: str) -> bool:
        if cursor == self._kept:
            return True
        self._steps += 1
        if self._steps == self._limit:
            self._kept, self._steps, self._limit = cursor, 0, self._limit * 2
        return False


@contextmanager
def _noting(what: str) -> Iterator[None]:
    """Keep the knowledge that something was sent on a cancellation."""
    try:
        yield
    except asyncio.CancelledError as error:
        error.add_note(f"cancelled after {what}; look before sending anything again")
        raise


def _find(adapter: Adapter, position: CopiedPosition) -> Generator[Call[Any], Any, tuple[CopiedPosition, ...]]:
    """Look for one position on every page; nothing found is an empty tuple."""
    turn = _Circle()
    cursor: str | None = None
    while True:
        page = yield from adapter.positions(position.leader_id, cursor)
        found = tuple(row for row in page.items if row.position_id == position.position_id)
        cursor = page.cursor
        if found or cursor is None:
            return found
        if turn.closes_at(cursor):
            # To call the position closed here would be a guess.
            raise _round_in_a_circle(adapter)


def _check_position(position: CopiedPosition, adapter: Adapter) -> None:
    if not isinstance(position, CopiedPosition):
        # A closed copy has an id too, which may name something else by now.
        raise ConfigError("position", f"{type(position).__name__} is no CopiedPosition", adapter.name)
    if position.exchange != adapter.name:
        raise ConfigError("position", f"it is one of {position.exchange}", adapter.name)


def _pairs(symbols: Iterable[str | Pair]) -> set[tuple[str, str]]:
    allowed = "give a list such as ['BTC/USDT'], or ALL_SYMBOLS"
    if isinstance(symbols, str | bytes) or not isinstance(symbols, Iterable):
        raise ConfigError("symbols", f"{symbols!r} is no list of pairs; {allowed}")
    pairs = [pair if isinstance(pair, Pair) else Pair.parse(str(pair)) for pair in symbols]
    if not pairs:
        raise ConfigError("symbols", f"it is empty; {allowed}")
    return {(pair.base, pair.quote) for pair in pairs}


def _price(value: DecimalLike | Price, field: str) -> Price:
    return value if value is None or value is KEEP else positive(value, field)


def _protection_differences(wanted: Mapping[str, Price], found: tuple[CopiedPosition, ...]) -> tuple[Difference, ...]:
    if not found:
        return (Difference("position", "an open position", "no such position"),)
    return tuple(
        Difference(name, described(price), described(getattr(found[0], name)))
        for name, price in wanted.items()
        if price is not KEEP and name not in found[0].missing and getattr(found[0], name) != price
    )


def _unseen_protections(wanted: Mapping[str, Price], found: tuple[CopiedPosition, ...] | None) -> tuple[str, ...]:
    missing = found[0].missing if found else frozenset(wanted)
    return tuple(name for name, price in wanted.items() if price is not KEEP and name in missing)


def _check_name(name: str, adapters: Mapping[str, Adapter]) -> None:
    """Refuse a misspelt exchange in ``base_urls``, which would send to the real venue instead.

    A name that resembles no exchange may belong to an adapter that is passed with the call.
    """
    known = {*exchanges(), *adapters}
    nearest = difflib.get_close_matches(name.lower(), known, cutoff=0.7)
    if name not in known and nearest:
        raise UnknownExchangeError(name, tuple(nearest))
