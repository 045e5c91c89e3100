"""Follow every leader that is wanted, one after the other."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal
from typing import TYPE_CHECKING

from unified_copy.cli import confirmation, output
from unified_copy.cli.client import address, client_for, credentials_for, place, sign_on_trial
from unified_copy.cli.follow_report import Report, report_data, write_notes, write_rows
from unified_copy.cli.outcomes import Exit, exit_code, interruption, worth_a_look
from unified_copy.cli.requested import RequestedFollow, requested_follows, translations
from unified_copy.cli.signals import call_on, cancel_everything
from unified_copy.cli.translate import write_translations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from unified_copy.cli.options import Arguments
    from unified_copy.client import CopyClient, FollowResult
    from unified_copy.translation import Translation


def run(  # noqa: PLR0913 (one keyword per thing that can be said)
    arguments: Arguments, *, base_urls: Mapping[str, str], verify: bool, journal: Path | None, yes: bool, as_json: bool
) -> int:
    """Send every follow and read it back; stop at the first that fails.

    All of them are translated and signed on trial, with the credentials and the address that they will have, before
    the first request leaves.
    """
    wanted = requested_follows(arguments)
    shown = translations(wanted)
    adapters = [follow.adapter for follow in wanted]
    credentials = credentials_for(adapters)
    for follow, translation in zip(wanted, shown, strict=True):
        sign_on_trial(follow.adapter, translation.calls, credentials[follow.adapter.name])
    client = client_for(adapters, credentials, base_urls, journal)
    if not yes and not _confirmed(wanted, shown, base_urls):
        output.stderr().line("nothing was sent")
        return Exit.NOTHING_SENT
    report = Report(wanted=wanted)
    try:
        asyncio.run(_send(client, report, verify=verify))
    except (KeyboardInterrupt, asyncio.CancelledError):
        report.error = report.error or KeyboardInterrupt()
    if report.error is not None and report.failed is not None and worth_a_look(report.error):
        report.error.add_note(f"look with: {_look_again(report.failed, base_urls)}")
    try:
        if as_json:
            output.document(report_data(report))
        else:
            write_rows(report)
    finally:
        # Said even where standard output takes nothing any more.
        write_notes(report)
    return Exit.DONE if report.error is None else exit_code(report.error)


def _confirmed(
    wanted: tuple[RequestedFollow, ...], shown: tuple[Translation, ...], base_urls: Mapping[str, str]
) -> bool:
    """Show every follow as it would be sent, and ask."""

    def show(to: output.Output) -> None:
        write_translations(to, shown)
        to.line()
        for follow in wanted:
            to.line(f"{follow}, at {address(follow.adapter, base_urls)}")

    return confirmation.confirmed("following", show)


def _look_again(follow: RequestedFollow, base_urls: Mapping[str, str]) -> str:
    """Return the command that shows what became of a follow."""
    return shlex.join(["unified-copy", "settings", follow.config.leader_id, *place(follow.adapter, base_urls)])


# ------------------------------------------------------------------ sending


async def _send(client: CopyClient, report: Report, *, verify: bool) -> None:
    """Send follow after follow until one fails, and note in ``report`` what became of it."""
    # A polite request to end deserves the same report as Ctrl-C.
    call_on(signal.SIGTERM, do=cancel_everything)
    async with client:
        for number, follow in enumerate(report.wanted, 1):
            report.under_way = True
            try:
                result = await _follow(client, follow, f"{number}/{len(report.wanted)}", verify=verify)
            except asyncio.CancelledError as error:
                report.error = interruption(error)
                raise
            except Exception as error:  # noqa: BLE001 (whatever it is, the report must say what was done before it)
                report.error = error
                return
            report.results.append(result)
            report.under_way = False


async def _follow(client: CopyClient, follow: RequestedFollow, progress: str, *, verify: bool) -> FollowResult:
    """Send one follow, with something that moves on a terminal meanwhile."""
    console = output.stderr().console
    with console.status(f"{progress} {follow}") if console else contextlib.nullcontext():
        return await client.follow(follow.config, exchange=follow.adapter, verify=verify)
