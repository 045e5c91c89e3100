"""Where requests go, what they carry, and what never leaves with an error."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp import web
from aioresponses import aioresponses
from scripted_venue import CUT, Reply, ScriptedVenue

from unified_copy import CopyClient, Credentials, FixedAmount, FollowConfig, load_adapter
from unified_copy.errors import (
    AdapterError,
    AuthenticationError,
    ConfigError,
    CredentialsError,
    OutcomeUnknownError,
    TransportError,
    UnifiedCopyError,
    UnknownExchangeError,
    VenueUnavailableError,
)
from unified_copy.transport import LostAnswerError, Transport
from unified_copy.wire import Request

CONFIG = FollowConfig(leader_id="123123123", sizing=FixedAmount("330"), symbols=["BTC/USDT"])
QUERY = "/api/v2/copy/mix-follower/query-settings"


class MockedResponse(aiohttp.ClientResponse):
    """Be what aioresponses builds, with the argument that newer releases of aiohttp ask for."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:  # noqa: ANN401 (passed on as they are)
        super().__init__(*arguments, stream_writer=Mock(output_size=0), **keywords)


@pytest.mark.parametrize(
    ("exchange", "address"),
    [
        ("bitget", "https://api.bitget.com/api/v2/copy/mix-follower/settings"),
        ("xt", "https://sapi.xt.com/v4/account/copy-trade/follow"),
    ],
)
async def test_requests_go_to_the_declared_host_over_tls(
    credentials: Mapping[str, Credentials], exchange: str, address: str
) -> None:
    with aioresponses() as mocked:
        mocked.post(address, status=404, body=b"gone", response_class=MockedResponse)
        async with CopyClient(credentials=credentials) as client:
            with pytest.raises(UnifiedCopyError, match="HTTP 404"):
                await client.follow(CONFIG, exchange=exchange)
    ((method, url), calls), *others = mocked.requests.items()
    assert (method, str(url), len(calls), others) == ("POST", address, 1, [])
    assert calls[0].kwargs["allow_redirects"] is False


async def test_bytes_are_sent_exactly_as_they_were_signed(venue: ScriptedVenue) -> None:
    venue.on("/a", Reply(b"ok"))
    transport = Transport(1.0)
    request = Request("POST", "/a", "x=%E5%BC%A0%20a,b&y=", {"X-One": "1"}, b'{"a": 1.50}')
    response = await transport.send("bitget", venue.url, request)
    await transport.close()
    assert response.body == b"ok"
    received = venue.received[0]
    assert (received.target, received.body) == ("/a?x=%E5%BC%A0%20a,b&y=", b'{"a": 1.50}')
    assert received.headers["X-One"] == "1"
    assert "Content-Type" not in received.headers


async def test_a_path_that_would_leave_the_host_is_refused(venue: ScriptedVenue) -> None:
    transport = Transport(1.0)
    with pytest.raises(AdapterError, match="starts with one slash"):
        await transport.send("bitget", venue.url, Request("GET", "@evil.example/"))
    assert venue.received == []


async def test_a_redirect_is_not_followed(venue: ScriptedVenue, credentials: Mapping[str, Credentials]) -> None:
    venue.on(QUERY, Reply(b"", status=302, headers={"Location": "/elsewhere"}))
    async with CopyClient(credentials=credentials, base_urls={"bitget": venue.url}) as client:
        with pytest.raises(VenueUnavailableError, match="HTTP 302"):
            await client.settings("1", exchange="bitget")
    assert venue.sent("/elsewhere") == []


async def test_cookies_are_not_kept(venue: ScriptedVenue) -> None:
    venue.on("/a", Reply(b"", headers={"Set-Cookie": "session=1"}))
    transport = Transport(1.0)
    for _ in range(2):
        await transport.send("bitget", venue.url, Request("GET", "/a"))
    await transport.close()
    assert "Cookie" not in venue.received[1].headers


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("fault", ["refused", "cut", "hang", "tls", "no name"])
async def test_no_exception_of_the_http_library_is_kept(
    venue: ScriptedVenue, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    venue.on("/a", CUT if fault == "cut" else Reply(b"", after=2))
    origins = {
        "refused": "http://127.0.0.1:9",
        "tls": venue.url.replace("http:", "https:"),
        "no name": "https://no.example",
    }
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    transport = Transport(0.3)
    with pytest.raises((TransportError, LostAnswerError)) as caught:
        await transport.send("bitget", origins.get(fault, venue.url), Request("GET", "/a", "", {"SECRET": "s3cr3t"}))
    await transport.close()
    assert type(caught.value) is (LostAnswerError if fault in {"cut", "hang"} else TransportError)
    assert all(isinstance(error, UnifiedCopyError) for error in _causes(caught.value))


async def test_a_connection_that_is_never_accepted_timed_out_before_anything_was_sent() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(4)]
    for each in waiting:
        each.settimeout(0)
        each.connect_ex(listener.getsockname())
    transport = Transport(0.4)
    with pytest.raises(TransportError, match="timed out; nothing was sent"):
        await transport.send("bitget", f"http://127.0.0.1:{listener.getsockname()[1]}", Request("GET", "/a"))
    await transport.close()
    for each in [*waiting, listener]:
        each.close()


async def test_an_answer_without_end_is_cut_off(venue: ScriptedVenue) -> None:
    venue.on("/a", Reply(b" " * (9 * 1024 * 1024)))
    transport = Transport(5.0)
    with pytest.raises(LostAnswerError, match="more than 8388608 bytes"):
        await transport.send("bitget", venue.url, Request("GET", "/a"))
    await transport.close()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://example.com", "not https"),
        ("ftp://127.0.0.1", "not https"),
        ("https://user:pw@example.com", "not an origin"),
        ("https://:pw@example.com", "not an origin"),
        ("https://example\t.com", "not an origin"),
        ("https://example .com", "not an origin"),
        ("https://example.com/\r\nX: y", "not an origin"),
        ("https://example.com?a=1", "not an origin"),
        ("https://example.com#a", "not an origin"),
        ("example.com", "not an origin"),
        ("", "not an origin"),
        ("https://[::1", "not an origin"),
        ("https://xn--a", "not an origin"),
        (5, "not an origin"),
    ],
)
def test_a_base_url_that_credentials_may_not_go_to_is_refused(url: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        CopyClient(base_urls={"bitget": url})
    assert caught.value.field == "base_urls"


def test_a_misspelt_exchange_in_base_urls_is_refused() -> None:
    with pytest.raises(UnknownExchangeError, match="bitget"):
        CopyClient(base_urls={"Bitget": "http://127.0.0.1:1"})


def test_a_base_url_may_name_an_adapter_that_comes_with_the_call() -> None:
    assert CopyClient(base_urls={"elsewhere": "http://[::1]:1"}) is not None


@pytest.mark.parametrize(
    ("given", "field", "problem"),
    [
        ({"base_urls": "http://127.0.0.1:1"}, "base_urls", "str is not a mapping by exchange name"),
        ({"adapters": ["xt"]}, "adapters", "'xt' is not an adapter instance"),
        ({"adapters": [load_adapter("xt")]}, "adapters", "is not an adapter instance"),
        ({"adapters": 5}, "adapters", "5 is not a list"),
    ],
)
def test_what_a_client_cannot_use_is_refused_at_once(given: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        CopyClient(**given)
    assert caught.value.field == field


@pytest.mark.parametrize("timeout", [0, -1, True, "5", float("inf"), float("nan"), None])
def test_a_timeout_that_is_no_time_is_refused(timeout: float) -> None:
    with pytest.raises(ConfigError, match="seconds above zero"):
        CopyClient(timeout=timeout)


# ------------------------------------------------------------------ credentials


async def test_credentials_come_from_the_environment(venue: ScriptedVenue, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "SECRET", "PASSPHRASE"):
        monkeypatch.setenv(f"BITGET_API_{name}", f"from-{name}")
    venue.on(QUERY, Reply({"code": "43062", "msg": ""}))
    async with CopyClient(base_urls={"bitget": venue.url}) as client:
        await client.settings("1", exchange="bitget")
    assert venue.received[0].headers["ACCESS-KEY"] == "from-KEY"


async def test_missing_credentials_are_named_and_nothing_is_sent(
    venue: ScriptedVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KEY", "SECRET"):
        monkeypatch.delenv(f"XT_API_{name}", raising=False)
    async with CopyClient(base_urls={"xt": venue.url}) as client:
        with pytest.raises(CredentialsError) as caught:
            await client.settings("1", exchange="xt")
    assert caught.value.missing == ("XT_API_KEY", "XT_API_SECRET")
    assert venue.received == []


async def test_passed_credentials_are_never_filled_up_from_the_environment(
    venue: ScriptedVenue, credentials: Mapping[str, Credentials], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XT_API_KEY", "mine")
    monkeypatch.setenv("XT_API_SECRET", "mine")
    async with CopyClient(credentials={"bitget": credentials["bitget"]}, base_urls={"xt": venue.url}) as client:
        with pytest.raises(CredentialsError, match="only for: bitget"):
            await client.settings("1", exchange="xt")
    assert venue.received == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"bitget": ("hidden-key", "hidden-secret")},
            r"bitget: pass Credentials\(key, secret, passphrase\), not tuple",
        ),
        ({"bitget": None}, "not NoneType"),
        (Credentials("hidden-key", "hidden-secret"), "Credentials is not a mapping by exchange name"),
        ("hidden-key", "str is not a mapping by exchange name"),
    ],
)
async def test_what_are_no_credentials_is_refused_at_once_and_not_quoted(given: object, problem: str) -> None:
    what: Any = given
    with pytest.raises(CredentialsError, match=problem) as passed:
        CopyClient(credentials=what)
    async with CopyClient() as client:
        with pytest.raises(CredentialsError, match=problem) as switched:
            client.with_credentials(what)
    assert "hidden" not in f"{passed.value} {switched.value}"


async def test_a_missing_passphrase_is_named_and_nothing_is_sent(venue: ScriptedVenue) -> None:
    keys = {"bitget": Credentials("key", "secret")}
    async with CopyClient(credentials=keys, base_urls={"bitget": venue.url}) as client:
        for _ in range(7):  # more often than the limit allows: what was not sent is not counted
            with pytest.raises(CredentialsError, match="BITGET_API_PASSPHRASE"):
                await asyncio.wait_for(client.settings("1", exchange="bitget"), 0.5)
    assert venue.received == []


async def test_another_account_shares_the_connections(
    venue: ScriptedVenue, credentials: Mapping[str, Credentials]
) -> None:
    venue.on(QUERY, Reply({"code": "43062", "msg": ""}))
    other = {"bitget": Credentials("other-key", "other-secret", "other-pass")}
    async with CopyClient(credentials=credentials, base_urls={"bitget": venue.url}) as client:
        await client.settings("1", exchange="bitget")
        await client.with_credentials(other).settings("1", exchange="bitget")
    assert [request.headers["ACCESS-KEY"] for request in venue.received] == ["key-0001", "other-key"]


@pytest.mark.parametrize("place", ["code", "msg"])
async def test_a_secret_that_the_venue_echoes_is_blotted_out(
    venue: ScriptedVenue, credentials: Mapping[str, Credentials], place: str
) -> None:
    echo = "key key-0001 secret secret-0001 passphrase passphrase-0001"
    venue.on(QUERY, Reply({"code": "40006", "msg": "", place: echo}, status=400))
    async with CopyClient(credentials=credentials, base_urls={"bitget": venue.url}) as client:
        with pytest.raises(UnifiedCopyError) as caught:
            await client.settings("1", exchange="bitget")
    assert "0001" not in f"{caught.value} {caught.value!r}"


# ------------------------------------------------------------------ loops and closing


async def test_a_client_in_a_second_event_loop_is_refused_and_stays_usable_in_its_own(
    venue: ScriptedVenue, credentials: Mapping[str, Credentials]
) -> None:
    venue.on(QUERY, Reply({"code": "40006"}, status=400))
    async with CopyClient(credentials=credentials, base_urls={"bitget": venue.url}) as client:
        for _ in range(7):  # more than the venue allows in a second, so that permits are waited for
            with pytest.raises(AuthenticationError):
                await client.settings("1", exchange="bitget")
            with pytest.raises(ConfigError, match="another event loop"):
                await asyncio.to_thread(asyncio.run, client.settings("1", exchange="bitget"))
    assert len(venue.received) == 7


async def test_a_write_under_way_when_the_client_is_closed_is_unknown(
    venue: ScriptedVenue, credentials: Mapping[str, Credentials]
) -> None:
    client = CopyClient(credentials=credentials, base_urls={"bitget": venue.url})
    venue.on("/api/v2/copy/mix-follower/cancel-trader", Reply({"code": "00000", "data": "success"}, after=5.0))
    writing = asyncio.create_task(client.unfollow("1", exchange="bitget"))
    await venue.arrival.wait()
    await client.aclose()
    with pytest.raises(OutcomeUnknownError, match="the connection broke"):
        await writing
    assert len(venue.received) == 1


async def test_a_closed_client_is_used_no_more(venue: ScriptedVenue, credentials: Mapping[str, Credentials]) -> None:
    async with CopyClient(credentials=credentials, base_urls={"bitget": venue.url}) as client:
        other = client.with_credentials(credentials)
    await client.aclose()
    for each in (client, other):
        with pytest.raises(ConfigError, match="client: it is closed; build another"):
            await each.settings("1", exchange="bitget")
    assert venue.received == []


async def test_an_adapter_given_to_the_client_replaces_the_default_one(
    venue: ScriptedVenue, credentials: Mapping[str, Credentials]
) -> None:
    venue.on("/v1/copy-trade-account/copy-trade/my-leaders", Reply({"rc": 0, "result": []}))
    adapter = load_adapter("xt")(generation="v1")
    async with CopyClient(credentials=credentials, base_urls={"xt": venue.url}, adapters=[adapter]) as client:
        settings = await client.settings("1", exchange="xt")
    assert not settings.active
    assert len(venue.received) == 1


# ------------------------------------------------------------------ limits


async def test_no_window_of_the_venue_holds_more_requests_than_its_limit(
    venue: ScriptedVenue, credentials: Mapping[str, Credentials]
) -> None:
    loop = asyncio.get_running_loop()
    arrived: list[float] = []

    async def note(_: web.Request) -> web.Response:
        arrived.append(loop.time())
        return web.Response(body=b'{"code": "43062", "msg": ""}')

    venue.on(QUERY, note)
    async with CopyClient(credentials=credentials, base_urls={"bitget": venue.url}) as client:
        await asyncio.gather(*(client.settings("1", exchange="bitget") for _ in range(11)))
    assert all(later - earlier >= 1.0 for earlier, later in zip(arrived, arrived[5:], strict=False))
