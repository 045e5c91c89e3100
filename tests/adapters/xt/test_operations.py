"""What XT cannot be told is refused by name, and what a check finds says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from unified_copy import Adapter, OnStop, Pair, load_adapter
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.results import KEEP, CopiedPosition, Level, Price, Side
from unified_copy.wire import Request, Response
from unified_copy_xt.codes import CODES

With = Callable[..., Adapter]
Run = Callable[..., tuple[Any, list[Request]]]
Refusal = Callable[[Callable[[], object]], ConfigError]

POSITION = CopiedPosition(
    exchange="xt",
    position_id="6216559590087220101",
    symbol=Pair("BTC", "USDT"),
    side=Side.LONG,
    handle={"leaderOrderId": "370800430378335424", "symbol": "btc_usdt"},
)


def _success(result: object) -> Response:
    return Response(200, json.dumps({"rc": 0, "mc": "SUCCESS", "ma": [], "result": result}).encode())


def _refusal(code: str) -> Response:
    return Response(200, json.dumps({"rc": 1, "mc": code, "ma": [], "result": None}).encode())


CLOCK = _success({"serverTime": 1_718_000_000_123})
NOT_FOUND = Response(404, b"404 page not found")


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize("on_stop", OnStop)
def test_what_becomes_of_positions_cannot_be_told(refusal_of: Refusal, on_stop: OnStop) -> None:
    error = refusal_of(lambda: load_adapter("xt")().unfollow("7", on_stop, None))
    assert isinstance(error, UnsupportedError)
    assert (error.field, error.exchange) == ("on_stop", "xt")


def test_what_xt_does_by_itself_is_said_to_be_unknown() -> None:
    assert "does not document" in load_adapter("xt").after_unfollow


@pytest.mark.parametrize("leader_id", ["abc", "0", "007", str(2**63)])
@pytest.mark.parametrize("ask", ["unfollow", "symbols", "leader"])
def test_what_can_be_no_account_is_refused_before_anything_is_asked(
    adapter_with: With, refusal_of: Refusal, ask: str, leader_id: str
) -> None:
    adapter = adapter_with("xt", generation="v1")
    arguments: tuple[Any, ...] = (leader_id, None, None) if ask == "unfollow" else (leader_id,)
    error = refusal_of(lambda: getattr(adapter, ask)(*arguments))
    assert (error.field, error.exchange) == ("leader_id", "xt")


@pytest.mark.parametrize("ask", ["positions", "history"])
def test_copies_of_one_leader_cannot_be_asked_for(refusal_of: Refusal, ask: str) -> None:
    error = refusal_of(lambda: getattr(load_adapter("xt")(), ask)("7", None))
    assert isinstance(error, UnsupportedError)
    assert (error.field, error.exchange) == ("leader_id", "xt")
    assert ask in error.reason


def test_a_leader_of_the_drafted_generation_cannot_be_looked_at(refusal_of: Refusal) -> None:
    error = refusal_of(lambda: load_adapter("xt")().leader("7"))
    assert isinstance(error, UnsupportedError)
    assert "generation='v1'" in error.reason
    assert "XT_GENERATION=v1" in error.reason


@pytest.mark.parametrize(
    ("take_profit", "stop_loss", "field", "told"),
    [
        (Decimal(2), KEEP, "stop_loss_price", "keep the other"),
        (KEEP, Decimal(1), "take_profit_price", "keep the other"),
        (None, Decimal(1), "take_profit_price", "cancel one"),
        (Decimal(2), None, "stop_loss_price", "cancel one"),
        (None, None, "take_profit_price", "cancel one"),
    ],
)
def test_a_protection_that_would_have_to_be_left_out_is_refused(
    refusal_of: Refusal, take_profit: Price, stop_loss: Price, field: str, told: str
) -> None:
    error = refusal_of(lambda: load_adapter("xt")().protect(POSITION, take_profit, stop_loss))
    assert isinstance(error, UnsupportedError)
    assert (error.field, error.exchange) == (field, "xt")
    assert told in error.reason


@pytest.mark.parametrize(
    "handle",
    [
        {},
        {"symbol": "btc_usdt"},
        {"leaderOrderId": "1"},
        {"leaderOrderId": "", "symbol": "btc_usdt"},
        {"leaderOrderId": "0", "symbol": "btc_usdt"},
        {"leaderOrderId": "x1", "symbol": "btc_usdt"},
        {"leaderOrderId": "\u0661", "symbol": "btc_usdt"},
        {"leaderOrderId": str(2**63), "symbol": "btc_usdt"},
        {"leaderOrderId": "9" * 5000, "symbol": "btc_usdt"},
    ],
    ids=lambda handle: ",".join(f"{name}={value[:20]}" for name, value in handle.items()) or "nothing",
)
def test_a_position_without_the_order_of_its_leader_can_be_neither_closed_nor_protected(
    refusal_of: Refusal, handle: dict[str, str]
) -> None:
    position, adapter = attrs.evolve(POSITION, handle=handle), load_adapter("xt")()
    for refused in (lambda: adapter.close(position), lambda: adapter.protect(position, Decimal(2), Decimal(1))):
        error = refusal_of(refused)
        assert isinstance(error, UnsupportedError)
        assert (error.field, error.exchange) == ("position", "xt")


# ------------------------------------------------------------------ checking


def _checked(
    run_plan: Run, adapter: Adapter, *answers: Response
) -> tuple[dict[str, tuple[Level, str, str]], list[str]]:
    findings, requests = run_plan(adapter.check(), answers)
    return {each.topic: (each.level, each.told, each.advice) for each in findings}, [each.path for each in requests]


@pytest.mark.parametrize("status", ["FOLLOWER", "NONE"])
def test_an_account_that_may_follow_is_told_so(adapter_with: With, run_plan: Run, status: str) -> None:
    found, asked = _checked(run_plan, adapter_with("xt", generation="v1"), CLOCK, _success(status))
    assert asked == ["/v4/public/time", "/v1/copy-trade-account/copy-trade/user-status"]
    levels = {topic: level for topic, (level, _, _) in found.items()}
    assert levels == {
        "clock": Level.FINE,
        "generation": Level.FINE,
        "key": Level.FINE,
        "permissions": Level.WARNING,
        "account": Level.FINE,
    }
    assert "2024-06-10 06:13:20 UTC" in found["clock"][1]
    assert "may not withdraw" in found["permissions"][2]


@pytest.mark.parametrize(("status", "level"), [("LEADER", Level.PROBLEM), ("SUPERVISOR", Level.WARNING)])
def test_an_account_of_another_kind_is_told_so(run_plan: Run, status: str, level: Level) -> None:
    found, _ = _checked(run_plan, load_adapter("xt")(), CLOCK, _success(status))
    assert found["account"][0] is level


@pytest.mark.parametrize(
    ("code", "topic", "advice"),
    [
        ("AUTH_105", "clock", "clock"),
        ("AUTH_103", "key", "secret"),
        ("AUTH_102", "key", "active"),
        ("AUTH_104", "access", "addresses"),
        ("AUTH_106", "access", "permissions"),
        ("GATEWAY_0001", "access", "risk control"),
        ("COMMON_002", "venue", "later"),
        ("NEW_CODE", "venue", "later"),
    ],
)
def test_a_refusal_says_what_to_do_about_it(run_plan: Run, code: str, topic: str, advice: str) -> None:
    found, _ = _checked(run_plan, load_adapter("xt")(), CLOCK, _refusal(code))
    assert found[topic][0] is Level.PROBLEM
    assert code in found[topic][1]
    assert (CODES[code].meaning if code in CODES else "not documented") in found[topic][1]
    assert advice in found[topic][2]


@pytest.mark.parametrize(("asked", "other"), [("v4", "v1"), ("v1", "v4")])
@pytest.mark.parametrize("answer", [_success("NONE"), _refusal("AUTH_103")])
def test_the_generation_that_answers_is_named(
    adapter_with: With, run_plan: Run, asked: str, other: str, answer: Response
) -> None:
    found, _ = _checked(run_plan, adapter_with("xt", generation=asked), CLOCK, NOT_FOUND, answer)
    assert found["generation"][0] is Level.PROBLEM
    assert f"{other} answers" in found["generation"][1]
    assert f"XT_GENERATION={other}" in found["generation"][2]


def test_a_host_with_neither_generation_is_the_wrong_one(run_plan: Run) -> None:
    found, _ = _checked(run_plan, load_adapter("xt")(), CLOCK, NOT_FOUND, NOT_FOUND)
    assert "neither" in found["generation"][1]
    assert "base_urls" in found["generation"][2]


@pytest.mark.parametrize("answer", [Response(502, b"<html>"), Response(429), _refusal("COMMON_002")])
def test_a_generation_that_gives_no_answer_is_not_said_to_answer(run_plan: Run, answer: Response) -> None:
    found, _ = _checked(run_plan, load_adapter("xt")(), CLOCK, NOT_FOUND, answer)
    level, told, advice = found["generation"]
    assert level is Level.PROBLEM
    assert "v1 could not be asked" in told
    assert "later" in advice


def test_a_clock_that_cannot_be_read_is_no_end_of_the_check(run_plan: Run) -> None:
    found, _ = _checked(run_plan, load_adapter("xt")(), Response(503, b"<html>"), _success("NONE"))
    assert found["clock"][0] is Level.WARNING
    assert found["account"][0] is Level.FINE
