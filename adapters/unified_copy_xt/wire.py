"""What XT spot copy trading is sent and what it answers, spelt as XT spells it.

Sources: XT API documentation, spot, copy trading: Follow copy trading, Get My Copy Setting, Get My Lead Trades, in two
generations. The drafts of June 2024 live under ``/v4`` and call the leader's account ``leaderOrderId`` on follow; what
is published today lives under ``/v1`` and calls it ``leaderAccountId``. The attributes stand in the order of the
documents, which is the order of the keys on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import attrs
from msgspec import UNSET, Raw, UnsetType

from unified_copy.adapter import Limit

SERVER_TIME: Final = "/v4/public/time"


@attrs.frozen
class Endpoint:
    """Hold where a call lives and how often it may be made."""

    path: str
    limit: Limit


@attrs.frozen(kw_only=True)
class Generation:
    """Hold the calls of one generation of the API."""

    follow: Endpoint
    follow_config: Endpoint
    my_leaders: Endpoint


GENERATIONS: Final[Mapping[str, Generation]] = {
    "v4": Generation(
        follow=Endpoint("/v4/account/copy-trade/follow", Limit(10, 1.0, "key", "v4 follow")),
        follow_config=Endpoint(
            "/v4/account/copy-trade/follow-leader-config", Limit(1, 1.0, "key", "v4 follow-leader-config")
        ),
        my_leaders=Endpoint("/v4/account/copy-trade/my-leaders", Limit(1, 1.0, "key", "v4 my-leaders")),
    ),
    "v1": Generation(
        follow=Endpoint("/v1/copy-trade-account/copy-trade/follow", Limit(2, 1.0, "ip", "v1 follow")),
        follow_config=Endpoint(
            "/v1/copy-trade-account/copy-trade/follow-leader-config", Limit(2, 1.0, "ip", "v1 follow-leader-config")
        ),
        my_leaders=Endpoint("/v1/copy-trade-account/copy-trade/my-leaders", Limit(2, 1.0, "ip", "v1 my-leaders")),
    ),
}


@attrs.define(kw_only=True, slots=False)
class Follow:
    """Start or change a follow. Exactly one of the two names of the leader's account is sent."""

    leaderOrderId: int | UnsetType = UNSET
    leaderAccountId: int | UnsetType = UNSET
    followType: str
    followVal: Raw
    followLoss: Raw | UnsetType = UNSET
    followLossOperate: str
    triggerStopRate: Raw | UnsetType = UNSET
    triggerProfitRate: Raw | UnsetType = UNSET
    autoFollowSymbol: bool
    symbols: str


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


@attrs.frozen(kw_only=True)
class Leader:
    """Hold one row of the leaders being followed; ids may come as numbers or as text."""

    accountId: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    """The cursor."""


@attrs.frozen(kw_only=True)
class Leaders:
    """Hold one page of the leaders being followed."""

    items: list[Leader]
    hasNext: bool = False


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
