"""What ``exchanges`` lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from unified_copy import Adapter, Operation, exchanges, load_adapter, register
from unified_copy.errors import AdapterError
from unified_copy.fields import Fields, sent
from unified_copy.registry import unregister

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def test_a_matrix_tells_which_exchange_can_do_what(run: Run) -> None:
    header, *rows = run("exchanges").out.partition("\n\n")[2].splitlines()
    assert header.split() == ["operation", *exchanges()]
    able = {name: {each.value for each in load_adapter(name).operations} for name in exchanges()}
    assert [row.split() for row in rows] == [
        [each.value, *("yes" if each.value in able[name] else "-" for name in exchanges())] for each in Operation
    ]


def test_columns_line_up_in_a_pipe(run: Run) -> None:
    lines = run("exchanges").out.partition("\n\n")[0].splitlines()
    assert len({line.index("unified-copy") for line in lines[1:]} | {lines[0].index("distribution")}) == 1


def test_the_list_is_a_document_too(run: Run) -> None:
    listed = {exchange["name"]: exchange for exchange in run("exchanges", "--json").json["exchanges"]}
    assert listed["xt"]["hosts"] == ["https://sapi.xt.com"]
    assert listed["xt"]["operations"] == sorted(each.value for each in load_adapter("xt").operations)
    assert listed["xt"]["options"]["rate_unit"] == {"choices": ["fraction", "percent"], "default": None}
    assert listed["xt"]["options"]["generation"]["default"] == "v4"


def test_a_broken_plug_in_has_a_row_that_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> type[Adapter]:
        raise AdapterError(name, "does not import")

    monkeypatch.setattr("unified_copy.cli.listing.load_adapter", load)
    ran = run("exchanges")
    assert ran.code == 0
    assert "broken  adapter bitget: does not import" in ran.out
    assert run("exchanges", "--json").json["exchanges"][0]["error"]["class"] == "AdapterError"


def test_no_exchange_at_all_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unified_copy.cli.listing.exchanges", lambda: ())
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
