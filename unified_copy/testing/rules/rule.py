"""What a rule is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from unified_copy.errors import UnifiedCopyError
from unified_copy.testing.broken import BrokenRuleError, broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from unified_copy.testing.subject import Subject


def _always(_subject: Subject) -> str:
    return ""


@attrs.frozen
class Rule:
    """Hold one rule of the suite."""

    name: str
    """A letter for the topic and a number, which never change."""
    sentence: str
    """What is wanted."""
    why: str
    """What a user loses where it is not kept."""
    look: Callable[[Subject], None]
    """Raise ``BrokenRuleError`` where the rule is broken."""
    lacks: Callable[[Subject], str] = _always
    """Return what the subject lacks for the rule to apply; nothing where it applies."""

    def check(self, subject: Subject) -> None:
        """Raise ``BrokenRuleError`` with the rule, how it is broken, where to look, and why it matters."""
        __tracebackhide__ = True
        try:
            self.look(subject)
        except BrokenRuleError as error:
            told = str(error)
        except UnifiedCopyError as error:
            told = str(broken(f"{type(error).__name__}: {error}", subject.adapter_class))
        else:
            return
        raise BrokenRuleError(f"{self}\n  {told}\n  because {self.why}")

    def __str__(self) -> str:
        """Name the rule and say what it wants."""
        return f"{self.name}: {self.sentence}"
