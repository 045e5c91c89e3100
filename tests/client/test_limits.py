"""What keeps calls back: permits of every budget, penalties of the venue, and nothing else."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Sequence

import pytest
from claims import claim
from leaping import leap_through

from unified_copy.adapter import Limit
from unified_copy.errors import RateLimitedError, TransportError
from unified_copy.limits import ADDRESS, LONGEST_PENALTY, Claim, ProcessLimiter

LIMIT = Limit(5, 1.0, "key", "reads")
LOST_FOR = 3.0
Ways = Callable[[random.Random, float], tuple[float, float]]


async def send(
    limiter: ProcessLimiter, wanted: Claim, seconds: float = 0.0, error: BaseException | None = None
) -> float:
    """Send one request that is answered after ``seconds``, or ends in ``error``; return when it was sent."""
    loop = asyncio.get_running_loop()
    async with limiter.permit(wanted, lost_for=LOST_FOR):
        sent = loop.time()
        await asyncio.sleep(seconds)
        if error:
            raise error
        limiter.saw(wanted.origin, loop.time() - sent)
    return sent


async def send_all(limiter: ProcessLimiter, claims: Sequence[Claim]) -> list[float]:
    """Send one request for each claim at once; return when each was sent."""
    return list(await asyncio.gather(*(send(limiter, each) for each in claims)))


def most_in_a_window(moments: Sequence[float], seconds: float) -> int:
    """Return how many moments the fullest window holds; what is a whole window apart is in two."""
    ordered = sorted(moments)
    return max(sum(start <= each < start + seconds - 1e-9 for each in ordered) for start in ordered)


# ------------------------------------------------------------------ the guarantee

WAYS: dict[str, Ways] = {
    "jitter on the way out": lambda chance, trip: (trip / 2 + chance.uniform(0, 0.05), trip / 2),
    "jitter on the way back": lambda chance, trip: (trip / 2, trip / 2 + chance.uniform(0, 0.05)),
    "jitter both ways": lambda chance, trip: (
        trip / 2 + chance.uniform(0, 0.025),
        trip / 2 + chance.uniform(0, 0.025),
    ),
    "counted on arrival, then worked on": lambda chance, trip: (trip / 5, trip * 4 / 5 + chance.expovariate(40)),
    "stalls": lambda chance, trip: (trip / 2 + (chance.random() < 0.03) * 0.2, trip / 2 + chance.uniform(0, 0.05)),
}


def _simulated(ways: Callable[[random.Random], tuple[float, float]], seed: int) -> tuple[int, float]:
    """Send 100 requests at once; return how many the fullest window counted, and how long it all took."""
    chance = random.Random(seed)  # noqa: S311 (a seed makes every run the same)
    counted: list[float] = []

    async def one(limiter: ProcessLimiter, wanted: Claim) -> None:
        loop = asyncio.get_running_loop()
        out, back = ways(chance)
        async with limiter.permit(wanted, lost_for=LOST_FOR):
            counted.append(loop.time() + out)
            await asyncio.sleep(out + back)
            limiter.saw(wanted.origin, out + back)

    async def everything() -> float:
        limiter = ProcessLimiter()
        wanted = claim(LIMIT)
        await asyncio.gather(*(one(limiter, wanted) for _ in range(100)))
        return asyncio.get_running_loop().time()

    took = leap_through(everything())
    return most_in_a_window(counted, LIMIT.seconds), took


@pytest.mark.parametrize("trip", [0.001, 0.06, 0.25])
@pytest.mark.parametrize("ways", WAYS.values(), ids=WAYS)
def test_no_window_of_the_venue_ever_counts_more_than_it_allows(ways: Ways, trip: float) -> None:
    fullest, took = zip(*(_simulated(lambda chance: ways(chance, trip), seed) for seed in range(20)), strict=True)
    assert set(fullest) == {LIMIT.requests}
    # Without giving back, each of the 19 windows would take a round trip more.
    assert sum(took) / len(took) < 19 + trip + 19 * 0.07


def test_requests_may_be_counted_at_any_moment_of_a_round_trip_that_is_nothing_but_jitter() -> None:
    def anywhere(chance: random.Random) -> tuple[float, float]:
        trip, part = chance.uniform(0.0005, 0.05), chance.random()
        return trip * part, trip * (1 - part)

    assert {_simulated(anywhere, seed)[0] for seed in range(50)} == {LIMIT.requests}


def test_a_permit_whose_answer_is_lost_is_held_for_the_time_out_and_one_window() -> None:
    async def losing() -> float:
        limiter, wanted = ProcessLimiter(), claim(Limit(1, 1.0, "key", "one"))
        with pytest.raises(RuntimeError):
            await send(limiter, wanted, 2.0, RuntimeError("lost"))
        return await send(limiter, wanted)

    assert leap_through(losing()) == pytest.approx(2.0 + LOST_FOR + 1.0)


def test_a_permit_of_what_was_never_sent_comes_back_at_once() -> None:
    async def failing() -> float:
        limiter, wanted = ProcessLimiter(), claim(Limit(1, 1.0, "key", "one"))
        with pytest.raises(TransportError):
            await send(limiter, wanted, 0.0, TransportError("venue", "refused"))
        return await send(limiter, wanted)

    assert leap_through(failing()) == 0.0


def test_who_gives_up_waiting_takes_no_permit_along() -> None:
    async def giving_up() -> tuple[float, bool]:
        limiter, wanted = ProcessLimiter(), claim(Limit(1, 1.0, "key", "one"), Limit(1, 1.0, "key", "two"))
        await send(limiter, wanted)
        waiting = asyncio.create_task(send(limiter, wanted))
        await asyncio.sleep(0.5)
        waiting.cancel()
        await asyncio.wait([waiting])
        sent = await send(limiter, wanted)
        await asyncio.sleep(10)
        return sent, all(permits.idle for permits in limiter._permits.values())

    sent, idle = leap_through(giving_up())
    assert sent == pytest.approx(1.0)
    assert idle


# ------------------------------------------------------------------ several budgets


def test_a_limit_over_all_calls_applies_to_each_of_them() -> None:
    async def calling() -> list[float]:
        over_all = Limit(3, 1.0, "key", "all")
        limiter = ProcessLimiter()
        return await send_all(limiter, [claim(Limit(2, 1.0, "key", f"call {i}"), over_all) for i in range(9)])

    assert sorted(map(round, leap_through(calling()))) == [0] * 3 + [1] * 3 + [2] * 3


def test_accounts_share_what_is_counted_by_address_and_nothing_else() -> None:
    async def calling() -> tuple[list[float], list[float]]:
        limiter = ProcessLimiter()
        own = await send_all(limiter, [claim(Limit(1, 1.0, "uid", "own"), key=f"key-{i}") for i in range(5)])
        shared = await send_all(limiter, [claim(Limit(1, 1.0, "ip", "shared"), key=f"key-{i}") for i in range(5)])
        return own, shared

    own, shared = leap_through(calling())
    assert own == [0.0] * 5
    assert shared == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_products_of_one_origin_share_its_overall_limit_and_other_origins_do_not() -> None:
    async def calling() -> tuple[list[float], float]:
        limiter, over_all = ProcessLimiter(), Limit(1, 60.0, "ip", "all")
        shared = await send_all(limiter, [claim(LIMIT, over_all), claim(Limit(1, 1.0, "uid", "other"), over_all)])
        return shared, await send(limiter, claim(LIMIT, over_all, origin="https://elsewhere.example"))

    assert leap_through(calling()) == ([0.0, 60.0], 60.0)


def test_what_is_not_signed_is_counted_by_address_only() -> None:
    unsigned = claim(
        Limit(1, 1.0, "key", "symbols"), Limit(1, 1.0, "key", "of a key"), Limit(1, 1.0, "ip", "all"), key=None
    )
    assert [(budget.limit.name, budget.holder) for budget in unsigned.budgets] == [
        ("all", ADDRESS),
        ("symbols", ADDRESS),
    ]


def test_calls_that_need_the_same_budgets_in_another_order_do_not_block_each_other() -> None:
    first, second = Limit(1, 1.0, "key", "first"), Limit(1, 1.0, "key", "second")

    async def calling() -> list[float]:
        limiter = ProcessLimiter()
        claims = [claim(*order) for _ in range(10) for order in itertools.permutations((first, second))]
        return await send_all(limiter, claims)

    assert max(leap_through(calling())) == 19.0


def test_budgets_that_nobody_uses_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unified_copy.limits._SWEEP_EVERY", 100)

    async def calling() -> tuple[int, int]:
        limiter = ProcessLimiter()
        await send_all(limiter, [claim(LIMIT, key=f"key-{i}") for i in range(1000)])
        used = len(limiter._permits)
        await asyncio.sleep(LIMIT.seconds)
        await send_all(limiter, [claim(LIMIT, key=f"later-{i}") for i in range(1200)])
        return used, len(limiter._permits)

    assert leap_through(calling()) == (1000, 1200)


# ------------------------------------------------------------------ penalties


async def _after_penalty(seconds: float, refused: Claim, other: Claim) -> float:
    limiter = ProcessLimiter()
    await limiter.close(refused, seconds, "429")
    return await send(limiter, other)


@pytest.mark.parametrize(
    ("other", "sent"),
    [
        (claim(Limit(1, 1.0, "key", "another call")), 4.0),
        (claim(LIMIT, key="key-2"), 0.0),
        (claim(LIMIT, key=None), 0.0),
        (claim(LIMIT, origin="https://elsewhere.example"), 0.0),
    ],
    ids=["another call", "another account", "without a key", "another host"],
)
def test_a_penalty_holds_for_every_call_of_the_account_and_for_no_other(other: Claim, sent: float) -> None:
    assert leap_through(_after_penalty(4.0, claim(LIMIT), other)) == sent


@pytest.mark.parametrize("other", [claim(LIMIT), claim(LIMIT, key="key-2"), claim(LIMIT, key=None)])
def test_a_penalty_of_what_is_counted_by_address_holds_for_every_account(other: Claim) -> None:
    assert leap_through(_after_penalty(4.0, claim(Limit(1, 1.0, "ip", "public")), other)) == 4.0


def test_a_call_that_would_wait_too_long_is_refused_at_once_with_nothing_sent() -> None:
    with pytest.raises(RateLimitedError, match=r"429: it asked for a pause .* nothing was sent") as caught:
        leap_through(_after_penalty(600.0, claim(LIMIT), claim(LIMIT)))
    assert caught.value.retry_after == 600.0


@pytest.mark.parametrize(
    ("absurd", "seconds"), [(1e12, LONGEST_PENALTY), (float("inf"), LONGEST_PENALTY), (float("nan"), 0.0), (-5.0, 0.0)]
)
def test_an_absurd_penalty_ends(absurd: float, seconds: float) -> None:
    async def waiting() -> float:
        limiter = ProcessLimiter()
        await limiter.close(claim(LIMIT), absurd, "429")
        await asyncio.sleep(seconds)
        return await send(limiter, claim(LIMIT))

    assert leap_through(waiting()) == seconds


def test_a_shorter_penalty_does_not_end_a_longer_one() -> None:
    async def penalised() -> float:
        limiter = ProcessLimiter()
        await limiter.close(claim(LIMIT), 8.0, "429")
        await limiter.close(claim(LIMIT), 0.0, "429")
        return await send(limiter, claim(LIMIT))

    assert leap_through(penalised()) == 8.0


def test_who_waits_for_a_permit_when_a_penalty_begins_waits_for_its_end_too() -> None:
    async def penalised() -> float:
        limiter, wanted = ProcessLimiter(), claim(Limit(1, 1.0, "key", "one"))
        await send(limiter, wanted)
        waiting = asyncio.create_task(send(limiter, wanted))
        await asyncio.sleep(0.5)
        await limiter.close(wanted, 5.0, "429")
        return await waiting

    assert leap_through(penalised()) == pytest.approx(5.5)


def test_penalties_that_have_passed_are_forgotten() -> None:
    async def penalised() -> int:
        limiter = ProcessLimiter()
        for number in range(100):
            await limiter.close(claim(LIMIT, key=f"key-{number}"), 1.0, "429")
            await asyncio.sleep(1.0)
        return len(limiter._closed)

    assert leap_through(penalised()) == 1


def test_a_refusal_for_the_rate_ends_giving_back_until_the_way_is_known_anew() -> None:
    async def spaced() -> tuple[float, float]:
        limiter, wanted = ProcessLimiter(), claim(Limit(1, 1.0, "key", "one"))
        sent = [await send(limiter, wanted, 0.25) for _ in range(200)]
        quick = sent[-1] - sent[-2]
        await limiter.close(wanted, 0.0, "429")
        before = await send(limiter, wanted, 0.25)
        return quick, await send(limiter, wanted, 0.25) - before

    quick, slow = leap_through(spaced())
    assert 1.0 <= quick < 1.02
    assert slow == pytest.approx(1.25)
