"""The verbs of the trade, ``POST /cases/{case_id}/<verb>``: one command each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response

from node.core.approvals import role_for
from node.core.commands import (
    AdoptLate,
    AskCoordination,
    Close,
    Command,
    Decline,
    Dispatch,
    FailCheck,
    FeedBack,
    File,
    PassCheck,
    Progress,
    Sign,
    StartCheck,
    WithdrawAssignment,
)
from node.core.facts import Address, CaseId, Category, Limits, RequestId
from node.edge.http.answers import BODY, VERB, fails
from node.edge.http.asking import (
    AdoptLateIn,
    CheckIn,
    CloseIn,
    DispatchIn,
    FeedBackIn,
    LimitsIn,
    ProgressIn,
    SignIn,
    VerbIn,
    WithdrawIn,
)
from node.edge.http.asking_intake import DeclineIn, FileIn, StartCheckIn
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import CasePath, Desk
from node.edge.http.gate import Caller, Operator
from node.edge.http.repeats import Once, expected_version, once
from node.edge.http.telling import ReplyOut
from node.edge.http.verb_paths import PATHS
from node.service.office import Office
from node.service.views import Reply

router = APIRouter(
    prefix="/api/v1/cases/{case_id}", tags=["verbs"], route_class=JsonRoute,
    responses=fails(*VERB, *BODY),
)


def paths(commands: Iterable[str]) -> list[str]:
    """The verbs of a case document as a caller of this API knows them."""
    return sorted({PATHS[command] for command in commands} - {""})


def paths_for(desk: Office, caller: Caller, document: Mapping[str, Any]) -> list[str]:
    """The verbs of a case document that this caller may try: one of their roles holds the verb,
    and one is named where the rules of approval name some."""
    verbs, takes = document["verbs"], document["deciders"]
    if not caller.person.is_unbound:
        verbs = desk.access.may_see(caller.person, verbs)
    return paths(one for one in verbs
                 if one not in takes or role_for(caller.roles, tuple(takes[one])))


class Act:
    """What every verb needs besides its body: the case, the caller, the key, the version seen."""

    def __init__(
        self, *, case_id: CasePath, desk: Desk, caller: Operator,
        key: Annotated[Once, Depends(once)], response: Response,
        if_match: Annotated[str | None, Header(
            description="The version you have seen, as a quoted number.", examples=['"3"'],
        )] = None,
    ) -> None:
        self._desk: Office = desk
        self._caller: Caller = caller
        self._key = key
        self._response = response
        self._if_match = if_match
        self._case_id = CaseId(str(case_id))

    def common(self, body: VerbIn) -> dict[str, Any]:
        """The common part of a command."""
        return {
            "command_id": self._key.command_id,
            "actor": self._caller.name,
            "roles": self._caller.roles,
            "case_id": self._case_id,
            "expected_version": expected_version(self._if_match, body.expected_version),
        }

    async def handle(self, command: Command) -> Reply:
        """Carry it out; the answer says the new version in its ETag as well."""
        reply = await self._desk.handle(command, self._key.fingerprint)
        self._response.headers["ETag"] = f'"{reply.version}"'
        return reply

    async def ask_jointly(self, command: AskCoordination, with_cases: list[str]) -> Reply:
        """Ask about this case, and about the others with it as one problem."""
        if not with_cases:
            return await self.handle(command)
        reply = await self._desk.problems.ask(command, with_cases, self._key.fingerprint)
        self._response.headers["ETag"] = f'"{reply.version}"'
        return reply

    async def limits(self, given: LimitsIn | None) -> Limits:
        """The limits that were sent, else the limit that the proposal names; its instants are
        counted from the moment of handing over."""
        if given is not None:
            return given.value()
        limit = (await self._desk.propose(self._case_id)).handling
        return Limits() if limit is None else Limits(count=limit.value, unit=limit.unit)

    async def part_limits(self, given: LimitsIn | None, category: Category | None) -> Limits:
        """The same for a part of this case that is handed over as it is opened."""
        if given is not None:
            return given.value()
        limit = await self._desk.queries.part_handling(self._case_id, category)
        return Limits() if limit is None else Limits(count=limit.value, unit=limit.unit)

    async def target(self, body: DispatchIn) -> Address:
        """The address that was sent, or the one on the unit's card."""
        to = await self.addressed(body.to, body.unit)
        assert to is not None, "the body names one of the two"
        return to

    async def addressed(self, to: str | None, unit: str) -> Address | None:
        """The address that was sent, or the one on the unit's card; None = neither was named."""
        if to is not None:
            return Address.parse(to)
        return await self._desk.cards.address_of(unit) if unit else None

    async def evidence_digest(self) -> str:
        """Of the list of what this case's record holds now."""
        return (await self._desk.dossiers.list(self._case_id)).digest

    def fresh_request(self) -> RequestId:
        return RequestId(self._desk.fresh_id())


Acting = Annotated[Act, Depends()]


@router.post("/file", operation_id="fileCase", summary="File it (立案)", response_model=ReplyOut)
async def file(body: FileIn, act: Acting) -> object:
    return await act.handle(File(
        **act.common(body), text=body.text, condition_no=body.condition_no,
        category=body.category.value() if body.category is not None else None,
        out_of_list_reason=body.out_of_list_reason, outside_reason=body.outside_reason,
    ))


@router.post("/decline", operation_id="declineCase", summary="Do not file it (不予立案)",
             response_model=ReplyOut)
async def decline(body: DeclineIn, act: Acting) -> object:
    return await act.handle(Decline(
        **act.common(body), reason=body.reason, reason_code=body.reason_code,
        duplicate_of=body.duplicate_of,
    ))


@router.post("/dispatch", operation_id="dispatchCase", summary="Hand it to an assignee (派遣)",
             response_model=ReplyOut, responses=fails("unit.unknown"))
async def dispatch(body: DispatchIn, act: Acting) -> object:
    return await act.handle(Dispatch(
        **act.common(body), to=await act.target(body),
        limits=await act.limits(body.limits), text=body.text,
    ))


@router.post("/sign", operation_id="signCase", summary="Sign for the duty we hold (签收)",
             response_model=ReplyOut)
async def sign(body: SignIn, act: Acting) -> object:
    return await act.handle(Sign(**act.common(body), unit_reference=body.unit_reference))


@router.post("/progress", operation_id="reportProgress", summary="Say that work goes on",
             response_model=ReplyOut)
async def progress(body: ProgressIn, act: Acting) -> object:
    return await act.handle(Progress(**act.common(body), text=body.text))


@router.post("/feed-back", operation_id="feedBackCase", summary="Say that it is handled (反馈)",
             response_model=ReplyOut)
async def feed_back(body: FeedBackIn, act: Acting) -> object:
    return await act.handle(FeedBack(
        **act.common(body), result=body.result,
        photos=tuple(photo.value() for photo in body.photos), closing_met=body.closing_met,
    ))


@router.post("/withdraw", operation_id="withdrawAssignment",
             summary="Call the live assignment back (撤回)", response_model=ReplyOut)
async def withdraw(body: WithdrawIn, act: Acting) -> object:
    return await act.handle(WithdrawAssignment(**act.common(body), reason=body.reason))


@router.post("/start-check", operation_id="startCheck",
             summary="Send somebody to look at the result (核查)", response_model=ReplyOut)
async def start_check(body: StartCheckIn, act: Acting) -> object:
    return await act.handle(StartCheck(
        **act.common(body), text=body.text, collector=body.collector, due_by=body.due_by,
    ))


@router.post("/check", operation_id="checkCase",
             summary="Say what the check found: passed, or round again (核查 / 返工)",
             response_model=ReplyOut)
async def check(body: CheckIn, act: Acting) -> object:
    photos = tuple(photo.value() for photo in body.photos)
    common = act.common(body)
    if body.passed:
        return await act.handle(PassCheck(**common, text=body.text, photos=photos))
    return await act.handle(FailCheck(
        **common, text=body.text, limits=await act.limits(body.limits), photos=photos,
    ))


@router.post("/close", operation_id="closeCase", summary="Close it (结案)",
             response_model=ReplyOut)
async def close(body: CloseIn, act: Acting) -> object:
    return await act.handle(Close(**act.common(body), text=body.text))


@router.post("/adopt-late", operation_id="adoptLate",
             summary="Take a late result of an ended assignment as ours",
             response_model=ReplyOut)
async def adopt_late(body: AdoptLateIn, act: Acting) -> object:
    return await act.handle(AdoptLate(**act.common(body), cause=body.cause, text=body.text))
