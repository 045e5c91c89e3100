"""A config in one venue's words: the requests to send, and what became of every field."""

from __future__ import annotations

import enum
import re
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

import attrs
import msgspec

from unified_copy.errors import AdapterError, ConfigError, UnsupportedError
from unified_copy.fields import NOT_OFFERED, Fields, check_fields, check_uniform
from unified_copy.model import FIELD_NAMES, FollowConfig
from unified_copy.settings import described
from unified_copy.wire import FORM, JSON, Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from unified_copy.adapter import Adapter, Call
    from unified_copy.settings import FollowSettings
    from unified_copy.terms import SymbolRule


class Fate(enum.Enum):
    """Say what became of a config field."""

    SENT = "sent"
    """It travels under wire keys."""
    IMPLIED = "implied"
    """The venue does it anyway."""
    LEFT_TO_VENUE = "left to the venue"
    """Nothing was asked for, and the venue settles it in its own way."""
    NOT_SET = "not set"
    """Nothing was asked for, and nothing happens."""


@attrs.frozen(kw_only=True)
class FieldFate:
    """Say what became of one config field at one venue."""

    fate: Fate
    sent: tuple[tuple[str, str], ...] = ()
    """Each wire key with its value as sent; several values of one key are joined by commas."""
    note: str = ""
    """What the venue does, where nothing is sent."""
    undocumented: str = ""
    """What the venue's documents leave open."""

    def __str__(self) -> str:
        """Say it in one line."""
        told = " ".join(f"{key}={value}" for key, value in self.sent) or self.fate.value
        note = f": {self.note}" if self.note else ""
        flag = f" (!) {self.undocumented}" if self.undocumented else ""
        return f"{told}{note}{flag}"


class Translation(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Hold the calls for one config at one venue; ``str()`` of it is a table."""

    exchange: str
    form: str
    """Which of the venue's forms of following this is."""
    config: FollowConfig
    calls: tuple[Call[None], ...]
    supports: Fields

    @property
    def requests(self) -> tuple[Request, ...]:
        """Return the unsigned requests, in the order they are sent."""
        return tuple(call.request for call in self.calls)

    @cached_property
    def fields(self) -> Mapping[str, FieldFate]:
        """Return what became of each config field, read out of the requests themselves.

        Raises ``AdapterError`` for a field that is set and has neither a wire key nor a venue that does it anyway.
        """
        return {name: self._fate(name) for name in FIELD_NAMES}

    def check(self) -> None:
        """Make sure that the requests carry every field that is set; raises what ``fields`` raises."""
        for name in self.config.chosen:
            self._fate(name)

    @cached_property
    def _wire(self) -> Mapping[str, list[str]]:
        """Return the values of every wire key, in the order they are sent."""
        wire: dict[str, list[str]] = {}
        places = [key for support in self.supports.values() for key in support.keys if key.startswith("/")]
        for request in self.requests:
            for key, value in (*wire_values(request), *_path_values(request, places)):
                wire.setdefault(key, []).append(value)
        return wire

    def _fate(self, name: str) -> FieldFate:
        wire = self._wire
        support = self.supports.get(name, NOT_OFFERED)
        values = tuple([(key, _joined(wire[key])) for key in support.keys if key in wire])
        if values:
            return FieldFate(fate=Fate.SENT, sent=values, undocumented=support.undocumented)
        if name in self.config.chosen and (support.keys or not support.unset):
            raise AdapterError(self.exchange, f"field {name} is set, and the request carries none of {support.keys}")
        if not support.unset:
            return FieldFate(fate=Fate.NOT_SET)
        fate = Fate.LEFT_TO_VENUE if support.venue_decides else Fate.IMPLIED
        return FieldFate(fate=fate, note=support.unset)

    def __repr__(self) -> str:
        """Name the exchange and what would be sent; the table is ``str()``."""
        return f"Translation({self.exchange}: {self.form}, {self.config!r}, {list(self.requests)})"

    def __str__(self) -> str:
        """Draw the table: every config field, what it says, and what becomes of it; then the requests."""
        rows = [(name, told(self.config, name), str(fate)) for name, fate in self.fields.items()]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        lines = [f"{self.exchange}: {self.form}", ""]
        lines += [f"{name:<{widths[0]}}  {value:<{widths[1]}}  {fate}" for name, value, fate in rows]
        for request in self.requests:
            lines += ["", f"{request.method} {request.target}", request.body.decode()]
        return "\n".join(lines).rstrip()


def translate_with(adapter: Adapter, config: FollowConfig, known: FollowSettings | None = None) -> Translation:
    """Translate ``config`` for one adapter, refusing by name what it cannot express.

    ``known`` is what the venue follows now, for venues that start and amend in different ways; ``None`` shows the
    start. Raises ``UnsupportedError``.
    """
    if not isinstance(config, FollowConfig):
        raise ConfigError("config", f"{type(config).__name__} is not a FollowConfig", adapter.name)
    form = adapter.form(config)
    supports = adapter.forms[form]
    if config.venue is not None and type(config.venue) is not adapter.venue_settings:
        reason = f"{type(config.venue).__name__} is not for this exchange; {_venue_settings_wanted(adapter)}"
        raise UnsupportedError("venue", reason, adapter.name)
    check_fields(config, supports, adapter)
    calls = adapter.follow(config, known)
    return Translation(exchange=adapter.name, form=form, config=config, calls=calls, supports=supports)


def _venue_settings_wanted(adapter: Adapter) -> str:
    wanted = adapter.venue_settings
    return f"it takes {wanted.__name__}" if wanted else "leave it out"


def uniform_rule(config: FollowConfig, exchange: str) -> SymbolRule:
    """Return the terms that all pairs share, for a venue that has one set of terms per follow.

    Raises ``UnsupportedError`` naming the first term of a pair that differs.
    """
    check_uniform(config, exchange)
    return config.rules[0]


def distinct(names: Sequence[str], config: FollowConfig, exchange: str) -> None:
    """Refuse two pairs of a config that become one of the wire ``names``, which stand in the order of its rules.

    Raises ``UnsupportedError`` naming the second of the two.
    """
    if len(set(names)) == len(names):
        return
    index = next(index for index, name in enumerate(names) if name in names[:index])
    pairs = f"{config.rules[names.index(names[index])].symbol} and {config.rules[index].symbol}"
    raise UnsupportedError(f"symbols[{index}]", f"{pairs} are both {names[index]} here; name one of them", exchange)


def told(config: FollowConfig, name: str) -> str:
    """Write what ``config`` says about one field as a trader would, with what single pairs say otherwise."""
    value = getattr(config, name)
    own = [
        f"{config.rules[index].symbol}: {described(getattr(config.rules[index], name), name)}"
        for index, names in config.own_terms.items()
        if name in names
    ]
    return "; ".join(["-" if value is None else described(value, name), *own])


def wire_values(request: Request) -> list[tuple[str, str]]:
    """Return every key of query and body with its value as sent, in order."""
    found = parse_qsl(request.query, keep_blank_values=True) if request.query else []
    headers = {name.lower(): value for name, value in request.headers.items()}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == FORM["Content-Type"]:
        found += parse_qsl(request.body.decode(), keep_blank_values=True)
    elif media_type == JSON["Content-Type"]:
        _collect(Response(status=200, body=request.body).json(), "", found)
    return found


def _path_values(request: Request, places: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each of ``places``, such as ``/copies/{}``, that the path has, with what stands at the braces."""
    for place in places:
        match = re.fullmatch("([^/]+)".join(map(re.escape, place.split("{}"))), request.path)
        if match:
            yield place, unquote(match[1])


def _collect(value: object, path: str, found: list[tuple[str, str]]) -> None:
    """Add to ``found`` whatever stands in a JSON value, with the path to it."""
    if isinstance(value, str):
        found.append((path, value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            _collect(inner, f"{path}.{key}" if path else key, found)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, f"{path}[]", found)
    elif isinstance(value, bool):
        found.append((path, "true" if value else "false"))
    else:
        found.append((path, format(value, "f") if isinstance(value, Decimal) else str(value)))


def _joined(values: list[str]) -> str:
    """Show one value where all are the same, and otherwise each in its order."""
    return values[0] if len(set(values)) == 1 else ",".join(values)
