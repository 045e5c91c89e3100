"""How a config field reaches one venue: which values it takes there, and under which wire keys.

An adapter declares one ``FieldSupport`` per config field. From that one declaration come the refusals, the table
that a translation prints, what verification compares, and the capability page of the documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from unified_copy.errors import UnsupportedError

if TYPE_CHECKING:
    from unified_copy.model import FollowConfig


@attrs.frozen(kw_only=True)
class FieldSupport:
    """Declare how one config field reaches one venue; built by ``sent``, ``implied``, ``left`` and ``refused``."""

    keys: tuple[str, ...] = ()
    """The wire keys that carry it; ``settings[].symbol`` is the key ``symbol`` of every item of ``settings``."""
    takes: tuple[object, ...] | None = None
    """The values the venue can express, as values or as classes; ``None`` stands for all of them."""
    refusal: str = ""
    """Why other values are refused."""
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

    def check(self, entries: tuple[tuple[str, object], ...], exchange: str) -> None:
        """Refuse, by name, each value that the venue cannot express.

        Takes the entries of ``FollowConfig.chosen``, where ``takes`` is not ``None``. Raises ``UnsupportedError``.
        """
        takes = self.takes or ()
        for path, value in entries:
            if type(value) not in takes and value not in takes:
                raise UnsupportedError(path, self.refusal, exchange)


Fields = Mapping[str, FieldSupport]


def sent(  # noqa: PLR0913 (one keyword per thing that can be said about a field)
    *keys: str,
    takes: tuple[object, ...] | None = None,
    refusal: str = "",
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
        within=within,
        unset=unset,
        none_means=none_means,
        undocumented=undocumented,
        returned=returned,
    )


def implied(what: str, *takes: object, refusal: str) -> FieldSupport:
    """Declare a field that is never sent because the venue does ``what`` anyway, which is what ``takes`` ask for."""
    return FieldSupport(takes=takes, refusal=refusal, unset=what, returned=False)


def left(what: str, *, refusal: str) -> FieldSupport:
    """Declare a field that cannot be sent and that the venue settles in its own way, described by ``what``."""
    return FieldSupport(takes=(), refusal=refusal, unset=what, venue_decides=True, returned=False)


def refused(why: str) -> FieldSupport:
    """Declare a field that the venue has nothing for."""
    return FieldSupport(takes=(), refusal=why, returned=False)


def check_fields(config: FollowConfig, fields: Fields, exchange: str) -> None:
    """Refuse, by name, the first field of ``config`` that ``fields`` cannot carry.

    A field that ``fields`` does not mention is one the venue has nothing for. Raises ``UnsupportedError``.
    """
    for name, entries in config.chosen.items():
        support = fields.get(name, NOT_OFFERED)
        if support.takes is not None:
            support.check(entries, exchange)


def none_meanings(fields: Fields) -> Mapping[str, object]:
    """Return what ``None`` stands for, for the fields of which the venue must be told something."""
    return {name: support.none_means for name, support in fields.items() if support.none_means is not None}


NOT_OFFERED = refused("this exchange has no such setting; leave it out")
