"""What Lunex's refusals mean to a caller, and what is believed of an answer.

Source: Lunex API, version 1, refusals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import UNSET

from unified_copy import errors
from unified_copy.answers import HTTP_OK, Answers, Codes, Refusal
from unified_copy_lunex import wire

if TYPE_CHECKING:
    from unified_copy.wire import Response

T = TypeVar("T")
NAME: Final = "lunex"

CODES: Final[Codes] = {
    "BAD_SIGNATURE": Refusal(errors.AuthenticationError, "the key is unknown, or the signature is wrong"),
    "STALE": Refusal(errors.ClockError, "the timestamp is more than five seconds off"),
    "NO_RIGHT": Refusal(errors.AccessDeniedError, "the key may not copy"),
    "BAD_VALUE": Refusal(errors.SettingsRejectedError, "a value breaks the rules; it is named in the message"),
    "NO_MONEY": Refusal(errors.InsufficientFundsError, "the balance is below the stake", "sizing"),
    "NO_TRADER": Refusal(errors.LeaderUnavailableError, "there is no such trader", "leader_id"),
    "FULL": Refusal(errors.LeaderUnavailableError, "the trader has no place left", "leader_id"),
    "NOT_COPIED": Refusal(errors.NotFollowingError, "the trader is not copied"),
    "NO_POSITION": Refusal(errors.OpenPositionsError, "there is no such open position"),
    "TOO_MANY": Refusal(errors.RateLimitedError, "too many requests"),
    "BUSY": Refusal(errors.VenueUnavailableError, "busy; the work may have been done"),
    "HTTP 403": Refusal(errors.AccessDeniedError, "no access from this address"),
}
ANSWERS: Final = Answers(exchange=NAME, codes=CODES, pause=1.0)


def answer(response: Response, wanted: type[T]) -> T:
    """Return an answer as an instance of ``wanted``; raise what its code says, or that there is no answer."""
    document = ANSWERS.json(response, object)
    refused = ANSWERS.structure(response, document, wire.Refused)
    if refused.error is not UNSET:
        raise ANSWERS.refusal(str(refused.error), response, str(refused.detail or ""))
    if response.status != HTTP_OK:
        raise ANSWERS.contradiction(response)
    return ANSWERS.structure(response, document, wanted)


def done(response: Response) -> None:
    """Believe that a write was done; raise otherwise."""
    if not answer(response, wire.Done).done:
        raise errors.VenueError(NAME, "done false", "Lunex took the request and reports failure", "", response.status)
