"""What ``unfollow``, ``close`` and ``protect`` ask, send, report and return."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from typing import TYPE_CHECKING

import attrs
import pytest
from full_exchange.adapter import FullAdapter

from unified_copy.adapter import Operation
from unified_copy.client import CopyClient
from unified_copy.errors import TransportError
from unified_copy.results import ActionResult
from unified_copy.sandbox import Refuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Full, Ran, Run

    OnTerminal = Callable[..., Ran]

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unified_copy.writes.VERIFY_SECONDS", 0.3)
    monkeypatch.setattr("unified_copy.writes.FIRST_PAUSE", 0.05)


def ids(run: Run, full: Full) -> list[str]:
    """Return the ids of the open positions."""
    found = [each["position_id"] for each in run("positions", *full.target, "--json").json["positions"]]
    full.venue.received.clear()
    return found


# ------------------------------------------------------------------ unfollow


def test_an_unfollow_is_sent_and_read_until_it_is_gone(run: Run, full: Full) -> None:
    ran = run("unfollow", "7", *full.target, "--yes")
    assert (ran.code, ran.err) == (0, "")
    row = ran.out.splitlines()[1]
    assert row.split()[:3] == ["full", "unfollow", "7"]
    assert row.endswith("done     reads back as ended; open positions are left to you")
    assert run("settings", "7", *full.target, "--json").json["active"] is False
    assert len(ids(run, full)) == 2


def test_what_becomes_of_open_positions_can_be_said(run: Run, full: Full) -> None:
    ran = run("unfollow", "7", *full.target, "--on-stop", "close_now", "--yes", "--json")
    (result,) = ran.json["results"]
    assert (result["action"], result["leader_id"], result["outcome"], result["note"]) == ("unfollow", "7", "done", "")
    assert (result["exchange"], result["position"], result["cause"]) == ("full", None, None)
    assert ids(run, full) == []


def test_what_an_exchange_cannot_be_told_is_refused_before_anything_is_sent(run: Run, full: Full) -> None:
    ran = run("unfollow", "7", *full.target, "--on-stop", "close_with_leader", "--yes", "--json")
    assert ran.code == 2
    assert ran.json["error"]["field"] == "on_stop"
    assert not full.venue.received


def test_a_refusal_is_told(run: Run, full: Full) -> None:
    ran = run("unfollow", "8", *full.target, "--yes", "--json")
    assert ran.code == 4
    assert ran.json["error"]["class"] == "NotFollowingError"


def test_a_follow_that_stays_has_its_own_exit_code_and_a_place_to_look(run: Run, full: Full) -> None:
    full.venue.stubborn.add("7")
    ran = run("unfollow", "7", *full.target, "--yes")
    assert ran.code == 5
    assert f"  look with: unified-copy settings 7 {' '.join(full.target)}\n" in ran.err


def test_a_venue_that_takes_its_time_is_pending_with_a_note(
    run: Run, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FullAdapter, "unfollows_later", True)
    full.venue.stubborn.add("7")
    ran = run("unfollow", "7", *full.target, "--yes")
    assert ran.code == 0
    assert "pending  the venue is still working on it" in ran.out
    assert ran.err.startswith("note: full: the venue is still working on it; open positions are left to you; look with")


def test_what_cannot_be_read_back_is_accepted(run: Run, full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FullAdapter, "operations", FullAdapter.operations - {Operation.SETTINGS})
    ran = run("unfollow", "7", *full.target, "--on-stop", "leave_open", "--yes")
    assert ran.code == 0
    assert "accepted  the venue said yes, and it cannot be read back\n" in ran.out
    assert "look with: unified-copy positions --exchange full" in ran.err


@pytest.mark.parametrize(
    ("arguments", "then"),
    [
        ((), "open positions are left to the venue: open positions are left to you"),
        (("--on-stop", "leave_open"), "open positions: leave open"),
    ],
)
def test_the_question_says_what_becomes_of_open_positions(
    terminal: OnTerminal, full: Full, arguments: tuple[str, ...], then: str
) -> None:
    ran = terminal("unfollow", "7", *full.target, *arguments, typed="n\n")
    shown = ESCAPES.sub("", ran.err)
    assert (ran.code, ran.out) == (2, "")
    assert "POST /unfollow\n" in shown
    assert f"unfollow leader 7 on full ({then}), at {full.target[-1].partition('=')[2]}\nSend this? [y/N] " in shown
    assert shown.endswith("nothing was sent\n")
    assert not full.venue.received


def test_where_the_venue_is_read_first_the_request_is_not_shown(
    terminal: OnTerminal, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FullAdapter, "reads_before", frozenset({Operation.UNFOLLOW}))
    monkeypatch.setattr(FullAdapter, "after_unfollow", "")
    ran = terminal("unfollow", "7", *full.target, typed="y\n")
    assert ran.code == 0
    shown = ESCAPES.sub("", ran.err)
    assert "POST" not in shown
    assert "(open positions are left to the venue: it does not say what it does)" in shown
    assert full.sent() == ["unfollow"]


# ------------------------------------------------------------------ close


def test_a_position_is_looked_up_closed_and_read_until_it_is_gone(run: Run, full: Full) -> None:
    first, second = ids(run, full)
    ran = run("close", first, *full.target, "--leader", "7", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[1].split()[:5] == ["full", "close", first, "BTC/USDT", "done"]
    assert ids(run, full) == [second]


def test_a_position_that_is_not_there_is_not_closed(run: Run, full: Full) -> None:
    ran = run("close", "99", *full.target, "--yes", "--json")
    assert ran.code == 2
    assert ran.json["error"]["field"] == "position"
    assert full.sent() == []


def test_everything_in_some_pairs_is_closed(run: Run, full: Full) -> None:
    first, second = ids(run, full)
    ran = run("close", "--symbol", "ETH/USDT", *full.target, "--yes", "--json")
    (result,) = ran.json["results"]
    assert (result["position"]["position_id"], result["outcome"]) == (second, "done")
    assert ids(run, full) == [first]


def test_everything_is_closed_only_where_that_is_said(run: Run, full: Full) -> None:
    assert run("close", *full.target, "--yes").code == 2
    assert run("close", "--all-symbols", *full.target, "--yes").code == 0
    assert ids(run, full) == []
    ran = run("close", "--all-symbols", *full.target, "--yes")
    assert (ran.code, ran.out) == (0, "there was nothing to close\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "say what to close"),
        (("1", "--all-symbols"), "say what to close"),
        (("--symbol", "BTC/USDT", "--all-symbols"), "say what to close"),
        (("--all-symbols", "--leader", "7"), "--leader narrows the search for POSITION_ID"),
        (("--symbol", "btc/usdt"), "is not in upper case"),
    ],
)
def test_what_to_close_is_said_in_one_way(run: Run, full: Full, arguments: tuple[str, ...], told: str) -> None:
    ran = run("close", *arguments, *full.target, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert not full.venue.received


def test_one_that_cannot_be_closed_does_not_keep_the_others_open(run: Run, full: Full) -> None:
    first, second = ids(run, full)
    full.venue.stubborn.add(first)
    ran = run("close", "--all-symbols", *full.target, "--yes")
    assert ran.code == 5
    assert [line.split()[2:5] for line in ran.out.splitlines()[1:]] == [
        [first, "BTC/USDT", "failed"],
        [second, "ETH/USDT", "done"],
    ]
    assert "error: full said yes and shows something else" in ran.err
    assert "  look with: unified-copy positions --exchange full" in ran.err
    full.venue.stubborn.clear()
    full.venue.fault("close", Refuses("GONE"), leader_id=first)
    ran = run("close", "--all-symbols", *full.target, "--yes", "--json")
    assert ran.code == 4
    assert ran.json["results"][0]["cause"]["class"] == "OpenPositionsError"
    assert "look with" not in ran.err


def test_the_question_shows_what_would_be_closed(terminal: OnTerminal, run: Run, full: Full) -> None:
    first, second = ids(run, full)
    shown = ESCAPES.sub("", terminal("close", "--all-symbols", *full.target, typed="n\n", columns=200).err)
    assert first in shown
    assert second in shown
    assert "close every copied position in all symbols at market on full, also what opens meanwhile, at http" in shown
    shown = ESCAPES.sub("", terminal("close", "--symbol", "ETH/USDT", *full.target, typed="n\n", columns=200).err)
    assert first not in shown
    assert second in shown
    assert full.sent() == []
    ran = terminal("close", second, *full.target, typed="y\n", columns=200)
    assert ran.code == 0
    assert f'POST /close\n{{"position":"{second}"}}\n' in ESCAPES.sub("", ran.err)
    assert full.sent() == ["close"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("unfollow", "7"),
        ("close", "1"),
        ("close", "--all-symbols"),
        ("protect", "1", "--stop-loss-price", "none"),
    ],
)
def test_without_a_terminal_nothing_is_asked_unless_told(run: Run, full: Full, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments, *full.target)
    assert ran.code == 2
    assert "ing moves money, and there is no terminal to ask on; say --yes" in ran.err
    assert not full.venue.received


def test_where_nothing_is_open_nothing_is_asked(terminal: OnTerminal, run: Run, full: Full) -> None:
    ran = terminal("close", "--symbol", "XRP/USDT", *full.target)
    assert (ran.code, ESCAPES.sub("", ran.out), ran.err) == (0, "there was nothing to close\n", "")
    assert full.sent() == []
    assert run("close", "--symbol", "XRP/USDT", *full.target, "--yes", "--json").json == {"results": []}


def test_nothing_is_sent_without_credentials(run: Run, full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FULL_API_SECRET")
    ran = run("unfollow", "7", *full.target, "--yes", "--json")
    assert ran.code == 2
    assert ran.json["error"]["missing"] == ["FULL_API_SECRET"]
    assert not full.venue.received


# ------------------------------------------------------------------ protect


def test_a_protection_is_set_kept_and_cancelled(run: Run, full: Full) -> None:
    first, _ = ids(run, full)
    prices = ("--take-profit-price", "50000.10", "--stop-loss-price", "40000")
    ran = run("protect", first, *full.target, *prices, "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[1].split()[:5] == ["full", "protect", first, "BTC/USDT", "done"]
    assert run("protect", first, *full.target, "--stop-loss-price", "none", "--yes").code == 0
    shown = run("positions", *full.target, "--json").json["positions"][0]
    assert (shown["take_profit_price"], shown["stop_loss_price"]) == ("50000.10", None)


def test_the_question_says_what_is_kept_and_what_is_cancelled(terminal: OnTerminal, run: Run, full: Full) -> None:
    first, _ = ids(run, full)
    shown = ESCAPES.sub("", terminal("protect", first, *full.target, "--stop-loss-price", "none", typed="n\n").err)
    assert f"protect position {first} on full: take profit is kept, stop loss is cancelled" in shown
    shown = ESCAPES.sub("", terminal("protect", first, *full.target, "--stop-loss-price", "1.50", typed="n\n").err)
    assert "stop loss 1.50, at" in shown


def test_a_protection_that_is_not_shown_is_accepted_with_a_note(run: Run, full: Full) -> None:
    full.venue.hidden.append("stop_loss_price")
    first, _ = ids(run, full)
    ran = run("protect", first, *full.target, "--stop-loss-price", "40000", "--yes")
    assert ran.code == 0
    assert "accepted  not confirmed by reading back: stop_loss_price\n" in ran.out
    assert ran.err.startswith("note: full: not confirmed by reading back: stop_loss_price; look with: unified-copy pos")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "there is nothing to change"),
        (("--stop-loss-price", "-1"), "stop_loss_price"),
        (("--take-profit-price", "None"), "take_profit_price"),
    ],
)
def test_a_price_that_cannot_be_right_is_refused(run: Run, full: Full, arguments: tuple[str, ...], told: str) -> None:
    ran = run("protect", "1", *full.target, *arguments, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert not full.venue.received


# ------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interruption_says_what_may_have_been_sent(
    run: Run, full: Full, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    async def interrupt(*_: object, **__: object) -> ActionResult:
        os.kill(os.getpid(), number)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            error.add_note("cancelled after something may have been sent")
            raise
        raise AssertionError

    monkeypatch.setattr(CopyClient, "unfollow", interrupt)
    ran = run("unfollow", "7", *full.target, "--yes", "--json")
    assert ran.code == 130
    assert ran.json["error"]["message"] == "interrupted"
    assert "  cancelled after something may have been sent\n  look with: unified-copy settings 7" in ran.err


def test_a_failure_after_which_nothing_changed_sends_nobody_looking(
    run: Run, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nowhere(*_: object, **__: object) -> ActionResult:
        raise TransportError("full", "no connection")

    monkeypatch.setattr(CopyClient, "unfollow", nowhere)
    ran = run("unfollow", "7", *full.target, "--yes")
    assert ran.code == 3
    assert "look with" not in ran.err


def test_a_reader_who_has_gone_does_not_keep_the_rest_from_being_told(
    run: Run, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    full.venue.hidden.append("stop_loss_price")
    first, _ = ids(run, full)
    monkeypatch.setattr("unified_copy.cli.action_report._write", gone)
    ran = run("protect", first, *full.target, "--stop-loss-price", "40000", "--yes")
    assert ran.code == 1
    assert "note: full: not confirmed" in ran.err


def test_what_an_exchange_cannot_do_is_refused_before_anything_is_asked(
    run: Run, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FullAdapter, "operations", frozenset())
    for arguments in (
        ("unfollow", "7"),
        ("close", "1"),
        ("close", "--all-symbols"),
        ("protect", "1", "--stop-loss-price", "1"),
    ):
        ran = run(*arguments, *full.target, "--yes", "--json")
        assert ran.code == 2
        assert ran.json["error"]["class"] == "UnsupportedError"
    assert not full.venue.received


def test_an_option_of_the_adapter_goes_along(run: Run, full: Full) -> None:
    assert run("positions", *full.target, "--option", "settle=USDC").code == 0
    assert run("positions", *full.target, "--option", "settle=EUR").code == 2
    assert attrs.fields(FullAdapter).settle.default is None
