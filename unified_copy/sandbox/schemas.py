"""Judge values by JSON Schema, exactly: no number passes through a binary float on its way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

from unified_copy.sandbox.extra import jsonschema, referencing
from unified_copy.sandbox.messages import Violation

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

Node = Mapping[str, Any]

_DOCUMENT: Final = "urn:contract"
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,99})")
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,99})?")
_TRUTH: Final = {"true": True, "false": False}
_LONGEST_MESSAGE: Final = 200
_KINDS: Final = {
    "required": "missing",
    "additionalProperties": "unknown",
    "const": "enum",
    "minimum": "range",
    "maximum": "range",
    "exclusiveMinimum": "range",
    "exclusiveMaximum": "range",
    "multipleOf": "range",
    "minLength": "short",
    "minItems": "short",
    "minProperties": "short",
    "maxLength": "long",
    "maxItems": "long",
    "maxProperties": "long",
}
"""How a violation is called, where that is not the JSON Schema keyword."""


def decode_json(body: bytes) -> object:
    """Return the JSON document in ``body``, whole numbers as ``int`` and fractions as ``Decimal``, or a violation."""
    try:
        value: object = _DECODER.decode(body)
    except (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError) as error:
        return Violation("body", "", "syntax", f"not a readable JSON document: {error}"[:_LONGEST_MESSAGE])
    return value


def broken_rule(location: str, validator: Draft202012Validator, value: object) -> Violation | None:
    """Return the first rule that ``value`` breaks, in the order of the contract; ``None`` where it keeps them all."""
    try:
        error = jsonschema.exceptions.best_match(islice(validator.iter_errors(value), 1))
    except (ValueError, RecursionError) as trouble:
        # Only wording the violation can fail so, on a value that is too deep or too long to be shown.
        return Violation(location, "", "syntax", f"not a readable value: {type(trouble).__name__}")
    if error is None:
        return None
    # A schema that is simply false, as of a parameter that must not be there, has no keyword.
    keyword = str(error.validator or "unknown")
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in _place(error)).removeprefix(".")
    return Violation(location, name, _KINDS.get(keyword, keyword), error.message[:_LONGEST_MESSAGE])


def _place(error: ValidationError) -> list[str | int]:
    """Return the way to the parameter at fault, down to the one that is missing or too many."""
    place = list(error.absolute_path)
    value: Any = error.instance
    rule: Any = error.validator_value
    schema: Any = error.schema
    if error.validator == "required":
        place.append(next(name for name in rule if name not in value))
    elif error.validator == "additionalProperties":
        place.append(next(name for name in value if name not in schema.get("properties", ())))
    return place


@attrs.frozen
class Texts:
    """Judge named values that arrive as text, as in a query or a form."""

    location: str
    validator: Draft202012Validator
    types: Mapping[str, frozenset[str]]
    """The JSON types that the contract allows each name."""

    def judge(self, pairs: Iterable[tuple[str, str]]) -> dict[str, object] | Violation:
        """Return the values by name, of the types that the contract gives them, or the first violation."""
        values: dict[str, object] = {}
        for name, text in pairs:
            if name in values:
                return Violation(self.location, name, "repeated", f"{name} is given twice"[:_LONGEST_MESSAGE])
            values[name] = _typed(text, self.types.get(name, frozenset()))
        return broken_rule(self.location, self.validator, values) or values


def _typed(text: str, types: frozenset[str]) -> object:
    """Return what ``text`` says, if it can be one of ``types``; otherwise the text, for the schema to refuse."""
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return Decimal(text)
    if "boolean" in types and text in _TRUTH:
        return _TRUTH[text]
    return text


class Schemas:
    """Hold a document whose parts refer to each other."""

    def __init__(self, document: Node) -> None:
        """Take the document in which references are looked up."""
        specification = referencing.jsonschema.DRAFT202012
        resource = specification.create_resource(dict(_anchored(document)))
        self._registry = referencing.Registry().with_resource(_DOCUMENT, resource)

    def resolve(self, node: Node) -> Node:
        """Return ``node``, or what it refers to."""
        while "$ref" in node:
            node = self._registry.resolver(_DOCUMENT).lookup(node["$ref"]).contents
        return node

    def validator(self, schema: Node) -> Draft202012Validator:
        """Return what judges values by ``schema``, a part of the document."""
        return jsonschema.Draft202012Validator(dict(_anchored(schema)), registry=self._registry)

    def texts(self, location: str, schema: Node) -> Texts:
        """Return what judges named texts by ``schema``, that of an object."""
        properties = self.resolve(schema).get("properties", {})
        return Texts(location, self.validator(schema), {name: self._types(node) for name, node in properties.items()})

    def _types(self, schema: Node) -> frozenset[str]:
        types = self.resolve(schema).get("type", ())
        return frozenset([types] if isinstance(types, str) else types)


def _anchored(node: Any) -> Any:  # noqa: ANN401 (any part of a document)
    """Return ``node`` with its references made absolute, so that they hold wherever it is used."""
    if isinstance(node, Mapping):
        return {
            name: _DOCUMENT + value
            if name == "$ref" and isinstance(value, str) and value[0] == "#"
            else _anchored(value)
            for name, value in node.items()
        }
    return [_anchored(each) for each in node] if isinstance(node, list) else node
