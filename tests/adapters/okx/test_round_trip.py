"""Whatever the local OKX shows of a follow reads as what was wanted, and becomes the same request again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unified_copy import ALL_SYMBOLS, FixedAmount, FollowConfig, MarginMode, Multiplier, OnStop, translate
from unified_copy.registry import resolve
from unified_copy.sandbox import Account, Operation, Received
from unified_copy.settings import differences, unverified
from unified_copy.translation import Fate
from unified_copy.wire import Request, Response
from unified_copy_okx.venue import OkxVenue

Run = Callable[..., tuple[Any, Any]]

BASES = st.lists(st.sampled_from(["BTC", "ETH", "SOL", "XRP", "DOGE", "龙虾"]), min_size=1, unique=True)


def _numbers(lowest: int, highest: int, places: int) -> st.SearchStrategy[Any]:
    return st.decimals(lowest, highest, places=places).filter(lambda number: number > 0)


@st.composite
def configs(draw: st.DrawFn) -> FollowConfig:
    """Draw a config that OKX accepts, within the ranges of the local one."""
    fields: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {"on_stop": st.sampled_from(OnStop), "max_total": _numbers(1000, 30000, 3)},
            optional={
                "stop_loss": st.decimals("0.0001", "0.75", places=4),
                "take_profit": st.decimals("0.0001", "1.5", places=8),
                "margin_mode": st.sampled_from([MarginMode.LEADER, MarginMode.CROSS, MarginMode.ISOLATED]),
                "loss_limit": _numbers(0, 10**12, 6),
            },
        )
    )
    everything = draw(st.booleans())
    return FollowConfig(
        leader_id=draw(st.text("0123456789ABCDEF", min_size=16, max_size=18)),
        sizing=draw(
            st.builds(FixedAmount, _numbers(20, 1000, 2)) | st.builds(Multiplier, st.decimals("0.01", 100, places=2))
        ),
        symbols=ALL_SYMBOLS if everything else [f"{base}/USDT" for base in draw(BASES)],
        follow_new_symbols=everything,
        **fields,
    )


class _OpenVenue(OkxVenue):
    """Take everybody as the same account; signatures have tests of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.only = self.open_account()

    def authenticate(self, received: Received, operation: Operation) -> Account:  # noqa: ARG002 (nobody is asked)
        return self.only


def _ask(venue: OkxVenue, request: Request) -> Response:
    received = Received(
        method=request.method,
        path=request.path,
        query=request.query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )
    answer = venue.answer(received)
    return Response(answer.status, answer.encoded()[0])


def _read(body: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(body)
    return {**read, "instId": sorted(read.get("instId", "").split(","))}


@settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=configs())
def test_what_okx_shows_is_as_wanted_and_becomes_the_same_request(run_plan: Run, config: FollowConfig) -> None:
    adapter, venue = resolve("okx"), _OpenVenue()
    translation = translate(config, exchange=adapter)
    (call,) = translation.calls
    call.decode(_ask(venue, call.request))
    read = next(iter(adapter.settings(config.leader_id))).request
    shown, _ = run_plan(adapter.settings(config.leader_id), [_ask(venue, read)])
    assert differences(config, shown, translation.supports) == ()
    assert unverified(config, translation.supports, shown) == ()
    (again,) = translate(shown.to_config(), exchange=adapter).requests
    assert _read(again.body) == _read(call.request.body)
    assert all(translation.fields[name].fate is not Fate.NOT_SET for name in config.chosen)
