"""An adapter under test, and what the rules need of it: configs it takes, calls it makes, its contract and venue."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.capabilities import KINDS
from unified_copy.credentials import Credentials
from unified_copy.sandbox import Received, Sandbox
from unified_copy.terms import FixedLeverage
from unified_copy.testing.plans import run_plan
from unified_copy.wire import Response

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from unified_copy.adapter import Adapter, Call
    from unified_copy.model import FollowConfig
    from unified_copy.sandbox import Venue
    from unified_copy.testing.golden import Golden
    from unified_copy.wire import Request

NOW_MS: Final = 1_767_225_600_123
CANARIES: Final = Credentials("canary-key-4711", "canary-secret-4711", "canary-phrase-4711")
"""What must never show anywhere."""


_SAMPLES: Final[tuple[tuple[str, object], ...]] = (
    *((kind.field, kind.example) for kind in KINDS if kind.field != "leader_id"),
    ("leverage", FixedLeverage(long=10, short=5)),
)
"""A value of each kind by its field, and what must not be mixed up."""


@attrs.frozen
class Sample:
    """Hold a config built around one value, and the adapter to put it to."""

    adapter: Adapter
    config: FollowConfig


@attrs.frozen
class Made:
    """Hold one call that a golden case makes."""

    case: Golden
    adapter: Adapter
    call: Call[Any]

    def __str__(self) -> str:
        """Name operation, method and path."""
        return f"{self.case.operation}: {self.call.request.method} {self.call.request.path}"


@attrs.frozen(slots=False)
class Subject:
    """Hold an adapter under test with its golden cases."""

    adapter_class: type[Adapter]
    cases: tuple[Golden, ...]

    @property
    def name(self) -> str:
        """Return the name of the exchange."""
        return self.adapter_class.name

    @cached_property
    def adapters(self) -> tuple[Adapter, ...]:
        """Return the adapter with every combination of options that a golden case has."""
        return tuple(dict.fromkeys(case.adapter(self.adapter_class) for case in self.cases))

    @cached_property
    def follows(self) -> tuple[tuple[Adapter, FollowConfig], ...]:
        """Return every config that the golden cases follow with, and the adapter that takes it."""
        follows = (case for case in self.cases if case.operation == "follow" and case.error is None)
        return tuple(
            dict.fromkeys((adapter := case.adapter(self.adapter_class), case.config(adapter)) for case in follows)
        )

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """Return a config around each sample of a value, for every form and every combination of options."""
        bases: dict[tuple[Adapter, str], FollowConfig] = {}
        for adapter, config in self.follows:
            bases.setdefault((adapter, adapter.form(config)), config)
        return tuple(
            Sample(adapter, _evolved(config, {name: value}))
            for (adapter, _), config in bases.items()
            for name, value in _SAMPLES
        )

    @cached_property
    def made(self) -> tuple[Made, ...]:
        """Return every call that the golden cases make, each method and path of an operation once."""
        found: dict[tuple[str, str, str], Made] = {}
        for case in self.cases:
            adapter = case.adapter(self.adapter_class)
            for call in case.calls(adapter):
                key = (case.operation, call.request.method, call.request.path)
                found.setdefault(key, Made(case, adapter, call))
        return tuple(found.values())

    def requests(self) -> Iterator[tuple[Adapter, Call[Any]]]:
        """Yield every call of the golden cases, with the adapter that makes it."""
        for case in self.cases:
            adapter = case.adapter(self.adapter_class)
            yield from ((adapter, call) for call in case.calls(adapter))

    def venue(self, adapter: Adapter) -> LocalVenue:
        """Return a fresh local venue, with one account."""
        return LocalVenue(adapter)


def _evolved(config: FollowConfig, changes: Mapping[str, Any]) -> FollowConfig:
    return attrs.evolve(config, **changes)


class LocalVenue:
    """Put the calls of one adapter to its local venue, without a socket between them."""

    def __init__(self, adapter: Adapter) -> None:
        """Open the venue and an account."""
        self._adapter = adapter
        sandbox = Sandbox(adapter)
        self.venue: Final[Venue] = sandbox.venue(adapter.name)
        self.credentials = sandbox.credentials[adapter.name]
        """What requests are signed with."""

    def answer(self, call: Call[Any]) -> Response:
        """Return what the venue answers to a call."""
        now_ms = time.time_ns() // 1_000_000
        request = call.request
        signed = self._adapter.sign(request, self.credentials, now_ms=now_ms) if call.signed else request
        answer = self.venue.answer(received(signed))
        body, headers = answer.encoded()
        return Response(answer.status, body, {name.lower(): value for name, value in headers.items()})

    def run(self, plan: Any) -> Any:  # noqa: ANN401 (a plan of whatever is read)
        """Run a plan, or the calls of a write, and return the result. Raises what the venue refuses with."""
        if isinstance(plan, tuple):
            for call in plan:
                call.decode(self.answer(call))
            return None
        return run_plan(plan, lambda call: call.decode(self.answer(call)))


def received(request: Request) -> Received:
    """Return a request as a venue receives it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Received(method=request.method, path=request.path, query=request.query, headers=headers, body=request.body)
