"""What is asked and told about standards, as pydantic models."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from node.edge.http.asked import Asked, Name, Short, Text, Words
from node.edge.http.told import Told


class EditionOut(Told):
    """One version of one standard at this node."""

    standard_ref: str
    version: int
    standing: str = Field(examples=["draft", "approved", "active", "superseded"])
    digest: str = Field(description="SHA-256 of what it says, equal at every node that holds the "
                        "same; empty for a draft.")
    effective_from: date | None = Field(default=None, description="Null: since ever.")
    effective_to: date | None = Field(default=None, description="Last day; null: open end.")
    basis: str = Field(examples=["person", "shipped", "installed", "published"])
    authors: list[str] = Field(default_factory=list, description="Who wrote in it.")
    approved_by: str = ""
    approved_at: datetime | None = None
    digits: str = Field(examples=["2+3"], description="Digits of major and minor class.")
    source: str = ""
    note: str = ""
    published_by: str = Field(default="", description="The node that it was taken over from.")
    published_version: int = 0


class TakenOut(EditionOut):
    """An edition that was taken over, and what its signature is worth."""

    signature: str = Field(examples=["holds", "unknown", "none"], description="`unknown`: signed "
                           "by a node or with a key of which nothing is known here.")
    signed_by: str = Field(default="", description="The node that the document says signed it.")


class ClassOut(Told):
    """One class of an edition."""

    standard_ref: str
    version: int
    kind: str
    code: str = Field(description="A major class alone has only the digits of the major class.")
    name: str
    major_name: str = ""
    origin: str = Field(examples=["national", "local"])
    incident: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    handling_unit: str = ""
    department: str = ""
    legal_basis: str = ""
    collection: str = ""


class ConditionOut(Told):
    """One filing condition, as the standard prints it."""

    standard_ref: str
    version: int
    kind: str
    code: str
    condition_no: int
    name: str = ""
    filing: str = ""
    closing: str = ""
    evidence: str = Field(default="", description="What must be shown, by commas.")
    dimension: str = Field(default="", description="What classes the area, if anything does.")
    area_class: str = ""
    major_name: str = ""
    handling_unit: str = ""
    department: str = ""
    limit_text: str = ""
    limit_count: int | None = Field(default=None, description="Null: no limit is given, or it "
                                    "could not be read (`limit_assumed`).")
    limit_unit: str = Field(default="", examples=["work_day", "work_hour", "urgent_hour",
                                                  "calendar_day"])
    limit_action: str = ""
    limit_assumed: bool = False
    valid_from: date | None = None
    valid_to: date | None = None


class KeyOut(Told):
    """The triple that names a class."""

    standard_ref: str
    kind: str
    code: str


class CrossedOut(Told):
    """What became of a class, by decision `version`."""

    old: KeyOut
    new: KeyOut | None = None
    verdict: str = Field(examples=["same", "renamed", "moved", "dropped", "nationalised",
                                   "review", "local-only"])
    version: int
    source: str = ""
    note: str = ""


class CrossingsOut(Told):
    """The crosswalk of one class, both ways."""

    became: list[CrossedOut] = Field(default_factory=list)
    came_from: list[CrossedOut] = Field(default_factory=list)
    proposed: KeyOut | None = Field(default=None, description="What the rule of conversion says; "
                                    "a proposal, never a decision.")


class ClassWhole(ClassOut, CrossingsOut):
    """A class with its conditions and its crosswalk."""

    digest: str
    conditions: list[ConditionOut] = Field(default_factory=list)


class CrossingOut(Told):
    """One row of the crosswalk."""

    old_standard: str
    old_kind: str
    old_code: str
    old_name: str = ""
    version: int
    new_standard: str = ""
    new_kind: str = ""
    new_code: str = ""
    verdict: str
    source: str = ""
    note: str = ""
    decided_by: str = ""


class AreaClassOut(Told):
    """The class of an area in a dimension."""

    dimension: str
    area: str
    area_class: str


class ClassAdded(Told):
    """A local class that waits in a draft for approval."""

    standard_ref: str
    kind: str
    code: str
    version: int


class EditionIn(Asked):
    """Names an edition."""

    standard_ref: Name
    version: int = Field(ge=1, le=10**6)


class ApproveIn(EditionIn):
    """Approve a draft that others wrote."""

    effective_from: date | None = Field(default=None, description="Null: today.")


class ActivateIn(EditionIn):
    """Move the days of an approved edition."""

    effective_from: date | None = Field(default=None, description="Null: today.")
    effective_to: date | None = Field(default=None, description="Last day; null: open end.")


class RegisterIn(Asked):
    """A standard that the program does not know, with its digits."""

    standard_ref: Name
    major: int = Field(default=2, ge=1, le=4)
    minor: int = Field(ge=1, le=5)
    region: int = Field(default=6, ge=2, le=12)
    sequence: int = Field(default=6, ge=1, le=9)
    local_from: int | None = Field(default=None, ge=1, le=99_999, description="Lowest minor "
                                   "number that is left to localities; null: no border.")
    source: Text = ""


class AddClassIn(Asked):
    """A local class with the condition under which its cases are filed."""

    standard_ref: Name
    kind: Name = Field(pattern="^(component|matter)$")
    major: Name = Field(examples=["10"], description="Digits of the major class.")
    name: Name
    filing: Words
    closing: Text = ""
    limit_text: Short = Field(default="", examples=["4小时"])
    handling_unit: Short = ""
    department: Short = ""
    incident: bool = False
    code: Short = Field(default="", description="Empty: the next free number from the top.")
