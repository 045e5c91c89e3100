"""What a terminal gets that a pipe does not: colour, folding, progress and a question."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import At, Ran
    from unified_copy.sandbox import Sandbox

    OnTerminal = Callable[..., Ran]

DESCRIBED = ("--leader", "123123123", "--fixed-amount", "330", "--symbol", "BTC/USDT", "--exchange", "bitget")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def column(out: str, name: str, following: str) -> str:
    """Return the text of one column of a table, put together again."""
    header, *lines = ESCAPES.sub("", out).partition("\n\n")[2].splitlines()[1:]
    return "".join(line[header.index(name) : header.index(following)].strip() for line in lines)


def test_a_terminal_gets_colour(terminal: OnTerminal) -> None:
    assert "\x1b[" in terminal("exchanges").out
    assert "\x1b[1;31merror: " in terminal("translate", *DESCRIBED, "--max-total", "1").err


def test_no_color_is_heeded(terminal: OnTerminal) -> None:
    assert "\x1b[1;31m" not in terminal("translate", *DESCRIBED, "--max-total", "1", NO_COLOR="1").err


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_content_folds_and_no_digit_is_lost(terminal: OnTerminal, columns: int) -> None:
    digits = "0." + "123456789" * 4
    described = ("--leader", "1", "--multiplier", digits, "--symbol", "BTC/USDT", "--exchange", "xt")
    out = terminal("translate", *described, columns=columns).out
    assert "…" not in out
    assert digits in column(out, "config", "outcome")


def test_a_request_is_one_line_that_can_be_copied(terminal: OnTerminal) -> None:
    out = ESCAPES.sub("", terminal("translate", *DESCRIBED, columns=40).out)
    body = out.splitlines()[-1]
    assert body.startswith('{"traderId":"123123123"')
    assert body.endswith("}]}")


def test_markup_and_emoji_of_a_config_stay_text(terminal: OnTerminal) -> None:
    described = ("--leader", "[red]:smile:", *DESCRIBED[2:])
    assert "[red]:smile:" in ESCAPES.sub("", terminal("translate", *described).out)


@pytest.mark.parametrize("typed", ["y\n", "YES\n"])
def test_a_yes_sends(terminal: OnTerminal, sandbox: Sandbox, at_sandbox: At, typed: str) -> None:
    ran = terminal("follow", *DESCRIBED, *at_sandbox("bitget"), typed=typed)
    shown = ESCAPES.sub("", ran.err)
    assert ran.code == 0
    assert "applied" in ran.out
    assert f"leader 123123123 on bitget, at {sandbox.base_urls['bitget']}\nSend this? [y/N] " in shown
    assert "traceValue=330" in shown
    assert "1/1 leader 123123123 on bitget" in shown


@pytest.mark.parametrize("typed", ["", "\n", "n\n", "ye\n"])
def test_anything_but_a_yes_sends_nothing(terminal: OnTerminal, sandbox: Sandbox, at_sandbox: At, typed: str) -> None:
    ran = terminal("follow", *DESCRIBED, *at_sandbox("bitget"), typed=typed)
    assert (ran.code, ran.out) == (2, "")
    assert ESCAPES.sub("", ran.err).endswith("Send this? [y/N] nothing was sent\n")
    assert not sandbox.venue("bitget").received


@pytest.mark.usefixtures("keys")
def test_an_interrupted_question_sends_nothing(terminal: OnTerminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unified_copy.cli.follow._confirmed", interrupt)
    assert terminal("follow", *DESCRIBED).code == 130


@pytest.mark.usefixtures("keys")
def test_the_question_names_the_real_exchange(terminal: OnTerminal) -> None:
    ran = terminal("follow", *DESCRIBED, typed="n\n")
    assert "leader 123123123 on bitget, at https://api.bitget.com\n" in ESCAPES.sub("", ran.err)


def test_told_beforehand_it_does_not_ask(terminal: OnTerminal, at_sandbox: At) -> None:
    ran = terminal("follow", *DESCRIBED, *at_sandbox("bitget"), "--yes", "--json")
    assert ran.code == 0
    assert "Send this?" not in ran.err
    assert ran.json["follows"][0]["outcome"] == "applied"


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_a_real_terminal_is_asked_and_shown_the_outcome(sandbox: Sandbox, at_sandbox: At) -> None:
    import pty  # noqa: PLC0415 (not everywhere)

    command = ["-P", "-c", "import sys; from unified_copy.cli import main; sys.exit(main())", "follow", *DESCRIBED]
    child, screen = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, *command, *at_sandbox("bitget")])  # noqa: S606 (our own interpreter)
    seen = b""
    answered = False
    try:
        while chunk := os.read(screen, 4096):
            seen += chunk
            if not answered and b"[y/N] " in seen:
                os.write(screen, b"y\n")
                answered = True
    except OSError:
        pass  # how Linux says that the other side has closed
    finally:
        os.close(screen)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert b"applied" in seen
    assert b"\x1b[" in seen
    assert sandbox.venue("bitget").received
