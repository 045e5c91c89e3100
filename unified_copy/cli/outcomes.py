"""What became of a command: its exit code, and the words and the data for what went wrong."""

from __future__ import annotations

import enum
import inspect
import os
from typing import TYPE_CHECKING, Final

from unified_copy.cli.json_data import value_data
from unified_copy.errors import (
    AdapterError,
    ConfigError,
    CredentialsError,
    OutcomeUnknownError,
    RateLimitedError,
    TransportError,
    UnifiedCopyError,
    UnknownExchangeError,
    VenueError,
    VerificationError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unified_copy.cli.output import JsonValue, Output


class Exit(enum.IntEnum):
    """Name the exit codes; scripts may rely on them."""

    DONE = 0
    UNEXPECTED = 1
    NOTHING_SENT = 2
    NOTHING_ARRIVED = 3
    REFUSED = 4
    DIFFERENT = 5
    UNKNOWN = 6
    PROBLEM = 7
    INTERRUPTED = 130


EXIT_CODES_HELP: Final = """\b
Exit codes:
  0    done
  1    an unexpected error; after a write, look before repeating
  2    usage, config or credentials: nothing was sent
  3    nothing arrived: no connection was established, safe to repeat
  4    the venue refused, or gave no usable answer to a read
  5    the venue said yes, and what it shows in force differs from what was asked
  6    nobody knows whether it took effect: look before repeating
  7    doctor found a problem
  130  interrupted
"""

_CODES: Final[Mapping[type[UnifiedCopyError], Exit]] = {
    ConfigError: Exit.NOTHING_SENT,
    UnknownExchangeError: Exit.NOTHING_SENT,
    AdapterError: Exit.NOTHING_SENT,
    CredentialsError: Exit.NOTHING_SENT,
    TransportError: Exit.NOTHING_ARRIVED,
    VenueError: Exit.REFUSED,
    VerificationError: Exit.DIFFERENT,
    OutcomeUnknownError: Exit.UNKNOWN,
}
_WORTH_A_LOOK: Final = frozenset({Exit.UNEXPECTED, Exit.DIFFERENT, Exit.UNKNOWN, Exit.INTERRUPTED})
_DETAILS: Final = ("field", "exchange", "code", "http_status", "retry_safe", "missing", "nearest")
_SECRET_SUFFIXES: Final = ("_API_KEY", "_API_SECRET", "_API_PASSPHRASE")
UNEXPECTED: Final = "This is a bug, here or in a plug-in; it shows no traceback because one could hold credentials."


def exit_code(error: BaseException) -> Exit:
    """Return the exit code for an error; an exception of no known kind is unexpected."""
    if not isinstance(error, Exception):
        return Exit.INTERRUPTED
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), Exit.UNEXPECTED)


def message(error: BaseException) -> str:
    """Say what went wrong in one line; what is not ours to word is cleared of credentials."""
    if isinstance(error, UnifiedCopyError):
        return str(error)
    if not isinstance(error, Exception):
        return "interrupted"
    return scrubbed(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def conclusion(error: BaseException) -> str:
    """Say what may be concluded and what to do next: the sentence that the error's class carries."""
    if not isinstance(error, UnifiedCopyError):
        return UNEXPECTED if isinstance(error, Exception) else ""
    # Python drops docstrings under -OO; the message still stands then.
    return (inspect.getdoc(type(error)) or "").partition("\n")[0]


def worth_a_look(error: BaseException) -> bool:
    """Tell whether something may have changed at the venue although an error came back."""
    return exit_code(error) in _WORTH_A_LOOK


def interruption(cancelled: BaseException) -> KeyboardInterrupt:
    """Return the interruption that cancelled a write, with what the client noted on it."""
    interrupted = KeyboardInterrupt()
    for note in notes(cancelled):
        interrupted.add_note(note)
    return interrupted


def notes(error: BaseException) -> tuple[str, ...]:
    """Return what was noted on an error on its way up."""
    return tuple(scrubbed(note) for note in getattr(error, "__notes__", ()))


def write_error(output: Output, error: BaseException) -> None:
    """Write an error as one block: what went wrong, what it means, and what else is known."""
    output.line(f"error: {message(error)}", "bold red")
    for text in (conclusion(error), *notes(error)):
        if text:
            output.line(f"  {text}")


def error_data(error: BaseException) -> dict[str, JsonValue]:
    """Return an error as data: always class, message and conclusion, and the rest where it has them."""
    data: dict[str, JsonValue] = {
        "class": type(error).__name__,
        "message": message(error),
        "conclusion": conclusion(error),
    }
    if isinstance(error, UnifiedCopyError):
        found = ((name, getattr(error, name, None)) for name in _DETAILS)
        data.update((name, value_data(value)) for name, value in found if value not in (None, ()))
        data.update(_further(error))
    if told := notes(error):
        data["notes"] = list(told)
    return data


def _further(error: UnifiedCopyError) -> dict[str, JsonValue]:
    """Return what only one kind of error has."""
    further: dict[str, JsonValue] = {}
    if isinstance(error, RateLimitedError):
        further["retry_after"] = error.retry_after
    if isinstance(error, AdapterError):
        further["exchange"] = error.adapter
    if isinstance(error, VerificationError | OutcomeUnknownError):
        further["differences"] = [
            {"field": found.field, "wanted": found.wanted, "shown": found.shown} for found in error.differences
        ]
    return further


def scrubbed(text: str) -> str:
    """Return foreign text with every credential of the environment redacted."""
    for name, value in os.environ.items():
        if value and name.upper().endswith(_SECRET_SUFFIXES):
            text = text.replace(value, "***")
    return text
