"""HTTP as values: what is sent, what came back, and exact JSON in both directions.

Nothing here awaits, and nothing here knows an exchange.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from urllib.parse import quote

import msgspec

from unified_copy.decimals import plain

JSON: Final = {"Content-Type": "application/json"}
"""The headers of a request with a JSON body."""
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
"""The headers of a request with a form body."""


class Request(msgspec.Struct, frozen=True):
    """Hold one HTTP request, sent exactly as it stands.

    Its ``repr`` names headers and parameters without their values, because a signed request carries secrets.
    """

    method: str
    path: str
    """The path from the root of the host, already percent-encoded."""
    query: str = ""
    """The query as sent, already percent-encoded, without the question mark."""
    headers: Mapping[str, str] = {}
    body: bytes = b""

    @property
    def target(self) -> str:
        """Return path and query as they stand in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __repr__(self) -> str:
        """Show everything that cannot hold a secret."""
        names = [part.partition("=")[0] for part in self.query.split("&") if part]
        return (
            f"Request({self.method} {self.path}, query={names}, headers={list(self.headers)}, "
            f"{len(self.body)} body bytes)"
        )

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Show pretty printers no more than ``repr`` does."""
        return [("", repr(self))]


class Response(msgspec.Struct, frozen=True):
    """Hold one HTTP answer; header names are in lower case.

    Its ``repr`` leaves the body out, because some answers hold secrets.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}

    def __repr__(self) -> str:
        """Show everything that cannot hold a secret."""
        return f"Response({self.status}, headers={list(self.headers)}, {len(self.body)} body bytes)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """Show pretty printers no more than ``repr`` does."""
        return [("", repr(self))]

    def json(self) -> object:
        """Decode the body exactly: fractions become ``Decimal``, whole numbers ``int`` of any size.

        Raises ``ValueError`` where the body is not one JSON document.
        """
        try:
            return _DECODER.decode(self.body)
        except (msgspec.MsgspecError, ValueError, RecursionError, ArithmeticError) as error:
            raise ValueError(f"not a readable JSON document: {error}") from None


def encode(value: object) -> bytes:
    """Encode ``msgspec.Struct`` classes and built-in values as compact JSON.

    The keys of a struct come in the order of its attributes; attributes that are ``msgspec.UNSET`` are left out.
    """
    return _ENCODER.encode(value)


def encode_query(**parameters: str) -> str:
    """Encode query parameters sorted by name, commas left as they are; the venues sign and sort them so."""
    return "&".join(f"{name}={quote(value, safe=',')}" for name, value in sorted(parameters.items()))


def added(request: Request, signed: Request) -> frozenset[str]:
    """Return the values that signing added to a request: of headers, and of parameters in query and body."""
    headers = {value for name, value in signed.headers.items() if request.headers.get(name) != value}
    texts = ((request.query, signed.query), (request.body.decode(), signed.body.decode()))
    parts = {part for plain, text in texts if text != plain for part in {*text.split("&")} - {*plain.split("&")}}
    return frozenset(headers | {part.partition("=")[2] for part in parts})


def json_number(number: Decimal) -> msgspec.Raw:
    """Return ``number`` as a JSON number of exactly its digits, never in exponent form."""
    return msgspec.Raw(plain(number))


_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
