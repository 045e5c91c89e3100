"""A process that lives is told from one that ended, and from one that cannot be asked about."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from unified_copy.processes import Process, lives, this_process

SAY = """
import msgspec, sys
from unified_copy.processes import this_process
print(msgspec.json.encode(this_process()).decode(), flush=True)
sys.stdin.read()
"""


def test_the_process_that_asks_lives() -> None:
    assert lives(this_process()) is True


def test_another_process_lives_until_it_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # noqa: S603 (this very interpreter)
        assert other.stdout is not None
        process = msgspec.json.decode(other.stdout.readline(), type=Process)
        assert process.pid == other.pid
        assert lives(process) is True
        other.kill()
        other.wait()
        assert lives(process) is False


def test_a_process_that_was_killed_and_is_still_listed_does_not_live() -> None:
    with subprocess.Popen([sys.executable, "-c", SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # noqa: S603 (this very interpreter)
        assert other.stdout is not None
        process = msgspec.json.decode(other.stdout.readline(), type=Process)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert lives(process) is False


def test_a_number_that_another_process_has_by_now_is_not_taken_for_it() -> None:
    assert lives(msgspec.structs.replace(this_process(), started="1")) is False


def test_a_process_of_another_place_cannot_be_told() -> None:
    assert lives(msgspec.structs.replace(this_process(), place="elsewhere")) is None


def test_where_the_system_does_not_say_nothing_can_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unified_copy.processes._PROC", tmp_path)
    assert (this_process().started, this_process().place) == ("", "")
    assert lives(this_process()) is None
