"""A follow in XT futures' words, and XT futures' words as a follow.

There is one set of terms per follow. As on XT spot, the documents leave open whether the rates of stop loss and take
profit are fractions or percent, and what ``followLoss`` counts; both are refused until the caller chooses.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
from msgspec import UNSET, UnsetType

from unified_copy.decimals import plain, positive, shifted
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.fields import Fields, implied, left, refused, sent
from unified_copy.model import (
    Direction,
    FixedAmount,
    FollowConfig,
    Multiplier,
    OnStop,
    Pair,
    PositionLeverage,
    Sizing,
    SymbolRule,
    VenueSettings,
    stop_loss_ratio,
    take_profit_ratio,
)
from unified_copy.translation import distinct, uniform_rule
from unified_copy_xt.futures.wire import Follow, Relation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from unified_copy.answers import Reading

NAME: Final = "xt-futures"
MAX_ID: Final = 2**63 - 1
WALLETS: Final = ("SPOT", "FUTURES_U")

RATE_PLACES: Final[Mapping[str, int]] = {"fraction": 0, "percent": 2}
"""By how many places the point moves from our fraction to XT's rate."""


def _one_of_the_wallets(_instance: object, _attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in WALLETS:
        raise ConfigError("venue", f"transfer_from takes {' or '.join(map(repr, WALLETS))}, not {value!r}", NAME)


@attrs.frozen(kw_only=True)
class XtFuturesSettings(VenueSettings):
    """Say what XT futures must be told of every follow and no other exchange knows."""

    transfer_from: Literal["SPOT", "FUTURES_U"] = attrs.field(validator=_one_of_the_wallets)
    """The wallet that the money for copying is taken from: spot, or USDT-margined futures."""


_RATE: Final = "XT does not say whether it is a fraction or percent; rate_unit decides"
_CHOOSE_RATE: Final = "rate_unit must be chosen"

FIELDS: Final[Fields] = {
    "leader_id": sent("leaderAccountId", within="digits without a leading zero, of 64 bits"),
    "sizing": sent(
        "followType",
        "followVal",
        takes=(FixedAmount, Multiplier),
        refusal="XT futures takes FixedAmount or Multiplier",
        within="FixedAmount for pairs quoted in USDT only",
    ),
    "symbols": sent(
        "symbols",
        takes=(tuple,),
        refusal="XT wants the pairs by name; list them instead of ALL_SYMBOLS",
        within="the same terms for all pairs",
    ),
    "follow_new_symbols": sent("autoFollowSymbol"),
    "stop_loss": sent("triggerStopRate", within=_CHOOSE_RATE, undocumented=_RATE),
    "take_profit": sent("triggerProfitRate", within=_CHOOSE_RATE, undocumented=_RATE),
    "margin_mode": left(
        "XT does not document the margin mode of copied positions", refusal="XT cannot be told it; leave it out"
    ),
    "leverage": implied(
        "the account's own leverage for the pair",
        PositionLeverage(),
        refusal="XT copies with the account's own leverage; use PositionLeverage, or leave it out",
    ),
    "max_position": refused("XT has no cap per pair"),
    "max_total": refused("XT has no cap over all copied orders"),
    "loss_limit": sent(
        "followLoss",
        within="loss_unit must be chosen; pairs of one quote",
        undocumented="XT does not say what it counts; loss_unit decides",
    ),
    "on_stop": sent("followLossOperate", within="other than CLOSE_WITH_LEADER only with a loss_limit"),
    # XT does not document what leaving it out means, least of all for a follow that runs the other way already.
    "direction": sent("followDirection"),
    # Declared so that it is known never to read back: a follow with it is at best accepted.
    "venue": sent("transferFromBizType", within="required: XtFuturesSettings", returned=False),
}
FORMS: Final[Mapping[str, Fields]] = {"choose leader": FIELDS}

_OPERATES: Final = {
    OnStop.CLOSE_WITH_LEADER: "LEADER_CLOSE",
    OnStop.CLOSE_NOW: "MARKET_SELL",
    OnStop.LEAVE_OPEN: "MANUAL_PROCESS",
}
_ON_STOPS: Final = {word: on_stop for on_stop, word in _OPERATES.items()}
_DIRECTIONS: Final = {Direction.SAME: "FORWARD", Direction.REVERSE: "REVERSE"}
_SHOWN_DIRECTIONS: Final = {word: direction for direction, word in _DIRECTIONS.items()}
_FOLLOW_TYPES: Final[Mapping[type, tuple[str, Callable[[Sizing | None], Decimal]]]] = {
    FixedAmount: ("FUND", attrgetter("amount")),
    Multiplier: ("RATE", attrgetter("multiple")),
}
_SIZINGS: Final[Mapping[str, Callable[[Decimal], Sizing]]] = {"FUND": FixedAmount, "RATE": Multiplier}


def _refuse(field: str, reason: str) -> UnsupportedError:
    return UnsupportedError(field, reason, NAME)


# ------------------------------------------------------------------ out


def follow(config: FollowConfig, *, rate_unit: str | None, loss_unit: str | None) -> Follow:
    """Return the form that makes XT follow.

    Raises ``ConfigError`` naming the field that XT cannot express, or whose unit has not been chosen.
    """
    if not isinstance(config.venue, XtFuturesSettings):
        reason = (
            "XT must be told which wallet the money for copying comes from; import XtFuturesSettings from "
            "unified_copy_xt.futures and pass venue=XtFuturesSettings(transfer_from='SPOT'), or 'FUTURES_U'; in a "
            "file it is venue = { transfer_from = 'SPOT' }"
        )
        raise _refuse("venue", reason)
    terms = uniform_rule(config, NAME)
    kind, value = _sizing(config, terms)
    if config.on_stop is not OnStop.CLOSE_WITH_LEADER and config.loss_limit is None:
        raise _refuse("on_stop", "XT heeds it only together with a loss_limit; set one, or use CLOSE_WITH_LEADER")
    names = [_symbol(index, rule.symbol) for index, rule in enumerate(config.rules)]
    distinct(names, config, NAME)
    return Follow(
        leaderAccountId=account_id(config.leader_id),
        symbols=",".join(names),
        followType=kind,
        followVal=value,
        triggerProfitRate=_rate(config, "take_profit", terms.take_profit, rate_unit),
        triggerStopRate=_rate(config, "stop_loss", terms.stop_loss, rate_unit),
        followDirection=_DIRECTIONS[config.direction],
        followLoss=_loss(config, loss_unit),
        autoFollowSymbol="true" if config.follow_new_symbols else "false",
        followLossOperate=_OPERATES[config.on_stop],
        transferFromBizType=config.venue.transfer_from,
    )


def account_id(leader_id: str) -> str:
    """Return a leader's id where it is one of XT's 64-bit numbers; raises ``ConfigError`` for anything else."""
    return _id(leader_id, "leader_id", "account id")


def track_number(position_id: str) -> str:
    """Return the number of a copied position likewise."""
    return _id(position_id, "position", "track number")


def _id(text: str, field: str, what: str) -> str:
    if text.isascii() and text.isdigit() and text[0] != "0" and int(text) <= MAX_ID:
        return text
    reason = f"{text!r} is no {what} of XT; it takes digits without a leading zero, up to {MAX_ID}"
    raise ConfigError(field, reason, NAME)


def _sizing(config: FollowConfig, terms: SymbolRule) -> tuple[str, str]:
    kind, value = _FOLLOW_TYPES[type(terms.sizing)]
    for rule in config.rules:
        if kind == "FUND" and rule.symbol.quote != "USDT":
            reason = f"XT counts a fixed amount in USDT, and {rule.symbol} is not quoted in it; use Multiplier"
            raise _refuse(config.where("sizing", 0), reason)
    return kind, plain(value(terms.sizing))


def _symbol(index: int, pair: Pair) -> str:
    if pair.settle not in {None, pair.quote}:
        reason = f"{pair} settles in {pair.settle}, and XT futures here in the quote currency"
        raise _refuse(f"symbols[{index}]", reason)
    name = f"{pair.base}_{pair.quote}"
    if name.lower().upper() != name:
        # The Kelvin sign, say, would become the pair of the letter K.
        reason = f"{pair} would mean another pair in lower case, as XT writes it"
        raise _refuse(f"symbols[{index}]", reason)
    return name.lower()


def _rate(config: FollowConfig, name: str, ratio: Decimal | None, unit: str | None) -> str | UnsetType:
    if ratio is None:
        return UNSET
    if unit is None:
        reason = (
            "XT does not document whether this rate is a fraction or percent, and the wrong guess costs money; choose "
            "with rate_unit='fraction' or 'percent' on the adapter, or XT_FUTURES_RATE_UNIT"
        )
        raise _refuse(config.where(name, 0), reason)
    return plain(shifted(ratio, RATE_PLACES[unit]))


def _loss(config: FollowConfig, unit: str | None) -> str | UnsetType:
    if config.loss_limit is None:
        return UNSET
    if unit is None:
        reason = (
            "XT does not document the unit of its loss limit; choose with loss_unit='quote' on the adapter, or "
            "XT_FUTURES_LOSS_UNIT"
        )
        raise _refuse("loss_limit", reason)
    quotes = sorted({rule.symbol.quote for rule in config.rules})
    if len(quotes) > 1:
        reason = f"it counts in quote currency, and the pairs are quoted in {' and '.join(quotes)}; use one of them"
        raise _refuse("loss_limit", reason)
    return plain(config.loss_limit)


# ------------------------------------------------------------------ in


def config_fields(shown: Relation, reading: Reading, *, rate_unit: str | None, loss_unit: str | None) -> dict[str, Any]:
    """Return what XT shows as the fields of settings.

    What cannot be read is noted in ``reading``; what XT did not show at all is left out.
    """
    fields: dict[str, Any] = {
        "stop_loss": _shown_rate(reading, "stop_loss", shown.triggerStopRate, rate_unit, stop_loss_ratio),
        "take_profit": _shown_rate(reading, "take_profit", shown.triggerProfitRate, rate_unit, take_profit_ratio),
        "loss_limit": _shown_loss(reading, shown.followLoss, loss_unit),
    }
    if shown.autoFollowSymbol is not None:
        fields["follow_new_symbols"] = shown.autoFollowSymbol
    for name, word, read in (
        ("sizing", shown.followType, partial(_sized, shown.followVal)),
        ("symbols", shown.symbols, _rules),
        ("on_stop", shown.followLossOperate, _ON_STOPS.__getitem__),
        ("direction", shown.followDirection, _SHOWN_DIRECTIONS.__getitem__),
    ):
        if isinstance(word, str):
            told = f"{FIELDS[name].keys[0]}={word}" + (f" followVal={shown.followVal}" if name == "sizing" else "")
            fields[name] = reading.field(name, told, partial(read, word))
    return fields


def pair(name: str) -> Pair:
    """Return the pair that XT calls ``name``; raises ``ConfigError`` or ``ValueError`` for what is none.

    Lists of orders carry a display name beside the pair's own name or instead of it; both are taken.
    """
    upper = name.upper().replace("/", "_")
    base, _, quote = upper.partition("_")
    if not quote and upper.endswith("USDT"):
        base, quote = upper.removesuffix("USDT"), "USDT"
    return Pair(base, quote)


def _sized(value: Decimal | None, kind: str) -> Sizing:
    return _SIZINGS[kind](positive(value, "sizing"))


def _rules(symbols: str) -> tuple[SymbolRule, ...]:
    return tuple(SymbolRule(pair(name)) for name in symbols.split(","))


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
