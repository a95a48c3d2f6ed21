"""Case numbers: ``<node><date><running number of the day>``; the date is civil time's."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx
from node.core.clock import BEIJING
from node.service.instants import to_time


class Counter(Protocol):
    """Counts up per day."""

    def next_case_no(self, conn: Connection, day: str) -> int: ...


def case_number(store: Counter, tx: Tx, node: str) -> str:
    """The next number of the day at this node."""
    day = to_time(tx.now_us).astimezone(BEIJING).strftime("%Y%m%d")
    count = store.next_case_no(tx.conn, day)
    return f"{node}{day}{count:05d}"
