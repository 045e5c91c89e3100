"""A server on a real socket that keeps every byte it gets, and answers with the bytes a test writes down."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@attrs.define
class RawVenue:
    """Answer every connection with the same bytes, then close it."""

    answer: bytes = OK
    received: list[bytes] = attrs.field(factory=list)
    """What each connection brought."""
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, answer and close."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            self.received.append(head + (await reader.readexactly(int(length[1])) if length else b""))
            writer.write(self.answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self.received += [error.partial] if isinstance(error, asyncio.IncompleteReadError) else []
        finally:
            writer.close()


@asynccontextmanager
async def listening(answer: bytes = OK, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[RawVenue]:
    """Serve on the loopback interface."""
    venue = RawVenue(answer)
    server = await asyncio.start_server(venue.serve, "127.0.0.1", 0, ssl=tls)
    host = "https://localhost" if tls else "http://127.0.0.1"
    venue.url = f"{host}:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield venue
