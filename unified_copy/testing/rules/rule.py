"""What a rule is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from unified_copy.errors import UnifiedCopyError
from unified_copy.testing.broken import BrokenRuleError, broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from unified_copy.testing.subject import Subject


T = TypeVar("T")


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
        self._explained(self.look, subject)

    def skipped(self, subject: Subject) -> str:
        """Return what the subject lacks for the rule to apply, as ``lacks`` does; raise as ``check`` does."""
        __tracebackhide__ = True
        return self._explained(self.lacks, subject)

    def _explained(self, look: Callable[[Subject], T], subject: Subject) -> T:
        __tracebackhide__ = True
        try:
            return look(subject)
        except BrokenRuleError as error:
            told, cause = str(error), None
        except Exception as error:  # noqa: BLE001 (whatever an adapter trips over; where it did is in the traceback)
            told = str(broken(f"{type(error).__name__}: {error}", subject.adapter_class))
            cause = None if isinstance(error, UnifiedCopyError) else error
        raise BrokenRuleError(f"{self}\n  {told}\n  because {self.why}") from cause

    def __str__(self) -> str:
        """Name the rule and say what it wants."""
        return f"{self.name}: {self.sentence}"
