"""Print what a venue lists, row by row as the pages arrive, in memory that does not grow with the list."""

from __future__ import annotations

import abc
import asyncio
import json
import sys
from typing import TYPE_CHECKING, Final

from unified_copy.adapter import Operation
from unified_copy.cli import output, tables
from unified_copy.cli.client import Connection
from unified_copy.cli.json_data import result_data
from unified_copy.cli.outcomes import Exit, error_data, exit_code, write_error
from unified_copy.results import ClosedCopy, CopiedPosition, FollowedLeader, SymbolLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from unified_copy.adapter import Adapter
    from unified_copy.cli.options import Target
    from unified_copy.client import CopyClient

_BLOCK: Final = 100
"""How many rows share one table on a terminal, and are kept at most; widths can be found for what is there only."""


def leaders(target: Target, *, as_json: bool) -> int:
    """Print the leaders being followed."""
    connection = Connection.to(target, Operation.LEADERS)
    lines = _lines("leaders", FollowedLeader, connection.adapter, as_json=as_json)
    return _pour(connection, lambda client, adapter: client.leaders(exchange=adapter), lines)


def positions(target: Target, *, leader: str | None, as_json: bool) -> int:
    """Print the open copied positions, of one leader or of all."""
    connection = Connection.to(target, Operation.POSITIONS)
    lines = _lines("positions", CopiedPosition, connection.adapter, as_json=as_json)
    return _pour(connection, lambda client, adapter: client.positions(exchange=adapter, leader_id=leader), lines)


def history(target: Target, *, leader: str | None, limit: int | None, as_json: bool) -> int:
    """Print the closed copies, of one leader or of all; no page is read beyond ``limit`` rows."""
    connection = Connection.to(target, Operation.HISTORY)
    lines = _lines("history", ClosedCopy, connection.adapter, as_json=as_json)
    return _pour(connection, lambda client, adapter: client.history(exchange=adapter, leader_id=leader), lines, limit)


def symbols(target: Target, *, leader: str | None, as_json: bool) -> int:
    """Print the pairs that can be copied, from one leader or at all."""
    connection = Connection.to(target, Operation.SYMBOLS)

    async def listed(client: CopyClient, adapter: Adapter) -> AsyncIterator[object]:
        for limits in await client.symbols(exchange=adapter, leader_id=leader):
            yield limits

    return _pour(connection, listed, _lines("symbols", SymbolLimits, connection.adapter, as_json=as_json))


def leader(leader_id: str, target: Target, *, as_json: bool) -> int:
    """Print what is public about a leader."""
    connection = Connection.to(target, Operation.LEADER)
    profile = connection.read(lambda client: client.leader(leader_id, exchange=connection.adapter))
    if as_json:
        output.document(result_data(profile))
        return Exit.DONE
    to = output.stdout()
    to.line(f"{profile.exchange}: leader {profile.leader_id}", "bold")
    to.line()
    shown = [name for name in tables.names(type(profile)) if name != "leader_id"]
    to.table(("field", "shown"), [(tables.header(name), tables.cell(profile, name)) for name in shown])
    return Exit.DONE


# ------------------------------------------------------------------ row by row


class _Lines(abc.ABC):
    """Write rows as they come."""

    @abc.abstractmethod
    def add(self, row: object) -> None:
        """Take one row."""

    def wait(self) -> None:  # noqa: B027 (most have nothing to do then)
        """Know that the next row takes a while: another page has to be asked for."""

    @abc.abstractmethod
    def end(self, error: BaseException | None = None) -> bool:
        """Write what is left; return whether ``error``, which ended the list early, has found its place in it."""


class _Plain(_Lines):
    """Write the rows of a page as soon as all of them are there, below each other."""

    def __init__(self, kind: type) -> None:
        self._pending: list[Sequence[output.Cell]] = [[output.Cell(tables.header(name)) for name in tables.names(kind)]]
        self._only_header = True
        self._widths = [0] * len(self._pending[0])

    def add(self, row: object) -> None:
        self._pending.append(tables.cells(row))
        self._only_header = False
        if len(self._pending) > _BLOCK:
            self.wait()

    def wait(self) -> None:
        if not self._only_header:
            output.stdout().aligned(self._pending, self._widths)
            self._pending.clear()

    def end(self, error: BaseException | None = None) -> bool:
        if error is None:
            self._only_header = False
        self.wait()
        return False


class _Tables(_Lines):
    """Write a table whenever enough rows have come together."""

    def __init__(self) -> None:
        self._block: list[object] = []
        self._written = False

    def add(self, row: object) -> None:
        self._block.append(row)
        if len(self._block) == _BLOCK:
            self._write()

    def end(self, error: BaseException | None = None) -> bool:
        if self._block:
            self._write()
        elif error is None and not self._written:
            output.stdout().line("nothing is listed")
        return False

    def _write(self) -> None:
        tables.write(output.stdout(), self._block)
        self._block.clear()
        self._written = True


class _Document(_Lines):
    """Write one JSON document, a row at a time."""

    def __init__(self, what: str, exchange: str) -> None:
        self._start = f'{{"exchange": {json.dumps(exchange)}, {json.dumps(what)}: ['
        self._between = self._start

    def add(self, row: object) -> None:
        sys.stdout.write(self._between + json.dumps(result_data(row)))
        sys.stdout.flush()
        self._between = ", "

    def end(self, error: BaseException | None = None) -> bool:
        begun = self._between != self._start
        if error is None or begun:
            told = "" if error is None else f', "error": {json.dumps(error_data(error))}'
            sys.stdout.write(f"{'' if begun else self._start}]{told}}}\n")
            sys.stdout.flush()
        return begun and error is not None


def _lines(what: str, kind: type, adapter: Adapter, *, as_json: bool) -> _Lines:
    if as_json:
        return _Document(what, adapter.name)
    return _Plain(kind) if output.stdout().console is None else _Tables()


async def _next(listed: AsyncIterator[object]) -> object:
    """Return the next row, and ``None`` after the last."""
    return await anext(listed, None)


def _pour(
    connection: Connection,
    ask: Callable[[CopyClient, Adapter], AsyncIterator[object]],
    lines: _Lines,
    limit: int | None = None,
) -> int:
    """Write every row that ``ask`` yields, up to ``limit``; what was written stays where a later page fails."""

    async def pour(client: CopyClient) -> None:
        listed = ask(client, connection.adapter)
        count = 0
        while count != limit:
            following = asyncio.ensure_future(_next(listed))
            # A row of a page that is there is there by now; any other has to be waited for.
            await asyncio.sleep(0)
            if not following.done():
                lines.wait()
            row = await following
            if row is None:
                break
            lines.add(row)
            count += 1

    try:
        connection.read(pour)
    except OSError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        if not lines.end(error):
            raise
        write_error(output.stderr(), error)
        return exit_code(error)
    lines.end()
    return Exit.DONE
