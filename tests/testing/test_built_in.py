"""The built-in adapters keep every rule of the suite that they hold others to."""

from __future__ import annotations

from pathlib import Path

from unified_copy import exchanges, load_adapter
from unified_copy.testing import conformance

GOLDEN = Path(__file__).parents[1] / "golden"

for name in exchanges():
    globals()[f"test_{name.replace('-', '_')}"] = conformance(load_adapter(name), golden=GOLDEN / name)
