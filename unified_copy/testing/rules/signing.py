"""Whether a signature covers what is sent, and shows no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

from unified_copy.credentials import SHORTEST, Credentials
from unified_copy.testing.broken import require
from unified_copy.testing.rules.rule import Rule
from unified_copy.testing.subject import CANARIES, NOW_MS
from unified_copy.wire import added

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unified_copy.adapter import Adapter
    from unified_copy.testing.subject import Subject
    from unified_copy.wire import Request

_OTHER_SECRET: Final = Credentials(CANARIES.key, "another-secret-4711", CANARIES.passphrase)


def _signed(adapter: Adapter, request: Request, **changed: Any) -> Request:  # noqa: ANN401 (credentials or time)
    told = {"credentials": CANARIES, "now_ms": NOW_MS, **changed}
    return adapter.sign(request, told["credentials"], now_ms=told["now_ms"])


def _requests(subject: Subject) -> Iterator[tuple[Adapter, Request]]:
    """Yield every request that is signed."""
    yield from ((made.adapter, made.call.request) for made in subject.made if made.call.signed)


def _deterministic(subject: Subject) -> None:
    for adapter, request in _requests(subject):
        again = _signed(adapter, request) == _signed(adapter, request)
        require(again, f"{request.method} {request.path} signed twice at one time differs", adapter.sign)


def _covers_everything(subject: Subject) -> None:
    for adapter, request in _requests(subject):
        plain = _added(adapter, request)
        changes: dict[str, dict[str, Any]] = {
            "path": {"path": f"{request.path}x"},
            "query": {"query": f"{request.query}&x=1" if request.query else "x=1"},
            "body": {"body": request.body + b"&x=1"} if request.body else {},
        }
        for part, change in changes.items():
            other = msgspec.structs.replace(request, **change)
            told = f"{request.method} {request.path}: another {part} has the same signature"
            require(not change or _added(adapter, other) != plain, told, adapter.sign)
        others: dict[str, dict[str, Any]] = {
            "secret": {"credentials": _OTHER_SECRET},
            "time": {"now_ms": NOW_MS + 1},
        }
        for what, changed in others.items():
            told = f"{request.method} {request.path}: another {what} gives the same signature"
            require(_added(adapter, request, **changed) != plain, told, adapter.sign)


def _added(adapter: Adapter, request: Request, **changed: Any) -> frozenset[str]:  # noqa: ANN401 (see above)
    return added(request, _signed(adapter, request, **changed))


def _beyond(signed: str, plain: str) -> set[str]:
    return set(signed.split("&")) - set(plain.split("&"))


def _leaves_alone(subject: Subject) -> None:
    """Signing may add to a request, and takes nothing away from it."""
    for adapter, request in _requests(subject):
        signed = _signed(adapter, request)
        kept = (
            (signed.method, signed.path) == (request.method, request.path)
            and request.headers.items() <= signed.headers.items()
            and not _beyond(request.query, signed.query)
            and (signed.body == request.body or signed.body.startswith(request.body))
        )
        require(kept, f"signing {request.method} {request.path} changes what is sent", adapter.sign)


def _shows_nothing(subject: Subject) -> None:
    for adapter, request in _requests(subject):
        signed = _signed(adapter, request)
        wire = "\n".join((signed.target, *signed.headers.values(), signed.body.decode(errors="replace")))
        require(CANARIES.secret not in wire, f"{request.method} {request.path} carries the secret itself", adapter.sign)
        shown = f"{signed!r} {adapter!r} {request!r} {attrs.asdict(adapter)!r}"
        # What changes with the time is the signature, or as good as one; a short value may be anything.
        changing = _added(adapter, request) - _added(adapter, request, now_ms=NOW_MS + 1)
        hidden = {*attrs.astuple(CANARIES), *(value for value in changing if len(value) >= SHORTEST)}
        leaks = [value for value in hidden if value in shown]
        require(not leaks, f"repr of a signed {request.method} {request.path} shows a credential or the signature")
        unsigned = f"{request.target} {request.headers} {request.body!r}"
        secrets = [value for value in attrs.astuple(CANARIES) if value and value in unsigned]
        require(not secrets, f"{request.method} {request.path} holds a credential before it is signed", adapter.sign)


RULES: Final = (
    Rule(
        "S1",
        "The same request is signed the same way at the same time.",
        "a signature that depends on anything else cannot be checked",
        _deterministic,
    ),
    Rule(
        "S2",
        "The signature covers path, query, body, time and secret.",
        "what is not signed can be changed on the way, or is refused by the venue",
        _covers_everything,
    ),
    Rule(
        "S3",
        "Signing adds to a request and changes nothing of it.",
        "what was shown to the user and checked is what must be sent",
        _leaves_alone,
    ),
    Rule(
        "S4",
        "No request carries the secret, and no repr shows a credential or a signature.",
        "whoever reads a log could trade in the user's name",
        _shows_nothing,
    ),
)
