"""A local Bitget spot to try things on: copy trading, follower side.

Sources: Bitget API documentation, copy trading, spot, follower; error codes. Where the documentation is silent this
venue decides as follows. Setting pairs starts the follow, and the list replaces the one before. Every account begins
with one leader followed, open positions and closed copies of that leader. The end mark of a page is empty where
nothing is older.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final

import attrs
from msgspec import Struct, convert

from unified_copy.sandbox import Account, Answer, Parameters, handles
from unified_copy_bitget.venue import BitgetVenue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BAD_PARAMETER: Final = "40017"
_NO_SYMBOL: Final = "40034"
_NOT_FOLLOWING: Final = "43062"
_NO_ORDER: Final = "43065"
_PROFIT_TOO_LOW: Final = "31004"
_LOSS_TOO_HIGH: Final = "31005"

_LEADER: Final = "7c6525121a9"
_DAY: Final = 86_400_000
_PAIRS: Final = ("BTCUSDT", "ETHUSDT", "龙虾USDT")
_FIRST_ORDER: Final = 1_062_518_112_337_358_849
_SIZES: Final = {"BTCUSDT": ("0.0025", "60123.45"), "ETHUSDT": ("0.05", "2500"), "龙虾USDT": ("12000", "0.0125")}
"""By pair, how much was bought and at which price."""
_OPEN: Final = (("BTCUSDT", "66000", None), ("ETHUSDT", None, None), ("龙虾USDT", None, "0.0095"))
"""The open positions: pair, take profit and stop loss."""
_CLOSED: Final = (("BTCUSDT", "61325.919", "2.00"), ("ETHUSDT", "2450", "-2.00"), ("龙虾USDT", "0.0125", "0"))
"""The closed copies: pair, price sold at and return in percent."""


class _Settings(Struct, rename="camel"):
    trader_id: str
    settings: list[dict[str, str]]


class _Leader(Struct, rename="camel"):
    trader_id: str


class _Close(Struct, rename="camel"):
    tracking_no_list: list[str]
    symbol: str


class _Protection(Struct, rename="camel"):
    tracking_no: str
    stop_surplus_price: str = ""
    stop_loss_price: str = ""


class _Paged(Struct, rename="camel"):
    page_no: str = "1"
    page_size: str = "20"
    start_time: str = "0"
    end_time: str = "9" * 18


class _Sought(Struct, rename="camel"):
    symbol: str = ""
    trader_id: str = ""
    id_less_than: str = "9" * 19
    id_greater_than: str = "0"
    start_time: str = "0"
    end_time: str = "9" * 18
    limit: str = "20"

    def finds(self, order: Mapping[str, str | None]) -> bool:
        return (
            self.symbol.upper() in {"", order["symbol"]}
            and self.trader_id in {"", order["traderId"]}
            and int(self.id_greater_than) < int(order["trackingNo"] or 0) < int(self.id_less_than)
            and int(self.start_time) <= int(order["buyTime"] or 0) <= int(self.end_time)
        )


@attrs.define
class _Follow:
    since: int
    pairs: list[dict[str, str]]


@attrs.define
class _Ledger:
    """Hold what one account follows and has copied, newest first."""

    follows: dict[str, _Follow]
    open: list[dict[str, str | None]]
    closed: list[dict[str, str | None]]


class BitgetSpotVenue(BitgetVenue):
    """Answer as Bitget spot does, by the contract ``bitget-spot.yaml``."""

    contract: ClassVar[str] = "unified_copy_specs/bitget-spot.yaml"
    example: ClassVar[str] = BitgetVenue.example + 'max_position = "1000"\n'

    def __init__(self) -> None:
        """Open the venue; what an account has copied is made up when it is first asked about."""
        super().__init__()
        self._ledgers: dict[Account, _Ledger] = {}

    def leader_leaves(self, leader_id: str) -> None:
        """End every follow of a leader; what was bought stays."""
        for ledger in self._ledgers.values():
            ledger.follows.pop(leader_id, None)

    # -- follows

    @handles("setSpotSettings", performs={"follow"})
    def set_spot_settings(self, account: Account, parameters: Parameters) -> Answer:
        """Follow in these pairs and no others; all of them are taken, or none."""
        wish = convert(parameters.body, _Settings)
        symbols = [pair["symbol"] for pair in wish.settings]
        if twice := next((each for each in symbols if symbols.count(each) > 1), None):
            return self._bad_request(_BAD_PARAMETER, f": settings ({twice} is given twice)")
        follows = self._ledger(account).follows
        since = follows[wish.trader_id].since if wish.trader_id in follows else self.now_ms()
        follows[wish.trader_id] = _Follow(since, wish.settings)
        return self._success("")

    @handles("querySpotSettings", performs={"settings"})
    def query_spot_settings(self, account: Account, parameters: Parameters) -> Answer:
        """Show what is set, with empty text for what is not, and never the size."""
        follow = self._ledger(account).follows.get(convert(parameters.values, _Leader).trader_id)
        shown = [
            {
                "symbol": pair["symbol"],
                "traceType": pair["traceType"],
                "maxTraceAmount": pair["maxHoldSize"],
                "stopLossRation": pair.get("stopLossRatio", ""),
                "stopSurplusRation": pair.get("stopSurplusRatio", ""),
            }
            for pair in (follow.pairs if follow else ())
        ]
        limits = [
            {"symbol": symbol, "minTraceAmount": "10", "maxTraceAmount": "5000", "minTraceSize": ""}
            for symbol in _PAIRS
        ]
        return self._success(
            {
                "enable": "YES" if follow else "NO",
                "profitRate": "10",
                "settledInDays": "7",
                "traderHeadPic": "",
                "traderName": "Ada",
                "tradeSettingList": shown,
                "tradeSymbolSettingList": limits,
            }
        )

    @handles("cancelSpotTrader", performs={"unfollow"})
    def cancel_spot_trader(self, account: Account, parameters: Parameters) -> Answer:
        """Stop following; what was bought stays."""
        gone = self._ledger(account).follows.pop(convert(parameters.body, _Leader).trader_id, None)
        return self._success("") if gone else self.refusal(_NOT_FOLLOWING)

    @handles("querySpotTraders", performs={"leaders", "check"})
    def query_spot_traders(self, account: Account, parameters: Parameters) -> Answer:
        """Show one page of the leaders followed, the first followed first."""
        wish = convert(parameters.values, _Paged)
        shown = [
            {
                "certificationType": "Certified",
                "traderId": leader_id,
                "traderName": "Ada" if leader_id == _LEADER else "",
                "traceTotalAmount": "425.308625" if leader_id == _LEADER else "0",
                "traceTotalNetProfit": "-12.25" if leader_id == _LEADER else "",
                "traceTotalProfit": "-10" if leader_id == _LEADER else "",
                "maxFollowLimit": "500",
                "bgbMaxFollowLimit": "",
                "followCount": "120",
                "bgbFollowCount": "",
                "followerTime": str(follow.since),
            }
            for leader_id, follow in self._ledger(account).follows.items()
            if int(wish.start_time) <= follow.since <= int(wish.end_time)
        ]
        size = int(wish.page_size)
        first = (int(wish.page_no) - 1) * size
        return self._success({"resultList": shown[first : first + size]})

    @handles("querySpotTraderSymbols", performs={"symbols"})
    def query_spot_trader_symbols(self, _account: Account, _parameters: Parameters) -> Answer:
        """Show the same pairs of every leader."""
        return self._success({"currentTradingList": list(_PAIRS)})

    # -- copied orders

    @handles("querySpotCurrentOrders", performs={"positions"})
    def query_spot_current_orders(self, account: Account, parameters: Parameters) -> Answer:
        """Show one page of what was bought and not yet sold."""
        return self._orders(self._ledger(account).open, parameters)

    @handles("querySpotHistoryOrders", performs={"history"})
    def query_spot_history_orders(self, account: Account, parameters: Parameters) -> Answer:
        """Show one page of what was sold."""
        return self._orders(self._ledger(account).closed, parameters)

    @handles("closeSpotTracking", performs={"close"})
    def close_spot_tracking(self, account: Account, parameters: Parameters) -> Answer:
        """Sell at the price bought at, all or nothing."""
        wish = convert(parameters.body, _Close)
        ledger = self._ledger(account)
        sold = [order for order in ledger.open if order["trackingNo"] in wish.tracking_no_list]
        if len(sold) < len(wish.tracking_no_list):
            return self.refusal(_NO_ORDER)
        if any(order["symbol"] != wish.symbol.upper() for order in sold):
            return self.refusal(_NO_SYMBOL)
        ledger.open = [order for order in ledger.open if order not in sold]
        ledger.closed = [_sold(order, order["buyPrice"], "0", self.now_ms()) for order in sold] + ledger.closed
        return self._success("")

    @handles("setSpotTpsl", performs={"protect"})
    def set_spot_tpsl(self, account: Account, parameters: Parameters) -> Answer:
        """Set, cancel or leave the protections; the price bought at stands for the market's."""
        wish = convert(parameters.body, _Protection)
        order = next((each for each in self._ledger(account).open if each["trackingNo"] == wish.tracking_no), None)
        if order is None:
            return self.refusal(_NO_ORDER)
        market = Decimal(order["buyPrice"] or 0)
        profit, loss = (Decimal(words or 0) for words in (wish.stop_surplus_price, wish.stop_loss_price))
        if 0 < profit <= market:
            return self.refusal(_PROFIT_TOO_LOW)
        if loss >= market:
            return self.refusal(_LOSS_TOO_HIGH)
        for key, words in (("stopSurplusPrice", wish.stop_surplus_price), ("stopLossPrice", wish.stop_loss_price)):
            if words:
                order[key] = None if words == "0" else words
        return self._success("")

    def _orders(self, orders: Sequence[Mapping[str, str | None]], parameters: Parameters) -> Answer:
        wish = convert(parameters.values, _Sought)
        found = [order for order in orders if wish.finds(order)]
        page = found[: int(wish.limit)]
        end = page[-1]["trackingNo"] if len(page) < len(found) else ""
        return self._success({"endId": end, "trackingList": page})

    def _ledger(self, account: Account) -> _Ledger:
        if account not in self._ledgers:
            self._ledgers[account] = _seeded(self.now_ms())
        return self._ledgers[account]


def _seeded(now_ms: int) -> _Ledger:
    """Make up what an account has copied in the last days."""
    pairs = [{"symbol": symbol, "traceType": "amount", "traceValue": "150", "maxHoldSize": "1000"} for symbol in _PAIRS]
    open_orders = [
        _bought(_FIRST_ORDER - number, symbol, now_ms - (number + 1) * _DAY, profit, loss)
        for number, (symbol, profit, loss) in enumerate(_OPEN)
    ]
    closed_orders = [
        _sold(
            _bought(_FIRST_ORDER - number, symbol, now_ms - (number + 2) * _DAY), price, percent, now_ms - number * _DAY
        )
        for number, (symbol, price, percent) in enumerate(_CLOSED, len(_OPEN))
    ]
    return _Ledger({_LEADER: _Follow(now_ms - 30 * _DAY, pairs)}, open_orders, closed_orders)


def _bought(
    number: int, symbol: str, at: int, profit: str | None = None, loss: str | None = None
) -> dict[str, str | None]:
    size, price = _SIZES[symbol]
    return {
        "trackingNo": str(number),
        "traderId": _LEADER,
        "symbol": symbol,
        "buyFillSize": size,
        "buyDelegateSize": size,
        "buyPrice": price,
        "buyTime": str(at),
        "buyFee": "-0.0000025",
        "unrealizedPL": "1.25",
        "unrealizedPLR": "0.83",
        "stopSurplusPrice": profit,
        "stopLossPrice": loss,
    }


def _sold(order: Mapping[str, str | None], price: str | None, percent: str, at: int) -> dict[str, str | None]:
    """Return what the history shows of an order that was sold at ``price``."""
    size, bought, sold = (Decimal(words or 0) for words in (order["buyFillSize"], order["buyPrice"], price))
    return {
        **{key: order[key] for key in ("trackingNo", "traderId", "symbol", "buyPrice", "buyFee", "buyTime")},
        "fillSize": order["buyFillSize"],
        "sellPrice": price,
        "sellFee": "-0.1225",
        "achievedPL": format((sold - bought) * size, "f"),
        "achievedPLR": percent,
        "sellTime": str(at),
    }
