"""Statements over ``countersign``: the peer's signed "I have it", kept for ever."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from hub.ids import LinkId, Position
from hub.link.messages import Countersign
from hub.store.dialect import insert_ignore
from hub.store.tables import countersign
from hub.store.tx import Tx

_INSERT = insert_ignore(countersign, ["link", "epoch", "seq"])
_C = countersign.c
_COVERING = (
    select(_C.epoch, _C.seq, _C.sealed)
    .where(_C.link == bindparam("b_link"), _C.epoch == bindparam("b_epoch"),
           _C.seq >= bindparam("b_seq"))
    .order_by(_C.seq)
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


def covering(conn: Connection, link: LinkId, at: Position) -> tuple[Position, bytes] | None:
    """The first countersign that covers a position of ours: its place and its signed bytes. None:
    the peer has not signed so far in this epoch."""
    found = conn.execute(_COVERING, {"b_link": link, "b_epoch": at[0], "b_seq": at[1]}).first()
    return None if found is None else (Position(found[0], found[1]), bytes(found[2]))
