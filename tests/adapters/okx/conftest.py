"""A local OKX on a real socket, and a client that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from unified_copy import CopyClient, FixedAmount, FollowConfig
from unified_copy.sandbox import Sandbox
from unified_copy_okx.venue import OkxVenue

LEADER = "25CD5A80241D6FE6"


@pytest.fixture
def config() -> FollowConfig:
    return FollowConfig(
        leader_id=LEADER, sizing=FixedAmount(50), symbols=["BTC/USDT", "龙虾/USDT"], max_total=500, stop_loss="0.1"
    )


@pytest.fixture
def venue() -> OkxVenue:
    return OkxVenue()


@pytest.fixture
async def sandbox(venue: OkxVenue) -> AsyncIterator[Sandbox]:
    async with Sandbox("okx", venues={"okx": venue}) as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[CopyClient]:
    async with sandbox.client() as client:
        yield client
