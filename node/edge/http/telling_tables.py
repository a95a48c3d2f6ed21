"""What callers are told of the city's tables: what an import did, who answers for what, whom the
tables name for a case."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from node.edge.http.problems import Fault
from node.edge.http.telling import LimitsOut
from node.edge.http.told import Told


class ImportOut(Told):
    """What an import did; `dry_run` counts without storing."""

    rows: int
    added: int
    replaced: int
    dry_run: bool = False
    aside: int = Field(default=0, description="Rows that wait for a person to map them.")
    skipped: int = Field(default=0, description="Wrong rows that were left out on request.")
    faults: list[Fault] = Field(default_factory=list, description="What is wrong with them.")
    warnings: list[Fault] = Field(
        default_factory=list, description="Rows that were taken and deserve a look.")
    notes: list[str] = Field(default_factory=list, description="What comes of it, in sentences.")


class ResponsibilityOut(Told):
    """One row of the responsibility table."""

    id: str | int | None = None
    standard_ref: str
    kind: str
    code: str
    area: str
    unit: str = ""
    assignee: str = ""
    duty: str = ""
    qualifier: str = ""
    zone: str = ""
    phrase: str = ""
    note: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class ProposalOut(Told):
    """Whom the tables name, and why."""

    assignee: str = Field(description="Empty: nobody, several or nobody in reach; see `reason`.")
    duty: str = ""
    limits: LimitsOut | None = None
    candidates: list[str] = Field(default=[])
    reason: str = Field(default="", description="A sentence: what decided, or why nobody could.")
    reason_code: str = Field(default="", examples=["row", "maintainer", "area_first", "several"])
    unit: str = Field(default="", description="The unit that is proposed, by its name.")
    units: list[str] = Field(default=[], description="All that fit best.")
    over: list[str] = Field(default=[], description="Who would fit too and gave way.")
    assistants: list[str] = Field(default=[])


class PlanFileOut(Told):
    """An emergency plan (应急处置方案): its stored file, or where it lies."""

    title: str
    digest: str = ""
    place: str = ""


class StandbyOut(Told):
    """Of one unit's card, what a dispatcher needs in an emergency."""

    unit_id: str
    name: str
    address: str = ""
    section: str = ""
    crew: str = Field(default="", description="处置队伍.")
    duty_phone: str = Field(default="", description="值班电话.")
    plans: list[PlanFileOut] = Field(default=[])
