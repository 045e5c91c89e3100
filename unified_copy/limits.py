"""Keep to the venues' limits without ever being refused for asking too often.

Of each budget there are as many permits as the venue counts requests in one window, and a permit comes back one window
after its answer arrived. The venue counted the request somewhere between sending and answering, so no window of the
venue's can hold more requests than there are permits, whatever the network does. What can be given back of the round
trip without losing that is said at ``RoundTrips``.
"""

from __future__ import annotations

import abc
import asyncio
import heapq
import math
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.errors import AdapterError, ConfigError, CredentialsError, RateLimitedError, TransportError

if TYPE_CHECKING:
    from types import TracebackType

    from unified_copy.adapter import Adapter, Call, Limit

NOTHING_SENT: Final = (AdapterError, ConfigError, CredentialsError, TransportError)
ADDRESS: Final = "this address"
"""Who a venue counts by where it counts by address: every account of this process. No key has spaces in it."""
PATIENCE: Final = 10.0
"""Seconds; a call that a venue keeps waiting for longer is refused at once, with nothing sent."""
LONGEST_PENALTY: Final = 3600.0
"""Seconds; a venue that asks for more is asked again after this."""
JITTER: Final = 0.05
"""Seconds; how unsteady a way is taken to be before it has shown more."""
_SWEEP_EVERY: Final = 1024
"""How many budgets come together before those that are idle are forgotten."""
DOUBT: Final = 1e-6
"""How likely it may be that the ways of a host are shorter than its round trips have shown them to be."""


# ------------------------------------------------------------------ whose permits, and of what


@attrs.frozen(cache_hash=True)
class Budget:
    """Name what a venue counts together; equal budgets are one."""

    origin: str
    holder: str = attrs.field(repr=False)
    limit: Limit

    @property
    def order(self) -> tuple[str, str, int, float]:
        """Return where it stands in the one order in which permits are taken, so that no two calls block each other."""
        return (self.limit.name, self.holder, self.limit.requests, self.limit.seconds)


@attrs.frozen
class Claim:
    """Say what one call needs before it may be sent."""

    exchange: str
    origin: str
    holders: tuple[str, ...] = attrs.field(repr=False)
    """Everybody the venue counts it by: the address and, where it is signed, the key."""
    blamed: str = attrs.field(repr=False)
    """Whom the venue means when it refuses this call for its rate."""
    budgets: tuple[Budget, ...]
    """In the order in which their permits are taken."""

    @classmethod
    def of(cls, adapter: Adapter, call: Call[Any], origin: str, key: str | None) -> Claim:
        """Find the budgets of one call: its own and, of the venue's overall ones, those that count it.

        What has no key is counted by its address, and a limit over everything that a key does does not count it.
        """
        holder = ADDRESS if key is None or call.limit.per == "ip" else key
        budgets = {Budget(origin, holder, call.limit)}
        for limit in adapter.limits:
            if limit.per == "ip":
                budgets.add(Budget(origin, ADDRESS, limit))
            elif key is not None:
                budgets.add(Budget(origin, key, limit))
        ordered = tuple(sorted(budgets, key=lambda budget: budget.order)) if len(budgets) > 1 else tuple(budgets)
        return cls(adapter.name, origin, (ADDRESS,) if key is None else (ADDRESS, key), holder, ordered)


class Limiter(abc.ABC):
    """Be the base of what hands out permits, and keeps calls back while a venue does not want to hear them."""

    @abc.abstractmethod
    def permit(self, claim: Claim, *, lost_for: float) -> AbstractAsyncContextManager[None]:
        """Wait for a permit of each budget, and give them back one window after the block is left.

        After an error the request may still be on its way, so the permits are held for ``lost_for`` more seconds;
        unless it was never sent. Raises ``RateLimitedError``, with nothing sent, where the venue has asked for more
        than ``PATIENCE``.
        """

    @abc.abstractmethod
    async def close(self, claim: Claim, seconds: float, code: str) -> None:
        """Keep back every call of whom the venue refused, for ``seconds`` and at most ``LONGEST_PENALTY``."""

    def saw(self, origin: str, seconds: float) -> None:  # noqa: B027 (most limiters learn nothing from it)
        """Take note of how long a request to ``origin`` was under way, there and back."""

    async def aclose(self) -> None:  # noqa: B027 (most limiters hold nothing open)
        """Let go of what is held open."""


def limiter_at(url: str | None) -> Limiter:
    """Return the limiter of this process alone or, with the address of a Redis, of all processes that name it."""
    if not url:
        return ProcessLimiter()
    from unified_copy.limits_redis import RedisLimiter  # noqa: PLC0415 (an extra, for those who share)

    return RedisLimiter(url)


def check_patience(claim: Claim, left: float, code: str) -> None:
    """Raise ``RateLimitedError`` where the venue will not listen for longer than ``PATIENCE``."""
    if left > PATIENCE:
        meaning = "it asked for a pause after too many requests, so nothing was sent"
        raise RateLimitedError(claim.exchange, code, meaning, retry_safe=True, retry_after=left)


def bounded(seconds: float) -> float:
    """Return a penalty that ends, and is none where an adapter made no number of what it was told."""
    return min(max(0.0, seconds), LONGEST_PENALTY)  # in this order: beside NaN, max keeps its first


# ------------------------------------------------------------------ what can be given back of a round trip


@attrs.define
class RoundTrips:
    """Learn from the round trips to one host how much of them can be given back.

    Let a request be counted ``x`` seconds after it was sent, and answered ``y`` seconds after it was counted. A permit
    used for one request and then for the next spaces their counting by ``pause + y(first) + x(next)``, where ``pause``
    is from the answer to the next sending. One window is kept if ``pause >= window - x(next) - y(first)``. Where the
    way out takes at least ``x0`` and the way back at least ``y0``, ``x0 + y0`` of the window may therefore be given
    back. Round trips never show it from below: each is ``x0 + y0`` and some jitter, so their smallest is a little more.

    How much more is a matter of chance. Of ``n`` round trips whose jitter is spread evenly over ``J``, all exceed
    ``x0 + y0`` by more than ``e * J`` with the probability ``(1 - e) ** n``. So the smallest less ``e * J`` is given
    back, with ``e`` such that this probability is ``DOUBT``. ``J`` is at least ``JITTER``, and as wide as the mean of
    the round trips tells: it exceeds their smallest by ``J / 2 * (n - 1) / (n + 1)``, whatever a single stall did.
    Jitter of real networks crowds at its lower end, where the smallest settles sooner.

    Both ways must be those of one machine, and counting must always happen at the same point of the way. A venue that
    refuses all the same has shown that this is not so, and what was learnt is forgotten.
    """

    seen: int = 0
    smallest: float = 0.0
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Take note of one round trip."""
        self.smallest = min(self.smallest, seconds) if self.seen else seconds
        self.total += seconds
        self.seen += 1

    def forget(self) -> None:
        """Start anew."""
        self.seen, self.smallest, self.total = 0, 0.0, 0.0

    @property
    def saved(self) -> float:
        """Return how many seconds before one window has passed a permit may come back."""
        if self.seen <= 1:
            return 0.0
        wide = 2 * (self.total / self.seen - self.smallest) * (self.seen + 1) / (self.seen - 1)
        return max(0.0, self.smallest - max(JITTER, wide) * (1 - math.pow(DOUBT, 1 / self.seen)))


# ------------------------------------------------------------------ within one process


@attrs.define(eq=False)
class _Permits:
    """Hold the permits of one budget; nothing runs for those that are neither out nor waited for."""

    limit: Limit
    trips: RoundTrips
    out: int = 0
    """How many requests are under way."""
    ends: list[float] = attrs.field(factory=list)
    """When a window will have passed since each answer, as a heap; until then, or a little before, a permit is used."""
    waiting: int = 0
    queue: asyncio.Lock = attrs.field(factory=asyncio.Lock)
    changed: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def take(self) -> None:
        """Wait for a permit, in turn."""
        if self.waiting or self._pause() > 0:
            await self._wait()
        self.out += 1

    async def _wait(self) -> None:
        self.waiting += 1
        try:
            async with self.queue:
                while (pause := self._pause()) > 0:
                    self.changed.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(None if pause == math.inf else pause):
                            await self.changed.wait()
        finally:
            self.waiting -= 1

    def free(self) -> None:
        """Give a permit back that was not used."""
        self.out -= 1
        self.changed.set()

    def use(self, until: float) -> None:
        """Give a permit back that was used; a window has passed ``until`` then."""
        heapq.heappush(self.ends, until)
        self.free()

    @property
    def idle(self) -> bool:
        """Tell whether every permit is free and nobody waits for one."""
        self._forget_due()
        return not (self.out or self.ends or self.waiting)

    def _pause(self) -> float:
        """Return for how many seconds there is no permit; infinite until a request that is under way comes back."""
        if self.out + len(self.ends) < self.limit.requests:
            return 0.0
        now = self._forget_due()
        if self.out + len(self.ends) < self.limit.requests:
            return 0.0
        return self.ends[0] - now if self.ends else math.inf

    def _forget_due(self) -> float:
        """Drop what has come back by now, and return that moment."""
        # More round trips are known when a permit is due than at its answer, so how much is given back shows here.
        now = _now() + self.trips.saved
        while self.ends and self.ends[0] <= now:
            heapq.heappop(self.ends)
        return now


@attrs.define(eq=False)
class _Held(AbstractAsyncContextManager[None]):
    """Hold the permits of one call from before it is sent until its answer is there."""

    limiter: ProcessLimiter
    claim: Claim
    lost_for: float
    taken: list[_Permits] = attrs.field(factory=list)

    async def __aenter__(self) -> None:
        """Wait for the permits and for the venue to listen."""
        try:
            await self.limiter.admit(self.claim, self.taken)
        except BaseException:
            self._free()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give the permits back, each when its window will have passed."""
        if isinstance(error, NOTHING_SENT):
            self._free()
            return
        now = _now() + (self.lost_for if error else 0.0)
        for permits in self.taken:
            permits.use(now + permits.limit.seconds)

    def _free(self) -> None:
        for permits in self.taken:
            permits.free()


class ProcessLimiter(Limiter):
    """Hold the permits of one process, shared by all its accounts."""

    def __init__(self) -> None:
        """Start with every permit free."""
        self._permits: dict[Budget, _Permits] = {}
        self._sweep_at = _SWEEP_EVERY
        self._closed: dict[tuple[str, str], tuple[float, str]] = {}
        self._trips: dict[str, RoundTrips] = {}

    def permit(self, claim: Claim, *, lost_for: float) -> AbstractAsyncContextManager[None]:
        """See the base."""
        return _Held(self, claim, lost_for)

    async def admit(self, claim: Claim, taken: list[_Permits]) -> None:
        """Wait until a call may be sent, adding each permit to ``taken`` as it is taken."""
        for budget in claim.budgets:
            permits = self._permits.get(budget) or self._opened(budget)
            await permits.take()
            taken.append(permits)
        if self._closed:
            await self._listened_to(claim)

    async def close(self, claim: Claim, seconds: float, code: str) -> None:
        """See the base."""
        now = _now()
        self._closed = {holder: told for holder, told in self._closed.items() if told[0] > now}
        until = now + bounded(seconds)
        holder = (claim.origin, claim.blamed)
        self._closed[holder] = max(self._closed.get(holder, (until, code)), (until, code))
        self._trips_to(claim.origin).forget()

    def saw(self, origin: str, seconds: float) -> None:
        """See the base."""
        self._trips_to(origin).add(seconds)

    def _opened(self, budget: Budget) -> _Permits:
        """Return the permits of a new budget; now and then, forget those of idle ones."""
        if len(self._permits) >= self._sweep_at:
            self._permits = {known: permits for known, permits in self._permits.items() if not permits.idle}
            self._sweep_at = 2 * len(self._permits) + _SWEEP_EVERY
        permits = self._permits[budget] = _Permits(budget.limit, self._trips_to(budget.origin))
        return permits

    async def _listened_to(self, claim: Claim) -> None:
        while True:
            ends = (self._closed.get((claim.origin, holder), (0.0, "")) for holder in claim.holders)
            until, code = max(ends)
            left = until - _now()
            if left <= 0:
                return
            check_patience(claim, left, code)
            await asyncio.sleep(left)

    def _trips_to(self, origin: str) -> RoundTrips:
        return self._trips.setdefault(origin, RoundTrips())


def _now() -> float:
    return asyncio.get_running_loop().time()
