"""Local venues on sockets of this machine."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Final

from aiohttp import web

from unified_copy.adapter import Adapter
from unified_copy.errors import AdapterError, ConfigError, UnsupportedError
from unified_copy.registry import load_adapter
from unified_copy.sandbox.messages import Answer, Delivery, Received
from unified_copy.sandbox.venue import Venue

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
    from types import TracebackType
    from typing import Self

    from unified_copy.adapter import Operation
    from unified_copy.client import CopyClient
    from unified_copy.credentials import Credentials
    from unified_copy.sandbox.faults import Fault
    from unified_copy.sandbox.switches import Calls, Switch

_HOST: Final = "127.0.0.1"
_TOO_LARGE: Final = Answer(413, b"Request Entity Too Large")
_WHOLE: Final = Delivery()
_PATIENCE: Final = 1.0
"""Seconds that closing waits for a caller who has not finished his request."""
_PIECES: Final = 20
"""In how many pieces a slow body goes out."""


class Sandbox:
    """Serve the local venues of some exchanges; use it as an asynchronous context manager.

    An exchange is given as a name, an adapter class or an adapter instance, and its adapter says which venue it has.
    ``venues`` are instances to serve in place of those, by exchange name. ``ports`` by exchange name are for those
    who need to know them beforehand; otherwise any free port is taken. Each venue has one account to begin with.

    Raises ``UnsupportedError`` for an exchange without a local venue, ``AdapterError`` for a venue that does not
    load, and whatever ``load_adapter`` raises.
    """

    def __init__(
        self,
        *exchanges: str | type[Adapter] | Adapter,
        venues: Mapping[str, Venue] | None = None,
        ports: Mapping[str, int] | None = None,
    ) -> None:
        """Open every venue and its first account; nothing listens yet."""
        self._venues = dict(venues or {})
        self._adapters = [exchange for exchange in exchanges if isinstance(exchange, Adapter)]
        for exchange in exchanges:
            adapter = load_adapter(exchange) if isinstance(exchange, str) else exchange
            if adapter.name not in self._venues:
                self._venues[adapter.name] = _venue(adapter)
            self._venues[adapter.name].codes = adapter.codes
        self._ports = ports or {}
        if stray := sorted(set(self._ports) - set(self._venues)):
            raise ConfigError("ports", f"no venue is served for {stray[0]!r}")
        self._running = AsyncExitStack()
        self.credentials: Final[Mapping[str, Credentials]] = {name: self.account(name) for name in self._venues}
        """The first account of each venue, by exchange name; as ``CopyClient`` takes it."""
        self.base_urls: Final[dict[str, str]] = {}
        """Where each venue listens, by exchange name, as ``CopyClient`` takes it; empty unless open."""

    def venue(self, exchange: str) -> Venue:
        """Return the venue of ``exchange``, to look at what it received; raise ``ConfigError`` if none is served."""
        if exchange not in self._venues:
            raise ConfigError("exchange", f"no venue is served for {exchange!r}, only for: {', '.join(self._venues)}")
        return self._venues[exchange]

    def fault(
        self,
        exchange: str,
        calls: Operation | Calls | str,
        fault: Fault,
        *,
        leader_id: str | None = None,
        times: int | None = None,
    ) -> Switch:
        """Let ``calls`` of ``exchange`` go wrong; ``Venue.fault`` says how, and what it raises."""
        return self.venue(exchange).fault(calls, fault, leader_id=leader_id, times=times)

    def account(self, exchange: str) -> Credentials:
        """Return the credentials of a new account at ``exchange``."""
        return self.venue(exchange).open_account().credentials

    def client(
        self,
        *,
        credentials: Mapping[str, Credentials] | None = None,
        adapters: Iterable[Adapter] | None = None,
        timeout: float = 10.0,
    ) -> CopyClient:
        """Return a client that talks to these venues, as their first accounts unless ``credentials`` are given.

        ``adapters`` default to the instances that the sandbox was given.
        """
        from unified_copy.client import CopyClient  # noqa: PLC0415 (a venue is served without a client, too)

        return CopyClient(
            credentials=self.credentials if credentials is None else credentials,
            base_urls=self.base_urls,
            adapters=self._adapters if adapters is None else adapters,
            timeout=timeout,
        )

    async def __aenter__(self) -> Self:
        """Listen, each venue on a port of its own. Raises ``OSError`` where a port is taken."""
        base_urls: dict[str, str] = {}
        async with AsyncExitStack() as starting:
            for name, venue in self._venues.items():
                server = web.Server(_handler(venue), access_log=None, handler_cancellation=True)
                runner = web.ServerRunner(server, shutdown_timeout=_PATIENCE)
                starting.push_async_callback(runner.cleanup)
                await runner.setup()
                await web.TCPSite(runner, _HOST, self._ports.get(name, 0)).start()
                base_urls[name] = f"http://{_HOST}:{runner.addresses[0][1]}"
            self._running = starting.pop_all()
        self.base_urls.update(base_urls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop listening and cut every connection; what is followed is remembered."""
        self.base_urls.clear()
        await self._running.aclose()


def _venue(adapter: type[Adapter] | Adapter) -> Venue:
    if not adapter.venue:
        raise UnsupportedError("exchange", "has no local venue to serve", adapter.name)
    module, _, name = adapter.venue.partition(":")
    try:
        venue_class = getattr(import_module(module), name)
    except Exception as error:
        reason = f"its venue {adapter.venue!r} does not load: {type(error).__name__}: {error}"
        raise AdapterError(adapter.name, reason) from error
    if not (isinstance(venue_class, type) and issubclass(venue_class, Venue)):
        raise AdapterError(adapter.name, f"its venue {adapter.venue!r} is not a unified_copy.sandbox.Venue")
    return venue_class()


def _handler(venue: Venue) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            answer = _TOO_LARGE
        else:
            path, _, query = request.raw_path.partition("?")
            headers = {name.lower(): value for name, value in request.headers.items()}
            answer = venue.answer(
                Received(method=request.method, path=path, query=query, headers=headers, body=body),
            )
        encoded, described = answer.encoded()
        if answer.delivery == _WHOLE:
            return web.Response(status=answer.status, body=encoded, headers=described)
        return await _deliver(
            request, answer.delivery, web.StreamResponse(status=answer.status, headers=described), encoded
        )

    return handle


async def _deliver(
    request: web.BaseRequest, delivery: Delivery, response: web.StreamResponse, body: bytes
) -> web.StreamResponse:
    """Send an answer in another way than whole and at once."""
    await asyncio.sleep(delivery.silence)
    if delivery.cut_after != 0:
        response.content_length = len(body)
        await response.prepare(request)
        for piece in _pieces(body[: delivery.cut_after]):
            await response.write(piece)
            await asyncio.sleep(delivery.seconds / _PIECES)
    if delivery.cut_after is not None and request.transport is not None:
        request.transport.close()
    return response


def _pieces(body: bytes) -> Iterator[bytes]:
    size = len(body) // _PIECES + 1
    return (body[start : start + size] for start in range(0, len(body), size))
