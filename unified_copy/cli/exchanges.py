"""List the installed exchanges and what each can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from unified_copy import capabilities
from unified_copy.adapter import Operation
from unified_copy.capabilities import KINDS, Capability
from unified_copy.cli import output
from unified_copy.cli.json_data import value_data
from unified_copy.cli.outcomes import Exit, error_data
from unified_copy.errors import AdapterError
from unified_copy.gaps import Support
from unified_copy.plugins import Offer, offers, refusal
from unified_copy.registry import exchanges, load_adapter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from unified_copy.adapter import Adapter
    from unified_copy.capabilities import Kind
    from unified_copy.cli.output import JsonValue


_STYLES: Final = {
    Support.YES: "green",
    Support.ANYWAY: "green",
    Support.LEFT: "dim",
    Support.WITH_OPTION: "yellow",
    Support.UNDOCUMENTED: "magenta",
    Support.CANNOT: "dim",
}


@attrs.frozen(kw_only=True)
class Listed:
    """Hold what is known of one exchange: its adapter, or why that cannot be used."""

    name: str
    distribution: str
    version: str
    adapter: type[Adapter] | None = None
    error: AdapterError | None = None
    imported: bool = True
    declared: tuple[str, ...] = ()
    """The hosts that its source spells out, where it was not imported."""

    @property
    def operations(self) -> tuple[str, ...]:
        """Return what the adapter can do, in the words of the client's methods."""
        return () if self.adapter is None else tuple(sorted(each.value for each in self.adapter.operations))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return where credentials may go."""
        return self.declared if self.adapter is None else self.adapter.hosts

    @property
    def options(self) -> Mapping[str, attrs.Attribute[object]]:
        """Return the options of the adapter by name."""
        return {} if self.adapter is None else {field.name: field for field in attrs.fields(self.adapter)}


def run(*, as_json: bool) -> int:
    """Print one row for each exchange, which of them can do what, and which values of a config each takes.

    A plug-in that is broken or refused is told as such; a refused one is not imported.
    """
    listed = sorted(_listed(), key=lambda exchange: (exchange.name, exchange.distribution))
    if as_json:
        output.document({"exchanges": [_data(exchange) for exchange in listed]})
    elif listed:
        to = output.stdout()
        to.table(("exchange", "distribution", "version", "hosts", "options"), [_row(exchange) for exchange in listed])
        if able := [exchange.adapter for exchange in listed if exchange.adapter is not None]:
            to.line()
            to.table(("operation", *(adapter.name for adapter in able)), [*_operations(able)])
            _write_values(to, capabilities.columns(able))
    else:
        output.stdout().line("no adapter is installed")
    return Exit.DONE


def _listed() -> Iterator[Listed]:
    installed = offers()
    for claims in installed.values():
        for offer in claims:
            yield _offered(offer, refusal(offer, claims))
    for name in set(exchanges()) - set(installed):
        yield Listed(name=name, distribution="", version="", adapter=load_adapter(name))


def _offered(offer: Offer, error: AdapterError | None) -> Listed:
    known = Listed(name=offer.name, distribution=offer.distribution, version=offer.version)
    if error is not None:
        return attrs.evolve(known, error=error, imported=False, declared=offer.hosts())
    try:
        return attrs.evolve(known, adapter=load_adapter(offer.name))
    except AdapterError as broken:
        return attrs.evolve(known, error=broken)


def _row(exchange: Listed) -> output.Row:
    owner = (exchange.name, exchange.distribution, exchange.version)
    if exchange.error is not None:
        state = "broken" if exchange.imported else ", ".join(("refused", *exchange.hosts))
        return (*owner, output.Cell(state, "bold red"), output.Cell(str(exchange.error), "red"))
    options = "; ".join(f"{name}={_choices(option)}" for name, option in exchange.options.items())
    return (*owner, ", ".join(exchange.hosts), options)


def _operations(adapters: Sequence[type[Adapter]]) -> Iterator[output.Row]:
    """Yield one row for each operation, with what each exchange makes of it."""
    found = [capabilities.operations(adapter) for adapter in adapters]
    for operation in Operation:
        yield operation.value, *(_cell(each[operation]) for each in found)


def _write_values(to: output.Output, columns: Mapping[str, Mapping[Kind, Capability]]) -> None:
    """Write the matrix of values, or where a terminal has no room for it a short table for each of its columns."""
    # One column's room more keeps the longest words of the cells whole.
    if to.has_room_for([*map(str, KINDS)], len(columns) + 1):
        rows: list[output.Row] = [(str(kind), *(_cell(found[kind]) for found in columns.values())) for kind in KINDS]
        to.line()
        to.table(("value", *columns), rows, whole=True)
        return
    for name, found in columns.items():
        to.line()
        to.table((name, "values"), [*_by_support(found)], whole=True)


def _by_support(found: Mapping[Kind, Capability]) -> Iterator[output.Row]:
    """Yield one row for each thing that is made of values, with the kinds of value that it is made of."""
    kinds: dict[output.Cell, list[str]] = {}
    for kind, capability in found.items():
        kinds.setdefault(_cell(capability), []).append(str(kind))
    for cell, names in kinds.items():
        yield cell, ", ".join(names)


def _cell(capability: Capability) -> output.Cell:
    return output.Cell(str(capability), _STYLES[capability.support])


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
    if exchange.adapter is not None:
        data["capabilities"] = _capabilities(exchange.adapter)
    return data


def _capabilities(adapter: type[Adapter]) -> dict[str, JsonValue]:
    """Return what an exchange makes of every operation, with what it cannot be asked, and of every kind of value."""
    asked: dict[str, list[JsonValue]] = {}
    for operation, words, capability in capabilities.arguments(adapter):
        asked.setdefault(operation.value, []).append({"asked": words, **_told(capability)})
    return {
        "operations": {
            operation.value: {**_told(capability), "refuses": asked.get(operation.value, [])}
            for operation, capability in capabilities.operations(adapter).items()
        },
        "values": {
            form: [{"field": kind.field, "value": kind.name, **_told(each)} for kind, each in found.items()]
            for form, found in capabilities.values(adapter).items()
        },
    }


def _told(capability: Capability) -> dict[str, JsonValue]:
    return {
        "support": capability.support.name.lower(),
        "option": capability.wanted or None,
        "note": capability.note or None,
    }
