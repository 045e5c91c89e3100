"""What ``demo`` shows."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Run


def test_one_config_is_followed_on_two_exchanges_and_refusals_are_explained(run: Run) -> None:
    ran = run("demo")
    assert (ran.code, ran.err) == (0, "")
    for told in (
        'sizing = { fixed_amount = "330" }',
        "POST /api/v2/copy/mix-follower/settings\n",
        "POST /v4/account/copy-trade/follow\n",
        "bitget    123123123  applied  reads back as asked\n",
        "xt        123123123  applied  reads back as asked\n",
        "xt: leader 123123123 is followed\n",
        "xt: stop_loss: XT does not document whether this rate is a fraction or percent",
        "bitget: symbols: Bitget wants the pairs by name",
        "bitget refused with 31034: the leader has no place left",
        "This leader cannot be followed",
    ):
        assert told in ran.out


def test_the_demonstration_is_a_document_too(run: Run) -> None:
    shown = run("demo", "--json").json
    assert [each["outcome"] for each in shown["follows"]] == ["applied", "applied"]
    assert [each["class"] for each in shown["refusals"]] == [
        "UnsupportedError",
        "UnsupportedError",
        "LeaderUnavailableError",
    ]
    assert [each["exchange"] for each in shown["translations"]] == ["bitget", "xt"]
    assert shown["requests_received"] == {"bitget": 2, "xt": 3}


def test_the_environment_changes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = run("demo").out
    monkeypatch.setenv("XT_RATE_UNIT", "percent")
    monkeypatch.setenv("XT_GENERATION", "v1")
    monkeypatch.setenv("BITGET_API_KEY", "somebody's")
    assert run("demo").out == plain


def test_a_process_shows_it_without_any_credentials() -> None:
    code = "import sys; from unified_copy.cli import main; sys.exit(main(['demo']))"
    ran = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=30, check=False, env={}
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\x1b" not in ran.stdout
