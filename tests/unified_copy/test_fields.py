"""What an adapter declares about a field decides what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from unified_copy import FixedAmount, FollowConfig, MarginMode, Multiplier, SymbolRule
from unified_copy.errors import UnsupportedError
from unified_copy.fields import Fields, check_fields, implied, left, refused, sent

Make = Callable[..., FollowConfig]

FIELDS: Fields = {
    "leader_id": sent("leader"),
    "sizing": sent("size", takes=(FixedAmount,), refusal="only fixed amounts"),
    "symbols": sent("symbols"),
    "margin_mode": implied("the leader's", MarginMode.LEADER, refusal="only the leader's"),
    "leverage": left("the account's", refusal="cannot be set"),
    "max_total": refused("there is no cap"),
}


def _check(config: FollowConfig) -> None:
    check_fields(config, FIELDS, "third")


def test_a_config_that_the_declarations_carry_passes(make_config: Make) -> None:
    config = make_config(margin_mode=MarginMode.LEADER)
    assert check_fields(config, FIELDS, "third") is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        ({"sizing": Multiplier(2)}, "sizing", "only fixed amounts"),
        ({"symbols": ["A/B", SymbolRule("C/D", sizing=Multiplier(2))]}, "symbols[1].sizing", "only fixed amounts"),
        ({"margin_mode": MarginMode.CROSS}, "margin_mode", "only the leader's"),
        ({"max_total": 5}, "max_total", "there is no cap"),
        ({"max_position": 5}, "max_position", "no such setting"),
        ({"symbols": [SymbolRule("C/D", max_position=5)]}, "symbols[0].max_position", "no such setting"),
    ],
    ids=["sent", "sent-in-a-rule", "implied", "refused", "undeclared", "undeclared-in-a-rule"],
)
def test_a_value_that_the_declarations_do_not_carry_is_refused_by_name(
    make_config: Make, fields: dict[str, object], path: str, reason: str
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        _check(make_config(**fields))
    assert (caught.value.field, caught.value.exchange) == (path, "third")
    assert reason in caught.value.reason
