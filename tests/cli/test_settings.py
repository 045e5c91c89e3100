"""What ``settings`` shows of a follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scripted_venue import Reply, ScriptedVenue

if TYPE_CHECKING:
    from tests.cli.conftest import At, Run, Write

QUERY = "/api/v2/copy/mix-follower/query-settings"
PAIR = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "marginType": "trader", "marginCoin": "USDT",
        "leverType": "trader", "traceType": "amount", "traceValue": "330", "stopLossRatio": "10"}  # fmt: skip


def rows(out: str) -> dict[str, str]:
    """Return the cells of the table by field."""
    return {name: told.strip() for name, _, told in (line.partition("  ") for line in out.splitlines()[2:])}


def test_what_is_followed_is_shown_and_what_is_not_returned_is_marked(run: Run, file: Write, at_sandbox: At) -> None:
    path = file(
        'leader_id = "7"\nsizing = { fixed_amount = "330.50" }\n'
        'symbols = ["BTC/USDT", { symbol = "ETH/USDT", stop_loss = "0.1" }]\n'
    )
    assert run("follow", path, "--exchange", "bitget", *at_sandbox("bitget"), "--yes").code == 0
    ran = run("settings", "7", "--exchange", "bitget", *at_sandbox("bitget"))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("bitget: leader 7 is followed\n\nfield ")
    shown = rows(ran.out)
    assert "330.50" in shown["sizing"]
    assert shown["symbols"] == "BTC/USDT, ETH/USDT"
    assert shown["stop_loss"].startswith("ETH/USDT: ")
    assert shown["take_profit"] == "-"
    assert shown["follow_new_symbols"] == "not returned"


def test_settings_are_a_document_too(run: Run, at_sandbox: At) -> None:
    described = ("--leader", "7", "--multiplier", "1.50", "--symbol", "BTC/USDT", "--exchange", "xt")
    assert run("follow", *described, *at_sandbox("xt"), "--yes").code == 0
    shown = run("settings", "7", "--exchange", "xt", *at_sandbox("xt"), "--json").json
    assert (shown["exchange"], shown["leader_id"], shown["active"]) == ("xt", "7", True)
    assert shown["settings"]["sizing"] == {"multiplier": "1.50"}
    assert shown["settings"]["symbols"] == ["BTC/USDT"]
    assert shown["settings"]["stop_loss"] is None
    assert (shown["missing"], shown["unread"]) == ([], {})


@pytest.mark.parametrize("exchange", ["bitget", "xt"])
def test_not_following_is_an_answer(run: Run, at_sandbox: At, exchange: str) -> None:
    ran = run("settings", "7", "--exchange", exchange, *at_sandbox(exchange))
    assert (ran.code, ran.out) == (0, f"{exchange}: leader 7 is not followed\n")
    assert run("settings", "7", "--exchange", exchange, *at_sandbox(exchange), "--json").json["active"] is False


def test_words_that_cannot_be_read_are_shown_as_they_came(run: Run, scripted: ScriptedVenue) -> None:
    odd = {**PAIR, "marginType": "whatever"}
    scripted.on(QUERY, Reply({"code": "00000", "msg": "", "data": {"followerEnable": "NO", "detailList": [odd]}}))
    ran = run("settings", "7", "--exchange", "bitget", "--base-url", f"bitget={scripted.url}")
    assert ran.out.startswith("bitget: leader 7 is not followed\n\n")
    assert rows(ran.out)["margin_mode"].startswith("not readable: ")
    assert "whatever" in rows(ran.out)["margin_mode"]


def test_the_kind_of_a_sizing_is_shown_where_its_value_is_not(run: Run, scripted: ScriptedVenue) -> None:
    pair = {"symbol": "BTCUSDT", "maxTraceAmount": "5000", "stopLossRation": "", "stopSurplusRation": "",
            "traceType": "count"}  # fmt: skip
    told = {"enable": "YES", "tradeSettingList": [pair]}
    scripted.on("/api/v2/copy/spot-follower/query-settings", Reply({"code": "00000", "msg": "", "data": told}))
    asked = ("settings", "7", "--exchange", "bitget-spot", "--base-url", f"bitget-spot={scripted.url}")
    assert rows(run(*asked).out)["sizing"] == "not returned; BTC/USDT: some FixedQuantity"
    assert run(*asked, "--json").json["sizing_kinds"] == {"BTC/USDT": "FixedQuantity"}


def test_a_control_character_of_a_venue_is_written_out(run: Run, scripted: ScriptedVenue) -> None:
    scripted.on(QUERY, Reply({"code": "40012", "msg": "\x1b[2J\nerror: forged", "data": None}))
    ran = run("settings", "7", "--exchange", "bitget", "--base-url", f"bitget={scripted.url}")
    assert ran.code == 4
    assert "(\\x1b[2J\\nerror: forged)" in ran.err.splitlines()[0]


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("a b", "--exchange", "bitget"), "leader_id"),
        (("7", "--exchange", "nowhere"), "no adapter for exchange 'nowhere'"),
        (("7", "--exchange", "xt", "--option", "unit=fraction"), "xt has no option 'unit'"),
        (("7", "--exchange", "xt", "--base-url", "bitget=https://localhost"), "this command sends to xt only"),
        (("x", "--exchange", "xt"), "leader_id"),
    ],
)
def test_what_cannot_be_asked_is_refused(run: Run, arguments: tuple[str, ...], told: str) -> None:
    ran = run("settings", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
