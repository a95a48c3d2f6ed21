"""Who handles a duty inside this office (内部交办). No neighbour is told."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Instant, Name, Text
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import CasePath, Desk
from node.edge.http.gate import Operator
from node.edge.http.telling import HandlingOut
from node.edge.http.told import Counted, Told

router = APIRouter(prefix="/api/v1/cases", tags=["verbs"], route_class=JsonRoute)
counts = APIRouter(prefix="/api/v1/handlers", tags=["evaluation"], route_class=JsonRoute)

FAILS = ("case.unknown", "case.wrong_status", "case.not_permitted")


class HandlerIn(Asked):
    """A person or a crew of this office."""

    name: Name = Field(examples=["抢修二班"])
    note: Text = Field(default="", description="What they should know.", examples=["先围挡再更换"])


class HandlerCountOut(Told):
    """What was given to one name. Whoever had a case last counts for it."""

    name: str
    given: int
    held: int = Field(description="In hand.")
    overdue: int = Field(description="In hand and past the limit.")
    done: int = Field(description="Fed back and not judged yet.")
    ended: int
    late: int = Field(description="Ever past the limit.")
    reworked: int = Field(description="Ever sent back for another round.")


@router.put("/{case_id}/handler", operation_id="assignHandler", response_model=HandlingOut,
            summary="Name who handles it inside this office, or change who does (内部交办)",
            responses=fails(*FAILS, *BODY))
async def assign(case_id: CasePath, body: HandlerIn, desk: Desk, caller: Operator) -> object:
    return await desk.handlers.assign(
        str(case_id), body.name, note=body.note, actor=caller.name)


@router.delete("/{case_id}/handler", operation_id="unassignHandler", response_model=Counted,
               summary="Nobody handles it any more; the history keeps who did",
               responses=fails(*FAILS))
async def unassign(case_id: CasePath, desk: Desk, caller: Operator) -> object:
    return Counted(count=int(await desk.handlers.unassign(str(case_id), actor=caller.name)))


@counts.get("", operation_id="countHandlers", response_model=list[HandlerCountOut],
            summary="What each handler has and had, for this office's own evaluation "
            "(audited)",
            responses=fails("case.invalid"))
async def count(
    desk: Desk, caller: Operator,
    since: Annotated[Instant | None, Query(
        description="Given at or after; ISO 8601 with a zone.")] = None,
    until: Annotated[Instant | None, Query(description="Given before.")] = None,
) -> object:
    return await desk.handlers.counts(since, until, actor=caller.name)
