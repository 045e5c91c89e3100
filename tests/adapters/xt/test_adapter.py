"""The adapter of XT keeps to XT's contract and says what it can do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
import yaml

from unified_copy import Adapter, FollowConfig, Pair, load_adapter, translate
from unified_copy.adapter import Call, Operation
from unified_copy.errors import ConfigError
from unified_copy.model import FIELD_NAMES
from unified_copy.results import CopiedPosition, Side
from unified_copy.wire import Response

Make = Callable[..., FollowConfig]

PACKAGE, _, FILE = load_adapter("xt").contract.partition("/")
CONTRACT: dict[str, Any] = yaml.safe_load(files(PACKAGE).joinpath(FILE).read_text(encoding="utf-8"))


def _operation(call: Call[Any]) -> dict[str, Any]:
    operation: dict[str, Any] = CONTRACT["paths"][call.request.path][call.request.method.lower()]
    return operation


def test_the_host_is_the_one_of_the_contract() -> None:
    assert list(load_adapter("xt").hosts) == [server["url"] for server in CONTRACT["servers"]]


def test_everything_can_be_done() -> None:
    assert load_adapter("xt").operations == set(Operation)


def test_every_form_says_something_about_every_field() -> None:
    for fields in load_adapter("xt").forms.values():
        assert {*fields, "venue"} == set(FIELD_NAMES)


def test_every_refusal_that_is_declared_says_why() -> None:
    for fields in load_adapter("xt").forms.values():
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


def test_only_a_post_writes(calls: list[Call[Any]]) -> None:
    assert {call.request.method for call in calls if call.writes} == {"POST"}
    assert {call.request.method for call in calls if not call.writes} == {"GET"}


def test_only_what_is_public_is_asked_without_a_signature(calls: list[Call[Any]]) -> None:
    assert [call.signed for call in calls] == [bool(_operation(call)["security"]) for call in calls]


def test_a_call_carries_no_secret_before_it_is_signed(calls: list[Call[Any]]) -> None:
    assert {name for call in calls for name in call.request.headers} <= {"Content-Type"}


@pytest.fixture(params=["v4", "v1"])
def adapter(request: pytest.FixtureRequest, adapter_with: Callable[..., Adapter]) -> Adapter:
    return adapter_with("xt", generation=request.param)


@pytest.fixture
def calls(make_config: Make, adapter: Adapter) -> list[Call[Any]]:
    return calls_of(make_config, adapter)


def calls_of(make_config: Make, adapter: Adapter) -> list[Call[Any]]:
    """Return one call of each kind that the adapter makes."""
    follow, clock = translate(make_config(), exchange=adapter).calls[0], adapter.time()
    assert clock is not None
    steps: Any = iter(adapter.settings("7"))
    leaders = next(steps)
    found = leaders.decode(Response(200, b'{"rc":0,"result":[{"accountId":7,"id":1}]}'))
    checking: Any = iter(adapter.check())
    asked = next(checking)
    position = CopiedPosition(
        exchange="xt",
        position_id="1",
        symbol=Pair("BTC", "USDT"),
        side=Side.LONG,
        handle={"leaderOrderId": "370800430378335424", "symbol": "btc_usdt"},
    )
    plans: list[Any] = [adapter.positions(None, None), adapter.history(None, None), adapter.symbols(None)]
    return [
        follow,
        leaders,
        steps.send(found),
        clock,
        checking.send(asked.decode(Response(200, b'{"rc":0,"result":{"serverTime":1767225600123}}'))),
        *plans,
        *adapter.unfollow("7", None, None),
        *adapter.close(position),
        *adapter.protect(position, Decimal(2), Decimal(1)),
    ]


@pytest.fixture
def leader_calls(adapter_with: Callable[..., Adapter]) -> list[Call[Any]]:
    """Return the calls that only the published generation has."""
    steps: Any = iter(adapter_with("xt", generation="v1").leader("7"))
    detail = next(steps)
    return [detail, steps.send(detail.decode(Response(200, b'{"rc":0,"result":{}}')))]


def test_the_calls_about_a_leader_keep_to_the_contract_as_well(leader_calls: list[Call[Any]]) -> None:
    test_no_call_is_made_more_often_than_the_contract_allows(leader_calls)
    test_calls_are_counted_as_the_contract_counts_them(leader_calls)
    test_calls_of_different_operations_do_not_share_a_limit(leader_calls)
    test_only_what_is_public_is_asked_without_a_signature(leader_calls)


def test_every_call_of_the_contract_is_made(
    make_config: Make, adapter_with: Callable[..., Adapter], leader_calls: list[Call[Any]]
) -> None:
    made = {
        _operation(call)["operationId"]
        for generation in ("v4", "v1")
        for call in calls_of(make_config, adapter_with("xt", generation=generation))
    } | {_operation(call)["operationId"] for call in leader_calls}
    assert made == {operation["operationId"] for path in CONTRACT["paths"].values() for operation in path.values()}


@pytest.mark.parametrize("leader_id", ["abc", "0", "007", "-1", str(2**63), "7c6525121a9"])
def test_settings_of_what_can_be_no_account_are_refused_before_anything_is_asked(
    adapter: Adapter, leader_id: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        next(iter(adapter.settings(leader_id)))
    assert (caught.value.field, caught.value.exchange) == ("leader_id", "xt")
