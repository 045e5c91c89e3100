"""A spot follow in Bitget's words, and Bitget's words as a follow.

Bitget shows the pairs of spot copy trading without a separator. Splitting them takes a closed list of quotes, none of
which is the end of another; a symbol that ends in none of them is not read, and a pair in any other quote is not sent,
because it could not be told apart when it is read back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from unified_copy.decimals import is_whole, plain, positive, shifted, told_number, whole
from unified_copy.errors import UnsupportedError
from unified_copy.fields import Fields, implied, left, refused, sent
from unified_copy.model import Direction, FollowConfig
from unified_copy.pairs import Pair
from unified_copy.terms import (
    FixedAmount,
    FixedQuantity,
    Multiplier,
    Sizing,
    SymbolRule,
    stop_loss_ratio,
    take_profit_ratio,
)
from unified_copy_bitget.spot.wire import Setting, Settings, ShownSetting
from unified_copy_bitget.translate import TRACES, WITH_LEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from unified_copy.answers import Reading

NAME: Final = "bitget-spot"

QUOTES: Final = ("USDT", "USDC", "BTC", "ETH", "EUR")
"""The quotes by which a symbol is split. The pages of spot copying name USDT pairs only; the others are those of
Bitget's spot market. None ends in another, so a symbol has one reading at most."""

FIELDS: Final[Fields] = {
    "leader_id": sent("traderId"),
    "sizing": sent(
        "settings[].traceType",
        "settings[].traceValue",
        takes=(FixedAmount, FixedQuantity, Multiplier),
        refusal="Bitget spot has no proportional copying; use FixedAmount, FixedQuantity or Multiplier",
        within="FixedAmount for pairs quoted in USDT only; FixedQuantity not with follow_new_symbols",
        returned=False,
    ),
    "symbols": sent(
        "settings[].symbol",
        takes=(tuple,),
        refusal="Bitget wants the pairs by name; list them instead of ALL_SYMBOLS",
        within=f"quoted in {', '.join(QUOTES[:-1])} or {QUOTES[-1]}",
    ),
    "follow_new_symbols": sent("mode", "autoCopy", unset="pairs added later are not copied", returned=False),
    "stop_loss": sent("settings[].stopLossRatio", within="whole percent"),
    "take_profit": sent("settings[].stopSurplusRatio", within="whole percent"),
    "margin_mode": left("spot has no margin mode", refusal="Bitget spot has no margin mode; leave it out"),
    "leverage": left("spot has no leverage", refusal="Bitget spot has no leverage; leave it out"),
    "max_position": sent(
        "settings[].maxHoldSize",
        within="required",
        undocumented="Bitget's documents disagree about the unit: quantity bought, in base or in quote currency",
    ),
    "max_total": refused("Bitget spot has no cap over all copied orders; max_position caps each pair"),
    "loss_limit": refused("Bitget spot does not end a follow by loss; leave it out"),
    "on_stop": WITH_LEADER,
    "direction": implied(
        "copies in the leader's direction", Direction.SAME, refusal="Bitget copies only in the leader's direction"
    ),
}
FORMS: Final[Mapping[str, Fields]] = {"settings": FIELDS}

_KINDS: Final[Mapping[str, type[Sizing]]] = {
    **{word: kind for kind, (word, _) in TRACES.items()},
    # Bitget's table has the three words that are sent, and its example this one.
    "fixed_amount": FixedAmount,
}


def _refuse(field: str, reason: str) -> UnsupportedError:
    return UnsupportedError(field, reason, NAME)


# ------------------------------------------------------------------ symbols


def symbol(pair: Pair) -> str:
    """Return a pair as Bitget spot writes it."""
    return pair.base + pair.quote


def pair(words: str) -> Pair:
    """Return the pair that a symbol names; raises ``ValueError`` or ``ConfigError`` where that would be a guess."""
    # Examples show symbols in lower case, too.
    name = words.upper()
    for quote in QUOTES:
        if name.endswith(quote):
            return Pair(name.removesuffix(quote), quote)
    raise ValueError(f"{words!r} ends in none of {', '.join(QUOTES)}")


# ------------------------------------------------------------------ out


def settings(config: FollowConfig) -> Settings:
    """Return the body that makes Bitget follow pair by pair.

    Raises ``UnsupportedError`` naming the field that Bitget cannot express.
    """
    common: Setting | None = None
    pairs: list[Setting] = []
    for index, rule in enumerate(config.rules):
        name = _symbol(config, index, rule)
        if index in config.own_terms:
            terms = _terms(config, index)
        else:
            terms = common = common or _terms(config, index)
        pairs.append(replace(terms, symbol=name))
    if not config.follow_new_symbols:
        return Settings(traderId=config.leader_id, settings=pairs)
    _check_basic_mode(config)
    return Settings(traderId=config.leader_id, autoCopy="on", mode="basic", settings=pairs)


def _check_basic_mode(config: FollowConfig) -> None:
    """Refuse what Bitget ignores in the basic mode, which alone copies new pairs."""
    for path, sizing in config.chosen["sizing"]:
        if isinstance(sizing, FixedQuantity):
            why = "Bitget copies new pairs only in its basic mode, which ignores this; drop it or follow_new_symbols"
            raise _refuse(path, why)


def _symbol(config: FollowConfig, index: int, rule: SymbolRule) -> str:
    named = rule.symbol
    if named.settle:
        reason = f"{named} names a contract, and this is spot; write {named.base}/{named.quote}"
        raise _refuse(f"symbols[{index}]", reason)
    if named.quote not in QUOTES:
        reason = (
            f"Bitget writes pairs without a separator, and {named} could not be told apart when it is read back; use "
            f"pairs quoted in {', '.join(QUOTES)}"
        )
        raise _refuse(f"symbols[{index}]", reason)
    if isinstance(rule.sizing, FixedAmount) and named.quote != "USDT":
        reason = f"Bitget documents an amount in USDT only, and {named} is not quoted in it; use Multiplier"
        raise _refuse(config.where("sizing", index), reason)
    return symbol(named)


def _terms(config: FollowConfig, index: int) -> Setting:
    """Return the terms of the pair at ``index``, its name left open; pairs without terms of their own share them."""
    rule = config.rules[index]
    if rule.max_position is None:
        reason = "Bitget spot demands a cap for each pair; set one, in Bitget's unit"
        raise _refuse("max_position", reason)
    trace, value = TRACES[type(rule.sizing)]
    return Setting(
        symbol="",
        traceType=trace,
        maxHoldSize=plain(rule.max_position),
        traceValue=plain(value(rule.sizing)),
        stopSurplusRatio=_percent(config, index, "take_profit", rule.take_profit),
        stopLossRatio=_percent(config, index, "stop_loss", rule.stop_loss),
    )


def _percent(config: FollowConfig, index: int, name: str, ratio: Decimal | None) -> str | UnsetType:
    if ratio is None:
        return UNSET
    percent = shifted(ratio, 2)
    if not is_whole(percent):
        reason = f"Bitget takes whole percent, and {plain(ratio)} is {plain(percent)} %"
        raise _refuse(config.where(name, index), reason)
    return whole(percent)


# ------------------------------------------------------------------ in: settings


def rule(shown: ShownSetting, reading: Reading) -> SymbolRule | None:
    """Return what Bitget shows of one pair; what it shows in other words is noted in ``reading``."""
    loss = shown.stopLossRation or shown.stopLossRatio
    profit = shown.stopSurplusRation or shown.stopSurplusRatio
    named = reading.field("symbols", shown.symbol, lambda: pair(shown.symbol))
    stop_loss = _optional(reading, "stop_loss", loss, lambda number: stop_loss_ratio(_ratio(number)))
    take_profit = _optional(reading, "take_profit", profit, lambda number: take_profit_ratio(_ratio(number)))
    # What is set as maxHoldSize comes back as maxTraceAmount.
    cap = _optional(reading, "max_position", shown.maxTraceAmount, lambda number: positive(number, "max_position"))
    if named is None:
        return None
    return SymbolRule(named, stop_loss=stop_loss, take_profit=take_profit, max_position=cap)


def sizing_kind(shown: ShownSetting) -> type[Sizing] | None:
    """Return the kind of sizing that Bitget shows of one pair; ``None`` where it says so in no word that is known.

    Bitget's documents disagree about the words, so one that is not known is no sign of another kind.
    """
    return None if shown.traceType is UNSET else _KINDS.get(shown.traceType.lower())


def _ratio(percent: Decimal) -> Decimal:
    """Return percent as a fraction.

    The page calls ratios of this answer now percent and now fractions. Only whole percent can be set, so what lies
    below one percent is either, and is not read.
    """
    if percent < 1:
        raise ValueError(f"{percent} may be percent or a fraction")
    return shifted(percent, -2)


def _optional(
    reading: Reading, name: str, words: str | UnsetType, read: Callable[[Decimal], Decimal | None]
) -> Decimal | None:
    """Read a number that Bitget writes as ``""`` or ``"0"`` where it is not set."""
    if words is UNSET:
        return None
    return reading.field(name, str(words), lambda: read(number) if (number := told_number(words)) else None)
