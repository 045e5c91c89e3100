"""Requests are sent as they stand and show no secret; JSON is exact in both directions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec import UNSET, Struct, UnsetType
from rich.pretty import pretty_repr

from unified_copy.wire import Request, Response, encode, encode_query, json_number

SIGNED = Request("GET", "/v1/orders", "signature=hidden1&id=7", {"X-Signature": "hidden2"}, b"hidden3")


class Order(Struct, frozen=True, kw_only=True):
    """Stand for what some venue is sent."""

    zeta: str
    alpha: str | UnsetType = UNSET
    middle: int


def test_the_target_of_a_request_is_its_path_and_query() -> None:
    assert SIGNED.target == "/v1/orders?signature=hidden1&id=7"


def test_the_target_of_a_request_without_query_has_no_question_mark() -> None:
    assert Request("GET", "/v1/orders").target == "/v1/orders"


def test_a_request_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        SIGNED.path = "/elsewhere"  # type: ignore[misc]


def test_the_repr_of_a_request_names_what_is_sent_without_its_values() -> None:
    assert repr(SIGNED) == "Request(GET /v1/orders, query=['signature', 'id'], headers=['X-Signature'], 7 body bytes)"


def test_the_repr_of_a_request_without_query_names_no_parameter() -> None:
    assert "query=[]" in repr(Request("GET", "/v1/orders"))


def test_a_request_shows_no_secret_when_rich_prints_it() -> None:
    assert "hidden" not in pretty_repr(SIGNED)


def test_a_request_inside_another_value_shows_no_secret() -> None:
    assert "hidden" not in repr([SIGNED, {"request": SIGNED}])


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"0.1", Decimal("0.1")),
        (b"0.10", Decimal("0.10")),
        (b"1e3", Decimal("1E+3")),
        (b"1E-7", Decimal("1E-7")),
        (b"1e400", Decimal("1E+400")),
        (b"0.1234567890123456789012345678901234567890", Decimal("0.1234567890123456789012345678901234567890")),
        (b"9007199254740993", 9007199254740993),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b'"0.1"', "0.1"),
        (b"true", True),
        (b"null", None),
        ('{"币": "龙虾"}'.encode(), {"币": "龙虾"}),
        (b' {"a": [1]} \n', {"a": [1]}),
    ],
)
def test_an_answer_is_read_exactly(body: bytes, value: object) -> None:
    assert Response(200, body).json() == value


def test_a_fraction_of_an_answer_keeps_its_zeros() -> None:
    assert str(Response(200, b"0.10").json()) == "0.10"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1} trailing',
        b"<html></html>",
        b"NaN",
        b"Infinity",
        b"\xff",
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        b"01",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"9" * 5000,
        b"1e999999999999999999999",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_an_answer_that_is_not_one_json_document_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Response(200, body).json()


def test_what_is_sent_is_compact_and_keeps_the_order_of_its_attributes() -> None:
    assert encode(Order(zeta="1", alpha="龙虾", middle=2)) == '{"zeta":"1","alpha":"龙虾","middle":2}'.encode()


def test_what_is_unset_is_not_sent() -> None:
    assert encode(Order(zeta="1", middle=2)) == b'{"zeta":"1","middle":2}'


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.0000001", b"0.0000001"),
        ("1E-7", b"0.0000001"),
        ("1E+3", b"1000"),
        ("330", b"330"),
        ("1.50", b"1.50"),
        ("1234567890123456789012345678901234567890", b"1234567890123456789012345678901234567890"),
    ],
)
def test_a_json_number_is_written_in_its_own_digits(number: str, text: bytes) -> None:
    assert encode({"value": json_number(Decimal(number))}) == b'{"value":' + text + b"}"


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({}, ""),
        ({"b": "2", "a": "1"}, "a=1&b=2"),
        ({"symbols": "a_usdt,b_usdt"}, "symbols=a_usdt,b_usdt"),
        ({"name": "张 三"}, "name=%E5%BC%A0%20%E4%B8%89"),
        ({"name": "a&b=c/d?e#f+g"}, "name=a%26b%3Dc%2Fd%3Fe%23f%2Bg"),
    ],
)
def test_a_query_is_sorted_and_encoded_with_its_commas_left_alone(parameters: dict[str, str], query: str) -> None:
    assert encode_query(**parameters) == query


def test_the_repr_of_a_response_leaves_out_what_may_be_secret() -> None:
    response = Response(200, b"secret", {"x-token": "secret"})
    assert repr(response) == "Response(200, headers=['x-token'], 6 body bytes)"
    assert "secret" not in pretty_repr(response)
