"""What ``check`` advises: what the code that Bitget refuses with can be helped by, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from unified_copy import load_adapter
from unified_copy.adapter import Call
from unified_copy.results import Finding, Level
from unified_copy.testing.plans import run_plan
from unified_copy.wire import Response

DATA = {
    "/api/v2/public/time": {"serverTime": "1755453552033"},
    "/api/v2/spot/account/info": {"authorities": ["ttor", "ttow"], "traderType": "not_trader", "ips": "203.0.113.9"},
}


def _problems(exchange: str, refused: str, status: int, body: bytes) -> list[Finding]:
    """Return the problems that are found where calls with ``refused`` in their path are answered so."""

    def answer(call: Call[Any]) -> object:
        if refused not in call.request.path:
            return call.decode(Response(200, json.dumps({"code": "00000", "data": DATA[call.request.path]}).encode()))
        return call.decode(Response(status, body))

    return [found for found in run_plan(load_adapter(exchange)().check(), answer) if found.level is Level.PROBLEM]


@pytest.mark.parametrize("exchange", ["bitget", "bitget-spot"])
@pytest.mark.parametrize("refused", ["-follower/query-traders", "/api/v2/"], ids=["copy trading", "everything"])
@pytest.mark.parametrize(
    ("code", "topic", "advice"),
    [
        ("40085", "account", "classic account"),
        ("40199", "account", "another account"),
        ("31031", "account", "another account"),
        ("31044", "account", "another account"),
        ("40731", "account", "whether this account can copy"),
        ("40035", "account", "proof of identity"),
        ("40024", "account", "freeze"),
        ("40103", "account", "region"),
        ("40014", "permissions", "read and write copy trading"),
        ("40025", "permissions", "read and write copy trading"),
        ("22010", "addresses", "bind the key"),
        ("40018", "addresses", "bind the key"),
        ("40038", "addresses", "bind the key"),
        ("40012", "key", "passphrase"),
        ("40036", "key", "passphrase"),
        ("40037", "key", "key, secret and passphrase"),
        ("40099", "key", "demo key"),
        ("40110", "key", "demo mode"),
        ("40008", "clock", "clock of this machine"),
        ("45001", "venue", "try again later"),
    ],
)
def test_a_refusal_is_advised_on_by_its_code(exchange: str, refused: str, code: str, topic: str, advice: str) -> None:
    body = json.dumps({"code": code, "msg": "of 203.0.113.9", "data": None}).encode()
    (problem,) = _problems(exchange, refused, 400, body)
    assert problem.topic == topic
    assert advice in problem.advice
    assert "203.0.113.9" not in problem.told


def test_a_page_of_a_gateway_is_no_matter_of_the_key() -> None:
    (problem,) = _problems("bitget", "/api/v2/", 403, b"<html>403</html>")
    assert problem.topic == "venue"
    assert "region" in problem.advice


@pytest.mark.parametrize("code", ["31057", "43062"])
def test_nothing_copied_yet_is_no_problem(code: str) -> None:
    assert not _problems("bitget", "query-traders", 400, json.dumps({"code": code, "data": None}).encode())
