"""What an adapter declares about a field decides what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import ClassVar

import attrs
import pytest

from unified_copy import (
    Adapter,
    Credentials,
    FixedAmount,
    FollowConfig,
    FollowSettings,
    MarginMode,
    Multiplier,
    Proportional,
    SymbolRule,
    translate,
)
from unified_copy.adapter import Call, option
from unified_copy.errors import UnsupportedError
from unified_copy.fields import Fields, check_fields, implied, left, refused, sent
from unified_copy.gaps import undocumented, with_option
from unified_copy.wire import Request

Make = Callable[..., FollowConfig]

FIELDS: Fields = {
    "leader_id": sent("leader"),
    "sizing": sent(
        "size",
        takes=(FixedAmount,),
        refusal="only fixed amounts",
        gaps={Proportional: undocumented("nobody knows what it counts")},
    ),
    "symbols": sent("symbols"),
    "stop_loss": sent("stop", gaps={Decimal: with_option("unit", reason="the unit is open")}),
    "loss_limit": sent("loss", gaps={Decimal: with_option("unit", "percent", reason="percent only")}),
    "margin_mode": implied("the leader's", MarginMode.LEADER, refusal="only the leader's"),
    "leverage": left("the account's", refusal="cannot be set"),
    "max_total": refused("there is no cap"),
}


@attrs.frozen(kw_only=True)
class Third(Adapter):
    """Refuse by its declarations alone."""

    name: ClassVar[str] = "third"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.third.example",)
    forms: ClassVar[Mapping[str, Fields]] = {"only": FIELDS, "uniform": {"symbols": sent("symbols", uniform=True)}}

    unit: str | None = option("fraction", "percent")
    region: str | None = None

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        assert config.leader_id
        assert known is None
        return ()

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise NotImplementedError


def _check(config: FollowConfig, adapter: Adapter | None = None) -> None:
    check_fields(config, FIELDS, adapter or Third())


def test_a_config_that_the_declarations_carry_is_translated(make_config: Make) -> None:
    assert translate(make_config(margin_mode=MarginMode.LEADER), exchange=Third()).form == "only"


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        ({"sizing": Multiplier(2)}, "sizing", "only fixed amounts"),
        ({"symbols": ["A/B", SymbolRule("C/D", sizing=Multiplier(2))]}, "symbols[1].sizing", "only fixed amounts"),
        ({"sizing": Proportional(2)}, "sizing", "nobody knows what it counts"),
        ({"margin_mode": MarginMode.CROSS}, "margin_mode", "only the leader's"),
        ({"max_total": 5}, "max_total", "there is no cap"),
        ({"max_position": 5}, "max_position", "no such setting"),
        ({"symbols": [SymbolRule("C/D", max_position=5)]}, "symbols[0].max_position", "no such setting"),
    ],
    ids=["sent", "sent-in-a-rule", "undocumented", "implied", "refused", "undeclared", "undeclared-in-a-rule"],
)
def test_a_value_that_the_declarations_do_not_carry_is_refused_by_name(
    make_config: Make, fields: dict[str, object], path: str, reason: str
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        _check(make_config(**fields))
    assert (caught.value.field, caught.value.exchange) == (path, "third")
    assert reason in caught.value.reason


# ------------------------------------------------------------------ what an option decides


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        (
            {"stop_loss": "0.1"},
            "stop_loss",
            "the unit is open; choose with unit='fraction' or 'percent' on the adapter, or THIRD_UNIT",
        ),
        (
            {"symbols": [SymbolRule("A/B", stop_loss="0.1")]},
            "symbols[0].stop_loss",
            "the unit is open; choose with unit='fraction' or 'percent' on the adapter, or THIRD_UNIT",
        ),
        (
            {"loss_limit": 5},
            "loss_limit",
            "percent only; choose with unit='percent' on the adapter, or THIRD_UNIT=percent",
        ),
    ],
    ids=["any-choice", "any-choice-in-a-rule", "one-choice"],
)
def test_a_value_waits_for_the_option_that_decides_its_meaning(
    make_config: Make, fields: dict[str, object], path: str, reason: str
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        _check(make_config(**fields))
    assert (caught.value.field, caught.value.reason) == (path, reason)
    _check(make_config(**fields), Third(unit="percent"))


def test_a_choice_that_does_not_decide_it_is_not_enough(make_config: Make) -> None:
    config = make_config(loss_limit=5)
    with pytest.raises(UnsupportedError, match="loss_limit"):
        _check(config, Third(unit="fraction"))
    check_fields(config, FIELDS, Third(unit="percent"))


def test_an_option_without_choices_is_named_all_the_same() -> None:
    gap = with_option("region", reason="regions differ")
    assert gap.told(Third()) == "regions differ; choose with region=… on the adapter, or THIRD_REGION"
    assert gap.closed_by(Third(region="here"))


# ------------------------------------------------------------------ pairs that differ


def test_terms_of_their_own_are_refused_where_pairs_must_be_alike(make_config: Make) -> None:
    fields = {**FIELDS, **Third.forms["uniform"]}
    alike = make_config(symbols=["A/B", SymbolRule("C/D", sizing=FixedAmount("330"))])
    different = make_config(symbols=["A/B", SymbolRule("C/D", sizing=FixedAmount("331"))])
    check_fields(alike, fields, Third())
    with pytest.raises(UnsupportedError) as caught:
        check_fields(different, fields, Third())
    assert (caught.value.field, caught.value.exchange) == ("symbols[1].sizing", "third")
