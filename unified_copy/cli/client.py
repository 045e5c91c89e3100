"""Make the client for one command: credentials from the environment, addresses from the command line."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import click

from unified_copy.cli import output
from unified_copy.cli.outcomes import interruption
from unified_copy.cli.signals import call_on, cancel_everything
from unified_copy.client import CopyClient
from unified_copy.credentials import Credentials
from unified_copy.registry import resolve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from pathlib import Path

    from unified_copy.adapter import Adapter, Call, Operation
    from unified_copy.cli.options import Target

T = TypeVar("T")


def credentials_for(adapters: Iterable[Adapter]) -> Mapping[str, Credentials]:
    """Return the credentials of every adapter, by name; raise ``CredentialsError`` for the first that has none."""
    return {adapter.name: Credentials.from_env(adapter.name) for adapter in adapters}


def client_for(
    adapters: Iterable[Adapter],
    credentials: Mapping[str, Credentials] | None,
    base_urls: Mapping[str, str],
    journal: Path | None,
) -> CopyClient:
    """Return a client for ``adapters``; nothing connects yet.

    Without ``credentials`` the environment is asked once a call needs some. Raises ``UsageError`` for an address that
    none of the adapters would use, because what was meant for it would go to the real venue, and ``ConfigError`` for
    an unusable address.
    """
    used = {adapter.name: adapter for adapter in adapters}
    for name in base_urls:
        if name not in used:
            raise click.UsageError(f"--base-url is for {name}, and this command sends to {' and '.join(used)} only")
    return CopyClient(credentials=credentials, base_urls=base_urls, adapters=used.values(), journal=journal)


def sign_on_trial(adapter: Adapter, calls: Iterable[Call[Any]], credentials: Credentials) -> None:
    """Sign every call once for nothing, because a passphrase that is missing shows only there."""
    for call in calls:
        adapter.sign(call.request, credentials, now_ms=time.time_ns() // 1_000_000)


def address(adapter: Adapter, base_urls: Mapping[str, str]) -> str:
    """Return where the requests of an adapter go."""
    return base_urls.get(adapter.name, adapter.hosts[0])


def place(adapter: Adapter, base_urls: Mapping[str, str]) -> tuple[str, ...]:
    """Return the arguments that send another command to the same address."""
    name = adapter.name
    return ("--exchange", name, *(("--base-url", f"{name}={base_urls[name]}") if name in base_urls else ()))


@attrs.frozen
class Connection:
    """Hold the one exchange that a command talks to."""

    adapter: Adapter
    base_urls: Mapping[str, str]
    journal: Path | None = None

    @classmethod
    def to(cls, target: Target, *operations: Operation) -> Connection:
        """Find the exchange that was named.

        Raises ``UnsupportedError`` before anything is asked where it lacks one of ``operations``, ``UsageError`` and
        ``ConfigError`` for an address that cannot be used, and whatever building the adapter raises.
        """
        connection = cls(resolve(target.exchange, target.adapter_options), target.base_urls, target.journal)
        connection.client()
        for operation in operations:
            connection.adapter.require(operation)
        return connection

    def client(self) -> CopyClient:
        """Return a new client; a client lives as long as one event loop."""
        return client_for([self.adapter], None, self.base_urls, self.journal)

    def read(self, ask: Callable[[CopyClient], Awaitable[T]]) -> T:
        """Return what ``ask`` comes to, with a client that is closed afterwards."""

        async def reading() -> T:
            async with self.client() as client:
                return await ask(client)

        return asyncio.run(reading())

    def write(self, told: str, act: Callable[[CopyClient], Awaitable[T]]) -> T:
        """Do what ``read`` does, for something that must not end without a word.

        A terminal shows ``told`` meanwhile. Raises ``KeyboardInterrupt`` with what the client noted where the process
        is asked to end.
        """
        interrupted = KeyboardInterrupt()
        console = output.stderr().console

        async def acting(client: CopyClient) -> T:
            nonlocal interrupted
            # A polite request to end deserves the same report as Ctrl-C.
            call_on(signal.SIGTERM, do=cancel_everything)
            try:
                with console.status(told) if console else contextlib.nullcontext():
                    return await act(client)
            except asyncio.CancelledError as error:
                interrupted = interruption(error)
                raise

        try:
            return self.read(acting)
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise interrupted from None
