"""A venue that answers exactly what a test writes down, on a real socket."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import attrs
import msgspec
from aiohttp import web

HEADERS: Mapping[str, str] = {}


@attrs.frozen
class Reply:
    """Answer with this."""

    body: object = b""
    status: int = 200
    headers: Mapping[str, str] = HEADERS
    after: float = 0.0
    """Seconds to wait first."""


CUT = "cut the connection"
Step = Reply | str | Callable[[web.Request], Awaitable[web.StreamResponse]]


@attrs.frozen
class Received:
    """Keep what arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@attrs.define
class ScriptedVenue:
    """Serve each path from its list of steps; the last step repeats."""

    script: dict[str, list[Step]] = attrs.field(factory=lambda: defaultdict(list))
    received: list[Received] = attrs.field(factory=list)
    url: str = ""
    arrival: asyncio.Event = attrs.field(factory=asyncio.Event)
    """Set once anything has arrived."""

    def on(self, path: str, *steps: Step) -> None:
        """Write down what ``path`` answers, in order."""
        self.script[path] = list(steps)

    def sent(self, path: str) -> list[Received]:
        """Return what arrived at ``path``."""
        return [request for request in self.received if request.target.partition("?")[0] == path]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Play the next step of a path."""
        self.received.append(Received(request.method, request.path_qs, dict(request.headers), await request.read()))
        self.arrival.set()
        steps = self.script[request.path]
        if not steps:
            return web.Response(status=404, text="no such path in the script")
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        if isinstance(step, str):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if not isinstance(step, Reply):
            return await step(request)
        await asyncio.sleep(step.after)
        body = step.body if isinstance(step.body, bytes) else msgspec.json.encode(step.body)
        return web.Response(status=step.status, body=body, headers=step.headers)


@asynccontextmanager
async def serving() -> AsyncIterator[ScriptedVenue]:
    """Serve a scripted venue on the loopback interface."""
    scripted = ScriptedVenue()
    application = web.Application(client_max_size=2**24)
    application.router.add_route("*", "/{path:.*}", scripted.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    scripted.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield scripted
    await runner.cleanup()
