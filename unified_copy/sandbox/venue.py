"""The base of local venues: one exchange as a pure function from request to answer, with a memory."""

from __future__ import annotations

import abc
import math
import secrets
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

import attrs

from unified_copy import adapter
from unified_copy.credentials import Credentials
from unified_copy.errors import ConfigError
from unified_copy.sandbox.contract import Contract, Operation
from unified_copy.sandbox.messages import Answer, Parameters, Received, Violation
from unified_copy.sandbox.switches import Switch, named

if TYPE_CHECKING:
    from unified_copy.answers import Codes
    from unified_copy.sandbox.faults import Fault
    from unified_copy.sandbox.switches import Calls

Handler = TypeVar("Handler", bound=Callable[..., Answer])
Marked = Mapping[str, frozenset[adapter.Operation]]
"""Calls by ``operationId``, each with the client's operations that it is part of."""
_MARK: Final = "_operations_handled"
_REMEMBERED: Final = 10_000
_NOT_IMPLEMENTED: Final = 501


@attrs.frozen(eq=False)
class Account:
    """Hold one account of a venue. A venue keys what it remembers by the account; no two accounts are equal."""

    credentials: Credentials


_NOBODY: Final = Account(Credentials("nobody", "nobody"))


def handles(*operations: str, performs: Collection[str] = ()) -> Callable[[Handler], Handler]:
    """Make a method of a venue answer these operations of its contract, by ``operationId``.

    The method takes the account and the ``Parameters`` and returns the ``Answer``. The request has kept to the
    contract by then. For a public operation the account is nobody's. ``performs`` says which of the client's
    operations the call is part of, by the values of ``unified_copy.Operation``, so that faults can be asked for by
    them. Raises ``ValueError`` for a word that is none of those.
    """
    performed = frozenset(map(adapter.Operation, performs))

    def mark(method: Handler) -> Handler:
        setattr(method, _MARK, dict.fromkeys(operations, performed))
        return method

    return mark


def _system_clock() -> int:
    return time.time_ns() // 1_000_000


class Venue(abc.ABC):
    """Be the base of a local venue: its contract, how it authenticates, how it words refusals, and its handlers.

    ``answer`` takes every request the same way: an unknown address, then credentials, then the contract, and only
    then the handler. What ``fault`` has switched on stands before credentials.
    """

    contract: ClassVar[str]
    """The contract, as ``package/file.yaml``."""
    leader_parameters: ClassVar[tuple[str, ...]] = ()
    """The parameters, of query or body, that name a leader."""
    example: ClassVar[str] = """\
leader_id = "123123123"
sizing = { fixed_amount = "330" }
symbols = ["BTC/USDT", "ETH/USDT"]
"""
    """A follow that the venue takes, as a TOML file says it; ``unified-copy demo`` shows it from start to end. Where
    an exchange wants more, its venue adds it: ``example = Venue.example + 'max_total = "3000"'``."""
    performs: ClassVar[Marked] = {}
    """Which of the client's operations each call is part of, by ``operationId``; collected from ``handles``."""
    _handlers: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        """Collect the methods marked by ``handles``."""
        super().__init_subclass__()
        marked: Mapping[str, Marked] = {name: getattr(value, _MARK, {}) for name, value in vars(cls).items()}
        cls._handlers = {**cls._handlers, **{call: name for name, calls in marked.items() for call in calls}}
        cls.performs = {**cls.performs, **{call: told for calls in marked.values() for call, told in calls.items()}}

    def __init__(self) -> None:
        """Open the venue, with nobody following anybody."""
        self.now_ms: Callable[[], int] = _system_clock
        """The venue's clock, in milliseconds since 1970; replace it to have one that is off."""
        self.rules: Final = Contract.load(self.contract)
        """The contract, loaded."""
        self.received: Final[deque[Received]] = deque(maxlen=_REMEMBERED)
        """The requests that came in, oldest first; the last 10,000 are kept."""
        self.codes: Codes = {}
        """What the venue's codes mean to a caller, as its adapter tells; a ``Sandbox`` fills it in."""
        self.accounts: Final[dict[str, Account]] = {}
        """The accounts by their key."""
        self._faults: tuple[Switch, ...] = ()

    # -- what makes one exchange differ from the next

    @abc.abstractmethod
    def authenticate(self, received: Received, operation: Operation) -> Account | Answer:
        """Return the account that signed ``received``, or the refusal. Public operations never come here."""

    @abc.abstractmethod
    def refusal(self, code: str) -> Answer:
        """Word the refusal that ``code`` stands for."""

    @abc.abstractmethod
    def refuse(self, violation: Violation) -> Answer:
        """Word the refusal of a request that breaks the contract."""

    @abc.abstractmethod
    def not_found(self, received: Received) -> Answer:
        """Word that there is no such address, or not for this method."""

    def serves(self, operation: Operation) -> bool:  # noqa: ARG002 (an override chooses by it)
        """Tell whether the venue offers a call of its contract; all of them, unless overridden."""
        return True

    def new_credentials(self) -> Credentials:
        """Make up the credentials of a new account: a random key and secret, unless overridden."""
        return Credentials(secrets.token_hex(16), secrets.token_hex(32))

    # -- what all have in common

    def open_account(self) -> Account:
        """Return a new account."""
        account = Account(self.new_credentials())
        self.accounts[account.credentials.key] = account
        return account

    def fault(
        self,
        calls: adapter.Operation | Calls | str,
        fault: Fault,
        *,
        leader_id: str | None = None,
        times: int | None = None,
    ) -> Switch:
        """Switch ``fault`` on for ``calls``, and return its switch.

        ``calls`` are an operation of the client, one call by its ``operationId``, or many; those about one leader
        only, where ``leader_id`` is given. It happens ``times`` times, or until it is switched off. Of several, the
        last one switched on comes first. Raises ``ConfigError`` where the venue has no such calls, cannot go wrong
        like this, or ``times`` is not a number above zero.
        """
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise ConfigError("times", f"{times!r} is not a whole number above zero")
        fault.check(self)
        switch = Switch(fault, named(self, calls), leader_id, math.inf if times is None else times)
        self._faults = (*(each for each in self._faults if each.met < each.times), switch)
        return switch

    def answer(self, received: Received) -> Answer:
        """Return the answer to a request, and remember both it and what it changed."""
        operation = self.rules.find(received.method, received.path)
        self.received.append(attrs.evolve(received, operation=operation.id if operation else ""))
        if operation is None or not self.serves(operation):
            return self.not_found(received)
        parameters = operation.judge(received)
        leaders = self._leaders(parameters)
        rest = partial(self._answer, received, operation)
        for switch in self._faults:
            if switch.concerns(operation.id, leaders):
                rest = partial(switch.happen, self, rest)
        return rest(parameters)

    def _answer(self, received: Received, operation: Operation, parameters: Parameters | Violation) -> Answer:
        """Answer a request for which nothing goes wrong."""
        account = _NOBODY if operation.public else self.authenticate(received, operation)
        if isinstance(account, Answer):
            return account
        if isinstance(parameters, Violation):
            return self.refuse(parameters)
        if operation.id not in self._handlers:
            return Answer(_NOT_IMPLEMENTED, f"the local venue has no {operation.id}".encode())
        handler: Callable[[Account, Parameters], Answer] = getattr(self, self._handlers[operation.id])
        return handler(account, parameters)

    def _leaders(self, parameters: Parameters | Violation) -> Collection[str]:
        if isinstance(parameters, Violation):
            return ()
        body: Mapping[str, Any] = parameters.body if isinstance(parameters.body, dict) else {}
        told = {**body, **parameters.values}
        return [str(told[name]) for name in self.leader_parameters if name in told]
