"""The exchange-neutral domain model: what it means to copy a leader, checked when it is built.

No value here can exist in a wrong state, so adapters translate and never validate again. Every refusal is a
``ConfigError`` that names the config attribute, what is wrong with the value, and what is allowed.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from decimal import Decimal  # noqa: TC003 (cattrs reads the annotations of a config at run time)
from typing import Final, Literal

import attrs

from unified_copy.decimals import DecimalLike, positive
from unified_copy.errors import ConfigError
from unified_copy.pairs import Pair
from unified_copy.terms import (
    LEVERAGES,
    SIZINGS,
    TERMS,
    Leverage,
    MarginMode,
    Sizing,
    SymbolRule,
    max_position_cap,
    stop_loss_ratio,
    take_profit_ratio,
)
from unified_copy.validation import of_type, shown

MAX_ID_LENGTH: Final = 128


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


class VenueSettings:
    """Be the base of the settings that one product requires and no other knows; an adapter brings its own."""

    __slots__ = ()


# ------------------------------------------------------------------ converters of single fields


Symbols = tuple[SymbolRule, ...] | Literal[AllSymbols.ALL]
SymbolsLike = Iterable[str | Pair | SymbolRule] | Literal[AllSymbols.ALL]


def checked_leader_id(value: str) -> str:
    """Return ``value`` where it can be a leader's id: text without blanks and control characters.

    Raises ``ConfigError`` with field ``leader_id`` for anything else.
    """
    allowed = "give the exchange's own id of the leader as text"
    if not isinstance(value, str):
        raise ConfigError("leader_id", f"{shown(value)} is not text; {allowed}")
    if not value:
        raise ConfigError("leader_id", f"it is empty; {allowed}")
    if len(value) > MAX_ID_LENGTH:
        raise ConfigError("leader_id", f"it has more than {MAX_ID_LENGTH} characters; {allowed}")
    if not value.isprintable() or any(map(str.isspace, value)):
        raise ConfigError("leader_id", f"{shown(value)} holds a blank or control character; {allowed}")
    return value


def _symbols(value: SymbolsLike) -> Symbols:
    allowed = "give a list such as ['BTC/USDT'], or ALL_SYMBOLS"
    if value is ALL_SYMBOLS:
        return ALL_SYMBOLS
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ConfigError("symbols", f"{shown(value)} is not a list of pairs; {allowed}")
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


def _max_total(value: DecimalLike | None) -> Decimal | None:
    return None if value is None else positive(value, "max_total")


def _loss_limit(value: DecimalLike | None) -> Decimal | None:
    return None if value is None else positive(value, "loss_limit")


# ------------------------------------------------------------------ the follow itself


@attrs.frozen(kw_only=True)
class FollowConfig:
    """Say how to copy one leader, in words that belong to no exchange.

    Amounts are exact: give ``Decimal``, ``int`` or digits as text. Raises ``ConfigError`` for any value that no
    exchange could take; whether a particular exchange can express it is for ``translate`` to say.
    """

    leader_id: str = attrs.field(converter=checked_leader_id)
    """The product's own id of the leader, opaque."""
    sizing: Sizing = attrs.field(validator=of_type(*SIZINGS))
    """How big each copied order is."""
    symbols: Symbols = attrs.field(converter=_symbols)
    """The pairs to copy, each with its own terms where it has any, or ``ALL_SYMBOLS``."""
    follow_new_symbols: bool = attrs.field(default=False, validator=of_type(bool))
    """Also copy pairs that the leader adds later."""
    stop_loss: Decimal | None = attrs.field(default=None, converter=stop_loss_ratio)
    """Per copied order, as a fraction of the money put up: 0.2 is 20 %."""
    take_profit: Decimal | None = attrs.field(default=None, converter=take_profit_ratio)
    """Per copied order, as a fraction of the money put up: 0.2 is 20 %."""
    margin_mode: MarginMode | None = attrs.field(default=None, validator=of_type(MarginMode))
    """``None``: as the venue does it, and the leader's where the venue must be told."""
    leverage: Leverage | None = attrs.field(default=None, validator=of_type(*LEVERAGES))
    """``None``: as the venue does it, and the leader's where the venue must be told."""
    max_position: Decimal | None = attrs.field(default=None, converter=max_position_cap)
    """Cap per symbol, in the venue's unit."""
    max_total: Decimal | None = attrs.field(default=None, converter=_max_total)
    """Cap over all copied orders, in quote currency."""
    loss_limit: Decimal | None = attrs.field(default=None, converter=_loss_limit)
    """Total loss, in quote currency, at which the venue ends the follow."""
    on_stop: OnStop = attrs.field(default=OnStop.CLOSE_WITH_LEADER, validator=of_type(OnStop))
    """What happens to copied positions when the venue ends the follow at ``loss_limit``."""
    direction: Direction = attrs.field(default=Direction.SAME, validator=of_type(Direction))
    """Whether to trade as the leader does or against it."""
    venue: VenueSettings | None = attrs.field(default=None, validator=of_type(VenueSettings))
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
