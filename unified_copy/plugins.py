"""Find out which installed distribution offers which exchange, and whether it may load, without importing any.

What this library brings itself cannot be taken over: where another distribution offers a name of ours, ours counts and
the other is refused. ``UNIFIED_COPY_PLUGINS`` restricts whose plug-ins load at all.
"""

from __future__ import annotations

import ast
import os
import re
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.errors import AdapterError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint
    from pathlib import Path

GROUP: Final = "unified_copy.adapters"
ALLOW_LIST: Final = "UNIFIED_COPY_PLUGINS"
"""The variable that names the distributions whose plug-ins may load, separated by commas; unset, all may."""
_OURS: Final = "unified-copy"


@attrs.frozen
class Offer:
    """Hold what is known of one adapter that a distribution offers, without importing it."""

    name: str
    """The exchange."""
    distribution: str
    version: str
    entry_point: EntryPoint = attrs.field(repr=False)

    @property
    def is_ours(self) -> bool:
        """Tell whether it comes with this library."""
        return _normalized(self.distribution) == _OURS

    def hosts(self) -> tuple[str, ...]:
        """Return the hosts that the adapter's source spells out; empty where only importing would tell."""
        source = _source(self.entry_point.module)
        try:
            tree = ast.parse(source.read_bytes()) if source else ast.Module([], [])
        except (OSError, SyntaxError, ValueError):
            return ()
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == self.entry_point.attr:
                return _declared_hosts(node)
        return ()


def offers() -> Mapping[str, tuple[Offer, ...]]:
    """Return what is installed, by exchange name."""
    from importlib.metadata import entry_points  # noqa: PLC0415 (10 ms that `import unified_copy` can do without)

    found: dict[str, tuple[Offer, ...]] = {}
    for entry_point in entry_points(group=GROUP):
        distribution = entry_point.dist
        owner = (distribution.name, distribution.version) if distribution else (entry_point.value, "")
        found[entry_point.name] = (*found.get(entry_point.name, ()), Offer(entry_point.name, *owner, entry_point))
    return found


def chosen(claims: tuple[Offer, ...]) -> Offer:
    """Return the one offer among all of one name that may load; raises ``AdapterError`` where there is none."""
    first = max(claims, key=lambda offer: (offer.is_ours, may_load(offer)))
    if error := refusal(first, claims):
        raise error
    return first


def refusal(offer: Offer, claims: tuple[Offer, ...]) -> AdapterError | None:
    """Return why ``offer`` does not load, where ``claims`` are all the offers of its name; ``None`` where it does."""
    if offer.is_ours:
        return None
    reason = ""
    rivals = sorted(claim.distribution for claim in claims if may_load(claim))
    if any(claim.is_ours for claim in claims):
        reason = f"of {offer.distribution} is refused: the name belongs to {_OURS}; uninstall {offer.distribution}"
    elif not may_load(offer):
        reason = f"of {offer.distribution} may not load: {ALLOW_LIST} allows {', '.join(sorted(_allowed())) or 'none'}"
    elif len(rivals) > 1:
        reason = f"claimed by both {' and '.join(rivals)}; uninstall one of them, or allow one of them in {ALLOW_LIST}"
    return AdapterError(offer.name, reason) if reason else None


def may_load(offer: Offer) -> bool:
    """Tell whether the distribution is trusted: ours is, and so is each that the allow-list names, if there is one."""
    return offer.is_ours or ALLOW_LIST not in os.environ or _normalized(offer.distribution) in _allowed()


def _allowed() -> frozenset[str]:
    named = os.environ.get(ALLOW_LIST, "").split(",")
    return frozenset(_normalized(name) for name in named if name.strip())


def _normalized(distribution: str) -> str:
    """Return the name of a distribution as all spellings of it compare."""
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


def _source(module: str) -> Path | None:
    """Return the file of ``module``, importing nothing: a package that contains it would run on import."""
    from importlib.util import find_spec  # noqa: PLC0415 (needed for one listing only)
    from pathlib import Path  # noqa: PLC0415 (likewise)

    top, *rest = module.split(".")
    spec = find_spec(top)
    if spec is None or spec.origin is None:
        return None
    if not rest:
        return Path(spec.origin)
    inside = Path(spec.origin).parent.joinpath(*rest)
    return inside / "__init__.py" if inside.is_dir() else inside.with_suffix(".py")


def _declared_hosts(adapter: ast.ClassDef) -> tuple[str, ...]:
    for node in adapter.body:
        target = node.target if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [None])[0]
        if isinstance(target, ast.Name) and target.id == "hosts":
            try:
                declared = ast.literal_eval(node.value)  # type: ignore[attr-defined]  # an assignment has a value
            except ValueError:
                return ()
            return tuple(map(str, declared)) if isinstance(declared, tuple) else ()
    return ()
