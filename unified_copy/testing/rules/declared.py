"""Whether an adapter does what it declares: every kind of value of every field, and every operation in every way."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.adapter import Adapter, Call, Operation
from unified_copy.capabilities import KINDS, Capability, Kind, operations, values
from unified_copy.errors import AdapterError, UnsupportedError
from unified_copy.gaps import Support, gap_of
from unified_copy.model import CONFIG_FIELDS, FollowConfig, OnStop
from unified_copy.pairs import Pair
from unified_copy.results import KEEP, CopiedPosition, Side
from unified_copy.testing.broken import broken, in_short, require
from unified_copy.testing.rules.rule import Rule
from unified_copy.translation import Fate, translate_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unified_copy.testing.subject import Subject

    Given = Mapping[str, Any]

_FATES: Final = {Support.YES: Fate.SENT, Support.ANYWAY: Fate.IMPLIED, Support.LEFT: Fate.LEFT_TO_VENUE}
_NEEDED_BESIDE: Final = ("sizing", "symbols", "follow_new_symbols", "max_position", "max_total", "loss_limit")
"""The fields that decide at some venue whether another one is taken."""


def _every_build(subject: Subject) -> Iterator[Adapter]:
    """Yield an adapter for every combination of its options."""
    options = attrs.fields(subject.adapter_class)
    choices = [(*option.metadata["choices"], *(() if option.default else (None,))) for option in options]
    for chosen in product(*choices):
        yield subject.adapter_class(**dict(zip((option.name for option in options), chosen, strict=True)))


# ------------------------------------------------------------------ values of fields


def _values(subject: Subject) -> None:
    sample = subject.follows[0][1]
    for adapter in _every_build(subject):
        _values_of(adapter, {"leader_id": sample.leader_id, "venue": sample.venue})


def _values_of(adapter: Adapter, always: Given) -> None:
    """Find a value whose fate is not the one declared, where each value stands beside everything that is taken."""
    tried = [(given, _translated(adapter, given, KINDS[0])[1]) for given in _scenes(always)]
    taken = [given for given, fate in tried if isinstance(fate, Fate)]
    refusals = "; ".join(sorted({str(fate) for _, fate in tried}))
    require(taken, f"{adapter}: no config is taken at all: {refusals}", adapter.follow)
    # Which forms there are may be for an option to say.
    reached = {_translated(adapter, given, KINDS[0])[0] for given in taken}
    declared = {form: capabilities for form, capabilities in values(adapter).items() if form in reached}
    for kind in KINDS:
        fates: dict[str, list[Fate | UnsupportedError]] = {form: [] for form in declared}
        for given in taken:
            value = always["leader_id"] if kind.field == "leader_id" else kind.example
            form, fate = _translated(adapter, {**given, kind.field: value}, kind)
            fates[form].append(fate)
        for form, found in fates.items():
            _as_declared(adapter, f"{form}: {kind.field} {kind.name}", kind, declared[form][kind], found)


def _scenes(always: Given) -> Iterator[Given]:
    """Yield every combination of what else a config may have to say before a venue takes a value."""
    defaults = {field.name: field.default for field in CONFIG_FIELDS}
    choices = [
        [kind.example for kind in KINDS if kind.field == name]
        + ([] if defaults[name] is attrs.NOTHING else [defaults[name]])
        for name in _NEEDED_BESIDE
    ]
    for chosen in product(*choices):
        yield {**always, **dict(zip(_NEEDED_BESIDE, chosen, strict=True))}


def _translated(adapter: Adapter, given: Given, kind: Kind) -> tuple[str, Fate | UnsupportedError]:
    """Return the form that a config takes, and what becomes of one of its fields."""
    config, only = FollowConfig(**given), next(iter(adapter.forms))
    try:
        translation = translate_with(adapter, config)
    except UnsupportedError as error:
        return (adapter.form(config) if len(adapter.forms) > 1 else only), error
    try:
        return translation.form, translation.fields[kind.field].fate
    except AdapterError as error:
        raise broken(f"{error}\n  in {in_short(config)}", adapter.follow) from None


def _as_declared(
    adapter: Adapter, what: str, kind: Kind, capability: Capability, found: Sequence[Fate | UnsupportedError]
) -> None:
    """Look for the declared fate among those found, or for nothing but refusals by the field's name."""
    wanted = _FATES.get(capability.support)
    refusals = [each for each in found if isinstance(each, UnsupportedError)]
    seen = ", ".join(sorted({str(each) for each in found})) or "nothing"
    told = f"{adapter}: {what} is declared {str(capability)!r}, and becomes: {seen}"
    if wanted is not None:
        require(wanted in found, told, adapter.follow)
        return
    require(len(refusals) == len(found), told, adapter.follow)
    named = (error.field == kind.field or error.field.startswith(f"{kind.field}[") for error in refusals)
    require(all(named), told, adapter.follow)
    own = (error for error in refusals if error.field == kind.field)
    as_told = all(capability.note in error.reason for error in own)
    require(as_told, f"{told}; declared why: {capability.note}", adapter.follow)


# ------------------------------------------------------------------ operations

_LEADERS: Final = (None, "123123123")
_PRICES: Final = (Decimal(2), None, KEEP)


def _asked(position: CopiedPosition) -> Mapping[Operation, Mapping[str, Sequence[Any]]]:
    """Return every way in which each operation can be asked; a follow is translated, and close_all made of two."""
    return {
        Operation.UNFOLLOW: {"leader_id": _LEADERS[1:], "on_stop": (None, *OnStop), "known": (None,)},
        Operation.SETTINGS: {"leader_id": _LEADERS[1:]},
        Operation.LEADERS: {"cursor": (None,)},
        Operation.POSITIONS: {"leader_id": _LEADERS, "cursor": (None,)},
        Operation.HISTORY: {"leader_id": _LEADERS, "cursor": (None,)},
        Operation.CLOSE: {"position": (position,)},
        Operation.PROTECT: {"position": (position,), "take_profit_price": _PRICES, "stop_loss_price": _PRICES},
        Operation.SYMBOLS: {"leader_id": _LEADERS},
        Operation.LEADER: {"leader_id": _LEADERS[1:]},
        Operation.CHECK: {},
    }


def _operations(subject: Subject) -> None:
    for adapter in _every_build(subject):
        declared = operations(adapter)
        for operation, arguments in _asked(_position(subject)).items():
            gaps = adapter.argument_gaps.get(operation, {})
            for chosen in product(*arguments.values()):
                asked = dict(zip(arguments, chosen, strict=True))
                told = {name: gap for name, value in asked.items() if (gap := gap_of(value, gaps.get(name, {})))}
                wanted = {name for name, gap in told.items() if not gap.closed_by(adapter)}
                if declared[operation].support is not Support.YES:
                    wanted = {"exchange"}
                by = _refused_by(adapter, operation, asked)
                words = f"{operation.value}({asked}) is refused by {by!r}, and declared to be by {wanted or None}"
                require((by or "") in (wanted or {""}), f"{adapter}: {words}", getattr(adapter, operation.value))


def _position(subject: Subject) -> CopiedPosition:
    """Return an open position as a golden case of closing or protecting has it, or one made up."""
    told = (case.arguments["position"] for case in subject.cases if case.operation in {"close", "protect"})
    shown: Mapping[str, Any] = next(told, {"position_id": "123", "symbol": "BTC/USDT"})
    known = {**shown, "symbol": Pair.parse(shown["symbol"]), "side": Side(shown.get("side", "long"))}
    return CopiedPosition(exchange=subject.name, **known)


def _refused_by(adapter: Adapter, operation: Operation, asked: Given) -> str | None:
    """Return the name by which an operation is refused; ``None`` where it makes a call."""
    try:
        plan = getattr(adapter, operation.value)(**asked)
        return None if isinstance(next(iter(plan)), Call) else "nothing"
    except UnsupportedError as error:
        return error.field


def _no_follow(subject: Subject) -> str:
    return "" if subject.follows else "no golden case follows"


RULES: Final = (
    Rule(
        "C1",
        "Every kind of value of every field is sent, done anyway or refused by its name, as it is declared.",
        "a user compares exchanges by what is declared, and no wish may be dropped",
        _values,
        _no_follow,
    ),
    Rule(
        "C2",
        "Every operation makes a call or is refused, as it is declared, whatever it is asked with.",
        "a refusal must come before anything is sent",
        _operations,
    ),
)
