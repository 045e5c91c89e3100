"""What ``check`` finds out about a key and an account, and that it shows no secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from unified_copy import CopyClient, FollowConfig, load_adapter
from unified_copy.results import Finding, Level
from unified_copy.wire import Request, Response
from unified_copy_okx.venue import OkxVenue

Run = Callable[..., tuple[Any, list[Request]]]

ACCOUNT = {"acctLv": "2", "posMode": "long_short_mode", "perm": "read_only,trade", "ip": "203.0.113.7"}
ROLE = {"details": [{"instType": "SPOT", "roleType": "1"}, {"instType": "SWAP", "roleType": "0"}]}


def _answer(row: object, code: str = "0", status: int = 200) -> Response:
    return Response(status, json.dumps({"code": code, "msg": "", "data": [row] if code == "0" else []}).encode())


CLOCK = _answer({"ts": "1767225600123"})


def _found(
    run_plan: Run,
    account: Mapping[str, object] = ACCOUNT,
    role: Mapping[str, object] = ROLE,
    positions: Response | None = None,
) -> dict[str, Finding]:
    answers = [CLOCK, _answer(account), _answer(role), positions or _answer({})]
    found, requests = run_plan(load_adapter("okx")().check(), answers)
    assert {request.method for request in requests} == {"GET"}
    return {finding.topic: finding for finding in found}


async def test_a_good_account_has_no_problem(client: CopyClient, config: FollowConfig) -> None:
    await client.follow(config, exchange="okx")
    found = await client.check(exchange="okx")
    assert {finding.level for finding in found} == {Level.FINE}
    topics = ["clock offset", "clock", "key", "account", "permissions", "role", "allow-list"]
    assert [finding.topic for finding in found] == topics
    assert any("copies" in finding.told for finding in found)


async def test_no_finding_shows_what_is_private(client: CopyClient, venue: OkxVenue) -> None:
    shown = repr(await client.check(exchange="okx"))
    account = await client.check(exchange="okx")
    assert account
    for private in (venue.account_config["ip"], "44705892343619584", "my key", *venue.accounts):
        assert private not in shown


async def test_a_refused_key_ends_the_questions(venue: OkxVenue, client: CopyClient) -> None:
    venue.accounts.clear()
    found = {finding.topic: finding for finding in await client.check(exchange="okx")}
    assert list(found) == ["clock offset", "clock", "key"]
    assert found["key"].level is Level.PROBLEM
    assert "secret" in found["key"].advice


@pytest.mark.parametrize(
    ("change", "topic", "level", "told"),
    [
        ({"acctLv": "1"}, "account", Level.FINE, "spot mode"),
        ({"acctLv": "3"}, "account", Level.PROBLEM, "multi-currency margin"),
        ({"acctLv": "4"}, "account", Level.PROBLEM, "portfolio margin"),
        ({"acctLv": "9"}, "account", Level.WARNING, "does not tell"),
        ({"acctLv": ""}, "account", Level.WARNING, "does not tell"),
        ({"posMode": "net_mode"}, "positions", Level.WARNING, "only one leader"),
        ({"perm": "read_only"}, "permissions", Level.PROBLEM, "read only"),
        ({"perm": "read_only,withdraw,trade"}, "permissions", Level.WARNING, "may withdraw"),
        ({"ip": ""}, "ip", Level.WARNING, "no IP address"),
    ],
)
def test_the_account_is_judged(run_plan: Run, change: dict[str, str], topic: str, level: Level, told: str) -> None:
    finding = _found(run_plan, {**ACCOUNT, **change})[topic]
    assert finding.level is level
    assert told in finding.told


def test_permissions_that_are_not_told_are_not_judged(run_plan: Run) -> None:
    assert "permissions" not in _found(run_plan, {**ACCOUNT, "perm": ""})


@pytest.mark.parametrize(
    ("details", "level"),
    [
        ([{"instType": "SWAP", "roleType": "1"}], Level.PROBLEM),
        ([{"instType": "SWAP", "roleType": "2"}], Level.FINE),
        ([{"instType": "SWAP", "roleType": "7"}], Level.WARNING),
        ([{"instType": "SPOT", "roleType": "2"}], Level.WARNING),
        (None, Level.WARNING),
    ],
)
def test_the_role_is_judged(run_plan: Run, details: object, level: Level) -> None:
    assert _found(run_plan, role={"details": details})["role"].level is level


@pytest.mark.parametrize(
    ("code", "topic", "level", "advice"),
    [
        ("50110", "ip", Level.PROBLEM, "add this IP address"),
        ("50120", "permissions", Level.PROBLEM, "Read and Trade"),
        ("59263", "allow-list", Level.PROBLEM, "ask OKX"),
        ("59282", "allow-list", Level.PROBLEM, "ask OKX"),
        ("59642", "allow-list", Level.PROBLEM, "futures mode"),
        ("59283", "allow-list", Level.PROBLEM, "futures mode"),
        ("59256", "allow-list", Level.PROBLEM, "hedge"),
        ("50026", "allow-list", Level.PROBLEM, "later"),
        ("50102", "clock", Level.PROBLEM, "clock"),
        ("59285", "allow-list", Level.FINE, ""),
        ("59273", "allow-list", Level.FINE, ""),
    ],
)
def test_a_refusal_says_what_to_do(run_plan: Run, code: str, topic: str, level: Level, advice: str) -> None:
    finding = _found(run_plan, positions=_answer(None, code))[topic]
    assert finding.level is level
    assert advice in finding.advice


@pytest.mark.parametrize(
    ("code", "status", "topic"), [("50110", 401, "ip"), ("50120", 200, "permissions"), ("50100", 400, "account")]
)
def test_a_key_that_is_refused_as_a_whole_is_told_once(run_plan: Run, code: str, status: int, topic: str) -> None:
    found, requests = run_plan(load_adapter("okx")().check(), [CLOCK, _answer(None, code, status)])
    assert [(finding.topic, finding.level) for finding in found] == [("clock", Level.FINE), (topic, Level.PROBLEM)]
    assert len(requests) == 2
