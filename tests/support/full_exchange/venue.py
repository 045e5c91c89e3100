"""The venue: a leader who is followed has an open position in each pair, and a past."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

import attrs

from unified_copy.sandbox import Account, Answer, Operation, Parameters, Received, Venue, Violation, handles

_OK: Final = 200
_FIRST_ID: Final = 1_234_567_890_123_456_001
"""Above what a binary float holds."""
_OPENED: Final = 1_700_000_000_000
_PAST: Final = 25
_PAGE: Final = 10
_MARKETS: Final = ("BTC/USDT", "ETH/USDT", "月亮/USDT")


@attrs.define
class _Follow:
    leader: str
    amount: str
    symbols: list[str]


class FullVenue(Venue):
    """Remember per account who is followed and which positions are open."""

    contract: ClassVar[str] = "full_exchange/full.yaml"
    leader_parameters: ClassVar[tuple[str, ...]] = ("leader", "position")

    def __init__(self) -> None:
        super().__init__()
        self.rights: list[str] = ["copy", "withdraw"]
        """What a key may do."""
        self.stubborn: set[str] = set()
        """The leaders and positions of which the venue says yes and does nothing."""
        self.hidden: list[str] = []
        """The protections that positions do not show."""
        self._follows: dict[tuple[Account, str], _Follow] = {}
        self._positions: dict[Account, list[dict[str, Any]]] = {}
        self._history: dict[Account, list[dict[str, Any]]] = {}
        self._next_id = _FIRST_ID

    # -- credentials and refusals

    def authenticate(self, received: Received, operation: Operation) -> Account | Answer:  # noqa: ARG002 (all sign alike)
        account = self.accounts.get(received.headers.get("x-key", ""))
        if account is None:
            return self.refusal("BAD_KEY")
        target = f"{received.path}?{received.query}" if received.query else received.path
        text = f"{received.headers.get('x-time')}{received.method}{target}".encode() + received.body
        expected = hmac.digest(account.credentials.secret.encode(), text, "sha256").hex()
        return account if received.headers.get("x-signature") == expected else self.refusal("BAD_KEY")

    def refusal(self, code: str) -> Answer:
        return Answer(_OK, {"code": code, "message": f"refused: {code}"})

    def refuse(self, violation: Violation) -> Answer:
        return Answer(_OK, {"code": "BAD_PARAMETER", "message": f"{violation.name}: {violation.message}"})

    def not_found(self, received: Received) -> Answer:  # noqa: ARG002 (all are unknown alike)
        return Answer(404, b"not found")

    # -- following

    @handles("follow", performs={"follow"})
    def follow(self, account: Account, parameters: Parameters) -> Answer:
        body: Any = parameters.body
        leader = body["leader"]
        if (account, leader) not in self._follows:
            self._open(account, leader, body["symbols"].split(","))
        self._follows[account, leader] = _Follow(leader, body["amount"], body["symbols"].split(","))
        return _success(None)

    @handles("settings", performs={"settings"})
    def settings(self, account: Account, parameters: Parameters) -> Answer:
        follow = self._follows.get((account, str(parameters.values["leader"])))
        return _success(follow and {"amount": follow.amount, "symbols": follow.symbols})

    @handles("unfollow", performs={"unfollow"})
    def unfollow(self, account: Account, parameters: Parameters) -> Answer:
        body: Any = parameters.body
        leader = body["leader"]
        if (account, leader) not in self._follows:
            return self.refusal("NOT_FOLLOWING")
        if leader not in self.stubborn:
            del self._follows[account, leader]
            if body.get("positions") == "close":
                self._positions[account] = [row for row in self._positions[account] if row["leader"] != leader]
        return _success(None)

    def _open(self, account: Account, leader: str, symbols: Iterable[str]) -> None:
        history = self._history.setdefault(account, [])
        for symbol in symbols:
            common = {"symbol": symbol, "leader": leader, "opened": _OPENED}
            position = {"side": "long", "quantity": "0.010", "entry": "43210.50", "leverage": "10", **common}
            self._positions.setdefault(account, []).append({"id": self._new_id(), **position})
            for number in range(_PAST):
                past = {"side": "short", "closed": _OPENED + number, "profit": "1.50", "ratio": "0.025", **common}
                history.append({"id": self._new_id(), **past})

    def _new_id(self) -> str:
        self._next_id += 1
        return str(self._next_id)

    # -- reading

    @handles("leaders", performs={"leaders"})
    def leaders(self, account: Account, parameters: Parameters) -> Answer:
        rows = [
            {"id": each.leader, "leader": each.leader, "name": "", "since": _OPENED, "symbols": each.symbols}
            for (owner, _), each in self._follows.items()
            if owner is account
        ]
        return _page(rows, parameters.values)

    @handles("positions", performs={"positions"})
    def positions(self, account: Account, parameters: Parameters) -> Answer:
        rows = [{**row, "hidden": self.hidden} for row in self._positions.get(account, [])]
        return _page(rows, parameters.values)

    @handles("history", performs={"history"})
    def history(self, account: Account, parameters: Parameters) -> Answer:
        return _page(self._history.get(account, []), parameters.values)

    @handles("symbols", performs={"symbols"})
    def symbols(self, _account: Account, parameters: Parameters) -> Answer:
        traded = _MARKETS[:1] if "leader" in parameters.values else _MARKETS
        return _success([{"symbol": symbol, "least": "5" if symbol == "BTC/USDT" else ""} for symbol in traded])

    @handles("leader", performs={"leader"})
    def leader(self, _account: Account, _parameters: Parameters) -> Answer:
        return _success({"name": "Ÿ [bold]", "followers": 12, "share": "0.10", "symbols": _MARKETS})

    @handles("key", performs={"check"})
    def key(self, account: Account, _parameters: Parameters) -> Answer:
        return _success({"rights": self.rights, "secret": account.credentials.secret})

    # -- open positions

    @handles("close", performs={"close"})
    def close(self, account: Account, parameters: Parameters) -> Answer:
        body: Any = parameters.body
        row = self._position(account, body["position"])
        if row is None:
            return self.refusal("GONE")
        if row["id"] not in self.stubborn:
            self._positions[account].remove(row)
        return _success(None)

    @handles("protect", performs={"protect"})
    def protect(self, account: Account, parameters: Parameters) -> Answer:
        body: Any = parameters.body
        row = self._position(account, body["position"])
        if row is None:
            return self.refusal("GONE")
        row.update({name: body[name] for name in ("takeProfit", "stopLoss") if name in body})
        return _success(None)

    def _position(self, account: Account, position: str) -> dict[str, Any] | None:
        return next((row for row in self._positions.get(account, []) if row["id"] == position), None)


def _page(rows: list[dict[str, Any]], wanted: Mapping[str, object]) -> Answer:
    if "leader" in wanted:
        rows = [row for row in rows if row["leader"] == wanted["leader"]]
    ids = [row["id"] for row in rows]
    start = ids.index(wanted["after"]) + 1 if wanted.get("after") in ids else 0
    page = rows[start : start + _PAGE]
    return _success({"rows": page, "next": page[-1]["id"] if start + _PAGE < len(rows) else None})


def _success(result: object) -> Answer:
    return Answer(_OK, {"result": result})
