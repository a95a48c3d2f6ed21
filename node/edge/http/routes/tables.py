"""The responsibility table: listed as JSON, imported as a sheet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Short
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Admin, Reader
from node.edge.http.imports import IMPORT_FAILS, SHEET_BODY, DryRun, SkipBad, taken
from node.edge.http.limits import SHORT_CHARS_MAX
from node.edge.http.problems import BadCall
from node.edge.http.telling_tables import ImportOut, ResponsibilityOut
from node.edge.http.told import Counted, PageOut, Told
from node.service.imports.responsibilities import RESPONSIBILITIES

router = APIRouter(prefix="/api/v1", tags=["tables"])


class UnmappedOut(Told):
    """A phrase of a responsibility list that waits for a person. `code` is only what the list
    proposes."""

    id: int
    unit: str
    phrase: str
    area: str
    duty: str
    qualifier: str
    standard_ref: str
    kind: str
    code: str
    name: str
    note: str
    created_at: datetime


class MapIn(Asked):
    """The class that a phrase means; an empty code says that it has none."""

    standard_ref: Short = Field(default="", examples=["GB/T 47678.5-2026"])
    kind: Literal["component", "matter"] | None = None
    code: Short = Field(default="", examples=["01028"])


@router.get("/responsibilities", operation_id="listResponsibilities",
            summary="The responsibility table (权责清单)",
            response_model=PageOut[ResponsibilityOut], responses=fails("page.cursor"))
async def responsibilities(
    desk: Desk, _caller: Reader, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.responsibilities(after, limit)


@router.post("/responsibilities", operation_id="importResponsibilities",
             summary="Import rows from CSV or .xlsx: all of them or none", response_model=ImportOut,
             description="Columns `standard_ref,kind,code` and `unit` or `assignee`, optionally "
             "`area,duty,qualifier,zone,phrase,mapping,note,valid_from,valid_to`. A row with the "
             "same key replaces the old one; a phrase without a class is kept for a person.",
             openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_responsibilities(
    request: Request, desk: Desk, _caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False, *,
    standard_ref: Annotated[str, Query(
        max_length=SHORT_CHARS_MAX, description="For a sheet without that column.")] = "",
    area: Annotated[str, Query(
        pattern=r"^[0-9A-Z]{0,18}$", description="For a sheet without that column.")] = "",
) -> object:
    return await taken(request, RESPONSIBILITIES, desk.import_responsibilities,
                       dry_run=dry_run, skip_bad=skip_bad,
                       given={"standard_ref": standard_ref, "area": area})


@router.get("/responsibilities/unmapped", operation_id="listUnmappedPhrases",
            summary="Phrases of lists that no class is known for yet",
            response_model=PageOut[UnmappedOut], responses=fails("page.cursor"))
async def unmapped(
    desk: Desk, _caller: Reader, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.duties.unmapped(after, limit)


mapping = APIRouter(prefix="/api/v1", tags=["tables"], route_class=JsonRoute)
"""Routes whose body is JSON."""


@mapping.post("/responsibilities/unmapped/{phrase}", operation_id="mapPhrase",
              summary="Give a phrase its class, or say that it has none here",
              response_model=Counted, responses=fails("http.not_found", *BODY))
async def map_phrase(
    phrase: Annotated[int, Path(ge=1, le=2**53, description="Id of the phrase.")],
    body: MapIn, desk: Desk, caller: Admin,
) -> object:
    done = await desk.duties.map_phrase(
        phrase, standard_ref=body.standard_ref, kind=body.kind or "", code=body.code,
        actor=caller.name)
    if not done:
        raise BadCall("http.not_found", f"no unmapped phrase {phrase} waits here")
    return Counted(count=1)
