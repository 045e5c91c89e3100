"""Requests are signed as XT verifies them, and nothing else about them changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.pretty import pretty_repr

from unified_copy import Credentials, load_adapter
from unified_copy.registry import resolve
from unified_copy.wire import JSON, Request

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "xt.json").read_text(encoding="utf-8")
)
HIDDEN = Credentials("hidden-key", "hidden-secret", "hidden-phrase")


def _request(vector: dict[str, Any]) -> Request:
    given = vector["request"]
    headers = JSON if given["body"] else {}
    return Request(given["method"], given["path"], given["query"], headers, given["body"].encode())


def _signed(vector: dict[str, Any]) -> Request:
    credentials = Credentials(**vector["credentials"])
    return load_adapter("xt")().sign(_request(vector), credentials, now_ms=vector["now_ms"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_signature_is_the_one_of_an_independent_source(vector: dict[str, Any]) -> None:
    assert _signed(vector).headers["validate-signature"] == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signing_leaves_what_is_sent_untouched(vector: dict[str, Any]) -> None:
    request, signed = _request(vector), _signed(vector)
    assert (signed.method, signed.target, signed.body) == (request.method, request.target, request.body)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signing_keeps_the_headers_that_were_there(vector: dict[str, Any]) -> None:
    assert _request(vector).headers.items() <= _signed(vector).headers.items()


def test_signing_again_at_another_time_signs_otherwise() -> None:
    request = _request(VECTORS[0])
    adapter = load_adapter("xt")()
    first, second = (adapter.sign(request, HIDDEN, now_ms=now_ms).headers["validate-signature"] for now_ms in (1, 2))
    assert first != second


@pytest.mark.parametrize("show", [repr, str, pretty_repr], ids=["repr", "str", "rich"])
def test_a_signed_request_shows_no_secret(show: Callable[[object], str]) -> None:
    signed = load_adapter("xt")().sign(_request(VECTORS[0]), HIDDEN, now_ms=1_700_000_000_000)
    shown = show(signed)
    assert "hidden" not in shown
    assert signed.headers["validate-signature"] not in shown


def test_the_headers_are_the_five_of_xt() -> None:
    signed = load_adapter("xt")().sign(Request("GET", "/x"), HIDDEN, now_ms=1_700_000_000_000)
    signature = signed.headers["validate-signature"]
    assert signed.headers == {
        "validate-algorithms": "HmacSHA256",
        "validate-appkey": "hidden-key",
        "validate-recvwindow": "5000",
        "validate-timestamp": "1700000000000",
        "validate-signature": signature,
    }


def test_a_query_is_signed_as_it_reads_and_sent_as_it_is_encoded() -> None:
    adapter = load_adapter("xt")()
    encoded = adapter.sign(Request("GET", "/x", "symbols=a_usdt%2Cb_usdt"), HIDDEN, now_ms=1)
    plain = adapter.sign(Request("GET", "/x", "symbols=a_usdt,b_usdt"), HIDDEN, now_ms=1)
    assert encoded.query == "symbols=a_usdt%2Cb_usdt"
    assert encoded.headers["validate-signature"] == plain.headers["validate-signature"]


@pytest.mark.parametrize("vector", [each for each in VECTORS if each["name"].startswith("query of a write")], ids=str)
def test_the_end_of_a_follow_is_signed_as_an_independent_source_signs_it(vector: dict[str, Any]) -> None:
    adapter = resolve("xt", {"generation": vector["name"][-2:]})
    (call,) = adapter.unfollow("5589391507863", None, None)
    assert call.request == Request("POST", vector["request"]["path"], vector["request"]["query"])
    signed = adapter.sign(call.request, Credentials(**vector["credentials"]), now_ms=vector["now_ms"])
    assert signed.headers["validate-signature"] == vector["signature"]
