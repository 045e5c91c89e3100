"""The adapter of OKX keeps to OKX's contract and says what it can do."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import yaml

from unified_copy import FollowConfig, Pair, load_adapter, translate
from unified_copy.adapter import Adapter, Call, Operation
from unified_copy.errors import UnifiedCopyError
from unified_copy.model import FIELD_NAMES
from unified_copy.results import CopiedPosition, Side
from unified_copy_okx import wire

PACKAGE, _, FILE = load_adapter("okx").contract.partition("/")
CONTRACT: dict[str, Any] = yaml.safe_load(files(PACKAGE).joinpath(FILE).read_text(encoding="utf-8"))
ENDPOINTS = [each for each in vars(wire).values() if isinstance(each, wire.Endpoint)]


def _operation(call: Call[Any]) -> dict[str, Any]:
    operation: dict[str, Any] = CONTRACT["paths"][call.request.path][call.request.method.lower()]
    return operation


def _first_calls(plan: Any) -> list[Call[Any]]:  # noqa: ANN401 (any plan)
    """Return the calls that a plan makes when each is refused."""
    steps, calls = iter(plan), []
    try:
        call = next(steps)
        while True:
            calls.append(call)
            call = steps.throw(adapter_error())
    except (StopIteration, UnifiedCopyError):
        return calls


def adapter_error() -> UnifiedCopyError:
    adapter = load_adapter("okx")
    refusal = adapter.codes["59263"]
    return refusal.error(adapter.name, "59263", refusal.meaning)


@pytest.fixture
def calls(make_config: Callable[..., FollowConfig]) -> list[Call[Any]]:
    """Return the calls that the adapter makes."""
    adapter = load_adapter("okx")()
    position = CopiedPosition(exchange="okx", position_id="1", symbol=Pair("BTC", "USDT"), side=Side.LONG)
    plans = [
        adapter.settings("1"),
        adapter.leaders(None),
        adapter.positions(None, None),
        adapter.history(None, None),
        adapter.leader("1"),
        adapter.check(),
    ]
    writes = [
        *translate(make_config(max_total=500), exchange=adapter).calls,
        *adapter.unfollow("1", None, None),
        *adapter.close(position),
        *adapter.protect(position, None, None),
    ]
    return [*writes, *(call for plan in plans for call in _first_calls(plan)), _time(adapter)]


def _time(adapter: Adapter) -> Call[int]:
    call = adapter.time()
    assert call is not None
    return call


def test_the_host_is_the_one_of_the_contract() -> None:
    assert list(load_adapter("okx").hosts) == [server["url"] for server in CONTRACT["servers"]]


def test_every_field_is_spoken_of_and_every_refusal_says_why() -> None:
    for fields in load_adapter("okx").forms.values():
        assert {*fields, "venue"} == set(FIELD_NAMES)
        assert all(support.refusal for support in fields.values() if support.takes is not None)


def test_the_endpoints_are_those_of_the_contract_with_their_limits() -> None:
    told = {path: next(iter(item.values()))["x-rate-limit"] for path, item in CONTRACT["paths"].items()}
    assert {each.path: (each.limit.requests, each.limit.seconds, each.limit.per) for each in ENDPOINTS} == {
        path: (limit["requests"], limit["seconds"], limit["per"]) for path, limit in told.items()
    }


def test_endpoints_do_not_share_a_limit() -> None:
    assert len({each.limit.name for each in ENDPOINTS}) == len(ENDPOINTS)


def test_only_posts_write(calls: list[Call[Any]]) -> None:
    assert {call.request.method for call in calls if call.writes} == {"POST"}
    assert {call.request.method for call in calls if not call.writes} == {"GET"}


def test_only_public_calls_go_without_a_signature(calls: list[Call[Any]]) -> None:
    assert [call.signed for call in calls] == [bool(_operation(call)["security"]) for call in calls]


def test_a_call_carries_no_secret_before_it_is_signed(calls: list[Call[Any]]) -> None:
    assert {name for call in calls for name in call.request.headers} <= {"Content-Type"}


def test_following_and_unfollowing_read_first_and_unfollowing_takes_its_time() -> None:
    adapter = load_adapter("okx")
    assert adapter.reads_before == {Operation.FOLLOW, Operation.UNFOLLOW}
    assert adapter.unfollows_later
    assert adapter.after_unfollow


def test_the_adapter_has_no_options() -> None:
    build: Any = load_adapter("okx")
    with pytest.raises(TypeError):
        build(generation="v1")
