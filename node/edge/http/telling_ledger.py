"""What callers are told about the problem library and the habits that it shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from node.edge.http.told import Told


class LedgerRow(Told):
    """One case of the problem library."""

    case_id: str
    case_no: str
    status: str
    area: str = ""
    name: str = ""
    why: str = Field(description="`suspended` or `overdue`.")
    reason: str = Field(default="", description="Why it waits, in the asker's words.")
    since: datetime | None = Field(default=None, description="Since when it stands, or is late.")
    until: datetime | None = Field(default=None, description="End of the suspension.")
    age_days: int
    days_late: int = 0
    holder: str = Field(default="", description="Who has it from us; empty = nobody.")
    group: str = Field(default="", description="The group on the holder's card.")
    finish_by: datetime | None = None
    owed: int = Field(default=0, description="Supervisions without an answer.")
    owed_overdue: int = 0
    last: dict[str, Any] | None = Field(
        default=None, description="Our newest entry: event_type, actor, at.")


class LedgerSum(Told):
    """What lies with one holder."""

    holder: str
    group: str = Field(default="", description="The group on the holder's card.")
    suspended: int
    overdue: int
    oldest_days: int
    owed: int
    owed_overdue: int


class PersonHabitsOut(Told):
    """What one person of a unit did in a period."""

    person: str
    returns_asked: int
    unsigned: int = Field(description="Orders signed for too late.")
    late: int = Field(description="Deadlines that passed while the order was theirs.")
    over: list[str] = Field(description="Thresholds for a person that were reached.")


class HabitsOut(Told):
    """What one unit did in a period."""

    unit: str
    group: str = Field(default="", description="The group on the unit's card.")
    returns_asked: int
    returns_granted: int
    extensions: int
    suspensions: int
    resumed: int
    refused: int
    unsigned: int = Field(description="Orders not signed for in time.")
    late: int = Field(description="Deadlines that passed.")
    over: list[str] = Field(default=[], description="Thresholds that were reached: returns, "
                            "unsigned, late.")
    askers: list[dict[str, Any]] = Field(default=[], description="Returns by who asked.")
    people: list[PersonHabitsOut] = Field(
        default=[], description="Whoever asked, signed late or was late, by name.")
