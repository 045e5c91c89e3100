"""The suite as its users meet it: one statement, a clear refusal of wrong arguments, and a report at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from full_exchange.adapter import FullAdapter
from small_exchanges import Follows, FollowsAtAVenue, SeesToo

from unified_copy import Adapter
from unified_copy.testing import conformance
from unified_copy.testing.golden import load
from unified_copy.testing.rules import RULES
from unified_copy.testing.subject import Subject

pytest_plugins = ["pytester"]

SUPPORT = Path(__file__).parents[1] / "support"
GOLDEN = SUPPORT / "full_exchange" / "golden"
STATEMENT = """
from full_exchange.adapter import FullAdapter
from small_exchanges import Follows, FollowsAtAVenue, SeesToo
from unified_copy.testing import conformance

test_full = conformance(FullAdapter, golden={golden!r}, skip={skip})
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 (a function)
    """Return a function that runs an author's test file, and returns its result."""
    monkeypatch.syspath_prepend(str(SUPPORT))

    def run(skip: str = "{}", golden: Path = GOLDEN, source: str = STATEMENT) -> pytest.RunResult:
        pytester.makepyfile(test_full=source.format(golden=str(golden), skip=skip))
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio", "--strict-markers")

    return run


def test_one_statement_puts_an_adapter_to_every_rule(run: Any) -> None:  # noqa: ANN401 (a fixture)
    ran = run()
    ran.assert_outcomes(passed=24, skipped=1)
    ran.stdout.fnmatch_lines(
        [
            "*conformance of full*",
            "24 of 25 rules kept",
            "  D2 skipped: no installed distribution offers it by an entry point",
            "operations  follow: yes, *check: yes",
            "only",
            "  sizing * FixedAmount yes, FixedQuantity the venue cannot*",
        ]
    )


def test_a_rule_that_is_skipped_says_why(run: Any) -> None:  # noqa: ANN401 (a fixture)
    ran = run(skip="{'L2': 'the venue forgets'}")
    ran.assert_outcomes(passed=23, skipped=2)
    ran.stdout.fnmatch_lines(["  L2 skipped: the venue forgets"])


def test_a_rule_that_is_broken_says_so_at_the_end(run: Any) -> None:  # noqa: ANN401 (a fixture)
    source = STATEMENT.replace("test_full =", "FullAdapter.hosts = ('http://api.full.example',)\ntest_full =")
    ran = run(source=source)
    ran.stdout.fnmatch_lines(["*D1: The registry accepts the class.*", "  D1 failed: The registry accepts the class."])
    FullAdapter.hosts = ("https://api.full.example",)
    failure = ran.stdout.str().partition("= FAILURES =")[2].partition("= conformance of full =")[0]
    first_words = [line.strip().partition(" ")[0] for line in failure.splitlines()]
    assert first_words[2:6] == ["D1:", "adapter", "look", "because"]


CASES = load(GOLDEN)


@pytest.mark.parametrize(
    ("adapter", "operations", "lacking"),
    [
        (
            Follows,
            {"follow"},
            {
                "D2": "no installed distribution offers it by an entry point",
                "A3": "the adapter brings no local venue",
                "A4": "the adapter brings no local venue",
                "V1": "the adapter names no contract",
                "L1": "the adapter brings no local venue",
                "L2": "the adapter brings no local venue",
            },
        ),
        (
            FollowsAtAVenue,
            {"follow"},
            {
                "D2": "no installed distribution offers it by an entry point",
                "A3": "the adapter declares no codes",
                "A4": "the adapter declares no codes",
                "V1": "the adapter names no contract",
                "L1": "the venue cannot show settings",
            },
        ),
        (
            SeesToo,
            {"follow", "settings", "close"},
            {
                "D2": "no installed distribution offers it by an entry point",
                "A3": "the adapter declares no codes",
                "A4": "the adapter declares no codes",
                "V1": "the adapter names no contract",
            },
        ),
        (
            FullAdapter,
            {"settings"},
            {
                "D2": "no installed distribution offers it by an entry point",
                "C1": "no golden case follows",
                "A3": "no golden case follows",
                "A4": "no golden case follows",
                "L1": "no golden case follows",
                "L2": "no golden case follows",
            },
        ),
        (
            FullAdapter,
            set(),
            {
                "D2": "no installed distribution offers it by an entry point",
                "C1": "no golden case follows",
                "A1": "there are no golden cases",
                "A2": "there are no golden cases",
                "A3": "no golden case follows",
                "A4": "no golden case follows",
                "L1": "no golden case follows",
                "L2": "no golden case follows",
            },
        ),
    ],
    ids=["follows", "has a venue", "sees", "no follow", "no case"],
)
def test_what_an_adapter_lacks_decides_which_rules_apply(
    adapter: type[Adapter], operations: set[str], lacking: dict[str, str]
) -> None:
    subject = Subject(adapter, tuple(case for case in CASES if case.operation in operations))
    assert {name: told for name, rule in RULES.items() if (told := rule.lacks(subject))} == lacking
    for name in set(RULES) - set(lacking) - {"D4"}:
        RULES[name].check(subject)


def test_a_run_without_the_suite_says_nothing_of_it(run: Any) -> None:  # noqa: ANN401 (a fixture)
    ran = run(source="def test_nothing(): pass\n")
    ran.assert_outcomes(passed=1)
    ran.stdout.no_fnmatch_line("*conformance*")


@pytest.mark.parametrize(
    ("skip", "told"),
    [({"X9": "why"}, "skip: there is no rule 'X9'; there are D1, D2"), ({"L2": " "}, "L2 is skipped without a reason")],
)
def test_a_skip_needs_a_rule_and_a_reason(skip: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        conformance(FullAdapter, golden=GOLDEN, skip=skip)


def test_golden_cases_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="golden: there is no folder"):
        conformance(FullAdapter, golden=tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "Expecting property name"),
        ('[{"name": "a"}]', "operation"),
        ('[{"name": "a", "operation": "fellow"}]', "there is no operation 'fellow'"),
        ('[{"name": "a", "operation": "time", "anwsers": []}]', "anwsers"),
        (
            '[{"name": "a", "operation": "close", "arguments": {"position": {"symbol": "BTC/USDT", "exchange": "x"}}}]',
            "a: a position has no position_id, takes no exchange",
        ),
        ("5", "not iterable"),
    ],
)
def test_a_golden_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "cases.json").write_text(text)
    with pytest.raises(ValueError, match=r"cases\.json: ") as caught:
        conformance(FullAdapter, golden=tmp_path)
    assert told in str(caught.value)
