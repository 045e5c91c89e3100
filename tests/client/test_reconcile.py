"""What a journal leaves open is settled by reading, and what cannot be settled stays open with a reason."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from bazaar import NO, YES, Bazaar, client_of, ids, page
from scripted_venue import CUT, Reply, ScriptedVenue

from unified_copy import (
    CopiedPosition,
    CopyClient,
    FixedAmount,
    FollowConfig,
    FollowSettings,
    Pair,
    Side,
)
from unified_copy.adapter import Call, Operation, option
from unified_copy.errors import ConfigError, UnifiedCopyError
from unified_copy.reconcile import IN_FLIGHT, Reconciliation

FOLLOWED, GONE, DOWN = Reply(b"yes"), Reply(b"no"), Reply(b"", status=503)
POSITION = CopiedPosition(exchange="bazaar", position_id="1", symbol=Pair("BTC", "USDT"), side=Side.LONG, leader_id="7")
CONFIG = FollowConfig(leader_id="7", sizing=FixedAmount(1), symbols=["BTC/USDT"])
ORPHAN = b'{"line":"ended","id":"nobody","outcome":"done","time":"2026-01-01T00:00:00Z"}\n'
Lines = list[dict[str, Any]]
Act = Callable[[CopyClient], Awaitable[object]]
pytestmark = pytest.mark.usefixtures("hurry")


def follow(client: CopyClient) -> Awaitable[object]:
    return client.follow(CONFIG, exchange="bazaar")


def unfollow(client: CopyClient) -> Awaitable[object]:
    return client.unfollow("7", exchange="bazaar")


def close(client: CopyClient) -> Awaitable[object]:
    return client.close(POSITION, exchange="bazaar")


def protect(client: CopyClient) -> Awaitable[object]:
    return client.protect(POSITION, exchange="bazaar", take_profit_price="9.5", stop_loss_price=None)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


@pytest.fixture
async def client(venue: ScriptedVenue, journal: Path) -> AsyncIterator[CopyClient]:
    for path in ("/follow", "/unfollow", "/close", "/protect"):
        venue.on(path, CUT)
    for path in ("/settings", "/positions"):
        venue.on(path, DOWN)
    async with client_of(venue, journal=journal) as opened:
        yield opened


async def lose(act: Act, client: CopyClient) -> None:
    """Do something whose answer is lost, and which cannot be read back."""
    with suppress(UnifiedCopyError):
        await act(client)


def lines_of(journal: Path) -> Lines:
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def rewrite(journal: Path, lines: Lines) -> None:
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def append(journal: Path, *texts: bytes) -> None:
    with journal.open("ab") as file:
        file.writelines(texts)


def widen(journal: Path) -> None:
    journal.chmod(0o644)


def killed(journal: Path, **changes: object) -> None:
    """Make the first write look as if its process had been killed at once."""
    begun = lines_of(journal)[0]
    process = {**begun["process"], "started": "before", **changes}
    rewrite(journal, [{**begun, "process": process}])


def found(reconciliation: Reconciliation) -> list[tuple[str, str | None]]:
    return [
        (each.begun.operation.value, each.outcome.value if each.outcome else None)
        for each in reconciliation.settlements
    ]


async def only(client: CopyClient) -> tuple[str | None, str, tuple[str, ...], bool]:
    """Reconcile, and return what is said about the only write that is open."""
    reconciliation = await client.reconcile()
    (settlement,) = reconciliation.settlements
    outcome = settlement.outcome.value if settlement.outcome else None
    return outcome, settlement.told, settlement.differences, reconciliation.complete


# ------------------------------------------------------------------ settled by reading


@pytest.mark.parametrize(
    ("act", "shown", "outcome", "differences"),
    [
        (unfollow, GONE, "took effect", ()),
        (unfollow, FOLLOWED, "did not take effect", ("leader_id: wanted not following, shown an active follow",)),
        (follow, GONE, "did not take effect", ("leader_id: wanted an active follow, shown not following",)),
        (
            follow,
            FOLLOWED,
            "differs",
            ("symbols: wanted BTC/USDT, shown nothing", "sizing: wanted 1 per order, shown nothing"),
        ),
        (close, ids(), "took effect", ()),
        (close, ids("1"), "did not take effect", ("position: wanted closed, shown BTC/USDT 1 is open",)),
        (protect, page({"id": "1", "tp": "9.50", "sl": ""}), "took effect", ()),
        (
            protect,
            page({"id": "1", "tp": "9.6", "sl": ""}),
            "differs",
            ("take_profit_price: wanted 9.5, shown 9.6",),
        ),
    ],
)
async def test_a_lost_answer_is_settled_by_what_the_venue_shows_later(  # noqa: PLR0913, PLR0917 (given and expected)
    client: CopyClient,
    venue: ScriptedVenue,
    journal: Path,
    act: Act,
    shown: Reply,
    outcome: str,
    differences: tuple[str, ...],
) -> None:
    await lose(act, client)
    venue.received.clear()
    for path in ("/settings", "/positions"):
        venue.on(path, shown)
    assert await only(client) == (outcome, "", differences, True)
    assert {request.method for request in venue.received} == {"GET"}
    begun, _, last = lines_of(journal)
    assert (last["id"], last["outcome"], tuple(last.get("differences", ()))) == (begun["id"], outcome, differences)
    assert (await client.reconcile()).settlements == ()


async def test_a_write_whose_process_was_killed_is_settled(
    client: CopyClient, venue: ScriptedVenue, journal: Path
) -> None:
    await lose(unfollow, client)
    killed(journal)
    venue.on("/settings", GONE)
    assert await only(client) == ("took effect", "", (), True)


async def test_what_shows_late_is_waited_for(client: CopyClient, venue: ScriptedVenue) -> None:
    await lose(unfollow, client)
    venue.on("/settings", FOLLOWED, FOLLOWED, GONE)
    assert (await only(client))[0] == "took effect"


async def test_a_write_that_is_over_is_left_alone(client: CopyClient, venue: ScriptedVenue) -> None:
    venue.on("/unfollow", NO)
    await lose(unfollow, client)
    venue.received.clear()
    assert await client.reconcile() == Reconciliation((), ())
    assert venue.received == []


async def test_what_a_later_write_has_changed_is_superseded(client: CopyClient, venue: ScriptedVenue) -> None:
    await lose(unfollow, client)
    venue.on("/unfollow", YES)
    venue.on("/settings", GONE)
    await unfollow(client)
    reconciliation = await client.reconcile()
    assert found(reconciliation) == [("unfollow", "superseded")]
    assert reconciliation.complete


async def test_of_two_open_writes_the_later_is_settled_first(client: CopyClient, venue: ScriptedVenue) -> None:
    await lose(follow, client)
    await lose(unfollow, client)
    venue.on("/settings", GONE)
    assert found(await client.reconcile()) == [("follow", "superseded"), ("unfollow", "took effect")]


async def test_a_later_write_that_had_no_effect_overtakes_nothing(client: CopyClient, venue: ScriptedVenue) -> None:
    await lose(follow, client)
    await lose(unfollow, client)
    venue.on("/unfollow", NO)
    await lose(unfollow, client)
    venue.on("/settings", FOLLOWED)
    assert found(await client.reconcile()) == [("follow", "differs"), ("unfollow", "did not take effect")]


# ------------------------------------------------------------------ what cannot be settled


async def test_what_cannot_be_read_stays_open(client: CopyClient, venue: ScriptedVenue, journal: Path) -> None:
    await lose(unfollow, client)
    before = lines_of(journal)
    outcome, told, _, complete = await only(client)
    assert (outcome, complete) == (None, False)
    assert told.startswith("reading failed: bazaar gave no usable answer, HTTP 503")
    assert lines_of(journal) == before
    venue.on("/settings", GONE)
    assert (await only(client))[0] == "took effect"


async def test_what_the_venue_shows_in_part_cannot_be_told_and_is_said_once(
    client: CopyClient, venue: ScriptedVenue
) -> None:
    await lose(protect, client)
    venue.on("/positions", page({"id": "1", "tp": "9.5"}))
    told = "what can be read is as wanted, and these cannot: stop_loss_price"
    assert await only(client) == ("cannot be told", told, (), False)
    assert await client.reconcile() == Reconciliation((), ())


class Blind(Bazaar):
    """Show no settings."""


Blind.operations = Bazaar.operations - {Operation.SETTINGS}


async def test_what_the_venue_never_shows_cannot_be_told(venue: ScriptedVenue, journal: Path) -> None:
    venue.on("/unfollow", CUT)
    async with client_of(venue, Blind(), journal=journal) as client:
        await lose(unfollow, client)
        assert await only(client) == ("cannot be told", "the venue does not show it", (), False)


async def test_a_write_that_is_under_way_is_left_to_its_process(
    client: CopyClient, venue: ScriptedVenue, journal: Path
) -> None:
    await lose(unfollow, client)
    begun, _ = lines_of(journal)
    rewrite(journal, [begun])
    venue.received.clear()
    told = f"under way: process {begun['process']['pid']} is at it"
    assert await only(client) == (None, told, (), False)
    assert (lines_of(journal), venue.received) == ([begun], [])


async def test_a_recent_write_from_elsewhere_may_be_under_way(client: CopyClient, journal: Path) -> None:
    await lose(unfollow, client)
    killed(journal, place="another machine")
    outcome, told, _, complete = await only(client)
    assert (outcome, complete) == (None, False)
    assert told.startswith("perhaps under way")


async def test_an_old_write_from_elsewhere_is_settled(client: CopyClient, venue: ScriptedVenue, journal: Path) -> None:
    await lose(unfollow, client)
    killed(journal, place="another machine")
    began = (datetime.now(UTC) - IN_FLIGHT - timedelta(seconds=1)).isoformat()
    rewrite(journal, [{**lines_of(journal)[0], "time": began}])
    venue.on("/settings", GONE)
    assert (await only(client))[0] == "took effect"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"account": "0123456789abcdef"}, "skipped: it is a write of another account"),
        ({"exchange": "nowhere"}, "skipped: no adapter for exchange 'nowhere'"),
        ({"exchange": "xt"}, "skipped: xt: no credentials were passed for it"),
        ({"options": {"colour": "red"}}, "skipped: Bazaar.__init__() got an unexpected keyword argument 'colour'"),
        ({"exchange": "xt", "options": {"colour": "red"}}, "skipped: exchange: xt has no option 'colour'"),
        ({"wanted": {"leader": "7"}}, "skipped: bazaar: wanted: these are not words of 'unfollow'"),
    ],
)
async def test_what_is_not_for_this_client_is_skipped_with_the_reason(
    client: CopyClient, venue: ScriptedVenue, journal: Path, changes: Mapping[str, object], reason: str
) -> None:
    await lose(unfollow, client)
    begun, ended = lines_of(journal)
    rewrite(journal, [{**begun, **changes}, ended])
    venue.received.clear()
    outcome, told, _, complete = await only(client)
    assert (outcome, complete) == (None, False)
    assert told.startswith(reason)
    assert venue.received == []


async def test_the_adapter_is_built_as_it_was_for_the_write(venue: ScriptedVenue, journal: Path) -> None:
    venue.on("/unfollow", CUT)
    venue.on("/settings", DOWN)
    async with client_of(venue, Choosy(shop="old"), journal=journal) as client:
        await lose(unfollow, client)
    venue.on("/settings", GONE)
    async with client_of(venue, Choosy(shop="new"), journal=journal) as client:
        assert (await only(client))[0] == "took effect"
    assert [request.target for request in venue.sent("/settings")][-1] == "/settings?leader=old7"


@attrs.frozen(kw_only=True)
class Choosy(Bazaar):
    """Read in the shop that was chosen."""

    shop: str | None = option("old", "new")

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        return super().settings(f"{self.shop}{leader_id}")


# ------------------------------------------------------------------ the file


async def test_a_line_that_a_crash_left_unfinished_spoils_no_other(
    client: CopyClient, venue: ScriptedVenue, journal: Path
) -> None:
    await lose(unfollow, client)
    append(journal, b'{"line":"begun","id":"x"}\n\xff\xfe\n', ORPHAN, b'{"line":"en')
    venue.on("/settings", GONE)
    reconciliation = await client.reconcile()
    assert found(reconciliation) == [("unfollow", "took effect")]
    assert reconciliation.unreadable == (3, 4, 6)
    again = await client.reconcile()
    assert (again.settlements, again.unreadable) == ((), (3, 4, 6))


@pytest.mark.parametrize(
    "text", [b'leader_id = "1"\n', b"\x89PNG\r\n\x1a\n", b'[{"line":"begun"}]\n', b'{"follow": []}\n']
)
async def test_a_file_that_is_no_journal_does_not_leave_nothing_open(
    client: CopyClient, tmp_path: Path, text: bytes
) -> None:
    other = tmp_path / "other"
    other.write_bytes(text)
    with pytest.raises(ConfigError, match="other is not a journal"):
        await client.reconcile(other)
    assert other.read_bytes() == text


@pytest.mark.parametrize("text", [b"", b'{"li', b'{"line":"begun","id'])
async def test_a_journal_whose_only_line_a_crash_left_unfinished_is_one(
    client: CopyClient, tmp_path: Path, text: bytes
) -> None:
    other = tmp_path / "other"
    other.write_bytes(text)
    assert (await client.reconcile(other)).settlements == ()


async def test_another_file_than_the_clients_own_can_be_named(venue: ScriptedVenue, journal: Path) -> None:
    async with client_of(venue) as client:
        with pytest.raises(ConfigError, match="keeps none; name the file"):
            await client.reconcile()
        with pytest.raises(ConfigError, match="cannot be read: No such file"):
            await client.reconcile(journal)


async def test_a_finding_that_cannot_be_written_is_an_error(
    client: CopyClient, venue: ScriptedVenue, journal: Path
) -> None:
    await lose(unfollow, client)
    widen(journal)
    venue.on("/settings", GONE)
    with pytest.raises(ConfigError, match="cannot be written: its mode 644"):
        await client.reconcile()
