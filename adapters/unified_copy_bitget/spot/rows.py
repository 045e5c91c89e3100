"""What the rows of Bitget spot tell, in words that belong to no exchange.

Every number is text, and text that is empty tells nothing; a price of ``"0"`` is none. Whatever cannot be read raises
``ValueError``, ``ConfigError`` or ``ArithmeticError``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from unified_copy.decimals import shifted, told_number
from unified_copy.results import ClosedCopy, CopiedPosition, FollowedLeader, Side, SymbolLimits, moment
from unified_copy_bitget.product import identity
from unified_copy_bitget.spot.translate import NAME, pair

if TYPE_CHECKING:
    from decimal import Decimal

    from unified_copy_bitget.spot.wire import ClosedOrder, OpenOrder, Trader


def leader(shown: Trader, raw: object) -> FollowedLeader:
    """Return one leader that is being followed."""
    return FollowedLeader(
        exchange=NAME,
        leader_id=identity(shown.traderId),
        name=shown.traderName or None,
        since=moment(shown.followerTime or None),
        invested=_number(shown.traceTotalAmount),
        profit=_number(shown.traceTotalNetProfit),
        raw=raw,
    )


def position(shown: OpenOrder, raw: object) -> CopiedPosition:
    """Return one open position; on spot that is something bought."""
    return CopiedPosition(
        exchange=NAME,
        position_id=identity(shown.trackingNo),
        leader_id=shown.traderId or None,
        symbol=pair(shown.symbol),
        side=Side.LONG,
        quantity=_number(shown.buyFillSize),
        entry_price=_price(shown.buyPrice),
        opened=moment(shown.buyTime or None),
        take_profit_price=_price(shown.stopSurplusPrice),
        stop_loss_price=_price(shown.stopLossPrice),
        unrealized_profit=_number(shown.unrealizedPL),
        raw=raw,
    )


def closed(shown: ClosedOrder, raw: object) -> ClosedCopy:
    """Return one closed copy.

    The fees stay in ``raw``: Bitget does not say in which coin, and spot takes them of what was bought or sold.
    """
    ratio = _number(shown.achievedPLR)
    return ClosedCopy(
        exchange=NAME,
        position_id=identity(shown.trackingNo),
        leader_id=shown.traderId or None,
        symbol=pair(shown.symbol),
        side=Side.LONG,
        quantity=_number(shown.fillSize),
        entry_price=_price(shown.buyPrice),
        exit_price=_price(shown.sellPrice),
        opened=moment(shown.buyTime or None),
        closed=moment(shown.sellTime or None),
        profit=_number(shown.achievedPL),
        profit_ratio=None if ratio is None else shifted(ratio, -2),
        raw=raw,
    )


def limits(words: str, raw: object) -> SymbolLimits:
    """Return a pair that a leader trades; its limits stand elsewhere, in units that are not documented."""
    return SymbolLimits(exchange=NAME, symbol=pair(words), raw=raw)


def _number(words: str | UnsetType) -> Decimal | None:
    return None if words is UNSET else told_number(words)


def _price(words: str | UnsetType) -> Decimal | None:
    """Read a price, of which zero is none."""
    return _number(words) or None
