"""The adapter of XT futures keeps to its contract and says what it can do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
import yaml

from unified_copy import FollowConfig, Pair, load_adapter, translate
from unified_copy.adapter import Call, Operation
from unified_copy.model import FIELD_NAMES
from unified_copy.results import CopiedPosition, Side
from unified_copy.sandbox.document import load_document
from unified_copy.sandbox.schemas import Schemas
from unified_copy.wire import Response
from unified_copy_xt.futures import XtFuturesSettings

Make = Callable[..., FollowConfig]

PACKAGE, _, FILE = load_adapter("xt-futures").contract.partition("/")
CONTRACT: dict[str, Any] = yaml.safe_load(files(PACKAGE).joinpath(FILE).read_text(encoding="utf-8"))


FORM_HEADER = {"content-type": "application/x-www-form-urlencoded"}


def _operation(call: Call[Any]) -> dict[str, Any]:
    operation: dict[str, Any] = CONTRACT["paths"][call.request.path][call.request.method.lower()]
    return operation


def test_the_host_is_the_one_of_the_contract() -> None:
    assert list(load_adapter("xt-futures").hosts) == [server["url"] for server in CONTRACT["servers"]]


def test_everything_can_be_done() -> None:
    assert load_adapter("xt-futures").operations == set(Operation)


def test_every_form_says_something_about_every_field() -> None:
    for fields in load_adapter("xt-futures").forms.values():
        assert set(fields) == set(FIELD_NAMES)


def test_every_path_has_a_limit_of_its_own(calls: list[Call[Any]]) -> None:
    assert len({call.limit.name for call in calls}) == len({call.request.path for call in calls})


def test_every_call_of_the_contract_is_made(calls: list[Call[Any]]) -> None:
    assert {call.request.path for call in calls} == set(CONTRACT["paths"])


def test_every_refusal_that_is_declared_says_why() -> None:
    for fields in load_adapter("xt-futures").forms.values():
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


def test_whatever_writes_is_posted(calls: list[Call[Any]]) -> None:
    assert {call.request.method for call in calls if call.writes} == {"POST"}
    assert {call.request.method for call in calls if not call.writes} == {"GET"}


def test_what_is_public_is_asked_without_a_signature(calls: list[Call[Any]]) -> None:
    assert [call.signed for call in calls] == [bool(_operation(call)["security"]) for call in calls]


def test_a_call_carries_no_secret_before_it_is_signed(calls: list[Call[Any]]) -> None:
    assert {name for call in calls for name in call.request.headers} <= {"Content-Type"}


def _judged() -> list[Any]:
    """Return every example of the contract with the schema that it belongs to."""
    schemas = Schemas(load_document(load_adapter("xt-futures").contract))
    judged = []
    for path, item in CONTRACT["paths"].items():
        for operation in item.values():
            media = [
                *operation.get("requestBody", {}).get("content", {}).values(),
                *operation["responses"]["200"]["content"].values(),
            ]
            for kind in media:
                judged += [
                    pytest.param(
                        schemas.validator(kind["schema"]), schemas.resolve(each)["value"], id=f"{path}: {name}"
                    )
                    for name, each in kind["examples"].items()
                    if "$ref" not in each
                ]
    return judged


@pytest.mark.parametrize(("validator", "value"), _judged())
def test_an_example_of_the_contract_keeps_to_it(validator: Any, value: object) -> None:  # noqa: ANN401 (of jsonschema)
    validator.validate(value)


@pytest.fixture
def calls(make_config: Make) -> list[Call[Any]]:
    """Return one call of each kind that the adapter makes."""
    cls: Any = load_adapter("xt-futures")
    adapter = cls(trigger_price="latest")
    config = make_config(venue=XtFuturesSettings(transfer_from="SPOT"))
    position = CopiedPosition(exchange="xt-futures", position_id="7", symbol=Pair("BTC", "USDT"), side=Side.LONG)
    settings: Any = iter(adapter.settings("7"))
    relation = next(settings)
    followed = settings.send(relation.decode(Response(200, b'{"returnCode":0,"result":{}}')))
    leader: Any = iter(adapter.leader("7"))
    detail = next(leader)
    stats = leader.send(detail.decode(Response(200, b'{"returnCode":0,"result":{}}')))
    plans: list[Any] = [
        adapter.leaders(None),
        adapter.positions(None, None),
        adapter.history(None, None),
        adapter.symbols(None),
        adapter.time(),
    ]
    return [
        *translate(config, exchange=adapter).calls,
        *adapter.unfollow("7", None, None),
        *adapter.close(position),
        *adapter.protect(position, Decimal(2), None),
        relation,
        followed,
        detail,
        stats,
        *plans,
    ]
