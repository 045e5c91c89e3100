"""What an adapter says of itself."""

from __future__ import annotations

import enum
import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy import plugins, registry
from unified_copy.adapter import Operation
from unified_copy.capabilities import operations
from unified_copy.errors import AdapterError
from unified_copy.gaps import Support
from unified_copy.model import FIELD_NAMES
from unified_copy.testing.broken import broken, require
from unified_copy.testing.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unified_copy.adapter import Adapter
    from unified_copy.gaps import Gap
    from unified_copy.testing.subject import Subject

_WATCHED: Final = """
import sys
def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes or event.partition(".")[0] in ("socket", "subprocess", "urllib", "shutil") or event == "os.system":
        sys.exit(f"{event} {arguments!r}")
sys.addaudithook(watch)
__import__(sys.argv[1])
stacks = {"aiohttp", "requests", "httpx", "urllib3"} & set(sys.modules)
sys.exit(f"it loads {min(stacks)}" if stacks else 0)
"""


def _acceptable(subject: Subject) -> None:
    """Have the registry look at the class as it does when the plug-in loads."""
    try:
        registry.check(subject.adapter_class, getattr(subject.adapter_class, "name", "?"), "this distribution")
    except AdapterError as error:
        raise broken(str(error), subject.adapter_class) from None


def _every_field_told(subject: Subject) -> None:
    required = subject.adapter_class.venue_settings is not None
    for form, fields in subject.adapter_class.forms.items():
        silent = sorted({*FIELD_NAMES} - {*fields, *(() if required else ("venue",))})
        require(not silent, f"form {form!r} says nothing about {', '.join(silent)}", subject.adapter_class)
        venue = fields.get("venue")
        words = f"form {form!r} declares venue as read back, and settings have no such field; say returned=False"
        require(not (venue and venue.keys and venue.returned), words, subject.adapter_class)
        for name, support in fields.items():
            told = support.takes is None or support.refusal.reason
            require(told, f"form {form!r} refuses values of {name} and does not say why", subject.adapter_class)
            both = "" if support.keys else _contradiction(support.takes or ())
            require(not both, f"form {form!r} sends no {name}, and implies {both}", subject.adapter_class)
    options = {field.name: field.metadata.get("choices", ()) for field in attrs.fields(subject.adapter_class)}
    for gap in _gaps(subject.adapter_class):
        require(gap.reason, f"{gap} does not say why", subject.adapter_class)
        closes = not gap.option or (gap.option in options and set(gap.choices) <= {*options[gap.option]})
        require(closes, f"{gap} is closed by an option or a choice that is not there", subject.adapter_class)


def _contradiction(implied: tuple[object, ...]) -> str:
    """Name two values of one kind that a venue cannot both do without being told; empty where there are none."""
    for value in implied:
        others = [each for each in implied if type(each) is type(value) and each != value]
        if isinstance(value, bool | enum.Enum) and others:
            return f"both {value} and {others[0]}"
    return ""


def _gaps(adapter_class: type[Adapter]) -> Iterator[Gap]:
    yield from adapter_class.gaps.values()
    for by_argument in adapter_class.argument_gaps.values():
        yield from (gap for gaps in by_argument.values() for gap in gaps.values())
    for fields in adapter_class.forms.values():
        yield from (gap for support in fields.values() for gap in support.gaps.values())


def _operations_as_declared(subject: Subject) -> None:
    for adapter in subject.adapters:
        shown = {case.operation for case in subject.cases if case.adapter(subject.adapter_class) == adapter}
        for operation, capability in operations(adapter).items():
            refused = operation.value in shown and capability.support is not Support.YES
            told = f"{operation.value} is declared as {capability}, and a golden case does it"
            require(not refused, told, type(adapter))
    able = {operation.value for operation in subject.adapter_class.operations - {Operation.CLOSE_ALL}}
    missing = sorted(able - {case.operation for case in subject.cases})
    require(not missing, f"no golden case shows {', '.join(missing)}; add one, or do not define it")


def _values(subject: Subject) -> None:
    for adapter in subject.adapters:
        for value in (adapter, *(config for _, config in subject.follows)):
            again = pickle.loads(pickle.dumps(value))  # noqa: S301 (what was pickled in this line)
            require(again == value, f"{value!r} does not survive being pickled", type(value))


def _import_is_quiet(subject: Subject) -> None:
    module = subject.adapter_class.__module__
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(  # noqa: S603 (this very interpreter, and code of ours)
        [sys.executable, "-B", "-c", _WATCHED, module], capture_output=True, text=True, check=False, env=environment
    )
    told = (ran.stderr.strip().splitlines() or ["it fails"])[-1]
    require(ran.returncode == 0, f"importing {module}: {told}", subject.adapter_class)


def _no_entry_point(subject: Subject) -> str:
    return "" if subject.name in plugins.offers() else "no installed distribution offers it by an entry point"


def _offered(subject: Subject) -> None:
    found = registry.load_adapter(subject.name)
    require(found is subject.adapter_class, f"{subject.name!r} loads {found!r}", subject.adapter_class)


RULES: Final = (
    Rule(
        "D1", "The registry accepts the class.", "an adapter that breaks the contract is refused to users", _acceptable
    ),
    Rule(
        "D2",
        "The entry point of its name loads the class.",
        "users name an exchange, and get what the entry point loads",
        _offered,
        _no_entry_point,
    ),
    Rule(
        "D3",
        "Every form says something about every config field, and why it refuses what it refuses.",
        "a user must learn what became of each wish",
        _every_field_told,
    ),
    Rule(
        "D4",
        "Every operation that is declared has a golden case, and no other has.",
        "users choose an exchange by what it says it can do",
        _operations_as_declared,
    ),
    Rule(
        "D5",
        "Adapters and configs are values, and come back equal from being pickled.",
        "programs send them to other processes and keep them as keys",
        _values,
    ),
    Rule(
        "D6",
        "Importing the adapter opens, writes and connects to nothing, and loads no HTTP stack.",
        "listing exchanges must be safe and quick",
        _import_is_quiet,
    ),
)
