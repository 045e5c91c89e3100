"""A follow in XT's words, and XT's words as a follow.

XT has one set of terms per follow, and its documents leave two units open: whether the rates of stop loss and take
profit are fractions or percent, and what ``followLoss`` counts. Both are refused until the caller chooses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, Raw, UnsetType

from unified_copy.decimals import positive
from unified_copy.errors import UnsupportedError
from unified_copy.fields import Fields, implied, left, sent
from unified_copy.model import Direction, FollowConfig
from unified_copy.pairs import Pair
from unified_copy.terms import FixedAmount, Multiplier, SymbolRule, stop_loss_ratio, take_profit_ratio
from unified_copy.wire import json_number
from unified_copy_xt import terms
from unified_copy_xt.wire import AccountId, Follow, ShownFollow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from unified_copy.answers import Reading

NAME: Final = "xt"


def _fields(leader_key: str) -> Fields:
    return {
        **terms.fields(leader_key),
        "sizing": sent(
            "followType",
            "followVal",
            takes=(FixedAmount, Multiplier),
            refusal="XT spot takes FixedAmount or Multiplier",
            within="FixedAmount for pairs quoted in USDT only",
        ),
        "margin_mode": left("spot has no margin mode", refusal="XT spot has no margin mode; leave it out"),
        "leverage": left("spot has no leverage", refusal="XT spot has no leverage; leave it out"),
        "direction": implied(
            "copies in the leader's direction", Direction.SAME, refusal="XT spot copies only in the leader's direction"
        ),
    }


LEADER_KEYS: Final = {"v4": "leaderOrderId", "v1": "leaderAccountId"}
FORMS: Final[Mapping[str, Fields]] = {generation: _fields(key) for generation, key in LEADER_KEYS.items()}


# ------------------------------------------------------------------ out


def follow(config: FollowConfig, *, generation: str, rate_unit: str | None) -> Follow:
    """Return the body that makes XT follow.

    Raises ``ConfigError`` naming the field that XT cannot express.
    """
    common = config.rules[0]
    kind, value = terms.sizing(config, common, NAME)
    leader = account_id(config.leader_id)
    return Follow(
        leaderOrderId=leader if generation == "v4" else UNSET,
        leaderAccountId=leader if generation == "v1" else UNSET,
        followType=kind,
        followVal=json_number(value),
        followLoss=_number(terms.loss(config, NAME)),
        followLossOperate=terms.operate(config, NAME),
        triggerStopRate=_number(terms.rate(common.stop_loss, rate_unit)),
        triggerProfitRate=_number(terms.rate(common.take_profit, rate_unit)),
        autoFollowSymbol=config.follow_new_symbols,
        symbols=",".join([_symbol(index, rule.symbol) for index, rule in enumerate(config.rules)]),
    )


def account_id(leader_id: str) -> AccountId:
    """Return a leader's id as the 64-bit number that XT takes; raises ``ConfigError`` for anything else."""
    return AccountId(terms.whole_id(leader_id, NAME))


def _symbol(index: int, pair: Pair) -> str:
    if pair.settle:
        reason = f"{pair} names a contract, and this is XT spot; write {pair.base}/{pair.quote}"
        raise UnsupportedError(f"symbols[{index}]", reason, NAME)
    return terms.symbol(index, pair, NAME)


def _number(value: Decimal | None) -> Raw | UnsetType:
    return UNSET if value is None else json_number(value)


# ------------------------------------------------------------------ in


def config_fields(
    shown: ShownFollow, reading: Reading, *, rate_unit: str | None, loss_unit: str | None
) -> dict[str, Any]:
    """Return what XT shows as the fields of settings; what cannot be read is noted in ``reading``."""
    words = f"followType={shown.followType} followVal={shown.followVal}"
    return {
        "sizing": reading.field(
            "sizing", words, lambda: terms.SIZINGS[str(shown.followType)](positive(shown.followVal, "sizing"))
        ),
        "symbols": reading.field(
            "symbols", f"followSymbols={shown.followSymbols}", lambda: _rules(shown.followSymbols)
        ),
        "follow_new_symbols": reading.field(
            "follow_new_symbols", f"autoFollowSymbol={shown.autoFollowSymbol}", lambda: _truth(shown.autoFollowSymbol)
        ),
        "stop_loss": terms.shown_rate(reading, "stop_loss", shown.triggerStopRate, rate_unit, stop_loss_ratio),
        "take_profit": terms.shown_rate(reading, "take_profit", shown.triggerProfitRate, rate_unit, take_profit_ratio),
        "loss_limit": terms.shown_loss(reading, shown.followLoss, loss_unit),
        "on_stop": reading.field(
            "on_stop",
            f"followLossOperate={shown.followLossOperate}",
            lambda: terms.ON_STOPS[str(shown.followLossOperate)],
        ),
    }


def _rules(symbols: list[str] | None) -> tuple[SymbolRule, ...]:
    if not symbols:
        message = "no symbols"
        raise ValueError(message)
    return tuple(SymbolRule(pair(name)) for name in symbols)


def pair(name: str) -> Pair:
    """Return the pair that XT calls ``name``; raises ``ConfigError`` for what is none."""
    base, _, quote = name.upper().partition("_")
    return Pair(base, quote)


def _truth(value: bool | None) -> bool:  # noqa: FBT001 (the value itself, not a switch)
    if value is None:
        message = "neither true nor false"
        raise ValueError(message)
    return value
