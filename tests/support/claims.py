"""What calls of an exchange with any limits need before they may be sent."""

from __future__ import annotations

from bazaar import Bazaar

from unified_copy.adapter import Call, Limit
from unified_copy.limits import Claim
from unified_copy.wire import Request

ORIGIN = "https://venue.example"


def claim(*limits: Limit, key: str | None = "key-1", origin: str = ORIGIN) -> Claim:
    """Return what a call needs whose own limit is the first, where the venue has the others over all calls."""

    class Venue(Bazaar):
        name = "venue"

    Venue.limits = limits[1:]
    return Claim.of(Venue(), Call(Request("GET", "/"), lambda _: None, limits[0]), origin, key)
