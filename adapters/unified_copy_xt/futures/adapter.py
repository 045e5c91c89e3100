"""XT futures copy trading, follower side: the adapter that ties the rooms together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar

import attrs
from msgspec import UNSET, UnsetType

from unified_copy.adapter import Adapter, Call, Limit, Operation, option
from unified_copy.answers import Codes, Reading
from unified_copy.decimals import plain
from unified_copy.errors import (
    AuthenticationError,
    LeaderUnavailableError,
    RateLimitedError,
    UnifiedCopyError,
)
from unified_copy.gaps import Gaps, cannot, undocumented, with_option
from unified_copy.model import FIELD_NAMES, FollowConfig
from unified_copy.results import KEEP, Finding, Level, moment
from unified_copy.settings import FollowSettings
from unified_copy.wire import FORM, Request, Response, encode_query
from unified_copy_xt import terms
from unified_copy_xt.check import PERMISSIONS
from unified_copy_xt.futures import answers, translate, wire
from unified_copy_xt.futures import sign as signing
from unified_copy_xt.futures.codes import CODES, HIDING_THE_CLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from unified_copy.credentials import Credentials
    from unified_copy.fields import Fields
    from unified_copy.model import OnStop, VenueSettings
    from unified_copy.results import (
        ClosedCopy,
        CopiedPosition,
        FollowedLeader,
        LeaderProfile,
        Page,
        Price,
        SymbolLimits,
    )

T = TypeVar("T")

_PRICE_TYPES: Final = {"latest": "LATEST_PRICE", "mark": "MARK_PRICE"}
_DETAILS: Final = "1"
"""One row per copied position; the other kind sums up."""
_FOLLOWERS: Final = "false"
"""That an order is a follower's, not a leader's."""
_DAYS: Final = "30"
"""Over how many days a leader's achievements are asked for, as XT's own client does."""

_ONE_LEADER_S: Final = undocumented(
    "XT's list of closed copies does not tell whose they were, and the page of its list for one leader describes "
    "another; leave it out"
)
_KEPT: Final[Gaps] = {
    KEEP: undocumented("XT sets both prices at once, and may cancel one that is left out; give it, or None to cancel")
}


@attrs.frozen(kw_only=True)
class XtFuturesAdapter(Adapter):
    """Follow leaders on XT futures, USDT-margined."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = translate.NAME
    # XT's own client sends these calls to the spot host; all documents say this one.
    hosts: ClassVar[tuple[str, ...]] = ("https://fapi.xt.com",)
    forms: ClassVar[Mapping[str, Fields]] = translate.FORMS
    codes: ClassVar[Codes] = CODES
    limits: ClassVar[tuple[Limit, ...]] = wire.LIMITS
    clock_codes: ClassVar[frozenset[str]] = HIDING_THE_CLOCK
    venue_settings: ClassVar[type[VenueSettings] | None] = translate.XtFuturesSettings
    contract: ClassVar[str] = "unified_copy_specs/xt-futures.yaml"
    venue: ClassVar[str] = "unified_copy_xt.futures.venue:XtFuturesVenue"
    after_unfollow: ClassVar[str] = (
        "XT does not document what becomes of open copied positions; positions() lists those of leaders followed now, "
        "so look at them on XT's site"
    )
    gaps: ClassVar[Gaps] = {
        Operation.PROTECT: with_option("trigger_price", reason="XT must be told which price sets it off"),
    }
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.UNFOLLOW: terms.ON_UNFOLLOW,
        Operation.HISTORY: {"leader_id": {str: _ONE_LEADER_S}},
        Operation.SYMBOLS: {"leader_id": {str: cannot("XT lists the pairs of all leaders as one; leave it out")}},
        Operation.PROTECT: {"take_profit_price": _KEPT, "stop_loss_price": _KEPT},
    }

    rate_unit: Literal["fraction", "percent"] | None = option("fraction", "percent")
    """What XT's rates of stop loss and take profit count in; XT does not say."""
    loss_unit: Literal["quote"] | None = option("quote")
    """What XT's loss limit counts in; XT does not say."""
    trigger_price: Literal["latest", "mark"] | None = option("latest", "mark")
    """Which price sets off the protections of a position; XT must be told and has no default."""

    # -- following

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (start and amend are one call here)
        """Return the one call that starts a follow or changes it."""
        body = translate.follow(config, rate_unit=self.rate_unit)
        return (_write(wire.FOLLOW, body),)

    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (it does not matter what is followed)
        """Return the one call that ends a follow; XT cannot be told what becomes of open positions."""
        self.require(Operation.UNFOLLOW, on_stop=on_stop)
        return (_write(wire.UNFOLLOW, wire.Unfollow(leaderAccountId=translate.account_id(leader_id))),)

    def settings(self, leader_id: str) -> Generator[Call[Any], Any, FollowSettings]:
        """Return the plan that reads the relation to the leader.

        Where XT does not say whether it has ended, shows no terms, or knows no such leader, the list of what is
        followed decides.
        """
        account = translate.account_id(leader_id)
        unknown = frozenset(FIELD_NAMES) - {"leader_id"}
        silent = FollowSettings(exchange=self.name, leader_id=leader_id, active=False, missing=unknown)
        try:
            shown, raw = yield from _read(wire.RELATION, answers.relation, {"leaderAccountId": account})
        except LeaderUnavailableError:
            if account in (yield from _read(wire.FOLLOW_LIST, answers.followed)):
                raise
            return silent
        active = shown is not None and not shown.cancel
        if shown is not None and active and (shown.cancel is None or not shown.followType):
            active = account in (yield from _read(wire.FOLLOW_LIST, answers.followed))
        if shown is None or not active:
            return attrs.evolve(silent, raw=raw)
        reading = Reading()
        fields = translate.config_fields(shown, reading, rate_unit=self.rate_unit, loss_unit=self.loss_unit)
        # Of what XT has no setting for nothing is missing.
        settled = {"margin_mode", "leverage", "max_position", "max_total"}
        return FollowSettings(
            exchange=self.name,
            leader_id=leader_id,
            active=True,
            missing=(unknown - settled - fields.keys()) | reading.unread.keys(),
            unread=reading.unread,
            raw=raw,
            **fields,
        )

    # -- reading

    def leaders(self, cursor: str | None) -> Call[Page[FollowedLeader]]:  # noqa: ARG002 (all come at once)
        """Return the plan that reads all leaders being followed."""
        return _read(wire.FOLLOWING, answers.leaders)

    def positions(self, leader_id: str | None, cursor: str | None) -> Call[Page[CopiedPosition]]:  # noqa: ARG002 (all come at once)
        """Return the plan that reads the open positions of all who are followed now.

        Of XT's lists this one names the leader. Whether it has what is left open by a follow that has ended is not
        documented, and its name speaks against it.
        """
        account = None if leader_id is None else translate.account_id(leader_id)
        return _read(wire.FOLLOWING, lambda response: answers.positions(response, account))

    def history(self, leader_id: str | None, cursor: str | None) -> Call[Page[ClosedCopy]]:
        """Return the plan that reads one page of closed copies; the venue chooses how many make a page.

        Raises ``UnsupportedError`` for a single leader: XT does not tell whose copies they were.
        """
        self.require(Operation.HISTORY, leader_id=leader_id)
        following = {} if cursor is None else {"direction": "NEXT", "id": cursor}
        return _read(wire.HISTORY, answers.history, {"type": _DETAILS, **following})

    def symbols(self, leader_id: str | None) -> Call[tuple[SymbolLimits, ...]]:
        """Return the plan that reads what can be copied at all; XT does not tell it leader by leader."""
        self.require(Operation.SYMBOLS, leader_id=leader_id)
        return _read(wire.SYMBOLS, answers.symbols, signed=False)

    def leader(self, leader_id: str) -> Generator[Call[Any], Any, LeaderProfile]:
        """Return the plan that reads a leader's own words and what he achieved in 30 days."""
        account = translate.account_id(leader_id)
        told, words = yield from _read(wire.LEADER, answers.detail, {"accountId": account}, signed=False)
        achieved, figures = yield from _read(
            wire.LEADER_STATS, answers.stats, {"accountId": account, "days": _DAYS}, signed=False
        )
        return answers.profile(leader_id, told, achieved, {"detail": words, "stats": figures})

    def check(self) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
        """Return the plan that asks the clock without a key, then what is followed with it."""
        clock, key = (yield from self._check_clock()), (yield from self._check_key())
        return (clock, key, PERMISSIONS) if key.level is Level.FINE else (clock, key)

    def _check_clock(self) -> Generator[Call[Any], Any, Finding]:
        try:
            theirs = yield from self.time()
        except UnifiedCopyError as error:
            return Finding("clock", Level.PROBLEM, str(error), "see whether this host can be reached from here")
        told = f"XT's clock says {moment(theirs)}"
        return Finding("clock", Level.FINE, told, "a clock here that differs by seconds makes XT refuse every key")

    def _check_key(self) -> Generator[Call[Any], Any, Finding]:
        try:
            followed = yield from _read(wire.FOLLOW_LIST, answers.followed)
        except AuthenticationError as error:
            advice = "look at key and secret, at the addresses bound to the key, and at the clock here"
            return Finding("key", Level.PROBLEM, str(error), advice)
        except RateLimitedError as error:
            return Finding("key", Level.PROBLEM, str(error), "send nothing for ten minutes")
        except UnifiedCopyError as error:
            return Finding("key", Level.PROBLEM, str(error))
        return Finding("key", Level.FINE, f"the key may read copy trading; leaders followed: {len(followed)}")

    # -- open positions

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        """Return the one call that closes a copied position."""
        number = translate.track_number(position.position_id)
        return (_write(wire.CLOSE, wire.Close(trackNo=number, leaderOrder=_FOLLOWERS)),)

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        """Return the one call that sets both protections of a copied position."""
        if self.trigger_price is None:
            raise self._lacks(Operation.PROTECT)
        self.require(Operation.PROTECT, take_profit_price=take_profit_price, stop_loss_price=stop_loss_price)
        body = wire.Protect(
            trackNo=translate.track_number(position.position_id),
            triggerPriceType=_PRICE_TYPES[self.trigger_price],
            leaderOrder=_FOLLOWERS,
            triggerProfitPrice=_price(take_profit_price),
            triggerStopPrice=_price(stop_loss_price),
        )
        return (_write(wire.PROTECT, body),)

    # -- talking to the venue

    def time(self) -> Call[int]:
        """Return the call that asks XT's clock."""
        return _read(wire.SERVER_TIME, answers.clock, signed=False)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` with the headers of XT's futures host."""
        return signing.sign(request, credentials, now_ms=now_ms)


def _price(price: Price) -> str | UnsetType:
    return plain(price) if isinstance(price, Decimal) else UNSET


def _read(
    served: wire.Endpoint,
    decode: Callable[[Response], T],
    query: Mapping[str, str] | None = None,
    *,
    signed: bool = True,
) -> Call[T]:
    return Call(Request("GET", served.path, encode_query(**query or {})), decode, served.limit, signed=signed)


def _write(served: wire.Endpoint, body: wire.Follow | wire.Unfollow | wire.Close | wire.Protect) -> Call[None]:
    request = Request("POST", served.path, "", FORM, wire.form(body))
    return Call(request, answers.confirmation, served.limit, writes=True)
