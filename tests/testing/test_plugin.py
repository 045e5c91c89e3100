"""What pytest tells an author at the end of a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from full_exchange import adapter as full

AUTHORS = """\
from full_exchange.adapter import FullAdapter
from unified_copy.testing import conformance

class PlainHost(FullAdapter):
    hosts = ("http://api.full.example",)

test_full = conformance(PlainHost, golden={golden!r}, skip={{"S4": "the venue wants it so"}})
"""


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a few rules for an adapter that breaks one of them, and return what pytest writes."""
    file = tmp_path / f"{tmp_path.name}.py"  # imported, and a module is imported once
    file.write_text(AUTHORS.format(golden=str(Path(full.__file__).with_name("golden"))))
    (tmp_path / "pytest.ini").touch()
    capsys.readouterr()
    code = pytest.main(["-p", "no:asyncio", "-k", "D1 or D2 or C2 or S4", str(file)])
    assert code == pytest.ExitCode.TESTS_FAILED
    return capsys.readouterr().out


def test_a_broken_rule_is_told_in_the_words_of_the_rule_alone(report: str) -> None:
    failure = report.partition("= FAILURES =")[2].partition("= conformance of full =")[0]
    first_words = [line.strip().partition(" ")[0] for line in failure.splitlines()]
    assert first_words[2:-1] == ["D1:", "adapter", "look", "because"]
    assert "declares 'http://api.full.example', which is no https origin" in failure


def test_the_report_says_which_rules_were_broken_or_skipped_and_why(report: str) -> None:
    summary = report.partition("= conformance of full =")[2].splitlines()
    assert summary[1:5] == [
        "1 of 4 rules kept",
        "  D1 failed: The registry accepts the class.",
        "  D2 skipped: no installed distribution offers it by an entry point",
        "  S4 skipped: the venue wants it so",
    ]
