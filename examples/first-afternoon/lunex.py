"""Lunex after the first afternoon: follow a trader with the same stake for every order, and nothing else."""

from typing import ClassVar

import attrs
from msgspec import UNSET, UnsetType

from unified_copy import Adapter, Credentials, Direction, FixedAmount, FollowConfig, FollowSettings, OnStop
from unified_copy.adapter import Call, Limit
from unified_copy.answers import Answers, Codes, Refusal
from unified_copy.decimals import plain
from unified_copy.errors import AuthenticationError, SettingsRejectedError
from unified_copy.fields import Fields, implied, refused, sent
from unified_copy.wire import JSON, Request, Response, encode

WRITES = Limit(2, 1.0, "key", "writes")
CODES: Codes = {
    "BAD_SIGNATURE": Refusal(AuthenticationError, "the key is unknown, or the signature is wrong"),
    "BAD_VALUE": Refusal(SettingsRejectedError, "a value breaks the rules; it is named in the message"),
}
ANSWERS = Answers(exchange="lunex", codes=CODES)
NOT_YET = refused("this adapter does not send it yet; leave it out")
COPY: Fields = {
    "leader_id": sent("trader"),
    "sizing": sent("stake", takes=(FixedAmount,), refusal="this adapter sends FixedAmount only"),
    "symbols": sent("markets[]", takes=(tuple,), refusal="name the pairs", uniform=True),
    "follow_new_symbols": sent("addNew"),
    "on_stop": implied("it sends with_trader", OnStop.CLOSE_WITH_LEADER, refusal="this adapter sends with_trader only"),
    "direction": implied("copies in the trader's direction", Direction.SAME, refusal="Lunex cannot reverse"),
    **dict.fromkeys(("stop_loss", "take_profit", "margin_mode", "leverage", "max_position"), NOT_YET),
    **dict.fromkeys(("max_total", "loss_limit"), NOT_YET),
}


@attrs.frozen(kw_only=True)
class Done:
    """Hold the answer to a write: ``done``, or the name of a refusal."""

    done: bool = False
    error: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET


def done(response: Response) -> None:
    """Believe that a write was done; raise otherwise."""
    answer = ANSWERS.json(response, Done)
    if answer.error is not UNSET:
        raise ANSWERS.refusal(str(answer.error), response, str(answer.detail or ""))
    if not answer.done:
        raise ANSWERS.unusable(response, "neither done nor refused")


@attrs.frozen(kw_only=True)
class LunexAdapter(Adapter):
    """Follow traders on Lunex."""

    adapter_api: ClassVar = 1
    name: ClassVar = "lunex"
    hosts: ClassVar = ("https://api.lunex.example",)
    forms: ClassVar = {"copy": COPY}
    codes: ClassVar = CODES

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:  # noqa: ARG002 (one call starts and changes)
        """Return the call that starts a copy or changes it."""
        rule = config.rules[0]
        assert isinstance(rule.sizing, FixedAmount)  # noqa: S101 (the declaration lets nothing else through)
        markets = [str(rule.symbol).replace("/", "-") for rule in config.rules]
        body = {"trader": config.leader_id, "stake": plain(rule.sizing.amount), "markets": markets}
        told = encode({**body, "addNew": config.follow_new_symbols, "atMaxLoss": "with_trader"})
        return (Call(Request("PUT", "/v1/copies", "", JSON, told), done, WRITES, writes=True),)

    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        """Return ``request`` with time and signature in its query."""
        query = f"{request.query}&ts={now_ms}".removeprefix("&")
        signed = f"{request.method}\n{request.path}?{query}\n".encode() + request.body
        query += f"&sig={credentials.hmac_sha256(signed).hex()}"
        return Request(
            request.method, request.path, query, {**request.headers, "LX-Key": credentials.key}, request.body
        )
