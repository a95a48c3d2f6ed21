"""What the tables of standards promise their room: one suite, both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from hub.store.engine import connect, open_engine
from node.store.repository import NodeStore

Row = dict[str, Any]
STORE = NodeStore()
REF = "GB/T 47678.5-2026"


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as conn, conn.begin():
        yield conn


def edition(version: int = 1, **changes: Any) -> Row:
    return {
        "standard_ref": REF, "version": version, "major_digits": 2, "minor_digits": 3,
        "region_digits": 6, "sequence_digits": 6, "local_from": 80, "authors": '["王"]',
        "approved": False, "approved_by": "", "approved_at": None, "basis": "person",
        "effective_from": None, "effective_to": None, "digest": "", "source": "", "note": "",
        "published_by": "", "published_version": 0, "created_at": 1, **changes,
    }


def class_row(code: str, name: str, version: int = 1, kind: str = "matter") -> Row:
    return {
        "standard_ref": REF, "version": version, "kind": kind, "code": code, "name": name,
        "major_name": "", "origin": "national", "incident": False, "valid_from": None,
        "valid_to": None, "handling_unit": "", "department": "", "legal_basis": "",
        "collection": "",
    }


def condition(code: str, number: int, area_class: str = "", version: int = 1, **more: Any) -> Row:
    return {
        "standard_ref": REF, "version": version, "kind": "matter", "code": code,
        "condition_no": number, "area_class": area_class, "dimension": "", "major_name": "",
        "name": "", "handling_unit": "", "department": "", "filing": "有暴露垃圾",
        "closing": "清理干净", "evidence": "", "limit_text": "4小时", "limit_count": 4,
        "limit_unit": "work_hour", "limit_action": "", "limit_assumed": False,
        "valid_from": None, "valid_to": None, **more,
    }


def crossing(old: str, new: str, version: int = 1) -> Row:
    return {
        "old_standard": "GB/T 30428.2-2013", "old_kind": "matter", "old_code": old,
        "version": version, "new_standard": REF, "new_kind": "matter", "new_code": new,
        "old_name": "", "verdict": "same", "source": "", "note": "", "decided_by": "王",
        "decided_at": 1,
    }


def codes(rows: Any) -> list[str]:
    return [row["code"] for row in rows]


def test_editions_keep_their_days_and_are_numbered_once(conn: Connection) -> None:
    STORE.add_edition(conn, edition(1, effective_from=date(2026, 7, 1)))
    STORE.add_edition(conn, edition(2))
    with pytest.raises(IntegrityError), conn.begin_nested():
        STORE.add_edition(conn, edition(2))
    STORE.update_edition(conn, REF, 2, {"approved": True, "approved_at": 5})

    first, second = STORE.editions(conn, REF)

    assert first == edition(1, effective_from=date(2026, 7, 1))
    assert (second["approved"], second["approved_at"]) == (True, 5)
    assert STORE.editions(conn, "CJ/T 214-2007") == []


def test_content_is_copied_whole_and_goes_with_its_draft(conn: Connection) -> None:
    STORE.add_edition(conn, edition(1))
    STORE.put_standards(conn, "class_code", [class_row("06010", "暴露生活垃圾")])
    STORE.put_standards(conn, "filing_condition", [condition("06010", 1, limit_count=None)])
    STORE.add_edition(conn, edition(2))

    STORE.copy_content(conn, REF, 1, 2)

    assert STORE.classes(conn, REF, 2) == [class_row("06010", "暴露生活垃圾", version=2)]
    assert STORE.filing_conditions(conn, REF, 2) == [
        condition("06010", 1, version=2, limit_count=None)]
    STORE.delete_edition(conn, REF, 2)
    assert (STORE.classes(conn, REF, 2), STORE.filing_conditions(conn, REF, 2)) == ([], [])
    assert len(STORE.classes(conn, REF, 1)) == 1
    assert len(STORE.editions(conn)) == 1


def test_classes_are_put_by_their_triple_and_found_by_name_or_code(conn: Connection) -> None:
    rows = [class_row("06010", "暴露生活垃圾"), class_row("06011", "积存垃圾渣土"),
            class_row("06010", "同号部件", kind="component"), class_row("09005", "店外经营_100%")]

    assert STORE.put_standards(conn, "class_code", rows) == (4, 0)
    assert STORE.put_standards(conn, "class_code", [*rows[:1], rows[0]]) == (0, 1)
    assert codes(STORE.classes(conn, REF, 1, kind="matter", text="垃圾")) == ["06010", "06011"]
    assert codes(STORE.classes(conn, REF, 1, text="06")) == ["06010", "06010", "06011"]
    assert codes(STORE.classes(conn, REF, 1, text="0%")) == ["09005"]
    assert codes(STORE.classes(conn, REF, 1, text="_")) == ["09005"]
    assert codes(STORE.classes(conn, REF, 1, after=1, limit=2)) == ["06010", "06011"]
    found = STORE.class_row(conn, REF, 1, "component", "06010")
    assert found is not None
    assert found["name"] == "同号部件"
    assert STORE.class_row(conn, REF, 2, "component", "06010") is None


def test_conditions_of_one_number_differ_by_class_of_area_and_edition(conn: Connection) -> None:
    rows = [condition("06010", 1, "A"), condition("06010", 1), condition("06010", 2),
            condition("06011", 1), condition("06010", 1, version=2)]

    assert STORE.put_standards(conn, "filing_condition", rows) == (5, 0)
    assert STORE.put_standards(conn, "filing_condition", [rows[0] | {"filing": "x"}]) == (0, 1)
    found = STORE.filing_conditions(conn, REF, 1, kind="matter", code="06010")
    assert [(row["condition_no"], row["area_class"]) for row in found] == [
        (1, ""), (1, "A"), (2, "")]
    listed = STORE.list_conditions(conn, [(REF, 2), (REF, 1)], after=1, limit=9)
    assert [(row["version"], row["code"]) for row in listed] == [
        (1, "06010"), (1, "06010"), (1, "06011"), (2, "06010")]


def test_the_crosswalk_is_read_from_both_ends_with_every_decision(conn: Connection) -> None:
    STORE.add_crossings(conn, [crossing("0110", "06010"), crossing("0110", "06011"),
                               crossing("0111", "06011"), crossing("0110", "06011", version=2)])
    STORE.add_crossings(conn, [])

    old = STORE.crossings(conn, old=[("GB/T 30428.2-2013", "matter", "0110")])
    new = STORE.crossings(conn, new=[(REF, "matter", "06011")])

    assert [(row["version"], row["new_code"]) for row in old] == [
        (1, "06010"), (1, "06011"), (2, "06011")]
    assert [(row["old_code"], row["version"]) for row in new] == [
        ("0110", 1), ("0110", 2), ("0111", 1)]
    assert STORE.crossings(conn, old=[]) == []
    assert len(STORE.crossings(conn, after=3, limit=5)) == 1


def test_classes_of_area_are_replaced_by_dimension_and_area(conn: Connection) -> None:
    row = {"dimension": "zone", "area": "4202", "area_class": "C"}

    STORE.put_kept_rows(conn, "area-classes", [row, row | {"area": "420203"}], 1)
    STORE.put_kept_rows(conn, "area-classes", [row | {"area_class": "B"}], 1)
    assert [one["area_class"] for one in STORE.area_classes(conn)] == ["B", "C"]
