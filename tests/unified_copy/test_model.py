"""A config that exists is right: each wrong value is refused by name when the config is built."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from unified_copy import (
    ALL_SYMBOLS,
    Direction,
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    FollowConfig,
    LeaderLeverage,
    MarginMode,
    Multiplier,
    OnStop,
    Pair,
    PositionLeverage,
    Proportional,
    SymbolRule,
    VenueSettings,
)
from unified_copy.errors import ConfigError

Make = Callable[..., FollowConfig]
Refusal = Callable[[Callable[[], object]], ConfigError]


@attrs.frozen(kw_only=True)
class WalletSettings(VenueSettings):
    """Stand for the settings of some product."""

    wallet: str


EVERYTHING: dict[str, Any] = {
    "leader_id": "7c6525121a9",
    "sizing": FixedAmount("330"),
    "symbols": ["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.1")],
    "follow_new_symbols": True,
    "stop_loss": "0.2",
    "take_profit": "0.4",
    "margin_mode": MarginMode.ISOLATED,
    "leverage": FixedLeverage(long=10, short=5),
    "max_position": 5000,
    "max_total": Decimal("10000.50"),
    "loss_limit": "150",
    "on_stop": OnStop.CLOSE_NOW,
    "direction": Direction.REVERSE,
    "venue": WalletSettings(wallet="SPOT"),
}


# ------------------------------------------------------------------ what a config holds


def test_a_config_of_leader_sizing_and_symbols_leaves_everything_else_at_its_default() -> None:
    config = FollowConfig(leader_id="123123123", sizing=FixedAmount("330"), symbols=["BTC/USDT"])
    assert attrs.asdict(config, recurse=False, filter=lambda field, _: field.init) == {
        "leader_id": "123123123",
        "sizing": FixedAmount(Decimal(330)),
        "symbols": (SymbolRule(Pair("BTC", "USDT")),),
        "follow_new_symbols": False,
        "stop_loss": None,
        "take_profit": None,
        "margin_mode": None,
        "leverage": None,
        "max_position": None,
        "max_total": None,
        "loss_limit": None,
        "on_stop": OnStop.CLOSE_WITH_LEADER,
        "direction": Direction.SAME,
        "venue": None,
    }


@pytest.mark.parametrize("name", [name for name in EVERYTHING if name not in {"symbols", "leverage", "venue"}])
def test_a_config_holds_what_it_was_given(name: str) -> None:
    config = FollowConfig(**EVERYTHING)
    expected = EVERYTHING[name]
    if name in {"stop_loss", "take_profit", "max_position", "max_total", "loss_limit"}:
        expected = Decimal(expected)
    assert getattr(config, name) == expected


def test_a_config_holds_the_settings_of_a_product(make_config: Make) -> None:
    assert make_config(venue=WalletSettings(wallet="SPOT")).venue == WalletSettings(wallet="SPOT")


@pytest.mark.parametrize("sizing", [FixedAmount("5"), FixedQuantity("0.5"), Multiplier(2), Proportional(500)])
def test_a_config_takes_each_sizing(make_config: Make, sizing: object) -> None:
    assert make_config(sizing=sizing).sizing == sizing


@pytest.mark.parametrize("leverage", [LeaderLeverage(), PositionLeverage(), FixedLeverage(long=10, short="2.5")])
def test_a_config_takes_each_leverage(make_config: Make, leverage: object) -> None:
    assert make_config(leverage=leverage).leverage == leverage


@pytest.mark.parametrize("mode", MarginMode)
def test_a_config_takes_each_margin_mode(make_config: Make, mode: MarginMode) -> None:
    assert make_config(margin_mode=mode).margin_mode is mode


def test_a_config_copies_everything_when_told_all_symbols(make_config: Make) -> None:
    config = make_config(symbols=ALL_SYMBOLS)
    assert config.symbols is ALL_SYMBOLS
    assert config.rules == ()


def test_all_symbols_shows_the_name_under_which_it_is_imported() -> None:
    assert repr(ALL_SYMBOLS) == "ALL_SYMBOLS"


@pytest.mark.parametrize(
    "symbols",
    [
        ["BTC/USDT", "ETH/USDT"],
        ("BTC/USDT", "ETH/USDT"),
        [Pair("BTC", "USDT"), "ETH/USDT"],
        [SymbolRule("BTC/USDT"), SymbolRule(Pair("ETH", "USDT"))],
        dict.fromkeys(["BTC/USDT", "ETH/USDT"]).keys(),
    ],
    ids=["list", "tuple", "pairs", "rules", "keys"],
)
def test_symbols_may_be_any_iterable_of_texts_pairs_and_rules(make_config: Make, symbols: object) -> None:
    assert make_config(symbols=symbols) == make_config(symbols=["BTC/USDT", "ETH/USDT"])


def test_symbols_may_be_a_generator(make_config: Make) -> None:
    assert make_config(symbols=(f"{base}/USDT" for base in ("BTC", "ETH"))).symbols == (
        SymbolRule("BTC/USDT"),
        SymbolRule("ETH/USDT"),
    )


def test_symbols_keep_their_order(make_config: Make) -> None:
    config = make_config(symbols=["XRP/USDT", "BTC/USDT", "ETH/USDT"])
    assert [rule.symbol.base for rule in config.rules] == ["XRP", "BTC", "ETH"]


# ------------------------------------------------------------------ values are values


def test_two_configs_that_say_the_same_are_equal_and_hash_alike() -> None:
    assert FollowConfig(**EVERYTHING) == FollowConfig(**EVERYTHING)
    assert hash(FollowConfig(**EVERYTHING)) == hash(FollowConfig(**EVERYTHING))


def test_configs_compare_amounts_by_value(make_config: Make) -> None:
    assert make_config(stop_loss="0.2") == make_config(stop_loss="0.20")


@pytest.mark.parametrize(
    "other", [{"leader_id": "2"}, {"sizing": Multiplier("330")}, {"symbols": ["ETH/USDT"]}, {"stop_loss": "0.1"}]
)
def test_configs_that_say_different_things_differ(make_config: Make, other: dict[str, Any]) -> None:
    assert make_config() != make_config(**other)


@pytest.mark.parametrize("name", ["leader_id", "sizing", "rules", "invented"])
def test_a_config_cannot_be_changed(make_config: Make, name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(make_config(), name, "x")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (FixedAmount(1), "amount"),
        (FixedLeverage(long=1, short=1), "long"),
        (Pair("BTC", "USDT"), "base"),
        (SymbolRule("BTC/USDT"), "symbol"),
    ],
)
def test_the_parts_of_a_config_cannot_be_changed(value: object, name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(value, name, "x")


def test_a_config_survives_pickling() -> None:
    config = FollowConfig(**EVERYTHING)
    restored = pickle.loads(pickle.dumps(config))  # noqa: S301 (what it reads is what the test wrote)
    assert (restored, restored.rules, restored.chosen) == (config, config.rules, config.chosen)


def test_a_config_with_all_symbols_survives_pickling(make_config: Make) -> None:
    config = make_config(symbols=ALL_SYMBOLS)
    restored = pickle.loads(pickle.dumps(config))  # noqa: S301 (what it reads is what the test wrote)
    assert restored.symbols is ALL_SYMBOLS


def test_a_config_survives_a_deep_copy() -> None:
    config = FollowConfig(**EVERYTHING)
    assert copy.deepcopy(config) == config


def test_a_changed_copy_settles_its_rules_anew(make_config: Make) -> None:
    config = attrs.evolve(make_config(), stop_loss="0.3")
    assert config.rules[0].stop_loss == Decimal("0.3")


def test_a_config_takes_keywords_only() -> None:
    build: Any = FollowConfig
    with pytest.raises(TypeError):
        build("123123123", FixedAmount("330"), ["BTC/USDT"])


@pytest.mark.parametrize("name", ["leader_id", "sizing", "symbols"])
def test_a_config_has_no_default_for(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        FollowConfig(**{key: value for key, value in EVERYTHING.items() if key != name})


# ------------------------------------------------------------------ amounts


AMOUNT_FIELDS = ["stop_loss", "take_profit", "max_position", "max_total", "loss_limit"]


@pytest.mark.parametrize("name", AMOUNT_FIELDS)
@pytest.mark.parametrize(
    "value", [0.2, float("nan"), Decimal("NaN"), Decimal("Infinity"), 0, "-1", True, "1e-1", "", "x", "9" * 41, [1]]
)
def test_an_amount_that_is_not_exact_and_above_zero_is_refused(
    make_config: Make, refusal_of: Refusal, name: str, value: object
) -> None:
    assert refusal_of(lambda: make_config(**{name: value})).field == name


@pytest.mark.parametrize("name", AMOUNT_FIELDS)
def test_an_amount_may_be_left_out(make_config: Make, name: str) -> None:
    assert getattr(make_config(**{name: None}), name) is None


@pytest.mark.parametrize("kind", [FixedAmount, FixedQuantity, Multiplier, Proportional])
@pytest.mark.parametrize("value", [0.5, Decimal("NaN"), 0, -1, "1e3", True, None, "9" * 41])
def test_a_wrong_value_of_a_sizing_is_refused_as_the_sizing(
    refusal_of: Refusal, kind: Callable[[Any], object], value: object
) -> None:
    assert refusal_of(lambda: kind(value)).field == "sizing"


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("value", [0.5, 0, -1, "1e3", True, None])
def test_a_wrong_leverage_is_refused_as_the_leverage(refusal_of: Refusal, side: str, value: object) -> None:
    sides: dict[str, Any] = {"long": 10, "short": 10, side: value}
    assert refusal_of(lambda: FixedLeverage(**sides)).field == "leverage"


def test_a_fixed_leverage_names_both_sides() -> None:
    build: Any = FixedLeverage
    with pytest.raises(TypeError):
        build(10, 5)


@pytest.mark.parametrize(("name", "highest"), [("stop_loss", "4"), ("take_profit", "10")])
def test_the_highest_ratio_is_taken(make_config: Make, name: str, highest: str) -> None:
    assert getattr(make_config(**{name: highest}), name) == Decimal(highest)


@pytest.mark.parametrize(
    ("name", "value", "highest"),
    [("stop_loss", "4.01", "4"), ("stop_loss", 20, "4"), ("take_profit", "10.1", "10"), ("take_profit", 40, "10")],
)
def test_a_ratio_that_looks_like_percent_is_refused_with_the_question(
    make_config: Make, refusal_of: Refusal, name: str, value: object, highest: str
) -> None:
    error = refusal_of(lambda: make_config(**{name: value}))
    assert error.field == name
    assert error.reason.startswith(f"{value} is above {highest}")
    assert "did you mean percent?" in error.reason


# ------------------------------------------------------------------ choices


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("sizing", "330", "FixedAmount"),
        ("sizing", 330, "FixedAmount"),
        ("sizing", None, "FixedAmount"),
        ("sizing", FixedAmount, "FixedAmount"),
        ("sizing", {"fixed_amount": "330"}, "FixedAmount"),
        ("leverage", 10, "FixedLeverage"),
        ("leverage", "leader", "LeaderLeverage"),
        ("leverage", LeaderLeverage, "LeaderLeverage"),
        ("margin_mode", "cross", "MarginMode.CROSS"),
        ("margin_mode", OnStop.CLOSE_NOW, "MarginMode.CROSS"),
        ("on_stop", "close_now", "OnStop.CLOSE_NOW"),
        ("on_stop", None, "OnStop.CLOSE_NOW"),
        ("direction", "reverse", "Direction.REVERSE"),
        ("direction", None, "Direction.REVERSE"),
        ("follow_new_symbols", "yes", "bool"),
        ("follow_new_symbols", 1, "bool"),
        ("follow_new_symbols", None, "bool"),
        ("venue", {}, "VenueSettings"),
        ("venue", WalletSettings, "VenueSettings"),
    ],
)
def test_a_value_of_another_kind_is_refused_with_what_is_allowed(
    make_config: Make, refusal_of: Refusal, name: str, value: object, allowed: str
) -> None:
    error = refusal_of(lambda: make_config(**{name: value}))
    assert error.field == name
    assert repr(value)[:20] in error.reason
    assert allowed in error.reason


# ------------------------------------------------------------------ the leader


@pytest.mark.parametrize("leader_id", ["123123123", "7c6525121a9", "bf-x_y.z", "9" * 128, "张三", "é/?&=%"])
def test_a_leader_id_is_opaque_text(make_config: Make, leader_id: str) -> None:
    assert make_config(leader_id=leader_id).leader_id == leader_id


@pytest.mark.parametrize(
    ("leader_id", "shown"),
    [
        ("", "empty"),
        (" ", "' '"),
        ("12 3", "'12 3'"),
        ("123\n", r"'123\n'"),
        ("\x00", r"'\x00'"),
        ("a\u200bb", r"\u200b"),
        ("a\u00a0b", r"\xa0"),
        ("a\u3000b", r"\u3000"),
        (123, "123 is not text"),
        (None, "None is not text"),
        (True, "True is not text"),
        (b"123", "b'123' is not text"),
        ("x" * 129, "more than 128 characters"),
    ],
)
def test_what_cannot_be_a_leader_id_is_refused(
    make_config: Make, refusal_of: Refusal, leader_id: object, shown: str
) -> None:
    error = refusal_of(lambda: make_config(leader_id=leader_id))
    assert error.field == "leader_id"
    assert shown in error.reason
    assert "give the exchange's own id of the leader as text" in error.reason


# ------------------------------------------------------------------ pairs


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("BTC/USDT", ("BTC", "USDT", None)),
        ("BTC/USDT:USDT", ("BTC", "USDT", "USDT")),
        ("BTC/USD:BTC", ("BTC", "USD", "BTC")),
        ("1000PEPE/USDC", ("1000PEPE", "USDC", None)),
        ("龙虾/USDT", ("龙虾", "USDT", None)),
        ("БИТ/USDT", ("БИТ", "USDT", None)),
        ("A\u0663/USDT", ("A\u0663", "USDT", None)),
    ],
)
def test_a_pair_is_read_from_and_written_as_the_field_writes_it(text: str, parts: tuple[str, str, str | None]) -> None:
    pair = Pair.parse(text)
    assert (pair.base, pair.quote, pair.settle) == parts
    assert str(pair) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("btc/usdt", "write 'BTC/USDT'"),
        ("\uff22\uff34\uff23/USDT", "write 'BTC/USDT'"),
        ("\u212aAS/USDT", r"'\u212aAS/USDT' is not in ordinary characters; write 'KAS/USDT'"),
        ("\uff42tc/USDT", "write 'BTC/USDT'"),
        ("E\u0301/USDT", "write '\u00c9/USDT'"),
        ("BTC/\uff35SD:\uff35SD", "write 'BTC/USD:USD'"),
        ("BTC/usdt", "write 'BTC/USDT'"),
        ("BTC/USDT:usdt", "write 'BTC/USDT:USDT'"),
        ("бит/USDT", "write 'БИТ/USDT'"),
        ("BTCUSDT", "as in 'BTC/USDT'"),
        ("BTC-USDT", "as in 'BTC/USDT'"),
        ("btc_usdt", "as in 'BTC/USDT'"),
        ("BTC/", "as in 'BTC/USDT'"),
        ("/USDT", "as in 'BTC/USDT'"),
        ("/", "as in 'BTC/USDT'"),
        ("", "as in 'BTC/USDT'"),
        ("BTC/USDT:", "as in 'BTC/USDT'"),
        ("BTC/USDT/EUR", "as in 'BTC/USDT'"),
        ("BTC/USDT:USDT:USDT", "as in 'BTC/USDT'"),
        ("BTC /USDT", "as in 'BTC/USDT'"),
        ("BTC/USDT\n", "as in 'BTC/USDT'"),
        ("BTC!/USDT", "as in 'BTC/USDT'"),
        ("\u2167/USDT", "write 'VIII/USDT'"),
        ("*/USDT", "as in 'BTC/USDT'"),
    ],
)
def test_what_is_no_pair_is_refused_with_how_to_write_one(
    make_config: Make, refusal_of: Refusal, text: str, hint: str
) -> None:
    error = refusal_of(lambda: make_config(symbols=["ETH/USDT", text]))
    assert error.field == "symbols[1]"
    assert hint in error.reason


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        (("btc", "USDT"), "base"),
        (("BTC", "usdt"), "quote"),
        (("BTC", "USDT", "usdt"), "settle"),
        (("", "USDT"), "base"),
        (("BTC", ""), "quote"),
        (("BTC", "USDT", ""), "settle"),
        ((1, "USDT"), "base"),
        (("BTC", None), "quote"),
        (("BTC/USDT", "USDT"), "base"),
    ],
)
def test_a_pair_of_wrong_parts_is_refused(refusal_of: Refusal, parts: tuple[Any, ...], word: str) -> None:
    error = refusal_of(lambda: Pair(*parts))
    assert error.field == "symbol"
    assert f"is no {word} of a pair" in error.reason


@pytest.mark.parametrize("parts", [("\u212aAS", "USDT"), ("\uff22\uff34\uff23", "USDT"), ("BTC", "USD", "\uff35SD")])
def test_a_pair_of_parts_that_look_like_others_is_refused(refusal_of: Refusal, parts: tuple[Any, ...]) -> None:
    error = refusal_of(lambda: Pair(*parts))
    assert error.field == "symbol"
    assert "is not in ordinary characters; write '" in error.reason


@pytest.mark.parametrize("text", [None, 5, b"BTC/USDT"])
def test_what_is_not_text_is_not_read_as_a_pair(refusal_of: Refusal, text: object) -> None:
    given: Any = text
    error = refusal_of(lambda: Pair.parse(given))
    assert (error.field, error.reason) == ("symbol", f"{text!r} is not text; give a pair such as 'BTC/USDT'")


def test_two_pairs_that_settle_differently_are_two_pairs(make_config: Make) -> None:
    assert len(make_config(symbols=["BTC/USDT", "BTC/USDT:USDT"]).rules) == 2


@pytest.mark.parametrize(
    ("symbols", "shown"),
    [
        ("BTC/USDT", "'BTC/USDT' is not a list"),
        ("all", "'all' is not a list"),
        (b"BTC/USDT", "is not a list"),
        ({"BTC/USDT": "330"}, "is not a list"),
        (None, "None is not a list"),
        (5, "5 is not a list"),
        (SymbolRule("BTC/USDT"), "is not a list"),
        ([], "empty"),
        ((), "empty"),
    ],
)
def test_symbols_that_are_no_list_of_pairs_are_refused(
    make_config: Make, refusal_of: Refusal, symbols: object, shown: str
) -> None:
    error = refusal_of(lambda: make_config(symbols=symbols))
    assert error.field == "symbols"
    assert shown in error.reason
    assert "['BTC/USDT'], or ALL_SYMBOLS" in error.reason


@pytest.mark.parametrize("item", [5, None, ["BTC/USDT"], {"symbol": "BTC/USDT"}, ALL_SYMBOLS, b"BTC/USDT"])
def test_an_item_of_symbols_that_is_no_pair_is_refused_with_its_place(
    make_config: Make, refusal_of: Refusal, item: object
) -> None:
    error = refusal_of(lambda: make_config(symbols=["ETH/USDT", "XRP/USDT", item]))
    assert error.field == "symbols[2]"
    assert "is not a pair" in error.reason


@pytest.mark.parametrize(
    "again", ["BTC/USDT", Pair("BTC", "USDT"), SymbolRule("BTC/USDT", stop_loss="0.1")], ids=["text", "pair", "rule"]
)
def test_the_same_pair_twice_is_refused_with_both_places(make_config: Make, refusal_of: Refusal, again: object) -> None:
    error = refusal_of(lambda: make_config(symbols=["BTC/USDT", "ETH/USDT", again]))
    assert error.field == "symbols[2]"
    assert "BTC/USDT is there already, as symbols[0]" in error.reason


def test_a_long_wrong_value_is_shown_shortened(make_config: Make, refusal_of: Refusal) -> None:
    error = refusal_of(lambda: make_config(symbols="x" * 1000))
    assert len(error.reason) < 300


# ------------------------------------------------------------------ rules


RULE_TERMS: dict[str, Any] = {
    "sizing": Multiplier(2),
    "stop_loss": Decimal("0.1"),
    "take_profit": Decimal("0.3"),
    "margin_mode": MarginMode.OWN,
    "leverage": LeaderLeverage(),
    "max_position": Decimal(7),
}


@pytest.mark.parametrize("name", RULE_TERMS)
def test_a_pair_without_a_term_of_its_own_inherits_it(make_config: Make, name: str) -> None:
    config = make_config(**{name: RULE_TERMS[name]})
    assert getattr(config.rules[0], name) == RULE_TERMS[name]


@pytest.mark.parametrize("name", RULE_TERMS)
def test_a_term_of_a_pair_stands_before_that_of_the_config(make_config: Make, name: str) -> None:
    own = {name: RULE_TERMS[name]}
    config = make_config(**{**EVERYTHING, "symbols": ["ETH/USDT", SymbolRule("BTC/USDT", **own)]})
    assert getattr(config.rules[1], name) == RULE_TERMS[name]
    assert getattr(config.rules[0], name) == getattr(config, name)


def test_a_rule_of_the_config_itself_is_kept_as_it_was_written(make_config: Make) -> None:
    config = make_config(stop_loss="0.2", symbols=[SymbolRule("BTC/USDT")])
    assert config.symbols == (SymbolRule("BTC/USDT"),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sizing", "330"),
        ("stop_loss", 20),
        ("stop_loss", 0.1),
        ("take_profit", "11"),
        ("margin_mode", "own"),
        ("leverage", 10),
        ("max_position", -1),
    ],
)
def test_a_wrong_term_of_a_rule_is_refused_by_its_name(refusal_of: Refusal, name: str, value: object) -> None:
    terms: dict[str, Any] = {name: value}
    assert refusal_of(lambda: SymbolRule("BTC/USDT", **terms)).field == name


@pytest.mark.parametrize("symbol", [5, None, ALL_SYMBOLS, ["BTC/USDT"]])
def test_a_rule_without_a_pair_is_refused(refusal_of: Refusal, symbol: object) -> None:
    given: Any = symbol
    error = refusal_of(lambda: SymbolRule(given))
    assert error.field == "symbol"
    assert "give text such as 'BTC/USDT', or a Pair" in error.reason


def test_a_rule_takes_its_terms_by_keyword_only() -> None:
    build: Any = SymbolRule
    with pytest.raises(TypeError):
        build("BTC/USDT", Multiplier(2))


# ------------------------------------------------------------------ what was chosen


def test_what_was_chosen_is_what_is_set_off_its_default(make_config: Make) -> None:
    config = make_config(follow_new_symbols=False, stop_loss=None, on_stop=OnStop.CLOSE_WITH_LEADER)
    assert set(config.chosen) == {"leader_id", "sizing", "symbols"}


def test_what_was_chosen_names_every_field_that_is_set() -> None:
    assert set(FollowConfig(**EVERYTHING).chosen) == set(EVERYTHING)


def test_what_was_chosen_says_where_each_term_is_set(make_config: Make) -> None:
    rule = SymbolRule("ETH/USDT", stop_loss="0.1", leverage=LeaderLeverage())
    chosen = make_config(symbols=["BTC/USDT", rule], stop_loss="0.2").chosen
    assert chosen["stop_loss"] == (("stop_loss", Decimal("0.2")), ("symbols[1].stop_loss", Decimal("0.1")))
    assert chosen["leverage"] == (("symbols[1].leverage", LeaderLeverage()),)


def test_the_pairs_with_terms_of_their_own_are_known(make_config: Make) -> None:
    rules = ["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.1", max_position=5), SymbolRule("XRP/USDT")]
    assert make_config(symbols=rules).own_terms == {1: ("stop_loss", "max_position")}


def test_the_place_of_a_term_is_the_rule_that_sets_it_or_the_config(make_config: Make) -> None:
    config = make_config(symbols=["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.1")], stop_loss="0.2")
    assert config.where("stop_loss", 0) == "stop_loss"
    assert config.where("stop_loss", 1) == "symbols[1].stop_loss"


def test_the_place_of_a_term_for_all_symbols_is_the_config(make_config: Make) -> None:
    assert make_config(symbols=ALL_SYMBOLS, stop_loss="0.2").where("stop_loss", 0) == "stop_loss"
