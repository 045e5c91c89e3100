"""What Bitget's rows tell, in words that belong to no exchange.

Every number is text, and text that is empty tells nothing. A price, a size or a leverage of ``"0"`` is one that is not
set; a profit or a fee of ``"0"`` is none.
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Final

from msgspec import UNSET, UnsetType

from unified_copy.decimals import shifted, told_number
from unified_copy.errors import ConfigError
from unified_copy.results import ClosedCopy, CopiedPosition, FollowedLeader, Side, SymbolLimits, moment
from unified_copy_bitget.product import identity
from unified_copy_bitget.translate import NAME, pair_of, product_of

if TYPE_CHECKING:
    from unified_copy.pairs import Pair
    from unified_copy_bitget import wire

PROTECTIONS: Final = frozenset({"take_profit_price", "stop_loss_price"})
SIDES: Final = {"long": Side.LONG, "short": Side.SHORT}
_EXACT: Final = Context(prec=1000)
"""Adds without rounding, whatever the caller's own context."""


def position(product: str, row: wire.OpenOrder, raw: object) -> CopiedPosition:
    """Return an open copied position among the contracts of ``product``, which its row does not name."""
    return CopiedPosition(
        exchange=NAME,
        position_id=identity(row.trackingNo),
        symbol=pair_of(row.symbol, product),
        side=_side(row.posSide),
        leader_id=_text(row.traderId),
        quantity=_number(row.openSize),
        entry_price=_set(row.openPriceAvg) or _set(row.openAvgPrice),
        leverage=_set(row.openLeverage),
        margin=_set(row.openMarginSz),
        opened=moment(_text(row.openTime)),
        missing=PROTECTIONS,
        handle={"productType": product, "symbol": row.symbol.upper()},
        raw=raw,
    )


def closed(product: str, row: wire.ClosedOrder, raw: object) -> ClosedCopy:
    """Return a closed copy, asked for among the contracts of ``product``."""
    ratio = _number(row.profitRate)
    return ClosedCopy(
        exchange=NAME,
        position_id=identity(row.trackingNo),
        symbol=pair_of(row.symbol, _text(row.productType) or product),
        side=_side(row.posSide),
        leader_id=_text(row.traderId),
        # What is in the history was closed as a whole, so the size that was opened is the size that was closed.
        quantity=_set(row.closeSize) or _set(row.openSize),
        entry_price=_set(row.openPriceAvg) or _set(row.openAvgPrice),
        exit_price=_set(row.closePriceAvg) or _set(row.closeAvgPrice),
        leverage=_set(row.openLeverage),
        opened=moment(_text(row.openTime)),
        closed=moment(_text(row.closeTime)),
        profit=_number(row.achievedPL),
        net_profit=_number(row.netProfit),
        fees=_paid(_number(row.openFee), _number(row.closeFee)),
        profit_ratio=None if ratio is None else shifted(ratio, -2),
        raw=raw,
    )


def leader(row: wire.ShownLeader, raw: object) -> FollowedLeader:
    """Return a leader that is being followed."""
    return FollowedLeader(
        exchange=NAME,
        leader_id=identity(row.traderId),
        name=_text(row.traderName),
        since=moment(_text(row.followerTime)),
        invested=_number(row.traceTotalMarginAmount),
        profit=_number(row.traceTotalNetProfit),
        symbols=_pairs(row.currentTradingPairs),
        raw=raw,
    )


def limits(product: str, row: wire.QuantityLimit, raw: object) -> SymbolLimits | None:
    """Return a pair that can be copied among the contracts of ``product``; ``None`` for one that is not a pair.

    A contract that ends on a date is none: a config cannot name it, so it cannot be followed here either.
    """
    try:
        pair = pair_of(row.symbol, product)
    except (ConfigError, ValueError):
        return None
    return SymbolLimits(
        exchange=NAME,
        symbol=pair,
        min_quantity=_set(row.minFollowSize),
        max_quantity=_set(row.maxFollowSize),
        raw=raw,
    )


# ------------------------------------------------------------------ single values


def _text(words: str | UnsetType) -> str | None:
    return None if words is UNSET else words


def _number(words: str | UnsetType) -> Decimal | None:
    return None if words is UNSET else told_number(words)


def _set(words: str | UnsetType) -> Decimal | None:
    """Return a number that cannot be zero."""
    return _number(words) or None


def _side(words: str | UnsetType) -> Side:
    return SIDES.get((_text(words) or "").lower(), Side.UNKNOWN)


def _paid(opening: Decimal | None, closing: Decimal | None) -> Decimal | None:
    """Return the fees that were paid, which Bitget writes below zero; half of them would be another number."""
    return None if opening is None or closing is None else _EXACT.minus(_EXACT.add(opening, closing))


def _pairs(symbols: list[str] | None) -> tuple[Pair, ...] | None:
    """Return the pairs behind symbols that come without their product types; none where one cannot be told."""
    try:
        return None if symbols is None else tuple(pair_of(symbol, product_of(symbol)) for symbol in symbols)
    except (ConfigError, ValueError):
        return None
