"""The suite finds an adapter that lets an id lead to another address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar
from urllib.parse import quote

import attrs
import pytest

from unified_copy import Adapter, Credentials, FollowConfig, FollowSettings
from unified_copy.adapter import Call, Limit
from unified_copy.fields import Fields, sent
from unified_copy.testing.golden import Golden
from unified_copy.testing.rules import RULES
from unified_copy.testing.subject import Subject
from unified_copy.wire import Request, Response

CONFIG = {"leader_id": "42", "sizing": {"fixed_amount": "5"}, "symbols": ["BTC/USDT"]}
FOLLOW = Golden(file="follow", name="one", operation="follow", arguments={"config": CONFIG})


def _unanswered(_response: Response) -> None:
    raise NotImplementedError


@attrs.frozen(kw_only=True)
class Encoding(Adapter):
    """Name the leader in the path, percent-encoded."""

    name: ClassVar[str] = "addresses"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.addresses.example",)
    forms: ClassVar[Mapping[str, Fields]] = {
        "only": {"leader_id": sent("/copies/{}", "leader"), "sizing": sent("size"), "symbols": sent("symbols")}
    }
    encode: ClassVar[Callable[[str], str]] = partial(quote, safe="")

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        assert known is None
        return self._ask(f"/copies/{type(self).encode(config.leader_id)}", "size=5&symbols=BTC")

    def unfollow(self, leader_id: str, on_stop: object, known: object) -> tuple[Call[None], ...]:
        assert (on_stop, known) == (None, None)
        return self._ask("/ends", f"leader={type(self).encode(leader_id)}")

    def _ask(self, path: str, query: str) -> tuple[Call[None], ...]:
        return (Call(Request("PUT", path, query), _unanswered, Limit(1, 1.0, "key", "all"), writes=True),)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class NotEncoding(Encoding):
    """Write ids as they are."""

    encode: ClassVar[Callable[[str], str]] = str


@attrs.frozen(kw_only=True)
class NotEncodingInQuery(Encoding):
    """Leave in what means something in a query."""

    encode: ClassVar[Callable[[str], str]] = partial(quote, safe="&=")


def test_an_id_that_is_encoded_leads_nowhere_else() -> None:
    RULES["V2"].check(Subject(Encoding, (FOLLOW,)))


@pytest.mark.parametrize("adapter_class", [NotEncoding, NotEncodingInQuery])
def test_an_id_that_leads_to_another_address_is_found(adapter_class: type[Adapter]) -> None:
    with pytest.raises(AssertionError, match="percent-encode the id"):
        RULES["V2"].check(Subject(adapter_class, (FOLLOW,)))
