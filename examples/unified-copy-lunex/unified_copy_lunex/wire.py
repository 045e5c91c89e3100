"""What Lunex is sent and what it answers, spelt as Lunex spells it.

Source: Lunex API, version 1. Money, prices and percentages are text; times are milliseconds since 1970; what is
``UNSET`` is left out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import attrs
from msgspec import UNSET, Struct, UnsetType

from unified_copy.adapter import Limit

COPIES: Final = "/v1/copies"
POSITIONS: Final = "/v1/positions"
GUARDS: Final = "/v1/positions/guards"
TRADES: Final = "/v1/trades"
MARKETS: Final = "/v1/markets"
TRADERS: Final = "/v1/traders"
KEY: Final = "/v1/key"
TIME: Final = "/v1/time"

WRITES: Final = Limit(2, 1.0, "key", "writes")
READS: Final = Limit(10, 1.0, "key", "reads")
PUBLIC: Final = Limit(20, 1.0, "ip", "public")


class Copy(Struct, kw_only=True):
    """Start a copy, or put these terms in place of those it has."""

    trader: str
    stake: str | UnsetType = UNSET
    """USDT put up per trade."""
    times: str | UnsetType = UNSET
    """Times the trader's own order."""
    markets: list[str]
    """``BTC-USDT``, or ``*`` for all."""
    addNew: bool
    stopLoss: str | UnsetType = UNSET
    """In percent of what was put up, as is ``takeProfit``."""
    takeProfit: str | UnsetType = UNSET
    budget: str | UnsetType = UNSET
    """USDT in all trades together."""
    maxLoss: str | UnsetType = UNSET
    """In a currency that is not documented."""
    atMaxLoss: str


class Guards(Struct, kw_only=True):
    """Set the guards of a position: null cancels one, and one that is left out stays."""

    id: str
    takeProfit: str | UnsetType | None = UNSET
    stopLoss: str | UnsetType | None = UNSET


# ------------------------------------------------------------------ answered


@attrs.frozen(kw_only=True)
class Refused:
    """Hold the name of a refusal, which is ``UNSET`` in every other answer."""

    error: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Done:
    """Answer a write."""

    done: bool


@attrs.frozen(kw_only=True)
class Rows:
    """Hold one page of any list, and where the next one begins."""

    rows: list[object]
    next: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class ShownCopy:
    """Show a copy in the words in which it was sent."""

    trader: str
    stake: str | UnsetType = UNSET
    times: str | UnsetType = UNSET
    markets: list[str]
    addNew: bool
    stopLoss: str | UnsetType = UNSET
    takeProfit: str | UnsetType = UNSET
    budget: str | UnsetType = UNSET
    maxLoss: str | UnsetType = UNSET
    atMaxLoss: str
    name: str | UnsetType = UNSET
    since: int


@attrs.frozen(kw_only=True)
class Copied:
    """Show what open and closed positions have in common."""

    id: str
    trader: str
    market: str
    side: str
    """``buy`` or ``sell``."""
    size: Decimal
    entry: Decimal
    opened: int


@attrs.frozen(kw_only=True)
class Position(Copied):
    """Show an open position."""

    leverage: Decimal
    takeProfit: Decimal | None = None
    stopLoss: Decimal | None = None


@attrs.frozen(kw_only=True)
class Trade(Copied):
    """Show a position that has been closed."""

    exit: Decimal
    closed: int
    profit: Decimal


@attrs.frozen(kw_only=True)
class Market:
    """Show what can be copied, and the range of a stake."""

    market: str
    minStake: Decimal
    maxStake: Decimal


@attrs.frozen(kw_only=True)
class Trader:
    """Show what is public of a trader."""

    name: str
    followers: int
    share: Decimal
    """Of a follower's profit, in percent."""


@attrs.frozen(kw_only=True)
class Key:
    """Show what a key may do."""

    rights: list[str]


@attrs.frozen(kw_only=True)
class Clock:
    """Show the time."""

    now: int
