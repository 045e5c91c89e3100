"""Write the generated parts of the documentation from the code they describe.

Run without arguments to bring every page up to date; a test fails while one is not.
"""

from __future__ import annotations

import ast
import enum
import inspect
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs
import click

from unified_copy import (
    Adapter,
    CopyClient,
    FollowConfig,
    Operation,
    capabilities,
    errors,
    exchanges,
    load_adapter,
    results,
    terms,
)
from unified_copy.cli.application import application
from unified_copy.fields import NOT_OFFERED, FieldSupport
from unified_copy.gaps import Support
from unified_copy.model import CONFIG_FIELDS, AllSymbols
from unified_copy.testing.rules import RULES

HERE: Final = Path(__file__).parent
EXAMPLES: Final = HERE.parent / "examples"
_NO_CODE: Final = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
)
_BLOCK: Final = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str) -> str:
    """Return a page with each of its generated blocks written anew."""
    return _BLOCK.sub(lambda block: block[1] + "\n" + BLOCKS[block[2]]() + "\n" + block[3], text)


def pages() -> Iterator[Path]:
    """Yield every page of the documentation."""
    yield from sorted(HERE.glob("*.md"))


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines) + "\n"


def _attribute_docs(kind: type) -> Mapping[str, str]:
    """Return the string that stands under each attribute of a class."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for node, following in zip(body.body, body.body[1:], strict=False):
        target = (
            node.target
            if isinstance(node, ast.AnnAssign)
            else node.targets[0]
            if isinstance(node, ast.Assign)
            else None
        )
        if isinstance(target, ast.Name) and isinstance(following, ast.Expr):
            value = following.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[target.id] = " ".join(value.value.split()).replace("``", "`")
    return found


def _attribute_types(kind: type) -> Mapping[str, str]:
    """Return the annotation of each attribute of a class."""
    return {
        node.target.id: ast.unparse(node.annotation)
        for node in ast.parse(inspect.getsource(kind)).body[0].body  # type: ignore[attr-defined]  # a class has a body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _summary(kind: object) -> str:
    return (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ").replace("``", "`")


# ------------------------------------------------------------------ the model


def _fields() -> str:
    told = _attribute_docs(FollowConfig)
    kinds = _attribute_types(FollowConfig)
    rows = [
        (
            f"`{field.name}`",
            f"`{kinds[field.name]}`",
            "required" if field.default is attrs.NOTHING else f"`{field.default}`",
            told[field.name],
        )
        for field in CONFIG_FIELDS
    ]
    return _table(("field", "type", "default", "meaning"), rows)


def _choices() -> str:
    kinds = (*terms.SIZINGS, *terms.LEVERAGES)
    return _table(("value", "meaning"), [(f"`{kind.__name__}`", _summary(kind)) for kind in kinds])


# ------------------------------------------------------------------ how fields become wire


def _wire() -> str:
    parts = []
    for name in exchanges():
        adapter = load_adapter(name)
        for form, fields in adapter.forms.items():
            rows = [
                (f"`{field.name}`", *_support(fields.get(field.name, NOT_OFFERED)))
                for field in CONFIG_FIELDS
                if field.name in fields
            ]
            parts.append(f"### `{name}`: {form}\n\n" + _table(("field", "travels as", "takes", "and"), rows))
        parts.append(_options(adapter))
    return "\n".join(part for part in parts if part)


def _support(support: FieldSupport) -> tuple[str, str, str]:
    keys = ", ".join(f"`{key}`" for key in support.keys) or "-"
    takes = "any" if support.takes is None else ", ".join(map(_value, support.takes)) or "nothing"
    # Where nothing is sent, what the venue does anyway tells as much as the refusal of everything else.
    told = [support.within, support.unset or support.refusal.reason, support.undocumented]
    if support.uniform:
        told.insert(0, "the same terms for all pairs")
    for kind, gap in support.gaps.items():
        told.append(f"only with `{gap.wanted}`" if gap.option else f"{_value(kind)}: {gap.reason}")
    if support.none_means is not None:
        told.append(f"`None` becomes {_value(support.none_means)}")
    if support.keys and not support.returned:
        told.append("never read back")
    return keys, takes, "; ".join(part for part in told if part)


def _values() -> str:
    columns = capabilities.columns(map(load_adapter, exchanges()))
    rows = [
        (f"`{kind.field}`", kind.name, *(_cell(each[kind]) for each in columns.values())) for kind in capabilities.KINDS
    ]
    return _table(("field", "value", *(f"`{column}`" for column in columns)), rows)


def _cell(capability: capabilities.Capability) -> str:
    return f"with `{capability.wanted}`" if capability.wanted else str(capability)


def _supports() -> str:
    told = _attribute_docs(Support)
    return _table(("word", "meaning"), [(each.value, told.get(each.name, "")) for each in Support])


def _value(value: object) -> str:
    if isinstance(value, type):
        return {"tuple": "a list", "AllSymbols": "`ALL_SYMBOLS`"}.get(value.__name__, f"`{value.__name__}`")
    if isinstance(value, AllSymbols):
        return "`ALL_SYMBOLS`"
    return f"`{value.name if isinstance(value, enum.Enum) else type(value).__name__}`"


def _options(adapter: type[Adapter]) -> str:
    told = _attribute_docs(adapter)
    rows = [
        (
            f"`{field.name}`",
            f"`{adapter.name}_{field.name}`".upper().replace("-", "_"),
            ", ".join(f"`{choice}`" for choice in field.metadata["choices"]),
            f"`{field.default}`" if field.default else "not chosen",
            told.get(field.name, ""),
        )
        for field in attrs.fields(adapter)
    ]
    return (
        f"Options of `{adapter.name}`:\n\n" + _table(("option", "variable", "takes", "default", "meaning"), rows)
        if rows
        else ""
    )


# ------------------------------------------------------------------ errors


def _errors() -> str:
    rows = []
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.UnifiedCopyError) and kind.__module__ == errors.__name__:
            depth = len(kind.__mro__) - len(errors.UnifiedCopyError.__mro__)
            names = ", ".join(f"`{field.name}`" for field in attrs.fields(kind)) if attrs.has(kind) else ""
            rows.append((f"{'· ' * depth}`{kind.__name__}`", _summary(kind), names))
    return _table(("error", "what you may conclude", "attributes"), rows)


def _codes() -> str:
    parts = []
    for name in exchanges():
        rows = [
            (f"`{code}`", f"`{row.error.__name__}`", row.meaning, f"`{row.field}`" if row.field else "")
            for code, row in load_adapter(name).codes.items()
        ]
        parts.append(f"### `{name}`\n\n" + _table(("code", "error", "meaning", "field"), rows))
    return "\n".join(parts)


# ------------------------------------------------------------------ operations


def _operations() -> str:
    able = {name: capabilities.operations(load_adapter(name)) for name in exchanges()}
    rows = [
        (
            f"`{operation.value}`",
            _summary(getattr(CopyClient, operation.value)),
            *(_cell(each[operation]) for each in able.values()),
        )
        for operation in Operation
    ]
    return _table(("operation", "what it does", *(f"`{name}`" for name in able)), rows)


def _gaps() -> str:
    rows = []
    for name in exchanges():
        adapter = load_adapter(name)
        for operation, capability in capabilities.operations(adapter).items():
            if capability.note:
                rows.append((f"`{name}`", f"`{operation.value}`", _cell(capability), capability.note))
        for operation, asked, capability in capabilities.arguments(adapter):
            calls = ", ".join(f"`{operation.value}({argument})`" for argument in asked)
            rows.append((f"`{name}`", calls, _cell(capability), capability.note))
    return _table(("exchange", "asked", "is refused", "because"), rows)


def _unfollows() -> str:
    adapters = {name: load_adapter(name) for name in exchanges()}
    rows = [
        (
            f"`{name}`",
            adapter.after_unfollow or "the venue does not say",
            "after a while: the status may be `pending`" if adapter.unfollows_later else "at once",
        )
        for name, adapter in adapters.items()
        if Operation.UNFOLLOW in adapter.operations
    ]
    return _table(("exchange", "open copied positions", "the follow ends"), rows)


def _results() -> str:
    kinds = (
        results.FollowedLeader,
        results.CopiedPosition,
        results.ClosedCopy,
        results.LeaderProfile,
        results.SymbolLimits,
        results.Finding,
        results.ActionResult,
    )
    parts = []
    for kind in kinds:
        told, types = _attribute_docs(kind), _attribute_types(kind)
        rows = [(f"`{name}`", f"`{type_}`", told.get(name, "")) for name, type_ in types.items() if name != "raw"]
        parts.append(f"### `{kind.__name__}`\n\n{_summary(kind)}\n\n" + _table(("attribute", "type", "meaning"), rows))
    return "\n".join(parts)


def _commands() -> str:
    rows = []
    for name, command in sorted(application.commands.items()):
        with click.Context(command, info_name=name) as context:
            usage = " ".join(command.collect_usage_pieces(context))
            rows.append((f"`{name} {usage}`", command.get_short_help_str(limit=120)))
    return _table(("command", "what it does"), rows)


# ------------------------------------------------------------------ adding an exchange


def _rules() -> str:
    rows = [(rule.name, rule.sentence, rule.why) for rule in RULES.values()]
    return _table(("rule", "what it wants", "because"), rows)


def _figures() -> str:
    return _table(("what", "files", "lines"), [(what, files, str(lines)) for what, files, lines in figures()])


def figures() -> Iterator[tuple[str, str, int]]:
    """Yield what the author of the example wrote, in which files, and how many lines of code these have."""
    package = EXAMPLES / "unified-copy-lunex" / "unified_copy_lunex"
    rooms = [f"{room}.py" for room in ("wire", "translate", "sign", "codes", "rows", "adapter")]
    yield "an adapter that follows", "`lunex.py`", code_lines(EXAMPLES / "first-afternoon" / "lunex.py")
    complete = sum(code_lines(package / room) for room in rooms)
    yield "an adapter that does everything", ", ".join(f"`{room}`" for room in rooms), complete
    yield "a local venue for it", "`venue.py`", code_lines(package / "venue.py")


def code_lines(path: Path) -> int:
    """Count the lines of a module that hold more than comments and the strings that document it."""
    source = path.read_text(encoding="utf-8")
    found = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(found)


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "fields": _fields,
    "choices": _choices,
    "values": _values,
    "supports": _supports,
    "wire": _wire,
    "errors": _errors,
    "codes": _codes,
    "operations": _operations,
    "gaps": _gaps,
    "unfollows": _unfollows,
    "results": _results,
    "commands": _commands,
    "rules": _rules,
    "figures": _figures,
}

if __name__ == "__main__":
    for path in pages():
        path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")
