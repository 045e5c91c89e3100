"""Every golden case of rows and of writes besides following: the exact request, and what is believed of the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from unified_copy import Adapter, OnStop, load_adapter
from unified_copy.adapter import Call, Plan
from unified_copy.errors import VenueUnavailableError
from unified_copy.pairs import Pair
from unified_copy.results import KEEP, CopiedPosition, Page, Price, Side
from unified_copy.wire import JSON, Request, Response

Run = Callable[..., tuple[Any, list[Request]]]
Case = Mapping[str, Any]

CASES = Path(__file__).parents[2] / "golden" / "bitget-spot"
SPOT: Adapter = load_adapter("bitget-spot")()


def _cases(kind: str) -> list[Any]:
    cases = json.loads((CASES / f"{kind}.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in cases]


def _plan(case: Case) -> Plan[Any]:
    plans: dict[str, Callable[[], Plan[Any]]] = {
        "leaders": lambda: SPOT.leaders(case["cursor"]),
        "positions": lambda: SPOT.positions(case["leader_id"], case["cursor"]),
        "history": lambda: SPOT.history(case["leader_id"], case["cursor"]),
        "symbols": lambda: SPOT.symbols(case["leader_id"]),
    }
    return plans[case["operation"]]()


def _calls(case: Case) -> tuple[Call[None], ...]:
    if case["operation"] == "unfollow":
        on_stop = OnStop(case["on_stop"]) if "on_stop" in case else None
        return SPOT.unfollow(case["leader_id"], on_stop, None)
    position = CopiedPosition(
        exchange="bitget-spot",
        position_id="1062518112337358849",
        symbol=Pair.parse(case["symbol"]),
        side=Side.LONG,
    )
    if case["operation"] == "close":
        return SPOT.close(position)
    return SPOT.protect(position, *map(_price, case["prices"]))


def _price(written: str | None) -> Price:
    if written == "keep":
        return KEEP
    return None if written is None else Decimal(written)


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Side) else str(value)


def _row(item: Any) -> dict[str, object]:  # noqa: ANN401 (rows of every kind)
    assert item.exchange == "bitget-spot"
    told = {field.name: getattr(item, field.name) for field in attrs.fields(type(item)) if field.name != "raw"}
    return {name: _written(value) for name, value in told.items() if (value and name != "exchange") or value == 0}


def _described(result: Page[Any] | Iterable[Any]) -> object:
    if isinstance(result, Page):
        return {"items": [_row(item) for item in result.items], "cursor": result.cursor}
    return [str(item.symbol) for item in result]


@pytest.mark.parametrize("case", [case for case in _cases("reading.rows") if "page" in case.values[0]])
def test_rows_are_believed_to_mean_exactly_this(run_plan: Run, case: Case) -> None:
    result, _ = run_plan(_plan(case), [Response(200, case["body"].encode())])
    assert _described(result) == case["page"]


@pytest.mark.parametrize("case", [case for case in _cases("reading.rows") if "error" in case.values[0]])
def test_rows_that_cannot_be_read_are_no_answer(run_plan: Run, case: Case) -> None:
    with pytest.raises(VenueUnavailableError) as caught:
        run_plan(_plan(case), [Response(200, case["body"].encode())])
    assert case["error"] in str(caught.value)


@pytest.mark.parametrize("case", [case for case in _cases("reading.rows") if "asked" in case.values[0]])
def test_rows_are_asked_for_by_exactly_this(run_plan: Run, case: Case) -> None:
    _, (request,) = run_plan(_plan(case), [Response(200, case["body"].encode())])
    assert f"{request.method} {request.target}" == case["asked"]


@pytest.mark.parametrize("case", [case for case in _cases("reading.rows") if "page" in case.values[0]])
def test_the_venues_own_row_stays_reachable(run_plan: Run, case: Case) -> None:
    result, _ = run_plan(_plan(case), [Response(200, case["body"].encode())])
    items = result.items if isinstance(result, Page) else result
    data = json.loads(case["body"])["data"]
    rows = data if isinstance(data, list) else next((list_ for list_ in data.values() if isinstance(list_, list)), [])
    assert [item.raw for item in items] == rows[: len(items)]


@pytest.mark.parametrize("case", _cases("acting.writes"))
def test_a_write_is_exactly_this_request(case: Case) -> None:
    (call,) = _calls(case)
    assert call.writes
    assert call.request == Request("POST", case["path"], "", JSON, case["body"].encode())
