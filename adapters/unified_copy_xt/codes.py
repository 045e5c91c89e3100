"""What XT's codes mean to a caller.

Source: XT API documentation, spot, error codes, and copy trading, error codes.
"""

from __future__ import annotations

from typing import Final

from unified_copy.answers import Codes, Refusal
from unified_copy.errors import (
    AccessDeniedError,
    AccountModeError,
    AlreadyFollowingError,
    AuthenticationError,
    ClockError,
    InsufficientFundsError,
    LeaderUnavailableError,
    OpenPositionsError,
    RateLimitedError,
    SettingsRejectedError,
    VenueError,
    VenueUnavailableError,
)

_RISK: Final = Refusal(AccessDeniedError, "stopped by risk control")

CODES: Final[Codes] = {
    "FAILURE": Refusal(VenueError, "refused without a reason"),
    # key, headers and signature
    "AUTH_001": Refusal(AuthenticationError, "the header validate-appkey is missing"),
    "AUTH_002": Refusal(AuthenticationError, "the header validate-timestamp is missing"),
    "AUTH_003": Refusal(AuthenticationError, "the header validate-recvwindow is missing"),
    "AUTH_004": Refusal(AuthenticationError, "the header validate-recvwindow is wrong"),
    "AUTH_005": Refusal(AuthenticationError, "the header validate-algorithms is missing"),
    "AUTH_006": Refusal(AuthenticationError, "the header validate-algorithms is wrong"),
    "AUTH_007": Refusal(AuthenticationError, "the header validate-signature is missing"),
    "AUTH_101": Refusal(AuthenticationError, "the key does not exist"),
    "AUTH_102": Refusal(AuthenticationError, "the key has not been activated"),
    "AUTH_103": Refusal(AuthenticationError, "the signature is wrong"),
    "AUTH_104": Refusal(AccessDeniedError, "this IP address is not bound to the key"),
    "AUTH_105": Refusal(ClockError, "the timestamp is outside the window"),
    "AUTH_106": Refusal(AccessDeniedError, "the key lacks the permission"),
    "COMMON_001": Refusal(AuthenticationError, "the user does not exist"),
    "GATEWAY_0001": _RISK,
    "GATEWAY_0002": _RISK,
    "GATEWAY_0003": _RISK,
    "GATEWAY_0004": _RISK,
    # no answer: the work may have been done
    "COMMON_002": Refusal(VenueUnavailableError, "busy, to be tried later"),
    "COMMON_003": Refusal(VenueUnavailableError, "failed, to be tried later"),
    "COPY_TRADE_SPOT_000": Refusal(VenueUnavailableError, "busy, to be tried later"),
    # pairs
    "SYMBOL_001": Refusal(SettingsRejectedError, "the pair does not exist", "symbols"),
    "SYMBOL_002": Refusal(SettingsRejectedError, "the pair is offline", "symbols"),
    "SYMBOL_003": Refusal(SettingsRejectedError, "trading of the pair is suspended", "symbols"),
    "SYMBOL_004": Refusal(AccessDeniedError, "the pair may not be traded from your country", "symbols"),
    "SYMBOL_005": Refusal(SettingsRejectedError, "the pair cannot be traded by API", "symbols"),
    "CURRENCY_001": Refusal(SettingsRejectedError, "the currency's data is faulty", "symbols"),
    # orders
    "ORDER_001": Refusal(VenueError, "the platform rejected the order"),
    "ORDER_002": Refusal(InsufficientFundsError, "the funds are not enough"),
    "ORDER_003": Refusal(SettingsRejectedError, "the pair is suspended", "symbols"),
    "ORDER_004": Refusal(AccessDeniedError, "trading is forbidden"),
    "ORDER_005": Refusal(OpenPositionsError, "the order does not exist"),
    "ORDER_006": Refusal(OpenPositionsError, "too many orders are open"),
    "ORDER_007": Refusal(AccountModeError, "a sub-account may not trade"),
    "ORDER_008": Refusal(SettingsRejectedError, "price or quantity has the wrong precision"),
    "ORDER_F0101": Refusal(SettingsRejectedError, "the price is below the minimum"),
    "ORDER_F0102": Refusal(SettingsRejectedError, "the price is above the maximum"),
    "ORDER_F0103": Refusal(SettingsRejectedError, "the price is off its step"),
    "ORDER_F0201": Refusal(SettingsRejectedError, "the quantity is below the minimum"),
    "ORDER_F0202": Refusal(SettingsRejectedError, "the quantity is above the maximum"),
    "ORDER_F0203": Refusal(SettingsRejectedError, "the quantity is off its step"),
    "ORDER_F0301": Refusal(SettingsRejectedError, "the amount is below the minimum", "sizing"),
    "ORDER_F0401": Refusal(VenueError, "the protection at a pair's opening applies"),
    "ORDER_F0501": Refusal(VenueError, "price protection: a buy too far from the market"),
    "ORDER_F0502": Refusal(VenueError, "price protection: a sale too far from the market"),
    "ORDER_F0503": Refusal(VenueError, "price protection: the coefficient for buys"),
    "ORDER_F0504": Refusal(VenueError, "price protection: the coefficient for sales"),
    "ORDER_F0601": Refusal(VenueError, "the protection of market orders applies"),
    # the account
    "COPY_TRADE_SPOT_001": Refusal(AccountModeError, "the account is a leader's and cannot follow"),
    "COPY_TRADE_SPOT_003": Refusal(AccountModeError, "an application to become a leader was handed in already"),
    "COPY_TRADE_SPOT_004": Refusal(AccessDeniedError, "identity verification is missing or of too low a level"),
    "COPY_TRADE_SPOT_005": Refusal(InsufficientFundsError, "the account's assets are below what is asked for"),
    "COPY_TRADE_SPOT_007": Refusal(AccountModeError, "an application to become a leader is pending"),
    # the leader and the follow
    "COPY_TRADE_SPOT_002": Refusal(AlreadyFollowingError, "the account follows a leader already"),
    "COPY_TRADE_SPOT_006": Refusal(LeaderUnavailableError, "the leader does not exist", "leader_id"),
    "COPY_TRADE_SPOT_010": Refusal(LeaderUnavailableError, "the leader has no place left", "leader_id"),
    "COPY_TRADE_SPOT_011": Refusal(AccountModeError, "the account follows as many leaders as it may"),
    "COPY_TRADE_SPOT_016": Refusal(OpenPositionsError, "the leader still has open orders"),
    # values
    "COPY_TRADE_SPOT_008": Refusal(SettingsRejectedError, "the copy amount is out of range", "sizing"),
    "COPY_TRADE_SPOT_009": Refusal(SettingsRejectedError, "the copy multiple is out of range", "sizing"),
    "COPY_TRADE_SPOT_012": Refusal(
        SettingsRejectedError, "the take-profit price has the wrong precision", "take_profit"
    ),
    "COPY_TRADE_SPOT_013": Refusal(SettingsRejectedError, "the stop-loss price has the wrong precision", "stop_loss"),
    "COPY_TRADE_SPOT_014": Refusal(SettingsRejectedError, "take profit must lie above the last price", "take_profit"),
    "COPY_TRADE_SPOT_015": Refusal(SettingsRejectedError, "stop loss must lie below the last price", "stop_loss"),
    # answers without an envelope
    "HTTP 404": Refusal(VenueError, "no such address"),
    "HTTP 429": Refusal(RateLimitedError, "too many requests; XT blocks the key or the address for a while"),
}
