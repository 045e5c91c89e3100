"""What is believed of an answer of OKX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from unified_copy.answers import HTTP_OK, Answers
from unified_copy.errors import VenueError
from unified_copy_okx import rows, wire
from unified_copy_okx.codes import CODES
from unified_copy_okx.translate import NAME

if TYPE_CHECKING:
    from unified_copy.results import ClosedCopy, CopiedPosition, FollowedLeader
    from unified_copy.wire import Response

T = TypeVar("T")

ANSWERS: Final = Answers(exchange=NAME, codes=CODES, pause=wire.WINDOW)
_OK: Final = "0"


def data(response: Response) -> list[object]:
    """Return what the envelope holds; raise what its code says, or that there is no envelope."""
    envelope = ANSWERS.json(response, wire.Envelope)
    if envelope.code != _OK:
        raise ANSWERS.refusal(envelope.code, response, envelope.msg or "")
    if response.status != HTTP_OK:
        raise ANSWERS.contradiction(response)
    return ANSWERS.structure(response, envelope.data, list[object])


def one(response: Response, wanted: type[T]) -> T:
    """Return the one row of an answer; raise ``unusable`` where there is none."""
    if not (told := data(response)):
        raise ANSWERS.unusable(response, "an answer without a row")
    return ANSWERS.structure(response, told[0], wanted)


def done(response: Response) -> None:
    """Believe that a write about a follow was accepted; raise otherwise."""
    if not one(response, wire.Done).result:
        raise VenueError(NAME, "result false", "OKX took the request and reports failure", "", response.status)


def touched(position_id: str, response: Response) -> None:
    """Believe that a write about this position was accepted; raise otherwise."""
    if (named := one(response, wire.Touched).subPosId) != position_id:
        raise ANSWERS.unusable(response, f"an answer about position {named}")


def time(response: Response) -> int:
    """Return the venue's clock, in milliseconds since 1970."""
    return ANSWERS.clock(response, one(response, wire.ServerTime).ts)


def settings(response: Response) -> tuple[wire.ShownFollow | None, object]:
    """Return what is shown of a follow with its row; ``None`` where there is no row, which is no follow."""
    # A leader who is not copied is documented as a row with copyState 0. That no row means the same is our reading:
    # OKX refuses to start a follow that exists, so nothing is done twice should it be wrong.
    if not (told := data(response)):
        return None, None
    shown = ANSWERS.structure(response, told[0], wire.ShownFollow)
    if shown.copyState not in {"0", "1"}:
        raise ANSWERS.unusable(response, f"copyState {shown.copyState!r}, which is neither 0 nor 1")
    return shown, told[0]


def positions(response: Response) -> tuple[CopiedPosition, ...]:
    """Return one page of open copied positions."""
    return ANSWERS.rows(response, data(response), wire.Position, rows.position)


def history(response: Response) -> tuple[ClosedCopy, ...]:
    """Return one page of closed copies."""
    return ANSWERS.rows(response, data(response), wire.Position, rows.closed)


def leaders(response: Response) -> tuple[FollowedLeader, ...]:
    """Return the leaders being copied."""
    return ANSWERS.rows(response, data(response), wire.Leader, rows.leader)
