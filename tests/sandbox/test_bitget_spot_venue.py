from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import BitgetCaller
from unified_copy.sandbox import Refuses, Sandbox
from unified_copy_bitget.spot.venue import BitgetSpotVenue

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import aiohttp

BASE = "/api/v2/copy/spot-follower/"
PAIR = {"symbol": "BTCUSDT", "traceType": "amount", "maxHoldSize": "1000", "traceValue": "100"}
FULL = {**PAIR, "symbol": "ETHUSDT", "traceType": "percent", "stopLossRatio": "10", "stopSurplusRatio": "500"}
SEEDED = "7c6525121a9"
FIRST = "1062518112337358849"


class SpotCaller(BitgetCaller):
    async def get(self, path: str, **query: object) -> Any:  # noqa: ANN401 (whatever the venue said)
        return (await self.call("GET", BASE + path, query=query)).json

    async def post(self, path: str, **body: object) -> str:
        """Return the code that the venue answers with."""
        code: str = (await self.call("POST", BASE + path, body=body)).json["code"]
        return code

    async def orders(self, path: str = "query-current-orders", **query: object) -> list[str]:
        """Return the numbers of the orders shown."""
        return [row["trackingNo"] for row in (await self.get(path, **query))["data"]["trackingList"]]


@pytest.fixture
async def spot(session: aiohttp.ClientSession) -> AsyncIterator[SpotCaller]:
    async with Sandbox(venues={"bitget-spot": BitgetSpotVenue()}) as sandbox:
        venue, credentials = sandbox.venue("bitget-spot"), sandbox.credentials["bitget-spot"]
        yield SpotCaller(sandbox.base_urls["bitget-spot"], credentials, venue, session)


# ------------------------------------------------------------------ credentials and contract


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"ACCESS-KEY": None}, "40001"),
        ({"ACCESS-PASSPHRASE": "wrong"}, "40012"),
        ({"ACCESS-SIGN": "wrong"}, "40009"),
        ({"ACCESS-TIMESTAMP": "1"}, "40008"),
    ],
)
async def test_credentials_are_checked_as_on_every_product(
    spot: SpotCaller, headers: Mapping[str, str | None], code: str
) -> None:
    reply = await spot.call("GET", BASE + "query-traders", headers=headers)
    assert (reply.status, reply.json["code"]) == (400, code)


async def test_the_futures_have_no_calls_here(spot: SpotCaller) -> None:
    assert (await spot.call("GET", spot.QUERY, query="traderId=1")).json["code"] == "40404"


async def test_the_clock_is_told(spot: SpotCaller) -> None:
    assert (await spot.call("GET", "/api/v2/public/time")).json["data"]["serverTime"].isdigit()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"traderId": "1"}, "40019"),
        ({"traderId": "1", "settings": []}, "40019"),
        ({"traderId": "1", "settings": [{"symbol": "BTCUSDT", "traceType": "amount", "traceValue": "1"}]}, "40019"),
        ({"traderId": "1", "settings": [{**PAIR, "symbol": "BTC/USDT"}]}, "40034"),
        ({"traderId": "1", "settings": [{**PAIR, "traceType": "ratio"}]}, "40017"),
        ({"traderId": "1", "settings": [{**PAIR, "stopLossRatio": "0.1"}]}, "31041"),
        ({"traderId": "1", "settings": [{**PAIR, "stopSurplusRatio": "0"}]}, "31040"),
        ({"traderId": "1", "settings": [{**PAIR, "marginType": "trader"}]}, "40020"),
        ({"traderId": "1", "settings": [PAIR, PAIR]}, "40017"),
    ],
)
async def test_a_follow_that_breaks_a_rule_is_refused(spot: SpotCaller, body: Mapping[str, object], code: str) -> None:
    assert await spot.post("settings", **body) == code
    assert (await spot.get("query-settings", traderId="1"))["data"]["enable"] == "NO"


# ------------------------------------------------------------------ follows


async def test_what_is_set_is_shown_but_for_its_size(spot: SpotCaller) -> None:
    assert await spot.post("settings", traderId="1", settings=[PAIR, FULL]) == "00000"
    shown = (await spot.get("query-settings", traderId="1"))["data"]
    assert shown["enable"] == "YES"
    assert shown["tradeSettingList"] == [
        {
            "symbol": "BTCUSDT",
            "traceType": "amount",
            "maxTraceAmount": "1000",
            "stopLossRation": "",
            "stopSurplusRation": "",
        },
        {
            "symbol": "ETHUSDT",
            "traceType": "percent",
            "maxTraceAmount": "1000",
            "stopLossRation": "10",
            "stopSurplusRation": "500",
        },
    ]


async def test_setting_again_replaces_the_pairs_and_keeps_the_beginning(spot: SpotCaller) -> None:
    spot.venue.now_ms = lambda: 1_755_453_543_377
    await spot.post("settings", traderId="1", settings=[PAIR])
    spot.venue.now_ms = lambda: 1_755_453_544_377
    await spot.post("settings", traderId="1", settings=[FULL])
    shown = (await spot.get("query-settings", traderId="1"))["data"]["tradeSettingList"]
    assert [pair["symbol"] for pair in shown] == ["ETHUSDT"]
    (_, mine) = (await spot.get("query-traders"))["data"]["resultList"]
    assert mine["followerTime"] == "1755453543377"


async def test_a_follow_ends_once(spot: SpotCaller) -> None:
    assert await spot.post("cancel-trader", traderId=SEEDED) == "00000"
    assert (await spot.get("query-settings", traderId=SEEDED))["data"]["enable"] == "NO"
    assert await spot.post("cancel-trader", traderId=SEEDED) == "43062"
    assert len(await spot.orders()) == 3


async def test_a_leader_who_leaves_is_followed_no_more(spot: SpotCaller) -> None:
    await spot.post("settings", traderId="1", settings=[PAIR])
    assert isinstance(spot.venue, BitgetSpotVenue)
    spot.venue.leader_leaves(SEEDED)
    assert [row["traderId"] for row in (await spot.get("query-traders"))["data"]["resultList"]] == ["1"]


async def test_leaders_come_in_pages(spot: SpotCaller) -> None:
    for leader in "123":
        await spot.post("settings", traderId=leader, settings=[PAIR])

    async def shown(**query: object) -> list[str]:
        return [row["traderId"] for row in (await spot.get("query-traders", **query))["data"]["resultList"]]

    assert await shown() == [SEEDED, "1", "2", "3"]
    assert await shown(pageNo="2", pageSize="3") == ["3"]
    assert await shown(pageNo="3", pageSize="3") == []
    assert await shown(endTime="1") == []
    assert (await spot.get("query-traders", pageSize="51"))["code"] == "40017"


async def test_every_leader_trades_the_same_pairs(spot: SpotCaller) -> None:
    shown = await spot.get("query-trader-symbols", traderId="1")
    assert shown["data"]["currentTradingList"] == ["BTCUSDT", "ETHUSDT", "龙虾USDT"]


async def test_a_leader_answers_as_the_test_says(spot: SpotCaller) -> None:
    spot.venue.fault("setSpotSettings", Refuses("31034"), leader_id="7")
    assert await spot.post("settings", traderId="7", settings=[PAIR]) == "31034"


# ------------------------------------------------------------------ orders


async def test_orders_come_newest_first_and_in_pages(spot: SpotCaller) -> None:
    everything = await spot.orders()
    assert everything == sorted(everything, key=int, reverse=True)
    page = (await spot.get("query-current-orders", limit="2"))["data"]
    assert page["endId"] == everything[1]
    rest = (await spot.get("query-current-orders", limit="2", idLessThan=page["endId"]))["data"]
    assert ([row["trackingNo"] for row in rest["trackingList"]], rest["endId"]) == (everything[2:], "")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"symbol": "btcusdt"}, 1),
        ({"symbol": "SOLUSDT"}, 0),
        ({"traderId": SEEDED}, 3),
        ({"traderId": "1"}, 0),
        ({"idGreaterThan": FIRST}, 0),
        ({"startTime": "9" * 15}, 0),
        ({"endTime": "1"}, 0),
    ],
)
@pytest.mark.parametrize("path", ["query-current-orders", "query-history-orders"])
async def test_orders_are_sought_by_what_the_contract_has(
    spot: SpotCaller, path: str, query: Mapping[str, object], found: int
) -> None:
    assert len(await spot.orders(path, **query)) == found


async def test_a_close_sells_and_is_history(spot: SpotCaller) -> None:
    assert await spot.post("order-close-tracking", trackingNoList=[FIRST], symbol="btcusdt") == "00000"
    assert FIRST not in await spot.orders()
    assert (await spot.orders("query-history-orders"))[0] == FIRST
    assert await spot.post("order-close-tracking", trackingNoList=[FIRST], symbol="BTCUSDT") == "43065"


async def test_a_close_is_all_or_nothing(spot: SpotCaller) -> None:
    everything = await spot.orders()
    assert await spot.post("order-close-tracking", trackingNoList=[FIRST, "1"], symbol="BTCUSDT") == "43065"
    assert await spot.post("order-close-tracking", trackingNoList=everything, symbol="BTCUSDT") == "40034"
    assert await spot.orders() == everything


@pytest.mark.parametrize(
    ("prices", "code", "shown"),
    [
        ({"stopSurplusPrice": "70000"}, "00000", ("70000", None)),
        ({"stopLossPrice": "50000"}, "00000", ("66000", "50000")),
        ({"stopSurplusPrice": "0"}, "00000", (None, None)),
        ({"stopSurplusPrice": "60000"}, "31004", ("66000", None)),
        ({"stopLossPrice": "70000"}, "31005", ("66000", None)),
        ({}, "40017", ("66000", None)),
    ],
)
async def test_protections_are_set_cancelled_and_left(
    spot: SpotCaller, prices: Mapping[str, object], code: str, shown: tuple[str | None, str | None]
) -> None:
    assert await spot.post("setting-tpsl", trackingNo=FIRST, **prices) == code
    row = (await spot.get("query-current-orders"))["data"]["trackingList"][0]
    assert (row["stopSurplusPrice"], row["stopLossPrice"]) == shown


async def test_an_unknown_order_cannot_be_protected(spot: SpotCaller) -> None:
    assert await spot.post("setting-tpsl", trackingNo="1", stopLossPrice="5") == "43065"
