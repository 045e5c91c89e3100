"""What a caller wants done, written down in the words of config files, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from unified_copy.adapter import Operation
from unified_copy.decimals import plain, positive
from unified_copy.errors import ConfigError
from unified_copy.files import structure_config, unstructure_config
from unified_copy.intents import Close, Follow, Intent, Protect, Unfollow
from unified_copy.model import OnStop, Pair, checked_leader_id
from unified_copy.results import KEEP, CopiedPosition, Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from unified_copy.results import Price

Words = Mapping[str, Any]
"""A table of text, truth values, lists and tables: what JSON can hold."""


def words_of(intent: Intent[Any]) -> Words:
    """Write down what is wanted; ``intent_of`` reads it back."""
    match intent:
        case Follow():
            return unstructure_config(intent.config)
        case Unfollow():
            return {"leader_id": intent.leader_id, "on_stop": intent.on_stop.value if intent.on_stop else None}
        case Protect():
            prices = {"take_profit_price": intent.take_profit_price, "stop_loss_price": intent.stop_loss_price}
            return {**_named(intent.position), **{name: _written(price) for name, price in prices.items()}}
        case Close():
            return _named(intent.position)
    raise TypeError(type(intent).__name__)


def intent_of(operation: Operation, words: Words, exchange: str) -> Intent[Any]:
    """Return the intent that was written down, to look whether it was done.

    What only the venue told about a position is not written down, so a write cannot be made of it again. Raises
    ``ConfigError`` where these are no words of ``operation``.
    """
    try:
        return _READERS[operation](words, exchange)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        reason = f"these are no words of {operation.value!r}: {type(error).__name__} {error}"
        raise ConfigError("wanted", reason, exchange) from None


# ------------------------------------------------------------------ one operation each


def _follow(words: Words, exchange: str) -> Follow:
    return Follow(config=structure_config(words, exchange=exchange))


def _unfollow(words: Words, _exchange: str) -> Unfollow:
    on_stop = None if words["on_stop"] is None else OnStop(words["on_stop"])
    return Unfollow(leader_id=checked_leader_id(words["leader_id"]), on_stop=on_stop)


def _close(words: Words, exchange: str) -> Close:
    return Close(position=_position(words, exchange))


def _protect(words: Words, exchange: str) -> Protect:
    prices = {name: _price(words[name], name) for name in ("take_profit_price", "stop_loss_price")}
    return Protect(position=_position(words, exchange), **prices)


_READERS: Final[Mapping[Operation, Callable[[Words, str], Intent[Any]]]] = {
    Operation.FOLLOW: _follow,
    Operation.UNFOLLOW: _unfollow,
    Operation.CLOSE: _close,
    Operation.PROTECT: _protect,
}


# ------------------------------------------------------------------ positions and prices


def _named(position: CopiedPosition) -> dict[str, str | None]:
    return {
        "position_id": position.position_id,
        "symbol": str(position.symbol),
        "side": position.side.value,
        "leader_id": position.leader_id,
    }


def _position(words: Words, exchange: str) -> CopiedPosition:
    return CopiedPosition(
        exchange=exchange,
        position_id=words["position_id"],
        symbol=Pair.parse(words["symbol"]),
        side=Side(words["side"]),
        leader_id=words["leader_id"],
    )


def _written(price: Price) -> str | None:
    if price is None:
        return None
    return KEEP.value if price is KEEP else plain(price)


def _price(written: str | None, name: str) -> Price:
    if written is None:
        return None
    return KEEP if written == KEEP.value else positive(written, name)
