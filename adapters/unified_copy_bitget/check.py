"""Find out by reading whether a key and its account can follow at Bitget.

Source: Bitget API documentation, spot, account: Get Account Information. Its answer holds ids of the user and of
whoever invited him, and the addresses bound to the key; none of them is told.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from unified_copy.adapter import Call, Limit
from unified_copy.errors import (
    AccessDeniedError,
    AccountModeError,
    AuthenticationError,
    ClockError,
    CredentialsError,
    NotFollowingError,
    OpenPositionsError,
    UnifiedCopyError,
    VenueError,
)
from unified_copy.results import Finding, Level
from unified_copy.wire import Request
from unified_copy_bitget import wire
from unified_copy_bitget.product import WINDOW, answers, data

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from unified_copy.wire import Response
    from unified_copy_bitget.product import BitgetProduct

_ACCOUNT_INFO: Final = Limit(1, WINDOW, "uid", "account-info")
_READ, _WRITE, _WITHDRAW = "ttor", "ttow", "wwow"
_OLDER_WORDS: Final = {"readonly", "trade"}
"""Permissions as the page's example has them; they do not say for which part of Bitget."""
_PERMISSIONS: Final = "allow the key to read and write copy trading"
_OTHER_ACCOUNT: Final = "follow from another account or a sub-account"

_BY_CODE: Final[Mapping[str, tuple[str, str]]] = {
    "40085": ("account", "follow from a classic account or sub-account; a unified one cannot follow by API"),
    **dict.fromkeys(("31031", "31044", "40199"), ("account", _OTHER_ACCOUNT)),
    **dict.fromkeys(("22030", "40105", "40110"), ("key", "use a key made outside the demo mode")),
    **dict.fromkeys(("40014", "40025"), ("permissions", _PERMISSIONS)),
    **dict.fromkeys(
        ("22010", "40018", "40038"),
        ("addresses", "bind the key to the address it is used from, or use it from one bound"),
    ),
    "HTTP 403": ("venue", "see whether Bitget serves this address and region"),
}
"""By code, the topic of a problem and what to do about it."""
_BY_CLASS: Final[tuple[tuple[type[UnifiedCopyError], str, str], ...]] = (
    (CredentialsError, "key", "supply the key, its secret and its passphrase"),
    (AuthenticationError, "key", "see that key, secret and passphrase belong together, and that it is not a demo key"),
    (ClockError, "clock", "set the clock of this machine"),
    (AccountModeError, "account", "see at Bitget whether this account can copy here"),
    (AccessDeniedError, "account", "see at Bitget what is asked of this account: proof of identity, region, a freeze"),
)


def findings(product: BitgetProduct, probe: Call[Any]) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
    """Return the plan that asks Bitget's clock, the key's permissions and, by ``probe``, the product itself."""
    try:
        yield from product.time()
    except UnifiedCopyError as error:
        return (_problem(error),)
    found = [Finding("venue", Level.FINE, "Bitget answers")]
    request = Request("GET", wire.ACCOUNT_INFO)
    try:
        info = yield from Call(request, partial(_decode, product.name), _ACCOUNT_INFO)
    except AccessDeniedError as error:
        # A key for nothing but copy trading may be refused here, and do what it is for all the same.
        told = f"what the key may do cannot be asked: {_told(error)}"
        found.append(Finding("permissions", Level.WARNING, told, _advised(error)[1]))
    except UnifiedCopyError as error:
        return (*found, _problem(error))
    else:
        found += _of_key(info)
    try:
        yield from probe
    except (NotFollowingError, OpenPositionsError):
        # There is nothing to show, and copy trading said so.
        pass
    except UnifiedCopyError as error:
        return (*found, _problem(error))
    return (*found, Finding("account", Level.FINE, "copy trading answers this account"))


def _decode(exchange: str, response: Response) -> wire.AccountInfo:
    told = answers(exchange)
    return told.structure(response, data(told, response), wire.AccountInfo)


def _of_key(info: wire.AccountInfo) -> Iterator[Finding]:
    yield Finding("key", Level.FINE, "key, passphrase and signature are right")
    yield Finding("clock", Level.FINE, "the time of a signed request is accepted, which may be 30 s off")
    granted = {words.lower() for words in info.authorities or ()}
    if _WRITE in granted:
        yield Finding("permissions", Level.FINE, "the key may read and write copy trading")
    elif _READ in granted:
        yield Finding("permissions", Level.PROBLEM, "the key may read copy trading and not write", _PERMISSIONS)
    elif granted and not granted & _OLDER_WORDS:
        yield Finding("permissions", Level.PROBLEM, "the key is not for copy trading", _PERMISSIONS)
    else:
        yield Finding("permissions", Level.WARNING, "Bitget does not tell what the key may do", _PERMISSIONS)
    if _WITHDRAW in granted:
        advice = "make a key without that; following never needs it"
        yield Finding("withdrawal", Level.WARNING, "the key may withdraw", advice)
    if info.ips is UNSET:
        advice = "bind the key to the addresses it is used from"
        yield Finding("addresses", Level.WARNING, "no address is shown to be bound to the key", advice)
    else:
        yield Finding("addresses", Level.FINE, "the key is bound to addresses")
    if info.traderType == "trader":
        yield Finding("account", Level.PROBLEM, "the account leads, and who leads cannot follow", _OTHER_ACCOUNT)


def _problem(error: UnifiedCopyError) -> Finding:
    topic, advice = _advised(error)
    return Finding(topic, Level.PROBLEM, _told(error), advice)


def _advised(error: UnifiedCopyError) -> tuple[str, str]:
    """Return the topic of a problem and what to do about it."""
    if isinstance(error, VenueError) and error.code in _BY_CODE:
        return _BY_CODE[error.code]
    for kind, topic, advice in _BY_CLASS:
        if isinstance(error, kind):
            return topic, advice
    return "venue", "try again later, and see whether Bitget can be reached"


def _told(error: UnifiedCopyError) -> str:
    """Say what went wrong without the venue's own words, which may name the key's owner or address."""
    return f"{error.code}: {error.meaning or 'not documented'}" if isinstance(error, VenueError) else str(error)
