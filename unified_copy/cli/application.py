"""The commands as click sees them; what each does lies in a module of its own, loaded when it runs."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from unified_copy.cli import output
from unified_copy.cli.commands import COMMANDS
from unified_copy.cli.options import (
    Arguments,
    Target,
    at_exchange,
    base_url_option,
    described_follows,
    directory_option,
    exchanges_option,
    journal_option,
    json_option,
    port_option,
    yes_option,
)
from unified_copy.cli.outcomes import EXIT_CODES_HELP, Exit, error_data, exit_code, write_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Every command imports its own module when it runs, so that `--help` loads neither the HTTP stack nor rich.
# ruff: noqa: PLC0415


def run(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name and return its exit code; no exception leaves."""
    with _stand_ins_for_closed_streams():
        for stream in (sys.stdout, sys.stderr):
            _escape_what_it_cannot_write(stream)
        return _run_and_write(arguments)


def _run_and_write(arguments: Sequence[str]) -> int:
    """Run a command, and say in one line that its output could not be written."""
    try:
        return _run(arguments)
    except OSError as error:
        _drop_what_cannot_be_written()
        why = "its reader has gone" if isinstance(error, BrokenPipeError) else f"{error.strerror or error}"
        output.stderr().line(f"error: the output could not be written: {why}")
        return Exit.UNEXPECTED


def _run(arguments: Sequence[str]) -> int:
    """Run a command and write what goes wrong; raise ``OSError`` where nothing can be written."""
    as_json = "--json" in arguments
    try:
        with application.make_context("unified-copy", list(arguments)) as context:
            code: int = application.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except OSError:
        raise
    except click.ClickException as error:
        _write_usage(error, as_json=as_json)
        return Exit.NOTHING_SENT
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (a traceback could show credentials)
        write_error(output.stderr(), error)
        if as_json:
            output.document({"error": error_data(error)})
        return exit_code(error)
    return code


@contextlib.contextmanager
def _stand_ins_for_closed_streams() -> Iterator[None]:
    """Read and write nothing where Python has no stream at all, as under ``>&-`` or in a service."""
    nowhere = Path(os.devnull)
    with nowhere.open(encoding="utf-8") as empty, nowhere.open("w", encoding="utf-8") as sink:
        missing = {"stdin": empty, "stdout": sink, "stderr": sink}
        missing = {name: stream for name, stream in missing.items() if getattr(sys, name) is None}
        for name, stream in missing.items():
            setattr(sys, name, stream)
        try:
            yield
        finally:
            for name in missing:
                setattr(sys, name, None)


def _escape_what_it_cannot_write(stream: TextIO) -> None:
    """Make a stream of a narrow encoding write escapes where it would raise."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _drop_what_cannot_be_written() -> None:
    """Point a stream that takes nothing any more to nowhere, or Python complains about it when the process ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _write_usage(error: click.ClickException, *, as_json: bool) -> None:
    """Write what is wrong with the arguments themselves."""
    told = output.stderr()
    told.line(f"error: {error.format_message()}", "bold red")
    if isinstance(error, click.UsageError):
        told.line(f"  Nothing was sent. See: {error.ctx.command_path if error.ctx else 'unified-copy'} --help")
    if as_json:
        output.document({"error": {"class": type(error).__name__, "message": error.format_message()}})


@contextlib.contextmanager
def _extra() -> Iterator[None]:
    """Say in one line what an optional dependency that is missing says about itself."""
    try:
        yield
    except ImportError as error:
        raise click.ClickException(str(error)) from None


@click.group(
    epilog=EXIT_CODES_HELP,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
@click.version_option(package_name="unified-copy", message="%(prog)s %(version)s")
@click.pass_context
def application(context: click.Context) -> int:
    """Copy lead traders on any exchange with one checked config.

    Credentials come from the environment only: BITGET_API_KEY, BITGET_API_SECRET and BITGET_API_PASSPHRASE for
    bitget, and likewise for every exchange. Adapter options may come from there too, as XT_RATE_UNIT does.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    return Exit.DONE


@application.command(short_help="List the exchanges that an adapter is installed for.")
@json_option
def exchanges(*, as_json: bool) -> int:
    """List the exchanges that an adapter is installed for."""
    from unified_copy.cli import exchanges

    return exchanges.run(as_json=as_json)


@application.command(short_help="Show what would be sent, and send nothing.")
@described_follows
@json_option
def translate(*, arguments: Arguments, as_json: bool) -> int:
    """Show what would be sent for the follows in FILE, or for the one that options describe.

    Needs no network and no credentials, and sends nothing. FILE is TOML or JSON.
    """
    from unified_copy.cli import translate

    return translate.run(arguments, as_json=as_json)


@application.command(short_help="Follow leaders, and read back what was sent.", epilog=EXIT_CODES_HELP)
@described_follows
@base_url_option
@click.option("--verify/--no-verify", default=True, help="Read back what was sent; done unless told otherwise.")
@journal_option
@yes_option
@json_option
def follow(  # noqa: PLR0913 (one keyword per thing that can be said)
    *, arguments: Arguments, base_urls: Mapping[str, str], verify: bool, journal: Path | None, yes: bool, as_json: bool
) -> int:
    """Follow the leaders in FILE, or the one that options describe, and read back what the venue made of it.

    Everything is checked before the first request leaves. Follows are sent one after the other; the first that
    fails ends the command, and the report says what was done and what was not sent. FILE is TOML or JSON.
    """
    from unified_copy.cli import follow

    return follow.run(arguments, base_urls=base_urls, verify=verify, journal=journal, yes=yes, as_json=as_json)


@application.command(short_help="Show how a leader is followed.", epilog=EXIT_CODES_HELP)
@click.argument("leader")
@at_exchange
@json_option
def settings(*, leader: str, target: Target, as_json: bool) -> int:
    """Show how LEADER is followed, as the venue tells it."""
    from unified_copy.cli import settings

    return settings.run(leader, target, as_json=as_json)


@application.command(short_help="Serve local venues to try against.")
@click.argument("names", nargs=-1)
@port_option
@json_option
def sandbox(*, names: tuple[str, ...], ports: Mapping[str, int], as_json: bool) -> int:
    """Serve local venues to try against, until stopped; those of all exchanges that have one unless NAMES are given."""
    with _extra():
        from unified_copy.cli import sandbox
    return sandbox.run(names, ports=ports, as_json=as_json)


@application.command(short_help="See it all work on local venues, without network.", epilog=EXIT_CODES_HELP)
@exchanges_option
@json_option
def demo(*, names: tuple[str, ...], as_json: bool) -> int:
    """Show a follow from its start to its end on local venues; needs no network and no credentials.

    It is translated, sent and read back; its positions are protected and closed; it is ended; and something that
    cannot be done is refused. Those of all exchanges that have a local venue are shown unless --exchange says which.
    """
    with _extra():
        from unified_copy.cli import demo
    return demo.run(names, as_json=as_json)


@application.command(short_help="Write a package for an exchange that has no adapter.")
@click.argument("name")
@directory_option
@json_option
def new_adapter(*, name: str, directory: Path | None, as_json: bool) -> int:
    """Write the package of an adapter for exchange NAME into a new folder, for you to put its venue's words into.

    As it is written it installs, type-checks and keeps every rule of the conformance suite, at a local venue of its
    own. Nothing is overwritten.
    """
    from unified_copy.cli import new_adapter

    return new_adapter.run(name, directory=directory, as_json=as_json)


for _command in COMMANDS:
    application.add_command(_command)
