"""The year of an office for its budget: volumes, storage, people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from node.edge.http.answers import fails, written
from node.edge.http.desk import Desk
from node.edge.http.gate import Reader
from node.edge.http.told import Told
from node.edge.sheets.plain import MEDIA

router = APIRouter(prefix="/api/v1/budget", tags=["work"])


class VolumeOut(Told):
    """What one office had to do."""

    office: str
    reported: int
    filed: int
    should_close: int
    closed: int


class MonthVolumeOut(VolumeOut):
    """The same of one month."""

    month: str


class StorageOut(Told):
    """The last measurement of a month, in bytes; growth is null for the first one measured."""

    month: str
    since: str = Field(description="The month that growth is counted from.")
    measured_at: datetime
    database_bytes: int
    blob_bytes: int
    blobs: int
    database_growth: int | None
    blob_growth: int | None
    growth: int | None
    accounts: int
    clerks: int


class StaffOut(Told):
    """People on the card of a unit."""

    unit_id: str
    name: str
    group: str
    address: str
    clerks: int


class PeopleOut(Told):
    """Live tokens by scope, and people on the units' cards."""

    accounts: dict[str, int]
    units: list[StaffOut]


class BudgetOut(Told):
    """A year of one office."""

    kind: str
    node: str
    node_name: str
    year: int
    as_of: datetime
    definition: dict[str, str]
    volumes: list[MonthVolumeOut]
    volumes_year: list[VolumeOut]
    storage: list[StorageOut]
    people: PeopleOut


@router.get("", operation_id="getBudget", response_model=BudgetOut,
            summary="Volumes, storage growth and people of a year, for the budget (经费测算)",
            description="Volumes are those of the evaluation. Storage is what this node measured "
            "of itself, a row a month.",
            responses={200: written("csv", "xlsx"), **fails(
                "evaluation.period", "evaluation.version", "evaluation.definition")})
async def budget(
    desk: Desk, _caller: Reader,
    year: Annotated[int, Query(ge=2000, le=9998, examples=[2026], description="The year.")],
    format_: Annotated[Literal["json", "csv", "xlsx"], Query(
        alias="format", description="json, csv or xlsx.")] = "json",
) -> Any:
    told = await desk.budget.year(year)
    if format_ == "json":
        return told
    from node.edge.sheets.budget import budget_table, budget_workbook

    data = budget_table(told) if format_ == "csv" else budget_workbook(told)
    name = f"budget-{told['node']}-{year}.{format_}"
    return Response(data, media_type=MEDIA[format_], headers={
        "Content-Disposition": f'attachment; filename="{name}"'})
