"""Every adapter keeps to the contract of its product and says something about every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from products import PRODUCTS, contract, examples

from unified_copy import Adapter, FollowSettings, load_adapter, translate
from unified_copy.adapter import Call, Operation
from unified_copy.errors import ConfigError
from unified_copy.model import FIELD_NAMES

every_product = pytest.mark.parametrize("exchange", PRODUCTS)


def _calls(exchange: str) -> list[Call[Any]]:
    """Return the calls that an adapter makes without having been answered anything."""
    found: dict[tuple[str, str], Call[Any]] = {}
    for adapter, config in examples(exchange):
        for call in (*translate(config, exchange=adapter).calls, *_others(adapter, config.leader_id)):
            found.setdefault((call.request.method, call.request.path), call)
    return list(found.values())


def _others(adapter: Adapter, leader_id: str) -> Iterator[Call[Any]]:
    if clock := adapter.time():
        yield clock
    asked: Mapping[Operation, tuple[object, ...]] = {
        Operation.SETTINGS: (leader_id,),
        Operation.LEADERS: (None,),
        Operation.POSITIONS: (leader_id, None),
        Operation.HISTORY: (leader_id, None),
        Operation.SYMBOLS: (leader_id,),
        Operation.LEADER: (leader_id,),
        Operation.CHECK: (),
        Operation.UNFOLLOW: (
            leader_id,
            None,
            FollowSettings(exchange=adapter.name, leader_id=leader_id, active=True),
        ),
    }
    for operation in asked.keys() & adapter.operations:
        try:
            calls = getattr(adapter, operation.value)(*asked[operation])
            yield from calls if operation is Operation.UNFOLLOW else [next(iter(calls))]
        except ConfigError:
            # This product answers the question for all leaders only, or not to this generation.
            continue


def _written(exchange: str, call: Call[Any]) -> Mapping[str, Any]:
    """Return what the contract says about a call."""
    operation: Mapping[str, Any] = contract(exchange)["paths"][call.request.path][call.request.method.lower()]
    return operation


@every_product
def test_the_hosts_are_those_of_the_contract(exchange: str) -> None:
    assert list(load_adapter(exchange).hosts) == [server["url"] for server in contract(exchange)["servers"]]


@every_product
def test_following_and_reading_back_can_be_done(exchange: str) -> None:
    assert load_adapter(exchange).operations >= {Operation.FOLLOW, Operation.SETTINGS}


@every_product
def test_every_form_says_something_about_every_field(exchange: str) -> None:
    for fields in load_adapter(exchange).forms.values():
        assert {*fields, "venue"} == set(FIELD_NAMES)


@every_product
def test_every_refusal_that_is_declared_says_why(exchange: str) -> None:
    for fields in load_adapter(exchange).forms.values():
        assert all(support.refusal.reason for support in fields.values() if support.takes is not None)


@every_product
def test_every_form_is_taken_by_a_golden_config(exchange: str) -> None:
    assert {adapter.form(config) for adapter, config in examples(exchange)} == set(load_adapter(exchange).forms)


@every_product
def test_no_call_is_made_more_often_than_the_contract_allows(exchange: str) -> None:
    for call in _calls(exchange):
        allowed = _written(exchange, call)["x-rate-limit"]
        assert call.limit.requests / call.limit.seconds <= allowed["requests"] / allowed["seconds"], call.request


@every_product
def test_calls_are_counted_as_the_contract_counts_them(exchange: str) -> None:
    for call in _calls(exchange):
        assert call.limit.per == _written(exchange, call)["x-rate-limit"]["per"], call.request


@every_product
def test_calls_are_signed_where_the_contract_asks_for_it(exchange: str) -> None:
    for call in _calls(exchange):
        assert call.signed is bool(_written(exchange, call)["security"]), call.request


@every_product
def test_what_only_asks_writes_nothing(exchange: str) -> None:
    for call in _calls(exchange):
        assert call.request.method != "GET" or not call.writes, call.request


@every_product
def test_a_call_carries_no_secret_before_it_is_signed(exchange: str) -> None:
    assert {name for call in _calls(exchange) for name in call.request.headers} <= {"Content-Type"}
