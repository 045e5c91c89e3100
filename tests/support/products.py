"""What tests of every product share: its contract, its signature vectors, and configs that it takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from unified_copy import Adapter, FollowConfig, exchanges, load_adapter
from unified_copy.sandbox.document import load_document
from unified_copy.testing.golden import load
from unified_copy.testing.subject import Subject

TESTS: Final = Path(__file__).parents[1]
PRODUCTS: Final = exchanges()


@cache
def contract(exchange: str) -> Mapping[str, Any]:
    """Return the contract of a product."""
    return load_document(load_adapter(exchange).contract)


@cache
def vectors(exchange: str) -> Sequence[Mapping[str, Any]]:
    """Return the signature vectors of a product, or of its venue where all its products sign alike."""
    own, shared = (TESTS / "vectors" / f"{name}.json" for name in (exchange, exchange.partition("-")[0]))
    found: list[dict[str, Any]] = json.loads((own if own.exists() else shared).read_text(encoding="utf-8"))
    return found


@cache
def subject(exchange: str) -> Subject:
    """Return a product with its golden cases, and with the calls that those make."""
    return Subject(load_adapter(exchange), load(TESTS / "golden" / exchange))


@cache
def examples(exchange: str) -> Sequence[tuple[Adapter, FollowConfig]]:
    """Return every config of the golden requests of a product, with the adapter that takes it."""
    adapter_class = load_adapter(exchange)
    cases = (case for case in load(TESTS / "golden" / exchange) if case.operation == "follow" and case.answers is None)
    return tuple((adapter := case.adapter(adapter_class), case.config(adapter)) for case in cases)
