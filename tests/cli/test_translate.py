"""What ``translate`` shows, and how a follow is described in files and options."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

import attrs
import pytest

from unified_copy import (
    Adapter,
    FixedLeverage,
    LeaderLeverage,
    Pair,
    Proportional,
    SymbolRule,
    VenueSettings,
    register,
)
from unified_copy.adapter import Call, Limit
from unified_copy.cli.json_data import value_data
from unified_copy.fields import Fields, sent
from unified_copy.registry import unregister
from unified_copy.wire import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli.conftest import Run, Write
    from unified_copy import Credentials, FollowConfig, FollowSettings

LEADER = ("--leader", "123123123")
SIZED = (*LEADER, "--fixed-amount", "330")
DESCRIBED = (*SIZED, "--symbol", "BTC/USDT")
ONE = """
leader_id = "123123123"
sizing = { fixed_amount = "330" }
symbols = ["BTC/USDT"]
"""
TWO = """
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
stop_loss = 0.2
"""


def body(run: Run, *arguments: str) -> dict[str, object]:
    ran = run("translate", *arguments, "--json")
    assert ran.err == ""
    decoded: dict[str, object] = json.loads(ran.json["follows"][0]["requests"][0]["body"])
    return decoded


def test_the_same_follow_is_shown_for_every_exchange(run: Run) -> None:
    bitget = run("translate", *DESCRIBED, "--exchange", "bitget")
    xt = run("translate", *DESCRIBED, "--exchange", "xt")
    assert (bitget.code, xt.code) == (0, 0)
    assert "POST /api/v2/copy/mix-follower/settings\n{" in bitget.out
    assert '"leaderOrderId":123123123' in xt.out


def test_nothing_is_wrapped_or_cut_in_a_pipe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    digits = "0." + "123456789" * 4
    out = run("translate", *LEADER, "--multiplier", digits, "--symbol", "BTC/USDT", "--exchange", "xt").out
    (row,) = [line for line in out.splitlines() if line.startswith("sizing ")]
    assert row.count(digits) == 2
    assert f'"followVal":{digits},' in out


def test_a_follow_from_options_and_from_a_file_are_the_same(run: Run, file: Write) -> None:
    from_options = run("translate", *DESCRIBED, "--exchange", "bitget", "--json")
    from_file = run("translate", file(ONE), "--exchange", "bitget", "--json")
    assert from_options.json == from_file.json


def test_every_option_reaches_the_config(run: Run) -> None:
    ran = run(
        "translate", *SIZED, "--symbol", "BTC/USDT", "--symbol", "ETH/USDT", "--exchange", "bitget",
        "--stop-loss", "0.1", "--take-profit", "0.2", "--margin-mode", "own", "--leverage", "10:5",
        "--max-position", "100", "--on-stop", "close_with_leader", "--direction", "same", "--json",
    )  # fmt: skip
    values = {name: field["value"] for name, field in ran.json["follows"][0]["fields"].items()}
    assert values == {
        "leader_id": "123123123",
        "sizing": {"fixed_amount": "330"},
        "symbols": ["BTC/USDT", "ETH/USDT"],
        "follow_new_symbols": False,
        "stop_loss": "0.1",
        "take_profit": "0.2",
        "margin_mode": "own",
        "leverage": {"long": "10", "short": "5"},
        "max_position": "100",
        "max_total": None,
        "loss_limit": None,
        "on_stop": "close_with_leader",
        "direction": "same",
        "venue": None,
    }


@pytest.mark.parametrize(
    ("option", "value", "trace"),
    [("--fixed-amount", "1.50", "amount"), ("--fixed-quantity", "0.10", "count"), ("--multiplier", "2", "percent")],
)
def test_each_sizing_keeps_its_digits(run: Run, option: str, value: str, trace: str) -> None:
    sent = body(run, *LEADER, option, value, "--symbol", "BTC/USDT", "--exchange", "bitget")
    assert sent["settings"][0]["traceType"] == trace  # type: ignore[index]
    assert sent["settings"][0]["traceValue"] == value  # type: ignore[index]


def test_smart_copy_takes_all_symbols_a_loss_limit_and_new_symbols(run: Run) -> None:
    sent = body(
        run, *LEADER, "--proportional", "500", "--all-symbols", "--follow-new-symbols", "--loss-limit", "100",
        "--leverage", "leader", "--exchange", "bitget",
    )  # fmt: skip
    assert (sent["copyAmount"], sent["autoCopy"], sent["equity"]) == ("500", "on", "100")


def test_an_adapter_option_settles_a_unit(run: Run) -> None:
    sent = body(run, *DESCRIBED, "--stop-loss", "0.2", "--exchange", "xt", "--option", "rate_unit=percent")
    assert sent["triggerStopRate"] == 20


def test_a_unit_that_is_open_says_how_to_settle_it_here(run: Run) -> None:
    ran = run("translate", *DESCRIBED, "--stop-loss", "0.2", "--exchange", "xt", "--json")
    assert ran.code == 2
    assert ran.err.endswith("  on the command line --option rate_unit=..., in a file rate_unit under [exchanges.xt]\n")
    assert ran.json["error"]["notes"][0].startswith("on the command line --option rate_unit=")


def test_several_follows_are_shown_in_their_order(run: Run, file: Write) -> None:
    path = file(TWO + '[exchanges.xt]\nrate_unit = "fraction"\n')
    assert [each["exchange"] for each in run("translate", path, "--json").json["follows"]] == ["bitget", "xt"]
    assert "\n\nxt: v4\n\n" in run("translate", path).out


def test_of_several_follows_the_one_that_cannot_be_translated_is_named(run: Run, file: Write) -> None:
    ran = run("translate", file(TWO))
    assert (ran.code, ran.out) == (2, "")
    assert "  in follow[1]: leader 2 on xt\n" in ran.err


def test_a_json_file_is_read_too(run: Run, file: Write) -> None:
    written = {"leader_id": "1", "exchange": "xt", "sizing": {"multiplier": 2}, "symbols": ["BTC/USDT"]}
    assert body(run, file(json.dumps(written), "follow.json"))["followType"] == "RATE"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--exchange", "bitget"), "no follow is described: give a FILE, or --leader"),
        (DESCRIBED, "--exchange is needed"),
        ((*LEADER, "--symbol", "BTC/USDT", "--exchange", "xt"), "give one sizing: --fixed-amount"),
        ((*DESCRIBED, "--multiplier", "2", "--exchange", "xt"), "not --fixed-amount and --multiplier"),
        ((*SIZED, "--exchange", "xt"), "--symbol for each pair, or --all-symbols"),
        ((*DESCRIBED, "--all-symbols", "--exchange", "xt"), "and not both"),
    ],
)
def test_a_follow_that_is_not_described_in_full_is_refused(run: Run, arguments: tuple[str, ...], told: str) -> None:
    ran = run("translate", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("--fixed-amount", "0"), "sizing"),
        (("--fixed-amount", "-1"), "sizing"),
        (("--fixed-amount", "1e3"), "sizing"),
        (("--fixed-amount", "NaN"), "sizing"),
        (("--fixed-amount", ""), "sizing"),
        (("--multiplier", "1", "--symbol", "btc/usdt"), "symbols[1]"),
        (("--multiplier", "1", "--symbol", "BTC/USDT"), "symbols[1]"),
        (("--multiplier", "1", "--leverage", "0:5"), "leverage"),
        (("--multiplier", "1", "--take-profit", "11"), "take_profit"),
        (("--multiplier", "1", "--loss-limit", "x"), "loss_limit"),
        (("--multiplier", "1", "--leader", "a b"), "leader_id"),
        (("--multiplier", "1", "--leader", ""), "leader_id"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_by_its_field(run: Run, arguments: tuple[str, ...], field: str) -> None:
    ran = run("translate", *LEADER, "--symbol", "BTC/USDT", "--exchange", "xt", *arguments, "--json")
    assert ran.code == 2
    assert ran.json["error"]["field"] == field


def test_a_file_and_options_together_are_refused(run: Run, file: Write) -> None:
    ran = run("translate", file(ONE), "--exchange", "xt", "--leader", "1", "--stop-loss", "0.1")
    assert ran.code == 2
    assert "follow.toml and --leader, --stop-loss are given; a follow comes from a file or from options" in ran.err


def test_an_exchange_that_differs_from_the_file_is_refused(run: Run, file: Write) -> None:
    path = file('exchange = "bitget"\n' + ONE)
    assert run("translate", path, "--exchange", "bitget").code == 0
    ran = run("translate", path, "--exchange", "xt")
    assert ran.code == 2
    assert "the file names bitget and --exchange says xt" in ran.err
    assert run("translate", file(TWO), "--exchange", "bitget").code == 2


def test_an_adapter_option_that_differs_from_the_file_is_refused(run: Run, file: Write) -> None:
    path = file(ONE + 'stop_loss = 0.1\n[exchanges.xt]\nrate_unit = "percent"\n')
    assert body(run, path, "--exchange", "xt")["triggerStopRate"] == 10
    assert body(run, path, "--exchange", "xt", "--option", "rate_unit=percent")["triggerStopRate"] == 10
    ran = run("translate", path, "--exchange", "xt", "--option", "rate_unit=fraction")
    assert ran.code == 2
    assert "the file says rate_unit is percent and --option says fraction" in ran.err


def test_an_adapter_option_for_several_exchanges_is_refused(run: Run, file: Write) -> None:
    ran = run("translate", file(TWO), "--option", "rate_unit=percent")
    assert ran.code == 2
    assert "--option is for one exchange" in ran.err


def test_the_settings_of_a_product_are_read_for_the_exchange_on_the_command_line(run: Run, file: Write) -> None:
    follow = file(f'{ONE}\nvenue = {{ transfer_from = "SPOT" }}\n')
    ran = run("translate", follow, "--exchange", "xt-futures")
    assert (ran.code, ran.err) == (0, "")
    assert "transferFromBizType=SPOT" in ran.out
    ran = run("translate", follow, "--exchange", "bitget")
    assert ran.code == 2
    assert "venue: " in ran.err


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("[exchanges.xtt]\nrate_unit = 'percent'", "no adapter for exchange 'xtt'"),
        ("[exchanges.xt]\nrate = 'percent'", "xt has no option 'rate'"),
        ("[exchanges.xt]\nrate_unit = 'bips'", "option rate_unit takes 'fraction' or 'percent'"),
    ],
)
def test_a_misspelt_section_is_refused_even_where_it_is_not_used(
    run: Run, file: Write, section: str, told: str
) -> None:
    ran = run("translate", file(f"{ONE}\n{section}"), "--exchange", "bitget")
    assert ran.code == 2
    assert told in ran.err


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("leader_id = ", "follow.toml", "follow.toml is not well-formed"),
        ("{}", "follow.yaml", "neither a .toml nor a .json file"),
        ("[]", "follow.json", "holds no table"),
        ("leader = 1", "follow.toml", "leader: is not a key of a follow; did you mean leader_id?"),
        ("follow = []", "follow.toml", "write each follow as a [[follow]] table"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_name(run: Run, file: Write, text: str, name: str, told: str) -> None:
    ran = run("translate", file(text, name), "--exchange", "bitget")
    assert ran.code == 2
    assert told in ran.err


def test_a_file_that_is_not_there_is_told(run: Run) -> None:
    ran = run("translate", "absent.toml", "--exchange", "bitget")
    assert ran.code == 2
    assert "absent.toml cannot be read" in ran.err


def test_a_request_without_a_body_is_its_address(run: Run) -> None:
    @attrs.frozen(kw_only=True)
    class Terse(Adapter):
        adapter_api: ClassVar[int] = 1
        name: ClassVar[str] = "terse"
        hosts: ClassVar[tuple[str, ...]] = ("https://terse.example",)
        forms: ClassVar[Mapping[str, Fields]] = {
            "only": {"leader_id": sent("id"), "sizing": sent("times"), "symbols": sent("pairs")}
        }

        def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (always the same)
            request = Request("PUT", "/follow", "id=1&times=2&pairs=all")
            return (Call(request, lambda _: None, Limit(1, 1.0, "uid", "follow"), writes=True),)

        def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
            raise NotImplementedError

    register(Terse)
    try:
        ran = run("translate", *LEADER, "--multiplier", "2", "--all-symbols", "--exchange", "terse")
    finally:
        unregister("terse")
    assert ran.out.endswith("\n\nPUT /follow?id=1&times=2&pairs=all\n")


def test_values_are_written_as_a_file_would_write_them() -> None:
    class Account(VenueSettings):
        def __str__(self) -> str:
            return "spot"

    rule = SymbolRule("BTC/USDT", stop_loss="0.10")
    assert value_data((rule, SymbolRule(Pair("ETH", "USDT")))) == [
        {"symbol": "BTC/USDT", "stop_loss": "0.10"},
        "ETH/USDT",
    ]
    assert value_data(Decimal("1E+3")) == "1000"
    assert value_data(LeaderLeverage()) == "leader"
    assert value_data(FixedLeverage(long=10, short="5.0")) == {"long": "10", "short": "5.0"}
    assert value_data(Proportional(50)) == {"proportional": "50"}
    assert value_data(Account()) == "spot"
