"""Config files as nobody should write them, and what must hold for each: follows, or an error that says where."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from fuzzing.answers import Spoiler
from fuzzing.chance import Chance
from unified_copy.errors import ConfigError
from unified_copy.files import FollowFile, read_file
from unified_copy.model import FIELD_NAMES
from unified_copy.terms import TERMS
from unified_copy.wire import Response

RIGHT: Final[tuple[dict[str, Any], ...]] = (
    {
        "leader_id": "123123123",
        "sizing": {"fixed_amount": "330"},
        "symbols": ["BTC/USDT", {"symbol": "ETH/USDT", "stop_loss": "0.1", "leverage": {"long": 10, "short": 5}}],
        "take_profit": 0.2,
        "leverage": "leader",
        "margin_mode": "cross",
        "on_stop": "close_with_leader",
        "direction": "same",
        "follow_new_symbols": False,
        "exchange": "bitget",
        "exchanges": {"xt": {"rate_unit": "fraction"}},
    },
    {
        "follow": [
            {"exchange": "bitget", "leader_id": "1", "sizing": {"proportional": 50}, "symbols": "all", "loss_limit": 9},
            {
                "exchange": "xt-futures",
                "leader_id": "2",
                "sizing": {"multiplier": "1.5"},
                "symbols": ["BTC/USDT"],
                "venue": {"transfer_from": "SPOT"},
                "max_total": "10.50",
            },
        ],
    },
)
PLACE: Final = re.compile(
    rf"follow\[\d+\]|(?:follow\[\d+\]\.)?(?:{'|'.join([*FIELD_NAMES, 'exchange', 'exchanges', 'config', 'follow'])}"
    rf"|symbols\[\d+\](?:\.(?:{'|'.join([*TERMS, 'symbol'])}))?)"
)
"""The names that an error may give a place; a key that is none is named as it stands."""


def check_file(seed: int, folder: Path) -> str:
    """Write the file of ``seed``, read it, and return what became of it: ``read``, or the place that is wrong.

    Raises ``AssertionError`` for an error that names no place or not the file, and whatever else goes wrong.
    """
    chance = Chance(seed)
    suffix = chance.one((".toml", ".json"))
    file = folder / f"follow{suffix}"
    file.write_bytes(_content(chance, suffix))
    try:
        read = read_file(file)
    except ConfigError as error:
        return _named(error, file.name)
    assert isinstance(read, FollowFile)
    return "read"


def _named(error: ConfigError, name: str) -> str:
    place = PLACE.fullmatch(error.field)
    assert name in error.reason, error
    assert place or "is not a key of a follow" in error.reason, error
    return re.sub(r"\d+", "0", error.field) if place else "an unknown key"


def _content(chance: Chance, suffix: str) -> bytes:
    right = chance.one(RIGHT)
    if suffix == ".json":
        return Spoiler(chance).spoil(Response(200, json.dumps(right).encode())).body
    written = "\n".join(_lines(Spoiler(chance).spoilt(right) if chance.happens(0.7) else right)).encode(
        errors="replace"
    )
    kind = chance.random()
    if kind < 0.1:
        return chance.randbytes(chance.randrange(200))
    return Spoiler(chance).text(written) if kind < 0.3 else written


def _lines(document: object) -> list[str]:
    """Write a document as TOML, its inner tables on one line."""
    if not isinstance(document, dict):
        return [_toml(document)]
    return [f"{json.dumps(key)} = {_toml(value)}" for key, value in document.items()]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # TOML knows no null; a date is what JSON does not know.
    return (
        "1979-05-27T07:32:00Z" if value is None else json.dumps(value).replace("Infinity", "inf").replace("NaN", "nan")
    )
