"""Every golden list: a page of rows in, and what is believed of it out; the cases are data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from unified_copy import Adapter, load_adapter
from unified_copy.errors import VenueError
from unified_copy.pairs import Pair
from unified_copy.results import Side
from unified_copy.wire import Request, Response

Run = Callable[..., tuple[Any, list[Request]]]

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "golden" / "okx" / "lists.json").read_text(encoding="utf-8")
)
GOOD = [case for case in CASES if "error" not in case]
BAD = [case for case in CASES if "error" in case]


def _read(run_plan: Run, case: dict[str, Any]) -> tuple[Any, list[Request]]:
    adapter: Adapter = load_adapter("okx")()
    read = getattr(adapter, case["operation"])
    plan = read(case["cursor"]) if case["operation"] == "leaders" else read(case["leader_id"], case["cursor"])
    answers = [
        Response(
            told["status"],
            (body if isinstance(body := told["body"], str) else "".join(text * n for text, n in body)).encode(),
        )
        for told in case["answers"]
    ]
    return run_plan(plan, answers)


def _written(row: Any) -> dict[str, Any]:  # noqa: ANN401 (any of the results)
    shown = {field.name: getattr(row, field.name) for field in attrs.fields(type(row))}
    return {name: _word(value) for name, value in shown.items() if name not in {"raw", "handle"} and value is not None}


def _word(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Side):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    return format(value, "f") if isinstance(value, Decimal) else str(value) if isinstance(value, Pair) else value


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["name"])
def test_a_page_is_believed_to_mean_exactly_this(run_plan: Run, case: dict[str, Any]) -> None:
    page, requests = _read(run_plan, case)
    assert [_written(row) for row in page.items] == case["items"]
    assert page.cursor == case["next"]
    if case["asked"]:
        assert [f"{request.method} {request.target}" for request in requests] == case["asked"]


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["name"])
def test_a_page_that_cannot_be_read_is_exactly_this_error(run_plan: Run, case: dict[str, Any]) -> None:
    with pytest.raises(VenueError) as caught:
        _read(run_plan, case)
    assert type(caught.value).__name__ == case["error"]


def test_a_row_keeps_the_venue_s_own(run_plan: Run) -> None:
    page, _ = _read(run_plan, GOOD[0])
    assert page.items[0].raw["uplRatio"] == "-0.1028"


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 30
