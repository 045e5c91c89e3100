"""Lunex's rows in words that belong to no exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unified_copy.decimals import shifted
from unified_copy.results import ClosedCopy, CopiedPosition, FollowedLeader, LeaderProfile, Side, SymbolLimits, moment
from unified_copy_lunex.codes import NAME
from unified_copy_lunex.translate import pair

if TYPE_CHECKING:
    from unified_copy_lunex import wire

_SIDES: Final = {"buy": Side.LONG, "sell": Side.SHORT}


def leader(shown: wire.ShownCopy, raw: object) -> FollowedLeader:
    """Return a leader who is being copied."""
    return FollowedLeader(
        exchange=NAME, leader_id=shown.trader, name=str(shown.name or "") or None, since=moment(shown.since), raw=raw
    )


def position(shown: wire.Position, raw: object) -> CopiedPosition:
    """Return an open position."""
    return CopiedPosition(
        exchange=NAME,
        position_id=shown.id,
        symbol=pair(shown.market),
        side=_SIDES.get(shown.side, Side.UNKNOWN),
        leader_id=shown.trader,
        quantity=shown.size,
        entry_price=shown.entry,
        leverage=shown.leverage,
        opened=moment(shown.opened),
        take_profit_price=shown.takeProfit,
        stop_loss_price=shown.stopLoss,
        raw=raw,
    )


def closed(shown: wire.Trade, raw: object) -> ClosedCopy:
    """Return a position that has been closed."""
    return ClosedCopy(
        exchange=NAME,
        position_id=shown.id,
        symbol=pair(shown.market),
        side=_SIDES.get(shown.side, Side.UNKNOWN),
        leader_id=shown.trader,
        quantity=shown.size,
        entry_price=shown.entry,
        exit_price=shown.exit,
        opened=moment(shown.opened),
        closed=moment(shown.closed),
        profit=shown.profit,
        raw=raw,
    )


def limits(shown: wire.Market, raw: object) -> SymbolLimits:
    """Return a pair that can be copied."""
    least, most = shown.minStake, shown.maxStake
    return SymbolLimits(exchange=NAME, symbol=pair(shown.market), min_amount=least, max_amount=most, raw=raw)


def profile(leader_id: str, shown: wire.Trader, raw: object) -> LeaderProfile:
    """Return what is public of a leader."""
    return LeaderProfile(
        exchange=NAME,
        leader_id=leader_id,
        name=shown.name or None,
        followers=shown.followers,
        profit_share=shifted(shown.share, -2),
        raw=raw,
    )
