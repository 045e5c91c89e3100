"""Turn what was said into the follows that are wanted, each with its adapter; nothing here sends anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from unified_copy.cli.options import option_name
from unified_copy.errors import UnifiedCopyError
from unified_copy.files import FileFollow, FollowFile, read_file, structure_config
from unified_copy.registry import option_names, resolve
from unified_copy.terms import SIZING_KEYS
from unified_copy.translation import Translation, translate_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from unified_copy.adapter import Adapter
    from unified_copy.cli.options import Arguments
    from unified_copy.model import FollowConfig


@attrs.frozen(kw_only=True)
class RequestedFollow:
    """Hold one follow that is wanted: the config and the adapter that will carry it."""

    adapter: Adapter
    config: FollowConfig
    place: str = ""
    """Where it stands, where there are several."""

    def __str__(self) -> str:
        """Name it in a few words."""
        place = f"{self.place}: " if self.place else ""
        return f"{place}leader {self.config.leader_id} on {self.adapter.name}"


def requested_follows(arguments: Arguments) -> tuple[RequestedFollow, ...]:
    """Return the follows that ``said`` describes.

    Raises ``UsageError`` for what contradicts itself, and whatever reading a file, structuring a config and building
    an adapter raise.
    """
    file = _file(arguments)
    names = _exchanges(arguments, file.follows)
    options = _adapter_options(arguments, file, names)
    return tuple(
        RequestedFollow(
            adapter=resolve(name, options.get(name)),
            config=follow.config,
            place=f"follow[{index}]" if len(file.follows) > 1 else "",
        )
        for index, (name, follow) in enumerate(zip(names, file.follows, strict=True))
    )


def translations(wanted: Iterable[RequestedFollow]) -> tuple[Translation, ...]:
    """Translate every follow, and account for every field of it; the first that cannot be raises, with its place."""
    translated = []
    for follow in wanted:
        try:
            translation = translate_with(follow.adapter, follow.config)
            translation.check()
        except UnifiedCopyError as error:
            if follow.place:
                error.add_note(f"in {follow}")
            for option in option_names(type(follow.adapter)):
                if f"{option}=" in str(error):
                    table = f"[exchanges.{follow.adapter.name}]"
                    error.add_note(f"on the command line --option {option}=..., in a file {option} under {table}")
            raise
        translated.append(translation)
    return tuple(translated)


# ------------------------------------------------------------------ from a file or from options


def _file(arguments: Arguments) -> FollowFile:
    """Return what the file says, or the options as if a file had said it."""
    if arguments.file is None:
        config = structure_config(_table(arguments.config), exchange=arguments.exchange)
        return FollowFile((FileFollow(config, None),))
    if arguments.config:
        given = ", ".join(map(option_name, arguments.config))
        raise click.UsageError(
            f"{arguments.file.name} and {given} are given; a follow comes from a file or from options, not from both"
        )
    return read_file(arguments.file, exchange=arguments.exchange)


def _table(config: Mapping[str, object]) -> dict[str, object]:
    """Return the options as the table that a file would hold."""
    if "leader_id" not in config:
        raise click.UsageError(
            "no follow is described: give a FILE, or --leader with a sizing and --symbol or --all-symbols"
        )
    table = {name: value for name, value in config.items() if name not in {*SIZING_KEYS, "symbols", "all_symbols"}}
    sizings = {name: value for name, value in config.items() if name in SIZING_KEYS}
    if len(sizings) != 1:
        given = f", not {' and '.join(map(option_name, sizings))}" if sizings else ""
        raise click.UsageError(f"give one sizing: {', '.join(map(option_name, SIZING_KEYS))}{given}")
    if ("symbols" in config) == ("all_symbols" in config):
        raise click.UsageError("say what to copy: --symbol for each pair, or --all-symbols, and not both")
    pairs = config.get("symbols")
    return {**table, "sizing": sizings, "symbols": list(pairs) if isinstance(pairs, tuple) else "all"}


# ------------------------------------------------------------------ which exchange, with which options


def _exchanges(arguments: Arguments, follows: tuple[FileFollow, ...]) -> tuple[str, ...]:
    """Return the exchange of each follow; where file and option differ, neither wins."""
    names = []
    for follow in follows:
        name = follow.exchange or arguments.exchange
        if name is None:
            raise click.UsageError("--exchange is needed: say on which exchange to follow")
        if arguments.exchange not in {None, name}:
            raise click.UsageError(
                f"the file names {name} and --exchange says {arguments.exchange}; make them agree, or leave one out"
            )
        names.append(name)
    return tuple(names)


def _adapter_options(
    arguments: Arguments, file: FollowFile, names: tuple[str, ...]
) -> Mapping[str, Mapping[str, object]]:
    """Return the adapter options per exchange, from the file or from the command line."""
    for name, options in file.options.items():
        # Also for exchanges that this command does not use: a misspelt name or option must not pass for one that is.
        resolve(name, options)
    if not arguments.adapter_options:
        return file.options
    if len(set(names)) > 1:
        raise click.UsageError(f"--option is for one exchange; for several, write [exchanges.{names[0]}] into the file")
    name = names[0]
    in_file = file.options.get(name, {})
    for key, value in arguments.adapter_options.items():
        if in_file.get(key, value) != value:
            raise click.UsageError(f"the file says {key} is {in_file[key]} and --option says {value}; make them agree")
    return {name: {**in_file, **arguments.adapter_options}}
