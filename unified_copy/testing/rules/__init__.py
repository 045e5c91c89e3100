"""The rules that every adapter keeps, numbered; each says in a sentence what it wants and why it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from unified_copy.testing.rules import answers, contract, declarations, declared, signing, translation, venue
from unified_copy.testing.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RULES", "Rule"]

_IN_ORDER: Final = (
    *declarations.RULES,
    *declared.RULES,
    *translation.RULES,
    *signing.RULES,
    *answers.RULES,
    *contract.RULES,
    *venue.RULES,
)
RULES: Final[Mapping[str, Rule]] = {rule.name: rule for rule in _IN_ORDER}
"""Every rule by its name, in order."""
