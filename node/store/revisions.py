"""Imported tables as a whole, their versions with what each changed, and sheets that wait.

Rows come and go without what the database or the writing adds by itself (an id, when it was
written), so that equal rows are equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, and_, bindparam, delete, func, insert, select

from hub.store.dialect import PerDialect, upsert
from node.store.rows import Row, all_rows, one_row
from node.store.tables import (
    area_class,
    responsibility,
    revision,
    revision_change,
    revision_draft,
    unit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """One table whose versions are kept. ``unsaid``: columns that are no part of what it says;
    ``stamp``: the one of them that takes the time of writing."""

    table: Table
    key: tuple[str, ...]
    unsaid: frozenset[str] = frozenset()
    stamp: str = ""
    put: PerDialect


def _kept(table: Table, *key: str, stamp: str = "") -> _Kept:
    own = {one.name for one in table.columns} & {"id"}
    names = [one.name for one in table.columns if one.name not in {*key, *own}]
    unsaid = frozenset({*own, stamp} - {""})
    return _Kept(table=table, key=key, unsaid=unsaid, stamp=stamp, put=upsert(table, key, names))


_KEPT: Final[Mapping[str, _Kept]] = {
    "responsibilities": _kept(
        responsibility, "standard_ref", "code", "kind", "area", "unit", "assignee", "qualifier",
        "zone", "phrase", "valid_from"),
    "units": _kept(unit, "unit_id", stamp="updated_at"),
    "area-classes": _kept(area_class, "dimension", "area"),
}


def kept_rows(conn: Connection, name: str) -> Sequence[Row]:
    """Every row of an imported table, in the order of its key."""
    kept = _KEPT[name]
    columns = [one for one in kept.table.columns if one.name not in kept.unsaid]
    return all_rows(conn.execute(
        select(*columns).order_by(*(kept.table.c[one] for one in kept.key))))


def put_kept_rows(conn: Connection, name: str, rows: Sequence[Row], now_us: int) -> None:
    """Insert or replace by key."""
    kept = _KEPT[name]
    stamped = {kept.stamp: now_us} if kept.stamp else {}
    if rows:
        kept.put.run(conn, [{**row, **stamped} for row in rows])


def drop_kept_rows(conn: Connection, name: str, rows: Sequence[Row]) -> None:
    """Take away the rows of these keys."""
    kept = _KEPT[name]
    if rows:
        which = and_(*(kept.table.c[one] == bindparam(f"of_{one}") for one in kept.key))
        conn.execute(delete(kept.table).where(which),
                     [{f"of_{one}": row[one] for one in kept.key} for row in rows])


def newest_revision(conn: Connection, name: str) -> int:
    """Its number, 0 = there is none."""
    found = conn.execute(
        select(func.max(revision.c.number)).where(revision.c.name == name)).scalar()
    return int(found or 0)


def add_revision(conn: Connection, row: Row, changes: Sequence[Row]) -> None:
    """A version, and what it changed (key before after)."""
    conn.execute(insert(revision), [dict(row)])
    key = {"name": row["name"], "number": row["number"]}
    if changes:
        conn.execute(insert(revision_change), [{**one, **key} for one in changes])


def list_revisions(conn: Connection, name: str, before: int, limit: int) -> Sequence[Row]:
    """Versions below ``before`` (0 = all), newest first."""
    statement = select(revision).where(revision.c.name == name)
    if before:
        statement = statement.where(revision.c.number < before)
    return all_rows(conn.execute(statement.order_by(revision.c.number.desc()).limit(limit)))


def revision_row(conn: Connection, name: str, number: int) -> Row | None:
    """One version."""
    return one_row(conn.execute(
        select(revision).where(revision.c.name == name, revision.c.number == number)))


def revision_changes(
    conn: Connection, name: str, number: int, after: int, limit: int
) -> Sequence[Row]:
    """What a version changed (id key before after), those behind the id ``after``."""
    table = revision_change
    return all_rows(conn.execute(
        select(table.c.id, table.c.key, table.c.before, table.c.after)
        .where(table.c.name == name, table.c.number == number, table.c.id > after)
        .order_by(table.c.id).limit(limit)))


def changed_since(conn: Connection, name: str, number: int) -> Sequence[Row]:
    """key and before of everything that changed after a version, the newest first."""
    table = revision_change
    return all_rows(conn.execute(
        select(table.c.key, table.c.before)
        .where(table.c.name == name, table.c.number > number)
        .order_by(table.c.number.desc(), table.c.id.desc())))


def newest_rows(conn: Connection, name: str) -> Sequence[Row]:
    """key and after of the last change of each key."""
    table = revision_change
    last = select(func.max(table.c.id)).where(table.c.name == name).group_by(table.c.key)
    return all_rows(conn.execute(
        select(table.c.key, table.c.after).where(table.c.id.in_(last)).order_by(table.c.id)))


def forget_revisions(conn: Connection, name: str, up_to: int) -> None:
    """Versions up to this number, and what they changed."""
    for table in (revision_change, revision):
        conn.execute(delete(table).where(table.c.name == name, table.c.number <= up_to))


# --- sheets that wait -------------------------------------------------------------------------


def add_draft(conn: Connection, row: Row, kept: int) -> None:
    """A sheet that waits; of its table the newest ``kept`` stay."""
    table = revision_draft
    conn.execute(insert(table), [dict(row)])
    old = (select(table.c.id).where(table.c.name == row["name"])
           .order_by(table.c.at.desc(), table.c.id.desc()).offset(kept).limit(kept))
    ids = [one for (one,) in conn.execute(old)]
    if ids:
        conn.execute(delete(table).where(table.c.id.in_(ids)))


def draft(conn: Connection, draft_id: str) -> Row | None:
    """One of them, whole."""
    return one_row(conn.execute(
        select(revision_draft).where(revision_draft.c.id == draft_id)))


def drafts(conn: Connection, name: str) -> Sequence[Row]:
    """id at actor source of those of a table, newest first."""
    table = revision_draft
    return all_rows(conn.execute(
        select(table.c.id, table.c.at, table.c.actor, table.c.source)
        .where(table.c.name == name).order_by(table.c.at.desc(), table.c.id.desc())))


def drop_draft(conn: Connection, draft_id: str) -> int:
    """Forget it; 0 = it was gone."""
    done: Any = conn.execute(delete(revision_draft).where(revision_draft.c.id == draft_id))
    return int(done.rowcount)
