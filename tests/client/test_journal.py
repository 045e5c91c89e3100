"""Every write leaves a line before it is sent and a line with what became of it, and never a secret."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest
from aiohttp import web
from bazaar import NO, YES, Bazaar, client_of, holding, ids, page
from products import PRODUCTS, examples
from scripted_venue import CUT, Reply, ScriptedVenue

from unified_copy import ALL_SYMBOLS, CopiedPosition, CopyClient, Credentials, FixedAmount, FollowConfig, Pair, Side
from unified_copy.errors import (
    AdapterError,
    ConfigError,
    CredentialsError,
    TransportError,
    UnifiedCopyError,
    VerificationError,
)
from unified_copy.journal import Journal
from unified_copy.journal_records import Ended, Outcome
from unified_copy.sandbox import Sandbox
from unified_copy.wire import Request

FOLLOWED, GONE = Reply(b"yes"), Reply(b"no")
POSITION = CopiedPosition(
    exchange="bazaar", position_id="1", symbol=Pair("BTC", "USDT"), side=Side.LONG, leader_id="7", raw={"a": "row"}
)
CONFIG = FollowConfig(leader_id="7", sizing=FixedAmount(1), symbols=["BTC/USDT"])
Lines = list[dict[str, Any]]
Act = Callable[[CopyClient], Awaitable[object]]


def unfollow(client: CopyClient) -> Awaitable[object]:
    return client.unfollow("7", exchange="bazaar")


WRITES: Mapping[str, Act] = {
    "follow": lambda client: client.follow(CONFIG, exchange="bazaar"),
    "unfollow": unfollow,
    "close": lambda client: client.close(POSITION, exchange="bazaar"),
    "protect": lambda client: client.protect(POSITION, exchange="bazaar", stop_loss_price="9.50"),
}
every_write = pytest.mark.parametrize("operation", WRITES)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


@pytest.fixture
async def client(venue: ScriptedVenue, journal: Path) -> AsyncIterator[CopyClient]:
    async with client_of(venue, journal=journal) as opened:
        yield opened


def text_of(journal: Path) -> str:
    return journal.read_text(encoding="utf-8") if journal.exists() else ""


def lines_of(journal: Path) -> Lines:
    return [json.loads(line) for line in text_of(journal).splitlines()]


def outcomes(journal: Path) -> list[str]:
    return [line["outcome"] for line in lines_of(journal) if line["line"] == "ended"]


@contextmanager
def locked(journal: Path) -> Iterator[None]:
    """Hold the lock of a journal, as another process does while it writes a line."""
    with journal.open("ab") as file:
        journal.chmod(0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def mode_of(journal: Path) -> int:
    return journal.stat().st_mode & 0o777


async def every_line() -> None:
    """Wait for the threads that write, as a program does before it ends."""
    await asyncio.get_running_loop().shutdown_default_executor()


def widening(journal: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a step that makes the journal unusable meanwhile."""

    async def answer(_: web.Request) -> web.StreamResponse:
        os.chmod(journal, 0o644)  # noqa: PTH101 (takes no time)
        return web.Response(body=b"ok")

    return answer


# ------------------------------------------------------------------ before and after


@pytest.mark.parametrize("operation", ["unfollow", "close", "protect"])
async def test_a_write_is_on_record_before_it_arrives_and_once_it_is_over(
    client: CopyClient, venue: ScriptedVenue, journal: Path, operation: str
) -> None:
    on_arrival: Lines = []

    async def answer(_: web.Request) -> web.StreamResponse:
        on_arrival.extend(lines_of(journal))
        return web.Response(body=b"ok")

    venue.on(f"/{operation}", answer)
    venue.on("/settings", GONE)
    venue.on("/positions", ids() if operation == "close" else page({"id": "1", "sl": "9.5"}))
    await WRITES[operation](client)
    (begun,) = on_arrival
    assert (begun["line"], begun["exchange"], begun["operation"]) == ("begun", "bazaar", operation)
    (sent,) = venue.sent(f"/{operation}")
    assert begun["requests"] == [{"method": "POST", "target": f"/{operation}", "body": sent.body.decode()}]
    first, last = lines_of(journal)
    assert first == begun
    assert last == {"line": "ended", "id": begun["id"], "time": last["time"], "outcome": "done"}
    assert begun["time"] < last["time"]


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [
        ("follow", {"leader_id": "7", "sizing": {"fixed_amount": "1"}, "symbols": ["BTC/USDT"]}),
        ("unfollow", {"leader_id": "7", "on_stop": None}),
        ("close", {"position_id": "1", "symbol": "BTC/USDT", "side": "long", "leader_id": "7"}),
        (
            "protect",
            {
                "position_id": "1",
                "symbol": "BTC/USDT",
                "side": "long",
                "leader_id": "7",
                "take_profit_price": "keep",
                "stop_loss_price": "9.50",
            },
        ),
    ],
)
async def test_what_is_wanted_stands_there_in_the_words_of_config_files(
    client: CopyClient, venue: ScriptedVenue, journal: Path, operation: str, wanted: Mapping[str, object]
) -> None:
    venue.on(f"/{operation}", NO)
    with pytest.raises(UnifiedCopyError):
        await WRITES[operation](client)
    assert lines_of(journal)[0]["wanted"] == wanted


async def test_every_close_of_many_has_lines_of_its_own(
    client: CopyClient, venue: ScriptedVenue, journal: Path
) -> None:
    venue.on("/positions", ids("1", "2"), ids())
    venue.on("/close", YES, NO)
    await client.close_all(exchange="bazaar", symbols=ALL_SYMBOLS)
    begun, done, begun_too, refused = lines_of(journal)
    assert [begun["about"], begun_too["about"]] == ["position 1", "position 2"]
    assert [done["id"], refused["id"]] == [begun["id"], begun_too["id"]]
    assert outcomes(journal) == ["done", "refused"]


async def test_reading_leaves_no_line(client: CopyClient, venue: ScriptedVenue, journal: Path) -> None:
    venue.on("/settings", FOLLOWED)
    await client.settings("7", exchange="bazaar")
    assert text_of(journal) == ""


async def test_a_wish_that_is_refused_here_leaves_no_line(client: CopyClient, journal: Path) -> None:
    with pytest.raises(ConfigError):
        await client.protect(POSITION, exchange="bazaar")
    assert text_of(journal) == ""


async def test_accounts_are_told_apart_without_their_keys(
    client: CopyClient, venue: ScriptedVenue, journal: Path
) -> None:
    venue.on("/unfollow", NO)
    other = client.with_credentials({"bazaar": Credentials("key-0004", "secret-0004")})
    for each in (client, other, client):
        with pytest.raises(UnifiedCopyError):
            await unfollow(each)
    first, second, third = (line["account"] for line in lines_of(journal) if line["line"] == "begun")
    assert first == third != second
    assert "key-000" not in text_of(journal)


async def test_without_credentials_nothing_is_sent_and_nothing_recorded(venue: ScriptedVenue, journal: Path) -> None:
    async with CopyClient(
        credentials={}, base_urls={"bazaar": venue.url}, adapters=[Bazaar()], journal=str(journal)
    ) as client:
        with pytest.raises(CredentialsError):
            await unfollow(client)
    assert (venue.received, text_of(journal)) == ([], "")


# ------------------------------------------------------------------ what became of it


@attrs.frozen(kw_only=True)
class Slow(Bazaar):
    """Answer an unfollow before it is done."""

    unfollows_later: ClassVar[bool] = True


@attrs.frozen(kw_only=True)
class Broken(Bazaar):
    """Trip over every request."""

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise RuntimeError(credentials.secret, request, now_ms)


@attrs.frozen(kw_only=True)
class Surrogate(Bazaar):
    """Say what no file can hold."""

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise AdapterError(f"{request.path} {credentials} {now_ms}", "\ud800")


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("adapter", "answer", "shown", "outcome", "told"),
    [
        (Bazaar(), YES, GONE, "done", ""),
        (Bazaar(), CUT, GONE, "done", ""),
        (Bazaar(), YES, Reply(b"", status=503), "accepted", "gave no usable answer, HTTP 503"),
        (Slow(), YES, FOLLOWED, "pending", ""),
        (Bazaar(), YES, FOLLOWED, "different", "said yes and shows something else"),
        (Bazaar(), NO, FOLLOWED, "refused", "refused with no"),
        (Bazaar(), CUT, FOLLOWED, "unknown", "outcome unknown, the connection broke"),
        (Broken(), YES, FOLLOWED, "unknown", "RuntimeError"),
    ],
)
async def test_the_outcome_stands_there(  # noqa: PLR0913, PLR0917 (what is given, and what is expected of it)
    venue: ScriptedVenue, journal: Path, adapter: Bazaar, answer: Reply, shown: Reply, outcome: str, told: str
) -> None:
    venue.on("/unfollow", answer)
    venue.on("/settings", shown)
    async with client_of(venue, adapter, journal=journal) as client:
        with suppress(UnifiedCopyError, RuntimeError):
            await unfollow(client)
    _, last = lines_of(journal)
    assert last["outcome"] == outcome
    assert told in last.get("told", "")
    assert last.get("code", "") == ("no" if outcome == "refused" else "")
    shows = ["leader_id: wanted not following, shown an active follow"]
    assert last.get("differences", []) == (
        shows if shown is FOLLOWED and answer is not NO and told != "RuntimeError" else []
    )
    assert "secret-0003" not in text_of(journal)


async def test_what_cannot_be_confirmed_is_named(client: CopyClient, venue: ScriptedVenue, journal: Path) -> None:
    venue.on("/follow", YES)
    await client.follow(CONFIG, exchange="bazaar", verify=False)
    assert lines_of(journal)[1]["told"] == "not confirmed by reading back: leader_id, sizing, symbols"


async def test_what_never_arrived_was_not_sent(venue: ScriptedVenue, journal: Path) -> None:
    venue.url = "http://127.0.0.1:1"
    async with client_of(venue, journal=journal) as client:
        with pytest.raises(TransportError):
            await unfollow(client)
    assert outcomes(journal) == ["nothing sent"]


# ------------------------------------------------------------------ cancelled


async def test_a_cancelled_write_re_raises_at_once_and_its_line_follows(venue: ScriptedVenue, journal: Path) -> None:
    step, asked = holding()
    venue.on("/unfollow", step)
    async with client_of(venue, timeout=5, journal=journal) as client:
        task = asyncio.ensure_future(unfollow(client))
        await asked.wait()
        with locked(journal):
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert outcomes(journal) == []
        assert "look before sending anything again" in caught.value.__notes__[0]
        await every_line()
    assert outcomes(journal) == ["cancelled"]


async def test_a_write_that_is_cancelled_before_its_first_line_is_never_sent(
    client: CopyClient, venue: ScriptedVenue, journal: Path
) -> None:
    with locked(journal):
        task = asyncio.ensure_future(unfollow(client))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await every_line()
    assert outcomes(journal) == ["nothing sent"]
    assert venue.received == []


async def test_what_a_write_came_to_is_known_although_its_last_line_was_cancelled(
    client: CopyClient, venue: ScriptedVenue, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, release, writing = asyncio.Event(), asyncio.Event(), asyncio.Event()
    start = Journal._start

    async def answer(_: web.Request) -> web.StreamResponse:
        arrived.set()
        await release.wait()
        return web.Response(body=b"no")

    def watched(self: Journal, ended: Ended) -> asyncio.Future[None]:
        writing.set()
        return start(self, ended)

    monkeypatch.setattr(Journal, "_start", watched)
    venue.on("/unfollow", answer)
    task = asyncio.ensure_future(unfollow(client))
    await arrived.wait()
    with locked(journal):
        release.set()
        await writing.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert caught.value.__notes__ == ["cancelled after the write itself was over: refused"]
    await every_line()
    assert outcomes(journal) == ["refused"]


# ------------------------------------------------------------------ secrets


SECRETS = ("key-canary", "secret-canary", "passphrase-canary")
SAID = " ".join(SECRETS)
BITGET = "/api/v2/copy/mix-follower"
SUCCESS = {"code": "00000", "msg": "success", "data": "success"}
LEAKS: Mapping[str, tuple[Reply, Reply]] = {
    "a refusal": (Reply({"code": "31034", "msg": SAID}), Reply(b"")),
    "a code": (Reply({"code": SAID, "msg": SAID}), Reply(b"")),
    "busy": (Reply({"code": "40725", "msg": SAID}), Reply({"code": "40725", "msg": SAID})),
    "garbage": (Reply(SAID.encode()), Reply(SAID.encode())),
    "another form": (Reply({"code": 0, "data": SAID}), Reply({"code": "00000", "data": SAID})),
    "other settings": (
        Reply(SUCCESS),
        Reply(
            {
                "code": "00000",
                "data": {
                    "followerEnable": "YES",
                    "detailList": [
                        {
                            "symbol": "BTCUSDT",
                            "productType": SAID,
                            "traceType": SAID,
                            "traceValue": SAID,
                            "marginCoin": "USDT",
                        }
                    ],
                },
            }
        ),
    ),
}


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(("written", "shown"), LEAKS.values(), ids=LEAKS)
async def test_a_venue_that_repeats_the_credentials_brings_none_into_the_journal(
    venue: ScriptedVenue, journal: Path, written: Reply, shown: Reply
) -> None:
    venue.on(f"{BITGET}/settings", written)
    venue.on(f"{BITGET}/query-settings", shown)
    async with CopyClient(
        credentials={"bitget": Credentials(*SECRETS)}, base_urls={"bitget": venue.url}, journal=journal
    ) as client:
        with suppress(UnifiedCopyError):
            await client.follow(CONFIG, exchange="bitget")
        with suppress(UnifiedCopyError):
            await client.reconcile()
    assert len(lines_of(journal)) >= 2
    assert not [secret for secret in SECRETS if secret in text_of(journal)]


@pytest.mark.parametrize("exchange", PRODUCTS)
async def test_no_write_of_any_product_brings_a_credential_into_the_journal(journal: Path, exchange: str) -> None:
    given, config = examples(exchange)[0]
    # With every option chosen, everything can be sent.
    adapter = attrs.evolve(given, **{field.name: field.metadata["choices"][0] for field in attrs.fields(type(given))})
    async with Sandbox(adapter) as sandbox:
        credentials = sandbox.credentials[exchange]
        async with CopyClient(
            credentials=sandbox.credentials, base_urls=sandbox.base_urls, adapters=[adapter], journal=journal
        ) as client:
            await client.follow(config, exchange=exchange)
            position = await anext(aiter(client.positions(exchange=exchange)))
            with suppress(UnifiedCopyError):
                await client.protect(position, exchange=exchange, take_profit_price="190000", stop_loss_price="1")
            await client.close(position, exchange=exchange)
            await client.unfollow(config.leader_id, exchange=exchange)
        signed = {value for each in sandbox.venue(exchange).received for value in each.headers.values()}
    operations = {line["operation"] for line in lines_of(journal) if line["line"] == "begun"}
    assert operations == {"follow", "protect", "close", "unfollow"}
    secrets = [value for value in attrs.astuple(credentials) if value]
    assert credentials.key in signed
    assert not [secret for secret in secrets if secret in text_of(journal)]


# ------------------------------------------------------------------ the file


async def test_nobody_else_may_read_the_file_from_its_first_moment(
    client: CopyClient, venue: ScriptedVenue, journal: Path
) -> None:
    venue.on("/unfollow", NO)
    before = os.umask(0)
    try:
        with pytest.raises(UnifiedCopyError):
            await unfollow(client)
    finally:
        os.umask(before)
    assert mode_of(journal) == 0o600


def _readable_by_others(journal: Path) -> None:
    journal.touch(mode=0o600)
    journal.chmod(0o640)


def _no_regular_file(journal: Path) -> None:
    os.mkfifo(journal, 0o600)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_readable_by_others, "its mode 640 gives other users access; run `chmod 600"),
        (_no_regular_file, "it is not a regular file"),
        (Path.mkdir, "Is a directory"),
    ],
)
@every_write
async def test_a_file_that_cannot_be_written_keeps_everything_from_being_sent(  # noqa: PLR0913, PLR0917 (all fixtures)
    client: CopyClient, venue: ScriptedVenue, journal: Path, spoil: Callable[[Path], None], why: str, operation: str
) -> None:
    spoil(journal)
    with pytest.raises(ConfigError) as caught:
        await WRITES[operation](client)
    assert caught.value.field == "journal"
    assert f"{journal} cannot be written, so nothing was sent: {why}" in str(caught.value)
    assert venue.received == []


async def test_a_disk_that_takes_half_a_line_keeps_everything_from_being_sent(
    client: CopyClient, venue: ScriptedVenue, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda file, text: write(file, text[:20]))
        with pytest.raises(ConfigError, match="a part of a line only"):
            await unfollow(client)
    assert venue.received == []
    venue.on("/unfollow", NO)
    with pytest.raises(UnifiedCopyError):
        await unfollow(client)
    torn, *whole = text_of(journal).splitlines()
    assert len(torn) == 20
    assert [json.loads(line)["line"] for line in whole] == ["begun", "ended"]


async def test_an_outcome_that_cannot_be_written_stands_and_is_logged(
    client: CopyClient, venue: ScriptedVenue, journal: Path, caplog: pytest.LogCaptureFixture
) -> None:
    venue.on("/unfollow", widening(journal))
    venue.on("/settings", GONE)
    with caplog.at_level(logging.ERROR):
        result = await client.unfollow("7", exchange="bazaar")
    assert result.status == "done"
    (begun,) = lines_of(journal)
    (told,) = caplog.messages
    assert f"{journal} cannot be written: its mode 644 gives other users access" in told
    assert f"write {begun['id']} came to 'done', which stands" in told


async def test_an_outcome_that_no_line_can_hold_stands_too(
    venue: ScriptedVenue, journal: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(venue, Surrogate(), journal=journal) as client:
        with pytest.raises(AdapterError):
            await unfollow(client)
    assert outcomes(journal) == []
    assert f"{journal} cannot be written: UnicodeEncodeError; write " in caplog.text


async def test_an_error_that_cannot_be_written_is_raised_as_it_is(
    client: CopyClient, venue: ScriptedVenue, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.1)

    venue.on("/unfollow", widening(journal))
    venue.on("/settings", FOLLOWED)
    with pytest.raises(VerificationError):
        await unfollow(client)


def test_lines_of_several_processes_never_mix(journal: Path) -> None:
    append = (
        "import sys; from pathlib import Path; from unified_copy.journal import _append\n"
        "for number in range(50): _append(Path(sys.argv[1]), (sys.argv[2] * 5000 + str(number)).encode() + b'\\n')"
    )
    writers = [subprocess.Popen([sys.executable, "-c", append, str(journal), name]) for name in "abc"]  # noqa: S603 (this very interpreter)
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert sorted(text_of(journal).splitlines()) == sorted(
        f"{name * 5000}{number}" for name in "abc" for number in range(50)
    )


def test_a_platform_without_file_locks_is_refused(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(ConfigError, match="no file locks"):
        CopyClient(journal=journal)


@pytest.mark.parametrize("given", [7, "a\0b"])
def test_what_is_no_path_is_refused(given: Any) -> None:  # noqa: ANN401 (wrong on purpose)
    with pytest.raises(ConfigError, match="is not the path"):
        CopyClient(journal=given)


def test_a_relative_path_means_the_folder_of_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Journal("journal.jsonl").path == tmp_path / "journal.jsonl"


def test_every_outcome_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "journal.md").read_text(encoding="utf-8")
    assert [outcome for outcome in Outcome if f"| `{outcome.value}` |" not in page] == []
