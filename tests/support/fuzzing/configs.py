"""Configs of the whole parameter space, with what must hold for each: requests by the contract, or a named field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs
from products import examples

from fuzzing.chance import NUMBERS, OTHERS, TEXTS, Chance
from unified_copy import (
    ALL_SYMBOLS,
    Adapter,
    Credentials,
    Direction,
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    FollowConfig,
    LeaderLeverage,
    MarginMode,
    Multiplier,
    OnStop,
    Pair,
    PositionLeverage,
    Proportional,
    SymbolRule,
    load_adapter,
    translate,
)
from unified_copy.errors import ConfigError
from unified_copy.model import FIELD_NAMES
from unified_copy.registry import resolve
from unified_copy.sandbox.contract import Contract
from unified_copy.sandbox.messages import Received, Violation
from unified_copy.terms import TERMS
from unified_copy.wire import Request

CREDENTIALS: Final = Credentials("key-000001", "secret-000001", "passphrase-000001")
NOW_MS: Final = 1_767_225_600_123
FIELD: Final = re.compile(
    rf"(?:{'|'.join([*FIELD_NAMES, 'exchange'])}|symbols\[\d+\](?:\.(?:{'|'.join([*TERMS, 'symbol'])}))?)"
)
"""The names that a refusal may give a field."""

AMOUNTS: Final = (
    *("330", "0.1", "50", "1", "125", "10", 5, 10**39, Decimal("0.00000001"), Decimal("1E+2"), Decimal("1E-39")),
    *("0.10", "1.50", "9" * 40, "0." + "9" * 39, Decimal(100), "51.0", Decimal("51.000"), "4", "400", "0.07"),
)
RATIOS: Final = (
    "0.2",
    "0.01",
    "4",
    "1",
    "0.10",
    Decimal("0.05"),
    "3.99",
    "0.005",
    "0.123456789",
    "10",
    Decimal("1E-30"),
)
QUOTES: Final = ("USDT", "USDT", "USDT", "USDC", "USD", "BTC", "EUR", "DAI", "₮")
BASES: Final = ("BTC", "ETH", "龙虾", "1000SATS", "\u212a", "É", "A" * 40, "USDT", "PERP", "ß", "Ⅷ", "X", "٣")
IDS: Final = (
    "123123123",
    "1",
    "9223372036854775807",
    "25CD5A80241D6FE6",
    "7c6525121a9",
    "张三",
    "a/b?c#d&e=f g",
    "0",
    "01",
)
PAIRS: Final = ("BTC/USDT", "ETH/USDT", "XT/USDT", "BTC/USDT:USDT", "BTC/USD:BTC", "BTC/USDC", "BTC/USDT:USDC")


class Configs:
    """Make the parts of a config, each good most of the time."""

    def __init__(self, chance: Chance, venue: type[Any] | None) -> None:
        """Take the seed's choices, and the product's own settings where it has any."""
        self.chance = chance
        self._venue = venue

    def fields(self, known: FollowConfig) -> dict[str, Any]:
        """Return the arguments of a config: those of one that the product takes, some changed, or all anew."""
        share = self.chance.one((0.0, 0.03, 0.1, 0.3))
        changes = self.chance.some(self._makers(), share)
        if self.chance.happens(0.8):
            return {name: getattr(known, name) for name in FIELD_NAMES} | changes
        return self.chance.some(self._makers(), 1.0 if share else 0.3) | {
            "leader_id": self.leader_id(),
            "sizing": self.sizing(),
            "symbols": self.symbols(),
        }

    def _makers(self) -> Mapping[str, Callable[[], Any]]:
        return {
            "leader_id": self.leader_id,
            "symbols": self.symbols,
            **self.terms(),
            "follow_new_symbols": lambda: self.good((True, False)),
            "max_total": self.amount,
            "loss_limit": self.amount,
            "on_stop": lambda: self.good(tuple(OnStop)),
            "direction": lambda: self.good(tuple(Direction)),
            "venue": self.venue,
        }

    def good(self, values: tuple[Any, ...]) -> Any:  # noqa: ANN401 (any value)
        """Return one of the values, or now and then something else entirely."""
        if self.chance.happens(0.03):
            return self.chance.one((*TEXTS, *NUMBERS, *OTHERS, Decimal("NaN"), Decimal("Infinity"), b"1", object))
        return self.chance.one(values)

    def leader_id(self) -> Any:  # noqa: ANN401 (likewise)
        """Return an id of any product."""
        return self.good(IDS[:3] if self.chance.happens(0.7) else IDS)

    def amount(self) -> Any:  # noqa: ANN401 (likewise)
        """Return an amount of money, or of anything."""
        return self.good(AMOUNTS)

    def sizing(self) -> Any:  # noqa: ANN401 (likewise)
        """Return one of the four sizings."""
        kind = self.chance.one((FixedAmount, FixedAmount, FixedQuantity, Multiplier, Multiplier, Proportional))
        return self.good((kind(self.amount()),))

    def leverage(self) -> Any:  # noqa: ANN401 (likewise)
        """Return one of the three leverages."""
        kind = self.chance.one((LeaderLeverage, PositionLeverage, FixedLeverage))
        return FixedLeverage(long=self.amount(), short=self.amount()) if kind is FixedLeverage else kind()

    def pair(self) -> Any:  # noqa: ANN401 (likewise)
        """Return a pair, as text or as an object."""
        if self.chance.happens(0.7):
            return self.good(PAIRS)
        base, quote = self.good(BASES), self.good(QUOTES)
        settle = self.good((None, None, quote, base))
        return Pair(base, quote, settle) if self.chance.happens(0.5) else f"{base}/{quote}"

    def symbols(self) -> Any:  # noqa: ANN401 (likewise)
        """Return pairs, rules, or everything."""
        if self.chance.happens(0.15):
            return self.good((ALL_SYMBOLS,))
        count = self.chance.one((1, 1, 1, 2, 2, 3, 10, 11, 0))
        return [self.rule() if self.chance.happens(0.3) else self.pair() for _ in range(count)]

    def rule(self) -> SymbolRule:
        """Return a pair with terms of its own."""
        return SymbolRule(self.pair(), **self.chance.some(self.terms(), 0.2))

    def terms(self) -> Mapping[str, Callable[[], Any]]:
        """Return how to make each of the terms that a pair may have."""
        return {
            "sizing": self.sizing,
            "stop_loss": lambda: self.good(RATIOS),
            "take_profit": lambda: self.good(RATIOS),
            "margin_mode": lambda: self.good(tuple(MarginMode)),
            "leverage": self.leverage,
            "max_position": self.amount,
        }

    def venue(self) -> Any:  # noqa: ANN401 (likewise)
        """Return the product's own settings."""
        if self._venue is None:
            return self.good((None,))
        return self._venue(**{field.name: self.good(("SPOT", "FUTURES_U")) for field in attrs.fields(self._venue)})


def adapter_of(exchange: str, chance: Chance) -> Adapter:
    """Return an adapter with some of its options chosen."""
    chosen = {
        field.name: chance.one(field.metadata["choices"])
        for field in attrs.fields(load_adapter(exchange))
        if chance.happens(0.7)
    }
    return resolve(exchange, chosen)


def check_config(exchange: str, seed: int) -> str:
    """Make the config of ``seed``, and return what became of it: ``sent``, or the field that was refused.

    Raises ``AssertionError`` for a request that breaks the contract and for a refusal that names no field, and
    whatever else goes wrong.
    """
    chance = Chance(seed)
    adapter, known = chance.one(examples(exchange))
    adapter = adapter if chance.happens(0.7) else adapter_of(exchange, chance)
    try:
        config = FollowConfig(**Configs(chance, adapter.venue_settings).fields(known))
        translation = translate(config, exchange=adapter)
    except ConfigError as error:
        return _named(error)
    assert str(translation)
    for request in translation.requests:
        judge(adapter, request)
    return "sent"


def _named(error: ConfigError) -> str:
    # A part that is built by itself knows no config around it.
    assert FIELD.fullmatch(error.field) or error.field == "symbol", f"{error.field!r} is no field: {error}"
    assert error.reason, error
    return re.sub(r"\d+", "0", error.field)


def judge(adapter: Adapter, request: Request) -> None:
    """Have the contract judge a request; raises ``AssertionError`` where it breaks a rule."""
    contract = Contract.load(adapter.contract)
    signed = adapter.sign(request, CREDENTIALS, now_ms=NOW_MS)
    operation = contract.find(signed.method, signed.path)
    assert operation is not None, f"not in the contract: {signed.method} {signed.path}"
    headers = {name.lower(): value for name, value in signed.headers.items()}
    judged = operation.judge(
        Received(method=signed.method, path=signed.path, query=signed.query, headers=headers, body=signed.body)
    )
    assert not isinstance(judged, Violation), f"{judged}: {request.body!r}"
