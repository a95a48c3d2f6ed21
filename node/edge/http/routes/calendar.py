"""The working calendar of this office: shown, asked, checked, imported."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request

from node.edge.http.answers import fails
from node.edge.http.asked import CLEAN, Instant
from node.edge.http.calendar_words import CalendarOut, DueOut
from node.edge.http.desk import Desk, Tongue
from node.edge.http.gate import Admin, Reader
from node.edge.http.imports import IMPORT_FAILS, SHEET_BODY, DryRun, SkipBad, taken
from node.edge.http.limits import SHORT_CHARS_MAX
from node.edge.http.telling_house import FindingOut
from node.edge.http.telling_tables import ImportOut
from node.edge.http.told import spoken
from node.service.imports.calendar import CALENDAR

router = APIRouter(prefix="/api/v1", tags=["calendar"])

YEAR_MAX = 9999
VERSION_MAX = 2**31 - 1


@router.get("/calendar", operation_id="getCalendar", response_model=CalendarOut,
            summary="The working calendar: hours, holidays, make-up workdays",
            responses=fails("calendar.unknown"))
async def calendar(
    desk: Desk, _caller: Reader,
    version: Annotated[int, Query(
        ge=0, le=VERSION_MAX, description="An earlier version; 0 = the present one.")] = 0,
    year: Annotated[int, Query(
        ge=0, le=YEAR_MAX, description="Days of this year only; 0 = all.")] = 0,
) -> object:
    return await desk.calendars.show(version, year)


@router.get("/calendar/due", operation_id="getDue", response_model=DueOut,
            summary="Where a limit ends", responses=fails("calendar.limit", "case.invalid"))
async def due(
    desk: Desk, _caller: Reader,
    limit: Annotated[str, CLEAN, Query(
        min_length=1, max_length=SHORT_CHARS_MAX, examples=["4工作时"],
        description="As a clerk writes it: 4工作时, 2工作日, 2紧急工作时, 3自然日, 30分钟.")],
    start: Annotated[Instant | None, Query(
        description="ISO 8601 with a zone; absent = now.")] = None,
) -> object:
    return desk.calendars.due(limit, start)


@router.get("/calendar/check", operation_id="checkCalendar", response_model=list[FindingOut],
            summary="What is missing or odd in the calendar", responses=fails())
async def check(desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return [spoken(finding, tongue) for finding in await desk.calendars.check()]


@router.post("/calendar", operation_id="importCalendar", response_model=ImportOut,
             summary="Import days and hours from CSV or .xlsx: a new version",
             description="Columns `kind,date` and optionally `valid_to,hours,weekdays,note`. "
             "`kind` is holiday, workday, ordinary or hours. Rows are added to the present version "
             "or replace what it says of the same day, or of hours with the same validity.",
             openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_calendar(
    request: Request, desk: Desk, caller: Admin, dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> object:
    return await taken(request, CALENDAR, partial(desk.calendars.add, actor=caller.name),
                       dry_run=dry_run, skip_bad=skip_bad)
