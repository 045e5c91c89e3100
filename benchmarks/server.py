"""Answer in place of a venue, as fast as Python can, in a process of its own.

Most paths get one fixed answer. ``/window/MILLISECONDS/NAME/...`` counts requests as the strictest venues do: more
than ``REQUESTS`` in any second are refused. A request takes half the round trip and up to ``JITTER`` on its way there,
and the other half on its way back. ``/connections`` tells how many connections were ever opened.

Prints the port once it listens, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import defaultdict, deque
from typing import ClassVar, Final

REQUESTS: Final = 5
"""How many requests a window of one second takes."""
JITTER: Final = 0.05
"""The longest additional delay of a request on its way, in seconds."""
_SUCCESS: Final = b'{"code":"00000","msg":"success","requestTime":1767225600123,"data":"success"}'
_REFUSAL: Final = b'{"code":"429","msg":"Too Many Requests"}'


def _answer(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


SUCCESS: Final = _answer(b"200 OK", _SUCCESS)
REFUSAL: Final = _answer(b"429 Too Many Requests", _REFUSAL)


class Window:
    """Count the requests of one contender over the last second."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._taken: deque[float] = deque()

    def takes(self, now: float) -> bool:
        """Tell whether a request at ``now`` is within the limit, and count it if so."""
        while self._taken and self._taken[0] <= now - 1.0:
            self._taken.popleft()
        if len(self._taken) >= REQUESTS:
            return False
        self._taken.append(now)
        return True


class Venue(asyncio.Protocol):
    """Serve one connection, of which every request waits for the answer to the one before."""

    windows: ClassVar[defaultdict[str, Window]] = defaultdict(Window)
    connections: ClassVar[int] = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""
        Venue.connections += 1

    def data_received(self, data: bytes) -> None:
        """Answer once the request is complete."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        self._received = b""
        path = head.split(b" ", 2)[1].decode()
        if path.startswith("/window/"):
            self._delayed(path)
        elif path == "/connections":
            self._send(_answer(b"200 OK", str(Venue.connections).encode()))
        else:
            self._send(SUCCESS)

    def _delayed(self, path: str) -> None:
        _, _, milliseconds, name, _ = path.split("/", 4)
        half = int(milliseconds) / 2000
        window = self.windows[f"{milliseconds} {name}"]
        loop = asyncio.get_running_loop()

        def count() -> None:
            loop.call_later(half, self._send, SUCCESS if window.takes(loop.time()) else REFUSAL)

        loop.call_later(half + random.uniform(0, JITTER), count)  # noqa: S311 (a delay is no secret)

    def _send(self, answer: bytes) -> None:
        self._transport.write(answer)


async def main() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Venue, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
