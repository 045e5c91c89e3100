"""The adapter of Bitget spot keeps to its contract and says what it can do."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import yaml

from unified_copy import Credentials, FollowConfig, FollowSettings, OnStop, load_adapter, translate
from unified_copy.adapter import Adapter, Call, Operation
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.model import FIELD_NAMES
from unified_copy.pairs import Pair
from unified_copy.results import KEEP, CopiedPosition, Side
from unified_copy.wire import Response
from unified_copy_bitget.codes import CODES
from unified_copy_bitget.product import BitgetProduct

Make = Callable[..., FollowConfig]
Refusal = Callable[[Callable[[], object]], ConfigError]

SPOT: Adapter = load_adapter("bitget-spot")()
PACKAGE, _, FILE = SPOT.contract.partition("/")
CONTRACT: dict[str, Any] = yaml.safe_load(files(PACKAGE).joinpath(FILE).read_text(encoding="utf-8"))
POSITION = CopiedPosition(exchange="bitget-spot", position_id="7", symbol=Pair("BTC", "USDT"), side=Side.LONG)


@pytest.fixture
def calls(make_config: Make) -> list[Call[Any]]:
    """Return one call of each kind that the adapter makes."""
    clock = SPOT.time()
    assert clock is not None
    plans = [SPOT.settings("1"), SPOT.leaders(None), SPOT.positions(None, None), SPOT.history("1", "2")]
    return [
        *translate(make_config(max_position=1), exchange=SPOT).calls,
        *SPOT.unfollow("1", None, None),
        *SPOT.close(POSITION),
        *SPOT.protect(POSITION, KEEP, None),
        *(next(iter(plan)) for plan in plans),
        next(iter(SPOT.symbols("1"))),
        clock,
        _account_info(),
    ]


def _account_info() -> Call[Any]:
    steps: Any = iter(SPOT.check())
    next(steps)
    call: Call[Any] = steps.send(1)
    return call


def _operation(call: Call[Any]) -> dict[str, Any]:
    operation: dict[str, Any] = CONTRACT["paths"][call.request.path][call.request.method.lower()]
    return operation


def test_it_shares_what_all_products_of_bitget_share() -> None:
    assert isinstance(SPOT, BitgetProduct)
    assert type(SPOT).sign is BitgetProduct.sign
    assert SPOT.codes is CODES


def test_the_host_is_the_one_of_the_contract() -> None:
    assert list(SPOT.hosts) == [server["url"] for server in CONTRACT["servers"]]


def test_the_codes_are_exactly_those_of_the_contract() -> None:
    assert {code for code in CODES if not code.startswith("HTTP ")} == set(CONTRACT["x-error-codes"])
    refusals = {f"HTTP {status}" for status in CONTRACT["x-http-statuses"] if status.startswith("4")}
    assert {code for code in CODES if code.startswith("HTTP ")} == refusals


def test_everything_but_a_leaders_profile_can_be_done() -> None:
    assert SPOT.operations == set(Operation) - {Operation.LEADER}


def test_every_call_of_the_contract_is_made(calls: list[Call[Any]]) -> None:
    assert {call.request.path for call in calls} == set(CONTRACT["paths"])


def test_every_field_is_spoken_of() -> None:
    (fields,) = SPOT.forms.values()
    assert {*fields, "venue"} == set(FIELD_NAMES)
    assert all(support.refusal for support in fields.values() if support.takes is not None)


def test_calls_are_limited_as_the_contract_limits_them(calls: list[Call[Any]]) -> None:
    allowed = [_operation(call)["x-rate-limit"] for call in calls]
    assert [
        {"requests": call.limit.requests, "seconds": call.limit.seconds, "per": call.limit.per} for call in calls
    ] == (allowed)
    assert {call.limit.requests for call in calls if call.writes} == {1}


def test_calls_of_different_operations_do_not_share_a_limit(calls: list[Call[Any]]) -> None:
    assert len({call.limit.name for call in calls}) == len({call.request.path for call in calls})


def test_whatever_is_posted_writes_and_nothing_else(calls: list[Call[Any]]) -> None:
    assert [call.writes for call in calls] == [call.request.method == "POST" for call in calls]


def test_only_the_clock_is_asked_without_a_signature(calls: list[Call[Any]]) -> None:
    assert [call.signed for call in calls] == [bool(_operation(call)["security"]) for call in calls]


def test_a_call_carries_no_secret_before_it_is_signed(calls: list[Call[Any]]) -> None:
    assert {name for call in calls for name in call.request.headers} <= {"Content-Type"}


def test_a_follow_needs_nothing_read_before(make_config: Make) -> None:
    known = FollowSettings(exchange="bitget-spot", leader_id="123123123", active=True)
    config = make_config(max_position=1)
    (first,), (again,) = SPOT.follow(config, None), SPOT.follow(config, known)
    assert SPOT.reads_before == frozenset()
    assert first.request == again.request


@pytest.mark.parametrize("on_stop", [OnStop.CLOSE_NOW, OnStop.LEAVE_OPEN])
def test_an_unfollow_cannot_say_what_becomes_of_positions(refusal_of: Refusal, on_stop: OnStop) -> None:
    error = refusal_of(lambda: SPOT.unfollow("1", on_stop, None))
    assert isinstance(error, UnsupportedError)
    assert (error.field, error.exchange) == ("on_stop", "bitget-spot")


def test_pairs_are_told_of_one_leader_only(refusal_of: Refusal) -> None:
    error = refusal_of(lambda: SPOT.symbols(None))
    assert isinstance(error, UnsupportedError)
    assert (error.field, error.exchange) == ("leader_id", "bitget-spot")


def test_it_has_no_options() -> None:
    build: Any = load_adapter("bitget-spot")
    with pytest.raises(TypeError):
        build(generation="v1")


def test_the_credentials_are_those_of_bitget(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY", "SECRET", "PASSPHRASE"):
        monkeypatch.setenv(f"BITGET_API_{name}", f"the-{name.lower()}")
    assert Credentials.from_env("bitget-spot") == Credentials("the-key", "the-secret", "the-passphrase")
    monkeypatch.setenv("BITGET_SPOT_API_KEY", "own-key")
    monkeypatch.setenv("BITGET_SPOT_API_SECRET", "own-secret")
    assert Credentials.from_env("bitget-spot") == Credentials("own-key", "own-secret")


@pytest.mark.parametrize("path", [path for path, item in CONTRACT["paths"].items() if "get" in item])
def test_the_contracts_own_examples_are_understood(path: str, calls: list[Call[Any]]) -> None:
    (call,) = (call for call in calls if call.request.path == path)
    examples = CONTRACT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["examples"]
    answers = [each["value"] for each in examples.values() if "value" in each and each["value"]["code"] == "00000"]
    assert answers
    assert all(call.decode(Response(200, json.dumps(answer).encode())) is not None for answer in answers)


@pytest.mark.parametrize("path", [path for path, item in CONTRACT["paths"].items() if "post" in item])
def test_the_contracts_own_results_are_taken_for_done(path: str, calls: list[Call[Any]]) -> None:
    (call,) = (call for call in calls if call.request.path == path)
    examples = CONTRACT["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["examples"]
    for name in ("done", "older_result", "newer_result"):
        assert call.decode(Response(200, json.dumps(examples[name]["value"]).encode())) is None


def _floats(node: object) -> list[object]:
    if isinstance(node, dict):
        return [each for value in node.values() for each in _floats(value)]
    if isinstance(node, list):
        return [each for value in node for each in _floats(value)]
    return [node] if isinstance(node, float) else []


def test_the_contract_holds_no_float() -> None:
    assert _floats(CONTRACT) == []
