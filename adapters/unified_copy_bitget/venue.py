"""A local Bitget to try things on: futures copy trading, follower side.

Sources: Bitget API documentation, common, signature; copy trading, futures, follower; error codes. Where the
documentation is silent this venue decides as follows. Setting pairs starts the follow, and the list replaces the
one before: a pair that is not listed is no longer copied. Smart copy and settings per pair replace each other. Closing
with a product type alone closes everything in it. A page of positions has ``endId`` only where more follows.
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
from unified_copy_bitget.book import LIMITS, Book, Row, page, shown_closed, shown_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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


class _Numbered(Struct, rename="camel"):
    page_no: str = "1"
    page_size: str = "20"
    start_time: str = "0"
    end_time: str = "9" * 15


class BitgetVenue(Venue):
    """Answer as Bitget does, by the contract ``bitget.yaml``."""

    contract: ClassVar[str] = "unified_copy_specs/bitget.yaml"
    leader_parameters: ClassVar[tuple[str, ...]] = ("traderId",)

    def __init__(self) -> None:
        """Open the venue, with nobody following anybody."""
        super().__init__()
        self._follows: dict[tuple[Account, str], list[dict[str, str]]] = {}
        self._since: dict[tuple[Account, str], int] = {}
        self._copied: dict[Account, Book] = {}
        self.account_info: Final[dict[str, object]] = {
            "userId": "1000000001",
            "inviterId": "1000000002",
            "ips": "127.0.0.1",
            "authorities": ["ttor", "ttow"],
            "parentId": 1000000001,
            "traderType": "not_trader",
            "channelCode": "",
            "channel": "",
            "regisTime": "1600000000000",
        }
        """What is told of every account and its key; change it to try another."""

    def new_credentials(self) -> Credentials:
        """Make up a key, a secret and a passphrase."""
        return Credentials("bg_" + secrets.token_hex(16), secrets.token_hex(32), secrets.token_hex(12))

    def leader_leaves(self, leader_id: str) -> None:
        """End every follow of a leader, as Bitget does once he no longer leads."""
        self._follows = {key: pairs for key, pairs in self._follows.items() if key[1] != leader_id}

    def book(self, account: Account) -> Book:
        """Return the copied positions of an account, to look at or to change."""
        return self._copied.setdefault(account, Book(self.now_ms()))

    def start(self, account: Account, leader_id: str, pairs: list[dict[str, str]] | None = None) -> None:
        """Begin or change a follow, without being asked to."""
        if (account, leader_id) not in self._follows:
            self._since[account, leader_id] = self.now_ms()
        self._follows[account, leader_id] = pairs or []

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

    @handles("setSettings", performs={"follow"})
    def set_settings(self, account: Account, parameters: Parameters) -> Answer:
        """Follow in these pairs and no others; all of them are taken, or none."""
        wish = convert(parameters.body, _Settings)
        symbols = [(pair["productType"], pair["symbol"]) for pair in wish.settings]
        if twice := next((each for each in symbols if symbols.count(each) > 1), None):
            return self._bad_request(_PARAMETER_REFUSED, f": settings ({twice[1]} is given twice)")
        self.start(account, wish.trader_id, wish.settings)
        return self._success("success")

    @handles("setSmartCopy", performs={"follow"})
    def set_smart_copy(self, account: Account, parameters: Parameters) -> Answer:
        """Follow in all pairs, of which reading back shows none."""
        self.start(account, convert(parameters.body, _Leader).trader_id)
        return self._success("success")

    @handles("querySettings", performs={"settings"})
    def query_settings(self, account: Account, parameters: Parameters) -> Answer:
        """Show what is set, with empty text for what is not."""
        pairs = self._follows.get((account, convert(parameters.values, _Leader).trader_id))
        shown = [{name: pair.get(name, "") for name in _SHOWN} for pair in pairs or ()]
        return self._success({"followerEnable": "NO" if pairs is None else "YES", "detailList": shown})

    @handles("cancelTrader", performs={"unfollow"})
    def cancel_trader(self, account: Account, parameters: Parameters) -> Answer:
        """End a follow; positions copied already stay open."""
        leader_id = convert(parameters.body, _Leader).trader_id
        if self._follows.pop((account, leader_id), None) is None:
            return self.refusal("43062")
        return self._success("success")

    @handles("queryTraders", performs={"leaders", "check"})
    def query_traders(self, account: Account, parameters: Parameters) -> Answer:
        """List the leaders being followed, the latest first, a page by its number."""
        asked = convert(parameters.values, _Numbered)
        size, first = int(asked.page_size), (int(asked.page_no) - 1) * int(asked.page_size)
        leaders = [leader for owner, leader in reversed(self._follows) if owner is account]
        during = range(int(asked.start_time), int(asked.end_time) + 1)
        found = [_leader(leader, since) for leader in leaders if (since := self._since[account, leader]) in during]
        return self._success(found[first : first + size])

    @handles("queryCurrentOrders", performs={"positions"})
    def query_current_orders(self, account: Account, parameters: Parameters) -> Answer:
        """List the open positions of a product type."""
        return self._tracked(self.book(account).open, shown_open, parameters)

    @handles("queryHistoryOrders", performs={"history"})
    def query_history_orders(self, account: Account, parameters: Parameters) -> Answer:
        """List the closed copies of a product type."""
        return self._tracked(self.book(account).closed, shown_closed, parameters)

    def _tracked(self, rows: dict[str, list[Row]], shown: Callable[[Row], Row], parameters: Parameters) -> Answer:
        asked = convert(parameters.values, Row)
        found, end = page(rows[asked["productType"]], asked)
        return self._success({"trackingList": [shown(row) for row in found], "endId": end})

    @handles("closePositions", performs={"close"})
    def close_positions(self, account: Account, parameters: Parameters) -> Answer:
        """Close whatever is as the body says, which is everything where it says nothing."""
        body = convert(parameters.body, Row)
        book, product = self.book(account), body["productType"]
        if "trackingNo" in body and book.find(body["trackingNo"], product) is None:
            return self.refusal("43065")
        names = {"trackingNo": "trackingNo", "symbol": "symbol", "holdSide": "posSide"}
        orders = book.close(product, {names[name]: body[name] for name in names if name in body}, self.now_ms())
        return self._success({"orderIdList": orders}) if orders else self.refusal("22002")

    @handles("setTpsl", performs={"protect"})
    def set_tpsl(self, account: Account, parameters: Parameters) -> Answer:
        """Set, cancel or keep what protects a position."""
        body = convert(parameters.body, Row)
        book, number = self.book(account), body["trackingNo"]
        if book.find(number, body["productType"]) is None:
            return self.refusal("43065")
        book.protect(number, {name: body[name] for name in ("stopSurplusPrice", "stopLossPrice") if name in body})
        return self._success("success")

    @handles("queryQuantityLimit", performs={"symbols"})
    def query_quantity_limit(self, _account: Account, parameters: Parameters) -> Answer:
        """List the pairs of a product type."""
        asked = convert(parameters.values, Row)
        pairs: Iterable[tuple[str, str, str]] = LIMITS[asked["productType"]]
        return self._success(
            [
                {"symbol": symbol, "minFollowSize": least, "maxFollowSize": most}
                for symbol, least, most in pairs
                if asked.get("symbol", symbol) == symbol
            ]
        )

    @handles("accountInfo", performs={"check"})
    def tell_account(self, _account: Account, _parameters: Parameters) -> Answer:
        """Tell what the key may do."""
        return self._success(self.account_info)


def _leader(leader_id: str, since: int) -> dict[str, object]:
    """Return a leader as Bitget shows him; all of them do alike."""
    return {
        "certificationType": "Certified",
        "traderId": leader_id,
        "traderName": f"Leader {leader_id}",
        "maxFollowLimit": "500",
        "bgbMaxFollowLimit": "50",
        "followCount": "317",
        "bgbFollowCount": "12",
        "traceTotalMarginAmount": "412.50",
        "traceTotalNetProfit": "83.17",
        "traceTotalProfit": "92.41",
        "currentTradingPairs": ["BTCUSDT", "ETHUSDT", "BTCPERP"],
        "followerTime": str(since),
    }
