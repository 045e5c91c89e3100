"""What Bitget spot is sent and what it answers, spelt as Bitget spells it.

Sources: Bitget API documentation, copy trading, spot, follower. Every scalar travels as a JSON string. The attributes
of what is sent stand in the order of the documents' examples, which is the order of the keys on the wire; ``UNSET``
ones are left out.
"""

from __future__ import annotations

import attrs
from msgspec import UNSET, Struct, UnsetType

SETTINGS = "/api/v2/copy/spot-follower/settings"
QUERY_SETTINGS = "/api/v2/copy/spot-follower/query-settings"
QUERY_TRADERS = "/api/v2/copy/spot-follower/query-traders"
QUERY_TRADER_SYMBOLS = "/api/v2/copy/spot-follower/query-trader-symbols"
CANCEL_TRADER = "/api/v2/copy/spot-follower/cancel-trader"
CURRENT_ORDERS = "/api/v2/copy/spot-follower/query-current-orders"
HISTORY_ORDERS = "/api/v2/copy/spot-follower/query-history-orders"
CLOSE_TRACKING = "/api/v2/copy/spot-follower/order-close-tracking"
SETTING_TPSL = "/api/v2/copy/spot-follower/setting-tpsl"


# ------------------------------------------------------------------ sent


class Setting(Struct, frozen=True, kw_only=True):
    """Set the terms of one pair."""

    symbol: str
    traceType: str
    maxHoldSize: str
    traceValue: str
    stopSurplusRatio: str | UnsetType = UNSET
    """Take profit, whole percent."""
    stopLossRatio: str | UnsetType = UNSET
    """Stop loss, whole percent."""


class Settings(Struct, frozen=True, kw_only=True):
    """Start or change a follow, pair by pair."""

    traderId: str
    autoCopy: str | UnsetType = UNSET
    mode: str | UnsetType = UNSET
    settings: list[Setting]


class CloseTracking(Struct, frozen=True, kw_only=True):
    """Sell copied orders of one pair; all of them, or none."""

    trackingNoList: list[str]
    symbol: str


class SettingTpsl(Struct, frozen=True, kw_only=True):
    """Set, cancel (``"0"``) or leave (``UNSET``) the two protections of a copied order."""

    trackingNo: str
    stopSurplusPrice: str | UnsetType = UNSET
    stopLossPrice: str | UnsetType = UNSET


# ------------------------------------------------------------------ shown


@attrs.frozen(kw_only=True)
class ShownSetting:
    """Hold what Bitget shows of one pair.

    The ratios are set as ``…Ratio`` and documented to be shown as ``…Ration``; either is read. The size itself is
    never shown.
    """

    symbol: str
    traceType: str | UnsetType = UNSET
    maxTraceAmount: str | UnsetType = UNSET
    stopLossRation: str | UnsetType = UNSET
    stopLossRatio: str | UnsetType = UNSET
    stopSurplusRation: str | UnsetType = UNSET
    stopSurplusRatio: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class ShownSettings:
    """Hold what Bitget shows of a follow."""

    enable: str
    tradeSettingList: list[ShownSetting] | None = None


@attrs.frozen(kw_only=True)
class Trader:
    """Hold one leader that is being followed; amounts in USDT."""

    traderId: str | UnsetType
    traderName: str | UnsetType = UNSET
    traceTotalAmount: str | UnsetType = UNSET
    traceTotalNetProfit: str | UnsetType = UNSET
    followerTime: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class TraderSymbols:
    """Hold what a leader trades now."""

    currentTradingList: list[str]


@attrs.frozen(kw_only=True)
class OpenOrder:
    """Hold one copied order that has bought and not yet sold."""

    trackingNo: str | UnsetType
    traderId: str | UnsetType = UNSET
    symbol: str
    buyFillSize: str | UnsetType = UNSET
    buyPrice: str | UnsetType = UNSET
    buyTime: str | UnsetType = UNSET
    unrealizedPL: str | UnsetType = UNSET
    stopSurplusPrice: str | UnsetType = UNSET
    stopLossPrice: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class ClosedOrder:
    """Hold one copied order that has been sold."""

    trackingNo: str | UnsetType
    traderId: str | UnsetType = UNSET
    symbol: str
    fillSize: str | UnsetType = UNSET
    buyPrice: str | UnsetType = UNSET
    sellPrice: str | UnsetType = UNSET
    achievedPL: str | UnsetType = UNSET
    achievedPLR: str | UnsetType = UNSET
    """Percent."""
    buyTime: str | UnsetType = UNSET
    sellTime: str | UnsetType = UNSET
