"""What holds for the command line as a whole: help, arguments, streams, and what is loaded."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from unified_copy.cli import main
from unified_copy.errors import AdapterError

if TYPE_CHECKING:
    from tests.cli.conftest import Run

DESCRIBED = ("--leader", "1", "--fixed-amount", "330", "--symbol", "BTC/USDT", "--exchange", "bitget")
COMMANDS = (
    "close",
    "demo",
    "doctor",
    "exchanges",
    "follow",
    "history",
    "leader",
    "leaders",
    "new-adapter",
    "positions",
    "protect",
    "reconcile",
    "sandbox",
    "settings",
    "symbols",
    "translate",
    "unfollow",
)


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from unified_copy.cli import main; sys.exit(main())"
    return subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-P", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_lists_the_commands_and_the_exit_codes(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert ran.code == 0
    assert [command for command in COMMANDS if f"\n  {command} " not in ran.out] == []
    assert "  6    nobody knows whether it took effect: look before repeating\n" in ran.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    ran = run(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "--json" in ran.out


def test_the_version_is_that_of_the_distribution(run: Run) -> None:
    assert run("--version").out.startswith("unified-copy 0.")


def test_help_loads_neither_the_http_stack_nor_rich() -> None:
    code = (
        "import sys; from unified_copy.cli import main; main(['--help']); "
        "print([name for name in ('aiohttp', 'asyncio', 'rich', 'cattrs', 'unified_copy.client', 'yaml') "
        "if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    assert ran.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, run: Run, missing: str) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr("unified_copy.cli.find_spec", lambda name: None if name == missing else found(name))
    ran = run("exchanges")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"{missing} missing; the command line needs: pip install unified-copy[cli]\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("folow",), "No such command 'folow'"),
        (("translate", "--levrage", "3"), "No such option"),
        (("settings",), "Missing argument 'LEADER'"),
        (("settings", "1"), "--exchange is needed"),
        (("translate", *DESCRIBED, "--margin-mode", "both"), "'both' is not one of"),
        (("translate", *DESCRIBED, "--option", "rate_unit"), "'rate_unit' is not of the form NAME=VALUE"),
        (("translate", *DESCRIBED, "--option", "a=1", "--option", "a=2"), "a is given twice"),
        (
            ("translate", *DESCRIBED, "--leverage", "10"),
            "'10' is not a leverage; write leader, position, or LONG:SHORT",
        ),
        (("sandbox", "--port", "xt=http"), "'http' is not a port"),
        (("sandbox", "--port", "xt=65536"), "'65536' is not a port"),
        (("sandbox", "--port", "xt=0"), "'0' is not a port"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_sent(run: Run, arguments: tuple[str, ...], told: str) -> None:
    ran = run(*arguments, "--json")
    assert ran.code == 2
    assert told in ran.err
    assert "Nothing was sent. See: unified-copy" in ran.err
    assert told in ran.json["error"]["message"]


def test_an_error_is_one_block_without_a_traceback(run: Run) -> None:
    ran = run("translate", *DESCRIBED, "--stop-loss", "20")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: stop_loss: 20 is above 4; this is a fraction, 0.2 for 20 %: did you mean percent?\n"
        "  Nothing was sent: a value is not valid; correct the named field and try again.\n"
    )


def test_an_error_is_a_document_too(run: Run) -> None:
    ran = run("translate", *DESCRIBED, "--max-total", "100", "--json")
    error = ran.json["error"]
    assert (error["class"], error["field"], error["exchange"]) == ("UnsupportedError", "max_total", "bitget")
    assert error["conclusion"].startswith("Nothing was sent: this exchange cannot do what the field asks")
    assert ran.err.startswith("error: bitget: max_total: ")


def test_a_broken_plug_in_is_told_with_its_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise AdapterError("bitget", "does not import")

    monkeypatch.setattr("unified_copy.cli.requested.resolve", broken)
    ran = run("translate", *DESCRIBED, "--json")
    assert ran.code == 2
    assert ran.json["error"]["exchange"] == "bitget"


def test_an_unknown_exchange_comes_with_the_nearest_names(run: Run) -> None:
    ran = run("translate", *DESCRIBED[:-1], "bitgett", "--json")
    assert ran.code == 2
    assert ran.json["error"]["nearest"][0] == "bitget"


@pytest.mark.usefixtures("keys")
def test_what_nobody_expected_shows_no_traceback_and_no_credentials(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(*_: object) -> None:
        raise RuntimeError("signing with secret-0001\x1b[2J failed")

    monkeypatch.setattr("unified_copy.cli.requested.resolve", burst)
    ran = run("translate", *DESCRIBED, "--json")
    assert ran.code == 1
    assert ran.err.splitlines()[0] == "error: RuntimeError: signing with ***\\x1b[2J failed"
    assert "Traceback" not in ran.err
    assert "secret-0001" not in ran.err + ran.out
    assert ran.json["error"]["class"] == "RuntimeError"


def test_an_exception_without_words_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("unified_copy.cli.requested.resolve", burst)
    assert run("translate", *DESCRIBED).err.startswith("error: ZeroDivisionError\n")


def test_an_interruption_is_told_in_one_word(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unified_copy.cli.requested.resolve", interrupt)
    ran = run("translate", *DESCRIBED)
    assert (ran.code, ran.err) == (130, "error: interrupted\n")


@pytest.mark.parametrize(
    "arguments", [("exchanges",), ("translate", "--json"), ("settings", "1", "--exchange", "q", "--json")]
)
def test_a_reader_who_has_gone_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        assert main(arguments) == 1
    assert capsys.readouterr().err.endswith("error: the output could not be written: its reader has gone\n")


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_stream_that_is_closed_does_not_change_the_outcome(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setattr(f"sys.{name}", None)
    assert main(("translate", *DESCRIBED)) == 0
    assert main(("translate", *DESCRIBED, "--exchange", "nowhere")) == 2
    assert getattr(sys, name) is None
    written = capsys.readouterr()
    assert ("traderId" in written.out) is (name != "stdout")
    assert ("no adapter" in written.err) is (name != "stderr")


def test_without_stdin_there_is_nobody_to_ask(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "SECRET", "PASSPHRASE"):
        monkeypatch.setenv(f"BITGET_API_{name}", "given")
    monkeypatch.setattr("sys.stdin", None)
    ran = run("unfollow", "1", "--exchange", "bitget")
    assert ran.code == 2
    assert "there is no terminal to ask on" in ran.err


def test_no_reader_at_all_is_no_traceback_either(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        monkeypatch.setattr("sys.stderr", stream)
        assert main(["exchanges"]) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        assert main(["exchanges"]) == 1
    assert capsys.readouterr().err == "error: the output could not be written: No space left on device\n"


def test_a_stream_of_a_narrow_encoding_gets_escapes() -> None:
    described = ("--leader", "ÿ", "--multiplier", "1", "--symbol", "月/USDT", "--exchange", "bitget")
    ran = process("translate", *described, PYTHONIOENCODING="ascii")
    assert ran.returncode == 0
    assert "traderId=\\xff" in ran.stdout
    assert "\\u6708/USDT" in ran.stdout


def test_the_process_ends_with_the_exit_code() -> None:
    ran = process("translate", "--json")
    assert ran.returncode == 2
    assert json.loads(ran.stdout)["error"]["class"] == "UsageError"
    assert "Traceback" not in ran.stderr
