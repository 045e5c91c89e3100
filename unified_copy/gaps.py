"""What a venue is not asked for, and why: it cannot, its documents say too little, or an option must be chosen first.

An adapter declares a gap beside the value of a config field, the operation, or the value of an argument that it is
about. From that one declaration come the refusal and the matrices that show what can be done where.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from unified_copy.adapter import Adapter


class Support(enum.Enum):
    """Say what becomes of something that can be asked of a venue."""

    YES = "yes"
    """It is sent."""
    ANYWAY = "done anyway"
    """Nothing is sent, because the venue does it without being told."""
    LEFT = "left to the venue"
    """Nothing is sent, and the venue settles it in its own way."""
    WITH_OPTION = "with an option"
    """It is sent once an option of the adapter is chosen, which is named."""
    UNDOCUMENTED = "not documented enough"
    """The venue may have it, and its documents say too little to send it."""
    CANNOT = "the venue cannot"
    """The venue, or this form of following, has nothing for it."""


@attrs.frozen
class Gap:
    """Say why something is refused; built by ``cannot``, ``undocumented`` and ``with_option``."""

    support: Support
    reason: str
    option: str = ""
    """The adapter option that closes the gap, if there is one."""
    choices: tuple[object, ...] = ()
    """The values of the option that close it; any that is chosen where none are named."""

    @property
    def wanted(self) -> str:
        """Return the option that closes the gap, with its value where only one does; nothing where none can."""
        return f"{self.option}={self.choices[0]}" if len(self.choices) == 1 else self.option

    def closed_by(self, adapter: Adapter | type[Adapter]) -> bool:
        """Tell whether the options of an adapter close the gap; a class has none."""
        if not self.option or isinstance(adapter, type):
            return False
        chosen = getattr(adapter, self.option)
        return chosen in self.choices if self.choices else chosen is not None

    def told(self, adapter: Adapter) -> str:
        """Return the reason, and what to choose where an option closes the gap."""
        if not self.option:
            return self.reason
        choices = self.choices or attrs.fields_dict(type(adapter))[self.option].metadata.get("choices", ())
        variable = f"{adapter.name}_{self.option}".upper().replace("-", "_")
        value = f"={choices[0]}" if len(choices) == 1 else ""
        wanted = " or ".join(map(repr, choices)) or "…"
        return f"{self.reason}; choose with {self.option}={wanted} on the adapter, or {variable}{value}"


Gaps = Mapping[object, Gap]
"""Gaps by what they are about: a value, or the class of values."""


def cannot(reason: str) -> Gap:
    """Declare that the venue has nothing for it."""
    return Gap(Support.CANNOT, reason)


def undocumented(reason: str) -> Gap:
    """Declare that the venue's documents say too little to send it."""
    return Gap(Support.UNDOCUMENTED, reason)


def with_option(option: str, *choices: object, reason: str) -> Gap:
    """Declare that it is sent only where an adapter option has one of ``choices``, or any value at all."""
    return Gap(Support.WITH_OPTION, reason, option, choices)


def is_among(value: object, kinds: tuple[object, ...]) -> bool:
    """Tell whether ``kinds`` holds a value or its class."""
    return type(value) in kinds or value in kinds


def gap_of(value: object, gaps: Gaps) -> Gap | None:
    """Return the gap that is declared for a value itself or for its class."""
    return next((gap for kind, gap in gaps.items() if is_among(value, (kind,))), None)
