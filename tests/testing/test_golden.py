"""A golden case that differs from what an adapter does says how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest
from full_exchange.adapter import FullAdapter

from unified_copy.testing.broken import BrokenRuleError
from unified_copy.testing.golden import Golden, load
from unified_copy.testing.rules import RULES
from unified_copy.testing.subject import Subject

CASES = {case.name: case for case in load(Path(__file__).parents[1] / "support" / "full_exchange" / "golden")}


def told(name: str, **changes: Any) -> str:  # noqa: ANN401 (attributes of a case)
    """Return what a changed case says when it is checked."""
    case: Golden = attrs.evolve(CASES[name], **changes)
    with pytest.raises(BrokenRuleError) as caught:
        RULES["A1"].check(Subject(FullAdapter, (case,)))
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("a follow", {"requests": ["POST /follow"]}, 'the requests differs\n  found:  [{"method": "POST"'),
        ("a leader", {"result": {"leader_id": "123123123"}}, "the result differs"),
        ("a leader", {"error": {"class": "VenueError"}}, "no error, where {'class': 'VenueError'} belongs"),
        ("a close of what is gone", {"error": None}, "OpenPositionsError: full refused with GONE"),
        ("a close of what is gone", {"error": {"class": "VenueError"}}, 'found:  {"class": "OpenPositionsError"}'),
        ("a close of what is gone", {"error": {"says": "moon"}}, "does not say 'moon'"),
        ("a close", {"arguments": {"leader_id": "1"}}, "close takes no leader_id"),
        ("a close", {"answers": []}, "more is asked than answered: POST /close"),
        ("a close", {"answers": [*(CASES["a close"].answers or ()) * 2]}, "not every answer was asked for"),
    ],
)
def test_a_case_that_differs_says_how(name: str, changes: dict[str, Any], words: str) -> None:
    text = told(name, **changes)
    assert f"operations: {CASES[name].operation}: {name}: " in text
    assert words in text
