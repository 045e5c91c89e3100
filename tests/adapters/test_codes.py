"""Every code of a product's contract becomes the error that says what to conclude."""

from __future__ import annotations

import inspect
from functools import cache

import pytest
from products import PRODUCTS, contract, examples

from unified_copy import load_adapter, translate
from unified_copy.answers import Refusal
from unified_copy.errors import RateLimitedError, VenueError, VenueUnavailableError
from unified_copy.sandbox import Sandbox
from unified_copy.wire import Response

PAGE = b"<html>no envelope</html>"
ROWS = [(exchange, code) for exchange in PRODUCTS for code in sorted(load_adapter(exchange).codes)]
every_product = pytest.mark.parametrize("exchange", PRODUCTS)
every_code = pytest.mark.parametrize(("exchange", "code"), ROWS)


def _row(exchange: str, code: str) -> Refusal:
    return load_adapter(exchange).codes[code]


def _codes(exchange: str, *, by_status: bool) -> set[str]:
    return {code for code in load_adapter(exchange).codes if code.startswith("HTTP ") is by_status}


@cache
def _sandbox() -> Sandbox:
    return Sandbox(*PRODUCTS)


def _worded(exchange: str, code: str) -> Response:
    """Return the refusal as the venue words it."""
    answer = _sandbox().venue(exchange).refusal(code)
    body, headers = answer.encoded()
    return Response(answer.status, body, {name.lower(): value for name, value in headers.items()})


def _raised(exchange: str, response: Response) -> VenueError:
    """Return what a follow makes of an answer."""
    adapter, config = examples(exchange)[0]
    with pytest.raises(VenueError) as caught:
        translate(config, exchange=adapter).calls[-1].decode(response)
    return caught.value


@every_product
def test_the_codes_are_exactly_those_of_the_contract(exchange: str) -> None:
    assert _codes(exchange, by_status=False) == {str(code) for code in contract(exchange)["x-error-codes"]}


@every_product
def test_the_http_statuses_are_the_refusals_of_the_contract(exchange: str) -> None:
    refusals = {f"HTTP {status}" for status in contract(exchange)["x-http-statuses"] if status.startswith("4")}
    assert _codes(exchange, by_status=True) == refusals


@pytest.mark.parametrize(
    ("exchange", "status"),
    [
        (exchange, status)
        for exchange in PRODUCTS
        for status in sorted(contract(exchange)["x-http-statuses"])
        if (exchange, f"HTTP {status}") not in ROWS
    ],
)
def test_a_status_that_refuses_nothing_is_no_answer(exchange: str, status: str) -> None:
    assert type(_raised(exchange, Response(int(status), PAGE))) is VenueUnavailableError


@every_product
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_code_that_nobody_knows_is_a_refusal_unless_the_venue_broke_down(exchange: str, status: int) -> None:
    known = _worded(exchange, min(_codes(exchange, by_status=False)))
    code = _raised(exchange, known).code
    unknown = known.body.replace(f'"{code}"'.encode(), b'"31337"')
    error = _raised(exchange, Response(status, unknown))
    assert type(error) is (VenueUnavailableError if status == 500 else VenueError)
    assert error.code == "31337"


@every_product
def test_a_code_that_nobody_knows_under_429_is_one_for_too_many_requests(exchange: str) -> None:
    known = _worded(exchange, min(_codes(exchange, by_status=False)))
    unknown = known.body.replace(f'"{_raised(exchange, known).code}"'.encode(), b'"31337"')
    error = _raised(exchange, Response(429, unknown))
    assert type(error) is RateLimitedError
    assert error.retry_safe


@pytest.mark.parametrize("error", sorted({_row(*row).error for row in ROWS}, key=str))
def test_an_error_that_codes_become_says_in_a_sentence_what_to_conclude(error: type[VenueError]) -> None:
    sentence = inspect.getdoc(error) or ""
    assert sentence[:1].isupper()
    assert sentence.endswith(".")
