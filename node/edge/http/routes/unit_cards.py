"""Responsible units and their cards, gaps on them, and the set-up checklist."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from node.core.errors import Invalid
from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Instant, Name, Short, Text
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit, Tongue
from node.edge.http.gate import Admin, Caller, Reader
from node.edge.http.imports import IMPORT_FAILS, SHEET_BODY, DryRun, SkipBad, taken
from node.edge.http.limits import PHOTOS_MAX
from node.edge.http.telling_tables import ImportOut
from node.edge.http.told import PageOut, Told, spoken
from node.service.imports.units import ID, UNITS
from node.service.office import Office
from node.service.unit_kinds import unit_kinds
from node.service.unit_views import Clerk, Plan, UnitCard, Way, own_way

router = APIRouter(prefix="/api/v1", tags=["units"])

UnitPath = Annotated[str, Path(
    description="Id of the unit.", pattern=ID.pattern, examples=["36"],
)]


class ClerkOut(Told):
    """Somebody who takes over cases. Phone numbers are masked for who has none of the roles."""

    name: str
    phone: str = ""
    active: bool = True
    account: str = ""


class PlanOut(Told):
    """An emergency plan."""

    title: str
    digest: str = ""
    place: str = ""


class UnitOut(Told):
    """A responsible unit's card (责任单位)."""

    unit_id: str
    name: str
    kind: str
    group: str
    parent: str
    region: str
    territorial: bool
    address: str
    way: str
    credit_code: str
    leader: str
    leader_phone: str
    section: str
    crew: str
    duty_phone: str
    clerks: list[ClerkOut]
    plans: list[PlanOut]
    note: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class GapOut(Told):
    """What one card leaves open. `refused`: no order can be sent there as it stands."""

    unit_id: str
    name: str
    refused: bool
    lacks: list[str]
    sentence: str


class StepOut(Told):
    """One line of the set-up checklist."""

    subject: str
    complete: bool
    there: int
    missing: int
    sentence: str


class ClerkIn(Asked):
    """Somebody who takes over cases."""

    name: Name = Field(examples=["值班受理员"])
    phone: Short = Field(default="", examples=["0714-6350000"])
    active: bool = True
    account: Short = ""


class PlanIn(Asked):
    """An emergency plan, stored here by digest or kept elsewhere."""

    title: Name = Field(examples=["供水管网爆管应急处置方案"])
    digest: Short = ""
    place: Short = ""


class UnitIn(Asked):
    """A whole card; it replaces what is there."""

    name: Name = Field(examples=["市自来水公司"])
    kind: Name = Field(examples=["enterprise"], description="A key of the unit kinds.")
    group: Short = Field(default="", description="Absent: the group of its kind.")
    parent: Short = ""
    region: Annotated[str, Field(pattern=r"^[0-9A-Z]{0,18}$")] = ""
    address: Short = Field(default="", examples=["adapter:water"])
    way: Way = Way.NONE
    credit_code: Short = ""
    leader: Short = ""
    leader_phone: Short = ""
    section: Short = ""
    crew: Short = ""
    duty_phone: Short = ""
    clerks: tuple[ClerkIn, ...] = Field(default=(), max_length=PHOTOS_MAX)
    plans: tuple[PlanIn, ...] = Field(default=(), max_length=PHOTOS_MAX)
    note: Text = ""
    valid_from: Instant | None = None
    valid_to: Instant | None = None

    def value(self, unit_id: str) -> UnitCard:
        kind = unit_kinds().kinds.get(self.kind)
        if kind is None:
            names = ", ".join(sorted(unit_kinds().kinds))
            raise Invalid(f"kind is none of {names}", code="unit.kind", field="kind", kinds=names)
        values: dict[str, Any] = self.model_dump(exclude={"clerks", "plans", "group", "way"})
        return UnitCard(
            **values, unit_id=unit_id, territorial=kind.territorial,
            group=self.group or kind.group, way=self.way or own_way(self.address),
            clerks=tuple(Clerk(**one.model_dump()) for one in self.clerks),
            plans=tuple(Plan(**one.model_dump()) for one in self.plans),
        )


def _sees_phones(desk: Office, caller: Caller) -> bool:
    return desk.privacy.sees("clerk.phone", caller.roles)


@router.get("/units", operation_id="listUnits", summary="Responsible units (责任单位)",
            response_model=PageOut[UnitOut], responses=fails())
async def units(
    desk: Desk, caller: Reader, after: After = "", limit: Limit = LIMIT_DEFAULT,
    group: Annotated[str, Query(max_length=64, description="Only of this group.")] = "",
) -> object:
    found, following = await desk.cards.page(
        after, limit, reveal=_sees_phones(desk, caller), group=group)
    return PageOut[UnitOut](
        items=[UnitOut.model_validate(card) for card in found], next=following)


@router.post("/units", operation_id="importUnits",
             summary="Import cards from CSV or .xlsx: all of them or none",
             description="Columns `unit_id,name,kind` and optionally `group,parent,region,address,"
             "way,credit_code,leader,leader_phone,section,crew,duty_phone,clerks,note`. A card "
             "with the same id is replaced.",
             response_model=ImportOut, openapi_extra=SHEET_BODY, responses=IMPORT_FAILS)
async def import_units(
    request: Request, desk: Desk, _caller: Admin, dry_run: DryRun = False,
    skip_bad: SkipBad = False,
) -> object:
    return await taken(request, UNITS, desk.cards.put, dry_run=dry_run, skip_bad=skip_bad)


@router.get("/units/gaps", operation_id="listUnitGaps",
            summary="What unit cards leave open, unreachable units first",
            response_model=list[GapOut], responses=fails())
async def gaps(desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return [spoken(gap, tongue) for gap in await desk.cards.gaps()]


@router.get("/setup", operation_id="getSetup",
            summary="What is set up and what is missing", response_model=list[StepOut],
            responses=fails())
async def setup(desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return [spoken(step, tongue) for step in await desk.cards.checklist()]


@router.get("/units/{unit_id}", operation_id="getUnit", summary="One card",
            response_model=UnitOut, responses=fails("unit.unknown"))
async def unit(unit_id: UnitPath, desk: Desk, caller: Reader) -> object:
    return await desk.cards.card(unit_id, reveal=_sees_phones(desk, caller))


cards = APIRouter(prefix="/api/v1", tags=["units"], route_class=JsonRoute)
"""Routes whose body is JSON."""


@cards.put("/units/{unit_id}", operation_id="putUnit",
           summary="Write one card; it replaces what is there", response_model=ImportOut,
           responses=fails("case.invalid", "unit.kind", *BODY))
async def put_unit(unit_id: UnitPath, body: UnitIn, desk: Desk, _caller: Admin) -> object:
    result = await desk.cards.put([body.value(unit_id)])
    return ImportOut(rows=1, added=result.added, replaced=result.replaced)
