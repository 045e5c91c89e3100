"""What authors of adapters test with: golden cases, and a conformance suite of one statement.

It needs pytest, and the extra ``sandbox``.
"""

from __future__ import annotations

from unified_copy.testing.suite import conformance

__all__ = ["conformance"]
