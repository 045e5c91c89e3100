"""What all products of Bitget share: host, signature, clock, and what is believed of an answer."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, ClassVar, Final

import attrs
from msgspec import UNSET, UnsetType

from unified_copy.adapter import Adapter, Call, Limit
from unified_copy.answers import Answers, Codes
from unified_copy.errors import ConfigError, VenueError
from unified_copy.wire import Request
from unified_copy_bitget import sign as signing
from unified_copy_bitget import wire
from unified_copy_bitget.codes import CODES

if TYPE_CHECKING:
    from unified_copy.credentials import Credentials
    from unified_copy.results import CopiedPosition
    from unified_copy.wire import Response

WINDOW: Final = 1.0
"""Seconds over which Bitget counts requests."""
_OK: Final = "00000"
_FAILED: Final = ("fail", "failure")
_TIME: Final = Limit(20, WINDOW, "ip", "time")


@attrs.frozen(kw_only=True)
class BitgetProduct(Adapter):
    """Be the base of Bitget's products; the follower API serves classic accounts only."""

    hosts: ClassVar[tuple[str, ...]] = ("https://api.bitget.com",)
    codes: ClassVar[Codes] = CODES
    limits: ClassVar[tuple[Limit, ...]] = (Limit(6000, 60.0, "ip", "all"),)

    def time(self) -> Call[int]:
        """Return the call that asks Bitget's clock."""
        return Call(Request("GET", wire.SERVER_TIME), partial(_time, answers(self.name)), _TIME, signed=False)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` with Bitget's headers; raises ``CredentialsError`` without a passphrase."""
        return signing.sign(request, credentials, now_ms=now_ms)


@cache
def answers(product: str) -> Answers:
    """Return what reads the answers of a product."""
    return Answers(exchange=product, codes=CODES, pause=WINDOW)


def data(told: Answers, response: Response) -> object:
    """Return what the envelope holds; raise what its code says, or that there is no envelope."""
    envelope = told.json(response, wire.Envelope)
    if envelope.code != _OK:
        raise told.refusal(envelope.code, response, envelope.msg or "")
    told.confirm_status(response)
    return envelope.data


def confirm(told: Answers, response: Response) -> None:
    """Believe that a write was done; raise otherwise."""
    # Older pages and other products answer null or "" on success; only the words of failure tell a refusal.
    words = data(told, response)
    if isinstance(words, str) and words.lower() in _FAILED:
        raise VenueError(told.exchange, _OK, "Bitget took the request and reports failure", words, response.status)


def identity(words: str | UnsetType) -> str:
    """Return an id; raise ``ValueError`` for what names nothing, because a call without an id may mean everything."""
    told = "" if words is UNSET else words
    if told.split() != [told]:
        message = f"{told!r} is not an id"
        raise ValueError(message)
    return told


def number_of(position: CopiedPosition) -> str:
    """Return the number by which Bitget knows a position; raise ``ConfigError`` where it has none."""
    try:
        return identity(position.position_id)
    except ValueError as error:
        raise ConfigError("position", str(error), position.exchange) from None


def _time(told: Answers, response: Response) -> int:
    return told.clock(response, told.structure(response, data(told, response), wire.ServerTime).serverTime)
