"""Whether requests keep to the venue's contract, its hosts and its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from unified_copy.adapter import Limit, Operation
from unified_copy.errors import ConfigError
from unified_copy.sandbox import Contract, Violation
from unified_copy.sandbox.document import load_document
from unified_copy.testing.broken import BrokenRuleError, require
from unified_copy.testing.rules.rule import Rule
from unified_copy.testing.subject import CANARIES, NOW_MS, received
from unified_copy.translation import translate_with, wire_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unified_copy.adapter import Adapter, Call
    from unified_copy.model import FollowConfig
    from unified_copy.testing.subject import Subject
    from unified_copy.wire import Request

_PRINTABLE: Final = frozenset(map(chr, range(32, 127)))
_STRANGE: Final = "1/2?x=3&y=4#5"
"""A leader's id that means something in an address."""


def _everything_sent(subject: Subject) -> Iterator[tuple[Adapter, Call[Any]]]:
    """Yield every call of golden cases, and of configs around each kind of value."""
    yield from subject.requests()
    for sample in subject.samples:
        try:
            translation = translate_with(sample.adapter, sample.config)
        except ConfigError:
            continue
        yield from ((sample.adapter, call) for call in translation.calls)


def _valid(subject: Subject) -> None:
    contract = Contract.load(subject.adapter_class.contract)
    for adapter, call in _everything_sent(subject):
        request = call.request
        told = f"{request.method} {request.target} {request.body.decode()}"
        operation = contract.find(request.method, request.path)
        if operation is None:
            raise BrokenRuleError(f"{told}: the contract has no such call")
        signed = adapter.sign(request, CANARIES, now_ms=NOW_MS) if call.signed else request
        judged = operation.judge(received(signed))
        require(not isinstance(judged, Violation), f"{told}: {judged}", adapter.follow)
        require(call.signed is not operation.public, f"{told}: signed={call.signed}, and public={operation.public}")


def _no_contract(subject: Subject) -> str:
    return "" if subject.adapter_class.contract else "the adapter names no contract"


def _stays_at_home(subject: Subject) -> None:
    for adapter, call in _everything_sent(subject):
        request = call.request
        inside = request.path.startswith("/") and not request.path.startswith("//")
        require(inside, f"path {request.path!r} could lead to another host", adapter.follow)
        told = "".join((request.method, request.target, *request.headers, *request.headers.values()))
        smuggled = set(told) - _PRINTABLE
        require(not smuggled, f"{told!r} holds {', '.join(map(repr, sorted(smuggled)))}", adapter.follow)
        require(" " not in request.method + request.target, f"{request.target!r} holds a blank", adapter.follow)
    _reaches_nothing_else(subject)
    if subject.adapter_class.contract:
        servers = {server["url"] for server in load_document(subject.adapter_class.contract).get("servers", ())}
        stray = sorted(set(subject.adapter_class.hosts) - servers)
        require(not stray, f"{', '.join(stray)} is not a server of the contract", subject.adapter_class)


def _reaches_nothing_else(subject: Subject) -> None:
    """Ask about a leader whose id is part of an address, and look whether that address is asked."""
    for adapter, config in subject.follows:
        try:
            strange = [*_about(adapter, attrs.evolve(config, leader_id=_STRANGE))]
        except ConfigError:
            # Ids of this kind are refused.
            continue
        for request, usual in zip(strange, _about(adapter, config), strict=True):
            told = f"{request.method} {request.target} is where leader {_STRANGE!r} leads; percent-encode the id"
            require(_outline(request) == _outline(usual), told, adapter.follow)


def _about(adapter: Adapter, config: FollowConfig) -> Iterator[Request]:
    """Yield the requests of a follow, and the first of what else is asked about its leader."""
    yield from translate_with(adapter, config).requests
    asked: dict[Operation, tuple[Any, ...]] = {
        Operation.SETTINGS: (config.leader_id,),
        Operation.LEADER: (config.leader_id,),
        Operation.UNFOLLOW: (config.leader_id, None, None),
    }
    for operation in (each for each in asked if each in adapter.available):
        plan = getattr(adapter, operation.value)(*asked[operation])
        yield (plan[0] if isinstance(plan, tuple) else next(iter(plan))).request


def _outline(request: Request) -> tuple[int, bool, list[str]]:
    """Return what an id must not change: the parts of the path, and the keys of query and body."""
    return request.path.count("/"), "#" in request.target, [key for key, _ in wire_values(request)]


def _limited(subject: Subject) -> None:
    for adapter, call in subject.requests():
        request, limit = call.request, call.limit
        sane = isinstance(limit, Limit) and limit.requests > 0 and limit.seconds > 0 and limit.name
        require(sane, f"{request.method} {request.path} is limited by {limit}", adapter.follow)
        reads = request.method in {"GET", "HEAD"}
        require(not (reads and call.writes), f"{request.method} {request.path} is marked as a write", adapter.follow)
    for made in subject.made:
        writes = made.case.operation in {"follow", "unfollow", "close", "protect"}
        told = f"{made}: writes={made.call.writes}"
        require(made.call.writes is writes, told, made.call.decode)


RULES: Final = (
    Rule(
        "V1",
        "Every request keeps to the venue's contract, and is signed where the contract asks for it.",
        "the venue refuses what breaks its rules, or worse, reads it as something else",
        _valid,
        _no_contract,
    ),
    Rule(
        "V2",
        "Requests go to the declared hosts and nowhere else, whatever ids and pairs are called.",
        "credentials travel with them",
        _stays_at_home,
    ),
    Rule(
        "V3",
        "Every call says how often it may be made and whether it writes.",
        "writes are never repeated, and a venue blocks keys that ask too often",
        _limited,
    ),
)
