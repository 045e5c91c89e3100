"""What can be done where: every operation, and every kind of value of every config field, by exchange.

Both matrices come from what an adapter declares, and hold for a class with whatever options, and for an instance with
the options it has.
"""

from __future__ import annotations

import enum
from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.adapter import Adapter, Operation, operation_gap
from unified_copy.fields import NOT_OFFERED, FieldSupport
from unified_copy.gaps import Gap, Support, cannot
from unified_copy.model import ALL_SYMBOLS, CONFIG_FIELDS, Direction, OnStop
from unified_copy.terms import (
    SIZINGS,
    FixedAmount,
    FixedLeverage,
    LeaderLeverage,
    MarginMode,
    PositionLeverage,
    SymbolRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_DEFAULTS: Final = {field.name: field.default for field in CONFIG_FIELDS}
_ONE_SET_OF_TERMS: Final = cannot("one follow has the same terms for all pairs")


@attrs.frozen
class Kind:
    """Name one kind of value that a config field can have, with an example of it."""

    field: str
    name: str
    """As Python writes it, or what it is in words."""
    example: object

    def __str__(self) -> str:
        """Name the field, and the kind of value unless any will do."""
        return self.field if self.name == "any" else f"{self.field} {self.name}"


OWN_TERMS: Final = Kind(
    "symbols", "own terms", (SymbolRule("BTC/USDT"), SymbolRule("ETH/USDT", sizing=FixedAmount(50)))
)
"""Pairs that differ in more than their names."""
KINDS: Final = (
    Kind("leader_id", "any", "123123123"),
    *(Kind("sizing", sizing.__name__, sizing(Decimal(100))) for sizing in SIZINGS),
    Kind("symbols", "a list", (SymbolRule("BTC/USDT"), SymbolRule("ETH/USDT"))),
    OWN_TERMS,
    Kind("symbols", "ALL_SYMBOLS", ALL_SYMBOLS),
    Kind("follow_new_symbols", "True", example=True),
    Kind("stop_loss", "any", Decimal("0.1")),
    Kind("take_profit", "any", Decimal("0.2")),
    *(Kind("margin_mode", mode.name, mode) for mode in MarginMode),
    Kind("leverage", "LeaderLeverage", LeaderLeverage()),
    Kind("leverage", "PositionLeverage", PositionLeverage()),
    Kind("leverage", "FixedLeverage", FixedLeverage(long=10, short=10)),
    Kind("max_position", "any", Decimal(5)),
    Kind("max_total", "any", Decimal(1000)),
    Kind("loss_limit", "any", Decimal(100)),
    *(Kind("on_stop", on_stop.name, on_stop) for on_stop in OnStop),
    *(Kind("direction", direction.name, direction) for direction in Direction),
)
"""Every kind of value of every field but ``venue``, which is a product's own."""


@attrs.frozen
class Capability:
    """Say what becomes of something that can be asked, and why or under which conditions."""

    support: Support
    note: str = ""
    wanted: str = ""
    """The option to choose, with its value where only one will do."""

    def __str__(self) -> str:
        """Say it in a few words."""
        return f"with {self.wanted}" if self.wanted else self.support.value


def operations(adapter: Adapter | type[Adapter]) -> Mapping[Operation, Capability]:
    """Return what an adapter makes of each operation."""
    yes = Capability(Support.YES)
    return {each: _refused(gap) if (gap := operation_gap(adapter, each)) else yes for each in Operation}


def arguments(adapter: Adapter | type[Adapter]) -> Iterator[tuple[Operation, tuple[str, ...], Capability]]:
    """Yield what the operations of an adapter refuse to be asked with, each argument as a call would write it."""
    for operation, by_argument in adapter.argument_gaps.items():
        asked: dict[Gap, list[str]] = {}
        for argument, gaps in by_argument.items():
            for kind, gap in gaps.items():
                asked.setdefault(gap, []).append(f"{argument}={_spelt(kind)}")
        for gap, words in asked.items():
            yield operation, tuple(words), _refused(gap)


def values(adapter: Adapter | type[Adapter]) -> Mapping[str, Mapping[Kind, Capability]]:
    """Return what an adapter makes of each kind of value, by the form that a follow takes."""
    return {
        form: {kind: _value(kind, fields.get(kind.field, NOT_OFFERED), adapter) for kind in KINDS}
        for form, fields in adapter.forms.items()
    }


def columns(adapters: Iterable[type[Adapter]]) -> Mapping[str, Mapping[Kind, Capability]]:
    """Return the matrix of values with a column for each exchange, or for each form where its forms differ."""
    found: dict[str, Mapping[Kind, Capability]] = {}
    for adapter in adapters:
        by_form = values(adapter)
        first = next(iter(by_form.values()))
        if all(each == first for each in by_form.values()):
            found[adapter.name] = first
        else:
            found.update({f"{adapter.name}: {form}": each for form, each in by_form.items()})
    return found


def _value(kind: Kind, support: FieldSupport, adapter: Adapter | type[Adapter]) -> Capability:
    gap = support.gap(kind.example)
    if kind is OWN_TERMS and support.uniform:
        gap = gap or _ONE_SET_OF_TERMS
    if gap and kind.example == _DEFAULTS[kind.field]:
        # What asks for nothing is never refused.
        return Capability(Support.LEFT, support.unset)
    if gap and not gap.closed_by(adapter):
        return _refused(gap)
    if not support.keys:
        return Capability(Support.ANYWAY, support.unset)
    return Capability(Support.YES, "; ".join(filter(None, (support.within, support.undocumented))))


def _refused(gap: Gap) -> Capability:
    return Capability(gap.support, gap.reason, gap.wanted)


def _spelt(kind: object) -> str:
    """Write a value as Python does; any value of a class is an ellipsis."""
    if kind is NoneType:
        return "None"
    return kind.name if isinstance(kind, enum.Enum) else "…"
