"""What each operation of a product asks, and answers that are right: of the golden cases, and of the local venue."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

import attrs
from products import TESTS, examples

from unified_copy import Adapter, FollowConfig, FollowSettings, Pair, load_adapter, translate
from unified_copy.adapter import Call
from unified_copy.errors import ConfigError, UnifiedCopyError
from unified_copy.results import CopiedPosition, Side
from unified_copy.sandbox.messages import Received
from unified_copy.sandbox.venue import Venue
from unified_copy.wire import Request, Response

LEADER: Final = "123123123"
LONGEST: Final = 40
"""How many calls a plan may make before it is stopped."""

Plan = Iterable[Call[Any]]
Respond = Callable[[Request], Response]


@attrs.frozen
class Question:
    """Hold one operation of a product, ready to be asked again and again."""

    adapter: Adapter
    operation: str
    plan: Callable[[], Plan]
    config: FollowConfig
    """What was followed before."""


def _all(calls: Iterable[Call[Any]]) -> Generator[Call[Any], Any, None]:
    for call in calls:
        yield from call


def _questions(adapter: Adapter, config: FollowConfig, position: CopiedPosition) -> Iterator[Question]:
    leader = config.leader_id
    known = FollowSettings(exchange=adapter.name, leader_id=leader, active=True, on_stop=config.on_stop)
    plans: Mapping[str, Callable[[], Any]] = {
        "follow": lambda: _all(translate(config, exchange=adapter).calls),
        "unfollow": lambda: _all(adapter.unfollow(leader, None, known)),
        "settings": lambda: adapter.settings(leader),
        "leaders": lambda: adapter.leaders(None),
        "positions": lambda: adapter.positions(None, None),
        "positions of one": lambda: adapter.positions(leader, None),
        "history": lambda: adapter.history(None, None),
        "history of one": lambda: adapter.history(leader, None),
        "symbols": lambda: adapter.symbols(None),
        "symbols of one": lambda: adapter.symbols(leader),
        "leader": lambda: adapter.leader(leader),
        "check": adapter.check,
        "time": adapter.time,
        "close": lambda: _all(adapter.close(position)),
        "protect": lambda: _all(adapter.protect(position, config.max_total, config.max_total)),
    }
    for operation, plan in plans.items():
        try:
            next(iter(plan()))
        except ConfigError:
            continue  # this product, or this form of it, cannot do that
        yield Question(adapter, operation, plan, config)


@cache
def questions(exchange: str) -> tuple[Question, ...]:
    """Return every operation of a product, in every form and with every choice of options that golden cases have."""
    found: dict[tuple[object, ...], Question] = {}
    for adapter, config in examples(exchange):
        venue = _venue(exchange)
        position = _position(adapter, config, venue)
        for question in _questions(adapter, config, position):
            kind = (adapter, adapter.form(config), question.operation)
            found.setdefault(kind, question)
    return tuple(found.values())


def _position(adapter: Adapter, config: FollowConfig, venue: Respond) -> CopiedPosition:
    """Return a position as the venue shows one after a follow."""
    run(_all(translate(config, exchange=adapter).calls), venue)
    shown = run(adapter.positions(None, None), venue)
    named = Pair("BTC", "USDT")
    empty = CopiedPosition(exchange=adapter.name, position_id="1", symbol=named, side=Side.LONG)
    return shown.items[0] if not isinstance(shown, UnifiedCopyError) and shown.items else empty


def _venue(exchange: str) -> Respond:
    """Return a fresh local venue as a function."""
    module, _, name = load_adapter(exchange).venue.partition(":")
    venue: Venue = getattr(import_module(module), name)()
    account = venue.open_account()
    signing = load_adapter(exchange)()

    def respond(request: Request) -> Response:
        signed = signing.sign(request, account.credentials, now_ms=venue.now_ms())
        headers = {name.lower(): value for name, value in signed.headers.items()}
        received = Received(
            method=signed.method, path=signed.path, query=signed.query, headers=headers, body=signed.body
        )
        answer = venue.answer(received)
        body, told = answer.encoded()
        return Response(answer.status, body, {name.lower(): value for name, value in told.items()})

    return respond


def run(plan: Plan, respond: Respond) -> Any:  # noqa: ANN401 (of whatever type the plan is)
    """Feed a plan, and return its result or the typed error it ended with."""
    steps: Any = iter(plan)
    answer: object = None
    failure: UnifiedCopyError | None = None
    for _ in range(LONGEST):
        try:
            call = steps.throw(failure) if failure else steps.send(answer)
        except StopIteration as finished:
            return finished.value
        except UnifiedCopyError as error:
            return error
        answer = failure = None
        try:
            answer = call.decode(respond(call.request))
        except UnifiedCopyError as error:
            failure = error
    return None


@cache
def answers(exchange: str, operation: str) -> tuple[tuple[Response, ...], ...]:
    """Return runs of answers to one operation."""
    golden = _golden(exchange)[operation.partition(" ")[0]]
    recorded = [_recorded(question) for question in questions(exchange) if question.operation == operation]
    return tuple(each for each in (*golden, *recorded) if each)


def _recorded(question: Question) -> tuple[Response, ...]:
    heard: list[Response] = []
    venue = _venue(question.adapter.name)

    def record(request: Request) -> Response:
        heard.append(venue(request))
        return heard[-1]

    run(_all(translate(question.config, exchange=question.adapter).calls), venue)
    run(question.plan(), record)
    return tuple(heard)


@cache
def _golden(exchange: str) -> Mapping[str, list[tuple[Response, ...]]]:
    found: dict[str, list[tuple[Response, ...]]] = defaultdict(list)
    for path in sorted((TESTS / "golden" / exchange).glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            told = case.get("answers") or ([case["answer"]] if "answer" in case else [])
            run_of = tuple(Response(each["status"], _body(each["body"]), each.get("headers", {})) for each in told)
            if not run_of and path.name == "reading.rows.json":
                run_of = (Response(200, case["body"].encode()),)
            if run_of and sum(len(each.body) for each in run_of) < 2**14:
                found[case["operation"]].append(run_of)
    return found


def _body(written: str | list[tuple[str, int]]) -> bytes:
    return "".join([written] if isinstance(written, str) else [text * times for text, times in written]).encode()
