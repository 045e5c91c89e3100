"""What is believed of an answer of XT's futures host, and its rows in words that belong to no exchange."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from unified_copy.answers import HTTP_OK, Answers
from unified_copy.errors import LeaderUnavailableError, RateLimitedError, VenueError
from unified_copy.results import ClosedCopy, CopiedPosition, FollowedLeader, LeaderProfile, Page, SymbolLimits
from unified_copy_xt import terms
from unified_copy_xt.answers import refusal
from unified_copy_xt.futures import wire
from unified_copy_xt.futures.codes import CODES
from unified_copy_xt.futures.translate import NAME, pair

if TYPE_CHECKING:
    from decimal import Decimal

    from unified_copy.pairs import Pair
    from unified_copy.wire import Response

T = TypeVar("T")

LOCK_SECONDS: Final = 600.0
"""How long XT locks an account out after too many requests."""
_SUCCESSES: Final = {0, HTTP_OK}
"""Every sample shows 0; the page on the return format shows 200."""
_NO_FAILURE: Final = "200"
"""The one among the documented codes of errors that means success."""
_ANSWERS: Final = Answers(exchange=NAME, codes=CODES, converter=wire.converter())


# ------------------------------------------------------------------ the envelope


def result(response: Response) -> object:
    """Return what the envelope holds; raise what its error says, or that there is no envelope."""
    try:
        return _result(response)
    except RateLimitedError as error:
        # Whatever the gateway says: another request before the lock ends would be in vain.
        error.retry_after = max(LOCK_SECONDS, error.retry_after or 0)
        raise


def _result(response: Response) -> object:
    envelope = _ANSWERS.json(response, wire.Envelope)
    error = envelope.error
    if error is None or error.code == _NO_FAILURE:
        error = wire.Failure()
    if envelope.returnCode not in _SUCCESSES or error.code:
        told = error.msg or envelope.msgInfo or ""
        raise refusal(_ANSWERS, error.code or _bare(envelope.returnCode), response, told)
    if error.msg:
        raise _ANSWERS.unusable(response, f"an answer that says success beside an error: {error.msg}")
    _ANSWERS.confirm_status(response)
    return envelope.result


def _bare(code: int) -> str:
    """Return the code of a refusal without an error: the codes of errors include 200, so they may stand here too."""
    return str(code) if str(code) in CODES else f"returnCode {code}"


def confirmation(response: Response) -> None:
    """Believe that a write was done only where the result is true; false is a refusal."""
    told = result(response)
    if told is False:
        raise VenueError(NAME, "result false", "XT took the request and reports failure", "", response.status)
    if told is not True:
        raise _ANSWERS.unusable(response, f"an answer that says neither true nor false: {told!r}")


def clock(response: Response) -> int:
    """Return XT's clock; its result is documented as a number and as an object that holds one."""
    told = result(response)
    if isinstance(told, dict):
        return _ANSWERS.clock(response, _ANSWERS.structure(response, told, wire.ServerTime).serverTime)
    return _ANSWERS.clock(response, _ANSWERS.structure(response, told, int))


# ------------------------------------------------------------------ what is followed


def relation(response: Response) -> tuple[wire.Relation | None, object]:
    """Return the terms of a follow, ``None`` where there is none, and XT's own words."""
    told = result(response)
    return (None if told is None else _ANSWERS.structure(response, told, wire.Relation)), told


def followed(response: Response) -> list[wire.Digits]:
    """Return the accounts that are followed."""
    return _ANSWERS.structure(response, _listed(result(response)), list[wire.Digits])


def leaders(response: Response) -> Page[FollowedLeader]:
    """Return the leaders that are followed, all on one page."""
    return Page(
        tuple(
            FollowedLeader(
                exchange=NAME,
                leader_id=row.leaderAccountId,
                name=row.leaderName or None,
                since=row.startTime,
                invested=row.followMargin,
                profit=row.profit,
                raw=raw,
            )
            for row, raw in _following(response)
        ),
        None,
    )


def positions(response: Response, leader_id: str | None) -> Page[CopiedPosition]:
    """Return what is open, of one leader or of all, on one page.

    A row of which nothing is left is no open position.
    """
    return Page(
        tuple(
            _position(response, order, order_raw, row.leaderAccountId)
            for row, raw in _following(response)
            for order, order_raw in zip(row.orderList or (), raw.get("orderList") or (), strict=True)
            if leader_id in {None, row.leaderAccountId} and order.positionSize != 0
        ),
        None,
    )


def _following(response: Response) -> list[tuple[wire.Following, dict[str, Any]]]:
    told = _listed(result(response))
    rows = _ANSWERS.structure(response, told, list[wire.Following])
    return list(zip(rows, told, strict=True))


def _listed(told: object) -> Any:  # noqa: ANN401 (not yet checked: `structure` comes next)
    """Take null for an empty list."""
    return [] if told is None else told


def _position(response: Response, row: wire.Order, raw: dict[str, Any], leader_id: str) -> CopiedPosition:
    shown = {"take_profit_price": "triggerProfitPrice", "stop_loss_price": "triggerStopPrice"}
    return CopiedPosition(
        exchange=NAME,
        position_id=row.trackNo,
        symbol=_pair(response, row),
        side=row.positionSide,
        leader_id=leader_id,
        quantity=_first(row.positionSize, row.openSize),
        entry_price=_first(row.entryPrice, row.openPrice),
        leverage=_first(row.openLeverage, row.leverage),
        margin=_first(row.openMargin, row.isolatedMargin),
        opened=row.openTime,
        take_profit_price=row.triggerProfitPrice or None,
        stop_loss_price=row.triggerStopPrice or None,
        missing=frozenset(name for name, key in shown.items() if key not in raw),
        raw=raw,
    )


# ------------------------------------------------------------------ history


def history(response: Response) -> Page[ClosedCopy]:
    """Return one page of closed copies.

    The list is documented bare, although it takes a cursor; other lists of this API come as pages with an end mark.
    Without the mark a list ends where nothing more comes: how many rows make a full page is not certain.
    """
    told = _listed(result(response))
    page: Any = {"items": told} if isinstance(told, list) else told
    rows = _ANSWERS.structure(response, page, wire.OrderPage)
    more = bool(rows.items) if rows.hasNext is None else rows.hasNext
    cursor = rows.items[-1].id if rows.items else None
    if more and cursor is None:
        # To call this the end would be a guess.
        raise _ANSWERS.unusable(response, "more pages are promised, with no way to them")
    return Page(
        tuple(_closed(response, row, raw) for row, raw in zip(rows.items, page["items"], strict=True)),
        cursor if more else None,
    )


def _closed(response: Response, row: wire.Order, raw: object) -> ClosedCopy:
    return ClosedCopy(
        exchange=NAME,
        position_id=row.trackNo,
        symbol=_pair(response, row),
        side=row.positionSide,
        leader_id=row.leaderAccountId,
        quantity=_first(row.closeSize, row.openSize),
        entry_price=_first(row.openPrice, row.entryPrice),
        exit_price=row.closePrice,
        leverage=_first(row.openLeverage, row.leverage),
        opened=row.openTime,
        closed=row.closeTime,
        # XT does not say what is off it already; its net profits have other names.
        profit=row.realizedPnl,
        fees=None if row.totalFee is None else row.totalFee.copy_abs(),
        profit_ratio=row.profitRate,
        raw=raw,
    )


# ------------------------------------------------------------------ what is public


def symbols(response: Response) -> tuple[SymbolLimits, ...]:
    """Return the pairs that can be copied; XT gives no limits."""
    names = _ANSWERS.structure(response, result(response), list[str])
    return tuple(
        SymbolLimits(exchange=NAME, symbol=_ANSWERS.reading(response, partial(pair, name)), raw=name) for name in names
    )


def detail(response: Response) -> tuple[wire.LeaderDetail, object]:
    """Return what a leader says about himself, and XT's own words."""
    told = result(response)
    if told is None:
        raise LeaderUnavailableError(NAME, "result null", "XT shows no such leader", "", response.status, "leader_id")
    return _ANSWERS.structure(response, told, wire.LeaderDetail), told


def stats(response: Response) -> tuple[wire.LeaderStats, object]:
    """Return what a leader has achieved, which is nothing before he trades, and XT's own words."""
    told = result(response)
    return wire.LeaderStats() if told is None else _ANSWERS.structure(response, told, wire.LeaderStats), told


def profile(leader_id: str, told: wire.LeaderDetail, achieved: wire.LeaderStats, raw: object) -> LeaderProfile:
    """Put together what is public about a leader.

    Of all rates of this API only one is marked as percent, in another list; these are taken for fractions, and left
    out where they cannot be. ``maxRetraction`` is in ``raw`` only: nothing says whether it is an amount or a rate.
    """
    return LeaderProfile(
        exchange=NAME,
        leader_id=leader_id,
        name=told.nickName or None,
        introduction=told.intro or None,
        followers=told.currentFollowNumber,
        max_followers=told.maxFollowerSize,
        profit_share=terms.share(told.profitRate),
        equity=None if told.displayEquity is False else told.totalRights,
        days_leading=told.leadDays,
        profit=achieved.totalEarnings,
        profit_ratio=achieved.pnlRate,
        win_ratio=terms.share(achieved.winRate),
        raw=raw,
    )


# ------------------------------------------------------------------ helpers


def _pair(response: Response, row: wire.Order) -> Pair:
    return _ANSWERS.reading(response, partial(pair, str(row.symbol or row.symbolName or "")))


def _first(*values: Decimal | None) -> Decimal | None:
    return next((value for value in values if value is not None), None)
