"""Whatever is sent and shown back by the local venue reads as what was wanted, and becomes the same request again."""

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
    FixedQuantity,
    FollowConfig,
    Multiplier,
    SymbolRule,
    load_adapter,
    translate,
)
from unified_copy.sandbox import Account, Parameters
from unified_copy.settings import FollowSettings, differences, unverified
from unified_copy.wire import Response
from unified_copy_bitget.spot.translate import QUOTES
from unified_copy_bitget.spot.venue import BitgetSpotVenue

Run = Callable[..., tuple[Any, Any]]

SPOT: Adapter = load_adapter("bitget-spot")()
AMOUNTS = st.integers(1, 10**15).map(lambda number: Decimal(number).scaleb(-6))
TERMS: dict[str, st.SearchStrategy[Any]] = {
    "stop_loss": st.integers(1, 400).map(lambda percent: Decimal(percent).scaleb(-2)),
    "take_profit": st.integers(1, 1000).map(lambda percent: Decimal(percent).scaleb(-2)),
    "max_position": AMOUNTS,
}
BASES = st.lists(
    st.text("ABCXYZ019", min_size=1, max_size=5) | st.sampled_from(["龙虾", "БИТ", "USDT", "1000PEPE"]),
    min_size=1,
    max_size=12,
    unique=True,
)


@st.composite
def configs(draw: st.DrawFn) -> FollowConfig:
    """Draw a config that Bitget spot can express; one size for all pairs, because sizes are never shown."""
    new = draw(st.booleans())
    kinds = (FixedAmount, Multiplier) if new else (FixedAmount, FixedQuantity, Multiplier)
    sizing = draw(st.one_of(*(st.builds(kind, AMOUNTS) for kind in kinds)))
    quotes = ["USDT"] if isinstance(sizing, FixedAmount) else list(QUOTES)
    rules = []
    for base in draw(BASES):
        own: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=TERMS))
        rules.append(SymbolRule(f"{base}/{draw(st.sampled_from(quotes))}", **own))
    ratios = {name: strategy for name, strategy in TERMS.items() if name != "max_position"}
    shared: dict[str, Any] = draw(st.fixed_dictionaries({"max_position": AMOUNTS}, optional=ratios))
    return FollowConfig(
        leader_id=draw(st.sampled_from(["7c6525121a9", "张三", "9007199254740993"])),
        sizing=sizing,
        symbols=rules,
        follow_new_symbols=new,
        **shared,
    )


def _shown_by_the_venue(config: FollowConfig, body: bytes) -> Response:
    venue, account = BitgetSpotVenue(), Account(BitgetSpotVenue().new_credentials())
    venue.set_spot_settings(account, Parameters({}, json.loads(body)))
    encoded, _ = venue.query_spot_settings(account, Parameters({"traderId": config.leader_id})).encoded()
    return Response(200, encoded)


def _pairs(body: bytes) -> Any:  # noqa: ANN401 (a body as it was sent)
    told = json.loads(body)
    for each in told["settings"]:
        each.update({key: Decimal(each[key]) for key in ("traceValue", "maxHoldSize")})
    return told


@settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=configs())
def test_what_is_shown_unchanged_is_as_wanted_and_becomes_the_same_request(run_plan: Run, config: FollowConfig) -> None:
    translation = translate(config, exchange=SPOT)
    shown: FollowSettings
    shown, _ = run_plan(SPOT.settings(config.leader_id), [_shown_by_the_venue(config, translation.requests[0].body)])
    assert differences(config, shown, translation.supports) == ()
    open_fields = ("sizing", "follow_new_symbols") if config.follow_new_symbols else ("sizing",)
    assert unverified(config, translation.supports, shown) == open_fields
    again = shown.to_config(sizing=config.sizing, follow_new_symbols=config.follow_new_symbols)
    assert _pairs(translate(again, exchange=SPOT).requests[0].body) == _pairs(translation.requests[0].body)


@pytest.mark.parametrize("name", ["sizing", "follow_new_symbols"])
def test_what_is_never_shown_has_to_be_said_again(
    run_plan: Run, make_config: Callable[..., FollowConfig], name: str
) -> None:
    config = make_config(max_position=1)
    body = translate(config, exchange=SPOT).requests[0].body
    shown: FollowSettings
    shown, _ = run_plan(SPOT.settings(config.leader_id), [_shown_by_the_venue(config, body)])
    assert name in shown.missing
