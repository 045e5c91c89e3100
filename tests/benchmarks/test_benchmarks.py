"""The benchmarks run, compare like with like, and the page about them says what was measured."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
NOW_MS = 1_767_225_600_123


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return runpy.run_path(str(BENCHMARKS / "report.py"))


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return runpy.run_path(str(BENCHMARKS / "contenders" / "signing.py"))


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
"""A script finds the ones beside it, as it does for whoever runs it."""


def test_every_measure_runs_without_peers(tmp_path: Path) -> None:
    written = tmp_path / "results.json"
    done = subprocess.run(  # noqa: S603 (our own script)
        [sys.executable, str(BENCHMARKS / "run.py"), "--tiny", "--json", str(written)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(written.read_text(encoding="utf-8"))["measures"]
    committed = json.loads((BENCHMARKS / "results.json").read_text(encoding="utf-8"))["measures"]
    assert {name: list(scenarios) for name, scenarios in measured.items()} == {
        name: list(scenarios) for name, scenarios in committed.items()
    }
    for scenarios in measured.values():
        for contenders in scenarios.values():
            assert contenders
            assert all(samples for quantities in contenders.values() for samples in quantities.values())
    assert all(samples["unified-copy"]["refusals"] == [0] for samples in measured["limits"].values()), (
        "refused by a limit that was kept to"
    )


@pytest.mark.parametrize("exchange", ["bitget", "xt"])
@pytest.mark.parametrize("symbols", [1, 10])
def test_the_floors_send_what_the_library_sends(signing: dict[str, Any], exchange: str, symbols: int) -> None:
    ready = sys.modules["contenders.ready"].body(exchange, symbols)
    ours = signing["library"](exchange, symbols)(NOW_MS)
    for floor in ("standard_library", "fastest"):
        assert signing[floor](exchange)(ready, NOW_MS) == (ours.body, ours.headers)


def test_the_page_says_what_was_measured(report: dict[str, Any]) -> None:
    results = json.loads((BENCHMARKS / "results.json").read_text(encoding="utf-8"))
    text = report["PAGE"].read_text(encoding="utf-8")
    assert report["page"](text, results) == text, "run `python benchmarks/report.py`"
    assert report["CHART"].read_text(encoding="utf-8") == report["chart"](results)


def test_a_target_that_was_missed_is_called_missed(report: dict[str, Any]) -> None:
    results = json.loads((BENCHMARKS / "results.json").read_text(encoding="utf-8"))
    results["measures"]["import"]["fresh interpreter"]["unified-copy"]["ms"] = [59.0, 61.0, 500.0]
    row = next(line for line in report["told"](results).splitlines() if "`import unified_copy`" in line)
    assert row == "| `import unified_copy`, ms | 60 | 61 | **missed** |"
