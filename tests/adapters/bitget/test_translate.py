"""Every cell of the translation table for Bitget: a translation, or a refusal that names the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

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
    PositionLeverage,
    Proportional,
    SymbolRule,
    translate,
)
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.translation import Fate

Make = Callable[..., FollowConfig]

SMART: dict[str, Any] = {"sizing": Proportional(500), "symbols": ALL_SYMBOLS}


def _body(config: FollowConfig) -> dict[str, Any]:
    (request,) = translate(config, exchange="bitget").requests
    assert (request.method, request.query) == ("POST", "")
    assert request.headers == {"Content-Type": "application/json"}
    body: dict[str, Any] = json.loads(request.body)
    return body


def _refused(config: FollowConfig) -> ConfigError:
    with pytest.raises(UnsupportedError) as caught:
        translate(config, exchange="bitget")
    assert caught.value.exchange == "bitget"
    return caught.value


# ------------------------------------------------------------------ settings


def test_the_example_of_the_documents_comes_out_byte_for_byte() -> None:
    config = FollowConfig(leader_id="123123123", sizing=FixedAmount("330"), symbols=["BTC/USDT"], max_position="5000")
    (request,) = translate(config, exchange="bitget").requests
    assert request.target == "/api/v2/copy/mix-follower/settings"
    assert request.body == (
        b'{"traderId":"123123123","settings":[{"symbol":"BTCUSDT","productType":"USDT-FUTURES","marginType":"trader",'
        b'"marginCoin":"USDT","leverType":"trader","traceType":"amount","traceValue":"330","maxHoldSize":"5000"}]}'
    )


def test_a_config_that_sets_only_what_it_must_tells_bitget_nothing_else(make_config: Make) -> None:
    assert _body(make_config()) == {
        "traderId": "123123123",
        "settings": [
            {
                "symbol": "BTCUSDT",
                "productType": "USDT-FUTURES",
                "marginType": "trader",
                "marginCoin": "USDT",
                "leverType": "trader",
                "traceType": "amount",
                "traceValue": "330",
            }
        ],
    }


PER_PAIR = [
    ({"sizing": FixedAmount("0.10")}, {"traceType": "amount", "traceValue": "0.10"}),
    ({"sizing": FixedQuantity("0.005")}, {"traceType": "count", "traceValue": "0.005"}),
    ({"sizing": Multiplier(1)}, {"traceType": "percent", "traceValue": "1"}),
    ({"sizing": Multiplier("0.0000001")}, {"traceType": "percent", "traceValue": "0.0000001"}),
    ({"stop_loss": "0.2"}, {"stopLossRatio": "20"}),
    ({"stop_loss": "0.01"}, {"stopLossRatio": "1"}),
    ({"stop_loss": "4"}, {"stopLossRatio": "400"}),
    ({"stop_loss": "0.200"}, {"stopLossRatio": "20"}),
    ({"take_profit": "0.5"}, {"stopSurplusRatio": "50"}),
    ({"take_profit": "4"}, {"stopSurplusRatio": "400"}),
    ({"margin_mode": MarginMode.LEADER}, {"marginType": "trader"}),
    ({"margin_mode": MarginMode.OWN}, {"marginType": "specify", "marginCoin": "USDT"}),
    ({"leverage": LeaderLeverage()}, {"leverType": "trader"}),
    ({"leverage": PositionLeverage()}, {"leverType": "position"}),
    (
        {"leverage": FixedLeverage(long=10, short="5.0")},
        {"leverType": "specify", "longLeverage": "10", "shortLeverage": "5"},
    ),
    ({"max_position": "5000.50"}, {"maxHoldSize": "5000.50"}),
]


@pytest.mark.parametrize(("fields", "sent"), PER_PAIR)
def test_a_term_of_the_config_is_told_for_its_pair(
    make_config: Make, fields: dict[str, Any], sent: dict[str, str]
) -> None:
    (setting,) = _body(make_config(**fields))["settings"]
    assert {key: setting.get(key) for key in sent} == sent


@pytest.mark.parametrize(("fields", "sent"), PER_PAIR)
def test_a_term_of_a_rule_is_told_for_that_pair_alone(
    make_config: Make, fields: dict[str, Any], sent: dict[str, str]
) -> None:
    rules = ["ETH/USDT", SymbolRule("BTC/USDT", **fields)]
    other, own = _body(make_config(symbols=rules, sizing=FixedAmount("330")))["settings"]
    assert {key: own.get(key) for key in sent} == sent
    assert {key: value for key, value in other.items() if key != "symbol"} == {
        "productType": "USDT-FUTURES",
        "marginType": "trader",
        "marginCoin": "USDT",
        "leverType": "trader",
        "traceType": "amount",
        "traceValue": "330",
    }


@pytest.mark.parametrize(
    ("symbol", "sent"),
    [
        ("BTC/USDT", ("BTCUSDT", "USDT-FUTURES", "USDT")),
        ("BTC/USDT:USDT", ("BTCUSDT", "USDT-FUTURES", "USDT")),
        ("BTC/USDC", ("BTCPERP", "USDC-FUTURES", "USDC")),
        ("BTC/USDC:USDC", ("BTCPERP", "USDC-FUTURES", "USDC")),
        ("BTC/USD", ("BTCUSD", "COIN-FUTURES", "BTC")),
        ("BTC/USD:BTC", ("BTCUSD", "COIN-FUTURES", "BTC")),
        ("1000PEPE/USDT", ("1000PEPEUSDT", "USDT-FUTURES", "USDT")),
        ("龙虾/USDT", ("龙虾USDT", "USDT-FUTURES", "USDT")),
    ],
)
def test_a_pair_is_spelt_as_its_product_spells_it(make_config: Make, symbol: str, sent: tuple[str, str, str]) -> None:
    (setting,) = _body(make_config(symbols=[symbol], sizing=Multiplier(1)))["settings"]
    assert (setting["symbol"], setting["productType"], setting["marginCoin"]) == sent


def test_pairs_of_several_products_go_into_one_follow(make_config: Make) -> None:
    body = _body(make_config(symbols=["BTC/USDT", "BTC/USDC", "BTC/USD"], sizing=Multiplier(1)))
    assert [setting["symbol"] for setting in body["settings"]] == ["BTCUSDT", "BTCPERP", "BTCUSD"]


def test_ten_pairs_go_into_one_request(make_config: Make) -> None:
    assert len(_body(make_config(symbols=[f"C{n}/USDT" for n in range(10)]))["settings"]) == 10


def test_new_symbols_are_followed_in_the_basic_mode(make_config: Make) -> None:
    body = _body(make_config(follow_new_symbols=True))
    assert list(body) == ["traderId", "autoCopy", "mode", "settings"]
    assert (body["autoCopy"], body["mode"]) == ("on", "basic")


def test_without_new_symbols_neither_mode_nor_switch_is_sent(make_config: Make) -> None:
    assert list(_body(make_config(follow_new_symbols=False))) == ["traderId", "settings"]


@pytest.mark.parametrize(
    "fields",
    [
        {"sizing": Multiplier(2)},
        {"stop_loss": "0.2"},
        {"take_profit": "0.2"},
        {"max_position": 5},
    ],
)
def test_what_the_basic_mode_heeds_goes_with_new_symbols(make_config: Make, fields: dict[str, Any]) -> None:
    assert _body(make_config(follow_new_symbols=True, **fields))["mode"] == "basic"


@pytest.mark.parametrize(
    "leader_id", ["123123123", "7c6525121a9", "007", "9" * 128, "张三", 'a"b\\c'], ids=lambda leader: leader[:10]
)
def test_the_leader_s_id_is_sent_as_it_is(make_config: Make, leader_id: str) -> None:
    assert _body(make_config(leader_id=leader_id))["traderId"] == leader_id


def test_settings_carry_no_field_that_is_null(make_config: Make) -> None:
    (setting,) = _body(make_config())["settings"]
    assert None not in setting.values()


SETTINGS_REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    # sizing
    ({"symbols": ["BTC/USD"]}, "sizing", "coin-margined BTC/USD; use Multiplier"),
    ({"symbols": ["BTC/USD"], "sizing": FixedQuantity(1)}, "sizing", "use Multiplier"),
    ({"symbols": ["A/USDT", SymbolRule("BTC/USD", sizing=FixedAmount(1))]}, "symbols[1].sizing", "use Multiplier"),
    ({"symbols": [SymbolRule("BTC/USDT", sizing=Proportional(500))]}, "symbols[0].sizing", "Proportional"),
    # symbols
    ({"symbols": ALL_SYMBOLS}, "symbols", "ALL_SYMBOLS goes with Proportional only"),
    ({"symbols": [f"C{n}/USDT" for n in range(11)]}, "symbols", "at most 10 pairs in one follow, not 11"),
    ({"symbols": ["ETH/USDT", "BTC/EUR"]}, "symbols[1]", "Bitget has no BTC/EUR"),
    ({"symbols": ["BTC/USDT:USDC"]}, "symbols[0]", "Bitget has no BTC/USDT:USDC"),
    ({"symbols": ["BTC/USDT:BTC"]}, "symbols[0]", "Bitget has no BTC/USDT:BTC"),
    ({"symbols": ["BTC/USD:USD"]}, "symbols[0]", "Bitget has no BTC/USD:USD"),
    ({"symbols": ["BTC/USD:ETH"]}, "symbols[0]", "Bitget has no BTC/USD:ETH"),
    ({"symbols": ["BTC/USDC:USDT"]}, "symbols[0]", "Bitget has no BTC/USDC:USDT"),
    ({"symbols": ["BTC/USDT", "BTC/USDT:USDT"]}, "symbols[1]", "are both BTCUSDT here"),
    ({"symbols": ["A/USDT", "BTC/USD", "BTC/USD:BTC"], "sizing": Multiplier(1)}, "symbols[2]", "both BTCUSD here"),
    # ratios
    ({"stop_loss": "0.005"}, "stop_loss", "0.5 %; Bitget takes whole percent from 1 to 400"),
    ({"stop_loss": "0.125"}, "stop_loss", "12.5 %"),
    ({"stop_loss": "0.0000001"}, "stop_loss", "0.00001 %"),
    ({"take_profit": "4.01"}, "take_profit", "401 %"),
    ({"take_profit": "10"}, "take_profit", "1000 %"),
    ({"symbols": ["A/USDT", SymbolRule("B/USDT", stop_loss="0.125")]}, "symbols[1].stop_loss", "12.5 %"),
    ({"symbols": [SymbolRule("B/USDT", take_profit="5")]}, "symbols[0].take_profit", "500 %"),
    # margin mode and leverage
    ({"margin_mode": MarginMode.CROSS}, "margin_mode", "(LEADER) or the account's own (OWN)"),
    ({"margin_mode": MarginMode.ISOLATED}, "margin_mode", "(LEADER) or the account's own (OWN)"),
    ({"symbols": ["A/USDT", SymbolRule("B/USDT", margin_mode=MarginMode.CROSS)]}, "symbols[1].margin_mode", "LEADER"),
    ({"leverage": FixedLeverage(long="2.5", short=5)}, "leverage", "whole leverages"),
    ({"leverage": FixedLeverage(long=5, short="2.5")}, "leverage", "whole leverages"),
    (
        {"symbols": ["A/USDT", SymbolRule("B/USDT", leverage=FixedLeverage(long="2.5", short=5))]},
        "symbols[1].leverage",
        "whole leverages",
    ),
    # the follow as a whole
    ({"max_total": 5000}, "max_total", "max_position caps each pair"),
    ({"loss_limit": 100}, "loss_limit", "smart copy; use Proportional"),
    ({"on_stop": OnStop.CLOSE_NOW}, "on_stop", "use CLOSE_WITH_LEADER"),
    ({"on_stop": OnStop.LEAVE_OPEN}, "on_stop", "use CLOSE_WITH_LEADER"),
    ({"direction": Direction.REVERSE}, "direction", "only in the leader's direction"),
    # what the basic mode ignores
    ({"follow_new_symbols": True, "margin_mode": MarginMode.LEADER}, "margin_mode", "basic mode, which ignores this"),
    ({"follow_new_symbols": True, "margin_mode": MarginMode.OWN}, "margin_mode", "basic mode, which ignores this"),
    ({"follow_new_symbols": True, "leverage": LeaderLeverage()}, "leverage", "basic mode, which ignores this"),
    ({"follow_new_symbols": True, "leverage": PositionLeverage()}, "leverage", "basic mode, which ignores this"),
    ({"follow_new_symbols": True, "leverage": FixedLeverage(long=5, short=5)}, "leverage", "basic mode"),
    ({"follow_new_symbols": True, "sizing": FixedQuantity(1)}, "sizing", "basic mode, which ignores this"),
    (
        {"follow_new_symbols": True, "symbols": ["A/USDT", SymbolRule("B/USDT", sizing=FixedQuantity(1))]},
        "symbols[1].sizing",
        "basic mode, which ignores this",
    ),
    (
        {"follow_new_symbols": True, "symbols": ["A/USDT", SymbolRule("B/USDT", leverage=PositionLeverage())]},
        "symbols[1].leverage",
        "basic mode, which ignores this",
    ),
    (
        {"follow_new_symbols": True, "symbols": ["A/USDT", SymbolRule("B/USDT", margin_mode=MarginMode.OWN)]},
        "symbols[1].margin_mode",
        "basic mode, which ignores this",
    ),
]


@pytest.mark.parametrize(("fields", "path", "told"), SETTINGS_REFUSALS)
def test_what_settings_cannot_express_is_refused_by_name(
    make_config: Make, fields: dict[str, Any], path: str, told: str
) -> None:
    error = _refused(make_config(**fields))
    assert error.field == path
    assert told in error.reason


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("leader_id", Fate.SENT),
        ("sizing", Fate.SENT),
        ("symbols", Fate.SENT),
        ("follow_new_symbols", Fate.IMPLIED),
        ("stop_loss", Fate.NOT_SET),
        ("take_profit", Fate.NOT_SET),
        ("margin_mode", Fate.SENT),
        ("leverage", Fate.SENT),
        ("max_position", Fate.NOT_SET),
        ("max_total", Fate.NOT_SET),
        ("loss_limit", Fate.NOT_SET),
        ("on_stop", Fate.IMPLIED),
        ("direction", Fate.IMPLIED),
        ("venue", Fate.NOT_SET),
    ],
)
def test_settings_say_what_becomes_of_each_field(make_config: Make, name: str, fate: Fate) -> None:
    assert translate(make_config(), exchange="bitget").fields[name].fate is fate


@pytest.mark.parametrize(
    ("fields", "name", "sent"),
    [
        ({"follow_new_symbols": True}, "follow_new_symbols", (("mode", "basic"), ("autoCopy", "on"))),
        ({"stop_loss": "0.2"}, "stop_loss", (("settings[].stopLossRatio", "20"),)),
        ({"take_profit": "0.2"}, "take_profit", (("settings[].stopSurplusRatio", "20"),)),
        ({}, "margin_mode", (("settings[].marginType", "trader"),)),
        (
            {"leverage": FixedLeverage(long=10, short=5)},
            "leverage",
            (
                ("settings[].leverType", "specify"),
                ("settings[].longLeverage", "10"),
                ("settings[].shortLeverage", "5"),
            ),
        ),
        ({"max_position": 5}, "max_position", (("settings[].maxHoldSize", "5"),)),
        (
            {"symbols": ["BTC/USDT", "BTC/USDC"]},
            "symbols",
            (
                ("settings[].symbol", "BTCUSDT,BTCPERP"),
                ("settings[].productType", "USDT-FUTURES,USDC-FUTURES"),
                ("settings[].marginCoin", "USDT,USDC"),
            ),
        ),
    ],
)
def test_settings_say_under_which_keys_a_field_travels(
    make_config: Make, fields: dict[str, Any], name: str, sent: tuple[tuple[str, str], ...]
) -> None:
    assert translate(make_config(**fields), exchange="bitget").fields[name].sent == sent


def test_the_unit_of_the_cap_is_flagged_as_undocumented(make_config: Make) -> None:
    fate = translate(make_config(max_position=5), exchange="bitget").fields["max_position"]
    assert "disagree about the unit" in fate.undocumented


# ------------------------------------------------------------------ smart copy


def test_a_smart_copy_that_sets_only_what_it_must_always_tells_the_switch(make_config: Make) -> None:
    translation = translate(make_config(**SMART), exchange="bitget")
    assert translation.form == "smart copy"
    assert translation.requests[0].target == "/api/v2/copy/mix-follower/copy-settings"
    assert translation.requests[0].body == b'{"traderId":"123123123","copyAmount":"500","autoCopy":"off"}'


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"sizing": Proportional(50)}, {"copyAmount": "50"}),
        ({"sizing": Proportional("1000.00")}, {"copyAmount": "1000"}),
        ({"follow_new_symbols": True}, {"autoCopy": "on"}),
        ({"loss_limit": 150}, {"equityGuardian": "on", "equityGuardianMode": "amount", "equity": "150"}),
        ({"loss_limit": "150.0"}, {"equity": "150"}),
        ({"margin_mode": MarginMode.LEADER}, {"marginMode": "follow_trader"}),
        ({"margin_mode": MarginMode.CROSS}, {"marginMode": "crossed_margin"}),
        ({"margin_mode": MarginMode.ISOLATED}, {"marginMode": "isolated_margin"}),
        ({"leverage": LeaderLeverage()}, {"leverage": "follow_trader"}),
        ({"leverage": FixedLeverage(long=10, short=10)}, {"leverage": "fixed_leverage", "multiple": "10"}),
        ({"leverage": FixedLeverage(long="10.0", short=10)}, {"multiple": "10"}),
        ({"leverage": FixedLeverage(long=125, short=125)}, {"multiple": "125"}),
        (
            {"margin_mode": MarginMode.LEADER, "leverage": FixedLeverage(long=1, short=1)},
            {"marginMode": "follow_trader", "leverage": "fixed_leverage", "multiple": "1"},
        ),
    ],
)
def test_a_field_of_a_smart_copy_is_told(make_config: Make, fields: dict[str, Any], sent: dict[str, str]) -> None:
    plain = {"traderId": "123123123", "copyAmount": "500", "autoCopy": "off"}
    body = _body(make_config(**{**SMART, **fields}))
    assert {key: body.get(key) for key in sent} == sent
    assert body == {**plain, **{key: body[key] for key in body if key not in plain or key in sent}}


@pytest.mark.parametrize(
    ("fields", "path", "told"),
    [
        ({"sizing": Proportional(49)}, "sizing", "at least 50 USDT, not 49"),
        ({"sizing": Proportional("49.99")}, "sizing", "at least 50 USDT"),
        ({"sizing": Proportional("100.5")}, "sizing", "a whole investment"),
        ({"symbols": ["BTC/USDT"]}, "symbols", "use ALL_SYMBOLS"),
        ({"symbols": [SymbolRule("BTC/USDT", stop_loss="0.1")]}, "symbols", "use ALL_SYMBOLS"),
        ({"stop_loss": "0.2"}, "stop_loss", "no stop loss per order"),
        ({"take_profit": "0.2"}, "take_profit", "no take profit per order"),
        ({"margin_mode": MarginMode.OWN}, "margin_mode", "LEADER, CROSS or ISOLATED"),
        ({"leverage": PositionLeverage()}, "leverage", "the leader's leverage or a fixed one"),
        ({"leverage": FixedLeverage(long=10, short=5)}, "leverage", "one whole leverage for long and short"),
        ({"leverage": FixedLeverage(long="2.5", short="2.5")}, "leverage", "one whole leverage"),
        ({"leverage": FixedLeverage(long=126, short=126)}, "leverage", "at most 125"),
        (
            {"leverage": LeaderLeverage(), "margin_mode": MarginMode.CROSS},
            "leverage",
            "beside the leader's margin mode",
        ),
        (
            {"leverage": FixedLeverage(long=5, short=5), "margin_mode": MarginMode.ISOLATED},
            "leverage",
            "beside the leader's margin mode",
        ),
        ({"max_position": 5}, "max_position", "no cap per pair"),
        ({"max_total": 5}, "max_total", "capped by its investment"),
        ({"loss_limit": "150.5"}, "loss_limit", "a whole amount of USDT, not 150.5"),
        ({"on_stop": OnStop.CLOSE_NOW}, "on_stop", "does not say"),
        ({"on_stop": OnStop.LEAVE_OPEN, "loss_limit": 100}, "on_stop", "does not say"),
        ({"direction": Direction.REVERSE}, "direction", "only in the leader's direction"),
    ],
)
def test_what_a_smart_copy_cannot_express_is_refused_by_name(
    make_config: Make, fields: dict[str, Any], path: str, told: str
) -> None:
    error = _refused(make_config(**{**SMART, **fields}))
    assert error.field == path
    assert told in error.reason


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("leader_id", Fate.SENT),
        ("sizing", Fate.SENT),
        ("symbols", Fate.IMPLIED),
        ("follow_new_symbols", Fate.SENT),
        ("stop_loss", Fate.NOT_SET),
        ("take_profit", Fate.NOT_SET),
        ("margin_mode", Fate.IMPLIED),
        ("leverage", Fate.IMPLIED),
        ("max_position", Fate.NOT_SET),
        ("max_total", Fate.NOT_SET),
        ("loss_limit", Fate.NOT_SET),
        ("on_stop", Fate.LEFT_TO_VENUE),
        ("direction", Fate.IMPLIED),
        ("venue", Fate.NOT_SET),
    ],
)
def test_a_smart_copy_says_what_becomes_of_each_field(make_config: Make, name: str, fate: Fate) -> None:
    assert translate(make_config(**SMART), exchange="bitget").fields[name].fate is fate


def test_the_guardian_of_a_smart_copy_is_told_as_the_loss_limit(make_config: Make) -> None:
    fields = translate(make_config(**SMART, loss_limit=150), exchange="bitget").fields
    assert fields["loss_limit"].sent == (("equityGuardian", "on"), ("equityGuardianMode", "amount"), ("equity", "150"))
