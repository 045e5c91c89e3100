"""Read configs from TOML and JSON files, exactly, and say where a mistake is; and write one as a file would.

One converter reads both: unknown keys are refused, numbers go straight to ``Decimal``, and every error names file,
table and key. The same converter writes.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import cattrs

from unified_copy.answers import strict_converter
from unified_copy.decimals import plain
from unified_copy.errors import ConfigError, UnknownExchangeError
from unified_copy.model import ALL_SYMBOLS, FIELD_NAMES, Direction, FollowConfig, OnStop, SymbolsLike, VenueSettings
from unified_copy.pairs import Pair
from unified_copy.registry import load_adapter
from unified_copy.terms import (
    SIZING_KEYS,
    SIZINGS,
    TERMS,
    FixedLeverage,
    LeaderLeverage,
    Leverage,
    MarginMode,
    PositionLeverage,
    Sizing,
    SymbolRule,
)

if TYPE_CHECKING:
    from enum import Enum

Table = Mapping[str, Any]


@attrs.frozen
class FileFollow:
    """Hold one follow of a file: the config, and the exchange where the file names one."""

    config: FollowConfig
    exchange: str | None


@attrs.frozen
class FollowFile:
    """Hold what a file says: its follows, and the adapter options per exchange."""

    follows: tuple[FileFollow, ...]
    options: Mapping[str, Mapping[str, object]] = attrs.field(factory=dict)


def read_file(path: str | Path, *, exchange: str | None = None) -> FollowFile:
    """Read follows and adapter options from a ``.toml`` or ``.json`` file of at most 10 MB.

    The file is one config, with ``exchange`` beside it if it likes, or several under ``[[follow]]``, each with its
    own and no two about the same leader of the same exchange. Adapter options stand under ``[exchanges.<name>]``.
    ``exchange`` is that of a single config which names none. Raises ``ConfigError`` whose reason names file, table
    and key.
    """
    file = Path(path)
    document = _parsed(file)
    try:
        return structure_file(document, exchange=exchange)
    except ConfigError as error:
        raise ConfigError(error.field, f"{error.reason} (in {file.name})", error.exchange) from None


def structure_file(document: Table, *, exchange: str | None = None) -> FollowFile:
    """Return what a parsed file says, in the form that ``read_file`` takes. Raises ``ConfigError`` naming the key."""
    follows = {name: table for name, table in document.items() if name != "exchanges"}
    options = _options(document.get("exchanges", {}))
    return FollowFile(_follows(follows, exchange), options)


def structure_config(table: Table, *, exchange: str | None = None) -> FollowConfig:
    """Return the config that a parsed TOML or JSON table describes.

    ``exchange`` is needed to read ``venue``, whose keys belong to one product. Raises ``ConfigError`` naming the key.
    """
    if not isinstance(table, Mapping):
        raise ConfigError("config", f"{_shown(table)} is not a table of keys and values")
    _only(table, FIELD_NAMES)
    missing = [name for name in ("leader_id", "sizing", "symbols") if table.get(name) is None]
    if missing:
        raise ConfigError(missing[0], "is missing, and every follow needs it")
    plain = _present(table)
    plain["symbols"] = _symbols(plain["symbols"])
    if "venue" in plain:
        plain["venue"] = _venue(plain["venue"], exchange)
    config: FollowConfig = _CONVERTER.structure(plain, FollowConfig)
    return config


def unstructure_config(config: FollowConfig) -> dict[str, Any]:
    """Return the table that ``structure_config`` makes ``config`` of: text, truth values, lists and tables only.

    What is at its default is left out.
    """
    table: dict[str, Any] = _CONVERTER.unstructure(config)
    return table


# ------------------------------------------------------------------ the two formats


_MAX_BYTES: Final = 10_000_000
"""More than any config has; a file that is none could fill the memory."""


def _parsed(file: Path) -> Table:
    parse = _PARSERS.get(file.suffix.lower())
    if parse is None:
        raise ConfigError("config", f"{file.name} is neither a .toml nor a .json file")
    try:
        with file.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ConfigError("config", f"{file.name} is larger than {_MAX_BYTES // 1_000_000} MB")
        document = parse(content.decode("utf-8-sig"))  # some editors begin a file with a byte-order mark
    except OSError as error:
        raise ConfigError("config", f"{file.name} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise ConfigError("config", f"{file.name} is not well-formed: {error}") from None
    if not isinstance(document, dict):
        raise ConfigError("config", f"{file.name} holds no table at its top")
    return document


def _json(text: str) -> object:
    return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_without_twice)


def _toml(text: str) -> object:
    return tomllib.loads(text, parse_float=Decimal)


_PARSERS: Final = {".json": _json, ".toml": _toml}


def _no_number(text: str) -> object:
    message = f"{text} is not a number"
    raise ValueError(message)


def _without_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a key that stands twice, where JSON would silently keep the last one."""
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the key {twice!r} stands twice"
        raise ValueError(message)
    return table


# ------------------------------------------------------------------ the tables of a file


def _follows(document: Table, exchange: str | None) -> tuple[FileFollow, ...]:
    if "follow" not in document:
        return (_follow({"exchange": exchange, **_present(document)}, exchange_needed=False),)
    if beside := [key for key in document if key in {"exchange", *FIELD_NAMES}]:
        raise ConfigError(beside[0], "stands beside [[follow]]; move it into the [[follow]] table it is meant for")
    _only(document, ("follow", "exchanges"))
    tables = document["follow"]
    if not isinstance(tables, list) or not tables:
        raise ConfigError("follow", "write each follow as a [[follow]] table")
    follows = tuple(_numbered(index, table) for index, table in enumerate(tables))
    _refuse_twice(follows)
    return follows


def _refuse_twice(follows: tuple[FileFollow, ...]) -> None:
    """Refuse two follows of one leader, of which the later would silently replace the earlier."""
    places: dict[tuple[str | None, str], int] = {}
    for index, follow in enumerate(follows):
        leader = follow.config.leader_id
        first = places.setdefault((follow.exchange, leader), index)
        if first != index:
            reason = (
                f"leader {leader!r} on {follow.exchange} is in follow[{first}] already; write one [[follow]] for it"
            )
            raise ConfigError(f"follow[{index}].leader_id", reason)


def _numbered(index: int, table: object) -> FileFollow:
    if not isinstance(table, Mapping):
        raise ConfigError(f"follow[{index}]", f"{_shown(table)} is not a table of keys and values")
    try:
        return _follow(table, exchange_needed=True)
    except ConfigError as error:
        raise ConfigError(f"follow[{index}].{error.field}", error.reason, error.exchange) from None


def _follow(table: Table, *, exchange_needed: bool) -> FileFollow:
    exchange = table.get("exchange")
    if exchange is None and exchange_needed:
        raise ConfigError("exchange", "is missing, and each [[follow]] needs it")
    if exchange is not None and not isinstance(exchange, str):
        raise ConfigError("exchange", f"{_shown(exchange)} is not the name of an exchange")
    config = {name: value for name, value in table.items() if name != "exchange"}
    return FileFollow(structure_config(config, exchange=exchange), exchange)


def _options(tables: object) -> Mapping[str, Mapping[str, object]]:
    if not isinstance(tables, Mapping) or not all(isinstance(table, Mapping) for table in tables.values()):
        raise ConfigError("exchanges", "write adapter options as tables, as in [exchanges.xt]")
    return {name: dict(table) for name, table in tables.items()}


def _present(table: Table) -> dict[str, Any]:
    """Return what a table sets; null is how JSON leaves a key out."""
    return {key: value for key, value in table.items() if value is not None}


def _only(table: Table, allowed: tuple[str, ...]) -> None:
    for key in table:
        if key not in allowed:
            nearest = difflib.get_close_matches(key, allowed, n=1)
            hint = f"did you mean {nearest[0]}?" if nearest else f"allowed are: {', '.join(allowed)}"
            raise ConfigError(key, f"is not a key of a follow; {hint}")


def _venue(table: object, exchange: str | None) -> VenueSettings:
    try:
        wanted = load_adapter(exchange).venue_settings if exchange else None
    except UnknownExchangeError as error:
        raise ConfigError("exchange", str(error)) from None
    if wanted is None:
        raise ConfigError("venue", "these settings belong to one product; name an exchange that takes them")
    try:
        return _STRICT.structure(table, wanted)
    except Exception as error:  # noqa: BLE001 (cattrs raises whatever a class raised, in groups)
        raise ConfigError("venue", "; ".join(cattrs.transform_error(error, path="venue")), exchange) from None


# ------------------------------------------------------------------ the converter


_LEVERAGE_WORDS: Final[Mapping[str, Leverage]] = {"leader": LeaderLeverage(), "position": PositionLeverage()}


def _sizing(value: object, _wanted: object) -> Sizing:
    allowed = " or ".join(SIZING_KEYS)
    if not isinstance(value, Mapping) or len(value) != 1:
        raise ConfigError("sizing", f'{_shown(value)} is not a sizing; write {{ fixed_amount = "330" }}, or {allowed}')
    key, amount = next(iter(value.items()))
    if key not in SIZING_KEYS:
        raise ConfigError("sizing", f"{key!r} is not a sizing; use {allowed}")
    return SIZING_KEYS[key](amount)


def _leverage(value: object, _wanted: object) -> Leverage:
    if isinstance(value, str) and value in _LEVERAGE_WORDS:
        return _LEVERAGE_WORDS[value]
    if isinstance(value, Mapping) and set(value) == {"long", "short"}:
        return FixedLeverage(long=value["long"], short=value["short"])
    reason = f"{_shown(value)} is not a leverage; write 'leader', 'position' or {{ long = 10, short = 5 }}"
    raise ConfigError("leverage", reason)


def _symbols(value: object) -> SymbolsLike:
    if value == ALL_SYMBOLS.value:
        return ALL_SYMBOLS
    if not isinstance(value, list):
        raise ConfigError("symbols", f"{_shown(value)} is not a list of pairs; write ['BTC/USDT'], or 'all'")
    return [_rule(index, item) if isinstance(item, Mapping) else item for index, item in enumerate(value)]


def _rule(index: int, table: Table) -> SymbolRule:
    try:
        _only(table, ("symbol", *TERMS))
        rule: SymbolRule = _CONVERTER.structure({"symbol": None, **_present(table)}, SymbolRule)
    except ConfigError as error:
        raise ConfigError(f"symbols[{index}].{error.field}", error.reason) from None
    return rule


def _enum(value: object, wanted: type[Enum]) -> Enum:
    for member in wanted:
        if value == member.value:
            return member
    field = next(name for name, kind in _ENUMS.items() if kind is wanted)
    raise ConfigError(field, f"{_shown(value)} is not allowed; use {' or '.join(repr(m.value) for m in wanted)}")


_ENUMS: Final[Mapping[str, type[Enum]]] = {"margin_mode": MarginMode, "on_stop": OnStop, "direction": Direction}


def _shown(value: object) -> str:
    return repr(value)[:80]


def _written_sizing(sizing: Sizing) -> dict[str, str]:
    key = next(key for key, kind in SIZING_KEYS.items() if kind is type(sizing))
    (amount,) = attrs.astuple(sizing)
    return {key: plain(amount)}


def _written_leverage(leverage: Leverage) -> str:
    return next(word for word, value in _LEVERAGE_WORDS.items() if value == leverage)


def _written_rule(rule: SymbolRule) -> str | dict[str, Any]:
    """Write a pair alone as text, and one with terms of its own as a table."""
    table = {name: _CONVERTER.unstructure(value) for name in ("symbol", *TERMS) if (value := getattr(rule, name))}
    return table if len(table) > 1 else str(rule.symbol)


def _written_venue(settings: VenueSettings) -> dict[str, Any]:
    chosen = attrs.asdict(settings, filter=lambda field, value: value != field.default)  # type: ignore[arg-type]  # an adapter brings an attrs class
    return {name: _CONVERTER.unstructure(value) for name, value in chosen.items()}


_WRITTEN: Final[Mapping[tuple[type, ...], Callable[[Any], object]]] = {
    (Decimal,): plain,
    (Pair,): str,
    SIZINGS: _written_sizing,
    (LeaderLeverage, PositionLeverage): _written_leverage,
    (SymbolRule,): _written_rule,
    (VenueSettings,): _written_venue,
}


def _converter() -> cattrs.Converter:
    """Return the converter of files; it settles what has several forms, and the model checks every single value."""
    converter = cattrs.Converter(detailed_validation=False, prefer_attrib_converters=True, omit_if_default=True)
    converter.register_structure_hook_func(lambda wanted: wanted in {Sizing, Sizing | None}, _sizing)
    converter.register_structure_hook_func(lambda wanted: wanted in {Leverage, Leverage | None}, _leverage)
    for kind in _ENUMS.values():
        converter.register_structure_hook(kind, _enum)
    for passed in (bool, VenueSettings):
        converter.register_structure_hook(passed, lambda value, _: value)
    for kinds, write in _WRITTEN.items():
        for kind in kinds:
            converter.register_unstructure_hook(kind, write)
    return converter


_CONVERTER: Final = _converter()
_STRICT: Final = strict_converter(forbid_extra_keys=True)
"""What reads the settings of a product, which no converter of ours knows."""
