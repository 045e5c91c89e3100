"""How Bitget signs: base64 of HMAC-SHA256 over timestamp, method, path with query, and body.

Source: Bitget API documentation, common, signature. The query is signed as Bitget verifies it, decoded, and sent
encoded.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import unquote

from unified_copy.errors import CredentialsError
from unified_copy.wire import Request

if TYPE_CHECKING:
    from unified_copy.credentials import Credentials


def sign(request: Request, credentials: Credentials, *, now_ms: int) -> Request:
    """Return ``request`` with Bitget's four headers, signed at ``now_ms``.

    Raises ``CredentialsError`` without a passphrase.
    """
    if credentials.passphrase is None:
        reason = "Bitget needs the passphrase chosen with the key; set BITGET_API_PASSPHRASE, or pass it"
        raise CredentialsError("bitget", reason, ("BITGET_API_PASSPHRASE",))
    target = f"{request.path}?{unquote(request.query)}" if request.query else request.path
    signed = f"{now_ms}{request.method}{target}".encode() + request.body
    signature = b64encode(credentials.hmac_sha256(signed)).decode()
    headers = {
        "ACCESS-KEY": credentials.key,
        "ACCESS-SIGN": signature,
        "ACCESS-TIMESTAMP": str(now_ms),
        "ACCESS-PASSPHRASE": credentials.passphrase,
        **request.headers,
    }
    return Request(request.method, request.path, request.query, headers, request.body)
