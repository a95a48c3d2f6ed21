"""What the calendar's routes and the clocks of a case answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from node.edge.http.told import Told


class HoursOut(Told):
    """Working hours, valid in [valid_from, valid_to); null = open."""

    valid_from: str | None = None
    valid_to: str | None = None
    weekdays: str = Field(description="Monday is 1.", examples=["12345"])
    intervals: str = Field(examples=["08:00-12:00 14:00-18:00"])


class DayOut(Told):
    """A day that is not as its weekday says."""

    day: str = Field(examples=["2026-10-10"])
    kind: str = Field(description="holiday, workday, or ordinary (set right again).")
    origin: str = Field(description="statutory (the yearly notice) or local (imported here).")
    note: str = ""


class CalendarOut(Told):
    """One version of the calendar."""

    id: str = Field(description="How limits name it.", examples=["420200@3"])
    version: int
    made_at: datetime
    made_by: str
    source: str = Field(description="Where the statutory days come from.")
    years: list[int] = Field(description="Years whose holidays are known.")
    hours: list[HoursOut]
    days: list[DayOut]


class DueOut(Told):
    """Where a limit ends."""

    start: datetime
    count: int
    unit: str
    finish_by: datetime
    warn_at: datetime = Field(description="80 % are used: yellow from here.")
    calendar: str
    missing_years: list[int] = Field(description="Touched, and their holidays are not known yet.")
