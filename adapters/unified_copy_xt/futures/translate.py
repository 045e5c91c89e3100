"""A follow in XT futures' words, and XT futures' words as a follow.

There is one set of terms per follow. As on XT spot, the documents leave open whether the rates of stop loss and take
profit are fractions or percent, and what ``followLoss`` counts; both are refused until the caller chooses.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
from msgspec import UNSET, UnsetType

from unified_copy.decimals import plain, positive
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.fields import Fields, implied, left, sent
from unified_copy.gaps import undocumented
from unified_copy.model import Direction, FollowConfig, VenueSettings
from unified_copy.pairs import Pair
from unified_copy.terms import (
    FixedAmount,
    Multiplier,
    PositionLeverage,
    Proportional,
    Sizing,
    SymbolRule,
    stop_loss_ratio,
    take_profit_ratio,
)
from unified_copy.translation import distinct
from unified_copy_xt import terms
from unified_copy_xt.futures.wire import Follow, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from unified_copy.answers import Reading

NAME: Final = "xt-futures"
WALLETS: Final = ("SPOT", "FUTURES_U")


def _one_of_the_wallets(_instance: object, _attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in WALLETS:
        raise ConfigError("venue", f"transfer_from takes {' or '.join(map(repr, WALLETS))}, not {value!r}", NAME)


@attrs.frozen(kw_only=True)
class XtFuturesSettings(VenueSettings):
    """Say what XT futures must be told of every follow and no other exchange knows."""

    transfer_from: Literal["SPOT", "FUTURES_U"] = attrs.field(validator=_one_of_the_wallets)
    """The wallet that the money for copying is taken from: spot, or USDT-margined futures."""


FIELDS: Final[Fields] = {
    **terms.fields("leaderAccountId"),
    "sizing": sent(
        "followType",
        "followVal",
        takes=(FixedAmount, Multiplier),
        refusal="XT futures takes FixedAmount or Multiplier",
        gaps={
            Proportional: undocumented(
                "XT has a MARGIN_RATE and does not say what its value counts; use FixedAmount or Multiplier"
            )
        },
        within="FixedAmount for pairs quoted in USDT only",
    ),
    "margin_mode": left(
        "XT does not document the margin mode of copied positions",
        refusal=undocumented("XT does not document the margin mode of copied positions; leave it out"),
    ),
    "leverage": implied(
        "the account's own leverage for the pair",
        PositionLeverage(),
        refusal="XT copies with the account's own leverage; use PositionLeverage, or leave it out",
    ),
    # XT does not document what leaving it out means, least of all for a follow that runs the other way already.
    "direction": sent("followDirection"),
    # Declared so that it is known never to read back: a follow with it is at best accepted.
    "venue": sent("transferFromBizType", within="required: XtFuturesSettings", returned=False),
}
FORMS: Final[Mapping[str, Fields]] = {"choose leader": FIELDS}

_DIRECTIONS: Final = {Direction.SAME: "FORWARD", Direction.REVERSE: "REVERSE"}
_SHOWN_DIRECTIONS: Final = {word: direction for direction, word in _DIRECTIONS.items()}


def _refuse(field: str, reason: str) -> UnsupportedError:
    return UnsupportedError(field, reason, NAME)


# ------------------------------------------------------------------ out


def follow(config: FollowConfig, *, rate_unit: str | None) -> Follow:
    """Return the form that makes XT follow.

    Raises ``ConfigError`` naming the field that XT cannot express.
    """
    if not isinstance(config.venue, XtFuturesSettings):
        reason = (
            "XT must be told which wallet the money for copying comes from; import XtFuturesSettings from "
            "unified_copy_xt.futures and pass venue=XtFuturesSettings(transfer_from='SPOT'), or 'FUTURES_U'; in a "
            "file it is venue = { transfer_from = 'SPOT' }"
        )
        raise _refuse("venue", reason)
    common = config.rules[0]
    kind, value = terms.sizing(config, common, NAME)
    names = [_symbol(index, rule.symbol) for index, rule in enumerate(config.rules)]
    distinct(names, config, NAME)
    return Follow(
        leaderAccountId=account_id(config.leader_id),
        symbols=",".join(names),
        followType=kind,
        followVal=plain(value),
        triggerProfitRate=_number(terms.rate(common.take_profit, rate_unit)),
        triggerStopRate=_number(terms.rate(common.stop_loss, rate_unit)),
        followDirection=_DIRECTIONS[config.direction],
        followLoss=_number(terms.loss(config, NAME)),
        autoFollowSymbol="true" if config.follow_new_symbols else "false",
        followLossOperate=terms.operate(config, NAME),
        transferFromBizType=config.venue.transfer_from,
    )


def account_id(leader_id: str) -> str:
    """Return a leader's id where it is one of XT's 64-bit numbers; raises ``ConfigError`` for anything else."""
    return str(terms.whole_id(leader_id, NAME))


def track_number(position_id: str) -> str:
    """Return the number of a copied position likewise."""
    return str(terms.whole_id(position_id, NAME, field="position", what="track number"))


def _symbol(index: int, pair: Pair) -> str:
    if pair.settle not in {None, pair.quote}:
        reason = f"{pair} settles in {pair.settle}, and XT futures here in the quote currency"
        raise _refuse(f"symbols[{index}]", reason)
    return terms.symbol(index, pair, NAME)


def _number(value: Decimal | None) -> str | UnsetType:
    return UNSET if value is None else plain(value)


# ------------------------------------------------------------------ in


def config_fields(shown: Relation, reading: Reading, *, rate_unit: str | None, loss_unit: str | None) -> dict[str, Any]:
    """Return what XT shows as the fields of settings.

    What cannot be read is noted in ``reading``; what XT did not show at all is left out.
    """
    fields: dict[str, Any] = {
        "stop_loss": terms.shown_rate(reading, "stop_loss", shown.triggerStopRate, rate_unit, stop_loss_ratio),
        "take_profit": terms.shown_rate(reading, "take_profit", shown.triggerProfitRate, rate_unit, take_profit_ratio),
        "loss_limit": terms.shown_loss(reading, shown.followLoss, loss_unit),
    }
    if shown.autoFollowSymbol is not None:
        fields["follow_new_symbols"] = shown.autoFollowSymbol
    for name, word, read in (
        ("sizing", shown.followType, partial(_sized, shown.followVal)),
        ("symbols", shown.symbols, _rules),
        ("on_stop", shown.followLossOperate, terms.ON_STOPS.__getitem__),
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
    return terms.SIZINGS[kind](positive(value, "sizing"))


def _rules(symbols: str) -> tuple[SymbolRule, ...]:
    return tuple(SymbolRule(pair(name)) for name in symbols.split(","))
