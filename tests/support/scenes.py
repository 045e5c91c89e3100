"""One write at a local venue while something goes wrong, and everything that can be seen of it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs
from wrongs import Wrong

from unified_copy import ALL_SYMBOLS, Adapter, CopyClient, FixedAmount, FollowConfig, Operation, Proportional, translate
from unified_copy.registry import resolve
from unified_copy.results import CopiedPosition
from unified_copy.sandbox import Cut, Sandbox
from unified_copy.settings import differences
from unified_copy_xt.futures import XtFuturesSettings

WRITES: Final = (Operation.FOLLOW, Operation.UNFOLLOW, Operation.CLOSE, Operation.PROTECT)
LEADER: Final = "5372510536645"
TAKE_PROFIT: Final = Decimal(1_000_000)
STOP_LOSS: Final = Decimal("0.001")
VARIABLES: Final = "the variables in its traceback"


@attrs.frozen
class Line:
    """A product with the options, and the least of a config, that make every call of it be made."""

    exchange: str
    options: Mapping[str, object] = attrs.field(factory=dict)
    config: Mapping[str, Any] = attrs.field(factory=dict)
    writes: Sequence[Operation] = WRITES
    amends: bool = False
    """Whether something else is followed before."""
    looks: bool = True
    """Whether anything is read back."""

    @property
    def adapter(self) -> Adapter:
        """Return the product's adapter."""
        return resolve(self.exchange, self.options)

    @property
    def wish(self) -> FollowConfig:
        """Return what is to be followed."""
        fields: dict[str, Any] = {"sizing": FixedAmount("330"), "symbols": ["BTC/USDT"], **self.config}
        return FollowConfig(leader_id=LEADER, **fields)


LINES: Final = {
    "bitget": Line("bitget"),
    "bitget smart copy": Line(
        "bitget",
        config={"sizing": Proportional(500), "symbols": ALL_SYMBOLS},
        writes=[Operation.FOLLOW],
        looks=False,
    ),
    "bitget-spot": Line("bitget-spot", config={"max_position": 1000}),
    "okx": Line("okx", config={"max_total": 500}),
    "okx amended": Line("okx", config={"max_total": 500}, writes=[Operation.FOLLOW], amends=True),
    "xt": Line("xt"),
    "xt v1": Line("xt", options={"generation": "v1"}),
    "xt-futures": Line(
        "xt-futures", options={"trigger_price": "latest"}, config={"venue": XtFuturesSettings(transfer_from="SPOT")}
    ),
}

Ending = str | type[BaseException]
"""The status of a result, or what was raised."""


@attrs.frozen
class Outcome:
    """What became of one write."""

    ending: Ending
    met: int
    """How often it went wrong."""
    sends: int
    calls: frozenset[str]
    """The ``operationId`` of what was sent."""
    done: bool | None
    """Whether the venue shows what was wanted; ``None`` where it does not show it."""
    leaks: frozenset[str]
    """Where a secret stands in what was raised or returned."""
    secrets: frozenset[str]
    told: str
    """What was raised, for whoever looks into a failure."""


# ------------------------------------------------------------------ one write


@attrs.frozen
class Scene:
    """A venue with an account that is ready for the write, and what is wanted of it."""

    adapter: Adapter
    write: Operation
    sandbox: Sandbox
    client: CopyClient
    config: FollowConfig
    position: CopiedPosition | None

    async def act(self) -> Any:  # noqa: ANN401 (a result of either kind)
        """Make the write."""
        if self.write is Operation.FOLLOW:
            return await self.client.follow(self.config, exchange=self.adapter)
        if self.write is Operation.UNFOLLOW:
            return await self.client.unfollow(self.config.leader_id, exchange=self.adapter)
        assert self.position is not None
        if self.write is Operation.CLOSE:
            return await self.client.close(self.position, exchange=self.adapter)
        return await self.client.protect(
            self.position, exchange=self.adapter, take_profit_price=TAKE_PROFIT, stop_loss_price=STOP_LOSS
        )

    async def is_done(self) -> bool | None:
        """Look whether the venue shows what was wanted, as a client that no refusal makes wait."""
        async with self.sandbox.client() as client:
            return await self._is_done(client)

    async def _is_done(self, client: CopyClient) -> bool | None:
        if self.position is None:
            for _ in range(2):  # a venue may take a few looks to end a follow
                await client.settings(self.config.leader_id, exchange=self.adapter)
            shown = await client.settings(self.config.leader_id, exchange=self.adapter)
            if self.write is Operation.UNFOLLOW:
                return not shown.active
            return shown.active and not differences(
                self.config, shown, translate(self.config, exchange=self.adapter).supports
            )
        found = [
            each
            async for each in client.positions(exchange=self.adapter)
            if each.position_id == self.position.position_id
        ]
        if self.write is Operation.CLOSE:
            return not found
        if found[0].missing:
            return None
        return (found[0].take_profit_price, found[0].stop_loss_price) == (TAKE_PROFIT, STOP_LOSS)


async def _scene(line: Line, write: Operation, sandbox: Sandbox, client: CopyClient) -> Scene:
    adapter, config = line.adapter, line.wish
    position = None
    if write is not Operation.FOLLOW:
        await client.follow(config, exchange=adapter)
    elif line.amends:
        await client.follow(attrs.evolve(config, sizing=FixedAmount(100)), exchange=adapter)
    if write in {Operation.CLOSE, Operation.PROTECT}:
        position = await anext(client.positions(exchange=adapter))
    return Scene(adapter, write, sandbox, client, config, position)


async def outcome_of(line: Line, write: Operation, wrong: Wrong) -> Outcome:
    """Make one write while ``wrong`` happens, and look what became of it."""
    adapter = line.adapter
    async with Sandbox(adapter) as sandbox, sandbox.client() as client:
        scene = await _scene(line, write, sandbox, client)
        venue = sandbox.venue(adapter.name)
        calls = calls_of(sandbox, write)
        venue.received.clear()
        with sandbox.fault(adapter.name, wrong.calls or write, wrong.fault, times=wrong.times) as switch:
            result, raised = await _attempted(scene)
        sent = [each for each in venue.received if each.operation in calls]
        credentials = sandbox.credentials[adapter.name]
        given = {credentials.key, credentials.secret, credentials.passphrase or credentials.key}
        signatures = {value for each in venue.received for name, value in each.headers.items() if "sign" in name}
        secrets = frozenset(given | signatures)
        return Outcome(
            ending=type(raised) if raised else result.status,
            met=switch.met,
            sends=len(sent),
            calls=frozenset(each.operation for each in sent),
            done=await scene.is_done(),
            leaks=frozenset(
                where for where, text in _texts(raised, result) if any(secret in text for secret in secrets)
            ),
            secrets=secrets,
            told=f"{type(raised).__name__}: {raised}" if raised else repr(result),
        )


async def _attempted(scene: Scene) -> tuple[Any, BaseException | None]:
    """Return the result of the write, and what it raised; in a frame of its own, which knows no secret."""
    try:
        return await scene.act(), None
    except Exception as error:  # noqa: BLE001 (whatever it is, it is compared)
        return None, error


def calls_of(sandbox: Sandbox, write: Operation) -> frozenset[str]:
    """Return the ``operationId`` of each call that is part of a write."""
    (exchange,) = sandbox.credentials
    switch = sandbox.fault(exchange, write, Cut())
    switch.off()
    return switch.calls


def _texts(raised: BaseException | None, result: object) -> Iterator[tuple[str, str]]:
    """Yield everything that a log, a debugger or a report of a crash would show."""
    yield "the result", f"{result!r} {getattr(result, 'cause', None)!r}"
    seen: list[BaseException] = []
    waiting = [raised, getattr(result, "cause", None)]
    while waiting:
        error = waiting.pop()
        if error is None or error in seen:
            continue
        seen.append(error)
        waiting += [error.__cause__, error.__context__]
        yield "its text", f"{error} {error!r} {error.args} {getattr(error, '__notes__', '')}"
        yield "its traceback", "".join(traceback.format_exception(error))
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        yield VARIABLES, "".join(shown.format())
