"""OKX's rows in words that belong to no exchange.

Quantities are in contracts. In one-way mode ``posSide`` is ``net`` and the sign of the quantity tells the side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from unified_copy.decimals import told_number
from unified_copy.results import ClosedCopy, CopiedPosition, FollowedLeader, LeaderProfile, Side, SymbolLimits, moment
from unified_copy_okx.translate import NAME, pair

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from msgspec import UnsetType

    from unified_copy_okx import wire

Row = TypeVar("Row", CopiedPosition, ClosedCopy, FollowedLeader)

_SIDES: Final = {"long": Side.LONG, "short": Side.SHORT}


def position(row: wire.Position, raw: object) -> CopiedPosition:
    """Return an open copied position. Raises ``ValueError`` or ``ConfigError`` for what cannot be read."""
    unseen = {"take_profit_price": row.tpTriggerPx, "stop_loss_price": row.slTriggerPx}
    held = _number(row.subPos)
    return CopiedPosition(
        exchange=NAME,
        position_id=row.subPosId,
        symbol=pair(row.instId),
        side=_side(row.posSide, held),
        leader_id=row.uniqueCode or None,
        quantity=None if held is None else held.copy_abs(),
        entry_price=_number(row.openAvgPx),
        leverage=_number(row.lever),
        margin=_number(row.margin),
        opened=_time(row.openTime),
        take_profit_price=_price(row.tpTriggerPx),
        stop_loss_price=_price(row.slTriggerPx),
        unrealized_profit=_number(row.upl),
        missing=frozenset(name for name, shown in unseen.items() if shown is None),
        raw=raw,
    )


def closed(row: wire.Position, raw: object) -> ClosedCopy:
    """Return a closed copy, or the closed part of one. Raises as ``position`` does."""
    quantity = _number(row.closeSubPos)
    return ClosedCopy(
        exchange=NAME,
        position_id=row.subPosId,
        symbol=pair(row.instId),
        side=_side(row.posSide, _number(row.subPos)),
        leader_id=row.uniqueCode or None,
        quantity=None if quantity is None else quantity.copy_abs(),
        entry_price=_number(row.openAvgPx),
        exit_price=_number(row.closeAvgPx),
        leverage=_number(row.lever),
        opened=_time(row.openTime),
        closed=_time(row.closeTime),
        # OKX does not say what its profit leaves out; the leader's share is billed by itself.
        profit=_number(row.pnl),
        profit_ratio=_number(row.pnlRatio),
        raw=raw,
    )


def leader(row: wire.Leader, raw: object) -> FollowedLeader:
    """Return a leader who is being copied. Raises as ``position`` does."""
    return FollowedLeader(
        exchange=NAME,
        leader_id=row.uniqueCode,
        name=row.nickName or None,
        since=_time(row.beginCopyTime),
        invested=_number(row.margin),
        profit=_number(row.copyTotalPnl),
        raw=raw,
    )


def profile(leader_id: str, row: wire.Statistics, raw: object) -> LeaderProfile:
    """Return what is public of one leader. Raises as ``position`` does.

    The profit that OKX shows here is the copiers', and the money invested is in no documented unit: both stay in
    ``raw``.
    """
    return LeaderProfile(exchange=NAME, leader_id=leader_id, win_ratio=_number(row.winRatio), raw=raw)


def limits(shown: wire.ShownSymbol, ranges: wire.Ranges, raw: object) -> SymbolLimits:
    """Return a pair that can be copied, with the limits that all pairs share. Raises as ``position`` does."""
    return SymbolLimits(
        exchange=NAME,
        symbol=pair(shown.instId),
        min_amount=_number(ranges.minCopyAmt),
        max_amount=_number(ranges.maxCopyAmt),
        raw=raw,
    )


def _side(word: str | UnsetType, held: Decimal | None) -> Side:
    if word == "net" and held:
        return Side.LONG if held > 0 else Side.SHORT
    return _SIDES.get(str(word), Side.UNKNOWN)


def _time(text: str | UnsetType) -> datetime | None:
    return moment(text or None)


def _price(text: str | None) -> Decimal | None:
    """Return a protection's price; empty text and zero are none."""
    return _number(text or "") or None


def _number(text: str | UnsetType) -> Decimal | None:
    """Return an exact number, ``None`` where there is none. Raises ``ValueError`` for what is no finite number."""
    return told_number(str(text)) if text else None
