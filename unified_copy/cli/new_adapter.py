"""Write the distribution of a new adapter, and say what to do with it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from unified_copy.cli import output
from unified_copy.cli.outcomes import Exit
from unified_copy.scaffold import Written, write_distribution

if TYPE_CHECKING:
    from pathlib import Path


def run(name: str, *, directory: Path | None, as_json: bool) -> int:
    """Write it, and print the files, the places to edit and the next commands; raises ``ConfigError``."""
    written = write_distribution(name, directory)
    following = _next(name, written.directory)
    if as_json:
        output.document(
            {
                "exchange": name,
                "directory": str(written.directory),
                "files": [*map(str, written.files)],
                "edits": [{"file": str(each.file), "line": each.line, "what": each.what} for each in written.edits],
                "next": [*following],
            }
        )
    else:
        _tell(output.stdout(), written, following)
    return Exit.DONE


def _next(name: str, directory: Path) -> tuple[str, ...]:
    """Return the commands that set it up, prove it and show it; each can be copied as it stands."""
    return (
        f"python -m pip install --editable {shlex.quote(f'{directory}[dev]')}",
        f"python -m pytest {shlex.quote(str(directory))}",
        f"unified-copy demo --exchange {name}",
    )


def _tell(to: output.Output, written: Written, following: tuple[str, ...]) -> None:
    to.line(f"Written to {written.directory}:", "bold cyan")
    to.line()
    for file in written.files:
        to.line(f"  {file}")
    to.line()
    to.line("It works as it is. To edit, each marked EDIT:", "bold cyan")
    to.line()
    to.table(("where", "what to put there"), [(f"{each.file}:{each.line}", each.what) for each in written.edits])
    to.line()
    to.line("Next:", "bold cyan")
    to.line()
    for command in following:
        to.line(f"  {command}")
