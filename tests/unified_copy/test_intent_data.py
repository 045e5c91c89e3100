"""What is wanted can be written down in the words of config files, and is the same when it is read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from products import PRODUCTS, examples

from unified_copy import (
    ALL_SYMBOLS,
    KEEP,
    CopiedPosition,
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
    Side,
    SymbolRule,
)
from unified_copy.adapter import Operation
from unified_copy.errors import ConfigError
from unified_copy.files import read_file, structure_config, unstructure_config
from unified_copy.intent_data import intent_of, words_of
from unified_copy.intents import Close, Follow, Intent, Protect, Unfollow

POSITION = CopiedPosition(
    exchange="bazaar", position_id="41", symbol=Pair("BTC", "USDT", "USDT"), side=Side.LONG, leader_id="7"
)
CLOSING: Mapping[str, Any] = {"position_id": "41", "symbol": "BTC/USDT", "side": "long", "leader_id": "7"}
EVERYTHING = FollowConfig(
    leader_id="7",
    sizing=FixedAmount("330.50"),
    symbols=[
        "BTC/USDT",
        "ETH/USDT:USDT",
        SymbolRule(
            "月亮/USDT",
            sizing=Multiplier("0.1"),
            stop_loss="0.10",
            take_profit="0.2",
            margin_mode=MarginMode.CROSS,
            leverage=FixedLeverage(long=10, short="5.5"),
            max_position=3,
        ),
        SymbolRule("SOL/USDT", leverage=LeaderLeverage()),
    ],
    follow_new_symbols=True,
    stop_loss="0.3",
    take_profit="1.5",
    margin_mode=MarginMode.OWN,
    leverage=PositionLeverage(),
    max_position="1",
    max_total="1000",
    loss_limit="50",
    on_stop=OnStop.LEAVE_OPEN,
    direction=Direction.REVERSE,
)
INTENTS: list[Intent[Any]] = [
    Follow(config=EVERYTHING),
    Unfollow(leader_id="7"),
    Unfollow(leader_id="7", on_stop=OnStop.CLOSE_NOW),
    Close(position=POSITION),
    Close(position=attrs.evolve(POSITION, leader_id=None)),
    Protect(position=POSITION, take_profit_price=Decimal("1E+2"), stop_loss_price=None),
    Protect(position=POSITION, take_profit_price=KEEP, stop_loss_price=Decimal("0.10")),
]


@pytest.mark.parametrize("intent", INTENTS, ids=str)
def test_what_is_wanted_survives_being_written_down(intent: Intent[Any]) -> None:
    written = json.loads(json.dumps(words_of(intent)))
    assert intent_of(intent.operation, written, "bazaar") == intent


def test_what_only_the_venue_told_of_a_position_is_not_written_down() -> None:
    position = attrs.evolve(POSITION, handle={"token": "1"}, raw={"row": 1}, margin=Decimal(5))
    assert words_of(Close(position=position)) == words_of(Close(position=POSITION))


@pytest.mark.parametrize("exchange", PRODUCTS)
def test_every_config_that_a_product_takes_survives(exchange: str) -> None:
    configs = [config for _, config in examples(exchange)]
    read = [structure_config(json.loads(json.dumps(unstructure_config(each))), exchange=exchange) for each in configs]
    assert read == configs


@pytest.mark.parametrize(
    ("sizing", "written"),
    [
        (FixedAmount("330"), {"fixed_amount": "330"}),
        (FixedQuantity("0.010"), {"fixed_quantity": "0.010"}),
        (Multiplier(2), {"multiplier": "2"}),
        (Proportional("1000"), {"proportional": "1000"}),
    ],
)
def test_a_config_is_written_as_a_file_would_and_without_its_defaults(
    sizing: FixedAmount, written: Mapping[str, str]
) -> None:
    config = FollowConfig(leader_id="7", sizing=sizing, symbols=ALL_SYMBOLS)
    assert unstructure_config(config) == {"leader_id": "7", "sizing": written, "symbols": "all"}


def test_what_is_written_can_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "follow.json"
    file.write_text(json.dumps(unstructure_config(EVERYTHING)), encoding="utf-8")
    (follow,) = read_file(file).follows
    assert follow.config == EVERYTHING


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Operation.FOLLOW, {"leader_id": "7"}),
        (Operation.UNFOLLOW, {"leader_id": "7"}),
        (Operation.UNFOLLOW, {"leader_id": "7", "on_stop": "sometimes"}),
        (Operation.UNFOLLOW, {"leader_id": 7, "on_stop": None}),
        (Operation.CLOSE, {**CLOSING, "side": "up"}),
        (Operation.CLOSE, {**CLOSING, "symbol": "BTC"}),
        (Operation.CLOSE, {**CLOSING, "symbol": None}),
        (Operation.PROTECT, CLOSING),
        (Operation.PROTECT, {**CLOSING, "take_profit_price": "many", "stop_loss_price": None}),
        (Operation.PROTECT, {**CLOSING, "take_profit_price": "keep", "stop_loss_price": "keep"}),
        (Operation.SETTINGS, {"leader_id": "7"}),
    ],
)
def test_words_that_are_none_of_the_operation_are_refused(operation: Operation, words: Mapping[str, Any]) -> None:
    with pytest.raises(ConfigError):
        intent_of(operation, words, "bazaar")
