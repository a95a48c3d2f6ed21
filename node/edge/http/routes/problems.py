"""Joint problems (综合治理): several cases, one question, one decision."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from node.core.commands import Command
from node.core.facts import CaseId
from node.edge.http.answers import BODY, VERB, fails
from node.edge.http.asked import Asked, Name, Text, Words
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk
from node.edge.http.gate import Caller, Operator, Reader
from node.edge.http.limits import SHORT_CHARS_MAX
from node.edge.http.repeats import Once, once
from node.edge.http.routes.coordination import ASSISTANTS_MAX
from node.edge.http.telling import ReplyOut
from node.edge.http.told import Told

router = APIRouter(prefix="/api/v1/problems", tags=["verbs"], route_class=JsonRoute)

ProblemPath = Annotated[str, Path(max_length=SHORT_CHARS_MAX, description="The joint problem.")]
Key = Annotated[Once, Depends(once)]
UNKNOWN = ("problem.unknown",)


class MemberOut(Told):
    """One case of a problem, as it stands here."""

    case_id: str
    case_no: str
    status: str
    version: int
    coordination_id: str
    level: str
    kind: str
    text: str
    open: bool = Field(description="Its question is not decided.")
    upward: bool = Field(description="Somebody above decides it.")
    lead: str = Field(description="Who leads by the decision; empty = undecided.")
    skipped: str = Field(description="Why a decision here passes it over: `over` (the case has "
                         "ended), `decided`, `above`; empty = it does not.")


class ProblemOut(Told):
    """A joint problem and its cases."""

    problem_id: str
    kind: str
    level: str
    text: str
    lead: str = Field(description="Of its newest decision; empty = undecided.")
    assistants: list[str]
    decision: str
    waits: int = Field(description="Questions that are to be decided here.")
    cases: list[MemberOut]


class SettledOut(Told):
    """What one decision did. Each of the cases has a decision of its own in its record."""

    problem_id: str
    decided: list[MemberOut]
    skipped: list[MemberOut] = Field(description="Passed over, and why.")


class ProblemCaseIn(Asked):
    """A case that is taken in."""

    case_id: UUID
    text: Text = Field(default="", description="Empty = as the others were asked about.")


class ProblemRemovalIn(Asked):
    """A case that is taken out; its question waits on its own."""

    case_id: UUID
    text: Words = Field(examples=["权属已另行查明，单独处理"])


class ProblemDecisionIn(Asked):
    """One decision for all: who leads and who assists (综合治理决定)."""

    lead: Name = Field(examples=["市市政公用局"], description="A unit by id or name.")
    assistants: tuple[Name, ...] = Field(default=(), max_length=ASSISTANTS_MAX,
                                         examples=[["市城管局"]])
    text: Words = Field(examples=["整段道路由市市政公用局牵头整治，市城管局配合"])


def _like(key: Once, caller: Caller, case_id: str = "") -> Command:
    return Command(
        command_id=key.command_id, actor=caller.name, roles=caller.roles, case_id=CaseId(case_id))


@router.get("", operation_id="listProblems", response_model=list[ProblemOut],
            summary="Joint problems: the open ones, oldest first; or all, newest first",
            responses=fails())
async def listed(
    desk: Desk, caller: Reader,  # noqa: ARG001
    decided: Annotated[bool, Query(description="Decided ones too.")] = False,
) -> object:
    return await desk.problems.problems(only_open=not decided)


@router.get("/{problem_id}", operation_id="getProblem", response_model=ProblemOut,
            summary="One joint problem with its cases", responses=fails(*UNKNOWN))
async def one(problem_id: ProblemPath, desk: Desk, caller: Reader) -> object:  # noqa: ARG001
    return await desk.problems.problem(problem_id)


@router.post("/{problem_id}/cases", operation_id="addToProblem", response_model=ReplyOut,
             summary="Take a case in: its own open question, or a new one like the others",
             responses=fails(*UNKNOWN, "problem.nothing_open", "problem.too_many", *VERB, *BODY))
async def add(
    problem_id: ProblemPath, body: ProblemCaseIn, desk: Desk, caller: Operator, key: Key,
) -> object:
    return await desk.problems.add(
        problem_id, _like(key, caller, str(body.case_id)), text=body.text,
        fingerprint=key.fingerprint)


@router.post("/{problem_id}/removal", operation_id="removeFromProblem", response_model=ReplyOut,
             summary="Take a case out before the decision",
             responses=fails("problem.not_in", *VERB, *BODY))
async def remove(
    problem_id: ProblemPath, body: ProblemRemovalIn, desk: Desk, caller: Operator, key: Key,
) -> object:
    return await desk.problems.remove(
        problem_id, _like(key, caller, str(body.case_id)), text=body.text,
        fingerprint=key.fingerprint)


@router.post("/{problem_id}/decision", operation_id="decideProblem", response_model=SettledOut,
             summary="Decide the problem: every case gets its own decision (综合治理决定)",
             responses=fails(*UNKNOWN, "problem.nothing_open", *VERB, *BODY))
async def decide(
    problem_id: ProblemPath, body: ProblemDecisionIn, desk: Desk, caller: Operator, key: Key,
) -> object:
    return await desk.problems.decide(
        problem_id, like=_like(key, caller), lead=body.lead, assistants=body.assistants,
        text=body.text, fingerprint=key.fingerprint)
