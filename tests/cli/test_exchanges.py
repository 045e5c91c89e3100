"""What ``exchanges`` lists."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import TYPE_CHECKING, ClassVar

import attrs

from unified_copy import Adapter, Operation, capabilities, exchanges, load_adapter, register
from unified_copy.capabilities import KINDS
from unified_copy.errors import AdapterError
from unified_copy.fields import Fields, sent
from unified_copy.registry import unregister

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from tests.cli.conftest import Run
    from unified_copy import Credentials, FollowConfig, FollowSettings
    from unified_copy.adapter import Call
    from unified_copy.wire import Request


def test_every_installed_exchange_has_a_row(run: Run) -> None:
    ran = run("exchanges")
    header, *rows = ran.out.partition("\n\n")[0].splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert header.split() == ["exchange", "distribution", "version", "hosts", "options"]
    assert [row.split()[:2] for row in rows] == [[name, "unified-copy"] for name in exchanges()]
    xt = next(row for row in rows if row.startswith("xt "))
    assert xt.endswith("generation=v4|v1 (default v4); rate_unit=fraction|percent; loss_unit=quote")


def _table(text: str) -> list[list[str]]:
    """Return the cells of a table as a pipe gets it."""
    return [re.split(r"\s{2,}", line) for line in text.splitlines()]


def test_a_matrix_tells_which_exchange_can_do_what(run: Run) -> None:
    header, *rows = _table(run("exchanges").out.split("\n\n")[1])
    assert header == ["operation", *exchanges()]
    cells = {row[0]: dict(zip(exchanges(), row[1:], strict=True)) for row in rows}
    assert [*cells] == [each.value for each in Operation]
    assert cells["follow"] == dict.fromkeys(exchanges(), "yes")
    assert cells["leader"]["bitget"] == "the venue cannot"
    assert cells["leader"]["xt"] == "with generation=v1"
    assert cells["protect"]["xt-futures"] == "with trigger_price"


def test_a_matrix_tells_which_values_each_exchange_takes(run: Run) -> None:
    header, *rows = _table(run("exchanges").out.split("\n\n")[2])
    assert header == ["value", "bitget: settings", "bitget: smart copy", "bitget-spot", "okx", "xt", "xt-futures"]
    cells = {row[0]: dict(zip(header[1:], row[1:], strict=True)) for row in rows}
    assert [*cells] == [str(kind) for kind in KINDS]
    assert cells["sizing Proportional"] == {
        "bitget: settings": "the venue cannot",
        "bitget: smart copy": "yes",
        "bitget-spot": "the venue cannot",
        "okx": "not documented enough",
        "xt": "the venue cannot",
        "xt-futures": "not documented enough",
    }
    assert cells["stop_loss"]["xt"] == "with rate_unit"
    assert cells["on_stop CLOSE_WITH_LEADER"]["bitget: smart copy"] == "left to the venue"
    assert cells["leverage PositionLeverage"]["okx"] == "done anyway"


def test_a_narrow_terminal_has_a_short_table_for_each_exchange(terminal: Run) -> None:
    narrow, wide = terminal("exchanges").out, terminal("exchanges", columns=200).out
    tables = [*capabilities.columns(map(load_adapter, exchanges()))]
    assert [name for name in tables if re.search(rf"{name}\W.*values", narrow)] == tables
    assert not re.search(r"value\W.*bitget: settings", narrow)
    assert re.search(r"value\W.*bitget: settings", wide)
    assert "on_stop CLOSE_WITH_LEADER" in wide


def test_columns_line_up_in_a_pipe(run: Run) -> None:
    lines = run("exchanges").out.partition("\n\n")[0].splitlines()
    assert len({line.index("unified-copy") for line in lines[1:]} | {lines[0].index("distribution")}) == 1


def test_the_list_is_a_document_too(run: Run) -> None:
    listed = {exchange["name"]: exchange for exchange in run("exchanges", "--json").json["exchanges"]}
    assert listed["xt"]["hosts"] == ["https://sapi.xt.com"]
    assert listed["xt"]["operations"] == sorted(each.value for each in load_adapter("xt").operations)
    assert listed["xt"]["options"]["rate_unit"] == {"choices": ["fraction", "percent"], "default": None}
    assert listed["xt"]["options"]["generation"]["default"] == "v4"


def test_the_document_tells_what_can_be_done_and_why_the_rest_cannot(run: Run) -> None:
    listed = {exchange["name"]: exchange["capabilities"] for exchange in run("exchanges", "--json").json["exchanges"]}
    assert listed["xt"]["operations"]["leader"] == {
        "support": "with_option",
        "option": "generation=v1",
        "note": "generation v4 shows no leader to others",
        "refuses": [],
    }
    (refused,) = listed["okx"]["operations"]["symbols"]["refuses"]
    assert (refused["asked"], refused["support"], refused["option"]) == (["leader_id=None"], "cannot", None)
    assert [*listed["bitget"]["values"]] == ["settings", "smart copy"]
    values = {(each["field"], each["value"]): each for each in listed["okx"]["values"]["copy settings"]}
    assert values["sizing", "Proportional"]["support"] == "undocumented"
    assert "59292" in values["sizing", "Proportional"]["note"]
    assert values["stop_loss", "any"] == {
        "field": "stop_loss",
        "value": "any",
        "support": "yes",
        "option": None,
        "note": None,
    }


def test_a_broken_plug_in_has_a_row_that_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> type[Adapter]:
        raise AdapterError(name, "does not import")

    monkeypatch.setattr("unified_copy.cli.exchanges.load_adapter", load)
    ran = run("exchanges")
    assert ran.code == 0
    assert "broken  adapter bitget: does not import" in ran.out
    assert run("exchanges", "--json").json["exchanges"][0]["error"]["class"] == "AdapterError"


def test_a_plug_in_that_may_not_load_is_listed_with_its_hosts_and_never_imported(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "moonex_plugin.py").write_text(
        "class Plugin:\n    hosts = ('https://api.moonex.example',)\nraise RuntimeError('it ran')\n"
    )
    folder = tmp_path / "moonex_plugin-1.5.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: moonex-plugin\nVersion: 1.5\n")
    claims = "".join(f"{name} = moonex_plugin:Plugin\n" for name in ("moonex", "xt"))
    (folder / "entry_points.txt").write_text(f"[unified_copy.adapters]\n{claims}")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("UNIFIED_COPY_PLUGINS", "another")
    rows = {tuple(row[:3]): row[3:] for row in _table(run("exchanges").out.partition("\n\n")[0])}
    refused, reason = rows["moonex", "moonex-plugin", "1.5"]
    assert refused == "refused, https://api.moonex.example"
    assert reason == "adapter moonex: of moonex-plugin may not load: UNIFIED_COPY_PLUGINS allows another"
    taken, why = rows["xt", "moonex-plugin", "1.5"]
    assert taken == "refused, https://api.moonex.example"
    assert why == "adapter xt: of moonex-plugin is refused: the name belongs to unified-copy; uninstall moonex-plugin"
    assert rows["xt", "unified-copy", version("unified-copy")][0] == "https://sapi.xt.com"


def test_no_exchange_at_all_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unified_copy.cli.exchanges.offers", dict)
    monkeypatch.setattr("unified_copy.cli.exchanges.exchanges", lambda: ())
    assert run("exchanges").out == "no adapter is installed\n"
    assert run("exchanges", "--json").json == {"exchanges": []}


def test_an_option_without_choices_is_listed(run: Run) -> None:
    @attrs.frozen(kw_only=True)
    class Other(Adapter):
        adapter_api: ClassVar[int] = 1
        name: ClassVar[str] = "other"
        hosts: ClassVar[tuple[str, ...]] = ("https://other.example",)
        forms: ClassVar[Mapping[str, Fields]] = {"only": {"leader_id": sent("id")}}
        region: str

        def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
            raise NotImplementedError

        def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
            raise NotImplementedError

    register(Other)
    try:
        row = next(line for line in run("exchanges").out.splitlines() if line.startswith("other"))
        document = run("exchanges", "--json").json
    finally:
        unregister("other")
    assert row.split() == ["other", "-", "-", "https://other.example", "region=…"]
    assert next(each for each in document["exchanges"] if each["name"] == "other")["options"] == {
        "region": {"choices": [], "default": None}
    }
