"""Every cell of the translation table for XT futures: a translation, or a refusal that names the field."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unified_copy import (
    ALL_SYMBOLS,
    Adapter,
    Direction,
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    FollowConfig,
    LeaderLeverage,
    MarginMode,
    Multiplier,
    OnStop,
    PositionLeverage,
    Proportional,
    SymbolRule,
    load_adapter,
    translate,
)
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.files import structure_config
from unified_copy.settings import differences, unverified
from unified_copy.translation import Fate
from unified_copy.wire import Response, encode
from unified_copy_xt.futures import XtFuturesSettings

Make = Callable[..., FollowConfig]
With = Callable[..., Adapter]
Run = Callable[..., tuple[Any, Any]]
Refusal = Callable[[Callable[[], object]], ConfigError]

WALLET = XtFuturesSettings(transfer_from="FUTURES_U")


@pytest.fixture
def make(make_config: Make) -> Make:
    """Return a function that builds a config with the wallet that XT asks for."""
    return lambda **fields: make_config(**{"venue": WALLET, **fields})


def _chosen() -> Adapter:
    cls: Any = load_adapter("xt-futures")
    adapter: Adapter = cls(rate_unit="fraction", loss_unit="quote")
    return adapter


def _form(config: FollowConfig, adapter: Adapter | None = None) -> dict[str, str]:
    (request,) = translate(config, exchange=adapter or _chosen()).requests
    assert (request.method, request.query) == ("POST", "")
    assert request.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    return {name: value for name, (value,) in parse_qs(request.body.decode(), strict_parsing=True).items()}


# ------------------------------------------------------------------ sent


def test_leader_sizing_symbols_and_wallet_are_enough(make: Make) -> None:
    assert _form(make(), load_adapter("xt-futures")()) == {
        "autoFollowSymbol": "false",
        "followDirection": "FORWARD",
        "followLossOperate": "LEADER_CLOSE",
        "followType": "FUND",
        "followVal": "330",
        "leaderAccountId": "123123123",
        "symbols": "btc_usdt",
        "transferFromBizType": "FUTURES_U",
    }


def test_the_form_is_sorted_by_name(make: Make) -> None:
    config = make(stop_loss="0.1", take_profit="0.2", loss_limit=5)
    names = [
        part.partition("=")[0] for part in translate(config, exchange=_chosen()).requests[0].body.decode().split("&")
    ]
    assert names == sorted(names)
    assert len(names) == 11


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"sizing": Multiplier("1.50")}, {"followType": "RATE", "followVal": "1.50"}),
        ({"sizing": FixedAmount("0.0000001")}, {"followVal": "0.0000001"}),
        ({"symbols": ["BTC/USDT", "ETH/USDT:USDT"]}, {"symbols": "btc_usdt,eth_usdt"}),
        ({"symbols": ["龙虾/USDT"]}, {"symbols": "龙虾_usdt"}),
        ({"sizing": Multiplier(1), "symbols": ["BTC/USDC"]}, {"symbols": "btc_usdc"}),
        ({"follow_new_symbols": True}, {"autoFollowSymbol": "true"}),
        ({"stop_loss": "0.1"}, {"triggerStopRate": "0.1"}),
        ({"take_profit": "0.25"}, {"triggerProfitRate": "0.25"}),
        ({"loss_limit": "200.5"}, {"followLoss": "200.5", "followLossOperate": "LEADER_CLOSE"}),
        ({"loss_limit": 5, "on_stop": OnStop.CLOSE_NOW}, {"followLossOperate": "MARKET_SELL"}),
        ({"loss_limit": 5, "on_stop": OnStop.LEAVE_OPEN}, {"followLossOperate": "MANUAL_PROCESS"}),
        ({"direction": Direction.REVERSE}, {"followDirection": "REVERSE"}),
        ({"venue": XtFuturesSettings(transfer_from="SPOT")}, {"transferFromBizType": "SPOT"}),
        ({"leader_id": str(2**63 - 1)}, {"leaderAccountId": "9223372036854775807"}),
    ],
    ids=str,
)
def test_a_field_is_sent_as_xt_spells_it(make: Make, fields: dict[str, Any], sent: dict[str, str]) -> None:
    assert sent.items() <= _form(make(**fields)).items()


def test_percent_moves_the_point(make: Make, adapter_with: With) -> None:
    adapter = adapter_with("xt-futures", rate_unit="percent")
    assert _form(make(stop_loss="0.105"), adapter)["triggerStopRate"] == "10.5"


@pytest.mark.parametrize("leverage", [None, PositionLeverage()])
def test_the_account_s_own_leverage_is_what_xt_does_anyway(make: Make, leverage: object) -> None:
    assert translate(make(leverage=leverage), exchange=_chosen()).fields["leverage"].fate is Fate.IMPLIED


def test_the_margin_mode_is_left_to_xt(make: Make) -> None:
    assert translate(make(), exchange=_chosen()).fields["margin_mode"].fate is Fate.LEFT_TO_VENUE


# ------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"venue": None}, "venue", "XtFuturesSettings(transfer_from="),
        ({"leader_id": "007"}, "leader_id", "no account id"),
        ({"leader_id": "abc"}, "leader_id", "no account id"),
        ({"leader_id": str(2**63)}, "leader_id", "no account id"),
        ({"sizing": FixedQuantity(1)}, "sizing", "FixedAmount or Multiplier"),
        ({"sizing": Proportional(50)}, "sizing", "FixedAmount or Multiplier"),
        ({"symbols": ["BTC/USDC"]}, "sizing", "USDT"),
        ({"symbols": ALL_SYMBOLS}, "symbols", "by name"),
        ({"symbols": ["BTC/USDT:BTC"]}, "symbols[0]", "settles in BTC"),
        ({"symbols": ["BTC/USDT", "BTC/USDT:USDT"]}, "symbols[1]", "both btc_usdt"),
        ({"symbols": ["\u1e9e/USDT"]}, "symbols[0]", "another pair in lower case"),
        ({"symbols": ["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.1")]}, "symbols[1].stop_loss", "differs"),
        ({"margin_mode": MarginMode.CROSS}, "margin_mode", "leave it out"),
        ({"margin_mode": MarginMode.LEADER}, "margin_mode", "leave it out"),
        ({"leverage": LeaderLeverage()}, "leverage", "own leverage"),
        ({"leverage": FixedLeverage(long=3, short=3)}, "leverage", "own leverage"),
        ({"max_position": 5}, "max_position", "no cap"),
        ({"max_total": 5}, "max_total", "no cap"),
        ({"on_stop": OnStop.CLOSE_NOW}, "on_stop", "loss_limit"),
        ({"sizing": Multiplier(1), "symbols": ["A/USDT", "A/USDC"], "loss_limit": 5}, "loss_limit", "USDC and USDT"),
    ],
    ids=str,
)
def test_what_xt_cannot_express_is_refused_by_name(
    make: Make, refusal_of: Refusal, fields: dict[str, Any], field: str, says: str
) -> None:
    error = refusal_of(lambda: translate(make(**fields), exchange=_chosen()))
    assert (error.field, error.exchange) == (field, "xt-futures")
    assert says in error.reason


@pytest.mark.parametrize(
    ("field", "variable"),
    [
        ("stop_loss", "XT_FUTURES_RATE_UNIT"),
        ("take_profit", "XT_FUTURES_RATE_UNIT"),
        ("loss_limit", "XT_FUTURES_LOSS_UNIT"),
    ],
)
def test_a_unit_must_be_chosen(make: Make, refusal_of: Refusal, field: str, variable: str) -> None:
    error = refusal_of(lambda: translate(make(**{field: "0.1"}), exchange="xt-futures"))
    assert isinstance(error, UnsupportedError)
    assert error.field == field
    assert variable in error.reason


@pytest.mark.parametrize("wallet", ["spot", "FUTURES_C", "", None])
def test_a_wallet_that_xt_does_not_have_is_refused(refusal_of: Refusal, wallet: Any) -> None:  # noqa: ANN401 (wrong on purpose)
    error = refusal_of(lambda: XtFuturesSettings(transfer_from=wallet))
    assert error.field == "venue"
    assert "'SPOT' or 'FUTURES_U'" in error.reason


def test_the_wallet_can_stand_in_a_file() -> None:
    table = {"leader_id": "7", "sizing": {"multiplier": 1}, "symbols": ["BTC/USDT"], "venue": {"transfer_from": "SPOT"}}
    assert structure_config(table, exchange="xt-futures").venue == XtFuturesSettings(transfer_from="SPOT")


def test_a_wallet_in_a_file_that_xt_does_not_have_is_refused(refusal_of: Refusal) -> None:
    table = {"leader_id": "7", "sizing": {"multiplier": 1}, "symbols": ["BTC/USDT"], "venue": {"transfer_from": "MOON"}}
    assert refusal_of(lambda: structure_config(table, exchange="xt-futures")).field == "venue"


def test_the_wallet_is_for_no_other_product(make: Make, refusal_of: Refusal) -> None:
    assert refusal_of(lambda: translate(make(), exchange="xt")).field == "venue"


# ------------------------------------------------------------------ there and back


def _amounts() -> st.SearchStrategy[str]:
    return st.decimals("0.000001", 10**9, places=6).map(lambda number: format(number, "f"))


@st.composite
def configs(draw: st.DrawFn) -> FollowConfig:
    fields: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {"follow_new_symbols": st.booleans(), "direction": st.sampled_from(Direction)},
            optional={
                "stop_loss": st.integers(1, 4 * 10**20).map(lambda number: Decimal(number).scaleb(-20)),
                "take_profit": st.integers(1, 10**21).map(lambda number: Decimal(number).scaleb(-20)),
                "loss_limit": _amounts(),
            },
        )
    )
    if "loss_limit" in fields:
        fields["on_stop"] = draw(st.sampled_from(OnStop))
    fixed = draw(st.booleans())
    quote = "USDT" if fixed else draw(st.sampled_from(["USDT", "USDC"]))
    sizing: Any = draw(_amounts().map(FixedAmount if fixed else Multiplier))
    bases = st.lists(st.sampled_from(["BTC", "1000PEPE", "龙虾", "БИТ"]), min_size=1, unique=True)
    return FollowConfig(
        leader_id=draw(st.integers(1, 2**63 - 1).map(str)),
        sizing=sizing,
        symbols=[f"{base}/{quote}" + draw(st.sampled_from(["", f":{quote}"])) for base in draw(bases)],
        venue=XtFuturesSettings(transfer_from=draw(st.sampled_from(["SPOT", "FUTURES_U"]))),
        **fields,
    )


def _shown(form: dict[str, str]) -> list[Response]:
    """Return what XT would show of a follow: every value with its digits, as text."""
    shown: dict[str, object] = {name: form.get(name, "") for name in form if name != "transferFromBizType"}
    shown |= {"autoFollowSymbol": form["autoFollowSymbol"] == "true", "cancel": False}
    return [Response(200, encode({"returnCode": 0, "msgInfo": "", "error": None, "result": shown}))]


@settings(deadline=None, database=None)
@given(config=configs(), unit=st.sampled_from(["fraction", "percent"]))
def test_what_is_shown_unchanged_is_as_wanted_and_becomes_the_same_request(config: FollowConfig, unit: str) -> None:
    cls: Any = load_adapter("xt-futures")
    adapter = cls(rate_unit=unit, loss_unit="quote")
    translation = translate(config, exchange=adapter)
    plan = iter(adapter.settings(config.leader_id))
    call = next(plan)
    with pytest.raises(StopIteration) as finished:
        plan.send(call.decode(_shown(_form(config, adapter))[0]))
    shown = finished.value.value
    assert differences(config, shown, translation.supports) == ()
    assert unverified(config, translation.supports, shown) == ("venue",)
    again = translate(shown.to_config(venue=config.venue), exchange=adapter)
    assert again.requests == translation.requests


def test_what_is_shown_does_not_become_a_config_without_the_wallet(run_plan: Run, refusal_of: Refusal) -> None:
    adapter = load_adapter("xt-futures")()
    form = {"symbols": "btc_usdt", "followType": "RATE", "followVal": "1", "followDirection": "FORWARD"}
    rest = {"followLossOperate": "LEADER_CLOSE", "autoFollowSymbol": "false"}
    shown, _ = run_plan(adapter.settings("7"), _shown(form | rest))
    assert refusal_of(shown.to_config).field == "venue"
