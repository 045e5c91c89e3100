"""Every golden case beyond following: exact requests out, and what is believed of the answers.

A result is written as the neutral row has it, without what is ``None``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import pytest

from unified_copy import OnStop, Pair, load_adapter
from unified_copy.adapter import Call
from unified_copy.errors import VenueError
from unified_copy.results import KEEP, CopiedPosition, Finding, Page, Side
from unified_copy.wire import Request, Response

Run = Callable[..., tuple[Any, list[Request]]]
HERE = Path(__file__).parent


def _cases(kind: str) -> list[Any]:
    text = (HERE / f"operations.{kind}.json").read_text(encoding="utf-8")
    return [pytest.param(case, id=f"{case['operation']}: {case['name']}") for case in json.loads(text)]


def _response(answer: Mapping[str, Any]) -> Response:
    return Response(answer["status"], answer["body"].encode())


# ------------------------------------------------------------------ results in the words of a file


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Pair):
        return str(value)
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    return sorted(value) if isinstance(value, frozenset) else value


def _row(row: Any) -> dict[str, object]:  # noqa: ANN401 (any of the neutral rows)
    assert row.exchange == "bitget"
    assert row.raw
    fields = [field.name for field in attrs.fields(type(row)) if field.name not in {"exchange", "raw"}]
    return {name: _written(value) for name in fields if (value := getattr(row, name)) is not None}


def _described(result: object, expected: Mapping[str, Any]) -> object:
    if "findings" in expected:
        assert isinstance(result, tuple)
        findings: Iterable[Finding] = result
        return {"findings": [f"{each.topic} {each.level.value}: {each.told}" for each in findings]}
    if not isinstance(result, Page):
        assert isinstance(result, tuple)
        return {"items": [_row(row) for row in result]}
    items = {"count": len(result.items)} if "count" in expected else {"items": [_row(row) for row in result.items]}
    return {**items, "cursor": result.cursor}


def _plan(case: Mapping[str, Any]) -> Any:  # noqa: ANN401 (a plan of whatever the case reads)
    adapter = load_adapter("bitget")()
    arguments: dict[str, tuple[Any, ...]] = {
        "positions": (case.get("leader_id"), case.get("cursor")),
        "history": (case.get("leader_id"), case.get("cursor")),
        "leaders": (case.get("cursor"),),
        "symbols": (None,),
        "check": (),
    }
    return getattr(adapter, case["operation"])(*arguments[case["operation"]])


def _calls(case: Mapping[str, Any]) -> tuple[Call[None], ...]:
    adapter = load_adapter("bitget")()
    if case["operation"] == "unfollow":
        return adapter.unfollow(case["leader_id"], OnStop(case["on_stop"]) if "on_stop" in case else None, None)
    told = case["position"]
    position = CopiedPosition(
        exchange="bitget",
        position_id=told["position_id"],
        symbol=Pair.parse(told["symbol"]),
        side=Side(told["side"]),
        handle=told["handle"],
    )
    if case["operation"] == "close":
        return adapter.close(position)
    return adapter.protect(position, _price(case["take_profit_price"]), _price(case["stop_loss_price"]))


def _price(written: str | None) -> Any:  # noqa: ANN401 (a price, None or KEEP)
    if written == "keep":
        return KEEP
    return None if written is None else Decimal(written)


# ------------------------------------------------------------------ the tests


@pytest.mark.parametrize("case", [case for case in _cases("reads") if "result" in case.values[0]])
def test_answers_are_believed_to_mean_exactly_this(run_plan: Run, case: dict[str, Any]) -> None:
    result, requests = run_plan(_plan(case), map(_response, case["answers"]))
    assert _described(result, case["result"]) == case["result"]
    assert [f"{request.method} {request.target}" for request in requests] == case["asked"]


@pytest.mark.parametrize("case", [case for case in _cases("reads") if "error" in case.values[0]])
def test_answers_are_exactly_this_error(run_plan: Run, case: dict[str, Any]) -> None:
    with pytest.raises(VenueError) as caught:
        run_plan(_plan(case), map(_response, case["answers"]))
    assert (type(caught.value).__name__, caught.value.code) == (case["error"]["class"], case["error"]["code"])
    assert case["error"].get("says", "") in str(caught.value)


@pytest.mark.parametrize("case", [case for case in _cases("reads") if case.values[0]["operation"] == "check"])
def test_a_finding_tells_no_id_and_no_address(run_plan: Run, case: dict[str, Any]) -> None:
    findings, _ = run_plan(_plan(case), map(_response, case["answers"]))
    text = repr(findings)
    assert not any(secret in text for secret in ("4711471147", "8150815081", "203.0.113.9", "secretish"))


@pytest.mark.parametrize("case", [case for case in _cases("reads") if case.values[0]["operation"] == "check"])
def test_a_finding_that_is_not_fine_says_what_to_do(run_plan: Run, case: dict[str, Any]) -> None:
    findings, _ = run_plan(_plan(case), map(_response, case["answers"]))
    assert all(bool(finding.advice) == (finding.level.value != "fine") for finding in findings)


@pytest.mark.parametrize("case", _cases("writes"))
def test_a_write_is_exactly_this_request(case: dict[str, Any]) -> None:
    (call,) = _calls(case)
    request = call.request
    told = {"method": request.method, "path": request.path, "query": request.query, "body": request.body.decode()}
    assert told == case["request"]
    assert call.writes


@pytest.mark.parametrize("case", _cases("writes"))
def test_the_answer_to_a_write_is_exactly_this(case: dict[str, Any]) -> None:
    (call,) = _calls(case)
    if "error" not in case:
        call.decode(_response(case["answer"]))
        return
    with pytest.raises(VenueError) as caught:
        call.decode(_response(case["answer"]))
    assert (type(caught.value).__name__, caught.value.code) == (case["error"]["class"], case["error"]["code"])
