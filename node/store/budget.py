"""How large a node's database is and how much it keeps, measured by the database itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, func, select, text

from hub.store.dialect import upsert
from hub.store.tables import blob
from node.store.rows import Row, all_rows, one_row
from node.store.tables import api_token, storage_month, unit

_PUT = upsert(
    storage_month, ["month"],
    [column.name for column in storage_month.columns if column.name != "month"],
)
_PAGES = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
_SIZE = text("SELECT pg_database_size(current_database())")
_BLOBS = select(func.coalesce(func.sum(blob.c.size), 0), func.count()).where(
    blob.c.state == "WHOLE")
_ACCOUNTS = (
    select(api_token.c.scope, func.count())
    .where(api_token.c.revoked_at.is_(None))
    .group_by(api_token.c.scope)
)
_CARDS = (
    select(unit.c.unit_id, unit.c.name, unit.c.body_group, unit.c.address, unit.c.clerks)
    .where(unit.c.valid_from <= bindparam("at"),
           (unit.c.valid_to.is_(None)) | (unit.c.valid_to > bindparam("at")))
    .order_by(unit.c.unit_id)
)
_ONE = select(storage_month).where(storage_month.c.month == bindparam("of_month"))
_MONTHS = (
    select(storage_month)
    .where(storage_month.c.month < bindparam("before"))
    .order_by(storage_month.c.month)
)


def database_bytes(conn: Connection) -> int:
    """Bytes of the database: its pages, used or not; without what a log beside it holds."""
    asked = _SIZE if conn.dialect.name == "postgresql" else _PAGES
    return int(conn.execute(asked).scalar_one())


def blobs_kept(conn: Connection) -> tuple[int, int]:
    """Bytes and number of the files that are here whole."""
    size, count = conn.execute(_BLOBS).one()
    return int(size), int(count)


def accounts(conn: Connection) -> Mapping[str, int]:
    """Live tokens by scope."""
    return {scope: int(count) for scope, count in conn.execute(_ACCOUNTS)}


def staffed_cards(conn: Connection, at_us: int) -> Sequence[Row]:
    """Cards in force at that instant by id: unit_id name body_group address clerks (how many are
    active)."""
    found = []
    for row in conn.execute(_CARDS, {"at": at_us}).mappings():
        active = sum(bool(one.get("active", True)) for one in json.loads(row["clerks"]))
        found.append({**row, "clerks": active})
    return found


def measured(conn: Connection, month: str) -> Row | None:
    """The row of a month."""
    return one_row(conn.execute(_ONE, {"of_month": month}))


def measured_before(conn: Connection, month: str) -> Sequence[Row]:
    """The rows of all months before this one, in order."""
    return all_rows(conn.execute(_MONTHS, {"before": month}))


def put_measured(conn: Connection, row: Row) -> None:
    """Write the row of a month, every column, over an earlier one."""
    _PUT.run(conn, [row])
