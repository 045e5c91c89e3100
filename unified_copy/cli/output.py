"""Write for people: tables and colour on a terminal, plain aligned lines anywhere else.

In a pipe nothing is wrapped or cut, and on a terminal long content folds, so that no digit is ever lost.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TextIO

import attrs

if TYPE_CHECKING:
    from rich.console import Console

_LEAST_COLUMN: Final = 12
"""How many columns of the terminal a column of a table needs to be readable, with what is around it."""
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


class Output:
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

    def table(self, header: Sequence[str], rows: Sequence[Row], *, whole: bool = False) -> None:
        """Write a table under names of its columns; with ``whole``, which needs room, the first does not fold."""
        cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
        if self._console is None:
            every = [[*map(Cell, header)], *cells]
            self.aligned(every, [0] * len(header))
            return
        from rich import box  # noqa: PLC0415 (as above)
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
        for index, name in enumerate(header):
            table.add_column(name, overflow="fold", no_wrap=whole and index == 0)
        for row in cells:
            table.add_row(*(Text(visible(cell.text), style=cell.style) for cell in row))
        self._console.print(table)

    def has_room_for(self, first: Sequence[str], others: int) -> bool:
        """Tell whether a table can hold the cells of its first column whole, and ``others`` columns beside it."""
        widest = max(_columns(visible(text)) for text in first)
        return self._console is None or widest + _LEAST_COLUMN * others <= self._console.width

    def aligned(self, rows: Sequence[Sequence[Cell]], widths: list[int]) -> None:
        """Write some rows of a table as plain lines.

        A column is as wide as its widest cell, or as it was before; ``widths`` keeps that for the rows that follow.
        """
        texts = [[visible(cell.text) or "-" for cell in row] for row in rows]
        for row in texts:
            widths[:] = [max(width, _columns(text)) for width, text in zip(widths, row, strict=True)]
        for row in texts:
            padded = [text + " " * (width - _columns(text)) for text, width in zip(row, widths, strict=True)]
            self.line("  ".join(padded).rstrip())


def _columns(text: str) -> int:
    """Return how many columns a text takes; some characters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 (as above)

    return cell_len(text)


def stdout() -> Output:
    """Return where results go."""
    return Output(sys.stdout)


def stderr() -> Output:
    """Return where errors, notes, questions and progress go."""
    return Output(sys.stderr)


def document(data: JsonValue) -> None:
    """Write one JSON document to standard output, as one line."""
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


def _console(stream: TextIO) -> Console:
    from rich.console import Console  # noqa: PLC0415 (as above)

    return Console(file=stream, markup=False, highlight=False, emoji=False)
