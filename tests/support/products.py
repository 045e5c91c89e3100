"""What tests of every product share: its contract, its signature vectors, and configs that it takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from unified_copy import Adapter, FollowConfig, exchanges, load_adapter
from unified_copy.files import structure_config
from unified_copy.registry import resolve
from unified_copy.sandbox.document import load_document

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
def examples(exchange: str) -> Sequence[tuple[Adapter, FollowConfig]]:
    """Return every config of the golden requests of a product, with the adapter that takes it."""
    return tuple(_examples(exchange))


def _examples(exchange: str) -> Iterator[tuple[Adapter, FollowConfig]]:
    for path in sorted((TESTS / "golden" / exchange).glob("*.requests.json")):
        for case in json.loads(path.read_text(encoding="utf-8"), parse_float=str):
            if "config" in case:
                adapter = resolve(exchange, case.get("options", {}))
                yield adapter, structure_config(case["config"], exchange=exchange)
