"""The local XT futures refuses what XT would refuse, and keeps to its own contract."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlencode

import attrs
import pytest

from unified_copy.credentials import Credentials
from unified_copy.sandbox import Account, Answer, Calls, Received, Refuses
from unified_copy.sandbox.document import load_document
from unified_copy.sandbox.schemas import Schemas
from unified_copy.wire import encode
from unified_copy_xt.futures.venue import XtFuturesVenue

LEADER = 5372510536645
USER = "/future/copytrade/user/v1/copy-trade/"
ORDER = "/future/copytrade/order/v1/copy-trade/"
FOLLOW, RELATION = f"{USER}choose-leader", f"{USER}leader-relation"
FOLLOWING, HISTORY = f"{USER}current-following-v2", f"{ORDER}follower-order-history"
TERMS = {"symbols": "btc_usdt", "followType": "FUND", "followVal": "10", "transferFromBizType": "SPOT"}
FORM = "application/x-www-form-urlencoded"


@attrs.define
class Caller:
    """Call the venue as one account, signed independently of the adapter."""

    venue: XtFuturesVenue
    account: Account

    def headers(self, path: str, query: str = "", body: str = "", timestamp: str = "") -> dict[str, str]:
        """Return the headers; ``timestamp`` is now unless given."""
        key = self.account.credentials.key
        signed = {"validate-appkey": key, "validate-timestamp": timestamp or str(self.venue.now_ms())}
        text = urlencode(signed) + f"#{path}" + f"#{unquote(query)}" * bool(query) + f"#{unquote(body)}" * bool(body)
        digest = hmac.new(self.account.credentials.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return {**signed, "validate-signature": digest}

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: object) -> Answer:
        """Send a read."""
        text = urlencode(sorted(query.items()))
        return self._sent(Received(method="GET", path=path, query=text, headers=headers or self.headers(path, text)))

    def post(self, path: str, **form: object) -> Answer:
        """Send a form."""
        body = urlencode(sorted(form.items()), safe=",")
        headers = {**self.headers(path, body=body), "content-type": FORM}
        return self._sent(Received(method="POST", path=path, headers=headers, body=body.encode()))

    def result(self, path: str, **query: Any) -> Any:  # noqa: ANN401 (whatever the venue said)
        """Return what a read came to."""
        told: Any = self.get(path, **query).body
        assert told["returnCode"] == 0
        return told["result"]

    def _sent(self, received: Received) -> Answer:
        """Hold the venue to its own contract: it may answer only what the contract has."""
        answer = self.venue.answer(received)
        document = load_document(self.venue.contract)
        schemas = Schemas(document)
        response = schemas.resolve(
            document["paths"][received.path][received.method.lower()]["responses"][str(answer.status)]
        )
        if not isinstance(answer.body, bytes):
            schema = response["content"]["application/json"]["schema"]
            schemas.validator(schema).validate(json.loads(encode(answer.body), parse_float=Decimal))
        return answer


@pytest.fixture
def caller() -> Caller:
    venue = XtFuturesVenue()
    return Caller(venue, venue.open_account())


def _code(answer: Answer) -> str:
    body: Any = answer.body
    assert (answer.status, body["returnCode"], body["result"]) == (200, 1, None)
    return str(body["error"]["code"])


# ------------------------------------------------------------------ credentials


@pytest.mark.parametrize("name", ["validate-appkey", "validate-timestamp"])
def test_a_header_that_is_missing_is_a_bad_request(caller: Caller, name: str) -> None:
    headers = caller.headers(FOLLOWING)
    del headers[name]
    assert caller.get(FOLLOWING, headers).status == 400


@pytest.mark.parametrize("change", [{"validate-appkey": "unknown"}, {"validate-timestamp": "now"}])
def test_an_unknown_key_and_an_unreadable_time_are_forbidden(caller: Caller, change: dict[str, str]) -> None:
    assert caller.get(FOLLOWING, {**caller.headers(FOLLOWING), **change}).status == 403


@pytest.mark.parametrize(("skew", "status"), [(-4999, 200), (-5000, 403), (1000, 200), (1001, 403)])
def test_a_request_must_lie_within_the_window(caller: Caller, skew: int, status: int) -> None:
    caller.venue.now_ms = lambda: 1_700_000_000_000
    headers = caller.headers(FOLLOWING, timestamp=str(1_700_000_000_000 + skew))
    assert caller.get(FOLLOWING, headers).status == status


@pytest.mark.parametrize("signature", ["", "00"])
def test_a_wrong_signature_is_refused_in_the_envelope(caller: Caller, signature: str) -> None:
    assert _code(caller.get(FOLLOWING, {**caller.headers(FOLLOWING), "validate-signature": signature})) == "403"


def test_a_signature_in_capitals_is_accepted(caller: Caller) -> None:
    headers = caller.headers(FOLLOWING)
    assert caller.get(FOLLOWING, {**headers, "validate-signature": headers["validate-signature"].upper()}).status == 200


def test_a_signature_agreed_on_by_other_clients_is_accepted(caller: Caller) -> None:
    caller.venue.accounts["k"] = Account(Credentials("k", "s"))
    caller.venue.now_ms = lambda: 1_700_000_000_000
    body = (
        "autoFollowSymbol=true&followLossOperate=LEADER_CLOSE&followType=FUND&followVal=10"
        "&leaderAccountId=5372510536645&symbols=btc_usdt,eth_usdt&transferFromBizType=FUTURES_U"
    )
    headers = {
        "validate-appkey": "k",
        "validate-timestamp": "1700000000000",
        "validate-signature": "0c9d80cf77da1e802270d1448d3e548d123c02de067a0a570195cb608cba9085",
        "content-type": FORM,
    }
    answer: Any = caller.venue.answer(Received(method="POST", path=FOLLOW, headers=headers, body=body.encode()))
    assert (answer.status, answer.body["result"]) == (200, True)


def test_a_body_that_is_no_text_is_refused(caller: Caller) -> None:
    headers = {**caller.headers(FOLLOW), "content-type": FORM}
    answer = caller.venue.answer(Received(method="POST", path=FOLLOW, headers=headers, body=b"\xff"))
    assert _code(answer) == "403"


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    "change",
    [
        {"leaderAccountId": "abc"},
        {"leaderAccountId": "0"},
        {"followVal": "0"},
        {"followDirection": "SIDEWAYS"},
        {"transferFromBizType": "MOON"},
        {"followLossOperate": ""},
        {"unknown": "1"},
    ],
    ids=str,
)
def test_a_wrong_parameter_is_refused(caller: Caller, change: dict[str, str]) -> None:
    assert _code(caller.post(FOLLOW, **{"leaderAccountId": LEADER, **TERMS, **change})) == "invalid_params"


def test_the_wallet_must_be_told(caller: Caller) -> None:
    terms = {name: value for name, value in TERMS.items() if name != "transferFromBizType"}
    assert _code(caller.post(FOLLOW, leaderAccountId=LEADER, **terms)) == "invalid_params"


def test_a_price_that_is_wrong_has_a_code_of_its_own(caller: Caller) -> None:
    answer = caller.post(
        f"{ORDER}update-profit-stop",
        trackNo=1,
        triggerPriceType="MARK_PRICE",
        leaderOrder="false",
        triggerStopPrice="0",
    )
    assert _code(answer) == "invalid_triggerStopPrice"


def test_a_refusal_can_be_had_on_demand(caller: Caller) -> None:
    caller.venue.fault(Calls.EVERY, Refuses("invalid_leader"), leader_id=str(LEADER))
    assert _code(caller.post(FOLLOW, leaderAccountId=LEADER, **TERMS)) == "invalid_leader"
    caller.venue.fault(Calls.EVERY, Refuses("something_new"), leader_id=str(LEADER))
    assert _code(caller.get(RELATION, leaderAccountId=LEADER)) == "something_new"


def test_an_unknown_address_is_not_found(caller: Caller) -> None:
    assert caller.venue.answer(Received(method="GET", path="/future/copytrade/nowhere")).status == 404


# ------------------------------------------------------------------ memory


def test_a_follow_is_shown_with_the_digits_it_came_with(caller: Caller) -> None:
    caller.post(FOLLOW, leaderAccountId=LEADER, **{**TERMS, "followVal": "10.50", "followDirection": "REVERSE"})
    shown = caller.result(RELATION, leaderAccountId=LEADER)
    assert (str(shown["followVal"]), shown["followDirection"], shown["cancel"]) == ("10.50", "REVERSE", False)
    assert "transferFromBizType" not in shown


def test_accounts_see_their_own_only(caller: Caller) -> None:
    caller.post(FOLLOW, leaderAccountId=LEADER, **TERMS)
    other = Caller(caller.venue, caller.venue.open_account())
    assert other.result(RELATION, leaderAccountId=LEADER) is None
    assert (other.result(FOLLOWING), other.result(f"{USER}my-follow-list")) == ([], [])
    assert caller.result(f"{USER}my-follow-list") == [LEADER]
    track = caller.result(FOLLOWING)[0]["orderList"][0]["trackNo"]
    assert _code(other.post(f"{ORDER}close", trackNo=track, leaderOrder="false")) == "invalid_order"


def test_ending_a_follow_closes_what_was_copied_from_that_leader(caller: Caller) -> None:
    caller.post(FOLLOW, leaderAccountId=LEADER, **TERMS)
    caller.post(FOLLOW, leaderAccountId=7, **TERMS)
    caller.post(f"{USER}cancel-choose-leader", leaderAccountId=LEADER)
    assert caller.result(RELATION, leaderAccountId=LEADER)["cancel"] is True
    assert [row["leaderAccountId"] for row in caller.result(FOLLOWING)] == ["7"]
    assert caller.result(HISTORY, limit=1)[0]["closeTime"] <= caller.venue.now_ms()


def test_history_can_be_read_in_both_directions_and_for_one_pair(caller: Caller) -> None:
    first = caller.result(HISTORY)
    second = caller.result(HISTORY, id=first[-1]["id"], direction="NEXT")
    assert caller.result(HISTORY, id=second[0]["id"], direction="PREV") == first
    assert len(first) == 10
    assert {row["symbol"] for row in caller.result(HISTORY, symbol="eth_usdt")} == {"eth_usdt"}
    assert all(row["id"] > 2**53 for row in first)


def test_the_clock_needs_no_key(caller: Caller) -> None:
    answer = caller.get("/future/market/v1/public/time", {"accept": "*/*"})
    assert isinstance(answer.body, dict)
    assert abs(answer.body["result"] - caller.venue.now_ms()) < 5_000
