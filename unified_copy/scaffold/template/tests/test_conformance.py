"""The adapter keeps every rule of the conformance suite."""

from pathlib import Path

from unified_copy.testing import conformance

from unified_copy_some_exchange.adapter import SomeExchangeAdapter

test_conformance = conformance(SomeExchangeAdapter, golden=Path(__file__).with_name("golden"))
