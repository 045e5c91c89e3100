"""Run what an adapter wants to ask, with something that answers in place of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from unified_copy.errors import UnifiedCopyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from unified_copy.adapter import Call, Plan

T = TypeVar("T")


def run_plan(plan: Plan[T], answer: Callable[[Call[Any]], Any]) -> T:
    """Return the result of a plan, where ``answer`` returns what each call means, or raises its error."""
    steps = iter(plan)
    told: Any = None
    failure: UnifiedCopyError | None = None
    while True:
        try:
            call = steps.throw(failure) if failure else steps.send(told)
        except StopIteration as finished:
            result: T = finished.value
            return result
        told = failure = None
        try:
            told = answer(call)
        except UnifiedCopyError as error:
            failure = error
