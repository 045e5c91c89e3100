"""How the venue wants requests signed: hexadecimal HMAC-SHA256 over timestamp, method, path with query, and body."""

from __future__ import annotations

from unified_copy import Credentials
from unified_copy.wire import Request


# EDIT: the text that is signed, and where key, time and signature travel.
def sign(request: Request, credentials: Credentials, *, now_ms: int) -> Request:
    """Return ``request`` with the venue's three headers, signed at ``now_ms``."""
    signed = f"{now_ms}{request.method}{request.target}".encode() + request.body
    headers = {
        "X-Key": credentials.key,
        "X-Time": str(now_ms),
        "X-Signature": credentials.hmac_sha256(signed).hex(),
        **request.headers,
    }
    return Request(request.method, request.path, request.query, headers, request.body)
