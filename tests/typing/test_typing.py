"""Users get the types that the documentation promises, and mistakes are found before anything runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

USERS = Path(__file__).with_name("users.py")


def _mypy(path: Path, *, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={folder}", str(path)]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)  # noqa: S603 (our own file)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def test_what_users_write_has_the_promised_types(cache: Path) -> None:
    assert _mypy(USERS, folder=cache).stdout == "Success: no issues found in 1 source file\n"


@pytest.mark.parametrize(
    ("expression", "type_"),
    [
        ('translate(config, exchange="xt")', "unified_copy.translation.Translation"),
        ('load_adapter("xt")', "type[unified_copy.adapter.Adapter]"),
        ("config.sizing", "FixedAmount | unified_copy.terms.FixedQuantity"),
        ('CopyClient().follow(config, exchange="xt")', "unified_copy.client.FollowResult"),
        ('CopyClient().unfollow("1", exchange="xt")', "unified_copy.results.ActionResult"),
        ('CopyClient().positions(exchange="xt")', "AsyncIterator[unified_copy.results.CopiedPosition]"),
        ('CopyClient().leader("1", exchange="xt")', "unified_copy.results.LeaderProfile"),
    ],
)
def test_an_editor_shows_a_type_and_not_any(cache: Path, tmp_path: Path, expression: str, type_: str) -> None:
    asked = tmp_path / "asked.py"
    asked.write_text(
        "from unified_copy import CopyClient, FixedAmount, FollowConfig, load_adapter, translate\n"
        'config = FollowConfig(leader_id="1", sizing=FixedAmount("330"), symbols=["BTC/USDT"])\n'
        f"reveal_type({expression})\n",
        encoding="utf-8",
    )
    assert type_ in _mypy(asked, folder=cache).stdout
