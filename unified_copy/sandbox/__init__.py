"""Local venues on a loopback socket, to try things on and to test against; needs ``unified-copy[sandbox]``.

A ``Sandbox`` serves one ``Venue`` for each exchange. A venue judges every request by the exchange's contract, an
OpenAPI document, checks the signature by itself, and answers in the exchange's own words; it shares no code with the
adapter it is talked to by. What is followed can be read back. The engine here knows no exchange: a venue lives with
its adapter, which names it in ``Adapter.venue``.
"""

from unified_copy.sandbox.contract import Contract, Operation
from unified_copy.sandbox.faults import Body, Cut, Fault, Hang, Refuses, Skew, Status, Stores
from unified_copy.sandbox.messages import Answer, Delivery, Parameters, Received, Violation
from unified_copy.sandbox.server import Sandbox
from unified_copy.sandbox.switches import Calls, Switch
from unified_copy.sandbox.venue import Account, Venue, handles

__all__ = [
    "Account",
    "Answer",
    "Body",
    "Calls",
    "Contract",
    "Cut",
    "Delivery",
    "Fault",
    "Hang",
    "Operation",
    "Parameters",
    "Received",
    "Refuses",
    "Sandbox",
    "Skew",
    "Status",
    "Stores",
    "Switch",
    "Venue",
    "Violation",
    "handles",
]
