"""Bitget spot signs as every product of Bitget does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from unified_copy import Credentials, FixedAmount, FollowConfig, load_adapter, translate
from unified_copy.wire import JSON, Request

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "bitget.json").read_text(encoding="utf-8")
)
SPOT = load_adapter("bitget-spot")()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_signature_is_the_one_of_an_independent_source(vector: dict[str, Any]) -> None:
    given = vector["request"]
    headers = JSON if given["body"] else {}
    request = Request(given["method"], given["path"], given["query"], headers, given["body"].encode())
    signed = SPOT.sign(request, Credentials(**vector["credentials"]), now_ms=vector["now_ms"])
    assert signed.headers["ACCESS-SIGN"] == vector["signature"]


def test_a_follow_becomes_the_bytes_that_the_independent_source_signed() -> None:
    (vector,) = (each for each in VECTORS if "spot" in each["request"]["path"])
    config = FollowConfig(
        leader_id="abc123",
        sizing=FixedAmount(100),
        symbols=["BTC/USDT"],
        max_position=1000,
        stop_loss="0.1",
        take_profit="0.1",
    )
    (request,) = translate(config, exchange=SPOT).requests
    assert (request.path, request.body.decode()) == (vector["request"]["path"], vector["request"]["body"])
