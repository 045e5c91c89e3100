"""A local OKX to try things on: copy trading of perpetual swaps, follower side.

Sources: OKX API documentation, v5, REST authentication; copy trading; error codes. Where the documentation is silent
this venue decides as follows. A change replaces all terms. A stop is carried out at the second read of the settings
after it. The clock may be 30 seconds off. Every leader opens the same pairs for copying, and whoever starts to copy
finds two open positions and two closed ones.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct, convert

from unified_copy.credentials import Credentials
from unified_copy.sandbox import Account, Answer, Parameters, Received, Venue, Violation, handles
from unified_copy_okx.book import Book, Wish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unified_copy.sandbox import Operation
    from unified_copy_okx.book import Entry

_HTTP_OK: Final = 200
_NOT_FOUND: Final = Answer(404, b"404 Not Found")
_WINDOW: Final = timedelta(seconds=30)
_MISSING: Final = {
    "ok-access-key": "50103",
    "ok-access-sign": "50106",
    "ok-access-timestamp": "50107",
    "ok-access-passphrase": "50104",
}
_RANGES: Final = {
    "maxCopyAmt": "1000",
    "maxCopyRatio": "100",
    "maxCopyTotalAmt": "30000",
    "maxSlRatio": "0.75",
    "maxTpRatio": "1.5",
    "minCopyAmt": "20",
    "minCopyRatio": "0.01",
}
_KEPT_TO: Final = (
    ("copyAmt", "minCopyAmt", "maxCopyAmt", "51000"),
    ("copyRatio", "minCopyRatio", "maxCopyRatio", "59259"),
    ("copyTotalAmt", "minCopyAmt", "maxCopyTotalAmt", "51000"),
    ("tpRatio", "", "maxTpRatio", "59130"),
    ("slRatio", "", "maxSlRatio", "59130"),
)
_TERMS: Final = ("copyMode", "copyAmt", "copyRatio", "copyTotalAmt", "tpRatio", "slRatio", "slTotalAmt")
_SETTINGS: Final = (*_TERMS, "copyMgnMode", "copyInstIdType", "subPosCloseType", "tag")


class _Follow(Struct):
    terms: dict[str, str]
    since_ms: int
    ending: str = ""
    """What becomes of open positions at the end that has been asked for."""
    reads_left: int = 0
    """How often the settings still show a follow whose end has been asked for."""


class OkxVenue(Venue):
    """Answer as OKX does, by the contract ``okx.yaml``."""

    contract: ClassVar[str] = "unified_copy_specs/okx.yaml"
    leader_parameters: ClassVar[tuple[str, ...]] = ("uniqueCode",)
    example: ClassVar[str] = Venue.example + 'max_total = "3000"\n'

    def __init__(self) -> None:
        """Open the venue, with nobody following anybody."""
        super().__init__()
        self.pairs: list[str] = [f"{base}-USDT-SWAP" for base in ("BTC", "ETH", "SOL", "XRP", "DOGE", "龙虾")]
        """What every leader opens for copying."""
        self.account_config: dict[str, str] = {
            "acctLv": "2",
            "posMode": "long_short_mode",
            "perm": "read_only,trade",
            "ip": "203.0.113.7",
        }
        """The mode of every account, and what every key may do."""
        self.reads_after_stop = 1
        """How often the settings still show a follow after its stop."""
        self._follows: dict[tuple[Account, str], _Follow] = {}
        self._book = Book()

    def new_credentials(self) -> Credentials:
        """Make up a key, a secret and a passphrase."""
        return Credentials("okx-" + secrets.token_hex(16), secrets.token_hex(16).upper(), secrets.token_hex(12))

    # -- credentials

    def authenticate(self, received: Received, operation: Operation) -> Account | Answer:  # noqa: ARG002 (all sign alike)
        """Check headers, key, passphrase, clock and signature, in this order."""
        headers = received.headers
        for name, code in _MISSING.items():
            if not headers.get(name):
                return self.refusal(code)
        account = self.accounts.get(headers["ok-access-key"])
        if account is None:
            return self.refusal("50111")
        if headers["ok-access-passphrase"] != account.credentials.passphrase:
            return self.refusal("50105")
        timestamp = headers["ok-access-timestamp"]
        age = self._age(timestamp)
        if age is None:
            return self.refusal("50112")
        if abs(age) > _WINDOW:
            return self.refusal("50102")
        target = received.path + (f"?{received.query}" if received.query else "")
        signed = f"{timestamp}{received.method}{target}".encode(errors="surrogateescape") + received.body
        expected = b64encode(hmac.digest(account.credentials.secret.encode(), signed, "sha256")).decode()
        return account if headers["ok-access-sign"] == expected else self.refusal("50113")

    def _age(self, timestamp: str) -> timedelta | None:
        """Return how long ago a timestamp was by the venue's clock; ``None`` for what is none."""
        try:
            told = datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S.%f%z")
        except ValueError:
            return None
        return timedelta(milliseconds=self.now_ms()) - (told - datetime.fromtimestamp(0, told.tzinfo))

    # -- refusals

    def refusal(self, code: str) -> Answer:
        """Put ``code`` into OKX's envelope, under the HTTP status that the contract gives it."""
        return self._refusal(code)

    def refuse(self, violation: Violation) -> Answer:
        """Name the parameter at fault, under HTTP 400."""
        code = "50014" if violation.kind in {"missing", "short"} else "51000"
        return self._refusal(code, f": {violation.name or violation.location} ({violation.message})")

    def not_found(self, received: Received) -> Answer:  # noqa: ARG002 (all are unknown alike)
        """Answer as the gateway does, without an envelope."""
        return _NOT_FOUND

    def _refusal(self, code: str, more: str = "") -> Answer:
        told = self.rules.codes.get(code)
        http = told.http if told else None
        meaning = told.meaning if told else ""
        return Answer(http or _HTTP_OK, {"code": code, "msg": meaning + more, "data": []})

    # -- what anybody may ask

    @handles("serverTime")
    def server_time(self, _account: Account, _parameters: Parameters) -> Answer:
        """Tell the venue's clock."""
        return _success({"ts": str(self.now_ms())})

    @handles("publicConfig", performs={"symbols"})
    def public_config(self, _account: Account, _parameters: Parameters) -> Answer:
        """Tell the ranges of the terms."""
        return _success(_RANGES)

    @handles("publicStats", performs={"leader"})
    def public_stats(self, _account: Account, _parameters: Parameters) -> Answer:
        """Tell the results, the same for every leader."""
        return _success(
            {
                "winRatio": "0.6214",
                "profitDays": "54",
                "lossDays": "31",
                "curCopyTraderPnl": "1204.55",
                "avgSubPosNotional": "2210.4",
                "investAmt": "120500.2",
                "ccy": "USDT",
            }
        )

    # -- the account

    @handles("accountConfig", performs={"check"})
    def show_account(self, _account: Account, _parameters: Parameters) -> Answer:
        """Tell the mode of the account, with a label that is nobody's business."""
        return _success({**self.account_config, "uid": "44705892343619584", "label": "my key"})

    @handles("copyTradingConfig", performs={"check"})
    def copy_trading_config(self, account: Account, _parameters: Parameters) -> Answer:
        """Tell whether the account copies."""
        copies = any(holder is account for holder, _ in self._follows)
        nothing = {"profitSharingRatio": "", "maxCopyTraderNum": "", "copyTraderNum": ""}
        detail = {"instType": "SWAP", "roleType": "2" if copies else "0", **nothing}
        return _success({"uniqueCode": "", "nickName": "me", "portLink": "", "details": [detail]})

    # -- following

    @handles("firstCopySettings", performs={"follow"})
    def first_copy_settings(self, account: Account, parameters: Parameters) -> Answer:
        """Start to follow, and find something to look at."""
        terms = convert(parameters.body, dict[str, str])
        leader = terms["uniqueCode"]
        if follow := self._follows.get((account, leader)):
            return self.refusal("59278" if follow.ending else "59279")
        if code := self._broken_term(terms):
            return self.refusal(code)
        self._follows[account, leader] = _Follow(terms, self.now_ms())
        self._book.seed(account, terms, self._copied(terms), self.now_ms())
        return _success({"result": True})

    @handles("amendCopySettings", performs={"follow"})
    def amend_copy_settings(self, account: Account, parameters: Parameters) -> Answer:
        """Replace all terms."""
        terms = convert(parameters.body, dict[str, str])
        follow = self._follows.get((account, terms["uniqueCode"]))
        if follow is None or follow.ending:
            return self.refusal("59280")
        if code := self._broken_term(terms):
            return self.refusal(code)
        follow.terms = terms
        return _success({"result": True})

    @handles("stopCopyTrading", performs={"unfollow"})
    def stop_copy_trading(self, account: Account, parameters: Parameters) -> Answer:
        """Say yes, and leave the work for later."""
        wish = convert(parameters.body, dict[str, str])
        leader = wish["uniqueCode"]
        follow = self._follows.get((account, leader))
        if follow is None:
            return self.refusal("59267")
        if follow.ending:
            return self.refusal("59278")
        if "subPosCloseType" not in wish and self._book.held(account, leader):
            return self.refusal("50014")
        follow.ending = wish.get("subPosCloseType", "copy_close")
        follow.reads_left = self.reads_after_stop
        return _success({"result": True})

    @handles("copySettings", performs={"settings", "symbols"})
    def copy_settings(self, account: Account, parameters: Parameters) -> Answer:
        """Show what is set, with empty text for what is not, and every pair of the leader."""
        leader = str(parameters.values["uniqueCode"])
        follow = self._follows.get((account, leader))
        if follow and follow.ending:
            if not follow.reads_left:
                self._end(account, leader, follow.ending)
                follow = None
            else:
                follow.reads_left -= 1
        terms = follow.terms if follow else {}
        copied = self._copied(terms) if follow else ()
        shown: dict[str, object] = {name: terms.get(name, "") for name in _SETTINGS}
        if follow and not shown["copyMode"]:
            shown["copyMode"] = "fixed_amount"
        pairs = [{"instId": name, "enabled": "1" if name in copied else "0"} for name in self.pairs]
        return _success({"ccy": "USDT", "copyState": "1" if follow else "0", "instIds": pairs, **shown})

    @handles("currentLeadTraders", performs={"leaders"})
    def current_lead_traders(self, account: Account, _parameters: Parameters) -> Answer:
        """List all leaders."""
        rows = [
            {
                "uniqueCode": leader,
                "nickName": f"leader {leader[:4]}",
                "portLink": "",
                "ccy": "USDT",
                "margin": "272.2",
                "copyTotalAmt": follow.terms["copyTotalAmt"],
                "copyTotalPnl": "41.07",
                "todayPnl": "",
                "upl": "",
                "profitSharingRatio": "0.08",
                "beginCopyTime": str(follow.since_ms),
                "leadMode": "public",
            }
            for (holder, leader), follow in self._follows.items()
            if holder is account
        ]
        return _success(*rows)

    def _broken_term(self, terms: Mapping[str, str]) -> str:
        """Return the code for the first term that does not fit, or nothing."""
        if not set(self._copied(terms)) <= set(self.pairs):
            return "59268"
        if "copyAmt" in terms and Decimal(terms["copyTotalAmt"]) < Decimal(terms["copyAmt"]):
            return "59270"
        for name, low, high, code in _KEPT_TO:
            lowest, highest = Decimal(_RANGES.get(low, "0")), Decimal(_RANGES[high])
            if name in terms and not lowest <= Decimal(terms[name]) <= highest:
                return code
        return ""

    def _copied(self, terms: Mapping[str, str]) -> Sequence[str]:
        return self.pairs if terms["copyInstIdType"] == "copy" else terms["instId"].split(",")

    def _end(self, account: Account, leader: str, ending: str) -> None:
        """Carry a stop out."""
        del self._follows[account, leader]
        if ending == "market_close":
            for position in self._book.held(account, leader):
                self._book.close(position, self.now_ms())

    # -- copied positions

    @handles("currentSubpositions", performs={"positions"})
    def current_subpositions(self, account: Account, parameters: Parameters) -> Answer:
        """List open positions, newest first."""
        return self._listed(account, parameters, is_open=True)

    @handles("subpositionsHistory", performs={"history"})
    def subpositions_history(self, account: Account, parameters: Parameters) -> Answer:
        """List closed positions, newest first."""
        return self._listed(account, parameters, is_open=False)

    @handles("algoOrder", performs={"protect"})
    def algo_order(self, account: Account, parameters: Parameters) -> Answer:
        """Set what is named, cancel what is zero, and leave the rest."""
        wish = convert(parameters.body, dict[str, str])
        position = self._named(account, wish)
        if position is None:
            return self.refusal("59216")
        for kind in ("tp", "sl"):
            if price := wish.get(f"{kind}TriggerPx"):
                gone = price == "0"
                position.row.update({f"{kind}TriggerPx": "" if gone else price, f"{kind}OrdPx": "" if gone else "-1"})
        return _success({"subPosId": position.row["subPosId"], "tag": wish.get("tag", "")})

    @handles("closeSubposition", performs={"close"})
    def close_subposition(self, account: Account, parameters: Parameters) -> Answer:
        """Close one position at the price it was opened at."""
        wish = convert(parameters.body, dict[str, str])
        if wish.get("ordType") == "limit":
            return self.refusal("59260")
        position = self._named(account, wish)
        if position is None:
            return self.refusal("59216")
        self._book.close(position, self.now_ms())
        return _success({"subPosId": position.row["subPosId"], "tag": wish.get("tag", "")})

    def _listed(self, account: Account, parameters: Parameters, *, is_open: bool) -> Answer:
        return _success(*self._book.listed(account, convert(parameters.values, Wish), is_open=is_open))

    def _named(self, account: Account, wish: Mapping[str, str]) -> Entry | None:
        """Return the open position that a wish names; nobody leads here, so only as a copied one."""
        return self._book.find(account, wish["subPosId"]) if wish.get("subPosType") == "copy" else None


def _success(*rows: object) -> Answer:
    return Answer(_HTTP_OK, {"code": "0", "msg": "", "data": rows})
