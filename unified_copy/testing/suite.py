"""The conformance suite: one statement in an author's test file, and every rule is a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from unified_copy.testing.golden import load
from unified_copy.testing.rules import RULES
from unified_copy.testing.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from unified_copy.adapter import Adapter
    from unified_copy.testing.rules import Rule


def conformance(
    adapter_class: type[Adapter], *, golden: Path | str, skip: Mapping[str, str] | None = None
) -> Callable[..., None]:
    """Return a test function that puts ``adapter_class`` to every rule; bind it to a name that starts with ``test``.

    ``golden`` is the folder of golden cases. ``skip`` says by the names of rules why they cannot hold for the venue.
    Raises ``ValueError`` for a folder that is not there or a case that cannot be read, for an unknown rule, and for
    one that is skipped without a reason.
    """
    folder = Path(golden)
    if not folder.is_dir():
        raise ValueError(f"golden: there is no folder {folder}")
    reasons = dict(skip or {})
    for name, reason in reasons.items():
        if name not in RULES:
            raise ValueError(f"skip: there is no rule {name!r}; there are {', '.join(RULES)}")
        if not reason.strip():
            raise ValueError(f"skip: rule {name} is skipped without a reason")
    subject = Subject(adapter_class, load(folder))

    @pytest.mark.conformance(subject)
    @pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
    def test(rule: Rule) -> None:
        __tracebackhide__ = True
        if reason := reasons.get(rule.name) or rule.skipped(subject):
            pytest.skip(reason)
        rule.check(subject)

    return test
