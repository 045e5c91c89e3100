"""What the local XT futures has to show: believable rows, in the shapes that XT documents.

Absent values are empty texts in some places and null in others, and numbers are texts here and there, as at the venue.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PRICES: Final[Mapping[str, Decimal]] = {"btc_usdt": Decimal("64251.5"), "eth_usdt": Decimal("3120.25")}
_ANY_PRICE: Final = Decimal("1.25")

DETAIL: Final[Mapping[str, object]] = {
    "avatar": "",
    "intro": "Few trades, small losses.",
    "leadDays": 212,
    "levelName": "silver",
    "followNumber": 981,
    "currentFollowNumber": 144,
    "maxFollowerSize": 500,
    "profitRate": Decimal("0.1"),
    "platformProfitRate": None,
    "totalRights": "15230.77",
    "displayEquity": True,
    "displayPosition": True,
}
"""What a leader says about himself."""
STATS: Final[Mapping[str, object]] = {
    "pnlRate": Decimal("0.1875"),
    "totalEarnings": "2405.66",
    "winRate": "0.6153",
    "maxRetraction": "0.0721",
    "followersEarnings": "",
    "profitCount": 24,
    "lossCount": 15,
    "tradeDays": 30,
}
"""What a leader has achieved."""


def opened(ids: Iterator[int], leader: int, symbol: str, side: str, at: int) -> dict[str, Any]:
    """Return the row of a position opened at ``at``; here the return is percent."""
    return {
        "id": next(ids),
        "orderId": str(next(ids)),
        "trackNo": next(ids),
        "leaderAccountId": str(leader),
        "symbol": symbol,
        "symbolName": symbol.upper().replace("_", ""),
        "positionType": "CROSSED",
        "positionSide": side,
        "openTime": at,
        "closeTime": None,
        "openPrice": PRICES.get(symbol, _ANY_PRICE),
        "closePrice": None,
        "openSize": "12",
        "closeSize": "0",
        "positionSize": "12",
        "openMargin": Decimal(10),
        "openLeverage": 20,
        "realizedPnl": None,
        "profitRate": Decimal("-15.25"),
        "triggerProfitPrice": "",
        "triggerStopPrice": "",
        "triggerPriceType": "",
    }


def closed(ids: Iterator[int], row: Mapping[str, Any], at: int) -> dict[str, Any]:
    """Return the row of the same position closed at ``at``; here the return is a fraction, and the leader unnamed."""
    shown = {name: value for name, value in row.items() if name != "leaderAccountId"}
    return shown | {
        "id": next(ids),
        "closeTime": at,
        "closePrice": row["openPrice"],
        "closeSize": "12",
        "positionSize": "0",
        "realizedPnl": Decimal("1.85"),
        "totalFee": Decimal("-0.06"),
        "profitRate": Decimal("0.185"),
    }
