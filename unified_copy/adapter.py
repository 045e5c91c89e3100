"""The contract between the core and an exchange: what an adapter says, builds, signs and decodes.

An adapter never awaits and never touches the network, the clock or the environment. It hands out ``Call``s; the
client sends them and hands the answers back. The base class answers every optional operation with a refusal, so an
adapter defines what its venue has and nothing else.
"""

from __future__ import annotations

import abc
import enum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

import attrs
import msgspec

from unified_copy.errors import ConfigError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from unified_copy.answers import Codes
    from unified_copy.credentials import Credentials
    from unified_copy.fields import Fields
    from unified_copy.model import FollowConfig, VenueSettings
    from unified_copy.settings import FollowSettings
    from unified_copy.wire import Request, Response

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@attrs.frozen
class Limit:
    """State how often an operation may be called: ``requests`` in any ``seconds``, counted per ``per``."""

    requests: int
    seconds: float
    per: Literal["uid", "key", "ip"]
    name: str
    """What is counted together; operations that share a name share the budget."""


class Call(msgspec.Struct, Generic[T], frozen=True):
    """Hold one request together with everything needed to send it and to believe its answer."""

    request: Request
    """Unsigned."""
    decode: Callable[[Response], T]
    """Return the answer, or raise a ``VenueError``; ``VenueUnavailableError`` for what is no answer at all."""
    limit: Limit
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


class Operation(enum.Enum):
    """Name what a client can do at a venue; the values are the names of the client's methods."""

    FOLLOW = "follow"
    SETTINGS = "settings"


def option(*choices: str, default: str | None = None) -> Any:  # noqa: ANN401 (as attrs.field: the annotation tells)
    """Declare an adapter option that takes one of ``choices``.

    Raises ``ConfigError`` naming the option when an adapter is built with anything else.
    """

    def check(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in (*choices, default):
            allowed = " or ".join(map(repr, choices))
            raise ConfigError("exchange", f"option {attribute.name} takes {allowed}, not {value!r}")

    given: Any = default
    return attrs.field(default=given, validator=check, metadata={"choices": choices})


def _defines(cls: type[Adapter], method: str) -> bool:
    return getattr(cls, method) is not getattr(Adapter, method)


@attrs.frozen(kw_only=True)
class Adapter(abc.ABC):
    """Be the base of every adapter: one product of one venue, as values and pure functions.

    A subclass is an ``attrs.frozen`` class; its attributes, declared by ``option``, are its options.
    """

    name: ClassVar[str]
    """What callers write as ``exchange=``: lower-case letters, digits and dashes."""
    hosts: ClassVar[tuple[str, ...]]
    """The https origins credentials may be sent to; the first one is used."""
    forms: ClassVar[Mapping[str, Fields]]
    """How the config fields reach the wire, for each form that a follow can take at the venue."""
    codes: ClassVar[Codes] = {}
    """What the venue's codes mean to a caller."""
    venue_settings: ClassVar[type[VenueSettings] | None] = None
    """The class of the product's own required settings, if it has any."""
    contract: ClassVar[str] = ""
    """The venue's contract, as ``package/file.yaml``; the local venue is judged by it."""
    venue: ClassVar[str] = ""
    """The local venue to try against, as ``module:class``; imported only by the sandbox."""
    reads_before: ClassVar[frozenset[Operation]] = frozenset()
    """The writes that need the current settings: where the venue starts and amends in different ways, say."""
    operations: ClassVar[frozenset[Operation]] = frozenset()
    """What this product can do; found out from what the adapter defines."""

    def __init_subclass__(cls) -> None:
        """Find out what the adapter can do: what it defines beyond this base."""
        super().__init_subclass__()
        cls.operations = frozenset(each for each in Operation if _defines(cls, each.value))

    # -- following

    def form(self, config: FollowConfig) -> str:  # noqa: ARG002 (an override chooses by it)
        """Return the name of the form that ``config`` takes; the only one, unless overridden."""
        return next(iter(self.forms))

    @abc.abstractmethod
    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Return the calls that make the venue follow as ``config`` says.

        ``config`` has passed the checks of its form. ``known`` is what the venue follows now, where
        ``reads_before`` asks for it; ``None`` shows the start. Raises ``UnsupportedError`` naming the
        field for what the form cannot tell in its declarations.
        """

    def settings(self, leader_id: str) -> Plan[FollowSettings]:
        """Return the plan that reads one follow; not following is an answer, not an error."""
        raise UnsupportedError("exchange", f"cannot read the settings of {leader_id!r}: no such operation", self.name)

    # -- talking to the venue

    @abc.abstractmethod
    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` signed at ``now_ms``, milliseconds since 1970 by the venue's clock.

        May change query, headers and body. Raises ``CredentialsError`` where a passphrase is needed and missing.
        """

    def time(self) -> Call[int] | None:
        """Return the call that asks the venue's clock, in milliseconds since 1970; ``None`` where there is none."""
        return None
