"""Show the life of a follow on the local venue of every exchange that has one; needs no network."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from unified_copy.cli import output
from unified_copy.cli.demo_steps import Life
from unified_copy.cli.outcomes import Exit, exit_code, message, write_error
from unified_copy.cli.sandbox import served
from unified_copy.cli.translate import write_request
from unified_copy.registry import load_adapter
from unified_copy.sandbox import Venue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STYLES: Final[Mapping[str, str]] = {
    "applied": "green",
    "done": "green",
    "accepted": "yellow",
    "pending": "yellow",
    "refused": "magenta",
    "failed": "bold red",
}


def run(names: tuple[str, ...], *, as_json: bool) -> int:
    """Show the exchanges of these names, or every one that has a local venue.

    Raises what ``load_adapter`` raises. What goes wrong later ends the life it happens in, and not the others.
    """
    lives = [Life(adapter_class=load_adapter(name)) for name in dict.fromkeys(served(names))]
    asyncio.run(_live(lives))
    failed = {life.exchange: life.error for life in lives if life.error is not None}
    if as_json:
        output.document({"exchanges": [life.data() for life in lives]})
    else:
        _write(output.stdout(), lives)
    for name, error in failed.items():
        error.add_note(f"in the demonstration of {name}")
        write_error(output.stderr(), error)
    return max(map(exit_code, failed.values()), default=Exit.DONE)


async def _live(lives: Sequence[Life]) -> None:
    """Let all of them go on side by side, each waiting for its own limits; a terminal shows how far they are."""
    console = output.stderr().console
    with console.status("") if console else contextlib.nullcontext() as status:

        def progress() -> None:
            if status is not None:
                status.update(", ".join(f"{life.exchange}: {life.doing}" for life in lives))

        await asyncio.gather(*(life.live(progress) for life in lives))


def _write(to: output.Output, lives: Sequence[Life]) -> None:
    to.line("One config, for any exchange:", "bold cyan")
    to.line()
    common = Venue.example.splitlines()
    for line in common:
        to.line(f"  {line}")
    for life in lives:
        to.line()
        form = life.translation.form if life.translation else "not translated"
        to.line(f"{life.exchange}: {form}", "bold cyan")
        to.line()
        own = [line for line in life.example.splitlines() if line and line not in common]
        if own:
            to.line(f"besides: {'; '.join(own)}", "yellow")
        for request in life.translation.requests if life.translation else ():
            write_request(to, request)
        to.line()
        _write_steps(to, life)
    counted = ", ".join(f"{life.exchange} {life.requests}" for life in lives)
    to.line()
    to.line(f"Requests received: {counted}. All of them stayed on this machine.", "bold cyan")


def _write_steps(to: output.Output, life: Life) -> None:
    told = [(each.name, each.outcome, each.told) for each in life.steps]
    if life.error is not None:
        told.append((life.doing, "failed", message(life.error)))
    table = [(name, output.Cell(outcome, _STYLES.get(outcome, "")), text) for name, outcome, text in told]
    to.table(("step", "outcome", "what is known"), table)
