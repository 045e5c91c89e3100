"""Say to which calls of a local venue a fault happens, and how often."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.adapter import Operation
from unified_copy.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType
    from typing import Self

    from unified_copy.sandbox.faults import Fault, Rest
    from unified_copy.sandbox.messages import Answer, Parameters, Violation
    from unified_copy.sandbox.venue import Venue

_WRITES: Final = frozenset({Operation.FOLLOW, Operation.UNFOLLOW, Operation.CLOSE, Operation.PROTECT})


class Calls(enum.Enum):
    """Name many calls of a venue at once."""

    EVERY = "every"
    WRITES = "writes"
    """Those that follow, unfollow, close or protect."""
    READS = "reads"
    """All others, the clock among them."""


@attrs.define(eq=False)
class Switch:
    """Hold a fault that is switched on; as a context manager, it is off after the block."""

    fault: Fault
    calls: frozenset[str]
    """The ``operationId`` of each call that it happens to."""
    leader_id: str | None
    """The leader in whose calls alone it happens; ``None`` for all."""
    times: float
    """How often it may happen."""
    met: int = 0
    """How often it has happened."""

    def off(self) -> None:
        """Let it happen no more."""
        self.times = self.met

    def concerns(self, call: str, leaders: Collection[str]) -> bool:
        """Tell whether it will happen to a call about these leaders."""
        return self.met < self.times and call in self.calls and (self.leader_id is None or self.leader_id in leaders)

    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:
        """Let it happen, and count it."""
        self.met += 1
        return self.fault.happen(venue, rest, parameters)

    def __enter__(self) -> Self:
        """Return the switch itself; it is on already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Switch it off."""
        self.off()


def named(venue: Venue, calls: Operation | Calls | str) -> frozenset[str]:
    """Return the ``operationId`` of each call of ``venue`` that ``calls`` means; raise ``ConfigError`` for none."""
    every = frozenset(operation.id for operation in venue.rules.operations)
    # A venue may have handlers from its base for calls that its own contract does not have.
    performs = {call: performed for call, performed in venue.performs.items() if call in every}
    writes = frozenset(call for call, performed in performs.items() if performed & _WRITES)
    # Where nothing is told of what calls are part of, nothing is known of which of them read, either.
    reads = every - writes if any(performs.values()) else writes
    many = {Calls.EVERY: every, Calls.WRITES: writes, Calls.READS: reads}
    if isinstance(calls, Calls):
        found = many[calls]
    elif isinstance(calls, Operation):
        found = frozenset(call for call, performed in performs.items() if calls in performed)
    else:
        found = every & {calls}
    if not found:
        words = ", ".join(sorted({operation.value for performed in performs.values() for operation in performed}))
        reason = f"{type(venue).__name__} has no call for {getattr(calls, 'value', calls)!r}"
        can = f"it performs: {words or 'nothing that its handlers tell of'}"
        raise ConfigError("calls", f"{reason}; {can}; the calls of its contract are: {', '.join(sorted(every))}")
    return found
