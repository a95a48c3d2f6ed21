"""Collectors in teams, beats and shifts; their training; beats that nobody patrols."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from node.edge.http.answers import fails
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Admin, Reader
from node.edge.http.imports import IMPORT_FAILS, SHEET_BODY, DryRun, SkipBad, taken
from node.edge.http.telling_tables import ImportOut
from node.edge.http.told import PageOut, Told
from node.service.imports.collectors import COLLECTORS, NUMBER, SHIFTS, TRAINING

router = APIRouter(prefix="/api/v1/collectors", tags=["units"])

NumberPath = Annotated[str, Path(description="Number of the collector.", pattern=NUMBER.pattern)]
Team = Annotated[str, Query(max_length=100, description="Only this team; empty = all.")]
Beat = Annotated[str, Query(
    max_length=100, description="Only those whose usual beat it is; empty = all.")]


class CollectorOut(Told):
    """Somebody who patrols; reports name them by `collector`."""

    collector: str
    name: str
    team: str
    firm: str
    beat: str
    valid_from: date | None
    valid_to: date | None
    note: str


class ShiftOut(Told):
    """One collector on one beat."""

    collector: str
    beat: str
    begins_at: datetime
    ends_at: datetime


class TrainingOut(Told):
    """One course that was attended."""

    day: date
    course: str
    hours: str
    result: str


class CollectorWholeOut(CollectorOut):
    """One collector with shifts of two weeks back and ahead, and all training."""

    shifts: list[ShiftOut]
    training: list[TrainingOut]


class BeatOut(Told):
    """Who patrols a beat on a day."""

    beat: str
    name: str
    staffed_minutes: int
    shifts: list[ShiftOut]


class BeatsOut(Told):
    """Every beat on a day, those that nobody patrols first."""

    day: date
    unstaffed: int
    beats: list[BeatOut]


@router.get("", operation_id="listCollectors", response_model=PageOut[CollectorOut],
            summary="Collectors by number (采集员名册)", responses=fails())
async def collectors(
    desk: Desk, _caller: Reader, team: Team = "", beat: Beat = "", after: After = "",
    limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.collectors.page(team=team, beat=beat, after=after, limit=limit)


@router.get("/beats", operation_id="listStaffing", response_model=BeatsOut,
            summary="Who patrols which beat on a day; unstaffed beats first (无人当班的网格)",
            responses=fails())
async def beats(
    desk: Desk, _caller: Reader,
    day: Annotated[date | None, Query(description="A day of Beijing time; empty = today.")] = None,
) -> object:
    return await desk.collectors.beats(day)


@router.get("/{number}", operation_id="getCollector", response_model=CollectorWholeOut,
            summary="One collector with shifts and training",
            responses=fails("collector.unknown"))
async def collector(number: NumberPath, desk: Desk, _caller: Reader) -> object:
    return await desk.collectors.one(number)


@router.post("", operation_id="importCollectors", response_model=ImportOut,
             summary="Import collectors from CSV or .xlsx: all of them or none",
             openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_collectors(
    request: Request, desk: Desk, _caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False,
) -> object:
    return await taken(request, COLLECTORS, desk.collectors.put, dry_run=dry_run,
                       skip_bad=skip_bad)


@router.post("/shifts", operation_id="importShifts", response_model=ImportOut,
             summary="Import shifts: all of them or none", openapi_extra=SHEET_BODY,
             responses={**IMPORT_FAILS, **fails("collector.unknown", "collector.overlap")})
async def import_shifts(
    request: Request, desk: Desk, _caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False,
) -> object:
    return await taken(request, SHIFTS, desk.collectors.put_shifts, dry_run=dry_run,
                       skip_bad=skip_bad)


@router.post("/training", operation_id="importTraining", response_model=ImportOut,
             summary="Import training records: all of them or none", openapi_extra=SHEET_BODY,
             responses={**IMPORT_FAILS, **fails("collector.unknown")})
async def import_training(
    request: Request, desk: Desk, _caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False,
) -> object:
    return await taken(request, TRAINING, desk.collectors.put_training, dry_run=dry_run,
                       skip_bad=skip_bad)
