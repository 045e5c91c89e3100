"""What ``follow`` sends, reports and returns."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import TYPE_CHECKING

import pytest
from scripted_venue import CUT, Reply, ScriptedVenue

from unified_copy.client import CopyClient
from unified_copy.sandbox import Calls, Refuses

if TYPE_CHECKING:
    from aiohttp import web

    from tests.cli.conftest import At, Run, Write
    from unified_copy.sandbox import Sandbox

DESCRIBED = ("--leader", "123123123", "--fixed-amount", "330", "--symbol", "BTC/USDT")
THREE = """
[[follow]]
exchange = "bitget"
leader_id = "1"
sizing = { fixed_amount = "330" }
symbols = ["BTC/USDT"]

[[follow]]
exchange = "xt"
leader_id = "2"
sizing = { multiplier = "2" }
symbols = ["ETH/USDT"]

[[follow]]
exchange = "bitget"
leader_id = "3"
sizing = { fixed_amount = "330" }
symbols = ["BTC/USDT"]
"""
FOLLOW = "/api/v2/copy/mix-follower/settings"
QUERY = "/api/v2/copy/mix-follower/query-settings"
OK = {"code": "00000", "msg": "success", "data": "success"}
PAIR = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginType": "trader", "marginCoin": "USDT",
        "leverType": "trader", "traceType": "amount", "traceValue": "331"}  # fmt: skip
SHOWN_DIFFERENT = {"code": "00000", "msg": "", "data": {"followerEnable": "YES", "detailList": [PAIR]}}


@pytest.mark.parametrize("exchange", ["bitget", "xt"])
def test_a_follow_is_sent_and_read_back(run: Run, sandbox: Sandbox, at_sandbox: At, exchange: str) -> None:
    ran = run("follow", *DESCRIBED, "--exchange", exchange, *at_sandbox(exchange), "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[1].split(maxsplit=3) == [exchange, "123123123", "applied", "reads back as asked"]
    assert sandbox.venue(exchange).received


def test_the_report_is_a_document_too(run: Run, at_sandbox: At) -> None:
    ran = run("follow", *DESCRIBED, "--exchange", "bitget", *at_sandbox("bitget"), "--yes", "--json")
    (follow,) = ran.json["follows"]
    assert (follow["outcome"], follow["unverified"], follow["cause"]) == ("applied", [], None)
    assert follow["settings"]["settings"]["sizing"] == {"fixed_amount": "330"}
    assert "error" not in ran.json


def test_what_cannot_be_confirmed_is_a_success_with_a_note(run: Run, at_sandbox: At) -> None:
    described = (*DESCRIBED, "--follow-new-symbols", "--exchange", "bitget", *at_sandbox("bitget"), "--yes")
    ran = run("follow", *described)
    assert ran.code == 0
    assert "accepted" in ran.out
    assert ran.err == (
        "note: bitget accepted the follow of leader 123123123; not confirmed by reading back: follow_new_symbols\n"
    )
    assert run("follow", *described, "--json").json["follows"][0]["unverified"] == ["follow_new_symbols"]


def test_reading_back_can_be_left_out(run: Run, sandbox: Sandbox, at_sandbox: At) -> None:
    ran = run("follow", *DESCRIBED, "--exchange", "bitget", *at_sandbox("bitget"), "--yes", "--no-verify")
    assert ran.code == 0
    assert "accepted" in ran.out
    assert [received.method for received in sandbox.venue("bitget").received] == ["POST"]


def test_a_file_of_several_follows_is_sent_in_order(run: Run, file: Write, at_sandbox: At) -> None:
    ran = run("follow", file(THREE), *at_sandbox("bitget", "xt"), "--yes", "--json")
    assert ran.code == 0
    assert [(each["leader_id"], each["outcome"]) for each in ran.json["follows"]] == [
        ("1", "applied"),
        ("2", "applied"),
        ("3", "applied"),
    ]


def test_the_first_refusal_ends_it_and_the_report_says_what_was_not_sent(
    run: Run, file: Write, sandbox: Sandbox, at_sandbox: At
) -> None:
    sandbox.fault("xt", Calls.EVERY, Refuses("FOLLOW_ERROR_001"), leader_id="2")
    path = file(THREE)
    ran = run("follow", path, *at_sandbox("bitget", "xt"), "--yes")
    assert ran.code == 4
    assert [line.split()[:3] for line in ran.out.splitlines()[1:]] == [
        ["bitget", "1", "applied"],
        ["xt", "2", "refused"],
        ["bitget", "3", "not"],
    ]
    assert ran.err.startswith("error: xt refused with FOLLOW_ERROR_001")
    document = run("follow", path, *at_sandbox("bitget", "xt"), "--yes", "--json").json
    assert [each["outcome"] for each in document["follows"]] == ["applied", "refused", "not sent"]
    assert document["error"]["code"] == "FOLLOW_ERROR_001"
    assert not [each for each in sandbox.venue("bitget").received if b'"3"' in each.body]


def test_nothing_is_sent_unless_every_follow_can_be(run: Run, file: Write, sandbox: Sandbox, at_sandbox: At) -> None:
    ran = run("follow", file(THREE + "stop_loss = 0.001\n"), *at_sandbox("bitget", "xt"), "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert "in follow[2]: leader 3 on bitget" in ran.err
    assert [*sandbox.venue("bitget").received, *sandbox.venue("xt").received] == []


@pytest.mark.parametrize("variable", ["XT_API_SECRET", "BITGET_API_PASSPHRASE"])
def test_nothing_is_sent_unless_all_credentials_are_there(
    run: Run, file: Write, scripted: ScriptedVenue, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv(variable)
    target = ("--base-url", f"bitget={scripted.url}", "--base-url", f"xt={scripted.url}")
    ran = run("follow", file(THREE), *target, "--yes", "--json")
    assert ran.code == 2
    assert ran.json["error"]["class"] == "CredentialsError"
    assert scripted.received == []


def test_the_missing_variables_are_named(run: Run) -> None:
    ran = run("follow", *DESCRIBED, "--exchange", "xt", "--yes", "--json")
    assert ran.code == 2
    assert ran.json["error"]["missing"] == ["XT_API_KEY", "XT_API_SECRET"]


def test_without_a_terminal_nothing_is_sent_unless_told(run: Run, sandbox: Sandbox, at_sandbox: At) -> None:
    ran = run("follow", *DESCRIBED, "--exchange", "bitget", *at_sandbox("bitget"))
    assert ran.code == 2
    assert "there is no terminal to ask on; say --yes" in ran.err
    assert not sandbox.venue("bitget").received


@pytest.mark.parametrize(
    ("base_urls", "told"),
    [
        (("xt=https://localhost",), "--base-url is for xt, and this command sends to bitget only"),
        (("bitgt=https://localhost",), "--base-url is for bitgt"),
        (("bitget=http://example.com",), "is not https"),
        (("bitget=https://user:word@example.com",), "is not an origin"),
        (("bitget=nowhere",), "is not an origin"),
        (("bitget=https://a.example", "bitget=https://b.example"), "bitget is given twice"),
        (("https://a.example",), "is not of the form NAME=VALUE"),
    ],
)
@pytest.mark.usefixtures("keys")
def test_an_address_that_is_not_certain_is_refused(run: Run, base_urls: tuple[str, ...], told: str) -> None:
    named = [word for base_url in base_urls for word in ("--base-url", base_url)]
    ran = run("follow", *DESCRIBED, "--exchange", "bitget", *named, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


@pytest.mark.usefixtures("keys")
def test_nothing_arrived_has_its_own_exit_code(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ran = run("follow", *DESCRIBED, "--exchange", "bitget", "--base-url", f"bitget={nobody}", "--yes")
    assert ran.code == 3
    assert "nothing arrived" in ran.out
    assert "it is safe to repeat the call" in ran.err


def test_other_settings_than_asked_for_have_their_own_exit_code(run: Run, scripted: ScriptedVenue) -> None:
    scripted.on(FOLLOW, Reply(OK))
    scripted.on(QUERY, Reply(SHOWN_DIFFERENT))
    ran = run("follow", *DESCRIBED, "--exchange", "bitget", "--base-url", f"bitget={scripted.url}", "--yes", "--json")
    assert ran.code == 5
    (difference,) = ran.json["error"]["differences"]
    assert difference["field"] == "sizing"
    assert ran.json["follows"][0]["outcome"] == "live, different"
    look = f"look with: unified-copy settings 123123123 --exchange bitget --base-url bitget={scripted.url}"
    assert f"  {look}\n" in ran.err


def test_an_unknown_outcome_has_its_own_exit_code(run: Run, scripted: ScriptedVenue) -> None:
    scripted.on(FOLLOW, CUT)
    scripted.on(QUERY, Reply(status=503))
    ran = run("follow", *DESCRIBED, "--exchange", "bitget", "--base-url", f"bitget={scripted.url}", "--yes")
    assert ran.code == 6
    assert ran.out.splitlines()[1].split()[2] == "unknown"
    assert "read the state before sending anything again" in ran.err


def test_failing_to_read_back_is_a_success_with_a_note(run: Run, scripted: ScriptedVenue) -> None:
    scripted.on(FOLLOW, Reply(OK))
    scripted.on(QUERY, Reply(status=503))
    described = (*DESCRIBED, "--exchange", "bitget", "--base-url", f"bitget={scripted.url}", "--yes")
    ran = run("follow", *described)
    assert ran.code == 0
    assert "note: bitget accepted the follow of leader 123123123; reading back failed: bitget gave no" in ran.err
    assert run("follow", *described, "--json").json["follows"][0]["cause"]["class"] == "VenueUnavailableError"


def test_too_many_requests_come_with_the_seconds_to_wait(run: Run, scripted: ScriptedVenue) -> None:
    scripted.on(FOLLOW, Reply({"code": "429", "msg": ""}, 429, {"Retry-After": "60"}))
    ran = run("follow", *DESCRIBED, "--exchange", "bitget", "--base-url", f"bitget={scripted.url}", "--yes", "--json")
    assert ran.code == 4
    assert ran.json["error"]["retry_after"] == 60
    assert ran.json["error"]["retry_safe"] is True


@pytest.mark.usefixtures("keys")
def test_what_nobody_expected_still_leads_to_a_report(run: Run, file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    async def burst(*_: object, **__: object) -> None:
        raise RuntimeError("key-0001 went wrong")

    monkeypatch.setattr(CopyClient, "follow", burst)
    ran = run("follow", file(THREE), "--yes")
    assert ran.code == 1
    assert [line.split()[2] for line in ran.out.splitlines()[1:]] == ["unknown", "not", "not"]
    assert "key-0001" not in ran.out + ran.err
    assert "look with: unified-copy settings 1 --exchange bitget\n" in ran.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interruption_leads_to_a_report(
    run: Run, file: Write, scripted: ScriptedVenue, number: signal.Signals
) -> None:
    async def interrupt(_: web.Request) -> web.StreamResponse:
        os.kill(os.getpid(), number)
        await asyncio.sleep(60)
        raise AssertionError

    scripted.on(FOLLOW, interrupt)
    target = f"bitget={scripted.url}"
    ran = run("follow", file(THREE), "--base-url", target, "--base-url", f"xt={scripted.url}", "--yes", "--json")
    assert ran.code == 130
    assert [each["outcome"] for each in ran.json["follows"]] == ["unknown", "not sent", "not sent"]
    assert ran.json["error"]["message"] == "interrupted"
    assert "  cancelled after bitget may have been told to follow leader 1" in ran.err
    assert "  look with: unified-copy settings 1 --exchange bitget" in ran.err


@pytest.mark.usefixtures("keys")
def test_an_interruption_between_follows_leaves_nothing_unknown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupt(_: CopyClient) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(CopyClient, "__aenter__", interrupt)
    ran = run("follow", *DESCRIBED, "--exchange", "bitget", "--yes")
    assert ran.code == 130
    assert ran.out.splitlines()[1].split() == ["bitget", "123123123", "not", "sent", "-"]
    assert ran.err == "error: interrupted\n"


def test_a_reader_who_has_gone_does_not_keep_the_error_from_being_told(
    run: Run, sandbox: Sandbox, at_sandbox: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    sandbox.fault("bitget", Calls.EVERY, Refuses("31034"), leader_id="123123123")
    monkeypatch.setattr("unified_copy.cli.follow.write_rows", gone)
    ran = run("follow", *DESCRIBED, "--exchange", "bitget", *at_sandbox("bitget"), "--yes")
    assert ran.code == 1
    assert "error: bitget refused with 31034" in ran.err
    assert "its reader has gone" in ran.err


def test_where_the_event_loop_knows_no_signals_a_follow_is_sent_all_the_same(
    run: Run, at_sandbox: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", unknown)
    assert run("follow", *DESCRIBED, "--exchange", "bitget", *at_sandbox("bitget"), "--yes").code == 0
