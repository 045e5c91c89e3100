"""The base class answers for what an adapter does not have, and its options are checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import attrs
import pytest

from unified_copy import Adapter, CopyClient, Credentials, FollowConfig, FollowSettings
from unified_copy.adapter import Call, Limit, Operation, option
from unified_copy.errors import ConfigError, UnsupportedError
from unified_copy.fields import Fields, sent
from unified_copy.wire import Request, Response


@attrs.frozen(kw_only=True)
class WriteOnly(Adapter):
    """Follow, and be able to do nothing else."""

    name: ClassVar[str] = "write-only"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.write.example",)
    forms: ClassVar[dict[str, Fields]] = {"start": {"leader_id": sent("leader")}, "amend": {}}

    color: str = option("red", "green", default="red")
    shade: str | None = option("dark")

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        raise NotImplementedError

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise NotImplementedError


def _limit() -> Limit:
    return Limit(1, 1.0, "uid", "all")


def test_an_adapter_can_do_what_it_defines() -> None:
    assert WriteOnly.operations == {Operation.FOLLOW}


def test_an_operation_is_named_as_the_method_of_the_client() -> None:
    assert [operation.value for operation in Operation if not callable(getattr(CopyClient, operation.value))] == []


def test_what_an_adapter_cannot_do_is_refused_in_words() -> None:
    with pytest.raises(UnsupportedError) as caught:
        WriteOnly().settings("7")
    assert caught.value.exchange == "write-only"
    assert "cannot do 'settings'" in caught.value.reason


def test_an_adapter_need_not_know_its_venue_s_clock() -> None:
    assert WriteOnly().time() is None


def test_the_first_form_is_the_one_a_follow_takes(make_config: Callable[..., FollowConfig]) -> None:
    assert WriteOnly().form(make_config()) == "start"


def test_an_option_has_its_default() -> None:
    assert (WriteOnly().color, WriteOnly().shade) == ("red", None)


def test_an_option_takes_its_choices() -> None:
    assert WriteOnly(color="green", shade="dark").shade == "dark"


@pytest.mark.parametrize("value", ["blue", "", None, 5, "RED"])
def test_an_option_refuses_everything_else_and_names_itself(value: object) -> None:
    options: dict[str, Any] = {"color": value}
    with pytest.raises(ConfigError) as caught:
        WriteOnly(**options)
    assert caught.value.field == "exchange"
    assert caught.value.reason == f"option color takes 'red' or 'green', not {value!r}"


def test_an_adapter_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        WriteOnly().color = "green"  # type: ignore[misc]


def test_an_adapter_that_cannot_follow_or_sign_cannot_be_built() -> None:
    kind: Any = type("Nothing", (Adapter,), {})
    with pytest.raises(TypeError, match="abstract"):
        kind()


def test_a_single_call_is_a_plan_that_returns_its_answer() -> None:
    call = Call(Request("GET", "/"), lambda response: response.status, _limit())
    steps = iter(call)
    assert next(steps) is call
    with pytest.raises(StopIteration) as finished:
        steps.send(call.decode(Response(204)))
    assert finished.value.value == 204


def test_a_call_reads_and_is_signed_unless_it_says_otherwise() -> None:
    call = Call(Request("GET", "/"), lambda response: response.status, _limit())
    assert (call.writes, call.signed) == (False, True)
