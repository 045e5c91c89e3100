"""The command line: what the library does, for people and for scripts."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; ``arguments`` are those of the process unless given."""
    missing = [name for name in ("click", "rich") if find_spec(name) is None]
    if missing:
        sys.stderr.write(f"{' and '.join(missing)} missing; the command line needs: pip install unified-copy[cli]\n")
        return 2
    # Imported late because it needs what was just looked for.
    from unified_copy.cli.application import run  # noqa: PLC0415

    return run(sys.argv[1:] if arguments is None else arguments)
