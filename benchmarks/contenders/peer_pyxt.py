"""What XT's own client takes for the same, in its own environment."""

from __future__ import annotations

import json
from importlib import import_module

from contenders import ready
from contenders.sampling import Sample, cpu_of


def sample_sign(*, exchange: str, symbols: int, calls: int) -> Sample:
    """Measure signing a ready dictionary, and encoding it once more as its HTTP library does to send it."""
    client = import_module("pyxt.spot").Spot("https://sapi.xt.com", access_key=ready.KEY, secret_key=ready.SECRET)
    body, path = ready.body(exchange, symbols), ready.PATHS[exchange]

    def signed() -> bytes:
        client.gen_auth_header(path, "POST", json=body)
        return json.dumps(body).encode()

    return cpu_of(signed, calls)
