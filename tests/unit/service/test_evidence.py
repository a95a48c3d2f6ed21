"""Anti-entropy: both ends compare what they hold, what lacks is said again, orphans are found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from hub.link.messages import DigestRow
from hub.store.tables import outbox as outbox_table
from hub.store.tx import Tx
from node.core import commands as cmd
from node.core.case import Holding
from node.service.evidence import ASSIGNMENT, TRACE, trace_bytes, trace_key
from node.service.ports import TraceKey
from node.store.tables import cases, journal, trace
from tests.unit.service.world import CITY, DISTRICT, STREET, TestOffice, World, routes


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World()
    made.open(CITY, tmp_path)
    district = made.open(DISTRICT, tmp_path, auto_route=True)
    district.surroundings.table = routes((STREET, f"node:{STREET}"))
    made.open(STREET, tmp_path)
    yield made
    made.close()


def rows(office: TestOffice, peer: str, scope: str, depth: int, **more) -> list[DigestRow]:
    given = {"prefix": b"", "after": b"", "limit": 1000, **more}
    link = office.ends[peer].link
    return office.writer.run(
        lambda tx: list(office.receiver.digest(tx, link, scope, depth, **given))
    )


def reconcile(world: World, above: str, below: str, scope: str) -> tuple[int, int, int, int]:
    """One whole round by hand: missing, pending, surplus, differ."""
    parent, child = world.offices[above], world.offices[below]
    up, down = parent.ends[below].link, child.ends[above].link
    asked = rows(parent, below, scope, 2)
    found = child.writer.run(
        lambda tx: child.receiver.compare(tx, down, scope, b"", asked)
    )
    child.writer.run(lambda tx: child.receiver.resupply(tx, down, scope, found.missing))

    def heal(tx: Tx) -> None:
        parent.receiver.surplus(tx, up, scope, found.surplus)
        if scope == ASSIGNMENT:
            parent.receiver.resupply(tx, up, scope, found.differ)

    parent.writer.run(heal)
    return len(found.missing), found.pending, len(found.surplus), len(found.differ)


def busy(world: World, count: int = 3) -> list[str]:
    city = world.offices[CITY]
    made = []
    for _ in range(count):
        case_id = world.file_case(city)
        world.dispatch(city, case_id, f"node:{DISTRICT}")
        made.append(case_id)
    world.settle()
    return made


def test_keys_survive_the_wire() -> None:
    key = TraceKey("0190ab00-0000-7000-8000-000000000001", STREET, 7, 9)
    assert key == trace_key(trace_bytes(key))


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_both_ends_say_the_same_when_nothing_lacks(world: World, depth: int) -> None:
    busy(world)
    above = rows(world.offices[CITY], DISTRICT, TRACE, depth)
    below = rows(world.offices[DISTRICT], CITY, TRACE, depth)
    assert above
    assert above == below


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_pages_join_into_the_whole(world: World, depth: int) -> None:
    busy(world, 4)
    office = world.offices[DISTRICT]
    whole = rows(office, CITY, TRACE, depth)
    paged: list[DigestRow] = []
    while page := rows(
        office, CITY, TRACE, depth, limit=2, after=paged[-1].key if paged else b""
    ):
        paged += page
    assert whole == paged


def test_lost_evidence_comes_again_under_its_makers_seal(world: World) -> None:
    case_id, *_ = busy(world)
    city = world.offices[CITY]
    before = city.traces(case_id)
    city.writer.run(lambda tx: tx.conn.execute(delete(trace).where(trace.c.case_id == case_id)))
    assert (3, 0, 0, 0) == reconcile(world, CITY, DISTRICT, TRACE)
    world.settle()
    assert before == city.traces(case_id)
    assert (0, 0, 0, 0) == reconcile(world, CITY, DISTRICT, TRACE)


def test_an_entry_that_was_never_enqueued_is_found(world: World) -> None:
    case_id, *_ = busy(world, 1)
    district, city = world.offices[DISTRICT], world.offices[CITY]
    district.do(cmd.Sign(**world.head(case_id)))

    def forget(tx: Tx) -> None:
        row = tx.conn.execute(
            journal.select().where(journal.c.event_type == "DutySigned")
        ).one()
        tx.conn.execute(delete(outbox_table).where(outbox_table.c.msg_id == row.trace_msg))

    district.writer.run(forget)
    world.settle()
    assert "DutySigned" not in [kind for _, _, kind in city.traces(case_id)]
    missing, *_ = reconcile(world, CITY, DISTRICT, TRACE)
    assert 1 == missing
    world.settle()
    assert "DutySigned" in [kind for _, _, kind in city.traces(case_id)]


def test_what_is_under_way_is_pending_and_not_sent_twice(world: World) -> None:
    case_id, *_ = busy(world, 1)
    district = world.offices[DISTRICT]
    district.do(cmd.Sign(**world.head(case_id)))
    assert (0, 1, 0, 0) == reconcile(world, CITY, DISTRICT, TRACE)
    waiting = district.waiting(CITY)
    assert (0, 1, 0, 0) == reconcile(world, CITY, DISTRICT, TRACE)
    assert waiting == district.waiting(CITY)


def test_an_order_that_the_child_lost_is_given_again(world: World) -> None:
    case_id, other, *_ = busy(world)
    district = world.offices[DISTRICT]
    district.writer.run(
        lambda tx: tx.conn.execute(delete(cases).where(cases.c.case_id == case_id))
    )
    assert (0, 0, 0, 1) == reconcile(world, CITY, DISTRICT, ASSIGNMENT)
    # Journal rows of before stand in the way of versions; only the duty is looked at here.
    district.writer.run(
        lambda tx: tx.conn.execute(delete(journal).where(journal.c.case_id == case_id))
    )
    from node.store.tables import assignment

    district.writer.run(
        lambda tx: tx.conn.execute(delete(assignment).where(assignment.c.case_id == case_id))
    )
    world.settle()
    assert Holding.HELD is district.case(case_id).holding
    assert (0, 0, 0, 0) == reconcile(world, CITY, DISTRICT, ASSIGNMENT)
    assert Holding.HELD is district.case(other).holding


def test_orphan_work_is_called_back(world: World) -> None:
    case_id, *_ = busy(world, 1)
    city, district = world.offices[CITY], world.offices[DISTRICT]
    city.do(cmd.WithdrawAssignment(**world.head(case_id), reason="撤回"))
    city.writer.run(lambda tx: tx.conn.execute(delete(outbox_table).where(
        outbox_table.c.acked_at.is_(None)
    )))
    world.settle()
    assert Holding.HELD is district.case(case_id).holding  # the withdrawal is lost
    assert (0, 0, 1, 0) == reconcile(world, CITY, DISTRICT, ASSIGNMENT)
    world.settle()
    assert Holding.ENDED is district.case(case_id).holding
    assert (0, 0, 0, 0) == reconcile(world, CITY, DISTRICT, ASSIGNMENT)


def test_nothing_is_healed_while_words_are_under_way(world: World) -> None:
    case_id, *_ = busy(world, 1)
    city = world.offices[CITY]
    city.do(cmd.WithdrawAssignment(**world.head(case_id), reason="撤回"))
    waiting = city.waiting(DISTRICT)
    reconcile(world, CITY, DISTRICT, ASSIGNMENT)
    assert waiting == city.waiting(DISTRICT)
