"""Whether the adapter gets along with its local venue: what it writes reads back, and everything can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.adapter import Operation
from unified_copy.errors import ConfigError, UnifiedCopyError
from unified_copy.gaps import gap_of
from unified_copy.model import ALL_SYMBOLS
from unified_copy.settings import differences
from unified_copy.testing.broken import broken, in_short, require
from unified_copy.testing.rules.rule import Rule
from unified_copy.translation import translate_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unified_copy.adapter import Adapter
    from unified_copy.model import FollowConfig
    from unified_copy.settings import FollowSettings
    from unified_copy.terms import SymbolRule
    from unified_copy.testing.subject import LocalVenue, Subject


def _configs(subject: Subject) -> Iterator[tuple[Adapter, FollowConfig]]:
    """Yield every config that the adapter takes, golden or built around a kind of value."""
    yield from subject.follows
    for sample in subject.samples:
        try:
            translate_with(sample.adapter, sample.config)
        except ConfigError:
            continue
        yield sample.adapter, sample.config


def _reads_back(subject: Subject) -> None:
    """Follow and read back whatever the venue takes, which must be something in every form that can be read."""
    taken: dict[str, bool] = {}
    refusal: UnifiedCopyError | None = None
    for adapter, config in _configs(subject):
        form = adapter.form(config)
        fields = adapter.forms[form]
        if not any(support.returned for support in fields.values()):
            continue
        venue = subject.venue(adapter)
        translation = translate_with(adapter, config)
        taken.setdefault(form, False)
        try:
            venue.run(translation.calls)
        except UnifiedCopyError as error:
            refusal = error
            continue
        taken[form] = True
        wish = f"{adapter}: {in_short(config)}"
        shown = _asked(venue, adapter.settings(config.leader_id), f"{wish}: settings", adapter.settings)
        told = "; ".join(map(str, differences(config, shown, fields)))
        require(not told, f"{wish} reads back different: {told}", adapter.settings)
        again = shown.to_config(**_not_returned(config, shown))
        same = translate_with(adapter, _sorted(again)).requests == translate_with(adapter, _sorted(config)).requests
        require(same, f"{wish} reads back as {in_short(again)}, which is another request", adapter.settings)
        if Operation.FOLLOW in adapter.reads_before:
            _changes(venue, adapter, config, shown)
    refused = [form for form, any_taken in taken.items() if not any_taken]
    require(
        not refused, f"the local venue takes no config of {', '.join(refused)}: {refusal}", subject.adapter_class.follow
    )


def _changes(venue: LocalVenue, adapter: Adapter, config: FollowConfig, known: FollowSettings) -> None:
    """Follow once more what is followed by now, where that is another call than the one that starts."""
    wish = f"{adapter}: following once more, {in_short(config)}"
    try:
        translation = translate_with(adapter, config, known)
        translation.check()
    except UnifiedCopyError as error:
        raise broken(f"{wish}: {type(error).__name__}: {error}", adapter.follow) from None
    _asked(venue, translation.calls, wish, adapter.follow)
    shown = _asked(venue, adapter.settings(config.leader_id), f"{wish}: settings", adapter.settings)
    told = "; ".join(map(str, differences(config, shown, adapter.forms[translation.form])))
    require(not told, f"{wish} reads back different: {told}", adapter.follow)


def _not_returned(config: FollowConfig, shown: FollowSettings) -> dict[str, Any]:
    """Return what was not returned, as ``config`` has it; terms of which pairs have their own, pair by pair."""
    own = {name for names in config.own_terms.values() for name in names}
    return {
        name: {str(rule.symbol): getattr(rule, name) for rule in config.rules} if name in own else getattr(config, name)
        for name in shown.missing
    }


def _sorted(config: FollowConfig) -> FollowConfig:
    """Return a config with its pairs in the order of their names, because a venue may show them in any."""
    if config.symbols is ALL_SYMBOLS:
        return config
    rules: list[SymbolRule] = sorted(config.rules, key=lambda rule: str(rule.symbol))
    return attrs.evolve(config, symbols=rules)


def _asked(venue: LocalVenue, plan: Any, told: str, at: object) -> Any:  # noqa: ANN401 (any plan, any result)
    try:
        return venue.run(plan)
    except UnifiedCopyError as error:
        raise broken(f"{told}: {type(error).__name__}: {error}", at) from None


def _everything_works(subject: Subject) -> None:
    """Follow, look at everything, protect, close and unfollow, as far as the adapter can."""
    tried: set[Adapter] = set()
    for adapter, config in subject.follows:
        if adapter not in tried and Operation.SETTINGS in adapter.available:
            tried.add(adapter)
            _life(subject.venue(adapter), adapter, config)


def _life(venue: LocalVenue, adapter: Adapter, config: FollowConfig) -> None:
    _asked(venue, translate_with(adapter, config).calls, f"{adapter}: {in_short(config)}", adapter.follow)
    leader_id = config.leader_id
    asked: dict[Operation, tuple[Any, ...]] = {
        Operation.LEADERS: (None,),
        Operation.POSITIONS: (None, None),
        Operation.HISTORY: (None, None),
        Operation.SYMBOLS: (_symbols_of(adapter, leader_id),),
        Operation.LEADER: (leader_id,),
        Operation.CHECK: (),
    }
    told: dict[Operation, Any] = {}
    for operation in (each for each in asked if each in adapter.available):
        ask = getattr(adapter, operation.value)
        told[operation] = _asked(venue, ask(*asked[operation]), f"{adapter}: {operation.value}", ask)
    if Operation.LEADERS in told:
        seen = [row.leader_id for row in told[Operation.LEADERS].items]
        require(leader_id in seen, f"{adapter}: leaders shows {seen} while {leader_id} is followed", adapter.leaders)
    closed = told[Operation.POSITIONS].items[:1] if adapter.available >= {Operation.POSITIONS, Operation.CLOSE} else ()
    for position in closed:
        _asked(venue, adapter.close(position), f"{adapter}: close", adapter.close)
        left = _asked(venue, adapter.positions(None, None), f"{adapter}: positions", adapter.positions)
        gone = position.position_id not in {row.position_id for row in left.items}
        require(gone, f"{adapter}: position {position.position_id} is there after it was closed", adapter.close)
    if Operation.UNFOLLOW in adapter.available:
        known = _asked(venue, adapter.settings(leader_id), f"{adapter}: settings", adapter.settings)
        _asked(venue, adapter.unfollow(leader_id, None, known), f"{adapter}: unfollow", adapter.unfollow)
        after = _asked(venue, adapter.settings(leader_id), f"{adapter}: settings after an unfollow", adapter.settings)
        done = adapter.unfollows_later or not after.active
        require(done, f"{adapter}: {leader_id} is followed after an unfollow", adapter.unfollow)


def _symbols_of(adapter: Adapter, leader_id: str) -> str | None:
    """Return whose symbols can be asked for: the leader's, or those of all."""
    gaps = adapter.argument_gaps.get(Operation.SYMBOLS, {}).get("leader_id", {})
    return None if gap_of(leader_id, gaps) else leader_id


def _no_venue(subject: Subject) -> str:
    if not subject.adapter_class.venue:
        return "the adapter brings no local venue"
    return "" if subject.follows else "no golden case follows"


def _cannot_read(subject: Subject) -> str:
    return _no_venue(subject) or (
        "" if Operation.SETTINGS in subject.adapter_class.operations else "the venue cannot show settings"
    )


RULES: Final = (
    Rule(
        "L1",
        "Whatever is followed reads back as it was written, and as the same request.",
        "the library tells users that a follow is applied because it reads back",
        _reads_back,
        _cannot_read,
    ),
    Rule(
        "L2",
        "Every operation works at the local venue, and does what it says.",
        "users try an exchange there before they put money into it",
        _everything_works,
        _no_venue,
    ),
)
