"""Responsibility table and filing conditions: listed as JSON, imported as CSV."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from node.edge.http.answers import fails
from node.edge.http.bodies import csv_text
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Admin, Reader
from node.edge.http.problems import BadCall, Fault, language
from node.edge.http.telling import ConditionOut, ImportOut, PageOut, ResponsibilityOut
from node.service.tables import Item, Parsed, parse_conditions, parse_responsibilities

router = APIRouter(prefix="/api/v1", tags=["tables"])

DryRun = Annotated[bool, Query(description="Check every row, store nothing.")]
CSV_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {
    "text/csv": {"schema": {"type": "string"}}}}}
IMPORT_FAILS = fails("table.invalid", "body.encoding", "body.too_large", "body.media_type")


@router.get("/responsibilities", operation_id="listResponsibilities",
            summary="The responsibility table (权责清单)",
            response_model=PageOut[ResponsibilityOut], responses=fails("page.cursor"))
async def responsibilities(
    desk: Desk, _caller: Reader, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.responsibilities(after, limit)


@router.post("/responsibilities", operation_id="importResponsibilities",
             summary="Import rows from CSV: all of them or none", response_model=ImportOut,
             description="Columns `standard_ref,kind,code,area,assignee` and optionally "
             "`duty,valid_from,valid_to`. A row with the same key replaces the old one.",
             openapi_extra=CSV_BODY, responses=IMPORT_FAILS)
async def import_responsibilities(
    request: Request, desk: Desk, _caller: Admin, dry_run: DryRun = False,
) -> object:
    rows = _sound(parse_responsibilities(await csv_text(request)), request)
    if dry_run:
        return ImportOut(rows=len(rows), added=0, replaced=0, dry_run=True)
    result = await desk.import_responsibilities(rows)
    return ImportOut(rows=len(rows), added=result.added, replaced=result.replaced)


@router.get("/conditions", operation_id="listConditions",
            summary="Filing conditions (立案条件) with their limits",
            response_model=PageOut[ConditionOut], responses=fails("page.cursor"))
async def conditions(
    desk: Desk, _caller: Reader, after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.conditions(after, limit)


@router.post("/conditions", operation_id="importConditions",
             summary="Import filing conditions from CSV: all of them or none",
             description="Columns `standard_ref,kind,code,condition_no,filing` and optionally "
             "`name,closing,limit_text` (as printed: `4小时`, `2紧急工作时`, `5天`) or "
             "`limit_count,limit_unit`.",
             response_model=ImportOut, openapi_extra=CSV_BODY, responses=IMPORT_FAILS)
async def import_conditions(
    request: Request, desk: Desk, _caller: Admin, dry_run: DryRun = False,
) -> object:
    rows = _sound(parse_conditions(await csv_text(request)), request)
    if dry_run:
        return ImportOut(rows=len(rows), added=0, replaced=0, dry_run=True)
    result = await desk.import_conditions(rows)
    return ImportOut(rows=len(rows), added=result.added, replaced=result.replaced)


def _sound(parsed: Parsed[Item], request: Request) -> tuple[Item, ...]:
    if parsed.faults:
        tongue = language(request.headers.get("accept-language", ""))
        raise BadCall(
            "table.invalid", f"{len(parsed.faults)} row(s) cannot be imported; nothing was stored",
            faults=[
                Fault(pointer=f"row/{fault.row}" + (f"/{fault.column}" if fault.column else ""),
                      code=fault.code, detail=fault.sentence.say(tongue))
                for fault in parsed.faults
            ],
        )
    return parsed.rows
