"""XT spot copy trading, follower side: the adapter that ties the rooms together."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar

import attrs

from unified_copy.adapter import Adapter, Call, Limit, Operation, option
from unified_copy.answers import Codes, Reading
from unified_copy.errors import VenueError, VenueUnavailableError
from unified_copy.gaps import Gap, Gaps, cannot, undocumented, with_option
from unified_copy.model import FIELD_NAMES, FollowConfig
from unified_copy.results import KEEP
from unified_copy.settings import FollowSettings
from unified_copy.wire import JSON, Request, Response, encode, encode_query
from unified_copy_xt import answers, check, rows, terms, translate, wire
from unified_copy_xt import sign as signing
from unified_copy_xt.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from unified_copy.credentials import Credentials
    from unified_copy.fields import Fields
    from unified_copy.model import OnStop
    from unified_copy.results import (
        ClosedCopy,
        CopiedPosition,
        Finding,
        FollowedLeader,
        LeaderProfile,
        Page,
        Price,
        SymbolLimits,
    )

T = TypeVar("T")

_NOT_FOUND: Final = 404
_CURRENT: Final = "1"
_DETAIL: Final = "1"
_ALL_TIME: Final = "all"
_WINDOW: Final = 1.0
"""Seconds over which XT counts requests."""


def _whose(what: str) -> Gap:
    # XT's rows name an order of the leader's, never his account.
    return cannot(f"XT does not say from which leader's account a copy is; read {what} without a leader")


_UNSAID: Final = "XT does not document whether leaving a price out keeps or cancels it, so it cannot"
_LEFT_OUT: Final = {
    KEEP: undocumented(f"{_UNSAID} keep the other; give both"),
    NoneType: undocumented(f"{_UNSAID} cancel one; give both"),
}


@attrs.frozen(kw_only=True)
class XtAdapter(Adapter):
    """Follow leaders on XT spot, in either generation of its API."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = translate.NAME
    hosts: ClassVar[tuple[str, ...]] = ("https://sapi.xt.com",)
    forms: ClassVar[Mapping[str, Fields]] = translate.FORMS
    codes: ClassVar[Codes] = CODES
    contract: ClassVar[str] = "unified_copy_specs/xt.yaml"
    venue: ClassVar[str] = "unified_copy_xt.venue:XtVenue"
    after_unfollow: ClassVar[str] = "XT does not document what becomes of open copied positions; look at positions()"
    gaps: ClassVar[Gaps] = {
        Operation.LEADER: with_option("generation", "v1", reason="generation v4 shows no leader to others"),
    }
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.UNFOLLOW: terms.ON_UNFOLLOW,
        Operation.POSITIONS: {"leader_id": {str: _whose("positions")}},
        Operation.HISTORY: {"leader_id": {str: _whose("history")}},
        Operation.PROTECT: {"take_profit_price": _LEFT_OUT, "stop_loss_price": _LEFT_OUT},
    }

    generation: Literal["v4", "v1"] = option("v4", "v1", default="v4")
    """Which generation of the API to call; the other is never tried by itself."""
    rate_unit: Literal["fraction", "percent"] | None = option("fraction", "percent")
    """What XT's rates of stop loss and take profit count in; XT does not say."""
    loss_unit: Literal["quote"] | None = option("quote")
    """What XT's loss limit counts in; XT does not say."""

    # -- following

    def form(self, config: FollowConfig) -> str:  # noqa: ARG002 (the option decides)
        """Return the generation."""
        return self.generation

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (start and amend are one call here)
        """Return the one call that starts a follow or changes it."""
        body = translate.follow(config, generation=self.generation, rate_unit=self.rate_unit)
        return (self._write(self._served.follow, body=encode(body)),)

    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (nothing needs to be known)
        """Return the one call that ends a follow.

        XT's documents put the leader into the body, and XT's own client sends it in the query of a request without
        one; this is the client's way, because XT tests its client.
        """
        self.require(Operation.UNFOLLOW, on_stop=on_stop)
        account = {translate.LEADER_KEYS[self.generation]: str(translate.account_id(leader_id))}
        return (self._write(self._served.cancel_follow, query=encode_query(**account)),)

    # -- reading

    def settings(self, leader_id: str) -> Generator[Call[Any], Any, FollowSettings]:
        """Return the plan that looks for the leader among those being followed, then reads the terms."""
        account = str(translate.account_id(leader_id))
        unknown = frozenset(FIELD_NAMES) - {"leader_id"}
        silent = FollowSettings(exchange=self.name, leader_id=leader_id, active=False, missing=unknown)
        if not (yield from self._is_followed(account)):
            return silent
        shown, raw = yield from self._read(self._served.follow_config, answers.follow_config, leaderAccountId=account)
        if shown is None:
            return silent
        reading = Reading()
        fields = translate.config_fields(shown, reading, rate_unit=self.rate_unit, loss_unit=self.loss_unit)
        return FollowSettings(
            exchange=self.name,
            leader_id=leader_id,
            active=True,
            missing=frozenset(reading.unread),
            unread=reading.unread,
            raw=raw,
            **fields,
        )

    def _is_followed(self, account: str) -> Generator[Call[Any], Any, bool]:
        """Page through the leaders being followed until ``account`` is found or the pages end."""
        seen = {""}
        cursor: str | None = None
        told = True
        while True:
            page, leaders = yield from self._list(
                self._served.my_leaders,
                lambda response: answers.rows(response, wire.Leader, answers.PAGE),
                cursor,
                type=_CURRENT,
            )
            if any(leader.accountId == account for leader in leaders):
                return True
            told = told and all(leader.accountId for leader in leaders)
            if not page.hasNext:
                if told:
                    return False
                # It may be this very leader.
                raise VenueUnavailableError(self.name, "HTTP 200", "a leader is followed who does not tell his account")
            cursor = str(leaders[-1].id or "") if leaders else ""
            if cursor in seen:
                # To call the leader not followed here would be a guess.
                raise VenueUnavailableError(self.name, "HTTP 200", "more pages are promised, with no way to them")
            seen.add(cursor)

    def leaders(self, cursor: str | None) -> Call[Page[FollowedLeader]]:
        """Return the call that reads one page of the leaders being followed."""
        return self._list(
            self._served.my_leaders,
            lambda response: answers.page_of(response, wire.Leader, rows.leader),
            cursor,
            type=_CURRENT,
        )

    def positions(self, leader_id: str | None, cursor: str | None) -> Call[Page[CopiedPosition]]:
        """Return the call that reads the open copied positions."""
        self.require(Operation.POSITIONS, leader_id=leader_id)
        # XT documents no cursor here; where an answer is a page all the same, the next is asked for as of every list.
        return self._read(
            self._served.open_orders,
            lambda response: answers.page_of(response, wire.Order, rows.position, limit=None),
            type=_DETAIL,
            **_following(cursor),
        )

    def history(self, leader_id: str | None, cursor: str | None) -> Call[Page[ClosedCopy]]:
        """Return the call that reads one page of closed copies."""
        self.require(Operation.HISTORY, leader_id=leader_id)
        return self._list(
            self._served.past_orders, lambda response: answers.page_of(response, wire.Order, rows.closed), cursor
        )

    def symbols(self, leader_id: str | None) -> Call[tuple[SymbolLimits, ...]]:
        """Return the call that reads what can be copied; of one leader XT tells only his followers."""
        if leader_id is None:
            return self._public(self._served.symbols, rows.symbols)
        account = str(translate.account_id(leader_id))
        return self._read(self._served.follow_config, rows.leader_symbols, leaderAccountId=account)

    def leader(self, leader_id: str) -> Generator[Call[Any], Any, LeaderProfile]:
        """Return the plan that reads a leader's public profile, then his statistics over all the time he has led.

        In generation v4 only a leader himself can read his profile.
        """
        account = str(translate.account_id(leader_id))
        if self._served.leader is None:
            raise self._lacks(Operation.LEADER)
        return self._leader(account, *self._served.leader)

    def _leader(
        self, account: str, detail: wire.Endpoint, stats: wire.Endpoint
    ) -> Generator[Call[Any], Any, LeaderProfile]:
        shown = yield from self._public(detail, rows.leader_detail, accountId=account)
        profile = yield from self._public(
            stats, lambda response: rows.profile(response, account, shown), accountId=account, days=_ALL_TIME
        )
        return profile

    def check(self) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
        """Return the plan that asks whether this key and account can follow here."""
        return check.plan(self.generation, self.time())

    # -- open positions

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        """Return the call that closes one copied position, with its parameters in the query as XT's own client does."""
        order, symbol = rows.leader_order(position)
        query = encode_query(leaderOrderId=str(order), symbol=symbol)
        return (self._write(self._served.close, query=query),)

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        """Return the call that sets both protections of one copied position.

        XT does not document what becomes of a price that is left out: it may stay, or be cancelled. So a price is
        neither kept nor cancelled here. The call is a POST with JSON, as XT's own client makes it; some pages say GET.
        """
        self.require(Operation.PROTECT, take_profit_price=take_profit_price, stop_loss_price=stop_loss_price)
        order, symbol = rows.leader_order(position)
        body = wire.Protect(
            symbol=symbol,
            leaderOrderId=order,
            triggerProfitPrice=rows.price(take_profit_price),
            triggerStopPrice=rows.price(stop_loss_price),
        )
        return (self._write(self._served.protect, body=encode(body)),)

    # -- talking to the venue

    def time(self) -> Call[int]:
        """Return the call that asks XT's clock."""
        limit = Limit(2, _WINDOW, "ip", "time")
        return Call(Request("GET", wire.SERVER_TIME), answers.server_time, limit, signed=False)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` with XT's headers."""
        return signing.sign(request, credentials, now_ms=now_ms)

    @property
    def _served(self) -> wire.Generation:
        return wire.GENERATIONS[self.generation]

    def _write(self, served: wire.Endpoint, *, query: str = "", body: bytes = b"") -> Call[None]:
        request = Request("POST", served.path, query, JSON if body else {}, body)
        return Call(request, self._decoder(answers.written), served.limit, writes=True)

    def _read(self, served: wire.Endpoint, decode: Callable[[Response], T], **query: str) -> Call[T]:
        return Call(Request("GET", served.path, encode_query(**query)), self._decoder(decode), served.limit)

    def _public(self, served: wire.Endpoint, decode: Callable[[Response], T], **query: str) -> Call[T]:
        request = Request("GET", served.path, encode_query(**query))
        return Call(request, self._decoder(decode), served.limit, signed=False)

    def _list(
        self, served: wire.Endpoint, decode: Callable[[Response], T], cursor: str | None, **query: str
    ) -> Call[T]:
        return self._read(served, decode, limit=str(answers.PAGE), **query, **_following(cursor))

    def _decoder(self, decode: Callable[[Response], T]) -> Callable[[Response], T]:
        """Return ``decode``, preceded by the one thing that a 404 of this API means: the other generation."""

        def decode_or_tell(response: Response) -> T:
            if response.status == _NOT_FOUND:
                other = "v1" if self.generation == "v4" else "v4"
                meaning = (
                    f"this host does not serve generation {self.generation} of XT's API; "
                    f"choose the other with generation={other!r} on the adapter, or XT_GENERATION={other}"
                )
                raise VenueError(translate.NAME, check.NOT_FOUND, meaning, http_status=response.status)
            return decode(response)

        return decode_or_tell


def _following(cursor: str | None) -> dict[str, str]:
    """Return what asks for the page after the row whose id is ``cursor``."""
    return {} if cursor is None else {"direction": "NEXT", "id": cursor}
