"""Copy lead traders on any exchange with one checked config.

``FollowConfig`` says how to copy; ``translate`` shows what an exchange would be sent; ``CopyClient`` sends it and reads
it back. What is read back loads when it is first used, and so does the client, and with it the HTTP stack.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from unified_copy.adapter import Adapter, Operation
from unified_copy.credentials import Credentials
from unified_copy.model import ALL_SYMBOLS, Direction, FollowConfig, OnStop, VenueSettings
from unified_copy.pairs import Pair
from unified_copy.registry import exchanges, load_adapter, register, resolve
from unified_copy.settings import FollowSettings
from unified_copy.terms import (
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    LeaderLeverage,
    MarginMode,
    Multiplier,
    PositionLeverage,
    Proportional,
    SymbolRule,
)
from unified_copy.translation import Translation, translate_with

if TYPE_CHECKING:
    from unified_copy.client import CopyClient, FollowResult
    from unified_copy.results import (
        KEEP,
        ActionResult,
        ClosedCopy,
        CopiedPosition,
        Finding,
        FollowedLeader,
        LeaderProfile,
        Level,
        Side,
        SymbolLimits,
    )

__all__ = [
    "ALL_SYMBOLS",
    "KEEP",
    "ActionResult",
    "Adapter",
    "ClosedCopy",
    "CopiedPosition",
    "CopyClient",
    "Credentials",
    "Direction",
    "Finding",
    "FixedAmount",
    "FixedLeverage",
    "FixedQuantity",
    "FollowConfig",
    "FollowResult",
    "FollowSettings",
    "FollowedLeader",
    "LeaderLeverage",
    "LeaderProfile",
    "Level",
    "MarginMode",
    "Multiplier",
    "OnStop",
    "Operation",
    "Pair",
    "PositionLeverage",
    "Proportional",
    "Side",
    "SymbolLimits",
    "SymbolRule",
    "Translation",
    "VenueSettings",
    "exchanges",
    "load_adapter",
    "register",
    "translate",
]


def translate(config: FollowConfig, *, exchange: str | Adapter) -> Translation:
    """Show what ``exchange`` would be sent for ``config``, without network and without credentials.

    ``exchange`` is a name or an adapter instance. Raises ``UnsupportedError`` naming the field that the exchange
    cannot express, ``UnknownExchangeError`` for a name nobody claims, and ``AdapterError`` for a broken plug-in.
    """
    return translate_with(resolve(exchange), config)


def __getattr__(name: str) -> object:
    """Load what results are made of, or the client and the HTTP stack with it, when it is first asked for."""
    if name in __all__:
        modules = (import_module(f"{__name__}.{part}") for part in ("results", "client"))
        return next(getattr(module, name) for module in modules if hasattr(module, name))
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """List also what has not been loaded yet, so that completion finds it."""
    return sorted({*globals(), *__all__})
