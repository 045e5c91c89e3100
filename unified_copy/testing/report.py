"""What the suite tells at the end of a run: the rules, and what the adapter can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unified_copy.capabilities import operations, values
from unified_copy.testing.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pytest

    from unified_copy.testing.subject import Subject


def lines(subject: Subject, reports: Mapping[str, pytest.TestReport]) -> Iterator[str]:
    """Yield the report on one adapter, line by line."""
    kept = sum(report.passed for report in reports.values())
    yield f"{kept} of {len(reports)} rules kept"
    for name, report in reports.items():
        if not report.passed:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            yield f"  {name} {report.outcome}: {reason.removeprefix('Skipped: ') or RULES[name].sentence}"
    able = (f"{operation.value}: {told}" for operation, told in operations(subject.adapter_class).items())
    yield "operations  " + ", ".join(able)
    for form, kinds in values(subject.adapter_class).items():
        fields: dict[str, list[str]] = {}
        for kind, told in kinds.items():
            fields.setdefault(kind.field, []).append(str(told) if kind.name == "any" else f"{kind.name} {told}")
        yield form
        width = max(map(len, fields))
        yield from (f"  {field:<{width}}  {', '.join(told)}" for field, told in fields.items())
