"""Serve local venues until stopped, and say how to talk to them."""

from __future__ import annotations

import asyncio
import shlex
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import click

from unified_copy.cli import output
from unified_copy.cli.outcomes import Exit
from unified_copy.cli.signals import call_on
from unified_copy.errors import AdapterError
from unified_copy.registry import exchanges, load_adapter
from unified_copy.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unified_copy.cli.output import JsonValue
    from unified_copy.credentials import Credentials


def run(names: tuple[str, ...], *, ports: Mapping[str, int], as_json: bool) -> int:
    """Serve the venues of ``names``, or of every exchange that has one, until SIGINT or SIGTERM."""
    sandbox = Sandbox(*served(names), ports=ports)
    try:
        asyncio.run(_serve(sandbox, as_json=as_json))
    except KeyboardInterrupt:
        # Where the event loop cannot be told of signals, being stopped looks like this.
        return Exit.DONE
    return Exit.DONE


def served(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``names``, or every exchange that has a local venue; raise ``ClickException`` where none has.

    Where none is named, a plug-in that is broken is told of and left out, so that it takes no other down.
    """
    found = names or tuple(filter(_is_servable, exchanges()))
    if not found:
        raise click.ClickException("no installed exchange has a local venue")
    return found


def _is_servable(name: str) -> bool:
    try:
        if not load_adapter(name).venue:
            return False
        Sandbox(name)
    except AdapterError as error:
        output.stderr().line(f"left out: {error}", "yellow")
        return False
    return True


async def _serve(sandbox: Sandbox, *, as_json: bool) -> None:
    stopped = asyncio.Event()
    call_on(signal.SIGINT, signal.SIGTERM, do=stopped.set)
    async with AsyncExitStack() as running:
        try:
            await running.enter_async_context(sandbox)
        except OSError as error:
            raise click.ClickException(f"a venue cannot listen: {error.strerror or error}") from None
        if as_json:
            output.document({"exchanges": {name: _data(sandbox, name) for name in sandbox.base_urls}})
        else:
            _announce(sandbox)
        await stopped.wait()


def _announce(sandbox: Sandbox) -> None:
    """Write lines that a shell can take as they are: what it must not run is a comment."""
    to = output.stdout()
    for name, url in sandbox.base_urls.items():
        to.line(f"# {name} is served at {url}", "bold")
        for variable, value in environment(name, sandbox.credentials[name]).items():
            to.line(f"export {variable}={shlex.quote(value)}")
        to.line(f"#   --base-url {name}={url}")
        to.line()
    to.line("# Commands that talk to them take the --base-url. Ctrl-C stops them, and what they remember is gone.")


def _data(sandbox: Sandbox, name: str) -> dict[str, JsonValue]:
    return {
        "url": sandbox.base_urls[name],
        "base_url": f"{name}={sandbox.base_urls[name]}",
        "environment": {**environment(name, sandbox.credentials[name])},
    }


def environment(exchange: str, credentials: Credentials) -> Mapping[str, str]:
    """Return the variables from which ``Credentials.from_env`` reads these credentials."""
    prefix = exchange.upper().replace("-", "_")
    values = {
        f"{prefix}_API_KEY": credentials.key,
        f"{prefix}_API_SECRET": credentials.secret,
        f"{prefix}_API_PASSPHRASE": credentials.passphrase,
    }
    return {variable: value for variable, value in values.items() if value is not None}
