from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from unified_copy.credentials import Credentials
from unified_copy.sandbox import Account, Calls, Parameters, Received, Refuses, Sandbox
from unified_copy.wire import encode
from unified_copy_xt.venue import XtVenue

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

    from tests.sandbox.conftest import Reply, XtCaller

LEADER = 5589391507863
GREATEST = 9_223_372_036_854_775_807


def refused(reply: Reply, code: str) -> bool:
    return (reply.status, reply.json["rc"], reply.json["mc"], reply.json["result"]) == (200, 1, code, None)


# ------------------------------------------------------------------ credentials


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"validate-appkey": None}, "AUTH_001"),
        ({"validate-timestamp": None}, "AUTH_002"),
        ({"validate-recvwindow": ""}, "AUTH_003"),
        ({"validate-recvwindow": "5s"}, "AUTH_004"),
        ({"validate-recvwindow": "1999"}, "AUTH_004"),
        ({"validate-recvwindow": "60001"}, "AUTH_004"),
        ({"validate-algorithms": None}, "AUTH_005"),
        ({"validate-algorithms": "HmacSHA3"}, "AUTH_006"),
        ({"validate-signature": None}, "AUTH_007"),
        ({"validate-appkey": "unknown"}, "AUTH_101"),
        ({"validate-signature": "00"}, "AUTH_103"),
        ({"validate-recvwindow": "6000"}, "AUTH_103"),
        ({"validate-timestamp": "now"}, "AUTH_105"),
    ],
)
async def test_a_header_that_is_missing_or_wrong_is_refused_with_its_code(
    xt: XtCaller, headers: Mapping[str, str | None], code: str
) -> None:
    reply = await xt.call("GET", xt.CONFIG, query="leaderAccountId=1", headers=headers)
    assert refused(reply, code)


@pytest.mark.parametrize(
    ("skew", "window", "accepted"),
    [
        (-4999, "5000", True),
        (-5000, "5000", False),
        (-59_999, "60000", True),
        (1000, "2000", True),
        (1001, "60000", False),
    ],
)
async def test_a_request_must_lie_within_its_own_window(
    xt: XtCaller, now_ms: int, skew: int, window: str, *, accepted: bool
) -> None:
    xt.venue.now_ms = lambda: now_ms
    headers = xt.sign("GET", xt.CONFIG, "leaderAccountId=1", timestamp=str(now_ms + skew), window=window)
    reply = await xt.call("GET", xt.CONFIG, query="leaderAccountId=1", headers=headers)
    assert reply.json["rc"] == 0 if accepted else refused(reply, "AUTH_105")


@pytest.mark.parametrize("algorithm", ["HmacMD5", "HmacSHA1", "HmacSHA224", "HmacSHA256", "HmacSHA384", "HmacSHA512"])
async def test_every_documented_algorithm_is_accepted_in_capitals_too(xt: XtCaller, algorithm: str) -> None:
    headers = xt.sign("GET", xt.CONFIG, "leaderAccountId=1", algorithm=algorithm)
    for signature in (headers["validate-signature"], headers["validate-signature"].upper()):
        sent = {**headers, "validate-signature": signature}
        assert (await xt.call("GET", xt.CONFIG, query="leaderAccountId=1", headers=sent)).json["rc"] == 0


async def test_the_older_header_names_are_not_the_ones_asked_for(xt: XtCaller) -> None:
    headers = xt.headers("GET", xt.CONFIG, "leaderAccountId=1", b"")
    older = {f"xt-{name}": value for name, value in headers.items()}
    reply = await xt.call("GET", xt.CONFIG, query="leaderAccountId=1", headers={**dict.fromkeys(headers), **older})
    assert refused(reply, "AUTH_001")


async def test_the_query_is_signed_sorted_and_unescaped(xt: XtCaller) -> None:
    headers = xt.headers("GET", xt.LEADERS, "direction=NEXT&limit=5&type=1", b"")
    reply = await xt.call("GET", xt.LEADERS, query="type=%31&limit=5&direction=NEXT", headers=headers)
    assert reply.json["rc"] == 0


@pytest.mark.parametrize(
    ("path", "leader", "signature"),
    [
        ("/v4/account/copy-trade/follow", "Order", "81e5ead070d5031f633f810d42fc5b58695dd6209511a2a0c5e96bcda63b470f"),
        (
            "/v1/copy-trade-account/copy-trade/follow",
            "Account",
            "1073ea22e188b274260321535d117f988f34064ebae393c1bc406c1fdcf3496e",
        ),
    ],
)
def test_signatures_agreed_on_by_other_clients_are_accepted(path: str, leader: str, signature: str) -> None:
    venue = XtVenue()
    venue.accounts["k"] = Account(Credentials("k", "s"))
    venue.now_ms = lambda: 1700000000000
    headers = {
        "validate-algorithms": "HmacSHA256",
        "validate-appkey": "k",
        "validate-recvwindow": "5000",
        "validate-timestamp": "1700000000000",
        "validate-signature": signature,
        "content-type": "application/json",
    }
    body = (
        f'{{"leader{leader}Id":5589391507863,"followType":"FUND","followVal":100,"followLoss":20,"followLossOperate":'
        '"MARKET_SELL","triggerStopRate":10,"triggerProfitRate":20,"autoFollowSymbol":true,"symbols":"xt_usdt,btc_usdt"}'
    )
    answer = venue.answer(Received(method="POST", path=path, headers=headers, body=body.encode()))
    assert answer.body == {"rc": 0, "mc": "SUCCESS", "ma": [], "result": True}


# ------------------------------------------------------------------ state


async def test_the_clock_can_be_asked_without_a_key(xt: XtCaller, now_ms: int) -> None:
    xt.venue.now_ms = lambda: now_ms
    reply = await xt.call("GET", "/v4/public/time", headers=dict.fromkeys(xt.headers("", "", "", b"")))
    assert reply.json == {"rc": 0, "mc": "SUCCESS", "ma": [], "result": {"serverTime": now_ms}}


async def test_what_is_sent_reads_back_in_all_documented_keys(xt: XtCaller) -> None:
    assert (await xt.follow(LEADER)).json["result"] is True
    assert await xt.shown(LEADER) == {
        "autoFollowSymbol": False,
        "followLoss": None,
        "followLossOperate": "LEADER_CLOSE",
        "followSymbols": ["xt_usdt", "btc_usdt"],
        "followType": "FUND",
        "followVal": 50,
        "leaderSymbols": ["xt_usdt", "btc_usdt"],
        "profitRate": Decimal("0.1"),
        "triggerProfitRate": None,
        "triggerStopRate": None,
    }


async def test_numbers_keep_every_digit_on_their_way(xt: XtCaller) -> None:
    digits = "0.1234567890123456789012345678901234567890"
    body = (
        f'{{"leaderOrderId":{GREATEST},"followType":"RATE","followVal":{digits},"followLoss":100.50,"followLossOperate":'
        f'"MARKET_SELL","triggerStopRate":null,"triggerProfitRate":0.10,"autoFollowSymbol":true,"symbols":"龙虾_usdt"}}'
    )
    assert (await xt.call("POST", xt.FOLLOW, body=body.encode())).json["result"] is True
    reply = await xt.call("GET", xt.CONFIG, query=f"leaderAccountId={GREATEST}")
    assert reply.json["result"]["followVal"] == Decimal(digits)
    assert f'"followVal":{digits},' in reply.text
    assert '"followLoss":100.50,' in reply.text
    assert '"triggerProfitRate":0.10,' in reply.text
    assert reply.json["result"]["followSymbols"] == ["龙虾_usdt"]


async def test_following_again_changes_the_terms(xt: XtCaller) -> None:
    await xt.follow(LEADER)
    await xt.follow(LEADER, followVal=75)
    assert (await xt.shown(LEADER))["followVal"] == 75
    page = (await xt.call("GET", xt.LEADERS, query="type=1")).json["result"]
    assert [item["accountId"] for item in page["items"]] == [LEADER]


async def test_both_generations_show_the_same_follow(xt: XtCaller) -> None:
    await xt.follow(LEADER)
    older = (await xt.call("GET", xt.CONFIG_V1, query={"leaderAccountId": LEADER})).json["result"]
    assert older == await xt.shown(LEADER)
    body = {
        "leaderAccountId": LEADER,
        "followType": "RATE",
        "followVal": 2,
        "followLossOperate": "MANUAL_PROCESS",
        "autoFollowSymbol": True,
        "symbols": "btc_usdt",
    }
    await xt.call("POST", xt.FOLLOW_V1, body=body)
    assert (await xt.shown(LEADER))["followType"] == "RATE"
    assert len((await xt.call("GET", xt.LEADERS_V1, query="type=1")).json["result"]["items"]) == 1


async def test_accounts_and_leaders_are_kept_apart(xt: XtCaller) -> None:
    await xt.follow(LEADER)
    assert await xt.shown(LEADER + 1) is None
    other = attrs.evolve(xt, credentials=xt.venue.open_account().credentials)
    assert await other.shown(LEADER) is None
    assert (await other.call("GET", xt.LEADERS, query="type=1")).json["result"]["items"] == []


async def page(xt: XtCaller, **query: object) -> tuple[list[int], list[int], bool, bool]:
    """Return the leaders and cursors of one page, and whether there is more before and after it."""
    result: Any = (await xt.call("GET", xt.LEADERS, query={"type": 1, **query})).json["result"]
    items = result["items"]
    return [item["accountId"] for item in items], [item["id"] for item in items], result["hasPrev"], result["hasNext"]


async def test_leaders_are_listed_page_by_page_and_back_again(xt: XtCaller) -> None:
    for leader in range(1, 6):
        await xt.follow(leader)
    leaders, cursors, before, after = await page(xt, limit=2)
    assert (leaders, before, after) == ([5, 4], False, True)
    assert min(cursors) > 2**53
    leaders, cursors, before, after = await page(xt, limit=2, id=cursors[-1], direction="NEXT")
    assert (leaders, before, after) == ([3, 2], True, True)
    leaders, _, before, after = await page(xt, limit=2, id=cursors[-1])
    assert (leaders, before, after) == ([1], True, False)
    leaders, _, before, after = await page(xt, limit=2, id=cursors[0], direction="PREV")
    assert (leaders, before, after) == ([5, 4], False, True)


async def test_a_page_holds_ten_unless_told_otherwise(xt: XtCaller) -> None:
    for leader in range(1, 12):
        await xt.follow(leader)
    assert len((await page(xt))[0]) == 10


async def test_a_leader_who_leaves_is_history(xt: XtCaller) -> None:
    await xt.follow(LEADER)
    await xt.follow(LEADER + 1)
    assert isinstance(xt.venue, XtVenue)
    xt.venue.leader_leaves(str(LEADER))
    assert await xt.shown(LEADER) is None
    assert (await page(xt))[0] == [LEADER + 1]
    assert (await page(xt, type=2))[0] == [LEADER]
    await xt.follow(LEADER)
    assert (await page(xt))[0] == [LEADER, LEADER + 1]


# ------------------------------------------------------------------ copies

OPEN = "/v4/order/copy-trade/order/cur-follower-order"
PAST = "/v1/copy-trade-order/copy-trade/order/his-follower-order"
CLOSE = "/v4/order/copy-trade/order/close"
PROTECT = "/v1/copy-trade-order/copy-trade/order/stop-profit-loss"


async def rows(xt: XtCaller, path: str, **query: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await xt.call("GET", path, query=query)).json["result"]
    return found


async def test_who_follows_has_copied_each_pair(xt: XtCaller) -> None:
    await xt.follow(LEADER)
    assert [row["symbol"] for row in await rows(xt, OPEN, type=1)] == ["btc_usdt", "xt_usdt"]
    assert [row["symbol"] for row in await rows(xt, OPEN, symbol="xt_usdt")] == ["xt_usdt"]
    assert [row["symbol"] for row in await rows(xt, PAST)] == ["btc_usdt", "xt_usdt"]
    other = attrs.evolve(xt, credentials=xt.venue.open_account().credentials)
    assert await rows(other, OPEN) == await rows(other, PAST) == []


async def test_following_again_copies_nothing_anew(xt: XtCaller) -> None:
    await xt.follow(LEADER)
    await xt.follow(LEADER, followVal=75)
    assert len(await rows(xt, OPEN)) == 2


async def test_what_has_been_closed_is_the_newest_of_the_past(xt: XtCaller) -> None:
    await xt.follow(LEADER)
    copy = (await rows(xt, OPEN))[1]
    query = {"leaderOrderId": copy["leaderOrderId"], "symbol": copy["symbol"]}
    assert refused(await xt.call("POST", CLOSE, query={**query, "symbol": "btc_usdt"}), "ORDER_005")
    assert (await xt.call("POST", CLOSE, query=query)).json["result"] is True
    assert len(await rows(xt, OPEN)) == 1
    newest, *older = await rows(xt, PAST)
    assert (newest["leaderOrderId"], newest["sellSize"]) == (copy["leaderOrderId"], copy["buySize"])
    assert len(older) == 2
    assert await rows(xt, PAST, id=older[0]["id"], direction="PREV") == [newest]
    assert await rows(xt, PAST, id=newest["id"], limit=1) == [older[0]]
    assert await rows(xt, PAST, symbol="btc_usdt") == [older[0]]
    assert refused(await xt.call("POST", CLOSE, query=query), "ORDER_005")


@pytest.mark.parametrize(
    ("prices", "code"),
    [
        ({"triggerProfitPrice": 3}, None),
        ({"triggerStopPrice": 2, "triggerProfitPrice": None}, None),
        ({"triggerProfitPrice": Decimal("2.4871")}, "COPY_TRADE_SPOT_014"),
        ({"triggerStopPrice": 3}, "COPY_TRADE_SPOT_015"),
        ({"triggerStopPrice": 0}, "FAILURE"),
    ],
)
async def test_a_protection_that_is_left_out_is_cancelled(
    xt: XtCaller, prices: dict[str, Any], code: str | None
) -> None:
    await xt.follow(LEADER, symbols="xt_usdt")
    copy = (await rows(xt, OPEN))[0]
    order = {"symbol": "xt_usdt", "leaderOrderId": int(copy["leaderOrderId"])}
    both = {"triggerProfitPrice": 4, "triggerStopPrice": 1}
    assert (await xt.call("POST", PROTECT, body={**order, **both})).json["result"] is True
    reply = await xt.call("POST", PROTECT, body=encode({**order, **prices}))
    assert refused(reply, code) if code else reply.json["result"] is True
    shown = (await rows(xt, OPEN))[0]
    kept = both if code else {name: prices.get(name) for name in both}
    assert {name: shown[name] for name in both} == kept


async def test_a_copy_that_is_not_there_cannot_be_protected(xt: XtCaller) -> None:
    reply = await xt.call("POST", PROTECT, body={"symbol": "xt_usdt", "leaderOrderId": 7, "triggerStopPrice": 1})
    assert refused(reply, "ORDER_005")


async def test_a_follow_ends_once(xt: XtCaller) -> None:
    await xt.follow(LEADER)
    await xt.follow(LEADER + 1)
    await xt.follow(LEADER + 2)
    cancel = "/v1/copy-trade-account/copy-trade/cancel-follow"
    for leader in (LEADER + 1, LEADER):
        assert (await xt.call("POST", cancel, query={"leaderAccountId": leader})).json["result"] is True
        assert (await xt.call("POST", cancel, query={"leaderAccountId": leader})).json["result"] is False
    assert (await page(xt))[0] == [LEADER + 2]
    assert (await page(xt, type=2))[0] == [LEADER, LEADER + 1]
    assert len(await rows(xt, OPEN)) == 6


def test_many_follows_are_looked_up_as_fast_as_few() -> None:
    venue = XtVenue(closed_copies=0)
    account = venue.open_account()
    terms = {"followType": "RATE", "followVal": 1, "followLossOperate": "LEADER_CLOSE", "autoFollowSymbol": False}
    for leader in range(1, 50_001):
        venue.follow(account, Parameters({}, {"leaderOrderId": leader, "symbols": "btc_usdt", **terms}))
    began = time.perf_counter()
    for leader in range(1, 50_001):
        venue.follow_leader_config(account, Parameters({"leaderAccountId": leader}))
    assert time.perf_counter() - began < 20


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"leaderOrderId": str(LEADER)}, "leaderOrderId"),
        ({"leaderOrderId": GREATEST + 1}, "leaderOrderId"),
        ({"leaderOrderId": 5.0}, "leaderOrderId"),
        ({"leaderAccountId": LEADER}, "leaderAccountId"),
        ({"followType": "MARGIN_RATE"}, "followType"),
        ({"followVal": 0}, "followVal"),
        ({"followVal": "50"}, "followVal"),
        ({"followVal": True}, "followVal"),
        ({"followLoss": -1}, "followLoss"),
        ({"autoFollowSymbol": "false"}, "autoFollowSymbol"),
        ({"symbols": "btc_usdt, eth_usdt"}, "symbols"),
        ({"symbols": "BTC_USDT"}, "symbols"),
    ],
)
async def test_a_term_outside_the_contract_is_refused_by_name(xt: XtCaller, change: dict[str, Any], name: str) -> None:
    reply = await xt.follow(LEADER, **change)
    assert refused(reply, "FAILURE")
    assert reply.json["ma"][0] == name
    assert await xt.shown(LEADER) is None


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "type"),
        ("type=3", "type"),
        ("type=01", "type"),
        ("type=1&limit=101", "limit"),
        ("type=1&direction=next", "direction"),
        ("id=one&type=1", "id"),
        ("page=2&type=1", "page"),
    ],
)
async def test_a_query_is_held_to_the_contract(xt: XtCaller, query: str, name: str) -> None:
    reply = await xt.call("GET", xt.LEADERS, query="&".join(sorted(query.split("&"))) if query else "")
    assert refused(reply, "FAILURE")
    assert reply.json["ma"][0] == name


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"leaderOrderId=1", "application/x-www-form-urlencoded"), (b"{", "application/json"), (None, None)],
)
async def test_a_body_that_cannot_be_read_is_refused(
    xt: XtCaller, body: bytes | None, content_type: str | None
) -> None:
    assert refused(await xt.call("POST", xt.FOLLOW, body=body, headers={"Content-Type": content_type}), "FAILURE")


async def test_an_unknown_address_is_not_found_in_the_words_of_a_gateway(xt: XtCaller) -> None:
    for method, path in (("GET", "/"), ("GET", xt.FOLLOW), ("DELETE", xt.FOLLOW)):
        reply = await xt.call(method, path)
        assert (reply.status, reply.content_type, reply.text) == (404, "text/plain", "404 page not found")


async def test_a_generation_that_is_not_offered_is_not_found(xt: XtCaller, session: aiohttp.ClientSession) -> None:
    async with Sandbox(venues={"xt": XtVenue(generations=["v1"])}) as sandbox:
        older = attrs.evolve(
            xt,
            base_url=sandbox.base_urls["xt"],
            credentials=sandbox.credentials["xt"],
            venue=sandbox.venue("xt"),
            session=session,
        )
        assert (await older.follow(LEADER)).status == 404
        assert (await older.call("GET", xt.CONFIG_V1, query="leaderAccountId=1")).json["result"] is None
        assert (await older.call("GET", "/v4/public/time")).status == 200


async def test_a_leader_answers_as_the_test_says(xt: XtCaller) -> None:
    xt.venue.fault(Calls.EVERY, Refuses("COPY_TRADE_SPOT_010"), leader_id=str(LEADER))
    xt.venue.fault("followV4", Refuses("NEW_CODE"), leader_id="8")
    assert refused(await xt.follow(LEADER), "COPY_TRADE_SPOT_010")
    assert refused(await xt.call("GET", xt.CONFIG, query=f"leaderAccountId={LEADER}"), "COPY_TRADE_SPOT_010")
    assert refused(await xt.follow(8), "NEW_CODE")
    assert await xt.shown(8) is None
