"""What Bitget spot cannot express is refused by name, and the rest is told field by field."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from products import vectors

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
    Proportional,
    SymbolRule,
    VenueSettings,
    translate,
)
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.pairs import Pair
from unified_copy.translation import Fate
from unified_copy_bitget.spot.translate import QUOTES, pair, symbol

Make = Callable[..., FollowConfig]
Refusal = Callable[[Callable[[], object]], ConfigError]


class _Strange(VenueSettings):
    __slots__ = ()


@pytest.mark.parametrize(
    ("field", "fields", "says"),
    [
        ("max_position", {"max_position": None}, "demands a cap"),
        (
            "max_position",
            {"symbols": [SymbolRule("BTC/USDT", max_position=1), "ETH/USDT"], "max_position": None},
            "cap",
        ),
        ("sizing", {"sizing": Proportional(500)}, "proportional"),
        ("symbols[0].sizing", {"symbols": [SymbolRule("BTC/USDT", sizing=Proportional(500))]}, "proportional"),
        ("symbols", {"symbols": ALL_SYMBOLS}, "by name"),
        ("symbols[0]", {"symbols": ["BTC/USDT:USDT"]}, "write BTC/USDT"),
        ("symbols[1]", {"symbols": ["BTC/USDT", "BTC/USD"]}, "quoted in"),
        ("symbols[0]", {"symbols": ["AUSD/T"]}, "told apart"),
        ("sizing", {"symbols": ["ETH/BTC"]}, "in USDT only"),
        ("symbols[0].sizing", {"symbols": [SymbolRule("ETH/USDC", sizing=FixedAmount(5))]}, "in USDT only"),
        ("stop_loss", {"stop_loss": "0.105"}, "whole percent"),
        ("take_profit", {"take_profit": "0.001"}, "whole percent"),
        ("symbols[1].stop_loss", {"symbols": ["A/USDT", SymbolRule("B/USDT", stop_loss="0.015")]}, "whole percent"),
        ("margin_mode", {"margin_mode": MarginMode.LEADER}, "no margin mode"),
        ("symbols[0].margin_mode", {"symbols": [SymbolRule("A/USDT", margin_mode=MarginMode.OWN)]}, "no margin mode"),
        ("leverage", {"leverage": LeaderLeverage()}, "no leverage"),
        ("leverage", {"leverage": FixedLeverage(long=2, short=2)}, "no leverage"),
        ("max_total", {"max_total": 5}, "max_position"),
        ("loss_limit", {"loss_limit": 5}, "leave it out"),
        ("on_stop", {"on_stop": OnStop.CLOSE_NOW}, "CLOSE_WITH_LEADER"),
        ("on_stop", {"on_stop": OnStop.LEAVE_OPEN}, "CLOSE_WITH_LEADER"),
        ("direction", {"direction": Direction.REVERSE}, "leader's direction"),
        ("venue", {"venue": _Strange()}, "leave it out"),
        ("sizing", {"sizing": FixedQuantity(1), "follow_new_symbols": True}, "basic mode"),
        (
            "symbols[0].sizing",
            {"symbols": [SymbolRule("A/USDT", sizing=FixedQuantity(1))], "follow_new_symbols": True},
            "basic mode",
        ),
    ],
)
def test_a_refusal_names_the_field(
    make_config: Make, refusal_of: Refusal, field: str, fields: dict[str, Any], says: str
) -> None:
    config = make_config(**{"max_position": 1000, **fields})
    error = refusal_of(lambda: translate(config, exchange="bitget-spot"))
    assert isinstance(error, UnsupportedError)
    assert (error.field, error.exchange) == (field, "bitget-spot")
    assert says in error.reason


def test_every_field_that_is_set_has_a_fate(make_config: Make) -> None:
    config = make_config(
        max_position=1000, stop_loss="0.2", take_profit="0.5", follow_new_symbols=True, sizing=Multiplier(1)
    )
    translation = translate(config, exchange="bitget-spot")
    translation.check()
    assert all(translation.fields[name].fate is not Fate.NOT_SET for name in config.chosen)
    assert "disagree about the unit" in str(translation)


def test_no_quote_is_the_end_of_another() -> None:
    assert not [(one, other) for one in QUOTES for other in QUOTES if one != other and one.endswith(other)]


@pytest.mark.parametrize("quote", QUOTES)
@pytest.mark.parametrize("base", ["BTC", "1000PEPE", "龙虾", "USDT", "EUR", "БИТ"])
def test_a_pair_that_is_sent_reads_back_as_itself(base: str, quote: str) -> None:
    assert pair(symbol(Pair(base, quote))) == Pair(base, quote)


def test_a_pair_without_terms_of_its_own_shares_those_of_the_follow(make_config: Make) -> None:
    config = make_config(
        max_position=Decimal("7.50"), symbols=["A/USDT", SymbolRule("B/USDT", max_position=2), "C/USDT"]
    )
    (request,) = translate(config, exchange="bitget-spot").requests
    caps = [part.partition('"')[0] for part in request.body.decode().split('"maxHoldSize":"')[1:]]
    assert caps == ["7.50", "2", "7.50"]


def test_a_follow_becomes_the_bytes_that_an_independent_source_signed(make_config: Make) -> None:
    (signed,) = (each["request"] for each in vectors("bitget-spot") if "spot" in each["request"]["path"])
    terms = {"sizing": FixedAmount(100), "max_position": 1000, "stop_loss": "0.1", "take_profit": "0.1"}
    (request,) = translate(make_config(leader_id="abc123", **terms), exchange="bitget-spot").requests
    assert (request.path, request.body.decode()) == (signed["path"], signed["body"])
