"""Every call that a product makes, found by doing everything that it can at its local venue, without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache, partial
from typing import Any, TypeVar

import attrs
from products import examples

from unified_copy import Adapter, FollowConfig, load_adapter
from unified_copy.adapter import Call, Operation, Plan
from unified_copy.cli.life import wanted
from unified_copy.errors import UnifiedCopyError
from unified_copy.sandbox import Received, Sandbox
from unified_copy.wire import Request, Response

T = TypeVar("T")


@cache
def lives(exchange: str) -> Sequence[Sequence[Call[Any]]]:
    """Return the calls about the example of the venue, and about a golden config of each form and choice of options."""
    adapter_class = load_adapter(exchange)
    example = wanted(adapter_class, Sandbox(adapter_class).venue(exchange).example)
    follows = {(adapter, adapter.form(config)): config for adapter, config in (*examples(exchange), example)}
    return tuple(_Life(adapter, config, Sandbox(adapter)).live() for (adapter, _), config in follows.items())


def calls(exchange: str) -> Sequence[Call[Any]]:
    """Return all of them as one."""
    return [call for life in lives(exchange) for call in life]


def received(request: Request) -> Received:
    """Return a request as a venue gets it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Received(method=request.method, path=request.path, query=request.query, headers=headers, body=request.body)


@attrs.define
class _Life:
    """Do one thing after the other at a local venue, and keep the calls."""

    adapter: Adapter
    config: FollowConfig
    sandbox: Sandbox
    made: list[Call[Any]] = attrs.field(factory=list)

    def live(self) -> Sequence[Call[Any]]:
        """Do everything; what the product or the venue refuses is left at that."""
        for deed in (self.follow, self.follow, *self.questions(), self.protect, self.close, self.unfollow):
            with suppress(UnifiedCopyError):
                deed()
        return self.made

    def follow(self) -> None:
        self.write(self.adapter.follow(self.config, self.run(self.adapter.settings(self.config.leader_id))))

    def questions(self) -> Iterator[Callable[[], None]]:
        for operation, *questions in (
            (Operation.LEADERS, (None,)),
            (Operation.POSITIONS, (self.config.leader_id, None), (None, None)),
            (Operation.HISTORY, (self.config.leader_id, None), (None, None)),
            (Operation.SYMBOLS, (self.config.leader_id,), (None,)),
            (Operation.LEADER, (self.config.leader_id,)),
            (Operation.CHECK, ()),
        ):
            yield from (partial(self.ask, operation, *question) for question in questions)

    def ask(self, operation: Operation, *question: str | None) -> None:
        self.run(getattr(self.adapter, operation.value)(*question))

    def protect(self) -> None:
        for position in self.run(self.adapter.positions(None, None)).items[:1]:
            self.write(self.adapter.protect(position, Decimal(2), Decimal(1)))

    def close(self) -> None:
        for position in self.run(self.adapter.positions(None, None)).items[:1]:
            self.write(self.adapter.close(position))

    def unfollow(self) -> None:
        known = self.run(self.adapter.settings(self.config.leader_id))
        on_stop = known.on_stop if Operation.UNFOLLOW in self.adapter.reads_before else None
        self.write(self.adapter.unfollow(self.config.leader_id, on_stop, known))

    def write(self, calls: Iterable[Call[None]]) -> None:
        for call in calls:
            self.send(call)

    def run(self, plan: Plan[T]) -> T:
        steps = iter(plan)
        step: Callable[[], Call[Any]] = partial(next, steps)
        while True:
            try:
                call = step()
            except StopIteration as finished:
                result: T = finished.value
                return result
            try:
                step = partial(steps.send, self.send(call))
            except UnifiedCopyError as error:
                step = partial(steps.throw, error)

    def send(self, call: Call[T]) -> T:
        self.made.append(call)
        name, request = self.adapter.name, call.request
        venue = self.sandbox.venue(name)
        if call.signed:
            request = self.adapter.sign(request, self.sandbox.credentials[name], now_ms=venue.now_ms())
        answer = venue.answer(received(request))
        return call.decode(Response(answer.status, answer.encoded()[0]))
