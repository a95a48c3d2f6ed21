"""Collectors who call for help (采集员报警), and the duty desk that looks after it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field, model_validator

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Instant, Name, Short, Text, Words
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Operator, Reader
from node.edge.http.repeats import Once, once
from node.edge.http.told import PageOut, Told
from node.service.alarms import Call

router = APIRouter(prefix="/api/v1/alarms", tags=["alarms"], route_class=JsonRoute)

AlarmPath = Annotated[UUID, Path(description="Id of the alarm.")]
DUTY = ("alarm.unknown", "alarm.role")


class AlarmIn(Asked):
    """A call for help."""

    kind: Name = Field(examples=["threat"], description="One of the kinds (`GET /alarms/choices`).")
    text: Text = Field(default="", examples=["被多人围堵"])
    collector: Short = Field(
        default="", description="Who is in danger; empty = the account that calls.",
        examples=["C017"])
    at: Instant | None = Field(
        default=None, description="When, as the device says; absent = now. A device that had no "
        "network sends its own time; one that runs ahead is set to the arrival.")
    x: float | None = Field(default=None, allow_inf_nan=False, examples=[115.1012],
                            description="Longitude or easting.")
    y: float | None = Field(default=None, allow_inf_nan=False, examples=[30.2025])
    crs: Name = Field(default="CGCS2000", description="System of the point, as of reports.")
    accuracy_m: float | None = Field(default=None, ge=0, le=100_000, allow_inf_nan=False)

    @model_validator(mode="after")
    def _is_a_point(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError("a point has two numbers")
        return self


class TakeIn(Asked):
    """Somebody looks after it."""

    over: bool = Field(default=False, description="In the place of whoever has taken it.")


class SettleAlarmIn(Asked):
    """What was done."""

    outcome: Name = Field(examples=["police"], description="One of the outcomes.")
    report: Words = Field(examples=["已报 110，民警到场，采集员安全撤离"])
    reference: Short = Field(default="", examples=["接警单 20261126-031"],
                             description="Number of the police's record.")


class AlarmOut(Told):
    """An alarm as everybody who works here sees it."""

    id: str
    state: str = Field(description="raised, taken or settled.")
    version: int
    collector: str
    kind: str
    at: datetime
    received_at: datetime
    taken_by: str
    taken_at: datetime | None
    settled_by: str
    settled_at: datetime | None
    outcome: str


class AlarmWholeOut(AlarmOut):
    """With what only the duty desk reads. ``lon`` and ``lat`` are CGCS2000; ``x``, ``y`` and
    ``crs`` what the device gave."""

    raised_by: str
    text: str
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    crs: str
    accuracy_m: float | None
    report: str
    reference: str


class ChoiceOut(Told):
    """A code with its names."""

    code: str
    zh: str
    en: str


class ChoicesOut(Told):
    """What may be chosen, and who is the duty desk."""

    kinds: list[ChoiceOut]
    outcomes: list[ChoiceOut]
    duty: list[str] = Field(description="Roles; one is enough.")
    take_within_min: float


@router.post("", operation_id="raiseAlarm", response_model=AlarmOut, status_code=201,
             summary="Call for help (采集员报警): the duty desk is told at once",
             responses=fails("alarm.kind", "place.crs", "place.point", "idempotency.invalid",
                             "idempotency.mismatch", *BODY))
async def call(
    body: AlarmIn, desk: Desk, caller: Operator, key: Annotated[Once, Depends(once)],
) -> object:
    return await desk.alarms.raise_one(
        Call(
            alarm_id=str(key.command_id), kind=body.kind, text=body.text,
            collector=body.collector or caller.name, at=body.at, x=body.x, y=body.y,
            crs=body.crs, accuracy_m=body.accuracy_m,
        ),
        actor=caller.name,
    )


@router.get("", operation_id="listAlarms", response_model=PageOut[AlarmOut],
            summary="Alarms that are open, or settled ones, the newest first; without their place",
            responses=fails("page.cursor"))
async def alarms(
    desk: Desk, _caller: Reader,
    settled: Annotated[bool, Query(description="The settled ones instead.")] = False,
    after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.alarms.list(settled=settled, after=after, limit=limit)


@router.get("/choices", operation_id="listAlarmChoices", response_model=ChoicesOut,
            summary="Kinds of alarms, what may be done, and who is the duty desk",
            responses=fails())
async def choices(desk: Desk, _caller: Reader) -> object:
    return desk.alarms.choices()


@router.get("/{alarm_id}", operation_id="getAlarm", response_model=AlarmWholeOut,
            summary="One alarm with its place, for the duty desk (audited)",
            responses=fails(*DUTY))
async def alarm(alarm_id: AlarmPath, desk: Desk, caller: Reader) -> object:
    return await desk.alarms.one(str(alarm_id), actor=caller.name, roles=caller.roles)


@router.post("/{alarm_id}/take", operation_id="takeAlarm", response_model=AlarmWholeOut,
             summary="Look after it; the answer has its place (接警)",
             responses=fails(*DUTY, "alarm.taken", "alarm.settled", *BODY))
async def take(alarm_id: AlarmPath, body: TakeIn, desk: Desk, caller: Operator) -> object:
    return await desk.alarms.take(
        str(alarm_id), actor=caller.name, roles=caller.roles, over=body.over)


@router.post("/{alarm_id}/settle", operation_id="settleAlarm", response_model=AlarmWholeOut,
             summary="Say what was done, which ends it (处警结果)",
             responses=fails(*DUTY, "alarm.outcome", "alarm.report", "alarm.settled", *BODY))
async def settle(
    alarm_id: AlarmPath, body: SettleAlarmIn, desk: Desk, caller: Operator,
) -> object:
    return await desk.alarms.settle(
        str(alarm_id), outcome=body.outcome, report=body.report, reference=body.reference,
        actor=caller.name, roles=caller.roles)
