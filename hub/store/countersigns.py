"""Statements over ``countersign``: the peer's signed "I have it", kept for ever."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from hub.ids import LinkId, Position
from hub.link.messages import Countersign
from hub.store.dialect import insert_ignore
from hub.store.tables import countersign
from hub.store.tx import Tx

_INSERT = insert_ignore(countersign, ["link", "epoch", "seq"])
_LAST = (
    select(countersign.c.epoch, countersign.c.seq)
    .where(countersign.c.link == bindparam("b_link"))
    .order_by(countersign.c.epoch.desc(), countersign.c.seq.desc())
    .limit(1)
)


def put(tx: Tx, link: LinkId, signed: Countersign) -> None:
    """Keep a verified countersign; the first one for a position wins."""
    _INSERT.run(
        tx.conn,
        {
            "link": link,
            "epoch": signed.position[0],
            "seq": signed.position[1],
            "head": signed.head,
            "committed_at": signed.committed_at_us,
            "sealed": signed.signed,
        },
    )


def last(conn: Connection, link: LinkId) -> Position | None:
    """Up to where we hold evidence of delivery."""
    row = conn.execute(_LAST, {"b_link": link}).one_or_none()
    return None if row is None else Position(row[0], row[1])
