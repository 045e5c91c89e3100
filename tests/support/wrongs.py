"""Everything that goes wrong with a write, each with what is true of it wherever it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from typing import Final

import attrs

from unified_copy import Adapter
from unified_copy.errors import (
    AccessDeniedError,
    AccountModeError,
    AuthenticationError,
    ClockError,
    ConfigError,
    InsufficientFundsError,
    LeaderUnavailableError,
    RateLimitedError,
    SettingsRejectedError,
    VenueError,
    VenueUnavailableError,
)
from unified_copy.sandbox import (
    Answer,
    Body,
    Calls,
    Cut,
    Fault,
    Hang,
    Parameters,
    Refuses,
    Sandbox,
    Skew,
    Status,
    Stores,
    Venue,
    Violation,
)

Rest = Callable[[Parameters | Violation], Answer]
JSON: Final = {"Content-Type": "application/json"}
PAGE: Final = b"<html><body>Be right back.</body></html>"


class Says(Enum):
    """What can be read of the answer to a write."""

    YES = auto()
    NO = auto()
    NOTHING = auto()
    """No answer, an unreadable one, one of a gateway's, or a venue's own "busy"."""
    WAIT = auto()
    """That it did nothing, because of too many requests."""
    CLOCK = auto()
    """That it did nothing, because of the timestamp."""


@attrs.frozen
class Wrong:
    """One thing that goes wrong."""

    name: str
    fault: Fault
    done: bool = attrs.field(kw_only=True)
    """Whether the venue does what it is told, in spite of it."""
    says: Says = attrs.field(kw_only=True)
    error: type[VenueError] = VenueError
    """What a refusal becomes."""
    times: int | None = 1
    """How often it goes wrong; ``None`` for always."""
    calls: Calls | None = None
    """With which calls; ``None`` for the write alone."""
    blind: bool = False
    """Whether reading back fails as well."""


# ------------------------------------------------------------------ faults of these tests alone


def _echoed(venue: Venue) -> str:
    """Return the headers of the request, as a careless server would quote them: key, passphrase, signature and all."""
    return " ".join(f"{name}: {value}" for name, value in venue.received[-1].headers.items())


@attrs.frozen
class EchoesUnreadably(Fault):
    """Do nothing, and answer with the request's own headers, in no form that the venue is known for."""

    status: int

    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:  # noqa: ARG002 (nothing is done)
        return Answer(self.status, _echoed(venue).encode(), {"Location": f"https://elsewhere.example/{_echoed(venue)}"})


@attrs.frozen
class EchoesInWords(Fault):
    """Do nothing, and quote the request's own headers in the words of a refusal."""

    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:  # noqa: ARG002 (nothing is done)
        return venue.refuse(Violation("header", "any", "type", _echoed(venue)))


@attrs.frozen
class Remembers(Fault):
    """Do what is right, and keep the answer."""

    answers: list[Answer]

    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:  # noqa: ARG002 (any venue)
        self.answers.append(rest(parameters))
        return self.answers[-1]


@attrs.frozen
class FailsAfter(Fault):
    """Fail once one of some calls has come in: the calls after it, or that one, too, which is done all the same."""

    writes: frozenset[str]

    def happen(self, venue: Venue, rest: Rest, parameters: Parameters | Violation) -> Answer:
        *before, now = (received.operation in self.writes for received in venue.received)
        if any(before):
            return Answer(502, PAGE)
        right = rest(parameters)
        return Answer(502, PAGE) if now else right


# ------------------------------------------------------------------ the table


def wrongs(adapter: Adapter, calls: frozenset[str], right: Answer, other: Stores | None) -> Iterator[Wrong]:
    """Yield everything that can go wrong with a write that is one of ``calls``.

    ``right`` is the venue's answer when nothing does, and ``other`` has it store something else than it was told.
    """
    for done in (False, True):
        for name, fault in _before_or_after(adapter, committed=done).items():
            yield Wrong(f"{name} {'after' if done else 'before'} the work", fault, done=done, says=Says.NOTHING)
    yes, _ = right.encoded()
    for name, fault in _spoilt(yes).items():
        yield Wrong(name, fault, done=True, says=Says.NOTHING)
    for name, fault in HARMLESS.items():
        yield Wrong(name, fault, done=True, says=Says.YES)
    yield Wrong("yes, and nothing done", Status(200, JSON, yes), done=False, says=Says.YES)
    if other:
        yield Wrong("yes, and something else stored", other, done=False, says=Says.YES)
    for name, says, failing in (
        ("yes, and then all reads fail", Says.YES, Calls.READS),
        ("all fails once the work is done", Says.NOTHING, Calls.EVERY),
    ):
        yield Wrong(name, FailsAfter(calls), done=True, says=says, times=None, calls=failing, blind=True)
    yield from _refused()
    yield from _refused_unseen()
    yield Wrong("the request quoted in a refusal", EchoesInWords(), done=False, says=Says.NO)
    for status in (200, 307, 502):
        name = f"the request quoted under HTTP {status}"
        yield Wrong(name, EchoesUnreadably(status), done=False, says=Says.NOTHING)


def _before_or_after(adapter: Adapter, *, committed: bool) -> Mapping[str, Fault]:
    """Return what loses an answer, whether or not the work has been done."""
    busy = [code for code, row in adapter.codes.items() if row.error is VenueUnavailableError]
    # Whether the work has been done cannot depend on the code.
    told = busy[:1] if committed else busy
    return {
        "cut": Cut(committed=committed),
        "silence": Hang(committed=committed),
        "silence for a second": Hang(1, committed=committed),
        "redirect": Status(307, {"Location": "http://127.0.0.1:9/stolen"}, committed=committed),
        "maintenance": Status(503, {"Content-Type": "text/html"}, PAGE, committed=committed),
        **{f"HTTP {status}": Status(status, committed=committed) for status in (500, 502, 504)},
        **{f"busy with {code}": Refuses(code, committed=committed) for code in told},
    }


def _spoilt(yes: bytes) -> Mapping[str, Fault]:
    """Return what makes an answer to work that is done unreadable."""
    return {
        "cut within the answer": Cut(committed=True, after=5),
        "garbage": Body(content=b"\xff\x00{"),
        "an empty answer": Body(content=b""),
        "a page in place of the answer": Body(content=PAGE, media_type="text/html"),
        "an answer that is not whole": Body(keep=len(yes) // 2),
        "a JSON answer of another kind": Body(content=b"[]"),
        "a huge answer": Body(content=yes + b" " * 9 * 2**20),
        "an answer that takes too long": Body(seconds=60),
    }


HARMLESS: Final[Mapping[str, Fault]] = {
    "an answer that takes a while": Body(seconds=3),
    "another content type": Body(media_type="text/html"),
}


def _refused() -> Iterator[Wrong]:
    for error, meaning in (
        (SettingsRejectedError, ""),
        (AuthenticationError, ""),
        (AccessDeniedError, ""),
        (InsufficientFundsError, ""),
        (LeaderUnavailableError, "no place left"),
        (LeaderUnavailableError, "exist"),
        (AccountModeError, "unified"),
    ):
        yield Wrong(
            f"{error.__name__} {meaning}".strip(), Refuses(error, meaning), done=False, says=Says.NO, error=error
        )
    yield Wrong("a code that nobody knows", Refuses("31337"), done=False, says=Says.NO)


def _refused_unseen() -> Iterator[Wrong]:
    """Yield the refusals that a venue gives before it looks at what is asked."""
    for times, often in ((1, "once"), (None, "for good")):
        for name, fault in {
            "RateLimitedError": Refuses(RateLimitedError),
            "HTTP 429": Status(429),
            "HTTP 429, two seconds": Status(429, {"Retry-After": "2"}),
            "HTTP 429, an hour": Status(429, {"Retry-After": "3600"}),
        }.items():
            yield Wrong(f"{name} {often}", fault, done=False, says=Says.WAIT, times=times)
        yield Wrong(f"ClockError {often}", Refuses(ClockError), done=False, says=Says.CLOCK, times=times)
    skew = Skew(-120_000)
    yield Wrong("a clock that is off", skew, done=False, says=Says.CLOCK, times=None, calls=Calls.EVERY)


def is_possible(sandbox: Sandbox, wrong: Wrong) -> bool:
    """Tell whether the venue has a code for it."""
    (exchange,) = sandbox.credentials
    try:
        sandbox.fault(exchange, Calls.EVERY, wrong.fault).off()
    except ConfigError:
        return False
    return True
