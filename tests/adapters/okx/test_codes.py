"""Every code of OKX's contract becomes the error that says what to conclude."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import yaml

from unified_copy import FollowConfig, translate
from unified_copy.errors import ConfigError, VenueError, VenueUnavailableError
from unified_copy.model import FIELD_NAMES
from unified_copy.wire import Response
from unified_copy_okx.codes import CODES

CONTRACT: dict[str, Any] = yaml.safe_load(files("unified_copy_specs").joinpath("okx.yaml").read_text(encoding="utf-8"))
IN_ENVELOPE = sorted(code for code in CODES if not code.startswith("HTTP "))
BY_STATUS = sorted(code for code in CODES if code.startswith("HTTP "))


def _raised(config: FollowConfig, response: Response) -> VenueError:
    (call,) = translate(config, exchange="okx").calls
    with pytest.raises(VenueError) as caught:
        call.decode(response)
    return caught.value


def _envelope(code: str) -> bytes:
    return json.dumps({"code": code, "msg": "told", "data": []}).encode()


def test_the_codes_are_exactly_those_of_the_contract() -> None:
    assert set(IN_ENVELOPE) == {str(code) for code in CONTRACT["x-error-codes"]}


def test_the_http_statuses_are_the_refusals_of_the_contract() -> None:
    refusals = {f"HTTP {status}" for status in CONTRACT["x-http-statuses"] if status.startswith("4")}
    assert set(BY_STATUS) == refusals


@pytest.mark.parametrize("code", IN_ENVELOPE)
def test_a_code_in_the_envelope_becomes_its_error(make_config: Callable[..., FollowConfig], code: str) -> None:
    status = CONTRACT["x-error-codes"][code].get("http", 200)
    error = _raised(make_config(max_total=500), Response(status, _envelope(code)))
    assert type(error) is CODES[code].error
    assert (error.code, error.http_status, error.field) == (code, status, CODES[code].field)


@pytest.mark.parametrize("code", BY_STATUS)
def test_a_status_without_an_envelope_becomes_its_error(make_config: Callable[..., FollowConfig], code: str) -> None:
    error = _raised(make_config(max_total=500), Response(int(code.removeprefix("HTTP ")), b"<html>no envelope</html>"))
    assert type(error) is CODES[code].error
    assert error.code == code


@pytest.mark.parametrize("status", sorted(set(CONTRACT["x-http-statuses"]) - {code[5:] for code in BY_STATUS}))
def test_a_status_that_refuses_nothing_is_no_answer(make_config: Callable[..., FollowConfig], status: str) -> None:
    error = _raised(make_config(max_total=500), Response(int(status), b"<html>no envelope</html>"))
    assert type(error) is VenueUnavailableError


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_says_what_it_means(code: str) -> None:
    assert CODES[code].meaning.strip()


@pytest.mark.parametrize("error", sorted({row.error for row in CODES.values()}, key=str))
def test_an_error_that_codes_become_says_in_a_sentence_what_to_conclude(error: type[VenueError]) -> None:
    sentence = inspect.getdoc(error) or ""
    assert sentence[:1].isupper()
    assert sentence.endswith(".")


@pytest.mark.parametrize("code", sorted(code for code, row in CODES.items() if row.field))
def test_a_code_that_speaks_of_a_field_names_one_of_the_config(code: str) -> None:
    assert CODES[code].field in FIELD_NAMES


def test_a_refusal_by_the_venue_is_no_error_of_the_config() -> None:
    assert not any(issubclass(row.error, ConfigError) for row in CODES.values())
