"""From a built config to a signed request, and the least that any Python could do instead."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64encode
from collections.abc import Callable

import msgspec

from contenders import ready
from contenders.sampling import Sample, cpu_of
from unified_copy import Credentials, FixedAmount, FollowConfig
from unified_copy.registry import resolve
from unified_copy.translation import translate_with
from unified_copy.wire import Request

Signed = tuple[bytes, dict[str, str]]
"""A body and the headers that sign it."""


def config(exchange: str, symbols: int, leader_id: str = ready.LEADER) -> FollowConfig:
    """Return leader, sizing, symbols and, where the venue has one, the cap."""
    return FollowConfig(
        leader_id=leader_id,
        sizing=FixedAmount(ready.AMOUNT),
        symbols=[f"{coin}/USDT" for coin in ready.COINS[:symbols]],
        max_position=ready.CAP if exchange == "bitget" else None,
    )


def library(exchange: str, symbols: int) -> Callable[[int], Request]:
    """Return what translates a built config, refusing what the venue cannot express, and signs."""
    adapter, wanted = resolve(exchange), config(exchange, symbols)
    credentials = Credentials(ready.KEY, ready.SECRET, ready.PASSPHRASE)

    def signed(now_ms: int) -> Request:
        translation = translate_with(adapter, wanted)
        return adapter.sign(translation.calls[0].request, credentials, now_ms=now_ms)

    return signed


def floor(exchange: str, encode: Callable[[object], bytes], digest: Callable[[bytes], bytes]) -> Callable[..., Signed]:
    """Return what encodes and signs a body without looking at it."""
    path = ready.PATHS[exchange]

    def bitget(body: object, now_ms: int) -> Signed:
        data = encode(body)
        return data, {
            "ACCESS-KEY": ready.KEY,
            "ACCESS-SIGN": b64encode(digest(f"{now_ms}POST{path}".encode() + data)).decode(),
            "ACCESS-TIMESTAMP": str(now_ms),
            "ACCESS-PASSPHRASE": ready.PASSPHRASE,
            "Content-Type": "application/json",
        }

    def xt(body: object, now_ms: int) -> Signed:
        data = encode(body)
        head = (
            f"validate-algorithms=HmacSHA256&validate-appkey={ready.KEY}"
            f"&validate-recvwindow=5000&validate-timestamp={now_ms}#POST#{path}#"
        )
        return data, {
            "validate-algorithms": "HmacSHA256",
            "validate-appkey": ready.KEY,
            "validate-recvwindow": "5000",
            "validate-timestamp": str(now_ms),
            "validate-signature": digest(head.encode() + data).hex(),
            "Content-Type": "application/json",
        }

    return xt if exchange == "xt" else bitget


def standard_library(exchange: str) -> Callable[..., Signed]:
    """Return the floor of ``json`` and ``hmac`` as most people write it."""
    return floor(
        exchange,
        lambda body: json.dumps(body, separators=(",", ":")).encode(),
        lambda message: hmac.new(ready.SECRET.encode(), message, hashlib.sha256).digest(),
    )


def fastest(exchange: str) -> Callable[..., Signed]:
    """Return the floor of a compiled encoder and the one-shot hash."""
    secret = ready.SECRET.encode()
    return floor(exchange, msgspec.json.Encoder().encode, lambda message: hmac.digest(secret, message, "sha256"))


# ------------------------------------------------------------------ samples


def sample_library(*, exchange: str, symbols: int, calls: int) -> Sample:
    """Measure this library."""
    signed = library(exchange, symbols)
    return cpu_of(lambda: signed(time.time_ns() // 1_000_000), calls)


def sample_standard_library(*, exchange: str, symbols: int, calls: int) -> Sample:
    """Measure the floor of the standard library, from a ready dictionary."""
    signed, body = standard_library(exchange), ready.body(exchange, symbols)
    return cpu_of(lambda: signed(body, time.time_ns() // 1_000_000), calls)


def sample_fastest(*, exchange: str, symbols: int, calls: int) -> Sample:
    """Measure the floor of msgspec, from a ready dictionary."""
    signed, body = fastest(exchange), ready.body(exchange, symbols)
    return cpu_of(lambda: signed(body, time.time_ns() // 1_000_000), calls)
