"""Try a great many configs, answers, files and broken connections; ``make fuzz`` runs it.

Every case is a seed, and goes on where the tests end. What fails is printed with its seed, and ends in exit code 1.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import attrs
from fuzzing.answers import check_answer
from fuzzing.configs import check_config
from fuzzing.files import check_file
from fuzzing.sockets import check_socket
from progress import watched

from unified_copy import exchanges

BATCH: Final = 500
FIRST_SEED: Final = 10_000
"""The tests begin at zero."""
SHOWN: Final = 10
"""How many failures of one kind are printed."""


@attrs.define
class Tally:
    """Count what became of the cases of one kind."""

    cases: int = 0
    answers: int = 0
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds of work and seed."""
    outcomes: Counter[str] = attrs.field(factory=Counter)
    failures: list[str] = attrs.field(factory=list)

    def add(self, other: Tally) -> None:
        """Add what another batch came to."""
        self.cases += other.cases
        self.answers += other.answers
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.outcomes += other.outcomes
        self.failures += other.failures[:SHOWN]


def each(check: Callable[[int], str], seeds: Iterable[int]) -> Tally:
    """Check one case after the other."""
    tally = Tally()
    for seed in seeds:
        before = time.process_time()
        try:
            tally.outcomes[check(seed)] += 1
        except Exception as error:  # noqa: BLE001 (whatever it is, it is the finding)
            tally.failures.append(f"seed {seed}: {type(error).__name__}: {error}")
        took = time.process_time() - before
        tally.cases += 1
        tally.seconds += took
        tally.slowest = max(tally.slowest, (took, seed))
    return tally


def configs(exchange: str, seeds: range) -> Tally:
    """Check configs of one product."""
    return each(partial(check_config, exchange), seeds)


def answers(exchange: str, seeds: range) -> Tally:
    """Check answers of one product."""
    heard: Counter[str] = Counter()
    tally = each(partial(check_answer, exchange, heard=heard), seeds)
    tally.answers = heard.total()
    return tally


def files(seeds: range) -> Tally:
    """Check config files."""
    with TemporaryDirectory() as folder:
        return each(partial(check_file, folder=Path(folder)), seeds)


def sockets(seeds: range) -> Tally:
    """Check what a server may send."""
    before = time.perf_counter()
    outcomes = asyncio.run(check_socket(seeds))
    return Tally(len(seeds), len(seeds), time.perf_counter() - before, outcomes=outcomes)


def work(name: str, count: int) -> Iterable[tuple[str, Callable[[range], Tally]]]:
    """Yield what there is to check under each name, as rows of the table."""
    if count and name in {"configs", "answers"}:
        for exchange in exchanges():
            yield f"{name}: {exchange}", partial({"configs": configs, "answers": answers}[name], exchange)
    elif count:
        yield name, {"files": files, "sockets": sockets}[name]


def main() -> int:
    """Run every kind of case, a row per product, and print what became of them."""
    parser = argparse.ArgumentParser(description="Try a great many cases that nobody thought of.")
    for name, default in (("configs", 20_000), ("answers", 200_000), ("files", 10_000), ("sockets", 10_000)):
        parser.add_argument(f"--{name}", type=int, default=default, help="how many; of each product where it has any")
    parser.add_argument("--processes", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    counts = vars(parser.parse_args())
    processes = counts.pop("processes")
    table, failures = [], []
    with ProcessPoolExecutor(processes) as pool:
        for name, count in counts.items():
            for title, check in work(name, count):
                end = FIRST_SEED + count
                batches = [range(at, min(at + BATCH, end)) for at in range(FIRST_SEED, end, BATCH)]
                tally = Tally()
                for done in watched(pool.map(check, batches), title, len(batches)):
                    tally.add(done)
                table.append((title, tally))
                failures += [f"{title}: {failure}" for failure in tally.failures]
    show(table)
    print("\n".join(failures[:99]) or "no case failed")
    return 1 if failures else 0


def show(table: Iterable[tuple[str, Tally]]) -> None:
    """Print a row for each kind of case."""
    row = "{:<22} {:>9} {:>9} {:>8} {:>18}  {}"
    print(row.format("", "cases", "answers", "us each", "slowest, ms (seed)", "outcomes"))
    for title, tally in table:
        each_us = round(tally.seconds / max(tally.cases, 1) * 1e6)
        slowest = f"{tally.slowest[0] * 1e3:.0f} ({tally.slowest[1]})"
        outcomes = ", ".join(f"{name} {number}" for name, number in tally.outcomes.most_common(8))
        print(row.format(title, tally.cases, tally.answers or "-", each_us, slowest, outcomes))


if __name__ == "__main__":
    sys.exit(main())
