"""What ``sandbox`` prints, serves, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from unified_copy import Adapter, exchanges, load_adapter
from unified_copy.cli import output, sandbox
from unified_copy.errors import AdapterError

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from unified_copy.sandbox import Sandbox

CODE = "import sys; from unified_copy.cli import main; sys.exit(main())"
DESCRIBED = ("--leader", "1", "--fixed-amount", "330", "--symbol", "BTC/USDT", "--yes")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped(run: Run, monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    announce = sandbox._announce

    def stop_after(sandbox: Sandbox) -> None:
        announce(sandbox)
        os.kill(os.getpid(), number)

    monkeypatch.setattr(sandbox, "_announce", stop_after)
    ran = run("sandbox")
    assert (ran.code, ran.err) == (0, "")
    assert [line for line in ran.out.splitlines() if line.startswith("# bitget is served at http://127.0.0.1:")]
    assert [line for line in ran.out.splitlines() if line.startswith("#   --base-url xt=http://127.0.0.1:")]
    exported = [line.partition("=")[0] for line in ran.out.splitlines() if line.startswith("export ")]
    assert {
        "export BITGET_API_KEY",
        "export BITGET_API_SECRET",
        "export BITGET_API_PASSPHRASE",
        "export XT_API_KEY",
        "export XT_API_SECRET",
    } <= set(exported)
    assert len(set(exported)) == len(exported)


def test_the_addresses_are_a_document_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write = output.document

    def stop_after(data: output.JsonValue) -> None:
        write(data)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(output, "document", stop_after)
    told = run("sandbox", "xt", "--json").json["exchanges"]["xt"]
    assert told["base_url"] == f"xt={told['url']}"
    assert sorted(told["environment"]) == ["XT_API_KEY", "XT_API_SECRET"]


def test_a_reader_who_has_gone_ends_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: Sandbox) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(sandbox, "_announce", gone)
    ran = run("sandbox", "xt")
    assert ran.code == 1
    assert "its reader has gone" in ran.err


def test_where_the_event_loop_knows_no_signals_it_ends_as_cleanly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise NotImplementedError

    def stop(_: Sandbox) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", unknown)
    monkeypatch.setattr(sandbox, "_announce", stop)
    assert run("sandbox", "xt").code == 0


def test_another_process_can_follow_with_what_is_printed() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = [sys.executable, "-P", "-c", CODE, "sandbox", "bitget", "--port", f"bitget={port}", "--json"]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as served:  # noqa: S603 (our own interpreter)
        try:
            assert served.stdout is not None
            told = json.loads(served.stdout.readline())["exchanges"]["bitget"]
            assert told["url"] == f"http://127.0.0.1:{port}"
            command = [sys.executable, "-P", "-c", CODE, "follow", *DESCRIBED, "--exchange", "bitget"]
            followed = subprocess.run(  # noqa: S603 (likewise)
                [*command, "--base-url", told["base_url"]],
                env={**os.environ, **told["environment"]},
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
        finally:
            served.terminate()
        rest = served.stdout.read()
    assert (served.returncode, rest) == (0, "")
    assert followed.returncode == 0
    assert "applied" in followed.stdout


@pytest.mark.parametrize("broken", ["adapter", "venue"])
def test_a_broken_plug_in_takes_no_other_down(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str
) -> None:
    def load(name: str) -> type[Adapter]:
        adapter_class = load_adapter(name)
        if name == "xt":
            return type("Xt", (adapter_class,), {"venue": ""})
        if name != "okx":
            return adapter_class
        if broken == "adapter":
            raise AdapterError(name, "does not import")
        return type("Okx", (adapter_class,), {"venue": "nowhere_to_be_found:Venue"})

    monkeypatch.setattr("unified_copy.cli.sandbox.load_adapter", load)
    monkeypatch.setattr("unified_copy.sandbox.server.load_adapter", load)
    assert sandbox.served(()) == tuple(name for name in exchanges() if name not in {"okx", "xt"})
    told = {"adapter": "does not import", "venue": "its venue 'nowhere_to_be_found:Venue' does not load"}
    arguments = capsys.readouterr().err
    assert f"left out: adapter okx: {told[broken]}" in arguments
    assert "adapter xt:" not in arguments


def test_a_port_that_is_taken_is_told(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = run("sandbox", "xt", "--port", f"xt={taken.getsockname()[1]}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: a venue cannot listen: ")


def test_a_port_for_an_exchange_that_is_not_served_is_refused(run: Run) -> None:
    ran = run("sandbox", "xt", "--port", "bitget=8001", "--json")
    assert ran.code == 2
    assert ran.json["error"]["field"] == "ports"


def test_an_exchange_that_nobody_knows_is_refused(run: Run) -> None:
    ran = run("sandbox", "bitgett")
    assert ran.code == 2
    assert "did you mean: bitget" in ran.err


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_no_venue_at_all_is_told(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(sandbox, "exchanges", lambda: ())
    ran = run(command, "--json")
    assert ran.code == 2
    assert ran.json["error"]["message"] == "no installed exchange has a local venue"


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_without_the_extra_one_line_says_how_to_get_it(command: str) -> None:
    code = f"import sys; sys.modules['yaml'] = None; from unified_copy.cli import main; sys.exit(main(['{command}']))"
    ran = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "error: the sandbox needs yaml: pip install unified-copy[sandbox]\n"


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_a_missing_extra_is_a_document_too(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    for module in ("unified_copy.cli.sandbox", "unified_copy.cli.demo"):
        monkeypatch.setitem(sys.modules, module, None)
        monkeypatch.delattr(f"{module}", raising=False)
    ran = run(command, "--json")
    assert ran.code == 2
    assert ran.json["error"]["class"] == "ClickException"
