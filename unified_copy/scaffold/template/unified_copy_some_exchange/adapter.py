"""The adapter: what is asked, and what is believed of the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, Final, TypeVar

import attrs
from unified_copy import Adapter, Credentials, FollowConfig, FollowSettings, OnStop, Operation
from unified_copy.adapter import Call
from unified_copy.answers import HTTP_OK, Answers, Codes, Reading
from unified_copy.fields import Fields
from unified_copy.gaps import Gaps, cannot
from unified_copy.model import FIELD_NAMES
from unified_copy.wire import JSON, Request, Response, encode, encode_query

from unified_copy_some_exchange import translate, wire
from unified_copy_some_exchange.codes import CODES, OK
from unified_copy_some_exchange.sign import sign

T = TypeVar("T")

_ANSWERS: Final = Answers(exchange=translate.NAME, codes=CODES)
_NOT_FOLLOWED: Final = frozenset(FIELD_NAMES) - {"leader_id"}
"""What is not shown of a leader who is not followed."""


@attrs.frozen(kw_only=True)
class SomeExchangeAdapter(Adapter):
    """Follow leaders on some-exchange."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = translate.NAME
    # EDIT: where credentials may be sent, spelt out; the first one is used, and the contract names it as well.
    hosts: ClassVar[tuple[str, ...]] = ("https://api.some-exchange.example",)
    forms: ClassVar[Mapping[str, Fields]] = translate.FORMS
    codes: ClassVar[Codes] = CODES
    contract: ClassVar[str] = "unified_copy_some_exchange/contract.yaml"
    venue: ClassVar[str] = "unified_copy_some_exchange.venue:SomeExchangeVenue"
    # EDIT: what becomes of open copied positions at the end of a follow, and what the venue can be told about it.
    after_unfollow: ClassVar[str] = "open copied positions close with the leader"
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.UNFOLLOW: {"on_stop": {OnStop: cannot("the venue cannot be told; leave it out")}},
    }

    # EDIT: every operation of `Adapter` that the venue has; those that are not defined here are refused by name.

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Return the one call that starts a follow or changes it."""
        return (_write(wire.FOLLOW, translate.follow(config)),)

    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Return the one call that ends a follow."""
        self.require(Operation.UNFOLLOW, on_stop=on_stop)
        return (_write(wire.UNFOLLOW, wire.Unfollow(leaderId=leader_id)),)

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        """Return the call that reads one follow."""
        return _read(wire.SETTINGS, partial(_settings, leader_id), leaderId=leader_id)

    def time(self) -> Call[int]:
        """Return the call that asks the venue's clock."""
        return Call(Request("GET", wire.TIME), _time, wire.PUBLIC, signed=False)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` signed at ``now_ms``."""
        return sign(request, credentials, now_ms=now_ms)


# ------------------------------------------------------------------ calls


def _write(path: str, body: object) -> Call[None]:
    return Call(Request("POST", path, "", JSON, encode(body)), _done, wire.WRITES, writes=True)


def _read(path: str, decode: Callable[[Response], T], **parameters: str) -> Call[T]:
    return Call(Request("GET", path, encode_query(**parameters)), decode, wire.READS)


# ------------------------------------------------------------------ what is believed of an answer


# EDIT: what stands around every answer, and how it says no.
def _data(response: Response) -> object:
    """Return what the envelope holds; raise what its code says, or that there is no envelope."""
    envelope = _ANSWERS.json(response, wire.Envelope)
    if envelope.code != OK:
        raise _ANSWERS.refusal(envelope.code, response, envelope.message or "")
    if response.status != HTTP_OK:
        raise _ANSWERS.contradiction(response)
    return envelope.data


def _done(response: Response) -> None:
    _data(response)


def _settings(leader_id: str, response: Response) -> FollowSettings:
    data = _data(response)
    if data is None:
        return FollowSettings(exchange=translate.NAME, leader_id=leader_id, active=False, missing=_NOT_FOLLOWED)
    follow, reading = _ANSWERS.structure(response, data, wire.ShownFollow), Reading()
    told = translate.shown(follow, reading)
    return FollowSettings(
        exchange=translate.NAME,
        leader_id=leader_id,
        active=True,
        missing=frozenset(reading.unread),
        unread=reading.unread,
        raw=data,
        **told,
    )


def _time(response: Response) -> int:
    return _ANSWERS.structure(response, _data(response), wire.ServerTime).ms
