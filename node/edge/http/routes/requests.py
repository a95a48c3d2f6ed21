"""Requests and their answers, pauses, words of supervision, and own cases that leave the usual way:
``POST /cases/{case_id}/<verb>``, one command each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from node.core.commands import (
    AskRequest,
    DecideRequest,
    ForceClose,
    PassUpRequest,
    PressAssignee,
    ReplySupervision,
    ResumeAssignment,
    ResumeCase,
    SuperviseAssignee,
    SuspendCase,
    TakeBack,
    Transfer,
    VoidCase,
)
from node.core.facts import RequestId
from node.edge.http.answers import APPROVAL, BODY, VERB, fails
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import CasePath, Desk
from node.edge.http.gate import Reader
from node.edge.http.requesting import (
    InWords,
    PassUpIn,
    ReplyIn,
    RequestDecisionIn,
    RequestIn,
    SuperviseIn,
    SuspendIn,
    TransferIn,
    VoidIn,
)
from node.edge.http.routes.verbs import Acting
from node.edge.http.telling import ReplyOut
from node.edge.http.telling_record import DossierOut

router = APIRouter(
    prefix="/api/v1/cases/{case_id}", tags=["verbs"], route_class=JsonRoute,
    responses=fails(*VERB, *BODY, *APPROVAL),
)


@router.post("/request", operation_id="askRequest", response_model=ReplyOut,
             summary="Ask the assignor: return, extension, suspension, void, appeal "
                     "(回退、延期、挂账、作废、申诉)")
async def ask(body: RequestIn, act: Acting) -> object:
    return await act.handle(AskRequest(
        **act.common(body), request_id=act.fresh_request(), kind=body.kind,
        reason_code=body.reason_code, text=body.text, wanted_until=body.wanted_until,
        photos=tuple(photo.value() for photo in body.photos),
    ))


@router.post("/request-decision", operation_id="decideRequest", response_model=ReplyOut,
             summary="Answer our assignee's request, or take one step of its ladder (申请审批)")
async def decide(body: RequestDecisionIn, act: Acting) -> object:
    return await act.handle(DecideRequest(
        **act.common(body), request_id=RequestId(body.request_id), granted=body.granted,
        text=body.text, until=body.until,
    ))


@router.post("/pass-up", operation_id="passUpRequest", response_model=ReplyOut,
             summary="Ask our own assignor for what our assignee asked (转报)")
async def pass_up(body: PassUpIn, act: Acting) -> object:
    return await act.handle(PassUpRequest(
        **act.common(body), request_id=RequestId(body.request_id), text=body.text,
    ))


@router.post("/resume", operation_id="resumeAssignment", response_model=ReplyOut,
             summary="End a suspension of what we handed on before its time (恢复计时)")
async def resume(body: InWords, act: Acting) -> object:
    return await act.handle(ResumeAssignment(**act.common(body), text=body.text))


@router.post("/suspend", operation_id="suspendCase", response_model=ReplyOut,
             summary="Let an own case that nobody holds wait (挂账)")
async def suspend(body: SuspendIn, act: Acting) -> object:
    return await act.handle(SuspendCase(
        **act.common(body), until=body.until, reason=body.reason,
    ))


@router.post("/resume-case", operation_id="resumeCase", response_model=ReplyOut,
             summary="An own case waits no longer (解除挂账)")
async def resume_case(body: InWords, act: Acting) -> object:
    return await act.handle(ResumeCase(**act.common(body), text=body.text))


@router.post("/void", operation_id="voidCase", response_model=ReplyOut,
             summary="An own case should not exist (作废)")
async def void(body: VoidIn, act: Acting) -> object:
    return await act.handle(VoidCase(
        **act.common(body), reason=body.reason, reason_code=body.reason_code,
        duplicate_of=body.duplicate_of,
    ))


@router.post("/force-close", operation_id="forceCloseCase", response_model=ReplyOut,
             summary="Close an own case as it stands (强制结案)")
async def force_close(body: InWords, act: Acting) -> object:
    return await act.handle(ForceClose(**act.common(body), text=body.text))


@router.get("/dossier", operation_id="listEvidence", response_model=DossierOut,
            summary="The list of evidence of a case, and its digest (证据清单)")
async def dossier(
    case_id: CasePath, desk: Desk, _caller: Reader,
    version: Annotated[int | None, Query(ge=1, le=2**53, description="Up to this version; absent: "
                                         "all there is.")] = None,
) -> object:
    return await desk.dossiers.list(str(case_id), version)


@router.post("/transfer", operation_id="transferCase", response_model=ReplyOut,
             summary="Hand an own case to a body outside the network (移送)")
async def transfer(body: TransferIn, act: Acting) -> object:
    return await act.handle(Transfer(
        **act.common(body), receiver=body.receiver, reference=body.reference, reason=body.reason,
        digest=body.digest or await act.evidence_digest(),
    ))


@router.post("/take-back", operation_id="takeBackCase", response_model=ReplyOut,
             summary="The body outside gave it back (移送退回)")
async def take_back(body: InWords, act: Acting) -> object:
    return await act.handle(TakeBack(**act.common(body), text=body.text))


@router.post("/press", operation_id="pressAssignee", response_model=ReplyOut,
             summary="Hurry whoever has it (催办)")
async def press(body: InWords, act: Acting) -> object:
    return await act.handle(PressAssignee(**act.common(body), text=body.text))


@router.post("/supervise", operation_id="superviseAssignee", response_model=ReplyOut,
             summary="Ask for an answer by a time (督办)")
async def supervise(body: SuperviseIn, act: Acting) -> object:
    return await act.handle(SuperviseAssignee(
        **act.common(body), supervision_id=act.fresh_request(), text=body.text,
        reply_by=body.reply_by, kind=body.kind,
    ))


@router.post("/reply", operation_id="replySupervision", response_model=ReplyOut,
             summary="Answer a supervision (督办回复)")
async def reply(body: ReplyIn, act: Acting) -> object:
    return await act.handle(ReplySupervision(
        **act.common(body), supervision_id=body.supervision_id, text=body.text,
    ))
