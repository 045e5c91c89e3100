"""What a venue told, as rows of tables: one column for each attribute, and a mark for what was not told."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.cli.json_data import OWN
from unified_copy.cli.output import Cell
from unified_copy.decimals import plain, shifted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unified_copy.cli.output import Output

_HEADERS: Final[Mapping[str, str]] = {
    "position_id": "position",
    "leader_id": "leader",
    "entry_price": "entry",
    "exit_price": "exit",
    "take_profit_price": "take profit",
    "stop_loss_price": "stop loss",
    "profit_ratio": "return",
}
"""Attributes whose column goes by a shorter name."""
_NO_COLUMN: Final = OWN | {"exchange", "missing"}
_names: dict[type, tuple[str, ...]] = {}
_QUIET: Final = "dim"
_FLAGGED: Final = "yellow"
_STYLES: Final[Mapping[str, str]] = {"long": "green", "short": "red"}
_FRACTIONS: Final = frozenset({"profit_share", "profit_ratio", "win_ratio", "max_drawdown"})


def names(kind: type) -> tuple[str, ...]:
    """Return the attributes of a result that have a column, in their order."""
    if kind not in _names:
        _names[kind] = tuple(field.name for field in attrs.fields(kind) if field.name not in _NO_COLUMN)
    return _names[kind]


def header(name: str) -> str:
    """Return what stands above the column of an attribute."""
    return _HEADERS.get(name, name.replace("_", " "))


def cell(result: object, name: str) -> Cell:
    """Return one attribute of a result; what the venue did not tell is a dash, and never zero."""
    value = getattr(result, name)
    if name in getattr(result, "missing", ()):
        return Cell("not returned", _FLAGGED)
    if value is None or value == ():
        return Cell("-", _QUIET)
    if isinstance(value, datetime):
        return Cell(value.isoformat(timespec="seconds"))
    if isinstance(value, Decimal):
        return Cell(f"{plain(value)} ({plain(shifted(value, 2))} %)" if name in _FRACTIONS else plain(value))
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(getattr(value, "value", value))
    return Cell(text, _STYLES.get(text, ""))


def write(to: Output, results: Sequence[object]) -> None:
    """Write results as one table, or as one for each where a terminal is too narrow for that.

    The first column holds ids, which are there to be copied, so they are not folded.
    """
    kind = type(results[0])
    # A column that holds nothing takes room from those that do.
    told = [name for name in names(kind) if any(getattr(result, name) not in {None, ()} for result in results)]
    if to.has_room_for([str(getattr(result, told[0])) for result in results], len(told) - 1):
        table = [[cell(result, name) for name in told] for result in results]
        to.table([header(name) for name in told], table, whole=True)
        return
    for result in results:
        to.table(("field", "shown"), [(header(name), cell(result, name)) for name in told])


def cells(result: object) -> tuple[Cell, ...]:
    """Return a result as one row."""
    return tuple(cell(result, name) for name in names(type(result)))
