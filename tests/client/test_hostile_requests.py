"""Nothing that an id, a pair or an adapter says becomes another request: judged by the bytes on the socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import attrs
import msgspec
import pytest
from raw_venue import listening

from unified_copy import CopyClient, Credentials, FixedAmount, FollowConfig
from unified_copy.errors import AdapterError, UnifiedCopyError
from unified_copy.transport import Transport
from unified_copy.wire import Request
from unified_copy_bitget.adapter import BitgetAdapter

CONFIG = FollowConfig(leader_id="123123123", sizing=FixedAmount("330"), symbols=["BTC/USDT"])
SMUGGLED = "1 HTTP/1.1\r\nHost: evil.example\r\n\r\nGET /evil"
CREDENTIALS = Credentials("key-000001", "secret-000001", "passphrase-000001")
BREAKS = ["\r\n", "\n", "\r", "\0", " ", "\t", "\u2028", "\x85", "é", "龙", "\ud800"]


def _lines(received: bytes) -> tuple[str, list[str]]:
    """Return the request line and the names of the headers."""
    first, *headers = received.decode().partition("\r\n\r\n")[0].split("\r\n")
    return first, [line.partition(":")[0].lower() for line in headers]


async def _send(request: Any, url: str) -> None:  # noqa: ANN401 (a request, or what calls itself one)
    transport = Transport(2.0)
    try:
        await transport.send("anybody", url, request)
    finally:
        await transport.close()


@pytest.mark.parametrize(
    "path",
    [
        *(
            f"/a{each}z"
            for each in [*BREAKS, "?", "#", "\\", "%", "%zz", "%0", '"', "<", "{", "|", "^", "`", "[", ";\n"]
        ),
        *("", "a", "*", "//evil.example/a", "/\\evil.example", "\\\\evil.example", "@evil.example/", ":80/a"),
        *("http://evil.example/a", "https:evil.example", ".evil.example/a", "?a=1", "#a", SMUGGLED, f"/a{SMUGGLED}"),
        *(None, 5, b"/a", ["/a"]),
    ],
)
async def test_a_path_that_could_lead_elsewhere_is_refused_and_nothing_is_sent(path: Any) -> None:  # noqa: ANN401 (an adapter may hand out anything)
    async with listening() as venue:
        with pytest.raises(AdapterError, match="a request has the path"):
            await _send(Request("GET", path), venue.url)
    assert venue.received == []


@pytest.mark.parametrize(
    "query", [*(f"a=b{each}" for each in [*BREAKS, "#", "\\", "%", "%zz", '"', "{", "[", "|"]), SMUGGLED, None, b"a=b"]
)
async def test_a_query_that_is_not_encoded_is_refused_and_nothing_is_sent(query: Any) -> None:  # noqa: ANN401 (likewise)
    async with listening() as venue:
        with pytest.raises(AdapterError, match="a query that is not percent-encoded"):
            await _send(Request("GET", "/a", query), venue.url)
    assert venue.received == []


@pytest.mark.parametrize(
    "method",
    ["", "get", "GET ", "GET\r\nX: y", "CONNECT", "TRACE", "OPTIONS", "GÉT", "GET /x", None, ["GET"]],
)
async def test_a_method_beyond_reading_and_writing_is_refused_and_nothing_is_sent(method: Any) -> None:  # noqa: ANN401 (likewise)
    async with listening() as venue:
        with pytest.raises(AdapterError, match="a request has the method"):
            await _send(Request(method, "/a"), venue.url)
    assert venue.received == []


@pytest.mark.parametrize(
    "headers",
    [
        *({f"X{each}Y": "1"} for each in [*BREAKS, ":", "(", ""] if each),
        *({"X": f"1{each}2"} for each in BREAKS if each != " "),
        *({"X": each} for each in [" 1", "1 ", "\r\nHost: evil.example", None, 5, b"1"]),
        *({"": "1"}, {None: "1"}, {b"X": "1"}, {"Host": "evil.example"}, {"hOsT": "evil.example"}),
        *(
            {"Content-Length": "0"},
            {"Transfer-Encoding": "chunked"},
            {"Connection": "upgrade"},
            {"Expect": "100-continue"},
        ),
        *({"Upgrade": "h2c"}, {"Proxy-Authorization": "a"}, None, [("X", "1")], "X: 1"),
    ],
)
async def test_a_header_that_could_end_or_redirect_a_request_is_refused_and_nothing_is_sent(headers: Any) -> None:  # noqa: ANN401 (likewise)
    async with listening() as venue:
        with pytest.raises(AdapterError, match=r"a request has (the|a) header|headers that are not a mapping"):
            await _send(Request("POST", "/a", "", headers, b"{}"), venue.url)
    assert venue.received == []


@pytest.mark.parametrize("body", ["text", {"a": 1}, None, 5])
async def test_a_body_that_the_http_library_would_write_anew_is_refused_and_nothing_is_sent(body: Any) -> None:  # noqa: ANN401 (likewise)
    async with listening() as venue:
        with pytest.raises(AdapterError, match="a body that is not bytes"):
            await _send(Request("POST", "/a", "", {}, body), venue.url)
    assert venue.received == []


async def test_the_error_about_a_header_does_not_show_its_value() -> None:
    with pytest.raises(AdapterError) as caught:
        await _send(Request("GET", "/a", "s=s3cr3t ", {"Key": "s3cr3t\n"}), "http://127.0.0.1:1")
    assert "s3cr3t" not in f"{caught.value} {caught.value!r}"


async def test_what_may_be_sent_arrives_byte_for_byte() -> None:
    path = "/a-._~!$&'()*+,;=:@/../%2F%0d%0A%e9//b"
    query = "x=%00&y=a+b&z=/?:@!$'()*,;&&=%F0%9F%90%89"
    headers = {"X-Signed!#$%&'*+.^_`|~": 'a  "b" (c) {d}; ~', "Content-Type": "x"}
    async with listening() as venue:
        await _send(Request("PUT", path, query, headers, b"\r\n\r\n\0\xff"), venue.url)
    head, _, body = venue.received[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == f"PUT {path}?{query} HTTP/1.1"
    assert {f"{name}: {value}" for name, value in headers.items()} < set(lines)
    assert f"Host: {venue.url.removeprefix('http://')}" in lines
    assert body == b"\r\n\r\n\0\xff"


# ------------------------------------------------------------------ what a caller says


@pytest.mark.parametrize("exchange", ["bitget", "bitget-spot"])
@pytest.mark.parametrize(
    "leader_id",
    ["a&traderId=2&uniqueCode=2", "a?b#c", "../../x", "//evil.example", "a\\b", "%0d%0aX:y", "龙虾", "a+b;c=d,e"],
)
async def test_an_id_of_any_characters_stays_one_parameter(exchange: str, leader_id: str) -> None:
    seen = []
    async with listening() as venue:
        for each in ("123", leader_id):
            async with CopyClient(credentials={exchange: CREDENTIALS}, base_urls={exchange: venue.url}) as client:
                with pytest.raises(UnifiedCopyError):  # the answer is no answer; what was asked is the point
                    await client.settings(each, exchange=exchange)
            seen.append(venue.received[-1])
    (harmless, names), (line, same_names) = map(_lines, seen)
    assert names == same_names
    assert [line.split(" ")[0], line.split(" ")[2]] == ["GET", "HTTP/1.1"]
    assert line.split(" ")[1].partition("?")[0] == harmless.split(" ")[1].partition("?")[0]
    asked, plain = (parse_qs(each.split(" ")[1].partition("?")[2], strict_parsing=True) for each in (line, harmless))
    assert asked == {name: [leader_id] if value == ["123"] else value for name, value in plain.items()}


@pytest.mark.parametrize("leader_id", [f"1{each}2" for each in BREAKS if each.isspace() or not each.isprintable()])
@pytest.mark.parametrize("exchange", ["bitget", "bitget-spot", "okx", "xt", "xt-futures"])
async def test_an_id_with_breaks_or_blanks_is_refused_and_nothing_is_sent(exchange: str, leader_id: str) -> None:
    async with (
        listening() as venue,
        CopyClient(credentials={exchange: CREDENTIALS}, base_urls={exchange: venue.url}) as client,
    ):
        with pytest.raises(UnifiedCopyError, match="leader_id"):
            await client.settings(leader_id, exchange=exchange)
    assert venue.received == []


# ------------------------------------------------------------------ what an adapter says


def _hostile(change: Mapping[str, Any]) -> BitgetAdapter:
    """Return an adapter that spoils what it has signed."""

    @attrs.frozen(kw_only=True)
    class Hostile(BitgetAdapter):
        def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
            return msgspec.structs.replace(super().sign(request, credentials, now_ms=now_ms), **change)

    return Hostile()


@pytest.mark.parametrize(
    "change",
    [{"path": "//evil.example/"}, {"query": "a\r\nb"}, {"headers": {"Host": "evil.example"}}, {"method": "GET\r\n"}],
)
async def test_a_write_that_an_adapter_spoils_is_not_sent_and_known_not_to_be(change: Mapping[str, Any]) -> None:
    async with (
        listening() as venue,
        CopyClient(credentials={"bitget": CREDENTIALS}, base_urls={"bitget": venue.url}) as client,
    ):
        with pytest.raises(AdapterError):
            await client.follow(CONFIG, exchange=_hostile(change))
    assert venue.received == []
