"""Every cell of the translation table for OKX: a translation, or a refusal that names the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
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

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "okx.json").read_text(encoding="utf-8")
)
EVERYTHING = FollowConfig(
    leader_id="25CD5A80241D6FE6",
    sizing=Multiplier(1),
    symbols=ALL_SYMBOLS,
    follow_new_symbols=True,
    margin_mode=MarginMode.CROSS,
    max_total=500,
)
TWO_PAIRS = FollowConfig(
    leader_id="381749205163847291",
    sizing=FixedAmount(50),
    symbols=["BTC/USDT", "ETH/USDT:USDT"],
    margin_mode=MarginMode.LEADER,
    max_total=500,
    take_profit="0.2",
    stop_loss="0.1",
    loss_limit=100,
    on_stop=OnStop.CLOSE_NOW,
)


def _body(config: FollowConfig) -> dict[str, Any]:
    (request,) = translate(config, exchange="okx").requests
    assert (request.method, request.target) == ("POST", "/api/v5/copytrading/first-copy-settings")
    assert request.headers == {"Content-Type": "application/json"}
    body: dict[str, Any] = json.loads(request.body)
    return body


def _refused(config: FollowConfig) -> ConfigError:
    with pytest.raises(UnsupportedError) as caught:
        translate(config, exchange="okx")
    assert caught.value.exchange == "okx"
    return caught.value


@pytest.mark.parametrize(("index", "config"), [(0, EVERYTHING), (1, TWO_PAIRS)])
def test_the_examples_of_the_documents_come_out_byte_for_byte(index: int, config: FollowConfig) -> None:
    (request,) = translate(config, exchange="okx").requests
    assert request.body.decode() == VECTORS[index]["request"]["body"]


def test_a_config_that_sets_only_what_it_must_sends_only_that(make_config: Make) -> None:
    assert _body(make_config(max_total="330")) == {
        "instType": "SWAP",
        "uniqueCode": "123123123",
        "copyMgnMode": "copy",
        "copyInstIdType": "custom",
        "instId": "BTC-USDT-SWAP",
        "copyMode": "fixed_amount",
        "copyAmt": "330",
        "copyTotalAmt": "330",
        "subPosCloseType": "copy_close",
    }


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({"sizing": FixedAmount("330.50")}, {"copyMode": "fixed_amount", "copyAmt": "330.50"}),
        ({"sizing": Multiplier("0.01")}, {"copyMode": "ratio_copy", "copyRatio": "0.01"}),
        ({"sizing": Multiplier("1000000000")}, {"copyRatio": "1000000000"}),
        ({"symbols": ["龙虾/USDT", "1000PEPE/USDT"]}, {"instId": "龙虾-USDT-SWAP,1000PEPE-USDT-SWAP"}),
        ({"stop_loss": "0.10"}, {"slRatio": "0.10"}),
        ({"take_profit": Decimal("1E-7")}, {"tpRatio": "0.0000001"}),
        ({"margin_mode": MarginMode.LEADER}, {"copyMgnMode": "copy"}),
        ({"margin_mode": MarginMode.CROSS}, {"copyMgnMode": "cross"}),
        ({"margin_mode": MarginMode.ISOLATED}, {"copyMgnMode": "isolated"}),
        ({"max_total": Decimal("1E+3")}, {"copyTotalAmt": "1000"}),
        ({"loss_limit": "99.9"}, {"slTotalAmt": "99.9"}),
        ({"on_stop": OnStop.CLOSE_WITH_LEADER}, {"subPosCloseType": "copy_close"}),
        ({"on_stop": OnStop.CLOSE_NOW}, {"subPosCloseType": "market_close"}),
        ({"on_stop": OnStop.LEAVE_OPEN}, {"subPosCloseType": "manual_close"}),
        ({"leader_id": "381749205163847291"}, {"uniqueCode": "381749205163847291"}),
    ],
)
def test_a_field_travels_in_okx_words(make_config: Make, fields: dict[str, Any], keys: dict[str, str]) -> None:
    assert _body(make_config(**{"max_total": 500, **fields})).items() >= keys.items()


def test_terms_that_all_pairs_share_are_the_follow_s(make_config: Make) -> None:
    rules = [SymbolRule("BTC/USDT", stop_loss="0.1"), SymbolRule("ETH/USDT", stop_loss="0.1")]
    assert _body(make_config(symbols=rules, max_total=500))["slRatio"] == "0.1"


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"sizing": FixedQuantity(1)}, "sizing", "no fixed quantity"),
        ({"sizing": Proportional(500)}, "sizing", "59292"),
        ({"symbols": ALL_SYMBOLS}, "follow_new_symbols", "added later too"),
        ({"follow_new_symbols": True}, "follow_new_symbols", "use ALL_SYMBOLS"),
        ({"symbols": ["BTC/USDT", "ETH/USDC"]}, "symbols[1]", "pairs in USDT"),
        ({"symbols": ["BTC/USD"]}, "symbols[0]", "BTC/USD"),
        ({"symbols": ["BTC/USDT:BTC"]}, "symbols[0]", "BTC/USDT:BTC"),
        ({"symbols": ["BTC/USDT", "BTC/USDT:USDT"]}, "symbols[1]", "BTC-USDT-SWAP"),
        ({"symbols": ["ETH/USDT", SymbolRule("BTC/USDT", stop_loss="0.1")]}, "symbols[1].stop_loss", "differs"),
        (
            {"symbols": ["ETH/USDT", SymbolRule("BTC/USDT", sizing=FixedQuantity(1))]},
            "symbols[1].sizing",
            "no fixed quantity",
        ),
        ({"margin_mode": MarginMode.OWN}, "margin_mode", "LEADER, CROSS or ISOLATED"),
        ({"leverage": LeaderLeverage()}, "leverage", "PositionLeverage"),
        ({"leverage": FixedLeverage(long=5, short=5)}, "leverage", "PositionLeverage"),
        ({"max_position": 5}, "max_position", "max_total"),
        ({"max_total": None}, "max_total", "demands a cap"),
        ({"max_total": "329.99"}, "max_total", "below the 330 per order"),
        ({"direction": Direction.REVERSE}, "direction", "leader's direction"),
    ],
)
def test_what_okx_cannot_do_is_refused_by_name(
    make_config: Make, fields: dict[str, Any], field: str, reason: str
) -> None:
    error = _refused(make_config(**{"max_total": 500, **fields}))
    assert error.field == field
    assert reason in error.reason


def test_what_an_amount_counts_is_flagged_as_undocumented() -> None:
    fate = translate(TWO_PAIRS, exchange="okx").fields["sizing"]
    assert "margin or the value of the order" in fate.undocumented


def test_the_account_s_own_leverage_is_what_okx_does_anyway(make_config: Make) -> None:
    config = make_config(leverage=PositionLeverage(), max_total=500)
    assert translate(config, exchange="okx").fields["leverage"].fate is Fate.IMPLIED
    assert _body(config) == _body(make_config(max_total=500))


@pytest.mark.parametrize("leader_id", ["龙虾", "25CD-5A80", "٣", "a&b"])
def test_an_id_that_okx_never_gave_is_refused(make_config: Make, leader_id: str) -> None:
    with pytest.raises(ConfigError, match="letters and digits") as caught:
        translate(make_config(leader_id=leader_id, max_total=500), exchange="okx")
    assert caught.value.field == "leader_id"
