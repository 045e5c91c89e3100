"""What ``demo`` shows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import ClassVar

import attrs
import pytest
from full_exchange.adapter import FullAdapter
from full_exchange.venue import FullVenue

from tests.cli.conftest import Ran, Run
from unified_copy import Operation, exchanges, load_adapter, register
from unified_copy.cli import demo_steps
from unified_copy.registry import unregister

STEPS = ["follow", "leaders", "positions", "protect", "close", "history", "unfollow", "refuse"]


@attrs.frozen(kw_only=True)
class Homeless(FullAdapter):
    """An exchange whose author brings no local venue."""

    name: ClassVar[str] = "homeless"
    venue: ClassVar[str] = ""


@pytest.fixture
def plug_in() -> Iterator[type[FullAdapter]]:
    """Install an exchange that the library has never heard of."""
    register(FullAdapter)
    yield FullAdapter
    unregister("full")


def outcomes(ran: Ran) -> dict[str, str]:
    """Return the outcome of every step of the only exchange shown."""
    (shown,) = ran.json["exchanges"]
    return {step["step"]: step["outcome"] for step in shown["steps"]}


def test_every_exchange_with_a_local_venue_is_shown_from_start_to_end(run: Run) -> None:
    ran = run("demo", "--json")
    assert (ran.code, ran.err) == (0, "")
    shown = {each["exchange"]: each for each in ran.json["exchanges"]}
    assert list(shown) == [name for name in exchanges() if load_adapter(name).venue]
    for name, each in shown.items():
        able = {operation.value for operation in load_adapter(name).operations}
        assert [step["step"] for step in each["steps"]] == [step for step in STEPS if step in {*able, "refuse"}]
        follow, *_, unfollow, refuse = each["steps"]
        assert follow["outcome"] in {"applied", "accepted"}
        assert unfollow["outcome"] == "done"
        assert (refuse["outcome"], refuse["data"]["class"]) == ("refused", "UnsupportedError")
        assert each["requests_received"] > len(each["translation"]["requests"])


def test_one_exchange_fits_on_one_screen(run: Run) -> None:
    ran = run("demo", "--exchange", "okx")
    assert (ran.code, ran.err) == (0, "")
    for told in (
        'sizing = { fixed_amount = "330" }\n',
        "\nokx: copy settings\n",
        'besides: max_total = "3000"\n',
        "POST /api/v5/copytrading/first-copy-settings\n",
        "follow     applied   reads back as asked\n",
        "close      done      ETH/USDT; reads back as closed\n",
        "refuse     refused   with symbols = all: follow_new_symbols: with ALL_SYMBOLS OKX copies",
        "All of them stayed on this machine.\n",
    ):
        assert told in ran.out
    assert len(ran.out.splitlines()) <= 24


def test_a_terminal_shows_how_far_each_exchange_is(terminal: Callable[..., Ran]) -> None:
    ran = terminal("demo", "--exchange", "okx", "--exchange", "bitget-spot")
    assert ran.code == 0
    assert "okx: done, bitget-spot: done" in ran.err


def test_an_exchange_from_outside_is_shown_like_any_other(run: Run, plug_in: type[FullAdapter]) -> None:
    ran = run("demo", "--exchange", plug_in.name, "--json")
    assert ran.code == 0
    assert list(outcomes(ran)) == STEPS


def test_a_venue_brings_the_config_and_the_options_that_it_takes(
    run: Run, plug_in: type[FullAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = 'leader_id = "8"\nsizing = { fixed_amount = 12.50 }\nsymbols = ["月亮/USDT"]\n'
    monkeypatch.setattr(FullVenue, "example", f'{own}[exchanges.full]\nsettle = "USDC"\n')
    ran = run("demo", "--exchange", plug_in.name)
    assert ran.code == 0
    assert '{"leader":"8","amount":"12.50","symbols":"月亮/USDT"}\n' in ran.out
    monkeypatch.setattr(FullVenue, "example", f'{own}[exchanges.full]\nsettle = "BTC"\n')
    ran = run("demo", "--exchange", plug_in.name)
    assert ran.code == 2
    assert "option settle takes 'USDT' or 'USDC', not 'BTC'" in ran.err


def test_an_example_that_cannot_be_read_is_told_and_the_others_are_shown(
    run: Run, plug_in: type[FullAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FullVenue, "example", "leader_id: 8")
    ran = run("demo", "--exchange", plug_in.name, "--exchange", "okx")
    assert ran.code == 2
    assert "full: not translated\n" in ran.out
    assert "the example of its venue is not TOML" in ran.out
    assert "follow     applied   reads back as asked\n" in ran.out
    assert "in the demonstration of full\n" in ran.err
    broken, shown = run("demo", "--exchange", plug_in.name, "--exchange", "okx", "--json").json["exchanges"]
    assert (broken["translation"], broken["steps"], broken["error"]["class"]) == (None, [], "AdapterError")
    assert "error" not in shown


def test_a_step_that_fails_ends_the_life_and_is_told(
    run: Run, plug_in: type[FullAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FullVenue, "close", lambda self, *_: self.refusal("GONE"))
    ran = run("demo", "--exchange", plug_in.name)
    assert ran.code == 4
    assert "protect    done" in ran.out
    assert "\nclose      failed    full refused with GONE: there is no such position" in ran.out
    assert "unfollow" not in ran.out


def test_without_an_open_position_nothing_is_protected_or_closed(
    run: Run, plug_in: type[FullAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FullVenue, "_open", lambda *_: None)
    told = outcomes(run("demo", "--exchange", plug_in.name, "--json"))
    assert (told["positions"], told["protect"], told["close"]) == ("0 listed", "not shown", "not shown")
    assert told["unfollow"] == "done"


def test_only_what_an_exchange_can_do_is_shown(
    run: Run, plug_in: type[FullAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FullAdapter, "operations", frozenset({Operation.FOLLOW, Operation.UNFOLLOW}))
    assert list(outcomes(run("demo", "--exchange", plug_in.name, "--json"))) == ["follow", "unfollow", "refuse"]


def test_what_an_exchange_takes_is_not_shown_as_refused(
    run: Run, plug_in: type[FullAdapter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_steps, "_WISHES", {"symbols": ["BTC/USDT"]})
    assert "refuse" not in outcomes(run("demo", "--exchange", plug_in.name, "--json"))


def test_an_exchange_without_a_local_venue_cannot_be_shown(run: Run) -> None:
    register(Homeless)
    try:
        ran = run("demo", "--exchange", "homeless")
    finally:
        unregister("homeless")
    assert ran.code == 2
    assert "homeless: exchange: has no local venue to serve" in ran.err


def test_the_environment_changes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = run("demo", "--exchange", "xt").out
    monkeypatch.setenv("XT_RATE_UNIT", "percent")
    monkeypatch.setenv("XT_GENERATION", "v1")
    monkeypatch.setenv("XT_API_KEY", "somebody's")
    assert run("demo", "--exchange", "xt").out == plain


def test_a_process_shows_it_without_any_credentials() -> None:
    code = "import sys; from unified_copy.cli import main; sys.exit(main(['demo', '--exchange', 'bitget-spot']))"
    ran = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=30, check=False, env={}
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\x1b" not in ran.stdout
