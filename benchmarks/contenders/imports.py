"""What it costs to import a library, in a fresh interpreter each time, with its files in the system's cache."""

from __future__ import annotations

import os
import sys

from contenders.sampling import Sample


def statement(*, code: str) -> Sample:
    """Measure ``code``: milliseconds of processor time beyond an interpreter that does nothing, and peak memory."""

    def sample() -> dict[str, float]:
        idle, _ = _run("pass")
        busy, peak = _run(code)
        return {"ms": busy - idle, "MiB": peak}

    return sample


def _run(code: str) -> tuple[float, float]:
    """Run ``code`` in a new interpreter; return its milliseconds of processor time and its peak memory in MiB."""
    process = os.posix_spawn(sys.executable, [sys.executable, "-P", "-c", code], os.environ)
    _, status, used = os.wait4(process, 0)
    if status:
        message = f"{code!r} failed"
        raise RuntimeError(message)
    # The peak of a new process starts at that of its parent, which is why this one imports nothing.
    return (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024
