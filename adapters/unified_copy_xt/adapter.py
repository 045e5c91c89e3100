"""XT spot copy trading, follower side: the adapter that ties the four rooms together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar

import attrs

from unified_copy.adapter import Adapter, Call, Limit, option
from unified_copy.answers import HTTP_OK, Answers, Codes, Reading
from unified_copy.errors import VenueError, VenueUnavailableError
from unified_copy.model import FIELD_NAMES, FollowConfig
from unified_copy.settings import FollowSettings
from unified_copy.wire import JSON, Request, Response, encode, encode_query
from unified_copy_xt import sign as signing
from unified_copy_xt import translate, wire
from unified_copy_xt.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from unified_copy.credentials import Credentials
    from unified_copy.fields import Fields

T = TypeVar("T")

_ANSWERS: Final = Answers(exchange=translate.NAME, codes=CODES)
_OK: Final = 0
_NOT_FOUND: Final = 404
_PAGE: Final = 100
_CURRENT: Final = "1"
_WINDOW: Final = 1.0
"""Seconds over which XT counts requests."""


@attrs.frozen(kw_only=True)
class XtAdapter(Adapter):
    """Follow leaders on XT spot, in either generation of its API."""

    name: ClassVar[str] = translate.NAME
    hosts: ClassVar[tuple[str, ...]] = ("https://sapi.xt.com",)
    forms: ClassVar[Mapping[str, Fields]] = translate.FORMS
    codes: ClassVar[Codes] = CODES
    contract: ClassVar[str] = "unified_copy_specs/xt.yaml"
    venue: ClassVar[str] = "unified_copy_xt.venue:XtVenue"

    generation: Literal["v4", "v1"] = option("v4", "v1", default="v4")
    """Which generation of the API to call; the other is never tried by itself."""
    rate_unit: Literal["fraction", "percent"] | None = option("fraction", "percent")
    """What XT's rates of stop loss and take profit count in; XT does not say."""
    loss_unit: Literal["quote"] | None = option("quote")
    """What XT's loss limit counts in; XT does not say."""

    def form(self, config: FollowConfig) -> str:  # noqa: ARG002 (the option decides)
        """Return the generation."""
        return self.generation

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (start and amend are one call here)
        """Return the one call that starts a follow or changes it."""
        body = translate.follow(config, generation=self.generation, rate_unit=self.rate_unit, loss_unit=self.loss_unit)
        served = wire.GENERATIONS[self.generation].follow
        request = Request("POST", served.path, "", JSON, encode(body))
        return (Call(request, self._decoder(_decode_write), served.limit, writes=True),)

    def settings(self, leader_id: str) -> Generator[Call[Any], Any, FollowSettings]:
        """Return the plan that looks for the leader among those being followed, then reads the terms."""
        account = str(translate.account_id(leader_id))
        unknown = frozenset(FIELD_NAMES) - {"leader_id"}
        silent = FollowSettings(exchange=self.name, leader_id=leader_id, active=False, missing=unknown)
        if not (yield from self._is_followed(account)):
            return silent
        served = wire.GENERATIONS[self.generation].follow_config
        request = Request("GET", served.path, encode_query(leaderAccountId=account))
        shown, raw = yield from Call(request, self._decoder(_decode_follow_config), served.limit)
        if shown is None:
            return silent
        reading = Reading()
        fields = translate.config_fields(shown, reading, rate_unit=self.rate_unit, loss_unit=self.loss_unit)
        return FollowSettings(
            exchange=self.name,
            leader_id=leader_id,
            active=True,
            missing=frozenset(reading.unread),
            unread=reading.unread,
            raw=raw,
            **fields,
        )

    def _is_followed(self, account: str) -> Generator[Call[Any], Any, bool]:
        """Page through the leaders being followed until ``account`` is found or the pages end."""
        served = wire.GENERATIONS[self.generation].my_leaders
        seen = {""}
        cursor: dict[str, str] = {}
        while True:
            query = encode_query(type=_CURRENT, limit=str(_PAGE), **cursor)
            request = Request("GET", served.path, query)
            page = yield from Call(request, self._decoder(_decode_leaders), served.limit)
            if any(leader.accountId == account for leader in page.items):
                return True
            if not page.hasNext:
                return False
            following = str(page.items[-1].id or "") if page.items else ""
            if following in seen:
                # To call the leader not followed here would be a guess.
                raise VenueUnavailableError(translate.NAME, "HTTP 200", "more pages are promised, with no way to them")
            seen.add(following)
            cursor = {"direction": "NEXT", "id": following}

    def time(self) -> Call[int]:
        """Return the call that asks XT's clock."""
        return Call(Request("GET", wire.SERVER_TIME), _decode_time, Limit(2, _WINDOW, "ip", "time"), signed=False)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` with XT's headers."""
        return signing.sign(request, credentials, now_ms=now_ms)

    def _decoder(self, decode: Callable[[Response], T]) -> Callable[[Response], T]:
        """Return ``decode``, preceded by the one thing that a 404 of this API means: the other generation."""

        def decode_or_tell(response: Response) -> T:
            if response.status == _NOT_FOUND:
                other = "v1" if self.generation == "v4" else "v4"
                meaning = (
                    f"this host does not serve generation {self.generation} of XT's API; "
                    f"choose the other with generation={other!r} on the adapter, or XT_GENERATION={other}"
                )
                raise VenueError(translate.NAME, "HTTP 404", meaning, http_status=response.status)
            return decode(response)

        return decode_or_tell


# ------------------------------------------------------------------ what is believed of an answer


def _result(response: Response) -> object:
    """Return what the envelope holds; raise what its code says, or that there is no envelope."""
    envelope = _ANSWERS.json(response, wire.Envelope)
    if envelope.rc != _OK:
        message = f"{envelope.ma}" if envelope.ma else ""
        raise _ANSWERS.refusal(envelope.mc or f"rc {envelope.rc}", response, message)
    if response.status != HTTP_OK:
        raise _ANSWERS.unusable(response, "an answer that says success under a status that says failure")
    return envelope.result


def _decode_write(response: Response) -> None:
    result = _result(response)
    if result is False:
        raise VenueError(translate.NAME, "result false", "XT took the request and reports failure", "", response.status)
    if result is not True:
        raise _ANSWERS.unusable(response, f"an answer that says neither true nor false: {result!r}")


def _decode_follow_config(response: Response) -> tuple[wire.ShownFollow | None, object]:
    result = _result(response)
    return (None if result is None else _ANSWERS.structure(response, result, wire.ShownFollow)), result


def _decode_leaders(response: Response) -> wire.Leaders:
    result = _result(response)
    # Some lists of this API are documented as bare arrays although they take a cursor.
    # A full one may not be the last.
    page = {"items": result, "hasNext": len(result) >= _PAGE} if isinstance(result, list) else result
    return _ANSWERS.structure(response, page, wire.Leaders)


def _decode_time(response: Response) -> int:
    return _ANSWERS.structure(response, _result(response), wire.ServerTime).serverTime
