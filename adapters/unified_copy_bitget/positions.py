"""Copied positions, open and closed: reading them page by page, closing and protecting one.

Source: Bitget API documentation, copy trading, futures, follower. Each line of contracts is asked by itself, so a
cursor is a product type and, within it, the id that the next rows are older than.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import UNSET, UnsetType

from unified_copy.adapter import Call, Limit
from unified_copy.decimals import plain
from unified_copy.errors import ConfigError
from unified_copy.results import KEEP, ClosedCopy, CopiedPosition, Page
from unified_copy.wire import JSON, Request, encode, encode_query
from unified_copy_bitget import pages, rows, wire
from unified_copy_bitget.product import WINDOW, answers, confirm, number_of
from unified_copy_bitget.translate import NAME, PRODUCT_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from unified_copy.results import Price
    from unified_copy.wire import Response
    from unified_copy_bitget.pages import P

W = TypeVar("W")

PAGE_SIZE: Final = 100
"""The most rows that Bitget gives at once."""
_ANSWERS: Final = answers(NAME)
_OPEN: Final = Limit(5, WINDOW, "uid", "query-current-orders")
_CLOSED: Final = Limit(5, WINDOW, "uid", "query-history-orders")
_CLOSE: Final = Limit(5, WINDOW, "uid", "close-positions")
_PROTECT: Final = Limit(5, WINDOW, "uid", "setting-tpsl")
_HOLD_SIDES: Final = {side: words for words, side in rows.SIDES.items()}


# ------------------------------------------------------------------ reading


def still_open(leader_id: str | None, cursor: str | None) -> Call[Page[CopiedPosition]]:
    """Return the call that reads one page of open positions."""
    request, product, older = _asked(wire.CURRENT_ORDERS, leader_id, cursor)
    return Call(request, partial(_page, wire.OpenOrder, rows.position, product, older), _OPEN)


def history(leader_id: str | None, cursor: str | None) -> Call[Page[ClosedCopy]]:
    """Return the call that reads one page of closed copies."""
    request, product, older = _asked(wire.HISTORY_ORDERS, leader_id, cursor)
    return Call(request, partial(_page, wire.ClosedOrder, rows.closed, product, older), _CLOSED)


def _asked(path: str, leader_id: str | None, cursor: str | None) -> tuple[Request, str, str]:
    product, _, older = (cursor or PRODUCT_TYPES[0]).partition(":")
    asked = {"productType": product, "limit": str(PAGE_SIZE)}
    if leader_id is not None:
        asked["traderId"] = leader_id
    if older:
        asked["idLessThan"] = older
    return Request("GET", path, encode_query(**asked)), product, older


def _page(
    wanted: type[W], meaning: Callable[[str, W, object], P], product: str, older: str, response: Response
) -> Page[P]:
    shown, mark = pages.tracked(_ANSWERS, response)
    read = _ANSWERS.rows(response, shown, wanted, partial(meaning, product))
    items, end = pages.onward(read, mark, older, PAGE_SIZE)
    return Page(items, f"{product}:{end}" if end else _next(product))


def _next(product: str) -> str | None:
    """Return the cursor of the product type that is asked after ``product``."""
    following = PRODUCT_TYPES[PRODUCT_TYPES.index(product) + 1 :]
    return following[0] if following else None


# ------------------------------------------------------------------ writing


def close(position: CopiedPosition) -> Call[None]:
    """Return the call that closes one position, named in every way that Bitget knows.

    Bitget takes a product type alone for everything in it, so nothing that could be left out is. Raises
    ``ConfigError`` for a position that does not come from reading positions.
    """
    number, product, symbol = _named(position)
    side = _HOLD_SIDES.get(position.side)
    if side is None:
        raise ConfigError("position", "Bitget did not say whether it is long or short, and must be told", NAME)
    body = wire.ClosePositions(productType=product, trackingNo=number, symbol=symbol, holdSide=side)
    return Call(Request("POST", wire.CLOSE_POSITIONS, "", JSON, encode(body)), _decode_write, _CLOSE, writes=True)


def protect(position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price) -> Call[None]:
    """Return the call that sets, cancels or keeps the protections of one position; raises as ``close`` does."""
    number, product, symbol = _named(position)
    body = wire.SettingTpsl(
        trackingNo=number,
        productType=product,
        symbol=symbol,
        stopSurplusPrice=_price(take_profit_price),
        stopLossPrice=_price(stop_loss_price),
    )
    return Call(Request("POST", wire.SETTING_TPSL, "", JSON, encode(body)), _decode_write, _PROTECT, writes=True)


_decode_write: Final = partial(confirm, _ANSWERS)


def _named(position: CopiedPosition) -> tuple[str, str, str]:
    """Return what names a position to Bitget, none of it empty."""
    product, symbol = (position.handle.get(name, "") for name in ("productType", "symbol"))
    number = number_of(position)
    if product not in PRODUCT_TYPES or not symbol:
        raise ConfigError("position", "it lacks its handle; pass one that positions() returned", NAME)
    return number, product, symbol


def _price(price: Price) -> str | UnsetType:
    if price is KEEP:
        return UNSET
    return "0" if price is None else plain(price)
