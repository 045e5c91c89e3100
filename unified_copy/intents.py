"""What a caller wants done: how each write is made, how to see whether it took effect, and what it was in words."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import attrs

from unified_copy.adapter import Operation
from unified_copy.errors import ConfigError, Difference
from unified_copy.model import FollowConfig, OnStop
from unified_copy.paging import find
from unified_copy.results import KEEP, CopiedPosition
from unified_copy.settings import FollowSettings, described, differences, unverified
from unified_copy.translation import translate_with
from unified_copy.validation import of_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unified_copy.adapter import Adapter, Call, Plan
    from unified_copy.fields import Fields
    from unified_copy.results import Price

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Intent(abc.ABC, Generic[T]):
    """Be the base of what a caller wants done; ``T`` is what looking at the venue shows."""

    operation: ClassVar[Operation]

    @abc.abstractmethod
    def __str__(self) -> str:
        """Say in words what is wanted, to stand after "told to"."""

    @property
    @abc.abstractmethod
    def about(self) -> str:
        """Name what is changed; of two writes about the same thing, the later one is in force."""

    def leader(self, adapter: Adapter) -> str | None:  # noqa: ARG002 (an override needs it)
        """Return whose follow must be read beforehand, where the adapter needs to know it."""
        return None

    @abc.abstractmethod
    def calls(self, adapter: Adapter, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Return the calls that do it; raises ``UnsupportedError`` for what the venue cannot express."""

    @abc.abstractmethod
    def look(self, adapter: Adapter) -> Plan[T] | None:
        """Return the plan that looks whether it is done; ``None`` where the venue does not show it."""

    @abc.abstractmethod
    def differences(self, adapter: Adapter, shown: T) -> tuple[Difference, ...]:
        """Return how what the venue shows differs from what is wanted."""

    def undone(self, shown: T) -> bool:  # noqa: ARG002 (an override needs it)
        """Tell whether what the venue shows means that nothing of what is wanted was done."""
        return False

    def unseen(self, adapter: Adapter, shown: T | None) -> tuple[str, ...]:  # noqa: ARG002 (an override needs them)
        """Return what looking cannot confirm; ``None`` is shown where the venue could not be read."""
        return ()

    def done_later(self, adapter: Adapter) -> bool:  # noqa: ARG002 (an override needs it)
        """Tell whether the venue may say yes before it is done."""
        return False


@attrs.frozen(kw_only=True)
class Follow(Intent[FollowSettings]):
    """Start or change a follow."""

    operation: ClassVar[Operation] = Operation.FOLLOW
    config: FollowConfig = attrs.field(validator=of_type(FollowConfig))

    def __str__(self) -> str:
        """Name the leader."""
        return f"follow {self.about}"

    @property
    def about(self) -> str:
        """Name the leader."""
        return f"leader {self.config.leader_id}"

    def leader(self, adapter: Adapter) -> str:  # noqa: ARG002 (see base)
        """Return the leader of the config."""
        return self.config.leader_id

    def calls(self, adapter: Adapter, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Translate the config, and make sure that the requests carry every field of it."""
        translation = translate_with(adapter, self.config, known)
        translation.check()
        return translation.calls

    def look(self, adapter: Adapter) -> Plan[FollowSettings] | None:
        """Read the settings, where the venue shows any of them."""
        shown = any(support.returned for support in self._supports(adapter).values())
        return adapter.settings(self.config.leader_id) if shown and Operation.SETTINGS in adapter.available else None

    def differences(self, adapter: Adapter, shown: FollowSettings) -> tuple[Difference, ...]:
        """Compare field by field."""
        return differences(self.config, shown, self._supports(adapter))

    def undone(self, shown: FollowSettings) -> bool:
        """Tell whether there is no follow at all."""
        return not shown.active

    def unseen(self, adapter: Adapter, shown: FollowSettings | None) -> tuple[str, ...]:
        """Name the fields set off their default that cannot be read."""
        return unverified(self.config, self._supports(adapter), shown)

    def _supports(self, adapter: Adapter) -> Fields:
        return adapter.forms[adapter.form(self.config)]


@attrs.frozen(kw_only=True)
class Unfollow(Intent[FollowSettings]):
    """End a follow."""

    operation: ClassVar[Operation] = Operation.UNFOLLOW
    leader_id: str
    on_stop: OnStop | None = attrs.field(default=None, validator=of_type(OnStop))

    def __str__(self) -> str:
        """Name the leader."""
        return f"stop following {self.about}"

    @property
    def about(self) -> str:
        """Name the leader."""
        return f"leader {self.leader_id}"

    def leader(self, adapter: Adapter) -> str | None:
        """Return the leader, unless all is said already: what cannot be read must not keep a follow from ending."""
        return None if self.on_stop is not None and adapter.on_stop_suffices else self.leader_id

    def calls(self, adapter: Adapter, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Ask the adapter."""
        return adapter.unfollow(self.leader_id, self.on_stop, known)

    def look(self, adapter: Adapter) -> Plan[FollowSettings] | None:
        """Read the settings."""
        return adapter.settings(self.leader_id) if Operation.SETTINGS in adapter.available else None

    def differences(self, adapter: Adapter, shown: FollowSettings) -> tuple[Difference, ...]:  # noqa: ARG002 (see base)
        """Find an active follow different."""
        return (Difference("leader_id", "not following", "an active follow"),) if shown.active else ()

    def undone(self, shown: FollowSettings) -> bool:
        """Tell whether the follow is still there."""
        return shown.active

    def done_later(self, adapter: Adapter) -> bool:
        """Ask the adapter."""
        return adapter.unfollows_later


@attrs.frozen(kw_only=True)
class _OfPosition(Intent[tuple[CopiedPosition, ...]]):
    """Look for one open copied position."""

    position: CopiedPosition

    @property
    def about(self) -> str:
        """Name the position."""
        return f"position {self.position.position_id}"

    def look(self, adapter: Adapter) -> Plan[tuple[CopiedPosition, ...]] | None:
        """Look through the open positions."""
        return find(adapter, self.position) if Operation.POSITIONS in adapter.available else None


@attrs.frozen(kw_only=True)
class Close(_OfPosition):
    """Close one copied position at market."""

    operation: ClassVar[Operation] = Operation.CLOSE

    def __str__(self) -> str:
        """Name the position."""
        return f"close {self.about}"

    def calls(self, adapter: Adapter, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (see base)
        """Ask the adapter."""
        return adapter.close(self.position)

    def differences(self, adapter: Adapter, shown: tuple[CopiedPosition, ...]) -> tuple[Difference, ...]:  # noqa: ARG002 (see base)
        """Find an open position different."""
        still = f"{self.position.symbol} {self.position.position_id} is open"
        return (Difference("position", "closed", still),) if shown else ()

    def undone(self, shown: tuple[CopiedPosition, ...]) -> bool:
        """Tell whether the position is still open."""
        return bool(shown)


@attrs.frozen(kw_only=True)
class Protect(_OfPosition):
    """Set, cancel or keep the two protections of one copied position.

    Raises ``ConfigError`` where there is nothing to change.
    """

    operation: ClassVar[Operation] = Operation.PROTECT
    take_profit_price: Price
    stop_loss_price: Price

    def __attrs_post_init__(self) -> None:
        """Refuse to do nothing."""
        if not self._wanted:
            raise ConfigError("take_profit_price", "there is nothing to change; give a price, or None to cancel one")

    def __str__(self) -> str:
        """Name the position."""
        return f"protect {self.about}"

    def calls(self, adapter: Adapter, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (see base)
        """Ask the adapter."""
        return adapter.protect(self.position, self.take_profit_price, self.stop_loss_price)

    def differences(self, adapter: Adapter, shown: tuple[CopiedPosition, ...]) -> tuple[Difference, ...]:  # noqa: ARG002 (see base)
        """Compare the prices that were not kept."""
        if not shown:
            return (Difference("position", "an open position", "no such position"),)
        return tuple(
            Difference(name, described(price), described(getattr(shown[0], name)))
            for name, price in self._wanted.items()
            if name not in shown[0].missing and getattr(shown[0], name) != price
        )

    def unseen(self, adapter: Adapter, shown: tuple[CopiedPosition, ...] | None) -> tuple[str, ...]:  # noqa: ARG002 (see base)
        """Name the prices that cannot be read."""
        return tuple(name for name in self._wanted if not shown or name in shown[0].missing)

    @property
    def _wanted(self) -> Mapping[str, Price]:
        prices = {"take_profit_price": self.take_profit_price, "stop_loss_price": self.stop_loss_price}
        return {name: price for name, price in prices.items() if price is not KEEP}
