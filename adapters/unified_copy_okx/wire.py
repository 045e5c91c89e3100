"""What OKX is sent and what it answers, spelt as OKX spells it.

Source: OKX API documentation, v5, order book trading, copy trading. Every value is a JSON string but ``result``; empty
text is an absent value. The attributes stand in the order of the documents, which is the order of the keys on the
wire; ``UNSET`` ones are left out. The documents of the two position lists leave ``subPosType`` out although the list of
a copier needs it: it is taken from clients that read such lists, and from the Chinese page of ``algo-order``.
"""

from __future__ import annotations

from typing import Final

import attrs
from msgspec import UNSET, Struct, UnsetType

from unified_copy.adapter import Limit

SWAP: Final = "SWAP"
COPY: Final = "copy"
WINDOW: Final = 2.0
"""Seconds over which OKX counts requests."""
PAGE: Final = 100
"""Rows asked for at once; the history gives no more."""


@attrs.frozen
class Endpoint:
    """Hold where a call lives and how often it may be made."""

    path: str
    limit: Limit


def _private(path: str, requests: int = 5) -> Endpoint:
    return Endpoint(f"/api/v5/{path}", Limit(requests, WINDOW, "uid", path.rpartition("/")[2]))


def _public(path: str, requests: int = 5) -> Endpoint:
    return Endpoint(f"/api/v5/{path}", Limit(requests, WINDOW, "ip", path.rpartition("/")[2]))


SERVER_TIME: Final = _public("public/time", 10)
ACCOUNT: Final = Endpoint("/api/v5/account/config", Limit(5, WINDOW, "uid", "account config"))
START: Final = _private("copytrading/first-copy-settings")
AMEND: Final = _private("copytrading/amend-copy-settings")
STOP: Final = _private("copytrading/stop-copy-trading")
SETTINGS: Final = _private("copytrading/copy-settings")
LEADERS: Final = _private("copytrading/current-lead-traders")
POSITIONS: Final = _private("copytrading/current-subpositions", 20)
HISTORY: Final = _private("copytrading/subpositions-history", 20)
PROTECT: Final = _private("copytrading/algo-order", 20)
CLOSE: Final = _private("copytrading/close-subposition", 20)
ROLE: Final = _private("copytrading/config")
RANGES: Final = _public("copytrading/public-config")
STATISTICS: Final = _public("copytrading/public-stats")


# ------------------------------------------------------------------ sent


class Follow(Struct, kw_only=True):
    """Start a follow or change it; both calls take the same body."""

    instType: str = SWAP
    uniqueCode: str
    copyMgnMode: str
    copyInstIdType: str
    instId: str | UnsetType = UNSET
    """The pairs, joined by commas; only beside ``custom``."""
    copyMode: str
    copyAmt: str | UnsetType = UNSET
    """USDT per order."""
    copyRatio: str | UnsetType = UNSET
    """Times the leader's order."""
    copyTotalAmt: str
    tpRatio: str | UnsetType = UNSET
    """As a fraction."""
    slRatio: str | UnsetType = UNSET
    """As a fraction."""
    slTotalAmt: str | UnsetType = UNSET
    subPosCloseType: str


class Stop(Struct, kw_only=True):
    """End a follow."""

    instType: str = SWAP
    uniqueCode: str
    subPosCloseType: str | UnsetType = UNSET


class Protect(Struct, kw_only=True):
    """Set or cancel the protections of one copied position: ``0`` cancels, what is left out stays."""

    instType: str = SWAP
    subPosId: str
    tpTriggerPx: str | UnsetType = UNSET
    slTriggerPx: str | UnsetType = UNSET
    subPosType: str = COPY


class Close(Struct, kw_only=True):
    """Close one copied position at market."""

    instType: str = SWAP
    subPosId: str
    ordType: str = "market"
    subPosType: str = COPY


# ------------------------------------------------------------------ answered


@attrs.frozen(kw_only=True)
class Envelope:
    """Hold what surrounds every answer of OKX."""

    code: str
    msg: str | UnsetType = UNSET
    data: object = None


@attrs.frozen(kw_only=True)
class Verdict:
    """Hold what a row says of its own outcome; the documents show it in trading calls, and in none of these."""

    sCode: str | UnsetType = UNSET
    sMsg: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class ServerTime:
    """Hold OKX's clock, in milliseconds since 1970."""

    ts: str


@attrs.frozen(kw_only=True)
class Done:
    """Hold what a write about a follow came to."""

    result: bool


@attrs.frozen(kw_only=True)
class Touched:
    """Hold which position a write was about."""

    subPosId: str


@attrs.frozen(kw_only=True)
class ShownSymbol:
    """Hold one pair that the leader opens for copying; ``enabled`` is text, and a boolean in a sister call."""

    instId: str
    enabled: object = None


@attrs.frozen(kw_only=True)
class ShownFollow:
    """Hold what OKX shows of a follow."""

    copyState: str
    copyMode: str | UnsetType = UNSET
    copyAmt: str | UnsetType = UNSET
    copyRatio: str | UnsetType = UNSET
    copyTotalAmt: str | UnsetType = UNSET
    tpRatio: str | UnsetType = UNSET
    slRatio: str | UnsetType = UNSET
    slTotalAmt: str | UnsetType = UNSET
    copyMgnMode: str | UnsetType = UNSET
    copyInstIdType: str | UnsetType = UNSET
    instIds: list[ShownSymbol] | None = None
    subPosCloseType: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Leader:
    """Hold one leader that is being copied."""

    uniqueCode: str
    nickName: str | UnsetType = UNSET
    margin: str | UnsetType = UNSET
    copyTotalPnl: str | UnsetType = UNSET
    beginCopyTime: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Position:
    """Hold one copied position, open or closed; what the other list has is ``UNSET``."""

    subPosId: str
    instId: str
    uniqueCode: str | UnsetType = UNSET
    posSide: str | UnsetType = UNSET
    subPos: str | UnsetType = UNSET
    lever: str | UnsetType = UNSET
    margin: str | UnsetType = UNSET
    openAvgPx: str | UnsetType = UNSET
    openTime: str | UnsetType = UNSET
    upl: str | UnsetType = UNSET
    tpTriggerPx: str | None = None
    """``None`` where it is not shown at all; empty where none is set."""
    slTriggerPx: str | None = None
    closeSubPos: str | UnsetType = UNSET
    closeAvgPx: str | UnsetType = UNSET
    closeTime: str | UnsetType = UNSET
    pnl: str | UnsetType = UNSET
    pnlRatio: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Ranges:
    """Hold what a copied order may be, in USDT."""

    minCopyAmt: str | UnsetType = UNSET
    maxCopyAmt: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Statistics:
    """Hold what is public about a leader's results."""

    winRatio: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class RoleDetail:
    """Hold the account's role in one kind of copy trading."""

    instType: str | UnsetType = UNSET
    roleType: str | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class Role:
    """Hold the account's roles in copy trading."""

    details: list[RoleDetail] | None = None


@attrs.frozen(kw_only=True)
class Account:
    """Hold the mode of the account and what the key may do; the documents name more."""

    acctLv: str | UnsetType = UNSET
    posMode: str | UnsetType = UNSET
    perm: str | UnsetType = UNSET
    ip: str | UnsetType = UNSET
