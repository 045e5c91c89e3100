"""A write is sent once whatever a venue answers, and only the venue's own no is believed to be one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, ClassVar

import attrs
import pytest
from products import PRODUCTS, contract, examples
from scripted_venue import Reply, ScriptedVenue

from unified_copy import Adapter, CopyClient, Credentials, Operation, load_adapter, translate
from unified_copy.adapter import Call
from unified_copy.errors import (
    ClockError,
    Difference,
    OutcomeUnknownError,
    RateLimitedError,
    UnifiedCopyError,
    VenueUnavailableError,
)
from unified_copy.intents import Intent
from unified_copy.sandbox import Sandbox
from unified_copy.settings import FollowSettings
from unified_copy.writes import carry_out

OPEN: Mapping[str, tuple[str, ...]] = {
    "bitget": ("40010", "40015", "40200", "40725", "40908", "40910", "43059", "45001", "80002"),
    "bitget-spot": ("40010", "40015", "40200", "40725", "40908", "40910", "43059", "45001", "80002"),
    "okx": ("50001", "50004", "50013", "50026"),
    "xt": ("COMMON_002", "COMMON_003", "COPY_TRADE_SPOT_000"),
}
"""The codes by which a venue says that it was busy, broke down or gave up, and so not what it did."""
TROUBLE = re.compile(
    r"\b(busy|timed out|tried|upgraded|the system|system error|inner service|unknown error|at the same time)\b"
)


@attrs.frozen(kw_only=True)
class Sending(Intent[FollowSettings]):
    """Send one write, and have no way to look."""

    operation: ClassVar[Operation] = Operation.FOLLOW
    sent: tuple[Call[None], ...]

    def __str__(self) -> str:
        return "do something"

    @property
    def about(self) -> str:
        return "something"

    def calls(self, adapter: Adapter, known: FollowSettings | None) -> tuple[Call[None], ...]:
        assert (adapter.name in PRODUCTS, known) == (True, None)
        return self.sent

    def look(self, adapter: Adapter) -> None:
        assert adapter.name in PRODUCTS

    def differences(self, adapter: Adapter, shown: FollowSettings) -> tuple[Difference, ...]:
        raise NotImplementedError


@cache
def _sandbox() -> Sandbox:
    return Sandbox(*PRODUCTS)


def _codes(exchange: str) -> Iterator[str]:
    return (code for code in sorted(load_adapter(exchange).codes) if not code.startswith("HTTP "))


async def _write(venue: ScriptedVenue, exchange: str, answer: Reply) -> tuple[UnifiedCopyError, int]:
    """Return what a write comes to that is answered so, and how often it arrived."""
    adapter, config = examples(exchange)[0]
    calls = translate(config, exchange=adapter).calls
    path = calls[-1].request.path
    venue.on(path, answer)
    before = len(venue.sent(path))
    credentials = {exchange: Credentials("key-0005", "secret-0005", "passphrase-0005")}
    async with CopyClient(credentials=credentials, base_urls={exchange: venue.url}) as client:
        with pytest.raises(UnifiedCopyError) as caught:
            await carry_out(client._account, adapter, Sending(sent=calls), None)
    return caught.value, len(venue.sent(path)) - before


@pytest.fixture
def _never_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unified_copy.account.PATIENCE", -1.0)


@pytest.mark.usefixtures("_never_patient")
@pytest.mark.parametrize("exchange", PRODUCTS)
async def test_whatever_code_answers_a_write_it_is_sent_once_and_no_trouble_of_the_venue_is_a_refusal(
    venue: ScriptedVenue, exchange: str
) -> None:
    became: dict[str, tuple[type[Exception], int]] = {}
    expected: dict[str, tuple[type[Exception], int]] = {}
    for code in _codes(exchange):
        answer = _sandbox().venue(exchange).refusal(code)
        body, headers = answer.encoded()
        error, sends = await _write(venue, exchange, Reply(body, status=answer.status, headers=headers))
        became[code] = (type(error), sends)
        kind = load_adapter(exchange).codes[code].error
        expected[code] = (OutcomeUnknownError if kind is VenueUnavailableError else kind, 1)
    assert became == expected


@pytest.mark.parametrize(("exchange", "code"), [(name, code) for name, codes in OPEN.items() for code in codes])
def test_a_code_by_which_a_venue_leaves_open_what_it_did_is_no_refusal(exchange: str, code: str) -> None:
    assert load_adapter(exchange).codes[code].error is VenueUnavailableError


@pytest.mark.parametrize("exchange", PRODUCTS)
def test_a_code_that_the_contract_describes_as_trouble_of_the_venue_is_no_refusal(exchange: str) -> None:
    rows: Mapping[str, Any] = contract(exchange)["x-error-codes"]
    trouble = {str(code) for code, row in rows.items() if TROUBLE.search(row["meaning"])}
    codes = load_adapter(exchange).codes
    assert {code for code in trouble if codes[code].error is not VenueUnavailableError} == set()


@pytest.mark.parametrize("exchange", PRODUCTS)
def test_only_codes_that_say_nothing_was_done_may_have_a_write_sent_again(exchange: str) -> None:
    again = {
        code
        for code, row in load_adapter(exchange).codes.items()
        if issubclass(row.error, RateLimitedError | ClockError)
    }
    rows: Mapping[str, Any] = contract(exchange)["x-error-codes"]
    told = {code: str(rows[code]["meaning"]) for code in again if not code.startswith("HTTP ")}
    assert {
        code
        for code, meaning in told.items()
        if not re.search("too many|throttl|too often|once in|timestamp|expired", meaning)
    } == set()
    assert {code for code in again if code.startswith("HTTP ")} <= {"HTTP 429"}


@pytest.mark.parametrize("exchange", PRODUCTS)
@pytest.mark.parametrize("status", [500, 502, 503, 504, 200])
@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"[]", b"null", b'{"result": true}', b"\xff"])
async def test_what_is_no_answer_leaves_a_write_unknown(
    venue: ScriptedVenue, exchange: str, status: int, body: bytes
) -> None:
    error, sends = await _write(venue, exchange, Reply(body, status=status))
    assert (type(error), sends) == (OutcomeUnknownError, 1)


async def test_what_is_raised_of_an_unknown_write_holds_the_request_and_no_secret(venue: ScriptedVenue) -> None:
    error, _ = await _write(venue, "bitget", Reply(b"", status=502))
    assert isinstance(error, OutcomeUnknownError)
    assert (error.request.method, error.request.path) == ("POST", "/api/v2/copy/mix-follower/settings")
    assert list(error.request.headers) == ["Content-Type"]
    assert error.observed is None
    assert "HTTP 502" in error.cause
    assert "0005" not in f"{error!r} {error} {error.request.headers} {error.request.body!r}"
