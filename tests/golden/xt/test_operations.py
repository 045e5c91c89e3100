"""Every golden case of an operation other than a follow: answers in, exact requests and neutral results out.

The cases are data, one file per generation. An amount is compared digit by digit; what a result does not tell is left
out of the case.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from unified_copy import Adapter, Pair
from unified_copy.errors import VenueError
from unified_copy.results import CopiedPosition, Page, Side
from unified_copy.wire import Request, Response

With = Callable[..., Adapter]
Run = Callable[..., tuple[Any, list[Request]]]

CASES: list[dict[str, Any]] = [
    case
    for path in sorted(Path(__file__).parent.glob("*.operations.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))
]


_WRITTEN: dict[Any, Callable[[Any], object]] = {
    Decimal: lambda amount: format(amount, "f"),
    datetime: datetime.isoformat,
    Pair: str,
    enum.Enum: lambda word: word.value,
    frozenset: sorted,
    Mapping: dict,
}


def _name(case: dict[str, Any]) -> str:
    return f"{case['options']['generation']}: {case['operation']}: {case['name']}"


def _argument(value: Any) -> Any:  # noqa: ANN401 (whatever the operation takes)
    """Return an argument: a position is a table, and beside one, text is a price."""
    if isinstance(value, dict):
        symbol = Pair.parse(value["symbol"])
        return CopiedPosition(exchange="xt", side=Side.LONG, **{**value, "symbol": symbol})
    return value


def _plan(adapter: Adapter, case: dict[str, Any]) -> Any:  # noqa: ANN401 (a plan of whatever the operation reads)
    arguments = [_argument(value) for value in case["arguments"]]
    if case["operation"] == "protect":
        arguments[1:] = map(Decimal, arguments[1:])
    made = getattr(adapter, case["operation"])(*arguments)
    if not isinstance(made, tuple):
        return made
    (call,) = made
    assert call.writes
    return call


def _responses(case: dict[str, Any]) -> list[Response]:
    def body(written: str | list[tuple[str, int]]) -> bytes:
        return "".join([written] if isinstance(written, str) else [text * times for text, times in written]).encode()

    return [Response(answer["status"], body(answer["body"])) for answer in case["answers"]]


def _told(value: Any) -> Any:  # noqa: ANN401 (any result, as a case has it)
    """Write a result as a case does, without what it does not tell."""
    if isinstance(value, tuple | list):
        return [_told(each) for each in value]
    if isinstance(value, Page):
        return {"items": _told(value.items), "cursor": value.cursor}
    if attrs.has(type(value)) and not isinstance(value, Pair):
        assert value.exchange == "xt"
        assert value.raw is not None
        told = {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
        return {
            name: _told(each) for name, each in told.items() if each is not None and name not in {"exchange", "raw"}
        }
    for kind, written in _WRITTEN.items():
        if isinstance(value, kind):
            return written(value)
    return value


@pytest.mark.parametrize("case", [case for case in CASES if "error" not in case], ids=_name)
def test_an_answer_is_believed_to_mean_exactly_this(adapter_with: With, run_plan: Run, case: dict[str, Any]) -> None:
    result, _ = run_plan(_plan(adapter_with("xt", **case["options"]), case), _responses(case))
    assert _told(result) == case["result"]


@pytest.mark.parametrize("case", [case for case in CASES if "error" in case], ids=_name)
def test_an_answer_is_exactly_this_error(adapter_with: With, run_plan: Run, case: dict[str, Any]) -> None:
    with pytest.raises(VenueError) as caught:
        run_plan(_plan(adapter_with("xt", **case["options"]), case), _responses(case))
    error, wanted = caught.value, case["error"]
    assert (type(error).__name__, error.code, error.field) == (wanted["class"], wanted["code"], wanted.get("field"))
    assert wanted.get("says", "") in str(error)


@pytest.mark.parametrize("case", [case for case in CASES if "asked" in case and "error" not in case], ids=_name)
def test_it_is_asked_by_exactly_these_requests(adapter_with: With, run_plan: Run, case: dict[str, Any]) -> None:
    _, requests = run_plan(_plan(adapter_with("xt", **case["options"]), case), _responses(case))
    assert [f"{request.method} {request.target}" for request in requests] == case["asked"]
    assert b"".join(request.body for request in requests).decode() == case.get("body", "")
    assert all(bool(request.headers) == bool(request.body) for request in requests)
