"""Every write of every product, with everything that can go wrong: what is concluded, sent, left behind and told."""

from __future__ import annotations

import asyncio
import importlib.metadata
import io
import logging
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final
from unittest import mock

import attrs
import pytest
import skipping_loop
from products import PRODUCTS
from scenes import LINES, VARIABLES, Ending, Line, Outcome, calls_of, outcome_of
from wrongs import Remembers, Says, Wrong, is_possible, wrongs

from unified_copy import Operation
from unified_copy.errors import (
    AuthenticationError,
    ClockError,
    OutcomeUnknownError,
    RateLimitedError,
    VenueError,
    VenueUnavailableError,
    VerificationError,
)
from unified_copy.sandbox import Answer, Calls, Cut, Parameters, Sandbox, Skew, Stores
from unified_copy.wire import Response

PATIENCE: Final = 10.0
"""Seconds that a refusal for the rate may ask for, and still be obeyed."""
SEEN: Final = frozenset({"applied", "done"})
"""The endings of a write of which everything could be read back."""
REPEATS: Final = 3
"""How often a call is sent again after refusals for the rate."""

AT_ONCE: Final = 24
"""How many cases run side by side."""
OTHER: Final[Mapping[str, Mapping[Operation, Stores]]] = {
    "bitget": {
        Operation.FOLLOW: Stores({"traceValue": "331"}),
        Operation.PROTECT: Stores({"stopLossPrice": "0.002"}),
    },
    "bitget-spot": {
        Operation.FOLLOW: Stores({"maxHoldSize": "1001"}),
        Operation.PROTECT: Stores({"stopLossPrice": "0.002"}),
    },
    "okx": {
        Operation.FOLLOW: Stores({"copyAmt": "51"}),
        Operation.PROTECT: Stores({"slTriggerPx": "0.002"}),
    },
    "xt": {
        Operation.FOLLOW: Stores({"followVal": Decimal(331)}),
        Operation.PROTECT: Stores({"triggerStopPrice": Decimal("0.002")}),
    },
    "xt-futures": {
        Operation.FOLLOW: Stores({"followVal": "331"}),
        Operation.PROTECT: Stores({"triggerStopPrice": "0.002"}),
    },
}
"""How a venue stores something else than it was told."""


# ------------------------------------------------------------------ all of them


@attrs.frozen
class Matrix:
    """All cases of one product."""

    calm: Mapping[Operation, Outcome]
    """What becomes of each write when nothing goes wrong."""
    wrong: Mapping[tuple[Operation, str], tuple[Wrong, Outcome]]
    logged: str


@cache
def _matrix(name: str) -> Matrix:
    """Run all cases of a product side by side, once."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    # Every client looks for the exchanges that are installed, and finds the same ones.
    installed = cache(importlib.metadata.entry_points)
    try:
        with mock.patch("importlib.metadata.entry_points", installed):
            calm, wrong = skipping_loop.run(_all(LINES[name]))
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    return Matrix(calm, wrong, stream.getvalue())


async def _all(line: Line) -> tuple[dict[Operation, Outcome], dict[tuple[Operation, str], tuple[Wrong, Outcome]]]:
    calm: dict[Operation, Outcome] = {}
    places = asyncio.Semaphore(AT_ONCE)

    async def case(write: Operation, wrong: Wrong) -> tuple[tuple[Operation, str], tuple[Wrong, Outcome]]:
        async with places:
            return (write, wrong.name), (wrong, await outcome_of(line, write, wrong))

    cases = []
    for write in line.writes:
        answers: list[Answer] = []
        calm[write] = await outcome_of(line, write, Wrong("nothing", Remembers(answers), done=True, says=Says.YES))
        cases += [case(write, wrong) for wrong in _wrongs(line, write, answers[0])]
    return calm, dict(await asyncio.gather(*cases))


def _wrongs(line: Line, write: Operation, right: Answer) -> list[Wrong]:
    sandbox = Sandbox(line.adapter)
    other = OTHER[line.exchange].get(write) if line.looks else None
    every = wrongs(line.adapter, calls_of(sandbox, write), right, other)
    return [each for each in every if is_possible(sandbox, each) and (line.looks or each.calls is not Calls.READS)]


# ------------------------------------------------------------------ what is expected


def _concluded(line: Line, write: Operation, wrong: Wrong, calm: Outcome) -> tuple[Ending, int]:
    """Return how a write has to end, and how often it has to be sent."""
    if wrong.says is Says.WAIT:
        obeyed = _pause(line, wrong) <= PATIENCE
        return (calm.ending, 2) if obeyed and wrong.times else (RateLimitedError, 1 + REPEATS * obeyed)
    if wrong.says is Says.CLOCK:
        return _after_sync(line, write, wrong, calm)
    if wrong.says is Says.YES:
        return _believed(line, write, wrong, calm), 1
    if wrong.says is Says.NO:
        return wrong.error, 1
    # Found as wanted, with nothing hidden: done. Anything else is not known.
    found = wrong.done and calm.ending in SEEN and not wrong.blind
    return (calm.ending if found else OutcomeUnknownError), 1


def _after_sync(line: Line, write: Operation, wrong: Wrong, calm: Outcome) -> tuple[Ending, int]:
    """Return what comes of a refused timestamp: one more attempt with the clock set right."""
    if not isinstance(wrong.fault, Skew) and not any(row.error is ClockError for row in line.adapter.codes.values()):
        return AuthenticationError, 1
    if isinstance(wrong.fault, Skew):
        # Where something is read first, that is what sets the clock right.
        return calm.ending, 1 if write in line.adapter.reads_before else 2
    return (calm.ending if wrong.times else ClockError), 2


def _believed(line: Line, write: Operation, wrong: Wrong, calm: Outcome) -> Ending:
    """Return how a write ends that the venue says yes to."""
    if wrong.blind:
        return "accepted"
    if wrong.done or calm.done is None or not line.looks:
        return calm.ending
    return "pending" if write is Operation.UNFOLLOW and line.adapter.unfollows_later else VerificationError


def _pause(line: Line, wrong: Wrong) -> float:
    """Return the seconds that a refusal for the rate asks for, as the adapter reads it; infinite where nobody knows."""
    venue = Sandbox(line.adapter).venue(line.exchange)
    answer = wrong.fault.happen(venue, lambda _: Answer(200, b""), Parameters({}))
    body, headers = answer.encoded()
    call = line.adapter.follow(line.wish, None)[0]
    with pytest.raises(RateLimitedError) as caught:
        call.decode(Response(answer.status, body, {name.lower(): value for name, value in headers.items()}))
    return math.inf if caught.value.retry_after is None else caught.value.retry_after


# ------------------------------------------------------------------ the matrix


def _cases() -> Iterator[Any]:
    for name, line in LINES.items():
        for write in line.writes:
            for wrong in _wrongs(line, write, Answer(200, b"")):
                yield pytest.param(name, write, wrong.name, id=f"{name}-{write.value}-{wrong.name}")


CASES: Final = [*_cases()]


@pytest.mark.parametrize(("name", "write", "what"), CASES)
def test_a_write_ends_as_it_has_to(name: str, write: Operation, what: str) -> None:
    matrix = _matrix(name)
    wrong, outcome = matrix.wrong[write, what]
    calm = matrix.calm[write]
    ending, sends = _concluded(LINES[name], write, wrong, calm)
    repeated = wrong.says in {Says.WAIT, Says.CLOCK} and ending == calm.ending
    done = None if calm.done is None else wrong.done or repeated
    assert outcome.met
    assert (_kind(outcome.ending, ending), outcome.sends, outcome.done) == (ending, sends, done), outcome.told


def _kind(ending: Ending, expected: Ending) -> Ending:
    """Return ``ending``, or plain ``VenueError`` where that is expected: any refusal will do."""
    is_refusal = isinstance(ending, type) and issubclass(ending, VenueError) and ending is not VenueUnavailableError
    return VenueError if expected is VenueError and is_refusal else ending


@pytest.mark.parametrize(("name", "write", "what"), CASES)
def test_nothing_that_is_raised_or_returned_tells_a_secret(name: str, write: Operation, what: str) -> None:
    _, outcome = _matrix(name).wrong[write, what]
    assert outcome.leaks - {VARIABLES} == set()


@pytest.mark.parametrize("name", LINES)
def test_no_variable_in_a_traceback_tells_a_secret(name: str) -> None:
    matrix = _matrix(name)
    assert [what for (_, what), (_, outcome) in matrix.wrong.items() if VARIABLES in outcome.leaks] == []


@pytest.mark.parametrize("name", LINES)
def test_no_log_tells_a_secret(name: str) -> None:
    matrix = _matrix(name)
    secrets = {secret for _, outcome in matrix.wrong.values() for secret in outcome.secrets}
    assert len(secrets) > len(matrix.wrong)
    assert "selector" in matrix.logged, "not even the event loop has logged anything"
    assert [secret for secret in secrets if secret in matrix.logged] == []


@pytest.mark.parametrize("name", LINES)
def test_every_write_works_when_nothing_goes_wrong(name: str) -> None:
    calm = _matrix(name).calm
    assert {write: outcome.sends for write, outcome in calm.items()} == dict.fromkeys(LINES[name].writes, 1)
    assert not any(outcome.leaks for outcome in calm.values())
    assert {outcome.ending for outcome in calm.values()} <= {"accepted", *SEEN}


@pytest.mark.parametrize("exchange", PRODUCTS)
def test_every_call_of_a_product_that_writes_is_in_the_matrix(exchange: str) -> None:
    sent = {
        call
        for name, line in LINES.items()
        if line.exchange == exchange
        for outcome in _matrix(name).calm.values()
        for call in outcome.calls
    }
    assert sent == Sandbox(exchange).fault(exchange, Calls.WRITES, Cut()).calls
