"""Every cell of the translation table for XT, in both generations: a translation, or a refusal that names the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from unified_copy import (
    ALL_SYMBOLS,
    Adapter,
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
from unified_copy.errors import ConfigError
from unified_copy.translation import Fate

Make = Callable[..., FollowConfig]
With = Callable[..., Adapter]

GENERATIONS = ["v4", "v1"]
LEADER_KEYS = {"v4": "leaderOrderId", "v1": "leaderAccountId"}
FORTY_DIGITS = "1234567890123456789012345678901234567890"


@pytest.fixture(params=GENERATIONS)
def generation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def chosen(adapter_with: With, generation: str) -> Adapter:
    """Return an adapter whose units are chosen."""
    return adapter_with("xt", generation=generation, rate_unit="fraction", loss_unit="quote")


@pytest.fixture
def unchosen(adapter_with: With, generation: str) -> Adapter:
    """Return an adapter whose units are not chosen."""
    return adapter_with("xt", generation=generation)


def _body(config: FollowConfig, adapter: Adapter) -> dict[str, Any]:
    (request,) = translate(config, exchange=adapter).requests
    assert (request.method, request.query) == ("POST", "")
    assert request.headers == {"Content-Type": "application/json"}
    body: dict[str, Any] = json.loads(request.body, parse_float=Decimal)
    return body


def _text(config: FollowConfig, adapter: Adapter) -> str:
    (request,) = translate(config, exchange=adapter).requests
    return request.body.decode()


def _refused(config: FollowConfig, adapter: Adapter) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        translate(config, exchange=adapter)
    assert caught.value.exchange == "xt"
    return caught.value


# ------------------------------------------------------------------ generations


@pytest.mark.parametrize(
    ("given", "path", "key"),
    [
        ({}, "/v4/account/copy-trade/follow", "leaderOrderId"),
        ({"generation": "v4"}, "/v4/account/copy-trade/follow", "leaderOrderId"),
        ({"generation": "v1"}, "/v1/copy-trade-account/copy-trade/follow", "leaderAccountId"),
    ],
)
def test_each_generation_has_its_address_and_its_name_for_the_leader(
    make_config: Make, adapter_with: With, given: dict[str, str], path: str, key: str
) -> None:
    (request,) = translate(make_config(), exchange=adapter_with("xt", **given)).requests
    assert request.target == path
    assert next(iter(json.loads(request.body))) == key


def test_the_generation_is_chosen_by_the_environment(make_config: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XT_GENERATION", "v1")
    assert translate(make_config(), exchange="xt").form == "v1"


def test_a_config_that_sets_only_what_it_must_tells_xt_nothing_else(
    make_config: Make, unchosen: Adapter, generation: str
) -> None:
    assert _text(make_config(), unchosen) == (
        f'{{"{LEADER_KEYS[generation]}":123123123,"followType":"FUND","followVal":330,'
        '"followLossOperate":"LEADER_CLOSE","autoFollowSymbol":false,"symbols":"btc_usdt"}'
    )


def test_the_keys_keep_the_order_of_the_documents(make_config: Make, chosen: Adapter, generation: str) -> None:
    config = make_config(stop_loss="0.1", take_profit="0.2", loss_limit=5, on_stop=OnStop.CLOSE_NOW)
    assert list(_body(config, chosen)) == [
        LEADER_KEYS[generation],
        "followType",
        "followVal",
        "followLoss",
        "followLossOperate",
        "triggerStopRate",
        "triggerProfitRate",
        "autoFollowSymbol",
        "symbols",
    ]


# ------------------------------------------------------------------ translations


@pytest.mark.parametrize("leader_id", ["1", "5589391507863", "9007199254740993", str(2**63 - 1)])
def test_the_leader_s_id_is_a_whole_number_of_its_own_digits(
    make_config: Make, unchosen: Adapter, generation: str, leader_id: str
) -> None:
    assert f'"{LEADER_KEYS[generation]}":{leader_id},' in _text(make_config(leader_id=leader_id), unchosen)


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"sizing": FixedAmount("330")}, '"followType":"FUND","followVal":330,'),
        ({"sizing": FixedAmount("0.10")}, '"followType":"FUND","followVal":0.10,'),
        ({"sizing": FixedAmount("0.0000001")}, '"followType":"FUND","followVal":0.0000001,'),
        ({"sizing": FixedAmount(Decimal("1E+3"))}, '"followType":"FUND","followVal":1000,'),
        ({"sizing": FixedAmount(FORTY_DIGITS)}, f'"followType":"FUND","followVal":{FORTY_DIGITS},'),
        ({"sizing": Multiplier(1)}, '"followType":"RATE","followVal":1,'),
        ({"sizing": Multiplier("0.5")}, '"followType":"RATE","followVal":0.5,'),
        ({"symbols": ["BTC/BTC"], "sizing": Multiplier(1)}, '"symbols":"btc_btc"'),
        ({"symbols": ["XT/USDT", "BTC/USDT"]}, '"symbols":"xt_usdt,btc_usdt"'),
        ({"symbols": ["龙虾/USDT"]}, '"symbols":"龙虾_usdt"'),
        ({"symbols": ["БИТ/USDT"]}, '"symbols":"бит_usdt"'),
        ({"follow_new_symbols": True}, '"autoFollowSymbol":true'),
        ({"follow_new_symbols": False}, '"autoFollowSymbol":false'),
        ({"stop_loss": "0.2"}, '"triggerStopRate":0.2'),
        ({"take_profit": "0.35"}, '"triggerProfitRate":0.35'),
        ({"loss_limit": "150.50"}, '"followLoss":150.50,'),
        ({"on_stop": OnStop.CLOSE_WITH_LEADER}, '"followLossOperate":"LEADER_CLOSE"'),
        ({"on_stop": OnStop.CLOSE_WITH_LEADER, "loss_limit": 5}, '"followLossOperate":"LEADER_CLOSE"'),
        ({"on_stop": OnStop.CLOSE_NOW, "loss_limit": 5}, '"followLossOperate":"MARKET_SELL"'),
        ({"on_stop": OnStop.LEAVE_OPEN, "loss_limit": 5}, '"followLossOperate":"MANUAL_PROCESS"'),
        ({"direction": Direction.SAME}, '"followType":"FUND"'),
        (
            {
                "symbols": [
                    SymbolRule("BTC/USDT", sizing=Multiplier(2)),
                    SymbolRule("XT/USDT", sizing=Multiplier("2.0")),
                ]
            },
            '"followType":"RATE","followVal":2,',
        ),
        (
            {"symbols": ["A/USDT", SymbolRule("B/USDT", stop_loss="0.20")], "stop_loss": "0.2"},
            '"triggerStopRate":0.2',
        ),
    ],
)
def test_a_field_is_told_in_the_words_of_xt(
    make_config: Make, chosen: Adapter, fields: dict[str, Any], sent: str
) -> None:
    assert sent in _text(make_config(**fields), chosen)


@pytest.mark.parametrize(
    ("unit", "ratio", "rate"),
    [
        ("fraction", "0.2", "0.2"),
        ("fraction", "0.0000001", "0.0000001"),
        ("percent", "0.2", "20"),
        ("percent", "0.125", "12.5"),
        ("percent", "4", "400"),
        ("percent", "0.0000001", "0.00001"),
    ],
)
@pytest.mark.parametrize(("field", "key"), [("stop_loss", "triggerStopRate"), ("take_profit", "triggerProfitRate")])
def test_a_rate_is_sent_in_the_unit_that_was_chosen(  # noqa: PLR0913, PLR0917 (two tables)
    make_config: Make,
    adapter_with: With,
    generation: str,
    unit: str,
    ratio: str,
    rate: str,
    field: str,
    key: str,
) -> None:
    adapter = adapter_with("xt", generation=generation, rate_unit=unit)
    assert f'"{key}":{rate},' in _text(make_config(**{field: ratio}), adapter)


def test_the_units_may_be_chosen_by_the_environment(make_config: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XT_RATE_UNIT", "percent")
    monkeypatch.setenv("XT_LOSS_UNIT", "quote")
    (request,) = translate(make_config(stop_loss="0.2", loss_limit=5), exchange="xt").requests
    assert b'"followLoss":5,' in request.body
    assert b'"triggerStopRate":20,' in request.body


def test_a_multiplier_takes_pairs_of_any_quote(make_config: Make, unchosen: Adapter) -> None:
    body = _body(make_config(symbols=["ETH/BTC", "BTC/USDT"], sizing=Multiplier(1)), unchosen)
    assert body["symbols"] == "eth_btc,btc_usdt"


def test_many_pairs_go_into_one_follow(make_config: Make, unchosen: Adapter) -> None:
    body = _body(make_config(symbols=[f"C{n}/USDT" for n in range(50)]), unchosen)
    assert len(body["symbols"].split(",")) == 50


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("fields", "path", "told"),
    [
        # the leader
        ({"leader_id": "abc"}, "leader_id", "'abc' is no account id of XT"),
        ({"leader_id": "0"}, "leader_id", "without a leading zero"),
        ({"leader_id": "0123"}, "leader_id", "without a leading zero"),
        ({"leader_id": "-5"}, "leader_id", "is no account id of XT"),
        ({"leader_id": "5.0"}, "leader_id", "is no account id of XT"),
        ({"leader_id": "\u0665"}, "leader_id", "is no account id of XT"),
        ({"leader_id": "\u00b2"}, "leader_id", "is no account id of XT"),
        ({"leader_id": str(2**63)}, "leader_id", f"up to {2**63 - 1}"),
        ({"leader_id": "9" * 128}, "leader_id", f"up to {2**63 - 1}"),
        # sizing
        ({"sizing": FixedQuantity(1)}, "sizing", "FixedAmount or Multiplier"),
        ({"sizing": Proportional(500)}, "sizing", "FixedAmount or Multiplier"),
        (
            {"symbols": [SymbolRule("A/USDT", sizing=FixedQuantity(1))]},
            "symbols[0].sizing",
            "FixedAmount or Multiplier",
        ),
        ({"symbols": ["ETH/BTC"]}, "sizing", "in USDT, and ETH/BTC is not quoted in it; use Multiplier"),
        ({"symbols": ["BTC/USDT", "ETH/BTC"]}, "sizing", "ETH/BTC is not quoted in it"),
        ({"symbols": [SymbolRule("ETH/USDC", sizing=FixedAmount(1))]}, "symbols[0].sizing", "ETH/USDC"),
        # symbols
        ({"symbols": ALL_SYMBOLS}, "symbols", "list them instead of ALL_SYMBOLS"),
        ({"symbols": ["BTC/USDT:USDT"]}, "symbols[0]", "this is XT spot; write BTC/USDT"),
        ({"symbols": ["XT/USDT", "BTC/USDT:USDT"]}, "symbols[1]", "write BTC/USDT"),
        ({"symbols": ["A/USDT", "K/USDT", "\u1e9e/USDT"]}, "symbols[2]", "another pair in lower case"),
        # rules
        (
            {"symbols": ["A/USDT", SymbolRule("B/USDT", sizing=Multiplier(2))]},
            "symbols[1].sizing",
            "differs from A/USDT",
        ),
        ({"symbols": [SymbolRule("A/USDT", sizing=Multiplier(2)), "B/USDT"]}, "symbols[0].sizing", "differs"),
        ({"symbols": ["A/USDT", SymbolRule("B/USDT", stop_loss="0.1")]}, "symbols[1].stop_loss", "differs from A/USDT"),
        ({"symbols": ["A/USDT", SymbolRule("B/USDT", take_profit="0.1")]}, "symbols[1].take_profit", "differs"),
        # what spot does not have
        ({"margin_mode": MarginMode.LEADER}, "margin_mode", "XT spot has no margin mode"),
        ({"margin_mode": MarginMode.CROSS}, "margin_mode", "XT spot has no margin mode"),
        ({"leverage": LeaderLeverage()}, "leverage", "XT spot has no leverage"),
        ({"leverage": PositionLeverage()}, "leverage", "XT spot has no leverage"),
        ({"leverage": FixedLeverage(long=1, short=1)}, "leverage", "XT spot has no leverage"),
        ({"symbols": [SymbolRule("A/USDT", leverage=LeaderLeverage())]}, "symbols[0].leverage", "no leverage"),
        ({"symbols": [SymbolRule("A/USDT", margin_mode=MarginMode.OWN)]}, "symbols[0].margin_mode", "no margin mode"),
        ({"max_position": 5}, "max_position", "XT has no cap per pair"),
        ({"symbols": [SymbolRule("A/USDT", max_position=5)]}, "symbols[0].max_position", "XT has no cap per pair"),
        ({"max_total": 5}, "max_total", "XT has no cap over all copied orders"),
        ({"direction": Direction.REVERSE}, "direction", "only in the leader's direction"),
        # the loss limit
        ({"on_stop": OnStop.CLOSE_NOW}, "on_stop", "only together with a loss_limit"),
        ({"on_stop": OnStop.LEAVE_OPEN}, "on_stop", "only together with a loss_limit"),
        (
            {"symbols": ["ETH/BTC", "BTC/USDT"], "sizing": Multiplier(1), "loss_limit": 5},
            "loss_limit",
            "quoted in BTC and USDT",
        ),
    ],
)
def test_what_xt_cannot_express_is_refused_by_name(
    make_config: Make, chosen: Adapter, fields: dict[str, Any], path: str, told: str
) -> None:
    error = _refused(make_config(**fields), chosen)
    assert error.field == path
    assert told in error.reason


def test_a_pair_whose_name_would_become_that_of_another_pair_is_refused(make_config: Make, unchosen: Adapter) -> None:
    assert _refused(make_config(symbols=["\u1e9e/USDT"]), unchosen).field == "symbols[0]"  # the capital sharp s


@pytest.mark.parametrize(
    ("fields", "path", "hint"),
    [
        ({"stop_loss": "0.2"}, "stop_loss", "rate_unit='fraction' or 'percent' on the adapter, or XT_RATE_UNIT"),
        ({"take_profit": "0.2"}, "take_profit", "rate_unit='fraction' or 'percent' on the adapter, or XT_RATE_UNIT"),
        ({"symbols": [SymbolRule("A/USDT", stop_loss="0.2")]}, "symbols[0].stop_loss", "XT_RATE_UNIT"),
        ({"symbols": [SymbolRule("A/USDT", take_profit="0.2")]}, "symbols[0].take_profit", "XT_RATE_UNIT"),
        ({"loss_limit": 5}, "loss_limit", "loss_unit='quote' on the adapter, or XT_LOSS_UNIT"),
    ],
)
def test_a_unit_that_xt_does_not_document_is_never_guessed(
    make_config: Make, unchosen: Adapter, fields: dict[str, Any], path: str, hint: str
) -> None:
    error = _refused(make_config(**fields), unchosen)
    assert error.field == path
    assert hint in error.reason


# ------------------------------------------------------------------ fates


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("leader_id", Fate.SENT),
        ("sizing", Fate.SENT),
        ("symbols", Fate.SENT),
        ("follow_new_symbols", Fate.SENT),
        ("stop_loss", Fate.NOT_SET),
        ("take_profit", Fate.NOT_SET),
        ("margin_mode", Fate.LEFT_TO_VENUE),
        ("leverage", Fate.LEFT_TO_VENUE),
        ("max_position", Fate.NOT_SET),
        ("max_total", Fate.NOT_SET),
        ("loss_limit", Fate.NOT_SET),
        ("on_stop", Fate.SENT),
        ("direction", Fate.IMPLIED),
        ("venue", Fate.NOT_SET),
    ],
)
def test_a_translation_says_what_becomes_of_each_field(
    make_config: Make, unchosen: Adapter, name: str, fate: Fate
) -> None:
    assert translate(make_config(), exchange=unchosen).fields[name].fate is fate


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("sizing", (("followType", "FUND"), ("followVal", "330"))),
        ("symbols", (("symbols", "btc_usdt"),)),
        ("follow_new_symbols", (("autoFollowSymbol", "true"),)),
        ("stop_loss", (("triggerStopRate", "0.2"),)),
        ("take_profit", (("triggerProfitRate", "0.0000001"),)),
        ("loss_limit", (("followLoss", "150"),)),
        ("on_stop", (("followLossOperate", "MARKET_SELL"),)),
    ],
)
def test_a_translation_says_under_which_key_a_field_travels(
    make_config: Make, chosen: Adapter, name: str, sent: tuple[tuple[str, str], ...]
) -> None:
    config = make_config(
        follow_new_symbols=True, stop_loss="0.2", take_profit="0.0000001", loss_limit=150, on_stop=OnStop.CLOSE_NOW
    )
    assert translate(config, exchange=chosen).fields[name].sent == sent


def test_the_leader_travels_under_the_name_of_its_generation(
    make_config: Make, unchosen: Adapter, generation: str
) -> None:
    fate = translate(make_config(), exchange=unchosen).fields["leader_id"]
    assert fate.sent == ((LEADER_KEYS[generation], "123123123"),)


@pytest.mark.parametrize(
    ("fields", "name", "option"),
    [({"stop_loss": "0.2"}, "stop_loss", "rate_unit"), ({"loss_limit": 5}, "loss_limit", "loss_unit")],
)
def test_a_unit_that_the_caller_chose_is_flagged_as_undocumented(
    make_config: Make, chosen: Adapter, fields: dict[str, Any], name: str, option: str
) -> None:
    assert option in translate(make_config(**fields), exchange=chosen).fields[name].undocumented
