"""Lunex keeps every rule that can be put to it after the first afternoon."""

from pathlib import Path

from lunex import LunexAdapter
from unified_copy.testing import conformance

test_lunex = conformance(LunexAdapter, golden=Path(__file__).parent / "golden")
