"""Lunex keeps every rule."""

from pathlib import Path

from unified_copy.testing import conformance
from unified_copy_lunex.adapter import LunexAdapter

test_lunex = conformance(LunexAdapter, golden=Path(__file__).parent / "golden")
