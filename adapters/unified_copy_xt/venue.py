"""A local XT to try things on: spot copy trading, follower side, both generations.

Sources: XT API documentation, copy trading and spot: signature, response format, error codes, follow copy trading,
get my copy setting, get my lead trades, and the pages beside them. Where the documentation is silent this venue decides
as follows. A refused parameter is ``FAILURE``, with its name in ``ma``. Refused credentials come under HTTP 200 like
every refusal. Pages run from the newest row to the oldest. Both generations show the same follows. Copies stay open
when a follow ends. A protection's price that is left out is cancelled. Every number is the account of a leader, and
whoever follows him has copied him before: see ``trades.py``.
"""

from __future__ import annotations

import hmac
import re
from collections import defaultdict
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import unquote

from msgspec import Struct, convert

from unified_copy.sandbox import Account, Answer, Parameters, Received, Venue, Violation, handles
from unified_copy_xt.trades import PAIRS, PROFILE, STATISTICS, Copy, Shelf, closed, last_price, opened, seeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
_SHARE: Final = Decimal("0.1")
_PUT_UP: Final = Decimal("150.5")
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


class _Protection(Struct, rename="camel", frozen=True):
    symbol: str
    leader_order_id: int
    trigger_profit_price: Decimal | None = None
    trigger_stop_price: Decimal | None = None


class _Follow(Struct):
    leader: int
    terms: _Terms
    entry: int
    """The cursor of the follow in lists."""


class _Book:
    """Hold what one account follows and has copied."""

    def __init__(self) -> None:
        self.follows: dict[int, _Follow] = {}
        """What is followed now, by the leader's account."""
        self.current: Shelf[_Follow] = Shelf()
        self.past: Shelf[_Follow] = Shelf()
        self.open: Shelf[Copy] = Shelf()
        self.closed: Shelf[Copy] = Shelf()
        self.copies: dict[tuple[int, str], Copy] = {}
        """What is open, by the leader's order and the pair."""

    def end(self, leader: int, entries: Iterator[int]) -> bool:
        """End a follow, which becomes the newest of the past; tell whether there was one."""
        follow = self.follows.pop(leader, None)
        if follow is None:
            return False
        del self.current[follow.entry]
        follow.entry = next(entries)
        self.past[follow.entry] = follow
        return True


class _Page(Struct):
    type: int = 1
    direction: str = "NEXT"
    limit: int = 10
    id: int | None = None
    symbol: str = ""


class XtVenue(Venue):
    """Answer as XT does, by the contract ``xt.yaml``.

    ``generations`` are the ones on offer; the addresses of any other are not found. Who begins to follow finds as many
    ``closed_copies`` in his history for each pair.
    """

    contract: ClassVar[str] = "unified_copy_specs/xt.yaml"
    leader_parameters: ClassVar[tuple[str, ...]] = ("leaderOrderId", "leaderAccountId", "accountId")

    def __init__(self, *, generations: Iterable[str] = _GENERATIONS, closed_copies: int = 1) -> None:
        """Open the venue, with nobody following anybody."""
        super().__init__()
        self._absent = frozenset(_GENERATIONS).difference(generations)
        self._closed_copies = closed_copies
        self._entries = count(_FIRST_ENTRY)
        self._books: defaultdict[Account, _Book] = defaultdict(_Book)

    def serves(self, operation: Operation) -> bool:
        """Tell whether the call belongs to a generation on offer."""
        return not operation.tags & self._absent

    def leader_leaves(self, leader_id: str) -> None:
        """End every follow of a leader, as XT does once he no longer leads; the past ones can still be listed."""
        for book in self._books.values():
            book.end(int(leader_id), self._entries)

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

    @handles("followV4", "followV1", performs={"follow"})
    def follow(self, account: Account, parameters: Parameters) -> Answer:
        """Start to follow, or change the terms."""
        terms = convert(parameters.body, _Terms)
        body = convert(parameters.body, dict[str, object])
        leader = convert(body.get("leaderOrderId", body.get("leaderAccountId")), int)
        book = self._books[account]
        if follow := book.follows.get(leader):
            follow.terms = terms
        else:
            follow = _Follow(leader, terms, next(self._entries))
            book.follows[leader] = book.current[follow.entry] = follow
            self._seed(book, terms.symbols.split(","))
        return _success(result=True)

    def _seed(self, book: _Book, symbols: list[str]) -> None:
        """Let a follower have copied each pair before, and hold a copy of it now."""
        for symbol in symbols:
            for _ in range(self._closed_copies):
                copy = seeded(symbol, self._entries, self.now_ms())
                book.closed[copy.id] = closed(copy, copy.bought_ms + 3_600_000)
            copy = seeded(symbol, self._entries, self.now_ms())
            book.open[copy.id] = book.copies[copy.leader_order, symbol] = copy

    @handles("cancelFollowV4", "cancelFollowV1", performs={"unfollow"})
    def cancel_follow(self, account: Account, parameters: Parameters) -> Answer:
        """End a follow."""
        values = parameters.values
        leader = convert(values.get("leaderOrderId", values.get("leaderAccountId")), int)
        return _success(result=self._books[account].end(leader, self._entries))

    @handles("followLeaderConfigV4", "followLeaderConfigV1", performs={"settings", "symbols"})
    def follow_leader_config(self, account: Account, parameters: Parameters) -> Answer:
        """Show the terms, numbers with the digits they came with, or null where there is no follow."""
        follow = self._books[account].follows.get(convert(parameters.values["leaderAccountId"], int))
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
                "profitRate": _SHARE,
                "triggerProfitRate": terms.trigger_profit_rate,
                "triggerStopRate": terms.trigger_stop_rate,
            },
        )

    @handles("myLeadersV4", "myLeadersV1", performs={"leaders", "settings"})
    def my_leaders(self, account: Account, parameters: Parameters) -> Answer:
        """List follows, current or past, a page at a time."""
        wish = convert(parameters.values, _Page)
        book = self._books[account]
        follows = book.current if wish.type == 1 else book.past
        page, before, after = follows.page(wish.direction, wish.limit, wish.id)
        items = [
            {
                "accountId": follow.leader,
                "avatar": None,
                "followMargin": _PUT_UP,
                "followProfit": -12,
                "id": follow.entry,
                "leaderName": f"leader {follow.leader}",
            }
            for follow in page
        ]
        return _success({"hasNext": after, "hasPrev": before, "items": items})

    @handles("userStatusV4", "userStatusV1", performs={"check"})
    def user_status(self, account: Account, _parameters: Parameters) -> Answer:
        """Tell whether the account follows anybody."""
        return _success("FOLLOWER" if self._books[account].follows else "NONE")

    # -- copies

    @handles("openOrdersV4", "openOrdersV1", performs={"positions"})
    def open_orders(self, account: Account, parameters: Parameters) -> Answer:
        """List the open copies of one pair or of all, as a bare array."""
        wish = convert(parameters.values, _Page)
        copies = reversed(list(self._books[account].open.values()))
        return _success([opened(copy) for copy in copies if wish.symbol in {"", copy.symbol}])

    @handles("pastOrdersV4", "pastOrdersV1", performs={"history"})
    def past_orders(self, account: Account, parameters: Parameters) -> Answer:
        """List the closed copies of one pair or of all, a page at a time, as a bare array."""
        wish = convert(parameters.values, _Page)
        copies = self._books[account].closed
        if wish.symbol:
            copies = Shelf({key: copy for key, copy in copies.items() if copy.symbol == wish.symbol})
        page, _, _ = copies.page(wish.direction, wish.limit, wish.id)
        return _success([opened(copy) for copy in page])

    @handles("closeOrderV4", "closeOrderV1", performs={"close"})
    def close_order(self, account: Account, parameters: Parameters) -> Answer:
        """Sell one copy at the last price."""
        values = parameters.values
        book = self._books[account]
        copy = book.copies.pop((convert(values["leaderOrderId"], int), str(values["symbol"])), None)
        if copy is None:
            return self.refusal("ORDER_005")
        del book.open[copy.id]
        # Lists run by id, and what has been closed last is the newest.
        copy.id = next(self._entries)
        book.closed[copy.id] = closed(copy, self.now_ms())
        return _success(result=True)

    @handles("stopProfitLossV4", "stopProfitLossV1", performs={"protect"})
    def stop_profit_loss(self, account: Account, parameters: Parameters) -> Answer:
        """Set both protections of one copy; what is left out is cancelled."""
        wish = convert(parameters.body, _Protection)
        copy = self._books[account].copies.get((wish.leader_order_id, wish.symbol))
        if copy is None:
            return self.refusal("ORDER_005")
        last = last_price(wish.symbol)
        if wish.trigger_profit_price is not None and wish.trigger_profit_price <= last:
            return self.refusal("COPY_TRADE_SPOT_014")
        if wish.trigger_stop_price is not None and wish.trigger_stop_price >= last:
            return self.refusal("COPY_TRADE_SPOT_015")
        copy.take_profit, copy.stop_loss = wish.trigger_profit_price, wish.trigger_stop_price
        return _success(result=True)

    # -- what is public

    @handles("copySymbolsV4", "copySymbolsV1", performs={"symbols"})
    def copy_symbols(self, _account: Account, _parameters: Parameters) -> Answer:
        """List the pairs that can be copied."""
        return _success([{"symbolId": number, "symbol": symbol} for number, symbol in enumerate(PAIRS, 614)])

    @handles("leaderDetailV1", performs={"leader"})
    def leader_detail(self, _account: Account, parameters: Parameters) -> Answer:
        """Show a leader's profile."""
        return _success({**PROFILE, "nickName": f"leader {parameters.values['accountId']}"})

    @handles("leaderStatsV1", performs={"leader"})
    def leader_stats(self, _account: Account, _parameters: Parameters) -> Answer:
        """Show a leader's statistics."""
        return _success(STATISTICS)


def _success(result: object) -> Answer:
    return Answer(_OK, {"rc": 0, "mc": "SUCCESS", "ma": [], "result": result})


def _signed_text(received: Received) -> bytes:
    """Return what the caller must have signed: XT's own rule, from its signature instructions."""
    text = "&".join(f"{name}={received.headers[name]}" for name in _SIGNED) + f"#{received.method}#{received.path}"
    if received.query:
        parts = sorted(received.query.split("&"), key=lambda part: part.partition("=")[0])
        text += "#" + unquote("&".join(parts))
    return text.encode(errors="surrogateescape") + (b"#" + received.body if received.body else b"")
