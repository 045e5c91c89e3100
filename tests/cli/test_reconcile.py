"""Writes of the command line are recorded on request, and ``reconcile`` settles what a killed process left open."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scripted_venue import CUT, Reply, ScriptedVenue

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import At, Full, Ran, Run
    from unified_copy.sandbox import Sandbox
    from unified_copy.sandbox.messages import Answer, Received

    Victim = queue.Queue[subprocess.Popen[str]]

DESCRIBED = ("--leader", "123123123", "--fixed-amount", "330", "--symbol", "BTC/USDT", "--exchange", "bitget", "--yes")
FOLLOW = "/api/v2/copy/mix-follower/settings"
QUERY = "/api/v2/copy/mix-follower/query-settings"
PROGRAM = str(Path(sys.executable).with_name("unified-copy"))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def lines_of(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def told(journal: Path) -> list[tuple[str, str]]:
    """Return the operation or the outcome of every line."""
    return [(line["line"], line.get("operation") or line["outcome"]) for line in lines_of(journal)]


@pytest.mark.parametrize("by", ["option", "environment"])
def test_every_write_of_the_command_line_is_recorded(
    run: Run, full: Full, journal: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    if by == "environment":
        monkeypatch.setenv("UNIFIED_COPY_JOURNAL", str(journal))
    there = (*full.target, *(("--journal", str(journal)) if by == "option" else ()))
    first, second = (each["position_id"] for each in run("positions", *full.target, "--json").json["positions"])
    assert run("protect", first, *there, "--stop-loss-price", "1", "--yes").code == 0
    assert run("close", first, *there, "--yes").code == 0
    assert run("close", "--all-symbols", *there, "--yes").code == 0
    assert run("unfollow", "7", *there, "--yes").code == 0
    described = ("--leader", "8", "--fixed-amount", "50", "--symbol", "BTC/USDT")
    assert run("follow", *described, *there, "--yes").code == 0
    writes = ["protect", "close", "close", "unfollow", "follow"]
    assert told(journal) == [line for name in writes for line in (("begun", name), ("ended", "done"))]
    assert [line["about"] for line in lines_of(journal) if line["line"] == "begun"][1:3] == [
        f"position {first}",
        f"position {second}",
    ]


def test_reading_needs_no_journal(run: Run, full: Full, journal: Path) -> None:
    ran = run("positions", *full.target, "--journal", str(journal))
    assert ran.code == 2
    assert "No such option" in ran.err


def test_a_journal_that_cannot_be_written_keeps_everything_from_being_sent(
    run: Run, full: Full, tmp_path: Path
) -> None:
    ran = run("unfollow", "7", *full.target, "--journal", str(tmp_path), "--yes")
    assert ran.code == 2
    assert f"error: journal: {tmp_path} cannot be written, so nothing was sent: Is a directory" in ran.err
    assert full.sent() == []


# ------------------------------------------------------------------ a process that is killed


@pytest.fixture
def killing(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Victim]:
    """Return a function that makes the local Bitget kill whoever writes to it, before or after it does the work."""

    def arm(*, after: bool) -> Victim:
        venue = sandbox.venue("bitget")
        answer = venue.answer
        victim: Victim = queue.Queue()

        def kill(received: Received) -> Answer:
            if received.method != "POST":
                return answer(received)
            done = answer(received) if after else venue.refusal("40010")
            process = victim.get(timeout=10)
            process.kill()
            process.wait()
            return done

        monkeypatch.setattr(venue, "answer", kill)
        return victim

    return arm


@pytest.mark.parametrize(("after", "outcome"), [(True, "took effect"), (False, "did not take effect")])
def test_what_a_killed_process_left_open_is_settled(  # noqa: PLR0913, PLR0917 (all fixtures)
    run: Run,
    at_sandbox: At,
    killing: Callable[..., Victim],
    journal: Path,
    monkeypatch: pytest.MonkeyPatch,
    after: bool,  # noqa: FBT001 (a parameter of the test)
    outcome: str,
) -> None:
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.5)
    there = at_sandbox("bitget")
    victim = killing(after=after)
    with subprocess.Popen([PROGRAM, "follow", *DESCRIBED, *there, "--journal", str(journal)], text=True) as follow:  # noqa: S603 (our own program)
        victim.put(follow)
    assert follow.returncode == -signal.SIGKILL
    assert told(journal) == [("begun", "follow")]
    ran = run("reconcile", str(journal), *there, "--json")
    assert ran.code == 0
    (write,) = ran.json["writes"]
    assert (write["operation"], write["about"], write["outcome"]) == ("follow", "leader 123123123", outcome)
    assert write["wanted"]["sizing"] == {"fixed_amount": "330"}
    assert told(journal) == [("begun", "follow"), ("ended", outcome)]
    ran = run("reconcile", str(journal), *there)
    assert (ran.code, ran.out) == (0, f"{journal} leaves nothing open\n")


def test_what_a_living_process_is_still_at_is_left_to_it(run: Run, scripted: ScriptedVenue, journal: Path) -> None:
    scripted.on(FOLLOW, Reply({"code": "31034", "msg": ""}, after=60))
    there = ("--base-url", f"bitget={scripted.url}")
    command = [PROGRAM, "follow", *DESCRIBED, *there, "--journal", str(journal)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as follow:  # noqa: S603 (our own program)
        while not scripted.sent(FOLLOW):
            assert follow.poll() is None
            time.sleep(0.01)
        ran = run("reconcile", str(journal), *there)
        assert ran.code == 6
        assert f"open     under way: process {follow.pid} is at it" in ran.out
        follow.send_signal(signal.SIGTERM)
    assert told(journal) == [("begun", "follow"), ("ended", "cancelled")]


# ------------------------------------------------------------------ the report


def test_the_report_says_what_is_known_of_every_write(run: Run, scripted: ScriptedVenue, journal: Path) -> None:
    scripted.on(FOLLOW, CUT)
    there = ("--base-url", f"bitget={scripted.url}")
    assert run("follow", *DESCRIBED, *there, "--journal", str(journal)).code == 6
    with journal.open("ab") as file:
        file.write(b'{"line":')
    ran = run("reconcile", str(journal), *there)
    assert ran.code == 6
    row = ran.out.splitlines()[1]
    assert "bitget    follow leader 123123123  open     reading failed: bitget" in row
    assert ran.err == f"note: these lines of {journal} cannot be read, as after a crash while writing: 3\n"
    scripted.on(QUERY, Reply({"code": "00000", "data": {"followerEnable": "NO", "detailList": []}}))
    ran = run("reconcile", str(journal), *there)
    assert ran.code == 0
    assert ran.out.splitlines()[1].endswith(
        "did not take effect  leader_id: wanted an active follow, shown not following"
    )


def test_a_terminal_shows_the_report_too(
    terminal: Callable[..., Ran], run: Run, scripted: ScriptedVenue, journal: Path
) -> None:
    scripted.on(FOLLOW, CUT)
    there = ("--base-url", f"bitget={scripted.url}")
    run("follow", *DESCRIBED, *there, "--journal", str(journal))
    ran = terminal("reconcile", str(journal), *there, columns=160)
    assert ran.code == 6
    assert "reading failed" in ran.out


def test_the_file_may_be_named_by_the_environment(run: Run, journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIFIED_COPY_JOURNAL", str(journal))
    ran = run("reconcile", "--json")
    assert ran.code == 2
    assert ran.json["error"]["message"] == f"journal: {journal} cannot be read: No such file or directory"
