"""Verbs on what no rule solves, ``POST /cases/{case_id}/<verb>``."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from node.core.commands import (
    AskCoordination,
    DecideCoordination,
    DecideDispute,
    JoinProblem,
    LeaveProblem,
    MarkNoOwner,
    RaiseDispute,
    RecordProxyRepair,
    RecordRecovery,
)
from node.core.coordination import PROBLEM_CASES_MAX, CoordinationKind, Size
from node.core.facts import RequestId
from node.core.fund import AMOUNT_FEN_MAX
from node.edge.http.answers import BODY, VERB, fails
from node.edge.http.asked import Name, Short, Text, Words
from node.edge.http.asking import Photos, VerbIn
from node.edge.http.bodies import JsonRoute
from node.edge.http.routes.verbs import Acting
from node.edge.http.telling import ReplyOut

router = APIRouter(
    prefix="/api/v1/cases/{case_id}", tags=["verbs"], route_class=JsonRoute,
    responses=fails(*VERB, *BODY),
)
ASSISTANTS_MAX = 16


class NoOwnerIn(VerbIn):
    """Nobody responsible can be named (无责任主体)."""

    text: Words = Field(examples=["经核查，该窨井盖无产权标识，各单位均不认领"])


class CoordinationIn(VerbIn):
    """Ask who leads (提请协调)."""

    level: Name = Field(examples=["area", "committee"], description="Who decides; a wrong level "
                        "is refused with the rule.")
    kind: CoordinationKind
    size: Size = Size.ORDINARY
    text: Words = Field(examples=["两区交界处积水，双方均称不属本辖区"])
    with_cases: tuple[UUID, ...] = Field(
        default=(), max_length=PROBLEM_CASES_MAX - 1,
        description="Other cases that are asked about with it, as one problem with one decision "
        "(综合治理): all of them, or none.")
    problem_id: Short = Field(
        default="", description="Of an earlier joint problem that it is part of; empty = a new "
        "one, if `with_cases` names any.")


class JoinProblemIn(VerbIn):
    """Treat an open question with those of other cases as one problem (并入综合问题)."""

    coordination_id: Name = Field(description="As listed under `coordinations` of the case.")
    problem_id: Name = Field(description="As listed by `GET /problems`, or a new one.")
    text: Text = ""


class LeaveProblemIn(VerbIn):
    """Take a question out of its problem; it waits on its own (移出综合问题)."""

    coordination_id: Name = Field(description="As listed under `coordinations` of the case.")
    text: Words = Field(examples=["权属已另行查明，单独处理"])


class CoordinationDecisionIn(VerbIn):
    """Name who leads and who assists (协调决定)."""

    coordination_id: Name = Field(description="As listed under `coordinations` of the case.")
    lead: Name = Field(examples=["市市政公用局"], description="A unit by id or name.")
    assistants: tuple[Name, ...] = Field(default=(), max_length=ASSISTANTS_MAX,
                                         examples=[["市城管局"]])
    text: Words = Field(examples=["由市市政公用局牵头，市城管局配合"])


class DisputeIn(VerbIn):
    """Contest whose case it is, and go on handling it (责任争议)."""

    reason_code: Name = Field(examples=["not_ours"])
    text: Words = Field(examples=["爆管管段产权属小区物业，已先行抢修"])


class DisputeDecisionIn(VerbIn):
    """Answer a contest; who has the case is not changed by it (争议裁定)."""

    dispute_id: Name = Field(description="As listed under `disputes` of the case.")
    upheld: bool
    text: Words = Field(examples=["管段已移交市政，仍由自来水公司负责"])


class ProxyRepairIn(VerbIn):
    """Somebody repaired it first (代整治)."""

    performer: Name = Field(examples=["市市政公用局抢修队"])
    cost_fen: int = Field(gt=0, le=AMOUNT_FEN_MAX, examples=[358_000],
                          description="What the fund paid, in fen.")
    payer: Short = Field(default="", examples=["黄石电信"],
                         description="Who owes it to the fund; empty = the fund bears it.")
    photos: Photos = ()
    text: Text = ""


class RecoveryIn(VerbIn):
    """Money came back (追缴)."""

    repair_id: Name = Field(description="As listed under `repairs` of the case.")
    amount_fen: int = Field(gt=0, le=AMOUNT_FEN_MAX, examples=[358_000])
    payer: Name = Field(examples=["黄石电信"])
    text: Text = ""


@router.post("/no-owner", operation_id="markNoOwner",
             summary="Nobody responsible can be named (无责任主体)", response_model=ReplyOut)
async def no_owner(body: NoOwnerIn, act: Acting) -> object:
    return await act.handle(MarkNoOwner(**act.common(body), text=body.text))


@router.post("/coordination", operation_id="askCoordination",
             summary="Ask the body above to decide (提请协调)", response_model=ReplyOut)
async def coordination(body: CoordinationIn, act: Acting) -> object:
    return await act.ask_jointly(AskCoordination(
        **act.common(body), coordination_id=act.fresh_request(), level=body.level,
        kind=body.kind, size=body.size, text=body.text, problem_id=body.problem_id,
    ), [str(one) for one in body.with_cases])


@router.post("/join-problem", operation_id="joinProblem",
             summary="Treat it with other cases as one problem (并入综合问题)",
             response_model=ReplyOut)
async def join_problem(body: JoinProblemIn, act: Acting) -> object:
    return await act.handle(JoinProblem(
        **act.common(body), coordination_id=RequestId(body.coordination_id),
        problem_id=body.problem_id, text=body.text,
    ))


@router.post("/leave-problem", operation_id="leaveProblem",
             summary="Take it out of its joint problem (移出综合问题)", response_model=ReplyOut)
async def leave_problem(body: LeaveProblemIn, act: Acting) -> object:
    return await act.handle(LeaveProblem(
        **act.common(body), coordination_id=RequestId(body.coordination_id), text=body.text,
    ))


@router.post("/coordination-decision", operation_id="decideCoordination",
             summary="Name who leads and who assists (协调决定)", response_model=ReplyOut)
async def coordination_decision(body: CoordinationDecisionIn, act: Acting) -> object:
    return await act.handle(DecideCoordination(
        **act.common(body), coordination_id=RequestId(body.coordination_id), lead=body.lead,
        assistants=body.assistants, text=body.text,
    ))


@router.post("/dispute", operation_id="raiseDispute",
             summary="Contest whose case it is, and go on handling it (责任争议)",
             response_model=ReplyOut)
async def dispute(body: DisputeIn, act: Acting) -> object:
    return await act.handle(RaiseDispute(
        **act.common(body), dispute_id=act.fresh_request(), reason_code=body.reason_code,
        text=body.text,
    ))


@router.post("/dispute-decision", operation_id="decideDispute",
             summary="Answer a contest (争议裁定)", response_model=ReplyOut)
async def dispute_decision(body: DisputeDecisionIn, act: Acting) -> object:
    return await act.handle(DecideDispute(
        **act.common(body), dispute_id=RequestId(body.dispute_id), upheld=body.upheld,
        text=body.text,
    ))


@router.post("/proxy-repair", operation_id="recordProxyRepair",
             summary="Record a repair by proxy (代整治)", response_model=ReplyOut)
async def proxy_repair(body: ProxyRepairIn, act: Acting) -> object:
    return await act.handle(RecordProxyRepair(
        **act.common(body), repair_id=act.fresh_request(), performer=body.performer,
        cost_fen=body.cost_fen, payer=body.payer, text=body.text,
        photos=tuple(photo.value() for photo in body.photos),
    ))


@router.post("/recovery", operation_id="recordRecovery",
             summary="Record money that came back (追缴)", response_model=ReplyOut)
async def recovery(body: RecoveryIn, act: Acting) -> object:
    return await act.handle(RecordRecovery(
        **act.common(body), repair_id=body.repair_id, amount_fen=body.amount_fen,
        payer=body.payer, text=body.text,
    ))
