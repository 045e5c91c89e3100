"""Values as JSON data, in the shapes that config files use; every decimal is text with its exact digits."""

from __future__ import annotations

import enum
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.model import FIELD_NAMES
from unified_copy.pairs import Pair
from unified_copy.terms import (
    SIZING_KEYS,
    LeaderLeverage,
    PositionLeverage,
    SymbolRule,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unified_copy.cli.output import JsonValue
    from unified_copy.settings import FollowSettings
    from unified_copy.translation import Translation

OWN: Final = frozenset({"raw", "handle"})
"""The attributes of results that are the venue's or its adapter's own."""
_KEYS: Final = {sizing: key for key, sizing in SIZING_KEYS.items()}
_LEVERAGES: Final[Mapping[type, str]] = {LeaderLeverage: "leader", PositionLeverage: "position"}


def value_data(value: object) -> JsonValue:  # noqa: PLR0911 (one shape per line)
    """Return the value of a config field as a file would write it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, enum.Enum):
        return value_data(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, tuple):
        return [value_data(item) for item in value]
    if type(value) in _LEVERAGES:
        return _LEVERAGES[type(value)]
    kind = type(value)
    if isinstance(value, Pair) or not attrs.has(kind):
        return str(value)
    parts: dict[str, JsonValue] = {field.name: value_data(getattr(value, field.name)) for field in attrs.fields(kind)}
    if isinstance(value, SymbolRule):
        own: dict[str, JsonValue] = {name: part for name, part in parts.items() if part is not None}
        return own["symbol"] if len(own) == 1 else own
    return {_KEYS[kind]: next(iter(parts.values()))} if kind in _KEYS else parts


def translation_data(translation: Translation) -> dict[str, JsonValue]:
    """Return a translation: what became of each field, and the requests as they would be sent, unsigned."""
    return {
        "exchange": translation.exchange,
        "form": translation.form,
        "fields": {
            name: {
                "value": value_data(getattr(translation.config, name)),
                "fate": fate.fate.value,
                "sent": dict(fate.sent),
                "note": fate.note,
                "undocumented": fate.undocumented,
            }
            for name, fate in translation.fields.items()
        },
        "requests": [
            {
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "headers": dict(request.headers),
                "body": request.body.decode(),
            }
            for request in translation.requests
        ],
    }


def shown_fields(settings: FollowSettings) -> tuple[str, ...]:
    """Return the names of the config fields that settings can show, in the order of a config."""
    return tuple(name for name in FIELD_NAMES if name != "leader_id" and hasattr(settings, name))


def settings_data(settings: FollowSettings) -> dict[str, JsonValue]:
    """Return what a venue showed; ``null`` is unset, unless ``missing`` names the field."""
    return {
        "exchange": settings.exchange,
        "leader_id": settings.leader_id,
        "active": settings.active,
        "settings": {name: value_data(getattr(settings, name)) for name in shown_fields(settings)},
        "missing": sorted(settings.missing),
        "sizing_kinds": {str(pair): kind.__name__ for pair, kind in settings.sizing_kinds.items()},
        "unread": dict(settings.unread),
    }


def result_data(result: object) -> dict[str, JsonValue]:
    """Return what a venue told, without its own row and without what only its adapter understands."""
    fields = attrs.fields(type(result))  # type: ignore[arg-type]  # every result is an attrs class
    return {field.name: value_data(getattr(result, field.name)) for field in fields if field.name not in OWN}
