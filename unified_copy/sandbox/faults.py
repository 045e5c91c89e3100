"""Let a local venue go wrong as real ones do, to see what becomes of a call then.

A fault is a value. ``Sandbox.fault`` and ``Venue.fault`` switch one on for some calls of a venue, and it stands between
the request and whatever the venue would do with it. ``committed`` says that the venue does its work all the same.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from unified_copy.errors import ConfigError, VenueError
from unified_copy.sandbox.messages import Answer, Delivery, Parameters, Violation

if TYPE_CHECKING:
    from unified_copy.sandbox.venue import Venue

T = TypeVar("T")
Rest = Callable[[Parameters | Violation], Answer]
"""What the venue would do with the parameters of a request, or with what is wrong with them."""

_OK: Final = 200
_STATUSES: Final = range(200, 600)
_PLAIN: Final = "HTTP "
"""How codes begin that are the status of an answer without an envelope."""


def _demand(*, allowed: str, holds: Callable[[Any], bool]) -> Callable[[object, attrs.Attribute[T], T], None]:
    """Return a validator that refuses what is not ``allowed``, under the name of the attribute."""

    def check(_instance: object, attribute: attrs.Attribute[T], value: T) -> None:
        if not holds(value):
            raise ConfigError(attribute.name, f"{value!r} is not {allowed}")

    return check


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_SECONDS: Final = _demand(
    allowed="a number of seconds",
    holds=lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value >= 0,
)
_BYTES: Final = _demand(
    allowed="a number of bytes", holds=lambda value: value is None or (_is_whole(value) and value >= 0)
)


# ------------------------------------------------------------------ what can go wrong


class Fault(abc.ABC):
    """Be the base of all faults; derive from it for one that is missing here."""

    def check(self, venue: Venue) -> None:  # noqa: B027 (most faults can happen anywhere)
        """Raise ``ConfigError`` where ``venue`` cannot go wrong like this."""

    @abc.abstractmethod
    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:
        """Return the answer to a request; ``rest(parameters)`` is what the venue does and answers by itself."""


@attrs.frozen
class _Instead(Fault):
    """Be the base of faults with another answer than the right one."""

    committed: bool = attrs.field(default=False, kw_only=True)
    """Whether the venue does its work before it goes wrong."""

    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:
        """Return the wrong answer, after the work or in place of it."""
        return self.instead(venue, rest(parameters) if self.committed else Answer(_OK, b""))

    @abc.abstractmethod
    def instead(self, venue: Venue, answer: Answer) -> Answer:
        """Return what is answered instead of ``answer``."""


@attrs.frozen
class Cut(_Instead):
    """Cut the connection, without any answer or within its body."""

    after: int = attrs.field(default=0, validator=_BYTES, kw_only=True)
    """How many bytes of the right answer's body get out first; with none, nothing of the answer does."""

    def __attrs_post_init__(self) -> None:
        """Raise ``ConfigError`` for part of an answer that there is none of."""
        if self.after and not self.committed:
            raise ConfigError(
                "after", "part of an answer gets out only of a venue that has done its work: committed=True"
            )

    def instead(self, venue: Venue, answer: Answer) -> Answer:  # noqa: ARG002 (any venue)
        """Return ``answer``, cut off."""
        return attrs.evolve(answer, delivery=Delivery(cut_after=self.after))


@attrs.frozen
class Hang(_Instead):
    """Keep silent until the caller gives up, or for some seconds, and then cut the connection."""

    seconds: float = attrs.field(default=math.inf, validator=_SECONDS)

    def instead(self, venue: Venue, answer: Answer) -> Answer:  # noqa: ARG002 (any venue)
        """Return ``answer``, which never gets out."""
        return attrs.evolve(answer, delivery=Delivery(silence=self.seconds, cut_after=0))


@attrs.frozen
class Status(_Instead):
    """Answer with a status, headers and a body of your own, as a gateway before the venue does."""

    status: int = attrs.field(
        validator=_demand(
            allowed="an HTTP status from 200 to 599", holds=lambda value: _is_whole(value) and value in _STATUSES
        )
    )
    headers: Mapping[str, str] = attrs.field(factory=dict)
    """Such as ``{"Retry-After": "2"}`` or ``{"Location": "https://elsewhere.example/"}``."""
    body: bytes = b""

    def instead(self, venue: Venue, answer: Answer) -> Answer:  # noqa: ARG002 (nothing is left of the right one)
        """Return the answer described."""
        return Answer(self.status, self.body, self.headers)


@attrs.frozen
class Refuses(_Instead):
    """Refuse in the venue's own words, with the code that stands for an error, or with a code as it is.

    Of several codes for one error, the first whose documented meaning contains ``meaning`` is taken. Where the venue
    has the error as an HTTP status only, that is the answer.
    """

    why: type[VenueError] | str = attrs.field(
        validator=_demand(
            allowed="a code of the venue's, or a class of VenueError",
            holds=lambda value: (
                (value and isinstance(value, str)) or (isinstance(value, type) and issubclass(value, VenueError))
            ),
        )
    )
    meaning: str = ""

    def check(self, venue: Venue) -> None:
        """Raise ``ConfigError`` where the venue has no such code."""
        self._code(venue)

    def instead(self, venue: Venue, answer: Answer) -> Answer:  # noqa: ARG002 (nothing is left of the right one)
        """Return the refusal."""
        code = self._code(venue)
        return Answer(int(code.removeprefix(_PLAIN)), b"") if code.startswith(_PLAIN) else venue.refusal(code)

    def _code(self, venue: Venue) -> str:
        if isinstance(self.why, str):
            return self.why
        meanings = {code: row.meaning for code, row in venue.codes.items() if row.error is self.why}
        found = [code for code, meaning in meanings.items() if self.meaning in meaning]
        if found:
            return found[0]
        wanted = f"{self.why.__name__}{f' that means {self.meaning!r}' if self.meaning else ''}"
        others = meanings.values() or {row.error.__name__ for row in venue.codes.values()}
        told = f"; its codes mean: {'; '.join(sorted(set(others)))}" if others else "; give the code itself"
        raise ConfigError("why", f"{type(venue).__name__} has no code for {wanted}{told}")


@attrs.frozen
class Stores(Fault):
    """Do the work with other parameters than those sent, and answer as if nothing were wrong.

    The keys are the venue's own, and replaced wherever they stand in path, query or body.
    """

    values: Mapping[str, object] = attrs.field(validator=_demand(allowed="a mapping with at least one key", holds=bool))

    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:  # noqa: ARG002 (any venue)
        """Return what the venue answers to the parameters replaced."""
        if isinstance(parameters, Violation):
            return rest(parameters)
        replaced = Parameters(self._replaced(parameters.values), self._replaced(parameters.body))
        if replaced == parameters:
            return Answer(501, f"the request has no other {' or '.join(self.values)} to store".encode())
        return rest(replaced)

    def _replaced(self, value: T) -> T:
        changed: Any = value
        if isinstance(value, dict):
            changed = {name: self.values.get(name, self._replaced(each)) for name, each in value.items()}
        elif isinstance(value, list):
            changed = [self._replaced(each) for each in value]
        result: T = changed
        return result


@attrs.frozen(kw_only=True)
class Body(Fault):
    """Do the work, and spoil the body of the right answer."""

    content: bytes | None = None
    """What is sent in place of it: garbage, or more than anybody takes."""
    keep: int | None = attrs.field(default=None, validator=_BYTES)
    """How many bytes of it are sent, as if that were all."""
    media_type: str | None = None
    """The content type it is said to be of."""
    seconds: float = attrs.field(default=0.0, validator=_SECONDS)
    """How long it takes to arrive, piece by piece."""

    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:  # noqa: ARG002 (any venue)
        """Return the right answer with its body spoilt."""
        right = rest(parameters)
        body, headers = right.encoded()
        content = body if self.content is None else self.content
        described = headers if self.media_type is None else {**headers, "Content-Type": self.media_type}
        return Answer(right.status, content[: self.keep], described, Delivery(seconds=self.seconds))


@attrs.frozen
class Skew(Fault):
    """Let the venue's clock be off for the call; with ``Calls.EVERY`` it is off for whoever asks it, too."""

    milliseconds: int = attrs.field(validator=_demand(allowed="a whole number of milliseconds", holds=_is_whole))
    """How far ahead; negative where it is behind."""

    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:
        """Return what the venue answers by its wrong clock."""
        right = venue.now_ms
        venue.now_ms = lambda: right() + self.milliseconds
        try:
            return rest(parameters)
        finally:
            venue.now_ms = right
