"""The end of a follow is signed over its query, as the vendor's own client signs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from unified_copy import Credentials
from unified_copy.registry import resolve
from unified_copy.wire import Request

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "xt.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", [each for each in VECTORS if each["name"].startswith("query of a write")], ids=str)
def test_the_end_of_a_follow_is_signed_as_an_independent_source_signs_it(vector: dict[str, Any]) -> None:
    adapter = resolve("xt", {"generation": vector["name"][-2:]})
    (call,) = adapter.unfollow("5589391507863", None, None)
    assert call.request == Request("POST", vector["request"]["path"], vector["request"]["query"])
    signed = adapter.sign(call.request, Credentials(**vector["credentials"]), now_ms=vector["now_ms"])
    assert signed.headers["validate-signature"] == vector["signature"]
