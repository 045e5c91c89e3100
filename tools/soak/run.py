"""Follow 50,000 times as 1,000 accounts against local venues, and look what is left; ``make soak`` runs it.

One client, one account after another over what they share. At the end every venue must show what was asked last, must
have been sent exactly as many writes as were made, and nothing may be left of the client: no task, no timer, no socket.
What is not so is printed, and ends in exit code 1.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
from counted_venues import Served, served
from progress import watched

from unified_copy import CopyClient, Credentials, FollowConfig, exchanges, load_adapter
from unified_copy.errors import UnifiedCopyError
from unified_copy.files import structure_config
from unified_copy.registry import resolve
from unified_copy.settings import differences

LEADERS: Final = 5
"""How many leaders each account follows; the rest are changes of these follows."""
VERIFIED: Final = 10
"""One follow in so many is read back at once; all are at the end."""
TIMEOUT: Final = 60.0
"""Seconds for one request, because a busy machine is no fault of the client."""
PATIENCE: Final = 30.0
"""Seconds that timers may run after the end: permits that come back a window after their answer."""
NEEDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "bitget-spot": {"max_position": "500"},
    "okx": {"max_total": "500"},
    "xt-futures": {"venue": {"transfer_from": "SPOT"}},
}
"""What a follow must say at an exchange besides leader, sizing and symbols."""


@attrs.frozen
class Account:
    """Hold one account with the client that speaks for it."""

    exchange: str
    credentials: Credentials
    client: CopyClient


@attrs.define
class Soak:
    """Follow as many accounts, and collect what came of it."""

    follows: int
    """Of each account."""
    at_once: int
    """How many accounts are at work."""
    outcomes: Counter[str] = attrs.field(factory=Counter)
    faults: list[str] = attrs.field(factory=list)
    memory: list[tuple[int, int, int]] = attrs.field(factory=list)
    """Accounts done, and the MiB of client and venues."""
    calls: Counter[str] = attrs.field(factory=Counter)
    """Writes made, by key."""

    async def run(self, venues: Served) -> None:
        """Follow, look at every follow, close, and look what is left."""
        sockets = _sockets()
        first = {exchange: credentials[0] for exchange, credentials in venues.accounts.items()}
        client = CopyClient(credentials=first, base_urls=venues.base_urls, timeout=TIMEOUT)
        accounts = [
            Account(exchange, credentials, client.with_credentials({exchange: credentials}))
            for each in zip(*venues.accounts.values(), strict=True)
            for exchange, credentials in zip(venues.accounts, each, strict=True)
        ]
        turn = asyncio.Semaphore(self.at_once)
        tasks = [asyncio.create_task(self._live(account, turn)) for account in accounts]
        for done, finished in enumerate(watched(asyncio.as_completed(tasks), "accounts", len(tasks)), 1):
            await finished
            if done * 20 // len(tasks) > len(self.memory):
                self.memory.append((done, _mebibytes(os.getpid()), _mebibytes(venues.pid)))
        del tasks, finished
        await client.aclose()
        self._compare(accounts, venues)
        await self._look_what_is_left(sockets)

    async def _live(self, account: Account, turn: asyncio.Semaphore) -> None:
        """Follow and change follows as one account, then compare each with what was asked last."""
        async with turn:
            wanted: dict[str, FollowConfig] = {}
            for number in range(self.follows):
                config = _config(account.exchange, number)
                wanted[config.leader_id] = config
                await self._follow(account, config, verify=number % VERIFIED == 0)
            for leader_id, config in wanted.items():
                await self._look(account, leader_id, config)

    async def _follow(self, account: Account, config: FollowConfig, *, verify: bool) -> None:
        self.calls[account.credentials.key] += 1
        try:
            result = await account.client.follow(config, exchange=account.exchange, verify=verify)
        except UnifiedCopyError as error:
            self.outcomes[type(error).__name__] += 1
            self.faults.append(f"{account.exchange}: not followed: {error}")
        else:
            self.outcomes[result.status] += 1

    async def _look(self, account: Account, leader_id: str, config: FollowConfig) -> None:
        adapter = resolve(account.exchange)
        try:
            shown = await account.client.settings(leader_id, exchange=account.exchange)
        except UnifiedCopyError as error:
            self.faults.append(f"{account.exchange}: not read: {error}")
            return
        self.outcomes["read at the end"] += 1
        for difference in differences(config, shown, adapter.forms[adapter.form(config)]):
            self.faults.append(f"{account.exchange}: lost or overwritten: {difference}")

    def _compare(self, accounts: Iterable[Account], venues: Served) -> None:
        """Compare the writes that were made with those that arrived, account by account."""
        arrived = {exchange: venues.writes(exchange) for exchange in venues.accounts}
        for account in accounts:
            key = account.credentials.key
            sent, received = self.calls[key], arrived[account.exchange].get(key, 0)
            if sent != received:
                self.faults.append(f"{account.exchange}: {sent} writes made, {received} arrived")

    async def _look_what_is_left(self, sockets: int) -> None:
        """Wait until timers have run out, then look for tasks, timers and sockets."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE
        while (timers := _timers()) and clock() < deadline:  # noqa: ASYNC110 (nothing tells when a timer has run)
            await asyncio.sleep(0.1)
        gc.collect()
        tasks = len(asyncio.all_tasks()) - 1
        left = _sockets() - sockets
        print(f"left at the end: {tasks} tasks, {timers} timers, {left} sockets")
        if tasks or timers or left > 0:
            self.faults.append("something is left at the end")

    def show(self, seconds: float) -> None:
        """Print what came of it."""
        follows = self.calls.total()
        print(f"{follows} follows by {len(self.calls)} accounts in {seconds:.0f} s, {follows / seconds:.0f} a second")
        print(", ".join(f"{name} {number}" for name, number in sorted(self.outcomes.items())))
        print("{:>9} {:>12} {:>12}".format("accounts", "client, MiB", "venues, MiB"))
        for row in self.memory:
            print("{:>9} {:>12} {:>12}".format(*row))
        for fault, number in Counter(self.faults).most_common(20):
            print(f"{number} x {fault}")
        print("not as it should be" if self.faults else "nothing lost, nothing doubled, nothing left")


def _config(exchange: str, number: int) -> FollowConfig:
    """Return the follow that an account asks for at this time; no two in a row for one leader are alike."""
    table = {
        "leader_id": str(100_001 + number % LEADERS),
        "sizing": {"fixed_amount": str(50 + number)},
        "symbols": ["BTC/USDT", "ETH/USDT"],
        **NEEDS.get(exchange, {}),
    }
    if "max_position" in table:
        table["max_position"] = str(500 + number)
    return structure_config(table, exchange=exchange)


def _mebibytes(pid: int) -> int:
    """Return the memory a process holds, 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def _sockets() -> int:
    """Return how many files and sockets this process has open, 0 where the system does not tell."""
    folder = Path("/dev/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def _timers() -> int:
    """Return how many timers of the event loop are yet to run."""
    loop: Any = asyncio.get_running_loop()
    return sum(not timer.cancelled() for timer in loop._scheduled)  # noqa: SLF001 (nothing public tells)


def main() -> int:
    """Serve the venues, follow, and say what came of it."""
    parser = argparse.ArgumentParser(description="Follow many times as many accounts against local venues.")
    parser.add_argument("--accounts", type=int, default=1000, help="shared evenly by all exchanges")
    parser.add_argument("--follows", type=int, default=50_000, help="by all accounts together")
    parser.add_argument("--at-once", type=int, default=250, help="how many accounts are at work")
    told = parser.parse_args()
    soak = Soak(told.follows // told.accounts, told.at_once)
    for name in exchanges():
        # Of one address a venue takes 16 calls a second and less, for which this would wait most of an hour. What
        # counts by account stays.
        load_adapter(name).limits = tuple(limit for limit in load_adapter(name).limits if limit.per != "ip")
    with served(dict.fromkeys(exchanges(), told.accounts // len(exchanges()))) as venues:
        before = time.monotonic()
        asyncio.run(soak.run(venues))
        soak.show(time.monotonic() - before)
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main())
