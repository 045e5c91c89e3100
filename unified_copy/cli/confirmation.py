"""Ask before anything is sent that moves money."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from unified_copy.cli import output

if TYPE_CHECKING:
    from collections.abc import Callable


def check(doing: str) -> None:
    """Raise ``UsageError`` where there is nobody to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(f"{doing} moves money, and there is no terminal to ask on; say --yes to send")


def confirmed(doing: str, show: Callable[[output.Output], None]) -> bool:
    """Let ``show`` write what would be sent, and where, and ask; raise ``UsageError`` where there is nobody to ask."""
    check(doing)
    show(output.stderr())
    click.echo("Send this? [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
