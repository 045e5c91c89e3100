"""A local XT to try things on: spot copy trading, follower side, both generations.

Sources: XT API documentation, copy trading and spot: signature, response format, error codes, follow copy trading,
get my copy setting, get my lead trades. Where the documentation is silent this venue decides as follows. A refused
parameter is ``FAILURE``, with its name in ``ma``. Refused credentials come under HTTP 200 like every refusal. Pages
run from the newest follow to the oldest. Both generations show the same follows.
"""

from __future__ import annotations

import hmac
import re
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import unquote

from msgspec import Struct, convert

from unified_copy.sandbox import Account, Answer, Parameters, Received, Venue, Violation, handles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unified_copy.sandbox import Operation

_OK: Final = 200
_NOT_FOUND: Final = Answer(404, b"404 page not found")
_FAILURE: Final = "FAILURE"
_GENERATIONS: Final = ("v4", "v1")

_MISSING: Final = {
    "validate-appkey": "AUTH_001",
    "validate-timestamp": "AUTH_002",
    "validate-recvwindow": "AUTH_003",
    "validate-algorithms": "AUTH_005",
    "validate-signature": "AUTH_007",
}
_ALGORITHMS: Final = {
    "HmacMD5": "md5",
    "HmacSHA1": "sha1",
    "HmacSHA224": "sha224",
    "HmacSHA256": "sha256",
    "HmacSHA384": "sha384",
    "HmacSHA512": "sha512",
}
_SIGNED: Final = ("validate-algorithms", "validate-appkey", "validate-recvwindow", "validate-timestamp")
_SHORTEST_WINDOW_MS: Final = 2_000
_LONGEST_WINDOW_MS: Final = 60_000
_MOST_AHEAD_MS: Final = 1_000
_DIGITS: Final = re.compile(r"[0-9]{1,19}")
_NOTHING: Final = Decimal(0)
_FIRST_ENTRY: Final = 6_216_559_590_087_220_001
"""Above what a binary float holds, as the venue's own are."""


class _Terms(Struct, rename="camel", frozen=True):
    """Hold the terms of a follow; every number keeps its digits."""

    follow_type: str
    follow_val: Decimal
    follow_loss_operate: str
    auto_follow_symbol: bool
    symbols: str
    follow_loss: Decimal | None = None
    trigger_stop_rate: Decimal | None = None
    trigger_profit_rate: Decimal | None = None


class _Follow(Struct):
    account: Account
    leader: int
    terms: _Terms
    entry: int
    """The cursor of the follow in lists."""
    current: bool = True


class _Page(Struct):
    type: int
    direction: str = "NEXT"
    limit: int = 10
    id: int | None = None


class XtVenue(Venue):
    """Answer as XT does, by the contract ``xt.yaml``.

    ``generations`` are the ones on offer; the addresses of any other are not found.
    """

    contract: ClassVar[str] = "unified_copy_specs/xt.yaml"
    leader_parameters: ClassVar[tuple[str, ...]] = ("leaderOrderId", "leaderAccountId")

    def __init__(self, *, generations: Iterable[str] = _GENERATIONS) -> None:
        """Open the venue, with nobody following anybody."""
        super().__init__()
        self._absent = frozenset(_GENERATIONS).difference(generations)
        self._entries = count(_FIRST_ENTRY)
        self._follows: list[_Follow] = []

    def serves(self, operation: Operation) -> bool:
        """Tell whether the call belongs to a generation on offer."""
        return not operation.tags & self._absent

    def leader_leaves(self, leader_id: str) -> None:
        """End every follow of a leader, as XT does once he no longer leads; the past ones can still be listed."""
        for follow in self._follows:
            if follow.leader == int(leader_id):
                follow.current = False

    # -- credentials

    def authenticate(self, received: Received, operation: Operation) -> Account | Answer:  # noqa: ARG002 (all sign alike)
        """Check headers, key, clock and signature, in this order."""
        headers = received.headers
        for name, code in _MISSING.items():
            if not headers.get(name):
                return self.refusal(code)
        window = headers["validate-recvwindow"]
        if not _DIGITS.fullmatch(window) or not _SHORTEST_WINDOW_MS <= int(window) <= _LONGEST_WINDOW_MS:
            return self.refusal("AUTH_004")
        algorithm = _ALGORITHMS.get(headers["validate-algorithms"])
        if algorithm is None:
            return self.refusal("AUTH_006")
        account = self.accounts.get(headers["validate-appkey"])
        if account is None:
            return self.refusal("AUTH_101")
        timestamp = headers["validate-timestamp"]
        age = self.now_ms() - int(timestamp) if _DIGITS.fullmatch(timestamp) else _LONGEST_WINDOW_MS
        if not -_MOST_AHEAD_MS <= age < int(window):
            return self.refusal("AUTH_105")
        expected = hmac.new(account.credentials.secret.encode(), _signed_text(received), algorithm).hexdigest()
        return account if headers["validate-signature"].lower() == expected else self.refusal("AUTH_103")

    # -- refusals

    def refusal(self, code: str) -> Answer:
        """Put ``code`` into XT's envelope, which has no words beside it."""
        return self._refusal(code, [])

    def refuse(self, violation: Violation) -> Answer:
        """Say that it failed, and on which parameter."""
        return self._refusal(_FAILURE, [violation.name or violation.location, violation.message])

    def not_found(self, received: Received) -> Answer:  # noqa: ARG002 (all are unknown alike)
        """Answer as the gateway does, without an envelope."""
        return _NOT_FOUND

    def _refusal(self, code: str, arguments: list[str]) -> Answer:
        http = self.rules.codes[code].http if code in self.rules.codes else None
        return Answer(http or _OK, {"rc": 1, "mc": code, "ma": arguments, "result": None})

    # -- calls

    @handles("serverTime")
    def server_time(self, _account: Account, _parameters: Parameters) -> Answer:
        """Tell the venue's clock."""
        return _success({"serverTime": self.now_ms()})

    @handles("followV4", "followV1")
    def follow(self, account: Account, parameters: Parameters) -> Answer:
        """Start to follow, or change the terms."""
        terms = convert(parameters.body, _Terms)
        body = convert(parameters.body, dict[str, object])
        leader = convert(body.get("leaderOrderId", body.get("leaderAccountId")), int)
        if follow := self._following(account, leader):
            follow.terms = terms
        else:
            self._follows.append(_Follow(account, leader, terms, next(self._entries)))
        return _success(result=True)

    @handles("followLeaderConfigV4", "followLeaderConfigV1")
    def follow_leader_config(self, account: Account, parameters: Parameters) -> Answer:
        """Show the terms, numbers with the digits they came with, or null where there is no follow."""
        follow = self._following(account, convert(parameters.values["leaderAccountId"], int))
        if follow is None:
            return _success(None)
        terms, symbols = follow.terms, follow.terms.symbols.split(",")
        return _success(
            {
                "autoFollowSymbol": terms.auto_follow_symbol,
                "followLoss": terms.follow_loss,
                "followLossOperate": terms.follow_loss_operate,
                "followSymbols": symbols,
                "followType": terms.follow_type,
                "followVal": terms.follow_val,
                "leaderSymbols": symbols,
                "profitRate": _NOTHING,
                "triggerProfitRate": terms.trigger_profit_rate,
                "triggerStopRate": terms.trigger_stop_rate,
            },
        )

    @handles("myLeadersV4", "myLeadersV1")
    def my_leaders(self, account: Account, parameters: Parameters) -> Answer:
        """List follows, current or past, a page at a time."""
        wish = convert(parameters.values, _Page)
        entries = [
            follow
            for follow in reversed(self._follows)
            if follow.account is account and follow.current == (wish.type == 1)
        ]
        if wish.id is None:
            page = entries[: wish.limit]
        elif wish.direction == "NEXT":
            page = [entry for entry in entries if entry.entry < wish.id][: wish.limit]
        else:
            page = [entry for entry in entries if entry.entry > wish.id][-wish.limit :]
        items = [
            {
                "accountId": entry.leader,
                "avatar": None,
                "followMargin": _NOTHING,
                "followProfit": _NOTHING,
                "id": entry.entry,
                "leaderName": None,
            }
            for entry in page
        ]
        return _success(
            {
                "hasNext": bool(page) and page[-1] is not entries[-1],
                "hasPrev": bool(page) and page[0] is not entries[0],
                "items": items,
            },
        )

    def _following(self, account: Account, leader: int) -> _Follow | None:
        for follow in self._follows:
            if follow.account is account and follow.leader == leader and follow.current:
                return follow
        return None


def _success(result: object) -> Answer:
    return Answer(_OK, {"rc": 0, "mc": "SUCCESS", "ma": [], "result": result})


def _signed_text(received: Received) -> bytes:
    """Return what the caller must have signed: XT's own rule, from its signature instructions."""
    text = "&".join(f"{name}={received.headers[name]}" for name in _SIGNED) + f"#{received.method}#{received.path}"
    if received.query:
        parts = sorted(received.query.split("&"), key=lambda part: part.partition("=")[0])
        text += "#" + unquote("&".join(parts))
    return text.encode(errors="surrogateescape") + (b"#" + received.body if received.body else b"")
