"""What OKX's signature has beyond what every venue's has: a time in words, and a query signed as it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from products import vectors

from unified_copy import Credentials, load_adapter
from unified_copy.wire import Request
from unified_copy_okx.sign import iso


def _headers(query: str) -> dict[str, Any]:
    request = Request("GET", "/x", query)
    return dict(load_adapter("okx")().sign(request, Credentials("k", "s", "p"), now_ms=1_700_000_000_000).headers)


@pytest.mark.parametrize(
    ("now_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1607418537715, "2020-12-08T09:08:57.715Z"),
        (1709251199999, "2024-02-29T23:59:59.999Z"),
    ],
)
def test_times_have_milliseconds_and_end_in_z(now_ms: int, text: str) -> None:
    assert iso(now_ms) == text


@pytest.mark.parametrize("vector", vectors("okx"), ids=lambda vector: vector["name"])
def test_the_time_that_is_signed_is_the_one_that_is_sent(vector: dict[str, Any]) -> None:
    assert iso(vector["now_ms"]) == vector["timestamp"]


def test_the_headers_beside_the_signature_are_these() -> None:
    headers = _headers("")
    del headers["OK-ACCESS-SIGN"]
    assert headers == {
        "OK-ACCESS-KEY": "k",
        "OK-ACCESS-TIMESTAMP": "2023-11-14T22:13:20.000Z",
        "OK-ACCESS-PASSPHRASE": "p",
    }


def test_a_query_is_signed_as_it_is_encoded() -> None:
    assert _headers("a=%2C")["OK-ACCESS-SIGN"] != _headers("a=,")["OK-ACCESS-SIGN"]
