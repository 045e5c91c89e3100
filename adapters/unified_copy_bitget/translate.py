"""A follow in Bitget's words, and Bitget's words as a follow.

Two forms exist. *Settings*, here, copies pair by pair with terms of their own; smart copy has a module of its own.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from unified_copy.decimals import is_whole, plain, positive, shifted, told_number, whole
from unified_copy.errors import UnsupportedError
from unified_copy.fields import Fields, implied, refused, sent
from unified_copy.model import Direction, FollowConfig, OnStop
from unified_copy.pairs import Pair
from unified_copy.terms import (
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    LeaderLeverage,
    Leverage,
    MarginMode,
    Multiplier,
    PositionLeverage,
    Sizing,
    SymbolRule,
    stop_loss_ratio,
    take_profit_ratio,
)
from unified_copy.translation import distinct
from unified_copy_bitget.wire import Setting, Settings, ShownSetting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from unified_copy.answers import Reading
    from unified_copy.gaps import Gaps

NAME: Final = "bitget"

MAX_SYMBOLS: Final = 10
MAX_RATIO_PERCENT: Final = 400

WITH_LEADER: Final = implied(
    "copied positions stay open and close with the leader",
    OnStop.CLOSE_WITH_LEADER,
    refusal="Bitget leaves copied positions to close with the leader; use CLOSE_WITH_LEADER",
)
"""What becomes of copied positions, whether a follow is ended or ends by itself."""
ON_UNFOLLOW: Final[Mapping[str, Gaps]] = {
    "on_stop": dict.fromkeys((OnStop.CLOSE_NOW, OnStop.LEAVE_OPEN), WITH_LEADER.refusal)
}
"""What an unfollow cannot be told."""
SAME_DIRECTION: Final = implied(
    "copies in the leader's direction", Direction.SAME, refusal="Bitget copies only in the leader's direction"
)
_NO_TOTAL: Final = refused("Bitget has no cap over all copied orders; max_position caps each pair")

SETTINGS: Final[Fields] = {
    "leader_id": sent("traderId"),
    "sizing": sent(
        "settings[].traceType",
        "settings[].traceValue",
        takes=(FixedAmount, FixedQuantity, Multiplier),
        refusal="proportional copying takes no terms of its own for a pair; use Proportional for the whole follow",
        within="on coin-margined pairs Multiplier only; FixedQuantity not with follow_new_symbols",
    ),
    "symbols": sent(
        "settings[].symbol",
        "settings[].productType",
        "settings[].marginCoin",
        takes=(tuple,),
        refusal="Bitget wants the pairs by name with this sizing; ALL_SYMBOLS goes with Proportional only",
        within="at most 10, quoted in USDT, USDC or USD (coin-margined)",
    ),
    "follow_new_symbols": sent("mode", "autoCopy", unset="pairs added later are not copied", returned=False),
    "stop_loss": sent("settings[].stopLossRatio", within="whole percent from 1 to 400"),
    "take_profit": sent("settings[].stopSurplusRatio", within="whole percent from 1 to 400"),
    "margin_mode": sent(
        "settings[].marginType",
        takes=(MarginMode.LEADER, MarginMode.OWN),
        refusal="Bitget takes the leader's margin mode (LEADER) or the account's own (OWN)",
        within="not with follow_new_symbols",
        none_means=MarginMode.LEADER,
    ),
    "leverage": sent(
        "settings[].leverType",
        "settings[].longLeverage",
        "settings[].shortLeverage",
        within="whole numbers; not with follow_new_symbols",
        none_means=LeaderLeverage(),
    ),
    "max_position": sent(
        "settings[].maxHoldSize", undocumented="Bitget's documents disagree about the unit: orders, contracts or money"
    ),
    "max_total": _NO_TOTAL,
    "loss_limit": refused("Bitget ends a follow by loss only in smart copy; use Proportional, or leave it out"),
    "on_stop": WITH_LEADER,
    "direction": SAME_DIRECTION,
}


# ------------------------------------------------------------------ words


_PRODUCTS: Final = {
    "USDT": ("USDT-FUTURES", "USDT"),
    "USDC": ("USDC-FUTURES", "PERP"),
    "USD": ("COIN-FUTURES", "USD"),
}
"""By quote, the product type and what follows the base in a symbol."""
_QUOTES: Final = {product: (quote, suffix) for quote, (product, suffix) in _PRODUCTS.items()}
PRODUCT_TYPES: Final = tuple(_QUOTES)
"""Bitget's lines of contracts, each of which is asked by itself."""

_MARGIN_TYPES: Final[Mapping[MarginMode | None, str]] = {
    None: "trader",
    MarginMode.LEADER: "trader",
    MarginMode.OWN: "specify",
}
_MARGIN_MODES: Final = {"trader": MarginMode.LEADER, "specify": MarginMode.OWN}
_LEVERAGES: Final[Mapping[str, Leverage]] = {"trader": LeaderLeverage(), "position": PositionLeverage()}
# "percent" is a multiple in spite of its name: 1 puts up what the leader does.
TRACES: Final[Mapping[type, tuple[str, Callable[[Sizing | None], Decimal]]]] = {
    FixedAmount: ("amount", attrgetter("amount")),
    FixedQuantity: ("count", attrgetter("quantity")),
    Multiplier: ("percent", attrgetter("multiple")),
}
"""By sizing, the word for it and how to take its value."""
_SIZINGS: Final[Mapping[str, Callable[[Decimal], Sizing]]] = {
    "amount": FixedAmount,
    "count": FixedQuantity,
    "percent": Multiplier,
}


def refuse(field: str, reason: str) -> UnsupportedError:
    """Return the error for what Bitget futures cannot express."""
    return UnsupportedError(field, reason, NAME)


# ------------------------------------------------------------------ out


def settings(config: FollowConfig) -> Settings:
    """Return the body that makes Bitget follow pair by pair.

    Raises ``UnsupportedError`` naming the field that Bitget cannot express.
    """
    if len(config.rules) > MAX_SYMBOLS:
        reason = f"Bitget takes at most {MAX_SYMBOLS} pairs in one follow, not {len(config.rules)}"
        raise refuse("symbols", reason)
    common: Setting | None = None
    pairs: list[Setting] = []
    for index, rule in enumerate(config.rules):
        if index in config.own_terms:
            terms = _terms(config, index)
        else:
            terms = common = common or _terms(config, index)
        pairs.append(replace(terms, **_symbol(config, index, rule)))
    distinct([pair.symbol for pair in pairs], config, NAME)
    if not config.follow_new_symbols:
        return Settings(traderId=config.leader_id, settings=pairs)
    _check_basic_mode(config)
    return Settings(traderId=config.leader_id, autoCopy="on", mode="basic", settings=pairs)


def _check_basic_mode(config: FollowConfig) -> None:
    """Refuse what Bitget ignores in the basic mode, which alone copies new pairs."""
    why = "Bitget copies new pairs only in its basic mode, which ignores this; drop it or follow_new_symbols"
    for name in ("margin_mode", "leverage"):
        if name in config.chosen:
            raise refuse(config.chosen[name][0][0], why)
    for path, sizing in config.chosen["sizing"]:
        if isinstance(sizing, FixedQuantity):
            raise refuse(path, why)


def _symbol(config: FollowConfig, index: int, rule: SymbolRule) -> dict[str, str]:
    """Return what names a pair, as attributes of ``Setting``."""
    pair = rule.symbol
    quote = pair.quote
    product, suffix = _PRODUCTS.get(quote, ("", ""))
    coin = pair.base if quote == "USD" else quote
    if not product or (pair.settle and pair.settle != coin):
        reason = f"Bitget has no {pair}; it copies pairs in USDT, USDC and USD (coin-margined)"
        raise refuse(f"symbols[{index}]", reason)
    if quote == "USD" and not isinstance(rule.sizing, Multiplier):
        reason = f"Bitget documents no unit for it on the coin-margined {pair}; use Multiplier"
        raise refuse(config.where("sizing", index), reason)
    return {"symbol": pair.base + suffix, "productType": product, "marginCoin": coin}


def _terms(config: FollowConfig, index: int) -> Setting:
    """Return the terms of the pair at ``index``, its name left open; pairs without terms of their own share them."""
    rule = config.rules[index]
    trace, value = TRACES[type(rule.sizing)]
    lever, long, short = _lever(config, index, rule.leverage)
    return Setting(
        symbol="",
        productType="",
        marginType=_MARGIN_TYPES[rule.margin_mode],
        marginCoin="",
        leverType=lever,
        longLeverage=long,
        shortLeverage=short,
        traceType=trace,
        traceValue=plain(value(rule.sizing)),
        maxHoldSize=UNSET if rule.max_position is None else plain(rule.max_position),
        stopSurplusRatio=_percent(config, index, "take_profit", rule.take_profit),
        stopLossRatio=_percent(config, index, "stop_loss", rule.stop_loss),
    )


def _lever(config: FollowConfig, index: int, leverage: Leverage | None) -> tuple[str, str | UnsetType, str | UnsetType]:
    """Return ``leverType`` with the leverage of long and of short positions."""
    if leverage is None or isinstance(leverage, LeaderLeverage):
        return "trader", UNSET, UNSET
    if isinstance(leverage, PositionLeverage):
        return "position", UNSET, UNSET
    if not (is_whole(leverage.long) and is_whole(leverage.short)):
        raise refuse(config.where("leverage", index), "Bitget takes whole leverages")
    return "specify", whole(leverage.long), whole(leverage.short)


def _percent(config: FollowConfig, index: int, name: str, ratio: Decimal | None) -> str | UnsetType:
    """Return a fraction as whole percent."""
    if ratio is None:
        return UNSET
    percent = shifted(ratio, 2)
    if not is_whole(percent) or not 1 <= percent <= MAX_RATIO_PERCENT:
        reason = f"{plain(ratio)} is {plain(percent)} %; Bitget takes whole percent from 1 to {MAX_RATIO_PERCENT}"
        raise refuse(config.where(name, index), reason)
    return whole(percent)


# ------------------------------------------------------------------ in


def rule(shown: ShownSetting, reading: Reading) -> SymbolRule | None:
    """Return what Bitget shows of one pair; what it shows in other words is noted in ``reading``."""
    pair = reading.field(
        "symbols", f"{shown.symbol} ({shown.productType})", lambda: pair_of(shown.symbol, shown.productType)
    )
    sizing = reading.field(
        "sizing",
        f"traceType={shown.traceType} traceValue={shown.traceValue}",
        lambda: _SIZINGS[shown.traceType](positive(shown.traceValue, "sizing")),
    )
    margin = reading.field("margin_mode", f"marginType={shown.marginType}", lambda: _MARGIN_MODES[shown.marginType])
    leverage = reading.field(
        "leverage",
        f"leverType={shown.leverType} longLeverage={shown.longLeverage} shortLeverage={shown.shortLeverage}",
        lambda: _leverage(shown),
    )
    terms = {
        "stop_loss": _optional(reading, "stop_loss", shown.stopLossRatio, lambda n: stop_loss_ratio(shifted(n, -2))),
        "take_profit": _optional(
            reading, "take_profit", shown.stopSurplusRatio, lambda n: take_profit_ratio(shifted(n, -2))
        ),
        "max_position": _optional(reading, "max_position", shown.maxHoldSize, lambda n: positive(n, "max_position")),
    }
    if pair is None:
        return None
    return SymbolRule(pair, sizing=sizing, margin_mode=margin, leverage=leverage, **terms)


def pair_of(symbol: str, product: str) -> Pair:
    """Return the pair that Bitget calls ``symbol`` among the contracts of ``product``, capitals aside.

    Raises ``LookupError``, ``ValueError`` or ``ConfigError`` for what is no such name.
    """
    quote, suffix = _QUOTES[product.upper()]
    name = symbol.upper()
    base = name.removesuffix(suffix)
    if base == name:
        message = f"{symbol} does not end in {suffix}"
        raise ValueError(message)
    return Pair(base, quote)


def product_of(symbol: str) -> str:
    """Return the product type that ``symbol`` belongs to, by how it ends; raise ``ValueError`` for no ending known."""
    for product, (_, suffix) in _QUOTES.items():
        if symbol.upper().endswith(suffix):
            return product
    raise ValueError(f"{symbol} ends like no contract of Bitget")


def _leverage(shown: ShownSetting) -> Leverage:
    if shown.leverType == "specify":
        return FixedLeverage(
            long=positive(shown.longLeverage, "leverage"), short=positive(shown.shortLeverage, "leverage")
        )
    return _LEVERAGES[shown.leverType]


def _optional(
    reading: Reading, name: str, words: str | UnsetType, read: Callable[[Decimal], Decimal | None]
) -> Decimal | None:
    """Read a number that Bitget writes as ``""`` or ``"0"`` where it is not set."""
    if words is UNSET:
        return None
    return reading.field(name, str(words), lambda: read(number) if (number := told_number(words)) else None)
