"""What a local OKX remembers of copied positions, with something to look at from the start of a follow."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unified_copy.sandbox import Account

_FIRST: Final = 9_107_199_254_740_993_001
"""Above what a binary float holds, as the venue's own may be."""
_HOUR_MS: Final = 3_600_000
_CLOSED: Final = 2
_OPEN: Final = 2
_PRICES: Final = {"BTC": "64250.5", "ETH": "3310.4"}
_ELSEWHERE: Final = "1.25"
_CONTRACT: Final = Decimal("0.01")
"""Base units in one contract."""
_LATER: Final = Decimal("1.01")
"""What a price has become by the time a seeded position is closed."""
_OPEN_ONLY: Final = ("availSubPos", "upl", "uplRatio", "tpTriggerPx", "slTriggerPx", "tpOrdPx", "slOrdPx", "algoId")


class Entry(Struct):
    """Hold one copied position of an account, as a row of OKX's lists."""

    account: Account
    is_open: bool
    row: dict[str, str]


class Wish(Struct, rename="camel"):
    """Hold which positions a list is to show."""

    inst_id: str = ""
    after: str = ""
    before: str = ""
    limit: int = 100
    sub_pos_type: str = "lead"


class Book:
    """Remember the copied positions of all accounts."""

    def __init__(self) -> None:
        """Begin with none."""
        self._ids = count(_FIRST)
        self._entries: list[Entry] = []

    def seed(self, account: Account, terms: Mapping[str, str], names: Sequence[str], now_ms: int) -> None:
        """Open two positions in the first pairs of a new follow, after two that are closed already."""
        pairs = names[:2]
        for index in range(_CLOSED + _OPEN):
            entry = Entry(account, is_open=True, row=self._row(terms, pairs[index % len(pairs)], index, now_ms))
            self._entries.append(entry)
            if index < _CLOSED:
                price = Decimal(entry.row["openAvgPx"]) * _LATER
                self.close(entry, now_ms - (_CLOSED - index) * _HOUR_MS, price)

    def held(self, account: Account, leader: str) -> list[Entry]:
        """Return the open positions copied from one leader."""
        return [entry for entry in self._of(account, is_open=True) if entry.row["uniqueCode"] == leader]

    def find(self, account: Account, position_id: str) -> Entry | None:
        """Return an open position by its id."""
        return next((e for e in self._of(account, is_open=True) if e.row["subPosId"] == position_id), None)

    def listed(self, account: Account, wish: Wish, *, is_open: bool) -> list[dict[str, str]]:
        """Return the rows of one page, newest first; nobody leads here, so there are none but copied ones."""
        rows = [
            entry.row
            for entry in reversed(self._of(account, is_open=is_open))
            if wish.sub_pos_type == "copy"
            and wish.inst_id in {"", entry.row["instId"]}
            and self._within(int(entry.row["subPosId"]), wish)
        ]
        return rows[: wish.limit]

    def close(self, entry: Entry, now_ms: int, price: Decimal | None = None) -> None:
        """Close a position at ``price``, or at the one it was opened at."""
        row = entry.row
        opened, held = Decimal(row["openAvgPx"]), Decimal(row["subPos"])
        closed = opened if price is None else price
        profit = (closed - opened) * held * _CONTRACT + 0
        entry.is_open = False
        for name in _OPEN_ONLY:
            row.pop(name)
        row |= {
            "closeSubPos": str(abs(held)),
            "type": "2",
            "closeAvgPx": f"{closed:f}",
            "closeTime": str(now_ms),
            "pnl": f"{profit:f}",
            "pnlRatio": f"{(profit / Decimal(row['margin'])).quantize(Decimal('0.0001')):f}",
            "profitSharingAmt": "",
        }

    @staticmethod
    def _within(position_id: int, wish: Wish) -> bool:
        """Tell whether a position is on the page that is asked for."""
        return (not wish.after or position_id < int(wish.after)) and (not wish.before or position_id > int(wish.before))

    def _of(self, account: Account, *, is_open: bool) -> list[Entry]:
        return [entry for entry in self._entries if entry.account is account and entry.is_open is is_open]

    def _row(self, terms: Mapping[str, str], name: str, index: int, now_ms: int) -> dict[str, str]:
        """Return an open position; every other one is short, as one-way mode shows it."""
        price = _PRICES.get(name.partition("-")[0], _ELSEWHERE)
        quantity = "-3" if index % 2 else "3"
        return {
            "subPosId": str(next(self._ids)),
            "uniqueCode": terms["uniqueCode"],
            "instId": name,
            "instType": "SWAP",
            "posSide": "net" if index % 2 else "long",
            "mgnMode": "isolated" if terms["copyMgnMode"] == "isolated" else "cross",
            "lever": "10",
            "subPos": quantity,
            "availSubPos": quantity,
            "openAvgPx": price,
            "openTime": str(now_ms - (_CLOSED + _OPEN - index) * _HOUR_MS),
            "openOrdId": "",
            "margin": terms.get("copyAmt", "50"),
            "ccy": "USDT",
            "markPx": price,
            "upl": "0",
            "uplRatio": "0",
            "tpTriggerPx": "",
            "slTriggerPx": "",
            "tpOrdPx": "",
            "slOrdPx": "",
            "algoId": "",
        }
