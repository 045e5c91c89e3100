"""What a venue tells, in words that belong to no exchange.

Amounts are exact decimals in quote currency unless said otherwise, shares and returns are fractions (0.2 is 20 %), and
times are aware. ``None`` is what the venue did not tell; it is never written as zero. ``raw`` is the venue's own row.
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unified_copy.errors import UnifiedCopyError
    from unified_copy.pairs import Pair

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """Hold one page of a list."""

    items: tuple[T, ...]
    cursor: str | None
    """What to ask the next page with, in the adapter's own words; ``None`` at the end."""


class Side(enum.Enum):
    """Say on which side of the market a position stands."""

    LONG = "long"
    SHORT = "short"
    UNKNOWN = "unknown"
    """The venue used a word that is not documented."""


class Keep(enum.Enum):
    """Hold the one value that leaves a price as it is."""

    KEEP = "keep"

    def __repr__(self) -> str:
        """Show the name under which it is imported."""
        return "KEEP"


KEEP: Final = Keep.KEEP
"""Leave a protection as it is."""
Price = Decimal | None | Literal[Keep.KEEP]
"""A price to set, ``None`` to cancel what is set, ``KEEP`` to leave it."""


@attrs.frozen(kw_only=True)
class FollowedLeader:
    """Hold one leader that is being followed."""

    exchange: str
    leader_id: str
    name: str | None = None
    since: datetime | None = None
    invested: Decimal | None = None
    """Money in use for this leader."""
    profit: Decimal | None = None
    """Profit so far, after the leader's share where the venue takes it off."""
    symbols: tuple[Pair, ...] | None = None
    """The pairs the leader trades now."""
    raw: object = attrs.field(default=None, repr=False, eq=False)


@attrs.frozen(kw_only=True)
class CopiedPosition:
    """Hold one open copied position."""

    exchange: str
    position_id: str
    """The venue's own id of the copied position."""
    symbol: Pair
    side: Side
    leader_id: str | None = None
    quantity: Decimal | None = None
    """In base units on spot, in the venue's unit (contracts or base units) on futures."""
    entry_price: Decimal | None = None
    leverage: Decimal | None = None
    margin: Decimal | None = None
    opened: datetime | None = None
    take_profit_price: Decimal | None = None
    stop_loss_price: Decimal | None = None
    unrealized_profit: Decimal | None = None
    missing: frozenset[str] = frozenset()
    """Of the two protections, those that the venue does not show here."""
    handle: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """What the adapter needs besides the id to name the position to the venue."""
    raw: object = attrs.field(default=None, repr=False, eq=False)


@attrs.frozen(kw_only=True)
class ClosedCopy:
    """Hold one copied position that has been closed."""

    exchange: str
    position_id: str
    symbol: Pair
    side: Side
    leader_id: str | None = None
    quantity: Decimal | None = None
    """In the unit of ``CopiedPosition.quantity``."""
    entry_price: Decimal | None = None
    exit_price: Decimal | None = None
    leverage: Decimal | None = None
    opened: datetime | None = None
    closed: datetime | None = None
    profit: Decimal | None = None
    """Before fees and the leader's share."""
    net_profit: Decimal | None = None
    fees: Decimal | None = None
    """Paid, above zero."""
    profit_ratio: Decimal | None = None
    """Return on the money put up, as a fraction."""
    raw: object = attrs.field(default=None, repr=False, eq=False)


@attrs.frozen(kw_only=True)
class LeaderProfile:
    """Hold what is public about a leader."""

    exchange: str
    leader_id: str
    name: str | None = None
    introduction: str | None = None
    followers: int | None = None
    max_followers: int | None = None
    profit_share: Decimal | None = None
    """The leader's share of a follower's profit, as a fraction."""
    equity: Decimal | None = None
    days_leading: int | None = None
    profit: Decimal | None = None
    profit_ratio: Decimal | None = None
    """Return over the time the venue counts, as a fraction."""
    win_ratio: Decimal | None = None
    """Share of closed trades with a profit, as a fraction."""
    max_drawdown: Decimal | None = None
    """As a fraction."""
    symbols: tuple[Pair, ...] | None = None
    raw: object = attrs.field(default=None, repr=False, eq=False)


@attrs.frozen(kw_only=True)
class SymbolLimits:
    """Hold a pair that can be copied, with its limits where the venue gives them."""

    exchange: str
    symbol: Pair
    min_quantity: Decimal | None = None
    """Per copied order, in base units."""
    max_quantity: Decimal | None = None
    min_amount: Decimal | None = None
    """Per copied order, in quote currency."""
    max_amount: Decimal | None = None
    raw: object = attrs.field(default=None, repr=False, eq=False)


class Level(enum.Enum):
    """Say how much a finding matters."""

    FINE = "fine"
    WARNING = "warning"
    PROBLEM = "problem"


@attrs.frozen
class Finding:
    """Hold one answer to the question whether this key and account can follow here; it never holds a secret."""

    topic: str
    level: Level
    told: str
    """What was found."""
    advice: str = ""
    """What to do about it."""


@attrs.frozen(kw_only=True)
class ActionResult:
    """Say what became of a write other than a follow."""

    status: Literal["done", "accepted", "pending", "failed"]
    """``done``: read back, and as wanted. ``accepted``: the venue said yes and it cannot be read. ``pending``: the
    venue is still working on it. ``failed``, in ``close_all`` only: see ``cause``."""
    exchange: str
    note: str = ""
    """What the venue does besides, that was not asked for."""
    position: CopiedPosition | None = None
    """What was closed or protected."""
    unverified: tuple[str, ...] = ()
    """What reading back cannot confirm."""
    cause: UnifiedCopyError | None = None
    """Why reading back, or the write, failed."""


def moment(milliseconds: int | str | None) -> datetime | None:
    """Return milliseconds since 1970 as an aware time; ``None`` for nothing, empty text and zero.

    Raises ``ValueError`` for anything else that is no time.
    """
    try:
        if milliseconds in {None, "", 0, "0"}:
            return None
        if not isinstance(milliseconds, int | str):
            # A fraction is no count, and 1E+999999 is one that takes a minute to become an int.
            raise TypeError  # noqa: TRY301 (told below, with the rest)
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(milliseconds))
    except (TypeError, OverflowError) as error:
        raise ValueError(f"{milliseconds!r} is not a time in milliseconds") from error
