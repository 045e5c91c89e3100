"""A follow in the venue's words, and the venue's words as a follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from unified_copy import Direction, FixedAmount, FollowConfig, OnStop, SymbolRule
from unified_copy.answers import Reading
from unified_copy.decimals import plain
from unified_copy.errors import UnsupportedError
from unified_copy.fields import Fields, implied, refused, sent
from unified_copy.pairs import Pair
from unified_copy.translation import distinct

from unified_copy_some_exchange import wire

NAME: Final = "some-exchange"
QUOTE: Final = "USDT"

# EDIT: what becomes of each config field: sent under wire keys, implied, left to the venue, or refused; and why.
FOLLOW: Final[Fields] = {
    "leader_id": sent("leaderId"),
    "sizing": sent("amount", takes=(FixedAmount,), refusal="the venue takes FixedAmount"),
    "symbols": sent("symbols[]", takes=(tuple,), refusal="name the pairs", uniform=True, within="quoted in USDT"),
    "follow_new_symbols": refused("the venue copies the pairs that are named and no other"),
    "stop_loss": refused("the venue has no stop loss for copied orders"),
    "take_profit": refused("the venue has no take profit for copied orders"),
    "margin_mode": refused("the venue cannot be told a margin mode"),
    "leverage": refused("the venue cannot be told a leverage"),
    "max_position": refused("the venue has no cap per pair"),
    "max_total": refused("the venue has no cap over all copied orders"),
    "loss_limit": refused("the venue ends no follow by itself"),
    "on_stop": implied("closes with the leader", OnStop.CLOSE_WITH_LEADER, refusal="the venue cannot be told"),
    "direction": implied("as the leader trades", Direction.SAME, refusal="the venue copies in one direction only"),
}
FORMS: Final[Mapping[str, Fields]] = {"follow": FOLLOW}


# EDIT: the body of a follow; raise UnsupportedError, naming the field, for what the table above cannot tell.
def follow(config: FollowConfig) -> wire.Follow:
    """Return the body that starts a follow or changes it.

    Raises ``UnsupportedError`` naming the pair that the venue does not have.
    """
    # The table lets no other sizing through, and no pair with terms of its own.
    sizing = cast("FixedAmount", config.rules[0].sizing)
    return wire.Follow(leaderId=config.leader_id, amount=plain(sizing.amount), symbols=_symbols(config))


def _symbols(config: FollowConfig) -> list[str]:
    for index, rule in enumerate(config.rules):
        pair = rule.symbol
        if pair.quote != QUOTE or pair.settle not in {None, QUOTE}:
            raise UnsupportedError(f"symbols[{index}]", f"there is no {pair} here; name pairs in {QUOTE}", NAME)
    names = [f"{rule.symbol.base}-{QUOTE}" for rule in config.rules]
    distinct(names, config, NAME)
    return names


# EDIT: the way back; what is shown in words that cannot be read is noted in `reading`, and nothing is guessed.
def shown(follow: wire.ShownFollow, reading: Reading) -> dict[str, Any]:
    """Return what is shown of a follow, by config field."""
    return {
        "sizing": reading.field("sizing", follow.amount, lambda: FixedAmount(follow.amount)),
        "symbols": reading.field("symbols", ", ".join(follow.symbols), lambda: _rules(follow.symbols)),
    }


def _rules(names: list[str]) -> tuple[SymbolRule, ...]:
    return tuple(SymbolRule(Pair(*name.split("-"))) for name in names)
