"""Personal data of this office (个人信息): what there is, who saw it, erasing in time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Instant
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk
from node.edge.http.gate import Admin, Reader
from node.edge.http.told import Told

router = APIRouter(prefix="/api/v1/personal", tags=["personal data"], route_class=JsonRoute)


class FieldOut(Told):
    """One kind of personal data."""

    name: str
    zh: str
    en: str
    kind: str = Field(description="identity, contact, location, image or text.")
    where: str
    mask: str = Field(description="name, phone or none (left out).")
    roles: list[str] = Field(description="Who sees it when reading for a purpose.")
    unmask: list[str] = Field(description="Who may see one of one case for a reason.")
    legs: list[str] = Field(description="Words that carry it to other offices.")
    keep_days: int = Field(description="After the matter has ended; 0 = see `kept_by`.")
    kept_by: str


class FieldsOut(Told):
    """The table of personal data of this office."""

    version: str
    source: str
    fields: list[FieldOut]


class PurgeIn(Asked):
    """Whether it is only counted."""

    dry_run: bool = True


class PurgedOut(Told):
    """What was, or would be, erased of one field."""

    field: str
    zh: str
    en: str
    before: datetime = Field(description="What ended before this.")
    rows: int
    more: bool = Field(description="At least that many.")


class UnmaskingOut(Told):
    """How often somebody saw masked fields."""

    actor: str
    count: int
    last: datetime


@router.get("/fields", operation_id="listPersonalFields", response_model=FieldsOut,
            summary="Which personal data there is, who sees it, how long it is kept",
            responses=fails())
async def fields(desk: Desk, _caller: Reader) -> object:
    return desk.privacy.table()


@router.post("/purge", operation_id="purgePersonal", response_model=list[PurgedOut],
             summary="Erase what was kept long enough; `dry_run` only counts (the node does it "
             "once a day)",
             responses=fails(*BODY))
async def purge(body: PurgeIn, desk: Desk, caller: Admin) -> object:
    return await desk.privacy.purge(dry_run=body.dry_run, actor=caller.name)


@router.get("/unmaskings", operation_id="countUnmaskings", response_model=list[UnmaskingOut],
            summary="How often who saw masked fields, the busiest first (for the auditor)",
            responses=fails())
async def unmaskings(
    desk: Desk, _caller: Reader,
    since: Annotated[Instant, Query(description="From this instant on.")],
) -> object:
    return await desk.privacy.unmaskings(since)
