"""Requests are signed as their venue verifies them, and nothing else about them changes.

The vectors are data, one file per product or per venue, computed by something that is not the adapter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from products import PRODUCTS, contract, vectors

from unified_copy import Credentials, load_adapter
from unified_copy.errors import CredentialsError
from unified_copy.wire import FORM, JSON, Request

Vector = Mapping[str, Any]

HIDDEN = Credentials("hidden-key", "hidden-secret", "hidden-phrase")
NOW_MS = 1_700_000_000_000
METHOD_NOT_SIGNED = {"xt-futures"}
VECTORS = [
    pytest.param(exchange, vector, id=f"{exchange}: {vector['name']}")
    for exchange in PRODUCTS
    for vector in vectors(exchange)
]
every_vector = pytest.mark.parametrize(("exchange", "vector"), VECTORS)
every_product = pytest.mark.parametrize("exchange", PRODUCTS)


def _request(vector: Vector) -> Request:
    given = vector["request"]
    media_type = given.get("content_type", JSON["Content-Type"] if given["body"] else "")
    headers = {"Content-Type": media_type} if media_type else {}
    return Request(given["method"], given["path"], given["query"], headers, given["body"].encode())


def _signed(exchange: str, request: Request, credentials: Credentials = HIDDEN, *, now_ms: int = NOW_MS) -> Request:
    return load_adapter(exchange)().sign(request, credentials, now_ms=now_ms)


def _as_in(exchange: str, vector: Vector) -> Request:
    return _signed(exchange, _request(vector), Credentials(**vector["credentials"]), now_ms=vector["now_ms"])


def _added(exchange: str, request: Request, *, now_ms: int = NOW_MS) -> dict[str, str]:
    """Return the headers that signing adds."""
    headers = _signed(exchange, request, now_ms=now_ms).headers
    return {name: value for name, value in headers.items() if name not in request.headers}


# ------------------------------------------------------------------ every product


@every_vector
def test_the_signature_is_the_one_of_an_independent_source(exchange: str, vector: Vector) -> None:
    assert vector["signature"] in _as_in(exchange, vector).headers.values()


@every_product
def test_the_headers_are_those_of_the_contract(exchange: str) -> None:
    schemes = contract(exchange)["components"]["securitySchemes"].values()
    assert set(_added(exchange, Request("GET", "/x"))) == {scheme["name"] for scheme in schemes}


@every_product
def test_the_method_is_signed_where_the_venue_signs_it(exchange: str) -> None:
    differs = _added(exchange, Request("GET", "/x")) != _added(exchange, Request("POST", "/x"))
    assert differs is (exchange not in METHOD_NOT_SIGNED)


@pytest.mark.parametrize("exchange", [name for name in PRODUCTS if "passphrase" in vectors(name)[0]["credentials"]])
def test_signing_without_a_passphrase_names_the_variable_that_is_missing(exchange: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        _signed(exchange, Request("GET", "/x"), Credentials("hidden-key", "hidden-secret"))
    venue = exchange.partition("-")[0]
    assert caught.value.exchange in {exchange, venue}
    assert caught.value.missing == (f"{venue.upper()}_API_PASSPHRASE",)
    assert "hidden" not in str(caught.value)


# ------------------------------------------------------------------ what single venues want beyond that


@pytest.mark.parametrize(
    ("exchange", "headers"),
    [
        (
            "bitget",
            {
                "ACCESS-KEY": "hidden-key",
                "ACCESS-TIMESTAMP": "1700000000000",
                "ACCESS-PASSPHRASE": "hidden-phrase",
            },
        ),
        (
            "xt",
            {
                "validate-algorithms": "HmacSHA256",
                "validate-appkey": "hidden-key",
                "validate-recvwindow": "5000",
                "validate-timestamp": "1700000000000",
            },
        ),
        ("xt-futures", {"validate-appkey": "hidden-key", "validate-timestamp": "1700000000000"}),
    ],
)
def test_the_headers_beside_the_signature_are_these(exchange: str, headers: dict[str, str]) -> None:
    assert headers.items() < _added(exchange, Request("GET", "/x")).items()


@pytest.mark.parametrize("exchange", ["bitget", "xt", "xt-futures"])
def test_a_query_is_signed_as_it_reads_and_sent_as_it_is_encoded(exchange: str) -> None:
    encoded, plain = (Request("GET", "/x", f"symbols=a_usdt{comma}b_usdt") for comma in ("%2C", ","))
    assert _signed(exchange, encoded).query == "symbols=a_usdt%2Cb_usdt"
    assert _added(exchange, encoded) == _added(exchange, plain)


def test_a_form_is_signed_as_it_reads_and_sent_as_it_is_encoded() -> None:
    encoded, plain = (
        Request("POST", "/x", "", FORM, body)
        for body in (b"symbols=%E9%BE%99%E8%99%BE_usdt", "symbols=龙虾_usdt".encode())
    )
    assert _signed("xt-futures", encoded).body == b"symbols=%E9%BE%99%E8%99%BE_usdt"
    assert _added("xt-futures", encoded) == _added("xt-futures", plain)
