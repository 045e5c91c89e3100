"""What an adapter declares and what it does are the same, for every value of every field and every operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Any, ClassVar

import attrs
import pytest
from products import PRODUCTS, examples

from unified_copy import (
    KEEP,
    Adapter,
    CopiedPosition,
    Credentials,
    FixedAmount,
    FollowConfig,
    FollowSettings,
    OnStop,
    Pair,
    Side,
    VenueSettings,
    load_adapter,
    translate,
)
from unified_copy.adapter import Call, Limit, Operation, option
from unified_copy.capabilities import KINDS, Kind, operations, values
from unified_copy.errors import UnsupportedError
from unified_copy.fields import Fields, left, refused, sent
from unified_copy.gaps import Gaps, Support, cannot, gap_of, undocumented, with_option
from unified_copy.model import CONFIG_FIELDS
from unified_copy.translation import Fate
from unified_copy.wire import JSON, Request, Response, encode

Given = Mapping[str, Any]

FATES = {Support.YES: Fate.SENT, Support.ANYWAY: Fate.IMPLIED, Support.LEFT: Fate.LEFT_TO_VENUE}
NEEDED_BESIDE = ("sizing", "symbols", "follow_new_symbols", "max_position", "max_total", "loss_limit")
"""The fields that decide at some venue whether another one is taken."""


def built(kind: type[Adapter]) -> Iterator[Adapter]:
    """Yield an adapter for every combination of its options."""
    fields = attrs.fields(kind)
    choices = [(*field.metadata["choices"], *(() if field.default else (None,))) for field in fields]
    for chosen in product(*choices):
        yield kind(**dict(zip((field.name for field in fields), chosen, strict=True)))


def named(adapter: Adapter) -> str:
    return ",".join([adapter.name, *(f"{name}={value}" for name, value in attrs.asdict(adapter).items())])


# ------------------------------------------------------------------ values of fields


def scenes(venue: VenueSettings | None) -> Iterator[Given]:
    """Yield every combination of what else a config may have to say before a venue takes a value."""
    defaults = {field.name: field.default for field in CONFIG_FIELDS}
    choices = [
        [kind.example for kind in KINDS if kind.field == name]
        + ([] if defaults[name] is attrs.NOTHING else [defaults[name]])
        for name in NEEDED_BESIDE
    ]
    for chosen in product(*choices):
        yield {"leader_id": "123123123", "venue": venue, **dict(zip(NEEDED_BESIDE, chosen, strict=True))}


def translated(adapter: Adapter, given: Given, kind: Kind) -> tuple[str, Fate | UnsupportedError]:
    """Return the form that a config takes, and what becomes of one of its fields."""
    config, only = FollowConfig(**given), next(iter(adapter.forms))
    try:
        translation = translate(config, exchange=adapter)
    except UnsupportedError as error:
        return (adapter.form(config) if len(adapter.forms) > 1 else only), error
    return translation.form, translation.fields[kind.field].fate


def wrong_values(adapter: Adapter, venue: VenueSettings | None) -> Iterator[str]:
    """Yield where the fate of a value differs from what is declared; each value stands beside all that is taken."""
    any_kind = KINDS[0]
    taken = [given for given in scenes(venue) if isinstance(translated(adapter, given, any_kind)[1], Fate)]
    # Which forms there are may be for an option to say.
    reached = {translated(adapter, given, any_kind)[0] for given in taken}
    declared = {form: capabilities for form, capabilities in values(adapter).items() if form in reached}
    for kind in KINDS:
        fates: dict[str, list[Fate | UnsupportedError]] = {form: [] for form in declared}
        for given in taken:
            form, fate = translated(adapter, {**given, kind.field: kind.example}, kind)
            fates[form].append(fate)
        for form, found in fates.items():
            capability = declared[form][kind]
            wanted = FATES.get(capability.support)
            refusals = [each for each in found if isinstance(each, UnsupportedError)]
            if wanted is not None and wanted not in found:
                yield f"{form}: {kind.field} {kind.name} is declared {capability} and becomes {found}"
            if wanted is None and (len(refusals) < len(found) or not all(by_name(kind, each) for each in refusals)):
                yield f"{form}: {kind.field} {kind.name} is declared {capability} and becomes {found}"
            if wanted is None and any(e.field == kind.field and capability.note not in e.reason for e in refusals):
                yield f"{form}: {kind.field} {kind.name} is refused for another reason than {capability.note}"


def by_name(kind: Kind, error: UnsupportedError) -> bool:
    return error.field == kind.field or error.field.startswith(f"{kind.field}[")


# ------------------------------------------------------------------ operations

POSITION = CopiedPosition(
    exchange="any",
    position_id="123",
    symbol=Pair("BTC", "USDT"),
    side=Side.LONG,
    handle={"productType": "USDT-FUTURES", "symbol": "btc_usdt", "leaderOrderId": "7"},
)
LEADERS = [None, "123123123"]
PRICES = [Decimal(2), None, KEEP]
ASKED: Mapping[Operation, Mapping[str, list[Any]]] = {
    Operation.UNFOLLOW: {"leader_id": ["123123123"], "on_stop": [None, *OnStop], "known": [None]},
    Operation.SETTINGS: {"leader_id": ["123123123"]},
    Operation.LEADERS: {"cursor": [None]},
    Operation.POSITIONS: {"leader_id": LEADERS, "cursor": [None]},
    Operation.HISTORY: {"leader_id": LEADERS, "cursor": [None]},
    Operation.CLOSE: {"position": [POSITION]},
    Operation.PROTECT: {"position": [POSITION], "take_profit_price": PRICES, "stop_loss_price": PRICES},
    Operation.SYMBOLS: {"leader_id": LEADERS},
    Operation.LEADER: {"leader_id": ["123123123"]},
    Operation.CHECK: {},
}


def wrong_operations(adapter: Adapter) -> Iterator[str]:
    """Yield where an operation, asked in every way, differs from what is declared."""
    declared = operations(adapter)
    for operation, arguments in ASKED.items():
        gaps = adapter.argument_gaps.get(operation, {})
        for chosen in product(*arguments.values()):
            asked = dict(zip(arguments, chosen, strict=True))
            told = {name: gap for name, value in asked.items() if (gap := gap_of(value, gaps.get(name, {})))}
            wanted = {name for name, gap in told.items() if not gap.closed_by(adapter)}
            if declared[operation].support is not Support.YES:
                wanted = {"exchange"}
            refused_by = refusal(adapter, operation, asked)
            if (refused_by or "") not in (wanted or {""}):
                yield f"{operation.value}({asked}) is refused by {refused_by}, and declared to be by {wanted or None}"


def refusal(adapter: Adapter, operation: Operation, asked: Given) -> str | None:
    """Return the name by which an operation is refused; ``None`` where it makes a call."""
    try:
        plan = getattr(adapter, operation.value)(**asked)
        return None if isinstance(next(iter(plan)), Call) else "nothing"
    except UnsupportedError as error:
        return error.field


# ------------------------------------------------------------------ every product

every_build = pytest.mark.parametrize(
    "adapter", [adapter for name in PRODUCTS for adapter in built(load_adapter(name))], ids=named
)


@every_build
def test_every_value_of_every_field_is_taken_or_refused_as_it_is_declared(adapter: Adapter) -> None:
    venue = next((config.venue for _, config in examples(adapter.name) if config.venue), None)
    assert [*wrong_values(adapter, venue)] == []


@every_build
def test_every_operation_makes_a_call_or_is_refused_as_it_is_declared(adapter: Adapter) -> None:
    assert [*wrong_operations(adapter)] == []


@pytest.mark.parametrize("exchange", PRODUCTS)
def test_settings_of_its_own_are_a_field_where_a_product_has_them(exchange: str) -> None:
    adapter = load_adapter(exchange)
    assert {"venue" in fields for fields in adapter.forms.values()} == {adapter.venue_settings is not None}


@pytest.mark.parametrize("exchange", PRODUCTS)
def test_every_gap_says_why(exchange: str) -> None:
    adapter = load_adapter(exchange)
    by_argument = (gaps for arguments in adapter.argument_gaps.values() for gaps in arguments.values())
    by_field = (support.gaps for fields in adapter.forms.values() for support in fields.values())
    assert all(gap.reason for gaps in (adapter.gaps, *by_argument, *by_field) for gap in gaps.values())


@pytest.mark.parametrize("exchange", PRODUCTS)
def test_every_option_that_a_gap_names_is_one_with_those_choices(exchange: str) -> None:
    adapter = load_adapter(exchange)
    by_field = (support.gaps for fields in adapter.forms.values() for support in fields.values())
    named_options = [gap for gaps in (adapter.gaps, *by_field) for gap in gaps.values() if gap.option]
    choices = {field.name: set(field.metadata["choices"]) for field in attrs.fields(adapter)}
    assert all(set(gap.choices) <= choices[gap.option] for gap in named_options)


def test_every_field_but_a_product_s_own_has_a_kind_of_value() -> None:
    assert {kind.field for kind in KINDS} == {field.name for field in CONFIG_FIELDS} - {"venue"}


def test_every_operation_but_two_is_asked_for_here() -> None:
    # One is translated above, and the other is made of two that are asked for.
    assert set(Operation) - set(ASKED) == {Operation.FOLLOW, Operation.CLOSE_ALL}


# ------------------------------------------------------------------ adapters that say one thing and do another


def _done(_response: Response) -> None:
    raise NotImplementedError


def call(**told: object) -> Call[None]:
    return Call(Request("POST", "/", "", JSON, encode(told)), _done, Limit(1, 1.0, "uid", "all"))


@attrs.frozen(kw_only=True)
class Honest(Adapter):
    """Take amounts of named pairs, and do what it says."""

    name: ClassVar[str] = "honest"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.honest.example",)
    forms: ClassVar[Mapping[str, Fields]] = {
        "only": {
            "leader_id": sent("leader"),
            "sizing": sent("amount", takes=(FixedAmount,), refusal="amounts only"),
            "symbols": sent("symbols", takes=(tuple,), refusal="by name only", uniform=True),
            "stop_loss": sent("stop", gaps={Decimal: with_option("unit", reason="the unit is open")}),
            "max_total": refused(undocumented("its unit is open")),
            "on_stop": left("nobody knows", refusal=undocumented("nobody knows")),
            "direction": left("nobody knows", refusal=undocumented("nobody knows")),
        }
    }
    gaps: ClassVar[Gaps] = {
        Operation.LEADERS: with_option("unit", "percent", reason="in percent only"),
        Operation.CLOSE: undocumented("its page is empty"),
    }
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.HISTORY: {"leader_id": {str: cannot("of all leaders only")}}
    }

    unit: str | None = option("fraction", "percent")

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        assert known is None
        stop = {"stop": config.stop_loss} if config.stop_loss else {}
        return (call(leader=config.leader_id, amount=1, symbols="all of them", **stop),)

    def leaders(self, cursor: str | None) -> Any:  # noqa: ANN401 (any call will do)
        assert cursor is None
        self.require(Operation.LEADERS)
        return call()

    def history(self, leader_id: str | None, cursor: str | None) -> Any:  # noqa: ANN401 (likewise)
        assert cursor is None
        self.require(Operation.HISTORY, leader_id=leader_id)
        return call()

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise NotImplementedError


class RefusesMore(Honest):
    """Refuse what is declared to be taken."""

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        if config.stop_loss:
            raise UnsupportedError("stop_loss", "not today", self.name)
        return super().follow(config, known)


class NamesAnother(Honest):
    """Refuse by another name than is declared."""

    def form(self, config: FollowConfig) -> str:
        if config.max_total:
            raise UnsupportedError("max_position", "not today", self.name)
        return super().form(config)


class IgnoresLeader(Honest):
    """Answer for all leaders when asked for one."""

    def history(self, leader_id: str | None, cursor: str | None) -> Any:  # noqa: ANN401 (any call will do)
        assert leader_id is None or cursor is None
        return call()


class CannotAfterAll(Honest):
    """Define an operation and refuse it."""

    def settings(self, leader_id: str) -> Any:  # noqa: ANN401 (never any)
        raise UnsupportedError("exchange", f"{leader_id} is not shown", self.name)


def test_an_adapter_that_does_what_it_says_is_found_out_of_nothing() -> None:
    found = [(*wrong_values(adapter, None), *wrong_operations(adapter)) for adapter in built(Honest)]
    assert found == [(), (), ()]


@pytest.mark.parametrize(
    ("adapter", "told"),
    [
        (RefusesMore(unit="percent"), "only: stop_loss any is declared yes and becomes"),
        (NamesAnother(unit="percent"), "only: max_total any is declared not documented enough and becomes"),
        (IgnoresLeader(unit="percent"), "history({'leader_id': '123123123', 'cursor': None}) is refused by None"),
        (
            CannotAfterAll(unit="percent"),
            "settings({'leader_id': '123123123'}) is refused by exchange, and declared to be by None",
        ),
    ],
    ids=["refuses-more", "names-another", "ignores-an-argument", "cannot-after-all"],
)
def test_an_adapter_that_does_otherwise_than_it_says_is_found_out(adapter: Adapter, told: str) -> None:
    (found,) = (*wrong_values(adapter, None), *wrong_operations(adapter))
    assert found.startswith(told)
