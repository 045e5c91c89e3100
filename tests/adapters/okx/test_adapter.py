"""The adapter of OKX keeps to OKX's contract and says what it can do."""

from __future__ import annotations

from products import contract

from unified_copy import load_adapter
from unified_copy.adapter import Operation
from unified_copy_okx import wire

ENDPOINTS = [each for each in vars(wire).values() if isinstance(each, wire.Endpoint)]


def test_the_endpoints_are_those_of_the_contract_with_their_limits() -> None:
    told = {path: next(iter(item.values()))["x-rate-limit"] for path, item in contract("okx")["paths"].items()}
    assert {each.path: (each.limit.requests, each.limit.seconds, each.limit.per) for each in ENDPOINTS} == {
        path: (limit["requests"], limit["seconds"], limit["per"]) for path, limit in told.items()
    }


def test_following_and_unfollowing_read_first_and_unfollowing_takes_its_time() -> None:
    adapter = load_adapter("okx")
    assert adapter.reads_before == {Operation.FOLLOW, Operation.UNFOLLOW}
    assert adapter.unfollows_later
    assert adapter.after_unfollow
