"""The verbs of intake and of what comes after the end, ``POST /cases/{case_id}/<verb>``."""

from __future__ import annotations

from fastapi import APIRouter

from node.core.commands import (
    Accept,
    AskReopen,
    DecideReopen,
    GiveSatisfaction,
    NotAccept,
    OpenPart,
    PassUpCase,
    RecallCase,
    RecordVerify,
    SelfHandle,
    SettleDoubt,
    StartVerify,
)
from node.core.facts import CaseId, Limits
from node.edge.http.answers import BODY, VERB, fails
from node.edge.http.asking_intake import (
    AcceptIn,
    AskReopenIn,
    DoubtIn,
    NotAcceptIn,
    PartIn,
    RecallIn,
    ReopenDecisionIn,
    SatisfactionIn,
    SelfHandleIn,
    StartVerifyIn,
    SubmitIn,
    VerifyIn,
)
from node.edge.http.bodies import JsonRoute
from node.edge.http.routes.verbs import Acting
from node.edge.http.telling import ReplyOut

router = APIRouter(
    prefix="/api/v1/cases/{case_id}", tags=["intake"], route_class=JsonRoute,
    responses=fails(*VERB, *BODY),
)


@router.post("/accept", operation_id="acceptCase", summary="Take the report (受理)",
             response_model=ReplyOut)
async def accept(body: AcceptIn, act: Acting) -> object:
    return await act.handle(Accept(**act.common(body), text=body.text))


@router.post("/not-accept", operation_id="notAcceptCase", summary="Do not take it (不予受理)",
             response_model=ReplyOut)
async def not_accept(body: NotAcceptIn, act: Acting) -> object:
    return await act.handle(NotAccept(
        **act.common(body), reason=body.reason, reason_code=body.reason_code,
        duplicate_of=body.duplicate_of,
    ))


@router.post("/start-verify", operation_id="startVerify",
             summary="Send somebody to look before filing (派出核实)", response_model=ReplyOut)
async def start_verify(body: StartVerifyIn, act: Acting) -> object:
    return await act.handle(StartVerify(
        **act.common(body), collector=body.collector, text=body.text, due_by=body.due_by,
    ))


@router.post("/verify", operation_id="verifyCase",
             summary="Say what was found before filing (核实)", response_model=ReplyOut)
async def verify(body: VerifyIn, act: Acting) -> object:
    return await act.handle(RecordVerify(
        **act.common(body), found=body.found, text=body.text, collector=body.collector,
        photos=tuple(photo.value() for photo in body.photos),
    ))


@router.post("/self-handle", operation_id="selfHandleCase",
             summary="The collector put it right on the spot (自处置)", response_model=ReplyOut)
async def self_handle(body: SelfHandleIn, act: Acting) -> object:
    return await act.handle(SelfHandle(
        **act.common(body), result=body.result,
        photos=tuple(photo.value() for photo in body.photos),
    ))


@router.post("/doubt", operation_id="settleDoubt",
             summary="Say whether a doubted picture is false (存疑核实)", response_model=ReplyOut)
async def doubt(body: DoubtIn, act: Acting) -> object:
    return await act.handle(SettleDoubt(
        **act.common(body), ref=body.ref, confirmed=body.confirmed, text=body.text,
    ))


@router.post("/part", operation_id="openPart",
             summary="Let somebody assist: open a part beside the lead (协办)",
             response_model=ReplyOut, responses=fails("unit.unknown"))
async def part(body: PartIn, act: Acting) -> object:
    category = body.category.value() if body.category is not None else None
    to = await act.addressed(body.to, body.unit)
    limits = await act.part_limits(body.limits, category) if to is not None else Limits()
    return await act.handle(OpenPart(
        **act.common(body), part_id=CaseId(act.fresh_request()), text=body.text,
        category=category, to=to, limits=limits,
    ))


@router.post("/submit", operation_id="passUpCase",
             summary="Pass the report up to the office above (上报)", response_model=ReplyOut)
async def submit(body: SubmitIn, act: Acting) -> object:
    return await act.handle(PassUpCase(
        **act.common(body), as_case=CaseId(act.fresh_request()), text=body.text,
    ))


@router.post("/recall", operation_id="recallCase",
             summary="Ask for it back, as long as nobody has filed it (撤回上报)",
             response_model=ReplyOut)
async def recall(body: RecallIn, act: Acting) -> object:
    return await act.handle(RecallCase(**act.common(body), text=body.text))


@router.post("/satisfaction", operation_id="giveSatisfaction",
             summary="What the reporter says of the result, once (满意度)",
             response_model=ReplyOut)
async def satisfaction(body: SatisfactionIn, act: Acting) -> object:
    return await act.handle(GiveSatisfaction(
        **act.common(body), score=body.score, text=body.text, channel=body.channel,
    ))


@router.post("/reopen", operation_id="askReopen",
             summary="Ask that the closed case be taken up again (申请重办)",
             response_model=ReplyOut)
async def reopen(body: AskReopenIn, act: Acting) -> object:
    return await act.handle(AskReopen(**act.common(body), text=body.text))


@router.post("/reopen-decision", operation_id="decideReopen",
             summary="Answer that; granted, a new case goes on (重办审批)",
             response_model=ReplyOut)
async def reopen_decision(body: ReopenDecisionIn, act: Acting) -> object:
    return await act.handle(DecideReopen(
        **act.common(body), granted=body.granted, text=body.text,
        new_case_id=act.fresh_request() if body.granted else "",
    ))
