"""Share the permits of several processes and machines through Redis; needs ``unified-copy[redis]``.

Each budget is a sorted set of the permits that are out, by the moment at which they come back. All is decided by the
clock of Redis, in one script that takes a permit of each budget or none. A permit is taken for the time-out and one
window, so that one whose holder has died comes back by itself, and is set to one window when its answer arrives.

Nothing of the round trip is given back here: the ways of two machines may differ, and then the round trips of one do
not show how soon a request of the other is counted.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from unified_copy.errors import ConfigError, TransportError
from unified_copy.limits import NOTHING_SENT, Limiter, bounded, check_patience

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from unified_copy.limits import Budget, Claim

REDIS_SECONDS: Final = 5.0
"""How long one answer of Redis is waited for."""
MOST_CONNECTIONS: Final = 16
"""To Redis, of one process; who finds all of them busy waits."""

_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local budgets = (#ARGV - 1) / 3
local closed, code = 0, ''
for i = budgets + 1, #KEYS do
  local left = redis.call('PTTL', KEYS[i])
  if left > closed then closed, code = left, redis.call('GET', KEYS[i]) end
end
if closed > 0 then return {closed, code} end
local wait = 0
for i = 1, budgets do
  local permits, window = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  local out = redis.call('ZCARD', KEYS[i])
  if out >= permits then
    local due = redis.call('ZRANGE', KEYS[i], out - permits, out - permits, 'WITHSCORES')[2]
    wait = math.max(wait, math.ceil(math.min(due - now, window)))
  end
end
if wait > 0 then return {wait} end
for i = 1, budgets do
  local held = tonumber(ARGV[3 * i + 1])
  redis.call('ZADD', KEYS[i], now + held, ARGV[1])
  if redis.call('PTTL', KEYS[i]) < held then redis.call('PEXPIRE', KEYS[i], held) end
end
return {0}
"""
"""Keys: the budgets, then what may be closed. Arguments: the name of the permit; for each budget how many permits it
has, its window, and for how long one is taken. Returns milliseconds to wait, with a venue's code where it is closed. A
permit whose answer is outstanding comes back in a window at the earliest, so it is in vain to ask again before."""

_RETURN: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
for i = 1, #KEYS do
  local held = tonumber(ARGV[i + 1])
  if held == 0 then
    redis.call('ZREM', KEYS[i], ARGV[1])
  else
    redis.call('ZADD', KEYS[i], now + held, ARGV[1])
    if redis.call('PTTL', KEYS[i]) < held then redis.call('PEXPIRE', KEYS[i], held) end
  end
end
"""
"""Keys: the budgets. Arguments: the name of the permit; for each budget for how long it is still held."""

_CLOSE: Final = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
"""
"""Key: what is closed. Arguments: the venue's code, and for how long."""


class RedisLimiter(Limiter):
    """Hold the permits of every process that names the same Redis."""

    def __init__(self, url: str) -> None:
        """Prepare to talk to ``url``; nothing connects yet. Raises ``ConfigError`` where it is none of Redis."""
        client, self._errors, self._where = _client(url)
        self._client = client
        self._take, self._return, self._close = map(client.register_script, (_TAKE, _RETURN, _CLOSE))
        self._process = os.urandom(8).hex()
        self._named = 0
        # Of those here who wait for the same, one asks Redis.
        self._turns: WeakValueDictionary[tuple[Budget, ...], asyncio.Lock] = WeakValueDictionary()
        self._returning: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def permit(self, claim: Claim, *, lost_for: float) -> AsyncIterator[None]:
        """See the base. Raises ``TransportError``, with nothing sent, where Redis does not answer."""
        self._named += 1
        permit = f"{self._process}:{self._named}"
        budgets = [_budget_key(budget) for budget in claim.budgets]
        windows = [_milliseconds(budget.limit.seconds) for budget in claim.budgets]
        lost = [window + _milliseconds(lost_for) for window in windows]
        terms: list[str | int] = [permit]
        for budget, window, taken_for in zip(claim.budgets, windows, lost, strict=True):
            terms += [budget.limit.requests, window, taken_for]
        closures = [_closure_key(claim.origin, holder) for holder in claim.holders]
        async with self._turns.setdefault(claim.budgets, asyncio.Lock()):
            while True:
                wait = await self._asked(claim, [*budgets, *closures], terms)
                if not wait:
                    break
                await asyncio.sleep(wait)
        held = lost
        try:
            yield
            held = windows
        except NOTHING_SENT:
            held = [0] * len(budgets)
            raise
        finally:
            # In the background, because the answer is worth more than the permit, which comes back by itself in time.
            returning = asyncio.create_task(self._returned(budgets, [permit, *held]))
            self._returning.add(returning)
            returning.add_done_callback(self._returning.discard)

    async def _asked(self, claim: Claim, keys: Sequence[str], terms: Sequence[str | int]) -> float:
        """Return after how many seconds to ask again for permits; with 0 they are taken."""
        milliseconds, *code = await self._run(claim, self._take, keys, terms)
        if code:
            check_patience(claim, milliseconds / 1000, code[0])
        return float(milliseconds) / 1000

    async def _returned(self, keys: Sequence[str], terms: Sequence[str | int]) -> None:
        with suppress(*self._errors):
            await self._return(keys, terms)

    async def close(self, claim: Claim, seconds: float, code: str) -> None:
        """See the base. Where Redis does not answer, the next call says so."""
        pause = _milliseconds(bounded(seconds))
        if pause:
            with suppress(*self._errors):
                await self._close([_closure_key(claim.origin, claim.blamed)], [code, pause])

    async def _run(self, claim: Claim, script: Any, keys: Sequence[str], terms: Sequence[str | int]) -> Any:  # noqa: ANN401 (as the Redis library has them)
        try:
            return await script(keys, terms)
        except self._errors as error:
            reason = f"limits are shared through {self._where}, which does not serve them: {type(error).__name__}"
            failure = TransportError(claim.exchange, reason)
        # Raised outside the handler, so that nothing of the Redis library hangs on to it.
        raise failure

    async def aclose(self) -> None:
        """Wait until all permits are on their way back, and close every connection."""
        await asyncio.gather(*self._returning)
        await self._client.aclose()


def _client(url: str) -> tuple[Any, tuple[type[Exception], ...], str]:
    """Return a client of the Redis at ``url``, what it raises, and how to name it without the password."""
    example = "write it as in 'redis://host:6379/0', or 'rediss://…' for TLS"
    try:
        parsed = urlsplit(url)
        where = f"{parsed.scheme}://{parsed.hostname}:{parsed.port or 6379}{parsed.path}"
    except (ValueError, TypeError, AttributeError):
        raise ConfigError("limits", f"it is not an address of Redis; {example}") from None
    if parsed.scheme not in {"redis", "rediss"} or not parsed.hostname:
        raise ConfigError("limits", f"it is not an address of Redis; {example}")
    try:
        from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415 (an extra)
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.exceptions import RedisError  # noqa: PLC0415
    except ImportError:
        raise ConfigError("limits", "sharing them needs the extra redis: install unified-copy[redis]") from None
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=REDIS_SECONDS,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            decode_responses=True,
            retry=Retry(NoBackoff(), 1),  # a connection kept for long may have been closed at the other end
        )
        # An option in the address that there is none of would be found out only by the first call.
        pool.connection_class(**pool.connection_kwargs)
    except (ValueError, TypeError) as error:
        raise ConfigError("limits", f"{where} is not a usable address: {type(error).__name__}; {example}") from None
    return Redis.from_pool(pool), (RedisError, OSError), where


def _budget_key(budget: Budget) -> str:
    limit = budget.limit
    return f"{_prefix(budget.origin, budget.holder)}:{limit.name}:{limit.requests}/{limit.seconds:g}"


def _closure_key(origin: str, holder: str) -> str:
    return f"{_prefix(origin, holder)}:closed"


def _prefix(origin: str, holder: str) -> str:
    """Return how keys begin: by origin, which a cluster keeps together, and by a holder that nobody can read."""
    return f"unified-copy:{{{origin}}}:{hashlib.sha256(holder.encode()).hexdigest()[:32]}"


def _milliseconds(seconds: float) -> int:
    return math.ceil(seconds * 1000)
