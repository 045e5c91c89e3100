"""The words that XT's products share: sizing, pairs, rates, the loss limit and ids, in both directions."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from unified_copy.decimals import positive, shifted
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.model import FixedAmount, FollowConfig, Multiplier, OnStop, Pair, Sizing, SymbolRule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from unified_copy.answers import Reading

MAX_ID: Final = 2**63 - 1

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


# ------------------------------------------------------------------ out


def whole_id(text: str, exchange: str, *, field: str = "leader_id", what: str = "account id") -> int:
    """Return one of XT's 64-bit ids; raises ``ConfigError`` naming ``field`` for anything else."""
    if text.isascii() and text.isdigit() and text[0] != "0" and (number := int(text)) <= MAX_ID:
        return number
    reason = f"{text!r} is no {what} of XT; it takes digits without a leading zero, up to {MAX_ID}"
    raise ConfigError(field, reason, exchange)


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


def rate(config: FollowConfig, name: str, ratio: Decimal | None, unit: str | None, exchange: str) -> Decimal | None:
    """Return a fraction as XT's rate, in the unit that was chosen."""
    if ratio is None:
        return None
    if unit is None:
        reason = (
            "XT does not document whether this rate is a fraction or percent, and the wrong guess costs money; choose "
            f"with rate_unit='fraction' or 'percent' on the adapter, or {_variable(exchange)}_RATE_UNIT"
        )
        raise UnsupportedError(config.where(name, 0), reason, exchange)
    return shifted(ratio, RATE_PLACES[unit])


def loss(config: FollowConfig, unit: str | None, exchange: str) -> Decimal | None:
    """Return the loss limit, in the unit that was chosen."""
    if config.loss_limit is None:
        return None
    if unit is None:
        reason = (
            "XT does not document the unit of its loss limit; choose with loss_unit='quote' on the adapter, or "
            f"{_variable(exchange)}_LOSS_UNIT"
        )
        raise UnsupportedError("loss_limit", reason, exchange)
    quotes = sorted({rule.symbol.quote for rule in config.rules})
    if len(quotes) > 1:
        reason = f"it counts in quote currency, and the pairs are quoted in {' and '.join(quotes)}; use one of them"
        raise UnsupportedError("loss_limit", reason, exchange)
    return config.loss_limit


def _variable(exchange: str) -> str:
    return exchange.upper().replace("-", "_")


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
