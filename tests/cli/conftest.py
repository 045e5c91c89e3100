"""What the tests of the command line share: running a command, and venues that serve beside it."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs
import pytest
from full_exchange.adapter import FullAdapter
from full_exchange.venue import FullVenue
from scripted_venue import ScriptedVenue, serving

from unified_copy import register
from unified_copy.cli import main
from unified_copy.cli.sandbox import environment
from unified_copy.registry import unregister
from unified_copy.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

T = TypeVar("T")


@attrs.frozen
class Ran:
    """Hold what a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 (whatever was printed)
        """Return the one JSON document of standard output."""
        return json.loads(self.out)


@attrs.frozen
class Full:
    """Hold the venue that can do everything, and the arguments that lead there."""

    venue: FullVenue
    target: tuple[str, ...]

    def sent(self) -> list[str]:
        """Return the writes that the venue has received."""
        return [received.operation for received in self.venue.received if received.method == "POST"]


Run: TypeAlias = "Callable[..., Ran]"
Write: TypeAlias = "Callable[..., str]"
At: TypeAlias = "Callable[..., list[str]]"


class _Terminal(io.StringIO):
    """Be a terminal, as far as anybody asks."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs one command in this process."""

    def run_command(*arguments: str) -> Ran:
        capsys.readouterr()
        code = main(arguments)
        written = capsys.readouterr()
        return Ran(code, written.out, written.err)

    return run_command


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a config file and returns its path."""

    def write(text: str, name: str = "follow.toml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@contextmanager
def in_background(context: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Keep an asynchronous context open in a thread of its own, beside a command that runs its own event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        entered = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(10)
        try:
            yield entered
        finally:
            asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve both local venues, with their keys in the environment."""
    with in_background(Sandbox("bitget", "xt")) as serving_both:
        for name, credentials in serving_both.credentials.items():
            for variable, value in environment(name, credentials).items():
                monkeypatch.setenv(variable, value)
        yield serving_both


@pytest.fixture
def at_sandbox(sandbox: Sandbox) -> Callable[..., list[str]]:
    """Return a function that names the address of exchanges in the sandbox, as arguments."""

    def arguments(*names: str) -> list[str]:
        return [word for name in names for word in ("--base-url", f"{name}={sandbox.base_urls[name]}")]

    return arguments


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[Full]:
    """Serve an exchange that can do everything, where leader 7 is followed in two pairs."""
    register(FullAdapter)
    with in_background(Sandbox("full")) as serving_one:
        for variable, value in environment("full", serving_one.credentials["full"]).items():
            monkeypatch.setenv(variable, value)
        venue = serving_one.venue("full")
        assert isinstance(venue, FullVenue)
        target = ("--exchange", "full", "--base-url", f"full={serving_one.base_urls['full']}")
        followed = ("--leader", "7", "--fixed-amount", "50", "--symbol", "BTC/USDT", "--symbol", "ETH/USDT")
        assert main(("follow", *followed, *target, "--yes")) == 0
        venue.received.clear()
        yield Full(venue, target)
    unregister("full")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put throw-away keys into the environment."""
    for name, value in {
        "BITGET_API_KEY": "key-0001",
        "BITGET_API_SECRET": "secret-0001",
        "BITGET_API_PASSPHRASE": "passphrase-0001",
        "XT_API_KEY": "key-0002",
        "XT_API_SECRET": "secret-0002",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def scripted(keys: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedVenue]:  # noqa: ARG001 (a venue is talked to with keys)
    """Serve a venue that answers what a test writes down; reading back gives up within half a second."""
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.5)
    monkeypatch.setattr("unified_copy.writes.FIRST_PAUSE", 0.05)
    with in_background(serving()) as venue:
        yield venue


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Return a function that runs one command on a terminal of 80 columns, where somebody types ``typed``."""

    def run_command(*arguments: str, typed: str = "", columns: int = 80, **environment: str) -> Ran:
        with monkeypatch.context() as patched:
            patched.setenv("TERM", "xterm-256color")
            patched.setenv("COLUMNS", str(columns))
            for name in ("NO_COLOR", "FORCE_COLOR"):
                patched.delenv(name, raising=False)
            for name, value in environment.items():
                patched.setenv(name, value)
            stdin, stdout, stderr = _Terminal(typed), _Terminal(), _Terminal()
            patched.setattr("sys.stdin", stdin)
            patched.setattr("sys.stdout", stdout)
            patched.setattr("sys.stderr", stderr)
            return Ran(main(arguments), stdout.getvalue(), stderr.getvalue())

    return run_command
