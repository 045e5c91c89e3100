"""Keep a file of every write: a line on disk before it is sent, and a line with what became of it.

A line is one write to a file opened for appending, under its lock, and is on disk before anything else happens. It
holds no secret: requests as they are before signing and without headers, an account by a fingerprint of its key, and
what others said with every credential redacted.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from unified_copy.errors import (
    AdapterError,
    ConfigError,
    CredentialsError,
    OutcomeUnknownError,
    TransportError,
    UnifiedCopyError,
    VenueError,
    VerificationError,
)
from unified_copy.intent_data import words_of
from unified_copy.journal_records import Begun, Contents, Ended, Outcome, Sent, contents, line, may_be_record
from unified_copy.processes import this_process

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from unified_copy.account import Account
    from unified_copy.adapter import Adapter, Call
    from unified_copy.credentials import Credentials
    from unified_copy.intents import Intent
    from unified_copy.writes import Seen

T = TypeVar("T")

_LOGGER: Final = logging.getLogger("unified_copy.journal")
_PRIVATE: Final = 0o600
_OTHERS: Final = 0o077
_FINGERPRINT_DIGITS: Final = 16
_OUTCOMES: Final = {
    VenueError: Outcome.REFUSED,
    VerificationError: Outcome.DIFFERENT,
    OutcomeUnknownError: Outcome.UNKNOWN,
    AdapterError: Outcome.NOTHING_SENT,
    ConfigError: Outcome.NOTHING_SENT,
    CredentialsError: Outcome.NOTHING_SENT,
    TransportError: Outcome.NOTHING_SENT,
}


def _path(value: object) -> Path:
    if not isinstance(value, str | os.PathLike) or "\0" in str(value):
        raise ConfigError("journal", f"{value!r} is not the path of a file")
    return Path(value).absolute()


@attrs.frozen
class Journal:
    """Hold where the lines go; several clients and processes may share the file.

    Raises ``ConfigError`` for what is no path, and on a platform that cannot lock files.
    """

    path: Path = attrs.field(converter=_path)

    def __attrs_post_init__(self) -> None:
        """Refuse where two processes could write into each other's lines."""
        try:
            import fcntl  # noqa: F401, PLC0415 (some platforms lack it)
        except ImportError:
            raise ConfigError("journal", "this platform has no file locks (fcntl), which a journal needs") from None

    async def record(
        self,
        act: Callable[[], Awaitable[Seen[T]]],
        account: Account,
        adapter: Adapter,
        intent: Intent[T],
        calls: Iterable[Call[None]],
    ) -> Seen[T]:
        """Return what ``act`` comes to, with a line before it and a line after it.

        Raises ``ConfigError`` where the first line cannot be written; then nothing is sent. Where the last one
        cannot, the log says so and the outcome stands, because an error here would invite a second send.
        """
        credentials = account.credentials_for(adapter)
        begun = Begun(
            exchange=adapter.name,
            options=attrs.asdict(adapter),
            account=fingerprint(credentials),
            operation=intent.operation,
            about=intent.about,
            wanted=dict(words_of(intent)),
            requests=tuple(_sent(call) for call in calls),
            process=this_process(),
        )
        await self._before(begun)
        try:
            seen = await act()
        except asyncio.CancelledError:
            # Written by a thread that nothing cancels, because this must be raised at once.
            self._start(Ended(id=begun.id, outcome=Outcome.CANCELLED))
            raise
        except Exception as error:
            await self._after(_ended(begun.id, error, credentials))
            raise
        await self._after(_seen(begun.id, seen, credentials))
        return seen

    async def add(self, record: Ended) -> None:
        """Write one line; raises ``ConfigError`` where that is not possible."""
        loop = asyncio.get_running_loop()
        try:
            await asyncio.shield(loop.run_in_executor(None, _append, self.path, line(record)))
        except OSError as error:
            raise self._unusable("written", error) from None

    async def read(self) -> Contents:
        """Return what the file says; raises ``ConfigError`` where it cannot be read, or is no journal at all."""
        try:
            lines = (await asyncio.to_thread(self.path.read_bytes)).splitlines()
        except OSError as error:
            raise self._unusable("read", error) from None
        if lines and not any(map(may_be_record, lines)):
            raise ConfigError("journal", f"{self.path} is not a journal: none of its lines begins as one of a journal")
        return contents(lines)

    # ------------------------------------------------------------------ before and after

    async def _before(self, begun: Begun) -> None:
        loop = asyncio.get_running_loop()
        try:
            await asyncio.shield(loop.run_in_executor(None, _append, self.path, line(begun)))
        except asyncio.CancelledError:
            self._start(Ended(id=begun.id, outcome=Outcome.NOTHING_SENT, told="cancelled before"))
            raise
        except OSError as error:
            raise self._unusable("written, so nothing was sent", error) from None

    async def _after(self, ended: Ended) -> None:
        try:
            await asyncio.shield(self._start(ended))
        except asyncio.CancelledError as error:
            error.add_note(f"cancelled after the write itself was over: {ended.outcome.value}")
            raise

    def _start(self, ended: Ended) -> asyncio.Future[None]:
        """Have a thread write a line; it is not cancelled, and is waited for before the process ends."""
        return asyncio.get_running_loop().run_in_executor(None, self._write_or_tell, ended)

    def _write_or_tell(self, ended: Ended) -> None:
        try:
            _append(self.path, line(ended))
        except Exception as error:  # noqa: BLE001 (after a write nothing may look like a failure of it)
            told = f"write {ended.id} came to {ended.outcome.value!r}, which stands; reconciling will find it open"
            _LOGGER.error("%s; %s", self._unusable("written", error), told)  # noqa: TRY400 (nothing to trace)

    def _unusable(self, what: str, error: Exception) -> ConfigError:
        why = error.strerror if isinstance(error, OSError) else type(error).__name__
        return ConfigError("journal", f"{self.path} cannot be {what}: {why}")


# ------------------------------------------------------------------ what a line says


def fingerprint(credentials: Credentials) -> str:
    """Return what tells one account from another without telling its key.

    Keys are random and of more than a hundred bits, so nobody finds one by trying; and a key without its secret
    signs nothing.
    """
    text = f"unified-copy account {credentials.key}"
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT_DIGITS]


def _sent(call: Call[Any]) -> Sent:
    request = call.request
    return Sent(request.method, request.target, request.body.decode(errors="backslashreplace"))


def _ended(name: str, error: Exception, credentials: Credentials) -> Ended:
    """Say what an error means for the write; the text of one that is not ours could quote anything."""
    outcome = next((found for kind, found in _OUTCOMES.items() if isinstance(error, kind)), Outcome.UNKNOWN)
    told = str(error) if isinstance(error, UnifiedCopyError) else type(error).__name__
    return Ended(
        id=name,
        outcome=outcome,
        code=credentials.scrubbed(error.code) if isinstance(error, VenueError) else "",
        told=credentials.scrubbed("; ".join([told, *getattr(error, "__notes__", ())])),
        differences=tuple(map(str, getattr(error, "differences", ()))),
    )


def _seen(name: str, seen: Seen[Any], credentials: Credentials) -> Ended:
    told = [f"not confirmed by reading back: {', '.join(seen.unseen)}"] if seen.unseen else []
    told += [str(seen.cause)] if seen.cause else []
    return Ended(
        id=name,
        outcome=Outcome(seen.status),
        told=credentials.scrubbed("; ".join(told)),
        differences=tuple(map(str, seen.differences)),
    )


# ------------------------------------------------------------------ the file


def _append(path: Path, text: bytes) -> None:
    """Put one line on disk; raises ``OSError`` where that fails, or where others may read the file."""
    import fcntl  # noqa: PLC0415 (as above)

    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, _PRIVATE)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        status = os.fstat(file)
        _check(path, status)
        if status.st_size == 0:
            _sync_folder(path.parent)
        elif os.pread(file, 1, status.st_size - 1) != b"\n":
            # A crash left a line unfinished, and this one must not become a part of it.
            text = b"\n" + text
        if os.write(file, text) < len(text):
            raise OSError(0, "the disk took a part of a line only")
        fcntl.flock(file, fcntl.LOCK_UN)
        os.fsync(file)
    finally:
        os.close(file)


def _check(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is not a regular file")
    if status.st_mode & _OTHERS:
        mode = stat.S_IMODE(status.st_mode)
        raise OSError(0, f"its mode {mode:o} gives other users access; run `chmod 600 {path}`, or name another file")


def _sync_folder(folder: Path) -> None:
    """Put the name of a new file on disk too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
