"""Turn results into tables, a chart and the page of the documentation that holds them.

Run without arguments to write the page and its chart anew from ``results.json``; a test fails while they differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final
from xml.sax.saxutils import escape

from measures import MEASURES, OURS, TARGETS, Measure, Quantity, Target

HERE: Final = Path(__file__).parent
RESULTS: Final = HERE / "results.json"
PAGE: Final = HERE.parent / "docs" / "benchmarks.md"
CHART: Final = HERE.parent / "docs" / "benchmarks.svg"

_BLOCK: Final = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

_WHOLE: Final = 100
"""From what value on fractions are left out."""
_COARSE: Final = 10
"""From what ratio on fractions tell nothing."""

Results = Mapping[str, Any]


def written(results: Results) -> str:
    """Return results as JSON with each list of samples on one line."""
    text = json.dumps(results, indent=2)
    return re.sub(r"\[[^\[\]{}]*\]", lambda numbers: " ".join(numbers[0].split()), text) + "\n"


def figure(results: Results, measure: str, scenario: str, contender: str, quantity: str) -> float | None:
    """Return the median of one cell; ``None`` where it was not measured."""
    scenarios = results["measures"].get(measure, {})
    samples = scenarios.get(scenario, {}).get(contender, {}).get(quantity)
    return median(samples) if samples else None


# ------------------------------------------------------------------ tables


def told(results: Results) -> str:
    """Return everything measured as Markdown."""
    parts = [f"{_machine(results)}\n\n## Targets\n\n{_targets(results)}"]
    parts += [f"## {each.title}\n\n{_table(each, results)}" for each in MEASURES if each.name in results["measures"]]
    return "\n".join(parts)


def page(text: str, results: Results) -> str:
    """Return the page with each of its measured blocks written anew."""
    blocks = {each.name: _table(each, results) for each in MEASURES}
    blocks |= {"machine": _machine(results) + "\n", "targets": _targets(results)}
    return _BLOCK.sub(lambda block: f"{block[1]}\n{blocks[block[2]]}\n{block[3]}", text)


def _machine(results: Results) -> str:
    where = results["machine"]
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items()))
    counts = sorted({len(samples) for samples in _samples(results)})
    return (
        f"Measured on {where['date']} on {where['processor']}, {where['system']}, {where['python']}, with {libraries}. "
        f"Medians of {counts[0]} to {counts[-1]} samples. The machine's load average over the five minutes before was "
        f"{where['load']}; with other work beside it, absolute figures come out too high and ratios hold better."
    )


def _samples(results: Results) -> Iterator[Sequence[float]]:
    for scenarios in results["measures"].values():
        for contenders in scenarios.values():
            for quantities in contenders.values():
                yield from quantities.values()


def _table(measure: Measure, results: Results) -> str:
    names = [
        contender.name
        for contender in measure.contenders
        if any(contender.name in cells for cells in results["measures"][measure.name].values())
    ]
    rows = [
        (scenario, quantity.unit, *(_cell(results, measure, scenario, name, quantity) for name in names))
        for scenario in measure.scenarios
        for quantity in measure.quantities
    ]
    return _markdown(("", "", *names), rows, right=2)


def _cell(results: Results, measure: Measure, scenario: str, contender: str, quantity: Quantity) -> str:
    value = figure(results, measure.name, scenario, contender, quantity.key)
    if value is None:
        return ""
    text = f"{value:.{quantity.digits}f}"
    ours = figure(results, measure.name, scenario, OURS, quantity.key)
    if not quantity.compared or not ours or contender == OURS:
        return text
    ratio = value / ours
    return f"{text} ({ratio:.{2 if ratio < _COARSE else 0}f}x)"


def _targets(results: Results) -> str:
    rows = []
    for target in TARGETS:
        reached = figure(results, target.measure, target.scenario, target.contender, target.quantity)
        bound = _bound(target, results)
        if reached is not None and bound is not None:
            rows.append((target.told, _short(bound), _short(reached), "met" if reached <= bound else "**missed**"))
    return _markdown(("target", "at most", "measured", ""), rows, right=1)


def _bound(target: Target, results: Results) -> float | None:
    peer = target.above or target.times
    if not peer:
        return target.most
    beside = figure(results, target.measure, target.scenario, peer, target.quantity)
    if beside is None:
        return None
    return beside + target.most if target.above else beside * target.most


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: int) -> str:
    """Return a table whose columns from ``right`` on are numbers."""
    rule = ["---" if index < right else "---:" for index in range(len(head))]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, rule, *rows))


# ------------------------------------------------------------------ chart

_PANELS: Final = (
    ("Import, ms", "import", "fresh interpreter", "ms"),
    ("Refusals of 100 requests, round trip 60 ms", "limits", "round trip 60 ms", "refusals"),
    ("Config to signed request, Bitget, 1 symbol, µs", "signing_bitget", "1 symbol", "us"),
    ("Config to signed request, Bitget, 10 symbols, µs", "signing_bitget", "10 symbols", "us"),
    ("Config to signed request, XT, 1 symbol, µs", "signing_xt", "1 symbol", "us"),
    ("Processor time of a call over loopback, µs", "loopback", "1 concurrent", "us"),
)
_WIDTH, _COLUMN, _LABELS, _BARS, _ROW, _TITLE = 900, 450, 160, 200, 24, 44


def chart(results: Results) -> str:
    """Return bars of the chosen figures as SVG, in colours that can be read on white and on black."""
    panels = [_panel(title, results["measures"][name][scenario], key) for title, name, scenario, key in _PANELS]
    parts, top = [], 0
    for pair in zip(panels[::2], panels[1::2], strict=True):
        for column, (drawn, _) in enumerate(pair):
            parts.append(f'<g transform="translate({column * _COLUMN},{top})">{drawn}</g>')
        top += max(height for _, height in pair)
    style = (
        "text{font:13px system-ui,sans-serif;fill:#757b83}.title{font-weight:600;font-size:14px}"
        "rect{fill:#9aa3ad}.ours rect{fill:#2f81f7}.ours text{font-weight:600}"
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" role="img">'
    label = "<title>Medians of this library and its peers; shorter is better</title>"
    return "\n".join([head, label, f"<style>{style}</style>", *parts, "</svg>\n"])


def _panel(title: str, cells: Mapping[str, Mapping[str, Sequence[float]]], key: str) -> tuple[str, int]:
    """Draw one panel; return it with its height."""
    values = {name: median(samples[key]) for name, samples in cells.items()}
    longest = max(values.values()) or 1
    parts = [f'<text class="title" x="10" y="24">{escape(title)}</text>']
    for row, (name, value) in enumerate(values.items()):
        top = _TITLE + row * _ROW
        width = max(1.0, value / longest * _BARS)
        kind = ' class="ours"' if name.startswith(OURS) else ""
        parts.append(
            f'<g{kind}><text x="{_LABELS}" y="{top + 12}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{_LABELS + 8}" y="{top}" width="{width:.1f}" height="16" rx="2"/>'
            f'<text x="{_LABELS + 14 + width:.1f}" y="{top + 12}">{_short(value)}</text></g>'
        )
    return "\n".join(parts), _TITLE + len(values) * _ROW + 12


def _short(value: float) -> str:
    """Write a number with three digits that mean something, and never with an exponent."""
    return f"{value:,.0f}" if value >= _WHOLE else f"{value:.3g}"


def main() -> None:
    """Write page and chart."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    CHART.write_text(chart(results), encoding="utf-8")


if __name__ == "__main__":
    main()
