from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

import attrs
import pytest

from unified_copy.credentials import Credentials
from unified_copy.sandbox import Account, Calls, Received, Refuses
from unified_copy_bitget.venue import BitgetVenue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.sandbox.conftest import BitgetCaller

PAIR = {
    "symbol": "BTCUSDT",
    "productType": "USDT-FUTURES",
    "marginType": "trader",
    "leverType": "trader",
    "traceType": "amount",
    "traceValue": "330",
}
FULL = {
    **PAIR,
    "symbol": "ETHUSDT",
    "marginType": "specify",
    "marginCoin": "USDT",
    "leverType": "specify",
    "longLeverage": "10",
    "shortLeverage": "5",
    "maxHoldSize": "5000",
    "stopSurplusRatio": "400",
    "stopLossRatio": "20",
}
SMART = {"traderId": "7", "copyAmount": "500"}


# ------------------------------------------------------------------ credentials


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"ACCESS-KEY": None}, "40001"),
        ({"ACCESS-KEY": ""}, "40001"),
        ({"ACCESS-SIGN": None}, "40002"),
        ({"ACCESS-PASSPHRASE": None}, "40011"),
        ({"ACCESS-TIMESTAMP": None}, "40005"),
        ({"ACCESS-TIMESTAMP": "soon"}, "40005"),
        ({"ACCESS-TIMESTAMP": "9" * 5000}, "40005"),
        ({"ACCESS-KEY": "unknown"}, "40006"),
        ({"ACCESS-PASSPHRASE": "wrong"}, "40012"),
        ({"ACCESS-SIGN": "wrong"}, "40009"),
        ({"ACCESS-SIGN": "fälschung"}, "40009"),
    ],
)
async def test_a_header_that_is_missing_or_wrong_is_refused_with_its_code(
    bitget: BitgetCaller, headers: Mapping[str, str | None], code: str
) -> None:
    reply = await bitget.call("GET", bitget.QUERY, query="traderId=1", headers=headers)
    assert (reply.status, reply.json["code"], reply.json["data"]) == (400, code, None)


@pytest.mark.parametrize(
    ("skew", "code"), [(-30_000, "00000"), (-30_001, "40008"), (30_000, "00000"), (30_001, "40008")]
)
async def test_a_timestamp_may_be_half_a_minute_off(bitget: BitgetCaller, now_ms: int, skew: int, code: str) -> None:
    bitget.venue.now_ms = lambda: now_ms
    headers = bitget.sign("GET", bitget.QUERY, "traderId=1", b"", str(now_ms + skew))
    reply = await bitget.call("GET", bitget.QUERY, query="traderId=1", headers=headers)
    assert reply.json["code"] == code


async def test_the_signature_covers_the_bytes_of_the_body(bitget: BitgetCaller) -> None:
    headers = bitget.headers("POST", bitget.SMART_COPY, "", b'{"traderId":"7","copyAmount":"500"}')
    reply = await bitget.call("POST", bitget.SMART_COPY, body=SMART, headers=headers)
    assert reply.json["code"] == "40009"


async def test_the_query_is_verified_decoded(bitget: BitgetCaller) -> None:
    query = "traderId=%E9%BE%99%2C1"
    headers = bitget.headers("GET", bitget.QUERY, unquote(query), b"")
    reply = await bitget.call("GET", bitget.QUERY, query=query, headers=headers)
    assert reply.json["code"] == "00000"
    assert (await bitget.call("GET", bitget.QUERY, query=query)).json["code"] == "40009"


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "signature"),
    [
        (
            "POST",
            "/api/v2/copy/mix-follower/settings",
            "",
            (
                b'{"traderId":"123123123","settings":[{"symbol":"BTCUSDT","productType":"USDT-FUTURES","marginType":"trader",'
                b'"marginCoin":"USDT","leverType":"trader","traceType":"amount","traceValue":"330","maxHoldSize":"5000"}]}'
            ),
            "pVbclPiPisKMyQLvEAZhWAUXT/r5aR0wl0eQ/6hOjyA=",
        ),
        (
            "GET",
            "/api/v2/copy/mix-follower/query-settings",
            "traderId=123123123",
            b"",
            "XyBrISao4Ur3rtHI5qflLJOdl9XNnNDYAq8TF02YwCg=",
        ),
    ],
)
def test_signatures_agreed_on_by_other_clients_are_accepted(
    method: str, path: str, query: str, body: bytes, signature: str
) -> None:
    venue = BitgetVenue()
    venue.accounts["k"] = Account(Credentials("k", "s", "p"))
    venue.now_ms = lambda: 1659076670000
    headers = {
        "access-key": "k",
        "access-sign": signature,
        "access-timestamp": "1659076670000",
        "access-passphrase": "p",
        "content-type": "application/json",
    }
    received = Received(method=method, path=path, query=query, headers=headers, body=body)
    assert venue.answer(received).status == 200
    assert venue.answer(attrs.evolve(received, path=path + "/")).status == 404


def test_credentials_have_the_form_that_bitget_gives_them() -> None:
    passphrase = BitgetVenue().new_credentials().passphrase
    assert passphrase is not None
    assert 8 <= len(passphrase) <= 32
    assert passphrase.isalnum()


# ------------------------------------------------------------------ state


async def test_the_clock_can_be_asked_without_a_key(bitget: BitgetCaller, now_ms: int) -> None:
    bitget.venue.now_ms = lambda: now_ms
    reply = await bitget.call("GET", "/api/v2/public/time", headers=dict.fromkeys(bitget.headers("", "", "", b"")))
    assert reply.json == {
        "code": "00000",
        "msg": "success",
        "requestTime": now_ms,
        "data": {"serverTime": str(now_ms)},
    }


async def test_what_is_set_reads_back_with_empty_text_for_the_rest(bitget: BitgetCaller) -> None:
    reply = await bitget.follow("7c65", PAIR, FULL)
    assert (reply.status, reply.json["data"]) == (200, "success")
    unset = dict.fromkeys(
        ["marginCoin", "longLeverage", "shortLeverage", "maxHoldSize", "stopSurplusRatio", "stopLossRatio"], ""
    )
    assert await bitget.shown("7c65") == {"followerEnable": "YES", "detailList": [{**PAIR, **unset}, FULL]}


async def test_mode_and_new_pairs_are_accepted_and_never_shown(bitget: BitgetCaller) -> None:
    body = {"traderId": "7", "mode": "basic", "autoCopy": "on", "settings": [PAIR]}
    assert (await bitget.call("POST", bitget.SETTINGS, body=body)).json["code"] == "00000"
    shown = await bitget.shown("7")
    assert set(shown) == {"followerEnable", "detailList"}
    assert not {"mode", "autoCopy"} & set(shown["detailList"][0])


async def test_a_new_list_replaces_the_one_before(bitget: BitgetCaller) -> None:
    await bitget.follow("7", PAIR)
    await bitget.follow("7", FULL)
    assert [pair["symbol"] for pair in (await bitget.shown("7"))["detailList"]] == ["ETHUSDT"]


async def test_smart_copy_shows_a_follow_without_pairs(bitget: BitgetCaller) -> None:
    reply = await bitget.call("POST", bitget.SMART_COPY, body=SMART)
    assert reply.json["data"] == "success"
    assert await bitget.shown("7") == {"followerEnable": "YES", "detailList": []}


async def test_accounts_and_leaders_are_kept_apart(bitget: BitgetCaller) -> None:
    await bitget.follow("7", PAIR)
    nothing = {"followerEnable": "NO", "detailList": []}
    assert await bitget.shown("8") == nothing
    other = attrs.evolve(bitget, credentials=bitget.venue.open_account().credentials)
    assert await other.shown("7") == nothing


async def test_a_leader_who_leaves_is_followed_no_longer(bitget: BitgetCaller) -> None:
    await bitget.follow("7", PAIR)
    await bitget.follow("8", PAIR)
    assert isinstance(bitget.venue, BitgetVenue)
    bitget.venue.leader_leaves("7")
    assert (await bitget.shown("7"))["followerEnable"] == "NO"
    assert (await bitget.shown("8"))["followerEnable"] == "YES"


# ------------------------------------------------------------------ after the start

MIX = "/api/v2/copy/mix-follower/"
USDT = {"productType": "USDT-FUTURES"}


async def told(bitget: BitgetCaller, what: str, **query: str) -> Any:  # noqa: ANN401 (whatever the venue said)
    return (await bitget.call("GET", MIX + what, query=query)).json["data"]


async def numbers(bitget: BitgetCaller, what: str, **query: str) -> list[str]:
    return [row["trackingNo"][-3:] for row in (await told(bitget, what, **{**USDT, **query}))["trackingList"]]


async def written(bitget: BitgetCaller, what: str, **body: str) -> tuple[int, str, object]:
    reply = await bitget.call("POST", MIX + what, body=body)
    return reply.status, reply.json["code"], reply.json["data"]


async def test_a_follow_ends_once(bitget: BitgetCaller) -> None:
    await bitget.follow("7", PAIR)
    assert await written(bitget, "cancel-trader", traderId="7") == (200, "00000", "success")
    assert (await bitget.shown("7"))["followerEnable"] == "NO"
    assert await written(bitget, "cancel-trader", traderId="7") == (200, "43062", None)


async def test_leaders_are_listed_the_latest_first(bitget: BitgetCaller, now_ms: int) -> None:
    for leader in range(5):
        bitget.venue.now_ms = lambda: now_ms + leader  # noqa: B023 (called before the next turn)
        await bitget.follow(str(leader), PAIR)
    await bitget.follow("0", FULL)
    pages = [await told(bitget, "query-traders", pageNo=str(page), pageSize="2") for page in (1, 2, 3, 4)]
    assert [[leader["traderId"] for leader in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"], []]
    assert pages[2][0]["followerTime"] == str(now_ms)
    during = await told(bitget, "query-traders", startTime=str(now_ms + 1), endTime=str(now_ms + 2))
    assert [leader["traderId"] for leader in during] == ["2", "1"]


async def test_leaders_belong_to_the_account_that_follows_them(bitget: BitgetCaller) -> None:
    await bitget.follow("7", PAIR)
    other = attrs.evolve(bitget, credentials=bitget.venue.open_account().credentials)
    assert await told(other, "query-traders") == []
    assert await written(other, "cancel-trader", traderId="7") == (200, "43062", None)


async def test_open_positions_are_listed_by_product_type_and_more(bitget: BitgetCaller) -> None:
    what = "query-current-orders"
    assert await numbers(bitget, what) == ["301", "201", "001"]
    assert await numbers(bitget, what, productType="COIN-FUTURES") == ["051"]
    assert await numbers(bitget, what, symbol="ETHUSDT") == ["201"]
    assert await numbers(bitget, what, traderId="7c6525121a9") == ["301"]
    assert await numbers(bitget, what, idLessThan="1279999999999999301") == ["201", "001"]
    assert await numbers(bitget, what, idGreaterThan="1279999999999999001") == ["301", "201"]
    assert await numbers(bitget, what, startTime="1", endTime="2") == []


async def test_a_page_says_where_the_next_one_begins(bitget: BitgetCaller) -> None:
    first = await told(bitget, "query-history-orders", **USDT, limit="2")
    assert (len(first["trackingList"]), first["endId"]) == (2, "1270000000000000201")
    last = await told(bitget, "query-history-orders", **USDT, limit="2", idLessThan=first["endId"])
    assert (len(last["trackingList"]), last["endId"]) == (1, "")


async def test_a_position_that_is_closed_is_history(bitget: BitgetCaller) -> None:
    asked = {**USDT, "trackingNo": "1279999999999999201"}
    assert await written(bitget, "close-positions", **asked) == (200, "00000", {"orderIdList": ["1279999999999999204"]})
    assert await numbers(bitget, "query-current-orders") == ["301", "001"]
    assert await numbers(bitget, "query-history-orders") == ["201", "301", "201", "101"]
    assert await written(bitget, "close-positions", **asked) == (200, "43065", None)


async def test_a_product_type_alone_closes_everything_in_it(bitget: BitgetCaller) -> None:
    _, code, data = await written(bitget, "close-positions", **USDT)
    assert (code, len(cast("dict[str, Any]", data)["orderIdList"])) == ("00000", 3)
    assert await numbers(bitget, "query-current-orders") == []
    assert await numbers(bitget, "query-current-orders", productType="USDC-FUTURES") == ["101"]
    assert await written(bitget, "close-positions", **USDT) == (200, "22002", None)


async def test_what_is_told_of_a_position_must_agree(bitget: BitgetCaller) -> None:
    asked = {**USDT, "trackingNo": "1279999999999999201"}
    assert await written(bitget, "close-positions", **asked, holdSide="long") == (200, "22002", None)
    assert await written(bitget, "close-positions", **asked, symbol="BTCUSDT") == (200, "22002", None)
    assert await written(bitget, "close-positions", **{**asked, "productType": "USDC-FUTURES"}) == (200, "43065", None)
    assert await numbers(bitget, "query-current-orders") == ["301", "201", "001"]


async def test_a_protection_that_is_empty_or_left_out_stays(bitget: BitgetCaller) -> None:
    assert isinstance(bitget.venue, BitgetVenue)
    (account,) = bitget.venue.accounts.values()
    number = "1279999999999999201"
    asked = {**USDT, "trackingNo": number}
    for change, left in [
        ({"stopSurplusPrice": "3000", "stopLossPrice": "3100"}, {"stopSurplusPrice": "3000", "stopLossPrice": "3100"}),
        ({"stopSurplusPrice": ""}, {"stopSurplusPrice": "3000", "stopLossPrice": "3100"}),
        ({"stopLossPrice": "0"}, {"stopSurplusPrice": "3000"}),
        ({}, {"stopSurplusPrice": "3000"}),
    ]:
        assert await written(bitget, "setting-tpsl", **asked, **change) == (200, "00000", "success")
        assert bitget.venue.book(account).protections[number] == left
    assert await written(bitget, "setting-tpsl", **USDT, trackingNo="1") == (200, "43065", None)


async def test_a_position_nobody_seeded_closes_at_its_own_price(bitget: BitgetCaller) -> None:
    assert isinstance(bitget.venue, BitgetVenue)
    (account,) = bitget.venue.accounts.values()
    row = (await told(bitget, "query-current-orders", **USDT))["trackingList"][0]
    bitget.venue.book(account).add("USDT-FUTURES", {**row, "trackingNo": "555"})
    await written(bitget, "close-positions", **USDT, trackingNo="555")
    newest = (await told(bitget, "query-history-orders", **USDT))["trackingList"][0]
    assert (newest["trackingNo"], newest["closePriceAvg"]) == ("555", row["openAvgPrice"])


async def test_bounds_are_told_by_product_type_and_pair(bitget: BitgetCaller) -> None:
    found = await told(bitget, "query-quantity-limit", productType="COIN-FUTURES")
    assert [pair["symbol"] for pair in found] == ["BTCUSD", "ETHUSD", "BTCUSDZ26"]
    (pair,) = await told(bitget, "query-quantity-limit", **USDT, symbol="ETHUSDT")
    assert pair == {"symbol": "ETHUSDT", "minFollowSize": "0.01", "maxFollowSize": "800"}


async def test_what_the_key_may_do_is_told(bitget: BitgetCaller) -> None:
    told = (await bitget.call("GET", "/api/v2/spot/account/info")).json["data"]
    assert (told["authorities"], told["traderType"]) == (["ttor", "ttow"], "not_trader")


@pytest.mark.parametrize(
    ("what", "query", "code", "name"),
    [
        ("query-current-orders", {}, "40019", "productType"),
        ("query-current-orders", {"productType": "usdt-futures"}, "40017", "productType"),
        ("query-history-orders", {**USDT, "limit": "101"}, "40017", "limit"),
        ("query-history-orders", {**USDT, "idLessThan": "x"}, "40017", "idLessThan"),
        ("query-traders", {"pageSize": "51"}, "40017", "pageSize"),
        ("query-traders", {"pageNo": "0"}, "40017", "pageNo"),
        ("query-traders", {"startTime": "today"}, "40017", "startTime"),
        ("query-quantity-limit", {**USDT, "symbol": "BTCUSDT_UMCBL"}, "40034", "symbol"),
    ],
)
async def test_every_query_is_held_to_the_contract(
    bitget: BitgetCaller, what: str, query: dict[str, str], code: str, name: str
) -> None:
    reply = await bitget.call("GET", MIX + what, query=query)
    assert (reply.status, reply.json["code"]) == (400, code)
    assert name in reply.json["msg"]


@pytest.mark.parametrize(
    ("what", "body", "code", "name"),
    [
        ("cancel-trader", {"traderId": ""}, "40019", "traderId"),
        ("cancel-trader", {"traderId": "7", "close": "yes"}, "40020", "close"),
        ("close-positions", {"trackingNo": "1"}, "40019", "productType"),
        ("close-positions", {**USDT, "trackingNo": ""}, "40017", "trackingNo"),
        ("close-positions", {**USDT, "marginMode": "crossed"}, "40017", "marginMode"),
        ("setting-tpsl", {**USDT, "stopLossPrice": "1"}, "40019", "trackingNo"),
        ("setting-tpsl", {**USDT, "trackingNo": "1", "stopLossPrice": "-1"}, "40017", "stopLossPrice"),
        ("setting-tpsl", {**USDT, "trackingNo": "1", "stopSurplusPrice": "1E3"}, "40017", "stopSurplusPrice"),
    ],
)
async def test_every_body_is_held_to_the_contract(
    bitget: BitgetCaller, what: str, body: dict[str, str], code: str, name: str
) -> None:
    reply = await bitget.call("POST", MIX + what, body=body)
    assert (reply.status, reply.json["code"]) == (400, code)
    assert name in reply.json["msg"]


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("change", "code", "name"),
    [
        ({"traceType": "ratio"}, "40017", "settings[1].traceType"),
        ({"traceValue": 330}, "40017", "settings[1].traceValue"),
        ({"traceValue": "1e3"}, "40017", "settings[1].traceValue"),
        ({"traceValue": None}, "40017", "settings[1].traceValue"),
        ({"stopSurplusRatio": "401"}, "31040", "settings[1].stopSurplusRatio"),
        ({"stopLossRatio": "0"}, "31041", "settings[1].stopLossRatio"),
        ({"symbol": "BTCUSDT_UMCBL"}, "40034", "settings[1].symbol"),
        ({"symbol": ""}, "40019", "settings[1].symbol"),
        ({"leverage": "10"}, "40020", "settings[1].leverage"),
        ({"marginType": "specify"}, "40019", "settings[1].marginCoin"),
        ({"leverType": "specify"}, "40019", "settings[1].longLeverage"),
    ],
)
async def test_one_bad_pair_refuses_the_whole_batch_and_is_named(
    bitget: BitgetCaller, change: dict[str, Any], code: str, name: str
) -> None:
    await bitget.follow("7", FULL)
    reply = await bitget.follow("7", PAIR, {**PAIR, "symbol": "XRPUSDT", **change})
    assert (reply.status, reply.json["code"]) == (400, code)
    assert name in reply.json["msg"]
    assert [pair["symbol"] for pair in (await bitget.shown("7"))["detailList"]] == ["ETHUSDT"]


async def test_the_same_pair_twice_is_refused(bitget: BitgetCaller) -> None:
    reply = await bitget.follow("7", PAIR, FULL, PAIR)
    assert (reply.status, reply.json["code"]) == (400, "40017")
    assert "BTCUSDT" in reply.json["msg"]
    assert (await bitget.shown("7"))["followerEnable"] == "NO"


@pytest.mark.parametrize(("count", "code"), [(0, "40019"), (10, "00000"), (11, "40017")])
async def test_one_to_ten_pairs_may_be_set(bitget: BitgetCaller, count: int, code: str) -> None:
    reply = await bitget.follow("7", *[{**PAIR, "symbol": f"COIN{index}USDT"} for index in range(count)])
    assert reply.json["code"] == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"copyAmount": "49"}, "40017"),
        ({"equityGuardian": "on"}, "40019"),
        ({"equityGuardian": "on", "equityGuardianMode": "percentage", "equity": "101"}, "40017"),
        ({"equityGuardian": "on", "equity": "101"}, "00000"),
        ({"multiple": "126"}, "40017"),
    ],
)
async def test_smart_copy_keeps_to_its_ranges(bitget: BitgetCaller, change: dict[str, str], code: str) -> None:
    assert (await bitget.call("POST", bitget.SMART_COPY, body={**SMART, **change})).json["code"] == code


@pytest.mark.parametrize(
    ("query", "code", "name"),
    [
        ("", "40019", "traderId"),
        ("traderId=", "40019", "traderId"),
        ("productType=USDT-FUTURES&traderId=7", "40020", "productType"),
        ("traderId=7&traderId=8", "40017", "traderId"),
    ],
)
async def test_a_query_is_held_to_the_contract(bitget: BitgetCaller, query: str, code: str, name: str) -> None:
    reply = await bitget.call("GET", bitget.QUERY, query=query)
    assert (reply.status, reply.json["code"]) == (400, code)
    assert name in reply.json["msg"]


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"{", {}, "40409"),
        (b'{"traderId": \xff}', {}, "40409"),
        (None, {}, "40019"),
        (b"[]", {}, "40017"),
        (SMART, {"Content-Type": "text/plain"}, "40007"),
        (SMART, {"Content-Type": None}, "40007"),
        (SMART, {"locale": "de-DE"}, "40017"),
        (SMART, {"locale": "en-US", "Content-Type": "Application/JSON; charset=utf-8"}, "00000"),
    ],
)
async def test_bodies_and_headers_are_held_to_the_contract(
    bitget: BitgetCaller, body: object, headers: dict[str, str | None], code: str
) -> None:
    assert (await bitget.call("POST", bitget.SMART_COPY, body=body, headers=headers)).json["code"] == code


async def test_a_read_takes_no_body(bitget: BitgetCaller) -> None:
    reply = await bitget.call("GET", bitget.QUERY, query="traderId=7", body={"traderId": "7"})
    assert reply.json["code"] == "40020"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/api/v2/copy/mix-follower/settings"), ("DELETE", "/api/v2/public/time"), ("PURGE", "/tea")],
)
async def test_an_unknown_address_is_not_found(bitget: BitgetCaller, method: str, path: str) -> None:
    reply = await bitget.call(method, path)
    assert (reply.status, reply.json["code"]) == (404, "40404")


async def test_a_leader_answers_as_the_test_says(bitget: BitgetCaller) -> None:
    bitget.venue.fault("setSettings", Refuses("31034"), leader_id="7")
    bitget.venue.fault(Calls.EVERY, Refuses("40034"), leader_id="8")
    bitget.venue.fault(Calls.EVERY, Refuses("99999"), leader_id="9")
    full = await bitget.follow("7", PAIR)
    assert (full.status, full.json["code"]) == (200, "31034")
    assert full.json["msg"] == "the trader has no place left"
    assert (await bitget.shown("7"))["followerEnable"] == "NO"
    assert (await bitget.call("GET", bitget.QUERY, query="traderId=8")).status == 400
    undocumented = await bitget.follow("9", PAIR)
    assert (undocumented.status, undocumented.json["code"], undocumented.json["msg"]) == (200, "99999", "")
