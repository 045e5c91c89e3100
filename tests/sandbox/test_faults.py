"""What goes wrong at a local venue when it is told to, on real sockets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from products import PRODUCTS

import unified_copy.sandbox
from unified_copy import CopyClient, FixedAmount, FollowConfig, Operation, errors, load_adapter
from unified_copy.errors import (
    AccountModeError,
    AuthenticationError,
    ClockError,
    ConfigError,
    LeaderUnavailableError,
    OutcomeUnknownError,
    RateLimitedError,
    VenueError,
    VerificationError,
)
from unified_copy.sandbox import (
    Answer,
    Body,
    Calls,
    Cut,
    Fault,
    Hang,
    Parameters,
    Refuses,
    Sandbox,
    Skew,
    Status,
    Stores,
    Switch,
    Venue,
    Violation,
    handles,
)
from unified_copy_bitget.venue import BitgetVenue

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"
TIME = "/v4/public/time"
CONFIG = FollowConfig(leader_id="7", sizing=FixedAmount("330"), symbols=["BTC/USDT"])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox("bitget", "xt", "xt-futures", "okx") as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CopyClient]:
    """Return a client that gives up reading back within a moment."""
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.1)
    async with sandbox.client() as client:
        yield client


Ask = Callable[[], Any]


@pytest.fixture
def ask(sandbox: Sandbox, session: aiohttp.ClientSession) -> Ask:
    """Return a function that asks XT's clock, and returns status, headers and body of the answer."""

    async def asking() -> tuple[int, str, bytes]:
        async with session.get(sandbox.base_urls["xt"] + TIME, allow_redirects=False) as answer:
            return answer.status, answer.headers["Content-Type"], await answer.read()

    return asking


def sent(sandbox: Sandbox, exchange: str, call: str) -> int:
    return [each.operation for each in sandbox.venue(exchange).received].count(call)


# ------------------------------------------------------------------ what can go wrong


@pytest.mark.parametrize("committed", [False, True])
async def test_a_connection_is_cut_before_or_after_the_work(
    sandbox: Sandbox, client: CopyClient, *, committed: bool
) -> None:
    with sandbox.fault("bitget", Operation.FOLLOW, Cut(committed=committed)) as cut:
        if committed:
            assert (await client.follow(CONFIG, exchange="bitget")).status == "applied"
        else:
            with pytest.raises(OutcomeUnknownError, match="the connection broke"):
                await client.follow(CONFIG, exchange="bitget")
    assert (cut.met, sent(sandbox, "bitget", "setSettings")) == (1, 1)
    assert (await client.settings("7", exchange="bitget")).active is committed


async def test_nothing_of_an_answer_gets_out_of_a_cut_connection(sandbox: Sandbox, ask: Ask) -> None:
    sandbox.fault("xt", "serverTime", Cut(committed=True))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask()


async def test_a_connection_is_cut_within_a_body(sandbox: Sandbox, ask: Ask) -> None:
    sandbox.fault("xt", "serverTime", Cut(committed=True, after=5))
    with pytest.raises(aiohttp.ClientPayloadError):
        await ask()


async def test_who_hangs_answers_nobody(sandbox: Sandbox, ask: Ask) -> None:
    before = asyncio.all_tasks()
    with sandbox.fault("xt", "serverTime", Hang()) as hang:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(), 0.1)
        assert hang.met == 1
    assert (await ask())[0] == 200
    assert len(asyncio.all_tasks() - before) <= 1  # the connection that is kept; nobody is waited for any more


async def test_who_hangs_for_a_while_cuts_the_connection_then(sandbox: Sandbox, ask: Ask) -> None:
    sandbox.fault("xt", "serverTime", Hang(0.01, committed=True))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask()


async def test_closing_ends_who_hangs() -> None:
    arrived = asyncio.Event()

    class Announced(Hang):
        def instead(self, venue: Venue, answer: Answer) -> Answer:
            arrived.set()
            return super().instead(venue, answer)

    async with aiohttp.ClientSession() as session, Sandbox("xt") as sandbox:
        sandbox.fault("xt", Calls.EVERY, Announced())
        waiting = asyncio.create_task(session.get(sandbox.base_urls["xt"] + TIME).__aenter__())
        await arrived.wait()
    with pytest.raises(aiohttp.ClientConnectionError):
        await waiting


async def test_a_gateway_answers_in_place_of_the_venue(sandbox: Sandbox, ask: Ask) -> None:
    sandbox.fault("xt", "serverTime", Status(502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>"))
    assert await ask() == (502, "text/html", b"<h1>Bad Gateway</h1>")


async def test_a_gateway_can_fail_after_the_work(sandbox: Sandbox, client: CopyClient) -> None:
    sandbox.fault("xt", Operation.FOLLOW, Status(502, committed=True))
    assert (await client.follow(CONFIG, exchange="xt")).status == "applied"


async def test_a_redirect_to_another_host_is_not_followed(sandbox: Sandbox, client: CopyClient) -> None:
    elsewhere = f"{sandbox.base_urls['okx']}/stolen"
    sandbox.fault("bitget", Calls.READS, Status(307, {"Location": elsewhere}))
    with pytest.raises(VenueError, match="HTTP 307"):
        await client.settings("7", exchange="bitget")
    assert not sandbox.venue("okx").received


@pytest.mark.parametrize(
    ("exchange", "fault", "code"),
    [
        ("bitget", Refuses(LeaderUnavailableError), "31001"),
        ("bitget", Refuses(LeaderUnavailableError, "no place left"), "31034"),
        ("okx", Refuses(LeaderUnavailableError, "no place left"), "59206"),
        ("xt", Refuses(LeaderUnavailableError, "no place left"), "COPY_TRADE_SPOT_010"),
        ("bitget", Refuses(AccountModeError, "unified"), "40085"),
        ("xt", Refuses(AuthenticationError, "key does not exist"), "AUTH_101"),
        ("xt", Refuses(RateLimitedError), "HTTP 429"),
        ("okx", Refuses("59269"), "59269"),
        ("okx", Refuses("31337"), "31337"),
    ],
)
async def test_a_refusal_is_worded_as_the_venue_words_it(
    sandbox: Sandbox, client: CopyClient, exchange: str, fault: Refuses, code: str
) -> None:
    sandbox.fault(exchange, Calls.READS, fault)
    expected = VenueError if isinstance(fault.why, str) else fault.why
    with pytest.raises(expected) as caught:
        await client.settings("7", exchange=exchange)
    assert caught.value.code == code


async def test_a_venue_can_refuse_what_it_has_done(sandbox: Sandbox, client: CopyClient) -> None:
    sandbox.fault("bitget", Operation.FOLLOW, Refuses("40725", committed=True))
    assert (await client.follow(CONFIG, exchange="bitget")).status == "applied"


async def test_a_venue_stores_something_else_and_says_yes(sandbox: Sandbox, client: CopyClient) -> None:
    sandbox.fault("bitget", Operation.FOLLOW, Stores({"traceValue": "331"}))
    with pytest.raises(VerificationError) as caught:
        await client.follow(CONFIG, exchange="bitget")
    assert [str(each) for each in caught.value.differences] == ["sizing: wanted 330 per order, shown 331 per order"]


async def test_what_the_request_does_not_have_cannot_be_stored_otherwise(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    sandbox.fault("xt", Calls.EVERY, Stores({"followLoss": 5}))
    async with session.get(sandbox.base_urls["xt"] + TIME) as answer:
        assert (answer.status, await answer.text()) == (501, "the request has no other followLoss to store")
    async with session.get(sandbox.base_urls["xt"] + TIME + "?no=1") as answer:
        assert "FAILURE" in await answer.text()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Body(content=b"\xff{"), (200, "application/json", b"\xff{")),
        (Body(content=b" " * 2_000_000), (200, "application/json", b" " * 2_000_000)),
        (Body(keep=7), (200, "application/json", b'{"rc":0')),
        (Body(media_type="text/html", keep=1), (200, "text/html", b"{")),
        (Body(content=b"x" * 50, seconds=0.01), (200, "application/json", b"x" * 50)),
        (Body(content=b"", seconds=0.01), (200, "application/json", b"")),
    ],
)
async def test_a_body_is_spoilt(sandbox: Sandbox, ask: Ask, fault: Body, expected: object) -> None:
    sandbox.fault("xt", "serverTime", fault)
    assert await ask() == expected


async def test_a_slow_body_arrives_in_pieces(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    sandbox.fault("xt", "serverTime", Body(seconds=0.2))
    async with session.get(sandbox.base_urls["xt"] + TIME) as answer:
        pieces = [piece async for piece, _ in answer.content.iter_chunks()]
    assert len(pieces) > 1


@pytest.mark.parametrize("exchange", ["bitget", "xt", "okx"])
async def test_a_clock_that_is_off_is_off_for_whoever_asks_it(
    sandbox: Sandbox, client: CopyClient, exchange: str
) -> None:
    with sandbox.fault(exchange, Calls.EVERY, Skew(-120_000)):
        assert not (await client.settings("7", exchange=exchange)).active
    sandbox.fault(exchange, Operation.SETTINGS, Skew(120_000))
    with pytest.raises(ClockError):
        await client.settings("7", exchange=exchange)


async def test_a_fault_of_ones_own_is_no_less(sandbox: Sandbox, ask: Ask) -> None:
    class Twice(Fault):
        def happen(
            self,
            venue: Venue,
            rest: Callable[[Parameters | Violation], Answer],
            parameters: Parameters | Violation,
        ) -> Answer:
            assert rest(parameters) == rest(parameters)
            return Answer(200, type(venue).__name__.encode())

    sandbox.venue("xt").now_ms = lambda: 5
    sandbox.fault("xt", "serverTime", Twice())
    assert (await ask())[2] == b"XtVenue"


# ------------------------------------------------------------------ when it does


async def test_a_fault_happens_as_often_as_it_is_told_to(sandbox: Sandbox, ask: Ask) -> None:
    switch = sandbox.fault("xt", "serverTime", Status(500), times=2)
    assert [(await ask())[0] for _ in range(4)] == [500, 500, 200, 200]
    assert switch.met == 2


async def test_a_fault_happens_until_it_is_switched_off(sandbox: Sandbox, ask: Ask) -> None:
    with sandbox.fault("xt", "serverTime", Status(500)) as switch:
        assert isinstance(switch, Switch)
        assert (await ask())[0] == 500
    assert (await ask())[0] == 200


async def test_of_several_faults_the_last_one_comes_first(sandbox: Sandbox, ask: Ask) -> None:
    first = sandbox.fault("xt", "serverTime", Status(500))
    last = sandbox.fault("xt", "serverTime", Status(502), times=1)
    assert [(await ask())[0] for _ in range(3)] == [502, 500, 500]
    assert (first.met, last.met) == (2, 1)


async def test_faults_go_together(sandbox: Sandbox, client: CopyClient) -> None:
    sandbox.fault("bitget", Operation.FOLLOW, Stores({"traceValue": "331"}))
    sandbox.fault("bitget", Operation.FOLLOW, Cut(committed=True))
    with pytest.raises(OutcomeUnknownError, match="wanted 330 per order, shown 331 per order"):
        await client.follow(CONFIG, exchange="bitget")


async def test_a_fault_concerns_one_leader_where_one_is_named(sandbox: Sandbox, client: CopyClient) -> None:
    sandbox.fault("bitget", Calls.READS, Status(500), leader_id="8")
    assert not (await client.settings("7", exchange="bitget")).active
    with pytest.raises(VenueError, match="HTTP 500"):
        await client.settings("8", exchange="bitget")
    assert isinstance(sandbox.venue("bitget").fault(Calls.EVERY, Cut(), leader_id="9"), Switch)


async def test_a_request_that_breaks_the_contract_is_about_no_leader(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    url = f"{sandbox.base_urls['xt-futures']}/future/copytrade/public/user/v1/public/copy-trade/leader-detail-v2"
    every = sandbox.fault("xt-futures", Calls.EVERY, Status(500), leader_id="x")
    async with session.get(f"{url}?accountId=x") as answer:
        assert answer.status == 200
    assert every.met == 0


@pytest.mark.parametrize("exchange", PRODUCTS)
def test_whatever_a_product_can_do_can_be_let_go_wrong(exchange: str) -> None:
    venue = Sandbox(exchange).venue(exchange)
    named = load_adapter(exchange).operations - {Operation.CLOSE_ALL}
    assert all(venue.fault(operation, Cut()).calls for operation in named)
    writes, reads, every = (venue.fault(calls, Cut()).calls for calls in (Calls.WRITES, Calls.READS, Calls.EVERY))
    assert writes | reads == every
    assert not writes & reads
    assert not [call for call in writes if load_adapter(exchange).contract and _method(venue, call) == "GET"]


def _method(venue: Venue, call: str) -> str:
    return next(operation.method for operation in venue.rules.operations if operation.id == call)


# ------------------------------------------------------------------ what is documented


ROWS = re.findall(r"^\| ([^|]+) \| `([A-Z].*)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("wrong", "expression"), ROWS)
def test_what_the_page_of_faults_shows_is_a_fault(wrong: str, expression: str) -> None:
    names = {**vars(errors), **vars(unified_copy.sandbox)}
    fault = eval(expression, names)  # noqa: S307 (the documentation's own words)
    assert isinstance(fault, Fault), wrong
    assert Sandbox("bitget").fault("bitget", Calls.EVERY, fault).met == 0


def test_every_kind_of_fault_is_on_the_page() -> None:
    kinds = {kind for kind in vars(unified_copy.sandbox).values() if isinstance(kind, type) and issubclass(kind, Fault)}
    assert {expression.partition("(")[0] for _, expression in ROWS} == {kind.__name__ for kind in kinds} - {"Fault"}


# ------------------------------------------------------------------ what is refused


class Mute(BitgetVenue):
    """A venue that does not say what its calls are part of."""

    performs = {}  # noqa: RUF012 (as the base has it)


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        ("setSetings", r"no call for 'setSetings'.*setSettings"),
        (Operation.LEADER, r"no call for 'leader'; it performs: check, close, follow"),
        (Operation.CLOSE_ALL, "no call for 'close_all'"),
    ],
)
def test_calls_that_a_venue_does_not_have_are_refused(calls: Operation | str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        Sandbox("bitget").fault("bitget", calls, Cut())
    assert caught.value.field == "calls"


@pytest.mark.parametrize("calls", [Calls.WRITES, Calls.READS, Operation.FOLLOW])
def test_a_venue_that_tells_nothing_of_its_calls_has_them_by_their_ids_only(calls: Calls | Operation) -> None:
    with pytest.raises(ConfigError, match="nothing that its handlers tell of"):
        Mute().fault(calls, Cut())
    assert Mute().fault("setSettings", Cut()).calls == {"setSettings"}
    assert len(Mute().fault(Calls.EVERY, Cut()).calls) > 1


def test_a_handler_performs_what_a_client_can_do() -> None:
    with pytest.raises(ValueError, match="folow"):
        handles("setSettings", performs={"folow"})


def test_an_exchange_that_is_not_served_is_refused() -> None:
    with pytest.raises(ConfigError, match="no venue is served for 'bitgte', only for: bitget"):
        Sandbox("bitget").fault("bitgte", Calls.EVERY, Cut())


@pytest.mark.parametrize(
    ("exchange", "fault", "told"),
    [
        (
            "xt-futures",
            Refuses(LeaderUnavailableError, "no place left"),
            "its codes mean: the account id is wrong; there",
        ),
        ("xt-futures", Refuses(ClockError), "its codes mean: AuthenticationError; LeaderUnavailableError"),
    ],
)
def test_a_refusal_that_a_venue_has_no_code_for_is_refused(exchange: str, fault: Refuses, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        Sandbox(exchange).fault(exchange, Operation.FOLLOW, fault)
    assert caught.value.field == "why"


def test_a_venue_by_itself_knows_codes_and_no_errors() -> None:
    with pytest.raises(ConfigError, match="give the code itself"):
        BitgetVenue().fault(Calls.EVERY, Refuses(LeaderUnavailableError))
    assert BitgetVenue().fault(Calls.EVERY, Refuses("31034")).met == 0


@pytest.mark.parametrize("times", [0, -1, 1.5, True, "2"])
def test_a_number_of_times_that_is_none_is_refused(times: Any) -> None:  # noqa: ANN401 (what somebody may pass)
    with pytest.raises(ConfigError, match="not a whole number above zero"):
        BitgetVenue().fault(Calls.EVERY, Cut(), times=times)


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda: Hang(-1), "seconds"),
        (lambda: Hang(float("nan")), "seconds"),
        (lambda: Body(seconds="1"), "seconds"),  # type: ignore[arg-type]  # what somebody may pass
        (lambda: Body(keep=-1), "keep"),
        (lambda: Cut(committed=True, after=True), "after"),
        (lambda: Cut(after=5), "after"),
        (lambda: Status(100), "status"),
        (lambda: Status("502"), "status"),  # type: ignore[arg-type]  # likewise
        (lambda: Refuses(""), "why"),
        (lambda: Refuses(ConfigError), "why"),  # type: ignore[arg-type]  # likewise
        (lambda: Stores({}), "values"),
        (lambda: Skew(1.5), "milliseconds"),  # type: ignore[arg-type]  # likewise
    ],
)
def test_a_fault_that_cannot_be_is_refused(build: Callable[[], Fault], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build()
    assert caught.value.field == field
