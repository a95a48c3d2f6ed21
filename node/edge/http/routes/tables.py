"""The responsibility table: listed as JSON, imported as a sheet."""

from __future__ import annotations

from fastapi import APIRouter, Request

from node.edge.http.answers import fails
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Admin, Reader
from node.edge.http.imports import IMPORT_FAILS, SHEET_BODY, DryRun, SkipBad, taken
from node.edge.http.telling import ImportOut, PageOut, ResponsibilityOut
from node.service.imports.responsibilities import RESPONSIBILITIES

router = APIRouter(prefix="/api/v1", tags=["tables"])


@router.get("/responsibilities", operation_id="listResponsibilities",
            summary="The responsibility table (权责清单)",
            response_model=PageOut[ResponsibilityOut], responses=fails("page.cursor"))
async def responsibilities(
    desk: Desk, _caller: Reader, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.responsibilities(after, limit)


@router.post("/responsibilities", operation_id="importResponsibilities",
             summary="Import rows from CSV or .xlsx: all of them or none", response_model=ImportOut,
             description="Columns `standard_ref,kind,code,area,assignee` and optionally "
             "`duty,valid_from,valid_to`. A row with the same key replaces the old one.",
             openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_responsibilities(
    request: Request, desk: Desk, _caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False,
) -> object:
    return await taken(request, RESPONSIBILITIES, desk.import_responsibilities,
                       dry_run=dry_run, skip_bad=skip_bad)
