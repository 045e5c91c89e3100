"""Write for people: tables and colour on a terminal, plain aligned lines anywhere else.

In a pipe nothing is wrapped or cut, and on a terminal long content folds, so that no digit is ever lost.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

import attrs

if TYPE_CHECKING:
    from rich.console import Console

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | dict[str, "JsonValue"]


@attrs.frozen
class Cell:
    """Hold the text of one table cell and its style on a terminal."""

    text: str
    style: str = ""


Row = Sequence[str | Cell]


def visible(text: str) -> str:
    """Return ``text`` with everything that could move a cursor or hide content written out as an escape."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


class Paper:
    """Write to one stream, as the stream can take it."""

    def __init__(self, stream: TextIO) -> None:
        """Write to ``stream``, which is asked once whether it is a terminal."""
        self._stream = stream
        self._console = _console(stream) if stream.isatty() else None

    @property
    def console(self) -> Console | None:
        """Return the terminal, or ``None`` where the stream is none."""
        return self._console

    def line(self, text: str = "", style: str = "") -> None:
        """Write one line; a terminal wraps it by itself, so that it can be copied whole."""
        if self._console is None:
            self._stream.write(f"{visible(text)}\n")
            self._stream.flush()
            return
        # Loading it takes longer than most commands run; a pipe never needs it.
        from rich.text import Text  # noqa: PLC0415

        self._console.print(Text(visible(text), style=style), soft_wrap=True)

    def table(self, header: Sequence[str], rows: Sequence[Row]) -> None:
        """Write a table whose first row names the columns."""
        cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
        if self._console is None:
            every = [[*map(Cell, header)], *cells]
            widths = [0] * len(header)
            for row in every:
                _widen(widths, row)
            for row in every:
                self._aligned(row, widths)
            return
        from rich import box  # noqa: PLC0415 (as above)
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
        for name in header:
            table.add_column(name, overflow="fold")
        for row in cells:
            table.add_row(*(Text(visible(cell.text), style=cell.style) for cell in row))
        self._console.print(table)

    def growing(self, widths: list[int], row: Sequence[Cell]) -> None:
        """Write one row of a table whose other rows are not known, plainly and at once.

        A column is as wide as the widest cell so far; ``widths`` remembers that from row to row.
        """
        _widen(widths, row)
        self._aligned(row, widths)

    def _aligned(self, row: Sequence[Cell], widths: Sequence[int]) -> None:
        texts = map(_plain, row)
        padded = [text + " " * (width - _columns(text)) for text, width in zip(texts, widths, strict=True)]
        self.line("  ".join(padded).rstrip())


def _plain(cell: Cell) -> str:
    return visible(cell.text) or "-"


def _columns(text: str) -> int:
    """Return how many columns a text takes; some characters take two."""
    from rich.cells import cell_len  # noqa: PLC0415 (as above)

    return cell_len(text)


def _widen(widths: list[int], row: Sequence[Cell]) -> None:
    """Make every column at least as wide as its cell in ``row``."""
    widths[:] = [max(width, _columns(_plain(cell))) for width, cell in zip(widths, row, strict=True)]


def stdout() -> Paper:
    """Return where results go."""
    return Paper(sys.stdout)


def stderr() -> Paper:
    """Return where errors, notes, questions and progress go."""
    return Paper(sys.stderr)


def document(data: JsonValue) -> None:
    """Write one JSON document to standard output, as one line."""
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


def _console(stream: TextIO) -> Console:
    from rich.console import Console  # noqa: PLC0415 (as above)

    return Console(file=stream, markup=False, highlight=False, emoji=False)
