"""Files are read exactly, and every mistake is named with its file, its table and its key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest

from unified_copy import (
    ALL_SYMBOLS,
    Adapter,
    Credentials,
    Direction,
    FixedAmount,
    FixedLeverage,
    FixedQuantity,
    FollowConfig,
    FollowSettings,
    LeaderLeverage,
    MarginMode,
    Multiplier,
    OnStop,
    PositionLeverage,
    Proportional,
    SymbolRule,
    VenueSettings,
    register,
)
from unified_copy.adapter import Call
from unified_copy.errors import ConfigError
from unified_copy.fields import Fields, sent
from unified_copy.files import read_file, structure_config
from unified_copy.registry import resolve, unregister
from unified_copy.wire import Request

Refusal = Callable[[Callable[[], object]], ConfigError]
Write = Callable[[str, str], Path]

MINIMAL: Mapping[str, Any] = {"leader_id": "1", "sizing": {"fixed_amount": "330"}, "symbols": ["BTC/USDT"]}
HEAD = 'leader_id = "1"\nsizing = { fixed_amount = "330" }\nsymbols = ["BTC/USDT"]\n'

DOCUMENTED = """
leader_id = "123123123"
sizing = { fixed_amount = "330" }
symbols = ["BTC/USDT", { symbol = "ETH/USDT", stop_loss = "0.1" }]
take_profit = 0.2
leverage = { long = 10, short = 5 }
on_stop = "close_with_leader"
"""


@attrs.frozen(kw_only=True)
class WalletSettings(VenueSettings):
    """Stand for the settings that one product requires."""

    wallet: str
    guarded: bool = False
    principal: Decimal | None = None


@attrs.frozen(kw_only=True)
class WalletAdapter(Adapter):
    """Stand for a product that requires settings of its own."""

    adapter_api: ClassVar[int] = 1
    name: ClassVar[str] = "walletex"
    hosts: ClassVar[tuple[str, ...]] = ("https://api.walletex.example",)
    forms: ClassVar[dict[str, Fields]] = {"only": {"venue": sent("wallet")}}
    venue_settings: ClassVar[type[VenueSettings] | None] = WalletSettings

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        raise NotImplementedError

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        raise NotImplementedError


@pytest.fixture
def _walletex() -> Iterator[None]:
    register(WalletAdapter)
    yield
    unregister("walletex")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file and returns its path."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def _config(**keys: object) -> FollowConfig:
    return structure_config({**MINIMAL, **keys})


# ------------------------------------------------------------------ one follow


def test_the_documented_file_is_read(write: Write) -> None:
    (follow,) = read_file(write("follow.toml", DOCUMENTED)).follows
    assert follow.exchange is None
    assert follow.config == FollowConfig(
        leader_id="123123123",
        sizing=FixedAmount("330"),
        symbols=["BTC/USDT", SymbolRule("ETH/USDT", stop_loss="0.1")],
        take_profit="0.2",
        leverage=FixedLeverage(long=10, short=5),
    )


def test_json_and_toml_say_the_same(write: Write) -> None:
    table = {
        "leader_id": "123123123",
        "sizing": {"fixed_amount": "330"},
        "symbols": ["BTC/USDT", {"symbol": "ETH/USDT", "stop_loss": "0.1"}],
        "take_profit": 0.2,
        "leverage": {"long": 10, "short": 5},
        "on_stop": "close_with_leader",
    }
    from_json = read_file(write("follow.json", json.dumps(table)))
    assert from_json == read_file(write("follow.toml", DOCUMENTED))


def test_a_file_may_be_named_as_text(write: Write) -> None:
    assert len(read_file(str(write("follow.toml", HEAD))).follows) == 1


def test_a_file_may_name_its_exchange(write: Write) -> None:
    (follow,) = read_file(write("follow.toml", HEAD + 'exchange = "xt"\n')).follows
    assert follow.exchange == "xt"


def test_a_file_is_read_as_utf_8(write: Write) -> None:
    text = HEAD.replace("BTC/USDT", "龙虾/USDT")
    (follow,) = read_file(write("follow.toml", text)).follows
    assert follow.config.symbols == (SymbolRule("龙虾/USDT"),)


@pytest.mark.parametrize(
    ("text", "sizing"),
    [
        ({"fixed_amount": "330"}, FixedAmount("330")),
        ({"fixed_quantity": Decimal("0.005")}, FixedQuantity("0.005")),
        ({"multiplier": 2}, Multiplier(2)),
        ({"proportional": "500"}, Proportional(500)),
    ],
)
def test_each_sizing_has_its_key(text: object, sizing: object) -> None:
    assert _config(sizing=text).sizing == sizing


@pytest.mark.parametrize(
    ("text", "leverage"),
    [
        ("leader", LeaderLeverage()),
        ("position", PositionLeverage()),
        ({"long": 10, "short": "2.5"}, FixedLeverage(long=10, short="2.5")),
        (None, None),
    ],
)
def test_each_leverage_has_its_words(text: object, leverage: object) -> None:
    assert _config(leverage=text).leverage == leverage


@pytest.mark.parametrize(
    ("name", "member"),
    [
        *(("margin_mode", mode) for mode in MarginMode),
        *(("on_stop", on_stop) for on_stop in OnStop),
        *(("direction", direction) for direction in Direction),
    ],
)
def test_each_choice_is_written_as_its_word(name: str, member: Enum) -> None:
    assert getattr(_config(**{name: member.value}), name) is member


def test_all_symbols_is_written_as_a_word() -> None:
    assert _config(symbols="all").symbols is ALL_SYMBOLS


def test_a_truth_value_stays_one() -> None:
    assert _config(follow_new_symbols=True).follow_new_symbols is True


def test_a_rule_of_a_file_may_set_every_term() -> None:
    rule = {
        "symbol": "ETH/USDT",
        "sizing": {"multiplier": 2},
        "stop_loss": "0.1",
        "take_profit": "0.3",
        "margin_mode": "own",
        "leverage": "position",
        "max_position": 7,
    }
    assert _config(symbols=[rule]).symbols == (
        SymbolRule(
            "ETH/USDT",
            sizing=Multiplier(2),
            stop_loss="0.1",
            take_profit="0.3",
            margin_mode=MarginMode.OWN,
            leverage=PositionLeverage(),
            max_position=7,
        ),
    )


def test_null_leaves_a_key_out() -> None:
    rule = {"symbol": "ETH/USDT", "stop_loss": None}
    config = _config(stop_loss=None, on_stop=None, direction=None, follow_new_symbols=None, venue=None, symbols=[rule])
    assert config == FollowConfig(leader_id="1", sizing=FixedAmount("330"), symbols=["ETH/USDT"])


# ------------------------------------------------------------------ exact numbers


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("0.1", "0.1"),
        ("0.10", "0.10"),
        ("330", "330"),
        ("1e3", "1000"),
        ("1.5E-7", "0.00000015"),
        ("9007199254740993", "9007199254740993"),
        ("0.1234567890123456789012345678901234567", "0.1234567890123456789012345678901234567"),
        ('"0.30"', "0.30"),
    ],
)
@pytest.mark.parametrize("kind", ["toml", "json"])
def test_a_number_of_a_file_keeps_its_digits(write: Write, kind: str, written: str, digits: str) -> None:
    text = {
        "toml": HEAD + f"max_total = {written}\n",
        "json": json.dumps(MINIMAL)[:-1] + f', "max_total": {written}}}',
    }[kind]
    (follow,) = read_file(write(f"follow.{kind}", text)).follows
    assert follow.config.max_total is not None
    assert format(follow.config.max_total, "f") == digits


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [
        ("a.toml", HEAD + "max_total = nan\n", "max_total"),
        ("a.toml", HEAD + "max_total = inf\n", "max_total"),
        ("a.toml", HEAD + "max_total = -1\n", "max_total"),
        ("a.toml", HEAD + "max_total = true\n", "max_total"),
        ("a.toml", HEAD + "max_total = 2026-01-01\n", "max_total"),
        ("a.json", json.dumps(MINIMAL)[:-1] + ', "max_total": NaN}', "config"),
        ("a.json", json.dumps(MINIMAL)[:-1] + ', "max_total": -Infinity}', "config"),
        ("a.json", json.dumps(MINIMAL)[:-1] + ', "max_total": 1e999999999999999999999}', "config"),
        ("a.json", json.dumps(MINIMAL)[:-1] + f', "max_total": {"9" * 5000}}}', "config"),
    ],
)
def test_what_is_no_amount_is_refused_in_a_file(
    write: Write, refusal_of: Refusal, name: str, text: str, field: str
) -> None:
    error = refusal_of(lambda: read_file(write(name, text)))
    assert error.field == field
    assert name in error.reason


# ------------------------------------------------------------------ mistakes in a table


@pytest.mark.parametrize(
    ("keys", "field", "told"),
    [
        ({"stop_los": "0.1"}, "stop_los", "did you mean stop_loss?"),
        ({"rules": []}, "rules", "is not a key of a follow"),
        ({"zzzzzz": 1}, "zzzzzz", "allowed are: leader_id, sizing, symbols"),
        ({"leader_id": None}, "leader_id", "is missing"),
        ({"sizing": None}, "sizing", "is missing"),
        ({"symbols": None}, "symbols", "is missing"),
        ({"leader_id": 123}, "leader_id", "123 is not text"),
        ({"leader_id": ""}, "leader_id", "empty"),
        ({"sizing": "330"}, "sizing", "'330' is not a sizing; write { fixed_amount"),
        ({"sizing": 330}, "sizing", "330 is not a sizing"),
        ({"sizing": {}}, "sizing", "{} is not a sizing"),
        ({"sizing": {"fixed_amount": 1, "multiplier": 2}}, "sizing", "is not a sizing"),
        ({"sizing": {"amount": 1}}, "sizing", "'amount' is not a sizing; use fixed_amount or fixed_quantity"),
        ({"sizing": {"fixed_amount": 0.1}}, "sizing", "is a float"),
        ({"sizing": {"fixed_amount": None}}, "sizing", "None is not a number"),
        ({"symbols": "BTC/USDT"}, "symbols", "write ['BTC/USDT'], or 'all'"),
        ({"symbols": {"BTC/USDT": {}}}, "symbols", "is not a list of pairs"),
        ({"symbols": "ALL"}, "symbols", "or 'all'"),
        ({"symbols": []}, "symbols", "empty"),
        ({"symbols": ["BTC/USDT", "btc/usdt"]}, "symbols[1]", "write 'BTC/USDT'"),
        ({"symbols": ["BTC/USDT", 5]}, "symbols[1]", "5 is not a pair"),
        ({"symbols": ["BTC/USDT", {"symbol": "BTC/USDT"}]}, "symbols[1]", "there already"),
        ({"symbols": [{"stop_loss": "0.1"}]}, "symbols[0].symbol", ""),
        ({"symbols": ["A/B", {"symbol": "btc/usdt"}]}, "symbols[1].symbol", "write 'BTC/USDT'"),
        ({"symbols": [{"symbol": None}]}, "symbols[0].symbol", ""),
        ({"symbols": ["A/B", {"symbol": "C/D", "stop_loss": 20}]}, "symbols[1].stop_loss", "percent?"),
        ({"symbols": [{"symbol": "C/D", "stop_los": 20}]}, "symbols[0].stop_los", "did you mean stop_loss?"),
        ({"symbols": [{"symbol": "C/D", "max_total": 20}]}, "symbols[0].max_total", "is not a key of a follow"),
        ({"symbols": [{"symbol": "C/D", "sizing": "2"}]}, "symbols[0].sizing", "is not a sizing"),
        ({"symbols": [{"symbol": "C/D", "leverage": 2}]}, "symbols[0].leverage", "is not a leverage"),
        ({"symbols": [{"symbol": "C/D", "margin_mode": "x"}]}, "symbols[0].margin_mode", "use 'leader' or 'own'"),
        ({"leverage": 10}, "leverage", "write 'leader', 'position' or { long = 10, short = 5 }"),
        ({"leverage": "own"}, "leverage", "'own' is not a leverage"),
        ({"leverage": {"long": 10}}, "leverage", "is not a leverage"),
        ({"leverage": {"long": 10, "short": 5, "x": 1}}, "leverage", "is not a leverage"),
        ({"leverage": {"long": 10, "short": 0}}, "leverage", "0 is not above zero"),
        ({"leverage": ["leader"]}, "leverage", "is not a leverage"),
        ({"margin_mode": "crossed"}, "margin_mode", "'crossed' is not allowed; use 'leader' or 'own' or 'cross'"),
        ({"margin_mode": 1}, "margin_mode", "1 is not allowed"),
        ({"on_stop": "CLOSE_NOW"}, "on_stop", "use 'close_with_leader' or 'close_now' or 'leave_open'"),
        ({"direction": True}, "direction", "use 'same' or 'reverse'"),
        ({"follow_new_symbols": "yes"}, "follow_new_symbols", "'yes' is not allowed"),
        ({"follow_new_symbols": 1}, "follow_new_symbols", "1 is not allowed"),
        ({"stop_loss": "20"}, "stop_loss", "did you mean percent?"),
        ({"max_position": []}, "max_position", "[] is not a number"),
        ({"venue": {"wallet": "SPOT"}}, "venue", "name an exchange that takes them"),
    ],
)
def test_a_mistake_in_a_table_is_named_by_its_key(
    refusal_of: Refusal, keys: dict[str, Any], field: str, told: str
) -> None:
    error = refusal_of(lambda: _config(**keys))
    assert error.field == field
    assert told in error.reason


@pytest.mark.parametrize("table", [None, "text", 5, ["leader_id"]])
def test_what_is_no_table_is_refused(refusal_of: Refusal, table: object) -> None:
    given: Any = table
    error = refusal_of(lambda: structure_config(given))
    assert (error.field, "is not a table of keys and values" in error.reason) == ("config", True)


def test_a_long_wrong_value_of_a_table_is_shown_shortened(refusal_of: Refusal) -> None:
    assert len(refusal_of(lambda: _config(sizing="x" * 1000)).reason) < 250


# ------------------------------------------------------------------ several follows


SEVERAL = f"""
[[follow]]
exchange = "bitget"
{HEAD}
[[follow]]
exchange = "xt"
{HEAD}stop_loss = 0.2

[exchanges.xt]
generation = "v1"
rate_unit = "fraction"
"""


def test_several_follows_stand_in_their_order(write: Write) -> None:
    follows = read_file(write("follows.toml", SEVERAL)).follows
    assert [(follow.exchange, follow.config.stop_loss) for follow in follows] == [
        ("bitget", None),
        ("xt", Decimal("0.2")),
    ]


def test_adapter_options_stand_beside_the_follows(write: Write) -> None:
    file = read_file(write("follows.toml", SEVERAL))
    assert file.options == {"xt": {"generation": "v1", "rate_unit": "fraction"}}


def test_adapter_options_of_a_file_reach_the_adapter(write: Write) -> None:
    file = read_file(write("follows.toml", SEVERAL))
    adapter: Any = resolve("xt", file.options["xt"])
    assert (adapter.generation, adapter.rate_unit) == ("v1", "fraction")


def test_adapter_options_may_stand_beside_a_single_follow(write: Write) -> None:
    file = read_file(write("follow.toml", HEAD + '[exchanges.xt]\ngeneration = "v1"\n'))
    assert (len(file.follows), file.options) == (1, {"xt": {"generation": "v1"}})


def test_a_file_without_adapter_options_has_none(write: Write) -> None:
    assert read_file(write("follow.toml", HEAD)).options == {}


@pytest.mark.parametrize(
    ("text", "field", "told"),
    [
        (SEVERAL.replace("stop_loss = 0.2", "stop_loss = 20"), "follow[1].stop_loss", "percent?"),
        (SEVERAL.replace('exchange = "xt"\n', ""), "follow[1].exchange", "each [[follow]] needs it"),
        (
            SEVERAL.replace('exchange = "bitget"', "exchange = 5"),
            "follow[0].exchange",
            "5 is not the name of an exchange",
        ),
        (SEVERAL.replace("stop_loss", "stop_los"), "follow[1].stop_los", "did you mean stop_loss?"),
        (
            SEVERAL.replace('"BTC/USDT"]', '"A/B", { symbol = "C/D", leverage = 5 }]', 1),
            "follow[0].symbols[1].leverage",
            "is not a leverage",
        ),
        (SEVERAL.replace('leader_id = "1"', "", 1), "follow[0].leader_id", "is missing"),
        ('exchange = "xt"\n' + SEVERAL, "exchange", "stands beside [[follow]]; move it into"),
        (HEAD + SEVERAL, "leader_id", "stands beside [[follow]]; move it into"),
        ("stop = 1\n" + SEVERAL, "stop", "is not a key of a follow"),
        (
            SEVERAL.replace('"xt"', '"bitget"', 1),
            "follow[1].leader_id",
            "leader '1' on bitget is in follow[0] already",
        ),
        ("follow = []", "follow", "write each follow as a [[follow]] table"),
        ('follow = "xt"', "follow", "write each follow as a [[follow]] table"),
        (f"[follow]\n{HEAD}", "follow", "write each follow as a [[follow]] table"),
        ("follow = [5]", "follow[0]", "5 is not a table"),
        (HEAD + 'exchange = "bitgett"\nvenue = { a = "b" }', "exchange", "did you mean: bitget"),
        (HEAD + "exchange = 5", "exchange", "5 is not the name of an exchange"),
        (HEAD + 'exchanges = "xt"', "exchanges", "as in [exchanges.xt]"),
        (HEAD + '[exchanges]\nxt = "v1"', "exchanges", "as in [exchanges.xt]"),
        ("", "leader_id", "is missing"),
        (HEAD + "stop_los = 1", "stop_los", "did you mean stop_loss?"),
    ],
)
def test_a_mistake_in_a_file_is_named_by_file_table_and_key(
    write: Write, refusal_of: Refusal, text: str, field: str, told: str
) -> None:
    error = refusal_of(lambda: read_file(write("mine.toml", text)))
    assert error.field == field
    assert told in error.reason
    assert error.reason.endswith("(in mine.toml)")


# ------------------------------------------------------------------ files that cannot be read


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.toml", "leader_id = ", "is not well-formed"),
        ("a.toml", HEAD + HEAD, "is not well-formed"),
        ("a.toml", "[[follow]]\n[follow]\n", "is not well-formed"),
        ("a.json", "{", "is not well-formed"),
        ("a.json", "", "is not well-formed"),
        ("a.json", '{"leader_id": "1", "leader_id": "2"}', "the key 'leader_id' stands twice"),
        ("a.json", '{"sizing": {"multiplier": 1, "multiplier": 2}}', "the key 'multiplier' stands twice"),
        ("a.json", '{"max_total": NaN}', "NaN is not a number"),
        ("a.json", "[" * 100_000, "is not well-formed"),
        ("a.json", "[]", "holds no table at its top"),
        ("a.json", "null", "holds no table at its top"),
        ("a.json", '"leader_id"', "holds no table at its top"),
        ("a.yaml", HEAD, "is neither a .toml nor a .json file"),
        ("a", HEAD, "is neither a .toml nor a .json file"),
    ],
)
def test_a_file_that_is_not_well_formed_is_named(
    write: Write, refusal_of: Refusal, name: str, text: str, told: str
) -> None:
    error = refusal_of(lambda: read_file(write(name, text)))
    assert error.field == "config"
    assert error.reason.startswith(f"{name} ")
    assert told in error.reason


def test_a_file_as_an_editor_on_windows_writes_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "FOLLOW.TOML"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())
    assert read_file(path).follows[0].config.leader_id == "1"
    path = tmp_path / "follow.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(MINIMAL).encode())
    assert len(read_file(path).follows) == 1


def test_a_file_that_is_too_large_for_a_config_is_not_read_to_its_end(tmp_path: Path, refusal_of: Refusal) -> None:
    path = tmp_path / "video.toml"
    with path.open("wb") as stream:
        stream.truncate(10_000_001)
    error = refusal_of(lambda: read_file(path))
    assert (error.field, error.reason) == ("config", "video.toml is larger than 10 MB")


def test_a_file_that_does_not_exist_is_named(tmp_path: Path, refusal_of: Refusal) -> None:
    error = refusal_of(lambda: read_file(tmp_path / "nowhere.toml"))
    assert (error.field, "nowhere.toml cannot be read" in error.reason) == ("config", True)


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path, refusal_of: Refusal) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'leader_id = "\xe9"')
    error = refusal_of(lambda: read_file(path))
    assert (error.field, "latin.toml" in error.reason) == ("config", True)


def test_a_folder_is_no_file(tmp_path: Path, refusal_of: Refusal) -> None:
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    error = refusal_of(lambda: read_file(folder))
    assert (error.field, "folder.toml" in error.reason) == ("config", True)


# ------------------------------------------------------------------ settings of a product


@pytest.mark.usefixtures("_walletex")
def test_settings_of_a_product_are_read_for_the_exchange_given_with_the_file(write: Write) -> None:
    path = write("follow.toml", HEAD + 'venue = { wallet = "SPOT" }\n')
    (follow,) = read_file(path, exchange="walletex").follows
    assert (follow.exchange, follow.config.venue) == ("walletex", WalletSettings(wallet="SPOT"))


def test_an_exchange_given_with_the_file_does_not_replace_the_one_inside(write: Write) -> None:
    (follow,) = read_file(write("follow.toml", HEAD + 'exchange = "xt"\n'), exchange="bitget").follows
    assert follow.exchange == "xt"


def _venue(**keys: object) -> FollowConfig:
    return structure_config({**MINIMAL, "venue": keys}, exchange="walletex")


@pytest.mark.usefixtures("_walletex")
def test_the_settings_of_a_product_are_read_as_its_class() -> None:
    assert _venue(wallet="SPOT", guarded=True).venue == WalletSettings(wallet="SPOT", guarded=True)


@pytest.mark.usefixtures("_walletex")
def test_an_amount_among_the_settings_of_a_product_is_exact() -> None:
    assert _venue(wallet="SPOT", principal=Decimal("0.10")).venue == WalletSettings(
        wallet="SPOT", principal=Decimal("0.10")
    )


@pytest.mark.usefixtures("_walletex")
def test_a_file_brings_the_settings_of_a_product(write: Write) -> None:
    text = f'[[follow]]\nexchange = "walletex"\n{HEAD}venue = {{ wallet = "SPOT" }}\n'
    (follow,) = read_file(write("follow.toml", text)).follows
    assert follow.config.venue == WalletSettings(wallet="SPOT")


@pytest.mark.usefixtures("_walletex")
@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"walet": "SPOT"},
        {"wallet": "SPOT", "extra": 1},
        {"wallet": 5},
        {"wallet": None},
        {"wallet": "SPOT", "guarded": "false"},
        {"wallet": "SPOT", "guarded": 1},
        {"wallet": "SPOT", "principal": "many"},
        {"wallet": "SPOT", "principal": True},
        {"wallet": "SPOT", "principal": 0.1},
    ],
)
def test_wrong_settings_of_a_product_are_refused_and_not_talked_into_another_type(
    refusal_of: Refusal, keys: dict[str, Any]
) -> None:
    error = refusal_of(lambda: _venue(**keys))
    assert (error.field, error.exchange) == ("venue", "walletex")


@pytest.mark.usefixtures("_walletex")
def test_settings_of_a_product_that_are_no_table_are_refused(refusal_of: Refusal) -> None:
    table = {**MINIMAL, "venue": "SPOT"}
    assert refusal_of(lambda: structure_config(table, exchange="walletex")).field == "venue"


@pytest.mark.parametrize("exchange", ["bitget", "xt", None])
def test_settings_of_a_product_need_an_exchange_that_takes_them(refusal_of: Refusal, exchange: str | None) -> None:
    table = {**MINIMAL, "venue": {"wallet": "SPOT"}}
    error = refusal_of(lambda: structure_config(table, exchange=exchange))
    assert error.field == "venue"
    assert "name an exchange that takes them" in error.reason
