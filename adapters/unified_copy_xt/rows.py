"""XT's rows in neutral words.

Where XT's documents are silent it is decided here as follows. Rates of return and of success are fractions: XT marks
the one list, of futures, whose rates are already percent; a text that ends in a percent sign is percent. Shares of a
whole that can be no fractions are left out. Prices of zero are unset. ``maxRetraction`` is not read, because nothing
says whether it is an amount or a rate; ``raw`` has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from unified_copy.decimals import shifted, told_number
from unified_copy.errors import LeaderUnavailableError, NotFollowingError, UnsupportedError
from unified_copy.results import (
    ClosedCopy,
    CopiedPosition,
    FollowedLeader,
    LeaderProfile,
    Side,
    SymbolLimits,
    moment,
)
from unified_copy.wire import json_number
from unified_copy_xt import terms, wire
from unified_copy_xt.answers import ANSWERS, follow_config, result_of
from unified_copy_xt.translate import NAME, pair

if TYPE_CHECKING:
    from decimal import Decimal

    from msgspec import Raw, UnsetType

    from unified_copy.results import Price
    from unified_copy.wire import Response

_PRICES: Final = {"take_profit_price": "triggerProfitPrice", "stop_loss_price": "triggerStopPrice"}


def leader(row: wire.Leader, raw: object) -> FollowedLeader:
    """Return one leader being followed."""
    return FollowedLeader(
        exchange=NAME,
        leader_id=_id(row.accountId, "accountId"),
        name=row.leaderName or None,
        invested=row.followMargin,
        profit=row.followProfit,
        raw=raw,
    )


def position(row: wire.Order, raw: Any) -> CopiedPosition:  # noqa: ANN401 (XT's row, an object by now)
    """Return one open copied position.

    The row names an order of the leader's and not his account, so whose it is remains untold. Of a row that shows
    something sold while it is open, the quantity remains untold as well: what is left of it is not documented.
    """
    handle = {"symbol": row.symbol}
    if row.leaderOrderId:
        handle["leaderOrderId"] = row.leaderOrderId
    return CopiedPosition(
        exchange=NAME,
        position_id=_id(row.id, "id"),
        symbol=pair(row.symbol),
        side=Side.LONG,
        quantity=None if row.sellSize else row.buySize,
        entry_price=row.buyPrice,
        opened=moment(row.buyTime or None),
        take_profit_price=row.triggerProfitPrice or None,
        stop_loss_price=row.triggerStopPrice or None,
        unrealized_profit=row.profit,
        missing=frozenset(name for name, key in _PRICES.items() if key not in raw),
        handle=handle,
        raw=raw,
    )


def leader_order(position: CopiedPosition) -> tuple[wire.LeaderOrderId, str]:
    """Return the leader's order and XT's name of the pair, by which XT knows a copied position.

    Raises ``UnsupportedError`` where the position does not carry them.
    """
    order, symbol = position.handle.get("leaderOrderId", ""), position.handle.get("symbol", "")
    number = terms.told_id(order)
    if symbol and number is not None:
        return wire.LeaderOrderId(number), symbol
    reason = "XT knows a copied position by an order of the leader's, and this one does not carry it"
    raise UnsupportedError("position", reason, NAME)


def closed(row: wire.Order, raw: object) -> ClosedCopy:
    """Return one closed copy. XT does not say whether the profit is before fees."""
    return ClosedCopy(
        exchange=NAME,
        position_id=_id(row.id, "id"),
        symbol=pair(row.symbol),
        side=Side.LONG,
        quantity=row.buySize,
        entry_price=row.buyPrice,
        exit_price=row.sellPrice,
        opened=moment(row.buyTime or None),
        closed=moment(row.sellTime or None),
        profit=row.profit,
        profit_ratio=_ratio(row.profitRate),
        raw=raw,
    )


def symbols(response: Response) -> tuple[SymbolLimits, ...]:
    """Return the pairs that can be copied at all; XT gives no limits."""
    raw = ANSWERS.structure(response, result_of(response), list[object])
    named = [ANSWERS.structure(response, row, wire.Symbol).symbol for row in raw]
    return ANSWERS.reading(response, lambda: tuple(map(_symbol, named, raw)))


def leader_symbols(response: Response) -> tuple[SymbolLimits, ...]:
    """Return the pairs that can be copied from one leader, as the terms of a follow show them."""
    shown, _ = follow_config(response)
    if shown is None:
        meaning = "XT shows a leader's pairs with the terms of a follow, and shows no follow of this leader"
        raise NotFollowingError(NAME, "result null", meaning, http_status=response.status)
    named = shown.leaderSymbols
    if named is None:
        raise ANSWERS.unusable(response, "the terms of a follow without leaderSymbols")
    return ANSWERS.reading(response, lambda: tuple(map(_symbol, named, named)))


def leader_detail(response: Response) -> tuple[wire.LeaderDetail, object]:
    """Return a leader's public profile and XT's own words for it."""
    result = result_of(response)
    if result is None:
        raise LeaderUnavailableError(NAME, "result null", "XT shows no such leader", "", response.status, "leader_id")
    return ANSWERS.structure(response, result, wire.LeaderDetail), result


def profile(response: Response, leader_id: str, shown: tuple[wire.LeaderDetail, object]) -> LeaderProfile:
    """Return what is public about a leader, from his profile and the answer with his statistics."""
    (detail, detail_raw), stats_raw = shown, result_of(response)
    # A leader who has not traded has no statistics.
    stats = wire.LeaderStats() if stats_raw is None else ANSWERS.structure(response, stats_raw, wire.LeaderStats)
    return ANSWERS.reading(
        response,
        lambda: LeaderProfile(
            exchange=NAME,
            leader_id=leader_id,
            name=detail.nickName or None,
            introduction=detail.leaderIntro or None,
            followers=_count(detail.currentFollowNumber),
            max_followers=_count(detail.maxFollowerSize),
            profit_share=terms.share(_ratio(detail.profitRate)),
            equity=None if detail.displayEquity is False else detail.totalRights,
            days_leading=_count(detail.leadDays),
            profit=stats.totalEarnings,
            profit_ratio=_ratio(stats.pnlRate),
            win_ratio=terms.share(_ratio(stats.winRate)),
            raw={"leader-detail": detail_raw, "leader-stats": stats_raw},
        ),
    )


def price(wanted: Price) -> Raw:
    """Return a protection's price as it is sent; the declarations let nothing through but a number."""
    return json_number(cast("Decimal", wanted))


def _symbol(name: str, raw: object) -> SymbolLimits:
    return SymbolLimits(exchange=NAME, symbol=pair(name), raw=raw)


def _id(words: str | UnsetType, key: str) -> str:
    if not words:
        raise ValueError(f"a row without {key}")
    return str(words)


def _count(words: str | UnsetType) -> int | None:
    return int(words) if words else None


def _ratio(words: str | UnsetType) -> Decimal | None:
    if not words:
        return None
    text = str(words)
    number = told_number(text.removesuffix("%"))
    return shifted(number, -2) if text.endswith("%") else number
