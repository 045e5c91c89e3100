"""Follow every leader that is wanted, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

import click

from unified_copy.cli import paper
from unified_copy.cli.connecting import address, client_for, credentials_for
from unified_copy.cli.outcomes import Exit, exit_code, notes
from unified_copy.cli.reporting import Report, report_data, write_notes, write_rows
from unified_copy.cli.showing import write_translations
from unified_copy.cli.signals import call_on
from unified_copy.cli.wanted import WantedFollow, translations, wanted_follows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unified_copy.cli.options import Said
    from unified_copy.client import CopyClient, FollowResult
    from unified_copy.credentials import Credentials
    from unified_copy.translation import Translation

_WORTH_A_LOOK: Final = frozenset({Exit.UNEXPECTED, Exit.DIFFERENT, Exit.UNKNOWN, Exit.INTERRUPTED})


def run(said: Said, *, base_urls: Mapping[str, str], verify: bool, yes: bool, as_json: bool) -> int:
    """Send every follow and read it back; stop at the first that fails.

    All of them are translated and signed on trial, with the credentials and the address that they will have, before
    the first request leaves.
    """
    wanted = wanted_follows(said)
    shown = translations(wanted)
    adapters = [follow.adapter for follow in wanted]
    credentials = credentials_for(adapters)
    _sign_on_trial(wanted, shown, credentials)
    client = client_for(adapters, credentials, base_urls)
    if not yes and not _confirmed(wanted, shown, base_urls):
        paper.stderr().line("nothing was sent")
        return Exit.NOTHING_SENT
    report = Report(wanted=wanted)
    try:
        asyncio.run(_send(client, report, verify=verify))
    except (KeyboardInterrupt, asyncio.CancelledError):
        report.error = report.error or KeyboardInterrupt()
    if report.error is not None and report.failed is not None and exit_code(report.error) in _WORTH_A_LOOK:
        report.error.add_note(f"look with: {_look_again(report.failed, base_urls)}")
    try:
        if as_json:
            paper.document(report_data(report))
        else:
            write_rows(report)
    finally:
        # Said even where standard output takes nothing any more.
        write_notes(report)
    return Exit.DONE if report.error is None else exit_code(report.error)


def _sign_on_trial(
    wanted: tuple[WantedFollow, ...], shown: tuple[Translation, ...], credentials: Mapping[str, Credentials]
) -> None:
    """Sign every call once for nothing, because a passphrase that is missing shows only there."""
    for follow, translation in zip(wanted, shown, strict=True):
        for call in translation.calls:
            follow.adapter.sign(call.request, credentials[follow.adapter.name], now_ms=time.time_ns() // 1_000_000)


def _confirmed(wanted: tuple[WantedFollow, ...], shown: tuple[Translation, ...], base_urls: Mapping[str, str]) -> bool:
    """Show what would be sent, and where, and ask; raise ``UsageError`` where there is nobody to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("following moves money, and there is no terminal to ask on; say --yes to send")
    to = paper.stderr()
    write_translations(to, shown)
    to.line()
    for follow in wanted:
        to.line(f"{follow}, at {address(follow.adapter, base_urls)}")
    click.echo("Send this? [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _look_again(follow: WantedFollow, base_urls: Mapping[str, str]) -> str:
    """Return the command that shows what became of a follow."""
    name = follow.adapter.name
    place = ["--base-url", f"{name}={base_urls[name]}"] if name in base_urls else []
    return shlex.join(["unified-copy", "settings", follow.config.leader_id, "--exchange", name, *place])


# ------------------------------------------------------------------ sending


async def _send(client: CopyClient, report: Report, *, verify: bool) -> None:
    """Send follow after follow until one fails, and note in ``report`` what became of it."""
    # A polite request to end deserves the same report as Ctrl-C.
    call_on(signal.SIGTERM, do=_cancel_everything)
    async with client:
        for number, follow in enumerate(report.wanted, 1):
            report.under_way = True
            try:
                result = await _follow(client, follow, f"{number}/{len(report.wanted)}", verify=verify)
            except asyncio.CancelledError as error:
                report.error = _interruption(error)
                raise
            except Exception as error:  # noqa: BLE001 (whatever it is, the report must say what was done before it)
                report.error = error
                return
            report.results.append(result)
            report.under_way = False


async def _follow(client: CopyClient, follow: WantedFollow, progress: str, *, verify: bool) -> FollowResult:
    """Send one follow, with something that moves on a terminal meanwhile."""
    console = paper.stderr().console
    with console.status(f"{progress} {follow}") if console else contextlib.nullcontext():
        return await client.follow(follow.config, exchange=follow.adapter, verify=verify)


def _cancel_everything() -> None:
    for task in asyncio.all_tasks():
        task.cancel()


def _interruption(cancelled: asyncio.CancelledError) -> KeyboardInterrupt:
    """Return the interruption that cancelled a follow, with what the client noted on it."""
    interruption = KeyboardInterrupt()
    for note in notes(cancelled):
        interruption.add_note(note)
    return interruption
