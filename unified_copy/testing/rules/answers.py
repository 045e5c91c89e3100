"""Whether answers are understood as the golden cases say, and anything else ends in an error that can be caught."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from unified_copy.errors import ConfigError, UnifiedCopyError, VenueError
from unified_copy.model import FIELD_NAMES
from unified_copy.testing.broken import broken, require
from unified_copy.testing.rules.rule import Rule
from unified_copy.wire import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unified_copy.testing.subject import Made, Subject

_STATUSES: Final = (200, 204, 302, 400, 401, 403, 404, 429, 500, 503)
_BODIES: Final = (
    b"",
    b"null",
    b"true",
    b"0",
    b'""',
    b"[]",
    b"{}",
    b"[[[]]]",
    b'{"code":null}',
    b'{"data":[{}]}',
    b"[1e999999]",
    b"<html>busy</html>",
    b"\xff\xfe\x00",
    b'{"a":',
    b"[" * 100_000,
)
_LEAVES: Final[tuple[Any, ...]] = (None, True, -1, 10**40, "", "x", [], {}, [None], Decimal("1E+3"))
_UNKNOWN_CODE: Final = "31337"


def _golden(subject: Subject) -> None:
    for case in subject.cases:
        try:
            case.check(subject.adapter_class)
        except UnifiedCopyError as error:
            raise broken(f"{case}: {type(error).__name__}: {error}") from None


def _no_cases(subject: Subject) -> str:
    return "" if subject.cases else "there are no golden cases"


# ------------------------------------------------------------------ anything at all


def _anything_decodes(subject: Subject) -> None:
    for made in subject.made:
        for status in _STATUSES:
            for body in _BODIES:
                _decodes(made, Response(status, body))
        for answer in made.case.responses():
            for body in _spoilt(answer.body):
                _decodes(made, Response(answer.status, body, answer.headers))


def _decodes(made: Made, response: Response) -> None:
    try:
        made.call.decode(response)
    except UnifiedCopyError:
        return
    except Exception as error:  # noqa: BLE001 (any other one is what is looked for)
        told = f"{made}: HTTP {response.status} {response.body[:200]!r} ends in {type(error).__name__}: {error}"
        raise broken(told, made.call.decode) from None


def _spoilt(body: bytes) -> Iterator[bytes]:
    """Yield an answer with one part of it replaced, or left out, at a time."""
    try:
        document = json.loads(body, parse_float=Decimal)
    except ValueError:
        return
    for changed in _changed(document):
        yield json.dumps(changed, default=float).encode()


def _changed(value: Any) -> Iterator[Any]:  # noqa: ANN401 (any JSON)
    yield from _LEAVES
    if isinstance(value, dict):
        for key, inner in value.items():
            yield {name: told for name, told in value.items() if name != key}
            yield from ({**value, key: each} for each in _changed(inner))
    elif isinstance(value, list) and value:
        yield from ([each, *value[1:]] for each in _changed(value[0]))


# ------------------------------------------------------------------ refusals


def _refusals(subject: Subject) -> None:
    """Have the local venue word each code, and see which error it becomes."""
    adapter, config = subject.follows[0]
    call = adapter.follow(config, None)[-1]
    words = subject.venue(adapter).venue
    for code, row in adapter.codes.items():
        if code.startswith("HTTP "):
            response = Response(int(code.removeprefix("HTTP ")), b"<html>no envelope</html>")
        else:
            answer = words.refusal(code)
            response = Response(answer.status, answer.encoded()[0])
        error = _error(call.decode, response)
        told = f"code {code} in HTTP {response.status} becomes {type(error).__name__}"
        require(type(error) is row.error, f"{told}, and is declared {row.error.__name__}", call.decode)
        known = row.field in {None, *FIELD_NAMES}
        require(known, f"code {code} names {row.field!r}, which is not a field of a config", subject.adapter_class)
        require(not issubclass(row.error, ConfigError), f"code {code} becomes an error for what was never sent")
        require(row.meaning.strip(), f"code {code} does not say what it means", subject.adapter_class)
        shown = (getattr(error, "code", None), getattr(error, "field", None))
        require(shown == (code, row.field), f"code {code} becomes an error with code and field {shown}", call.decode)


def _unknown_code(subject: Subject) -> None:
    adapter, config = subject.follows[0]
    call = adapter.follow(config, None)[-1]
    code = next(code for code in adapter.codes if not code.startswith("HTTP "))
    answer = subject.venue(adapter).venue.refusal(code)
    body = answer.encoded()[0].replace(code.encode(), _UNKNOWN_CODE.encode())
    error = _error(call.decode, Response(200, body))
    told = f"an unknown code under HTTP 200 becomes {type(error).__name__}; the venue did say no"
    require(isinstance(error, VenueError), told, call.decode)


def _error(decode: Any, response: Response) -> UnifiedCopyError | None:  # noqa: ANN401 (of any call)
    try:
        decode(response)
    except UnifiedCopyError as error:
        return error
    return None


def _no_venue(subject: Subject) -> str:
    if not subject.follows:
        return "no golden case follows"
    if not subject.adapter_class.venue:
        return "the adapter brings no local venue"
    in_envelopes = any(not code.startswith("HTTP ") for code in subject.adapter_class.codes)
    return "" if in_envelopes else "the adapter declares no codes"


RULES: Final = (
    Rule(
        "A1",
        "Every golden case is sent and understood exactly.",
        "the cases are the agreement about what the venue's words mean",
        _golden,
        _no_cases,
    ),
    Rule(
        "A2",
        "Any bytes as an answer become a result or an error of this library.",
        "an exception of any other kind after a write looks like a refusal, and invites a second send",
        _anything_decodes,
        _no_cases,
    ),
    Rule(
        "A3",
        "Every declared code becomes the error that is declared for it, also under HTTP 200.",
        "users decide by the class of the error what to do next",
        _refusals,
        _no_venue,
    ),
    Rule(
        "A4",
        "A code that nobody knows is no success.",
        "venues add codes, and a refusal taken for success is money lost",
        _unknown_code,
        _no_venue,
    ),
)
