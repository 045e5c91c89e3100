"""Every golden case: a config in and its exact request out, an answer in and what is believed of it out.

The cases are data, one file per venue, form and direction. A body is text, or a list of texts with how often each is
repeated. An amount is compared digit by digit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from unified_copy import (
    ALL_SYMBOLS,
    Adapter,
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    FollowConfig,
    FollowSettings,
    LeaderLeverage,
    Multiplier,
    PositionLeverage,
    SymbolRule,
    exchanges,
    translate,
)
from unified_copy.errors import RateLimitedError, VenueError
from unified_copy.files import structure_config
from unified_copy.model import FIELD_NAMES
from unified_copy.terms import TERMS
from unified_copy.wire import Request, Response

With = Callable[..., Adapter]
Run = Callable[..., tuple[Any, list[Request]]]

HERE = Path(__file__).parent


def _cases(kind: str) -> list[Any]:
    """Return the cases of every file of one kind, named after their file and themselves."""
    return [
        pytest.param(
            path.parent.name, case, id=f"{path.parent.name}: {path.stem.removesuffix(f'.{kind}')}: {case['name']}"
        )
        for path in sorted(HERE.glob(f"*/*.{kind}.json"))
        for case in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    ]


def _body(written: str | list[tuple[str, int]]) -> bytes:
    return "".join([written] if isinstance(written, str) else [text * times for text, times in written]).encode()


def _responses(case: dict[str, Any]) -> list[Response]:
    return [Response(answer["status"], _body(answer["body"]), answer.get("headers", {})) for answer in case["answers"]]


def _decode(run_plan: Run, adapter: Adapter, case: dict[str, Any]) -> tuple[Any, list[Request]]:
    """Return what ``adapter`` believes of the answers of ``case``, and what it asked for."""
    if case["operation"] == "settings":
        return run_plan(adapter.settings(case["leader_id"]), _responses(case))
    if case["operation"] == "time":
        return run_plan(adapter.time(), _responses(case))
    config = structure_config(case["config"], exchange=adapter.name)
    return run_plan(translate(config, exchange=adapter).calls[0], _responses(case))


# ------------------------------------------------------------------ settings in the words of a file


def _written(value: object) -> object:
    """Write the value of a config field as a file would have it."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, FixedAmount | FixedQuantity | Multiplier):
        return _written_sizing(value)
    if isinstance(value, LeaderLeverage | PositionLeverage):
        return "leader" if isinstance(value, LeaderLeverage) else "position"
    if isinstance(value, FixedLeverage):
        return {"long": format(value.long, "f"), "short": format(value.short, "f")}
    if isinstance(value, tuple):
        return [_written_rule(rule) for rule in value]
    return getattr(value, "value", value)


def _written_sizing(value: FixedAmount | FixedQuantity | Multiplier) -> dict[str, str]:
    if isinstance(value, FixedAmount):
        return {"fixed_amount": format(value.amount, "f")}
    if isinstance(value, FixedQuantity):
        return {"fixed_quantity": format(value.quantity, "f")}
    return {"multiplier": format(value.multiple, "f")}


def _written_rule(rule: SymbolRule) -> object:
    terms = {name: _written(getattr(rule, name)) for name in TERMS if getattr(rule, name) is not None}
    return {"symbol": str(rule.symbol), **terms} if terms else str(rule.symbol)


def _described(settings: FollowSettings) -> dict[str, Any]:
    fields = {
        name: _written(value)
        for name in FIELD_NAMES
        if name != "leader_id" and (value := getattr(settings, name, None)) is not None
    }
    missing = sorted(settings.missing)
    everything = sorted(set(FIELD_NAMES) - {"leader_id"})
    return {
        "active": settings.active,
        "missing": "everything" if missing == everything else missing,
        "unread": dict(settings.unread),
        "fields": fields,
    }


# ------------------------------------------------------------------ the tests


@pytest.mark.parametrize(("exchange", "case"), _cases("requests"))
def test_a_config_becomes_exactly_this_request(adapter_with: With, exchange: str, case: dict[str, Any]) -> None:
    adapter = adapter_with(exchange, **case.get("options", {}))
    config = structure_config(case["config"], exchange=exchange)
    (request,) = translate(config, exchange=adapter).requests
    assert {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "body": request.body.decode(),
    } == case["request"]


@pytest.mark.parametrize(("exchange", "case"), [case for case in _cases("answers") if "error" not in case.values[1]])
def test_an_answer_is_believed_to_mean_exactly_this(
    adapter_with: With, run_plan: Run, exchange: str, case: dict[str, Any]
) -> None:
    result, _ = _decode(run_plan, adapter_with(exchange, **case.get("options", {})), case)
    assert (_described(result) if isinstance(result, FollowSettings) else result) == case["result"]


@pytest.mark.parametrize(("exchange", "case"), [case for case in _cases("answers") if "error" in case.values[1]])
def test_an_answer_is_exactly_this_error(
    adapter_with: With, run_plan: Run, exchange: str, case: dict[str, Any]
) -> None:
    with pytest.raises(VenueError) as caught:
        _decode(run_plan, adapter_with(exchange, **case.get("options", {})), case)
    error = caught.value
    shown = {
        "class": type(error).__name__,
        "code": error.code,
        "field": error.field,
        "http_status": error.http_status,
        "venue_message": error.venue_message,
        "retry_safe": error.retry_safe,
        "retry_after": error.retry_after if isinstance(error, RateLimitedError) else None,
    }
    assert {name: shown[name] for name in case["error"] if name != "says"} == {
        name: value for name, value in case["error"].items() if name != "says"
    }
    assert case["error"].get("says", "") in str(error)


@pytest.mark.parametrize(("exchange", "case"), [case for case in _cases("answers") if "asked" in case.values[1]])
def test_settings_are_read_by_exactly_these_requests(
    adapter_with: With, run_plan: Run, exchange: str, case: dict[str, Any]
) -> None:
    _, requests = _decode(run_plan, adapter_with(exchange, **case.get("options", {})), case)
    assert [f"{request.method} {request.target}" for request in requests] == case["asked"]


@pytest.mark.parametrize("exchange", exchanges())
@pytest.mark.parametrize("kind", ["requests", "answers"])
def test_a_venue_has_cases_enough(exchange: str, kind: str) -> None:
    assert sum(case.values[0] == exchange for case in _cases(kind)) >= 15


def test_the_config_of_a_case_is_read_as_a_file_would_be() -> None:
    config = structure_config({"leader_id": "1", "sizing": {"fixed_amount": "5"}, "symbols": "all"})
    assert config == FollowConfig(leader_id="1", sizing=FixedAmount(5), symbols=ALL_SYMBOLS)
