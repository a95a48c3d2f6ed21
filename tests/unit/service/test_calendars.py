"""Calendars by version: built from the statutory days, changed by import, found by the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
from sqlalchemy import Connection

from hub.store.engine import connect, open_engine
from hub.store.tx import Tx
from node.core.calendar import BEIJING
from node.core.clock import TimeLimit, TimeUnit, due
from node.service import statutory
from node.service.calendars import OWN, CalendarRow, build, calendar_of, put_calendar
from node.service.imports.calendar import CALENDAR
from node.store import calendars as store


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as conn, conn.begin():
        yield conn


def calendar(conn: Connection, version: int = 0):  # type: ignore[no-untyped-def]
    row = store.calendar_version(conn, OWN, version)
    assert row is not None
    return calendar_of("420200", row["version"], *store.calendar_rules(conn, OWN, row["version"]))


def put(conn: Connection, *rows: CalendarRow) -> tuple[int, int]:
    result = put_calendar(store, Tx(conn, 1), rows, actor="li", now_us=2)
    return result.added, result.replaced


def at(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=BEIJING)


def test_the_first_version_holds_what_the_state_council_published(conn: Connection) -> None:
    build(store, Tx(conn, 1), now_us=1)
    found = calendar(conn)
    assert ("420200@1", True) == (found.id, {2019, 2026} <= found.years)
    assert date(2026, 10, 10) in found.workdays
    assert date(2026, 9, 25) in found.holidays
    limit = TimeLimit(value=1, unit=TimeUnit.WORK_DAY)
    assert at(9, 28, 10) == due(found, at(9, 24, 10), limit)  # the 25th is free, then a weekend


def test_an_import_overrides_the_notice_and_leaves_the_old_version_alone(
    conn: Connection,
) -> None:
    build(store, Tx(conn, 1), now_us=1)
    worked = CalendarRow(kind="workday", day=date(2026, 9, 25))
    fair = CalendarRow(kind="holiday", day=date(2026, 9, 24), note="市庆")
    plain = CalendarRow(kind="ordinary", day=date(2026, 10, 10))
    assert (1, 2) == put(conn, worked, fair, plain)
    found = calendar(conn)
    assert "420200@2" == found.id
    assert date(2026, 9, 25) not in found.holidays
    assert date(2026, 9, 24) in found.holidays
    assert () == found.opening(date(2026, 10, 10))  # a Saturday like any other
    assert date(2026, 10, 10) in calendar(conn, 1).workdays


def test_newer_statutory_days_make_a_version_and_keep_what_was_imported(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statutory, "days", list)
    monkeypatch.setattr(statutory, "source", lambda: "older")
    put(conn, CalendarRow(kind="ordinary", day=date(2026, 10, 10)))
    assert frozenset() == calendar(conn).years
    monkeypatch.undo()
    build(store, Tx(conn, 1), now_us=3)
    found = calendar(conn)
    assert 2026 in found.years
    assert date(2026, 10, 10) not in found.workdays


def test_a_year_is_known_once_its_whole_list_is_there(conn: Connection) -> None:
    put(conn, CalendarRow(kind="holiday", day=date(2051, 1, 1)))
    assert 2051 not in calendar(conn).years
    put(conn, CalendarRow(kind="holiday", day=date(2051, 10, 1)))
    assert 2051 in calendar(conn).years


def test_the_most_particular_hours_go_first_and_the_open_ones_always_hold(
    conn: Connection,
) -> None:
    def hours(opens: int, first: date | None, last: date | None) -> CalendarRow:
        return CalendarRow(kind="hours", day=first, valid_to=last,
                           intervals=((time(opens), time(18)),))

    put(conn, hours(7, date(2026, 6, 1), date(2026, 9, 1)), hours(6, date(2026, 7, 1), None),
        hours(5, date(2026, 6, 15), date(2026, 6, 20)))
    assert (0, 1) == put(conn, hours(9, None, None))
    found = calendar(conn)
    opens = {
        day: found.opening(day)[0][0].hour
        for day in (date(2026, 5, 29), date(2026, 6, 1), date(2026, 6, 16), date(2026, 7, 1),
                    date(2026, 9, 1))
    }
    assert [9, 7, 5, 7, 6] == list(opens.values())


def test_a_sheet_is_read_as_clerks_write_it() -> None:
    sheet = (
        "类型,日期,失效,时间,星期,备注\n"
        "节假日,2027/1/1,,,,元旦\n"
        "作息,,,8:30-12:00、13:30-17:30,一至五,\n"
        "hours,2027-06-01,2027-09-01,08:00-12:00 15:00-18:30,\"1,3,5-6\",\n"
    )
    _, parsed = CALENDAR.parse(sheet.encode())
    assert () == parsed.faults
    holiday, usual, summer = parsed.rows
    assert ("holiday", date(2027, 1, 1), "元旦") == (holiday.kind, holiday.day, holiday.note)
    assert ("12345", None, None) == (usual.weekdays, usual.day, usual.valid_to)
    assert ((time(8, 30), time(12)), (time(13, 30), time(17, 30))) == usual.intervals
    assert "1356" == summer.weekdays


def test_the_same_day_twice_in_a_sheet_is_a_mistake() -> None:
    _, parsed = CALENDAR.parse(
        b"kind,date\nholiday,2027-01-01\nworkday,2027-01-01\n")
    assert ["row.repeated"] == [fault.code for fault in parsed.faults]
