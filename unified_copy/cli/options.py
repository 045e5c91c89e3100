"""What can be said on the command line, and what was said.

A follow comes from a file or from options, never from both; nothing said twice is settled silently.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import attrs
import click

from unified_copy.model import Direction, OnStop
from unified_copy.terms import MarginMode

MAX_PORT: Final = 65535

Decorator = Callable[[Callable[..., int]], Callable[..., int]]


@attrs.frozen(kw_only=True)
class Arguments:
    """Hold what was said about the follows to translate or to send."""

    file: Path | None
    exchange: str | None
    adapter_options: Mapping[str, str]
    config: Mapping[str, object]
    """The options that describe one config, by parameter name; only those that were given."""


@attrs.frozen(kw_only=True)
class Target:
    """Hold which exchange a command is about, and how to reach it."""

    exchange: str
    adapter_options: Mapping[str, str]
    base_urls: Mapping[str, str]
    journal: Path | None = None
    """The file that writes are recorded in."""


# ------------------------------------------------------------------ NAME=VALUE


def _named(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> Mapping[str, str]:
    """Read repeated ``NAME=VALUE``; raise ``BadParameter`` for another form and for a name given twice."""
    named: dict[str, str] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE")
        if name in named:
            raise click.BadParameter(f"{name} is given twice; give it once")
        named[name] = value
    return named


def _ports(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> Mapping[str, int]:
    """Read repeated ``NAME=PORT``."""
    ports: dict[str, int] = {}
    for name, text in _named(context, parameter, values).items():
        if not (text.isascii() and text.isdigit() and 0 < int(text) <= MAX_PORT):
            raise click.BadParameter(f"{text!r} is not a port; give a number from 1 to {MAX_PORT}")
        ports[name] = int(text)
    return ports


def _leverage(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | dict[str, str] | None:
    """Read a leverage as a file would write it."""
    if value is None or value in {"leader", "position"}:
        return value
    long, colon, short = value.partition(":")
    if not (long and colon and short):
        raise click.BadParameter(f"{value!r} is not a leverage; write leader, position, or LONG:SHORT such as 10:5")
    return {"long": long, "short": short}


# ------------------------------------------------------------------ the options of one config


def _words(kind: type[MarginMode | OnStop | Direction]) -> click.Choice[str]:
    return click.Choice([str(member.value) for member in kind])


_CONFIG: Final[Mapping[str, Decorator]] = {
    "leader_id": click.option("--leader", "leader_id", metavar="ID", help="The exchange's own id of the leader."),
    "fixed_amount": click.option("--fixed-amount", metavar="MONEY", help="Put up the same money for every order."),
    "fixed_quantity": click.option("--fixed-quantity", metavar="UNITS", help="The same quantity, in base units."),
    "multiplier": click.option(
        "--multiplier", metavar="TIMES", help="A multiple of the leader's order; 1 is the same."
    ),
    "proportional": click.option(
        "--proportional", metavar="MONEY", help="Money to set aside; of it, the share the leader uses of its equity."
    ),
    "symbols": click.option(
        "--symbol", "symbols", multiple=True, metavar="PAIR", help="A pair to copy, such as BTC/USDT; repeatable."
    ),
    "all_symbols": click.option("--all-symbols", is_flag=True, help="Copy everything the leader trades."),
    "follow_new_symbols": click.option(
        "--follow-new-symbols", is_flag=True, help="Also copy pairs that the leader adds later."
    ),
    "stop_loss": click.option(
        "--stop-loss", metavar="FRACTION", help="Per copied order; 0.2 is 20 % of the money put up."
    ),
    "take_profit": click.option(
        "--take-profit", metavar="FRACTION", help="Per copied order; 0.2 is 20 % of the money put up."
    ),
    "margin_mode": click.option(
        "--margin-mode", type=_words(MarginMode), help="Whose margin mode a copied position gets, or which."
    ),
    "leverage": click.option(
        "--leverage", callback=_leverage, metavar="leader|position|LONG:SHORT", help="Whose leverage, or which."
    ),
    "max_position": click.option("--max-position", metavar="CAP", help="Cap per pair, in the venue's unit."),
    "max_total": click.option("--max-total", metavar="MONEY", help="Cap over all copied orders, in quote currency."),
    "loss_limit": click.option(
        "--loss-limit", metavar="MONEY", help="Total loss, in quote currency, at which the venue ends the follow."
    ),
    "on_stop": click.option("--on-stop", type=_words(OnStop), help="What then happens to copied positions."),
    "direction": click.option("--direction", type=_words(Direction), help="Trade as the leader does, or against it."),
}
"""The options that describe one config, by parameter name."""

exchange_option: Final[Decorator] = click.option(
    "--exchange", metavar="NAME", help="The exchange, as `exchanges` lists it."
)
exchanges_option: Final[Decorator] = click.option(
    "--exchange", "names", multiple=True, metavar="NAME", help="Show this exchange only; repeatable."
)
adapter_option: Final[Decorator] = click.option(
    "--option",
    "adapter_options",
    multiple=True,
    callback=_named,
    metavar="NAME=VALUE",
    help="An option of the exchange's adapter, such as rate_unit=fraction; repeatable.",
)
base_url_option: Final[Decorator] = click.option(
    "--base-url",
    "base_urls",
    multiple=True,
    callback=_named,
    metavar="NAME=URL",
    help="Send the requests of exchange NAME to this address instead, such as a sandbox; repeatable.",
)
port_option: Final[Decorator] = click.option(
    "--port",
    "ports",
    multiple=True,
    callback=_ports,
    metavar="NAME=PORT",
    help="Serve exchange NAME on this port; any free one unless given; repeatable.",
)
directory_option: Final[Decorator] = click.option(
    "--directory",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder to write; unified-copy-NAME, where you are, unless given.",
)
on_stop_option: Final[Decorator] = click.option(
    "--on-stop", type=_words(OnStop), help="What becomes of open copied positions; up to the venue unless given."
)
yes_option: Final[Decorator] = click.option(
    "--yes", is_flag=True, help="Send without asking; needed where there is no terminal to ask on."
)
journal_option: Final[Decorator] = click.option(
    "--journal",
    type=click.Path(path_type=Path),
    envvar="UNIFIED_COPY_JOURNAL",
    metavar="FILE",
    help="Record every write in FILE before it is sent and after, for `reconcile`; or set UNIFIED_COPY_JOURNAL.",
)
json_option: Final[Decorator] = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead.")


def described_follows(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` the arguments that describe follows, handed to it together as ``said``."""

    @functools.wraps(command)
    def with_said(
        *, file: Path | None, exchange: str | None, adapter_options: Mapping[str, str], **rest: object
    ) -> int:
        config = {name: rest.pop(name) for name in _CONFIG}
        given = {name: value for name, value in config.items() if value not in (None, (), False)}
        arguments = Arguments(file=file, exchange=exchange, adapter_options=adapter_options, config=given)
        return command(arguments=arguments, **rest)

    wrapped: Callable[..., int] = with_said
    file_argument: Decorator = click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
    for decorator in reversed((file_argument, exchange_option, *_CONFIG.values(), adapter_option)):
        wrapped = decorator(wrapped)
    return wrapped


def at_exchange(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` the options that name one exchange, handed to it together as ``there``."""

    @functools.wraps(command)
    def with_there(
        *,
        exchange: str | None,
        adapter_options: Mapping[str, str],
        base_urls: Mapping[str, str],
        journal: Path | None = None,
        **rest: object,
    ) -> int:
        if exchange is None:
            raise click.UsageError("--exchange is needed: say at which exchange to look")
        target = Target(exchange=exchange, adapter_options=adapter_options, base_urls=base_urls, journal=journal)
        return command(target=target, **rest)

    wrapped: Callable[..., int] = with_there
    for decorator in (base_url_option, adapter_option, exchange_option):
        wrapped = decorator(wrapped)
    return wrapped


def sent_to_exchange(command: Callable[..., int]) -> Callable[..., int]:
    """Give ``command`` the options that name one exchange and what a write there needs; see ``at_exchange``."""
    wrapped = at_exchange(command)
    for decorator in (yes_option, journal_option):
        wrapped = decorator(wrapped)
    return wrapped


def option_name(parameter: str) -> str:
    """Return how a parameter is written on the command line."""
    return {"leader_id": "--leader", "symbols": "--symbol"}.get(parameter, f"--{parameter.replace('_', '-')}")
