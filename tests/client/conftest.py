"""What the tests of the client share: a scripted venue, throw-away credentials, and haste."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest
from scripted_venue import ScriptedVenue, serving

from unified_copy import Credentials


@pytest.fixture
async def venue() -> AsyncIterator[ScriptedVenue]:
    """Serve a scripted venue."""
    async with serving() as scripted:
        yield scripted


@pytest.fixture
def credentials() -> Mapping[str, Credentials]:
    """Hold throw-away credentials for both exchanges."""
    return {
        "bitget": Credentials("key-0001", "secret-0001", "passphrase-0001"),
        "xt": Credentials("key-0002", "secret-0002"),
    }


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read back within half a second instead of ten."""
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.5)
    monkeypatch.setattr("unified_copy.writes.FIRST_PAUSE", 0.05)
