"""What Bitget is sent and what it answers, spelt as Bitget spells it.

Sources: Bitget API documentation, copy trading, futures, follower: Set Copy Trade Settings, Copy Settings,
Query Settings. Every scalar travels as a JSON string. The attributes stand in the order of the documents, which is
the order of the keys on the wire; ``UNSET`` ones are left out. What is sent is not frozen: it lives for one encoding,
and freezing costs half as much again on the way of every follow.
"""

from __future__ import annotations

import attrs
from msgspec import UNSET, UnsetType

SERVER_TIME = "/api/v2/public/time"
SETTINGS = "/api/v2/copy/mix-follower/settings"
SMART_COPY = "/api/v2/copy/mix-follower/copy-settings"
QUERY_SETTINGS = "/api/v2/copy/mix-follower/query-settings"


@attrs.define(kw_only=True, slots=False)
class Setting:
    """Hold the settings of one pair, as they are sent and as they are shown."""

    symbol: str
    productType: str
    marginType: str
    marginCoin: str | UnsetType = UNSET
    leverType: str
    longLeverage: str | UnsetType = UNSET
    shortLeverage: str | UnsetType = UNSET
    traceType: str
    traceValue: str | UnsetType = UNSET
    maxHoldSize: str | UnsetType = UNSET
    stopSurplusRatio: str | UnsetType = UNSET
    """Take profit, whole percent."""
    stopLossRatio: str | UnsetType = UNSET
    """Stop loss, whole percent."""


@attrs.define(kw_only=True, slots=False)
class Settings:
    """Start or change a follow, pair by pair."""

    traderId: str
    autoCopy: str | UnsetType = UNSET
    mode: str | UnsetType = UNSET
    settings: list[Setting]


@attrs.define(kw_only=True, slots=False)
class SmartCopy:
    """Start or change a proportional follow."""

    traderId: str
    copyAmount: str
    autoCopy: str
    equityGuardian: str | UnsetType = UNSET
    equityGuardianMode: str | UnsetType = UNSET
    equity: str | UnsetType = UNSET
    marginMode: str | UnsetType = UNSET
    leverage: str | UnsetType = UNSET
    multiple: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class ShownSettings:
    """Hold what Bitget shows of a follow; older pages call the list ``details``."""

    followerEnable: str
    detailList: list[Setting] | None = None
    details: list[Setting] | None = None


@attrs.frozen(kw_only=True)
class ServerTime:
    """Hold Bitget's clock, in milliseconds since 1970."""

    serverTime: str


@attrs.frozen(kw_only=True)
class Envelope:
    """Hold what surrounds every answer of Bitget."""

    code: str
    msg: str | UnsetType = UNSET
    data: object = None
