"""Shared data sets (数据共享): what neighbours may read of us, and reading theirs, at once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Words
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk
from node.edge.http.gate import Operator, Reader
from node.edge.http.told import Told
from node.service.sharing.room import ROWS_MAX, Wanted

router = APIRouter(prefix="/api/v1/shared", tags=["links"], route_class=JsonRoute)

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class DataSetOut(Told):
    """One data set of this office."""

    code: str
    zh: str
    en: str
    sharing: str = Field(description="free, approved or barred.")
    basis: str = Field(description="The approval, or the law that bars it.")
    source: str
    layer: str
    nodes: list[str] = Field(description="Whom it was approved for.")


class CatalogueOut(Told):
    """What this office shares, and what a law bars."""

    version: str
    free_not_for: list[str] = Field(description="Groups of units that need an approval.")
    datasets: list[DataSetOut]


class ReadIn(Asked):
    """Read a page of a neighbour's data set."""

    node: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,32}$")] = Field(
        examples=["420203"])
    dataset: Code = Field(examples=["components"])
    after: Annotated[str, StringConstraints(max_length=200)] = ""
    limit: int = Field(default=ROWS_MAX, ge=1, le=ROWS_MAX)
    purpose: Words = Field(examples=["部件更新比对"], description="Recorded at both ends.")

    def value(self, actor: str) -> Wanted:
        return Wanted(dataset=self.dataset, after=self.after, limit=self.limit, actor=actor,
                      purpose=self.purpose)


class SharedOut(Told):
    """One page as it was at `as_of`; ask again with `after=<next>`."""

    dataset: str
    sharing: str
    rows: list[dict[str, Any]]
    next: str
    as_of: datetime


class SharedEntryOut(Told):
    """Who read what, or was refused."""

    at: datetime
    side: str = Field(description="ASKED (we read), ANSWERED (we gave), REFUSED (we did not).")
    peer: str
    actor: str
    purpose: str = Field(description="Data set, code of a refusal, and the purpose.")
    row_count: int


@router.get("", operation_id="listDatasets", response_model=CatalogueOut,
            summary="What this office shares, with whom, and what a law bars (共享目录)",
            responses=fails())
async def datasets(desk: Desk, _caller: Reader) -> object:
    found = desk.sharing.catalogue
    return {
        "version": found.version, "free_not_for": sorted(found.free_not_for),
        "datasets": [{**{name: getattr(one, name) for name in DataSetOut.model_fields},
                      "nodes": sorted(one.nodes)} for one in found.sets.values()]}


@router.post("/read", operation_id="readDataset", response_model=SharedOut,
             summary="Read a neighbour's data set as it is now (audited at both ends)",
             responses=fails("share.unknown", "share.barred", "share.not_approved",
                             "case.no_route", "case.invalid", "link.unreachable",
                             "envelope.malformed", *BODY))
async def read(body: ReadIn, desk: Desk, caller: Operator) -> object:
    return await desk.sharing.read(body.node, body.value(caller.name))


@router.get("/log", operation_id="listSharing", response_model=list[SharedEntryOut],
            summary="Who read what here, and who was refused, newest first", responses=fails())
async def log(desk: Desk, _caller: Operator) -> object:
    return await desk.sharing.log()
