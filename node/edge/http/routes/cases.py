"""Cases: open, list, read, follow, look inside."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from node.core.case import CaseStatus
from node.core.clock import Light
from node.core.commands import OpenCase
from node.core.effects import WorkKind
from node.core.facts import CaseId
from node.core.flags import FlagKind
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import CLEAN, Instant
from node.edge.http.asking import DrillIn
from node.edge.http.asking_intake import OpenIn
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, CasePath, Desk, Limit, Tongue
from node.edge.http.gate import Operator, Reader
from node.edge.http.limits import CSV_ROWS_MAX, PAGE_ITEMS_MAX, SHORT_CHARS_MAX
from node.edge.http.repeats import Once, once
from node.edge.http.routes.verbs import paths_for
from node.edge.http.telling import (
    BondOut,
    CaseOut,
    CaseRow,
    LimitsOut,
    ReplyOut,
)
from node.edge.http.telling_record import DrilledOut, JournalOut, TimelineOut
from node.edge.http.telling_tables import ProposalOut, StandbyOut
from node.edge.http.told import PageOut, spoken
from node.edge.http.verb_paths import PATHS
from node.service.formulas import harmless
from node.service.office import Office
from node.service.standby import standby
from node.service.views import CaseFilter

WAITS = f"^({'|'.join(kind.value for kind in WorkKind)})?(/[a-z]{{1,20}})?$"
"""Kinds of work items, and what a request asks for."""
router = APIRouter(prefix="/api/v1", tags=["cases"], route_class=JsonRoute)


def case_filter(
    *,
    caller: Reader,
    status: Annotated[CaseStatus | None, Query(description="Only this status.")] = None,
    area: Annotated[str, Query(
        description="Division code; a shorter code takes in everything below it.",
        pattern=r"^[0-9A-Z]{0,18}$",
    )] = "",
    code: Annotated[str, CLEAN, Query(max_length=32, description="Category code.")] = "",
    text: Annotated[str, CLEAN, Query(
        max_length=SHORT_CHARS_MAX, description="Part of the case number or the address.",
    )] = "",
    assignee: Annotated[str, CLEAN, Query(
        max_length=SHORT_CHARS_MAX, description="Whom it is handed to, `node:…` or `adapter:…`.",
    )] = "",
    source: Annotated[str, CLEAN, Query(max_length=32, description="Source of the report.")] = "",
    task_for: Annotated[str, CLEAN, Query(
        max_length=SHORT_CHARS_MAX, description="Collector whose look on site is open.",
    )] = "",
    flag: Annotated[FlagKind | None, Query(
        description="Only cases marked with this oddity; a doubt that was dismissed is none.",
    )] = None,
    handler: Annotated[str, CLEAN, Query(
        max_length=SHORT_CHARS_MAX, description="Who handles it inside this office, the whole "
        "name (经办人).",
    )] = "",
    overdue: Annotated[bool, Query(description="Only open cases past their limit.")] = False,
    light: Annotated[Light | None, Query(description="Only this light.")] = None,
    no_owner: Annotated[bool, Query(
        description="Only cases without anybody responsible (无责任主体).",
    )] = False,
    contested: Annotated[bool, Query(
        description="Only open cases of which it is undecided whose they are (责任争议).",
    )] = False,
    handed: Annotated[Literal["", "yes", "no"], Query(
        description="yes: somebody below has it; no: nobody has.",
    )] = "",
    undispatched: Annotated[bool, Query(
        description="Only cases that this office has to hand to somebody: filed ones of its own, "
        "and what it holds for the office above while nobody below has it (待派遣).",
    )] = False,
    origin: Annotated[Literal["", "own", "above"], Query(
        description="own: opened here; above: handed down to us (上级交办).",
    )] = "",
    opened_from: Annotated[Instant | None, Query(
        description="Opened at or after; ISO 8601 with a zone.",
    )] = None,
    opened_to: Annotated[Instant | None, Query(description="Opened before.")] = None,
    waits: Annotated[str, Query(
        pattern=WAITS, examples=["request/extension"],
        description="Only cases with an open work item of this kind; of requests also by what is "
        "asked.")] = "",
) -> CaseFilter:
    """The filters of the list and of its export."""
    return CaseFilter(
        status=status.value if status else "", area=area, code=code, text=text,
        assignee=assignee, overdue=overdue, light=light.value if light else "",
        no_owner=no_owner, contested=contested, handed=handed,
        undispatched=undispatched, origin=origin, source=source,
        task_for=task_for, handler=handler, flag=flag.value if flag else "",
        opened_from=opened_from, opened_to=opened_to, waits=waits, scope=caller.person.scope,
    )


Filtered = Annotated[CaseFilter, Depends(case_filter)]
Sort = Annotated[Literal[
    "", "opened", "-opened", "no", "-no", "status", "-status", "code", "-code", "limit", "-limit",
], Query(description="Order of the list; with a minus the greatest first. Empty: newest opening "
                     "first. By limit only what is alive is listed.")]


@router.get("/cases", operation_id="listCases", summary="List cases, newest opening first",
            response_model=PageOut[CaseRow], responses=fails("page.cursor"))
async def list_cases(
    desk: Desk, _caller: Reader, which: Filtered, after: After = "", limit: Limit = LIMIT_DEFAULT,
    sort: Sort = "",
) -> object:
    return await desk.handlers.beside(await desk.cases(which, after, limit, sort))


@router.post("/cases", operation_id="openCase", summary="Register a problem (信息收集)",
             status_code=201, response_model=ReplyOut,
             responses=fails("case.invalid", "case.not_permitted", "place.point", "place.crs",
                             "idempotency.invalid",
                             "idempotency.mismatch", *BODY))
async def open_case(  # noqa: PLR0917
    body: OpenIn, desk: Desk, caller: Operator, key: Annotated[Once, Depends(once)],
    response: Response, tongue: Tongue,
) -> object:
    reply = await desk.reporting.open(OpenCase(
        command_id=key.command_id, actor=caller.name, case_id=CaseId(desk.fresh_id()),
        case_no=body.case_no, category=body.category.value(), place=body.place.value(),
        text=body.text, source=body.source, urgent=body.urgent,
        photos=tuple(photo.value() for photo in body.photos), component=body.component,
        source_details=tuple(body.details.items()), reported_at=body.reported_at,
        reporter=body.reporter.value() if body.reporter is not None else None,
    ), key.fingerprint, shots=[photo.shot() for photo in body.photos])
    response.headers["Location"] = f"/api/v1/cases/{reply.case_id}"
    response.headers["ETag"] = f'"{reply.version}"'
    return {**spoken(reply, tongue), "warnings": [one.say(tongue) for one in reply.warnings]}


@router.get("/cases.csv", operation_id="exportCases",
            summary="Export the filtered list as CSV (UTF-8 with BOM)",
            response_class=StreamingResponse,
            responses={200: {"description": "At most 100,000 rows.",
                             "content": {"text/csv": {"schema": {"type": "string"}}}},
                       **fails()})
async def export_cases(
    desk: Desk, _caller: Reader, which: Filtered, tongue: Tongue,
) -> Response:
    chinese = tongue == "zh-CN"
    return StreamingResponse(
        csv_rows(desk, which, chinese=chinese), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="cases.csv"'},
    )


COLUMNS = (
    ("case_id", "案卷标识"), ("case_no", "案卷号"), ("status", "状态"), ("version", "版本"),
    ("area", "区划代码"), ("standard_ref", "分类标准"), ("kind", "类别"), ("code", "分类代码"),
    ("name", "分类名称"), ("urgent", "紧急"), ("assignee", "承办"), ("finish_by", "办结时限"),
    ("overdue", "超期"), ("light", "灯"), ("origin", "来自"), ("handler", "经办人"),
    ("opened_at", "登记时间"), ("updated_at", "更新时间"),
)


async def csv_rows(desk: Office, which: CaseFilter, *, chinese: bool) -> AsyncIterator[str]:
    """The export, page by page, so that a large list needs no memory. The BOM makes spreadsheet
    programs read UTF-8."""
    yield "\ufeff" + _csv_line([zh if chinese else name for name, zh in COLUMNS])
    after, sent = "", 0
    while sent < CSV_ROWS_MAX:
        page = await desk.handlers.beside(await desk.cases(which, after, PAGE_ITEMS_MAX))
        lines = [
            _csv_line([harmless(item.get(name)) for name, _ in COLUMNS]) for item in page.items
        ]
        if lines:
            yield "".join(lines)
        sent += len(lines)
        after = page.next
        if not after:
            return


def _csv_line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


@router.get("/cases/{case_id}", operation_id="getCase", summary="One case, whole",
            response_model=CaseOut,
            responses=fails("case.unknown"))
async def get_case(
    case_id: CasePath, desk: Desk, caller: Reader, tongue: Tongue, response: Response,
) -> object:
    document = await desk.case(str(case_id))
    # Weak: delivery and overdue move without the version.
    response.headers["ETag"] = f'W/"{document["version"]}"'
    return {**document, **await desk.handlers.of(document),
            "calls": await desk.calls.book.of_case(str(case_id)),
            "verbs": paths_for(desk, caller, document),
            "deciders": {PATHS[verb]: roles for verb, roles in document["deciders"].items()},
            "flags": [spoken(one, tongue) for one in document["flags"]],
            "bonds": [spoken(bond, tongue) for bond in document["bonds"]]}


@router.get("/cases/{case_id}/journal", operation_id="listJournal",
            summary="This node's own journal of a case", response_model=PageOut[JournalOut],
            responses=fails("case.unknown", "page.cursor"))
async def journal(
    case_id: CasePath, desk: Desk, _caller: Reader,
    after: Annotated[int, Query(ge=0, le=2**53, description="Version after which to go on.")] = 0,
    limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.journal(str(case_id), after, limit)


@router.get("/cases/{case_id}/timeline", operation_id="getTimeline",
            summary="Everything that happened, here and below", response_model=TimelineOut,
            responses=fails("case.unknown"))
async def timeline(case_id: CasePath, desk: Desk, _caller: Reader) -> object:
    return await desk.timeline(str(case_id))


@router.get("/cases/{case_id}/bonds", operation_id="listBonds",
            summary="Delivery of this case's words, per neighbour", response_model=list[BondOut],
            responses=fails("case.unknown"))
async def bonds(case_id: CasePath, desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return [spoken(bond, tongue) for bond in (await desk.case(str(case_id)))["bonds"]]


@router.get("/cases/{case_id}/proposal", operation_id="getProposal",
            summary="Whom the responsibility table names", response_model=ProposalOut,
            responses=fails("case.unknown"))
async def proposal(case_id: CasePath, desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    found = await desk.propose(str(case_id))
    return ProposalOut(
        assignee=found.assignee, duty=found.duty, candidates=list(found.candidates),
        limits=LimitsOut.model_validate(found.limits) if found.limits is not None else None,
        reason=found.sentence.say(tongue), reason_code=found.reason, unit=found.unit,
        units=list(found.units), over=list(found.over), assistants=list(found.assistants),
    )


@router.get("/cases/{case_id}/standby", operation_id="getStandby",
            summary="Crew, duty phone and plans of whoever has an urgent case, or might (应急)",
            response_model=list[StandbyOut], responses=fails("case.unknown"))
async def standing_by(case_id: CasePath, desk: Desk, _caller: Reader) -> object:
    return await standby(desk, str(case_id))


@router.post("/cases/{case_id}/drill", operation_id="drillCase",
             summary="Ask a node below for its view of a case (下钻, audited)",
             response_model=DrilledOut,
             responses=fails("case.unknown", "case.not_permitted", "case.no_route",
                             "peer.unknown", "link.unreachable", "envelope.unsealed", *BODY))
async def drill(
    case_id: CasePath, body: DrillIn, desk: Desk, caller: Operator,
) -> object:
    return await desk.drill(
        str(case_id), body.target, purpose=body.purpose, actor=caller.name,
    )
