"""Answers are believed as they stand: nothing is talked into another type, and no answer is no refusal."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest
from msgspec import UNSET, UnsetType

from unified_copy.answers import Answers, Reading, Refusal
from unified_copy.errors import (
    ClockError,
    ConfigError,
    RateLimitedError,
    SettingsRejectedError,
    VenueError,
    VenueUnavailableError,
)
from unified_copy.wire import Response

CODES = {
    "1": Refusal(SettingsRejectedError, "too small", "sizing"),
    "2": Refusal(RateLimitedError, "too many"),
    "3": Refusal(ClockError, "too old"),
    "4": Refusal(VenueUnavailableError, "busy"),
    "HTTP 418": Refusal(VenueError, "a teapot"),
    "HTTP 429": Refusal(RateLimitedError, "too many"),
}


@attrs.frozen(kw_only=True)
class Shown:
    """Stand for what some venue shows."""

    text: str
    truth: bool = False
    count: int = 0
    amount: Decimal | None = None
    note: str | UnsetType = UNSET
    anything: object = None
    names: list[str] | None = None


@attrs.frozen(kw_only=True)
class AllOptional:
    """Stand for what some venue shows, where it may leave everything out."""

    note: str | UnsetType = UNSET
    anything: object = None


@pytest.fixture
def answers() -> Answers:
    return Answers(exchange="third", codes=CODES)


def _read(answers: Answers, body: str) -> Shown:
    return answers.json(Response(200, body.encode()), Shown)


def test_an_answer_becomes_the_class_asked_for(answers: Answers) -> None:
    shown = _read(answers, '{"text":"x","truth":true,"count":9007199254740993,"amount":0.10,"note":"n","names":["a"]}')
    assert shown == Shown(text="x", truth=True, count=9007199254740993, amount=Decimal("0.10"), note="n", names=["a"])


def test_keys_that_nobody_asked_for_are_ignored(answers: Answers) -> None:
    assert _read(answers, '{"text":"x","new":{"deep":[1]}}') == Shown(text="x")


@pytest.mark.parametrize("value", ["null", '"text"', "7", "true", '{"a":[1.5]}', "[]"])
def test_what_may_be_anything_is_taken_as_it_is(answers: Answers, value: str) -> None:
    shown = _read(answers, f'{{"text":"x","anything":{value}}}')
    assert shown.anything == Response(200, value.encode()).json()


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('"dark"', "dark"),
        ("7", "7"),
        ("9007199254740993", "9007199254740993"),
        ("0.10", "0.10"),
        ("1E-7", "0.0000001"),
        ('""', UNSET),
        ("null", UNSET),
        ('"0"', "0"),
    ],
)
def test_an_optional_text_may_come_as_a_number_and_is_unset_when_empty(
    answers: Answers, value: str, read: object
) -> None:
    assert _read(answers, f'{{"text":"x","note":{value}}}').note == read


@pytest.mark.parametrize(
    ("value", "read"),
    [("0.10", "0.10"), ("7", "7"), ('"0.5"', "0.5"), ("1E+2", "1E+2"), ('"1e3"', "1E+3")],
)
def test_a_number_may_come_as_digits(answers: Answers, value: str, read: str) -> None:
    assert _read(answers, f'{{"text":"x","amount":{value}}}').amount == Decimal(read)


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "null",
        '"text"',
        '{"text":7}',
        '{"text":null}',
        '{"text":true}',
        '{"text":"x","truth":"false"}',
        '{"text":"x","truth":0}',
        '{"text":"x","truth":null}',
        '{"text":"x","count":true}',
        '{"text":"x","count":"7"}',
        '{"text":"x","count":7.0}',
        '{"text":"x","amount":"many"}',
        '{"text":"x","amount":true}',
        '{"text":"x","amount":[1]}',
        '{"text":"x","amount":"NaN"}',
        '{"text":"x","amount":"Infinity"}',
        '{"text":"x","note":true}',
        '{"text":"x","note":{"a":1}}',
        '{"text":"x","names":[1]}',
        '{"text":"x","names":7}',
        '{"text":"x","names":"ab"}',
        '{"text":"x","names":{"a":1}}',
    ],
)
def test_an_answer_in_another_form_is_no_answer(answers: Answers, body: str) -> None:
    with pytest.raises(VenueUnavailableError) as caught:
        _read(answers, body)
    assert caught.value.code == "HTTP 200"
    assert "no documented form" in caught.value.meaning


@pytest.mark.parametrize("body", ['"note"', '"anything"', "[]", '["note"]', "null", "7"])
def test_what_is_no_object_is_no_answer_even_where_every_key_is_optional(answers: Answers, body: str) -> None:
    with pytest.raises(VenueUnavailableError):
        answers.json(Response(200, body.encode()), AllOptional)


def test_an_answer_that_is_no_json_is_no_answer(answers: Answers) -> None:
    with pytest.raises(VenueUnavailableError) as caught:
        _read(answers, "<html>")
    assert (caught.value.code, caught.value.http_status, caught.value.exchange) == ("HTTP 200", 200, "third")


def test_rows_are_read_together_with_the_venue_s_own_words(answers: Answers) -> None:
    rows = [{"text": "a", "new": 1}, {"text": "b"}]
    read = answers.rows(Response(200), rows, Shown, lambda shown, raw: (shown.text, raw))
    assert read == (("a", rows[0]), ("b", rows[1]))


@pytest.mark.parametrize("row", [{"text": 7}, {"text": "x"}])
def test_a_row_that_cannot_be_read_makes_the_answer_no_answer(answers: Answers, row: object) -> None:
    def number(shown: Shown, _raw: object) -> int:
        return int(shown.text)

    with pytest.raises(VenueUnavailableError) as caught:
        answers.rows(Response(200), [{"text": "7"}, row], Shown, number)
    assert "no documented form" in caught.value.meaning


def test_a_known_code_is_the_error_of_the_table(answers: Answers) -> None:
    error = answers.refusal("1", Response(200), "min 10")
    assert type(error) is SettingsRejectedError
    assert (error.code, error.meaning, error.venue_message) == ("1", "too small", "min 10")
    assert (error.field, error.http_status, error.retry_safe) == ("sizing", 200, False)


def test_an_unknown_code_is_a_refusal_all_the_same(answers: Answers) -> None:
    error = answers.refusal("99", Response(400))
    assert (type(error), error.code, error.meaning) == (VenueError, "99", "")


def test_an_unknown_code_means_what_the_status_means_that_it_came_under(answers: Answers) -> None:
    error = answers.refusal("99", Response(429, b"", {"retry-after": "7"}), "slow down")
    assert isinstance(error, RateLimitedError)
    assert (error.code, error.meaning, error.venue_message) == ("99", "too many", "slow down")
    assert (error.retry_after, error.retry_safe) == (7.0, True)


@pytest.mark.parametrize("status", [500, 502, 599])
def test_an_unknown_code_of_a_failing_server_is_no_refusal(answers: Answers, status: int) -> None:
    assert type(answers.refusal("99", Response(status))) is VenueUnavailableError


def test_a_refusal_of_a_failing_server_is_not_believed(answers: Answers) -> None:
    error = answers.refusal("1", Response(500))
    assert (type(error), error.code, error.meaning) == (VenueUnavailableError, "1", "too small")


def test_a_failing_server_is_believed_where_it_says_that_it_looked_at_nothing(answers: Answers) -> None:
    assert type(answers.refusal("HTTP 429", Response(503))) is RateLimitedError


@pytest.mark.parametrize(("code", "safe"), [("1", False), ("2", True), ("3", True), ("4", False)])
def test_only_what_was_refused_unseen_may_be_repeated(answers: Answers, code: str, *, safe: bool) -> None:
    assert answers.refusal(code, Response(200)).retry_safe is safe


@pytest.mark.parametrize(
    ("header", "pause", "wait"),
    [
        ("7", None, 7.0),
        ("0", 1.0, 0.0),
        (None, 1.0, 1.0),
        (None, None, None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0, 1.0),
        ("-5", 1.0, 1.0),
        ("\u0663", None, None),
        ("", 2.0, 2.0),
    ],
)
def test_the_wait_after_too_many_requests_is_what_the_answer_says_or_the_adapter_knows(
    header: str | None, pause: float | None, wait: float | None
) -> None:
    headers = {} if header is None else {"retry-after": header}
    error = Answers(exchange="third", codes=CODES, pause=pause).refusal("2", Response(429, b"", headers))
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == wait


def test_an_answer_without_a_code_goes_by_its_http_status(answers: Answers) -> None:
    error = answers.unusable(Response(418), "no json")
    assert (type(error), error.code, error.meaning) == (VenueError, "HTTP 418", "a teapot")


@pytest.mark.parametrize("status", [200, 302, 400, 500, 503])
def test_an_answer_with_neither_code_nor_known_status_is_no_answer(answers: Answers, status: int) -> None:
    error = answers.unusable(Response(status), "no json")
    assert (type(error), error.code, error.meaning) == (VenueUnavailableError, f"HTTP {status}", "no json")


@pytest.mark.parametrize("status", [201, 204, 302, 400, 418, 429, 500])
def test_success_under_another_status_is_no_answer_even_where_the_status_is_a_refusal(
    answers: Answers, status: int
) -> None:
    answers.confirm_status(Response(200))
    with pytest.raises(VenueUnavailableError) as caught:
        answers.confirm_status(Response(status))
    assert (caught.value.code, caught.value.http_status, caught.value.retry_safe) == (f"HTTP {status}", status, False)


def test_a_reading_returns_what_was_read() -> None:
    reading = Reading()
    assert reading.field("stop_loss", "20", lambda: Decimal("0.2")) == Decimal("0.2")
    assert reading.unread == {}


@pytest.mark.parametrize(
    "failure",
    [ConfigError("x", "y"), KeyError("x"), ValueError("x"), TypeError("x"), ArithmeticError("x")],
    ids=lambda failure: type(failure).__name__,
)
def test_a_reading_notes_the_venue_s_words_where_it_cannot_read_them(failure: Exception) -> None:
    def read() -> None:
        raise failure

    reading = Reading()
    assert reading.field("stop_loss", "twenty", read) is None
    assert reading.unread == {"stop_loss": "twenty"}


@pytest.mark.parametrize("told", [1767225600123, "1767225600123"])
def test_a_clock_is_read_as_a_number_or_as_digits(answers: Answers, told: str | int) -> None:
    assert answers.clock(Response(200), told) == 1_767_225_600_123


@pytest.mark.parametrize(
    "told",
    [
        0,
        -1767225600123,
        1767225600,
        1767225600123456,
        10**400,
        "",
        "1767225600.23",
        "١٧٦٧٢٢٥٦٠٠١٢٣",
        " 767225600123",
        "now",
    ],
)
def test_a_clock_that_counts_no_milliseconds_is_no_answer(answers: Answers, told: str | int) -> None:
    with pytest.raises(VenueUnavailableError, match="where milliseconds belong"):
        answers.clock(Response(200), told)


@pytest.mark.parametrize("number", ["1E+999999999", "-1e-999999999", "1e99999"])
def test_a_number_too_long_to_be_written_out_is_no_answer(answers: Answers, number: str) -> None:
    for body in (f'{{"text": "a", "amount": {number}}}', f'{{"text": "a", "note": {number}}}'):
        with pytest.raises(VenueUnavailableError, match="no documented form"):
            _read(answers, body)
