"""Make the client for one command: credentials from the environment, addresses from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from unified_copy.client import CopyClient
from unified_copy.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unified_copy.adapter import Adapter


def credentials_for(adapters: Iterable[Adapter]) -> Mapping[str, Credentials]:
    """Return the credentials of every adapter, by name; raise ``CredentialsError`` for the first that has none."""
    return {adapter.name: Credentials.from_env(adapter.name) for adapter in adapters}


def client_for(
    adapters: Iterable[Adapter], credentials: Mapping[str, Credentials], base_urls: Mapping[str, str]
) -> CopyClient:
    """Return a client for ``adapters``; nothing connects yet.

    Raises ``UsageError`` for an address that none of them would use, because what was meant for it would go to the
    real venue, and ``ConfigError`` for an unusable address.
    """
    used = {adapter.name: adapter for adapter in adapters}
    for name in base_urls:
        if name not in used:
            raise click.UsageError(f"--base-url is for {name}, and this command sends to {' and '.join(used)} only")
    return CopyClient(credentials=credentials, base_urls=base_urls, adapters=used.values())


def address(adapter: Adapter, base_urls: Mapping[str, str]) -> str:
    """Return where the requests of an adapter go."""
    return base_urls.get(adapter.name, adapter.hosts[0])
