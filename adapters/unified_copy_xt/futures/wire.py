"""What XT futures copy trading is sent and what it answers, spelt as XT spells it.

Source: XT API documentation, futures copy trading, follower pages and public leader pages. Where XT's pages disagree on
a limit, the lower one stands here: whoever exceeds it is locked out for ten minutes. Ids come as numbers or as text,
and what is not set as null, as empty text or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from operator import eq
from typing import Any, Final, NewType

import attrs
import cattrs
from msgspec import UNSET, UnsetType

from unified_copy.adapter import Limit
from unified_copy.answers import strict_converter
from unified_copy.results import Side, moment
from unified_copy.wire import encode_query

Digits = NewType("Digits", str)
"""An id, as its digits."""

# ------------------------------------------------------------------ where


@attrs.frozen
class Endpoint:
    """Hold where a call lives and how often it may be made."""

    path: str
    limit: Limit


LIMITS: Final = (Limit(10, 1.0, "key", "futures"), Limit(1000, 60.0, "ip", "futures"))
"""Over all calls; the one of 3 a second over an account's assets counts none of those here."""


def _private(path: str, requests: int = 2) -> Endpoint:
    return Endpoint(f"/future/copytrade/{path}", Limit(requests, 1.0, "key", f"futures {path}"))


def _public(path: str) -> Endpoint:
    return Endpoint(path, Limit(2, 1.0, "ip", f"futures {path}"))


FOLLOW: Final = _private("user/v1/copy-trade/choose-leader")
UNFOLLOW: Final = _private("user/v1/copy-trade/cancel-choose-leader")
RELATION: Final = _private("user/v1/copy-trade/leader-relation")
FOLLOW_LIST: Final = _private("user/v1/copy-trade/my-follow-list")
FOLLOWING: Final = _private("user/v1/copy-trade/current-following-v2")
HISTORY: Final = _private("order/v1/copy-trade/follower-order-history")
CLOSE: Final = _private("order/v1/copy-trade/close", 5)
PROTECT: Final = _private("order/v1/copy-trade/update-profit-stop")
SYMBOLS: Final = _public("/future/copytrade/public/user/v1/public/copy-trade/symbol-list")
LEADER: Final = _public("/future/copytrade/public/user/v1/public/copy-trade/leader-detail-v2")
LEADER_STATS: Final = _public("/future/copytrade/public/user/v1/public/copy-trade/leader-stats")
SERVER_TIME: Final = _public("/future/market/v1/public/time")

# ------------------------------------------------------------------ out


@attrs.frozen(kw_only=True)
class Follow:
    """Start or change a follow; every value as the form carries it."""

    leaderAccountId: str
    symbols: str
    followType: str
    followVal: str
    triggerProfitRate: str | UnsetType = UNSET
    triggerStopRate: str | UnsetType = UNSET
    followDirection: str
    followLoss: str | UnsetType = UNSET
    autoFollowSymbol: str
    followLossOperate: str
    transferFromBizType: str


@attrs.frozen(kw_only=True)
class Unfollow:
    """End a follow."""

    leaderAccountId: str


@attrs.frozen(kw_only=True)
class Close:
    """Close one copied position at market."""

    trackNo: str
    leaderOrder: str


@attrs.frozen(kw_only=True)
class Protect:
    """Set the two prices of one copied position; one that is left out is cancelled."""

    trackNo: str
    triggerPriceType: str
    leaderOrder: str
    triggerProfitPrice: str | UnsetType = UNSET
    triggerStopPrice: str | UnsetType = UNSET


def form(body: Follow | Unfollow | Close | Protect) -> bytes:
    """Return ``body`` as a form, sorted by name as XT signs it."""
    values: dict[str, Any] = attrs.asdict(body)
    return encode_query(**{name: value for name, value in values.items() if value is not UNSET}).encode()


# ------------------------------------------------------------------ in


@attrs.frozen(kw_only=True)
class Failure:
    """Hold what XT says about a refusal; on success it is null, or its texts are empty."""

    code: str | UnsetType = UNSET
    msg: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Envelope:
    """Hold what surrounds every answer of XT's futures host."""

    returnCode: int
    msgInfo: str | UnsetType = UNSET
    error: Failure | None = None
    result: object = None


@attrs.frozen(kw_only=True)
class Relation:
    """Hold what XT shows of a follow."""

    symbols: str | UnsetType = UNSET
    followType: str | UnsetType = UNSET
    followVal: Decimal | None = None
    followLoss: Decimal | None = None
    followLossOperate: str | UnsetType = UNSET
    triggerProfitRate: Decimal | None = None
    triggerStopRate: Decimal | None = None
    followDirection: str | UnsetType = UNSET
    autoFollowSymbol: bool | None = None
    cancel: bool | None = None
    """Whether the follow has been ended."""


@attrs.frozen(kw_only=True)
class Order:
    """Hold one copied position, open or closed; the pair stands under either of two names."""

    trackNo: Digits
    id: Digits | None = None
    """The cursor."""
    symbol: str | UnsetType = UNSET
    symbolName: str | UnsetType = UNSET
    positionSide: Side = Side.UNKNOWN
    leaderAccountId: Digits | None = None
    openTime: datetime | None = None
    closeTime: datetime | None = None
    openPrice: Decimal | None = None
    entryPrice: Decimal | None = None
    closePrice: Decimal | None = None
    openSize: Decimal | None = None
    closeSize: Decimal | None = None
    positionSize: Decimal | None = None
    openMargin: Decimal | None = None
    isolatedMargin: Decimal | None = None
    openLeverage: Decimal | None = None
    leverage: Decimal | None = None
    realizedPnl: Decimal | None = None
    totalFee: Decimal | None = None
    profitRate: Decimal | None = None
    """A fraction, except in the list of what is followed now, where it is percent."""
    triggerProfitPrice: Decimal | None = None
    triggerStopPrice: Decimal | None = None


@attrs.frozen(kw_only=True)
class Following:
    """Hold one leader that is followed now, with the positions copied from him."""

    leaderAccountId: Digits
    leaderName: str | UnsetType = UNSET
    startTime: datetime | None = None
    followMargin: Decimal | None = None
    profit: Decimal | None = None
    orderList: list[Order] | None = None


@attrs.frozen(kw_only=True)
class OrderPage:
    """Hold one page of copied positions."""

    items: list[Order]
    hasNext: bool | None = None


@attrs.frozen(kw_only=True)
class LeaderDetail:
    """Hold what is public about a leader."""

    nickName: str | UnsetType = UNSET
    intro: str | UnsetType = UNSET
    leadDays: int | None = None
    currentFollowNumber: int | None = None
    maxFollowerSize: int | None = None
    profitRate: Decimal | None = None
    """The leader's share of a follower's profit."""
    totalRights: Decimal | None = None
    displayEquity: bool | None = None


@attrs.frozen(kw_only=True)
class LeaderStats:
    """Hold what a leader has achieved."""

    pnlRate: Decimal | None = None
    totalEarnings: Decimal | None = None
    winRate: Decimal | None = None


@attrs.frozen(kw_only=True)
class ServerTime:
    """Hold XT's clock, in milliseconds since 1970."""

    serverTime: int


# ------------------------------------------------------------------ how it is read

_STRICT: Final = strict_converter()
_SIDES: Final = {"LONG": Side.LONG, "SHORT": Side.SHORT}


def converter() -> cattrs.Converter:
    """Return a converter that reads empty text as nothing, and ids as digits."""
    strict = strict_converter()
    for wanted, hook in _HOOKS:
        strict.register_structure_hook_func(partial(eq, wanted), hook)
    return strict


def _digits(value: object, _wanted: object = None) -> Digits:
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        raise ValueError(f"{type(value).__name__} where an id belongs")
    return Digits(text)


def _number(value: object, _wanted: object) -> Decimal | None:
    return None if value is None or value == "" else _STRICT.structure(value, Decimal)


def _count(value: object, _wanted: object) -> int | None:
    return None if value is None or value == "" else int(_digits(value))


def _id(value: object, _wanted: object) -> Digits | None:
    return None if value is None or value == "" else _digits(value)


def _time(value: Any, _wanted: object) -> datetime | None:  # noqa: ANN401 (not yet checked; `moment` does)
    return moment(value)


def _side(value: object, _wanted: object) -> Side:
    return _SIDES.get(str(value), Side.UNKNOWN)


_HOOKS: Final[tuple[tuple[Any, Callable[[Any, Any], object]], ...]] = (
    (Digits, _digits),
    (Digits | None, _id),
    (Decimal | None, _number),
    (int | None, _count),
    (datetime | None, _time),
    (Side, _side),
)
