"""What ``leaders``, ``positions``, ``history``, ``symbols``, ``leader`` and ``doctor`` show."""

from __future__ import annotations

import asyncio
import json
import re
import weakref
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
from full_exchange.adapter import WITHDRAWALS

from unified_copy import load_adapter
from unified_copy.client import CopyClient
from unified_copy.errors import VenueUnavailableError
from unified_copy.pairs import Pair
from unified_copy.results import CopiedPosition, Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Full, Ran, Run

    OnTerminal = Callable[..., Ran]

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
OPENED = "2023-11-14T22:13:20+00:00"


def columns(out: str) -> list[dict[str, str]]:
    """Return the rows of a plain table by the names of its columns."""
    header, *lines = out.splitlines()
    names = re.split(r" {2,}", header)
    return [dict(zip(names, re.split(r" {2,}", line), strict=True)) for line in lines]


# ------------------------------------------------------------------ lists


def test_the_leaders_being_followed_are_listed(run: Run, full: Full) -> None:
    ran = run("leaders", *full.target)
    assert (ran.code, ran.err) == (0, "")
    (row,) = columns(ran.out)
    assert (row["leader"], row["since"], row["symbols"]) == ("7", OPENED, "BTC/USDT, ETH/USDT")
    assert (row["invested"], row["profit"]) == ("-", "-")


def test_open_positions_are_listed_with_every_digit(run: Run, full: Full) -> None:
    ran = run("positions", *full.target)
    assert (ran.code, ran.err) == (0, "")
    first, second = columns(ran.out)
    assert (first["symbol"], first["side"], first["quantity"], first["entry"]) == (
        "BTC/USDT",
        "long",
        "0.010",
        "43210.50",
    )
    assert int(second["position"]) > 2**53
    assert second["opened"] == OPENED
    assert second["margin"] == "-"


def test_a_list_is_a_document_too_with_exact_text_and_without_the_venue_s_row(run: Run, full: Full) -> None:
    document = run("positions", *full.target, "--json").json
    assert document["exchange"] == "full"
    first, _ = document["positions"]
    assert (first["quantity"], first["opened"], first["margin"]) == ("0.010", OPENED, None)
    assert (first["symbol"], first["side"], first["missing"]) == ("BTC/USDT", "long", [])
    assert not {"raw", "handle"} & set(first)


def test_what_the_venue_does_not_show_is_marked_and_not_called_unset(run: Run, full: Full) -> None:
    full.venue.hidden.append("stop_loss_price")
    first, _ = columns(run("positions", *full.target).out)
    assert (first["stop loss"], first["take profit"]) == ("not returned", "-")
    assert run("positions", *full.target, "--json").json["positions"][0]["missing"] == ["stop_loss_price"]


@pytest.mark.parametrize("command", ["positions", "history"])
def test_the_rows_of_one_leader_can_be_asked_for(run: Run, full: Full, command: str) -> None:
    assert len(run(command, *full.target, "--leader", "7", "--json").json[command]) > 0
    assert run(command, *full.target, "--leader", "8", "--json").json[command] == []


def test_closed_copies_come_from_every_page(run: Run, full: Full) -> None:
    rows = columns(run("history", *full.target).out)
    assert len({row["position"] for row in rows}) == 50
    assert rows[0]["return"] == "0.025 (2.5 %)"
    assert [received.operation for received in full.venue.received] == ["history"] * 5


def test_no_page_is_read_beyond_the_limit(run: Run, full: Full) -> None:
    assert len(run("history", *full.target, "--limit", "10", "--json").json["history"]) == 10
    assert len(full.venue.received) == 1
    assert len(columns(run("history", *full.target, "--limit", "11").out)) == 11


def test_a_limit_below_one_is_refused(run: Run, full: Full) -> None:
    assert run("history", *full.target, "--limit", "0").code == 2


def test_the_pairs_that_can_be_copied_are_listed_without_a_key(
    run: Run, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FULL_API_KEY")
    monkeypatch.delenv("FULL_API_SECRET")
    rows = columns(run("symbols", *full.target).out)
    assert [(row["symbol"], row["min amount"]) for row in rows] == [
        ("BTC/USDT", "5"),
        ("ETH/USDT", "-"),
        ("月亮/USDT", "-"),
    ]
    assert len(run("symbols", *full.target, "--leader", "7", "--json").json["symbols"]) == 1


def test_what_is_public_about_a_leader_is_shown(run: Run, full: Full) -> None:
    ran = run("leader", "7", *full.target)
    assert ran.out.startswith("full: leader 7\n\nfield ")
    shown = {row["field"]: row["shown"] for row in columns(ran.out.partition("\n\n")[2])}
    assert (shown["name"], shown["followers"], shown["profit share"]) == ("Ÿ [bold]", "12", "0.10 (10 %)")
    assert shown["equity"] == "-"
    document = run("leader", "7", *full.target, "--json").json
    assert (document["profit_share"], document["equity"], document["symbols"][2]) == ("0.10", None, "月亮/USDT")


@pytest.mark.parametrize("command", ["leaders", "positions", "history"])
def test_nothing_to_list_is_told_as_such(
    run: Run, terminal: OnTerminal, full: Full, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    other = full.venue.open_account().credentials
    monkeypatch.setenv("FULL_API_KEY", other.key)
    monkeypatch.setenv("FULL_API_SECRET", other.secret)
    assert len(run(command, *full.target).out.splitlines()) == 1
    assert run(command, *full.target, "--json").json == {"exchange": "full", command: []}
    assert ESCAPES.sub("", terminal(command, *full.target).out) == "nothing is listed\n"


# ------------------------------------------------------------------ long lists


def position(number: int) -> CopiedPosition:
    return CopiedPosition(exchange="full", position_id=str(10**number), symbol=Pair("BTC", "USDT"), side=Side.UNKNOWN)


@pytest.fixture
def failing(full: Full, monkeypatch: pytest.MonkeyPatch) -> Full:
    """Make the list of positions fail after two rows."""

    async def two(*_: object, **__: object) -> AsyncIterator[CopiedPosition]:
        yield position(1)
        yield position(9)
        raise VenueUnavailableError("full", "BUSY", "busy, try again")

    monkeypatch.setattr(CopyClient, "positions", two)
    return full


def test_what_was_listed_before_a_page_failed_stays(run: Run, terminal: OnTerminal, failing: Full) -> None:
    ran = run("positions", *failing.target)
    assert ran.code == 4
    assert [row["position"] for row in columns(ran.out)] == ["10", "1000000000"]
    assert ran.err.startswith("error: full gave no usable answer, BUSY")
    on_terminal = terminal("positions", *failing.target)
    assert on_terminal.code == 4
    assert "1000000000" in on_terminal.out
    assert "gave no usable answer" in on_terminal.err


def test_a_document_stays_one_where_a_page_failed(run: Run, failing: Full) -> None:
    ran = run("positions", *failing.target, "--json")
    assert ran.code == 4
    assert [row["position_id"] for row in ran.json["positions"]] == ["10", "1000000000"]
    assert (ran.json["error"]["class"], ran.json["error"]["code"]) == ("VenueUnavailableError", "BUSY")
    assert ran.err.startswith("error: full gave no usable answer, BUSY")


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_a_list_that_fails_at_once_is_an_error_and_nothing_else(
    run: Run, terminal: OnTerminal, full: Full, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("FULL_API_SECRET", "another-secret")
    ran = run("positions", *full.target, *arguments)
    assert ran.code == 4
    assert ran.err.startswith("error: full refused with BAD_KEY")
    assert (ran.json["error"]["code"] if arguments else ran.out) in {"BAD_KEY", ""}
    assert terminal("positions", *full.target, *arguments).code == 4


def test_rows_appear_as_they_arrive(full: Full, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    written: list[str] = []
    seen: list[int] = []

    async def three(*_: object, **__: object) -> AsyncIterator[CopiedPosition]:
        for number in (1, 12, 2):
            yield position(number)
            if number > 2:
                await asyncio.sleep(0.01)
            seen.append(len(written))

    monkeypatch.setattr(CopyClient, "positions", three)
    monkeypatch.setattr("unified_copy.cli.output.Output.line", lambda _, text="", __="": written.append(text))
    assert run("positions", *full.target).code == 0
    assert seen == [0, 3, 3]
    assert len({line.index("BTC/USDT") for line in written[1:]} | {written[0].index("symbol")}) == 1


def test_memory_does_not_grow_with_a_list(full: Full, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    alive: set[int] = set()
    most = 0

    async def many(*_: object, **__: object) -> AsyncIterator[CopiedPosition]:
        nonlocal most
        for number in range(2_000):
            row = position(number % 9)
            alive.add(id(row))
            weakref.finalize(row, alive.discard, id(row))
            most = max(most, len(alive))
            yield row
            del row

    monkeypatch.setattr(CopyClient, "positions", many)
    assert len(run("positions", *full.target).out.splitlines()) == 2_001
    assert len(run("positions", *full.target, "--json").json["positions"]) == 2_000
    assert most < 200


def test_a_reader_who_has_gone_ends_a_document(full: Full, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("unified_copy.cli.lists.result_data", gone)
    ran = run("positions", *full.target, "--json")
    assert ran.code == 1
    assert ran.err.endswith("its reader has gone\n")


def test_a_terminal_gets_tables_without_empty_columns(terminal: OnTerminal, full: Full) -> None:
    out = ESCAPES.sub("", terminal("history", *full.target, columns=200).out)
    assert "leverage" not in out
    assert out.count("position") == 1
    assert out.count("0.025 (2.5 %)") == 50


@pytest.mark.parametrize(("columns", "tables"), [(120, 1), (40, 2)])
def test_an_id_can_be_copied_from_a_terminal_of_any_width(
    terminal: OnTerminal, run: Run, full: Full, columns: int, tables: int
) -> None:
    shown = run("positions", *full.target, "--json").json["positions"]
    out = ESCAPES.sub("", terminal("positions", *full.target, columns=columns).out)
    assert [each["position_id"] for each in shown if each["position_id"] not in out] == []
    assert out.count("entry") == tables
    assert "43210.50" in out
    assert "margin" not in out


def test_a_long_list_is_several_tables_on_a_terminal(
    terminal: OnTerminal, full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unified_copy.cli.lists._BLOCK", 25)
    out = ESCAPES.sub("", terminal("history", *full.target, columns=200).out)
    assert out.count("position") == 2
    assert "nothing is listed" not in out


# ------------------------------------------------------------------ doctor


def test_a_warning_is_told_and_is_no_failure(run: Run, full: Full) -> None:
    ran = run("doctor", *full.target)
    assert (ran.code, ran.err) == (0, "")
    assert [row["level"] for row in columns(ran.out)] == ["fine", "warning"]
    assert "the key may withdraw" in ran.out


def test_a_problem_has_an_exit_code_of_its_own(run: Run, full: Full) -> None:
    full.venue.rights.clear()
    assert run("doctor", *full.target).code == 7
    ran = run("doctor", *full.target, "--json")
    assert ran.code == 7
    assert ran.json["findings"][-1] == {
        "topic": "permissions",
        "level": "problem",
        "told": "the key may not copy",
        "advice": "give it the right to copy",
    }


def test_the_doctor_never_shows_a_secret(run: Run, full: Full, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = next(iter(full.venue.accounts.values())).credentials.secret
    monkeypatch.setattr("full_exchange.adapter.WITHDRAWALS", f"{WITHDRAWALS} {secret}")
    ran = run("doctor", *full.target, "--json")
    assert f"{WITHDRAWALS} ***" in ran.out
    assert secret not in json.dumps([ran.out, ran.err])
    monkeypatch.setenv("FULL_API_SECRET", "another-secret")
    ran = run("doctor", *full.target)
    assert ran.code == 4
    assert ran.err.startswith("error: full refused with BAD_KEY: the key or the signature is wrong\n")


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("command", ["doctor", "leaders", "positions", "history", "symbols"])
def test_what_an_exchange_cannot_do_is_refused_before_anything_is_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(load_adapter("xt"), "operations", frozenset())
    ran = run(command, "--exchange", "xt", "--base-url", "xt=https://localhost", "--json")
    assert ran.code == 2
    assert (ran.json["error"]["class"], ran.json["error"]["exchange"]) == ("UnsupportedError", "xt")
