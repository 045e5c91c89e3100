"""A local Bitget to try things on: futures copy trading, follower side.

Sources: Bitget API documentation, common, signature; copy trading, futures, follower; error codes. Where the
documentation is silent this venue decides as follows. Setting pairs starts the follow, and the list replaces the
one before: a pair that is not listed is no longer copied. Smart copy and settings per pair replace each other.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b64encode
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import unquote

from msgspec import Struct, convert

from unified_copy.credentials import Credentials
from unified_copy.sandbox import Account, Answer, Parameters, Received, Venue, Violation, handles

if TYPE_CHECKING:
    from unified_copy.sandbox import Operation

_OK: Final = "00000"
_HTTP_OK: Final = 200
_HTTP_BAD_REQUEST: Final = 400
_HTTP_NOT_FOUND: Final = 404
_WINDOW_MS: Final = 30_000
_DIGITS: Final = re.compile(r"[0-9]{1,19}")

_MISSING: Final = {
    "access-key": "40001",
    "access-sign": "40002",
    "access-passphrase": "40011",
    "access-timestamp": "40005",
}
_SHOWN: Final = (
    "symbol",
    "productType",
    "marginType",
    "marginCoin",
    "leverType",
    "longLeverage",
    "shortLeverage",
    "traceType",
    "traceValue",
    "maxHoldSize",
    "stopSurplusRatio",
    "stopLossRatio",
)
"""What reading back shows of a pair."""

_BY_PARAMETER: Final = {"symbol": "40034", "stopSurplusRatio": "31040", "stopLossRatio": "31041"}
"""The code for a value that its parameter cannot take, where the venue has one of its own."""
_BY_KIND: Final = {"missing": "40019", "short": "40019", "unknown": "40020", "media type": "40007", "syntax": "40409"}
_PARAMETER_REFUSED: Final = "40017"


class _Settings(Struct, rename="camel"):
    trader_id: str
    settings: list[dict[str, str]]


class _Leader(Struct, rename="camel"):
    trader_id: str


class BitgetVenue(Venue):
    """Answer as Bitget does, by the contract ``bitget.yaml``."""

    contract: ClassVar[str] = "unified_copy_specs/bitget.yaml"
    leader_parameters: ClassVar[tuple[str, ...]] = ("traderId",)

    def __init__(self) -> None:
        """Open the venue, with nobody following anybody."""
        super().__init__()
        self._follows: dict[tuple[Account, str], list[dict[str, str]]] = {}

    def new_credentials(self) -> Credentials:
        """Make up a key, a secret and a passphrase."""
        return Credentials("bg_" + secrets.token_hex(16), secrets.token_hex(32), secrets.token_hex(12))

    def leader_leaves(self, leader_id: str) -> None:
        """End every follow of a leader, as Bitget does once he no longer leads."""
        self._follows = {key: pairs for key, pairs in self._follows.items() if key[1] != leader_id}

    # -- credentials

    def authenticate(self, received: Received, operation: Operation) -> Account | Answer:  # noqa: ARG002 (all sign alike)
        """Check headers, key, passphrase, clock and signature, in this order."""
        headers = received.headers
        for name, code in _MISSING.items():
            if not headers.get(name):
                return self._bad_request(code)
        account = self.accounts.get(headers["access-key"])
        if account is None:
            return self._bad_request("40006")
        if headers["access-passphrase"] != account.credentials.passphrase:
            return self._bad_request("40012")
        timestamp = headers["access-timestamp"]
        if not _DIGITS.fullmatch(timestamp):
            return self._bad_request("40005")
        if abs(self.now_ms() - int(timestamp)) > _WINDOW_MS:
            return self._bad_request("40008")
        # Bitget takes the query apart before it verifies, so what it verifies is the decoded text.
        query = f"?{unquote(received.query)}" if received.query else ""
        signed = f"{timestamp}{received.method}{received.path}{query}".encode(errors="surrogateescape") + received.body
        expected = b64encode(hmac.digest(account.credentials.secret.encode(), signed, "sha256")).decode()
        return account if headers["access-sign"] == expected else self._bad_request("40009")

    # -- refusals

    def refusal(self, code: str) -> Answer:
        """Put ``code`` into Bitget's envelope, under the HTTP status it has been seen with."""
        return self._refusal(code, self.rules.codes[code].http if code in self.rules.codes else None)

    def refuse(self, violation: Violation) -> Answer:
        """Name the parameter at fault, under HTTP 400."""
        parameter = violation.name.rpartition(".")[2]
        code = _BY_KIND.get(violation.kind) or _BY_PARAMETER.get(parameter, _PARAMETER_REFUSED)
        return self._bad_request(code, f": {violation.name or violation.location} ({violation.message})")

    def not_found(self, received: Received) -> Answer:  # noqa: ARG002 (all are unknown alike)
        """Answer 40404 under HTTP 404."""
        return self._refusal("40404", _HTTP_NOT_FOUND)

    def _bad_request(self, code: str, more: str = "") -> Answer:
        return self._refusal(code, _HTTP_BAD_REQUEST, more)

    def _refusal(self, code: str, http: int | None, more: str = "") -> Answer:
        meaning = self.rules.codes[code].meaning if code in self.rules.codes else ""
        return self._envelope(code, meaning + more, None, http or _HTTP_OK)

    def _envelope(self, code: str, message: str, data: object, http: int = _HTTP_OK) -> Answer:
        return Answer(http, {"code": code, "msg": message, "requestTime": self.now_ms(), "data": data})

    def _success(self, data: object) -> Answer:
        return self._envelope(_OK, "success", data)

    # -- calls

    @handles("serverTime")
    def server_time(self, _account: Account, _parameters: Parameters) -> Answer:
        """Tell the venue's clock."""
        return self._success({"serverTime": str(self.now_ms())})

    @handles("setSettings")
    def set_settings(self, account: Account, parameters: Parameters) -> Answer:
        """Follow in these pairs and no others; all of them are taken, or none."""
        wish = convert(parameters.body, _Settings)
        symbols = [(pair["productType"], pair["symbol"]) for pair in wish.settings]
        if twice := next((each for each in symbols if symbols.count(each) > 1), None):
            return self._bad_request(_PARAMETER_REFUSED, f": settings ({twice[1]} is given twice)")
        self._follows[account, wish.trader_id] = wish.settings
        return self._success("success")

    @handles("setSmartCopy")
    def set_smart_copy(self, account: Account, parameters: Parameters) -> Answer:
        """Follow in all pairs, of which reading back shows none."""
        self._follows[account, convert(parameters.body, _Leader).trader_id] = []
        return self._success("success")

    @handles("querySettings")
    def query_settings(self, account: Account, parameters: Parameters) -> Answer:
        """Show what is set, with empty text for what is not."""
        pairs = self._follows.get((account, convert(parameters.values, _Leader).trader_id))
        shown = [{name: pair.get(name, "") for name in _SHOWN} for pair in pairs or ()]
        return self._success({"followerEnable": "NO" if pairs is None else "YES", "detailList": shown})
