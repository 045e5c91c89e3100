"""Take one follow from its start to its end at a local venue, and keep what each step came to."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from unified_copy.adapter import Operation
from unified_copy.cli import action_report, tables
from unified_copy.cli.follow_report import certainty, certainty_data
from unified_copy.cli.json_data import result_data, translation_data
from unified_copy.cli.outcomes import error_data
from unified_copy.decimals import plain
from unified_copy.errors import AdapterError, UnsupportedError
from unified_copy.files import structure_file
from unified_copy.model import ALL_SYMBOLS, Direction
from unified_copy.results import ActionResult, ClosedCopy, CopiedPosition, FollowedLeader, Side
from unified_copy.sandbox import Sandbox
from unified_copy.settings import described
from unified_copy.terms import FixedLeverage, Proportional
from unified_copy.translation import Translation, translate_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

    from unified_copy.adapter import Adapter
    from unified_copy.cli.output import JsonValue
    from unified_copy.client import CopyClient
    from unified_copy.model import FollowConfig

T = TypeVar("T")

_REFUSAL: Final = "refuse"
"""The step that is no operation: something that the exchange cannot do."""
_MOST: Final = 3
"""How many rows of a list are told."""
_TOLD: Final[Mapping[type, Sequence[str]]] = {
    FollowedLeader: ("leader_id", "name", "profit"),
    CopiedPosition: ("symbol", "side", "quantity", "entry_price"),
    ClosedCopy: ("symbol", "side", "exit_price", "profit"),
}
"""What is told of a row."""
_NAMED: Final = frozenset({"profit", "entry_price", "exit_price"})
"""What is told under its name."""
_HIGH: Final = Decimal("1.5")
_LOW: Final = Decimal("0.5")
"""Where a position is protected, as multiples of its entry price."""
_WISHES: Final[Mapping[str, object]] = {
    "stop_loss": Decimal("0.2"),
    "symbols": ALL_SYMBOLS,
    "sizing": Proportional(1000),
    "leverage": FixedLeverage(long=10, short=5),
    "direction": Direction.REVERSE,
}
"""What not every exchange can do; each shows the first that it cannot."""


@attrs.frozen(kw_only=True)
class Step:
    """Hold what one step came to."""

    name: str
    outcome: str
    told: str
    data: JsonValue


@attrs.define(kw_only=True)
class Life:
    """Collect the steps of one follow."""

    adapter_class: type[Adapter]
    example: str = ""
    """What is wanted, as the venue's own example of a file."""
    translation: Translation | None = None
    steps: list[Step] = attrs.field(factory=list)
    requests: int = 0
    """How many requests the venue received."""
    doing: str = "start"
    """The step under way."""
    error: Exception | None = None
    """What ended it early."""

    async def live(self, progress: Callable[[], None]) -> None:
        """Take every step that the exchange can; call ``progress`` before each. What goes wrong is kept."""
        try:
            async with Sandbox(self.adapter_class) as sandbox:
                venue = sandbox.venue(self.exchange)
                self.example = venue.example
                adapter, config = wanted(self.adapter_class, venue.example)
                try:
                    async with sandbox.client(adapters=[adapter]) as client:
                        await self._live(_Steps(client, adapter, config), progress)
                finally:
                    self.requests = len(venue.received)
        except Exception as error:  # noqa: BLE001 (whatever one plug-in does, the other exchanges are shown)
            self.error = error

    async def _live(self, steps: _Steps, progress: Callable[[], None]) -> None:
        self.translation = translate_with(steps.adapter, steps.config)
        self.translation.check()
        for operation, step in _IN_ORDER.items():
            if operation in steps.adapter.operations:
                self.doing = operation.value
                progress()
                self.steps.append(await step(steps))
        self.steps.extend(_refusal(steps.adapter, steps.config))
        self.doing = "done"
        progress()

    @property
    def exchange(self) -> str:
        """Return the name of the exchange."""
        return self.adapter_class.name

    def data(self) -> dict[str, JsonValue]:
        """Return everything as data."""
        data: dict[str, JsonValue] = {
            "exchange": self.exchange,
            "translation": None if self.translation is None else translation_data(self.translation),
            "steps": [{"step": each.name, "outcome": each.outcome, "data": each.data} for each in self.steps],
            "requests_received": self.requests,
        }
        return data if self.error is None else {**data, "error": error_data(self.error)}


def wanted(adapter_class: type[Adapter], example: str) -> tuple[Adapter, FollowConfig]:
    """Return what the example of a venue asks for; raise ``AdapterError`` where it is not TOML, and ``ConfigError``."""
    name = adapter_class.name
    try:
        table = tomllib.loads(example, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise AdapterError(name, f"the example of its venue is not TOML: {error}") from None
    file = structure_file({"exchange": name, **table})
    # Built by hand, so that an option in the environment cannot change what is shown.
    return adapter_class(**file.options.get(name, {})), file.follows[0].config


# ------------------------------------------------------------------ the steps


@attrs.define
class _Steps:
    """Do one step after the other."""

    client: CopyClient
    adapter: Adapter
    config: FollowConfig
    chosen: tuple[CopiedPosition, Decimal] | None = None
    """The position to protect and to close, and its entry price."""

    async def follow(self) -> Step:
        """Follow, and read back."""
        result = await self.client.follow(self.config, exchange=self.adapter)
        name = Operation.FOLLOW.value
        return Step(name=name, outcome=result.status, told=certainty(result), data=certainty_data(result))

    async def leaders(self) -> Step:
        """List the leaders that are followed."""
        return _listed(Operation.LEADERS, await _all(self.client.leaders(exchange=self.adapter)))

    async def positions(self) -> Step:
        """List the open positions, and choose one; of the leader followed, where the venue tells."""
        found = await _all(self.client.positions(exchange=self.adapter))
        priced = [(each, each.entry_price) for each in found if each.entry_price is not None]
        self.chosen = min(priced, key=lambda each: each[0].leader_id != self.config.leader_id, default=None)
        return _listed(Operation.POSITIONS, found)

    async def protect(self) -> Step:
        """Set both protections of the position."""
        if self.chosen is None:
            return _nothing(Operation.PROTECT)
        position, entry = self.chosen
        gain, loss = (_LOW, _HIGH) if position.side is Side.SHORT else (_HIGH, _LOW)
        prices = {"take_profit_price": entry * gain, "stop_loss_price": entry * loss}
        return self._acted(
            Operation.PROTECT,
            await self.client.protect(position, exchange=self.adapter, **prices),
            f"take profit at {plain(entry * gain)}, stop loss at {plain(entry * loss)}",
        )

    async def close(self) -> Step:
        """Close the position."""
        if self.chosen is None:
            return _nothing(Operation.CLOSE)
        return self._acted(Operation.CLOSE, await self.client.close(self.chosen[0], exchange=self.adapter))

    async def history(self) -> Step:
        """List the closed copies, that one among them."""
        return _listed(Operation.HISTORY, await _all(self.client.history(exchange=self.adapter)))

    async def unfollow(self) -> Step:
        """End the follow, and read until it is gone."""
        return self._acted(Operation.UNFOLLOW, await self.client.unfollow(self.config.leader_id, exchange=self.adapter))

    def _acted(self, operation: Operation, result: ActionResult, *wanted: str) -> Step:
        name = operation.value
        about = () if result.position is None else (str(result.position.symbol),)
        return Step(
            name=name,
            outcome=result.status,
            told="; ".join((*about, *wanted, action_report.told(result, name))),
            data=action_report.action_data(result, name, self.config.leader_id),
        )


_IN_ORDER: Final[Mapping[Operation, Callable[[_Steps], Awaitable[Step]]]] = {
    Operation.FOLLOW: _Steps.follow,
    Operation.LEADERS: _Steps.leaders,
    Operation.POSITIONS: _Steps.positions,
    Operation.PROTECT: _Steps.protect,
    Operation.CLOSE: _Steps.close,
    Operation.HISTORY: _Steps.history,
    Operation.UNFOLLOW: _Steps.unfollow,
}


def _refusal(adapter: Adapter, config: FollowConfig) -> Iterator[Step]:
    """Yield the step that shows what the exchange refuses to be asked; none where it takes everything."""
    for name, value in _WISHES.items():
        wish: dict[str, Any] = {name: value}
        try:
            translate_with(adapter, attrs.evolve(config, **wish))
        except UnsupportedError as error:
            told = f"with {name} = {described(value, name)}: {error.field}: {error.reason}"
            yield Step(name=_REFUSAL, outcome="refused", told=told, data={"wish": name, **error_data(error)})
            return


async def _all(listed: AsyncIterator[T]) -> list[T]:
    return [each async for each in listed]


def _listed(operation: Operation, found: Sequence[object]) -> Step:
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    told = "; ".join([*map(_row, found[:_MOST]), *more])
    data = [result_data(row) for row in found]
    return Step(name=operation.value, outcome=f"{len(found)} listed", told=told, data=data)


def _nothing(operation: Operation) -> Step:
    return Step(name=operation.value, outcome="not shown", told="no position is open here", data=None)


def _row(row: object) -> str:
    """Tell of a row what one line has room for."""
    told = [(name, tables.cell(row, name).text) for name in _TOLD[type(row)] if getattr(row, name) is not None]
    return " ".join(f"{tables.header(name)} {text}" if name in _NAMED else text for name, text in told)
