"""Sheets of the problem library (问题库报表): counted, published, received from below."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi import Path as PathOf
from pydantic import Field

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Operator, Reader
from node.edge.http.told import PageOut, Told

router = APIRouter(prefix="/api/v1/ledger/sheets", tags=["work"], route_class=JsonRoute)

NAMED = r"^[0-9]{4}[0-9W-]{0,6}$"
PERIOD_OF = "2026-11-25, 2026-W48 or 2026-11"
Period = Annotated[str, Query(max_length=10, pattern=NAMED, description=PERIOD_OF)]
PeriodPath = Annotated[str, PathOf(max_length=10, pattern=NAMED, description=PERIOD_OF)]
Node = Annotated[str, Query(
    max_length=64, pattern=r"^[0-9A-Z]*$", description="Whose sheet; empty = our own.")]
Format = Annotated[Literal["json", "csv", "xlsx"], Query(
    alias="format", description="json, csv or xlsx.")]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COUNT_FAILS = ("evaluation.period", "stock.span", "stock.unfinished", "stock.no_rules",
               "stock.too_many")


class FlowOut(Told):
    """What a period did to a stock: `opening + came - resolved = closing`."""

    opening: int
    came: int
    resolved: int
    closing: int


class SheetLineOut(Told):
    """One published sheet in a list."""

    node: str
    own: bool
    period: str
    span: str
    version: int
    drawn_at: str
    drawn_by: str
    received_at: str | None
    digest: str = Field(description="SHA-256 of the document in its canonical form.")


class SheetWholeOut(SheetLineOut):
    """One sheet as it was published."""

    document: dict[str, Any]


class BelowLineOut(Told):
    """What one office below has sent."""

    node: str
    name: str
    state: str = Field(description="received, awaited or missing.")
    version: int
    received_at: str | None
    digest: str
    total: FlowOut | None


class BelowOut(Told):
    """What the offices below have sent of a period."""

    period: str
    expected: bool = Field(description="Whether the rules ask for sheets of this length.")
    due_at: str
    late_from: str = Field(description="From then on what is not here is missing.")
    lines: list[BelowLineOut]


class PublishSheetIn(Asked):
    """Which period to publish."""

    period: str = Field(max_length=10, pattern=NAMED, description=PERIOD_OF)


@router.get("", operation_id="listStockSheets", response_model=PageOut[SheetLineOut],
            summary="Published sheets, ours and those from below, newest period first",
            responses=fails("page.cursor"))
async def sheets(
    desk: Desk, _caller: Reader,
    node: Annotated[str, Query(
        max_length=64, pattern=r"^[0-9A-Z]*$", description="Whose; empty = everybody's.")] = "",
    span: Annotated[Literal["", "day", "week", "month"], Query(
        description="Length of the periods.")] = "",
    after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.stock.sheets(node=node, span=span, after=after, limit=limit)


@router.get("/below", operation_id="listStockBelow", response_model=BelowOut,
            summary="Who of the offices below has sent the sheet of a period, and who has not",
            responses=fails(*COUNT_FAILS))
async def below(desk: Desk, _caller: Reader, period: Period) -> object:
    return await desk.stock.below(period)


@router.get("/count", operation_id="countStock",
            summary="The sheet of a finished period as it would be published (预览)",
            responses=fails(*COUNT_FAILS))
async def count(
    desk: Desk, _caller: Reader, period: Period,
    unit: Annotated[str, Query(
        max_length=80, examples=["node:420203"], description="What lay with it alone.")] = "",
    format_: Format = "json",
) -> Any:
    told = await desk.stock.count(period, unit=unit)
    return told if format_ == "json" else _file(told, format_)


@router.post("", operation_id="publishStock", status_code=201, response_model=SheetLineOut,
             summary="Publish the sheet of a finished period and send it to the office above",
             description="Figures that were published already are not published again: the "
             "newest version is returned as it is.",
             responses=fails(*COUNT_FAILS, *BODY))
async def publish(body: PublishSheetIn, desk: Desk, caller: Operator) -> object:
    return await desk.stock.publish(body.period, actor=caller.name)


@router.get("/{period}", operation_id="getStockSheet", response_model=SheetWholeOut,
            summary="One sheet as it was published",
            responses=fails("stock.unknown"))
async def sheet(
    period: PeriodPath, desk: Desk, _caller: Reader, node: Node = "",
    version: Annotated[int, Query(ge=0, le=2**31 - 1, description="0 = the newest.")] = 0,
    format_: Format = "json",
) -> Any:
    found = await desk.stock.sheet(period, node=node, version=version)
    return found if format_ == "json" else _file(found["document"], format_)


def _file(document: dict[str, Any], format_: str) -> Response:
    from node.edge.sheets.stock import stock_table, stock_workbook

    data = stock_table(document) if format_ == "csv" else stock_workbook(document)
    name = f"ledger-{document['node']}-{document['period']}.{format_}"
    return Response(data, media_type=MEDIA[format_], headers={
        "Content-Disposition": f'attachment; filename="{name}"'})
