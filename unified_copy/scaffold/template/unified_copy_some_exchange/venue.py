"""A local venue to try things on: it keeps to the contract, and shares no code with the adapter."""

from __future__ import annotations

import hmac
from typing import Any, ClassVar, Final

from unified_copy.sandbox import Account, Answer, Operation, Parameters, Received, Venue, Violation, handles

_OK: Final = 200
_WINDOW_MS: Final = 30_000


class SomeExchangeVenue(Venue):
    """Answer as some-exchange does, by the contract."""

    contract: ClassVar[str] = "unified_copy_some_exchange/contract.yaml"
    leader_parameters: ClassVar[tuple[str, ...]] = ("leaderId",)

    def __init__(self) -> None:
        """Open the venue, with nobody following anybody."""
        super().__init__()
        self._follows: dict[tuple[Account, str], dict[str, object]] = {}

    # EDIT: check the signature here in the venue's own way, without the adapter's code.
    def authenticate(self, received: Received, operation: Operation) -> Account | Answer:
        """Check key, clock and signature, in this order."""
        headers = received.headers
        account = self.accounts.get(headers.get("x-key", ""))
        if account is None:
            return self.refusal("1001")
        timestamp = headers.get("x-time", "")
        if not self._is_now(timestamp):
            return self.refusal("1002")
        target = received.path + (f"?{received.query}" if received.query else "")
        signed = f"{timestamp}{received.method}{target}".encode(errors="surrogateescape") + received.body
        expected = hmac.digest(account.credentials.secret.encode(), signed, "sha256").hex()
        return account if headers.get("x-signature") == expected else self.refusal("1001")

    def _is_now(self, timestamp: str) -> bool:
        try:
            return abs(self.now_ms() - int(timestamp)) <= _WINDOW_MS
        except ValueError:
            return False

    # EDIT: how the venue words a refusal, one that names a parameter, and an address that it does not have.
    def refusal(self, code: str) -> Answer:
        """Put ``code`` into the envelope, with the meaning that the contract gives it."""
        told = self.rules.codes.get(code)
        return _envelope(code, told.meaning if told else "")

    def refuse(self, violation: Violation) -> Answer:
        """Name the parameter at fault."""
        return _envelope("3001", f"{violation.name or violation.location}: {violation.message}")

    def not_found(self, received: Received) -> Answer:
        """Answer as a gateway does, without an envelope."""
        return Answer(404, b"404 Not Found")

    # EDIT: one handler for each call of the contract, by its operationId; the request has kept to the contract by then.

    @handles("follow")
    def follow(self, account: Account, parameters: Parameters) -> Answer:
        """Start a follow, or change all its terms."""
        body: Any = parameters.body
        self._follows[account, body["leaderId"]] = {"amount": body["amount"], "symbols": body["symbols"]}
        return _success(None)

    @handles("unfollow")
    def unfollow(self, account: Account, parameters: Parameters) -> Answer:
        """End a follow."""
        body: Any = parameters.body
        ended = self._follows.pop((account, body["leaderId"]), None)
        return _success(None) if ended else self.refusal("2002")

    @handles("settings")
    def settings(self, account: Account, parameters: Parameters) -> Answer:
        """Show a follow; ``null`` where there is none."""
        return _success(self._follows.get((account, str(parameters.values["leaderId"]))))

    @handles("time")
    def time(self, account: Account, parameters: Parameters) -> Answer:
        """Tell the time."""
        return _success({"ms": self.now_ms()})


def _success(data: object) -> Answer:
    return _envelope("0", "ok", data)


def _envelope(code: str, message: str, data: object = None) -> Answer:
    return Answer(_OK, {"code": code, "message": message, "data": data})
