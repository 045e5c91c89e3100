from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from unified_copy.sandbox import Contract, Parameters, Received, Violation
from unified_copy.sandbox.document import parse
from unified_copy.sandbox.schemas import Schemas, broken_rule

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENT = """
openapi: 3.1.0
servers: [{url: https://api.example.com/base/}]
security: [{key: []}]
paths:
  /orders/{id}/of/{user-name}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, minimum: 1}}
      - {name: user-name, in: path, required: true, schema: {type: string, maxLength: 5}}
    delete: {operationId: cancel, tags: [orders]}
    get:
      operationId: show
      parameters:
        - {name: X-Shape, in: header, required: true, schema: {const: round}}
        - {name: size, in: query, schema: {type: number, multipleOf: 0.1}}
        - {name: all, in: query, schema: {type: [boolean, string], enum: [true, false, maybe]}}
  /orders/latest/of/everybody: {get: {operationId: latest, security: []}}
  /orders:
    post:
      operationId: order
      requestBody: {$ref: '#/components/requestBodies/Order'}
    put:
      operationId: form
      requestBody:
        content: {application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Form'}}}
components:
  requestBodies:
    Order:
      required: true
      content:
        application/json: {schema: {$ref: '#/components/schemas/Order'}}
  schemas:
    Form:
      type: object
      additionalProperties: false
      required: [amount]
      properties:
        amount: {$ref: '#/components/schemas/Amount'}
        close: {type: boolean}
        comment: {type: string}
    Amount: {type: number, exclusiveMinimum: 0}
    Order:
      type: object
      additionalProperties: false
      maxProperties: 4
      properties:
        amount: {$ref: '#/components/schemas/Amount'}
        limit: {type: integer, maximum: 100000000000000000000}
        legs: {type: array, minItems: 1, items: {type: object, properties: {side: {enum: [buy, sell]}, old: false}}}
        either: {anyOf: [{type: string, pattern: '^x'}, {type: 'null'}]}
        odd: {not: {const: 1}}
x-error-codes:
  '1': {meaning: first, http: 400}
  '2': {}
"""


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(parse(DOCUMENT))


def judged(contract: Contract, method: str, path: str, **sent: Any) -> Parameters | Violation:  # noqa: ANN401 (handed on)
    operation = contract.find(method, "/base" + path)
    assert operation is not None
    return operation.judge(Received(method=method, path="/base" + path, **sent))


def violation(contract: Contract, method: str, path: str, **sent: Any) -> tuple[str, str, str]:  # noqa: ANN401 (handed on)
    found = judged(contract, method, path, **sent)
    assert isinstance(found, Violation)
    assert found.message
    assert len(found.message) <= 200
    return found.location, found.name, found.kind


def order(contract: Contract, body: str) -> tuple[str, str, str]:
    headers = {"content-type": "application/json"}
    return violation(contract, "POST", "/orders", headers=headers, body=body.encode())


# ------------------------------------------------------------------ finding the call


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/base/orders/latest/of/everybody", "latest"),
        ("GET", "/base/orders/latest/of/nobody", "show"),
        ("DELETE", "/base/orders/7/of/me", "cancel"),
        ("PUT", "/base/orders", "form"),
        ("PUT", "/base/orders/", None),
        ("PUT", "/orders", None),
        ("put", "/base/orders", None),
        ("GET", "/base/orders", None),
        ("GET", "/base/orders/7/of/me/too", None),
    ],
)
def test_a_call_is_found_by_method_and_path(contract: Contract, method: str, path: str, operation: str | None) -> None:
    found = contract.find(method, path)
    assert (found.id if found else None) == operation


def test_calls_are_signed_unless_the_contract_says_otherwise(contract: Contract) -> None:
    assert {each.id for each in contract.operations if each.public} == {"latest"}


def test_a_call_without_any_security_is_public() -> None:
    contract = Contract(parse("{paths: {/time: {get: {operationId: time}}}}"))
    assert contract.operations[0].public


def test_codes_carry_what_the_contract_tells_of_them(contract: Contract) -> None:
    assert (contract.codes["1"].meaning, contract.codes["1"].http) == ("first", 400)
    assert (contract.codes["2"].meaning, contract.codes["2"].http) == ("", None)


def test_a_body_of_another_media_type_cannot_be_judged() -> None:
    content = "{text/csv: {schema: {}}}"
    document = f"{{paths: {{/orders: {{post: {{operationId: order, requestBody: {{content: {content}}}}}}}}}}}"
    with pytest.raises(ValueError, match="text/csv"):
        Contract(parse(document))


# ------------------------------------------------------------------ parameters that are text


def test_texts_become_what_the_contract_says_they_are(contract: Contract) -> None:
    headers = {"x-shape": "round", "accept": "*/*"}
    found = judged(
        contract, "GET", "/orders/12345678901234567890/of/j%C3%B6rg", query="size=0.30&all=true", headers=headers
    )
    assert found == Parameters({"id": 12345678901234567890, "user-name": "jörg", "size": Decimal("0.30"), "all": True})
    assert str(found.values["size"]) == "0.30"


def test_text_stays_text_where_it_is_nothing_else(contract: Contract) -> None:
    found = judged(contract, "GET", "/orders/1/of/7", query="all=maybe", headers={"x-shape": "round"})
    assert found == Parameters({"id": 1, "user-name": "7", "all": "maybe"})


@pytest.mark.parametrize(
    ("path", "query", "headers", "found"),
    [
        ("/orders/0/of/me", "", {"x-shape": "round"}, ("path", "id", "range")),
        ("/orders/one/of/me", "", {"x-shape": "round"}, ("path", "id", "type")),
        ("/orders/1.0/of/me", "", {"x-shape": "round"}, ("path", "id", "type")),
        ("/orders/1/of/somebody", "", {"x-shape": "round"}, ("path", "user-name", "long")),
        ("/orders/1/of/me", "", {}, ("header", "x-shape", "missing")),
        ("/orders/1/of/me", "", {"x-shape": "flat"}, ("header", "x-shape", "enum")),
        ("/orders/1/of/me", "colour", {"x-shape": "round"}, ("query", "colour", "unknown")),
        ("/orders/1/of/me", "size=1&size=1", {"x-shape": "round"}, ("query", "size", "repeated")),
        ("/orders/1/of/me", "size=1e1", {"x-shape": "round"}, ("query", "size", "type")),
        ("/orders/1/of/me", "size=0.25", {"x-shape": "round"}, ("query", "size", "range")),
        ("/orders/1/of/me", "size=" + "9" * 101, {"x-shape": "round"}, ("query", "size", "type")),
        ("/orders/1/of/me", "all=True", {"x-shape": "round"}, ("query", "all", "enum")),
    ],
)
def test_a_parameter_that_breaks_its_rule_is_named_with_the_rule(
    contract: Contract, path: str, query: str, headers: Mapping[str, str], found: tuple[str, str, str]
) -> None:
    assert violation(contract, "GET", path, query=query, headers=headers) == found


# ------------------------------------------------------------------ bodies


def test_a_json_body_is_decoded_exactly(contract: Contract) -> None:
    body = b'{"amount": 0.1234567890123456789012345678901234567890, "limit": 99999999999999999999, "either": null}'
    found = judged(contract, "POST", "/orders", headers={"content-type": "application/json"}, body=body)
    assert isinstance(found, Parameters)
    assert found.body == {
        "amount": Decimal("0.1234567890123456789012345678901234567890"),
        "limit": 99999999999999999999,
        "either": None,
    }


@pytest.mark.parametrize(
    ("body", "name", "kind"),
    [
        ('{"colour": 1}', "colour", "unknown"),
        ('{"amount": "1"}', "amount", "type"),
        ('{"amount": 0.0}', "amount", "range"),
        ('{"limit": 100000000000000000001}', "limit", "range"),
        ('{"limit": 1.0}', "limit", "type"),
        ('{"limit": true}', "limit", "type"),
        ('{"legs": []}', "legs", "short"),
        ('{"legs": [{"side": "buy"}, {"side": "hold"}]}', "legs[1].side", "enum"),
        ('{"legs": [{"old": 1}]}', "legs[0]", "unknown"),
        ('{"either": "y"}', "either", "pattern"),
        ('{"odd": 1}', "odd", "not"),
        ('{"amount": 1, "limit": 1, "legs": [{}], "either": null, "odd": 2}', "", "long"),
        ("[]", "", "type"),
        ("{", "", "syntax"),
        ('{"amount": 1e99999999999999999999}', "", "syntax"),
        ('{"limit": ' + "9" * 5000 + "}", "", "syntax"),
        ("[" * 100_000, "", "syntax"),
    ],
)
def test_a_json_body_that_breaks_a_rule_is_refused_by_name(contract: Contract, body: str, name: str, kind: str) -> None:
    assert order(contract, body) == ("body", name, kind)


@pytest.mark.parametrize("depth", [1, 100_000])
def test_a_value_that_cannot_be_shown_is_refused_all_the_same(depth: int) -> None:
    value: list[Any] = [10**5000]
    for _ in range(depth):
        value = [value]
    found = broken_rule("body", Schemas({}).validator({"type": "string"}), value)
    assert found
    assert (found.location, found.kind) == ("body", "syntax")


def test_a_form_is_decoded_and_judged_like_everything_else(contract: Contract) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    found = judged(contract, "PUT", "/orders", headers=headers, body=b"amount=1.50&close=false&comment=a+b%26c")
    assert found == Parameters({}, {"amount": Decimal("1.50"), "close": False, "comment": "a b&c"})
    for body, name, kind in (
        (b"close=true", "amount", "missing"),
        (b"amount=0", "amount", "range"),
        (b"amount=1&amount=1", "amount", "repeated"),
        (b"amount=1&colour=red", "colour", "unknown"),
        (b"amount=1&close=1", "close", "type"),
    ):
        assert violation(contract, "PUT", "/orders", headers=headers, body=body) == ("body", name, kind)


def test_a_body_that_is_optional_may_be_left_out(contract: Contract) -> None:
    assert judged(contract, "PUT", "/orders") == Parameters({}, None)


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "found"),
    [
        ("POST", "/orders", b"", "application/json", ("body", "", "missing")),
        ("POST", "/orders", b"{}", "", ("header", "content-type", "media type")),
        ("POST", "/orders", b"{}", "text/json", ("header", "content-type", "media type")),
        ("DELETE", "/orders/1/of/me", b"{}", "application/json", ("body", "", "unknown")),
    ],
)
def test_a_body_must_be_there_if_asked_for_and_of_the_right_type(  # noqa: PLR0913, PLR0917 (a row of a table)
    contract: Contract, method: str, path: str, body: bytes, content_type: str, found: tuple[str, str, str]
) -> None:
    assert violation(contract, method, path, headers={"content-type": content_type}, body=body) == found


# ------------------------------------------------------------------ the file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("2024-01-26", "2024-01-26"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("true", True),
        ("~", None),
        ("", None),
        ("010", 10),
        ("-7", -7),
        ("'7'", "7"),
        ("9223372036854775807000", 9223372036854775807000),
        ("0.10", Decimal("0.10")),
        ("1e-30", Decimal("1e-30")),
    ],
)
def test_a_contract_is_read_as_yaml_1_2_means_it(text: str, value: object) -> None:
    read = parse(f"value: {text}")["value"]
    assert read == value
    assert type(read) is type(value)
    assert str(read) == str(value)


def test_a_contract_is_read_once() -> None:
    assert Contract.load("unified_copy_specs/xt.yaml") is Contract.load("unified_copy_specs/xt.yaml")
