"""Read lists that come in pages, however the pages are linked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from unified_copy.errors import VenueUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator

    from unified_copy.account import Account
    from unified_copy.adapter import Adapter, Call, Plan
    from unified_copy.results import CopiedPosition, Page

T = TypeVar("T")


async def pages(
    account: Account, adapter: Adapter, read: Callable[[str | None], Plan[Page[T]]], *, complete: bool = False
) -> AsyncIterator[T]:
    """Yield the rows of one page after the other, until the venue says that there are no more.

    A page is read when its first row is needed. Pages that go round in a circle end the list; where it must be
    ``complete``, they raise ``VenueUnavailableError``.
    """
    turn = _Circle()
    cursor: str | None = None
    while True:
        page = await account.run(adapter, read(cursor))
        for row in page.items:
            yield row
        cursor = page.cursor
        if cursor is None:
            return
        if turn.closes_at(cursor):
            if complete:
                raise _round_in_a_circle(adapter)
            return


def find(adapter: Adapter, position: CopiedPosition) -> Generator[Call[Any], Any, tuple[CopiedPosition, ...]]:
    """Look for one position on every page; nothing found is an empty tuple.

    Raises ``VenueUnavailableError`` where the pages have no end: to call the position closed would be a guess.
    """
    turn = _Circle()
    cursor: str | None = None
    while True:
        page = yield from adapter.positions(position.leader_id, cursor)
        found = tuple(row for row in page.items if row.position_id == position.position_id)
        cursor = page.cursor
        if found or cursor is None:
            return found
        if turn.closes_at(cursor):
            raise _round_in_a_circle(adapter)


def _round_in_a_circle(adapter: Adapter) -> VenueUnavailableError:
    return VenueUnavailableError(adapter.name, "pages", "the pages of positions go round in a circle")


class _Circle:
    """Notice in constant memory that cursors repeat, however long the circle is."""

    def __init__(self) -> None:
        self._kept: str | None = None
        self._steps, self._limit = 0, 1

    def closes_at(self, cursor: str) -> bool:
        if cursor == self._kept:
            return True
        self._steps += 1
        if self._steps == self._limit:
            self._kept, self._steps, self._limit = cursor, 0, self._limit * 2
        return False
