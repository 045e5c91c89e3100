"""An exchange nobody here has heard of is added from outside, with a form body and its signature in the query."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Generator, Iterator
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from urllib.parse import urlencode

import attrs
import pytest

from unified_copy import (
    Adapter,
    Credentials,
    Direction,
    FixedAmount,
    FollowConfig,
    FollowSettings,
    OnStop,
    SymbolRule,
    Translation,
    VenueSettings,
    register,
    translate,
)
from unified_copy.adapter import Call, Limit, Operation
from unified_copy.answers import Answers, Refusal
from unified_copy.errors import UnsupportedError, VenueError
from unified_copy.fields import Fields, implied, left, refused, sent
from unified_copy.files import structure_config
from unified_copy.registry import unregister
from unified_copy.settings import common_terms, differences
from unified_copy.translation import Fate, uniform_rule
from unified_copy.wire import FORM, Request, Response, encode_query

Make = Callable[..., FollowConfig]


class Wallet(Enum):
    """Name where the money comes from."""

    SPOT = "spot"
    FUTURES = "futures"


@attrs.frozen(kw_only=True)
class ThirdSettings(VenueSettings):
    """Hold what only this product requires."""

    wallet: Wallet
    principal: Decimal
    guarded: bool = False


@attrs.frozen(kw_only=True)
class Position:
    """Hold what the venue shows of a follow."""

    symbols: str
    amount: Decimal


LIMIT = Limit(2, 1.0, "key", "follow")
ANSWERS = Answers(exchange="third", codes={"13": Refusal(VenueError, "unlucky")})


def _done(response: Response) -> None:
    if response.body != b"OK":
        raise ANSWERS.refusal(response.body.decode(), response)


def _position(response: Response) -> Position | None:
    return None if response.status == 404 else ANSWERS.json(response, Position)


@attrs.frozen(kw_only=True)
class ThirdAdapter(Adapter):
    """Amend with PUT, start with POST, after looking which of the two it is."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = "third"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.third.example",)
    forms: ClassVar[dict[str, Fields]] = {
        "only": {
            "leader_id": sent("leader"),
            "sizing": sent("amount", takes=(FixedAmount,), refusal="amounts only"),
            "symbols": sent("symbols"),
            "stop_loss": refused("there is none"),
            "leverage": left("as the account has it", refusal="the account's own"),
            "on_stop": implied("stays open", OnStop.CLOSE_WITH_LEADER, refusal="it stays open"),
            "direction": implied("the same", Direction.SAME, refusal="only the same"),
            "venue": sent("wallet", "principal", "guarded"),
        }
    }
    venue_settings: ClassVar[type[VenueSettings] | None] = ThirdSettings
    reads_before: ClassVar[frozenset[Operation]] = frozenset({Operation.FOLLOW})

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        venue = config.venue
        if not isinstance(venue, ThirdSettings):
            raise UnsupportedError("venue", "pass ThirdSettings", self.name)
        sizing = uniform_rule(config, self.name).sizing
        assert isinstance(sizing, FixedAmount)
        form = {
            "leader": config.leader_id,
            "amount": f"{sizing.amount:f}",
            "symbols": ",".join(rule.symbol.base for rule in config.rules),
            "wallet": venue.wallet.value,
            "principal": f"{venue.principal:f}",
            "guarded": "1" if venue.guarded else "0",
        }
        method = "PUT" if known and known.active else "POST"
        request = Request(method, "/follow", "", FORM, urlencode(form).encode())
        return (Call(request, _done, LIMIT, writes=True),)

    def settings(self, leader_id: str) -> Generator[Call[Any], Any, FollowSettings]:
        request = Request("GET", "/follow", encode_query(leader=leader_id))
        shown: Position | None = yield from Call(request, _position, LIMIT)
        if shown is None:
            return FollowSettings(exchange=self.name, leader_id=leader_id, active=False)
        sizing = FixedAmount(shown.amount)
        rules = [SymbolRule(f"{base}/USDT", sizing=sizing) for base in shown.symbols.split(",")]
        return FollowSettings(
            exchange=self.name,
            leader_id=leader_id,
            active=True,
            missing=frozenset({"venue"}),
            **common_terms(rules),
        )

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        stamped = "&".join(part for part in (request.query, f"timestamp={now_ms}") if part)
        signature = hmac.digest(credentials.secret.encode(), stamped.encode() + request.body, "sha256").hex()
        headers = {**request.headers, "X-Key": credentials.key}
        return Request(request.method, request.path, f"{stamped}&signature={signature}", headers, request.body)


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    register(ThirdAdapter)
    yield
    unregister("third")


@pytest.fixture
def config(make_config: Make) -> FollowConfig:
    venue = ThirdSettings(wallet=Wallet.SPOT, principal=Decimal("0.1"))
    return make_config(symbols=["BTC/USDT", "ETH/USDT"], venue=venue)


@pytest.fixture
def translation(config: FollowConfig) -> Translation:
    return translate(config, exchange="third")


def test_a_stranger_s_exchange_is_translated_by_its_name(translation: Translation) -> None:
    assert translation.requests == (
        Request(
            "POST",
            "/follow",
            "",
            FORM,
            b"leader=123123123&amount=330&symbols=BTC%2CETH&wallet=spot&principal=0.1&guarded=0",
        ),
    )


def test_a_follow_that_exists_is_amended_in_another_way(config: FollowConfig) -> None:
    known = FollowSettings(exchange="third", leader_id="123123123", active=True)
    (call,) = ThirdAdapter().follow(config, known)
    assert call.request.method == "PUT"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("leader_id", (("leader", "123123123"),)),
        ("sizing", (("amount", "330"),)),
        ("symbols", (("symbols", "BTC,ETH"),)),
        ("venue", (("wallet", "spot"), ("principal", "0.1"), ("guarded", "0"))),
    ],
)
def test_the_fates_of_a_form_are_read_out_of_it(
    translation: Translation, name: str, told: tuple[tuple[str, str], ...]
) -> None:
    assert translation.fields[name].sent == told


def test_what_a_stranger_leaves_to_its_venue_is_said(translation: Translation) -> None:
    assert translation.fields["leverage"].fate is Fate.LEFT_TO_VENUE


def test_what_a_stranger_does_not_mention_is_refused(make_config: Make) -> None:
    with pytest.raises(UnsupportedError) as caught:
        translate(make_config(loss_limit=5), exchange="third")
    assert caught.value.field == "loss_limit"


def test_the_required_settings_of_a_stranger_are_demanded(make_config: Make) -> None:
    with pytest.raises(UnsupportedError) as caught:
        translate(make_config(), exchange="third")
    assert caught.value.field == "venue"


def test_a_signature_may_stand_in_the_query_and_is_not_shown(translation: Translation) -> None:
    signed = ThirdAdapter().sign(translation.requests[0], Credentials("k", "hidden"), now_ms=1_700_000_000_000)
    assert signed.query.startswith("timestamp=1700000000000&signature=")
    assert signed.body == translation.requests[0].body
    assert signed.query.rpartition("=")[2] not in repr(signed)


def test_what_a_stranger_shows_reads_back_without_differences(
    config: FollowConfig, run_plan: Callable[..., Any]
) -> None:
    answer = Response(200, b'{"symbols":"ETH,BTC","amount":330.0}')
    shown, requests = run_plan(ThirdAdapter().settings("123123123"), [answer])
    assert [request.target for request in requests] == ["/follow?leader=123123123"]
    assert differences(config, shown, ThirdAdapter.forms["only"]) == ()
    assert shown.to_config(venue=config.venue).symbols == (SymbolRule("ETH/USDT"), SymbolRule("BTC/USDT"))


def test_what_a_stranger_does_not_follow_is_not_active(run_plan: Callable[..., Any]) -> None:
    shown, _ = run_plan(ThirdAdapter().settings("1"), [Response(404)])
    assert shown.active is False


def test_a_stranger_s_refusal_is_its_own_code(translation: Translation) -> None:
    with pytest.raises(VenueError) as caught:
        translation.calls[0].decode(Response(200, b"13"))
    assert (caught.value.code, caught.value.meaning) == ("13", "unlucky")


def test_a_stranger_s_success_is_nothing_special(translation: Translation) -> None:
    assert translation.calls[0].decode(Response(200, b"OK")) is None


def test_a_stranger_can_do_what_it_defines() -> None:
    assert ThirdAdapter.operations == {Operation.FOLLOW, Operation.SETTINGS}


def test_the_settings_of_a_stranger_are_read_from_a_table() -> None:
    table = {
        "leader_id": "1",
        "sizing": {"fixed_amount": "5"},
        "symbols": ["BTC/USDT"],
        "venue": {"wallet": "futures", "principal": Decimal("0.1"), "guarded": True},
    }
    config = structure_config(table, exchange="third")
    assert config.venue == ThirdSettings(wallet=Wallet.FUTURES, principal=Decimal("0.1"), guarded=True)
