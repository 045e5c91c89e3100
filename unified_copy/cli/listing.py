"""List the installed exchanges and what each can do."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import attrs

from unified_copy.adapter import Operation
from unified_copy.cli import paper
from unified_copy.cli.data import value_data
from unified_copy.cli.outcomes import Exit, error_data
from unified_copy.errors import AdapterError
from unified_copy.plugins import GROUP
from unified_copy.registry import exchanges, load_adapter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unified_copy.adapter import Adapter
    from unified_copy.cli.paper import JsonValue


@attrs.frozen(kw_only=True)
class Listed:
    """Hold what is known of one exchange: its adapter, or why that cannot be used."""

    name: str
    distribution: str
    version: str
    adapter: type[Adapter] | None = None
    error: AdapterError | None = None

    @property
    def operations(self) -> tuple[str, ...]:
        """Return what the adapter can do, in the words of the client's methods."""
        return () if self.adapter is None else tuple(sorted(each.value for each in self.adapter.operations))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return where credentials may go."""
        return () if self.adapter is None else self.adapter.hosts

    @property
    def options(self) -> Mapping[str, attrs.Attribute[object]]:
        """Return the options of the adapter by name."""
        return {} if self.adapter is None else {field.name: field for field in attrs.fields(self.adapter)}


def run(*, as_json: bool) -> int:
    """Print one row for each exchange, and which of them can do what; a plug-in that is broken is told as such."""
    listed = [_listed(name) for name in exchanges()]
    if as_json:
        paper.document({"exchanges": [_data(exchange) for exchange in listed]})
    elif listed:
        to = paper.stdout()
        to.table(("exchange", "distribution", "version", "hosts", "options"), [_row(exchange) for exchange in listed])
        able = [exchange for exchange in listed if exchange.error is None]
        if able:
            to.line()
            to.table(("operation", *(exchange.name for exchange in able)), [*_matrix(able)])
    else:
        paper.stdout().line("no adapter is installed")
    return Exit.DONE


def _listed(name: str) -> Listed:
    owners = [entry_point.dist for entry_point in entry_points(group=GROUP, name=name) if entry_point.dist]
    distribution = ", ".join(owner.name for owner in owners)
    version = ", ".join(owner.version for owner in owners)
    try:
        return Listed(name=name, distribution=distribution, version=version, adapter=load_adapter(name))
    except AdapterError as error:
        return Listed(name=name, distribution=distribution, version=version, error=error)


def _row(exchange: Listed) -> paper.Row:
    owner = (exchange.name, exchange.distribution, exchange.version)
    if exchange.error is not None:
        return (*owner, paper.Cell("broken", "bold red"), paper.Cell(str(exchange.error), "red"))
    options = "; ".join(f"{name}={_choices(option)}" for name, option in exchange.options.items())
    return (*owner, ", ".join(exchange.hosts), options)


def _matrix(listed: Sequence[Listed]) -> Iterator[paper.Row]:
    """Yield one row for each operation, with what each exchange makes of it."""
    for operation in Operation:
        able = [operation.value in exchange.operations for exchange in listed]
        yield operation.value, *(paper.Cell("yes", "green") if each else paper.Cell("-", "dim") for each in able)


def _choices(option: attrs.Attribute[object]) -> str:
    """Write what an option takes."""
    choices = "|".join(map(str, option.metadata.get("choices", ()))) or "…"
    default = "" if _default(option) is None else f" (default {_default(option)})"
    return f"{choices}{default}"


def _default(option: attrs.Attribute[object]) -> JsonValue:
    return None if option.default is attrs.NOTHING else value_data(option.default)


def _data(exchange: Listed) -> dict[str, JsonValue]:
    data: dict[str, JsonValue] = {
        "name": exchange.name,
        "distribution": exchange.distribution,
        "version": exchange.version,
        "hosts": exchange.hosts,
        "operations": exchange.operations,
        "options": {
            name: {"choices": value_data(tuple(option.metadata.get("choices", ()))), "default": _default(option)}
            for name, option in exchange.options.items()
        },
    }
    if exchange.error is not None:
        data["error"] = error_data(exchange.error)
    return data
