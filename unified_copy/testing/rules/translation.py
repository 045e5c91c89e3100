"""Whether a config becomes requests without loss: nothing dropped, nothing invented, every digit kept."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.decimals import plain
from unified_copy.errors import ConfigError
from unified_copy.model import FIELD_NAMES
from unified_copy.terms import FixedAmount, FixedQuantity, Multiplier, Proportional
from unified_copy.testing.broken import in_short, require
from unified_copy.testing.rules.rule import Rule
from unified_copy.translation import Translation, translate_with, wire_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unified_copy.adapter import Adapter
    from unified_copy.model import FollowConfig
    from unified_copy.testing.subject import Subject
    from unified_copy.wire import Request

_AMOUNTS: Final = ("50", "0.00000001", "123456789012345678901234567890.12345678", "1E+2", "7.10", "0.07")
_IDS: Final = ("9007199254740993", "6216559590087220005")
_FIELDS: Final = ("sizing", "stop_loss", "take_profit", "max_position", "max_total", "loss_limit")
_SIZINGS: Final = (FixedAmount, FixedQuantity, Multiplier, Proportional)
_THREADS: Final = 8
_WATCHED: Final = ("open", "socket", "subprocess", "urllib", "os.system")


def _translations(subject: Subject) -> Iterator[tuple[Adapter, Translation]]:
    """Yield what becomes of every config that the adapter takes, golden or built around a kind of value."""
    samples = ((sample.adapter, sample.config) for sample in subject.samples)
    for adapter, config in (*subject.follows, *samples):
        try:
            yield adapter, translate_with(adapter, config)
        except ConfigError:
            continue


def _nothing_invented(subject: Subject) -> None:
    """Look for a wire key that no field declares and that is not the same in every request of a form."""
    constant: dict[tuple[str, str], str] = {}
    for adapter, translation in _translations(subject):
        declared = {key for support in translation.supports.values() for key in support.keys}
        for request in translation.requests:
            for key, value in wire_values(request):
                if key not in declared:
                    before = constant.setdefault((translation.form, key), value)
                    told = f"{adapter}: {key} is {before!r} here and {value!r} there, and no field declares it"
                    require(before == value, told, adapter.follow)


def _digits_kept(subject: Subject) -> None:
    for adapter, config in subject.follows:
        for name, changed, amount in _with_amounts(config):
            try:
                translation = translate_with(adapter, changed)
            except ConfigError as error:
                named = error.field.partition("[")[0] in FIELD_NAMES
                require(
                    named, f"{adapter}: {name} {amount} is refused as {error.field}: {error.reason}", adapter.follow
                )
                continue
            exponents = [each for request in translation.requests for each in _exponents(request)]
            require(
                not exponents, f"{adapter}: {name} {plain(amount)} travels as {', '.join(exponents)}", adapter.follow
            )
            sent = dict(translation.fields[name].sent)
            told = f"{adapter}: {name} {plain(amount)} travels as {sent}"
            require(not sent or any(_same_digits(value, amount) for value in sent.values()), told, adapter.follow)
    _ids_kept(subject)


def _ids_kept(subject: Subject) -> None:
    """Follow leaders whose ids are more than a binary float holds."""
    for adapter, config in subject.follows:
        for leader_id in _IDS:
            try:
                translation = translate_with(adapter, attrs.evolve(config, leader_id=leader_id))
            except ConfigError:
                continue
            sent = dict(translation.fields["leader_id"].sent)
            told = f"{adapter}: leader_id {leader_id} travels as {sent}"
            require(not sent or leader_id in sent.values(), told, adapter.follow)


def _with_amounts(config: FollowConfig) -> Iterator[tuple[str, FollowConfig, Decimal]]:
    """Yield a config with each amount in each field that it sets already."""
    for name in _FIELDS:
        value = getattr(config, name)
        for amount in map(Decimal, _AMOUNTS):
            changed: Any = type(value)(amount) if isinstance(value, _SIZINGS) else amount
            too_high = name in {"stop_loss", "take_profit"} and amount > 1
            if value is not None and not too_high:
                yield name, attrs.evolve(config, **{name: changed}), amount


def _exponents(request: Request) -> list[str]:
    """Return the JSON numbers of a body that are written with an exponent."""
    numbers: list[str] = []
    if request.body.startswith((b"{", b"[")):
        json.loads(request.body, parse_float=numbers.append)
    return [number for number in numbers if "e" in number.lower()]


def _same_digits(sent: str, amount: Decimal) -> bool:
    """Tell whether text has the digits of an amount, wherever its point is, and none of an exponent."""
    return any(
        part.replace(".", "").isdigit() and part.replace(".", "").strip("0") == _significant(amount)
        for part in sent.split(",")
    )


def _significant(amount: Decimal) -> str:
    return "".join(map(str, amount.as_tuple().digits)).strip("0")


def _quiet(subject: Subject) -> None:
    """Watch what the interpreter itself reports while configs are translated a second time."""
    translations = [(adapter, translation.config) for adapter, translation in _translations(subject)]
    with _Watch() as seen:
        for adapter, config in translations:
            translate_with(adapter, config)
    require(not seen, f"translating does {', '.join(sorted(set(seen)))}", subject.adapter_class.follow)


class _Watch:
    """Collect the input and output of this process while it is entered; the interpreter keeps the hook for good."""

    _collecting: list[str] | None = None
    _installed = False

    def __enter__(self) -> list[str]:
        if not _Watch._installed:
            sys.addaudithook(_Watch._hook)
            _Watch._installed = True
        _Watch._collecting = []
        return _Watch._collecting

    def __exit__(self, *_error: object) -> None:
        _Watch._collecting = None

    @staticmethod
    def _hook(event: str, _arguments: object) -> None:  # pragma: no cover (the interpreter traces no hooks)
        if _Watch._collecting is not None and event.startswith(_WATCHED):
            _Watch._collecting.append(event)


def _thread_safe(subject: Subject) -> None:
    work = [(adapter, translation) for adapter, translation in _translations(subject)] * _THREADS
    with ThreadPoolExecutor(_THREADS) as threads:
        again = threads.map(lambda each: translate_with(each[0], each[1].config).requests, work)
        for (adapter, alone), together in zip(work, again, strict=True):
            told = f"{adapter}: {in_short(alone.config)} becomes another request when threads translate at once"
            require(alone.requests == together, told, adapter.follow)


RULES: Final = (
    Rule(
        "T1",
        "What travels under a key that no field declares is the same in every request.",
        "nothing may be invented: whatever differs is somebody's wish",
        _nothing_invented,
    ),
    Rule(
        "T2",
        "Amounts and ids keep every digit, and travel without an exponent and not through a binary float.",
        "an amount that changes on the way is somebody's money",
        _digits_kept,
    ),
    Rule(
        "T3",
        "Translating reads, writes and connects to nothing.",
        "programs translate for a preview, thousands of times, without a network",
        _quiet,
    ),
    Rule(
        "T4",
        "Threads that translate at once do not disturb each other.",
        "servers translate in many threads",
        _thread_safe,
    ),
)
