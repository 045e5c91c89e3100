"""What a caller wants done, written down in the words of config files, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from unified_copy.adapter import Operation
from unified_copy.decimals import plain, positive
from unified_copy.errors import ConfigError
from unified_copy.files import structure_config, unstructure_config
from unified_copy.intents import Close, Follow, Intent, Protect, Unfollow
from unified_copy.model import OnStop, checked_leader_id
from unified_copy.pairs import Pair
from unified_copy.results import KEEP, CopiedPosition, Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from unified_copy.results import Price

Words = Mapping[str, Any]
"""A table of text, truth values, lists and tables: what JSON can hold."""


def words_of(intent: Intent[Any]) -> Words:
    """Write down what is wanted; ``intent_of`` reads it back."""
    write, _ = _FORMS[intent.operation]
    return write(intent)


def intent_of(operation: Operation, words: Words, exchange: str) -> Intent[Any]:
    """Return the intent that was written down, to look whether it was done.

    What only the venue told about a position is not written down, so a write cannot be made of it again. Raises
    ``ConfigError`` where these are not words of ``operation``.
    """
    try:
        _, read = _FORMS[operation]
        return read(words, exchange)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        reason = f"these are not words of {operation.value!r}: {type(error).__name__} {error}"
        raise ConfigError("wanted", reason, exchange) from None


# ------------------------------------------------------------------ one operation each


def _write_follow(follow: Follow) -> Words:
    return unstructure_config(follow.config)


def _read_follow(words: Words, exchange: str) -> Follow:
    return Follow(config=structure_config(words, exchange=exchange))


def _write_unfollow(unfollow: Unfollow) -> Words:
    return {"leader_id": unfollow.leader_id, "on_stop": unfollow.on_stop.value if unfollow.on_stop else None}


def _read_unfollow(words: Words, _exchange: str) -> Unfollow:
    on_stop = None if words["on_stop"] is None else OnStop(words["on_stop"])
    return Unfollow(leader_id=checked_leader_id(words["leader_id"]), on_stop=on_stop)


def _write_close(close: Close) -> Words:
    return _named(close.position)


def _read_close(words: Words, exchange: str) -> Close:
    return Close(position=_position(words, exchange))


def _write_protect(protect: Protect) -> Words:
    prices = {"take_profit_price": protect.take_profit_price, "stop_loss_price": protect.stop_loss_price}
    return {**_named(protect.position), **{name: _written(price) for name, price in prices.items()}}


def _read_protect(words: Words, exchange: str) -> Protect:
    prices = {name: _price(words[name], name) for name in ("take_profit_price", "stop_loss_price")}
    return Protect(position=_position(words, exchange), **prices)


_FORMS: Final[Mapping[Operation, tuple[Callable[[Any], Words], Callable[[Words, str], Intent[Any]]]]] = {
    Operation.FOLLOW: (_write_follow, _read_follow),
    Operation.UNFOLLOW: (_write_unfollow, _read_unfollow),
    Operation.CLOSE: (_write_close, _read_close),
    Operation.PROTECT: (_write_protect, _read_protect),
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
