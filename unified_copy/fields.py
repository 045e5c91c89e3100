"""How a config field reaches one venue: which values it takes there, and under which wire keys.

An adapter declares one ``FieldSupport`` per config field. From that one declaration come the refusals, the table
that a translation prints, what verification compares, and the capability page of the documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from unified_copy.errors import UnsupportedError
from unified_copy.gaps import Gap, Gaps, cannot, gap_of, is_among

if TYPE_CHECKING:
    from unified_copy.adapter import Adapter
    from unified_copy.model import FollowConfig


def _gap(refusal: Gap | str) -> Gap:
    return refusal if isinstance(refusal, Gap) else cannot(refusal)


@attrs.frozen(kw_only=True)
class FieldSupport:
    """Declare how one config field reaches one venue; built by ``sent``, ``implied``, ``left`` and ``refused``."""

    keys: tuple[str, ...] = ()
    """The wire keys that carry it; ``settings[].symbol`` is the key ``symbol`` of every item of ``settings``, and
    ``/copies/{}`` what stands there in the path."""
    takes: tuple[object, ...] | None = None
    """The values the venue can express, as values or as classes; ``None`` stands for all of them."""
    refusal: Gap = attrs.field(default=cannot(""), converter=_gap)
    """Why other values are refused; in words alone it is the venue that cannot."""
    gaps: Gaps = attrs.field(factory=dict)
    """Of single values, or classes of them, why they are refused where it is not for ``refusal``."""
    uniform: bool = False
    """Of the symbols: whether all pairs must have the same terms."""
    within: str = ""
    """What else the adapter demands of the value, in words for the documentation."""
    unset: str = ""
    """What happens at the venue while no key carries the field."""
    venue_decides: bool = False
    """Whether ``unset`` is the venue's own choice rather than what the config asks for."""
    none_means: object = None
    """The value that ``None`` becomes where the venue must be told."""
    undocumented: str = ""
    """What the venue's documents leave open about it, in words for the user."""
    returned: bool = True
    """Whether reading the settings back shows it."""

    def gap(self, value: object) -> Gap | None:
        """Return why a value is refused; ``None`` where it is not."""
        if self.gaps and (gap := gap_of(value, self.gaps)):
            return gap
        return None if self.takes is None or is_among(value, self.takes) else self.refusal

    def check(self, entries: tuple[tuple[str, object], ...], adapter: Adapter) -> None:
        """Refuse, by name, each value that an adapter does not send with the options it has.

        Takes the entries of ``FollowConfig.chosen``. Raises ``UnsupportedError``.
        """
        for path, value in entries:
            gap = self.gap(value)
            if gap and not gap.closed_by(adapter):
                raise UnsupportedError(path, gap.told(adapter), adapter.name)


Fields = Mapping[str, FieldSupport]


def sent(  # noqa: PLR0913 (one keyword per thing that can be said about a field)
    *keys: str,
    takes: tuple[object, ...] | None = None,
    refusal: Gap | str = "",
    gaps: Gaps | None = None,
    uniform: bool = False,
    within: str = "",
    unset: str = "",
    none_means: object = None,
    undocumented: str = "",
    returned: bool = True,
) -> FieldSupport:
    """Declare a field that travels under ``keys``."""
    return FieldSupport(
        keys=keys,
        takes=takes,
        refusal=refusal,
        gaps=gaps or {},
        uniform=uniform,
        within=within,
        unset=unset,
        none_means=none_means,
        undocumented=undocumented,
        returned=returned,
    )


def implied(what: str, *takes: object, refusal: Gap | str) -> FieldSupport:
    """Declare a field that is never sent because the venue does ``what`` anyway, which is what ``takes`` ask for."""
    return FieldSupport(takes=takes, refusal=refusal, unset=what, returned=False)


def left(what: str, *, refusal: Gap | str) -> FieldSupport:
    """Declare a field that cannot be sent and that the venue settles in its own way, described by ``what``."""
    return FieldSupport(takes=(), refusal=refusal, unset=what, venue_decides=True, returned=False)


def refused(why: Gap | str) -> FieldSupport:
    """Declare a field that the venue has nothing for."""
    return FieldSupport(takes=(), refusal=why, returned=False)


def check_fields(config: FollowConfig, fields: Fields, adapter: Adapter) -> None:
    """Refuse, by name, the first field of ``config`` that ``adapter`` cannot carry as ``fields`` declare it.

    A field that ``fields`` does not mention is one the venue has nothing for. Raises ``UnsupportedError``.
    """
    for name, entries in config.chosen.items():
        support = fields.get(name, NOT_OFFERED)
        if support.takes is not None or support.gaps:
            support.check(entries, adapter)
    if fields.get("symbols", NOT_OFFERED).uniform:
        check_uniform(config, adapter.name)


def check_uniform(config: FollowConfig, exchange: str) -> None:
    """Refuse, by name, the first term of a pair that differs from those of the first pair.

    Raises ``UnsupportedError``.
    """
    if not config.own_terms:
        return
    first = config.rules[0]
    for index, rule in enumerate(config.rules):
        for field in attrs.fields(type(rule)):
            if field.name != "symbol" and getattr(rule, field.name) != getattr(first, field.name):
                at = index if field.name in config.own_terms.get(index, ()) else 0
                reason = f"{rule.symbol} differs from {first.symbol}; here one follow has the same terms for all pairs"
                raise UnsupportedError(f"symbols[{at}].{field.name}", reason, exchange)


def none_meanings(fields: Fields) -> Mapping[str, object]:
    """Return what ``None`` stands for, for the fields of which the venue must be told something."""
    return {name: support.none_means for name, support in fields.items() if support.none_means is not None}


NOT_OFFERED = refused("this exchange has no such setting; leave it out")
