"""Follow one config on two local venues, then show what refusals look like; needs no network."""

from __future__ import annotations

import asyncio
import contextlib
import tomllib
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.adapter import Operation
from unified_copy.cli import paper
from unified_copy.cli.data import translation_data
from unified_copy.cli.outcomes import Exit, conclusion, error_data
from unified_copy.cli.reading import write_settings
from unified_copy.cli.reporting import Report, report_data, write_rows
from unified_copy.cli.showing import write_translations
from unified_copy.cli.wanted import WantedFollow
from unified_copy.errors import LeaderUnavailableError, UnifiedCopyError
from unified_copy.files import structure_config
from unified_copy.model import ALL_SYMBOLS
from unified_copy.registry import load_adapter
from unified_copy.sandbox import Refuses, Sandbox
from unified_copy.translation import Translation, translate_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from unified_copy.adapter import Adapter
    from unified_copy.model import FollowConfig

_FILE: Final = """\
leader_id = "123123123"
sizing = { fixed_amount = "330" }
symbols = ["BTC/USDT", "ETH/USDT"]
"""
_FULL_LEADER: Final = "777000777"


@attrs.define
class Shown:
    """Collect what the demonstration shows."""

    report: Report
    translations: tuple[Translation, ...] = ()
    refusals: list[tuple[str, UnifiedCopyError]] = attrs.field(factory=list)
    """What was asked for, and the error that it led to."""
    received: Mapping[str, int] = attrs.field(factory=dict)
    """How many requests each venue received."""

    @contextlib.contextmanager
    def refusal(self, wish: str) -> Iterator[None]:
        """Keep the error that ends the block."""
        try:
            yield
        except UnifiedCopyError as error:
            self.refusals.append((wish, error))


def run(*, as_json: bool) -> int:
    """Run the demonstration and print it."""
    config = structure_config(tomllib.loads(_FILE))
    # Built by hand, so that an option in the environment cannot change what is shown.
    adapters = [load_adapter(name)() for name in ("bitget", "xt")]
    shown = asyncio.run(_demonstrate(config, adapters))
    if as_json:
        paper.document(
            {
                "translations": [translation_data(translation) for translation in shown.translations],
                **report_data(shown.report),
                "refusals": [{"wish": wish, **error_data(error)} for wish, error in shown.refusals],
                "requests_received": {**shown.received},
            }
        )
    else:
        _write(paper.stdout(), shown)
    return Exit.DONE


async def _demonstrate(config: FollowConfig, adapters: list[Adapter]) -> Shown:
    bitget, xt = adapters
    shown = Shown(Report(wanted=tuple(WantedFollow(adapter=adapter, config=config) for adapter in adapters)))
    shown.translations = tuple(translate_with(adapter, config) for adapter in adapters)
    async with Sandbox(*adapters) as sandbox, sandbox.client() as client:
        for adapter in adapters:
            shown.report.results.append(await client.follow(config, exchange=adapter))
        shown.received = {adapter.name: len(sandbox.venue(adapter.name).received) for adapter in adapters}
        with shown.refusal("xt, with stop_loss = 0.2"):
            await client.follow(attrs.evolve(config, stop_loss="0.2"), exchange=xt)
        with shown.refusal('bitget, with symbols = "all"'):
            await client.follow(attrs.evolve(config, symbols=ALL_SYMBOLS), exchange=bitget)
        sandbox.fault(
            bitget.name, Operation.FOLLOW, Refuses(LeaderUnavailableError, "no place left"), leader_id=_FULL_LEADER
        )
        with shown.refusal(f"bitget, with leader_id = {_FULL_LEADER}"):
            await client.follow(attrs.evolve(config, leader_id=_FULL_LEADER), exchange=bitget)
    return shown


def _write(to: paper.Paper, shown: Shown) -> None:
    _heading(to, "One config, for any exchange:")
    for line in _FILE.splitlines():
        to.line(f"  {line}")
    _heading(to, "What each exchange is sent for it, field by field:")
    write_translations(to, shown.translations)
    _heading(to, "Followed on two local venues with throw-away keys, and read back:")
    write_rows(shown.report)
    for settings in filter(None, (result.settings for result in shown.report.results)):
        to.line()
        write_settings(to, settings)
    _heading(to, "What cannot be done as asked is refused, and says what to do:")
    for index, (wish, error) in enumerate(shown.refusals):
        if index:
            to.line()
        to.line(f"{wish}:", "bold")
        to.line(f"  {error}", "red")
        to.line(f"  {conclusion(error)}")
    counted = ", ".join(f"{name} {count}" for name, count in shown.received.items())
    _heading(to, f"Requests until the first refusal: {counted}. All of them stayed on this machine.")


def _heading(to: paper.Paper, text: str) -> None:
    to.line()
    to.line(text, "bold cyan")
    to.line()
