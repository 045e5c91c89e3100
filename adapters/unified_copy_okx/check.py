"""Whether a key and its account can copy on OKX, found out by reading only."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

from unified_copy.adapter import Call
from unified_copy.errors import (
    AccessDeniedError,
    AccountModeError,
    AuthenticationError,
    ClockError,
    NotFollowingError,
    VenueError,
)
from unified_copy.results import Finding, Level
from unified_copy.wire import Request, encode_query
from unified_copy_okx import answers, wire
from unified_copy_okx.sign import iso

_ADVICE: Final = {
    ClockError: "set this machine's clock",
    AuthenticationError: "check key, secret and passphrase, and whether the key is one for demo trading",
    AccessDeniedError: "ask OKX what keeps the account from it",
    AccountModeError: "switch the account to spot or futures mode, with hedge positions to copy several leaders",
}
_ASK_OKX: Final = "ask OKX to open copying by API"
_NAMED: Final = {
    "50110": ("ip", "add this IP address to those bound to the key"),
    "50120": ("permissions", "grant the key Read and Trade"),
    "59263": ("allow-list", _ASK_OKX),
    "59282": ("allow-list", _ASK_OKX),
}
"""Refusals whose code tells what they are about, and what to do."""
_OF_THE_KEY: Final = {"50100", "50110", "50120"}
"""Besides wrong keys and clocks, what every signed question is refused for."""
_MODES: Final = {"1": "spot", "2": "futures", "3": "multi-currency margin", "4": "portfolio margin"}
_COPYING_MODES: Final = ("1", "2")
_ROLES: Final = {"0": "neither leads nor copies", "1": "leads", "2": "copies"}

Findings = Generator[Call[Any], Any, list[Finding]]


def check() -> Generator[Call[Any], Any, tuple[Finding, ...]]:
    """Ask the clock, the account, the role and one page of copied positions, one after the other."""
    found: list[Finding] = []
    for topic, ask in (("clock", _clock), ("account", _account), ("role", _role), ("allow-list", _positions)):
        try:
            found += yield from ask()
        except (ClockError, AuthenticationError) as error:
            # Whatever else is asked meets the same answer.
            found.append(_problem("clock" if isinstance(error, ClockError) else "key", error))
            break
        except VenueError as error:
            found.append(_problem(topic, error))
            if error.code in _OF_THE_KEY:
                break
    return tuple(found)


def _problem(topic: str, error: VenueError) -> Finding:
    advice = next((words for kind, words in _ADVICE.items() if isinstance(error, kind)), "try again later")
    topic, advice = _NAMED.get(error.code, (topic, advice))
    return Finding(topic, Level.PROBLEM, str(error), advice)


def clock() -> Call[int]:
    """Return the call that asks OKX's clock."""
    return Call(Request("GET", wire.SERVER_TIME.path), answers.time, wire.SERVER_TIME.limit, signed=False)


def _clock() -> Findings:
    now = yield from clock()
    return [Finding("clock", Level.FINE, f"OKX answers; its clock says {iso(now)}")]


def _account() -> Findings:
    """Judge what the account's page tells; it holds ids and addresses, of which none is shown."""
    call = Call(Request("GET", wire.ACCOUNT.path), lambda told: answers.one(told, wire.Account), wire.ACCOUNT.limit)
    account = yield from call
    found = [Finding("key", Level.FINE, "OKX knows the key, and the clock here is close enough to its own")]
    found += _mode(account)
    if account.posMode == "net_mode":
        told, advice = "positions are one-way, in which only one leader can be copied", "use hedge mode for several"
        found.append(Finding("positions", Level.WARNING, told, advice))
    if account.perm:
        found += _permissions({each.strip() for each in account.perm.split(",")})
    if not account.ip:
        told = "no IP address is bound to the key; one that may trade expires after 14 days without use"
        found.append(Finding("ip", Level.WARNING, told, "bind the addresses it is used from"))
    return found


def _mode(account: wire.Account) -> list[Finding]:
    mode = _MODES.get(str(account.acctLv))
    if mode is None:
        return [Finding("account", Level.WARNING, "OKX does not tell the mode of the account", "look it up there")]
    if account.acctLv in _COPYING_MODES:
        return [Finding("account", Level.FINE, f"the account is in {mode} mode")]
    told = f"the account is in {mode} mode, in which nobody can be copied"
    return [Finding("account", Level.PROBLEM, told, "switch it to spot or futures mode")]


def _permissions(granted: set[str]) -> list[Finding]:
    found = []
    if "trade" not in granted:
        told = "the key may read only; following, closing and protecting need Trade"
        found.append(Finding("permissions", Level.PROBLEM, told, "grant the key Trade"))
    if "withdraw" in granted:
        told = "the key may withdraw, which is never needed here"
        found.append(Finding("permissions", Level.WARNING, told, "take that permission from the key"))
    return found or [Finding("permissions", Level.FINE, "the key may trade, and may not withdraw")]


def _role() -> Findings:
    call = Call(Request("GET", wire.ROLE.path), lambda told: answers.one(told, wire.Role), wire.ROLE.limit)
    role = yield from call
    words = next((str(each.roleType) for each in role.details or () if each.instType == wire.SWAP), "")
    if words not in _ROLES:
        return [Finding("role", Level.WARNING, "OKX does not tell the account's role", "look it up there")]
    told = f"the account {_ROLES[words]} in contracts"
    if words == "1":
        return [Finding("role", Level.PROBLEM, told, "a leader cannot copy: use another account")]
    return [Finding("role", Level.FINE, told)]


def _positions() -> Findings:
    """Read copied positions: what an account that is not on the allow-list has been seen to be refused."""
    query = encode_query(instType=wire.SWAP, limit="1", subPosType=wire.COPY)
    request = Request("GET", wire.POSITIONS.path, query)
    try:
        yield from Call(request, answers.data, wire.POSITIONS.limit)
    except NotFollowingError:
        return [Finding("allow-list", Level.FINE, "the account has copied nobody yet")]
    return [Finding("allow-list", Level.FINE, "the account may read its copied positions")]
