"""What a venue says it follows, and how that differs from what was wanted."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from unified_copy.decimals import plain, shifted
from unified_copy.errors import ConfigError, Difference
from unified_copy.model import ALL_SYMBOLS, FIELD_NAMES, Direction, FollowConfig, OnStop, Symbols
from unified_copy.pairs import Pair
from unified_copy.terms import RATIOS, TERMS, Leverage, MarginMode, Sizing, SymbolRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from unified_copy.fields import Fields
    from unified_copy.pairs import Pair


@attrs.frozen(kw_only=True)
class FollowSettings:
    """Hold what a venue returned about one follow, in the words of ``FollowConfig``.

    ``None`` means that it is not set, or that the venue has no such setting; unless ``missing`` names the field: then
    the venue did not tell.
    """

    exchange: str
    leader_id: str
    active: bool
    """Whether the follow is in force."""
    missing: frozenset[str] = frozenset()
    """The config fields that were not returned, or not in a form that can be read."""
    unread: Mapping[str, str] = attrs.field(factory=dict)
    """Of the missing fields, those the venue showed in words that cannot be read: field and words."""
    sizing_kinds: Mapping[Pair, type[Sizing]] = attrs.field(factory=dict)
    """By pair, the kind of sizing where the venue showed that and not its value."""
    none_means: Mapping[str, object] = attrs.field(factory=dict, repr=False, eq=False)
    """What ``None`` stands for in a config of this venue, for the fields of which the venue must be told something."""
    raw: object = attrs.field(default=None, repr=False, eq=False)
    """The venue's own answer."""

    sizing: Sizing | None = None
    symbols: Symbols | None = None
    follow_new_symbols: bool | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    margin_mode: MarginMode | None = None
    leverage: Leverage | None = None
    max_position: Decimal | None = None
    max_total: Decimal | None = None
    loss_limit: Decimal | None = None
    on_stop: OnStop | None = None
    direction: Direction | None = None

    def to_config(self, **missing: Any) -> FollowConfig:  # noqa: ANN401 (values of config fields, checked there)
        """Return the config that these settings amount to.

        ``missing`` supplies what the venue did not return. A term that a rule may set for its own pair is given as one
        value for all pairs, or as a mapping with one for each, ``{"BTC/USDT": FixedAmount(5), …}``. Raises
        ``ConfigError`` naming the first field that is still missing, or that was given although the venue returned
        it, or the pair for which that is so; and for a sizing of another kind than the venue showed. Where some pairs
        could not be read, ``symbols`` names them all, and those that could keep the terms they were shown with.
        """
        for name in FIELD_NAMES:
            if name in self.missing and name not in missing:
                told = f", only as {self.unread[name]}" if name in self.unread else ""
                reason = f"was not returned{told}; pass {name}= to to_config()"
                raise ConfigError(name, reason, self.exchange)
        for name in missing:
            if name not in self.missing:
                reason = "was returned by the venue, or is not a field; leave it out and change the config instead"
                raise ConfigError(name, reason, self.exchange)
        given: dict[str, Any] = {
            name: value
            for name in FIELD_NAMES
            if name not in self.missing
            and (value := getattr(self, name, None)) not in {None, self.none_means.get(name)}
        }
        if isinstance(self.symbols, tuple) and "symbols" in given:
            given["symbols"] = tuple(map(self._with_none, self.symbols))
        for name, value in missing.items():
            given.update(self._pair_by_pair(name, value, given) if _is_by_pair(name, value) else {name: value})
        config = FollowConfig(**given)
        if "symbols" in self.missing and isinstance(self.symbols, tuple) and config.symbols is not ALL_SYMBOLS:
            shown = {_pair_key(rule.symbol): self._with_none(rule) for rule in self.symbols}
            kept = (_filled(rule, shown.get(_pair_key(rule.symbol), rule)) for rule in config.symbols)
            config = attrs.evolve(config, symbols=tuple(kept))
        for index, rule, kind in _of_another_kind(config, self):
            reason = f"{rule.symbol} was shown with a {kind.__name__}, not with {rule.sizing}; give a {kind.__name__}"
            raise ConfigError(config.where("sizing", index), reason, self.exchange)
        return config

    def _pair_by_pair(self, name: str, values: Mapping[object, object], given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the symbols with term ``name`` in the rules of those pairs for which the venue did not return it."""
        rules: Symbols = given.get("symbols", ALL_SYMBOLS)
        if "symbols" in self.missing or rules is ALL_SYMBOLS:
            reason = "takes one value for all pairs, because the venue returned no pairs; say what differs in symbols="
            raise ConfigError(name, reason, self.exchange)
        silent = {_pair_key(rule.symbol): rule for rule in rules if getattr(rule, name) is None}
        allowed = f"give one value for all pairs, or one for each of {described(tuple(silent.values()))}"
        told: dict[tuple[str, str], SymbolRule] = {}
        for pair, value in values.items():
            try:
                rule = _own_term(pair, name, value)
            except ConfigError as error:
                raise ConfigError(name, f"{pair}: {error.reason}", self.exchange) from None
            key = _pair_key(rule.symbol)
            if key not in silent or key in told:
                reason = f"{pair} is not followed, was returned by the venue, or is there twice; {allowed}"
                raise ConfigError(name, reason, self.exchange)
            told[key] = rule
        if left := [rule for key, rule in silent.items() if key not in told]:
            raise ConfigError(name, f"was not returned for {described(tuple(left))} either; {allowed}", self.exchange)
        settled = tuple(
            attrs.evolve(rule, **{name: getattr(told[key], name)}) if (key := _pair_key(rule.symbol)) in told else rule
            for rule in rules
        )
        return {"symbols": settled, **({"sizing": settled[0].sizing} if name == "sizing" else {})}

    def _with_none(self, rule: SymbolRule) -> SymbolRule:
        """Leave out of a rule what ``None`` stands for, unless other pairs lack it: there ``None`` is filled in."""
        meant: dict[str, Any] = {
            name: None
            for name, meaning in self.none_means.items()
            if name not in self.missing and getattr(rule, name) == meaning
        }
        return attrs.evolve(rule, **meant)


def common_terms(rules: Iterable[SymbolRule]) -> dict[str, Any]:
    """Return ``symbols`` and the terms of settled ``rules`` as settings hold them.

    What all the rules share stands once, beside the symbols; what differs stays with each rule. The sizing of the
    first pair stands beside the symbols in any case, because a config needs one.
    """
    settled = tuple(rules)
    first = settled[0]
    shared: dict[str, Any] = {
        name: getattr(first, name)
        for name in TERMS
        if all(getattr(rule, name) == getattr(first, name) for rule in settled)
    }
    inherited: dict[str, Any] = dict.fromkeys(shared)
    symbols = tuple(attrs.evolve(rule, **inherited) for rule in settled)
    return {"sizing": first.sizing, **shared, "symbols": symbols}


def differences(config: FollowConfig, shown: FollowSettings, fields: Fields) -> tuple[Difference, ...]:
    """Return every field in which ``shown`` is not what ``config`` asked for.

    Fields that the venue never returns are not compared. Decimals compare by value, symbols as a set; an optional
    that was left out and is shown is a difference.
    """
    if not shown.active:
        return (Difference("leader_id", "an active follow", "not following"),)
    found = [Difference(name, described(getattr(config, name), name), words) for name, words in shown.unread.items()]
    found += [
        Difference(_path("sizing", index, config), described(rule.sizing), f"{kind.__name__}, its value not shown")
        for index, rule, kind in _of_another_kind(config, shown)
    ]
    compared = {
        name
        for name, field in fields.items()
        if field.returned and name not in shown.missing and hasattr(shown, name)  # a plug-in may declare more
    }
    for name in FIELD_NAMES:
        if name in compared and name not in {"leader_id", "symbols", *TERMS}:
            found += _compare(name, getattr(config, name), getattr(shown, name), fields)
    if "symbols" in compared:
        found += _compare_symbols(config, shown, fields, [name for name in TERMS if name in compared])
    return tuple(found)


def unverified(config: FollowConfig, fields: Fields, shown: FollowSettings | None) -> tuple[str, ...]:
    """Return the fields of ``config`` set off their default that reading back cannot confirm."""
    missing = shown.missing if shown else frozenset(FIELD_NAMES)
    return tuple(
        name
        for name in config.chosen
        if name in missing or not hasattr(FollowSettings, name) or (not fields[name].returned and fields[name].keys)
    )


def _compare(name: str, wanted: object, shown: object, fields: Fields, path: str = "") -> list[Difference]:
    expected = fields[name].none_means if wanted is None else wanted
    return [] if expected == shown else [Difference(path or name, described(expected, name), described(shown, name))]


def _compare_symbols(config: FollowConfig, shown: FollowSettings, fields: Fields, terms: list[str]) -> list[Difference]:
    if config.symbols is ALL_SYMBOLS or shown.symbols is ALL_SYMBOLS or shown.symbols is None:
        same = config.symbols is shown.symbols
        found = [] if same else [Difference("symbols", described(config.symbols), described(shown.symbols))]
        for name in terms:
            found += _compare(name, getattr(config, name), getattr(shown, name), fields)
        return found
    wanted_rules = {_pair_key(rule.symbol): rule for rule in config.rules}
    shown_rules = {_pair_key(rule.symbol): rule for rule in shown.symbols}
    found = []
    if wanted_rules.keys() != shown_rules.keys() or len(shown_rules) < len(shown.symbols):
        found.append(Difference("symbols", described(config.symbols), described(shown.symbols)))
    for index, (pair, wanted) in enumerate(wanted_rules.items()):
        if pair not in shown_rules:
            continue
        for name in terms:
            own = getattr(shown_rules[pair], name)
            value = getattr(shown, name) if own is None else own
            found += _compare(name, getattr(wanted, name), value, fields, _path(name, index, config))
    return found


def _path(name: str, index: int, config: FollowConfig) -> str:
    return f"symbols[{index}].{name}" if len(config.rules) > 1 else name


def _of_another_kind(config: FollowConfig, shown: FollowSettings) -> Iterator[tuple[int, SymbolRule, type[Sizing]]]:
    """Yield each rule whose sizing is not of the kind shown for its pair, with its index and that kind."""
    kinds = {_pair_key(pair): kind for pair, kind in shown.sizing_kinds.items()}
    for index, rule in enumerate(config.rules):
        kind = kinds.get(_pair_key(rule.symbol))
        if kind is not None and not isinstance(rule.sizing, kind):
            yield index, rule, kind


def _filled(rule: SymbolRule, shown: SymbolRule) -> SymbolRule:
    """Give a rule the terms its pair was shown with, where it has none of its own."""
    terms: dict[str, Any] = {name: getattr(shown, name) for name in TERMS if getattr(rule, name) is None}
    return attrs.evolve(rule, **terms)


def _is_by_pair(name: str, value: object) -> bool:
    return name in TERMS and isinstance(value, Mapping)


def _own_term(pair: Any, name: str, value: object) -> SymbolRule:  # noqa: ANN401 (checked by the rule)
    """Return the rule that says ``value`` for one pair; a config cannot do without a sizing."""
    term: dict[str, Any] = {name: value}
    rule = SymbolRule(pair, **term)
    if name == "sizing" and value is None:
        raise ConfigError(name, "None is not a sizing")
    return rule


def _pair_key(pair: Pair) -> tuple[str, str]:
    """Identify a pair within one product, where base and quote settle what it settles in."""
    return pair.base, pair.quote


def described(value: object, name: str = "") -> str:
    """Write the value of config field ``name`` as a trader would."""
    if value is None:
        return "nothing"
    if isinstance(value, tuple):
        return ", ".join(str(rule.symbol) for rule in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, enum.Enum):
        return str(value.value).replace("_", " ")
    if isinstance(value, Decimal):
        return f"{plain(value)} ({plain(shifted(value, 2))} %)" if name in RATIOS else plain(value)
    return str(value)
