"""The adapter: JSON bodies, every number as text, pages by the last row seen."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Generator, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final, TypeVar

import attrs

from unified_copy.adapter import Adapter, Call, Limit, Operation, option
from unified_copy.answers import Answers, Codes, Refusal
from unified_copy.credentials import Credentials
from unified_copy.errors import (
    AuthenticationError,
    ConfigError,
    NotFollowingError,
    OpenPositionsError,
    SettingsRejectedError,
    VenueUnavailableError,
)
from unified_copy.fields import Fields, implied, refused, sent
from unified_copy.gaps import Gaps, cannot
from unified_copy.model import Direction, FollowConfig, OnStop
from unified_copy.pairs import Pair
from unified_copy.results import (
    KEEP,
    ClosedCopy,
    CopiedPosition,
    Finding,
    FollowedLeader,
    LeaderProfile,
    Level,
    Page,
    Price,
    Side,
    SymbolLimits,
    moment,
)
from unified_copy.settings import FollowSettings, common_terms
from unified_copy.terms import FixedAmount, SymbolRule
from unified_copy.translation import uniform_rule
from unified_copy.wire import JSON, Request, Response, encode, encode_query

R = TypeVar("R")
Row = Mapping[str, Any]

LIMIT: Final = Limit(1000, 1.0, "key", "all")
CODES: Final[Codes] = {
    "GONE": Refusal(OpenPositionsError, "there is no such position"),
    "BUSY": Refusal(VenueUnavailableError, "busy, try again"),
    "NOT_FOLLOWING": Refusal(NotFollowingError, "this leader is not followed"),
    "BAD_KEY": Refusal(AuthenticationError, "the key or the signature is wrong"),
    "BAD_PARAMETER": Refusal(SettingsRejectedError, "a parameter breaks the rules"),
}
ANSWERS: Final = Answers(exchange="full", codes=CODES)
NOT_THERE: Final = (
    "follow_new_symbols",
    "stop_loss",
    "take_profit",
    "margin_mode",
    "leverage",
    "max_position",
    "max_total",
    "loss_limit",
)
WITHDRAWALS: Final = "the key may withdraw"


def _read_as(decode: Callable[[Any], R]) -> Callable[[Response], R]:
    """Return a function that reads what stands in the envelope, and takes whatever it cannot read for no answer."""

    def read(response: Response) -> R:
        try:
            document: Any = response.json()
            if "code" in document:
                raise ANSWERS.refusal(str(document["code"]), response, str(document.get("message", "")))
            return decode(document["result"])
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, ConfigError) as error:
            raise ANSWERS.unusable(response, f"{type(error).__name__}") from None

    return read


def _done(_result: object) -> None:
    return


def _number(row: Row, name: str) -> Decimal | None:
    return Decimal(row[name]) if row.get(name) else None


def _write(path: str, body: Mapping[str, object]) -> tuple[Call[None], ...]:
    return (Call(Request("POST", path, "", JSON, encode(body)), _read_as(_done), LIMIT, writes=True),)


def _read(path: str, decode: Callable[[Any], R], *, signed: bool = True, **query: str | None) -> Call[R]:
    told = encode_query(**{name: value for name, value in query.items() if value is not None})
    request = Request("GET", path, told)
    return Call(request, _read_as(decode), LIMIT, signed=signed)


def _page(read: Callable[[Row], R]) -> Callable[[Any], Page[R]]:
    return lambda page: Page(tuple(map(read, page["rows"])), page["next"])


@attrs.frozen(kw_only=True)
class FullAdapter(Adapter):
    """Define every operation there is."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = "full"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.full.example",)
    forms: ClassVar[Mapping[str, Fields]] = {
        "only": {
            "leader_id": sent("leader"),
            "sizing": sent("amount", takes=(FixedAmount,), refusal="amounts only"),
            "symbols": sent("symbols", takes=(tuple,), refusal="by name only", uniform=True),
            "on_stop": implied("closed with the leader", OnStop.CLOSE_WITH_LEADER, refusal="nothing else"),
            "direction": implied("the same", Direction.SAME, refusal="only the same"),
            **dict.fromkeys(NOT_THERE, refused("there is no such setting")),
        }
    }
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.UNFOLLOW: {"on_stop": {OnStop.CLOSE_WITH_LEADER: cannot("closes now or leaves open")}}
    }
    codes: ClassVar[Codes] = CODES
    contract: ClassVar[str] = "full_exchange/full.yaml"
    venue: ClassVar[str] = "full_exchange.venue:FullVenue"
    after_unfollow: ClassVar[str] = "open positions are left to you"

    settle: str | None = option("USDT", "USDC", default=None)
    """The coin that positions settle in."""

    # -- following

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (always the same)
        sizing = uniform_rule(config, self.name).sizing
        assert isinstance(sizing, FixedAmount)
        symbols = ",".join(str(rule.symbol) for rule in config.rules)
        return _write("/follow", {"leader": config.leader_id, "amount": f"{sizing.amount:f}", "symbols": symbols})

    def unfollow(
        self,
        leader_id: str,
        on_stop: OnStop | None,
        known: FollowSettings | None,  # noqa: ARG002 (always the same)
    ) -> tuple[Call[None], ...]:
        self.require(Operation.UNFOLLOW, on_stop=on_stop)
        words = {OnStop.CLOSE_NOW: {"positions": "close"}, OnStop.LEAVE_OPEN: {"positions": "leave"}}
        return _write("/unfollow", {"leader": leader_id, **(words[on_stop] if on_stop else {})})

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        def read(terms: Any) -> FollowSettings:  # noqa: ANN401 (the decoded answer)
            if terms is None:
                return FollowSettings(exchange=self.name, leader_id=leader_id, active=False)
            rules = [SymbolRule(symbol, sizing=FixedAmount(terms["amount"])) for symbol in terms["symbols"]]
            return FollowSettings(exchange=self.name, leader_id=leader_id, active=True, **common_terms(rules))

        return _read("/follow", read, leader=leader_id)

    # -- reading

    def leaders(self, cursor: str | None) -> Call[Page[FollowedLeader]]:
        def read(row: Row) -> FollowedLeader:
            symbols = tuple(map(Pair.parse, row["symbols"]))
            return FollowedLeader(
                exchange=self.name,
                leader_id=row["leader"],
                name=row["name"],
                since=moment(row["since"]),
                symbols=symbols,
                raw=row,
            )

        return _read("/leaders", _page(read), after=cursor)

    def positions(self, leader_id: str | None, cursor: str | None) -> Call[Page[CopiedPosition]]:
        def read(row: Row) -> CopiedPosition:
            return CopiedPosition(
                exchange=self.name,
                position_id=row["id"],
                symbol=Pair.parse(row["symbol"]),
                side=Side(row["side"]),
                leader_id=row["leader"],
                quantity=_number(row, "quantity"),
                entry_price=_number(row, "entry"),
                leverage=_number(row, "leverage"),
                opened=moment(row["opened"]),
                take_profit_price=_number(row, "takeProfit"),
                stop_loss_price=_number(row, "stopLoss"),
                missing=frozenset(row.get("hidden", ())),
                handle={"symbol": row["symbol"]},
                raw=row,
            )

        return _read("/positions", _page(read), leader=leader_id, after=cursor)

    def history(self, leader_id: str | None, cursor: str | None) -> Call[Page[ClosedCopy]]:
        def read(row: Row) -> ClosedCopy:
            return ClosedCopy(
                exchange=self.name,
                position_id=row["id"],
                symbol=Pair.parse(row["symbol"]),
                side=Side(row["side"]),
                leader_id=row["leader"],
                opened=moment(row["opened"]),
                closed=moment(row["closed"]),
                profit=_number(row, "profit"),
                profit_ratio=_number(row, "ratio"),
                raw=row,
            )

        return _read("/history", _page(read), leader=leader_id, after=cursor)

    def symbols(self, leader_id: str | None) -> Call[tuple[SymbolLimits, ...]]:
        def read(rows: Any) -> tuple[SymbolLimits, ...]:  # noqa: ANN401 (the decoded answer)
            return tuple(
                SymbolLimits(
                    exchange=self.name,
                    symbol=Pair.parse(row["symbol"]),
                    min_amount=_number(row, "least"),
                    raw=row,
                )
                for row in rows
            )

        return _read("/symbols", read, signed=False, leader=leader_id)

    def leader(self, leader_id: str) -> Call[LeaderProfile]:
        def read(row: Any) -> LeaderProfile:  # noqa: ANN401 (the decoded answer)
            return LeaderProfile(
                exchange=self.name,
                leader_id=leader_id,
                name=row["name"],
                followers=row["followers"],
                profit_share=_number(row, "share"),
                symbols=tuple(map(Pair.parse, row["symbols"])),
                raw=row,
            )

        return _read("/leader", read, signed=False, leader=leader_id)

    def check(self) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
        rights = yield from _read("/key", lambda key: key["rights"])
        can_copy = "copy" in rights
        findings = [Finding("key", Level.FINE, "the key is valid")]
        if "withdraw" in rights:
            findings.append(
                Finding("permissions", Level.WARNING, WITHDRAWALS, "take that right away; it is not needed")
            )
        if not can_copy:
            findings.append(Finding("permissions", Level.PROBLEM, "the key may not copy", "give it the right to copy"))
        return tuple(findings)

    # -- open positions

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        return _write("/close", {"position": position.position_id})

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        prices = {"takeProfit": take_profit_price, "stopLoss": stop_loss_price}
        told = {name: "" if price is None else f"{price:f}" for name, price in prices.items() if price is not KEEP}
        return _write("/protect", {"position": position.position_id, **told})

    # -- talking to the venue

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        text = f"{now_ms}{request.method}{request.target}".encode() + request.body
        signature = hmac.digest(credentials.secret.encode(), text, "sha256").hex()
        headers = {"X-Key": credentials.key, "X-Time": str(now_ms), "X-Signature": signature}
        return Request(request.method, request.path, request.query, {**request.headers, **headers}, request.body)
