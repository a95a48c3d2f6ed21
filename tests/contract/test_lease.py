"""A link belongs to the process that took it last, on every database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hub.errors import Fenced
from hub.ids import LinkId, NodeId
from hub.link import steps
from hub.link.applying import Applier
from hub.link.operations import LinkOperations
from hub.store import links
from hub.store.engine import open_engine
from hub.store.tx import Tx
from tests.sim.fabric.office import SimOffice

LINK, PARENT, CHILD = LinkId("420200-420203"), NodeId("420200"), NodeId("420203")


def test_a_process_that_lost_its_lease_writes_nothing(database_url: str) -> None:
    engine = open_engine(database_url)

    def write(operation: Callable[[Tx], Any]) -> Any:
        with engine.connect() as conn, conn.begin():
            return operation(Tx(conn, 1_000))

    def of(holder_no: int) -> LinkOperations:
        applier = Applier(link=LINK, me=PARENT, peer=CHILD, peer_is_parent=False,
                          application=SimOffice(), ids=None, report=lambda _type, _err: None)
        return LinkOperations(applier=applier, holder_no=holder_no)

    def take(holder_id: bytes) -> int:
        mark = write(lambda tx: links.take(tx, LINK, holder_id=holder_id, lease_until_us=2_000))
        return int(mark.holder_no)

    write(lambda tx: links.create(tx, link=LINK, peer=CHILD, peer_is_parent=False, prefer="GRPC"))
    first, second = take(b"first"), take(b"second")
    late = steps.Postpone(n=9, at_us=9_000, reason="")
    with pytest.raises(Fenced):
        write(lambda tx: of(first).write(tx, late))
    with pytest.raises(Fenced), engine.connect() as conn, conn.begin():
        of(first).read(conn, steps.Survey(), now_us=1_000)
    with engine.connect() as conn, conn.begin():
        mark = of(second).read(conn, steps.Survey(), now_us=1_000)
    assert (mark.holder_no, mark.retry_n) == (second, 0)
    engine.dispose()
