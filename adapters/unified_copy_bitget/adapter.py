"""Bitget futures copy trading, follower side: the adapter that ties the four rooms together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs

from unified_copy.adapter import Call, Limit, Operation
from unified_copy.answers import Reading
from unified_copy.errors import NotFollowingError
from unified_copy.fields import none_meanings
from unified_copy.gaps import Gaps, cannot
from unified_copy.model import FIELD_NAMES, FollowConfig
from unified_copy.settings import FollowSettings, common_terms
from unified_copy.terms import Proportional
from unified_copy.wire import JSON, Request, Response, encode, encode_query
from unified_copy_bitget import check, leaders, positions, translate, wire
from unified_copy_bitget.product import WINDOW, BitgetProduct, answers, confirm, data
from unified_copy_bitget.smart_copy import SMART_COPY, smart_copy

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from unified_copy.fields import Fields
    from unified_copy.model import OnStop
    from unified_copy.results import (
        ClosedCopy,
        CopiedPosition,
        Finding,
        FollowedLeader,
        Page,
        Price,
        SymbolLimits,
    )

_ENABLED: Final = {"YES": True, "NO": False}
_NONE_MEANS: Final = none_meanings(translate.SETTINGS)
_ANSWERS: Final = answers(translate.NAME)
_ALL_PAIRS: Final = cannot("Bitget tells the pairs of no single leader; leave it out, or see leaders()")


@attrs.frozen(kw_only=True)
class BitgetAdapter(BitgetProduct):
    """Follow leaders on Bitget futures: USDT-M, USDC-M and coin-M.

    ``Proportional`` sizing takes Bitget's smart copy, every other sizing its settings per pair. The follower API
    serves classic accounts only, and lists what was copied in the last three months.
    """

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = translate.NAME
    forms: ClassVar[Mapping[str, Fields]] = {"settings": translate.SETTINGS, "smart copy": SMART_COPY}
    contract: ClassVar[str] = "unified_copy_specs/bitget.yaml"
    venue: ClassVar[str] = "unified_copy_bitget.venue:BitgetVenue"
    after_unfollow: ClassVar[str] = "open copied positions stay open and close with the leader"
    gaps: ClassVar[Gaps] = {
        # The broker's pages have left the documents; a key that is no broker's gets 40029.
        Operation.LEADER: cannot("Bitget shows a leader to its brokers only; see leaders() for those followed"),
    }
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.UNFOLLOW: translate.ON_UNFOLLOW,
        Operation.SYMBOLS: {"leader_id": {str: _ALL_PAIRS}},
    }

    def form(self, config: FollowConfig) -> str:
        """Return ``smart copy`` for ``Proportional`` and ``settings`` for every other sizing."""
        return "smart copy" if isinstance(config.sizing, Proportional) else "settings"

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (start and amend are one call here)
        """Return the one call that starts a follow or changes it."""
        if isinstance(config.sizing, Proportional):
            body = encode(smart_copy(config, config.sizing.investment))
            return (Call(Request("POST", wire.SMART_COPY, "", JSON, body), _decode_write, _COPY_SETTINGS, writes=True),)
        body = encode(translate.settings(config))
        return (Call(Request("POST", wire.SETTINGS, "", JSON, body), _decode_write, _SETTINGS, writes=True),)

    def settings(self, leader_id: str) -> Generator[Call[Any], Any, FollowSettings]:
        """Return the plan that reads the settings per pair; Bitget shows nothing of a smart copy."""
        request = Request("GET", wire.QUERY_SETTINGS, encode_query(traderId=leader_id))
        unknown = frozenset(FIELD_NAMES) - {"leader_id"}
        silent = FollowSettings(exchange=self.name, leader_id=leader_id, active=False, missing=unknown)
        try:
            shown, raw = yield from Call(request, _decode_settings, _QUERY_SETTINGS)
        except NotFollowingError:
            return silent
        active = _ENABLED[shown.followerEnable.upper()]
        reading = Reading()
        pairs = shown.detailList or shown.details or []
        rules = [rule for pair in pairs if (rule := translate.rule(pair, reading))]
        if not rules:
            return attrs.evolve(silent, active=active, raw=raw, unread=reading.unread)
        return FollowSettings(
            exchange=self.name,
            leader_id=leader_id,
            active=active,
            missing=frozenset({"follow_new_symbols", *reading.unread}),
            unread=reading.unread,
            none_means=_NONE_MEANS,
            raw=raw,
            **common_terms(rules),
        )

    def unfollow(
        self,
        leader_id: str,
        on_stop: OnStop | None,
        known: FollowSettings | None,  # noqa: ARG002 (a follow ends the same way however it began)
    ) -> tuple[Call[None], ...]:
        """Return the one call that ends a follow."""
        self.require(Operation.UNFOLLOW, on_stop=on_stop)
        body = encode(wire.CancelTrader(traderId=leader_id))
        return (Call(Request("POST", wire.CANCEL_TRADER, "", JSON, body), _decode_write, _CANCEL, writes=True),)

    def leaders(self, cursor: str | None) -> Call[Page[FollowedLeader]]:
        """Return the call that reads one page of the leaders being followed."""
        return leaders.followed(cursor)

    def positions(self, leader_id: str | None, cursor: str | None) -> Call[Page[CopiedPosition]]:
        """Return the call that reads one page of open positions; Bitget does not list their protections."""
        return positions.still_open(leader_id, cursor)

    def history(self, leader_id: str | None, cursor: str | None) -> Call[Page[ClosedCopy]]:
        """Return the call that reads one page of the copies closed; Bitget tells of the last three months."""
        return positions.history(leader_id, cursor)

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        """Return the one call that closes a position."""
        return (positions.close(position),)

    def protect(
        self, position: CopiedPosition, take_profit_price: Price, stop_loss_price: Price
    ) -> tuple[Call[None], ...]:
        """Return the one call that changes the protections of a position."""
        return (positions.protect(position, take_profit_price, stop_loss_price),)

    def symbols(self, leader_id: str | None) -> Generator[Call[Any], Any, tuple[SymbolLimits, ...]]:
        """Return the plan that reads all pairs."""
        self.require(Operation.SYMBOLS, leader_id=leader_id)
        return leaders.symbols()

    def check(self) -> Generator[Call[Any], Any, tuple[Finding, ...]]:
        """Return the plan that asks what key and account can do."""
        return check.findings(self, leaders.followed(None))


# ------------------------------------------------------------------ what is believed of an answer


_SETTINGS: Final = Limit(5, WINDOW, "uid", "settings")
_COPY_SETTINGS: Final = Limit(1, WINDOW, "uid", "copy-settings")
_CANCEL: Final = Limit(5, WINDOW, "uid", "cancel-trader")
_QUERY_SETTINGS: Final = Limit(5, WINDOW, "uid", "query-settings")

_decode_write: Final = partial(confirm, _ANSWERS)


def _decode_settings(response: Response) -> tuple[wire.ShownSettings, object]:
    told = data(_ANSWERS, response)
    shown = _ANSWERS.structure(response, told, wire.ShownSettings)
    if shown.followerEnable.upper() not in _ENABLED:
        raise _ANSWERS.unusable(response, f"followerEnable {shown.followerEnable!r}, which is neither YES nor NO")
    return shown, told
