"""What users write, checked by a type checker and never run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal, assert_type

from unified_copy import (
    ALL_SYMBOLS,
    KEEP,
    ActionResult,
    Adapter,
    ClosedCopy,
    CopiedPosition,
    CopyClient,
    Credentials,
    Direction,
    Finding,
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    FollowConfig,
    FollowedLeader,
    FollowResult,
    FollowSettings,
    LeaderLeverage,
    LeaderProfile,
    Level,
    MarginMode,
    Multiplier,
    OnStop,
    Operation,
    Pair,
    PositionLeverage,
    Proportional,
    Side,
    SymbolLimits,
    SymbolRule,
    Translation,
    VenueSettings,
    exchanges,
    load_adapter,
    register,
    translate,
)
from unified_copy.errors import ConfigError, Difference, RateLimitedError, UnifiedCopyError, VerificationError
from unified_copy.files import FollowFile, read_file
from unified_copy.model import AllSymbols
from unified_copy.translation import FieldFate
from unified_copy.wire import Request

# ------------------------------------------------------------------ what may be given

config = FollowConfig(leader_id="123123123", sizing=FixedAmount("330"), symbols=["BTC/USDT"])
FollowConfig(leader_id="1", sizing=FixedQuantity(5), symbols=("BTC/USDT", Pair("ETH", "USDT"), SymbolRule("XRP/USDT")))
FollowConfig(leader_id="1", sizing=Multiplier(Decimal("0.5")), symbols={"BTC/USDT"})
FollowConfig(leader_id="1", sizing=Proportional(500), symbols=ALL_SYMBOLS)
FollowConfig(
    leader_id="1",
    sizing=FixedAmount(330),
    symbols=(symbol for symbol in ["BTC/USDT"]),
    follow_new_symbols=True,
    stop_loss="0.2",
    take_profit=Decimal("0.4"),
    margin_mode=MarginMode.CROSS,
    leverage=FixedLeverage(long=10, short="5"),
    max_position=5,
    max_total="10000",
    loss_limit=None,
    on_stop=OnStop.CLOSE_NOW,
    direction=Direction.REVERSE,
    venue=None,
)
SymbolRule("BTC/USDT", sizing=Multiplier(2), stop_loss="0.1", leverage=LeaderLeverage(), max_position=7)
SymbolRule(Pair("BTC", "USDT", "USDT"), margin_mode=MarginMode.OWN, leverage=PositionLeverage())

# ------------------------------------------------------------------ what may not

FollowConfig(leader_id=5, sizing=FixedAmount("330"), symbols=["BTC/USDT"])  # type: ignore[arg-type]
FollowConfig(leader_id="1", sizing="330", symbols=["BTC/USDT"])  # type: ignore[arg-type]
FollowConfig(leader_id="1", sizing=FixedAmount(0.1), symbols=["BTC/USDT"])  # type: ignore[arg-type]
FollowConfig(leader_id="1", sizing=FixedAmount(1), symbols=[5])  # type: ignore[list-item]
FollowConfig(leader_id="1", sizing=FixedAmount(1), symbols=["A/B"], stop_loss=0.2)  # type: ignore[arg-type]
FollowConfig(leader_id="1", sizing=FixedAmount(1), symbols=["A/B"], leverage=10)  # type: ignore[arg-type]
FollowConfig(leader_id="1", sizing=FixedAmount(1), symbols=["A/B"], margin_mode="cross")  # type: ignore[arg-type]
FollowConfig(leader_id="1", sizing=FixedAmount(1), symbols=["A/B"], on_stop=None)  # type: ignore[arg-type]
FollowConfig(leader_id="1", sizing=FixedAmount(1), symbols=["A/B"], stop_los="0.2")  # type: ignore[call-arg]
FollowConfig("1", FixedAmount(1), ["A/B"])  # type: ignore[call-arg]
FixedLeverage(10, 5)  # type: ignore[call-arg]
config.leader_id = "2"  # type: ignore[misc]

# ------------------------------------------------------------------ what a config holds

assert_type(config.leader_id, str)
assert_type(config.sizing, FixedAmount | FixedQuantity | Multiplier | Proportional)
assert_type(config.symbols, tuple[SymbolRule, ...] | Literal[AllSymbols.ALL])
assert_type(config.follow_new_symbols, bool)
assert_type(config.stop_loss, Decimal | None)
assert_type(config.take_profit, Decimal | None)
assert_type(config.margin_mode, MarginMode | None)
assert_type(config.leverage, LeaderLeverage | PositionLeverage | FixedLeverage | None)
assert_type(config.max_position, Decimal | None)
assert_type(config.max_total, Decimal | None)
assert_type(config.loss_limit, Decimal | None)
assert_type(config.on_stop, OnStop)
assert_type(config.direction, Direction)
assert_type(config.venue, VenueSettings | None)
assert_type(config.rules, tuple[SymbolRule, ...])
assert_type(FixedAmount("330").amount, Decimal)
assert_type(FixedQuantity("330").quantity, Decimal)
assert_type(Multiplier("330").multiple, Decimal)
assert_type(Proportional("330").investment, Decimal)
assert_type(FixedLeverage(long=1, short=1).long, Decimal)
assert_type(SymbolRule("BTC/USDT").symbol, Pair)
assert_type(Pair.parse("BTC/USDT").settle, str | None)

# ------------------------------------------------------------------ what functions return

assert_type(exchanges(), tuple[str, ...])
assert_type(load_adapter("xt"), type[Adapter])
assert_type(translate(config, exchange="xt"), Translation)
assert_type(translate(config, exchange=load_adapter("bitget")()), Translation)
assert_type(translate(config, exchange=load_adapter("xt")(generation="v1")), Translation)
assert_type(translate(config, exchange="xt").requests, tuple[Request, ...])
assert_type(translate(config, exchange="xt").fields, Mapping[str, FieldFate])
assert_type(translate(config, exchange="xt").requests[0].body, bytes)
assert_type(read_file("follow.toml"), FollowFile)
assert_type(Credentials.from_env("bitget"), Credentials)
register(load_adapter("xt"))
translate(config, exchange=5)  # type: ignore[arg-type]
translate(config, "xt")  # type: ignore[call-arg]
register(load_adapter("xt")())  # type: ignore[arg-type]


async def follow() -> None:
    """Follow as the documentation shows it."""
    async with CopyClient(credentials={"xt": Credentials("k", "s")}, timeout=5) as client:
        assert_type(client, CopyClient)
        result = await client.follow(config, exchange="xt")
        assert_type(result, FollowResult)
        assert_type(result.status, Literal["applied", "accepted"])
        assert_type(result.settings, FollowSettings | None)
        assert_type(result.unverified, tuple[str, ...])
        assert_type(result.cause, UnifiedCopyError | None)
        settings = await client.settings("123123123", exchange="xt")
        assert_type(settings, FollowSettings)
        assert_type(settings.active, bool)
        assert_type(settings.missing, frozenset[str])
        assert_type(settings.to_config(follow_new_symbols=False), FollowConfig)
        assert_type(client.with_credentials({}), CopyClient)
        await client.follow(config)  # type: ignore[call-arg]


async def look(client: CopyClient) -> None:
    """Look at everything there is to see."""
    assert_type(load_adapter("xt").operations, frozenset[Operation])
    async for leader in client.leaders(exchange="xt"):
        assert_type(leader, FollowedLeader)
        assert_type(leader.since, datetime | None)
    async for position in client.positions(exchange="xt", leader_id="1"):
        assert_type(position, CopiedPosition)
        assert_type(position.side, Side)
        assert_type(position.take_profit_price, Decimal | None)
    async for copied in client.history(exchange=load_adapter("xt")(), leader_id=None):
        assert_type(copied, ClosedCopy)
        assert_type(copied.profit_ratio, Decimal | None)
    assert_type(await client.symbols(exchange="xt"), tuple[SymbolLimits, ...])
    assert_type(await client.leader("1", exchange="xt"), LeaderProfile)
    findings = await client.check(exchange="xt")
    assert_type(findings, tuple[Finding, ...])
    assert_type(findings[0].level, Level)
    await client.leaders(exchange="xt")  # type: ignore[misc]
    client.positions()  # type: ignore[call-arg]


async def act(client: CopyClient, position: CopiedPosition) -> None:
    """Do everything that can be done to a follow and to a position."""
    result = await client.unfollow("1", exchange="xt", on_stop=OnStop.CLOSE_NOW)
    assert_type(result, ActionResult)
    assert_type(result.status, Literal["done", "accepted", "pending", "failed"])
    assert_type(result.cause, UnifiedCopyError | None)
    assert_type(await client.close(position, exchange="xt"), ActionResult)
    assert_type(await client.close_all(exchange="xt", symbols=ALL_SYMBOLS), tuple[ActionResult, ...])
    assert_type(await client.close_all(exchange="xt", symbols=["BTC/USDT", Pair("A", "B")]), tuple[ActionResult, ...])
    assert_type(await client.protect(position, exchange="xt", take_profit_price="1.5"), ActionResult)
    await client.protect(position, exchange="xt", take_profit_price=KEEP, stop_loss_price=None)
    await client.protect(position, exchange="xt", stop_loss_price=1.5)  # type: ignore[arg-type]
    await client.close("1", exchange="xt")  # type: ignore[arg-type]
    await client.close_all(exchange="xt")  # type: ignore[call-arg]
    await client.unfollow("1", exchange="xt", on_stop="close_now")  # type: ignore[arg-type]


def conclude(error: UnifiedCopyError) -> None:
    """Conclude from an error what it says."""
    if isinstance(error, ConfigError):
        assert_type(error.field, str)
        assert_type(error.exchange, str | None)
    elif isinstance(error, RateLimitedError):
        assert_type(error.retry_after, float | None)
    elif isinstance(error, VerificationError):
        assert_type(error.differences, tuple[Difference, ...])
