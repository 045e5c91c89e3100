"""Values that a seed picks: good ones, and what people, venues and attackers write instead."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeVar

T = TypeVar("T")

TEXTS: Sequence[str] = (
    *("", " ", "\0", "a b", "\r\nHost: x", "a&b=c", "../..", "%00", "'\"<>", "\\", "{}", "null", "true", "NaN", "-"),
    *("0", "-0", "00", "+1", "1_000", "1,5", "0x10", "1e5", "1E+999999", "-1E+999999999999999999", "1e-999999"),
    *("Infinity", "-inf", "sNaN", "9" * 40, "9" * 41, "9" * 5000, "0." + "0" * 50 + "1", ".5", "5.", "½", "١٢٣", "¹"),
    *(
        "龙虾",
        "İ",
        "ß",
        "\u212a",
        "\u200b",
        "\u2028",
        "\ufeff",
        "\U0001f980",
        "a" * 129,
        "é",
        "e\u0301",
        "SWAP",
        "-USDT-",
    ),
    *("9223372036854775807", "9223372036854775808", "253402300800000", "-62135596800001", "1767225600123.5"),
)
"""Text that is written where a number, a name or an id belongs."""
NUMBERS: Sequence[object] = (
    *(0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**40, 10**400, 253402300800000, -(10**18)),
    *(0.1, -0.0, 1e308, 5e-324, float("nan"), float("inf"), -float("inf")),
)
OTHERS: Sequence[object] = (None, True, False, [], {}, [None], [[]], {"": None}, [{}], {"a": {"b": []}})
"""What is no scalar, or no value at all."""


class Chance(random.Random):
    """Pick as the seed says."""

    def happens(self, share: float) -> bool:
        """Return true in this share of all cases."""
        return self.random() < share

    def one(self, of: Sequence[T]) -> T:
        """Return one of them."""
        return of[int(self.random() * len(of))]

    def some(self, of: Mapping[str, Callable[[], Any]], share: float) -> dict[str, Any]:
        """Return some keys, each with what its function makes."""
        return {key: make() for key, make in of.items() if self.happens(share)}

    def junk(self) -> Any:  # noqa: ANN401 (that is the point)
        """Return any value that JSON can hold."""
        kind = self.random()
        if kind < 0.45:
            return self.one(TEXTS)
        return self.one(NUMBERS) if kind < 0.75 else deepcopy(self.one(OTHERS))

    def tree(self, depth: int = 4) -> Any:  # noqa: ANN401 (likewise)
        """Return a JSON document of any shape."""
        if not depth or self.happens(0.4):
            return self.junk()
        children = [self.tree(depth - 1) for _ in range(self.randrange(4))]
        return {self.one(TEXTS): child for child in children} if self.happens(0.5) else children
