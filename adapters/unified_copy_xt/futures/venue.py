"""A local XT futures to try things on: copy trading, follower side.

Source: XT API documentation, futures copy trading. Where the documentation is silent this venue decides as follows. A
refused parameter is ``invalid_params`` with its name, or the code that XT has for it. A wrong signature comes in the
envelope, every other refused credential as the gateway's 403. A follow opens one position per pair at once; closing it,
or ending the follow, moves it to the history. Each account begins with closed copies of earlier days. Whoever
asks about a leader finds him.
"""

from __future__ import annotations

import hmac
import re
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import unquote

from msgspec import Struct, convert

from unified_copy.sandbox import Account, Answer, Parameters, Received, Venue, Violation, handles
from unified_copy_xt.futures import samples

if TYPE_CHECKING:
    from unified_copy.sandbox import Operation

_OK: Final = 200
_NOT_FOUND: Final = Answer(404, b"404 page not found")
_BAD_REQUEST: Final = Answer(400, b"Bad Request")
_FORBIDDEN: Final = Answer(403, b"Forbidden")
_DIGITS: Final = re.compile(r"[0-9]{1,19}")
_WINDOW_MS: Final = 5_000
_MOST_AHEAD_MS: Final = 1_000
_HOUR_MS: Final = 3_600_000
_FIRST_ID: Final = 6_216_559_590_087_220_001
"""Above what a binary float holds, as the venue's own are."""
_EARLIER: Final = 23
"""How many closed copies an account begins with: more than two pages."""


class _Terms(Struct, rename="camel", frozen=True):
    """Hold the terms of a follow; every number keeps its digits."""

    symbols: str
    follow_type: str
    follow_val: Decimal | None = None
    follow_direction: str = "FORWARD"
    follow_loss: Decimal | None = None
    follow_loss_operate: str = "LEADER_CLOSE"
    trigger_profit_rate: Decimal | None = None
    trigger_stop_rate: Decimal | None = None
    auto_follow_symbol: bool = False


class _Follow(Struct):
    account: Account
    leader: int
    terms: _Terms
    since: int
    current: bool = True


class _Position(Struct):
    account: Account
    leader: int
    row: dict[str, Any]
    """As the venue shows it."""


class _Page(Struct):
    direction: str = "NEXT"
    limit: int = 10
    id: int | None = None
    symbol: str = ""


class XtFuturesVenue(Venue):
    """Answer as XT's futures host does, by the contract ``xt-futures.yaml``."""

    contract: ClassVar[str] = "unified_copy_specs/xt-futures.yaml"
    leader_parameters: ClassVar[tuple[str, ...]] = ("leaderAccountId", "accountId")
    example: ClassVar[str] = f"""{Venue.example}\
venue = {{ transfer_from = "SPOT" }}

[exchanges.xt-futures]
trigger_price = "latest"
"""

    def __init__(self) -> None:
        """Open the venue, with nobody following anybody."""
        super().__init__()
        self._ids = count(_FIRST_ID)
        self._follows: list[_Follow] = []
        self._open: list[_Position] = []
        self._closed: list[_Position] = []

    def open_account(self) -> Account:
        """Return a new account, with closed copies of earlier days."""
        account = super().open_account()
        for hours in range(_EARLIER, 0, -1):
            opened = self.now_ms() - 2 * hours * _HOUR_MS
            symbol = "btc_usdt" if hours % 2 else "eth_usdt"
            position = self._opened(account, 5_372_510_536_645, symbol, "SHORT" if hours % 3 else "LONG", opened)
            self._close(position, at=opened + _HOUR_MS)
        return account

    # -- credentials

    def authenticate(self, received: Received, operation: Operation) -> Account | Answer:  # noqa: ARG002 (all sign alike)
        """Check headers, key, clock and signature, in this order."""
        headers = received.headers
        key, timestamp = headers.get("validate-appkey", ""), headers.get("validate-timestamp", "")
        if not key or not timestamp:
            return _BAD_REQUEST
        account = self.accounts.get(key)
        age = self.now_ms() - int(timestamp) if _DIGITS.fullmatch(timestamp) else _WINDOW_MS
        if account is None or not -_MOST_AHEAD_MS <= age < _WINDOW_MS:
            return _FORBIDDEN
        expected = hmac.new(account.credentials.secret.encode(), _signed_text(received), "sha256").hexdigest()
        right = headers.get("validate-signature", "").lower() == expected
        return account if right else self._refusal("403", "invalid signature")

    # -- refusals

    def refusal(self, code: str) -> Answer:
        """Put ``code`` into XT's envelope."""
        return self._refusal(code, self.rules.codes[code].meaning if code in self.rules.codes else "")

    def refuse(self, violation: Violation) -> Answer:
        """Say which parameter is wrong."""
        own = f"invalid_{violation.name}"
        return self._refusal(own if own in self.rules.codes else "invalid_params", violation.message)

    def not_found(self, received: Received) -> Answer:  # noqa: ARG002 (all are unknown alike)
        """Answer as the gateway does, without an envelope."""
        return _NOT_FOUND

    def _refusal(self, code: str, message: str) -> Answer:
        error = {"code": code, "msg": message, "args": []}
        return Answer(_OK, {"returnCode": 1, "msgInfo": "failure", "error": error, "result": None})

    # -- calls

    @handles("serverTime")
    def server_time(self, _account: Account, _parameters: Parameters) -> Answer:
        """Tell the venue's clock."""
        return _success(self.now_ms())

    @handles("chooseLeader", performs={"follow"})
    def choose_leader(self, account: Account, parameters: Parameters) -> Answer:
        """Start to follow, and copy a first position of each pair; or change the terms."""
        terms = convert(parameters.body, _Terms)
        leader = _number(parameters.body, "leaderAccountId")
        if follow := self._following(account, leader):
            follow.terms = terms
            return _success(result=True)
        self._follows.append(_Follow(account, leader, terms, self.now_ms()))
        side = "LONG" if terms.follow_direction == "FORWARD" else "SHORT"
        for symbol in terms.symbols.split(","):
            self._opened(account, leader, symbol, side, self.now_ms())
        return _success(result=True)

    @handles("cancelChooseLeader", performs={"unfollow"})
    def cancel_choose_leader(self, account: Account, parameters: Parameters) -> Answer:
        """End a follow, and close what was copied."""
        leader = _number(parameters.body, "leaderAccountId")
        follow = self._following(account, leader)
        if follow is None:
            return self.refusal("invalid_leader")
        follow.current = False
        for position in [each for each in self._open if each.account is account and each.leader == leader]:
            self._close(position, at=self.now_ms())
        return _success(result=True)

    @handles("leaderRelation", performs={"settings"})
    def leader_relation(self, account: Account, parameters: Parameters) -> Answer:
        """Show the terms, those of an ended follow marked so, or null where there never was one."""
        leader = _number(parameters.values, "leaderAccountId")
        found = [each for each in self._follows if each.account is account and each.leader == leader]
        if not found:
            return _success(None)
        terms = found[-1].terms
        return _success(
            {
                "leaderAccountId": leader,
                "symbols": terms.symbols,
                "followLoss": terms.follow_loss,
                "followLossOperate": terms.follow_loss_operate,
                "triggerProfitRate": terms.trigger_profit_rate,
                "triggerStopRate": terms.trigger_stop_rate,
                "cancel": not found[-1].current,
                "followDirection": terms.follow_direction,
                "followType": terms.follow_type,
                "followVal": terms.follow_val,
                "autoFollowSymbol": terms.auto_follow_symbol,
            }
        )

    @handles("myFollowList", performs={"settings", "check"})
    def my_follow_list(self, account: Account, _parameters: Parameters) -> Answer:
        """List the accounts of the leaders followed now."""
        return _success([each.leader for each in self._follows if each.account is account and each.current])

    @handles("currentFollowing", performs={"leaders", "positions"})
    def current_following(self, account: Account, _parameters: Parameters) -> Answer:
        """List the leaders followed now, each with what is open."""
        rows = []
        for follow in self._follows:
            if follow.account is account and follow.current:
                orders = [each.row for each in self._open if each.account is account and each.leader == follow.leader]
                rows.append(
                    {
                        "leaderAccountId": str(follow.leader),
                        "leaderName": _name(follow.leader),
                        "avatar": "",
                        "followMode": "CUSTOM",
                        "startTime": follow.since,
                        "endTime": None,
                        "followVal": follow.terms.follow_val,
                        "followType": follow.terms.follow_type,
                        "followMargin": sum((order["openMargin"] for order in orders), Decimal(0)),
                        "profit": Decimal("-1.5"),
                        "orderList": orders,
                    }
                )
        return _success(rows)

    @handles("followerOrderHistory", performs={"history"})
    def follower_order_history(self, account: Account, parameters: Parameters) -> Answer:
        """List what is closed, the latest first, as a bare list."""
        wish = convert(parameters.values, _Page)
        rows = [each.row for each in reversed(self._closed) if each.account is account]
        rows = [row for row in rows if wish.symbol in {"", row["symbol"]}]
        if wish.id is None:
            return _success(rows[: wish.limit])
        if wish.direction == "PREV":
            return _success([row for row in rows if row["id"] > wish.id][-wish.limit :])
        return _success([row for row in rows if row["id"] < wish.id][: wish.limit])

    @handles("closeOrder", performs={"close"})
    def close_order(self, account: Account, parameters: Parameters) -> Answer:
        """Close one position at its last price."""
        position = self._position(account, parameters)
        if position is None:
            return self.refusal("invalid_order")
        self._close(position, at=self.now_ms())
        return _success(result=True)

    @handles("updateProfitStop", performs={"protect"})
    def update_profit_stop(self, account: Account, parameters: Parameters) -> Answer:
        """Set both protections of a position; one that is left out is cancelled."""
        position = self._position(account, parameters)
        if position is None:
            return self.refusal("invalid_order")
        body = convert(parameters.body, dict[str, Any])
        for name in ("triggerProfitPrice", "triggerStopPrice"):
            position.row[name] = body.get(name, "")
        position.row["triggerPriceType"] = body["triggerPriceType"]
        return _success(result=True)

    @handles("symbolList", performs={"symbols"})
    def symbol_list(self, _account: Account, _parameters: Parameters) -> Answer:
        """List the pairs that can be copied."""
        return _success([*samples.PRICES, "龙虾_usdt"])

    @handles("leaderDetail", performs={"leader"})
    def leader_detail(self, _account: Account, parameters: Parameters) -> Answer:
        """Introduce a leader."""
        return _success({"nickName": _name(_number(parameters.values, "accountId")), **samples.DETAIL})

    @handles("leaderStats", performs={"leader"})
    def leader_stats(self, _account: Account, _parameters: Parameters) -> Answer:
        """Tell what a leader has achieved."""
        return _success({**samples.STATS, "lastTradeTime": self.now_ms() - _HOUR_MS})

    # -- memory

    def _following(self, account: Account, leader: int) -> _Follow | None:
        for follow in self._follows:
            if follow.account is account and follow.leader == leader and follow.current:
                return follow
        return None

    def _position(self, account: Account, parameters: Parameters) -> _Position | None:
        wanted = _number(parameters.body, "trackNo")
        for position in self._open:
            if position.account is account and position.row["trackNo"] == wanted:
                return position
        return None

    def _opened(self, account: Account, leader: int, symbol: str, side: str, at: int) -> _Position:
        position = _Position(account, leader, samples.opened(self._ids, leader, symbol, side, at))
        self._open.append(position)
        return position

    def _close(self, position: _Position, *, at: int) -> None:
        self._open.remove(position)
        self._closed.append(_Position(position.account, position.leader, samples.closed(self._ids, position.row, at)))


def _number(values: object, name: str) -> int:
    return convert(convert(values, dict[str, Any])[name], int)


def _name(leader: int) -> str:
    return f"northwind-{leader % 1000}"


def _success(result: object) -> Answer:
    return Answer(_OK, {"returnCode": 0, "msgInfo": "success", "error": None, "result": result})


def _signed_text(received: Received) -> bytes:
    """Return what the caller must have signed: XT's own rule, from its signature steps."""
    text = "&".join(f"{name}={received.headers[name]}" for name in ("validate-appkey", "validate-timestamp"))
    text += f"#{received.path}"
    for part in (received.query, received.body.decode(errors="replace")):
        if part:
            text += "#" + unquote("&".join(sorted(part.split("&"), key=lambda pair: pair.partition("=")[0])))
    return text.encode(errors="surrogateescape")
