"""Progress of long runs: a bar on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")


def watched(steps: Iterable[T], what: str, total: int) -> Iterator[T]:
    """Yield every step, and say on standard error how far it has come."""
    console = Console(stderr=True)
    if console.is_terminal:
        yield from track(steps, what, total, console=console)
        return
    shown = 0
    for done, step in enumerate(steps, 1):
        yield step
        if done * 4 // total > shown:
            shown = done * 4 // total
            sys.stderr.write(f"{what}: {done} of {total}\n")
            sys.stderr.flush()
