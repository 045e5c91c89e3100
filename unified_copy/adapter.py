"""The contract between the core and an exchange: what an adapter says, builds, signs and decodes.

An adapter never awaits and never touches the network, the clock or the environment. It hands out ``Call``s; the
client sends them and hands the answers back. The base class answers every optional operation with a refusal, so an
adapter defines what its venue has and nothing else.
"""

from __future__ import annotations

import abc
import enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Protocol, TypeVar

import attrs
import msgspec

from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.gaps import Gap, Gaps, cannot, gap_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from unified_copy.answers import Codes
    from unified_copy.credentials import Credentials
    from unified_copy.fields import Fields
    from unified_copy.model import FollowConfig, OnStop, VenueSettings
    from unified_copy.results import (
        ClosedCopy,
        CopiedPosition,
        Finding,
        FollowedLeader,
        LeaderProfile,
        Page,
        Price,
        SymbolLimits,
    )
    from unified_copy.settings import FollowSettings
    from unified_copy.wire import Request, Response

ADAPTER_API: Final = 1
"""The version of the contract in this module; it goes up when an adapter written for the one before would break."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@attrs.frozen
class Limit:
    """State how often an operation may be called: ``requests`` in any ``seconds``, counted per ``per``.

    Equal limits of one origin are one budget, also where several products of a venue declare them.
    """

    requests: int
    seconds: float
    per: Literal["uid", "key", "ip"]
    name: str
    """What is counted together; one name for each budget of an origin."""


class Call(msgspec.Struct, Generic[T], frozen=True):
    """Hold one request together with everything needed to send it and to believe its answer."""

    request: Request
    """Unsigned."""
    decode: Callable[[Response], T]
    """Return the answer, or raise a ``VenueError``; ``VenueUnavailableError`` for what is no answer at all."""
    limit: Limit
    """Its own; the adapter's ``limits`` apply besides."""
    writes: bool = False
    signed: bool = True

    def __iter__(self) -> Generator[Call[Any], Any, T]:
        """Make a single call usable as a plan, and ``answer = yield from call`` typed."""
        answer: T = yield self
        return answer


class Plan(Protocol[T_co]):
    """Name the calls of one reading operation: a single ``Call``, or a generator that yields calls.

    A generator receives the decoded answer of each call, or the error that the call raised, and returns the result.
    """

    def __iter__(self) -> Generator[Call[Any], Any, T_co]:
        """Start the plan."""


class Operation(enum.StrEnum):
    """Name what a client can do at a venue; the values are the names of the client's methods."""

    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    SETTINGS = "settings"
    LEADERS = "leaders"
    POSITIONS = "positions"
    HISTORY = "history"
    CLOSE = "close"
    CLOSE_ALL = "close_all"
    PROTECT = "protect"
    SYMBOLS = "symbols"
    LEADER = "leader"
    CHECK = "check"


def option(*choices: str, default: str | None = None) -> Any:  # noqa: ANN401 (as attrs.field: the annotation tells)
    """Declare an adapter option that takes one of ``choices``.

    Raises ``ConfigError`` naming the option when an adapter is built with anything else.
    """

    def check(instance: Adapter, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in (*choices, default):
            allowed = " or ".join(map(repr, choices))
            raise ConfigError("exchange", f"option {attribute.name} takes {allowed}, not {value!r}", instance.name)

    given: Any = default
    return attrs.field(default=given, validator=check, metadata={"choices": choices})


_NOT_THERE: Final = cannot("it has no such operation")
# Everything is closed one position at a time, so that nothing is closed that was not named.
_PARTS: Final = {Operation.CLOSE_ALL: (Operation.POSITIONS, Operation.CLOSE)}
"""The operations that consist of others."""


def operation_gap(adapter: Adapter | type[Adapter], operation: Operation) -> Gap | None:
    """Return why an adapter cannot do an operation with the options it has, of which a class has none.

    ``None`` where it can.
    """
    if adapter.gaps:
        for each in (operation, *_PARTS.get(operation, ())):
            if (gap := adapter.gaps.get(each)) and not gap.closed_by(adapter):
                return gap
    return None if operation in adapter.operations else _NOT_THERE


def _defines(cls: type[Adapter], operation: Operation) -> bool:
    """Tell whether a class defines an operation beyond the base, and has no gap there that no option closes."""
    gap = cls.gaps.get(operation)
    return getattr(cls, operation.value) is not getattr(Adapter, operation.value) and (gap is None or bool(gap.option))


@attrs.frozen(kw_only=True, init=False)
class Adapter(abc.ABC):
    """Be the base of every adapter: one product of one venue, as values and pure functions.

    A subclass is an ``attrs.frozen`` class; its attributes, declared by ``option``, are its options.
    """

    adapter_api: ClassVar[int]
    """The ``ADAPTER_API`` that the adapter was written for, as a plain number."""
    name: ClassVar[str]
    """What callers write as ``exchange=``: lower-case letters, digits and dashes."""
    hosts: ClassVar[tuple[str, ...]]
    """The https origins credentials may be sent to; the first one is used."""
    forms: ClassVar[Mapping[str, Fields]]
    """How the config fields reach the wire, for each form that a follow can take at the venue."""
    codes: ClassVar[Codes] = {}
    """What the venue's codes mean to a caller."""
    limits: ClassVar[tuple[Limit, ...]] = ()
    """What the venue allows over all calls, besides the limit of each."""
    clock_codes: ClassVar[frozenset[str]] = frozenset()
    """The codes of refused keys behind which the venue hides a refused timestamp."""
    venue_settings: ClassVar[type[VenueSettings] | None] = None
    """The class of the product's own required settings, if it has any."""
    contract: ClassVar[str] = ""
    """The venue's contract, as ``package/file.yaml``; the local venue is judged by it."""
    venue: ClassVar[str] = ""
    """The local venue to try against, as ``module:class``; imported only by the sandbox."""
    reads_before: ClassVar[frozenset[Operation]] = frozenset()
    """The writes that need the current settings: where the venue starts and amends in different ways, say."""
    on_stop_suffices: ClassVar[bool] = False
    """Whether an unfollow that is told ``on_stop`` does without what ``reads_before`` asks for."""
    after_unfollow: ClassVar[str] = ""
    """What the venue does with open copied positions when ``unfollow`` is not told, in words for the user."""
    unfollows_later: ClassVar[bool] = False
    """Whether the venue answers an unfollow before it is done."""
    gaps: ClassVar[Gaps] = {}
    """Why operations are refused: those that are not defined, and those that are only with some options."""
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {}
    """Likewise for values of an operation's arguments, by their names; its method has ``require`` refuse them."""
    operations: ClassVar[frozenset[Operation]] = frozenset()
    """What this product can do, with whatever options; found out from what the adapter defines."""

    if TYPE_CHECKING:

        def __init__(self, **options: object) -> None:
            """Take the options of a class that is known by its name only; attrs gives each subclass its own."""

    def __init_subclass__(cls) -> None:
        """Find out what the adapter can do: what it defines beyond this base."""
        super().__init_subclass__()
        own = {each for each in Operation if each not in _PARTS and _defines(cls, each)}
        cls.operations = frozenset(own | {whole for whole, parts in _PARTS.items() if own.issuperset(parts)})

    # -- what can be done

    @property
    def available(self) -> frozenset[Operation]:
        """Return what this product can do with the options it has."""
        return frozenset(each for each in self.operations if operation_gap(self, each) is None)

    def require(self, operation: Operation, **arguments: object) -> None:
        """Refuse an operation, or a value of an argument, that is declared as a gap and not closed by the options.

        Raises ``UnsupportedError`` naming the argument, or ``exchange`` where it is the operation.
        """
        if operation_gap(self, operation):
            raise self._lacks(operation)
        for name, gaps in self.argument_gaps.get(operation, {}).items():
            if name in arguments and (gap := gap_of(arguments[name], gaps)) and not gap.closed_by(self):
                raise UnsupportedError(name, gap.told(self), self.name)

    def _lacks(self, operation: Operation) -> UnsupportedError:
        gap = operation_gap(self, operation) or _NOT_THERE
        return UnsupportedError("exchange", f"cannot do {operation.value!r}: {gap.told(self)}", self.name)

    # -- following

    def form(self, config: FollowConfig) -> str:
        """Return the name of the form that ``config`` takes; the only one, unless overridden."""
        return next(iter(self.forms))

    @abc.abstractmethod
    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Return the calls that make the venue follow as ``config`` says.

        ``config`` has passed the checks of its form. ``known`` is what the venue follows now, where
        ``reads_before`` asks for it; ``None`` shows the start. Raises ``UnsupportedError`` naming the
        field for what the form cannot tell in its declarations.
        """

    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Return the calls that end a follow; ``on_stop`` says what becomes of open copied positions.

        ``None`` leaves that to the venue. ``known`` is as for ``follow``. Raises ``UnsupportedError`` naming
        ``on_stop`` where the venue cannot be told.
        """
        raise self._lacks(Operation.UNFOLLOW)

    # -- reading

    def settings(self, leader_id: str) -> Plan[FollowSettings]:
        """Return the plan that reads one follow; not following is an answer, not an error."""
        raise self._lacks(Operation.SETTINGS)

    def leaders(self, cursor: str | None) -> Plan[Page[FollowedLeader]]:
        """Return the plan that reads one page of the leaders being followed; ``None`` is the first."""
        raise self._lacks(Operation.LEADERS)

    def positions(self, leader_id: str | None, cursor: str | None) -> Plan[Page[CopiedPosition]]:
        """Return the plan that reads one page of open copied positions, of one leader or of all."""
        raise self._lacks(Operation.POSITIONS)

    def history(self, leader_id: str | None, cursor: str | None) -> Plan[Page[ClosedCopy]]:
        """Return the plan that reads one page of closed copies, of one leader or of all."""
        raise self._lacks(Operation.HISTORY)

    def symbols(self, leader_id: str | None) -> Plan[tuple[SymbolLimits, ...]]:
        """Return the plan that reads what can be copied, from one leader or at all."""
        raise self._lacks(Operation.SYMBOLS)

    def leader(self, leader_id: str) -> Plan[LeaderProfile]:
        """Return the plan that reads what is public about a leader."""
        raise self._lacks(Operation.LEADER)

    def check(self) -> Plan[tuple[Finding, ...]]:
        """Return the plan that finds out, by reading only, whether this key and account can follow here."""
        raise self._lacks(Operation.CHECK)

    # -- open positions

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        """Return the calls that close one copied position at market."""
        raise self._lacks(Operation.CLOSE)

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        """Return the calls that set, cancel or keep the two protections of one copied position.

        Raises ``UnsupportedError`` for ``KEEP`` where leaving a price out may cancel it at the venue.
        """
        raise self._lacks(Operation.PROTECT)

    # -- talking to the venue

    @abc.abstractmethod
    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` signed at ``now_ms``, milliseconds since 1970 by the venue's clock.

        May change query, headers and body. Raises ``CredentialsError`` where a passphrase is needed and missing.
        """

    def time(self) -> Call[int] | None:
        """Return the call that asks the venue's clock, in milliseconds since 1970; ``None`` where there is none."""
        return None
