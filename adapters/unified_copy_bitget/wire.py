"""What Bitget is sent and what it answers, spelt as Bitget spells it.

Sources: Bitget API documentation, copy trading, futures, follower, and spot, account, Get Account Information. Every
scalar travels as a JSON string. The attributes stand in the order of the documents, which is the order of the keys on
the wire; ``UNSET`` ones are left out.
"""

from __future__ import annotations

import attrs
from msgspec import UNSET, Struct, UnsetType

SERVER_TIME = "/api/v2/public/time"
SETTINGS = "/api/v2/copy/mix-follower/settings"
SMART_COPY = "/api/v2/copy/mix-follower/copy-settings"
QUERY_SETTINGS = "/api/v2/copy/mix-follower/query-settings"
QUERY_TRADERS = "/api/v2/copy/mix-follower/query-traders"
CANCEL_TRADER = "/api/v2/copy/mix-follower/cancel-trader"
CURRENT_ORDERS = "/api/v2/copy/mix-follower/query-current-orders"
HISTORY_ORDERS = "/api/v2/copy/mix-follower/query-history-orders"
CLOSE_POSITIONS = "/api/v2/copy/mix-follower/close-positions"
SETTING_TPSL = "/api/v2/copy/mix-follower/setting-tpsl"
QUANTITY_LIMIT = "/api/v2/copy/mix-follower/query-quantity-limit"
ACCOUNT_INFO = "/api/v2/spot/account/info"


class Setting(Struct, frozen=True, kw_only=True):
    """Set the terms of one pair."""

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


class Settings(Struct, frozen=True, kw_only=True):
    """Start or change a follow, pair by pair."""

    traderId: str
    autoCopy: str | UnsetType = UNSET
    mode: str | UnsetType = UNSET
    settings: list[Setting]


class SmartCopy(Struct, frozen=True, kw_only=True):
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


class CancelTrader(Struct, frozen=True, kw_only=True):
    """End a follow."""

    traderId: str


class ClosePositions(Struct, frozen=True, kw_only=True):
    """Close one copied position. Bitget requires the product type alone, and closes all of it without the rest."""

    productType: str
    trackingNo: str
    symbol: str
    holdSide: str


class SettingTpsl(Struct, frozen=True, kw_only=True):
    """Set the protections of one copied position: left out is left alone, and ``"0"`` cancels."""

    trackingNo: str
    productType: str
    symbol: str
    stopSurplusPrice: str | UnsetType = UNSET
    stopLossPrice: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class ShownSetting:
    """Hold what Bitget shows of one pair, in the words in which it is set."""

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


@attrs.frozen(kw_only=True)
class ShownSettings:
    """Hold what Bitget shows of a follow; older pages call the list ``details``."""

    followerEnable: str
    detailList: list[ShownSetting] | None = None
    details: list[ShownSetting] | None = None


@attrs.frozen(kw_only=True)
class ShownLeader:
    """Hold what Bitget shows of a leader being followed."""

    traderId: str | UnsetType
    traderName: str | UnsetType = UNSET
    traceTotalMarginAmount: str | UnsetType = UNSET
    traceTotalNetProfit: str | UnsetType = UNSET
    currentTradingPairs: list[str] | None = None
    followerTime: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Listed:
    """Hold a page of leaders in one of the two shapes; the other is the list alone."""

    resultList: list[object] | None


@attrs.frozen(kw_only=True)
class Tracked:
    """Hold a page of copied orders in one of the two shapes; the other is the list alone."""

    trackingList: list[object] | None
    endId: str | UnsetType = UNSET
    """What to ask for older ones with; empty at the end."""


@attrs.frozen(kw_only=True)
class OpenOrder:
    """Hold an open copied position. One price has two names: the page's table and its example differ."""

    trackingNo: str | UnsetType
    symbol: str
    posSide: str | UnsetType = UNSET
    traderId: str | UnsetType = UNSET
    openLeverage: str | UnsetType = UNSET
    openPriceAvg: str | UnsetType = UNSET
    openAvgPrice: str | UnsetType = UNSET
    openTime: str | UnsetType = UNSET
    openSize: str | UnsetType = UNSET
    openMarginSz: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class ClosedOrder:
    """Hold a copied position that has been closed."""

    trackingNo: str | UnsetType
    symbol: str
    productType: str | UnsetType = UNSET
    posSide: str | UnsetType = UNSET
    traderId: str | UnsetType = UNSET
    openLeverage: str | UnsetType = UNSET
    openPriceAvg: str | UnsetType = UNSET
    openAvgPrice: str | UnsetType = UNSET
    openTime: str | UnsetType = UNSET
    openSize: str | UnsetType = UNSET
    closePriceAvg: str | UnsetType = UNSET
    closeAvgPrice: str | UnsetType = UNSET
    closeTime: str | UnsetType = UNSET
    closeSize: str | UnsetType = UNSET
    openFee: str | UnsetType = UNSET
    closeFee: str | UnsetType = UNSET
    achievedPL: str | UnsetType = UNSET
    netProfit: str | UnsetType = UNSET
    profitRate: str | UnsetType = UNSET
    """Percent."""


@attrs.frozen(kw_only=True)
class QuantityLimit:
    """Hold the bounds of a copied order in one pair, in base units."""

    symbol: str
    minFollowSize: str | UnsetType = UNSET
    maxFollowSize: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class AccountInfo:
    """Hold what Bitget tells of the key; the ids beside it are not read."""

    authorities: list[str] | None = None
    traderType: str | UnsetType = UNSET
    ips: str | UnsetType = UNSET


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
