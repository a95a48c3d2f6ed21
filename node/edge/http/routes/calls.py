"""Calls (来电登记): questions, calls about cases, opinions on results; all of them answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from node.core.calls import Concern
from node.core.commands import OpenCase
from node.core.facts import CaseId, CommandId
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import CLEAN, Instant
from node.edge.http.asking_intake import PhoneIn, PurposeIn
from node.edge.http.bodies import JsonRoute
from node.edge.http.call_words import (
    AnswerIn,
    BecameIn,
    CallerOut,
    CallIn,
    CallOpenIn,
    CallOut,
    CallsOut,
    CallWholeOut,
    FiguresOut,
    HandIn,
    ReasonIn,
    ReopenIn,
    RulesOut,
)
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit, Tongue
from node.edge.http.gate import Admin, Operator, Reader
from node.edge.http.limits import CSV_ROWS_MAX, PAGE_ITEMS_MAX, SHORT_CHARS_MAX
from node.edge.http.problems import BadCall
from node.edge.http.repeats import Once, once
from node.edge.http.telling import ReplyOut
from node.edge.http.told import PageOut, spoken
from node.service.calls.ports import CallFilter
from node.service.office import Office

router = APIRouter(prefix="/api/v1/calls", tags=["intake"], route_class=JsonRoute)

FAILS = ("call.unknown", "case.not_permitted", "case.invalid")
XLSX_ROWS_MAX = 10_000
"""A workbook is built in memory; a longer list goes into CSV."""
NumberPath = Annotated[str, Path(
    description="Number of the call.", pattern=r"^LD[0-9A-Z]{1,58}$",
    examples=["LD4202002026112600001"])]
File = Annotated[Literal["csv", "xlsx"], Query(alias="format", description="csv or xlsx.")]


def call_filter(
    *,
    kind: Annotated[str, Query(pattern=r"^[a-z0-9_]{0,32}$", description="Only this kind.")] = "",
    concerns: Annotated[Concern | None, Query(
        description="none: about no case; case: about one on its way; result: an opinion.")] = None,
    channel: Annotated[str, Query(
        pattern=r"^[a-z0-9_]{0,32}$", description="Only this channel.")] = "",
    holder: Annotated[str, CLEAN, Query(
        max_length=SHORT_CHARS_MAX,
        description="Only what this unit (by its id) has to answer; `own` = our own desk.")] = "",
    state: Annotated[Literal["", "open", "overdue", "answered", "late"], Query(
        description="open includes overdue, answered includes late.")] = "",
    text: Annotated[str, CLEAN, Query(
        max_length=SHORT_CHARS_MAX, description="Part of the number or of what was said.")] = "",
    case_id: Annotated[str, CLEAN, Query(
        max_length=36, description="About this case, or it came of the call.")] = "",
    since: Annotated[Instant | None, Query(
        description="Received at or after; ISO 8601 with a zone.")] = None,
    until: Annotated[Instant | None, Query(description="Received before.")] = None,
) -> CallFilter:
    """The filters of the list and of its export."""
    return CallFilter(
        kind=kind, concerns=concerns.value if concerns is not None else "", channel=channel,
        holder=holder, state=state, text=text, case_id=case_id, since=since, until=until)


Filtered = Annotated[CallFilter, Depends(call_filter)]
Keyed = Annotated[Once, Depends(once)]


@router.get("", operation_id="listCalls", response_model=PageOut[CallOut],
            summary="Calls, newest first (来电登记)", responses=fails("page.cursor"))
async def calls(
    desk: Desk, _caller: Reader, which: Filtered, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.calls.book.page(which, after, limit)


@router.post("", operation_id="recordCall", status_code=201, response_model=CallWholeOut,
             summary="Take a call down, perhaps answered at once",
             responses=fails("case.not_permitted", "case.invalid", "case.unknown", "unit.unknown",
                             "idempotency.invalid", "idempotency.mismatch", *BODY))
async def record(body: CallIn, desk: Desk, caller: Operator, key: Keyed) -> object:
    return await desk.calls.log.record(
        body.value(), command_id=key.command_id, fingerprint=key.fingerprint, actor=caller.name)


@router.get("/rules", operation_id="getCallRules", response_model=RulesOut,
            summary="Kinds of calls with their limits, and channels", responses=fails())
async def rules(desk: Desk, _caller: Reader) -> object:
    found = desk.calls.log.rules
    return {
        "version": found.version, "keep_days": found.keep.days,
        "kinds": [
            {"code": one.code, "zh": one.zh, "en": one.en, "concerns": one.concerns.value,
             "answer_within": f"{one.answer_within.value} {one.answer_within.unit.value}"}
            for one in found.kinds.values()],
        "channels": list(found.channels.values()),
    }


@router.get("/export", operation_id="exportCalls", response_class=Response,
            summary="The filtered list as CSV or workbook; names stay masked",
            responses=fails("call.too_many"))
async def export(desk: Desk, _caller: Reader, which: Filtered, format_: File = "csv") -> Response:
    from node.edge.sheets.calls import list_sheet

    as_csv = format_ == "csv"
    most = CSV_ROWS_MAX if as_csv else XLSX_ROWS_MAX
    found: list[Any] = []
    after = ""
    while True:
        page = await desk.calls.book.page(which, after, PAGE_ITEMS_MAX)
        found += page.items
        after = page.next
        if len(found) > most:
            raise BadCall("call.too_many", f"more than {most} calls in one file")
        if not after:
            break
    data = await asyncio.to_thread(list_sheet, _office(desk), found, as_csv=as_csv)
    return _file(data, f"calls-{desk.node}", format_)


@router.get("/figures", operation_id="countCalls", response_model=FiguresOut,
            summary="How many calls came in a day, week or month, and how they were answered",
            responses=fails("evaluation.period"))
async def figures(
    desk: Desk, _caller: Reader,
    period: Annotated[str, Query(
        max_length=10, pattern=r"^[0-9]{4}[0-9QHW-]{0,6}$",
        description="2026-11-25, 2026-W48, 2026-11, 2026-Q4 …")],
    format_: Annotated[Literal["json", "csv", "xlsx"], Query(
        alias="format", description="json, csv or xlsx.")] = "json",
) -> Any:
    told = await desk.calls.figures.of(period)
    if format_ == "json":
        return told
    from node.edge.sheets.calls import figures_sheet

    data = await asyncio.to_thread(
        figures_sheet, _office(desk), told, as_csv=format_ == "csv")
    return _file(data, f"calls-{desk.node}-{period}", format_)


@router.post("/search", operation_id="findCalls", response_model=CallsOut,
             summary="The calls of whoever has this phone (audited)",
             responses=fails("case.invalid", *BODY))
async def search(body: PhoneIn, desk: Desk, caller: Operator) -> object:
    return {"calls": await desk.calls.callers.find(
        body.phone, purpose=body.purpose, actor=caller.name)}


@router.get("/{call_no}", operation_id="getCall", response_model=CallWholeOut,
            summary="One call with everything that was done with it",
            responses=fails("call.unknown"))
async def call(call_no: NumberPath, desk: Desk, _caller: Reader) -> object:
    return await desk.calls.book.one(call_no)


@router.post("/{call_no}/hand", operation_id="handCall", response_model=CallWholeOut,
             summary="Let a unit of this office answer it (转办)",
             responses=fails(*FAILS, "call.answered", "unit.unknown", *BODY))
async def hand(call_no: NumberPath, body: HandIn, desk: Desk, caller: Operator) -> object:
    return await desk.calls.log.hand(
        call_no, unit=body.unit, text=body.text, answer_by=body.answer_by, actor=caller.name)


@router.post("/{call_no}/answer", operation_id="answerCall", response_model=CallWholeOut,
             summary="Write down what the caller was told (答复)",
             responses=fails(*FAILS, "call.answered", *BODY))
async def answer(call_no: NumberPath, body: AnswerIn, desk: Desk, caller: Operator) -> object:
    return await desk.calls.log.answer(call_no, body.value(), actor=caller.name)


@router.post("/{call_no}/case", operation_id="linkCall", response_model=CallWholeOut,
             summary="A case that is here came of the call (转案卷)",
             responses=fails(*FAILS, "case.unknown", "call.became", "call.about_case", *BODY))
async def became(call_no: NumberPath, body: BecameIn, desk: Desk, caller: Operator) -> object:
    return await desk.calls.log.became(call_no, body.case_id, actor=caller.name)


@router.post("/{call_no}/open", operation_id="openCallCase", status_code=201,
             response_model=ReplyOut,
             summary="Register the case that comes of the call; whoever called is its reporter",
             responses=fails(*FAILS, "call.became", "call.about_case", "place.point", "place.crs",
                             *BODY))
async def open_case(  # noqa: PLR0917
    call_no: NumberPath, body: CallOpenIn, desk: Desk, caller: Operator, tongue: Tongue,
    response: Response,
) -> object:
    command = OpenCase(
        command_id=CommandId(""), actor=caller.name, case_id=CaseId(desk.fresh_id()),
        case_no=body.case_no, category=body.category.value(), place=body.place.value(),
        text=body.text, source=body.source, urgent=body.urgent,
        photos=tuple(photo.value() for photo in body.photos), component=body.component,
        source_details=tuple(body.details.items()), reported_at=body.reported_at)
    if body.reporter is not None:
        command = replace(command, reporter=body.reporter.value())
    reply = await desk.calls.log.open(
        call_no, command, shots=[photo.shot() for photo in body.photos],
        wants_reply=body.wants_reply, actor=caller.name)
    response.headers["Location"] = f"/api/v1/cases/{reply.case_id}"
    return {**spoken(reply, tongue), "warnings": [one.say(tongue) for one in reply.warnings]}


@router.post("/{call_no}/reopen", operation_id="reopenByCall", response_model=CallWholeOut,
             summary="Ask, for this opinion, that its case be taken up again (申请重办)",
             responses=fails(*FAILS, "call.no_opinion", "case.wrong_status", "case.unknown", *BODY))
async def reopen(call_no: NumberPath, body: ReopenIn, desk: Desk, caller: Operator) -> object:
    return await desk.calls.log.reopen(call_no, text=body.text, actor=caller.name)


@router.post("/{call_no}/caller", operation_id="readCaller", response_model=CallerOut,
             summary="Who called, masked for whoever may not see it (audited)",
             responses=fails("call.unknown", "case.invalid", *BODY))
async def caller_of(call_no: NumberPath, body: PurposeIn, desk: Desk, caller: Operator) -> object:
    found = await desk.calls.callers.read(call_no, purpose=body.purpose, actor=caller.name)
    return desk.privacy.caller(found, caller.roles)


@router.post("/{call_no}/erase", operation_id="eraseCaller", response_model=CallWholeOut,
             summary="Erase name and phone before their time; the call stays",
             responses=fails("call.unknown", "case.invalid", *BODY))
async def erase(call_no: NumberPath, body: ReasonIn, desk: Desk, caller: Admin) -> object:
    await desk.calls.callers.erase(call_no, reason=body.reason, actor=caller.name)
    return await desk.calls.book.one(call_no)


def _office(desk: Office) -> str:
    return f"{desk.name} {desk.node}"


def _file(data: bytes, name: str, format_: str) -> Response:
    from node.edge.sheets.plain import MEDIA

    return Response(data, media_type=MEDIA[format_], headers={
        "Content-Disposition": f'attachment; filename="{name}.{format_}"'})
