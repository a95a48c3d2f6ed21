"""Working calendars by name and version. A version is written once and never changed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, insert, select

from node.store.rows import Row, all_rows, one_row
from node.store.tables import calendar, calendar_day, calendar_hours, cases
from node.store.tables.casework import LIVE

_OF_NAME = calendar.c.name == bindparam("of_name")
_NEWEST = select(calendar).where(_OF_NAME).order_by(calendar.c.version.desc()).limit(1)
_ONE = select(calendar).where(_OF_NAME, calendar.c.version == bindparam("of_version"))
_HOURS = (
    select(
        calendar_hours.c.valid_from,
        calendar_hours.c.valid_to,
        calendar_hours.c.weekdays,
        calendar_hours.c.intervals,
    )
    .where(
        calendar_hours.c.name == bindparam("of_name"),
        calendar_hours.c.version == bindparam("of_version"),
    )
    .order_by(calendar_hours.c.valid_from, calendar_hours.c.valid_to)
)
_DAYS = (
    select(calendar_day.c.day, calendar_day.c.kind, calendar_day.c.origin, calendar_day.c.note)
    .where(
        calendar_day.c.name == bindparam("of_name"),
        calendar_day.c.version == bindparam("of_version"),
    )
    .order_by(calendar_day.c.day)
)
_LAST_DEADLINE = select(func.max(cases.c.finish_by)).where(LIVE)


def calendar_version(conn: Connection, name: str, version: int = 0) -> Row | None:
    """name version made_at made_by source; ``version`` 0 = the newest."""
    if not version:
        return one_row(conn.execute(_NEWEST, {"of_name": name}))
    return one_row(conn.execute(_ONE, {"of_name": name, "of_version": version}))


def calendar_versions(
    conn: Connection, name: str, before: int, limit: int
) -> Sequence[Row]:
    """Versions below ``before`` (0 = all), newest first."""
    statement = select(calendar).where(calendar.c.name == name)
    if before:
        statement = statement.where(calendar.c.version < before)
    return all_rows(conn.execute(statement.order_by(calendar.c.version.desc()).limit(limit)))


def calendar_rules(conn: Connection, name: str, version: int) -> tuple[list[Row], list[Row]]:
    """Hours (valid_from valid_to weekdays intervals) and days (day kind origin note)."""
    key = {"of_name": name, "of_version": version}
    return all_rows(conn.execute(_HOURS, key)), all_rows(conn.execute(_DAYS, key))


def save_calendar(
    conn: Connection, row: Row, *, hours: Sequence[Row], days: Sequence[Row]
) -> None:
    """A new version with all its rules. A version that exists is an ``IntegrityError``."""
    key = {"name": row["name"], "version": row["version"]}
    conn.execute(insert(calendar), row)
    if hours:
        conn.execute(insert(calendar_hours), [{**key, **one} for one in hours])
    if days:
        conn.execute(insert(calendar_day), [{**key, **one} for one in days])


def last_deadline(conn: Connection) -> int | None:
    """The latest deadline of a case that is not over; None = there is none."""
    found: int | None = conn.execute(_LAST_DEADLINE).scalar()
    return found
