"""What the codes of XT's futures host mean to a caller.

Source: XT API documentation, futures copy trading, error codes; futures, error codes for the HTTP statuses. The host
has no code of its own for a refused timestamp: it hides behind 403, beside a refused key, address and signature.
"""

from __future__ import annotations

from typing import Final

from unified_copy.answers import Codes, Refusal
from unified_copy.errors import (
    AuthenticationError,
    LeaderUnavailableError,
    OpenPositionsError,
    RateLimitedError,
    SettingsRejectedError,
    VenueError,
    VenueUnavailableError,
)

HIDING_THE_CLOCK: Final = frozenset({"403", "HTTP 403"})
"""What a refused timestamp may look like."""
_TOO_MANY: Final = Refusal(RateLimitedError, "too many requests; XT locks the account for ten minutes")

CODES: Final[Codes] = {
    # the key
    "401": Refusal(AuthenticationError, "a login is required"),
    "403": Refusal(AuthenticationError, "the login has expired, or the signature is wrong"),
    # the statuses of HTTP, which this host puts into its envelope as well
    "429": _TOO_MANY,
    **dict.fromkeys(("500", "502", "503"), Refusal(VenueUnavailableError, "XT's server failed, or is not to be had")),
    # the leader
    "invalid_leader": Refusal(LeaderUnavailableError, "there is no such leader", "leader_id"),
    "invalid_accountId": Refusal(LeaderUnavailableError, "the account id is wrong", "leader_id"),
    # values
    "invalid_params": Refusal(SettingsRejectedError, "a parameter is wrong"),
    "invalid_symbol": Refusal(SettingsRejectedError, "the pair is wrong", "symbols"),
    "invalid_leverage": Refusal(SettingsRejectedError, "the leverage is wrong", "leverage"),
    "invalid_price": Refusal(SettingsRejectedError, "the price is wrong"),
    "invalid_triggerProfitPrice": Refusal(SettingsRejectedError, "the take-profit price is wrong", "take_profit"),
    "invalid_triggerStopPrice": Refusal(SettingsRejectedError, "the stop-loss price is wrong", "stop_loss"),
    # orders
    "invalid_order": Refusal(OpenPositionsError, "the order is wrong"),
    "invalid_order_type": Refusal(SettingsRejectedError, "the type of the order is missing"),
    "invalid_order_side": Refusal(SettingsRejectedError, "the side of the order is missing"),
    # answers without an envelope
    "HTTP 400": Refusal(VenueError, "a forbidden word in the request, or no key or timestamp with it"),
    "HTTP 403": Refusal(
        AuthenticationError,
        "the host, the timestamp, this IP address, the signature or the key was refused; XT does not say which",
    ),
    "HTTP 405": Refusal(VenueError, "the request names no host"),
    "HTTP 429": _TOO_MANY,
}
