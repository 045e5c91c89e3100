"""What the venue's codes mean to a caller."""

from __future__ import annotations

from typing import Final

from unified_copy.answers import Codes, Refusal
from unified_copy.errors import (
    AuthenticationError,
    ClockError,
    LeaderUnavailableError,
    NotFollowingError,
    RateLimitedError,
    SettingsRejectedError,
    VenueUnavailableError,
)

OK: Final = "0"

# EDIT: the venue's codes, each with the error whose docstring says what a user should conclude from it.
CODES: Final[Codes] = {
    "1001": Refusal(AuthenticationError, "the key or the signature is wrong"),
    "1002": Refusal(ClockError, "the timestamp is more than 30 seconds off"),
    "1003": Refusal(RateLimitedError, "too many requests"),
    "2001": Refusal(LeaderUnavailableError, "the leader takes no followers", "leader_id"),
    "2002": Refusal(NotFollowingError, "this leader is not followed"),
    "3001": Refusal(SettingsRejectedError, "a parameter breaks the rules"),
    "5001": Refusal(VenueUnavailableError, "busy, try again"),
    "HTTP 429": Refusal(RateLimitedError, "too many requests"),
}
