"""Whatever a venue accepts reads back as what was wanted, and becomes the very same request again."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

import attrs
import pytest
from hypothesis import Phase, given, reject, settings
from hypothesis import strategies as st
from products import PRODUCTS, examples

from unified_copy import (
    ALL_SYMBOLS,
    Adapter,
    Direction,
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    FollowConfig,
    FollowResult,
    FollowSettings,
    LeaderLeverage,
    MarginMode,
    Multiplier,
    OnStop,
    PositionLeverage,
    Proportional,
    SymbolRule,
    load_adapter,
    translate,
    writes,
)
from unified_copy.errors import ConfigError, Difference, VenueError
from unified_copy.model import FIELD_NAMES
from unified_copy.registry import resolve
from unified_copy.sandbox import Sandbox
from unified_copy.settings import differences, unverified
from unified_copy.translation import Fate
from unified_copy.wire import Request

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]

EXAMPLES: Final = 60
PATIENCE: Final = 60
"""How often a field that was refused is drawn anew."""


# ------------------------------------------------------------------ a catalogue of values for every field


def _scaled(highest: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(1, highest).map(lambda number: Decimal(number).scaleb(-places))


def _either(everyday: st.SearchStrategy[T], strange: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """Return a strategy that leaves half of all configs without ``strange`` values, which venues with ranges refuse."""
    return st.shared(st.booleans(), key="every day").flatmap(lambda only: everyday if only else everyday | strange)


AMOUNTS = _either(
    st.integers(50, 100).map(Decimal) | st.integers(5000, 10000).map(lambda number: Decimal(number).scaleb(-2)),
    st.one_of(_scaled(10**20, 20), _scaled(10**38, 19), st.integers(10**19, 10**38).map(Decimal)),
)
"""Amounts; the strange ones are tiny, huge, or have as many digits on either side of the point."""
RATIOS = _either(_scaled(70, 2), _scaled(400, 2) | _scaled(4 * 10**20, 20))
PAIRS = _either(
    st.sampled_from(["BTC", "ETH", "SOL", "DOGE", "龙虾"]).map("{}/USDT".format),
    st.builds(
        "{}/{}".format,
        st.sampled_from(["БИТ", "1000PEPE", "USDT"]) | st.text("ABCXYZ019", min_size=1, max_size=5),
        st.sampled_from(["USDT", "USDT:USDT", "USDC", "USD", "BTC"]),
    ),
)
LEADERS = _either(
    st.integers(10**15, 2**63 - 1).map(str),
    st.text("0123456789ABCDEF", min_size=16, max_size=18) | st.sampled_from(["7c6525121a9", "张三", "a&b=c"]),
)
CATALOGUE_OF_TERMS: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "sizing": st.builds(
        lambda kind, value: kind(value),
        st.sampled_from([FixedAmount, FixedQuantity, Multiplier, Proportional]),
        AMOUNTS,
    ),
    "stop_loss": st.none() | RATIOS,
    "take_profit": st.none() | _either(RATIOS, _scaled(1000, 2)),
    "margin_mode": st.none() | st.sampled_from(MarginMode),
    "leverage": st.one_of(
        st.none(),
        st.just(LeaderLeverage()),
        st.just(PositionLeverage()),
        st.integers(1, 125).map(lambda both: FixedLeverage(long=both, short=both)),
        st.builds(FixedLeverage, long=st.integers(1, 200), short=AMOUNTS),
    ),
    "max_position": st.none() | AMOUNTS,
}


def _rule(fields: dict[str, Any]) -> SymbolRule:
    return SymbolRule(**fields)


RULES = PAIRS.map(SymbolRule) | st.fixed_dictionaries({"symbol": PAIRS}, optional=CATALOGUE_OF_TERMS).map(_rule)
"""Pairs, of which some have terms of their own."""
CATALOGUE: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "leader_id": LEADERS,
    **CATALOGUE_OF_TERMS,
    "symbols": st.just(ALL_SYMBOLS)
    | st.lists(RULES, min_size=1, max_size=11, unique_by=lambda rule: (rule.symbol.base, rule.symbol.quote)),
    "follow_new_symbols": st.booleans(),
    "max_total": st.none() | _either(st.integers(1000, 30000).map(Decimal), AMOUNTS),
    "loss_limit": st.none() | AMOUNTS,
    "on_stop": st.sampled_from(OnStop),
    "direction": st.sampled_from(Direction),
}


class Draft:
    """Hold an adapter and a config in the making, of which whatever is refused is drawn anew."""

    def __init__(self, data: st.DataObject, exchange: str) -> None:
        """Draw a value for every option and every field, whatever the product may think of it."""
        kind = load_adapter(exchange)
        venue = st.none() if kind.venue_settings is None else st.from_type(kind.venue_settings)
        options = {
            option.name: st.sampled_from(option.metadata["choices"])
            for option in attrs.fields(kind)
            if "choices" in option.metadata
        }
        adapter = st.fixed_dictionaries(options).map(lambda chosen: resolve(exchange, chosen))
        self._data = data
        self._catalogue: Mapping[str, st.SearchStrategy[Any]] = {**CATALOGUE, "venue": venue, "adapter": adapter}
        self._drawn = {name: data.draw(values, name) for name, values in self._catalogue.items()}

    def accepted(self, form: str) -> tuple[Adapter, FollowConfig]:
        """Return adapter and config once the config takes ``form`` and nothing of it is refused any more."""
        for _ in range(PATIENCE):
            adapter, config = self._drawn["adapter"], self.config()
            if adapter.form(config) != form:
                self._draw("adapter")
                self._draw("sizing")
                continue
            try:
                translate(config, exchange=adapter)
            except ConfigError as error:
                self._redraw(error.field)
            else:
                return adapter, config
        return reject()

    def config(self) -> FollowConfig:
        """Return the config as it stands."""
        return FollowConfig(**{name: value for name, value in self._drawn.items() if name != "adapter"})

    def _redraw(self, path: str) -> None:
        """Draw a field anew, leave out a pair, or take a term from a pair."""
        place, _, term = path.partition(".")
        name, _, index = place.rstrip("]").partition("[")
        rules = self._drawn["symbols"]
        if term:
            rules[int(index)] = attrs.evolve(rules[int(index)], **{term: None})
        elif index and len(rules) > 1:
            del rules[int(index)]
        else:
            self._draw(name)

    def _draw(self, name: str) -> None:
        self._drawn[name] = self._data.draw(self._catalogue[name], name)


# ------------------------------------------------------------------ the venues


@pytest.fixture(scope="module")
def run() -> Iterator[Run[Any]]:
    """Return a function that runs a coroutine in the loop in which the venues listen."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(scope="module")
def sandbox(run: Run[Any]) -> Iterator[Sandbox]:
    """Serve the local venue of every product; none is late, so reading back looks once."""
    sandbox = Sandbox(*PRODUCTS)
    run(sandbox.__aenter__())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writes, "FIRST_PAUSE", writes.VERIFY_SECONDS + 1)
        yield sandbox
    run(sandbox.__aexit__(None, None, None))


# ------------------------------------------------------------------ the property


def _missing(config: FollowConfig, shown: FollowSettings) -> dict[str, Any]:
    """Return what was not returned, as ``config`` had it; terms of which pairs have their own, pair by pair."""
    return {
        name: {str(rule.symbol): getattr(rule, name) for rule in config.rules}
        if any(name in own for own in config.own_terms.values())
        else getattr(config, name)
        for name in shown.missing
    }


def _requests(config: FollowConfig, adapter: Adapter) -> tuple[Request, ...]:
    """Return the requests for the pairs in alphabetical order; the order in which they are told means nothing."""
    if config.symbols is not ALL_SYMBOLS:
        by_name = sorted(config.rules, key=lambda rule: (rule.symbol.base, rule.symbol.quote))
        config = attrs.evolve(config, symbols=by_name)
    return translate(config, exchange=adapter).requests


FORMS = [(exchange, form) for exchange in PRODUCTS for form in load_adapter(exchange).forms]


@pytest.mark.parametrize(("exchange", "form"), FORMS)
def test_whatever_a_venue_accepts_is_read_back_and_becomes_the_very_same_request(
    exchange: str, form: str, sandbox: Sandbox, run: Run[Any]
) -> None:
    fields = load_adapter(exchange).forms[form]
    sent: defaultdict[str, list[object]] = defaultdict(list)

    # A failure is not made smaller: with a socket in each attempt that takes minutes.
    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(st.data())
    def check(data: st.DataObject) -> None:
        adapter, config = Draft(data, exchange).accepted(form)
        fates = translate(config, exchange=adapter).fields
        assert all(fates[name].fate is not Fate.NOT_SET for name in config.chosen)
        try:
            result, shown = run(_followed(sandbox, adapter, config))
        except VenueError:
            reject()
        silent = {name for name in shown.missing if not fields[name].returned} if result.settings else set(FIELD_NAMES)
        unseen = silent.intersection(config.chosen)
        assert (set(result.unverified), result.status) == (unseen, "accepted" if unseen else "applied")
        again = shown.to_config(**_missing(config, shown))
        assert _requests(again, adapter) == _requests(config, adapter)
        for name, entries in config.chosen.items():
            sent[name] += [value for _, value in entries]

    check()
    never = [
        (name, taken)
        for name, support in fields.items()
        if support.keys
        for taken in support.takes or (None,)
        if not any(taken in {None, value, type(value)} for value in sent[name])
    ]
    assert never == [], "declared to be sent, and never drawn"


async def _followed(sandbox: Sandbox, adapter: Adapter, config: FollowConfig) -> tuple[FollowResult, FollowSettings]:
    """Follow as a new account, whose calls no limit of another holds up."""
    account = {adapter.name: sandbox.account(adapter.name)}
    async with sandbox.client(credentials=account, adapters=[adapter]) as client:
        result = await client.follow(config, exchange=adapter)
        return result, result.settings or await client.settings(config.leader_id, exchange=adapter)


@settings(deadline=None, database=None, derandomize=True)
@given(data=st.data(), exchange=st.sampled_from(PRODUCTS))
def test_a_config_becomes_the_same_config_when_what_was_chosen_is_given_again(
    data: st.DataObject, exchange: str
) -> None:
    config = Draft(data, exchange).config()
    chosen: dict[str, Any] = {name: entries[0][1] for name, entries in config.chosen.items() if entries[0][0] == name}
    assert FollowConfig(**{**chosen, "symbols": config.symbols}) == config


# ------------------------------------------------------------------ somebody else changes the follow


every_form = pytest.mark.parametrize(("exchange", "form"), FORMS)
every_form_that_is_shown = pytest.mark.parametrize(
    ("exchange", "form"),
    [(exchange, form) for exchange, form in FORMS if load_adapter(exchange).forms[form]["symbols"].returned],
)


def _example(exchange: str, form: str) -> tuple[Adapter, FollowConfig]:
    """Return the first example of a form."""
    return next(each for each in examples(exchange) if each[0].form(each[1]) == form)


def _plain_example(exchange: str, form: str, *symbols: str) -> tuple[Adapter, FollowConfig]:
    """Return it with these pairs and 50 per order."""
    adapter, config = _example(exchange, form)
    return adapter, attrs.evolve(config, symbols=symbols, follow_new_symbols=False, sizing=FixedAmount(50))


@every_form_that_is_shown
@pytest.mark.parametrize(
    "change",
    [
        {"symbols": ["BTC/USDT", "ETH/USDT", "SOL/USDT"]},
        {"symbols": ["ETH/USDT"]},
        {"symbols": ["BTC/USDT", "SOL/USDT"]},
        {"sizing": Multiplier(50)},
    ],
    ids=["a-pair-more", "a-pair-less", "another-pair", "another-kind-of-sizing"],
)
def test_what_somebody_else_changed_differs(
    exchange: str, form: str, change: dict[str, Any], sandbox: Sandbox, run: Run[Any]
) -> None:
    adapter, config = _plain_example(exchange, form, "BTC/USDT", "ETH/USDT")
    found, _ = run(_found_after(sandbox, adapter, config, attrs.evolve(config, **change)))
    assert {each.field.rpartition(".")[2] for each in found} == change.keys()


@every_form_that_is_shown
def test_an_amount_that_somebody_else_changed_differs_unless_amounts_are_never_shown(
    exchange: str, form: str, sandbox: Sandbox, run: Run[Any]
) -> None:
    adapter, config = _plain_example(exchange, form, "BTC/USDT")
    found, unseen = run(_found_after(sandbox, adapter, config, attrs.evolve(config, sizing=FixedAmount(51))))
    assert [each.field for each in found] + [name for name in unseen if name == "sizing"] == ["sizing"]


@every_form
def test_a_follow_that_somebody_else_ended_differs(exchange: str, form: str, sandbox: Sandbox, run: Run[Any]) -> None:
    adapter, config = _example(exchange, form)
    found, _ = run(_found_after(sandbox, adapter, config, None))
    assert [each.field for each in found] == ["leader_id"]


async def _found_after(
    sandbox: Sandbox, adapter: Adapter, config: FollowConfig, changed: FollowConfig | None
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """Return what differs and what remains unverified after a change elsewhere, of which ``None`` is the end."""
    account = {adapter.name: sandbox.account(adapter.name)}
    async with (
        sandbox.client(credentials=account, adapters=[adapter]) as client,
        sandbox.client(credentials=account, adapters=[adapter]) as somebody_else,
    ):
        await client.follow(config, exchange=adapter, verify=False)
        if changed is None:
            await somebody_else.unfollow(config.leader_id, exchange=adapter)
        else:
            await somebody_else.follow(changed, exchange=adapter, verify=False)
        shown = await client.settings(config.leader_id, exchange=adapter)
    supports = translate(config, exchange=adapter).supports
    return differences(config, shown, supports), unverified(config, supports, shown)
