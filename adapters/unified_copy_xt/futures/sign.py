"""How XT's futures host signs: hexadecimal HMAC-SHA256 over key, time, path, query and form.

Source: XT API documentation, futures, signature steps. Other than on the spot host, neither the method nor the window
nor the algorithm is part of the signed text. Query and form are signed sorted and decoded; commas are sent raw, so
that readings of this rule that differ on escaping agree. An empty part is left out with its ``#``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from unified_copy.wire import FORM, Request

if TYPE_CHECKING:
    from unified_copy.credentials import Credentials


def sign(request: Request, credentials: Credentials, *, now_ms: int) -> Request:
    """Return ``request`` with XT's three headers, signed at ``now_ms``.

    XT's window is left at its own 5000 ms, and the algorithm at its own HmacSHA256, by not sending their headers.
    """
    signed = f"validate-appkey={credentials.key}&validate-timestamp={now_ms}#{request.path}"
    if request.query:
        signed += f"#{unquote(request.query)}"
    if request.body:
        body = request.body.decode()
        # A JSON body is signed as it stands.
        signed += f"#{unquote(body) if request.headers.get('Content-Type') == FORM['Content-Type'] else body}"
    headers = {
        "validate-appkey": credentials.key,
        "validate-timestamp": str(now_ms),
        "validate-signature": credentials.hmac_sha256(signed.encode()).hex(),
        **request.headers,
    }
    return Request(request.method, request.path, request.query, headers, request.body)
