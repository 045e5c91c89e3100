"""The leaders being followed, and the pairs that can be copied.

Source: Bitget API documentation, copy trading, futures, follower: Query Traders, Query Quantity Limit.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from unified_copy.adapter import Call, Limit
from unified_copy.wire import Request, encode_query
from unified_copy_bitget import pages, rows, wire
from unified_copy_bitget.product import WINDOW, answers, data
from unified_copy_bitget.translate import NAME, PRODUCT_TYPES

if TYPE_CHECKING:
    from collections.abc import Generator

    from unified_copy.results import FollowedLeader, Page, SymbolLimits
    from unified_copy.wire import Response

PAGE_SIZE: Final = 50
"""The most leaders that Bitget gives at once."""
_ANSWERS: Final = answers(NAME)
_QUERY_TRADERS: Final = Limit(5, WINDOW, "uid", "query-traders")
_QUANTITY_LIMIT: Final = Limit(10, WINDOW, "ip", "query-quantity-limit")


def followed(cursor: str | None) -> Call[Page[FollowedLeader]]:
    """Return the call that reads one page of leaders; a cursor is a page number and the last leader before it."""
    number, _, last = (cursor or "1").partition(":")
    request = Request("GET", wire.QUERY_TRADERS, encode_query(pageNo=number, pageSize=str(PAGE_SIZE)))
    return Call(request, partial(_leaders, int(number), last), _QUERY_TRADERS)


def _leaders(number: int, last: str, response: Response) -> Page[FollowedLeader]:
    items = _ANSWERS.rows(response, pages.listed(_ANSWERS, response), wire.ShownLeader, rows.leader)
    return pages.after(number, last, items)


def symbols() -> Generator[Call[Any], Any, tuple[SymbolLimits, ...]]:
    """Return the plan that reads the pairs of every product type, with the bounds of a copied order."""
    found: list[SymbolLimits] = []
    for product in PRODUCT_TYPES:
        request = Request("GET", wire.QUANTITY_LIMIT, encode_query(productType=product))
        found += yield from Call(request, partial(_limits, product), _QUANTITY_LIMIT)
    return tuple(found)


def _limits(product: str, response: Response) -> tuple[SymbolLimits, ...]:
    shown = _ANSWERS.structure(response, data(_ANSWERS, response), list[object])
    read = _ANSWERS.rows(response, shown, wire.QuantityLimit, partial(rows.limits, product))
    return tuple(limits for limits in read if limits)
