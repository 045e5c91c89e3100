"""Golden cases: what an operation sends and what answers mean, as data.

A case is a JSON object in any ``*.json`` file of a folder:

``name``, ``operation``
    What the case shows, and the name of the operation: a method of the client, or ``time``.
``options``
    The options that the adapter is built with; none unless given.
``arguments``
    What the operation is asked with, by name: ``config`` as in a config file, ``leader_id``, ``cursor``, ``on_stop``,
    ``position``, and for the two protections ``"keep"``, ``null`` or a price. What is left out is ``null``.
    ``following`` names a leader who is followed already, for venues that start and amend in different ways.
``requests``
    Exactly what is sent: method, path, query and body of each; ``"GET /path?query"`` is short for one without a body.
``answers``
    The answer to each request: status, body and headers. A body is text, or a list of texts with how often each comes.
``result`` or ``error``
    What the answers mean, in the words of config files and without what is ``None``: the fields of each row, or
    ``count`` in place of many; the class and the attributes of the error, where ``says`` is part of its text.
"""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.cli.json_data import settings_data, value_data
from unified_copy.errors import UnifiedCopyError
from unified_copy.files import structure_config
from unified_copy.model import FIELD_NAMES, OnStop
from unified_copy.pairs import Pair
from unified_copy.results import KEEP, CopiedPosition, Finding, Page, Price, Side
from unified_copy.settings import FollowSettings
from unified_copy.testing.broken import BrokenRuleError, require
from unified_copy.testing.plans import run_plan
from unified_copy.translation import translate_with
from unified_copy.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from unified_copy.adapter import Adapter, Call
    from unified_copy.model import FollowConfig

Data = Any
"""What JSON holds."""
_NOTHING: Final = object()
_EVERYTHING: Final = frozenset(FIELD_NAMES) - {"leader_id"}
_ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "follow": ("config", "following"),
    "unfollow": ("leader_id", "on_stop", "following"),
    "settings": ("leader_id",),
    "leaders": ("cursor",),
    "positions": ("leader_id", "cursor"),
    "history": ("leader_id", "cursor"),
    "symbols": ("leader_id",),
    "leader": ("leader_id",),
    "close": ("position",),
    "protect": ("position", "take_profit_price", "stop_loss_price"),
    "check": (),
    "time": (),
}


@attrs.frozen(kw_only=True)
class Golden:
    """Hold one case, of one file."""

    file: str
    name: str
    operation: str
    options: Mapping[str, Data] = attrs.field(factory=dict)
    arguments: Mapping[str, Data] = attrs.field(factory=dict)
    requests: tuple[Data, ...] | None = attrs.field(default=None, converter=attrs.converters.optional(tuple))
    answers: tuple[Data, ...] | None = attrs.field(default=None, converter=attrs.converters.optional(tuple))
    result: Data = _NOTHING
    error: Mapping[str, Data] | None = None

    def __str__(self) -> str:
        """Name the case."""
        return f"{self.file}: {self.operation}: {self.name}"

    def adapter(self, adapter_class: type[Adapter]) -> Adapter:
        """Return the adapter with the options of the case."""
        return adapter_class(**self.options)

    def config(self, adapter: Adapter) -> FollowConfig:
        """Return the config of a follow."""
        return structure_config(self.arguments["config"], exchange=adapter.name)

    def calls(self, adapter: Adapter) -> tuple[Call[Any], ...]:
        """Return the calls that the adapter makes; of a read without answers, the first."""
        calls: list[Call[Any]] = []
        with suppress(UnifiedCopyError):
            self._run(adapter, calls)
        return tuple(calls)

    def responses(self) -> tuple[Response, ...]:
        """Return the answers of the case."""
        return tuple(map(_response, self.answers or ()))

    def check(self, adapter_class: type[Adapter]) -> None:
        """Compare with what the adapter does; raises ``AssertionError`` that says what differs."""
        calls: list[Call[Any]] = []
        try:
            result = self._run(self.adapter(adapter_class), calls)
        except UnifiedCopyError as error:
            if self.error is None:
                raise
            wanted = dict(self.error)
            says = wanted.pop("says", "")
            self._equal("error", {name: _attribute(error, name) for name in wanted}, wanted)
            require(says in str(error), f"{self}: {str(error)!r} does not say {says!r}")
        else:
            require(self.error is None, f"{self}: no error, where {self.error} belongs")
            if self.answers is not None:
                self._equal("result", _counted(described(result), self.result), self.result)
        if self.requests is not None:
            self._equal("requests", [_written(call.request) for call in calls], [*map(_spelt_out, self.requests)])

    def _equal(self, what: str, found: Data, wanted: Data) -> None:
        told = f"{self}: the {what} differs\n  found:  {_json(found)}\n  wanted: {_json(wanted)}"
        require(found == wanted, told)

    def _run(self, adapter: Adapter, calls: list[Call[Any]]) -> object:
        """Run the operation over the answers, as far as they go, and note what it asks."""
        made = self._made(adapter)
        answers = iter(self.responses())

        def answer(call: Call[Any]) -> object:
            calls.append(call)
            if self.answers is None:
                raise _UnansweredError
            response = next(answers, None)
            if response is None:
                told = f"{self}: more is asked than answered: {call.request.method} {call.request.target}"
                raise BrokenRuleError(told)
            return call.decode(response)

        result: object = None
        for plan in made if isinstance(made, tuple) else (made,):
            with suppress(_UnansweredError):
                result = run_plan(plan, answer)
        require(next(answers, None) is None, f"{self}: not every answer was asked for")
        return result

    def _made(self, adapter: Adapter) -> Data:
        unknown = set(self.arguments) - set(_ARGUMENTS[self.operation])
        require(not unknown, f"{self}: {self.operation} takes no {', '.join(sorted(unknown))}")
        given: list[Data] = [_argument(adapter, name, self.arguments.get(name)) for name in _ARGUMENTS[self.operation]]
        if self.operation == "follow":
            return translate_with(adapter, *given).calls
        return getattr(adapter, self.operation)(*given)


class _UnansweredError(Exception):
    """A case without answers ends at the first call."""


_POSITION: Final = frozenset(field.name for field in attrs.fields(CopiedPosition)) - {"exchange"}


def load(folder: Path) -> tuple[Golden, ...]:
    """Return every case of the files in ``folder``, in the order of their names.

    Raises ``ValueError`` that names the file for one that is no list of cases.
    """
    return tuple(case for path in sorted(folder.glob("*.json")) for case in _cases(path))


def _cases(path: Path) -> Iterator[Golden]:
    try:
        for case in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal):
            golden = Golden(file=path.stem, **case)
            if golden.operation not in _ARGUMENTS:
                raise ValueError(f"there is no operation {golden.operation!r}")  # noqa: TRY301 (told below)
            _check_position(golden)
            yield golden
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _check_position(golden: Golden) -> None:
    position = golden.arguments.get("position")
    if position is None:
        return
    wrong = [f"has no {name}" for name in ("position_id", "symbol") if name not in position]
    wrong += [f"takes no {name}" for name in sorted({*position} - _POSITION)]
    if wrong:
        raise ValueError(f"{golden.name}: a position {', '.join(wrong)}")


# ------------------------------------------------------------------ arguments and answers


def _argument(adapter: Adapter, name: str, told: Data) -> object:
    read: Mapping[str, Callable[[Data], object]] = {
        "config": lambda config: structure_config(config, exchange=adapter.name),
        "on_stop": OnStop,
        "following": lambda leader_id: FollowSettings(exchange=adapter.name, leader_id=leader_id, active=True),
        "position": lambda position: _position(adapter, **position),
    }
    if name.endswith("_price"):
        return _price(told)
    return read[name](told) if name in read and told is not None else told


def _position(adapter: Adapter, *, symbol: str, side: str = "long", **told: Data) -> CopiedPosition:
    return CopiedPosition(exchange=adapter.name, symbol=Pair.parse(symbol), side=Side(side), **told)


def _price(told: str | None) -> Price:
    return KEEP if told == "keep" else None if told is None else Decimal(told)


def _response(answer: Mapping[str, Data]) -> Response:
    body = answer["body"]
    text = body if isinstance(body, str) else "".join(part * times for part, times in body)
    return Response(answer["status"], text.encode(), answer.get("headers", {}))


# ------------------------------------------------------------------ results in the words of files


def described(result: object) -> Data:
    """Return what an operation told as a case has it."""
    if isinstance(result, FollowSettings):
        told = settings_data(result)
        missing = "everything" if result.missing >= _EVERYTHING else told["missing"]
        shown = {"active": result.active, "missing": missing, "unread": told["unread"], "settings": told["settings"]}
        return {name: _said(value) if isinstance(value, dict) else value for name, value in shown.items()}
    if isinstance(result, Page):
        return {"items": described(result.items), "cursor": result.cursor}
    if isinstance(result, tuple):
        return [described(each) for each in result]
    if isinstance(result, Finding):
        return f"{result.topic}: {result.level.value}: {result.told}"
    return result if result is None or isinstance(result, int) else _said(_fields(result))


def _counted(told: Data, wanted: Data) -> Data:
    """Count the rows of a page where the case only counts them."""
    if not (isinstance(wanted, dict) and "count" in wanted):
        return told
    return {"count": len(told["items"]), "cursor": told["cursor"]}


def _fields(row: Any) -> dict[str, Data]:  # noqa: ANN401 (any of the neutral rows)
    require(row.raw is not None, f"{type(row).__name__} comes without the venue's own row")
    names = [field.name for field in attrs.fields(type(row)) if field.name not in {"exchange", "raw", "handle"}]
    told = {name: value_data(getattr(row, name)) for name in names}
    return {**told, "handle": dict(getattr(row, "handle", {}))}


def _said(told: Mapping[str, Data]) -> dict[str, Data]:
    return {name: value for name, value in told.items() if value is not None and value not in ([], {})}


def _attribute(error: UnifiedCopyError, name: str) -> Data:
    return type(error).__name__ if name == "class" else getattr(error, name, None)


def _written(request: Request) -> dict[str, str]:
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "body": request.body.decode(),
    }


def _spelt_out(told: Data) -> Data:
    if not isinstance(told, str):
        return {"query": "", "body": "", **told}
    method, _, target = told.partition(" ")
    path, _, query = target.partition("?")
    return {"method": method, "path": path, "query": query, "body": ""}


def _json(value: Data) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
