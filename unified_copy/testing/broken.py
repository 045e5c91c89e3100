"""How the suite says that a rule is broken: what happened, and at which line to look."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

from unified_copy.translation import told as field_told

if TYPE_CHECKING:
    from unified_copy.model import FollowConfig


class BrokenRuleError(AssertionError):
    """An adapter breaks a rule of the suite; the text says how, and where in the adapter to look."""


def broken(told: str, at: object = None) -> BrokenRuleError:
    """Return the error that says ``told``, and where ``at`` is written, the function or class that is to blame."""
    return BrokenRuleError(f"{told}{_look_at(at)}")


def require(condition: object, told: str, at: object = None) -> None:
    """Raise ``BrokenRuleError`` unless ``condition`` holds."""
    if not condition:
        raise broken(told, at)


def in_short(config: FollowConfig) -> str:
    """Write of a config what is off its default, as a trader would."""
    return "; ".join(f"{name} {field_told(config, name)}" for name in config.chosen)


def _look_at(blamed: object) -> str:
    """Say where something is written, as a path from the root of its package; nothing where that is not known."""
    code = inspect.unwrap(blamed) if callable(blamed) else None
    code = getattr(code, "func", code)
    try:
        file, (_, line) = inspect.getsourcefile(code), inspect.getsourcelines(code)  # type: ignore[arg-type]  # told apart by TypeError
    except (OSError, TypeError):
        return ""
    package = getattr(code, "__module__", "").count(".") + 1
    path = Path(file or "")
    depth = package + (path.name == "__init__.py")
    return f"\n  look at {Path(*path.parts[-depth:]).as_posix()}:{line} ({getattr(code, '__qualname__', '?')})"
