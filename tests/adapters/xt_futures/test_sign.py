"""Requests are signed as the futures host of XT verifies them, and nothing else about them changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.pretty import pretty_repr

from unified_copy import Credentials, load_adapter
from unified_copy.wire import FORM, Request

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "xt-futures.json").read_text(encoding="utf-8")
)
HIDDEN = Credentials("hidden-key", "hidden-secret", "hidden-phrase")


def _request(vector: dict[str, Any]) -> Request:
    given = vector["request"]
    headers = {"Content-Type": given["content_type"]} if given["content_type"] else {}
    return Request(given["method"], given["path"], given["query"], headers, given["body"].encode())


def _signed(vector: dict[str, Any]) -> Request:
    credentials = Credentials(**vector["credentials"])
    return load_adapter("xt-futures")().sign(_request(vector), credentials, now_ms=vector["now_ms"])


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
    adapter = load_adapter("xt-futures")()
    first, second = (adapter.sign(request, HIDDEN, now_ms=now_ms).headers["validate-signature"] for now_ms in (1, 2))
    assert first != second


@pytest.mark.parametrize("show", [repr, str, pretty_repr], ids=["repr", "str", "rich"])
def test_a_signed_request_shows_no_secret(show: Callable[[object], str]) -> None:
    signed = load_adapter("xt-futures")().sign(_request(VECTORS[0]), HIDDEN, now_ms=1_700_000_000_000)
    shown = show(signed)
    assert "hidden" not in shown
    assert signed.headers["validate-signature"] not in shown


def test_the_headers_are_the_three_that_xt_needs() -> None:
    signed = load_adapter("xt-futures")().sign(Request("GET", "/x"), HIDDEN, now_ms=1_700_000_000_000)
    signature = signed.headers["validate-signature"]
    assert signed.headers == {
        "validate-appkey": "hidden-key",
        "validate-timestamp": "1700000000000",
        "validate-signature": signature,
    }


def test_the_method_is_not_signed() -> None:
    adapter = load_adapter("xt-futures")()
    signatures = {
        adapter.sign(Request(method, "/x"), HIDDEN, now_ms=1).headers["validate-signature"]
        for method in ("GET", "POST")
    }
    assert len(signatures) == 1


def test_a_query_is_signed_as_it_reads_and_sent_as_it_is_encoded() -> None:
    adapter = load_adapter("xt-futures")()
    encoded = adapter.sign(Request("GET", "/x", "symbols=a_usdt%2Cb_usdt"), HIDDEN, now_ms=1)
    plain = adapter.sign(Request("GET", "/x", "symbols=a_usdt,b_usdt"), HIDDEN, now_ms=1)
    assert encoded.query == "symbols=a_usdt%2Cb_usdt"
    assert encoded.headers["validate-signature"] == plain.headers["validate-signature"]


def test_a_form_is_signed_as_it_reads_and_sent_as_it_is_encoded() -> None:
    adapter = load_adapter("xt-futures")()
    encoded, plain = (
        adapter.sign(Request("POST", "/x", "", FORM, body), HIDDEN, now_ms=1)
        for body in (b"symbols=%E9%BE%99%E8%99%BE_usdt", "symbols=\u9f99\u867e_usdt".encode())
    )
    assert encoded.body == b"symbols=%E9%BE%99%E8%99%BE_usdt"
    assert encoded.headers["validate-signature"] == plain.headers["validate-signature"]
