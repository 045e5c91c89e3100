"""A follow in Lunex's words, and Lunex's words as a follow."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, UnsetType

from unified_copy import terms
from unified_copy.decimals import plain, positive, shifted
from unified_copy.errors import UnsupportedError
from unified_copy.fields import Fields, implied, left, refused, sent
from unified_copy.gaps import Gaps, cannot, undocumented, with_option
from unified_copy.model import ALL_SYMBOLS, Direction, FollowConfig, OnStop, Symbols
from unified_copy.pairs import Pair
from unified_copy.terms import FixedAmount, Multiplier, PositionLeverage, Proportional, SymbolRule
from unified_copy.translation import distinct
from unified_copy_lunex.codes import NAME
from unified_copy_lunex.wire import Copy, ShownCopy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unified_copy.answers import Reading

QUOTE: Final = "USDT"
EVERYTHING: Final = "*"

COPY: Final[Fields] = {
    "leader_id": sent("trader"),
    "sizing": sent(
        "stake",
        "times",
        takes=(FixedAmount, Multiplier),
        refusal="Lunex takes FixedAmount or Multiplier; it knows no fixed quantity",
        gaps={Proportional: undocumented("Lunex's app has it, and its API pages do not say how; use Multiplier")},
    ),
    "symbols": sent("markets[]", uniform=True, within="quoted and settled in USDT"),
    "follow_new_symbols": sent("addNew"),
    "stop_loss": sent("stopLoss"),
    "take_profit": sent("takeProfit"),
    "margin_mode": left("as the account is set", refusal="Lunex cannot be told; set the account's own"),
    "leverage": implied("as the account is set", PositionLeverage, refusal="Lunex cannot be told; leave it out"),
    "max_position": refused("Lunex has no cap per pair; max_total caps all copied orders"),
    "max_total": sent("budget"),
    "loss_limit": sent(
        "maxLoss", gaps={Decimal: with_option("loss_unit", "quote", reason="its currency is undocumented")}
    ),
    "on_stop": sent("atMaxLoss"),
    "direction": implied("as the trader", Direction.SAME, refusal="Lunex copies only in the trader's direction"),
}
FORMS: Final[Mapping[str, Fields]] = {"copy": COPY}

ON_STOPS: Final = {"with_trader": OnStop.CLOSE_WITH_LEADER, "at_market": OnStop.CLOSE_NOW, "by_hand": OnStop.LEAVE_OPEN}
ON_STOP_WORDS: Final = {on_stop: word for word, on_stop in ON_STOPS.items()}
ON_UNFOLLOW: Final[Mapping[str, Gaps]] = {
    "on_stop": {OnStop.CLOSE_WITH_LEADER: cannot("when a copy ends, Lunex closes its positions at once or not at all")}
}


# ------------------------------------------------------------------ out


def copy(config: FollowConfig) -> Copy:
    """Return the body that starts a copy or changes it; raises ``UnsupportedError`` naming a pair."""
    common = config.rules[0] if config.rules else config
    return Copy(
        trader=config.leader_id,
        stake=plain(common.sizing.amount) if isinstance(common.sizing, FixedAmount) else UNSET,
        times=plain(common.sizing.multiple) if isinstance(common.sizing, Multiplier) else UNSET,
        markets=_markets(config),
        addNew=config.follow_new_symbols,
        stopLoss=_percent(common.stop_loss),
        takeProfit=_percent(common.take_profit),
        budget=UNSET if config.max_total is None else plain(config.max_total),
        maxLoss=UNSET if config.loss_limit is None else plain(config.loss_limit),
        atMaxLoss=ON_STOP_WORDS[config.on_stop],
    )


def _percent(ratio: Decimal | None) -> str | UnsetType:
    return UNSET if ratio is None else plain(shifted(ratio, 2))


def _markets(config: FollowConfig) -> list[str]:
    if config.symbols is ALL_SYMBOLS:
        return [EVERYTHING]
    for index, rule in enumerate(config.rules):
        if rule.symbol.quote != QUOTE or rule.symbol.settle not in {None, QUOTE}:
            reason = f"Lunex has no {rule.symbol} to copy; it copies pairs in USDT"
            raise UnsupportedError(f"symbols[{index}]", reason, NAME)
    names = [f"{rule.symbol.base}-{QUOTE}" for rule in config.rules]
    distinct(names, config, NAME)
    return names


# ------------------------------------------------------------------ in


def pair(market: str) -> Pair:
    """Return the pair that a market's name stands for; raises ``ConfigError`` for any other name."""
    base, _, quote = market.partition("-")
    return Pair(base, quote)


def settings(shown: ShownCopy, reading: Reading, loss_unit: str | None) -> dict[str, Any]:
    """Return what Lunex shows of a copy, by config field; what cannot be read is noted in ``reading``."""

    def number(name: str, words: str | UnsetType, read: Callable[[Decimal], Decimal | None]) -> Decimal | None:
        if isinstance(words, UnsetType):
            return None
        return reading.field(name, words, lambda: read(positive(words, name)))

    return {
        "sizing": reading.field("sizing", f"stake={shown.stake} times={shown.times}", lambda: _sizing(shown)),
        "symbols": reading.field("symbols", ",".join(shown.markets), lambda: _symbols(shown)),
        "follow_new_symbols": shown.addNew,
        "stop_loss": number("stop_loss", shown.stopLoss, lambda percent: terms.stop_loss_ratio(shifted(percent, -2))),
        "take_profit": number(
            "take_profit", shown.takeProfit, lambda percent: terms.take_profit_ratio(shifted(percent, -2))
        ),
        "max_total": number("max_total", shown.budget, lambda budget: budget),
        # Without the option nobody knows what it is; to show it as the quote currency would be a guess.
        "loss_limit": number("loss_limit", shown.maxLoss, lambda loss: {"quote": loss}[str(loss_unit)]),
        "on_stop": reading.field("on_stop", shown.atMaxLoss, lambda: ON_STOPS[shown.atMaxLoss]),
    }


def _sizing(shown: ShownCopy) -> terms.Sizing:
    if (shown.stake is UNSET) is (shown.times is UNSET):
        raise ValueError("one of the two belongs there")
    return FixedAmount(str(shown.stake)) if shown.times is UNSET else Multiplier(str(shown.times))


def _symbols(shown: ShownCopy) -> Symbols:
    if shown.markets == [EVERYTHING]:
        return ALL_SYMBOLS
    if not shown.markets:
        raise ValueError("no market")
    return tuple(SymbolRule(pair(market)) for market in shown.markets)
