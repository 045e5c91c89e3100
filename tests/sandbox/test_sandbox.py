from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar
from unittest import mock

import attrs
import pytest

import unified_copy.registry
from unified_copy.adapter import Adapter, Call
from unified_copy.credentials import Credentials
from unified_copy.errors import AdapterError, ConfigError, UnknownExchangeError, UnsupportedError
from unified_copy.sandbox import (
    Account,
    Answer,
    Operation,
    Parameters,
    Received,
    Sandbox,
    Venue,
    Violation,
    handles,
)
from unified_copy_bitget.venue import BitgetVenue
from unified_copy_xt.venue import XtVenue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import ClientSession

    from tests.sandbox.conftest import BitgetCaller, XtCaller
    from unified_copy.fields import Fields
    from unified_copy.model import FollowConfig
    from unified_copy.settings import FollowSettings
    from unified_copy.wire import Request


@attrs.frozen(kw_only=True)
class Plain(Adapter):
    """As much of an adapter as the sandbox looks at."""

    name: ClassVar[str] = "plain"
    hosts: ClassVar[tuple[str, ...]] = ("https://plain.example.com",)
    forms: ClassVar[Mapping[str, Fields]] = {}
    venue: ClassVar[str] = "unified_copy_bitget.venue:BitgetVenue"

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        raise NotImplementedError

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise NotImplementedError


class HalfVenue(Venue):
    """The least a venue can be: it answers one call of its contract."""

    contract: ClassVar[str] = "unified_copy_specs/xt.yaml"

    def authenticate(self, received: Received, operation: Operation) -> Account | Answer:
        del operation
        return self.accounts.get(received.headers.get("validate-appkey", "")) or Answer(401, "who?")

    def refusal(self, code: str) -> Answer:
        return Answer(400, code)

    def refuse(self, violation: Violation) -> Answer:
        return Answer(400, violation.name)

    def not_found(self, received: Received) -> Answer:
        return Answer(404, received.path.encode())

    @handles("followLeaderConfigV1", "followLeaderConfigV4")
    def read(self, account: Account, parameters: Parameters) -> Answer:
        return Answer(200, [account.credentials.key, parameters.values["leaderAccountId"]])


# ------------------------------------------------------------------ venues


def ask(venue: Venue, path: str, key: str, query: str = "leaderAccountId=7") -> Answer:
    return venue.answer(Received(method="GET", path=path, query=query, headers={"validate-appkey": key}))


def test_a_venue_is_a_contract_a_way_to_authenticate_and_handlers() -> None:
    venue = HalfVenue()
    key = venue.open_account().credentials.key
    assert ask(venue, "/v4/account/copy-trade/follow-leader-config", key) == Answer(200, [key, 7])
    assert ask(venue, "/v4/account/copy-trade/follow-leader-config", key, "id=1") == Answer(400, "id")
    assert ask(venue, "/v4/account/copy-trade/follow-leader-config", "") == Answer(401, "who?")
    assert ask(venue, "/nowhere", key) == Answer(404, b"/nowhere")


def test_a_call_that_the_venue_does_not_have_says_so() -> None:
    venue = HalfVenue()
    answer = ask(venue, "/v4/account/copy-trade/my-leaders", venue.open_account().credentials.key, "type=1")
    assert answer == Answer(501, b"the local venue has no myLeadersV4")
    assert venue.answer(Received(method="GET", path="/v4/public/time")).status == 501


def test_a_subclass_answers_what_its_base_answers_and_more() -> None:
    class Fuller(HalfVenue):
        @handles("serverTime")
        def time(self, account: Account, parameters: Parameters) -> Answer:
            del account, parameters
            return Answer(200, self.now_ms())

    venue = Fuller()
    venue.now_ms = lambda: 5
    assert venue.answer(Received(method="GET", path="/v4/public/time")) == Answer(200, 5)
    key = venue.open_account().credentials.key
    assert ask(venue, "/v4/account/copy-trade/follow-leader-config", key).status == 200
    assert HalfVenue().answer(Received(method="GET", path="/v4/public/time")).status == 501


def test_no_two_accounts_share_a_key_or_a_secret() -> None:
    venue = HalfVenue()
    accounts = [venue.open_account() for _ in range(100)]
    assert len({account.credentials.key for account in accounts}) == 100
    assert len({account.credentials.secret for account in accounts}) == 100
    assert venue.accounts == {account.credentials.key: account for account in accounts}


def test_only_the_last_ten_thousand_requests_are_kept() -> None:
    venue = HalfVenue()
    for number in range(10_001):
        venue.answer(Received(method="GET", path=f"/{number}"))
    assert len(venue.received) == 10_000
    assert venue.received[0].path == "/1"


def test_nothing_that_is_shown_holds_a_secret() -> None:
    venue = BitgetVenue()
    account = venue.open_account()
    credentials = account.credentials
    assert credentials.passphrase
    secrets = {"key": credentials.key, "secret": credentials.secret, "passphrase": credentials.passphrase}
    query = "&".join(secrets.values())
    received = Received(method="GET", path="/", query=query, headers=secrets, body=query.encode())
    for shown in (repr(received), repr(account), repr(venue), repr(Sandbox(venues={"bitget": venue}))):
        assert not [secret for secret in secrets.values() if secret in shown]


# ------------------------------------------------------------------ opening and closing


async def test_each_exchange_gets_an_address_an_account_and_a_memory(bitget: BitgetCaller, xt: XtCaller) -> None:
    assert bitget.base_url != xt.base_url
    assert all(caller.base_url.startswith("http://127.0.0.1:") for caller in (bitget, xt))
    await bitget.shown("7")
    await bitget.call("GET", "/nowhere")
    await xt.shown(7)
    assert [each.operation for each in bitget.venue.received] == ["querySettings", ""]
    assert [(each.operation, each.query) for each in xt.venue.received] == [
        ("followLeaderConfigV4", "leaderAccountId=7"),
    ]


async def test_a_second_account_can_sign_too(sandbox: Sandbox, bitget: BitgetCaller) -> None:
    other = attrs.evolve(bitget, credentials=sandbox.account("bitget"))
    assert other.credentials != bitget.credentials
    assert (await other.call("GET", other.QUERY, query="traderId=7")).status == 200


async def test_closing_leaves_no_task_and_no_socket(session: ClientSession) -> None:
    before = asyncio.all_tasks()
    async with Sandbox(venues={"bitget": BitgetVenue(), "xt": XtVenue()}) as sandbox:
        urls = list(sandbox.base_urls.values())
        for url in urls:
            async with session.get(url) as response:
                assert response.status == 404
        port = int(urls[0].rpartition(":")[2])
        answers, unfinished = await asyncio.open_connection("127.0.0.1", port)
        unfinished.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1")
        assert await answers.readline() == b"HTTP/1.1 404 Not Found\r\n"
        unfinished.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n1")
        await unfinished.drain()
    unfinished.close()
    assert sandbox.base_urls == {}
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    for url in urls:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))


async def test_what_is_followed_outlives_closing(session: ClientSession) -> None:
    from tests.sandbox.conftest import XtCaller  # noqa: PLC0415

    sandbox = Sandbox(venues={"xt": XtVenue()})
    for expected in (None, 50):
        async with sandbox:
            caller = XtCaller(sandbox.base_urls["xt"], sandbox.credentials["xt"], sandbox.venue("xt"), session)
            shown = await caller.shown(7)
            assert (shown and shown["followVal"]) == expected
            await caller.follow(7)


async def test_a_port_can_be_chosen(session: ClientSession, unused_port: int) -> None:
    async with Sandbox(venues={"xt": XtVenue()}, ports={"xt": unused_port}) as sandbox:
        assert sandbox.base_urls == {"xt": f"http://127.0.0.1:{unused_port}"}
        async with session.get(sandbox.base_urls["xt"] + "/v4/public/time") as response:
            assert response.status == 200


async def test_a_port_that_is_taken_opens_nothing(unused_port: int) -> None:
    before = asyncio.all_tasks()
    async with Sandbox(venues={"xt": XtVenue()}, ports={"xt": unused_port}):
        second = Sandbox(venues={"bitget": BitgetVenue(), "xt": XtVenue()}, ports={"xt": unused_port})
        with pytest.raises(OSError, match="in use"):
            await second.__aenter__()
        assert second.base_urls == {}
    assert asyncio.all_tasks() == before


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


# ------------------------------------------------------------------ talk that makes no sense


async def test_a_body_of_more_than_a_mebibyte_is_too_large(bitget: BitgetCaller) -> None:
    for size, status in ((2**20 - 1, 400), (2**20 + 1, 413)):
        async with bitget.session.post(bitget.base_url + bitget.SETTINGS, data=BytesIO(b" " * size)) as response:
            assert response.status == status
    assert len(bitget.venue.received) == 1


@pytest.mark.parametrize(
    "line",
    [b"BREW /tea HTTP/1.1", b"\x16\x03\x01 hello", b"GET  /", b"OPTIONS * HTTP/1.1", b"GET /%zz?%zz=%zz HTTP/1.1"],
)
async def test_what_is_no_request_is_refused_and_the_next_one_served(bitget: BitgetCaller, line: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(bitget.base_url.rpartition(":")[2]))
    writer.write(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    status = (await reader.read()).split()[1]
    writer.close()
    assert status in {b"400", b"404"}
    assert (await bitget.shown("7"))["followerEnable"] == "NO"


async def test_headers_that_are_no_text_are_refused_in_the_venue_s_words(bitget: BitgetCaller, xt: XtCaller) -> None:
    for caller, path in ((bitget, bitget.QUERY), (xt, xt.CONFIG)):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(caller.base_url.rpartition(":")[2]))
        signed = caller.headers("GET", path, "", b"")
        signed |= {name: "1\xff" for name in signed if name.lower().endswith(("sign", "signature"))}
        head = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n".encode("latin-1"))
        told = await reader.read()
        writer.close()
        assert b"40009" in told or b"AUTH_103" in told


# ------------------------------------------------------------------ which venue an exchange has


def test_a_venue_is_found_through_the_adapter_by_name_class_or_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unified_copy.registry, "_registered", {"plain": Plain})
    for exchange in ("plain", Plain, Plain()):
        sandbox = Sandbox(exchange)
        assert isinstance(sandbox.venue("plain"), BitgetVenue)
        assert sandbox.credentials["plain"].passphrase


def test_a_venue_given_is_served_in_place_of_the_adapter_s_own() -> None:
    venue = XtVenue()
    assert Sandbox(Plain, venues={"plain": venue}).venue("plain") is venue


def test_an_exchange_that_nobody_knows_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownExchangeError):
        Sandbox("nowhere")


@pytest.mark.parametrize(
    ("venue", "error", "told"),
    [
        ("", UnsupportedError, "no local venue"),
        ("nowhere:Venue", AdapterError, "nowhere"),
        ("unified_copy_bitget.venue", AdapterError, "does not load"),
        ("unified_copy_bitget.venue:Nobody", AdapterError, "Nobody"),
        ("unified_copy_bitget.venue:re", AdapterError, "is not a unified_copy.sandbox.Venue"),
        ("unified_copy.credentials:Credentials", AdapterError, "is not a unified_copy.sandbox.Venue"),
    ],
)
def test_an_adapter_without_a_usable_venue_is_named(venue: str, error: type[Exception], told: str) -> None:
    @attrs.frozen(kw_only=True)
    class Broken(Plain):
        pass

    Broken.venue = venue
    with pytest.raises(error, match=told) as raised:
        Sandbox(Broken)
    assert "plain" in str(raised.value)


def test_a_port_for_an_exchange_that_is_not_served_is_refused() -> None:
    with pytest.raises(ConfigError, match="bitgte"):
        Sandbox(venues={"bitget": BitgetVenue()}, ports={"bitgte": 8001})


async def test_the_client_is_given_everything_it_needs() -> None:
    with mock.patch("unified_copy.client.CopyClient") as client:
        adapter = Plain()
        async with Sandbox(adapter) as sandbox:
            sandbox.client()
            expected: dict[str, Any] = {
                "credentials": sandbox.credentials,
                "base_urls": sandbox.base_urls,
                "adapters": [adapter],
                "timeout": 10.0,
            }
            client.assert_called_with(**expected)
            others = {"plain": Credentials("k", "s")}
            sandbox.client(credentials=others, adapters=[], timeout=1)
            client.assert_called_with(**{**expected, "credentials": others, "adapters": [], "timeout": 1})


# ------------------------------------------------------------------ what is loaded


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "unified_copy.sandbox.extra")
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ImportError, match=r"needs yaml: pip install unified-copy\[sandbox\]"):
        __import__("unified_copy.sandbox.extra")


def test_the_library_does_not_load_the_sandbox() -> None:
    program = "import sys, unified_copy; sys.exit('unified_copy.sandbox' in sys.modules or 'yaml' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 (nothing from outside)
