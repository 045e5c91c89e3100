"""What the local Bitget knows of one account's copied positions, and what becomes of them.

An account begins with positions and a history that it might have, so that there is something to see. Ids are beyond
what a binary float can hold, one pair is not in ASCII, and what Bitget leaves empty is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row = dict[str, str]

PAGE_SIZE: Final = 20
"""The rows of a page whose size was not asked for."""
_HOUR_MS: Final = 3_600_000


def _table(text: str) -> list[Row]:
    """Read a table with names in its first line."""
    names, *lines = (line.split() for line in text.strip().splitlines())
    return [dict(zip(names, line, strict=True)) for line in lines]


_OPEN: Final = _table("""
product       trackingNo          traderId    symbol   posSide  openLeverage  openAvgPrice  openSize  openMarginSz
USDT-FUTURES  1279999999999999301 7c6525121a9 SOLUSDT  short    5             172.40        30        1034.4
USDT-FUTURES  1279999999999999201 123123123   ETHUSDT  short    20            3050.25       0.5       76.25
USDT-FUTURES  1279999999999999001 123123123   BTCUSDT  long     10            64250.5       0.051     327.68
USDC-FUTURES  1279999999999999101 123123123   BTCPERP  long     3             64190         0.01      213.96
COIN-FUTURES  1279999999999999051 7c6525121a9 BTCUSD   short    2             65120         0.02      0.01
""")
_OUTCOMES: Final = {
    outcome.pop("trackingNo"): outcome
    for outcome in _table("""
trackingNo           closePriceAvg  achievedPL  openFee      closeFee    netProfit   profitRate
1279999999999999301  168.15         127.5       -3.1032      -3.0267     121.3701    12.32
1279999999999999201  3062           -5.875      -0.91507500  -0.9186     -7.708675   -7.70
1279999999999999001  65000          38.2245     -1.96606530  -1.989      34.2694347  11.66
1279999999999999101  65010          8.2         -0.38514     -0.39006    7.4248      3.83
1279999999999999051  64800          0.0000987   -0.000012    -0.0000119  0.0000748   0.98
1270000000000000301  62480.5        64.025      -1.836       -1.874415   60.314585   20.92
1270000000000000201  0.03988        -33.25      -0.61815     -0.5982     -34.46635   -9.68
1270000000000000101  3193.90        -71.825     -0.915075    -0.95817    -73.698245  -235.47
1270000000000000151  3040           5.8         -0.36132     -0.3648     5.07388     4.82
""")
}
"""By number, what closing a position comes to, or came to."""
_CLOSED: Final = _table("""
product       trackingNo          traderId    symbol   posSide  openLeverage  openPriceAvg  openSize  closeSize
USDT-FUTURES  1270000000000000301 123123123   BTCUSDT  long     10            61200         0.05      0.05
USDT-FUTURES  1270000000000000201 7c6525121a9 龙虾USDT long     3             0.04121       25000     25000
USDT-FUTURES  1270000000000000101 123123123   ETHUSDT  short    50            3050.25       0.5       0.5
USDC-FUTURES  1270000000000000151 123123123   ETHPERP  long     5             3011          0.2       0.2
""")
_NAMES: Final = {"123123123": "Northwind", "7c6525121a9": "Ostwind"}

LIMITS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "USDT-FUTURES": (
        ("BTCUSDT", "0.001", "50"),
        ("ETHUSDT", "0.01", "800"),
        ("SOLUSDT", "0.1", "20000"),
        ("龙虾USDT", "1", ""),
    ),
    "USDC-FUTURES": (("BTCPERP", "0.001", "20"), ("ETHPERP", "0.01", "300")),
    "COIN-FUTURES": (("BTCUSD", "0.001", "30"), ("ETHUSD", "0.01", "400"), ("BTCUSDZ26", "0.001", "30")),
}
"""By product type: symbol, smallest and greatest copied order. The last is a contract that ends on a date."""


@attrs.define
class Book:
    """Hold one account's copied positions, the newest first."""

    now_ms: int
    """When it begins."""
    open: dict[str, list[Row]] = attrs.field(init=False)
    closed: dict[str, list[Row]] = attrs.field(init=False)
    """Both by product type."""
    protections: dict[str, Row] = attrs.field(init=False, factory=dict)
    """By number of the position: ``stopSurplusPrice`` and ``stopLossPrice``, where set."""

    def __attrs_post_init__(self) -> None:
        """Begin with positions that were copied some hours ago, and others closed days ago."""
        self.open = {product: [] for product in LIMITS}
        self.closed = {product: [] for product in LIMITS}
        for index, seed in enumerate(_OPEN):
            row = {**seed, "traderName": _NAMES[seed["traderId"]], "openTime": self._before(5 * index + 2)}
            self.add(row.pop("product"), row)
        for index, seed in enumerate(_CLOSED):
            row = {**seed, **_OUTCOMES[seed["trackingNo"]], "productType": seed["product"].lower()}
            number, days = int(row["trackingNo"]), 30 * index + 80
            orders = {"openOrderId": str(number + 1), "closeOrderId": str(number + 3)}
            times = {"openTime": self._before(days + 7), "closeTime": self._before(days)}
            self.closed[row.pop("product")].append({**row, **orders, **times})

    def add(self, product: str, row: Row) -> None:
        """Open a position that is older than those there are."""
        self.open[product].append({**row, "openOrderId": str(int(row["trackingNo"]) + 1)})

    def close(self, product: str, wanted: Mapping[str, str], now_ms: int) -> list[str]:
        """Close every position of ``product`` that is as ``wanted`` says, and return the numbers of the orders."""
        chosen = [row for row in self.open[product] if all(row[name] == value for name, value in wanted.items())]
        self.open[product] = [row for row in self.open[product] if row not in chosen]
        orders = []
        for row in chosen:
            number = row["trackingNo"]
            orders.append(str(int(number) + 3))
            self.protections.pop(number, None)
            told = {name: value for name, value in row.items() if name not in {"traderName", "openAvgPrice"}}
            done = {"closeOrderId": orders[-1], "closeTime": str(now_ms), "closeSize": row["openSize"]}
            named = {"productType": product.lower(), "openPriceAvg": row["openAvgPrice"]}
            outcome = _OUTCOMES.get(number, {"closePriceAvg": row["openAvgPrice"]})
            self.closed[product].insert(0, {**told, **named, **done, **outcome})
        return orders

    def find(self, number: str, product: str) -> Row | None:
        """Return the open position with this number."""
        return next((row for row in self.open[product] if row["trackingNo"] == number), None)

    def protect(self, number: str, prices: Mapping[str, str]) -> None:
        """Set, cancel or keep what protects a position."""
        now = {**self.protections.get(number, {}), **{name: price for name, price in prices.items() if price}}
        self.protections[number] = {name: price for name, price in now.items() if price != "0"}

    def _before(self, hours: int) -> str:
        return str(self.now_ms - hours * _HOUR_MS)


# ------------------------------------------------------------------ what of it is shown


def shown_open(row: Row) -> Row:
    """Return an open position as Bitget shows it, with zeros for what is to come."""
    return {**row, "closeOrderId": "", "closeAvgPrice": "0", "closeSize": "0", "closeTime": "0"}


def shown_closed(row: Row) -> Row:
    """Return a closed copy as Bitget shows it."""
    return {name: value for name, value in row.items() if name != "openMarginSz"}


def page(rows: Iterable[Row], asked: Mapping[str, str]) -> tuple[list[Row], str]:
    """Return the rows that were asked for, and the number to go on from; empty at the end."""
    found = [row for row in rows if _as_asked(row, asked)]
    limit = int(asked.get("limit", PAGE_SIZE))
    return found[:limit], found[limit - 1]["trackingNo"] if len(found) > limit else ""


def _as_asked(row: Row, asked: Mapping[str, str]) -> bool:
    number, began = int(row["trackingNo"]), int(row["openTime"])
    return (
        all(row[name] == asked[name] for name in ("symbol", "traderId") if name in asked)
        and number < int(asked.get("idLessThan", number + 1))
        and number > int(asked.get("idGreaterThan", -1))
        and int(asked.get("startTime", 0)) <= began <= int(asked.get("endTime", began))
    )
