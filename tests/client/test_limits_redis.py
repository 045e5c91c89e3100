"""One budget for several processes, through a Redis that the tests start."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import redis
from aiohttp import web
from bazaar import Bazaar
from claims import claim
from scripted_venue import Reply, ScriptedVenue

from unified_copy import CopyClient, Credentials
from unified_copy.adapter import Limit
from unified_copy.errors import ConfigError, RateLimitedError, TransportError
from unified_copy.limits import Claim
from unified_copy.limits_redis import RedisLimiter

PASSWORD = "s3cr3t-of-redis"
SERVER = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(SERVER is None, reason="there is no redis-server on this machine; install it")


@contextmanager
def _serving(*settings: str, port_setting: str = "--port") -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a Redis on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = (port_setting, str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD, *settings)
    with subprocess.Popen([SERVER or "", *options], stdout=subprocess.DEVNULL) as server:  # noqa: S603 (our own words)
        try:
            for _ in range(500):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.02)
            yield port, server
        finally:
            server.kill()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve one Redis for all tests; each has budgets of an origin of its own."""
    with _serving() as (port, _):
        yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0"


@pytest.fixture
async def limiters(address: str) -> AsyncIterator[tuple[RedisLimiter, RedisLimiter]]:
    """Return two limiters as two machines would have them."""
    here, there = RedisLimiter(address), RedisLimiter(address)
    yield here, there
    await here.aclose()
    await there.aclose()


async def _take(
    limiter: RedisLimiter, wanted: Claim, *, lost_for: float = 0.2, fails: Exception | None = None
) -> float:
    """Send one request that is answered at once or ``fails``; return when it was sent, by a clock of all processes."""
    async with limiter.permit(wanted, lost_for=lost_for):
        sent = time.monotonic()
        if fails:
            raise fails
    return sent


def _one(name: str, seconds: float = 0.3) -> Limit:
    return Limit(1, seconds, "key", name)


# ------------------------------------------------------------------ one budget

WORKER = """
import asyncio, sys
from bazaar import Bazaar
from unified_copy import CopyClient, Credentials
from unified_copy.adapter import Call, Limit
from unified_copy.wire import Request

class Counted(Bazaar):
    def leader(self, leader_id):
        return Call(Request("GET", "/"), lambda response: response.status, Limit(5, 0.5, "key", "counted"))

async def main(venue, limits):
    keys = {"bazaar": Credentials("key-0003", "secret-0003")}
    async with CopyClient(credentials=keys, base_urls={"bazaar": venue}, adapters=[Counted()], limits=limits) as client:
        print(*await asyncio.gather(*(client.leader("7", exchange="bazaar") for _ in range(15))))

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def _sliding_window(requests: int, seconds: float) -> AsyncIterator[str]:
    """Serve a venue that refuses whatever is more than ``requests`` in any ``seconds``."""
    counted: deque[float] = deque()

    async def answer(_: web.Request) -> web.Response:
        now = time.monotonic()
        while counted and counted[0] <= now - seconds:
            counted.popleft()
        if len(counted) >= requests:
            return web.Response(status=429)
        counted.append(now)
        return web.Response()

    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@needs_redis
async def test_two_processes_with_one_budget_are_never_refused(address: str) -> None:
    support = str(Path(__file__).parents[1] / "support")
    async with _sliding_window(5, 0.5) as venue:
        workers = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", WORKER, venue, address, env={"PYTHONPATH": support}, stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        told = [(await worker.communicate())[0].decode().split() for worker in workers]
    assert told == [["200"] * 15] * 2


@needs_redis
async def test_a_permit_of_one_machine_is_waited_for_on_the_other(limiters: tuple[RedisLimiter, RedisLimiter]) -> None:
    here, there = limiters
    wanted = claim(_one("waited for"))
    first = await _take(here, wanted)
    assert await _take(there, wanted) - first >= 0.3


@needs_redis
async def test_a_call_takes_a_permit_of_each_budget_or_none(limiters: tuple[RedisLimiter, RedisLimiter]) -> None:
    here, there = limiters
    full, free = _one("full", 60.0), _one("free", 60.0)
    await _take(here, claim(full))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_take(there, claim(free, full)), 0.2)
    assert await asyncio.wait_for(_take(here, claim(free)), 5)


@needs_redis
async def test_the_permit_of_a_holder_that_died_comes_back(limiters: tuple[RedisLimiter, RedisLimiter]) -> None:
    here, there = limiters
    wanted = claim(_one("of the dead"))
    dead = here.permit(wanted, lost_for=0.2)
    before = time.monotonic()
    await dead.__aenter__()
    assert await _take(there, wanted) - before >= 0.5
    await dead.__aexit__(None, None, None)


@needs_redis
async def test_a_permit_whose_answer_is_lost_is_held_longer(limiters: tuple[RedisLimiter, RedisLimiter]) -> None:
    here, there = limiters
    wanted = claim(_one("lost"))
    before = time.monotonic()
    with pytest.raises(RuntimeError):
        await _take(here, wanted, lost_for=0.4, fails=RuntimeError("lost"))
    assert await _take(there, wanted) - before >= 0.7


@needs_redis
async def test_a_permit_of_what_was_never_sent_comes_back_at_once(limiters: tuple[RedisLimiter, RedisLimiter]) -> None:
    here, there = limiters
    wanted = claim(_one("never sent", 60.0))
    with pytest.raises(TransportError):
        await _take(here, wanted, fails=TransportError("venue", "refused"))
    await asyncio.gather(*here._returning)
    assert await asyncio.wait_for(_take(there, wanted), 5)


@needs_redis
async def test_nothing_is_left_in_redis_once_nobody_is_counted(
    address: str, limiters: tuple[RedisLimiter, ...]
) -> None:
    wanted = claim(_one("left", 0.1), origin="https://left.example")
    await _take(limiters[0], wanted)
    await limiters[0].close(wanted, 0.1, "429")
    await asyncio.sleep(0.5)
    with redis.Redis.from_url(address, decode_responses=True) as looking:
        assert looking.keys("*left*") == []


@needs_redis
async def test_keys_are_not_readable_in_redis(address: str, limiters: tuple[RedisLimiter, RedisLimiter]) -> None:
    wanted = claim(_one("read", 60.0), key="key-to-money", origin="https://read.example")
    await _take(limiters[0], wanted)
    await limiters[0].close(wanted, 60.0, "429")
    with redis.Redis.from_url(address, decode_responses=True) as looking:
        names = looking.keys("*read.example*")
        assert isinstance(names, list)
        assert len(names) == 2
        assert "key-to-money" not in str(names)


# ------------------------------------------------------------------ penalties


@needs_redis
async def test_a_penalty_of_one_machine_holds_on_the_other(limiters: tuple[RedisLimiter, RedisLimiter]) -> None:
    here, there = limiters
    refused = claim(_one("refused"), origin="https://penalty.example")
    other = claim(_one("another"), origin="https://penalty.example")
    await here.close(refused, 600.0, "HTTP 429")
    await here.close(refused, 0.0, "HTTP 429")
    with pytest.raises(RateLimitedError, match=r"HTTP 429: .* nothing was sent") as caught:
        await _take(there, other)
    assert 590 < (caught.value.retry_after or 0) <= 600


@needs_redis
async def test_a_short_penalty_is_waited_out(limiters: tuple[RedisLimiter, RedisLimiter]) -> None:
    here, there = limiters
    wanted = claim(_one("short"), origin="https://short.example")
    before = time.monotonic()
    await here.close(wanted, 0.3, "429")
    assert await _take(there, wanted) - before >= 0.3


# ------------------------------------------------------------------ a Redis that does not serve


def _told(error: BaseException | None) -> str:
    """Return all that an error and what led to it could tell."""
    words = ""
    while error is not None:
        words += f"{error} {error!r} "
        error = error.__cause__ or error.__context__
    return words


async def _fails(venue: ScriptedVenue, limits: str | None = None) -> str:
    venue.on("/settings", Reply(b"yes"))
    keys = {"bazaar": Credentials("key-0003", "secret-0003")}
    async with CopyClient(
        credentials=keys, base_urls={"bazaar": venue.url}, adapters=[Bazaar()], limits=limits
    ) as client:
        with pytest.raises(TransportError, match=r"limits are shared through rediss?://.*; nothing was sent") as caught:
            await client.settings("7", exchange="bazaar")
    assert venue.received == []
    return _told(caught.value)


@pytest.mark.parametrize("chosen", ["argument", "environment"])
async def test_without_redis_nothing_is_sent_and_the_password_is_not_told(
    venue: ScriptedVenue, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    monkeypatch.setattr("unified_copy.retries.SHORTEST_PAUSE", 0.01)
    address = f"redis://user:{PASSWORD}@127.0.0.1:9/3"
    if chosen == "environment":
        monkeypatch.setenv("UNIFIED_COPY_LIMITS", address)
    told = await _fails(venue, None if chosen == "environment" else address)
    assert "redis://127.0.0.1:9/3" in told
    assert PASSWORD not in told


@needs_redis
async def test_a_refused_password_is_not_told(
    venue: ScriptedVenue, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy.retries.SHORTEST_PAUSE", 0.01)
    told = await _fails(venue, address.replace(PASSWORD, "wr0ng"))
    assert "AuthenticationError" in told
    assert "wr0ng" not in told


@needs_redis
async def test_an_answer_is_not_lost_because_redis_went_away_meanwhile(venue: ScriptedVenue) -> None:
    with _serving() as (port, server):

        async def killing(_: web.Request) -> web.Response:
            server.kill()
            return web.Response(body=b"yes")

        venue.on("/settings", killing)
        limits = f"redis://:{PASSWORD}@127.0.0.1:{port}"
        keys = {"bazaar": Credentials("key-0003", "secret-0003")}
        async with CopyClient(
            credentials=keys, base_urls={"bazaar": venue.url}, adapters=[Bazaar()], limits=limits
        ) as client:
            assert (await client.settings("7", exchange="bazaar")).active


@needs_redis
@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl on this machine to make certificates")
async def test_redis_is_reached_over_tls_and_its_certificate_is_checked(
    venue: ScriptedVenue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy.retries.SHORTEST_PAUSE", 0.01)
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    making = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate),
        stderr=subprocess.DEVNULL,
    )
    assert await making.wait() == 0
    tls = ("--port", "0", "--tls-auth-clients", "no", "--tls-cert-file", str(certificate), "--tls-key-file", str(key))
    with _serving(*tls, port_setting="--tls-port") as (port, _):
        address = f"rediss://:{PASSWORD}@localhost:{port}"
        assert "nothing was sent" in await _fails(venue, address)
        trusting = RedisLimiter(f"{address}?ssl_ca_certs={certificate}")
        assert await _take(trusting, claim(_one("over tls")))
        await trusting.aclose()


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    "address",
    [
        f"http://:{PASSWORD}@localhost",
        f"redis://:{PASSWORD}@",
        f"redis://:{PASSWORD}@localhost:65536",
        f"redis://:{PASSWORD}@localhost?socket_timeout=soon",
        f"redis://:{PASSWORD}@localhost?no_such_option=1",
        f"localhost:{PASSWORD}",
        f"redis://[{PASSWORD}",
        5,
    ],
)
def test_what_is_no_address_of_redis_is_refused_without_telling_a_password(address: str) -> None:
    with pytest.raises(ConfigError, match="write it as in 'redis://host:6379/0'") as caught:
        CopyClient(limits=address)
    assert caught.value.field == "limits"
    assert PASSWORD not in _told(caught.value)


def test_sharing_limits_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(ConfigError, match=r"install unified-copy\[redis\]"):
        CopyClient(limits="redis://localhost")
