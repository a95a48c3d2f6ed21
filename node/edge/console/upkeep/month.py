"""The working calendar as the grid of a month."""

from __future__ import annotations

from calendar import Calendar as Weeks
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from node.core.calendar import BEIJING
from node.edge.console.upkeep.cells import WORDS
from node.edge.console.upkeep.sections import TABLES

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
DECEMBER: Final = 12
YEARS: Final = (2000, 2100)
LOOKS: Final = {"holiday": "rest", "workday": "work"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One square. ``look`` is rest or work; ``said`` names an exception to the week, ``note`` what
    for; ``local``: the office's own."""

    number: int
    iso: str
    inside: bool
    today: bool
    look: str
    said: str
    note: str
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of weeks, Monday first, and the hours that hold on its first day."""

    title: str
    weekdays: tuple[str, ...]
    weeks: tuple[tuple[Day, ...], ...]
    hours: tuple[tuple[str, str, str, str], ...]
    known: bool
    version: int
    before: str
    after: str
    today: str


async def shown(visit: Visit, year: int, at: int) -> Month:
    """The month asked for, or this one."""
    today = datetime.now(BEIJING).date()
    first = date(year if YEARS[0] <= year <= YEARS[1] else today.year, at or today.month, 1)
    document = await visit.desk.calendars.show()
    days = {one["day"]: one for one in document["days"]}
    open_days = {int(digit) - 1 for one in document["hours"] for digit in one["weekdays"]}
    say = visit.say
    return Month(
        title=say("%(year)s 年 %(month)s 月", year=first.year, month=first.month),
        weekdays=tuple(say(one) for one in WEEKDAYS),
        weeks=tuple(
            tuple(_day(visit, one, days.get(one.isoformat()), usual=one.weekday() in open_days,
                       inside=one.month == first.month, today=one == today) for one in week)
            for week in Weeks().monthdatescalendar(first.year, first.month)),
        hours=tuple((
            one["valid_from"] or "", one["valid_to"] or "",
            _weekdays(visit, one["weekdays"]),
            one["intervals"].replace(" ", say("，"))) for one in document["hours"]),
        known=first.year in document["years"], version=document["version"],
        before=_query(first - timedelta(days=1)), after=_query(_following(first)),
        today=_query(today),
    )


def _day(
    visit: Visit, one: date, row: Any, *, usual: bool, inside: bool, today: bool
) -> Day:
    """``usual``: whether the office works on that day of the week."""
    kind = row["kind"] if row is not None else ""
    look = LOOKS.get(kind, "work" if usual else "rest")
    return Day(
        number=one.day, iso=one.isoformat(), inside=inside, today=today,
        look=look, said=visit.say(WORDS[kind]) if kind else "",
        note=row["note"] if row is not None else "",
        local=row is not None and row["origin"] == "local")


def _weekdays(visit: Visit, digits: str) -> str:
    names = [visit.say(WEEKDAYS[int(digit) - 1]) for digit in digits]
    run = "".join(str(one) for one in range(int(digits[0]), int(digits[-1]) + 1)) == digits
    if run and len(digits) > 2:
        return visit.say("%(first)s至%(last)s", first=names[0], last=names[-1])
    return visit.say("、").join(names)


def _following(first: date) -> date:
    return date(first.year + (first.month == DECEMBER), first.month % DECEMBER + 1, 1)


def _query(day: date) -> str:
    return f"{TABLES['calendar'].path}?year={day.year}&at={day.month}"
