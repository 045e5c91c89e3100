"""An order of a leader's cannot stand where his account belongs, nor the other way round."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MIXED = """
from unified_copy_xt.translate import account_id
from unified_copy_xt.wire import AccountId, LeaderOrderId

account: AccountId = account_id("7")
order: LeaderOrderId = account_id("7")
other: AccountId = LeaderOrderId(7)
plain: LeaderOrderId = 7
"""


def test_mixing_the_two_ids_is_found_before_anything_runs(tmp_path: Path) -> None:
    path = tmp_path / "mixed.py"
    path.write_text(MIXED, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", str(path)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)  # noqa: S603 (our own file)
    assert [line.split(":")[1] for line in ran.stdout.splitlines() if "[assignment]" in line] == ["6", "7", "8"]
