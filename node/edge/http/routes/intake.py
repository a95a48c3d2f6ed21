"""What intake looks things up in: sources, similar reports, callers and reporters, notices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi import Path as FromPath

from node.core.facts import Category, Place
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import CLEAN, Instant
from node.edge.http.asking_intake import NoticeOutcomeIn, PhoneIn, PurposeIn, UnmaskIn
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, CasePath, Desk, Limit
from node.edge.http.gate import Operator, Reader
from node.edge.http.repeats import Once, once
from node.edge.http.telling_intake import (
    CallerCasesOut,
    NoticeOut,
    ReporterOut,
    SimilarOut,
    SourcesOut,
    UnmaskedOut,
)
from node.edge.http.told import PageOut

router = APIRouter(prefix="/api/v1", tags=["intake"], route_class=JsonRoute)


@router.get("/sources", operation_id="listSources",
            summary="Sources of reports and what each asks for (来源)",
            response_model=SourcesOut, responses=fails())
async def sources(desk: Desk, _caller: Reader) -> object:
    return desk.sources()


@router.get("/cases/similar", operation_id="listSimilar",
            summary="Reports of the same class nearby in place and time (相似)",
            response_model=list[SimilarOut], responses=fails())
async def similar(  # noqa: PLR0917
    desk: Desk, _caller: Reader,
    standard_ref: Annotated[str, CLEAN, Query(
        max_length=64, examples=["GB/T 47678.5-2026"], description="Standard of the class.")],
    kind: Annotated[Literal["component", "matter"], Query(description="部件 or 事件/事项.")],
    code: Annotated[str, CLEAN, Query(
        max_length=32, examples=["01001"], description="Code of the class.")],
    lon: Annotated[float, Query(ge=-180, le=180, examples=[115.1], description="Longitude.")],
    lat: Annotated[float, Query(ge=-90, le=90, examples=[30.2], description="Latitude.")],
    at: Annotated[Instant | None, Query(description="Absent = now.")] = None,
) -> object:
    moment: datetime | None = at
    return await desk.kin.similar(
        Place(area="", address="", lon=lon, lat=lat),
        Category(standard_ref=standard_ref, kind=kind, code=code, name=""), at=moment,
    )


@router.post("/cases/{case_id}/reporter", operation_id="readReporter",
             summary="Who reported it, masked for whoever may not see it (audited)",
             response_model=ReporterOut,
             responses=fails("case.unknown", "case.invalid", *BODY))
async def reporter(case_id: CasePath, body: PurposeIn, desk: Desk, caller: Operator) -> object:
    found = await desk.privacy.reporter(
        str(case_id), purpose=body.purpose, actor=caller.name, roles=caller.roles)
    return found if found is not None else ReporterOut()


@router.post("/cases/{case_id}/reporter/unmask", operation_id="unmaskReporter",
             summary="One masked field of who reported it, for a reason (audited and counted)",
             response_model=UnmaskedOut,
             responses=fails("case.unknown", "case.invalid", "privacy.field", "privacy.role",
                             *BODY))
async def unmask(case_id: CasePath, body: UnmaskIn, desk: Desk, caller: Operator) -> object:
    value = await desk.privacy.unmask(
        str(case_id), body.field, reason=body.reason, actor=caller.name, roles=caller.roles)
    return UnmaskedOut(field=body.field, value=value)


@router.post("/reporters/search", operation_id="findByPhone",
             summary="The cases of whoever has this phone (audited)",
             response_model=CallerCasesOut, responses=fails("case.invalid", *BODY))
async def search(body: PhoneIn, desk: Desk, caller: Operator) -> object:
    found = await desk.reporters.find(body.phone, purpose=body.purpose, actor=caller.name)
    return {"cases": found}


@router.get("/notices", operation_id="listNotices",
            summary="What is to be told to whoever waits for an end, oldest first (回告)",
            response_model=PageOut[NoticeOut], responses=fails("page.cursor"))
async def notices(
    desk: Desk, _caller: Reader,
    state: Annotated[Literal["pending", "delivered", "failed", ""], Query(
        description="Only this state; empty = any.")] = "",
    case_id: Annotated[str, CLEAN, Query(max_length=36, description="Of one case.")] = "",
    after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.notices.list(state=state, case_id=case_id, after=after, limit=limit)


@router.post("/notices/{notice_id}/outcome", operation_id="recordNotice",
             summary="Say how telling it went (回告结果)", response_model=NoticeOut,
             responses=fails("notice.unknown", "case.wrong_status", "idempotency.invalid",
                             "idempotency.mismatch", *BODY))
async def outcome(
    notice_id: Annotated[UUID, FromPath(description="Id of the notice.")],
    body: NoticeOutcomeIn, desk: Desk, caller: Operator,
    key: Annotated[Once, Depends(once)],
) -> object:
    return await desk.notices.record(
        str(notice_id), outcome="delivered" if body.delivered else "failed", channel=body.channel,
        note=body.note, actor=caller.name, command_id=key.command_id,
    )
