"""Every adapter keeps to the contract of its product, in what the rules for all adapters leave to each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from products import PRODUCTS, contract, examples, subject

from unified_copy import FollowSettings, load_adapter
from unified_copy.adapter import Call, Operation
from unified_copy.errors import VenueError
from unified_copy.sandbox.schemas import Schemas
from unified_copy.wire import Response, encode

every_product = pytest.mark.parametrize("exchange", PRODUCTS)


def _calls(exchange: str) -> list[Call[Any]]:
    """Return the calls that the golden cases make, each method and path of an operation once."""
    return [made.call for made in subject(exchange).made]


def _written(exchange: str, call: Call[Any]) -> Mapping[str, Any]:
    """Return what the contract says about a call."""
    operation: Mapping[str, Any] = contract(exchange)["paths"][call.request.path][call.request.method.lower()]
    return operation


@every_product
def test_the_hosts_are_those_of_the_contract(exchange: str) -> None:
    assert list(load_adapter(exchange).hosts) == [server["url"] for server in contract(exchange)["servers"]]


@every_product
def test_everything_can_be_done_but_on_bitget_reading_the_profile_of_a_leader(exchange: str) -> None:
    lacking = {Operation.LEADER} if exchange.startswith("bitget") else set()
    assert load_adapter(exchange).operations == set(Operation) - lacking


@every_product
def test_every_call_of_the_contract_is_made(exchange: str) -> None:
    made = {_written(exchange, call)["operationId"] for call in _calls(exchange)}
    assert made == {each["operationId"] for path in contract(exchange)["paths"].values() for each in path.values()}


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
def test_calls_of_different_operations_do_not_share_a_limit(exchange: str) -> None:
    for adapter in subject(exchange).adapters:
        calls = [call for maker, call in subject(exchange).requests() if maker == adapter]
        assert len({call.limit.name for call in calls}) == len({call.request.path for call in calls})


@every_product
def test_what_is_followed_already_matters_only_where_it_is_read_first(exchange: str) -> None:
    for adapter, config in examples(exchange):
        known = FollowSettings(exchange=exchange, leader_id=config.leader_id, active=True)
        start, change = (adapter.follow(config, told) for told in (None, known))
        same = [call.request for call in start] == [call.request for call in change]
        assert same is (Operation.FOLLOW not in adapter.reads_before)


@every_product
def test_a_call_carries_no_secret_before_it_is_signed(exchange: str) -> None:
    assert {name for call in _calls(exchange) for name in call.request.headers} <= {"Content-Type"}


# ------------------------------------------------------------------ the examples of the contract


def _examples(exchange: str, *bodies: Mapping[str, Any]) -> Iterator[tuple[Draft202012Validator, object]]:
    """Yield what stands as an example among the bodies of an operation, and what judges it."""
    schemas = Schemas(contract(exchange))
    for kind in (kind for body in bodies for kind in schemas.resolve(body).get("content", {}).values()):
        for each in kind.get("examples", {}).values():
            yield schemas.validator(kind["schema"]), schemas.resolve(each)["value"]


@every_product
def test_an_example_keeps_to_its_schema(exchange: str) -> None:
    for operation in (each for path in contract(exchange)["paths"].values() for each in path.values()):
        bodies = (operation.get("requestBody", {}), *operation["responses"].values())
        assert all(validator.is_valid(value) for validator, value in _examples(exchange, *bodies)), operation


@every_product
def test_an_example_of_what_is_read_is_understood(exchange: str) -> None:
    for call in (call for call in _calls(exchange) if not call.writes):
        for _, value in _examples(exchange, _written(exchange, call)["responses"]["200"]):
            assert _is_understood(call, Response(200, encode(value))), value


def _is_understood(call: Call[Any], answer: Response) -> bool:
    """Tell whether an answer is taken for a result, or for a refusal by its own code."""
    try:
        call.decode(answer)
    except VenueError as error:
        return not error.code.startswith("HTTP ")
    return True
