"""The exchange-neutral domain model: what it means to copy a leader, checked when it is built.

No value here can exist in a wrong state, so adapters translate and never validate again. Every refusal is a
``ConfigError`` that names the config attribute, what is wrong with the value, and what is allowed.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

import attrs

from unified_copy.decimals import DecimalLike, plain, positive
from unified_copy.errors import ConfigError

MAX_STOP_LOSS: Final = Decimal(4)
MAX_TAKE_PROFIT: Final = Decimal(10)
MAX_ID_LENGTH: Final = 128


# ------------------------------------------------------------------ enums


class MarginMode(enum.Enum):
    """Whose margin mode a copied position gets."""

    LEADER = "leader"
    """The leader's, whatever it is."""
    OWN = "own"
    """The one set on the follower's own account."""
    CROSS = "cross"
    ISOLATED = "isolated"


class OnStop(enum.Enum):
    """What happens to copied positions when the venue ends the follow at ``loss_limit``."""

    CLOSE_WITH_LEADER = "close_with_leader"
    CLOSE_NOW = "close_now"
    LEAVE_OPEN = "leave_open"


class Direction(enum.Enum):
    """Whether to trade as the leader does or against it."""

    SAME = "same"
    REVERSE = "reverse"


class AllSymbols(enum.Enum):
    """Hold the one value that stands for everything the leader trades."""

    ALL = "all"

    def __repr__(self) -> str:
        """Show the name under which it is imported."""
        return "ALL_SYMBOLS"


ALL_SYMBOLS: Final = AllSymbols.ALL
"""Copy everything the leader trades."""


# ------------------------------------------------------------------ sizing


def _sizing_value(value: DecimalLike) -> Decimal:
    return positive(value, "sizing")


@attrs.frozen
class FixedAmount:
    """Put up the same money for every copied order: margin on futures, cost on spot; in quote currency."""

    amount: Decimal = attrs.field(converter=_sizing_value)

    def __str__(self) -> str:
        """Say it as a trader would."""
        return f"{plain(self.amount)} per order"


@attrs.frozen
class FixedQuantity:
    """Copy every order with the same quantity, in base units."""

    quantity: Decimal = attrs.field(converter=_sizing_value)

    def __str__(self) -> str:
        """Say it as a trader would."""
        return f"{plain(self.quantity)} units per order"


@attrs.frozen
class Multiplier:
    """Copy every order at a multiple of the leader's: 1 is the same, 2 is twice as much."""

    multiple: Decimal = attrs.field(converter=_sizing_value)

    def __str__(self) -> str:
        """Say it as a trader would."""
        return f"{plain(self.multiple)} times the leader's order"


@attrs.frozen
class Proportional:
    """Set money aside, in quote currency, and use of it the share that the leader uses of its own equity."""

    investment: Decimal = attrs.field(converter=_sizing_value)

    def __str__(self) -> str:
        """Say it as a trader would."""
        return f"in proportion, {plain(self.investment)} set aside"


Sizing = FixedAmount | FixedQuantity | Multiplier | Proportional
SIZINGS: Final = (FixedAmount, FixedQuantity, Multiplier, Proportional)


# ------------------------------------------------------------------ leverage


def _leverage_value(value: DecimalLike) -> Decimal:
    return positive(value, "leverage")


@attrs.frozen
class LeaderLeverage:
    """Use the leader's leverage."""

    def __str__(self) -> str:
        """Say it as a trader would."""
        return "the leader's"


@attrs.frozen
class PositionLeverage:
    """Use the leverage set on the follower's own account."""

    def __str__(self) -> str:
        """Say it as a trader would."""
        return "the account's own"


@attrs.frozen(kw_only=True)
class FixedLeverage:
    """Use these leverages, as multiples: 10 is ten times."""

    long: Decimal = attrs.field(converter=_leverage_value)
    short: Decimal = attrs.field(converter=_leverage_value)

    def __str__(self) -> str:
        """Say it as a trader would."""
        return f"long {plain(self.long)}x, short {plain(self.short)}x"


Leverage = LeaderLeverage | PositionLeverage | FixedLeverage
LEVERAGES: Final = (LeaderLeverage, PositionLeverage, FixedLeverage)


# ------------------------------------------------------------------ pairs


def _is_symbol_name(text: str) -> bool:
    """Tell whether ``text`` is made of upper-case letters and digits of any script."""
    return text == text.upper() and all(
        category[0] == "L" or category == "Nd" for category in map(unicodedata.category, text)
    )


def _checked_coin(_instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:  # noqa: ANN401 (unchecked)
    if value is None and attribute.name == "settle":
        return
    if not isinstance(value, str) or not value or not _is_symbol_name(value):
        reason = f"{_shown(value)} is no {attribute.name} of a pair; use upper-case letters and digits"
        raise ConfigError("symbol", reason)


@attrs.frozen
class Pair:
    """Name what is traded, in the field's own notation: ``BTC/USDT``, or ``BTC/USDT:USDT`` with what it settles in."""

    base: str = attrs.field(validator=_checked_coin)
    quote: str = attrs.field(validator=_checked_coin)
    settle: str | None = attrs.field(default=None, validator=_checked_coin)

    def __str__(self) -> str:
        """Write the pair as ``BASE/QUOTE`` or ``BASE/QUOTE:SETTLE``."""
        return f"{self.base}/{self.quote}:{self.settle}" if self.settle else f"{self.base}/{self.quote}"

    @classmethod
    def parse(cls, text: str) -> Pair:
        """Read ``BASE/QUOTE`` or ``BASE/QUOTE:SETTLE``.

        Raises ``ConfigError`` with field ``symbol`` for anything else, and says how to write it where that is plain.
        """
        base, slash, rest = text.partition("/")
        quote, colon, settle = rest.partition(":")
        parts = [base, quote, settle] if colon else [base, quote]
        if slash and all(part and _is_symbol_name(part) for part in parts):
            return cls(*parts)
        if slash and all(part and _is_symbol_name(part.upper()) for part in parts):
            raise ConfigError("symbol", f"{_shown(text)} is not in upper case; write {_shown(text.upper())}")
        reason = f"{_shown(text)} is no pair; write base and quote in upper-case letters and digits, as in 'BTC/USDT'"
        raise ConfigError("symbol", reason)


# ------------------------------------------------------------------ converters of single fields


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MAX_ID_LENGTH else text[:MAX_ID_LENGTH] + "…"


def stop_loss_ratio(value: DecimalLike | None) -> Decimal | None:
    """Return a stop loss as an exact fraction of the money put up, at most 4; refuse anything else."""
    return _ratio(value, "stop_loss", MAX_STOP_LOSS)


def take_profit_ratio(value: DecimalLike | None) -> Decimal | None:
    """Return a take profit as an exact fraction of the money put up, at most 10; refuse anything else."""
    return _ratio(value, "take_profit", MAX_TAKE_PROFIT)


def _max_position(value: DecimalLike | None) -> Decimal | None:
    return None if value is None else positive(value, "max_position")


def _max_total(value: DecimalLike | None) -> Decimal | None:
    return None if value is None else positive(value, "max_total")


def _loss_limit(value: DecimalLike | None) -> Decimal | None:
    return None if value is None else positive(value, "loss_limit")


def _ratio(value: DecimalLike | None, field: str, highest: Decimal) -> Decimal | None:
    """Read a fraction of the money put up; one that is far too high was probably meant as percent."""
    if value is None:
        return None
    number = positive(value, field)
    if number > highest:
        reason = f"{number} is above {highest}; this is a fraction, 0.2 for 20 %: did you mean percent?"
        raise ConfigError(field, reason)
    return number


def _of_type(*allowed: type) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    """Accept instances of the classes given, and ``None`` where that is the field's default."""
    names = ", ".join(" or ".join(map(str, cls)) if issubclass(cls, enum.Enum) else cls.__name__ for cls in allowed)

    def check(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if (value is None and attribute.default is None) or isinstance(value, allowed):
            return
        raise ConfigError(attribute.name, f"{_shown(value)} is not allowed; use {names}")

    return check


# ------------------------------------------------------------------ the follow itself


def _rule_pair(value: str | Pair) -> Pair:
    if isinstance(value, Pair):
        return value
    if isinstance(value, str):
        return Pair.parse(value)
    raise ConfigError("symbol", f"{_shown(value)} is no pair; give text such as 'BTC/USDT', or a Pair")


@attrs.frozen(kw_only=True)
class SymbolRule:
    """Say how one pair differs from the rest; what is ``None`` is inherited from the config."""

    symbol: Pair = attrs.field(converter=_rule_pair, kw_only=False)
    sizing: Sizing | None = attrs.field(default=None, validator=_of_type(*SIZINGS))
    stop_loss: Decimal | None = attrs.field(default=None, converter=stop_loss_ratio)
    take_profit: Decimal | None = attrs.field(default=None, converter=take_profit_ratio)
    margin_mode: MarginMode | None = attrs.field(default=None, validator=_of_type(MarginMode))
    leverage: Leverage | None = attrs.field(default=None, validator=_of_type(*LEVERAGES))
    max_position: Decimal | None = attrs.field(default=None, converter=_max_position)


TERMS: Final = ("sizing", "stop_loss", "take_profit", "margin_mode", "leverage", "max_position")
"""The fields that a rule may set for its own pair."""


RATIOS: Final = ("stop_loss", "take_profit")
"""The fields that hold fractions."""


class VenueSettings:
    """Be the base of the settings that one product requires and no other knows; an adapter brings its own."""

    __slots__ = ()


Symbols = tuple[SymbolRule, ...] | Literal[AllSymbols.ALL]
SymbolsLike = Iterable[str | Pair | SymbolRule] | Literal[AllSymbols.ALL]


def checked_leader_id(value: str) -> str:
    """Return ``value`` where it can be a leader's id: text without blanks and control characters.

    Raises ``ConfigError`` with field ``leader_id`` for anything else.
    """
    allowed = "give the exchange's own id of the leader as text"
    if not isinstance(value, str):
        raise ConfigError("leader_id", f"{_shown(value)} is not text; {allowed}")
    if not value:
        raise ConfigError("leader_id", f"it is empty; {allowed}")
    if len(value) > MAX_ID_LENGTH:
        raise ConfigError("leader_id", f"it has more than {MAX_ID_LENGTH} characters; {allowed}")
    if not value.isprintable() or any(map(str.isspace, value)):
        raise ConfigError("leader_id", f"{_shown(value)} holds a blank or control character; {allowed}")
    return value


def _symbols(value: SymbolsLike) -> Symbols:
    allowed = "give a list such as ['BTC/USDT'], or ALL_SYMBOLS"
    if value is ALL_SYMBOLS:
        return ALL_SYMBOLS
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ConfigError("symbols", f"{_shown(value)} is no list of pairs; {allowed}")
    rules: list[SymbolRule] = []
    seen: dict[Pair, int] = {}
    for index, item in enumerate(value):
        try:
            rule = item if isinstance(item, SymbolRule) else SymbolRule(item)
        except ConfigError as error:
            raise ConfigError(f"symbols[{index}]", error.reason) from None
        if rule.symbol in seen:
            reason = f"{rule.symbol} is there already, as symbols[{seen[rule.symbol]}]; name each pair once"
            raise ConfigError(f"symbols[{index}]", reason)
        seen[rule.symbol] = index
        rules.append(rule)
    if not rules:
        raise ConfigError("symbols", f"it is empty; {allowed}")
    return tuple(rules)


@attrs.frozen(kw_only=True)
class FollowConfig:
    """Say how to copy one leader, in words that belong to no exchange.

    Amounts are exact: give ``Decimal``, ``int`` or digits as text. Raises ``ConfigError`` for any value that no
    exchange could take; whether a particular exchange can express it is for ``translate`` to say.
    """

    leader_id: str = attrs.field(converter=checked_leader_id)
    """The product's own id of the leader, opaque."""
    sizing: Sizing = attrs.field(validator=_of_type(*SIZINGS))
    """How big each copied order is."""
    symbols: Symbols = attrs.field(converter=_symbols)
    """The pairs to copy, each with its own terms where it has any, or ``ALL_SYMBOLS``."""
    follow_new_symbols: bool = attrs.field(default=False, validator=_of_type(bool))
    """Also copy pairs that the leader adds later."""
    stop_loss: Decimal | None = attrs.field(default=None, converter=stop_loss_ratio)
    """Per copied order, as a fraction of the money put up: 0.2 is 20 %."""
    take_profit: Decimal | None = attrs.field(default=None, converter=take_profit_ratio)
    """Per copied order, as a fraction of the money put up: 0.2 is 20 %."""
    margin_mode: MarginMode | None = attrs.field(default=None, validator=_of_type(MarginMode))
    """``None``: as the venue does it, and the leader's where the venue must be told."""
    leverage: Leverage | None = attrs.field(default=None, validator=_of_type(*LEVERAGES))
    """``None``: as the venue does it, and the leader's where the venue must be told."""
    max_position: Decimal | None = attrs.field(default=None, converter=_max_position)
    """Cap per symbol, in the venue's unit."""
    max_total: Decimal | None = attrs.field(default=None, converter=_max_total)
    """Cap over all copied orders, in quote currency."""
    loss_limit: Decimal | None = attrs.field(default=None, converter=_loss_limit)
    """Total loss, in quote currency, at which the venue ends the follow."""
    on_stop: OnStop = attrs.field(default=OnStop.CLOSE_WITH_LEADER, validator=_of_type(OnStop))
    """What happens to copied positions when the venue ends the follow at ``loss_limit``."""
    direction: Direction = attrs.field(default=Direction.SAME, validator=_of_type(Direction))
    """Whether to trade as the leader does or against it."""
    venue: VenueSettings | None = attrs.field(default=None, validator=_of_type(VenueSettings))
    """Settings that one product requires, as the class its adapter brings."""

    rules: tuple[SymbolRule, ...] = attrs.field(init=False, repr=False, eq=False)
    """The pairs with inheritance settled: every term stands where it applies. Empty for ``ALL_SYMBOLS``."""
    own_terms: Mapping[int, tuple[str, ...]] = attrs.field(init=False, repr=False, eq=False)
    """The pairs with terms of their own: index and the names of the terms."""
    chosen: Mapping[str, tuple[tuple[str, object], ...]] = attrs.field(init=False, repr=False, eq=False)
    """The fields set off their default, each with where it is set and the value: the fields no adapter may drop."""

    @rules.default
    def _settle(self) -> tuple[SymbolRule, ...]:
        if self.symbols is ALL_SYMBOLS:
            return ()
        inherited = {name: getattr(self, name) for name in TERMS}
        return tuple(
            attrs.evolve(rule, **{name: value for name, value in inherited.items() if getattr(rule, name) is None})
            for rule in self.symbols
        )

    @chosen.default
    def _collect(self) -> Mapping[str, tuple[tuple[str, object], ...]]:
        chosen: dict[str, tuple[tuple[str, object], ...]] = {}
        for field in CONFIG_FIELDS:
            value = getattr(self, field.name)
            if value != field.default:
                chosen[field.name] = ((field.name, value),)
        for index, names in self.own_terms.items():
            for name in names:
                own = getattr(self.rules[index], name)
                chosen[name] = (*chosen.get(name, ()), (f"symbols[{index}].{name}", own))
        return chosen

    @own_terms.default
    def _name_own_terms(self) -> Mapping[int, tuple[str, ...]]:
        rules = () if self.symbols is ALL_SYMBOLS else self.symbols
        own = {
            index: tuple(name for name in TERMS if getattr(rule, name) is not None) for index, rule in enumerate(rules)
        }
        return {index: names for index, names in own.items() if names}

    def where(self, name: str, index: int) -> str:
        """Return the path of the attribute that settles term ``name`` for the pair at ``index``."""
        return f"symbols[{index}].{name}" if name in self.own_terms.get(index, ()) else name


CONFIG_FIELDS: Final = tuple(field for field in attrs.fields(FollowConfig) if field.init)
"""The fields of a config in their order."""
FIELD_NAMES: Final = tuple(field.name for field in CONFIG_FIELDS)
