"""Whatever is sent and shown back unchanged reads as what was wanted, and becomes the same request again."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unified_copy import (
    Adapter,
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    FollowConfig,
    FollowSettings,
    LeaderLeverage,
    MarginMode,
    Multiplier,
    OnStop,
    PositionLeverage,
    SymbolRule,
    translate,
)
from unified_copy.registry import resolve
from unified_copy.settings import differences, unverified
from unified_copy.translation import Fate
from unified_copy.wire import Response

Run = Callable[..., tuple[Any, Any]]

relaxed = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


# ------------------------------------------------------------------ configs


def _amounts(digits: int = 38) -> st.SearchStrategy[str]:
    """Return amounts as people write them, of up to ``digits`` digits."""
    whole = st.integers(1, 10 ** (digits // 2) - 1).map(str)
    fraction = st.integers(1, 10 ** (digits // 2) - 1).map(lambda number: f"0.{number:0{digits // 2}}")
    mixed = st.tuples(whole, st.text("0123456789", min_size=1, max_size=digits // 2)).map(".".join)
    return whole | fraction | mixed


def _percents(highest: int) -> st.SearchStrategy[Decimal]:
    return st.integers(1, highest).map(lambda percent: Decimal(percent).scaleb(-2))


BASES = st.lists(
    st.text("ABCXYZ019", min_size=1, max_size=5) | st.sampled_from(["龙虾", "БИТ", "1000PEPE"]),
    min_size=1,
    max_size=10,
    unique=True,
)
IDS = st.integers(1, 2**63 - 1).map(str)
LEVERAGES = st.one_of(
    st.just(LeaderLeverage()),
    st.just(PositionLeverage()),
    st.builds(FixedLeverage, long=st.integers(1, 200), short=st.integers(1, 200)),
)
BITGET_TERMS: dict[str, st.SearchStrategy[Any]] = {
    "stop_loss": _percents(400),
    "take_profit": _percents(400),
    "margin_mode": st.sampled_from([MarginMode.LEADER, MarginMode.OWN]),
    "leverage": LEVERAGES,
    "max_position": _amounts(),
}
BITGET_BASIC_TERMS = {name: BITGET_TERMS[name] for name in ("stop_loss", "take_profit", "max_position")}


def _sizings(*kinds: Callable[[str], object]) -> st.SearchStrategy[Any]:
    return st.one_of(*(st.builds(kind, _amounts()) for kind in kinds))


@st.composite
def bitget_configs(draw: st.DrawFn, *, new: bool = False) -> FollowConfig:
    """Draw a config that Bitget can express pair by pair, in its basic mode where ``new`` pairs are followed."""
    terms = BITGET_BASIC_TERMS if new else BITGET_TERMS
    by_quote = {
        "USDT": _sizings(FixedAmount, Multiplier) if new else _sizings(FixedAmount, FixedQuantity, Multiplier),
        "USD": _sizings(Multiplier),
    }
    rules: list[SymbolRule] = []
    for base in draw(BASES):
        quote = draw(st.sampled_from(["USDT", "USDC", "USD"]))
        own: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=terms))
        own["sizing"] = draw(by_quote["USD" if quote == "USD" else "USDT"])
        settle = {"USD": base}.get(quote, quote)
        symbol = f"{base}/{quote}" + draw(st.sampled_from(["", f":{settle}"]))
        rules.append(SymbolRule(symbol, **own))
    shared: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=terms))
    return FollowConfig(
        leader_id=draw(IDS | st.sampled_from(["7c6525121a9", "张三", "a&b=c"])),
        sizing=draw(by_quote["USD"]),
        symbols=rules,
        follow_new_symbols=new,
        **shared,
    )


@st.composite
def xt_configs(draw: st.DrawFn) -> FollowConfig:
    """Draw a config that XT can express."""
    fields: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {"follow_new_symbols": st.booleans()},
            optional={
                "stop_loss": st.integers(1, 4 * 10**20).map(lambda number: Decimal(number).scaleb(-20)),
                "take_profit": st.integers(1, 10**21).map(lambda number: Decimal(number).scaleb(-20)),
                "loss_limit": _amounts(),
            },
        )
    )
    if "loss_limit" in fields:
        fields["on_stop"] = draw(st.sampled_from(OnStop))
    fixed = draw(st.booleans())
    quote = "USDT" if fixed or "loss_limit" in fields else draw(st.sampled_from(["USDT", "BTC", "USDC"]))
    return FollowConfig(
        leader_id=draw(IDS),
        sizing=draw(_sizings(FixedAmount if fixed else Multiplier)),
        symbols=[f"{base}/{quote}" for base in draw(BASES)],
        **fields,
    )


# ------------------------------------------------------------------ the venues


def _shown_by_bitget(body: bytes, empty: str | None) -> Response:
    """Return what Bitget would show of a follow: every key of every pair, ``empty`` where nothing was set."""
    keys = ("marginCoin", "longLeverage", "shortLeverage", "maxHoldSize", "stopSurplusRatio", "stopLossRatio")
    pairs = [{**dict.fromkeys(keys, empty), **pair} for pair in json.loads(body)["settings"]]
    data = {"followerEnable": "YES", "detailList": pairs[::-1]}
    return Response(200, json.dumps({"code": "00000", "msg": "success", "requestTime": 1, "data": data}).encode())


def _shown_by_xt(body: bytes) -> list[Response]:
    """Return what XT would show of a follow, its numbers digit by digit."""
    text = body.decode()
    sent = json.loads(text, parse_float=str, parse_int=str)
    account = sent.get("leaderOrderId") or sent["leaderAccountId"]
    numbers = ("followVal", "followLoss", "triggerStopRate", "triggerProfitRate")
    shown = {
        "autoFollowSymbol": sent["autoFollowSymbol"],
        "followLossOperate": sent["followLossOperate"],
        "followSymbols": sent["symbols"].split(",")[::-1],
        "followType": sent["followType"],
    }
    config = json.dumps(shown)[:-1] + "".join(f', "{name}": {sent.get(name, "null")}' for name in numbers) + "}"
    leaders = f'{{"hasNext":false,"hasPrev":false,"items":[{{"accountId":{account},"id":1}}]}}'
    return [
        Response(200, f'{{"rc":0,"mc":"SUCCESS","ma":[],"result":{result}}}'.encode()) for result in (leaders, config)
    ]


def _pairs(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with its pairs in alphabetical order; their order means nothing."""
    if "settings" in body:
        return {**body, "settings": sorted(body["settings"], key=lambda pair: (pair["symbol"], pair["productType"]))}
    return {**body, "symbols": sorted(body["symbols"].split(","))}


def _read(body: bytes) -> dict[str, Any]:
    """Return a body with its numbers by value; amounts that are equal may be told with the digits of either."""
    read: dict[str, Any] = json.loads(body, parse_float=Decimal)
    for pair in read.get("settings", ()):
        pair.update({key: Decimal(pair[key]) for key in ("traceValue", "maxHoldSize") if key in pair})
    return read


# ------------------------------------------------------------------ the properties


@relaxed
@given(data=st.data(), empty=st.sampled_from(["", "0", None]))
@pytest.mark.parametrize("new", [False, True], ids=["these-symbols", "new-symbols-too"])
def test_what_bitget_shows_unchanged_is_as_wanted_and_becomes_the_same_request(
    run_plan: Run, data: st.DataObject, empty: str | None, *, new: bool
) -> None:
    config = data.draw(bitget_configs(new=new))
    adapter = resolve("bitget")
    translation = translate(config, exchange=adapter)
    shown: FollowSettings
    shown, _ = run_plan(adapter.settings(config.leader_id), [_shown_by_bitget(translation.requests[0].body, empty)])
    assert differences(config, shown, translation.supports) == ()
    assert unverified(config, translation.supports, shown) == (("follow_new_symbols",) if new else ())
    again = translate(shown.to_config(follow_new_symbols=new), exchange=adapter)
    assert _pairs(_read(again.requests[0].body)) == _pairs(_read(translation.requests[0].body))


@relaxed
@given(config=xt_configs())
@pytest.mark.parametrize("unit", ["fraction", "percent"])
@pytest.mark.parametrize("generation", ["v4", "v1"])
def test_what_xt_shows_unchanged_is_as_wanted_and_becomes_the_same_request(
    run_plan: Run, generation: str, unit: str, config: FollowConfig
) -> None:
    adapter = resolve("xt", {"generation": generation, "rate_unit": unit, "loss_unit": "quote"})
    translation = translate(config, exchange=adapter)
    shown: FollowSettings
    shown, _ = run_plan(adapter.settings(config.leader_id), _shown_by_xt(translation.requests[0].body))
    assert differences(config, shown, translation.supports) == ()
    assert unverified(config, translation.supports, shown) == ()
    again = translate(shown.to_config(), exchange=adapter)
    assert _pairs(_read(again.requests[0].body)) == _pairs(_read(translation.requests[0].body))


@relaxed
@given(
    case=st.tuples(st.just(resolve("bitget")), bitget_configs())
    | st.tuples(st.just(resolve("xt", {"rate_unit": "percent", "loss_unit": "quote"})), xt_configs())
)
def test_a_translation_gives_every_field_that_is_set_a_fate(case: tuple[Adapter, FollowConfig]) -> None:
    adapter, config = case
    fields = translate(config, exchange=adapter).fields
    assert all(fields[name].fate is not Fate.NOT_SET for name in config.chosen)


@relaxed
@given(config=bitget_configs() | xt_configs())
def test_a_config_becomes_the_same_config_when_its_fields_are_given_again(config: FollowConfig) -> None:
    given_again: dict[str, Any] = {
        name: entries[0][1] for name, entries in config.chosen.items() if entries[0][0] == name
    }
    assert FollowConfig(**{**given_again, "symbols": config.symbols}) == config
