"""Exchanges that can do little, with parts of the one that can do everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from full_exchange.adapter import FullAdapter

from unified_copy import Adapter, Credentials, FollowConfig, FollowSettings
from unified_copy.adapter import Call
from unified_copy.answers import Codes, Refusal
from unified_copy.errors import SettingsRejectedError
from unified_copy.fields import Fields
from unified_copy.results import CopiedPosition
from unified_copy.wire import Request


@attrs.frozen(kw_only=True)
class Follows(Adapter):
    """Follow and nothing else, with neither a contract nor codes nor a venue."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = "follows"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.follows.example",)
    forms: ClassVar[Mapping[str, Fields]] = FullAdapter.forms

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        return FullAdapter().follow(config, known)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        return FullAdapter().sign(request, credentials, now_ms=now_ms)


class FollowsAtAVenue(Follows):
    """Bring a venue, too."""

    venue: ClassVar[str] = FullAdapter.venue


class SeesToo(FollowsAtAVenue):
    """Show settings and leaders, too, and end no follow."""

    codes: ClassVar[Codes] = {"HTTP 400": Refusal(SettingsRejectedError, "it is wrong")}

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        return FullAdapter().settings(leader_id)

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        return FullAdapter().close(position)
