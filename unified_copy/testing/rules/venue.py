"""Whether the adapter gets along with its local venue: what it writes reads back, and everything can be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.adapter import Operation
from unified_copy.errors import AlreadyFollowingError, ConfigError, UnifiedCopyError, UnsupportedError
from unified_copy.gaps import gap_of
from unified_copy.model import ALL_SYMBOLS
from unified_copy.settings import differences
from unified_copy.testing.broken import broken, in_short, require
from unified_copy.testing.rules.rule import Rule
from unified_copy.translation import translate_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unified_copy.adapter import Adapter
    from unified_copy.model import FollowConfig
    from unified_copy.settings import FollowSettings
    from unified_copy.terms import SymbolRule
    from unified_copy.testing.subject import LocalVenue, Subject

MOST_PAGES: Final = 100
"""More than a local venue has to show."""


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
    taken_before: dict[tuple[Adapter, str], FollowConfig] = {}
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
        before = taken_before.setdefault((adapter, form), config)
        _changes(subject.venue(adapter), adapter, attrs.evolve(before, leader_id=config.leader_id), config)
    refused = [form for form, any_taken in taken.items() if not any_taken]
    require(
        not refused, f"the local venue takes no config of {', '.join(refused)}: {refusal}", subject.adapter_class.follow
    )


def _changes(venue: LocalVenue, adapter: Adapter, before: FollowConfig, after: FollowConfig) -> None:
    """Follow, change that follow as the client does, and read back what it was changed to; a venue may refuse to."""
    venue.run(translate_with(adapter, before).calls)
    wish = f"{adapter}: {in_short(before)}, changed to {in_short(after)}"
    known = _asked(venue, adapter.settings(after.leader_id), f"{wish}: settings", adapter.settings)
    try:
        translation = translate_with(adapter, after, known if Operation.FOLLOW in adapter.reads_before else None)
        translation.check()
        venue.run(translation.calls)
    except (UnsupportedError, AlreadyFollowingError):
        return
    except UnifiedCopyError as error:
        raise broken(f"{wish}: {type(error).__name__}: {error}", adapter.follow) from None
    shown = _asked(venue, adapter.settings(after.leader_id), f"{wish}: settings", adapter.settings)
    told = "; ".join(map(str, differences(after, shown, adapter.forms[translation.form])))
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
    _refuses_another_secret(venue, adapter, config)
    _asked(venue, translate_with(adapter, config).calls, f"{adapter}: {in_short(config)}", adapter.follow)
    leader_id = config.leader_id
    lists: dict[Operation, Callable[[str | None], Any]] = {
        Operation.LEADERS: adapter.leaders,
        Operation.POSITIONS: partial(adapter.positions, None),
        Operation.HISTORY: partial(adapter.history, None),
    }
    rows = {
        operation: _read_to_the_end(venue, f"{adapter}: {operation.value}", ask)
        for operation, ask in lists.items()
        if operation in adapter.available
    }
    asked: dict[Operation, tuple[Any, ...]] = {
        Operation.SYMBOLS: (_symbols_of(adapter, leader_id),),
        Operation.LEADER: (leader_id,),
        Operation.CHECK: (),
    }
    for operation in (each for each in asked if each in adapter.available):
        ask = getattr(adapter, operation.value)
        _asked(venue, ask(*asked[operation]), f"{adapter}: {operation.value}", ask)
    if Operation.LEADERS in rows:
        seen = [row.leader_id for row in rows[Operation.LEADERS]]
        require(leader_id in seen, f"{adapter}: leaders shows {seen} while {leader_id} is followed", adapter.leaders)
    closed = rows[Operation.POSITIONS][:1] if adapter.available >= {Operation.POSITIONS, Operation.CLOSE} else ()
    for position in closed:
        _asked(venue, adapter.close(position), f"{adapter}: close", adapter.close)
        left = _read_to_the_end(venue, f"{adapter}: positions", lists[Operation.POSITIONS])
        gone = position.position_id not in {row.position_id for row in left}
        require(gone, f"{adapter}: position {position.position_id} is there after it was closed", adapter.close)
    if Operation.UNFOLLOW in adapter.available:
        known = _asked(venue, adapter.settings(leader_id), f"{adapter}: settings", adapter.settings)
        _asked(venue, adapter.unfollow(leader_id, None, known), f"{adapter}: unfollow", adapter.unfollow)
        after = _asked(venue, adapter.settings(leader_id), f"{adapter}: settings after an unfollow", adapter.settings)
        done = adapter.unfollows_later or not after.active
        require(done, f"{adapter}: {leader_id} is followed after an unfollow", adapter.unfollow)


def _refuses_another_secret(venue: LocalVenue, adapter: Adapter, config: FollowConfig) -> None:
    """Sign with another secret, which a venue that looks at signatures refuses."""
    calls = translate_with(adapter, config).calls
    known = venue.credentials
    venue.credentials = attrs.evolve(known, secret=known.secret[::-1])
    try:
        venue.run(calls)
    except UnifiedCopyError:
        return
    finally:
        venue.credentials = known
    told = f"{adapter}: the local venue takes what is signed with another secret"
    require(not any(call.signed for call in calls), told, type(venue.venue))


def _read_to_the_end(venue: LocalVenue, told: str, ask: Callable[[str | None], Any]) -> list[Any]:
    """Return the rows of every page of a list, which has an end."""
    rows: list[Any] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = _asked(venue, ask(cursor), told, ask)
        rows += page.items
        cursor = page.cursor
        if cursor is None:
            return rows
    raise broken(f"{told}: it goes on after {MOST_PAGES} pages; the last one needs no cursor", ask)


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
        "Whatever is followed or changed reads back as it was written, and as the same request.",
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
