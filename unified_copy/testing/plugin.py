"""The part that pytest loads by itself: it knows the suite's marker, and closes a run with what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from unified_copy.testing.subject import Subject

_KEPT: Final = pytest.StashKey[dict[str, dict[str, pytest.TestReport]]]()
_SUBJECTS: Final = pytest.StashKey["dict[str, Subject]"]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "conformance(subject): one rule of unified_copy.testing, put to one adapter")
    config.stash[_KEPT] = {}
    config.stash[_SUBJECTS] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what became of each rule; of a broken one tell the author's line to look at, and none of the suite's."""
    report = yield
    marker = item.get_closest_marker("conformance")
    if marker is not None and (report.when == "call" or report.failed or report.skipped):
        from unified_copy.testing.broken import BrokenRuleError  # noqa: PLC0415 (only where the suite runs)

        if call.excinfo is not None and call.excinfo.errisinstance(BrokenRuleError):
            report.longrepr = str(call.excinfo.value)
        subject: Subject = marker.args[0]
        item.config.stash[_SUBJECTS][subject.name] = subject
        rule = getattr(item, "callspec").params["rule"].name  # noqa: B009 (only parametrised items have it)
        item.config.stash[_KEPT].setdefault(subject.name, {})[rule] = report
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print for each adapter which rules it keeps, and the matrix of what it can do."""
    for name, reports in config.stash[_KEPT].items():
        from unified_copy.testing.report import lines  # noqa: PLC0415 (only where the suite ran)

        terminalreporter.section(f"conformance of {name}")
        for line in lines(config.stash[_SUBJECTS][name], reports):
            terminalreporter.write_line(line)
