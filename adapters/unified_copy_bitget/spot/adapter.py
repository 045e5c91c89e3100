"""Bitget spot copy trading, follower side: what is asked, and what is believed of the answers.

Signature, clock, envelope and error table are those of all Bitget products. The stop-order call is left out: Bitget
says that it ends the tracking of an order, and not whether that sells. There is no call that closes everything.
"""

from __future__ import annotations

from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

import attrs

from unified_copy.adapter import Call, Limit, Operation
from unified_copy.answers import Reading
from unified_copy.decimals import plain
from unified_copy.errors import NotFollowingError
from unified_copy.gaps import Gaps, cannot
from unified_copy.model import FIELD_NAMES, FollowConfig, OnStop
from unified_copy.results import KEEP, ClosedCopy, CopiedPosition, Finding, FollowedLeader, Page, Price, SymbolLimits
from unified_copy.settings import FollowSettings, common_terms
from unified_copy.wire import JSON, Request, Response, encode, encode_query
from unified_copy_bitget import check, pages
from unified_copy_bitget.product import WINDOW, BitgetProduct, answers, confirm, data, number_of
from unified_copy_bitget.spot import rows, translate, wire
from unified_copy_bitget.translate import ON_UNFOLLOW
from unified_copy_bitget.wire import CancelTrader

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from unified_copy.fields import Fields
    from unified_copy_bitget.pages import P

Row = TypeVar("Row")
Item = TypeVar("Item")

_ENABLED: Final = {"YES": True, "NO": False}
_ANSWERS: Final = answers(translate.NAME)
_PAGE_SIZE: Final = 50
"""The largest page that Bitget gives."""
_NEVER_SHOWN: Final = frozenset({"sizing", "follow_new_symbols"})
"""Of a size only the kind is shown, never the value."""
_OF_ONE_LEADER: Final = cannot("Bitget spot tells the pairs of one leader only; name one")


@attrs.frozen(kw_only=True)
class BitgetSpotAdapter(BitgetProduct):
    """Follow leaders on Bitget spot."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = translate.NAME
    forms: ClassVar[Mapping[str, Fields]] = translate.FORMS
    contract: ClassVar[str] = "unified_copy_specs/bitget-spot.yaml"
    venue: ClassVar[str] = "unified_copy_bitget.spot.venue:BitgetSpotVenue"
    after_unfollow: ClassVar[str] = "open copied positions stay open and close with the leader"
    gaps: ClassVar[Gaps] = {
        Operation.LEADER: cannot("Bitget shows of a spot leader nothing but his pairs; see symbols() for these"),
    }
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.UNFOLLOW: ON_UNFOLLOW,
        Operation.SYMBOLS: {"leader_id": {NoneType: _OF_ONE_LEADER}},
    }

    # -- following

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (start and amend are one call here)
        """Return the one call that starts a follow or changes it."""
        return (_write(wire.SETTINGS, translate.settings(config), "settings"),)

    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (nothing needs to be known)
        """Return the one call that ends a follow; Bitget leaves open positions to close with the leader."""
        self.require(Operation.UNFOLLOW, on_stop=on_stop)
        return (_write(wire.CANCEL_TRADER, CancelTrader(traderId=leader_id), "cancel-trader"),)

    def settings(self, leader_id: str) -> Generator[Call[Any], Any, FollowSettings]:
        """Return the plan that reads the settings per pair."""
        unknown = frozenset(FIELD_NAMES) - {"leader_id"}
        silent = FollowSettings(exchange=self.name, leader_id=leader_id, active=False, missing=unknown)
        try:
            shown, raw = yield from _read(wire.QUERY_SETTINGS, _decode_settings, "query-settings", traderId=leader_id)
        except NotFollowingError:
            return silent
        active = _ENABLED[shown.enable.upper()]
        reading = Reading()
        pairs = shown.tradeSettingList or []
        rules = [(rule, translate.sizing_kind(pair)) for pair in pairs if (rule := translate.rule(pair, reading))]
        if not rules:
            return attrs.evolve(silent, active=active, raw=raw, unread=reading.unread)
        return FollowSettings(
            exchange=self.name,
            leader_id=leader_id,
            active=active,
            missing=_NEVER_SHOWN | frozenset(reading.unread),
            unread=reading.unread,
            sizing_kinds={rule.symbol: kind for rule, kind in rules if kind},
            raw=raw,
            **common_terms(rule for rule, _ in rules),
        )

    # -- reading

    def leaders(self, cursor: str | None) -> Call[Page[FollowedLeader]]:
        """Return the call that reads one page of leaders; the cursor holds the next page's number and the last id."""
        number, _, last = (cursor or "1:").partition(":")
        decode = partial(_decode_leaders, int(number), last)
        return _read(wire.QUERY_TRADERS, decode, "query-traders", pageNo=number, pageSize=str(_PAGE_SIZE))

    def positions(self, leader_id: str | None, cursor: str | None) -> Call[Page[CopiedPosition]]:
        """Return the call that reads one page of open positions, newest first; the cursor is Bitget's ``endId``."""
        decode = partial(_decode_orders, wire.OpenOrder, rows.position, cursor or "")
        return _read(wire.CURRENT_ORDERS, decode, "query-current-orders", **_part(leader_id, cursor))

    def history(self, leader_id: str | None, cursor: str | None) -> Call[Page[ClosedCopy]]:
        """Return the call that reads one page of closed copies of the last three months, newest first."""
        decode = partial(_decode_orders, wire.ClosedOrder, rows.closed, cursor or "")
        return _read(wire.HISTORY_ORDERS, decode, "query-history-orders", **_part(leader_id, cursor))

    def symbols(self, leader_id: str | None) -> Call[tuple[SymbolLimits, ...]]:
        """Return the call that reads which pairs a leader trades now."""
        self.require(Operation.SYMBOLS, leader_id=leader_id)
        return _read(wire.QUERY_TRADER_SYMBOLS, _decode_symbols, "query-trader-symbols", traderId=str(leader_id))

    def check(self) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
        """Return the plan that asks what key and account can do."""
        return check.findings(self, self.leaders(None))

    # -- open positions

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        """Return the call that sells one copied position."""
        wish = wire.CloseTracking(trackingNoList=[number_of(position)], symbol=translate.symbol(position.symbol))
        return (_write(wire.CLOSE_TRACKING, wish, "order-close-tracking"),)

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        """Return the call that sets or cancels protections; Bitget keeps what is left out."""
        prices = {"stopSurplusPrice": take_profit_price, "stopLossPrice": stop_loss_price}
        told = {key: "0" if price is None else plain(price) for key, price in prices.items() if price is not KEEP}
        wish = wire.SettingTpsl(trackingNo=number_of(position), **told)
        return (_write(wire.SETTING_TPSL, wish, "setting-tpsl"),)


# ------------------------------------------------------------------ calls


_WRITES_PER_SECOND: Final = 1
_READS_PER_SECOND: Final = 5
"""Of every read. The pages of two say 10, and the changelog of 2024-08-15 says 5 of one of them; 5 is safe for both."""


def _write(path: str, body: object, budget: str) -> Call[None]:
    limit = Limit(_WRITES_PER_SECOND, WINDOW, "uid", f"spot {budget}")
    return Call(Request("POST", path, "", JSON, encode(body)), partial(confirm, _ANSWERS), limit, writes=True)


def _read(path: str, decode: Callable[[Response], Item], budget: str, **parameters: str) -> Call[Item]:
    limit = Limit(_READS_PER_SECOND, WINDOW, "uid", f"spot {budget}")
    return Call(Request("GET", path, encode_query(**parameters)), decode, limit)


def _part(leader_id: str | None, cursor: str | None) -> dict[str, str]:
    """Return the parameters that ask for one page of orders, of one leader or of all."""
    told = {"limit": str(_PAGE_SIZE), "traderId": leader_id, "idLessThan": cursor}
    return {name: value for name, value in told.items() if value is not None}


# ------------------------------------------------------------------ what is believed of an answer


def _decode_settings(response: Response) -> tuple[wire.ShownSettings, object]:
    told = data(_ANSWERS, response)
    shown = _ANSWERS.structure(response, told, wire.ShownSettings)
    if shown.enable.upper() not in _ENABLED:
        raise _ANSWERS.unusable(response, f"enable {shown.enable!r}, which is neither YES nor NO")
    return shown, told


def _decode_leaders(number: int, last: str, response: Response) -> Page[FollowedLeader]:
    items = _ANSWERS.rows(response, pages.listed(_ANSWERS, response), wire.Trader, rows.leader)
    return pages.after(number, last, items)


def _decode_orders(wanted: type[Row], read: Callable[[Row, object], P], older: str, response: Response) -> Page[P]:
    shown, mark = pages.tracked(_ANSWERS, response)
    items, end = pages.onward(_ANSWERS.rows(response, shown, wanted, read), mark, older, _PAGE_SIZE)
    return Page(items, end or None)


def _decode_symbols(response: Response) -> tuple[SymbolLimits, ...]:
    found = _ANSWERS.structure(response, data(_ANSWERS, response), wire.TraderSymbols).currentTradingList
    return _ANSWERS.rows(response, found, str, rows.limits)
