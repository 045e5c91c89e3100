"""Pages of orders and of leaders, in either of the shapes in which Bitget's products show them.

Orders are asked by the id that they are older than, leaders by the number of their page. What the documents of one
product show as a list alone stands in an object at its twin, and clients in use disagree with the documents; so either
shape is taken from either product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import UNSET

from unified_copy.results import ClosedCopy, CopiedPosition, FollowedLeader, Page
from unified_copy_bitget import wire
from unified_copy_bitget.product import data

if TYPE_CHECKING:
    from unified_copy.answers import Answers
    from unified_copy.wire import Response

P = TypeVar("P", CopiedPosition, ClosedCopy)


def tracked(told: Answers, response: Response) -> tuple[list[object], str | None]:
    """Return the orders of a page and the id it says to go on from: empty at the end, ``None`` unless told."""
    shown = data(told, response)
    if isinstance(shown, list):
        return shown, None
    page = told.structure(response, shown, wire.Tracked)
    silent = isinstance(shown, dict) and "endId" not in shown
    mark = "" if page.endId is UNSET else page.endId
    return page.trackingList or [], None if silent else mark


def onward(items: tuple[P, ...], mark: str | None, older: str, size: int) -> tuple[tuple[P, ...], str]:
    """Return the rows of a page that were not shown before, and the id to go on from, which is empty at the end.

    ``mark`` is what the page says to go on from, ``older`` what it was asked with, and ``size`` the rows asked for.
    """
    # Without a mark nothing tells the end but a page without rows: a short one may be smaller than was asked for.
    end = mark if mark is not None else items[-1].position_id if items else ""
    if end == older and len(items) < size:
        # It does not go on from here. The row asked to begin after shows that these were shown before.
        shown_before = bool(items) and items[-1].position_id == older
        return () if shown_before else items, ""
    return items, end


def listed(told: Answers, response: Response) -> list[object]:
    """Return the leaders of a page."""
    shown = data(told, response)
    return shown if isinstance(shown, list) else told.structure(response, shown, wire.Listed).resultList or []


def after(number: int, last: str, items: tuple[FollowedLeader, ...]) -> Page[FollowedLeader]:
    """Return page ``number`` of the leaders; a cursor is a page number and the ``last`` leader before it."""
    # Nothing marks the end but a page without leaders, or the page before once more.
    if not items or items[-1].leader_id == last:
        return Page((), None)
    return Page(items, f"{number + 1}:{items[-1].leader_id}")
