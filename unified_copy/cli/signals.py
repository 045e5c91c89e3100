"""Be told when the process is asked to end, where the platform can tell."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable


def call_on(*signals: signal.Signals, do: Callable[[], object]) -> None:
    """Call ``do`` in the running event loop when one of ``signals`` arrives, in place of what it does by default."""
    # The loops of Windows know no signals; there Ctrl-C raises, and nothing else arrives.
    with contextlib.suppress(NotImplementedError):
        for number in signals:
            asyncio.get_running_loop().add_signal_handler(number, do)


def cancel_everything() -> None:
    """Cancel every task of the running event loop."""
    for task in asyncio.all_tasks():
        task.cancel()
