"""A short soak, as ``make soak`` does it for long: one process that follows, another that serves the venues."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_many_follows_of_many_accounts_are_neither_lost_nor_doubled_and_leave_nothing_behind() -> None:
    command = [sys.executable, "-P", str(ROOT / "tools" / "soak" / "run.py"), "--accounts", "100", "--follows", "300"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "support")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)  # noqa: S603 (our own)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "300 follows by 100 accounts" in done.stdout
    assert "nothing lost, nothing doubled, nothing left" in done.stdout
    assert "accounts: 100 of 100" in done.stderr
