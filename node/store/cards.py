"""Units' cards, and phrases of responsibility lists that wait for a person."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, update

from hub.store.dialect import upsert
from node.store.generations import in_force
from node.store.rows import Row, all_rows, one_row
from node.store.tables import component, responsibility_phrase, unit

_PHRASE_KEY = ["unit", "phrase", "area"]
_PUT_PHRASE = upsert(
    responsibility_phrase,
    _PHRASE_KEY,
    ["duty", "qualifier", "standard_ref", "kind", "code", "name", "note"],
)


def units(conn: Connection, after: str, limit: int) -> Sequence[Row]:
    """Cards by id, those behind ``after``."""
    statement = select(unit).where(unit.c.unit_id > after).order_by(unit.c.unit_id).limit(limit)
    return all_rows(conn.execute(statement))


def unit_card(conn: Connection, unit_id: str) -> Row | None:
    """One card."""
    return one_row(conn.execute(select(unit).where(unit.c.unit_id == unit_id)))


def component_bodies(conn: Connection, code: str) -> Row | None:
    """Who owns and who maintains a component, and until when: owner_code owner_name
    maintainer_code maintainer_name maintained_to (a date, or None)."""
    statement = select(
        component.c.owner_code,
        component.c.owner_name,
        component.c.maintainer_code,
        component.c.maintainer_name,
        component.c.maintained_to,
    ).where(in_force(component), component.c.code == code)
    return one_row(conn.execute(statement))


def put_phrases(conn: Connection, rows: Sequence[Row]) -> None:
    """Insert or refresh by (unit, phrase, area); what a person has settled stays settled."""
    _PUT_PHRASE.run(conn, list({tuple(row[key] for key in _PHRASE_KEY): row
                                for row in rows}.values()))


def phrases(conn: Connection, after: int, limit: int) -> Sequence[Row]:
    """Unsettled ones by id, those behind ``after``."""
    table = responsibility_phrase
    statement = (
        select(table)
        .where(table.c.settled_at.is_(None), table.c.id > after)
        .order_by(table.c.id)
        .limit(limit)
    )
    return all_rows(conn.execute(statement))


def phrase_of(conn: Connection, phrase_id: int) -> Row | None:
    """One of them, settled or not."""
    table = responsibility_phrase
    return one_row(conn.execute(select(table).where(table.c.id == phrase_id)))


def settle_phrase(conn: Connection, phrase_id: int, actor: str, now_us: int) -> int:
    """Mark it settled; 0 if it was."""
    table = responsibility_phrase
    statement = (
        update(table)
        .where(table.c.id == phrase_id, table.c.settled_at.is_(None))
        .values(settled_at=now_us, settled_by=actor)
    )
    return conn.execute(statement).rowcount


def count_phrases(conn: Connection) -> int:
    """How many wait."""
    table = responsibility_phrase
    return conn.execute(
        select(func.count()).select_from(table).where(table.c.settled_at.is_(None))
    ).scalar_one()
