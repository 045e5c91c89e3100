"""What tests of several packages share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from unified_copy import Adapter, FixedAmount, FollowConfig
from unified_copy.errors import ConfigError, UnifiedCopyError
from unified_copy.registry import resolve
from unified_copy.wire import Request, Response


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the keys and options of whoever runs the tests out of them."""
    for name in tuple(os.environ):
        if name.startswith(("BITGET_", "LUNEX_", "OKX_", "XT_", "THIRD_", "UNIFIED_COPY_")):
            monkeypatch.delenv(name)


@pytest.fixture
def make_config() -> Callable[..., FollowConfig]:
    """Return a function that builds a config, of which only what matters has to be said."""

    def build(**fields: object) -> FollowConfig:
        given: dict[str, Any] = {"leader_id": "123123123", "sizing": FixedAmount("330"), "symbols": ["BTC/USDT"]}
        given.update(fields)
        return FollowConfig(**given)

    return build


@pytest.fixture
def refusal_of() -> Callable[[Callable[[], object]], ConfigError]:
    """Return a function that calls another and returns the ``ConfigError`` it raises."""

    def refusal(build: Callable[[], object]) -> ConfigError:
        with pytest.raises(ConfigError) as caught:
            build()
        return caught.value

    return refusal


@pytest.fixture
def adapter_with() -> Callable[..., Adapter]:
    """Return a function that builds an adapter by name and options."""

    def build(exchange: str, **options: object) -> Adapter:
        return resolve(exchange, options)

    return build


@pytest.fixture
def run_plan() -> Callable[..., tuple[Any, list[Request]]]:
    """Return a function that feeds answers to a plan, and returns its result with the requests it made."""

    def run(plan: Iterable[Any], answers: Iterable[Response]) -> tuple[Any, list[Request]]:
        steps: Any = iter(plan)
        requests: list[Request] = []
        remaining = iter(answers)
        answer: object = None
        failure: UnifiedCopyError | None = None
        while True:
            try:
                call = steps.throw(failure) if failure else steps.send(answer)
            except StopIteration as finished:
                assert next(remaining, None) is None, "the plan did not ask for every answer"
                return finished.value, requests
            requests.append(call.request)
            answer, failure = None, None
            try:
                answer = call.decode(next(remaining))
            except UnifiedCopyError as error:
                failure = error

    return run
