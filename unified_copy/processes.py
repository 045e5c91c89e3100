"""Tell whether the process that wrote something still lives, where this can be told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

_PROC: Final = Path("/proc")
_ENDED: Final = "ZX"
"""The states of a process that has ended and is still listed."""
_STATE, _STARTED = 0, 19
"""Where state and start stand among what follows the name of a process in its ``stat``."""


class Process(msgspec.Struct, frozen=True):
    """Name one process for good: no other one, here or elsewhere, before or later, has the same three."""

    pid: int
    started: str
    """When it started, as its system counts; empty where the system does not say."""
    place: str
    """Where the number counts: one run of one machine, and one container of it; empty likewise."""


def this_process() -> Process:
    """Return the name of the process that runs this."""
    return Process(os.getpid(), _started(os.getpid()), _place())


def lives(process: Process) -> bool | None:
    """Tell whether a process still runs; ``None`` where this cannot be told from here."""
    if not process.place or process.place != _place():
        return None
    return _started(process.pid) == process.started


def _place() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {(_PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    try:
        # The name comes first and may hold anything, but it ends with the last bracket.
        stat = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].decode().split()
    except OSError:
        return ""
    return "" if stat[_STATE] in _ENDED else stat[_STARTED]
