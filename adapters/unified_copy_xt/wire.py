"""What XT spot copy trading is sent and what it answers, spelt as XT spells it.

Sources: XT API documentation, spot, copy trading, in two generations. The drafts of June 2024 live under ``/v4`` and
call the leader's account ``leaderOrderId`` when a follow begins or ends; what is published today lives under ``/v1``
and calls it ``leaderAccountId``. The attributes stand in the order of the documents, which is the order of the keys on
the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, NewType

import attrs
from msgspec import UNSET, Raw, Struct, UnsetType

from unified_copy.adapter import Limit

SERVER_TIME: Final = "/v4/public/time"

AccountId = NewType("AccountId", int)
"""A leader's account. Where a follow begins or ends, the drafted generation calls it ``leaderOrderId``."""
LeaderOrderId = NewType("LeaderOrderId", int)
"""An order of the leader's, by which XT names the position copied from it; never an account."""


@attrs.frozen
class Endpoint:
    """Hold where a call lives and how often it may be made."""

    path: str
    limit: Limit


@attrs.frozen(kw_only=True)
class Generation:
    """Hold the calls of one generation of the API."""

    follow: Endpoint
    cancel_follow: Endpoint
    follow_config: Endpoint
    my_leaders: Endpoint
    user_status: Endpoint
    open_orders: Endpoint
    past_orders: Endpoint
    close: Endpoint
    protect: Endpoint
    symbols: Endpoint
    leader: tuple[Endpoint, Endpoint] | None
    """A leader's profile and his statistics; ``None`` where only a leader himself can read his profile."""


def _endpoint(name: str, path: str, requests: int, per: Literal["key", "ip"]) -> Endpoint:
    """Return a call that may be made ``requests`` times a second; every call of XT has a budget of its own."""
    return Endpoint(path, Limit(requests, 1.0, per, name))


GENERATIONS: Final[Mapping[str, Generation]] = {
    "v4": Generation(
        follow=_endpoint("v4 follow", "/v4/account/copy-trade/follow", 10, "key"),
        cancel_follow=_endpoint("v4 cancel-follow", "/v4/account/copy-trade/cancel-follow", 10, "key"),
        follow_config=_endpoint("v4 follow-leader-config", "/v4/account/copy-trade/follow-leader-config", 1, "key"),
        my_leaders=_endpoint("v4 my-leaders", "/v4/account/copy-trade/my-leaders", 1, "key"),
        user_status=_endpoint("v4 user-status", "/v4/account/copy-trade/user-status", 1, "key"),
        open_orders=_endpoint("v4 cur-follower-order", "/v4/order/copy-trade/order/cur-follower-order", 1, "key"),
        past_orders=_endpoint("v4 his-follower-order", "/v4/order/copy-trade/order/his-follower-order", 1, "key"),
        close=_endpoint("v4 close", "/v4/order/copy-trade/order/close", 10, "key"),
        protect=_endpoint("v4 stop-profit-loss", "/v4/order/copy-trade/order/stop-profit-loss", 10, "key"),
        symbols=_endpoint("v4 symbol", "/v4/market/public/copy-trade/symbol", 1, "key"),
        leader=None,
    ),
    "v1": Generation(
        follow=_endpoint("v1 follow", "/v1/copy-trade-account/copy-trade/follow", 2, "ip"),
        cancel_follow=_endpoint("v1 cancel-follow", "/v1/copy-trade-account/copy-trade/cancel-follow", 2, "ip"),
        follow_config=_endpoint(
            "v1 follow-leader-config", "/v1/copy-trade-account/copy-trade/follow-leader-config", 2, "ip"
        ),
        my_leaders=_endpoint("v1 my-leaders", "/v1/copy-trade-account/copy-trade/my-leaders", 2, "ip"),
        user_status=_endpoint("v1 user-status", "/v1/copy-trade-account/copy-trade/user-status", 2, "ip"),
        open_orders=_endpoint(
            "v1 cur-follower-order", "/v1/copy-trade-order/copy-trade/order/cur-follower-order", 2, "key"
        ),
        past_orders=_endpoint(
            "v1 his-follower-order", "/v1/copy-trade-order/copy-trade/order/his-follower-order", 2, "key"
        ),
        close=_endpoint("v1 close", "/v1/copy-trade-order/copy-trade/order/close", 50, "key"),
        # An older page, in Chinese, has 50 a second.
        protect=_endpoint("v1 stop-profit-loss", "/v1/copy-trade-order/copy-trade/order/stop-profit-loss", 2, "key"),
        symbols=_endpoint("v1 symbol", "/v1/copy-trade-market/public/copy-trade/symbol", 2, "key"),
        leader=(
            _endpoint("v1 leader-detail", "/v1/copy-trade-account/public/copy-trade/leader-detail", 2, "ip"),
            _endpoint("v1 leader-stats", "/v1/copy-trade-balance/public/copy-trade/leader-stats", 2, "ip"),
        ),
    ),
}


class Follow(Struct, frozen=True, kw_only=True):
    """Start or change a follow. Exactly one of the two names of the leader's account is sent."""

    leaderOrderId: AccountId | UnsetType = UNSET
    """An account in spite of its name."""
    leaderAccountId: AccountId | UnsetType = UNSET
    followType: str
    followVal: Raw
    followLoss: Raw | UnsetType = UNSET
    followLossOperate: str
    triggerStopRate: Raw | UnsetType = UNSET
    triggerProfitRate: Raw | UnsetType = UNSET
    autoFollowSymbol: bool
    symbols: str


class Protect(Struct, frozen=True, kw_only=True):
    """Set both protections of a copied position."""

    symbol: str
    leaderOrderId: LeaderOrderId
    triggerProfitPrice: Raw
    triggerStopPrice: Raw


@attrs.frozen(kw_only=True)
class ShownFollow:
    """Hold what XT shows of a follow; what is not set is null or missing."""

    followType: str | None = None
    followVal: Decimal | None = None
    followLoss: Decimal | None = None
    followLossOperate: str | None = None
    triggerStopRate: Decimal | None = None
    triggerProfitRate: Decimal | None = None
    autoFollowSymbol: bool | None = None
    followSymbols: list[str] | None = None
    leaderSymbols: list[str] | None = None


@attrs.frozen(kw_only=True)
class Rows:
    """Hold one page of a list."""

    items: list[object]
    hasNext: bool | None = None
    """To take a page without this mark for the last would be a guess."""


@attrs.frozen(kw_only=True)
class Row:
    """Hold what the rows of every list have; ids may come as numbers or as text."""

    id: str | UnsetType = UNSET
    """The cursor."""


@attrs.frozen(kw_only=True)
class Leader(Row):
    """Hold one leader being followed."""

    accountId: str | UnsetType = UNSET
    followMargin: Decimal | None = None
    followProfit: Decimal | None = None
    leaderName: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Order(Row):
    """Hold one copied order, open or closed; ``id`` is its own."""

    symbol: str
    buySize: Decimal | None = None
    buyTime: str | UnsetType = UNSET
    buyPrice: Decimal | None = None
    sellSize: Decimal | None = None
    sellTime: str | UnsetType = UNSET
    sellPrice: Decimal | None = None
    profit: Decimal | None = None
    profitRate: str | UnsetType = UNSET
    triggerProfitPrice: Decimal | None = None
    triggerStopPrice: Decimal | None = None
    leaderOrderId: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Symbol:
    """Hold one pair that can be copied."""

    symbol: str


@attrs.frozen(kw_only=True)
class LeaderDetail:
    """Hold the public profile of a leader."""

    nickName: str | UnsetType = UNSET
    leaderIntro: str | UnsetType = UNSET
    leadDays: str | UnsetType = UNSET
    currentFollowNumber: str | UnsetType = UNSET
    maxFollowerSize: str | UnsetType = UNSET
    profitRate: str | UnsetType = UNSET
    """The leader's share of his followers' profit."""
    totalRights: Decimal | None = None
    displayEquity: bool | None = None


@attrs.frozen(kw_only=True)
class LeaderStats:
    """Hold the public statistics of a leader."""

    totalEarnings: Decimal | None = None
    pnlRate: str | UnsetType = UNSET
    winRate: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class ServerTime:
    """Hold XT's clock, in milliseconds since 1970."""

    serverTime: int


@attrs.frozen(kw_only=True)
class Envelope:
    """Hold what surrounds every answer of XT's spot host."""

    rc: int
    mc: str | UnsetType = UNSET
    ma: object = None
    result: object = None
