"""What XT futures answers to reads, and exactly what is believed of it; the cases are data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import pytest

from unified_copy import Adapter, Pair, load_adapter
from unified_copy.errors import VenueError
from unified_copy.results import Page
from unified_copy.wire import Response

Run = Callable[..., tuple[Any, Any]]

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "golden" / "xt-futures" / "reads.json").read_text(encoding="utf-8")
)
ARGUMENTS = {
    "leaders": {"cursor": None},
    "positions": {"leader_id": None, "cursor": None},
    "history": {"leader_id": None, "cursor": None},
}


@pytest.fixture
def adapter() -> Adapter:
    return load_adapter("xt-futures")()


def _told(run_plan: Run, adapter: Adapter, case: dict[str, Any]) -> tuple[Any, list[str]]:
    arguments = {**ARGUMENTS.get(case["operation"], {}), **case["arguments"]}
    answers = [Response(answer["status"], answer["body"].encode()) for answer in case["answers"]]
    told, requests = run_plan(getattr(adapter, case["operation"])(**arguments), answers)
    return told, [f"{request.method} {request.target}" for request in requests]


def _written(value: object) -> object:
    """Write a result as data, without what the venue did not tell."""
    if isinstance(value, Page):
        return {"items": _written(value.items), "cursor": value.cursor}
    if isinstance(value, tuple | frozenset):
        return [_written(each) for each in (value if isinstance(value, tuple) else sorted(value))]
    kind: Any = type(value)
    if attrs.has(kind) and kind is not Pair:
        named = {field.name: getattr(value, field.name) for field in attrs.fields(kind)}
        return {
            name: _written(told)
            for name, told in named.items()
            if told is not None and name not in {"exchange", "raw", "handle"}
        }
    return _word(value)


def _word(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Pair):
        return str(value)
    return format(value, "f") if isinstance(value, Decimal) else value


def _cases(key: str) -> list[Any]:
    return [pytest.param(case, id=f"{case['operation']}: {case['name']}") for case in CASES if key in case]


@pytest.mark.parametrize("case", _cases("result"))
def test_an_answer_is_believed_to_mean_exactly_this(run_plan: Run, adapter: Adapter, case: dict[str, Any]) -> None:
    told, _ = _told(run_plan, adapter, case)
    assert _written(told) == case["result"]


@pytest.mark.parametrize("case", _cases("asked"))
def test_it_is_read_by_exactly_these_requests(run_plan: Run, adapter: Adapter, case: dict[str, Any]) -> None:
    assert _told(run_plan, adapter, case)[1] == case["asked"]


@pytest.mark.parametrize("case", _cases("error"))
def test_an_answer_that_cannot_be_read_is_an_error(run_plan: Run, adapter: Adapter, case: dict[str, Any]) -> None:
    with pytest.raises(VenueError) as caught:
        _told(run_plan, adapter, case)
    assert type(caught.value).__name__ == case["error"]


def test_every_result_comes_with_the_venue_s_own_row(run_plan: Run, adapter: Adapter) -> None:
    seen = set()
    for case in CASES:
        if "result" in case:
            told, _ = _told(run_plan, adapter, case)
            rows = told.items if isinstance(told, Page) else told if isinstance(told, tuple) else (told,)
            assert all(row.raw for row in rows)
            assert {row.exchange for row in rows} <= {"xt-futures"}
            seen |= {type(row) for row in rows}
    assert len(seen) == 5
