"""A translation says what becomes of every field, read out of the requests themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import attrs
import pytest

from unified_copy import (
    ALL_SYMBOLS,
    Adapter,
    Credentials,
    Direction,
    FixedAmount,
    FollowConfig,
    FollowSettings,
    MarginMode,
    Multiplier,
    OnStop,
    Proportional,
    SymbolRule,
    VenueSettings,
    translate,
)
from unified_copy.adapter import Call, Limit
from unified_copy.errors import AdapterError, ConfigError, UnsupportedError
from unified_copy.fields import Fields, implied, left, refused, sent
from unified_copy.model import FIELD_NAMES
from unified_copy.translation import Fate, FieldFate, told, uniform_rule
from unified_copy.wire import FORM, JSON, Request, Response

Make = Callable[..., FollowConfig]


@attrs.frozen(kw_only=True)
class Wallet(VenueSettings):
    """Stand for the settings of a product."""

    wallet: str = "SPOT"


@attrs.frozen(kw_only=True)
class OtherWallet(VenueSettings):
    """Stand for the settings of another product."""


def _unanswered(_response: Response) -> None:
    raise NotImplementedError


@attrs.frozen(kw_only=True)
class Scripted(Adapter):
    """Send what a test wants sent."""

    name: ClassVar[str] = "scripted"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.scripted.example",)
    forms: ClassVar[dict[str, Fields]] = {
        "start": {
            "leader_id": sent("leader"),
            "sizing": sent("terms[].size", "terms[].kind"),
            "symbols": sent("terms[].symbol", undocumented="unit unknown"),
            "follow_new_symbols": sent("new", unset="nothing new is copied"),
            "stop_loss": sent("stop"),
            "margin_mode": left("spot has none", refusal="spot has none"),
            "max_total": refused("no cap"),
            "direction": implied("as the leader", Direction.SAME, Direction.REVERSE, refusal="never"),
        }
    }
    venue_settings: ClassVar[type[VenueSettings] | None] = None

    requests: tuple[Request, ...] = ()

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        assert config.leader_id
        assert known is None
        return tuple(Call(request, _unanswered, Limit(1, 1.0, "uid", "all")) for request in self.requests)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class WithWallet(Scripted):
    """Take the settings of a product."""

    forms: ClassVar[dict[str, Fields]] = {"start": {**Scripted.forms["start"], "venue": sent("wallet")}}
    venue_settings: ClassVar[type[VenueSettings] | None] = Wallet


BODY = b'{"leader":"123123123","terms":[{"symbol":"BTCUSDT","kind":"amount","size":330}]}'


def _json(body: bytes, query: str = "") -> tuple[Request, ...]:
    return (Request("POST", "/follow", query, JSON, body),)


def _fates(config: FollowConfig, *requests: Request) -> Mapping[str, FieldFate]:
    return translate(config, exchange=Scripted(requests=requests)).fields


# ------------------------------------------------------------------ requests


def test_translating_needs_neither_network_nor_credentials(make_config: Make) -> None:
    requests = translate(make_config(), exchange="bitget").requests
    assert [(request.method, request.path) for request in requests] == [("POST", "/api/v2/copy/mix-follower/settings")]


def test_translating_takes_a_name_or_an_adapter(make_config: Make) -> None:
    requests = _json(BODY)
    assert translate(make_config(), exchange=Scripted(requests=requests)).requests == requests


def test_requests_keep_the_order_in_which_they_are_sent(make_config: Make) -> None:
    first, second = Request("PUT", "/leverage"), _json(BODY)[0]
    assert translate(make_config(), exchange=Scripted(requests=(first, second))).requests == (first, second)


def test_what_is_no_config_is_refused() -> None:
    config: Any = {"leader_id": "1"}
    with pytest.raises(ConfigError) as caught:
        translate(config, exchange="bitget")
    assert (caught.value.field, caught.value.exchange) == ("config", "bitget")


def test_a_translation_says_exchange_form_and_config(make_config: Make) -> None:
    config = make_config(sizing=Proportional(500), symbols=ALL_SYMBOLS)
    translation = translate(config, exchange="bitget")
    assert (translation.exchange, translation.form, translation.config) == ("bitget", "smart copy", config)


# ------------------------------------------------------------------ venue settings


def test_settings_of_a_product_are_taken_by_its_adapter(make_config: Make) -> None:
    requests = _json(b'{"leader":"1","wallet":"SPOT","terms":[{"symbol":"B","size":1}]}')
    translation = translate(make_config(venue=Wallet()), exchange=WithWallet(requests=requests))
    assert translation.fields["venue"].sent == (("wallet", "SPOT"),)


@pytest.mark.parametrize(
    ("exchange", "hint"),
    [("bitget", "leave it out"), ("xt", "leave it out"), (WithWallet(requests=_json(BODY)), "it takes Wallet")],
    ids=["bitget", "xt", "another-product"],
)
def test_settings_of_a_product_are_refused_by_every_other(
    make_config: Make, exchange: str | Adapter, hint: str
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        translate(make_config(venue=OtherWallet()), exchange=exchange)
    assert caught.value.field == "venue"
    assert hint in caught.value.reason


# ------------------------------------------------------------------ fates


def test_every_field_has_a_fate(make_config: Make) -> None:
    assert tuple(_fates(make_config(), *_json(BODY))) == FIELD_NAMES


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("leader_id", FieldFate(fate=Fate.SENT, sent=(("leader", "123123123"),))),
        ("sizing", FieldFate(fate=Fate.SENT, sent=(("terms[].size", "330"), ("terms[].kind", "amount")))),
        (
            "symbols",
            FieldFate(fate=Fate.SENT, sent=(("terms[].symbol", "BTCUSDT"),), undocumented="unit unknown"),
        ),
        ("follow_new_symbols", FieldFate(fate=Fate.IMPLIED, note="nothing new is copied")),
        ("stop_loss", FieldFate(fate=Fate.NOT_SET)),
        ("margin_mode", FieldFate(fate=Fate.LEFT_TO_VENUE, note="spot has none")),
        ("max_total", FieldFate(fate=Fate.NOT_SET)),
        ("direction", FieldFate(fate=Fate.IMPLIED, note="as the leader")),
        ("on_stop", FieldFate(fate=Fate.NOT_SET)),
    ],
)
def test_the_fate_of_a_field_is_read_out_of_the_request(make_config: Make, name: str, fate: FieldFate) -> None:
    assert _fates(make_config(), *_json(BODY))[name] == fate


def test_a_wish_that_the_venue_fulfils_anyway_is_implied(make_config: Make) -> None:
    assert _fates(make_config(direction=Direction.REVERSE), *_json(BODY))["direction"].fate is Fate.IMPLIED


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"leader":true}', "true"),
        (b'{"leader":false}', "false"),
        (b'{"leader":0.0000001}', "0.0000001"),
        (b'{"leader":9007199254740993}', "9007199254740993"),
        (b'{"leader":null}', "None"),
        ('{"leader":"张三"}'.encode(), "张三"),
    ],
)
def test_a_value_is_told_as_it_is_sent(make_config: Make, body: bytes, value: str) -> None:
    full = body[:-1] + b',"terms":[{"symbol":"B","size":1}]}'
    assert _fates(make_config(), *_json(full))["leader_id"].sent == (("leader", value),)


@pytest.mark.parametrize(("sizes", "told_as"), [(("1", "1"), "1"), (("1", "2"), "1,2")], ids=["the-same", "different"])
def test_values_of_several_pairs_are_told_once_where_they_agree(
    make_config: Make, sizes: tuple[str, str], told_as: str
) -> None:
    body = '{"leader":"1","terms":[{"symbol":"B","size":%s},{"symbol":"C","size":%s}]}' % sizes  # noqa: UP031 (braces)
    assert _fates(make_config(), *_json(body.encode()))["sizing"].sent == (("terms[].size", told_as),)


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", "/follow", "leader=123&terms%5B%5D.symbol=B&terms%5B%5D.size=1"),
        Request("POST", "/follow", "", FORM, b"leader=123&terms%5B%5D.symbol=B&terms%5B%5D.size=1"),
        Request("POST", "/follow", "leader=123", FORM, b"terms%5B%5D.symbol=B&terms%5B%5D.size=1"),
        Request("PUT", "/follow", "leader=123", JSON, b'{"terms":[{"symbol":"B","size":1}]}'),
        Request(
            "POST", "/follow", "leader=123", {**FORM, "X-Version": "2"}, b"terms%5B%5D.symbol=B&terms%5B%5D.size=1"
        ),
        Request(
            "POST",
            "/follow",
            "leader=123",
            {"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
            b"terms%5B%5D.symbol=B&terms%5B%5D.size=1",
        ),
    ],
    ids=["query", "form", "query-and-form", "query-and-json", "form-beside-another-header", "form-with-charset"],
)
def test_fates_are_read_out_of_query_form_and_json(make_config: Make, request_: Request) -> None:
    fates = _fates(make_config(), request_)
    assert fates["leader_id"].sent == (("leader", "123"),)
    assert fates["symbols"].sent == (("terms[].symbol", "B"),)


@attrs.frozen(kw_only=True)
class InPath(Scripted):
    """Name the leader in the path."""

    forms: ClassVar[dict[str, Fields]] = {"start": {**Scripted.forms["start"], "leader_id": sent("/follows/{}/terms")}}


def test_a_fate_is_read_out_of_the_path(make_config: Make) -> None:
    requests = (
        Request("PUT", "/follows/%E5%BC%A0%2F/terms", "", JSON, BODY),
        Request("POST", "/start", "", JSON, BODY),
    )
    fates = translate(make_config(leader_id="张/"), exchange=InPath(requests=requests)).fields
    assert fates["leader_id"].sent == (("/follows/{}/terms", "张/"),)


@pytest.mark.parametrize("path", ["/follows//terms", "/follows/1/2/terms", "/follows/1", "/v1/follows/1/terms"])
def test_a_path_without_the_field_is_an_error_of_the_adapter(make_config: Make, path: str) -> None:
    requests = (Request("PUT", path, "", JSON, BODY),)
    with pytest.raises(AdapterError, match="leader_id"):
        translate(make_config(), exchange=InPath(requests=requests)).check()


def test_fates_are_read_out_of_all_requests_together(make_config: Make) -> None:
    fates = _fates(make_config(), Request("PUT", "/leader", "leader=123"), *_json(BODY[:1] + BODY[22:]))
    assert fates["leader_id"].sent == (("leader", "123"),)
    assert fates["symbols"].fate is Fate.SENT


@pytest.mark.parametrize("name", ["stop_loss", "follow_new_symbols"])
def test_a_field_that_is_set_and_not_sent_is_an_error_of_the_adapter(make_config: Make, name: str) -> None:
    translation = translate(
        make_config(**{name: True if name == "follow_new_symbols" else "0.2"}),
        exchange=Scripted(requests=_json(BODY)),
    )
    with pytest.raises(AdapterError) as caught:
        _ = translation.fields
    assert caught.value.adapter == "scripted"
    assert f"field {name} is set" in caught.value.reason


def test_a_check_finds_a_field_that_is_set_and_not_sent(make_config: Make) -> None:
    translation = translate(make_config(stop_loss="0.2"), exchange=Scripted(requests=_json(BODY)))
    with pytest.raises(AdapterError):
        translation.check()


def test_a_translation_shows_its_exchange_and_what_would_be_sent(make_config: Make) -> None:
    shown = repr(translate(make_config(), exchange="xt"))
    assert shown.startswith("Translation(xt: v4, FollowConfig(")
    assert "Request(POST /v4/account/copy-trade/follow" in shown


def test_fates_are_worked_out_only_when_asked_for(make_config: Make) -> None:
    translation = translate(make_config(stop_loss="0.2"), exchange=Scripted(requests=_json(BODY)))
    assert translation.requests == _json(BODY)


def test_fates_are_worked_out_once(make_config: Make) -> None:
    translation = translate(make_config(), exchange="bitget")
    assert translation.fields is translation.fields


@pytest.mark.parametrize(
    ("fate", "line"),
    [
        (FieldFate(fate=Fate.SENT, sent=(("a", "1"), ("b", "x"))), "a=1 b=x"),
        (FieldFate(fate=Fate.SENT, sent=(("a", "1"),), undocumented="the unit"), "a=1 (!) the unit"),
        (FieldFate(fate=Fate.IMPLIED, note="as the leader"), "implied: as the leader"),
        (FieldFate(fate=Fate.LEFT_TO_VENUE, note="none"), "left to the venue: none"),
        (FieldFate(fate=Fate.NOT_SET), "not set"),
    ],
)
def test_a_fate_is_told_in_one_line(fate: FieldFate, line: str) -> None:
    assert str(fate) == line


# ------------------------------------------------------------------ the table


@pytest.fixture
def table(make_config: Make) -> list[str]:
    rules = ["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.1")]
    config = make_config(symbols=rules, stop_loss="0.2", max_position="5000")
    return str(translate(config, exchange="bitget")).splitlines()


def test_the_table_names_exchange_and_form_first(table: list[str]) -> None:
    assert table[0] == "bitget: settings"


@pytest.mark.parametrize("name", FIELD_NAMES)
def test_the_table_has_each_field_once(table: list[str], name: str) -> None:
    assert sum(line.split()[:1] == [name] for line in table) == 1


def test_the_columns_of_the_table_are_aligned(table: list[str]) -> None:
    rows = table[2 : 2 + len(FIELD_NAMES)]
    first = max(map(len, FIELD_NAMES)) + 2
    assert {row[first - 2 : first] for row in rows} == {"  "}
    assert all(row[first] != " " for row in rows)
    second = next(row for row in rows if row.startswith("leader_id")).index("traderId=")
    assert {row[second - 2 : second] for row in rows} == {"  "}
    assert all(row[second] != " " for row in rows)


def test_the_table_ends_with_the_requests(table: list[str]) -> None:
    assert table[-2] == "POST /api/v2/copy/mix-follower/settings"
    assert table[-1].startswith('{"traderId":"123123123"')


def test_the_table_flags_what_the_venue_does_not_document(table: list[str]) -> None:
    row = next(line for line in table if line.startswith("max_position"))
    assert "(!) Bitget's documents disagree about the unit" in row


def test_the_table_tells_the_terms_of_single_pairs(table: list[str]) -> None:
    row = next(line for line in table if line.startswith("stop_loss"))
    assert "0.2 (20 %); ETH/USDT: 0.1 (10 %)" in row
    assert "settings[].stopLossRatio=20,10" in row


def test_the_table_shows_tiny_amounts_in_plain_digits(make_config: Make) -> None:
    table = str(translate(make_config(sizing=FixedAmount("0.0000001")), exchange="xt"))
    assert "E-7" not in table


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({}, "stop_loss", "-"),
        ({"symbols": ["BTC/USDT", "ETH/USDT:USDT"]}, "symbols", "BTC/USDT, ETH/USDT:USDT"),
        ({"symbols": ALL_SYMBOLS}, "symbols", "all"),
        ({"margin_mode": MarginMode.OWN}, "margin_mode", "own"),
        ({"on_stop": OnStop.CLOSE_NOW}, "on_stop", "close now"),
        (
            {"symbols": [SymbolRule("BTC/USDT", sizing=Multiplier(2))]},
            "sizing",
            "330 per order; BTC/USDT: 2 times the leader's order",
        ),
    ],
)
def test_what_a_config_says_is_told_as_a_trader_would(
    make_config: Make, fields: dict[str, Any], name: str, words: str
) -> None:
    assert told(make_config(**fields), name) == words


# ------------------------------------------------------------------ help for adapters


def test_terms_that_all_pairs_share_are_the_terms_of_the_follow(make_config: Make) -> None:
    rules = ["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.20")]
    config = make_config(symbols=rules, stop_loss="0.2")
    assert uniform_rule(config, "third") is config.rules[0]


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        (["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.1")], "symbols[1].stop_loss"),
        ([SymbolRule("BTC/USDT", stop_loss="0.1"), "ETH/USDT"], "symbols[0].stop_loss"),
        (["BTC/USDT", "XRP/USDT", SymbolRule("ETH/USDT", sizing=Multiplier(2))], "symbols[2].sizing"),
    ],
)
def test_a_term_in_which_pairs_differ_is_refused_where_it_is_set(
    make_config: Make, rules: list[Any], path: str
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        uniform_rule(make_config(symbols=rules, stop_loss="0.2"), "third")
    assert (caught.value.field, caught.value.exchange) == (path, "third")
    assert "differs from BTC/USDT" in caught.value.reason


def test_two_pairs_that_become_one_name_are_refused(make_config: Make) -> None:
    config = make_config(symbols=["ETH/USDT", "BTC/USDT", "BTC/USDT:USDT"])
    with pytest.raises(UnsupportedError) as caught:
        translate(config, exchange="bitget")
    assert caught.value.field == "symbols[2]"
    assert "here; name one of them" in caught.value.reason
