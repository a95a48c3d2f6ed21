"""Statements over ``quarantine``: bytes we could not read or trust, kept as evidence."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select

from hub.ids import LinkId
from hub.store.tables import quarantine
from hub.store.tx import Tx

ROWS_MAX = 1_000
"""Rows per link; further ones are only counted, so that a hostile peer cannot fill the disk."""
BYTES_MAX = 64 * 1024 * 1024
"""Bytes per link. Evidence of what a peer does has shown it long before; nobody empties it, so it
must never shut a link."""

_C = quarantine.c
_INSERT = insert(quarantine)
_ROOM = select(func.count(), func.coalesce(func.sum(func.length(_C.bytes)), 0)).where(
    _C.link == bindparam("b_link")
)
_COUNTS = select(_C.code, func.count()).where(_C.link == bindparam("b_link")).group_by(_C.code)
_LIST = (
    select(_C.id, _C.at, _C.code, _C.bytes)
    .where(_C.link == bindparam("b_link"), _C.id > bindparam("b_after"))
    .order_by(_C.id)
    .limit(bindparam("b_limit"))
)


class Item(NamedTuple):
    """One piece of evidence."""

    id: int
    at_us: int
    code: str
    data: bytes


def put(tx: Tx, link: LinkId, code: str, data: bytes) -> bool:
    """Keep bytes under a code; False once the link has ``ROWS_MAX`` rows or ``BYTES_MAX`` bytes."""
    count, size = tx.conn.execute(_ROOM, {"b_link": link}).one()
    if count >= ROWS_MAX or size + len(data) > BYTES_MAX:
        return False
    tx.conn.execute(_INSERT, {"link": link, "at": tx.now_us, "code": code, "bytes": data})
    return True


def items(conn: Connection, link: LinkId, *, after: int = 0, limit: int = 100) -> tuple[Item, ...]:
    """Evidence of a link, oldest first, a page at a time."""
    return tuple(
        Item(*row)
        for row in conn.execute(_LIST, {"b_link": link, "b_after": after, "b_limit": limit})
    )


def counts(conn: Connection, link: LinkId) -> dict[str, int]:
    """Rows per code."""
    return {row[0]: row[1] for row in conn.execute(_COUNTS, {"b_link": link})}
