"""Answers that no venue documents, and what must hold for each: a result that can be used, or a typed error."""

from __future__ import annotations

import json
import re
import traceback
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import attrs

from fuzzing import corpus
from fuzzing.chance import Chance
from fuzzing.corpus import Question
from unified_copy import FollowSettings
from unified_copy.decimals import plain
from unified_copy.errors import ConfigError, UnifiedCopyError
from unified_copy.settings import differences, unverified
from unified_copy.wire import Request, Response

STATUSES: Final = (200, 200, 200, 201, 204, 301, 302, 400, 401, 403, 404, 418, 429, 429, 500, 502, 503, 504, 520, 599)
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "retry-after": (
        *("abc", "-1", "1e9", "0", "1", "600", "9" * 400, "", " ", "1.5", "NaN", "inf", "²"),
        *("Fri, 31 Dec 9999 23:59:59 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 99 Foo"),
    ),
    "content-type": ("text/html", "application/json; charset=utf-16", "", "a/b/c", "image/png"),
    "content-length": ("-1", "abc", "0"),
    "date": ("never", "Fri, 31 Dec 9999 23:59:59 GMT"),
}
TOKENS: Final = (
    *(b"1e999999", b"-1E+999999999999999999", b"1e-999999999999999999", b"1e99999999999999999999", b"NaN", b"Infinity"),
    *(b"-0", b"0.0", b"00012", b"1.", b".5", b"9" * 5000, b"0." + b"0" * 400 + b"1", b'"\\ud800"', b'"\\u0000"', b"+1"),
    *(
        b'"',
        b"{",
        b"]",
        b"\\",
        b"\xff",
        b"\xed\xa0\x80",
        b"\0",
        b"null",
        b"true",
        b"{}",
        b"[]",
        b'""',
        b'"NaN"',
        b"/**/",
    ),
)
"""What takes the place of a number, or stands anywhere."""
WHOLE: Final = (
    *(
        b"",
        b" ",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b'""',
        b"0",
        b"NaN",
        b"\xef\xbb\xbf{}",
        b"{}{}",
        b"[" * 100_000,
        b'{"a":' * 9_999,
    ),
    *(
        b"<html><title>502</title></html>",
        b"\xff\xfe{\0}\0",
        b"\x1f\x8b\x08",
        b'{"code":"00000","code":"40001"}',
        b"ok",
    ),
)
_NUMBER: Final = re.compile(rb"-?\d+(?:\.\d+)?")
_LONGEST_NUMBER: Final = 1000
_LONGEST_TEXT: Final = 2**16


@attrs.define
class Spoiler:
    """Spoil right answers as a seed says."""

    chance: Chance

    def spoil(self, right: Response) -> Response:
        """Return an answer made from a right one, or from nothing."""
        chance = self.chance
        status = right.status if chance.happens(0.85) else chance.one(STATUSES)
        headers = {name: chance.one(values) for name, values in HEADERS.items() if chance.happens(0.1)}
        return Response(status, self._body(right.body), {**right.headers, **headers})

    def _body(self, right: bytes) -> bytes:
        kind = self.chance.random()
        if kind < 0.05:
            return self.chance.one(WHOLE)
        if kind < 0.1:
            return self.chance.randbytes(self.chance.randrange(200))
        if kind < 0.25:
            return self.text(right)
        try:
            document = json.loads(right)
        except ValueError:
            return self.text(right)
        document = self.chance.tree() if kind < 0.3 else self.spoilt(document)
        return json.dumps(document, ensure_ascii=self.chance.happens(0.9)).encode(errors="surrogatepass")

    def text(self, right: bytes) -> bytes:
        """Return bytes, cut, doubled or overwritten in a part, most often a number."""
        chance = self.chance
        kind, at = chance.randrange(5), chance.randrange(len(right) + 1)
        if kind == 0:
            return right[:at]
        if kind == 1:
            return right + right[:at]
        numbers = list(_NUMBER.finditer(right))
        if kind == 2 or not numbers:
            return right[:at] + chance.one(TOKENS) + right[at + chance.randrange(3) :]
        found = chance.one(numbers)
        return right[: found.start()] + chance.one(TOKENS) + right[found.end() :]

    def spoilt(self, document: Any) -> Any:  # noqa: ANN401 (any JSON)
        """Return a document with a few places changed."""
        spoilt: list[Any] = [deepcopy(document)]
        for _ in range(self.chance.one((1, 1, 1, 2, 3, 8))):
            if places := list(_places(spoilt)):
                self._change(*self.chance.one(places))
        return spoilt[0] if spoilt else None

    def _change(self, holder: Any, key: Any) -> None:  # noqa: ANN401 (any part of a document)
        chance = self.chance
        kind = chance.randrange(10)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, list):
            holder += [holder[key]] * chance.one((1, 2, 100))
        elif kind == 1:
            holder[f"{key}X"] = holder.pop(key)
        elif kind == 2:
            holder[key] = [holder[key]]
        elif kind == 3:
            holder[key] = {"a": holder[key]}
        elif kind == 4:
            value = holder[key]
            holder[key] = value[::-1] if isinstance(value, str | list) else str(value)
        elif kind == 5 and isinstance(holder[key], str):
            holder[key] = holder[key].swapcase() + chance.one(("", " ", "0", "\ud800", "e9"))
        else:
            holder[key] = chance.junk()


def _places(node: Any) -> Any:  # noqa: ANN401 (any part of a document)
    """Yield every holder with each of its keys."""
    for key in node if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])


# ------------------------------------------------------------------ what must hold


def check_answer(exchange: str, seed: int, heard: Counter[str] | None = None) -> str:
    """Ask one operation of a product and answer it as ``seed`` says; return what it came to.

    ``heard`` counts the answers given. Raises ``AssertionError`` for an exception of no documented type, and for a
    result that nobody could use.
    """
    chance = Chance(seed)
    question = chance.one(corpus.questions(exchange))
    right = chance.one(corpus.answers(exchange, question.operation))
    spoiler = Spoiler(chance)
    given: list[Response] = []

    def respond(_: Request) -> Response:
        answer = right[min(len(given), len(right) - 1)]
        given.append(answer if chance.happens(0.2) else spoiler.spoil(answer))
        return given[-1]

    try:
        result = corpus.run(question.plan(), respond)
        _use(question, result)
    except Exception:  # noqa: BLE001 (whatever it is, it is the finding)
        told = "\n".join(f"{each!r} {each.body[:2000]!r}" for each in given)
        message = f"seed {seed} of {exchange} {question.operation}: {traceback.format_exc()}\nafter\n{told}"
        raise AssertionError(message) from None
    if heard is not None:
        heard[exchange] += len(given)
    return type(result).__name__ if isinstance(result, UnifiedCopyError) else "a result"


def _use(question: Question, result: object) -> None:
    """Do with a result or an error what a caller does."""
    if isinstance(result, UnifiedCopyError):
        assert not isinstance(result, ConfigError), f"an answer is no fault of the config: {result}"
        assert str(result)
        assert repr(result)
        return
    _check_values(result)
    if isinstance(result, FollowSettings):
        supports = question.adapter.forms[question.adapter.form(question.config)]
        differences(question.config, result, supports)
        unverified(question.config, supports, result)


def _check_values(value: object) -> None:
    """Make sure that every number and time in a result can be written out."""
    if isinstance(value, Decimal):
        assert value.is_finite(), value
        assert len(plain(value)) < _LONGEST_NUMBER, f"a number of {len(plain(value))} digits"
    elif isinstance(value, datetime):
        assert value.tzinfo is not None
        assert value.isoformat()
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            _check_values(each)
    elif attrs.has(kind := type(value)):
        for field in attrs.fields(kind):
            if field.name not in {"raw", "handle"}:
                _check_values(getattr(value, field.name))
    elif isinstance(value, str):
        value.encode()
