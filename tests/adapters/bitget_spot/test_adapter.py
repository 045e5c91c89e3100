"""What Bitget spot's adapter shares with Bitget's other products, and what it refuses to be asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from unified_copy import OnStop, Pair, load_adapter
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.results import KEEP, CopiedPosition, Side
from unified_copy_bitget.codes import CODES
from unified_copy_bitget.product import BitgetProduct

Refusal = Callable[[Callable[[], object]], ConfigError]

SPOT = load_adapter("bitget-spot")()


def test_it_shares_what_all_products_of_bitget_share() -> None:
    assert isinstance(SPOT, BitgetProduct)
    assert type(SPOT).sign is BitgetProduct.sign
    assert SPOT.codes is CODES


@pytest.mark.parametrize("on_stop", [OnStop.CLOSE_NOW, OnStop.LEAVE_OPEN])
def test_an_unfollow_cannot_say_what_becomes_of_positions(refusal_of: Refusal, on_stop: OnStop) -> None:
    error = refusal_of(lambda: SPOT.unfollow("1", on_stop, None))
    assert isinstance(error, UnsupportedError)
    assert (error.field, error.exchange) == ("on_stop", "bitget-spot")


def test_pairs_are_told_of_one_leader_only(refusal_of: Refusal) -> None:
    error = refusal_of(lambda: SPOT.symbols(None))
    assert isinstance(error, UnsupportedError)
    assert (error.field, error.exchange) == ("leader_id", "bitget-spot")


@pytest.mark.parametrize("number", ["", " ", "1 2"])
def test_a_position_without_a_number_can_be_neither_closed_nor_protected(refusal_of: Refusal, number: str) -> None:
    position = CopiedPosition(exchange="bitget-spot", position_id=number, symbol=Pair("BTC", "USDT"), side=Side.LONG)
    for error in (refusal_of(lambda: SPOT.close(position)), refusal_of(lambda: SPOT.protect(position, None, KEEP))):
        assert (error.field, error.exchange) == ("position", "bitget-spot")
