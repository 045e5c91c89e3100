"""The lines of a journal as values: what stands there before a write, and what after."""

from __future__ import annotations

import enum
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

from unified_copy.adapter import Operation
from unified_copy.processes import Process

if TYPE_CHECKING:
    from collections.abc import Iterable


class Outcome(enum.Enum):
    """Say what became of a write: the first ones by the process that sent it, the others by reading later."""

    DONE = "done"
    """It reads back as wanted; a follow calls it ``applied``."""
    ACCEPTED = "accepted"
    """The venue said yes, and not everything could be read."""
    PENDING = "pending"
    """The venue said yes and is still working on it."""
    DIFFERENT = "different"
    """The venue said yes and shows something else."""
    REFUSED = "refused"
    """The venue said no."""
    NOTHING_SENT = "nothing sent"
    UNKNOWN = "unknown"
    """The answer was lost, and reading back did not settle it."""
    CANCELLED = "cancelled"
    """The task was cancelled while the request may have been under way."""

    TOOK_EFFECT = "took effect"
    """What the venue shows is what was wanted."""
    DID_NOT = "did not take effect"
    """What the venue shows has nothing of it."""
    DIFFERS = "differs"
    """The venue shows something of the kind, with differences."""
    SUPERSEDED = "superseded"
    """A later write about the same thing is in force, so that reading says nothing about this one."""
    UNTOLD = "cannot be told"
    """The venue does not show what would settle it."""


_OPEN: Final = frozenset({Outcome.UNKNOWN, Outcome.CANCELLED})
IN_FORCE: Final = frozenset({Outcome.DONE, Outcome.ACCEPTED, Outcome.PENDING, Outcome.DIFFERENT, Outcome.TOOK_EFFECT})
"""The outcomes by which the venue has taken the write."""


def _now() -> datetime:
    return datetime.now(UTC)


class Sent(msgspec.Struct, frozen=True):
    """Hold one request as it was before signing, without headers, so that it holds no secret."""

    method: str
    target: str
    """Path and query."""
    body: str


class Begun(msgspec.Struct, frozen=True, kw_only=True, tag="begun", tag_field="line"):
    """Say what is about to be sent."""

    id: str = msgspec.field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = msgspec.field(default_factory=_now)
    exchange: str
    options: dict[str, Any]
    """The options of the adapter."""
    account: str
    """The fingerprint of the account's key."""
    operation: Operation
    about: str
    """What is changed, such as ``leader 7``."""
    wanted: dict[str, Any]
    """What is wanted, in the words of config files."""
    requests: tuple[Sent, ...]
    process: Process


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended", tag_field="line", omit_defaults=True):
    """Say what became of it."""

    id: str
    """The ``id`` of the write."""
    time: datetime = msgspec.field(default_factory=_now)
    outcome: Outcome
    code: str = ""
    """The venue's code where it refused."""
    told: str = ""
    """What else is known, in words."""
    differences: tuple[str, ...] = ()


@attrs.frozen
class Entry:
    """Hold what a journal says about one write."""

    begun: Begun
    ended: tuple[Ended, ...]
    """In the order of the file; empty where the process has not come to write any."""

    @property
    def open(self) -> bool:
        """Tell whether it is not known what became of the write."""
        return all(line.outcome in _OPEN for line in self.ended)

    @property
    def in_force(self) -> bool:
        """Tell whether the venue has taken the write."""
        return any(line.outcome in IN_FORCE for line in self.ended)


@attrs.frozen
class Contents:
    """Hold what a journal says, oldest write first."""

    entries: tuple[Entry, ...]
    unreadable: tuple[int, ...]
    """The numbers of the lines that cannot be read, such as one that a crash left unfinished."""


def line(record: Begun | Ended) -> bytes:
    """Return one line of a journal."""
    return _ENCODER.encode(record) + b"\n"


def may_be_record(text: bytes) -> bool:
    """Tell whether a line begins as a record does, also where a crash left it unfinished."""
    return text.startswith(_BEGINNING) or _BEGINNING.startswith(text)


def contents(lines: Iterable[bytes]) -> Contents:
    """Return what the lines of a journal say; those that cannot be read spoil no others."""
    begun: dict[str, Begun] = {}
    ended: dict[str, list[Ended]] = {}
    unreadable: list[int] = []
    for number, text in enumerate(lines, 1):
        try:
            record = _DECODER.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            unreadable.append(number)
            continue
        if isinstance(record, Begun):
            begun[record.id] = record
        else:
            ended.setdefault(record.id, []).append(record)
    entries = tuple(Entry(record, tuple(ended.get(name, ()))) for name, record in begun.items())
    return Contents(entries, tuple(unreadable))


_BEGINNING: Final = b'{"line":'
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Begun | Ended)
