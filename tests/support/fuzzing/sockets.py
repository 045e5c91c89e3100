"""Bytes that a server may send in place of HTTP, and what must hold for each: an answer, or a lost one."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Final

from raw_venue import listening

from fuzzing.answers import Spoiler
from fuzzing.chance import Chance
from unified_copy.transport import LostAnswerError, Transport
from unified_copy.wire import Request

BODIES: Final = (b"", b"{}", b'{"code":"00000"}' * 99, b"\xff" * 99)
HEADERS: Final = (
    *(b"Connection: close", b"Content-Type: text/html", b"Content-Encoding: gzip", b"Content-Encoding: br", b"X: \xff"),
    *(
        b"Content-Encoding: deflate",
        b"Transfer-Encoding: chunked",
        b"Content-Length: 3",
        b"Location: //x",
        b"Upgrade: h2c",
    ),
    *(
        b"Set-Cookie: a=b; Domain=.com",
        b"Retry-After: abc",
        b"Content-Type: ;charset=\x01",
        b"X:",
        b":",
        b"X" * 9999,
        b"a b: c",
    ),
)
STATUSES: Final = (
    b"200 OK",
    b"200",
    b"100 Continue",
    b"101 Switching",
    b"204 No",
    b"302 Found",
    b"304 Not",
    b"999 X",
    b"0",
    b"OK",
)


def content(seed: int) -> bytes:
    """Return what a server sends for ``seed``."""
    chance = Chance(seed)
    body = chance.one(BODIES)
    headers = [chance.one(HEADERS) for _ in range(chance.randrange(3))]
    if b"Content-Encoding: gzip" in headers and chance.happens(0.7):
        body = gzip.compress(body)
    if b"Content-Encoding: deflate" in headers and chance.happens(0.7):
        body = zlib.compress(body)
    if b"Transfer-Encoding: chunked" in headers and chance.happens(0.7):
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    elif chance.happens(0.8):
        headers.append(b"Content-Length: %d" % len(body))
    status = chance.one(STATUSES) if chance.happens(0.3) else STATUSES[0]
    whole = b"\r\n".join([b"HTTP/1.1 " + status, *headers, b"", body])
    return Spoiler(chance).text(whole) if chance.happens(0.4) else whole


async def check_socket(seeds: Iterable[int]) -> Counter[str]:
    """Serve the bytes of every seed, and count what became of them; whatever else is raised goes through."""
    outcomes: Counter[str] = Counter()
    transport = Transport(0.5)
    async with listening() as venue:
        for seed in seeds:
            venue.answer = content(seed)
            try:
                await transport.send("anybody", venue.url, Request("GET", "/a"))
            except LostAnswerError:
                outcomes["a lost answer"] += 1
            except Exception as error:
                error.add_note(f"seed {seed}: {venue.answer[:2000]!r}")
                raise
            else:
                outcomes["an answer"] += 1
    await transport.close()
    return outcomes
