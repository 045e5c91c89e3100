from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest

from unified_copy.credentials import Credentials
from unified_copy.sandbox import Account, Calls, Received, Refuses
from unified_copy.sandbox.document import load_document
from unified_copy.sandbox.schemas import Schemas
from unified_copy_okx.venue import OkxVenue

NOW = 1767225600123
LEADER = "25CD5A80241D6FE6"
COPY = "/api/v5/copytrading/"
START, AMEND, STOP = COPY + "first-copy-settings", COPY + "amend-copy-settings", COPY + "stop-copy-trading"
SETTINGS, POSITIONS, HISTORY = COPY + "copy-settings", COPY + "current-subpositions", COPY + "subpositions-history"
PROTECT, CLOSE = COPY + "algo-order", COPY + "close-subposition"
TERMS = {
    "instType": "SWAP",
    "uniqueCode": LEADER,
    "copyMgnMode": "copy",
    "copyInstIdType": "custom",
    "instId": "BTC-USDT-SWAP",
    "copyMode": "fixed_amount",
    "copyAmt": "50",
    "copyTotalAmt": "500",
    "subPosCloseType": "copy_close",
}
VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "okx.json").read_text(encoding="utf-8")
)
DOCUMENT = load_document(OkxVenue.contract)
SCHEMAS = Schemas(DOCUMENT)


@attrs.frozen
class Reply:
    status: int
    code: str
    msg: str
    data: list[dict[str, Any]]


@attrs.define
class Caller:
    """Call the local OKX as one account, without a socket; signs by itself."""

    venue: OkxVenue
    account: Account

    def headers(self, method: str, target: str, body: bytes, now_ms: int = NOW) -> dict[str, str]:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now_ms)
        timestamp = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now_ms % 1000:03}Z"
        credentials = self.account.credentials
        text = f"{timestamp}{method}{target}".encode() + body
        return {
            "ok-access-key": credentials.key,
            "ok-access-sign": b64encode(hmac.new(credentials.secret.encode(), text, hashlib.sha256).digest()).decode(),
            "ok-access-timestamp": timestamp,
            "ok-access-passphrase": str(credentials.passphrase),
            "content-type": "application/json",
        }

    def send(self, method: str, path: str, query: str, body: bytes, headers: dict[str, str]) -> Reply:
        received = Received(method=method, path=path, query=query, headers=headers, body=body)
        answer = self.venue.answer(received)
        encoded, described = answer.encoded()
        told = json.loads(encoded)
        response = SCHEMAS.resolve(DOCUMENT["paths"][path][method.lower()]["responses"][str(answer.status)])
        SCHEMAS.validator(response["content"][described["Content-Type"]]["schema"]).validate(told)
        return Reply(answer.status, told["code"], told["msg"], told["data"])

    def get(self, path: str, **query: object) -> Reply:
        text = urlencode(query)
        return self.send("GET", path, text, b"", self.headers("GET", f"{path}?{text}" if text else path, b""))

    def post(self, path: str, **body: object) -> Reply:
        encoded = json.dumps(body).encode()
        return self.send("POST", path, "", encoded, self.headers("POST", path, encoded))

    def start(self, **terms: object) -> Reply:
        wish = {**TERMS, **terms}
        return self.post(START, **{name: value for name, value in wish.items() if value is not None})

    def shown(self, leader: str = LEADER) -> dict[str, Any]:
        return self.get(SETTINGS, uniqueCode=leader).data[0]

    def positions(self, path: str = POSITIONS, **query: object) -> list[dict[str, Any]]:
        return self.get(path, subPosType="copy", **query).data


@pytest.fixture
def okx() -> Caller:
    venue = OkxVenue()
    venue.now_ms = lambda: NOW
    return Caller(venue, venue.open_account())


# ------------------------------------------------------------------ credentials


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"ok-access-key": ""}, "50103"),
        ({"ok-access-passphrase": ""}, "50104"),
        ({"ok-access-sign": ""}, "50106"),
        ({"ok-access-timestamp": ""}, "50107"),
        ({"ok-access-key": "unknown"}, "50111"),
        ({"ok-access-passphrase": "wrong"}, "50105"),
        ({"ok-access-timestamp": "1767225600123"}, "50112"),
        ({"ok-access-timestamp": "soon"}, "50112"),
        ({"ok-access-sign": "wrong"}, "50113"),
        ({"ok-access-sign": "fälschung"}, "50113"),
    ],
)
def test_a_header_that_is_missing_or_wrong_is_refused_with_its_code(
    okx: Caller, headers: dict[str, str], code: str
) -> None:
    signed = {**okx.headers("GET", f"{SETTINGS}?uniqueCode=1", b""), **headers}
    reply = okx.send("GET", SETTINGS, "uniqueCode=1", b"", signed)
    assert (reply.status, reply.code) == (401, code)


@pytest.mark.parametrize(("skew", "code"), [(-30_000, "0"), (-30_001, "50102"), (30_000, "0"), (30_001, "50102")])
def test_a_timestamp_may_be_half_a_minute_off(okx: Caller, skew: int, code: str) -> None:
    headers = okx.headers("GET", f"{SETTINGS}?uniqueCode=1", b"", NOW + skew)
    assert okx.send("GET", SETTINGS, "uniqueCode=1", b"", headers).code == code


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_signatures_agreed_on_by_other_clients_are_accepted(okx: Caller, vector: dict[str, Any]) -> None:
    okx.venue.accounts["k"] = Account(Credentials(**vector["credentials"]))
    headers = {
        "ok-access-key": "k",
        "ok-access-sign": vector["signature"],
        "ok-access-timestamp": vector["timestamp"],
        "ok-access-passphrase": "p",
        "content-type": "application/json",
    }
    request = vector["request"]
    reply = okx.send(request["method"], request["path"], request["query"], request["body"].encode(), headers)
    assert reply.code in {"0", "59267"}
    assert okx.send(request["method"], request["path"], "", b"{ }", headers).code == "50113"


def test_public_calls_take_no_key(okx: Caller) -> None:
    assert okx.send("GET", "/api/v5/public/time", "", b"", {}).data == [{"ts": str(NOW)}]
    assert okx.send("GET", COPY + "public-config", "", b"", {}).data[0]["minCopyAmt"] == "20"


def test_credentials_have_the_form_that_okx_gives_them() -> None:
    credentials = OkxVenue().new_credentials()
    assert credentials.passphrase
    assert credentials.secret.isupper()


# ------------------------------------------------------------------ following


def test_what_is_set_reads_back_with_empty_text_for_the_rest(okx: Caller) -> None:
    assert okx.start(slRatio="0.1").data == [{"result": True}]
    shown = okx.shown()
    assert (shown["copyState"], shown["slRatio"], shown["tpRatio"], shown["copyRatio"]) == ("1", "0.1", "", "")
    assert [pair["enabled"] for pair in shown["instIds"]] == ["1", "0", "0", "0", "0", "0"]


def test_the_mode_that_goes_without_saying_is_shown(okx: Caller) -> None:
    okx.start(copyMode=None)
    assert okx.shown()["copyMode"] == "fixed_amount"


def test_a_follow_is_started_once_and_changed_after(okx: Caller) -> None:
    assert okx.post(AMEND, **TERMS).code == "59280"
    assert okx.start(slRatio="0.1").code == "0"
    assert okx.start().code == "59279"
    assert okx.post(AMEND, **{**TERMS, "instId": "NOT-USDT-SWAP"}).code == "59268"
    assert okx.post(AMEND, **TERMS).code == "0"
    assert okx.shown()["slRatio"] == ""


def test_a_stop_is_carried_out_at_the_second_read(okx: Caller) -> None:
    okx.start()
    assert okx.post(STOP, uniqueCode=LEADER, subPosCloseType="market_close").code == "0"
    assert okx.post(STOP, uniqueCode=LEADER, subPosCloseType="market_close").code == "59278"
    assert okx.start().code == "59278"
    assert okx.post(AMEND, **TERMS).code == "59280"
    assert [okx.shown()["copyState"] for _ in range(3)] == ["1", "0", "0"]
    assert (okx.positions(), len(okx.positions(HISTORY))) == ([], 4)
    assert okx.post(STOP, uniqueCode=LEADER, subPosCloseType="market_close").code == "59267"
    assert okx.start().code == "0"


def test_a_stop_must_say_what_becomes_of_positions_where_there_are_any(okx: Caller) -> None:
    okx.start()
    assert okx.post(STOP, uniqueCode=LEADER).code == "50014"
    for row in okx.positions():
        okx.post(CLOSE, subPosId=row["subPosId"], subPosType="copy")
    assert okx.post(STOP, uniqueCode=LEADER).code == "0"
    assert [okx.shown()["copyState"] for _ in range(2)] == ["1", "0"]


def test_accounts_are_kept_apart(okx: Caller) -> None:
    okx.start()
    other = Caller(okx.venue, okx.venue.open_account())
    assert other.shown()["copyState"] == "0"
    assert other.positions() == []
    assert other.get(COPY + "current-lead-traders").data == []
    assert other.get(COPY + "config").data[0]["details"][0]["roleType"] == "0"
    assert okx.get(COPY + "config").data[0]["details"][0]["roleType"] == "2"
    assert okx.get(COPY + "current-lead-traders").data[0]["uniqueCode"] == LEADER


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"instId": "BTC-USDT-SWAP,NOT-USDT-SWAP"}, "59268", 200),
        ({"copyTotalAmt": "49"}, "59270", 200),
        ({"copyTotalAmt": "30001"}, "51000", 400),
        ({"copyAmt": "19"}, "51000", 400),
        ({"copyMode": "ratio_copy", "copyAmt": None, "copyRatio": "101"}, "59259", 200),
        ({"tpRatio": "1.6"}, "59130", 200),
        ({"slRatio": "0.8"}, "59130", 200),
        ({"copyAmt": None}, "50014", 400),
        ({"copyMode": "ratio_copy"}, "50014", 400),
        ({"instId": None}, "50014", 400),
        ({"copyTotalAmt": None}, "50014", 400),
        ({"uniqueCode": ""}, "50014", 400),
        ({"copyMode": "smart_copy"}, "51000", 400),
        ({"copyAmt": 50}, "51000", 400),
        ({"copyAmt": ""}, "51000", 400),
        ({"copyMgnMode": "trader"}, "51000", 400),
        ({"leverage": "5"}, "51000", 400),
    ],
)
def test_terms_that_do_not_fit_are_refused(okx: Caller, change: dict[str, Any], code: str, status: int) -> None:
    reply = okx.start(**change)
    assert (reply.status, reply.code) == (status, code)
    assert okx.shown()["copyState"] == "0"


def test_a_leader_answers_as_the_test_says(okx: Caller) -> None:
    okx.venue.fault(Calls.EVERY, Refuses("59206"), leader_id=LEADER)
    okx.venue.fault("copySettings", Refuses("99999"), leader_id=LEADER)
    assert (okx.start().code, okx.start().msg) == ("59206", "the leader has no place left")
    assert okx.get(SETTINGS, uniqueCode=LEADER).code == "99999"


@pytest.mark.parametrize("path", ["/", START, COPY + "nothing"])
def test_an_unknown_address_is_not_found(okx: Caller, path: str) -> None:
    answer = okx.venue.answer(Received(method="GET", path=path))
    assert (answer.status, answer.body) == (404, b"404 Not Found")


# ------------------------------------------------------------------ positions


def test_positions_are_listed_newest_first_and_in_pages(okx: Caller) -> None:
    okx.start(copyInstIdType="copy", instId=None)
    newest, oldest = (row["subPosId"] for row in okx.positions())
    assert int(newest) > int(oldest)
    assert [row["subPosId"] for row in okx.positions(after=newest)] == [oldest]
    assert [row["subPosId"] for row in okx.positions(before=oldest)] == [newest]
    assert [row["subPosId"] for row in okx.positions(limit=1)] == [newest]
    assert [row["instId"] for row in okx.positions(instId="ETH-USDT-SWAP")] == ["ETH-USDT-SWAP"]
    assert okx.get(POSITIONS).data == []
    assert okx.get(POSITIONS, limit=501).code == "51000"
    assert okx.get(HISTORY, limit=101).code == "51000"
    assert {row["type"] for row in okx.positions(HISTORY)} == {"2"}


def test_the_margin_is_as_the_follow_says(okx: Caller) -> None:
    okx.start(copyMgnMode="isolated", copyAmt="30")
    assert {(row["mgnMode"], row["margin"]) for row in okx.positions()} == {("isolated", "30")}


def test_protections_are_set_kept_and_cancelled(okx: Caller) -> None:
    okx.start()
    named = {"subPosId": okx.positions()[0]["subPosId"], "subPosType": "copy"}
    assert okx.post(PROTECT, **named, tpTriggerPx="70000", tag="t").data == [
        {"subPosId": named["subPosId"], "tag": "t"}
    ]
    assert okx.post(PROTECT, **named, slTriggerPx="60000").code == "0"
    row = okx.positions()[0]
    assert (row["tpTriggerPx"], row["tpOrdPx"], row["slTriggerPx"]) == ("70000", "-1", "60000")
    okx.post(PROTECT, **named, tpTriggerPx="0")
    assert (okx.positions()[0]["tpTriggerPx"], okx.positions()[0]["slTriggerPx"]) == ("", "60000")
    assert okx.post(PROTECT, **named).status == 400


def test_a_position_is_closed_once_and_by_its_owner(okx: Caller) -> None:
    okx.start()
    named = {"subPosId": okx.positions()[0]["subPosId"]}
    other = Caller(okx.venue, okx.venue.open_account())
    assert other.post(CLOSE, **named, subPosType="copy").code == "59216"
    assert okx.post(CLOSE, **named).code == "59216"
    assert okx.post(CLOSE, **named, subPosType="copy", ordType="limit", px="1").code == "59260"
    assert okx.post(CLOSE, **named, subPosType="copy").code == "0"
    assert okx.post(CLOSE, **named, subPosType="copy").code == "59216"
    assert okx.post(PROTECT, **named, subPosType="copy", tpTriggerPx="1").code == "59216"
    assert okx.positions(HISTORY)[0]["pnl"] == "0.000"


# ------------------------------------------------------------------ the contract


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_every_example_keeps_to_its_schema(path: str) -> None:
    (operation,) = DOCUMENT["paths"][path].values()
    contents = [operation.get("requestBody", {}).get("content", {})]
    contents += [SCHEMAS.resolve(response)["content"] for response in operation["responses"].values()]
    for content in contents:
        for media in content.values():
            for example in media.get("examples", {}).values():
                SCHEMAS.validator(media["schema"]).validate(SCHEMAS.resolve(example)["value"])
