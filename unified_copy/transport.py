"""Send requests exactly as they stand, over one pool of connections, and never more than once.

Everything of the HTTP library stays in here: no exception of its own leaves, because those keep the signed headers.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import aiohttp
import attrs
from yarl import URL

from unified_copy.errors import AdapterError, ConfigError, TransportError, UnifiedCopyError
from unified_copy.wire import Request, Response

if TYPE_CHECKING:
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_METHOD: Final = re.compile("GET|POST|PUT|PATCH|DELETE")
_PATH: Final = re.compile(r"/(?!/)(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
"""A path by RFC 3986; two slashes at its start would read as a host."""
_QUERY: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_OURS: Final = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "te", "trailer", "expect"),
        *("connection", "keep-alive", "upgrade", "proxy-connection", "proxy-authorization"),
    }
)
"""The headers that say where a request goes and where it ends, which nobody but the transport settles."""


@attrs.define
class LostAnswerError(UnifiedCopyError):
    """The request may have arrived, and no complete answer came back. Never leaves the client."""

    reason: str

    def __str__(self) -> str:
        """Say why."""
        return self.reason


@attrs.define
class Trip:
    """Take down when a request left, over a connection that stood, and when its answer began to arrive."""

    connecting: bool = False
    """Whether the request still waits for a connection, so that nothing of it can have left."""
    sent: float = 0.0
    """Seconds by the clock of the event loop."""
    answered: float = 0.0

    @property
    def seconds(self) -> float:
        """Return how long the round trip took."""
        return self.answered - self.sent

    @property
    def middle(self) -> float:
        """Return the moment halfway."""
        return (self.sent + self.answered) / 2


_UNDER_WAY: Final[ContextVar[Trip]] = ContextVar("_UNDER_WAY")
"""The trip of the request that this task sends."""


def checked_origin(exchange: str, url: str) -> str:
    """Return ``url`` as an origin to send to, without a slash at its end.

    Raises ``ConfigError`` for anything but https; plain http is for the loopback interface only.
    """
    parsed = _parsed(url)
    if parsed is None or parsed.query_string or parsed.fragment or "@" in parsed.raw_authority:
        raise ConfigError("base_urls", f"{url!r} is not an origin; write it as in 'https://api.example.com'", exchange)
    if parsed.scheme != "https" and not (parsed.scheme == "http" and parsed.host in _LOOPBACK):
        reason = f"{url!r} is not https, and credentials go nowhere else; http is for the loopback interface only"
        raise ConfigError("base_urls", reason, exchange)
    return str(parsed).rstrip("/")


def _parsed(url: str) -> URL | None:
    try:
        # Blanks and control characters would be dropped without a word, and so may name another host.
        parsed = URL(url) if url.isprintable() and " " not in url else None
        # A host that cannot be decoded shows only when it is asked for.
        has_host = parsed is not None and parsed.host is not None
    except (ValueError, TypeError, AttributeError):
        return None
    return parsed if has_host else None


def _check(exchange: str, request: Request) -> None:
    """Refuse what could become another request, or one to somebody else; no value of query or header is shown."""
    for fault in _faults(request):
        raise AdapterError(exchange, f"a request has {fault}")


def _faults(request: Request) -> Iterator[str]:
    if not _is(request.method, _METHOD):
        yield f"the method {_shown(request.method)}; it is one of {_METHOD.pattern.replace('|', ', ')}"
    if not (isinstance(request.path, str) and _is_path(request.path)):
        yield f"the path {_shown(request.path)}; it starts with one slash and is percent-encoded"
    if not _is(request.query, _QUERY):
        yield "a query that is not percent-encoded"
    if not isinstance(request.body, bytes):
        yield "a body that is not bytes"
    if not isinstance(request.headers, Mapping):
        yield "headers that are not a mapping"
    for name, value in request.headers.items():
        if not (isinstance(name, str) and _may_be_set(name)):
            yield f"the header {_shown(name)}, which it may not set"
        if not (isinstance(value, str) and value.isascii() and value.isprintable() and value == value.strip(" ")):
            yield f"a header {name} whose value is not printable ASCII"


# Paths and names of headers are few and hold no secret, so what is found of them is kept.
@lru_cache(maxsize=1024)
def _is_path(path: str) -> bool:
    return _PATH.fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _may_be_set(header: str) -> bool:
    return _HEADER.fullmatch(header) is not None and header.lower() not in _OURS


@lru_cache(maxsize=1024)
def _url(text: str) -> URL:
    return URL(text, encoded=True)


def _is(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _shown(value: object) -> str:
    return repr(value)[:80]


class _Connector(aiohttp.TCPConnector):
    """Note when a request leaves, which is once a connection stands; tracing each request would cost much more."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 (as its base)
    ) -> Connection:
        trip = _UNDER_WAY.get()
        trip.connecting = True
        connection = await super().connect(req, traces, timeout)
        trip.connecting = False
        trip.sent = _now()
        return connection


def _now() -> float:
    return asyncio.get_running_loop().time()


class Transport:
    """Hold the connections of one process; used inside one running event loop."""

    def __init__(self, timeout: float) -> None:
        """Prepare to send; ``timeout`` is in seconds, for one whole request."""
        self.timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def enter(self) -> None:
        """Belong to the running event loop from the first time on; raise ``ConfigError`` in any other, and once closed.

        Connections and locks belong to the loop that they were used in. Whatever another one does with them fails
        somewhere, and after a write that must not be left to chance.
        """
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        if self._loop is not loop:
            raise ConfigError("client", "it was used in another event loop before; build one in each")
        if self._closed:
            raise ConfigError("client", "it is closed; build another")

    async def send(self, exchange: str, origin: str, request: Request, trip: Trip | None = None) -> Response:
        """Send ``request`` to ``origin`` once and return the answer, whatever it says; ``trip`` takes down the times.

        Raises ``AdapterError`` for what could become another request than the one that was signed, or one to
        somebody else; ``TransportError`` where no connection was established; and ``LostAnswerError`` where the
        request may have arrived and no complete answer came back.
        """
        _check(exchange, request)
        self.enter()  # the client may have been closed while a permit was waited for
        trip = trip or Trip()
        _UNDER_WAY.set(trip)
        try:
            return await self._send(origin, request, trip)
        except (aiohttp.ClientError, OSError) as error:  # a time-out is an OSError
            failure = self._failure(exchange, origin, error, trip)
        # Raised outside the handler, so that nothing of the HTTP library hangs on to it.
        raise failure

    async def _send(self, origin: str, request: Request, trip: Trip) -> Response:
        target = origin + request.target
        async with self._opened().request(
            request.method,
            URL(target, encoded=True) if request.query else _url(target),
            headers=request.headers,
            data=request.body or None,
            allow_redirects=False,
        ) as answer:
            trip.answered = _now()
            body = bytearray()
            async for chunk in answer.content.iter_any():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    answer.close()
                    message = f"an answer of more than {MAX_ANSWER_BYTES} bytes"
                    raise LostAnswerError(message)
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Response(answer.status, bytes(body), headers)

    def _failure(self, exchange: str, origin: str, error: Exception, trip: Trip) -> UnifiedCopyError:
        """Return what is known about a request that an error of the HTTP library ended."""
        if trip.connecting or isinstance(error, aiohttp.ClientConnectorError):
            return TransportError(exchange, f"no connection to {origin}: {_told(error)}")
        if isinstance(error, TimeoutError):
            return LostAnswerError(f"no answer within {self.timeout:g} s")
        return LostAnswerError(f"the connection broke: {type(error).__name__}")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self.timeout),
                connector=_Connector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Content-Type",),
            )
            # The HTTP library repeats PUT and DELETE by itself when a kept connection turns out to be dead.
            self._session._retry_connection = False  # noqa: SLF001 (there is no public way to forbid a second send)
        return self._session

    async def close(self) -> None:
        """Close every connection, for good."""
        self._closed = True
        if self._session is not None:
            await self._session.close()


def _told(error: Exception) -> str:
    """Say what kept a connection from being established, without the text of foreign exceptions."""
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError):
        return "TLS could not be established"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host name is not known"
    return "refused or unreachable"
