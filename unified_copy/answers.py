"""What adapters need to believe an answer: code tables, a strict converter, and a reader that never guesses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import cattrs
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn
from msgspec import UNSET, UnsetType

from unified_copy.decimals import plain, told_number
from unified_copy.errors import (
    ClockError,
    ConfigError,
    RateLimitedError,
    VenueError,
    VenueUnavailableError,
)

if TYPE_CHECKING:
    from unified_copy.wire import Response

T = TypeVar("T")
Row = TypeVar("Row")
StructureHook = Callable[[Any, Any], Any]
HTTP_OK: Final = 200
HTTP_SERVER_ERROR: Final = 500
_UNREADABLE: Final = (ConfigError, LookupError, ValueError, TypeError, ArithmeticError)
"""What is raised by reading words that mean nothing."""
MOST_DIGITS: Final = 9
"""Of seconds to wait; more of them are no pause but nonsense."""
CLOCK_DIGITS: Final = 13


# ------------------------------------------------------------------ what codes mean


@attrs.frozen
class Refusal:
    """Say what one code of a venue means to the caller."""

    error: type[VenueError]
    meaning: str
    field: str | None = None
    """The config attribute that the code speaks of."""


_UNKNOWN: Final = Refusal(VenueError, "")
Codes = Mapping[str, Refusal]
"""A venue's codes. An HTTP status stands among them as ``HTTP 404``, for answers that carry no code."""


@attrs.frozen(kw_only=True)
class Answers:
    """Read the answers of one venue: believe what they say, and tell a refusal from no answer at all."""

    exchange: str
    codes: Codes
    pause: float | None = None
    """Seconds to wait after too many requests where the answer does not say; ``None`` where nobody knows."""
    converter: cattrs.Converter = attrs.field(factory=lambda: strict_converter(), repr=False)  # noqa: PLW0108 (defined below)

    def json(self, response: Response, wanted: type[T]) -> T:
        """Return the body as an instance of ``wanted``; raise ``unusable`` where it is none."""
        try:
            document = response.json()
        except ValueError as error:
            raise self.unusable(response, str(error)) from None
        return self.structure(response, document, wanted)

    def structure(self, response: Response, value: object, wanted: type[T]) -> T:
        """Return part of a body as an instance of ``wanted``; raise ``unusable`` where it is none."""
        try:
            return self.converter.structure(value, wanted)
        except Exception as error:  # noqa: BLE001 (cattrs raises whatever a hook raised, in groups)
            reasons = "; ".join(cattrs.transform_error(error, path="answer"))
            raise self.unusable(response, f"an answer in no documented form: {reasons}") from None

    def clock(self, response: Response, words: str | int) -> int:
        """Return a venue's clock in milliseconds since 1970; raise ``unusable`` for what is no such time.

        It has 13 digits from 2001 to 2286; what has more or fewer is broken, or counts something else.
        """
        text = str(words)
        if not (text.isascii() and text.isdigit() and len(text) == CLOCK_DIGITS):
            raise self.unusable(response, f"{text[:40]!r} where milliseconds belong")
        return int(text)

    def rows(
        self, response: Response, shown: Iterable[object], wanted: type[T], read: Callable[[T, object], Row]
    ) -> tuple[Row, ...]:
        """Return what ``read`` makes of each row, as ``wanted`` and as the venue has it; raise as ``reading`` does."""
        return tuple(self.reading(response, partial(read, self.structure(response, row, wanted), row)) for row in shown)

    def reading(self, response: Response, read: Callable[[], T]) -> T:
        """Return what ``read`` makes of an answer; raise ``unusable`` where it cannot, instead of guessing."""
        try:
            return read()
        except _UNREADABLE as error:
            raise self.unusable(response, f"an answer in no documented form: {error}") from None

    def refusal(self, code: str, response: Response, message: str = "") -> VenueError:
        """Return the error that ``code`` stands for.

        A code that the table lacks means what the table says of the HTTP status that it came under, and is otherwise a
        plain ``VenueError``: the venue did say no. Under HTTP 500 and above any is
        ``VenueUnavailableError``, because there the venue may have done its work and failed afterwards; unless it
        says that it looked at nothing, for too many requests or for the time.
        """
        row = self.codes.get(code) or self.codes.get(f"HTTP {response.status}", _UNKNOWN)
        retry_safe = issubclass(row.error, RateLimitedError | ClockError)
        broke_down = response.status >= HTTP_SERVER_ERROR and not retry_safe
        kind = VenueUnavailableError if broke_down else row.error
        error = kind(self.exchange, code, row.meaning, message, response.status, row.field, retry_safe)
        if isinstance(error, RateLimitedError):
            seconds = _retry_after(response.headers)
            error.retry_after = self.pause if seconds is None else seconds
        return error

    def unusable(self, response: Response, why: str) -> VenueError:
        """Return the error for an answer without the venue's envelope: the HTTP status is all there is to go by."""
        code = f"HTTP {response.status}"
        if code in self.codes:
            return self.refusal(code, response)
        return VenueUnavailableError(self.exchange, code, why, http_status=response.status)

    def contradiction(self, response: Response) -> VenueError:
        """Return the error for an envelope that says success under a status that says failure.

        Neither can be believed: by the status alone, a write that was done would count as refused, or be sent again.
        """
        why = "an answer that says success under a status that says failure"
        return VenueUnavailableError(self.exchange, f"HTTP {response.status}", why, http_status=response.status)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks for; ``None`` where it says nothing that can be read.

    A moment is taken from the answer's own ``Date``, so that it does not matter how clocks differ.
    """
    told = headers.get("retry-after", "")
    if told.isascii() and told.isdigit() and len(told) <= MOST_DIGITS:
        return float(told)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 (only for an answer that hardly ever comes)

    try:
        pause = parsedate_to_datetime(told) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, pause.total_seconds())


# ------------------------------------------------------------------ structure


def strict_converter(*, forbid_extra_keys: bool = False) -> cattrs.Converter:
    """Return a converter that takes values as they are and never talks itself into another type.

    Text stays text, a list is a list and an object an object. ``str | UnsetType`` takes text or a number, and reads
    null and empty text as ``UNSET``; ``Decimal`` takes finite numbers and digits.
    """
    converter = cattrs.Converter(forbid_extra_keys=forbid_extra_keys)
    for exact in (str, bool, int):
        converter.register_structure_hook(exact, _exactly)
    converter.register_structure_hook(Decimal, _decimal)
    # By predicate: a hook for the class itself would be taken for every class derived from it.
    converter.register_structure_hook_func(lambda wanted: wanted is object, lambda value, _: value)
    converter.register_structure_hook_func(lambda wanted: wanted == str | UnsetType, _optional_text)
    converter.register_structure_hook_factory(attrs.has, lambda wanted: _only(dict, _object_hook(converter, wanted)))
    converter.register_structure_hook_factory(
        lambda wanted: getattr(wanted, "__origin__", None) is list,
        lambda wanted: _only(list, list_structure_factory(wanted, converter)),
    )
    return converter


def _object_hook(converter: cattrs.Converter, wanted: type) -> StructureHook:
    return make_dict_structure_fn(wanted, converter, _cattrs_forbid_extra_keys=converter.forbid_extra_keys)


def _only(kind: type, hook: StructureHook) -> StructureHook:
    """Return ``hook``, refusing whatever is not of ``kind``: cattrs would take the keys of one for the other."""

    def structure(value: object, wanted: Any) -> Any:  # noqa: ANN401 (what cattrs passes on)
        if not isinstance(value, kind):
            raise TypeError(f"{type(value).__name__} where a {'list' if kind is list else 'table'} belongs")
        return hook(value, wanted)

    return structure


def _exactly(value: object, wanted: type[T]) -> T:
    if type(value) is not wanted:
        raise TypeError(f"{type(value).__name__} where {wanted.__name__} belongs")
    return value


def _decimal(value: object, _wanted: object) -> Decimal:
    if isinstance(value, Decimal | int | str) and not isinstance(value, bool):
        return told_number(value)
    raise ValueError(f"{type(value).__name__} where a number belongs")


def _optional_text(value: object, _wanted: object) -> str | UnsetType:
    if value is None or value == "" or value is UNSET:
        return UNSET
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal):
        return plain(told_number(value))
    raise ValueError(f"{type(value).__name__} where text belongs")


# ------------------------------------------------------------------ reading without guessing


@attrs.define
class Reading:
    """Collect what of an answer could not be read, instead of guessing at it."""

    unread: dict[str, str] = attrs.field(factory=dict)
    """Config field and the venue's own words."""

    def field(self, name: str, words: str, read: Callable[[], T]) -> T | None:
        """Return what ``read`` makes of the venue's ``words`` about field ``name``; ``None`` and a note if nothing."""
        try:
            return read()
        except _UNREADABLE:
            self.unread[name] = words
            return None
