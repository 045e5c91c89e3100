"""The base of local venues: one exchange as a pure function from request to answer, with a memory."""

from __future__ import annotations

import abc
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, TypeVar

import attrs

from unified_copy.credentials import Credentials
from unified_copy.sandbox.contract import Contract, Operation
from unified_copy.sandbox.messages import Answer, Parameters, Received, Violation

Handler = TypeVar("Handler", bound=Callable[..., Answer])
_MARK: Final = "_operations_handled"
_REMEMBERED: Final = 10_000
_NOT_IMPLEMENTED: Final = 501


@attrs.frozen(eq=False)
class Account:
    """Hold one account of a venue. A venue keys what it remembers by the account; no two accounts are equal."""

    credentials: Credentials


_NOBODY: Final = Account(Credentials("nobody", "nobody"))


def handles(*operations: str) -> Callable[[Handler], Handler]:
    """Make a method of a venue answer these operations of its contract, by ``operationId``.

    The method takes the account and the ``Parameters`` and returns the ``Answer``. The request has kept to the
    contract by then. For a public operation the account is nobody's.
    """

    def mark(method: Handler) -> Handler:
        setattr(method, _MARK, operations)
        return method

    return mark


def _system_clock() -> int:
    return time.time_ns() // 1_000_000


class Venue(abc.ABC):
    """Be the base of a local venue: its contract, how it authenticates, how it words refusals, and its handlers.

    ``answer`` takes every request the same way: an unknown address, then credentials, then the contract, then
    ``refusing``, and only then the handler.
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
    _handlers: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        """Collect the methods marked by ``handles``."""
        super().__init_subclass__()
        own = {operation: name for name, value in vars(cls).items() for operation in getattr(value, _MARK, ())}
        cls._handlers = {**cls._handlers, **own}

    def __init__(self) -> None:
        """Open the venue, with nobody following anybody."""
        self.now_ms: Callable[[], int] = _system_clock
        """The venue's clock, in milliseconds since 1970; replace it to have one that is off."""
        self.rules: Final = Contract.load(self.contract)
        """The contract, loaded."""
        self.received: Final[deque[Received]] = deque(maxlen=_REMEMBERED)
        """The requests that came in, oldest first; the last 10,000 are kept."""
        self.refusing: Final[dict[str | tuple[str, str], str]] = {}
        """The code with which calls about a leader are refused: ``refusing[leader_id]`` for every call, or
        ``refusing[operation_id, leader_id]`` for one."""
        self.accounts: Final[dict[str, Account]] = {}
        """The accounts by their key."""

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

    def answer(self, received: Received) -> Answer:
        """Return the answer to a request, and remember both it and what it changed."""
        operation = self.rules.find(received.method, received.path)
        self.received.append(attrs.evolve(received, operation=operation.id if operation else ""))
        if operation is None or not self.serves(operation):
            return self.not_found(received)
        account = _NOBODY if operation.public else self.authenticate(received, operation)
        if isinstance(account, Answer):
            return account
        parameters = operation.judge(received)
        if isinstance(parameters, Violation):
            return self.refuse(parameters)
        for leader in self._leaders(parameters):
            if code := self.refusing.get((operation.id, leader)) or self.refusing.get(leader):
                return self.refusal(code)
        if operation.id not in self._handlers:
            return Answer(_NOT_IMPLEMENTED, f"the local venue has no {operation.id}".encode())
        handler: Callable[[Account, Parameters], Answer] = getattr(self, self._handlers[operation.id])
        return handler(account, parameters)

    def _leaders(self, parameters: Parameters) -> Iterable[str]:
        body: Mapping[str, Any] = parameters.body if isinstance(parameters.body, dict) else {}
        told = {**body, **parameters.values}
        return [str(told[name]) for name in self.leader_parameters if name in told]
