"""Have a mock server that nobody here wrote judge every golden request, and a spoilt copy of each in many ways.

Prism reads the contracts as they stand and validates requests by its own rules. Every golden request must pass, and
whatever the project's own reading of the contract refuses, Prism must refuse. What OpenAPI cannot tell Prism is
counted by name in the table's foot; anything else that comes out differently is a surprise, and ends in exit code 1.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

from unified_copy import Adapter, Credentials, exchanges, load_adapter
from unified_copy.sandbox.contract import Contract, Operation
from unified_copy.sandbox.messages import Received, Violation
from unified_copy.testing.golden import load
from unified_copy.wire import JSON, Request

ROOT: Final = Path(__file__).parents[2]
PRISM: Final = Path(__file__).with_name("node_modules") / ".bin" / "prism"
THROW_AWAY: Final = Credentials(key="key", secret="secret", passphrase="passphrase")  # noqa: S106 (opens nothing)
NOW_MS: Final = 1_767_225_600_123
LISTENING: Final = re.compile(r"listening on (http://\S+)")
REFUSED: Final = {400, 401, 415, 422}
"""What Prism answers to a request that breaks a rule; 404 and 405 would be a call that it does not find."""

BEYOND: Final = {
    "query: unknown key": "OpenAPI has no way to forbid query parameters that it does not list",
    "query: empty text": "prism takes an empty query parameter for one that was left out",
    "form: unknown key": "prism reads the listed form fields only, so that additionalProperties: false has no effect",
}
"""The kinds of spoilt requests that Prism may accept, and why; none is hidden, all are counted."""


@attrs.frozen
class Mutant:
    """Hold a request spoilt in one place."""

    kind: str
    request: Request


@attrs.define
class Tally:
    """Count what became of the requests of one product."""

    requests: int = 0
    accepted: int = 0
    mutated: int = 0
    rejected: int = 0
    bare: int = 0
    """Public requests without a rule that a copy could break in a way Prism sees."""
    beyond: Counter[str] = attrs.field(factory=Counter)
    surprises: list[str] = attrs.field(factory=list)


# ------------------------------------------------------------------ the golden requests


def golden(exchange: str) -> Iterator[tuple[Adapter, Request]]:
    """Yield every distinct unsigned request of the golden cases of ``exchange``, with the adapter of the case."""
    seen: set[tuple[str, str, bytes]] = set()
    adapter_class = load_adapter(exchange)
    for case in load(ROOT / "tests" / "golden" / exchange):
        adapter = case.adapter(adapter_class)
        for call in case.calls(adapter):
            request = call.request
            told = (request.method, request.target, request.body)
            if told not in seen:
                seen.add(told)
                yield adapter, request


def mutants(request: Request, *, public: bool) -> Iterator[Mutant]:
    """Yield copies of a signed ``request``, each spoilt in one place; not every one need break the contract."""
    if not public:
        for name in set(request.headers) - set(JSON):
            headers = {key: value for key, value in request.headers.items() if key != name}
            yield Mutant("signature: missing header", with_(request, headers=headers))
    for kind, pairs in spoilt_pairs(request.query):
        yield Mutant(f"query: {kind}", with_(request, query=urlencode(pairs)))
    if request.body.startswith(b"{"):
        for kind, value in spoilt(json.loads(request.body)):
            yield Mutant(f"body: {kind}", with_(request, body=json.dumps(value).encode()))
    elif request.body:
        for kind, pairs in spoilt_pairs(request.body.decode()):
            yield Mutant(f"form: {kind}", with_(request, body=urlencode(pairs).encode()))
    if request.body:
        yield Mutant("body: missing", with_(request, body=b""))


def with_(request: Request, **changes: Any) -> Request:  # noqa: ANN401 (fields of a request)
    """Return ``request`` with some fields changed."""
    told = {name: getattr(request, name) for name in ("method", "path", "query", "headers", "body")}
    return Request(**told | changes)


def spoilt_pairs(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the fields of a query or form: one missing, one empty, one of an unknown word, one that nobody knows."""
    pairs = parse_qsl(text, keep_blank_values=True)
    for at, (name, _) in enumerate(pairs):
        before, after = pairs[:at], pairs[at + 1 :]
        yield "missing key", before + after
        yield "empty text", [*before, (name, ""), *after]
        yield "unknown word", [*before, (name, "no such word"), *after]
    yield "unknown key", [*pairs, ("noSuchKey", "1")]


def spoilt(value: object) -> Iterator[tuple[str, object]]:
    """Yield copies of a JSON value: a key missing, of a wrong type, empty, of an unknown word, or that nobody knows."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield "missing key", {key: each for key, each in value.items() if key != name}
            yield "wrong type", value | {name: {"wrong": "type"}}
            yield "no value", value | {name: None}
            for kind, each in spoilt(part):
                yield kind, value | {name: each}
        yield "unknown key", value | {"noSuchKey": "1"}
    elif isinstance(value, list):
        yield "empty list", []
        # The entries of a list obey one rule, so that the first speaks for all.
        for kind, each in spoilt(value[0]) if value else ():
            yield kind, [each, *value[1:]]
    elif isinstance(value, str):
        yield "empty text", ""
        yield "unknown word", "no such word"
        yield "number for text", 1
    elif isinstance(value, bool | int | float):
        yield "text for value", "no such word"
        yield "negative number", -1


# ------------------------------------------------------------------ asking Prism


@contextmanager
def prism(contract: Path) -> Iterator[http.client.HTTPConnection]:
    """Serve ``contract`` for as long as the block runs."""
    command = [str(PRISM), "mock", "--errors", "--port", "0", str(contract)]
    # Into a file, because a pipe that nobody reads would stop the server once it is full.
    with TemporaryFile("a+") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:  # noqa: S603 (our own)
        try:
            yield http.client.HTTPConnection(address(server, log), timeout=30)
        finally:
            server.terminate()


def address(server: subprocess.Popen[bytes], log: IO[str]) -> str:
    """Return where ``server`` listens, as soon as it says so."""
    for _ in range(600):
        log.seek(0)
        told = log.read()
        if found := LISTENING.search(told):
            return urlsplit(found[1]).netloc
        if server.poll() is not None:
            raise RuntimeError(f"prism does not start: {told}")
        time.sleep(0.1)
    raise RuntimeError("prism does not start within a minute")


def ask(connection: http.client.HTTPConnection, request: Request) -> tuple[bool | None, str]:
    """Return whether Prism accepts ``request``, ``None`` where it judges nothing, and what it says."""
    connection.request(request.method, request.target, request.body or None, dict(request.headers))
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    violations = answer.getheader("sl-violations")
    told = f"{request.method} {request.target} {request.body!r}: {answer.status} {violations or text}"
    if answer.status == http.client.OK and not violations:
        return True, told
    # A broken rule is named in the header; where the contract has no answer of its own to it, in the body.
    judged = violations or answer.getheader("content-type") == "application/problem+json"
    return (False if judged and answer.status in REFUSED else None), told


def breaks(operation: Operation, mutant: Mutant) -> bool:
    """Tell whether ``mutant`` breaks the contract in the project's own reading."""
    if mutant.kind.startswith("signature"):
        return True
    request = mutant.request
    headers = {name.lower(): value for name, value in request.headers.items()}
    received = Received(
        method=request.method, path=request.path, query=request.query, headers=headers, body=request.body
    )
    return isinstance(operation.judge(received), Violation)


def check(exchange: str) -> Tally:
    """Put every golden request of ``exchange``, and its mutants, to Prism."""
    tally = Tally()
    name = load_adapter(exchange).contract
    contract = Contract.load(name)
    with prism(ROOT / "specs" / name) as connection:
        for adapter, unsigned in golden(exchange):
            tally.requests += 1
            operation = contract.find(unsigned.method, unsigned.path)
            if operation is None:
                tally.surprises.append(f"not in the contract: {unsigned.method} {unsigned.path}")
                continue
            request = unsigned if operation.public else adapter.sign(unsigned, THROW_AWAY, now_ms=NOW_MS)
            accepted, told = ask(connection, request)
            if accepted:
                tally.accepted += 1
            else:
                tally.surprises.append(f"golden request not accepted: {told}")
            before = tally.rejected
            for mutant in mutants(request, public=operation.public):
                judge(tally, mutant, ask(connection, mutant.request), broken=breaks(operation, mutant))
            if tally.rejected == before and operation.public:
                tally.bare += 1
            elif tally.rejected == before:
                tally.surprises.append(f"no copy of it rejected: {told}")
    return tally


def judge(tally: Tally, mutant: Mutant, answer: tuple[bool | None, str], *, broken: bool) -> None:
    """Count the answer to a mutant, which need not be ``broken``: a key may be one that can be left out."""
    accepted, told = answer
    tally.mutated += broken
    if broken and accepted is False:
        tally.rejected += 1
    elif broken and accepted and mutant.kind in BEYOND:
        tally.beyond[mutant.kind] += 1
    elif accepted is not (not broken):
        tally.surprises.append(f"{mutant.kind}: {'not rejected' if broken else 'not accepted'}: {told}")


def main() -> int:
    """Print a row per product, what is beyond Prism, and every surprise."""
    tallies = {exchange: check(exchange) for exchange in exchanges()}
    row = "{:<14}|{:>9} |{:>9} |{:>8} |{:>9}"
    lines = [row.format("product", "requests", "accepted", "mutated", "rejected")]
    for exchange, tally in tallies.items():
        lines.append(row.format(exchange, tally.requests, tally.accepted, tally.mutated, tally.rejected))
    beyond = sum((tally.beyond for tally in tallies.values()), Counter[str]())
    lines += [f"beyond prism: {number} x {kind} ({BEYOND[kind]})" for kind, number in sorted(beyond.items())]
    if bare := sum(tally.bare for tally in tallies.values()):
        lines.append(f"nothing to spoil: {bare} public requests without a required parameter")
    surprises = [f"{exchange}: {each}" for exchange, tally in tallies.items() for each in tally.surprises]
    served = {Path(load_adapter(exchange).contract).name for exchange in exchanges()}
    known = {path.name for path in (ROOT / "specs" / "unified_copy_specs").glob("*.yaml")}
    surprises += [f"{name}: no product, or no contract" for name in sorted(served ^ known)]
    sys.stdout.write("\n".join([*lines, *surprises, ""]))
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(main())
