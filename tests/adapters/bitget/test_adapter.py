"""The adapter of Bitget keeps to Bitget's contract and says what it can do."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import yaml

from unified_copy import (
    ALL_SYMBOLS,
    Adapter,
    FollowConfig,
    FollowSettings,
    Pair,
    Proportional,
    load_adapter,
    translate,
)
from unified_copy.adapter import Call, Operation
from unified_copy.model import FIELD_NAMES
from unified_copy.results import CopiedPosition, Side

Make = Callable[..., FollowConfig]

PACKAGE, _, FILE = load_adapter("bitget").contract.partition("/")
CONTRACT: dict[str, Any] = yaml.safe_load(files(PACKAGE).joinpath(FILE).read_text(encoding="utf-8"))

POSITION = CopiedPosition(
    exchange="bitget",
    position_id="1279999999999999001",
    symbol=Pair("BTC", "USDT"),
    side=Side.LONG,
    handle={"productType": "USDT-FUTURES", "symbol": "BTCUSDT"},
)


def _operation(call: Call[Any]) -> dict[str, Any]:
    operation: dict[str, Any] = CONTRACT["paths"][call.request.path][call.request.method.lower()]
    return operation


def test_the_host_is_the_one_of_the_contract() -> None:
    assert list(load_adapter("bitget").hosts) == [server["url"] for server in CONTRACT["servers"]]


def test_everything_can_be_done_but_reading_the_profile_of_a_leader() -> None:
    assert load_adapter("bitget").operations == set(Operation) - {Operation.LEADER}


def test_every_call_of_the_contract_is_made(calls: list[Call[Any]]) -> None:
    assert {call.request.path for call in calls} == set(CONTRACT["paths"])


def test_every_form_says_something_about_every_field() -> None:
    for fields in load_adapter("bitget").forms.values():
        assert {*fields, "venue"} == set(FIELD_NAMES)


def test_every_refusal_that_is_declared_says_why() -> None:
    for fields in load_adapter("bitget").forms.values():
        assert all(support.refusal for support in fields.values() if support.takes is not None)


def test_no_call_is_made_more_often_than_the_contract_allows(calls: list[Call[Any]]) -> None:
    loose = [
        call.request.path
        for call in calls
        if call.limit.requests / call.limit.seconds
        > _operation(call)["x-rate-limit"]["requests"] / _operation(call)["x-rate-limit"]["seconds"]
    ]
    assert loose == []


def test_calls_are_counted_as_the_contract_counts_them(calls: list[Call[Any]]) -> None:
    counted = [(call.request.path, call.limit.per) for call in calls]
    assert counted == [(call.request.path, _operation(call)["x-rate-limit"]["per"]) for call in calls]


def test_calls_of_different_operations_do_not_share_a_limit(calls: list[Call[Any]]) -> None:
    paths = {call.request.path for call in calls}
    assert len({call.limit.name for call in calls}) == len(paths)


def test_what_writes_is_posted_and_what_reads_is_not(calls: list[Call[Any]]) -> None:
    assert {call.request.method for call in calls if call.writes} == {"POST"}
    assert {call.request.method for call in calls if not call.writes} == {"GET"}


def test_only_the_clock_is_asked_without_a_signature(calls: list[Call[Any]]) -> None:
    assert [call.signed for call in calls] == [bool(_operation(call)["security"]) for call in calls]


def test_a_call_carries_no_secret_before_it_is_signed(calls: list[Call[Any]]) -> None:
    assert {name for call in calls for name in call.request.headers} <= {"Content-Type"}


@pytest.fixture
def calls(make_config: Make) -> list[Call[Any]]:
    """Return one call of each kind that the adapter makes."""
    adapter = load_adapter("bitget")()
    smart = make_config(sizing=Proportional(500), symbols=ALL_SYMBOLS)
    follows = [*translate(make_config(), exchange=adapter).calls, *translate(smart, exchange=adapter).calls]
    writes = [
        *adapter.unfollow("1", None, None),
        *adapter.close(POSITION),
        *adapter.protect(POSITION, None, None),
    ]
    plans = [
        adapter.settings("1"),
        adapter.leaders(None),
        adapter.positions("1", None),
        adapter.history(None, None),
        adapter.symbols(None),
    ]
    return [*follows, *writes, *(next(iter(plan)) for plan in plans), *_asked_by_check(adapter)]


def _asked_by_check(adapter: Adapter) -> list[Call[Any]]:
    steps: Any = iter(adapter.check())
    clock = next(steps)
    account = steps.send(1)
    return [clock, account]


def test_a_follow_needs_nothing_read_before(make_config: Make) -> None:
    adapter = load_adapter("bitget")()
    known = FollowSettings(exchange="bitget", leader_id="123123123", active=True)
    assert adapter.reads_before == frozenset()
    (first,), (again,) = adapter.follow(make_config(), None), adapter.follow(make_config(), known)
    assert first.request == again.request


def test_the_adapter_has_no_options() -> None:
    build: Any = load_adapter("bitget")
    with pytest.raises(TypeError):
        build(generation="v1")
