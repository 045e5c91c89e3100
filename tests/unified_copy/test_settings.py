"""What a venue shows is compared by what it means, and becomes a config again without inventing anything."""

from __future__ import annotations

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
    FollowSettings,
    LeaderLeverage,
    MarginMode,
    Multiplier,
    OnStop,
    Pair,
    PositionLeverage,
    Proportional,
    SymbolRule,
)
from unified_copy.errors import ConfigError, Difference
from unified_copy.fields import Fields, implied, refused, sent
from unified_copy.model import VenueSettings
from unified_copy.settings import common_terms, described, differences, unverified

Make = Callable[..., FollowConfig]
Refusal = Callable[[Callable[[], object]], ConfigError]

FIELDS: Fields = {
    "leader_id": sent("leader"),
    "sizing": sent("size"),
    "symbols": sent("symbols"),
    "follow_new_symbols": sent("new", returned=False),
    "stop_loss": sent("stop"),
    "take_profit": sent("profit"),
    "margin_mode": sent("margin", none_means=MarginMode.LEADER),
    "leverage": sent("lever", none_means=LeaderLeverage()),
    "max_position": sent("cap"),
    "max_total": refused("no cap"),
    "loss_limit": sent("loss"),
    "on_stop": sent("stop_operate"),
    "direction": implied("as the leader", Direction.SAME, refusal="only as the leader"),
}


def _shown(**fields: object) -> FollowSettings:
    given: dict[str, Any] = {
        "exchange": "third",
        "leader_id": "123123123",
        "active": True,
        "sizing": FixedAmount("330"),
        "symbols": (SymbolRule("BTC/USDT"),),
        "margin_mode": MarginMode.LEADER,
        "leverage": LeaderLeverage(),
        "on_stop": OnStop.CLOSE_WITH_LEADER,
        "missing": frozenset({"follow_new_symbols"}),
    }
    given.update(fields)
    return FollowSettings(**given)


def _differing(config: FollowConfig, shown: FollowSettings) -> list[str]:
    return [difference.field for difference in differences(config, shown, FIELDS)]


# ------------------------------------------------------------------ equal


def test_a_follow_shown_as_it_was_asked_for_does_not_differ(make_config: Make) -> None:
    assert differences(make_config(), _shown(), FIELDS) == ()


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ({"stop_loss": "0.2"}, {"stop_loss": Decimal("0.200")}),
        ({"max_position": "5000"}, {"max_position": Decimal("5E+3")}),
        ({"sizing": FixedAmount("330")}, {"sizing": FixedAmount("330.00")}),
        (
            {"leverage": FixedLeverage(long=10, short=5)},
            {"leverage": FixedLeverage(long="10.0", short="5.0")},
        ),
    ],
)
def test_amounts_are_equal_by_value(make_config: Make, wanted: dict[str, Any], shown: dict[str, Any]) -> None:
    assert differences(make_config(**wanted), _shown(**shown), FIELDS) == ()


def test_symbols_are_equal_in_any_order(make_config: Make) -> None:
    shown = _shown(symbols=(SymbolRule("ETH/USDT"), SymbolRule("BTC/USDT")))
    assert differences(make_config(symbols=["BTC/USDT", "ETH/USDT"]), shown, FIELDS) == ()


def test_a_settled_pair_is_equal_to_the_pair_of_the_product(make_config: Make) -> None:
    assert differences(make_config(symbols=["BTC/USDT:USDT"]), _shown(), FIELDS) == ()


@pytest.mark.parametrize(
    ("name", "told"), [("margin_mode", MarginMode.LEADER), ("leverage", LeaderLeverage())], ids=["margin", "leverage"]
)
def test_what_was_left_out_is_equal_to_what_the_venue_is_told_instead(
    make_config: Make, name: str, told: object
) -> None:
    assert differences(make_config(**{name: None}), _shown(**{name: told}), FIELDS) == ()


def test_terms_of_each_pair_are_equal_wherever_they_are_shown(make_config: Make) -> None:
    config = make_config(symbols=["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.1")], stop_loss="0.2")
    shown = _shown(
        symbols=(SymbolRule("BTC/USDT", stop_loss="0.2"), SymbolRule("ETH/USDT", stop_loss="0.1")),
    )
    assert differences(config, shown, FIELDS) == ()


def test_all_symbols_is_equal_to_all_symbols(make_config: Make) -> None:
    assert differences(make_config(symbols=ALL_SYMBOLS), _shown(symbols=ALL_SYMBOLS), FIELDS) == ()


def test_a_field_that_the_venue_never_returns_is_not_compared(make_config: Make) -> None:
    assert differences(make_config(follow_new_symbols=True), _shown(missing=frozenset()), FIELDS) == ()


def test_a_field_that_was_not_returned_this_time_is_not_compared(make_config: Make) -> None:
    shown = _shown(missing=frozenset({"follow_new_symbols", "stop_loss", "loss_limit"}))
    assert differences(make_config(stop_loss="0.2", loss_limit=5), shown, FIELDS) == ()


def test_symbols_that_were_not_returned_are_not_compared(make_config: Make) -> None:
    shown = _shown(symbols=None, missing=frozenset({"symbols"}))
    assert differences(make_config(), shown, FIELDS) == ()


# ------------------------------------------------------------------ different


def test_a_follow_that_is_not_in_force_differs_as_a_whole(make_config: Make) -> None:
    found = differences(make_config(), _shown(active=False), FIELDS)
    assert found == (Difference("leader_id", "an active follow", "not following"),)


@pytest.mark.parametrize(
    ("wanted", "shown", "field"),
    [
        ({}, {"sizing": FixedAmount("331")}, "sizing"),
        ({}, {"sizing": Multiplier("330")}, "sizing"),
        ({"stop_loss": "0.2"}, {"stop_loss": Decimal("0.3")}, "stop_loss"),
        ({"stop_loss": "0.2"}, {}, "stop_loss"),
        ({}, {"stop_loss": Decimal("0.2")}, "stop_loss"),
        ({}, {"take_profit": Decimal("0.2")}, "take_profit"),
        ({}, {"max_position": Decimal(5)}, "max_position"),
        ({}, {"loss_limit": Decimal(5)}, "loss_limit"),
        ({"loss_limit": 5}, {}, "loss_limit"),
        ({}, {"on_stop": OnStop.CLOSE_NOW}, "on_stop"),
        ({}, {"margin_mode": MarginMode.OWN}, "margin_mode"),
        ({"margin_mode": MarginMode.OWN}, {}, "margin_mode"),
        ({}, {"leverage": PositionLeverage()}, "leverage"),
        ({"leverage": FixedLeverage(long=10, short=5)}, {"leverage": FixedLeverage(long=5, short=10)}, "leverage"),
    ],
)
def test_a_value_that_is_shown_otherwise_differs(
    make_config: Make, wanted: dict[str, Any], shown: dict[str, Any], field: str
) -> None:
    assert _differing(make_config(**wanted), _shown(**shown)) == [field]


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (["BTC/USDT"], ["BTC/USDT", "ETH/USDT"]),
        (["BTC/USDT", "ETH/USDT"], ["BTC/USDT"]),
        (["BTC/USDT"], ["ETH/USDT"]),
        (["BTC/USDT"], ["BTC/USDC"]),
    ],
    ids=["one-too-many", "one-missing", "another", "another-quote"],
)
def test_another_set_of_pairs_differs(make_config: Make, wanted: list[str], shown: list[str]) -> None:
    found = differences(make_config(symbols=wanted), _shown(symbols=tuple(map(SymbolRule, shown))), FIELDS)
    assert found == (Difference("symbols", ", ".join(wanted), ", ".join(shown)),)


@pytest.mark.parametrize(
    ("wanted", "shown", "words"),
    [
        (ALL_SYMBOLS, (SymbolRule("BTC/USDT"),), ("all", "BTC/USDT")),
        (["BTC/USDT"], ALL_SYMBOLS, ("BTC/USDT", "all")),
        (["BTC/USDT"], None, ("BTC/USDT", "nothing")),
    ],
)
def test_all_symbols_differs_from_a_list(
    make_config: Make, wanted: object, shown: object, words: tuple[str, str]
) -> None:
    found = differences(make_config(symbols=wanted), _shown(symbols=shown), FIELDS)
    assert found == (Difference("symbols", *words),)


def test_a_term_of_all_symbols_that_is_shown_otherwise_differs(make_config: Make) -> None:
    shown = _shown(symbols=ALL_SYMBOLS, stop_loss=Decimal("0.1"))
    assert _differing(make_config(symbols=ALL_SYMBOLS), shown) == ["stop_loss"]


def test_a_term_of_one_pair_among_several_differs_under_its_place(make_config: Make) -> None:
    shown = _shown(symbols=(SymbolRule("ETH/USDT", stop_loss="0.3"), SymbolRule("BTC/USDT")))
    assert _differing(make_config(symbols=["BTC/USDT", "ETH/USDT"]), shown) == ["symbols[1].stop_loss"]


def test_a_term_that_the_venue_put_on_a_pair_nobody_asked_for_is_told_once(make_config: Make) -> None:
    shown = _shown(symbols=(SymbolRule("BTC/USDT"), SymbolRule("ETH/USDT", stop_loss="0.3")))
    assert _differing(make_config(), shown) == ["symbols"]


def test_what_could_not_be_read_differs_in_the_venue_s_words(make_config: Make) -> None:
    shown = _shown(stop_loss=None, missing=frozenset({"stop_loss"}), unread={"stop_loss": "twenty"})
    found = differences(make_config(stop_loss="0.2"), shown, FIELDS)
    assert found == (Difference("stop_loss", "0.2 (20 %)", "twenty"),)


def test_a_difference_says_what_was_wanted_and_what_is_shown() -> None:
    assert str(Difference("stop_loss", "0.2", "nothing")) == "stop_loss: wanted 0.2, shown nothing"


def test_a_tiny_amount_is_told_without_an_exponent(make_config: Make) -> None:
    found = differences(make_config(max_position="0.0000001"), _shown(), FIELDS)
    assert found[0].wanted == "0.0000001"


BTC, ETH = Pair("BTC", "USDT"), Pair("ETH", "USDT", "USDT")


def test_a_sizing_of_another_kind_than_the_one_shown_differs(make_config: Make) -> None:
    shown = _shown(sizing=None, missing=frozenset({"sizing"}), sizing_kinds={BTC: FixedQuantity})
    found = differences(make_config(), shown, FIELDS)
    assert found == (Difference("sizing", "330 per order", "FixedQuantity, its value not shown"),)


def test_a_sizing_of_the_kind_shown_does_not_differ_and_stays_unverified(make_config: Make) -> None:
    shown = _shown(sizing=None, missing=frozenset({"sizing"}), sizing_kinds={BTC: FixedAmount})
    assert differences(make_config(), shown, FIELDS) == ()
    assert unverified(make_config(), FIELDS, shown) == ("sizing",)


def test_another_kind_of_one_pair_among_several_differs_under_its_place(make_config: Make) -> None:
    shown = _shown(
        symbols=(SymbolRule(BTC), SymbolRule(ETH)),
        missing=frozenset({"sizing"}),
        sizing_kinds={BTC: FixedAmount, ETH: Multiplier},
    )
    assert _differing(make_config(symbols=["BTC/USDT", "ETH/USDT"]), shown) == ["symbols[1].sizing"]


# ------------------------------------------------------------------ unverified


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ()),
        ({"stop_loss": "0.2"}, ()),
        ({"follow_new_symbols": True}, ("follow_new_symbols",)),
        ({"follow_new_symbols": True, "stop_loss": "0.2"}, ("follow_new_symbols",)),
    ],
)
def test_unverified_is_what_was_chosen_and_is_never_returned(
    make_config: Make, fields: dict[str, Any], names: tuple[str, ...]
) -> None:
    assert unverified(make_config(**fields), FIELDS, _shown()) == names


def test_unverified_is_what_was_chosen_and_was_not_returned_this_time(make_config: Make) -> None:
    shown = _shown(missing=frozenset({"stop_loss", "take_profit"}))
    assert unverified(make_config(stop_loss="0.2"), FIELDS, shown) == ("stop_loss",)


def test_everything_chosen_is_unverified_where_nothing_was_read(make_config: Make) -> None:
    found = unverified(make_config(stop_loss="0.2"), FIELDS, None)
    assert found == ("leader_id", "sizing", "symbols", "stop_loss")


def test_what_the_venue_does_anyway_needs_no_verification(make_config: Make) -> None:
    fields = {**FIELDS, "symbols": implied("everything", ALL_SYMBOLS, refusal="only everything")}
    assert unverified(make_config(symbols=ALL_SYMBOLS), fields, _shown()) == ()


def test_settings_of_one_product_stay_unverified_whatever_a_plug_in_declares(make_config: Make) -> None:
    config, fields = make_config(venue=VenueSettings()), {**FIELDS, "venue": sent("wallet")}
    assert differences(config, _shown(), fields) == ()
    assert unverified(config, fields, _shown()) == ("venue",)


# ------------------------------------------------------------------ to_config


def test_everything_the_leader_trades_becomes_a_config_again() -> None:
    settings = _shown(symbols=ALL_SYMBOLS, sizing=Proportional(200))
    assert settings.to_config(follow_new_symbols=False).symbols is ALL_SYMBOLS


def test_pairs_that_were_not_returned_can_be_supplied() -> None:
    settings = _shown(symbols=None, missing=frozenset({"symbols", "follow_new_symbols"}))
    config = settings.to_config(symbols=["ETH/USDT"], follow_new_symbols=False)
    assert [str(rule.symbol) for rule in config.rules] == ["ETH/USDT"]


def test_a_pair_that_was_shown_keeps_its_terms_when_pairs_that_could_not_be_read_are_supplied() -> None:
    settings = _shown(
        symbols=(SymbolRule("BTC/USDT", stop_loss="0.2"), SymbolRule("ETH/USDT", stop_loss="0.3")),
        missing=frozenset({"symbols"}),
        unread={"symbols": "WEIRD"},
    )
    config = settings.to_config(symbols=["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.1"), "SOL/USDT"])
    assert [rule.stop_loss for rule in config.rules] == [Decimal("0.2"), Decimal("0.1"), None]


def test_settings_become_a_config_when_the_missing_is_supplied(make_config: Make) -> None:
    settings = _shown(stop_loss=Decimal("0.2"))
    config = settings.to_config(follow_new_symbols=False)
    assert config == make_config(stop_loss="0.2", margin_mode=MarginMode.LEADER, leverage=LeaderLeverage())


def test_what_is_unset_at_the_venue_stays_out_of_the_config() -> None:
    config = _shown(loss_limit=None).to_config(follow_new_symbols=False)
    assert "loss_limit" not in config.chosen


def test_what_the_venue_did_not_return_must_be_supplied(refusal_of: Refusal) -> None:
    error = refusal_of(lambda: _shown().to_config())
    assert (error.field, error.exchange) == ("follow_new_symbols", "third")
    assert "pass follow_new_symbols= to to_config()" in error.reason


def test_the_first_missing_field_is_the_one_that_is_named(refusal_of: Refusal) -> None:
    settings = _shown(missing=frozenset({"on_stop", "stop_loss"}))
    assert refusal_of(lambda: settings.to_config(on_stop=OnStop.CLOSE_NOW)).field == "stop_loss"


def test_what_could_not_be_read_must_be_supplied_and_is_shown(refusal_of: Refusal) -> None:
    settings = _shown(missing=frozenset({"stop_loss"}), unread={"stop_loss": "20, unit not chosen"})
    assert "only as 20, unit not chosen" in refusal_of(settings.to_config).reason


@pytest.mark.parametrize("name", ["stop_loss", "sizing", "leader_id", "invented"])
def test_what_the_venue_returned_cannot_be_supplied(refusal_of: Refusal, name: str) -> None:
    given: dict[str, Any] = {"follow_new_symbols": False, name: "0.2"}
    error = refusal_of(lambda: _shown().to_config(**given))
    assert error.field == name
    assert "was returned by the venue, or is not a field" in error.reason


TWO_PAIRS = (SymbolRule("BTC/USDT", stop_loss="0.2"), SymbolRule("ETH/USDT"))


def _sizeless(**fields: object) -> FollowSettings:
    return _shown(**{"sizing": None, "symbols": TWO_PAIRS, "missing": frozenset({"sizing"}), **fields})


def test_a_term_can_be_supplied_pair_by_pair() -> None:
    config = _sizeless().to_config(sizing={ETH: Multiplier(2), "BTC/USDT": FixedAmount(5)})
    assert [(str(rule.symbol), rule.sizing, rule.stop_loss) for rule in config.rules] == [
        ("BTC/USDT", FixedAmount(5), Decimal("0.2")),
        ("ETH/USDT", Multiplier(2), None),
    ]


def test_a_term_can_be_supplied_pair_by_pair_for_the_pairs_that_lack_it() -> None:
    settings = _shown(symbols=TWO_PAIRS, missing=frozenset({"stop_loss"}))
    config = settings.to_config(stop_loss={"ETH/USDT": None})
    assert [rule.stop_loss for rule in config.rules] == [Decimal("0.2"), None]


def test_what_a_pair_was_shown_with_is_kept_where_another_lacks_it() -> None:
    rules = (SymbolRule("BTC/USDT", margin_mode=MarginMode.LEADER), SymbolRule("ETH/USDT"))
    settings = _shown(symbols=rules, missing=frozenset({"margin_mode"}), none_means={"margin_mode": MarginMode.LEADER})
    config = settings.to_config(margin_mode=MarginMode.OWN)
    assert [rule.margin_mode for rule in config.rules] == [MarginMode.LEADER, MarginMode.OWN]


@pytest.mark.parametrize(
    ("sizing", "words"),
    [
        ({"BTC/USDT": FixedAmount(5)}, "not returned for ETH/USDT either"),
        ({"BTC/USDT": FixedAmount(5), "SOL/USDT": FixedAmount(5)}, "SOL/USDT is not followed"),
        ({"BTC/USDT": FixedAmount(5), "BTC/USDT:USDT": FixedAmount(5)}, "BTC/USDT:USDT is not followed"),
    ],
    ids=["a-pair-missing", "a-pair-unknown", "a-pair-twice"],
)
def test_supplying_other_pairs_than_those_that_lack_it_is_refused(
    refusal_of: Refusal, sizing: dict[str, object], words: str
) -> None:
    error = refusal_of(lambda: _sizeless().to_config(sizing=sizing))
    assert (error.field, error.exchange) == ("sizing", "third")
    assert words in error.reason
    assert "one value for all pairs, or one for each of BTC/USDT, ETH/USDT" in error.reason


@pytest.mark.parametrize(
    ("pair", "value", "words"),
    [
        ("btc/usdt", FixedAmount(5), "write 'BTC/USDT'"),
        (1, FixedAmount(5), "not a pair"),
        ("BTC/USDT", None, "not a sizing"),
    ],
)
def test_what_is_supplied_pair_by_pair_is_checked_like_any_rule(
    refusal_of: Refusal, pair: object, value: object, words: str
) -> None:
    error = refusal_of(lambda: _sizeless().to_config(sizing={pair: value}))
    assert (error.field, error.exchange) == ("sizing", "third")
    assert error.reason.startswith(f"{pair}: ")
    assert words in error.reason


@pytest.mark.parametrize(
    ("fields", "given"),
    [
        ({"symbols": None, "missing": frozenset({"symbols", "sizing"})}, {"symbols": ["BTC/USDT"]}),
        ({"symbols": ALL_SYMBOLS}, {}),
    ],
    ids=["no-pairs", "all-pairs"],
)
def test_nothing_can_be_supplied_pair_by_pair_where_no_pairs_were_returned(
    refusal_of: Refusal, fields: dict[str, object], given: dict[str, Any]
) -> None:
    error = refusal_of(lambda: _sizeless(**fields).to_config(sizing={"BTC/USDT": FixedAmount(5)}, **given))
    assert error.field == "sizing"
    assert "takes one value for all pairs" in error.reason


@pytest.mark.parametrize(
    ("sizing", "field"),
    [(Multiplier(2), "sizing"), ({BTC: FixedAmount(5), ETH: FixedQuantity(5)}, "symbols[1].sizing")],
    ids=["for-all", "pair-by-pair"],
)
def test_a_sizing_of_another_kind_than_the_one_shown_cannot_be_supplied(
    refusal_of: Refusal, sizing: object, field: str
) -> None:
    settings = _sizeless(sizing_kinds={BTC: FixedAmount, ETH: Multiplier})
    error = refusal_of(lambda: settings.to_config(sizing=sizing))
    assert (error.field, error.exchange) == (field, "third")
    assert "was shown with a " in error.reason


def test_what_is_supplied_is_checked_like_any_config(refusal_of: Refusal) -> None:
    given: dict[str, Any] = {"follow_new_symbols": "yes"}
    assert refusal_of(lambda: _shown().to_config(**given)).field == "follow_new_symbols"


def test_settings_keep_the_venue_s_answer_out_of_their_repr() -> None:
    assert "hidden" not in repr(_shown(raw={"anything": "hidden"}))


# ------------------------------------------------------------------ common terms


def test_terms_that_all_pairs_share_stand_beside_the_symbols() -> None:
    rules = [SymbolRule(symbol, sizing=FixedAmount(5), stop_loss="0.1") for symbol in ("BTC/USDT", "ETH/USDT")]
    terms = common_terms(rules)
    assert (terms["sizing"], terms["stop_loss"]) == (FixedAmount(5), Decimal("0.1"))
    assert terms["symbols"] == (SymbolRule("BTC/USDT"), SymbolRule("ETH/USDT"))


def test_terms_that_differ_stay_with_their_pairs() -> None:
    rules = (SymbolRule("BTC/USDT", sizing=FixedAmount(5), stop_loss="0.1"), SymbolRule("ETH/USDT"))
    terms = common_terms(rules)
    assert "stop_loss" not in terms
    assert terms["symbols"] == rules


def test_the_sizing_of_the_first_pair_stands_for_the_config() -> None:
    rules = (SymbolRule("BTC/USDT", sizing=FixedAmount(5)), SymbolRule("ETH/USDT", sizing=Multiplier(2)))
    terms = common_terms(rules)
    assert terms["sizing"] == FixedAmount(5)
    assert terms["symbols"] == rules


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (FixedAmount("330"), "330 per order"),
        (FixedAmount("0.0000001"), "0.0000001 per order"),
        (FixedQuantity("0.005"), "0.005 units per order"),
        (Multiplier(2), "2 times the leader's order"),
        (Proportional(500), "in proportion, 500 set aside"),
        (FixedLeverage(long=10, short="2.5"), "long 10x, short 2.5x"),
        (LeaderLeverage(), "the leader's"),
        (PositionLeverage(), "the account's own"),
        (MarginMode.CROSS, "cross"),
        (OnStop.CLOSE_WITH_LEADER, "close with leader"),
        (ALL_SYMBOLS, "all"),
        (Pair("BTC", "USDT", "USDT"), "BTC/USDT:USDT"),
        (Decimal("0.20"), "0.20"),
        (Decimal("1E-7"), "0.0000001"),
        (False, "no"),
        (True, "yes"),
        (None, "nothing"),
        ((SymbolRule("BTC/USDT"), SymbolRule("ETH/USDT:USDT")), "BTC/USDT, ETH/USDT:USDT"),
        ("123", "123"),
    ],
)
def test_a_value_is_described_in_words_and_plain_digits(value: object, words: str) -> None:
    assert described(value) == words


@pytest.mark.parametrize("name", ["stop_loss", "take_profit"])
def test_a_ratio_is_described_as_a_fraction_and_as_percent(name: str) -> None:
    assert described(Decimal("0.125"), name) == "0.125 (12.5 %)"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        _shown().active = False  # type: ignore[misc]
