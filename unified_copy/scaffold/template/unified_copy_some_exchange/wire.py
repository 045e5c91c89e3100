"""What the venue is sent and what it answers, spelt as the venue spells it.

The attributes of what is sent stand in the order of the keys on the wire. One of type ``str | UnsetType`` with the
default ``msgspec.UNSET`` is left out where it is not set.
"""

from __future__ import annotations

from typing import Final

import attrs
from unified_copy.adapter import Limit

# EDIT: the paths of the venue, and how often each may be asked.
FOLLOW: Final = "/v1/copy/follow"
UNFOLLOW: Final = "/v1/copy/unfollow"
SETTINGS: Final = "/v1/copy/settings"
TIME: Final = "/v1/time"
WRITES: Final = Limit(2, 1.0, "uid", "writes")
READS: Final = Limit(5, 1.0, "uid", "reads")
PUBLIC: Final = Limit(10, 1.0, "ip", "public")


# ------------------------------------------------------------------ sent


# EDIT: the bodies of the venue's calls, one attribute for each key.
@attrs.define(kw_only=True, slots=False)
class Follow:
    """Start a follow or change it."""

    leaderId: str
    amount: str
    """Per copied order, in USDT."""
    symbols: list[str]


@attrs.define(kw_only=True, slots=False)
class Unfollow:
    """End a follow."""

    leaderId: str


# ------------------------------------------------------------------ shown


# EDIT: what the venue answers; leave out what nobody reads.
@attrs.frozen(kw_only=True)
class Envelope:
    """Hold what stands around every answer."""

    code: str
    message: str | None = None
    data: object


@attrs.frozen(kw_only=True)
class ShownFollow:
    """Hold what is shown of a follow."""

    amount: str
    symbols: list[str]


@attrs.frozen(kw_only=True)
class ServerTime:
    """Hold the venue's clock."""

    ms: int
