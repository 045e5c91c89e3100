"""How Lunex signs: two parameters at the end of the query, ``ts`` and ``sig``, and the key in a header.

Source: Lunex API, version 1, signing. The signature covers method, path with query up to ``ts``, and body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unified_copy.wire import Request

if TYPE_CHECKING:
    from unified_copy.credentials import Credentials


def sign(request: Request, credentials: Credentials, *, now_ms: int) -> Request:
    """Return ``request`` signed at ``now_ms``."""
    query = f"{request.query}&ts={now_ms}".removeprefix("&")
    signed = f"{request.method}\n{request.path}?{query}\n".encode() + request.body
    query += f"&sig={credentials.hmac_sha256(signed).hex()}"
    headers = {"LX-Key": credentials.key, **request.headers}
    return Request(request.method, request.path, query, headers, request.body)
