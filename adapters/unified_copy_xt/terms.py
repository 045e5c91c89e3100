"""The words that XT's products share: sizing, pairs, rates, the loss limit and ids, in both directions."""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from unified_copy.decimals import positive, shifted
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.fields import Fields, refused, sent
from unified_copy.gaps import Gaps, cannot, with_option
from unified_copy.model import FollowConfig, OnStop
from unified_copy.pairs import Pair
from unified_copy.terms import FixedAmount, Multiplier, Sizing, SymbolRule
from unified_copy.validation import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unified_copy.answers import Reading
    from unified_copy.pairs import Pair

MAX_ID: Final = 2**63 - 1
_MOST_DIGITS: Final = len(str(MAX_ID))

RATE_PLACES: Final[Mapping[str, int]] = {"fraction": 0, "percent": 2}
"""By how many places the point moves from our fraction to XT's rate."""

_OPERATES: Final = {
    OnStop.CLOSE_WITH_LEADER: "LEADER_CLOSE",
    OnStop.CLOSE_NOW: "MARKET_SELL",
    OnStop.LEAVE_OPEN: "MANUAL_PROCESS",
}
ON_STOPS: Final = {word: on_stop for on_stop, word in _OPERATES.items()}
_FOLLOW_TYPES: Final[Mapping[type, tuple[str, Callable[[Sizing | None], Decimal]]]] = {
    FixedAmount: ("FUND", attrgetter("amount")),
    Multiplier: ("RATE", attrgetter("multiple")),
}
SIZINGS: Final[Mapping[str, Callable[[Decimal], Sizing]]] = {"FUND": FixedAmount, "RATE": Multiplier}


# ------------------------------------------------------------------ declarations


_RATE: Final[Gaps] = {
    Decimal: with_option(
        "rate_unit",
        reason="XT does not document whether this rate is a fraction or percent, and the wrong guess costs money",
    )
}
_RATE_OPEN: Final = "XT does not say whether it is a fraction or percent; rate_unit decides"


_BESIDE_A_LIMIT: Final = with_option(
    "loss_unit", reason="XT heeds it only together with a loss_limit, and does not document the unit of that"
)


def fields(leader_key: str) -> Fields:
    """Return the declarations of the fields that all products send alike."""
    return {
        "leader_id": sent(leader_key, within="digits without a leading zero, of 64 bits"),
        "symbols": sent(
            "symbols",
            takes=(tuple,),
            refusal="XT wants the pairs by name; list them instead of ALL_SYMBOLS",
            uniform=True,
        ),
        "follow_new_symbols": sent("autoFollowSymbol"),
        "stop_loss": sent("triggerStopRate", gaps=_RATE, undocumented=_RATE_OPEN),
        "take_profit": sent("triggerProfitRate", gaps=_RATE, undocumented=_RATE_OPEN),
        "max_position": refused("XT has no cap per pair"),
        "max_total": refused("XT has no cap over all copied orders"),
        "loss_limit": sent(
            "followLoss",
            gaps={Decimal: with_option("loss_unit", reason="XT does not document the unit of its loss limit")},
            within="pairs of one quote",
            undocumented="XT does not say what it counts; loss_unit decides",
        ),
        "on_stop": sent(
            "followLossOperate",
            gaps=dict.fromkeys((OnStop.CLOSE_NOW, OnStop.LEAVE_OPEN), _BESIDE_A_LIMIT),
            within="other than CLOSE_WITH_LEADER only with a loss_limit",
        ),
    }


ON_UNFOLLOW: Final[Mapping[str, Gaps]] = {
    "on_stop": {OnStop: cannot("XT cannot be told what becomes of open positions; leave it out")}
}
"""What an unfollow cannot be told."""


# ------------------------------------------------------------------ out


def whole_id(text: str, exchange: str, *, field: str = "leader_id", what: str = "account id") -> int:
    """Return one of XT's 64-bit ids; raises ``ConfigError`` naming ``field`` for anything else."""
    number = told_id(text)
    if number is not None and text[0] != "0":
        return number
    reason = f"{shown(text)} is no {what} of XT; it takes digits without a leading zero, up to {MAX_ID}"
    raise ConfigError(field, reason, exchange)


def told_id(text: str) -> int | None:
    """Return one of XT's 64-bit ids, as XT itself may write it; ``None`` for what is none."""
    digits = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return number if digits and 0 < (number := int(text)) <= MAX_ID else None


def sizing(config: FollowConfig, terms: SymbolRule, exchange: str) -> tuple[str, Decimal]:
    """Return ``followType`` and ``followVal``."""
    kind, value = _FOLLOW_TYPES[type(terms.sizing)]
    for rule in config.rules:
        if kind == "FUND" and rule.symbol.quote != "USDT":
            reason = f"XT counts a fixed amount in USDT, and {rule.symbol} is not quoted in it; use Multiplier"
            raise UnsupportedError(config.where("sizing", 0), reason, exchange)
    return kind, value(terms.sizing)


def symbol(index: int, pair: Pair, exchange: str) -> str:
    """Return what XT calls a pair."""
    name = f"{pair.base}_{pair.quote}"
    lower = name.lower()
    if lower.upper() != name:
        # The Kelvin sign, say, would become the pair of the letter K.
        reason = f"{pair} would mean another pair in lower case, as XT writes it"
        raise UnsupportedError(f"symbols[{index}]", reason, exchange)
    return lower


def operate(config: FollowConfig, exchange: str) -> str:
    """Return ``followLossOperate``."""
    if config.on_stop is not OnStop.CLOSE_WITH_LEADER and config.loss_limit is None:
        reason = "XT heeds it only together with a loss_limit; set one, or use CLOSE_WITH_LEADER"
        raise UnsupportedError("on_stop", reason, exchange)
    return _OPERATES[config.on_stop]


def rate(ratio: Decimal | None, unit: str | None) -> Decimal | None:
    """Return a fraction as XT's rate; the declarations let none through before its unit is chosen."""
    return None if ratio is None else shifted(ratio, RATE_PLACES[str(unit)])


def loss(config: FollowConfig, exchange: str) -> Decimal | None:
    """Return the loss limit, which counts in the one quote of all pairs."""
    quotes = sorted({rule.symbol.quote for rule in config.rules})
    if config.loss_limit is not None and len(quotes) > 1:
        reason = f"it counts in quote currency, and the pairs are quoted in {' and '.join(quotes)}; use one of them"
        raise UnsupportedError("loss_limit", reason, exchange)
    return config.loss_limit


# ------------------------------------------------------------------ in


def shown_rate(
    reading: Reading,
    name: str,
    shown: Decimal | None,
    unit: str | None,
    read: Callable[[Decimal], Decimal | None],
) -> Decimal | None:
    """Return a rate as a fraction; one whose unit has not been chosen is shown and not read."""
    if not shown:
        return None
    return reading.field(
        name,
        f"{shown}, unit not chosen" if unit is None else str(shown),
        lambda: read(shifted(shown, -RATE_PLACES[str(unit)])),
    )


def shown_loss(reading: Reading, shown: Decimal | None, unit: str | None) -> Decimal | None:
    """Return a loss limit; one whose unit has not been chosen is shown and not read."""
    if not shown:
        return None
    if unit is None:
        reading.unread["loss_limit"] = f"{shown}, unit not chosen"
        return None
    return reading.field("loss_limit", str(shown), lambda: positive(shown, "loss_limit"))


def share(told: Decimal | None) -> Decimal | None:
    """Return a share of a whole; one that can be no fraction is in a unit that nobody knows, and left out."""
    return told if told is not None and 0 <= told <= 1 else None
