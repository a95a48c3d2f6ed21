"""Collectors, their shifts and training, from the use cases to the tables of both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import insert

from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.core.errors import Invalid
from node.core.patrol import Shift, overlapping, staffing
from node.service.collectors import Collector, Collectors, Training
from node.service.instants import to_us
from node.service.views import ImportResult, Level
from node.store import collectors, evaluation
from node.store.tables import grid
from tests.audits import AUDIT

T = TypeVar("T")
DAY = date(2026, 11, 26)
MIDNIGHT = datetime(2026, 11, 25, 16, tzinfo=UTC)
"""Of that day in Beijing."""
NOW = MIDNIGHT + timedelta(hours=9)
PEOPLE = (
    Collector(collector="C01", name="甲", team="一中队", firm="蓝天", beat="B1",
              valid_from=date(2026, 11, 1)),
    Collector(collector="C02", name="乙", team="二中队", beat="B2", valid_to=date(2026, 11, 25)),
)


def shift(who: str, beat: str, begin: float, hours: float = 8) -> Shift:
    start = MIDNIGHT + timedelta(hours=begin)
    return Shift(collector=who, beat=beat, begins_at=start,
                 ends_at=start + timedelta(hours=hours))


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def writer(database_url: str) -> Iterator[GroupWriter]:
    with GroupWriter(database_url, clock=lambda: to_us(NOW) * 1_000) as writer:
        yield writer


@pytest.fixture
def room(writer: GroupWriter) -> Collectors:
    return Collectors(
        store=collectors, writer=writer, audit=AUDIT, now_us=lambda: to_us(NOW), rows_max=200)


def draw_beats(writer: GroupWriter, *codes: str, **changed: Any) -> None:
    row = {"kind": "beat", "area": "420203", "standard": "", "area_m2": 1.0, "valid_from": None,
           "valid_to": None, "void": False, "note": "", "outline": None, "west": None,
           "south": None, "east": None, "north": None, "digest": b"", **changed}

    def operation(tx: Tx) -> None:
        tx.conn.execute(insert(grid), [{**row, "code": one, "name": f"{one}片"} for one in codes])

    writer.run(operation)


def test_a_list_that_comes_again_replaces_and_says_so(room: Collectors) -> None:
    assert ImportResult(added=2, replaced=0) == run(room.put(PEOPLE))
    moved = Collector(collector="C02", name="乙", team="一中队", beat="B1")
    assert ImportResult(added=0, replaced=1) == run(room.put([moved]))
    assert ["C01", "C02"] == [one["collector"] for one in run(room.page(team="一中队")).items]
    page = run(room.page(limit=1))
    assert ("C01", 1) == (page.next, len(page.items))
    assert [] == list(run(room.page(beat="B2")).items)


def test_the_firm_of_a_collector_is_a_grouping_of_the_evaluation(
    room: Collectors, writer: GroupWriter
) -> None:
    run(room.put(PEOPLE))

    def groups(at: datetime) -> list[tuple[str, str, str]]:
        rows = run(writer.read(lambda conn: evaluation.evaluation_groups(conn, to_us(at))))
        return [(row["scheme"], row["key"], row["member_of"]) for row in rows]

    assert [("firm", "C01", "蓝天")] == groups(NOW)
    assert [] == groups(datetime(2026, 10, 31, tzinfo=UTC))


def test_unstaffed_beats_come_first_and_who_has_left_staffs_nothing(
    room: Collectors, writer: GroupWriter
) -> None:
    draw_beats(writer, "B1", "B2", "B3")
    draw_beats(writer, "B0", void=True)
    draw_beats(writer, "B9", valid_to=date(2026, 11, 25))
    run(room.put([*PEOPLE, Collector(collector="C03", name="丙", beat="B4")]))
    run(room.put_shifts([shift("C01", "B1", 8), shift("C01", "B1", 17, 2), shift("C02", "B2", 8),
                         shift("C03", "B3", -4, 5)]))
    found = run(room.beats(DAY))
    assert (DAY, 2) == (found["day"], found["unstaffed"])
    assert [("B2", 0), ("B4", 0), ("B1", 600), ("B3", 60)] == [
        (one["beat"], one["staffed_minutes"]) for one in found["beats"]]
    assert "B1片" in [one["name"] for one in found["beats"]]
    assert found == run(room.beats())
    (warning,) = run(room.findings())
    assert Level.WARN is warning.level
    assert "B2, B4" in warning.sentence.say("zh-CN")
    yesterday = run(room.beats(date(2026, 11, 25)))
    assert "B9" in [one["beat"] for one in yesterday["beats"]]


def test_an_office_without_collectors_is_not_warned(
    room: Collectors, writer: GroupWriter
) -> None:
    draw_beats(writer, "B1")
    assert [] == run(room.findings())
    assert 1 == run(room.beats())["unstaffed"]


def test_nobody_is_in_two_places_and_nothing_is_taken_if_somebody_would_be(
    room: Collectors,
) -> None:
    run(room.put(PEOPLE))
    run(room.put_shifts([shift("C01", "B1", 8)]))
    with pytest.raises(Invalid) as refused:
        run(room.put_shifts([shift("C02", "B2", 8), shift("C01", "B2", 15)]))
    assert "collector.overlap" == refused.value.code
    assert [] == list(run(room.one("C02"))["shifts"])
    # The same begin is the same shift: it ends earlier now, and the other one fits.
    run(room.put_shifts([shift("C01", "B1", 8, 4), shift("C01", "B2", 12)]))
    assert ["B1", "B2"] == [one["beat"] for one in run(room.one("C01"))["shifts"]]


def test_who_is_not_registered_has_neither_shifts_nor_training(room: Collectors) -> None:
    run(room.put(PEOPLE))
    lesson = Training(collector="C01", day=DAY, course="立案标准", hours="8", result="合格")
    assert 1 == run(room.put_training([lesson])).added
    assert 1 == run(room.put_training([lesson])).replaced
    (told,) = run(room.one("C01"))["training"]
    assert (DAY, "立案标准", "8", "合格") == (
        told["day"], told["course"], told["hours"], told["result"])
    for work in (room.put_training([lesson, Training(collector="X", day=DAY, course="安全")]),
                 room.put_shifts([shift("X", "B1", 8)]), room.one("X")):
        with pytest.raises(Invalid) as refused:
            run(work)
        assert "collector.unknown" == refused.value.code
    assert 1 == len(run(room.one("C01"))["training"])


def test_time_that_two_share_is_counted_once() -> None:
    (found,) = staffing(
        ["B1"], [shift("C01", "B1", 8), shift("C02", "B1", 10, 2), shift("C03", "B1", 20, 8)],
        MIDNIGHT, MIDNIGHT + timedelta(days=1))
    assert timedelta(hours=12) == found.staffed
    assert 3 == len(found.shifts)


def test_shifts_that_touch_do_not_overlap() -> None:
    one, next_ = shift("C01", "B1", 8, 4), shift("C01", "B2", 12, 4)
    assert overlapping([next_, one]) is None
    assert overlapping([next_, one, shift("C02", "B1", 9)]) is None
    assert overlapping([next_, one, shift("C01", "B3", 11.5, 1)]) is not None
