"""Requests are signed as OKX verifies them, and nothing else about them changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.pretty import pretty_repr

from unified_copy import Credentials, load_adapter
from unified_copy.errors import CredentialsError
from unified_copy.wire import JSON, Request
from unified_copy_okx.sign import iso

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "okx.json").read_text(encoding="utf-8")
)
HIDDEN = Credentials("hidden-key", "hidden-secret", "hidden-phrase")


def _request(vector: dict[str, Any]) -> Request:
    given = vector["request"]
    headers = JSON if given["body"] else {}
    return Request(given["method"], given["path"], given["query"], headers, given["body"].encode())


def _signed(vector: dict[str, Any]) -> Request:
    credentials = Credentials(**vector["credentials"])
    return load_adapter("okx")().sign(_request(vector), credentials, now_ms=vector["now_ms"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_signature_is_the_one_of_an_independent_source(vector: dict[str, Any]) -> None:
    headers = _signed(vector).headers
    assert (headers["OK-ACCESS-SIGN"], headers["OK-ACCESS-TIMESTAMP"]) == (vector["signature"], vector["timestamp"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signing_leaves_what_is_sent_untouched(vector: dict[str, Any]) -> None:
    request, signed = _request(vector), _signed(vector)
    assert (signed.method, signed.target, signed.body) == (request.method, request.target, request.body)
    assert request.headers.items() <= signed.headers.items()


@pytest.mark.parametrize("show", [repr, str, pretty_repr], ids=["repr", "str", "rich"])
def test_a_signed_request_shows_no_secret(show: Callable[[object], str]) -> None:
    signed = load_adapter("okx")().sign(_request(VECTORS[0]), HIDDEN, now_ms=1_700_000_000_000)
    assert "hidden" not in show(signed)
    assert signed.headers["OK-ACCESS-SIGN"] not in show(signed)


def test_the_headers_are_the_four_of_okx() -> None:
    signed = load_adapter("okx")().sign(Request("GET", "/x"), HIDDEN, now_ms=1_700_000_000_000)
    assert signed.headers == {
        "OK-ACCESS-KEY": "hidden-key",
        "OK-ACCESS-SIGN": signed.headers["OK-ACCESS-SIGN"],
        "OK-ACCESS-TIMESTAMP": "2023-11-14T22:13:20.000Z",
        "OK-ACCESS-PASSPHRASE": "hidden-phrase",
    }


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


def test_signing_without_a_passphrase_names_the_variable_that_is_missing() -> None:
    with pytest.raises(CredentialsError) as caught:
        load_adapter("okx")().sign(Request("GET", "/x"), Credentials("hidden-key", "hidden-secret"), now_ms=1)
    assert (caught.value.exchange, caught.value.missing) == ("okx", ("OKX_API_PASSPHRASE",))
    assert "hidden" not in str(caught.value)
