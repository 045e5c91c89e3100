"""Judge requests by a venue's contract, an OpenAPI 3.1 document.

Supported is what contracts of trading APIs use: parameters in path, query and header that are single values, bodies
of JSON or form fields, and references within the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from unified_copy.sandbox.document import load_document
from unified_copy.sandbox.messages import Parameters, Received, Violation
from unified_copy.sandbox.schemas import Schemas, Texts, broken_rule, decode_json

Node = Mapping[str, Any]

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_FORM: Final = "application/x-www-form-urlencoded"
_HOLE: Final = re.compile(r"\{([^}]+)\}")
"""Where a path such as ``/orders/{id}`` takes a value."""


@attrs.frozen
class Code:
    """Hold what the contract's ``x-error-codes`` tells of a code."""

    meaning: str = ""
    http: int | None = None
    """The HTTP status it has been seen with."""


@attrs.frozen(kw_only=True, eq=False)
class Operation:
    """Hold one call of the contract, ready to judge requests."""

    id: str
    """Its ``operationId``."""
    method: str
    path: str
    """The path, with names in braces where it takes values."""
    tags: frozenset[str]
    public: bool
    """Whether it takes no credentials."""
    pattern: re.Pattern[str] = attrs.field(repr=False)
    texts: Mapping[str, Texts] = attrs.field(repr=False)
    bodies: Mapping[str, Callable[[bytes], object]] = attrs.field(repr=False)
    """By media type, what decodes a body and returns it, or the violation found in it."""
    body_required: bool = attrs.field(repr=False)

    def judge(self, received: Received) -> Parameters | Violation:
        """Return the parameters of ``received``, or the first rule of the contract that it breaks."""
        match = self.pattern.fullmatch(received.path)
        holes = [unquote(text) for text in match.groups()] if match else []
        texts = {
            "path": zip(_HOLE.findall(self.path), holes, strict=False),
            "query": received.pairs(),
            "header": received.headers.items(),
        }
        values: dict[str, object] = {}
        for location, pairs in texts.items():
            judged = self.texts[location].judge(pairs)
            if isinstance(judged, Violation):
                return judged
            if location != "header":
                values |= judged
        body = self._body(received)
        return body if isinstance(body, Violation) else Parameters(values, body)

    def _body(self, received: Received) -> object:
        if not received.body:
            return Violation("body", "", "missing", "the body is missing") if self.body_required else None
        if not self.bodies:
            return Violation("body", "", "unknown", "this call takes no body")
        media_type = received.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in self.bodies:
            reason = f"{media_type or 'no content type'} where {' or '.join(self.bodies)} belongs"
            return Violation("header", "content-type", "media type", reason)
        return self.bodies[media_type](received.body)


class Contract:
    """Hold the calls and the error codes of one OpenAPI document."""

    def __init__(self, document: Node) -> None:
        """Prepare every operation of ``document``. Raises ``ValueError`` for a body of an unsupported media type."""
        self._schemas = Schemas(document)
        servers: Sequence[Node] = document.get("servers") or [{"url": ""}]
        prefix = urlsplit(servers[0]["url"]).path.rstrip("/")
        operations = [
            self._operation(document, item, method, prefix + path)
            for path, item in document["paths"].items()
            for method in _METHODS
            if method in item
        ]
        # A path that is written out goes before one with holes that would match it as well.
        self.operations: Final = tuple(sorted(operations, key=lambda operation: "{" in operation.path))
        """Every call of the contract."""
        self.codes: Final[Mapping[str, Code]] = {
            code: Code(told.get("meaning", ""), told.get("http"))
            for code, told in document.get("x-error-codes", {}).items()
        }
        """What the venue's codes mean, where the document has a table ``x-error-codes``."""

    @staticmethod
    def load(name: str) -> Contract:
        """Return the contract at ``package/file.yaml``, read once per process."""
        return _load(name)

    def find(self, method: str, path: str) -> Operation | None:
        """Return the call that a request means, or ``None`` where the contract has none."""
        for operation in self.operations:
            if operation.method == method and operation.pattern.fullmatch(path):
                return operation
        return None

    def _operation(self, document: Node, item: Node, method: str, path: str) -> Operation:
        node = item[method]
        told = (*item.get("parameters", ()), *node.get("parameters", ()))
        parameters = [self._schemas.resolve(each) for each in told]
        body = self._schemas.resolve(node.get("requestBody", {}))
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            tags=frozenset(node.get("tags", ())),
            public=not node.get("security", document.get("security")),
            pattern=re.compile("([^/]+)".join(map(re.escape, _HOLE.split(path)[::2]))),
            texts={where: self._texts(where, parameters) for where in ("path", "query", "header")},
            bodies={kind: self._body(kind, media["schema"]) for kind, media in body.get("content", {}).items()},
            body_required=body.get("required", False),
        )

    def _texts(self, location: str, parameters: Iterable[Node]) -> Texts:
        """Describe the parameters at ``location`` as one object, so that one set of rules judges everything."""
        here = [each for each in parameters if each["in"] == location]
        # Header names know no capitals.
        names = [each["name"].lower() if location == "header" else each["name"] for each in here]
        return self._schemas.texts(
            location,
            {
                "additionalProperties": location == "header",
                "required": [name for name, each in zip(names, here, strict=True) if each.get("required")],
                "properties": {name: each["schema"] for name, each in zip(names, here, strict=True)},
            },
        )

    def _body(self, media_type: str, schema: Node) -> Callable[[bytes], object]:
        if media_type == "application/json":
            validator = self._schemas.validator(schema)

            def json(body: bytes) -> object:
                value = decode_json(body)
                return value if isinstance(value, Violation) else broken_rule("body", validator, value) or value

            return json
        if media_type == _FORM:
            texts = self._schemas.texts("body", schema)
            return lambda body: texts.judge(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        message = f"bodies of {media_type} are not supported"
        raise ValueError(message)


@cache
def _load(name: str) -> Contract:
    return Contract(load_document(name))
