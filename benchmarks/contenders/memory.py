"""How much memory this process holds. Needs nothing but the standard library."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

from contenders.sampling import Sample


def resident() -> int:
    """Return the bytes of this process that are in memory; as Linux tells it."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def per_account(build: Callable[[], object], accounts: int) -> Sample:
    """Return what measures the KiB that each of ``accounts`` adds when ``build`` makes them all."""

    def sample() -> dict[str, float]:
        before = resident()
        built = build()
        after = resident()
        del built
        return {"KiB": (after - before) / accounts / 1024}

    return sample
