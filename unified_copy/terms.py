"""The terms on which a pair is copied: how big each order is, and with which margin, leverage and limits."""

from __future__ import annotations

import enum
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.decimals import DecimalLike, plain, positive
from unified_copy.errors import ConfigError
from unified_copy.pairs import Pair, as_pair
from unified_copy.validation import of_type

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_STOP_LOSS: Final = Decimal(4)
MAX_TAKE_PROFIT: Final = Decimal(10)


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
SIZING_KEYS: Final[Mapping[str, type[Sizing]]] = dict(
    zip(("fixed_amount", "fixed_quantity", "multiplier", "proportional"), SIZINGS, strict=True)
)
"""The sizings, by the key that names them in files and among the options of the command line."""


# ------------------------------------------------------------------ margin and leverage


class MarginMode(enum.Enum):
    """Whose margin mode a copied position gets."""

    LEADER = "leader"
    """The leader's, whatever it is."""
    OWN = "own"
    """The one set on the follower's own account."""
    CROSS = "cross"
    ISOLATED = "isolated"


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


# ------------------------------------------------------------------ limits


def stop_loss_ratio(value: DecimalLike | None) -> Decimal | None:
    """Return a stop loss as an exact fraction of the money put up, at most 4; refuse anything else."""
    return _ratio(value, "stop_loss", MAX_STOP_LOSS)


def take_profit_ratio(value: DecimalLike | None) -> Decimal | None:
    """Return a take profit as an exact fraction of the money put up, at most 10; refuse anything else."""
    return _ratio(value, "take_profit", MAX_TAKE_PROFIT)


def max_position_cap(value: DecimalLike | None) -> Decimal | None:
    """Return a cap per symbol as an exact amount; refuse anything else."""
    return None if value is None else positive(value, "max_position")


def _ratio(value: DecimalLike | None, field: str, highest: Decimal) -> Decimal | None:
    """Read a fraction of the money put up; one that is far too high was probably meant as percent."""
    if value is None:
        return None
    number = positive(value, field)
    if number > highest:
        reason = f"{number} is above {highest}; this is a fraction, 0.2 for 20 %: did you mean percent?"
        raise ConfigError(field, reason)
    return number


# ------------------------------------------------------------------ all of them, for one pair


@attrs.frozen(kw_only=True)
class SymbolRule:
    """Say how one pair differs from the rest; what is ``None`` is inherited from the config."""

    symbol: Pair = attrs.field(converter=as_pair, kw_only=False)
    sizing: Sizing | None = attrs.field(default=None, validator=of_type(*SIZINGS))
    stop_loss: Decimal | None = attrs.field(default=None, converter=stop_loss_ratio)
    take_profit: Decimal | None = attrs.field(default=None, converter=take_profit_ratio)
    margin_mode: MarginMode | None = attrs.field(default=None, validator=of_type(MarginMode))
    leverage: Leverage | None = attrs.field(default=None, validator=of_type(*LEVERAGES))
    max_position: Decimal | None = attrs.field(default=None, converter=max_position_cap)


TERMS: Final = ("sizing", "stop_loss", "take_profit", "margin_mode", "leverage", "max_position")
"""The fields that a rule may set for its own pair."""


RATIOS: Final = ("stop_loss", "take_profit")
"""The fields that hold fractions."""
