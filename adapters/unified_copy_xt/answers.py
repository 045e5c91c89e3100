"""What is believed of XT's answers: the envelope around all of them, lists in both their shapes, and single values."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from unified_copy.answers import HTTP_TOO_MANY, Answers, strict_converter
from unified_copy.errors import VenueError
from unified_copy.results import Page
from unified_copy.wire import encode
from unified_copy_xt import translate, wire
from unified_copy_xt.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable

    import cattrs

    from unified_copy.wire import Response

R = TypeVar("R", bound=wire.Row)
T = TypeVar("T")

PAGE: Final = 100
"""How many rows a page may have."""
_OK: Final = 0


def _converter() -> cattrs.Converter:
    """Return a strict converter for which empty text, like null, is a number that was not told."""
    converter = strict_converter()

    def number(value: object, _wanted: object) -> Decimal | None:
        return None if value is None or value == "" else converter.structure(value, Decimal)

    converter.register_structure_hook_func(lambda wanted: wanted == Decimal | None, number)
    return converter


ANSWERS: Final = Answers(exchange=translate.NAME, codes=CODES, converter=_converter())


def refusal(told: Answers, code: str, response: Response, message: str) -> VenueError:
    """Return what ``code`` stands for; HTTP 429 is its gateway's, which looked at nothing, whatever code it brings."""
    return told.refusal(f"HTTP {HTTP_TOO_MANY}" if response.status == HTTP_TOO_MANY else code, response, message)


def result_of(response: Response) -> object:
    """Return what the envelope holds; raise what its code says, or that there is no envelope."""
    envelope = ANSWERS.json(response, wire.Envelope)
    if envelope.rc != _OK:
        message = encode(envelope.ma).decode() if envelope.ma else ""
        raise refusal(ANSWERS, envelope.mc or f"rc {envelope.rc}", response, message)
    ANSWERS.confirm_status(response)
    return envelope.result


def written(response: Response) -> None:
    """Return where XT says that it did what it was told."""
    result = result_of(response)
    if result is False:
        raise VenueError(translate.NAME, "result false", "XT took the request and reports failure", "", response.status)
    if result is not True:
        raise ANSWERS.unusable(response, f"an answer that says neither true nor false: {result!r}")


def follow_config(response: Response) -> tuple[wire.ShownFollow | None, object]:
    """Return the terms of a follow and XT's own words for them; ``None`` where there is no follow."""
    result = result_of(response)
    return (None if result is None else ANSWERS.structure(response, result, wire.ShownFollow)), result


def rows(response: Response, wanted: type[R], limit: int | None) -> tuple[wire.Rows, list[R]]:
    """Return one page of a list, with its rows as ``wanted``.

    Some lists of this API are documented as bare arrays although they take a cursor: a full one, of ``limit`` rows,
    may not be the last. A page without its mark is the last only where it shows nothing.
    """
    result = result_of(response)
    if isinstance(result, list):
        result = {"items": result, "hasNext": limit is not None and len(result) >= limit}
    page = ANSWERS.structure(response, result, wire.Rows)
    if page.hasNext is None:
        if limit is None:
            raise ANSWERS.unusable(response, "a page that does not say whether it is the last")
        page = attrs.evolve(page, hasNext=bool(page.items))
    return page, [ANSWERS.structure(response, row, wanted) for row in page.items]


def page_of(
    response: Response, wanted: type[R], build: Callable[[R, object], T], *, limit: int | None = PAGE
) -> Page[T]:
    """Return one page of a list in neutral words, each row made by ``build`` from itself and XT's own words.

    An empty page is the last one, whatever it promises: there is nothing to go on from. But a list without a
    documented ``limit`` is one from which conclusions are drawn, such as that a position has been closed; there it is
    no usable answer.
    """
    page, read = rows(response, wanted, limit)
    if page.hasNext and not read and limit is None:
        raise ANSWERS.unusable(response, "more is promised, and nothing is shown")
    items = ANSWERS.reading(response, lambda: tuple(build(row, raw) for row, raw in zip(read, page.items, strict=True)))
    cursor = None
    if page.hasNext and read:
        cursor = str(read[-1].id or "")
        if not cursor:
            raise ANSWERS.unusable(response, "more pages are promised, with no way to them")
    return Page(items, cursor)


def server_time(response: Response) -> int:
    """Return XT's clock in milliseconds since 1970."""
    return ANSWERS.clock(response, ANSWERS.structure(response, result_of(response), wire.ServerTime).serverTime)


def user_status(response: Response) -> str:
    """Return XT's word for what the account is."""
    return ANSWERS.structure(response, result_of(response), str)
