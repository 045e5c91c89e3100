"""Every golden case: what goes out exactly, and what is believed of what comes in. The cases are data."""

from __future__ import annotations

from pathlib import Path

import pytest

from unified_copy import exchanges, load_adapter
from unified_copy.adapter import Operation
from unified_copy.testing.golden import Golden, load

HERE = Path(__file__).parent
CASES = [(exchange, case) for exchange in exchanges() for case in load(HERE / exchange)]


@pytest.mark.parametrize(("exchange", "case"), CASES, ids=[f"{exchange}: {case}" for exchange, case in CASES])
def test_it_is_sent_and_understood_exactly_like_this(exchange: str, case: Golden) -> None:
    case.check(load_adapter(exchange))


@pytest.mark.parametrize("exchange", exchanges())
def test_every_operation_of_a_product_has_cases(exchange: str) -> None:
    told = {case.operation for name, case in CASES if name == exchange}
    everything = {operation.value for operation in load_adapter(exchange).operations - {Operation.CLOSE_ALL}}
    assert everything <= told
