"""Every rule of the suite bites: an adapter that breaks it is told how, where to look and why it matters."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs
import msgspec
import pytest
from full_exchange import adapter as full
from full_exchange.adapter import ANSWERS, CODES, FullAdapter
from full_exchange.venue import FullVenue
from heavy_exchange import Heavy
from noisy_exchange import Noisy

from unified_copy import Credentials, Direction, FixedAmount, FollowConfig, FollowSettings, OnStop
from unified_copy.adapter import Adapter, Call, Limit, Operation
from unified_copy.answers import Codes, Refusal
from unified_copy.errors import (
    AlreadyFollowingError,
    ConfigError,
    OpenPositionsError,
    UnsupportedError,
)
from unified_copy.fields import Fields, implied, sent
from unified_copy.gaps import Gaps, undocumented, with_option
from unified_copy.model import VenueSettings
from unified_copy.results import ClosedCopy, CopiedPosition, Page
from unified_copy.sandbox import Account, Answer, Parameters, Received, handles
from unified_copy.sandbox import Operation as SandboxOperation
from unified_copy.testing.broken import BrokenRuleError
from unified_copy.testing.golden import load
from unified_copy.testing.rules import RULES
from unified_copy.testing.subject import Subject
from unified_copy.wire import JSON, Request, Response, encode

GOLDEN = load(Path(full.__file__).with_name("golden"))
FIELDS = FullAdapter.forms["only"]


def changed(call: Call[Any], **body: object) -> Call[Any]:
    """Return a call with another body."""
    told: dict[str, Any] = msgspec.json.decode(call.request.body)
    request = msgspec.structs.replace(call.request, body=encode({**told, **body}))
    return msgspec.structs.replace(call, request=request)


class Broken(FullAdapter):
    """Be the base of adapters that are broken in one place, in what they send."""

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        (call,) = super().follow(config, known)
        return (self.spoilt(call, config),)

    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (an override needs it)
        return call


# ------------------------------------------------------------------ declarations


class PlainHost(FullAdapter):
    hosts: ClassVar[tuple[str, ...]] = ("http://api.full.example",)


class Impostor(FullAdapter):
    name: ClassVar[str] = "xt"


class SaysNothing(FullAdapter):
    forms: ClassVar[Mapping[str, Fields]] = {
        "only": {name: told for name, told in FIELDS.items() if name != "leverage"},
    }


class SaysNoReason(FullAdapter):
    forms: ClassVar[Mapping[str, Fields]] = {"only": {**FIELDS, "sizing": sent("amount", takes=())}}


class Contradicts(FullAdapter):
    forms: ClassVar[Mapping[str, Fields]] = {
        "only": {**FIELDS, "follow_new_symbols": implied("as it likes", *(False, True), refusal="never")}
    }


class NoReason(FullAdapter):
    gaps: ClassVar[Gaps] = {Operation.LEADER: undocumented("")}


class NoSuchOption(FullAdapter):
    argument_gaps: ClassVar[Mapping[Operation, Mapping[str, Gaps]]] = {
        Operation.HISTORY: {"leader_id": {str: with_option("settle", "DOGE", reason="in another coin only")}}
    }


@attrs.frozen(kw_only=True)
class Wallet(VenueSettings):
    number: int = 1


class SaysNothingOfWallets(FullAdapter):
    venue_settings: ClassVar[type[VenueSettings] | None] = Wallet


class ReadsWalletsBack(SaysNothingOfWallets):
    forms: ClassVar[Mapping[str, Fields]] = {"only": {**FIELDS, "venue": sent("wallet")}}


class Undocumented(FullAdapter):
    gaps: ClassVar[Gaps] = {Operation.LEADER: undocumented("its page is empty")}


class NoValue(FullAdapter):
    def __reduce__(self) -> tuple[type[Adapter], tuple[object, ...]]:
        return object, ()  # type: ignore[return-value]  # what comes back is no adapter


# ------------------------------------------------------------------ declared and done


class RefusesMore(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:
        if config.direction is Direction.SAME:
            raise UnsupportedError("direction", "not today", self.name)
        return call


class Drops(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        request = msgspec.structs.replace(call.request, body=b'{"leader":"1","amount":"5"}')
        return msgspec.structs.replace(call, request=request)


class NamesAnother(FullAdapter):
    def form(self, config: FollowConfig) -> str:
        if config.max_total:
            raise UnsupportedError("max_position", "not today", self.name)
        return super().form(config)


class SaysAnotherReason(FullAdapter):
    def form(self, config: FollowConfig) -> str:
        if config.max_total:
            raise UnsupportedError("max_total", "not today", self.name)
        return super().form(config)


class TakesEverything(FullAdapter):
    def unfollow(self, leader_id: str, on_stop: OnStop | None, known: FollowSettings | None) -> tuple[Call[None], ...]:
        return super().unfollow(leader_id, None if on_stop is OnStop.CLOSE_WITH_LEADER else on_stop, known)


# ------------------------------------------------------------------ translation


class Invents(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:
        return changed(call, note=str(config.rules[-1].symbol))


class ThroughFloat(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:
        return changed(call, amount=f"{float(config.sizing.amount):f}")  # type: ignore[union-attr]  # amounts only


class IdThroughFloat(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:
        return changed(call, leader=str(int(float(config.leader_id))))


class Exponent(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:
        body = f'{{"leader":"1","symbols":"all","amount":{config.sizing.amount}}}'.encode()  # type: ignore[union-attr]  # likewise
        return msgspec.structs.replace(call, request=Request("POST", "/follow", "", JSON, body))


class RefusesByNoName(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:
        if config.sizing.amount < 1:  # type: ignore[union-attr]  # likewise
            raise ConfigError("amount", "is too small", self.name)
        return call


class Reads(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        Path(os.devnull).read_bytes()
        return call


class Shares(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return changed(call, symbols=threading.current_thread().name)


# ------------------------------------------------------------------ signing


class Signs(FullAdapter):
    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        return self.spoilt(super().sign(request, credentials, now_ms=now_ms), credentials)

    def spoilt(self, signed: Request, credentials: Credentials) -> Request:
        raise NotImplementedError

    def with_headers(self, signed: Request, **headers: str) -> Request:
        return msgspec.structs.replace(signed, headers={**signed.headers, **headers})


class Random(Signs):
    def spoilt(self, signed: Request, credentials: Credentials) -> Request:  # noqa: ARG002 (as its base)
        return self.with_headers(signed, nonce=os.urandom(8).hex())


class SignsNothing(Signs):
    def spoilt(self, signed: Request, credentials: Credentials) -> Request:  # noqa: ARG002 (as its base)
        return self.with_headers(signed, **{"X-Signature": "0" * 64})


class Rewrites(Signs):
    def spoilt(self, signed: Request, credentials: Credentials) -> Request:  # noqa: ARG002 (as its base)
        return msgspec.structs.replace(signed, path=f"/v2{signed.path}")


class Tells(Signs):
    def spoilt(self, signed: Request, credentials: Credentials) -> Request:
        return self.with_headers(signed, **{"X-Secret": credentials.secret})


class ShownRequest(Request, frozen=True):
    def __repr__(self) -> str:
        return f"{self.method} {self.path} {dict(self.headers)}"


class Shows(FullAdapter):
    def sign(self, request: Request, credentials: Credentials, *, now_ms: int) -> Request:
        signed = super().sign(request, credentials, now_ms=now_ms)
        return ShownRequest(signed.method, signed.path, signed.query, signed.headers, signed.body)


class Knows(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return changed(call, key="canary-key-4711")


# ------------------------------------------------------------------ answers


class Trips(FullAdapter):
    def settings(self, leader_id: str) -> Call[FollowSettings]:
        def trip(response: Response) -> FollowSettings:
            return FollowSettings(exchange=self.name, leader_id=leader_id, active=response.json()["result"])  # type: ignore[index]  # of whatever it is

        return msgspec.structs.replace(super().settings(leader_id), decode=trip)


class BelievesAnything(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return msgspec.structs.replace(call, decode=lambda _response: None)


class KnowsNoOther(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        def decode(response: Response) -> None:
            code = msgspec.json.decode(response.body)["code"]
            if code in CODES:
                raise ANSWERS.refusal(code, response)

        return msgspec.structs.replace(call, decode=decode)


def with_code(row: Refusal) -> type[Adapter]:
    codes: Codes = {**CODES, "GONE": row}
    return type("Coded", (FullAdapter,), {"codes": codes, "__module__": __name__})


# ------------------------------------------------------------------ contract


class BreaksTheRules(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return changed(call, more="than the contract knows")


class NoSuchCall(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return msgspec.structs.replace(call, request=msgspec.structs.replace(call.request, path="/fellow"))


class Unsigned(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return msgspec.structs.replace(call, signed=False)


class GoesAway(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:
        path = f"//{config.leader_id}.example/follow"
        return msgspec.structs.replace(call, request=msgspec.structs.replace(call.request, path=path))


class Smuggles(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        request = msgspec.structs.replace(call.request, headers={**JSON, "X-More": "1\r\nX-Yet: 2"})
        return msgspec.structs.replace(call, request=request)


class Blank(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return msgspec.structs.replace(call, request=msgspec.structs.replace(call.request, query="a b"))


class Elsewhere(FullAdapter):
    hosts: ClassVar[tuple[str, ...]] = ("https://api.elsewhere.example",)


class Unlimited(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return msgspec.structs.replace(call, limit=Limit(0, 1.0, "key", "none"))


class NoLimit(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return msgspec.structs.replace(call, limit=None)


class NoContract(FullAdapter):
    contract: ClassVar[str] = "full_exchange/missing.yaml"


class WritesByReading(FullAdapter):
    def settings(self, leader_id: str) -> Call[FollowSettings]:
        return msgspec.structs.replace(super().settings(leader_id), writes=True)


class ReadsByWriting(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:  # noqa: ARG002 (whatever it is)
        return msgspec.structs.replace(call, writes=False)


# ------------------------------------------------------------------ the local venue


class Forgets(FullAdapter):
    def settings(self, leader_id: str) -> Call[FollowSettings]:
        def nothing(_response: Response) -> FollowSettings:
            return FollowSettings(exchange=self.name, leader_id=leader_id, active=False)

        return msgspec.structs.replace(super().settings(leader_id), decode=nothing)


class ReadsBackOther(FullAdapter):
    """Show what was wanted, and so little that another request comes of it."""

    forms: ClassVar[Mapping[str, Fields]] = {
        "only": {**FIELDS, "sizing": attrs.evolve(FIELDS["sizing"], returned=False)}
    }

    def settings(self, leader_id: str) -> Call[FollowSettings]:
        call = super().settings(leader_id)

        def halved(response: Response) -> FollowSettings:
            shown = call.decode(response)
            return attrs.evolve(shown, sizing=FixedAmount(1))

        return msgspec.structs.replace(call, decode=halved)


class Changes(FullAdapter):
    """Go another way where there is a follow to change."""

    reads_before: ClassVar[frozenset[Operation]] = frozenset({Operation.FOLLOW})

    def follow(self, config: FollowConfig, known: FollowSettings | None) -> tuple[Call[None], ...]:
        (call,) = super().follow(config, known)
        return (self.change(call) if known and known.active else call,)

    def change(self, call: Call[None]) -> Call[None]:
        return call


class ChangesHalf(Changes):
    def change(self, call: Call[None]) -> Call[None]:
        return changed(call, amount="1")


class ChangesNowhere(Changes):
    def change(self, call: Call[None]) -> Call[None]:
        return msgspec.structs.replace(call, request=msgspec.structs.replace(call.request, path="/change"))


class DropsOnChange(Changes):
    def change(self, call: Call[None]) -> Call[None]:
        told: dict[str, Any] = msgspec.json.decode(call.request.body)
        body = encode({name: value for name, value in told.items() if name != "symbols"})
        return msgspec.structs.replace(call, request=msgspec.structs.replace(call.request, body=body))


class CannotChange(Changes):
    def change(self, call: Call[None]) -> Call[None]:
        raise UnsupportedError("leader_id", f"{call.request.path} only starts", self.name)


class MayNotChange(Changes):
    def change(self, call: Call[None]) -> Call[None]:
        raise AlreadyFollowingError(self.name, "AGAIN", f"{call.request.path} only starts")


class Endless(FullAdapter):
    def history(self, leader_id: str | None, cursor: str | None) -> Call[Page[ClosedCopy]]:
        call = super().history(leader_id, cursor)

        def more(response: Response) -> Page[ClosedCopy]:
            return attrs.evolve(call.decode(response), cursor="10")

        return msgspec.structs.replace(call, decode=more)


class GullibleVenue(FullVenue):
    def authenticate(self, received: Received, operation: SandboxOperation) -> Account | Answer:  # noqa: ARG002 (whatever is asked)
        return next(iter(self.accounts.values()))


class RefusingVenue(FullVenue):
    @handles("follow")
    def follow(self, account: Account, parameters: Parameters) -> Answer:  # noqa: ARG002 (whatever is asked)
        return self.refusal("BUSY")


class Refused(FullAdapter):
    venue: ClassVar[str] = f"{__name__}:RefusingVenue"


class LeaderlessVenue(FullVenue):
    @handles("leaders")
    def leaders(self, account: Account, parameters: Parameters) -> Answer:  # noqa: ARG002 (whatever is asked)
        return Answer(200, {"result": {"rows": [], "next": None}})


class StubbornVenue(FullVenue):
    @handles("close", "unfollow")
    def nothing(self, account: Account, parameters: Parameters) -> Answer:  # noqa: ARG002 (whatever is asked)
        return Answer(200, {"result": None})


def at(venue: type[FullVenue], **changes: object) -> type[Adapter]:
    return type("At", (FullAdapter,), {"venue": f"{__name__}:{venue.__name__}", "__module__": __name__, **changes})


class NotClosed(FullAdapter):
    """Close nothing, and say that it is done."""

    def close(self, position: CopiedPosition) -> tuple[Call[None], ...]:
        call: Call[Any] = self.settings(position.leader_id or "")
        return (msgspec.structs.replace(call, decode=lambda _response: None),)


class NotLeft(FullAdapter):
    """Leave nobody, and say that it is done."""

    def unfollow(
        self,
        leader_id: str,
        on_stop: OnStop | None,  # noqa: ARG002 (as its base)
        known: FollowSettings | None,  # noqa: ARG002 (as its base)
    ) -> tuple[Call[None], ...]:
        call: Call[Any] = self.settings(leader_id)
        return (msgspec.structs.replace(call, decode=lambda _response: None),)


# ------------------------------------------------------------------ the table


def broken(rule: str, adapter: type[Adapter], told: str) -> Any:  # noqa: ANN401 (a set of parameters)
    return pytest.param(rule, adapter, told, id=f"{rule}-{adapter.__name__}")


@pytest.mark.parametrize(
    ("rule", "adapter", "told"),
    [
        broken("D1", PlainHost, "declares 'http://api.full.example', which is not an https origin"),
        broken("D2", Impostor, "'xt' loads <class 'unified_copy_xt.adapter.XtAdapter'>"),
        broken("D3", SaysNothing, "form 'only' says nothing about leverage"),
        broken("D3", SaysNoReason, "form 'only' refuses values of sizing and does not say why"),
        broken("D3", NoReason, "does not say why"),
        broken("D3", Contradicts, "sends no follow_new_symbols, and implies both False and True"),
        broken("D3", NoSuchOption, "is closed by an option or a choice that is not there"),
        broken("D3", SaysNothingOfWallets, "form 'only' says nothing about venue"),
        broken("D3", ReadsWalletsBack, "declares venue as read back"),
        broken("D4", Undocumented, "leader is declared as not documented enough, and a golden case does it"),
        broken("D5", NoValue, "does not survive being pickled"),
        broken("D6", Noisy, "importing noisy_exchange: open ("),
        broken("D6", Heavy, "importing heavy_exchange: it loads aiohttp"),
        broken("C1", RefusesMore, "no config is taken at all: full: "),
        broken("C1", Drops, "field symbols is set, and the request carries none of ('symbols',)"),
        broken("C1", NamesAnother, "max_total any is declared 'the venue cannot'"),
        broken("C1", SaysAnotherReason, "declared why: there is no such setting"),
        broken("C2", TakesEverything, "is refused by None, and declared to be by {'on_stop'}"),
        broken("T1", Invents, "note is "),
        broken("T2", Drops, "AdapterError: adapter full: field symbols is set, and the request carries none of"),
        broken("T2", ThroughFloat, "sizing 0.00000001 travels as {'amount': '0.000000'}"),
        broken("T2", IdThroughFloat, "leader_id 9007199254740993 travels as {'leader': '9007199254740992'}"),
        broken("T2", Exponent, "sizing 0.00000001 travels as 1E-8"),
        broken("T2", RefusesByNoName, "is refused as amount: is too small"),
        broken("T3", Reads, "translating does open"),
        broken("T4", Shares, "becomes another request when threads translate at once"),
        broken("S1", Random, "signed twice at one time differs"),
        broken("S2", SignsNothing, "another path has the same signature"),
        broken("S3", Rewrites, "signing POST /follow changes what is sent"),
        broken("S4", Tells, "POST /follow carries the secret itself"),
        broken("S4", Shows, "shows a credential or the signature"),
        broken("S4", Knows, "holds a credential before it is signed"),
        broken("A1", Invents, "the requests differs"),
        broken("A2", Trips, "ends in ValueError"),
        broken("A3", BelievesAnything, "code GONE in HTTP 200 becomes NoneType, and is declared OpenPositionsError"),
        broken("A3", with_code(Refusal(OpenPositionsError, " ")), "code GONE does not say what it means"),
        broken("A3", with_code(Refusal(OpenPositionsError, "gone", "sise")), "names 'sise', which is not a field"),
        broken(
            "A3", with_code(Refusal(OpenPositionsError, "gone", "sizing")), "error with code and field ('GONE', None)"
        ),
        broken("A4", KnowsNoOther, "an unknown code under HTTP 200 becomes NoneType"),
        broken("V1", BreaksTheRules, "more"),
        broken("V1", NoSuchCall, "the contract has no such call"),
        broken("V1", NoContract, "missing.yaml'\n  look at "),
        broken("V1", Unsigned, "signed=False, and public=False"),
        broken("V2", GoesAway, "could lead to another host"),
        broken("V2", Smuggles, r"holds '\n', '\r'"),
        broken("V2", Blank, "holds a blank"),
        broken("V2", Elsewhere, "https://api.elsewhere.example is not a server of the contract"),
        broken("V3", Unlimited, "POST /follow is limited by"),
        broken("V3", NoLimit, "POST /follow is limited by None"),
        broken("V3", WritesByReading, "GET /follow is marked as a write"),
        broken("V3", ReadsByWriting, "follow: POST /follow: writes=False"),
        broken("L1", Forgets, "wanted an active follow, shown not following"),
        broken("L1", ReadsBackOther, "which is another request"),
        broken("L1", ChangesHalf, "sizing: wanted"),
        broken("L1", ChangesNowhere, "changed to"),
        broken("L1", DropsOnChange, "the request carries none of ('symbols',)"),
        broken("L1", at(RefusingVenue), "the local venue takes no config of only"),
        broken("L2", at(RefusingVenue), "VenueUnavailableError"),
        broken("L2", at(LeaderlessVenue), "leaders shows [] while 123123123 is followed"),
        broken("L2", at(GullibleVenue), "takes what is signed with another secret"),
        broken("L2", Endless, "history: it goes on after 100 pages"),
        broken("L2", NotClosed, "is there after it was closed"),
        broken("L2", NotLeft, "is followed after an unfollow"),
    ],
)
def test_an_adapter_that_breaks_a_rule_is_told_how(rule: str, adapter: type[Adapter], told: str) -> None:
    with pytest.raises(BrokenRuleError) as caught:
        RULES[rule].check(Subject(adapter, GOLDEN))
    text = str(caught.value)
    assert text.startswith(f"{rule}: {RULES[rule].sentence}\n")
    assert told in text
    assert text.endswith(f"because {RULES[rule].why}")


@pytest.mark.parametrize("adapter", [CannotChange, MayNotChange])
def test_a_venue_need_not_change_a_follow(adapter: type[Adapter]) -> None:
    subject = Subject(adapter, GOLDEN)
    RULES["L1"].check(subject)
    assert subject.follows


class ShortIds(Broken):
    def spoilt(self, call: Call[None], config: FollowConfig) -> Call[None]:
        if len(config.leader_id) > 9:
            raise UnsupportedError("leader_id", "has more than nine digits", self.name)
        return call


def test_a_venue_need_not_take_the_ids_of_others() -> None:
    subject = Subject(ShortIds, GOLDEN)
    RULES["T2"].check(subject)
    assert subject.follows
