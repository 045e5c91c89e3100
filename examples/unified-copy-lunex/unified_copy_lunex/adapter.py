"""Lunex copy trading, follower side: the adapter that ties the rooms together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import attrs

from unified_copy.adapter import Adapter, Call, Limit, Operation, option
from unified_copy.answers import Codes, Reading
from unified_copy.decimals import plain
from unified_copy.results import KEEP, Finding, Level, Page
from unified_copy.settings import FollowSettings
from unified_copy.wire import JSON, Request, encode, encode_query
from unified_copy_lunex import rows, translate, wire
from unified_copy_lunex import sign as signing
from unified_copy_lunex.codes import ANSWERS, CODES, NAME, answer, done

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from unified_copy import results
    from unified_copy.credentials import Credentials
    from unified_copy.fields import Fields
    from unified_copy.gaps import Gaps
    from unified_copy.model import FollowConfig, OnStop
    from unified_copy.results import CopiedPosition, Price
    from unified_copy.wire import Response

T = TypeVar("T")
Row = TypeVar("Row")


@attrs.frozen(kw_only=True)
class LunexAdapter(Adapter):
    """Follow traders on Lunex perpetual contracts, in USDT."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = NAME
    hosts: ClassVar[tuple[str, ...]] = ("https://api.lunex.example",)
    forms: ClassVar[Mapping[str, Fields]] = translate.FORMS
    codes: ClassVar[Codes] = CODES
    contract: ClassVar[str] = "unified_copy_lunex/lunex.yaml"
    venue: ClassVar[str] = "unified_copy_lunex.venue:LunexVenue"
    after_unfollow: ClassVar[str] = "open copied positions stay open, and are yours to close"
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {Operation.UNFOLLOW: translate.ON_UNFOLLOW}

    loss_unit: str | None = option("quote")
    """What ``maxLoss`` is in, which Lunex does not document; ``loss_limit`` is refused until it is chosen."""

    # -- following

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (one call starts and changes)
        """Return the call that starts a copy or changes it."""
        return _write("PUT", wire.COPIES, body=translate.copy(config))

    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (nothing needs to be known)
        """Return the call that ends a copy; without ``on_stop`` its positions stay open."""
        self.require(Operation.UNFOLLOW, on_stop=on_stop)
        told = {} if on_stop is None else {"positions": translate.ON_STOP_WORDS[on_stop]}
        return _write("DELETE", wire.COPIES, trader=leader_id, **told)

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        """Return the call that reads one copy; no row is no copy."""

        def decode(response: Response) -> FollowSettings:
            shown = ANSWERS.rows(response, answer(response, wire.Rows).rows, wire.ShownCopy, self._settings)
            found = (each for each in shown if each.leader_id == leader_id)
            return next(found, FollowSettings(exchange=NAME, leader_id=leader_id, active=False))

        return _read(wire.COPIES, decode, trader=leader_id)

    def _settings(self, shown: wire.ShownCopy, raw: object) -> FollowSettings:
        reading = Reading()
        fields = translate.settings(shown, reading, self.loss_unit)
        unread, missing = reading.unread, frozenset(reading.unread)
        return FollowSettings(
            exchange=NAME, leader_id=shown.trader, active=True, missing=missing, unread=unread, raw=raw, **fields
        )

    # -- reading

    def leaders(self, cursor: str | None) -> Call[Page[results.FollowedLeader]]:
        """Return the call that reads one page of the traders being copied."""
        return _read(wire.COPIES, partial(_page, wire.ShownCopy, rows.leader), after=cursor)

    def positions(self, leader_id: str | None, cursor: str | None) -> Call[Page[CopiedPosition]]:
        """Return the call that reads one page of open positions."""
        return _read(wire.POSITIONS, partial(_page, wire.Position, rows.position), trader=leader_id, after=cursor)

    def history(self, leader_id: str | None, cursor: str | None) -> Call[Page[results.ClosedCopy]]:
        """Return the call that reads one page of closed positions."""
        return _read(wire.TRADES, partial(_page, wire.Trade, rows.closed), trader=leader_id, after=cursor)

    def symbols(self, leader_id: str | None) -> Call[tuple[results.SymbolLimits, ...]]:
        """Return the call that reads what can be copied, from one trader or at all."""

        def decode(response: Response) -> tuple[results.SymbolLimits, ...]:
            return _page(wire.Market, rows.limits, response).items

        return _read(wire.MARKETS, decode, wire.PUBLIC, trader=leader_id)

    def leader(self, leader_id: str) -> Call[results.LeaderProfile]:
        """Return the call that reads what is public of a trader."""

        def decode(response: Response) -> results.LeaderProfile:
            return rows.profile(leader_id, answer(response, wire.Trader), response.json())

        return _read(wire.TRADERS, decode, wire.PUBLIC, trader=leader_id)

    def check(self) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
        """Return the plan that asks what the key may do."""
        rights = (yield from _read(wire.KEY, lambda response: answer(response, wire.Key))).rights
        findings = [Finding("key", Level.FINE, "the key is valid")]
        if "withdraw" in rights:
            advice = "take that right away; it is not needed"
            findings.append(Finding("permissions", Level.WARNING, "the key may withdraw", advice))
        if "copy" not in rights:
            findings.append(Finding("permissions", Level.PROBLEM, "the key may not copy", "give it the right to copy"))
        return tuple(findings)

    # -- open positions

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        """Return the call that closes one position at market."""
        return _write("DELETE", wire.POSITIONS, id=position.position_id)

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        """Return the call that sets, cancels or keeps the guards of one position."""
        prices = {"takeProfit": take_profit_price, "stopLoss": stop_loss_price}
        told = {key: None if price is None else plain(price) for key, price in prices.items() if price is not KEEP}
        return _write("PUT", wire.GUARDS, body=wire.Guards(id=position.position_id, **told))

    # -- talking to Lunex

    def time(self) -> Call[int]:
        """Return the call that asks Lunex's clock."""
        return _read(wire.TIME, lambda response: ANSWERS.clock(response, answer(response, wire.Clock).now), wire.PUBLIC)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` with Lunex's timestamp and signature in its query."""
        return signing.sign(request, credentials, now_ms=now_ms)


# ------------------------------------------------------------------ calls


def _write(method: str, path: str, *, body: object = None, **query: str) -> tuple[Call[None], ...]:
    headers, encoded = (JSON, encode(body)) if body else ({}, b"")
    return (Call(Request(method, path, encode_query(**query), headers, encoded), done, wire.WRITES, writes=True),)


def _read(path: str, decode: Callable[[Response], T], limit: Limit = wire.READS, **query: str | None) -> Call[T]:
    told = {name: value for name, value in query.items() if value is not None}
    return Call(Request("GET", path, encode_query(**told)), decode, limit, signed=limit is not wire.PUBLIC)


def _page(wanted: type[T], read: Callable[[T, object], Row], response: Response) -> Page[Row]:
    page = answer(response, wire.Rows)
    return Page(ANSWERS.rows(response, page.rows, wanted, read), page.next or None)
