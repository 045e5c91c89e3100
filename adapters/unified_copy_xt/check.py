"""Whether a key and an account can follow on XT, found out by reading only.

XT's own query of a key is never asked: its answer holds a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from unified_copy.adapter import Call
from unified_copy.errors import (
    AccessDeniedError,
    AuthenticationError,
    ClockError,
    RateLimitedError,
    VenueError,
    VenueUnavailableError,
)
from unified_copy.results import Finding, Level, moment
from unified_copy.wire import Request
from unified_copy_xt import answers, wire

if TYPE_CHECKING:
    from collections.abc import Generator

NOT_FOUND: Final = "HTTP 404"
_LATER: Final = "try again later"

_STATUSES: Final = {
    "FOLLOWER": Finding("account", Level.FINE, "the account follows already, and may follow"),
    "NONE": Finding("account", Level.FINE, "the account follows nobody yet, and may follow"),
    "LEADER": Finding(
        "account", Level.PROBLEM, "the account is a leader's and cannot follow", "follow from another account"
    ),
}
PERMISSIONS: Final = Finding(
    "permissions",
    Level.WARNING,
    "XT shows a key's permissions only beside its secret, so they were not asked for",
    "see on XT's site that the key may trade and may not withdraw",
)


def plan(generation: str, clock: Call[int]) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
    """Return the plan that asks for XT's clock and for the status of the account."""
    findings = [(yield from _clock(clock))]
    try:
        status = yield from _status(generation)
    except VenueError as error:
        if error.code == NOT_FOUND:
            findings.append((yield from _generation(generation)))
        else:
            findings.append(_refused(error))
        return tuple(findings)
    unknown = Finding("account", Level.WARNING, f"XT calls the account {status[:40]!r}, which it does not document")
    return (
        *findings,
        Finding("generation", Level.FINE, f"generation {generation} of XT's API answers"),
        Finding("key", Level.FINE, "XT accepts the key, its signature and the time it is signed at"),
        PERMISSIONS,
        _STATUSES.get(status, unknown),
    )


def _clock(clock: Call[int]) -> Generator[Call[Any], Any, Finding]:
    try:
        told = moment((yield from clock))
    except VenueError as error:
        return Finding("clock", Level.WARNING, f"XT's clock could not be read ({error.code})", _LATER)
    # Only the client knows the time here; a clock that is off shows when the signed question is refused.
    return Finding("clock", Level.FINE, f"XT's clock stands at {told:%Y-%m-%d %H:%M:%S} UTC")


def _status(generation: str) -> Generator[Call[Any], Any, str]:
    served = wire.GENERATIONS[generation].user_status
    return (yield from Call(Request("GET", served.path), answers.user_status, served.limit))


def _generation(missing: str) -> Generator[Call[Any], Any, Finding]:
    """Find out whether the other generation answers; a refusal shows it too, unless it is of the address itself."""
    other = "v1" if missing == "v4" else "v4"
    told = f"this host does not serve generation {missing} of XT's API"
    try:
        yield from _status(other)
    except (VenueUnavailableError, RateLimitedError) as error:
        # That is a gateway's word, and it does not tell what lies behind it.
        return Finding("generation", Level.PROBLEM, f"{told}, and {other} could not be asked ({error.code})", _LATER)
    except VenueError as error:
        if error.code == NOT_FOUND:
            advice = "look whether base_urls names the right host"
            return Finding("generation", Level.PROBLEM, f"{told}, and {other} neither", advice)
    advice = f"choose generation={other!r} on the adapter, or XT_GENERATION={other}, and check again"
    return Finding("generation", Level.PROBLEM, f"{told}; {other} answers", advice)


def _refused(error: VenueError) -> Finding:
    told = f"XT refuses the signed question: {error.meaning or 'not documented'} ({error.code})"
    if isinstance(error, ClockError):
        return Finding("clock", Level.PROBLEM, told, "set this machine's clock")
    if isinstance(error, AuthenticationError):
        advice = "correct the key and the secret, and see on XT's site that the key is active"
        return Finding("key", Level.PROBLEM, told, advice)
    if isinstance(error, AccessDeniedError):
        advice = "look at the key's permissions and addresses on XT's site; risk control is XT's to lift"
        return Finding("access", Level.PROBLEM, told, advice)
    return Finding("venue", Level.PROBLEM, told, _LATER)
