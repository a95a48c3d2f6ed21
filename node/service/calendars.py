"""The office's working calendar: built once, changed by import, every version kept.

A new release of the statutory days and every import make a new version; limits name the version
they were computed with. The present one lies in ``Surroundings`` for whoever decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.calendar import BEIJING, Calendar, WorkingHours
from node.core.catalog import read_limit
from node.core.clock import due, missing_years, yellow_at
from node.core.errors import Invalid
from node.core.facts import TimeLimit, TimeUnit
from node.service import statutory
from node.service.audit import Recorder, imported
from node.service.instants import to_time
from node.service.phrases import phrase
from node.service.ports import Row
from node.service.surroundings import Surroundings
from node.service.views import Finding, ImportResult, Level

OWN: Final = "own"
"""The name under which an office keeps its own calendar; in limits it bears the office's id."""
TOPIC: Final = "calendar"
"""Woken when there is a new version: the node's other processes use it too."""
BUILDER: Final = "program"
"""Who made a version that no person asked for."""
USUAL_HOURS: Final[Row] = {
    "valid_from": "", "valid_to": "", "weekdays": "12345", "intervals": "08:00-12:00 14:00-18:00",
}
"""Hours of an office that has imported none."""
COUNT_DIGITS_MAX: Final = 6
DECEMBER: Final = 12
"""The notice for the next year comes in November: from December on its absence is worth a word."""


class CalendarStore(Protocol):
    """What calendars ask of the tables."""

    def calendar_version(self, conn: Connection, name: str, version: int = 0) -> Row | None: ...

    def calendar_rules(
        self, conn: Connection, name: str, version: int
    ) -> tuple[list[Row], list[Row]]: ...

    def save_calendar(
        self, conn: Connection, row: Row, *, hours: Sequence[Row], days: Sequence[Row]
    ) -> None: ...

    def calendar_versions(
        self, conn: Connection, name: str, before: int, limit: int
    ) -> Sequence[Row]: ...

    def last_deadline(self, conn: Connection) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """One line of an import. ``kind`` holiday, workday and ordinary (as its weekday says, whatever
    the yearly notice does) speak of ``day``; hours are valid in [``day``, ``valid_to``), None =
    open, on ``weekdays`` ("12345", Monday is 1)."""

    kind: str
    day: date | None
    note: str = ""
    valid_to: date | None = None
    weekdays: str = "12345"
    intervals: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DueAnswer:
    """Where a limit ends. ``missing_years``: touched, and not published yet."""

    start: datetime
    count: int
    unit: str
    finish_by: datetime
    warn_at: datetime
    calendar: str
    missing_years: tuple[int, ...]


class Calendars:
    """The calendar of this office."""

    def __init__(
        self,
        *,
        store: CalendarStore,
        writer: Writer,
        audit: Recorder,
        surroundings: Surroundings,
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._writer = writer
        self._audit = audit
        self._surroundings = surroundings
        self._now_us = now_us

    async def load(self) -> None:
        """Take the present version into use; the first one, or one with newer statutory days, is
        built first."""
        found = await self._writer.read(
            lambda conn: self._store.calendar_version(conn, OWN)
        )
        if found is None or _outdated(found["source"]):
            await self._writer.write(
                lambda tx: build(self._store, tx, now_us=self._now_us()), urgent=True
            )
        await self.use_newest()

    async def use_newest(self) -> None:
        """What the office decides by from now on."""
        name = self._surroundings.node

        def read(conn: Connection) -> Calendar:
            newest = self._store.calendar_version(conn, OWN)
            assert newest is not None, "it was built before it is used"
            hours, days = self._store.calendar_rules(conn, OWN, newest["version"])
            return calendar_of(name, newest["version"], hours, days)

        self._surroundings.calendar = await self._writer.read(read)

    async def add(self, rows: Sequence[CalendarRow], *, actor: str) -> ImportResult:
        """A new version with these rows added or replaced, used from now on."""

        def write(tx: Tx) -> ImportResult:
            done = put_calendar(self._store, tx, rows, actor=actor, now_us=self._now_us())
            self._audit.record(tx, imported("calendar", done, actor=actor))
            return done

        result = await self._writer.write(write, urgent=True)
        await self.use_newest()
        return result

    async def show(self, version: int = 0, year: int = 0) -> Mapping[str, Any]:
        """A version (0 = the present one) as a document; ``year`` 0 = every year's days. Raises
        ``Invalid`` (``calendar.unknown``) if there is no such version."""

        def read(conn: Connection) -> tuple[Row, list[Row], list[Row]]:
            row = self._store.calendar_version(conn, OWN, version)
            if row is None:
                raise Invalid(f"there is no version {version} of the calendar",
                              code="calendar.unknown")
            return (row, *self._store.calendar_rules(conn, OWN, row["version"]))

        row, hours, days = await self._writer.read(read)
        calendar = calendar_of(self._surroundings.node, row["version"], hours, days)
        return {
            "id": calendar.id,
            "version": row["version"],
            "made_at": to_time(row["made_at"]).isoformat(),
            "made_by": row["made_by"],
            "source": row["source"],
            "years": sorted(calendar.years),
            "hours": [_shown(one) for one in hours],
            "days": [one for one in days if not year or one["day"].startswith(f"{year:04}-")],
        }

    def due(self, written: str, start: datetime | None = None) -> DueAnswer:
        """Where a limit as a clerk writes it (``4工作时``, or ``4 work_hour``) ends, from ``start``
        or from now. ``Invalid`` (``calendar.limit``) if it cannot be read, or has no end."""
        found = _limit(written)
        calendar = self._surroundings.calendar
        begin = start or to_time(self._now_us())
        try:
            finish_by = due(calendar, begin, found)
            warn_at = yellow_at(calendar, begin, finish_by, found.unit)
        except (Invalid, OverflowError) as err:
            raise Invalid(f"{written} ends beyond the calendar", code="calendar.limit") from err
        return DueAnswer(
            start=begin,
            count=found.value,
            unit=found.unit.value,
            finish_by=finish_by,
            warn_at=warn_at,
            calendar=calendar.id,
            missing_years=missing_years(calendar, begin, finish_by),
        )

    async def findings(self) -> list[Finding]:
        """Years that a running limit touches, or that are about to begin, without their list."""
        calendar = self._surroundings.calendar
        now = to_time(self._now_us())
        here = now.astimezone(BEIJING)
        last_us = await self._writer.read(self._store.last_deadline)
        last = max(now, to_time(last_us)) if last_us is not None else now
        wanted = set(missing_years(calendar, now, last))
        if here.month == DECEMBER and here.year + 1 not in calendar.years:
            wanted.add(here.year + 1)
        return [
            Finding(
                level=Level.WARN,
                subject="calendar",
                sentence=phrase("calendar.missing", year=year, calendar=calendar.id),
                remedy=phrase("calendar.missing.remedy", year=year),
            )
            for year in sorted(wanted)
        ]

    async def check(self) -> list[Finding]:
        """The findings; a sound calendar says what it knows. Hours there always are: the open row
        can be replaced and never taken away."""
        found = await self.findings()
        if not found:
            calendar = self._surroundings.calendar
            years = "、".join(str(year) for year in sorted(calendar.years))
            found.append(
                Finding(
                    level=Level.OK,
                    subject="calendar",
                    sentence=phrase("calendar.well", calendar=calendar.id, years=years),
                )
            )
        return found


def _limit(written: str) -> TimeLimit:
    """As sheets write it, or with our names of the units."""
    found = read_limit(written).limit
    if found is not None:
        return found
    count, _, unit = written.strip().partition(" ")
    if count.isascii() and count.isdigit() and len(count) <= COUNT_DIGITS_MAX and int(count):
        try:
            return TimeLimit(value=int(count), unit=TimeUnit(unit.strip()))
        except ValueError:
            pass
    raise Invalid(
        f"{written!r} is no limit: a number and work_hour, work_day, urgent_hour, calendar_day "
        "or minute", code="calendar.limit",
    )


# --- versions -------------------------------------------------------------------------------------


def build(store: CalendarStore, tx: Tx, *, now_us: int) -> None:
    """The first version, or the next one with the statutory days that are installed now. Days of
    the office's own stay as they are."""
    _, hours, days = newest(store, tx.conn)
    local = {row["day"]: row for row in days if row["origin"] == "local"}
    merged = {**{row["day"]: row for row in statutory.days()}, **local}
    _save(store, tx.conn, hours or [USUAL_HOURS], merged, actor=BUILDER, now_us=now_us)
    tx.wake(TOPIC)


def put_calendar(
    store: CalendarStore, tx: Tx, rows: Sequence[CalendarRow], *, actor: str, now_us: int
) -> ImportResult:
    """A new version with these rows; the same rows again change nothing but its number."""
    there, _, _ = newest(store, tx.conn)
    if there is None or _outdated(there["source"]):
        build(store, tx, now_us=now_us)
    _, hours, days = newest(store, tx.conn)
    spans, exceptions, replaced = merged(hours, days, rows)
    _save(store, tx.conn, list(spans.values()), exceptions, actor=actor, now_us=now_us)
    tx.wake(TOPIC)
    return ImportResult(added=len(rows) - replaced, replaced=replaced)


def merged(
    hours: Sequence[Row], days: Sequence[Row], rows: Sequence[CalendarRow]
) -> tuple[dict[tuple[str, str], Row], dict[str, Row], int]:
    """Hours by their validity and days by their date with these rows added, and how many of them
    replace one that is there."""
    spans = {(row["valid_from"], row["valid_to"]): row for row in hours}
    exceptions = {row["day"]: row for row in days}
    replaced = 0
    for row in rows:
        if row.kind == "hours":
            key = (_iso(row.day), _iso(row.valid_to))
            replaced += key in spans
            spans[key] = {
                "valid_from": key[0],
                "valid_to": key[1],
                "weekdays": row.weekdays,
                "intervals": " ".join(
                    f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in row.intervals
                ),
            }
        else:
            day = _iso(row.day)
            replaced += day in exceptions
            exceptions[day] = {
                "day": day, "kind": row.kind, "origin": "local", "note": row.note,
            }
    return spans, exceptions, replaced


def put_calendar_back(
    store: CalendarStore, tx: Tx, version: int, *, actor: str, now_us: int
) -> None:
    """A new version with the hours and the office's own days of an earlier one; statutory days are
    those that are installed now."""
    hours, days = restored(store, tx.conn, version)
    _save(store, tx.conn, hours, {row["day"]: row for row in days}, actor=actor, now_us=now_us)
    tx.wake(TOPIC)


def restored(
    store: CalendarStore, conn: Connection, version: int
) -> tuple[Sequence[Row], Sequence[Row]]:
    """Hours and days as ``put_calendar_back`` writes them. ``Invalid`` (``calendar.unknown``)."""
    if store.calendar_version(conn, OWN, version) is None:
        raise Invalid(f"there is no version {version} of the calendar", code="calendar.unknown")
    hours, days = store.calendar_rules(conn, OWN, version)
    # A local day covers the statutory one of its date: where it goes, that one comes out again.
    local = {row["day"]: row for row in days if row["origin"] == "local"}
    whole = {**{row["day"]: row for row in statutory.days()}, **local}
    return hours, [whole[day] for day in sorted(whole)]


def newest(
    store: CalendarStore, conn: Connection
) -> tuple[Row | None, list[Row], list[Row]]:
    """The present version (None = there is none yet) with its hours and days."""
    found = store.calendar_version(conn, OWN)
    if found is None:
        return None, [], []
    return (found, *store.calendar_rules(conn, OWN, found["version"]))


def _save(
    store: CalendarStore, conn: Connection, hours: Sequence[Row], days: Mapping[str, Row], *,
    actor: str, now_us: int,
) -> None:
    before = store.calendar_version(conn, OWN)
    row = {
        "name": OWN,
        "version": before["version"] + 1 if before is not None else 1,
        "made_at": now_us,
        "made_by": actor,
        "source": statutory.source(),
    }
    store.save_calendar(conn, row, hours=hours, days=[days[day] for day in sorted(days)])


def _outdated(source: str) -> bool:
    return source != statutory.source()


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


# --- rows as the core reads them ------------------------------------------------------------------


def calendar_of(
    name: str, version: int, hours: Sequence[Row], days: Sequence[Row]
) -> Calendar:
    """Rows as the core reads them. Hours with both ends go before those with one, those before
    open ones; of equals, the later to begin. A year is known if its list has New Year's Day and
    National Day, which every yearly notice has."""
    holidays = frozenset(_date(one["day"]) for one in days if one["kind"] == "holiday")
    listed = {(day.year, day.month, day.day) for day in holidays}
    return Calendar(
        name=name,
        version=version,
        hours=tuple(_hours(one) for one in sorted(hours, key=_precedence)),
        holidays=holidays,
        workdays=frozenset(_date(one["day"]) for one in days if one["kind"] == "workday"),
        years=frozenset(
            year for year, month, day in listed if (month, day) == (1, 1)
            and (year, 10, 1) in listed
        ),
    )


def _precedence(row: Row) -> tuple[int, int]:
    bounds = bool(row["valid_from"]) + bool(row["valid_to"])
    begins = _date(row["valid_from"]).toordinal() if row["valid_from"] else 0
    return -bounds, -begins


def _hours(row: Row) -> WorkingHours:
    return WorkingHours(
        intervals=tuple(_interval(part) for part in row["intervals"].split()),
        weekdays=tuple(int(digit) - 1 for digit in row["weekdays"]),
        valid_from=_date(row["valid_from"]) if row["valid_from"] else None,
        valid_to=_date(row["valid_to"]) if row["valid_to"] else None,
    )


def _interval(text: str) -> tuple[time, time]:
    opens, _, closes = text.partition("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _shown(row: Row) -> dict[str, Any]:
    return {**row, "valid_from": row["valid_from"] or None, "valid_to": row["valid_to"] or None}
