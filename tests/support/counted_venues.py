"""Local venues in a process of their own that count the writes of each account."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection

import attrs

from unified_copy import Credentials, load_adapter
from unified_copy.sandbox import Sandbox, Venue
from unified_copy.sandbox.messages import Answer, Received

Counts = Mapping[str, int]
"""How many writes each account has sent, by its key."""


@attrs.frozen
class Served:
    """Hold venues that are served."""

    pid: int
    base_urls: Mapping[str, str]
    accounts: Mapping[str, Sequence[Credentials]]
    """The accounts of each exchange."""
    pipe: Connection

    def writes(self, exchange: str) -> Counts:
        """Return what one venue has been sent so far."""
        self.pipe.send(exchange)
        counts: Counts = self.pipe.recv()
        return counts


@contextmanager
def served(count: Mapping[str, int]) -> Iterator[Served]:
    """Serve the venue of each exchange with that many accounts, in another process, for as long as the block runs."""
    spawning = get_context("spawn")
    here, there = spawning.Pipe()
    process = spawning.Process(target=_serve, args=(dict(count), there), daemon=True)
    process.start()
    try:
        base_urls, accounts = here.recv()
        yield Served(process.pid or 0, base_urls, accounts, here)
    finally:
        here.send("")
        process.join(10)
        process.close()
        here.close()


def _serve(count: Mapping[str, int], pipe: Connection) -> None:
    venues = {exchange: _venue(exchange) for exchange in count}
    writes = {exchange: _counted(venue) for exchange, venue in venues.items()}
    credentials = {
        exchange: [venue.open_account().credentials for _ in range(count[exchange])]
        for exchange, venue in venues.items()
    }
    asyncio.run(_listen(venues, writes, credentials, pipe))


async def _listen(
    venues: Mapping[str, Venue],
    writes: Mapping[str, Counts],
    credentials: Mapping[str, Sequence[Credentials]],
    pipe: Connection,
) -> None:
    # Faults that venues know how to have are switched on here, before anything arrives.
    async with Sandbox(*venues, venues=venues) as sandbox:
        pipe.send((dict(sandbox.base_urls), credentials))
        while exchange := await asyncio.to_thread(pipe.recv):
            pipe.send(writes[exchange])


def _venue(exchange: str) -> Venue:
    module, _, name = load_adapter(exchange).venue.partition(":")
    venue: Venue = getattr(import_module(module), name)()
    return venue


def _counted(venue: Venue) -> Counts:
    """Have a venue count the writes that arrive, by account, and return the counts."""
    counts: Counter[str] = Counter()
    answer_to = venue.answer

    def answer(received: Received) -> Answer:
        if received.method != "GET":
            counts[next((value for value in received.headers.values() if value in venue.accounts), "")] += 1
        return answer_to(received)

    venue.answer = answer  # type: ignore[method-assign]  # it is this one venue that counts
    return counts
