"""Working hours with the yearly exceptions: data that says which minutes of a city are worked.

Holidays and make-up workdays come from a yearly notice, usually in November for the next year, so a
calendar also says for which years it knows them. Beijing time has no summer time; summer *hours*
(夏令作息) are further rows of working hours with a validity.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8), "UTC+8")
"""Beijing time, no summer time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """Opening intervals in local time, ascending and disjoint, valid in [valid_from, valid_to);
    None = open. ``weekdays``: Monday is 0."""

    intervals: tuple[tuple[time, time], ...] = (
        (time(8), time(12)),
        (time(14), time(18)),
    )
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        """Whether these hours are the rule on ``day``."""
        if self.valid_from is not None and day < self.valid_from:
            return False
        return self.valid_to is None or day < self.valid_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Working hours with the yearly exceptions. The first ``hours`` that cover a day apply.
    ``years`` are those whose list of exceptions is known. ``version`` 0 = the one built in."""

    name: str = "default"
    version: int = 0
    hours: tuple[WorkingHours, ...] = (WorkingHours(),)
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    @property
    def id(self) -> str:
        """How limits name it: ``name@version``, or the bare name of one that has no version."""
        return f"{self.name}@{self.version}" if self.version else self.name

    def opening(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working intervals of a day; empty on a free day."""
        rule = next((one for one in self.hours if one.covers(day)), None)
        if rule is None or day in self.holidays:
            return ()
        if day.weekday() not in rule.weekdays and day not in self.workdays:
            return ()
        return tuple(
            (
                datetime.combine(day, opens, tzinfo=BEIJING),
                datetime.combine(day, closes, tzinfo=BEIJING),
            )
            for opens, closes in rule.intervals
        )


EVERYDAY: Final = Calendar()
"""The usual hours of an office, Monday to Friday, without any holiday: where none was loaded."""
