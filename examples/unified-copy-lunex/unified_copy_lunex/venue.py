"""A local Lunex to try things on.

Source: Lunex API, version 1. Where it is silent this venue decides as follows: who is copied for the first time opens
one position in each market that is named, and a position closes at the price at which it was opened.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import parse_qs

from unified_copy.sandbox import Account, Answer, Operation, Parameters, Received, Venue, Violation, handles

if TYPE_CHECKING:
    from collections.abc import Mapping

_OK: Final = 200
_NOT_FOUND: Final = Answer(404, b"not found")
_LATEST_MS: Final = 5_000
_FIRST_ID: Final = 9_007_199_254_740_993
"""Above what a binary float holds."""
_PAGE: Final = 20
_MARKETS: Final = ("BTC-USDT", "ETH-USDT", "SOL-USDT")

Row = dict[str, Any]


class LunexVenue(Venue):
    """Remember per account who is copied, and which positions are open and closed."""

    contract: ClassVar[str] = "unified_copy_lunex/lunex.yaml"
    leader_parameters: ClassVar[tuple[str, ...]] = ("trader",)

    def __init__(self) -> None:
        """Open the venue, with nobody copying anybody."""
        super().__init__()
        self._copies: dict[Account, dict[str, Row]] = {}
        self._open: dict[Account, list[Row]] = {}
        self._closed: dict[Account, list[Row]] = {}
        self._next_id = _FIRST_ID

    # -- credentials and refusals

    def authenticate(self, received: Received, operation: Operation) -> Account | Answer:  # noqa: ARG002 (all sign alike)
        """Check key, signature and time."""
        account = self.accounts.get(received.headers.get("lx-key", ""))
        query, _, signature = received.query.rpartition("&sig=")
        if account is None:
            return self.refusal("BAD_SIGNATURE")
        signed = f"{received.method}\n{received.path}?{query}\n".encode() + received.body
        if signature != hmac.digest(account.credentials.secret.encode(), signed, "sha256").hex():
            return self.refusal("BAD_SIGNATURE")
        told = parse_qs(query).get("ts", [""])[0]
        late = not told.isdigit() or abs(self.now_ms() - int(told)) > _LATEST_MS
        return self.refusal("STALE") if late else account

    def refusal(self, code: str) -> Answer:
        """Word a refusal, under the status that the contract gives it."""
        known = self.rules.codes[code]
        return Answer(known.http or _OK, {"error": code, "detail": known.meaning})

    def refuse(self, violation: Violation) -> Answer:
        """Word what breaks the contract."""
        return Answer(400, {"error": "BAD_VALUE", "detail": f"{violation.name}: {violation.message}"})

    def not_found(self, received: Received) -> Answer:  # noqa: ARG002 (all are unknown alike)
        """Word that there is no such address."""
        return _NOT_FOUND

    # -- copies

    @handles("setCopy", performs={"follow"})
    def set_copy(self, account: Account, parameters: Parameters) -> Answer:
        """Put these terms in place of those there are."""
        terms: Any = parameters.body
        trader = terms["trader"]
        copies = self._copies.setdefault(account, {})
        if trader not in copies:
            named = [market for market in terms["markets"] if market != "*"]
            self._open.setdefault(account, []).extend(self._opened(trader, market) for market in named or _MARKETS)
        since = copies[trader]["since"] if trader in copies else self.now_ms()
        copies[trader] = {**terms, "id": trader, "name": "Ada", "since": since}
        return _done()

    def _opened(self, trader: str, market: str) -> Row:
        self._next_id += 1
        return {
            "id": str(self._next_id),
            "trader": trader,
            "market": market,
            "side": "buy",
            "size": "0.010",
            "entry": "43210.50",
            "leverage": "10",
            "opened": self.now_ms(),
            "takeProfit": None,
            "stopLoss": None,
        }

    @handles("copies", performs={"settings", "leaders"})
    def copies(self, account: Account, parameters: Parameters) -> Answer:
        """Show who is copied."""
        return _page([*self._copies.get(account, {}).values()], parameters.values)

    @handles("endCopy", performs={"unfollow"})
    def end_copy(self, account: Account, parameters: Parameters) -> Answer:
        """Stop copying, and close the positions where that is wanted."""
        trader = str(parameters.values["trader"])
        if self._copies.get(account, {}).pop(trader, None) is None:
            return self.refusal("NOT_COPIED")
        if parameters.values.get("positions") == "at_market":
            for row in [row for row in self._open[account] if row["trader"] == trader]:
                self._close(account, row)
        return _done()

    # -- positions

    @handles("positions", performs={"positions"})
    def positions(self, account: Account, parameters: Parameters) -> Answer:
        """Show what is open."""
        return _page(self._open.get(account, []), parameters.values)

    @handles("trades", performs={"history"})
    def trades(self, account: Account, parameters: Parameters) -> Answer:
        """Show what has been closed, the latest first."""
        return _page(self._closed.get(account, []), parameters.values)

    @handles("closePosition", performs={"close"})
    def close_position(self, account: Account, parameters: Parameters) -> Answer:
        """Close one position at market."""
        row = self._position(account, parameters.values["id"])
        if row is None:
            return self.refusal("NO_POSITION")
        self._close(account, row)
        return _done()

    @handles("guard", performs={"protect"})
    def guard(self, account: Account, parameters: Parameters) -> Answer:
        """Set, cancel or keep the guards of one position."""
        told: Any = parameters.body
        row = self._position(account, told["id"])
        if row is None:
            return self.refusal("NO_POSITION")
        row.update(told)
        return _done()

    def _position(self, account: Account, wanted: object) -> Row | None:
        return next((row for row in self._open.get(account, []) if row["id"] == wanted), None)

    def _close(self, account: Account, row: Row) -> None:
        self._open[account].remove(row)
        kept = {name: row[name] for name in ("id", "trader", "market", "side", "size", "entry", "opened")}
        past = {**kept, "exit": row["entry"], "closed": self.now_ms(), "profit": "0"}
        self._closed.setdefault(account, []).insert(0, past)

    # -- what is public, and the key

    @handles("markets", performs={"symbols"})
    def markets(self, _account: Account, _parameters: Parameters) -> Answer:
        """Show the same markets of every trader."""
        rows = [{"market": market, "minStake": "5", "maxStake": "50000"} for market in _MARKETS]
        return Answer(_OK, {"rows": rows, "next": None})

    @handles("trader", performs={"leader"})
    def trader(self, _account: Account, _parameters: Parameters) -> Answer:
        """Show the same of every trader."""
        return Answer(_OK, {"name": "Ada", "followers": 12, "share": "12.5"})

    @handles("key", performs={"check"})
    def key(self, _account: Account, _parameters: Parameters) -> Answer:
        """Show a key that may do what is needed."""
        return Answer(_OK, {"rights": ["read", "copy"]})

    @handles("time")
    def time(self, _account: Account, _parameters: Parameters) -> Answer:
        """Show the time."""
        return Answer(_OK, {"now": self.now_ms()})


def _done() -> Answer:
    return Answer(_OK, {"done": True})


def _page(rows: list[Row], wanted: Mapping[str, object]) -> Answer:
    """Show what follows the row that was named, of one trader or of all."""
    found = [row for row in rows if wanted.get("trader") in {None, row["trader"]}]
    ids = [row["id"] for row in found]
    start = ids.index(wanted["after"]) + 1 if wanted.get("after") in ids else 0
    page = found[start : start + _PAGE]
    return Answer(_OK, {"rows": page, "next": page[-1]["id"] if start + _PAGE < len(found) else None})
