"""What OKX's codes mean to a caller.

Source: OKX API documentation, v5, error codes: REST API, general, API class, and copy trading.
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
    LeaderUnavailableError,
    NotFollowingError,
    OpenPositionsError,
    RateLimitedError,
    SettingsRejectedError,
    VenueError,
    VenueUnavailableError,
)

_FULL: Final = Refusal(LeaderUnavailableError, "the leader has no place left", "leader_id")

CODES: Final[Codes] = {
    # key, signature and passphrase
    "50101": Refusal(AuthenticationError, "a demo key on the live environment, or the reverse"),
    "50103": Refusal(AuthenticationError, "the key header is missing"),
    "50104": Refusal(AuthenticationError, "the passphrase header is missing"),
    "50105": Refusal(AuthenticationError, "the passphrase is wrong"),
    "50106": Refusal(AuthenticationError, "the signature header is missing"),
    "50107": Refusal(AuthenticationError, "the timestamp header is missing"),
    "50111": Refusal(AuthenticationError, "the key is not valid"),
    "50113": Refusal(AuthenticationError, "the signature is wrong"),
    "50114": Refusal(AuthenticationError, "the authorization is not valid"),
    "50119": Refusal(AuthenticationError, "the key does not exist"),
    # permission, IP binding, allow-list and role
    "50100": Refusal(AccessDeniedError, "the account's API is frozen"),
    "50110": Refusal(AccessDeniedError, "this IP address is not on the key's list"),
    "50120": Refusal(AccessDeniedError, "the key lacks a permission; copying needs Read and Trade"),
    "59258": Refusal(AccessDeniedError, "a leader cannot copy"),
    "59260": Refusal(AccessDeniedError, "for leaders on spot only"),
    "59262": Refusal(AccessDeniedError, "for leaders on contracts only"),
    "59263": Refusal(AccessDeniedError, "the account is not on the list of those who may copy by API; ask OKX"),
    "59275": Refusal(AccessDeniedError, "an application to become a leader is pending and rules out copying"),
    "59282": Refusal(AccessDeniedError, "for sub-accounts of brokers on the list only"),
    # mode of the account
    "59256": Refusal(AccountModeError, "in one-way position mode only one leader can be copied; use hedge mode"),
    "59264": Refusal(AccountModeError, "spot copy trading is not supported here"),
    "59283": Refusal(AccountModeError, "the account is not in futures mode"),
    "59286": Refusal(AccountModeError, "not possible in spot mode"),
    "59288": Refusal(AccountModeError, "not possible in portfolio margin mode"),
    "59642": Refusal(AccountModeError, "copying needs an account in spot or futures mode"),
    "59643": Refusal(AccountModeError, "the mode cannot change while spot is copied"),
    # clock
    "50102": Refusal(ClockError, "the timestamp has expired"),
    "50112": Refusal(ClockError, "the timestamp is not valid"),
    # too many requests
    "50011": Refusal(RateLimitedError, "too many requests"),
    # no answer: the work may have been done
    "50001": Refusal(VenueUnavailableError, "the service is not available"),
    "50004": Refusal(VenueUnavailableError, "the request timed out at the venue"),
    "50013": Refusal(VenueUnavailableError, "the system is busy"),
    "50026": Refusal(VenueUnavailableError, "system error"),
    # parameters
    "50005": Refusal(VenueError, "this call has been withdrawn"),
    "50014": Refusal(SettingsRejectedError, "a parameter is empty, named in the message"),
    "51000": Refusal(SettingsRejectedError, "a parameter is not right, named in the message"),
    # values of a follow
    "59128": Refusal(SettingsRejectedError, "the leverage is above the cap", "leverage"),
    # One code for two messages: the take profit, or the stop loss.
    "59130": Refusal(SettingsRejectedError, "take profit or stop loss is above the limit"),
    "59245": Refusal(SettingsRejectedError, "the order is above the cap on contracts"),
    "59247": Refusal(SettingsRejectedError, "the leverage is too high for the position", "leverage"),
    "59259": Refusal(SettingsRejectedError, "the multiple is out of range", "sizing"),
    "59268": Refusal(SettingsRejectedError, "a pair is not among those that the leader opens for copying", "symbols"),
    "59270": Refusal(SettingsRejectedError, "the cap over all orders is below the amount per order", "max_total"),
    "59284": Refusal(SettingsRejectedError, "the changes of the profit share for this month are used up"),
    "59287": Refusal(SettingsRejectedError, "the profit share is out of range"),
    # the leader
    "59206": _FULL,
    "59277": _FULL,
    "59269": Refusal(LeaderUnavailableError, "the leader does not exist", "leader_id"),
    "59274": Refusal(LeaderUnavailableError, "one cannot copy oneself", "leader_id"),
    "59276": Refusal(LeaderUnavailableError, "the leader has applied to stop leading", "leader_id"),
    "59292": Refusal(
        LeaderUnavailableError,
        "the leader allows smart sync only, a mode of OKX's app and website that its documented API cannot set",
        "leader_id",
    ),
    # the follow
    "59279": Refusal(AlreadyFollowingError, "the leader is copied already"),
    # Neither following nor not: the stop before this call is what counts.
    "59278": Refusal(VenueError, "an earlier stop is still being carried out; wait until the follow is gone"),
    "59267": Refusal(NotFollowingError, "the leader is not copied, so there is nothing to stop"),
    "59273": Refusal(NotFollowingError, "the account does not copy contracts yet"),
    "59280": Refusal(NotFollowingError, "the leader is not copied, so there is nothing to change"),
    "59285": Refusal(NotFollowingError, "the account has never led or copied"),
    # copied positions
    "59216": Refusal(OpenPositionsError, "the position does not exist"),
    "59218": Refusal(OpenPositionsError, "everything is being closed at market"),
    # answers without an envelope
    "HTTP 400": Refusal(VenueError, "a bad request"),
    "HTTP 401": Refusal(AuthenticationError, "the key is not valid"),
    "HTTP 403": Refusal(AccessDeniedError, "no access; often the address or region is blocked before OKX"),
    "HTTP 404": Refusal(VenueError, "no such address"),
    "HTTP 410": Refusal(VenueError, "the address has been withdrawn"),
    "HTTP 429": Refusal(RateLimitedError, "too many requests"),
}
