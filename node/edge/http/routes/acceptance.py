"""The acceptance run (验收): what is demanded of this office, measured and judged."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from node.edge.http.answers import fails, written
from node.edge.http.desk import Desk
from node.edge.http.gate import Reader
from node.edge.http.told import Told

router = APIRouter(prefix="/api/v1/acceptance", tags=["evaluation"])


class CheckOut(Told):
    """One demand, its number and verdict."""

    code: str
    zh: str
    en: str
    measure: str
    of: list[str] = Field(description="For a rate: subject, rate and column of the indicators.")
    unit: str = Field(description="count, share, per_km2, months or hours.")
    value: float | None = Field(description="null = nothing to compute it from; that fails.")
    counted: int | None
    out_of: int | None
    at_least: float | None
    at_most: float | None
    verdict: str = Field(description="pass, fail or not_applicable.")
    source: str = Field(description="Where the demand comes from.")
    mend_zh: str
    mend_en: str


class AcceptanceOut(Told):
    """One run over the node's state of this instant. Nothing of it is kept."""

    kind: str
    node: str
    node_name: str
    profile: str
    as_of: datetime
    title: str
    version: str
    digest: str = Field(description="SHA-256 of the file of criteria.")
    source: str
    rights: list[str]
    months: list[str] = Field(description="Whole months whose cases are looked at.")
    begins: datetime
    ends: datetime
    passed: bool
    counts: dict[str, int]
    checks: list[CheckOut]


@router.get("", operation_id="runAcceptance", response_model=AcceptanceOut,
            summary="Measure this office against the criteria of acceptance (验收)",
            responses={200: written("html", "csv", "xlsx"), **fails("evaluation.definition")})
async def run(
    desk: Desk, _caller: Reader,
    format_: Annotated[Literal["json", "html", "csv", "xlsx"], Query(
        alias="format", description="json, html, csv or xlsx.")] = "json",
) -> Any:
    document = await desk.acceptance.run()
    if format_ == "json":
        return document
    from node.edge.sheets import MEDIA_TYPES
    from node.edge.sheets import acceptance as sheets

    render = {"html": sheets.acceptance_page, "csv": sheets.acceptance_table,
              "xlsx": sheets.acceptance_workbook}[format_]
    name = f"acceptance-{document['node']}.{format_}"
    data = await asyncio.to_thread(render, document)
    return Response(data, media_type=MEDIA_TYPES[format_], headers={
        "Content-Disposition": f'{"inline" if format_ == "html" else "attachment"}; '
        f'filename="{name}"'})
