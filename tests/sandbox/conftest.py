"""Callers of the local venues that sign by themselves, over plain aiohttp on real sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64encode
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp
import attrs
import pytest
from yarl import URL

from unified_copy.sandbox import Sandbox
from unified_copy.sandbox.document import load_document
from unified_copy.sandbox.schemas import Schemas
from unified_copy_bitget.venue import BitgetVenue
from unified_copy_xt.venue import XtVenue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from unified_copy.credentials import Credentials
    from unified_copy.sandbox import Venue


@cache
def contract(name: str) -> tuple[Mapping[str, Any], Schemas]:
    document = load_document(name)
    return document, Schemas(document)


@attrs.frozen
class Reply:
    status: int
    content_type: str
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 (whatever the venue said)
        return json.loads(self.text, parse_float=Decimal)


@attrs.define
class Caller:
    """Call one venue as one account; a test changes what it wants to see refused."""

    base_url: str
    credentials: Credentials
    venue: Venue
    session: aiohttp.ClientSession

    def headers(self, method: str, path: str, query: str, body: bytes) -> dict[str, str]:
        raise NotImplementedError

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | str = "",
        body: object = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Reply:
        """Send one signed request; ``headers`` replace signed ones, and ``None`` leaves one out."""
        sent_query = query if isinstance(query, str) else urlencode(sorted(query.items()))
        sent_body = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        signed: dict[str, str | None] = {**self.headers(method, path, sent_query, sent_body), **(headers or {})}
        if sent_body:
            signed.setdefault("Content-Type", "application/json")
        url = URL(self.base_url + path + (f"?{sent_query}" if sent_query else ""), encoded=True)
        async with self.session.request(
            method,
            url,
            data=sent_body or None,
            headers={name: value for name, value in signed.items() if value is not None},
            skip_auto_headers=["Content-Type"],
        ) as response:
            reply = Reply(response.status, response.content_type, await response.text())
        self._conform(method, path, reply)
        return reply

    def _conform(self, method: str, path: str, reply: Reply) -> None:
        """Hold the venue to its own contract: it may answer only what the contract has."""
        document, schemas = contract(self.venue.contract)
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation:
            response = schemas.resolve(operation["responses"][str(reply.status)])
            schema = response["content"][reply.content_type]["schema"]
            schemas.validator(schema).validate(reply.json if reply.content_type == "application/json" else reply.text)


class BitgetCaller(Caller):
    SETTINGS = "/api/v2/copy/mix-follower/settings"
    SMART_COPY = "/api/v2/copy/mix-follower/copy-settings"
    QUERY = "/api/v2/copy/mix-follower/query-settings"

    def headers(self, method: str, path: str, query: str, body: bytes) -> dict[str, str]:
        return self.sign(method, path, query, body, timestamp=str(self.venue.now_ms()))

    def sign(self, method: str, path: str, query: str, body: bytes, timestamp: str) -> dict[str, str]:
        text = timestamp + method + path + ("?" + query if query else "")
        digest = hmac.new(self.credentials.secret.encode(), text.encode() + body, hashlib.sha256).digest()
        return {
            "ACCESS-KEY": self.credentials.key,
            "ACCESS-SIGN": b64encode(digest).decode(),
            "ACCESS-TIMESTAMP": timestamp,
            "ACCESS-PASSPHRASE": str(self.credentials.passphrase),
        }

    async def follow(self, leader: str, *pairs: Mapping[str, object]) -> Reply:
        return await self.call("POST", self.SETTINGS, body={"traderId": leader, "settings": pairs})

    async def shown(self, leader: str) -> Any:  # noqa: ANN401 (likewise)
        return (await self.call("GET", self.QUERY, query={"traderId": leader})).json["data"]


class XtCaller(Caller):
    FOLLOW = "/v4/account/copy-trade/follow"
    FOLLOW_V1 = "/v1/copy-trade-account/copy-trade/follow"
    CONFIG = "/v4/account/copy-trade/follow-leader-config"
    CONFIG_V1 = "/v1/copy-trade-account/copy-trade/follow-leader-config"
    LEADERS = "/v4/account/copy-trade/my-leaders"
    LEADERS_V1 = "/v1/copy-trade-account/copy-trade/my-leaders"

    def headers(self, method: str, path: str, query: str, body: bytes) -> dict[str, str]:
        return self.sign(method, path, query, body)

    def sign(  # noqa: PLR0913 (what is signed, and what a test may change of it)
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        *,
        timestamp: str = "",
        window: str = "5000",
        algorithm: str = "HmacSHA256",
    ) -> dict[str, str]:
        signed = {
            "validate-algorithms": algorithm,
            "validate-appkey": self.credentials.key,
            "validate-recvwindow": window,
            "validate-timestamp": timestamp or str(self.venue.now_ms()),
        }
        text = "&".join(f"{name}={value}" for name, value in signed.items()) + f"#{method}#{path}"
        text += f"#{query}" * bool(query) + f"#{body.decode()}" * bool(body)
        digest = hmac.new(self.credentials.secret.encode(), text.encode(), algorithm.removeprefix("Hmac")).hexdigest()
        return {**signed, "validate-signature": digest}

    async def follow(self, leader: int, **terms: object) -> Reply:
        body = {
            "leaderOrderId": leader,
            "followType": "FUND",
            "followVal": 50,
            "followLossOperate": "LEADER_CLOSE",
            "autoFollowSymbol": False,
            "symbols": "xt_usdt,btc_usdt",
            **terms,
        }
        return await self.call("POST", self.FOLLOW, body=body)

    async def shown(self, leader: int) -> Any:  # noqa: ANN401 (likewise)
        return (await self.call("GET", self.CONFIG, query={"leaderAccountId": leader})).json["result"]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(venues={"bitget": BitgetVenue(), "xt": XtVenue()}) as sandbox:
        yield sandbox


@pytest.fixture
def bitget(sandbox: Sandbox, session: aiohttp.ClientSession) -> BitgetCaller:
    return BitgetCaller(
        sandbox.base_urls["bitget"],
        sandbox.credentials["bitget"],
        sandbox.venue("bitget"),
        session,
    )


@pytest.fixture
def xt(sandbox: Sandbox, session: aiohttp.ClientSession) -> XtCaller:
    return XtCaller(sandbox.base_urls["xt"], sandbox.credentials["xt"], sandbox.venue("xt"), session)


@pytest.fixture
def now_ms() -> int:
    return time.time_ns() // 1_000_000
