"""A follow in OKX's words, and OKX's words as a follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, UnsetType

from unified_copy.decimals import plain, positive
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.fields import Fields, implied, refused, sent
from unified_copy.gaps import undocumented
from unified_copy.model import ALL_SYMBOLS, Direction, FollowConfig, OnStop, Symbols
from unified_copy.pairs import Pair
from unified_copy.terms import (
    FixedAmount,
    MarginMode,
    Multiplier,
    PositionLeverage,
    Proportional,
    Sizing,
    SymbolRule,
    stop_loss_ratio,
    take_profit_ratio,
)
from unified_copy.translation import distinct
from unified_copy_okx.wire import SWAP, Follow, ShownFollow, ShownSymbol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from unified_copy.answers import Reading

NAME: Final = "okx"
QUOTE: Final = "USDT"

FOLLOW: Final[Fields] = {
    "leader_id": sent("uniqueCode", within="letters and digits of the Latin script"),
    "sizing": sent(
        "copyMode",
        "copyAmt",
        "copyRatio",
        takes=(FixedAmount, Multiplier),
        refusal="OKX takes FixedAmount or Multiplier; it knows no fixed quantity",
        gaps={
            Proportional: undocumented(
                "OKX does not document how its API sets smart sync, which it would be; use FixedAmount or Multiplier, "
                "which leaders who allow smart sync alone refuse with 59292"
            )
        },
        undocumented="OKX does not say whether an amount is margin or the value of the order",
    ),
    "symbols": sent(
        "copyInstIdType",
        "instId",
        uniform=True,
        within="quoted in USDT; ALL_SYMBOLS goes with follow_new_symbols and only with it",
    ),
    "follow_new_symbols": sent("copyInstIdType", within="only with ALL_SYMBOLS"),
    "stop_loss": sent("slRatio"),
    "take_profit": sent("tpRatio"),
    "margin_mode": sent(
        "copyMgnMode",
        takes=(MarginMode.LEADER, MarginMode.CROSS, MarginMode.ISOLATED),
        refusal="OKX takes LEADER, CROSS or ISOLATED",
        none_means=MarginMode.LEADER,
    ),
    "leverage": implied(
        "the account's own leverage applies",
        PositionLeverage,
        refusal="OKX cannot be told a leverage for copying; use PositionLeverage, or leave it out",
    ),
    "max_position": refused("OKX has no cap per pair; max_total caps all copied orders"),
    "max_total": sent("copyTotalAmt", within="required; not below a FixedAmount"),
    "loss_limit": sent("slTotalAmt"),
    "on_stop": sent("subPosCloseType"),
    "direction": implied(
        "copies in the leader's direction", Direction.SAME, refusal="OKX copies only in the leader's direction"
    ),
}

FORMS: Final[Mapping[str, Fields]] = {"copy settings": FOLLOW}


# ------------------------------------------------------------------ words


_MARGIN_MODES: Final = {
    "copy": MarginMode.LEADER,
    "cross": MarginMode.CROSS,
    "isolated": MarginMode.ISOLATED,
}
_MARGIN_WORDS: Final[Mapping[MarginMode | None, str]] = {
    None: "copy",
    **{mode: word for word, mode in _MARGIN_MODES.items()},
}
_ON_STOPS: Final = {
    "copy_close": OnStop.CLOSE_WITH_LEADER,
    "market_close": OnStop.CLOSE_NOW,
    "manual_close": OnStop.LEAVE_OPEN,
}
ON_STOP_WORDS: Final = {on_stop: word for word, on_stop in _ON_STOPS.items()}
_ENABLED: Final[Mapping[object, bool]] = {"1": True, "0": False, "true": True, "false": False}


# ------------------------------------------------------------------ out


def follow(config: FollowConfig) -> Follow:
    """Return the body that starts a follow or changes it.

    Raises ``UnsupportedError`` naming the field that OKX cannot express.
    """
    terms = config if config.symbols is ALL_SYMBOLS else config.rules[0]
    amount, multiple = _sizing(terms.sizing)
    return Follow(
        uniqueCode=unique_code(config.leader_id),
        copyMgnMode=_MARGIN_WORDS[terms.margin_mode],
        copyInstIdType="copy" if config.symbols is ALL_SYMBOLS else "custom",
        instId=_pairs(config),
        copyMode="ratio_copy" if amount is None else "fixed_amount",
        copyAmt=_text(amount),
        copyRatio=_text(multiple),
        copyTotalAmt=_total(config.max_total, amount),
        tpRatio=_text(terms.take_profit),
        slRatio=_text(terms.stop_loss),
        slTotalAmt=_text(config.loss_limit),
        subPosCloseType=ON_STOP_WORDS[config.on_stop],
    )


def unique_code(leader_id: str) -> str:
    """Return a leader's id where it can be one of OKX; raises ``ConfigError`` for anything else."""
    if leader_id.isascii() and leader_id.isalnum():
        return leader_id
    reason = f"{leader_id!r} is not an OKX id; it takes letters and digits, such as '25CD5A80241D6FE6'"
    raise ConfigError("leader_id", reason, NAME)


def _sizing(sizing: Sizing | None) -> tuple[Decimal | None, Decimal | None]:
    """Return the amount per order or the multiple; the declarations let nothing else through."""
    if isinstance(sizing, FixedAmount):
        return sizing.amount, None
    return None, sizing.multiple if isinstance(sizing, Multiplier) else None


def _text(number: Decimal | None) -> str | UnsetType:
    return UNSET if number is None else plain(number)


def _total(total: Decimal | None, amount: Decimal | None) -> str:
    if total is None:
        raise UnsupportedError("max_total", "OKX demands a cap over all copied orders, in USDT; give one", NAME)
    if amount is not None and total < amount:
        reason = f"{plain(total)} is below the {plain(amount)} per order; OKX would copy nothing"
        raise UnsupportedError("max_total", reason, NAME)
    return plain(total)


def _pairs(config: FollowConfig) -> str | UnsetType:
    """Return the pairs by name; nothing where all are copied, which at OKX takes in those added later."""
    if config.symbols is ALL_SYMBOLS:
        if not config.follow_new_symbols:
            reason = "with ALL_SYMBOLS OKX copies the pairs added later too; set it to True, or name the pairs"
            raise UnsupportedError("follow_new_symbols", reason, NAME)
        return UNSET
    if config.follow_new_symbols:
        reason = "beside named pairs OKX copies none that are added later; leave it out, or use ALL_SYMBOLS"
        raise UnsupportedError("follow_new_symbols", reason, NAME)
    names = []
    for index, rule in enumerate(config.rules):
        pair = rule.symbol
        if pair.quote != QUOTE or pair.settle not in {None, QUOTE}:
            raise UnsupportedError(f"symbols[{index}]", f"OKX has no {pair} to copy; it copies pairs in USDT", NAME)
        names.append(f"{pair.base}-{QUOTE}-{SWAP}")
    distinct(names, config, NAME)
    return ",".join(names)


# ------------------------------------------------------------------ in


def pair(name: str) -> Pair:
    """Return the pair that a perpetual contract's name stands for; raises ``ValueError`` for any other name."""
    base, quote, kind = name.split("-")
    if kind != SWAP:
        raise ValueError(f"{name!r} is not a perpetual contract")
    return Pair(base, quote)


def config_fields(shown: ShownFollow, reading: Reading) -> dict[str, Any]:
    """Return what OKX shows of a follow, by config field; what it shows in other words is noted in ``reading``."""
    symbols = reading.field("symbols", _symbol_words(shown), lambda: _symbols(shown))
    return {
        "sizing": reading.field(
            "sizing",
            f"copyMode={shown.copyMode} copyAmt={shown.copyAmt} copyRatio={shown.copyRatio}",
            lambda: _shown_sizing(shown),
        ),
        "symbols": symbols,
        "follow_new_symbols": reading.field(
            "follow_new_symbols",
            f"copyInstIdType={shown.copyInstIdType}",
            lambda: {"copy": True, "custom": False}[str(shown.copyInstIdType)],
        ),
        "stop_loss": _optional(reading, "stop_loss", shown.slRatio, stop_loss_ratio),
        "take_profit": _optional(reading, "take_profit", shown.tpRatio, take_profit_ratio),
        "margin_mode": reading.field(
            "margin_mode", f"copyMgnMode={shown.copyMgnMode}", lambda: _MARGIN_MODES[str(shown.copyMgnMode)]
        ),
        "max_total": _optional(reading, "max_total", shown.copyTotalAmt, lambda text: positive(text, "max_total")),
        "loss_limit": _optional(reading, "loss_limit", shown.slTotalAmt, lambda text: positive(text, "loss_limit")),
        "on_stop": reading.field(
            "on_stop", f"subPosCloseType={shown.subPosCloseType}", lambda: _ON_STOPS[str(shown.subPosCloseType)]
        ),
    }


def enabled(shown: ShownSymbol) -> bool:
    """Tell whether a pair is copied; raises ``KeyError`` for words that are not documented."""
    return _ENABLED[str(shown.enabled).lower()]


def _symbol_words(shown: ShownFollow) -> str:
    named = ",".join(f"{each.instId}:{each.enabled}" for each in shown.instIds or ())
    return f"copyInstIdType={shown.copyInstIdType} instIds={named}"


def _symbols(shown: ShownFollow) -> Symbols:
    if shown.copyInstIdType == "copy":
        return ALL_SYMBOLS
    copied = tuple(SymbolRule(pair(each.instId)) for each in shown.instIds or () if enabled(each))
    if shown.copyInstIdType != "custom" or not copied:
        message = "no symbols"
        raise ValueError(message)
    return copied


def _shown_sizing(shown: ShownFollow) -> Sizing:
    if shown.copyMode == "fixed_amount":
        return FixedAmount(positive(shown.copyAmt, "sizing"))
    if shown.copyMode == "ratio_copy":
        return Multiplier(positive(shown.copyRatio, "sizing"))
    raise LookupError(shown.copyMode)


def _optional(
    reading: Reading, name: str, text: str | UnsetType, read: Callable[[str], Decimal | None]
) -> Decimal | None:
    """Read a value that may be unset, which is empty text, and zero to be safe."""
    if isinstance(text, UnsetType) or not text.strip("0."):
        return None
    return reading.field(name, text, lambda: read(text))
