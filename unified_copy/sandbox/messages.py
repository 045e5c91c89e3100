"""What passes between a local venue and its callers, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import attrs

from unified_copy.wire import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

_JSON: Final = {"Content-Type": "application/json"}
_TEXT: Final = {"Content-Type": "text/plain; charset=utf-8"}


@attrs.frozen(kw_only=True)
class Received:
    """Hold one request as it arrived; its ``repr`` leaves out whatever may carry a secret."""

    method: str
    path: str
    """The path as sent, still percent-encoded."""
    query: str = attrs.field(default="", repr=False)
    """The query as sent, still percent-encoded, without the question mark."""
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """The headers, their names in lower case."""
    body: bytes = attrs.field(default=b"", repr=False)
    operation: str = ""
    """The ``operationId`` that the contract gives the call; empty where it has no such call."""

    def pairs(self) -> list[tuple[str, str]]:
        """Return the query's names and values, decoded."""
        return parse_qsl(self.query, keep_blank_values=True)


@attrs.frozen(kw_only=True)
class Delivery:
    """Say how an answer goes out: whole and at once, unless told otherwise."""

    silence: float = 0.0
    """Seconds before anything goes out; infinite where nothing ever does."""
    seconds: float = 0.0
    """How long the body takes to go out, piece by piece."""
    cut_after: int | None = None
    """How many bytes of the body go out before the connection is cut; with none, not even the status goes out."""


@attrs.frozen
class Answer:
    """Hold one answer. A body of ``bytes`` is sent as it is, as text; anything else as JSON, numbers exact."""

    status: int
    body: object
    headers: Mapping[str, str] = attrs.field(factory=dict)
    """Sent besides the content type, which they may replace."""
    delivery: Delivery = attrs.field(factory=Delivery)

    def encoded(self) -> tuple[bytes, Mapping[str, str]]:
        """Return body and headers as they go out."""
        if isinstance(self.body, bytes):
            return self.body, {**_TEXT, **self.headers}
        return encode(self.body), {**_JSON, **self.headers}


@attrs.frozen
class Parameters:
    """Hold the parameters of a request that keeps to its contract, with numbers exact."""

    values: Mapping[str, object]
    """Those of path and query, of the types that the contract gives them."""
    body: object = None
    """The decoded body, ``None`` where there is none."""


@attrs.frozen
class Violation:
    """Say which parameter breaks the contract, and how."""

    location: str
    """``path``, ``query``, ``header`` or ``body``."""
    name: str
    """The parameter, such as ``settings[0].traceType``; empty where the body as a whole is meant."""
    kind: str
    """``missing``, ``unknown``, ``repeated``, ``type``, ``enum``, ``pattern``, ``range``, ``short``, ``long``,
    ``media type`` or ``syntax``; any other rule goes by its JSON Schema keyword."""
    message: str
    """What is wrong, for people."""
