"""What a venue, or whoever stands in its place, can do to us: nothing but fail to answer."""

from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
import tracemalloc
import zlib
from pathlib import Path

import aiohttp.connector
import pytest
import trustme
from raw_venue import OK, RawVenue, listening

from unified_copy import CopyClient, Credentials, FixedAmount, FollowConfig
from unified_copy.errors import TransportError, UnifiedCopyError, VenueUnavailableError
from unified_copy.retries import READ_ATTEMPTS
from unified_copy.transport import MAX_ANSWER_BYTES, LostAnswerError, Transport
from unified_copy.wire import Request, Response

CONFIG = FollowConfig(leader_id="123123123", sizing=FixedAmount("330"), symbols=["BTC/USDT"])
CREDENTIALS = Credentials("key-canary-1", "secret-canary-2", "passphrase-canary-3")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


async def _get(url: str) -> Response:
    transport = Transport(5.0)
    try:
        return await transport.send("anybody", url, Request("GET", "/a"))
    finally:
        await transport.close()


def _answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


# ------------------------------------------------------------------ who is talked to


@pytest.fixture
def authority() -> trustme.CA:
    """Return an authority that nobody trusts."""
    return trustme.CA()


def _tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """Return the context of a server that calls itself ``name``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this machine trust the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", context)


async def test_a_server_with_a_certificate_of_its_own_making_is_sent_nothing(authority: trustme.CA) -> None:
    async with listening(tls=_tls(authority, "localhost")) as venue:
        with pytest.raises(TransportError, match="TLS could not be established"):
            await _get(venue.url)
    assert venue.received == []


@pytest.mark.usefixtures("trusting")
async def test_a_server_with_the_certificate_of_another_host_is_sent_nothing(authority: trustme.CA) -> None:
    async with listening(tls=_tls(authority, "api.example.com")) as venue:
        with pytest.raises(TransportError, match="TLS could not be established"):
            await _get(venue.url)
    assert venue.received == []


@pytest.mark.usefixtures("trusting")
async def test_a_server_with_a_certificate_of_a_trusted_authority_is_talked_to(authority: trustme.CA) -> None:
    async with listening(tls=_tls(authority, "localhost")) as venue:
        assert (await _get(venue.url)).body == b"{}"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_no_answer_and_takes_nothing_elsewhere(status: str) -> None:
    async with listening() as elsewhere, listening() as venue:
        venue.answer = _answer(b"", f"Location: {elsewhere.url}/a", f"Refresh: 0;url={elsewhere.url}/", status=status)
        async with CopyClient(credentials={"bitget": CREDENTIALS}, base_urls={"bitget": venue.url}) as client:
            with pytest.raises(VenueUnavailableError, match=f"HTTP {status[:3]}"):
                await client.settings("1", exchange="bitget")
    assert (len(venue.received), elsewhere.received) == (READ_ATTEMPTS, [])


@pytest.mark.parametrize("name", PROXIES)
async def test_a_proxy_of_the_environment_is_not_trusted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as proxy, listening() as venue:
        monkeypatch.setenv(name, proxy.url)
        await _get(venue.url)
    assert (len(venue.received), proxy.received) == (1, [])


async def test_passwords_of_the_machine_are_sent_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\ndefault login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with listening() as venue:
        await _get(venue.url)
    assert b"authorization" not in venue.received[0].lower()


# ------------------------------------------------------------------ how much is taken


async def test_a_compressed_answer_is_read() -> None:
    body = gzip.compress(b'{"code": "00000"}')
    async with listening(_answer(body, "Content-Encoding: gzip")) as venue:
        assert (await _get(venue.url)).body == b'{"code": "00000"}'


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_small_answer_that_unpacks_without_end_is_cut_off_before_it_fills_the_memory(encoding: str) -> None:
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(96)) + packer.flush()
    assert len(packed) < 2**17
    async with listening(_answer(packed, f"Content-Encoding: {encoding}")) as venue:
        tracemalloc.start()
        try:
            with pytest.raises(LostAnswerError, match=f"more than {MAX_ANSWER_BYTES} bytes"):
                await _get(venue.url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 4 * MAX_ANSWER_BYTES


@pytest.mark.parametrize(
    "answer",
    [
        _answer(gzip.compress(b"{}")[:-8] + bytes(8), "Content-Encoding: gzip"),
        _answer(b"no archive", "Content-Encoding: gzip"),
        _answer(b"no archive", "Content-Encoding: br"),
        _answer(b"{}", "Content-Encoding: zstd"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 99_999 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99_999 + b"\r\n",
        b"HTTP/9.9 999 ?\r\n\r\n",
        b"HTTP/1.1 200\xff\r\nX\0: \x80\r\n\r\n",
        b"\0" * 99,
        b"",
    ],
)
async def test_an_answer_that_is_no_http_is_a_lost_one(answer: bytes) -> None:
    async with listening(answer) as venue:
        with pytest.raises(LostAnswerError):
            await _get(venue.url)
    assert len(venue.received) == 1


# ------------------------------------------------------------------ what is left lying around


async def _follow(venue: RawVenue) -> None:
    async with CopyClient(credentials={"bitget": CREDENTIALS}, base_urls={"bitget": venue.url}, timeout=0.5) as client:
        try:
            await client.follow(CONFIG, exchange="bitget", verify=False)
        except UnifiedCopyError as error:
            logging.getLogger("user").exception("the call failed: %r", error)  # noqa: TRY401 (its repr, too)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    "answer",
    [
        OK,
        b"",
        b"\xff\xfe garbage",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
        _answer(b"", "Location: /elsewhere", status="302 Found"),
        _answer(b'{"code": "40006", "msg": "key-canary-1 secret-canary-2 passphrase-canary-3"}'),
        _answer(b"secret-canary-2", "Content-Encoding: gzip"),
    ],
)
async def test_nothing_secret_is_logged_at_the_finest_level(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("aiohttp.client", "aiohttp.internal", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    asyncio.get_running_loop().set_debug(True)
    async with listening(answer) as venue:
        await _follow(venue)
    head = venue.received[0].decode()
    signature = head.partition("ACCESS-SIGN: ")[2].partition("\r\n")[0]
    assert "canary" in head
    assert len(signature) > 20
    assert not any(secret in caplog.text for secret in ("canary", signature))
