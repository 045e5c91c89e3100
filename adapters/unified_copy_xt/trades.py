"""What the local XT has to show: copies, leaders, and lists that stay fast however long they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")

PAIRS: Final[Mapping[str, Decimal]] = {
    "btc_usdt": Decimal("64250.10"),
    "eth_usdt": Decimal("3120.55"),
    "xt_usdt": Decimal("2.4871"),
    "龙虾_usdt": Decimal("0.00001234"),
}
"""The pairs that can be copied, and what each costs."""
PROFILE: Final[Mapping[str, object]] = {
    "avatar": None,
    "currentFollowNumber": 17,
    "displayEquity": True,
    "displayQuantity": False,
    "fansNum": 240,
    "followNumber": 133,
    "label": ["steady"],
    "leadDays": 210,
    "leaderIntro": "Few trades, held for days.",
    "level": 2,
    "levelId": "2",
    "levelName": "Silver",
    "maxFollowerSize": 200,
    "profitRate": Decimal("0.1"),
    "totalRights": Decimal("25310.75"),
}
STATISTICS: Final[Mapping[str, object]] = {
    "avgHoldTime": 86_400,
    "avgLossAmount": Decimal("-41.2"),
    "avgProfitAmount": Decimal("63.9"),
    "followerMargin": Decimal("88120.5"),
    "followersEarnings": Decimal("4310.02"),
    "lastTradeTime": 1_718_000_000_123,
    "lossCount": 38,
    "maxRetraction": Decimal("0.1821"),
    "pnlRate": "0.4125",
    "profitCount": 91,
    "recentRate": Decimal("0.0311"),
    "totalEarnings": Decimal("7412.33"),
    "totalTransactions": 129,
    "tradeDays": 180,
    "weeklyTradeFrequency": Decimal("4.3"),
    "winRate": Decimal("0.7054"),
}
_ELSEWHERE: Final = Decimal("1.25")
"""What a pair costs of which nothing is known."""
_PAID: Final = Decimal("0.98")
"""The share of the last price at which copies were bought."""
_SIZE: Final = Decimal("0.75")
_DAY_MS: Final = 86_400_000
_LEADER_ORDERS: Final = 5_845_758_661_708_884_577
"""How far a leader's order is from the copy of it: both are ids that no binary float holds."""


class Copy(Struct):
    """Hold one copied order."""

    id: int
    order: int
    leader_order: int
    symbol: str
    bought_ms: int
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    sold_ms: int | None = None


def last_price(symbol: str) -> Decimal:
    """Return what a pair costs."""
    return PAIRS.get(symbol, _ELSEWHERE)


def seeded(symbol: str, ids: Iterator[int], now_ms: int) -> Copy:
    """Return a copy bought a day ago."""
    own = next(ids)
    return Copy(own, next(ids), own - _LEADER_ORDERS, symbol, now_ms - _DAY_MS)


def closed(copy: Copy, now_ms: int) -> Copy:
    """Sell ``copy`` and return it."""
    copy.sold_ms = now_ms
    return copy


def opened(copy: Copy) -> dict[str, object]:
    """Show a copy, open or closed, with ids as text and nothing in place of what there is not."""
    last, sold = last_price(copy.symbol), copy.sold_ms is not None
    paid = last * _PAID
    return {
        "id": str(copy.id),
        "orderId": str(copy.order),
        "symbol": copy.symbol,
        "buySize": _SIZE,
        "buyTime": copy.bought_ms,
        "buyPrice": paid,
        "sellSize": _SIZE if sold else None,
        "sellTime": copy.sold_ms,
        "sellPrice": last if sold else "",
        "profit": (last - paid) * _SIZE,
        "profitRate": Decimal("0.0204"),
        "triggerProfitPrice": copy.take_profit,
        "triggerStopPrice": copy.stop_loss,
        "leaderOrderId": str(copy.leader_order),
        "leaderNickname": "northwind",
        "leaderAvatar": None,
    }


class Shelf(dict[int, T]):
    """Hold rows by their ids, which only ever grow; show them a page at a time, the newest first."""

    def page(self, direction: str, limit: int, beyond: int | None) -> tuple[list[T], bool, bool]:
        """Return one page, and whether there are rows before and after it."""
        ids = list(self)
        if beyond is None:
            stop = len(ids)
            start = max(stop - limit, 0)
        elif direction == "NEXT":
            stop = bisect_left(ids, beyond)
            start = max(stop - limit, 0)
        else:
            start = bisect_right(ids, beyond)
            stop = min(start + limit, len(ids))
        rows = [self[key] for key in reversed(ids[start:stop])]
        return rows, bool(rows) and stop < len(ids), bool(rows) and start > 0
