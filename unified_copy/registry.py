"""Find the adapter of an exchange by name, importing nothing but the one asked for.

Adapters are found through the entry-point group ``unified_copy.adapters``, the built-in ones like everybody else's,
and through ``register`` for the running process. There is no list of exchanges anywhere.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.adapter import ADAPTER_API, Adapter
from unified_copy.errors import AdapterError, ConfigError, UnknownExchangeError
from unified_copy.plugins import chosen, may_load, offers
from unified_copy.validation import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""What an exchange may be called."""
_HOST: Final = re.compile(r"https://[a-z0-9.-]+(:[0-9]+)?")

_loaded: dict[str, type[Adapter]] = {}
_registered: dict[str, type[Adapter]] = {}


def exchanges() -> tuple[str, ...]:
    """Return the names of all exchanges that an adapter is installed or registered for, without importing any.

    One that ``UNIFIED_COPY_PLUGINS`` does not allow is left out; one that is broken shows only when it is loaded.
    """
    installed = (name for name, claims in offers().items() if any(map(may_load, claims)))
    return tuple(sorted({*installed, *_registered}))


def load_adapter(name: str) -> type[Adapter]:
    """Return the adapter class for ``name``, importing it at first use.

    Raises ``UnknownExchangeError`` with the nearest names, or ``AdapterError`` for a plug-in that is broken, that may
    not load, or whose name another distribution claims too.
    """
    known = _registered.get(name) or _loaded.get(name)
    if known is None:
        known = _loaded[name] = _import(name)
    return known


def register(adapter_class: type[Adapter]) -> None:
    """Make ``adapter_class`` known under its name, for this process.

    Raises ``AdapterError`` where it breaks the contract or its name belongs to somebody else.
    """
    check(adapter_class, getattr(adapter_class, "name", repr(adapter_class)), _owner(adapter_class))
    name = adapter_class.name
    if (other := _registered.get(name, adapter_class)) is not adapter_class:
        raise AdapterError(name, f"claimed by both {_owner(other)} and {_owner(adapter_class)}")
    if claims := offers().get(name):
        raise AdapterError(name, f"claimed by both {claims[0].distribution} and {_owner(adapter_class)}")
    _registered[name] = adapter_class


def unregister(name: str) -> None:
    """Forget what ``register`` was told under ``name``."""
    _registered.pop(name, None)


def resolve(exchange: str | Adapter, options: Mapping[str, object] | None = None) -> Adapter:
    """Return the adapter for a name, with its options from ``options`` and the environment, or the adapter itself.

    The option ``rate_unit`` of ``xt`` is read from ``XT_RATE_UNIT`` unless ``options`` has it. Raises what
    ``load_adapter`` raises, and ``ConfigError`` for an option that is unknown or takes no such value, and for what is
    neither a name nor an adapter.
    """
    if isinstance(exchange, Adapter):
        return exchange
    if not isinstance(exchange, str):
        a_class = isinstance(exchange, type) and issubclass(exchange, Adapter)
        hint = f"; call it: {exchange.__name__}()" if a_class else ""
        raise ConfigError("exchange", f"{shown(exchange)} is neither a name nor an instance of an adapter{hint}")
    adapter_class = load_adapter(exchange)
    chosen = {key: value for key in option_names(adapter_class) if (value := os.environ.get(_variable(exchange, key)))}
    if options:
        return _build(adapter_class, {**chosen, **options})
    return _build_once(adapter_class, tuple(chosen.items()))


@cache
def option_names(adapter_class: type[Adapter]) -> tuple[str, ...]:
    """Return the names of an adapter's options."""
    return tuple(field.name for field in attrs.fields(adapter_class))


def _build(adapter_class: type[Adapter], options: Mapping[str, object]) -> Adapter:
    if unknown := [key for key in options if key not in option_names(adapter_class)]:
        allowed = ", ".join(option_names(adapter_class)) or "none"
        raise ConfigError("exchange", f"{adapter_class.name} has no option {unknown[0]!r}; it has: {allowed}")
    return adapter_class(**options)


@cache
def _build_once(adapter_class: type[Adapter], options: tuple[tuple[str, str], ...]) -> Adapter:
    return _build(adapter_class, dict(options))


@cache
def _variable(exchange: str, option: str) -> str:
    return f"{exchange}_{option}".upper().replace("-", "_")


def _import(name: str) -> type[Adapter]:
    claims = offers().get(name, ())
    if not claims:
        import difflib  # noqa: PLC0415 (needed for a mistake only)

        known = exchanges()
        nearest = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5) if isinstance(name, str) else []
        raise UnknownExchangeError(name, tuple(nearest) or known)
    offer = chosen(claims)
    try:
        adapter_class = offer.entry_point.load()
    except Exception as error:
        reason = f"of {offer.distribution} does not import: {type(error).__name__}: {error}"
        raise AdapterError(name, reason) from error
    check(adapter_class, name, offer.distribution)
    return adapter_class  # type: ignore[no-any-return]  # an entry point loads anything; check has looked


def check(adapter_class: object, name: str, owner: str) -> None:
    """Refuse a class that breaks the contract in a way that can be seen without calling it."""
    reason = ""
    if not (isinstance(adapter_class, type) and issubclass(adapter_class, Adapter)):
        reason = "is not a subclass of unified_copy.Adapter"
    elif missing := [word for word in ("name", "hosts", "forms") if not getattr(adapter_class, word, None)]:
        reason = f"does not say its {' and '.join(missing)}"
    elif abstract := sorted(adapter_class.__abstractmethods__):
        reason = f"does not define {' and '.join(abstract)}"
    elif api := _unsuited(adapter_class):
        reason = api
    elif adapter_class.name != name:
        reason = f"calls itself {adapter_class.name!r} and is installed as {name!r}"
    elif not NAME.fullmatch(name):
        reason = "has a name that is not made of lower-case letters, digits and dashes"
    elif bad := [host for host in adapter_class.hosts if not _HOST.fullmatch(host)]:
        reason = f"declares {bad[0]!r}, which is not an https origin"
    if reason:
        raise AdapterError(str(name), f"of {owner} {reason}")


def _unsuited(adapter_class: type[Adapter]) -> str:
    """Say why an adapter written for another version of the contract is refused."""
    written_for = getattr(adapter_class, "adapter_api", None)
    if type(written_for) is not int:
        return f"does not say for which adapter contract it was written; add adapter_api = {ADAPTER_API}"
    if written_for != ADAPTER_API:
        cure = "upgrade it" if written_for < ADAPTER_API else "upgrade unified-copy"
        return f"was written for adapter contract {written_for}, and this is {ADAPTER_API}; {cure}"
    return ""


def _owner(adapter_class: object) -> str:
    return f"{getattr(adapter_class, '__module__', '?')}.{getattr(adapter_class, '__qualname__', adapter_class)}"
