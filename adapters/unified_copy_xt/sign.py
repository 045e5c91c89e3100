"""How XT's spot host signs: hexadecimal HMAC-SHA256 over the ``validate-`` headers, method, path, query and body.

Source: XT API documentation, spot, access description, signature statement and generation. The names of the headers
are part of the signed text. Query values are signed decoded; an empty part is left out with its ``#``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from unified_copy.wire import Request

if TYPE_CHECKING:
    from unified_copy.credentials import Credentials

RECV_WINDOW_MS: Final = "5000"
"""How long a request stays good; XT takes 2000 to 60000 and recommends 5000 at most."""


def sign(request: Request, credentials: Credentials, *, now_ms: int) -> Request:
    """Return ``request`` with XT's five headers, signed at ``now_ms``."""
    timestamp = str(now_ms)
    signed = (
        f"validate-algorithms=HmacSHA256&validate-appkey={credentials.key}"
        f"&validate-recvwindow={RECV_WINDOW_MS}&validate-timestamp={timestamp}"
        f"#{request.method}#{request.path}"
    )
    if request.query:
        signed += f"#{unquote(request.query)}"
    text = signed.encode() + (b"#" + request.body if request.body else b"")
    headers = {
        "validate-algorithms": "HmacSHA256",
        "validate-appkey": credentials.key,
        "validate-recvwindow": RECV_WINDOW_MS,
        "validate-timestamp": timestamp,
        "validate-signature": credentials.hmac_sha256(text).hex(),
        **request.headers,
    }
    return Request(request.method, request.path, request.query, headers, request.body)
