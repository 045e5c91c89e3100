"""Measure this library beside its peers, all in one run, and print and write the results.

Contenders take turns, so that whatever else the machine does meanwhile meets them all alike. Each runs in a process
and an environment of its own; peers whose environment is not given are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from rich.console import Console
from rich.markdown import Markdown

import report
from measures import MEASURES, OWN, Contender, Measure

HERE: Final = Path(__file__).parent
PROGRESS: Final = Console(stderr=True, highlight=False)

Samples = dict[str, list[float]]


class Worker:
    """Hold the process of one contender in one scenario."""

    def __init__(self, python: str, contender: Contender, arguments: Mapping[str, Any]) -> None:
        """Start it, without waiting until it is ready."""
        command = [python, str(HERE / "worker.py"), contender.function, json.dumps(arguments)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 (our own script)
        self.contender = contender

    def ready(self) -> dict[str, str]:
        """Wait until it is ready; return the versions of its libraries."""
        return self._read()  # type: ignore[no-any-return]  # what worker.py prints first

    def sample(self) -> dict[str, float]:
        """Have it take one sample."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()  # type: ignore[no-any-return]  # what worker.py prints for each line

    def _read(self) -> Any:  # noqa: ANN401 (JSON)
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            message = f"{self.contender.function} in {self.contender.environment} ended before its time"
            raise RuntimeError(message)
        return json.loads(line)

    def __enter__(self) -> Self:
        """Return the worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.communicate()


@contextmanager
def served() -> Iterator[str]:
    """Run the server beside; give its origin."""
    command = [sys.executable, str(HERE / "server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (our own script)
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.communicate()


class Run:
    """Hold what one run was asked for, and what it has found so far."""

    def __init__(self, pythons: Mapping[str, str], rounds: int | None, *, tiny: bool) -> None:
        """Take the interpreters by environment, and the number of samples in place of each measure's own."""
        self.pythons = {OWN: sys.executable, **pythons}
        self.rounds = 1 if tiny else rounds
        self.tiny = tiny
        self.versions: dict[str, str] = {}

    def measure(self, measure: Measure) -> dict[str, dict[str, Samples]]:
        """Return the samples of every quantity by scenario and contender."""
        with ExitStack() as stack:
            common = {"origin": stack.enter_context(served())} if measure.served else {}
            scenarios = list(measure.scenarios)
            groups = [scenarios] if measure.at_once else [[scenario] for scenario in scenarios]
            found: dict[str, dict[str, Samples]] = {}
            for group in groups:
                PROGRESS.print(f"{measure.title}: {', '.join(group)}", soft_wrap=True)
                found.update(self._group(measure, group, common))
            return found

    def _group(
        self, measure: Measure, scenarios: Sequence[str], common: Mapping[str, Any]
    ) -> dict[str, dict[str, Samples]]:
        """Have every contender of some scenarios sampled in turn, or at once."""
        found: dict[str, dict[str, Samples]] = {scenario: {} for scenario in scenarios}
        with ExitStack() as stack:
            cells = [
                (scenario, stack.enter_context(self._worker(measure, scenario, contender, common)))
                for scenario in scenarios
                for contender in measure.contenders
                if contender.environment in self.pythons
            ]
            for _, worker in cells:
                self.versions |= worker.ready()
            pool = stack.enter_context(ThreadPoolExecutor(len(cells) if measure.at_once else 1))
            for _ in range(self.rounds or measure.rounds):
                samples = pool.map(lambda cell: cell[1].sample(), cells)
                for (scenario, worker), sample in zip(cells, samples, strict=True):
                    kept = found[scenario].setdefault(worker.contender.name, {})
                    for quantity in measure.quantities:
                        if quantity.key in sample:
                            kept.setdefault(quantity.key, []).append(float(f"{sample[quantity.key]:.4g}"))
        return found

    def _worker(self, measure: Measure, scenario: str, contender: Contender, common: Mapping[str, Any]) -> Worker:
        arguments = {**common, **measure.size, **measure.scenarios[scenario], **contender.arguments}
        if self.tiny:
            arguments |= measure.tiny
        return Worker(self.pythons[contender.environment], contender, arguments)


def machine() -> dict[str, str]:
    """Describe where this runs."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    return {
        "processor": f"{model}, {os.cpu_count()} cores",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.system(),
        "date": datetime.now(UTC).date().isoformat(),
        "load": f"{os.getloadavg()[1]:.1f}",
    }


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measures", nargs="*", help=f"of {', '.join(each.name for each in MEASURES)}; all by default")
    parser.add_argument("--python", action="append", default=[], metavar="ENVIRONMENT=INTERPRETER")
    parser.add_argument("--rounds", type=int, help="how many samples to take of each; each measure has its own number")
    parser.add_argument("--tiny", action="store_true", help="only see that everything runs")
    parser.add_argument("--json", type=Path, help="where to write the results")
    asked = parser.parse_args()
    if unknown := set(asked.measures) - {each.name for each in MEASURES}:
        parser.error(f"no measure is called {' or '.join(sorted(unknown))}")
    run = Run(dict(each.split("=", 1) for each in asked.python), asked.rounds, tiny=asked.tiny)
    wanted = [each for each in MEASURES if not asked.measures or each.name in asked.measures]
    results: dict[str, Any] = {"machine": machine(), "versions": run.versions, "measures": {}}
    for each in wanted:
        results["measures"][each.name] = run.measure(each)
        if asked.json:
            asked.json.parent.mkdir(parents=True, exist_ok=True)
            asked.json.write_text(report.written(results), encoding="utf-8")
    out = Console()
    told = report.told(results)
    if out.is_terminal:
        out.print(Markdown(told))
    else:
        print(told)


if __name__ == "__main__":
    main()
