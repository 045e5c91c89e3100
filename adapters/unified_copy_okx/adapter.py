"""OKX perpetual swap copy trading, follower side: the adapter that ties the rooms together."""

from __future__ import annotations

from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

import attrs

from unified_copy.adapter import Adapter, Call, Operation
from unified_copy.answers import Codes, Reading
from unified_copy.decimals import plain
from unified_copy.errors import NotFollowingError, UnsupportedError, VenueUnavailableError
from unified_copy.fields import none_meanings
from unified_copy.gaps import Gaps, cannot
from unified_copy.model import FIELD_NAMES
from unified_copy.results import KEEP, Page
from unified_copy.settings import FollowSettings
from unified_copy.wire import JSON, Request, encode, encode_query
from unified_copy_okx import answers, check, rows, translate, wire
from unified_copy_okx import sign as signing
from unified_copy_okx.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from unified_copy.credentials import Credentials
    from unified_copy.fields import Fields
    from unified_copy.model import FollowConfig, OnStop
    from unified_copy.results import (
        ClosedCopy,
        CopiedPosition,
        Finding,
        FollowedLeader,
        LeaderProfile,
        Price,
        SymbolLimits,
    )
    from unified_copy.wire import Response

T = TypeVar("T")

_NONE_MEANS: Final = none_meanings(translate.FOLLOW)
_NINETY_DAYS: Final = "3"
_REMOVED: Final = "0"


@attrs.frozen(kw_only=True)
class OkxAdapter(Adapter):
    """Follow leaders on OKX perpetual swaps, in USDT.

    Some leaders allow smart sync only, which the documented API cannot set, and some accounts are not on the list of
    those who may copy by API; ``check`` tells of the second.
    """

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = translate.NAME
    hosts: ClassVar[tuple[str, ...]] = ("https://www.okx.com",)
    forms: ClassVar[Mapping[str, Fields]] = translate.FORMS
    codes: ClassVar[Codes] = CODES
    contract: ClassVar[str] = "unified_copy_specs/okx.yaml"
    venue: ClassVar[str] = "unified_copy_okx.venue:OkxVenue"
    reads_before: ClassVar[frozenset[Operation]] = frozenset({Operation.FOLLOW, Operation.UNFOLLOW})
    on_stop_suffices: ClassVar[bool] = True
    after_unfollow: ClassVar[str] = "open copied positions are treated as the follow's own on_stop said"
    unfollows_later: ClassVar[bool] = True
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.SYMBOLS: {"leader_id": {NoneType: cannot("OKX tells what can be copied by leader only; name one")}}
    }

    # -- following

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Return the call that starts the follow, or changes the one that is ``known`` to be active.

        Both take the whole config, and nothing of what is there: whether OKX keeps what is left out is not documented.
        """
        endpoint = wire.AMEND if known is not None and known.active else wire.START
        return (_write(endpoint, translate.follow(config), answers.done),)

    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:
        """Return the call that ends the follow; without ``on_stop`` as the follow's own setting says.

        OKX demands to be told where there are copied positions, so what could not be read has to be said. Raises
        ``UnsupportedError`` naming ``on_stop``.
        """
        body = wire.Stop(uniqueCode=translate.unique_code(leader_id))
        chosen = on_stop or (known.on_stop if known else None)
        if chosen is not None:
            body.subPosCloseType = translate.ON_STOP_WORDS[chosen]
        elif known is not None and known.active:
            reason = "OKX demands to be told, and what the follow says of it could not be read; give on_stop"
            raise UnsupportedError("on_stop", reason, self.name)
        return (_write(wire.STOP, body, answers.done),)

    # -- reading

    def settings(self, leader_id: str) -> Generator[Call[Any], Any, FollowSettings]:
        """Return the plan that reads one follow."""
        unknown = frozenset(FIELD_NAMES) - {"leader_id"}
        silent = FollowSettings(exchange=self.name, leader_id=leader_id, active=False, missing=unknown)
        try:
            shown, raw = yield from _shown(leader_id)
        except NotFollowingError:
            return silent
        if shown is None or shown.copyState == "0":
            return attrs.evolve(silent, raw=raw)
        reading = Reading()
        fields = translate.config_fields(shown, reading)
        return FollowSettings(
            exchange=self.name,
            leader_id=leader_id,
            active=True,
            missing=frozenset(reading.unread),
            unread=reading.unread,
            none_means=_NONE_MEANS,
            raw=raw,
            **fields,
        )

    def leaders(self, cursor: str | None) -> Generator[Call[Any], Any, Page[FollowedLeader]]:  # noqa: ARG002 (OKX gives all at once)
        """Return the plan that reads all leaders being copied."""
        return Page((yield from _read(wire.LEADERS, answers.leaders, instType=wire.SWAP)), None)

    def positions(self, leader_id: str | None, cursor: str | None) -> Generator[Call[Any], Any, Page[CopiedPosition]]:
        """Return the plan that reads one page of open copied positions; the cursor is the last one's id."""
        found = yield from _read(wire.POSITIONS, answers.positions, **_page(cursor))
        return Page(tuple(row for row in found if _is_of(leader_id, row.leader_id)), _next(found))

    def history(self, leader_id: str | None, cursor: str | None) -> Generator[Call[Any], Any, Page[ClosedCopy]]:
        """Return the plan that reads one page of the last three months' closed copies."""
        found = yield from _read(wire.HISTORY, answers.history, **_page(cursor))
        return Page(tuple(row for row in found if _is_of(leader_id, row.leader_id)), _next(found))

    def symbols(self, leader_id: str | None) -> Generator[Call[Any], Any, tuple[SymbolLimits, ...]]:
        """Return the plan that reads what one leader opens for copying; OKX lists it by leader only."""
        self.require(Operation.SYMBOLS, leader_id=leader_id)
        return _symbols(str(leader_id))

    def leader(self, leader_id: str) -> Generator[Call[Any], Any, LeaderProfile]:
        """Return the plan that reads a leader's public results of the last 90 days, all that is found by id."""

        def decode(response: Response) -> LeaderProfile:
            shown, raw = answers.one(response, wire.Statistics), answers.data(response)[0]
            return answers.ANSWERS.reading(response, lambda: rows.profile(leader_id, shown, raw))

        query = {"instType": wire.SWAP, "lastDays": _NINETY_DAYS, "uniqueCode": translate.unique_code(leader_id)}
        return (yield from _read(wire.STATISTICS, decode, **query))

    def check(self) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
        """Return the plan that asks about clock, key, account, role and the allow-list."""
        return check.check()

    # -- open positions

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        """Return the call that closes one copied position at market."""
        body = wire.Close(subPosId=position.position_id)
        return (_write(wire.CLOSE, body, partial(answers.touched, position.position_id)),)

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        """Return the call that sets, cancels or keeps the protections of one copied position.

        OKX demands at least one of the two prices and cancels by zero, so a price that is left out is kept.
        """
        body = wire.Protect(subPosId=position.position_id)
        if take_profit_price is not KEEP:
            body.tpTriggerPx = _REMOVED if take_profit_price is None else plain(take_profit_price)
        if stop_loss_price is not KEEP:
            body.slTriggerPx = _REMOVED if stop_loss_price is None else plain(stop_loss_price)
        return (_write(wire.PROTECT, body, partial(answers.touched, position.position_id)),)

    # -- talking to OKX

    def time(self) -> Call[int]:
        """Return the call that asks OKX's clock."""
        return check.clock()

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` with OKX's headers; raises ``CredentialsError`` without a passphrase."""
        return signing.sign(request, credentials, now_ms=now_ms)


# ------------------------------------------------------------------ calls


def _write(endpoint: wire.Endpoint, body: object, decode: Callable[[Response], None]) -> Call[None]:
    return Call(Request("POST", endpoint.path, "", JSON, encode(body)), decode, endpoint.limit, writes=True)


def _read(endpoint: wire.Endpoint, decode: Callable[[Response], T], **query: str) -> Call[T]:
    signed = endpoint.limit.per == "uid"
    return Call(Request("GET", endpoint.path, encode_query(**query)), decode, endpoint.limit, signed=signed)


def _shown(leader_id: str) -> Call[tuple[wire.ShownFollow | None, object]]:
    return _read(wire.SETTINGS, answers.settings, instType=wire.SWAP, uniqueCode=translate.unique_code(leader_id))


def _symbols(leader_id: str) -> Generator[Call[Any], Any, tuple[SymbolLimits, ...]]:
    """Read the leader's pairs, then the range that an order of any of them must keep to."""
    shown, raw = yield from _shown(leader_id)
    pairs = shown.instIds if shown else None
    if pairs is None:
        raise VenueUnavailableError(translate.NAME, "no pairs", "an answer that does not tell the leader's pairs")

    def decode(response: Response) -> tuple[SymbolLimits, ...]:
        ranges = answers.one(response, wire.Ranges)
        return answers.ANSWERS.reading(response, lambda: tuple(rows.limits(each, ranges, raw) for each in pairs))

    return (yield from _read(wire.RANGES, decode, instType=wire.SWAP))


# ------------------------------------------------------------------ pages


def _page(cursor: str | None) -> dict[str, str]:
    """Return the query for the page of copied positions that are older than ``cursor``."""
    query = {"instType": wire.SWAP, "limit": str(wire.PAGE), "subPosType": wire.COPY}
    return query if cursor is None else {**query, "after": cursor}


def _next(found: tuple[CopiedPosition, ...] | tuple[ClosedCopy, ...]) -> str | None:
    """Return where the next page begins; OKX has no mark for the end, so a page that is not full is the last."""
    return found[-1].position_id if len(found) >= wire.PAGE else None


def _is_of(wanted: str | None, leader_id: str | None) -> bool:
    """Tell whether a row is of the leader asked for; OKX is not documented to sort them out itself."""
    if wanted is not None and leader_id is None:
        # To leave it out would be to say that it is another leader's.
        raise VenueUnavailableError(translate.NAME, "no leader", "a position that does not tell its leader")
    return wanted in {None, leader_id}
