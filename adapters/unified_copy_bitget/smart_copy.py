"""Smart copy in Bitget's words: money is set aside, and everything is copied in proportion.

It is the form of ``Proportional`` and of no other sizing. Source: Bitget API documentation, copy trading, futures,
follower, copy settings. Bitget shows nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET, UnsetType

from unified_copy.decimals import is_whole, plain, whole
from unified_copy.fields import Fields, implied, left, refused, sent
from unified_copy.gaps import undocumented
from unified_copy.model import AllSymbols, FollowConfig
from unified_copy.terms import FixedLeverage, LeaderLeverage, MarginMode, Proportional
from unified_copy_bitget.translate import SAME_DIRECTION, refuse
from unified_copy_bitget.wire import SmartCopy

if TYPE_CHECKING:
    from decimal import Decimal

MIN_INVESTMENT: Final = 50
MAX_LEVERAGE: Final = 125

SMART_COPY: Final[Fields] = {
    "leader_id": sent("traderId", returned=False),
    "sizing": sent(
        "copyAmount",
        takes=(Proportional,),
        refusal="smart copy has one sizing for the whole follow",
        within="whole, at least 50 USDT",
        returned=False,
    ),
    "symbols": implied(
        "smart copy copies everything the leader trades",
        AllSymbols.ALL,
        refusal="smart copy copies everything the leader trades; use ALL_SYMBOLS",
    ),
    "follow_new_symbols": sent("autoCopy", returned=False),
    "stop_loss": refused("smart copy has no stop loss per order; loss_limit ends the whole follow"),
    "take_profit": refused("smart copy has no take profit per order"),
    "margin_mode": sent(
        "marginMode",
        takes=(MarginMode.LEADER, MarginMode.CROSS, MarginMode.ISOLATED),
        refusal="smart copy takes LEADER, CROSS or ISOLATED",
        unset="the leader's",
        returned=False,
    ),
    "leverage": sent(
        "leverage",
        "multiple",
        takes=(LeaderLeverage, FixedLeverage),
        refusal="smart copy takes the leader's leverage or a fixed one",
        within="long and short the same, whole, at most 125; only beside the leader's margin mode",
        unset="the leader's",
        returned=False,
    ),
    "max_position": refused("smart copy has no cap per pair"),
    "max_total": refused("smart copy is capped by its investment"),
    "loss_limit": sent("equityGuardian", "equityGuardianMode", "equity", within="whole USDT", returned=False),
    "on_stop": left(
        "Bitget does not say what happens to copied positions",
        refusal=undocumented("Bitget does not say what happens to copied positions in smart copy; leave it out"),
    ),
    "direction": SAME_DIRECTION,
}

_MARGIN_MODES: Final = {
    MarginMode.LEADER: "follow_trader",
    MarginMode.CROSS: "crossed_margin",
    MarginMode.ISOLATED: "isolated_margin",
}


def smart_copy(config: FollowConfig, investment: Decimal) -> SmartCopy:
    """Return the body that makes Bitget copy in proportion, with ``investment`` USDT set aside.

    Raises ``UnsupportedError`` naming the field that Bitget cannot express.
    """
    if not is_whole(investment) or investment < MIN_INVESTMENT:
        reason = f"smart copy takes a whole investment of at least {MIN_INVESTMENT} USDT, not {plain(investment)}"
        raise refuse("sizing", reason)
    limit = config.loss_limit
    if limit is not None and not is_whole(limit):
        raise refuse("loss_limit", f"smart copy takes a whole amount of USDT, not {plain(limit)}")
    leverage, multiple = _leverage(config)
    return SmartCopy(
        traderId=config.leader_id,
        copyAmount=whole(investment),
        autoCopy="on" if config.follow_new_symbols else "off",
        equityGuardian=UNSET if limit is None else "on",
        equityGuardianMode=UNSET if limit is None else "amount",
        equity=UNSET if limit is None else whole(limit),
        marginMode=UNSET if config.margin_mode is None else _MARGIN_MODES[config.margin_mode],
        leverage=leverage,
        multiple=multiple,
    )


def _leverage(config: FollowConfig) -> tuple[str | UnsetType, str | UnsetType]:
    leverage = config.leverage
    if leverage is None:
        return UNSET, UNSET
    if config.margin_mode not in {None, MarginMode.LEADER}:
        reason = "smart copy heeds a leverage only beside the leader's margin mode; drop it or margin_mode"
        raise refuse("leverage", reason)
    if not isinstance(leverage, FixedLeverage):
        return "follow_trader", UNSET
    if leverage.long != leverage.short or not is_whole(leverage.long) or leverage.long > MAX_LEVERAGE:
        reason = f"smart copy takes one whole leverage for long and short, at most {MAX_LEVERAGE}"
        raise refuse("leverage", reason)
    return "fixed_leverage", whole(leverage.long)
