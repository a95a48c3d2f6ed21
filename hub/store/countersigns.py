"""Statements over ``countersign``: the peer's signed "I have it", kept for ever."""

from __future__ import annotations

from hub.ids import LinkId
from hub.link.messages import Countersign
from hub.store.dialect import insert_ignore
from hub.store.tables import countersign
from hub.store.tx import Tx

_INSERT = insert_ignore(countersign, ["link", "epoch", "seq"])


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
