"""A follow in XT's words, and XT's words as a follow.

XT has one set of terms per follow, and its documents leave two units open: whether the rates of stop loss and take
profit are fractions or percent, and what ``followLoss`` counts. Both are refused until the caller chooses.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, Raw, UnsetType

from unified_copy.decimals import positive, shifted
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.fields import Fields, implied, left, refused, sent
from unified_copy.model import (
    Direction,
    FixedAmount,
    FollowConfig,
    Multiplier,
    OnStop,
    Pair,
    Sizing,
    SymbolRule,
    stop_loss_ratio,
    take_profit_ratio,
)
from unified_copy.translation import uniform_rule
from unified_copy.wire import json_number
from unified_copy_xt.wire import AccountId, Follow, ShownFollow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from unified_copy.answers import Reading

NAME: Final = "xt"
MAX_ID: Final = 2**63 - 1

RATE_PLACES: Final[Mapping[str, int]] = {"fraction": 0, "percent": 2}
"""By how many places the point moves from our fraction to XT's rate."""


def _fields(leader_key: str) -> Fields:
    return {
        "leader_id": sent(leader_key, within="digits without a leading zero, of 64 bits"),
        "sizing": sent(
            "followType",
            "followVal",
            takes=(FixedAmount, Multiplier),
            refusal="XT spot takes FixedAmount or Multiplier",
            within="FixedAmount for pairs quoted in USDT only",
        ),
        "symbols": sent(
            "symbols",
            takes=(tuple,),
            refusal="XT wants the pairs by name; list them instead of ALL_SYMBOLS",
            within="the same terms for all pairs",
        ),
        "follow_new_symbols": sent("autoFollowSymbol"),
        "stop_loss": sent(
            "triggerStopRate",
            within="rate_unit must be chosen",
            undocumented="XT does not say whether it is a fraction or percent; rate_unit decides",
        ),
        "take_profit": sent(
            "triggerProfitRate",
            within="rate_unit must be chosen",
            undocumented="XT does not say whether it is a fraction or percent; rate_unit decides",
        ),
        "margin_mode": left("spot has no margin mode", refusal="XT spot has no margin mode; leave it out"),
        "leverage": left("spot has no leverage", refusal="XT spot has no leverage; leave it out"),
        "max_position": refused("XT has no cap per pair"),
        "max_total": refused("XT has no cap over all copied orders"),
        "loss_limit": sent(
            "followLoss",
            within="loss_unit must be chosen; pairs of one quote",
            undocumented="XT does not say what it counts; loss_unit decides",
        ),
        "on_stop": sent("followLossOperate", within="other than CLOSE_WITH_LEADER only with a loss_limit"),
        "direction": implied(
            "copies in the leader's direction", Direction.SAME, refusal="XT spot copies only in the leader's direction"
        ),
    }


LEADER_KEYS: Final = {"v4": "leaderOrderId", "v1": "leaderAccountId"}
FORMS: Final[Mapping[str, Fields]] = {generation: _fields(key) for generation, key in LEADER_KEYS.items()}

_OPERATES: Final = {
    OnStop.CLOSE_WITH_LEADER: "LEADER_CLOSE",
    OnStop.CLOSE_NOW: "MARKET_SELL",
    OnStop.LEAVE_OPEN: "MANUAL_PROCESS",
}
_ON_STOPS: Final = {word: on_stop for on_stop, word in _OPERATES.items()}
_FOLLOW_TYPES: Final[Mapping[type, tuple[str, Callable[[Sizing | None], Decimal]]]] = {
    FixedAmount: ("FUND", attrgetter("amount")),
    Multiplier: ("RATE", attrgetter("multiple")),
}
_SIZINGS: Final[Mapping[str, Callable[[Decimal], Sizing]]] = {"FUND": FixedAmount, "RATE": Multiplier}


def _refuse(field: str, reason: str) -> UnsupportedError:
    return UnsupportedError(field, reason, NAME)


# ------------------------------------------------------------------ out


def follow(config: FollowConfig, *, generation: str, rate_unit: str | None, loss_unit: str | None) -> Follow:
    """Return the body that makes XT follow.

    Raises ``ConfigError`` naming the field that XT cannot express, or whose unit has not been chosen.
    """
    terms = uniform_rule(config, NAME)
    kind, value = _sizing(config, terms)
    if config.on_stop is not OnStop.CLOSE_WITH_LEADER and config.loss_limit is None:
        raise _refuse("on_stop", "XT heeds it only together with a loss_limit; set one, or use CLOSE_WITH_LEADER")
    return Follow(
        **{LEADER_KEYS[generation]: account_id(config.leader_id)},
        followType=kind,
        followVal=value,
        followLoss=_loss(config, loss_unit),
        followLossOperate=_OPERATES[config.on_stop],
        triggerStopRate=_rate(config, "stop_loss", terms.stop_loss, rate_unit),
        triggerProfitRate=_rate(config, "take_profit", terms.take_profit, rate_unit),
        autoFollowSymbol=config.follow_new_symbols,
        symbols=",".join(_symbol(index, rule.symbol) for index, rule in enumerate(config.rules)),
    )


def account_id(leader_id: str) -> AccountId:
    """Return a leader's id as the 64-bit number that XT takes; raises ``ConfigError`` for anything else."""
    if leader_id.isascii() and leader_id.isdigit() and leader_id[0] != "0" and int(leader_id) <= MAX_ID:
        return AccountId(int(leader_id))
    reason = f"{leader_id!r} is no account id of XT; it takes digits without a leading zero, up to {MAX_ID}"
    raise ConfigError("leader_id", reason, NAME)


def _sizing(config: FollowConfig, terms: SymbolRule) -> tuple[str, Raw]:
    kind, value = _FOLLOW_TYPES[type(terms.sizing)]
    for rule in config.rules:
        if kind == "FUND" and rule.symbol.quote != "USDT":
            reason = f"XT counts a fixed amount in USDT, and {rule.symbol} is not quoted in it; use Multiplier"
            raise _refuse(config.where("sizing", 0), reason)
    return kind, json_number(value(terms.sizing))


def _symbol(index: int, pair: Pair) -> str:
    if pair.settle:
        reason = f"{pair} names a contract, and this is XT spot; write {pair.base}/{pair.quote}"
        raise _refuse(f"symbols[{index}]", reason)
    name = f"{pair.base}_{pair.quote}"
    if name.lower().upper() != name:
        # The Kelvin sign, say, would become the pair of the letter K.
        reason = f"{pair} would mean another pair in lower case, as XT writes it"
        raise _refuse(f"symbols[{index}]", reason)
    return name.lower()


def _rate(config: FollowConfig, name: str, ratio: Decimal | None, unit: str | None) -> Raw | UnsetType:
    if ratio is None:
        return UNSET
    if unit is None:
        reason = (
            "XT does not document whether this rate is a fraction or percent, and the wrong guess costs money; choose "
            "with rate_unit='fraction' or 'percent' on the adapter, or XT_RATE_UNIT"
        )
        raise _refuse(config.where(name, 0), reason)
    return json_number(shifted(ratio, RATE_PLACES[unit]))


def _loss(config: FollowConfig, unit: str | None) -> Raw | UnsetType:
    if config.loss_limit is None:
        return UNSET
    if unit is None:
        reason = (
            "XT does not document the unit of its loss limit; choose with loss_unit='quote' on the adapter, or "
            "XT_LOSS_UNIT"
        )
        raise _refuse("loss_limit", reason)
    quotes = sorted({rule.symbol.quote for rule in config.rules})
    if len(quotes) > 1:
        reason = f"it counts in quote currency, and the pairs are quoted in {' and '.join(quotes)}; use one of them"
        raise _refuse("loss_limit", reason)
    return json_number(config.loss_limit)


# ------------------------------------------------------------------ in


def config_fields(
    shown: ShownFollow, reading: Reading, *, rate_unit: str | None, loss_unit: str | None
) -> dict[str, Any]:
    """Return what XT shows as the fields of settings; what cannot be read is noted in ``reading``."""
    words = f"followType={shown.followType} followVal={shown.followVal}"
    return {
        "sizing": reading.field(
            "sizing", words, lambda: _SIZINGS[str(shown.followType)](positive(shown.followVal, "sizing"))
        ),
        "symbols": reading.field(
            "symbols", f"followSymbols={shown.followSymbols}", lambda: _rules(shown.followSymbols)
        ),
        "follow_new_symbols": reading.field(
            "follow_new_symbols", f"autoFollowSymbol={shown.autoFollowSymbol}", lambda: _truth(shown.autoFollowSymbol)
        ),
        "stop_loss": _shown_rate(reading, "stop_loss", shown.triggerStopRate, rate_unit, stop_loss_ratio),
        "take_profit": _shown_rate(reading, "take_profit", shown.triggerProfitRate, rate_unit, take_profit_ratio),
        "loss_limit": _shown_loss(reading, shown.followLoss, loss_unit),
        "on_stop": reading.field(
            "on_stop", f"followLossOperate={shown.followLossOperate}", lambda: _ON_STOPS[str(shown.followLossOperate)]
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


def _shown_rate(
    reading: Reading,
    name: str,
    rate: Decimal | None,
    unit: str | None,
    read: Callable[[Decimal], Decimal | None],
) -> Decimal | None:
    """Return a rate as a fraction; one whose unit has not been chosen is shown and not read."""
    if not rate:
        return None
    return reading.field(
        name,
        f"{rate}, unit not chosen" if unit is None else str(rate),
        lambda: read(shifted(rate, -RATE_PLACES[str(unit)])),
    )


def _shown_loss(reading: Reading, loss: Decimal | None, unit: str | None) -> Decimal | None:
    if not loss:
        return None
    if unit is None:
        reading.unread["loss_limit"] = f"{loss}, unit not chosen"
        return None
    return reading.field("loss_limit", str(loss), lambda: positive(loss, "loss_limit"))
