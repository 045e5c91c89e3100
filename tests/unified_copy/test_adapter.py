"""The base class answers for what an adapter does not have, and its options are checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, ClassVar

import attrs
import pytest
from bazaar import Bazaar

from unified_copy import ALL_SYMBOLS, Adapter, CopyClient, Credentials, FollowConfig, FollowSettings
from unified_copy.adapter import Call, Limit, Operation, option
from unified_copy.errors import ConfigError, CredentialsError, UnsupportedError
from unified_copy.fields import Fields, sent
from unified_copy.gaps import Gaps, cannot, undocumented, with_option
from unified_copy.pairs import Pair
from unified_copy.results import KEEP, CopiedPosition, Side
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


# ------------------------------------------------------------------ operations

EVERYTHING = frozenset(Operation)
METHODS = [operation.value for operation in Operation if operation is not Operation.CLOSE_ALL]
OPTIONAL = [name for name in METHODS if name != "follow"]


def _with(*methods: str) -> type[Adapter]:
    """Return an adapter that defines these methods beside what each must."""

    def defined(*_: object) -> None:
        """Do nothing; only that it is there matters."""

    return type("Some", (WriteOnly,), dict.fromkeys(methods, defined))


def test_an_adapter_that_defines_everything_can_do_everything() -> None:
    assert Bazaar.operations == EVERYTHING


@pytest.mark.parametrize("method", OPTIONAL)
def test_an_operation_is_found_from_the_method_that_does_it(method: str) -> None:
    assert _with(method).operations == {Operation.FOLLOW, Operation(method)}


@pytest.mark.parametrize(
    ("methods", "all_at_once"),
    [
        ((), False),
        (("close",), False),
        (("positions",), False),
        (("close", "positions"), True),
        (("close", "history", "leaders", "protect"), False),
        (OPTIONAL, True),
    ],
)
def test_all_can_be_closed_where_positions_can_be_listed_and_closed(
    methods: tuple[str, ...], *, all_at_once: bool
) -> None:
    assert (Operation.CLOSE_ALL in _with(*methods).operations) is all_at_once


def test_a_product_inherits_what_its_venue_can_do() -> None:
    assert type("Product", (_with("leaders"),), {"leader": Bazaar.leader}).operations == {  # type: ignore[attr-defined]
        Operation.FOLLOW,
        Operation.LEADERS,
        Operation.LEADER,
    }


@pytest.mark.parametrize("method", OPTIONAL)
def test_a_product_gives_back_what_its_venue_can_do_and_it_cannot(method: str) -> None:
    product: Any = type("Product", (Bazaar,), {method: getattr(Adapter, method)})
    lost = {Operation(method)} | ({Operation.CLOSE_ALL} if method in {"close", "positions"} else set())
    assert product.operations == EVERYTHING - lost


def test_what_an_adapter_says_it_can_do_is_not_believed() -> None:
    boastful: Any = type("Boastful", (WriteOnly,), {"operations": EVERYTHING})
    assert boastful.operations == {Operation.FOLLOW}


ARGUMENTS: dict[str, tuple[object, ...]] = {
    "unfollow": ("7", None, None),
    "settings": ("7",),
    "leaders": (None,),
    "positions": (None, None),
    "history": (None, None),
    "symbols": (None,),
    "leader": ("7",),
    "check": (),
    "close": (None,),
    "protect": (None, KEEP, None),
}


@pytest.mark.parametrize("method", OPTIONAL)
def test_each_operation_that_is_missing_is_refused_by_name(method: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        getattr(WriteOnly(), method)(*ARGUMENTS[method])
    assert (caught.value.field, caught.value.exchange) == ("exchange", "write-only")
    assert caught.value.reason == f"cannot do {method!r}: it has no such operation"


POSITION = CopiedPosition(exchange="write-only", position_id="1", symbol=Pair("BTC", "USDT"), side=Side.LONG)
ASKED: dict[str, dict[str, object]] = {
    "unfollow": {"leader_id": "7"},
    "settings": {"leader_id": "7"},
    "symbols": {},
    "leader": {"leader_id": "7"},
    "check": {},
    "close": {"position": POSITION},
    "close_all": {"symbols": ALL_SYMBOLS},
    "protect": {"position": POSITION, "stop_loss_price": 5},
}


@pytest.mark.parametrize("method", ASKED)
async def test_the_client_refuses_by_name_what_the_adapter_lacks(method: str) -> None:
    async with CopyClient(credentials={}) as client:
        with pytest.raises(UnsupportedError, match=f"write-only: exchange: cannot do '{method}'"):
            await getattr(client, method)(exchange=WriteOnly(), **ASKED[method])


@pytest.mark.parametrize("method", ["leaders", "positions", "history"])
async def test_the_client_refuses_by_name_the_list_that_the_adapter_lacks(method: str) -> None:
    async with CopyClient(credentials={}) as client:
        with pytest.raises(UnsupportedError, match=f"write-only: exchange: cannot do '{method}'"):
            await anext(getattr(client, method)(exchange=WriteOnly()))


def test_every_operation_is_asked_for_here() -> None:
    assert {*ASKED, "leaders", "positions", "history", "follow"} == {operation.value for operation in Operation}


# ------------------------------------------------------------------ gaps


@attrs.frozen(kw_only=True)
class Gapped(Bazaar):
    """Do less than the bazaar, and say why."""

    gaps: ClassVar[Gaps] = {
        Operation.LEADER: with_option("kind", "new", reason="the old one shows nobody"),
        Operation.PROTECT: with_option("price", reason="it must be told which price"),
        Operation.HISTORY: undocumented("its page is empty"),
    }
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.SYMBOLS: {
            "leader_id": {str: cannot("of all leaders only"), NoneType: with_option("kind", reason="-")}
        }
    }

    kind: str | None = option("old", "new")
    price: str | None = option("last", "mark")


def test_what_an_option_may_bring_is_among_what_a_product_can_do() -> None:
    assert Gapped.operations == EVERYTHING - {Operation.HISTORY}


@pytest.mark.parametrize(
    ("options", "lost"),
    [
        ({}, {Operation.LEADER, Operation.PROTECT}),
        ({"kind": "old"}, {Operation.LEADER, Operation.PROTECT}),
        ({"kind": "new"}, {Operation.PROTECT}),
        ({"kind": "new", "price": "last"}, set()),
    ],
    ids=["no-option", "another-choice", "one-option", "all-options"],
)
def test_an_adapter_tells_what_it_can_do_with_its_own_options(options: dict[str, Any], lost: set[Operation]) -> None:
    assert Gapped(**options).available == Gapped.operations - lost


def test_what_consists_of_others_can_be_done_where_they_can() -> None:
    class Apart(Gapped):
        gaps: ClassVar[Gaps] = {Operation.CLOSE: with_option("price", reason="it must be told which price")}

    assert Apart.operations == EVERYTHING
    assert EVERYTHING - Apart().available == {Operation.CLOSE, Operation.CLOSE_ALL}
    with pytest.raises(UnsupportedError, match="cannot do 'close_all': it must be told which price; choose"):
        Apart().require(Operation.CLOSE_ALL)


def test_an_adapter_without_gaps_can_do_all_that_it_defines() -> None:
    assert WriteOnly().available == WriteOnly.operations


async def test_the_client_refuses_a_gap_in_the_words_of_its_declaration() -> None:
    async with CopyClient(credentials={}) as client:
        with pytest.raises(UnsupportedError) as caught:
            await client.leader("7", exchange=Gapped(kind="old"))
    words = "the old one shows nobody; choose with kind='new' on the adapter, or BAZAAR_KIND=new"
    assert str(caught.value) == f"bazaar: exchange: cannot do 'leader': {words}"


async def test_a_list_that_is_a_gap_is_refused_when_it_is_asked_for() -> None:
    async with CopyClient(credentials={}) as client:
        with pytest.raises(UnsupportedError, match="cannot do 'history': its page is empty"):
            client.history(exchange=Gapped())


async def test_the_client_refuses_a_gap_before_it_needs_a_key() -> None:
    async with CopyClient(credentials={}) as client:
        with pytest.raises(UnsupportedError, match="cannot do 'leader'"):
            await client.leader("7", exchange=Gapped())
        with pytest.raises(CredentialsError):
            await client.leader("7", exchange=Gapped(kind="new"))


@pytest.mark.parametrize(
    ("options", "asked", "field"),
    [
        ({}, {"leader_id": "7"}, "leader_id"),
        ({"kind": "old"}, {"leader_id": "7"}, "leader_id"),
        ({}, {"leader_id": None}, "leader_id"),
        ({"kind": "old"}, {"leader_id": None}, None),
        ({}, {}, None),
    ],
    ids=["given", "given-whatever-the-option", "left-out", "left-out-with-the-option", "not-asked"],
)
def test_an_argument_that_is_declared_as_a_gap_is_refused_by_name(
    options: dict[str, Any], asked: dict[str, Any], field: str | None
) -> None:
    refused = None
    try:
        Gapped(**options).require(Operation.SYMBOLS, **asked)
    except UnsupportedError as error:
        refused = error.field
    assert refused == field
