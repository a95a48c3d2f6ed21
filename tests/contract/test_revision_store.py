"""Versions of imported tables and sheets that wait, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection

from hub.store.engine import connect, open_engine
from hub.store.writer import GroupWriter
from node.core.errors import WrongStatus
from node.service import revising
from node.service.revising import change_of, compared, compared_back, keyed, revise, seal_of
from node.store import revisions
from node.store.repository import NodeStore

STORE = NodeStore()
AREAS = "area-classes"


@pytest.fixture
def writer(database_url: str) -> Iterator[GroupWriter]:
    clock = count(1_000_000, 1_000)
    with GroupWriter(database_url, clock=lambda: next(clock)) as writer:
        yield writer


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as conn, conn.begin():
        yield conn


def area(code: str, its: str) -> dict[str, Any]:
    return {"dimension": "zone", "area": code, "area_class": its}


def import_areas(writer: GroupWriter, *rows: dict[str, Any], whole: bool = False) -> int:
    return writer.run(lambda tx: revise(
        STORE, tx, AREAS, compared(STORE, tx.conn, AREAS, rows, whole=whole), source="区域.csv"))


def now(writer: GroupWriter) -> dict[str, str]:
    return writer.run(lambda tx: {
        row["area"]: row["area_class"] for row in STORE.kept_rows(tx.conn, AREAS)})


def test_each_import_is_a_version_with_what_it_changed(writer: GroupWriter) -> None:
    assert import_areas(writer, area("4202", "C"), area("420203", "A")) == 1
    assert import_areas(writer, area("4202", "B"), area("420203", "A")) == 2
    assert import_areas(writer, area("4202", "B")) == 2  # nothing new

    rows = writer.run(lambda tx: STORE.list_revisions(tx.conn, AREAS, 0, 10))
    assert [(one["number"], one["added"], one["changed"], one["removed"], one["source"])
            for one in rows] == [(2, 0, 1, 0, "区域.csv"), (1, 2, 0, 0, "区域.csv")]
    [second] = writer.run(lambda tx: STORE.revision_changes(tx.conn, AREAS, 2, 0, 10))
    assert change_of(second).differing() == {"area_class": ("C", "B")}
    assert json.loads(second["key"]) == ["zone", "4202"]
    assert [one["number"] for one in writer.run(
        lambda tx: STORE.list_revisions(tx.conn, AREAS, 2, 10))] == [1]
    assert writer.run(lambda tx: STORE.revision_row(tx.conn, AREAS, 3)) is None


def test_an_earlier_version_is_put_back_exactly_also_from_before_the_first(
    writer: GroupWriter,
) -> None:
    import_areas(writer, area("4202", "C"), area("420203", "A"))
    import_areas(writer, area("4202", "B"))
    import_areas(writer, area("420204", "B"), whole=True)
    assert now(writer) == {"420204": "B"}

    first, second = {"4202": "C", "420203": "A"}, {"4202": "B", "420203": "A"}
    for to, there in ((1, first), (2, second), (0, {})):
        writer.run(lambda tx, to=to: revise(
            STORE, tx, AREAS, compared_back(STORE, tx.conn, AREAS, to), back_to=to))
        assert now(writer) == there
    newest = writer.run(lambda tx: STORE.revision_row(tx.conn, AREAS, 6))
    assert newest is not None
    assert (newest["back_to"], newest["removed"]) == (0, 2)


def test_whoever_has_seen_other_changes_takes_nothing(writer: GroupWriter) -> None:
    seen = writer.run(lambda tx: seal_of(compared(STORE, tx.conn, AREAS, [area("4202", "C")])))
    import_areas(writer, area("4202", "C"))

    with pytest.raises(WrongStatus) as refused:
        writer.run(lambda tx: revise(
            STORE, tx, AREAS, compared(STORE, tx.conn, AREAS, [area("4202", "C")]), seen=seen))
    assert refused.value.code == "upkeep.moved"


def test_the_oldest_versions_go_when_there_are_too_many(
    writer: GroupWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revising, "REVISIONS_KEPT", 2)
    for its in "ABCD":
        import_areas(writer, area("4202", its))

    rows = writer.run(lambda tx: STORE.list_revisions(tx.conn, AREAS, 0, 10))
    assert [one["number"] for one in rows] == [4, 3]
    assert writer.run(lambda tx: STORE.revision_changes(tx.conn, AREAS, 2, 0, 10)) == []


def test_rows_are_told_apart_by_the_key_that_the_database_holds_them_to(conn: Connection) -> None:
    for name, kept in revisions._KEPT.items():
        assert set(kept.key) == set(revising.KEYS[name])
    assert len(keyed(AREAS, [area("4202", "C"), area("4202", "B")])) == 1


def test_of_sheets_that_wait_the_newest_stay(conn: Connection) -> None:
    for n in range(4):
        revisions.add_draft(conn, {
            "id": f"0000000{n}", "name": "units", "at": n, "actor": "admin", "source": "a.csv",
            "whole": False, "body": "x", "report": "{}", "rejects": ""}, 2)

    assert [one["id"] for one in revisions.drafts(conn, "units")] == ["00000003", "00000002"]
    assert revisions.draft(conn, "00000001") is None
    found = revisions.draft(conn, "00000003")
    assert found is not None
    assert found["body"] == "x"
    assert revisions.drop_draft(conn, "00000003") == 1
    assert revisions.drop_draft(conn, "00000003") == 0
