"""How OKX signs: base64 of HMAC-SHA256 over timestamp, method, path with query, and body.

Source: OKX API documentation, v5, overview, REST authentication. The timestamp is UTC with milliseconds, in ISO 8601;
path and query are signed as they are sent, encoded.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from unified_copy.errors import CredentialsError
from unified_copy.wire import Request

if TYPE_CHECKING:
    from unified_copy.credentials import Credentials

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def sign(request: Request, credentials: Credentials, *, now_ms: int) -> Request:
    """Return ``request`` with OKX's four headers, signed at ``now_ms``.

    Raises ``CredentialsError`` without a passphrase.
    """
    if credentials.passphrase is None:
        reason = "OKX needs the passphrase chosen with the key; set OKX_API_PASSPHRASE, or pass it"
        raise CredentialsError("okx", reason, ("OKX_API_PASSPHRASE",))
    timestamp = iso(now_ms)
    signed = f"{timestamp}{request.method}{request.target}".encode() + request.body
    headers = {
        "OK-ACCESS-KEY": credentials.key,
        "OK-ACCESS-SIGN": b64encode(credentials.hmac_sha256(signed)).decode(),
        "OK-ACCESS-TIMESTAMP": timestamp,
        "OK-ACCESS-PASSPHRASE": credentials.passphrase,
        **request.headers,
    }
    return Request(request.method, request.path, request.query, headers, request.body)


def iso(now_ms: int) -> str:
    """Return milliseconds since 1970 as OKX writes them, such as ``2026-01-01T00:00:00.123Z``."""
    at = _EPOCH + timedelta(milliseconds=now_ms)
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
