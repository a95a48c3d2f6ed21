"""Tracks of collectors, from batches of points to the sums of a firm, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, insert, select

from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.core.errors import Refused
from node.core.outlines import metres_per_degree, outline_of, to_wkb
from node.core.patrol import Shift
from node.main.profiles import patrol_named
from node.service.collectors import Collector, Collectors
from node.service.instants import to_us
from node.service.patrol_rules import PatrolRules
from node.service.track_points import Sent
from node.service.tracks import Tracks, Viewer
from node.store import collectors, tracks
from node.store.repository import NodeStore
from node.store.tables import grid, grid_unit, layer_version, track_point, track_result
from tests.audits import AUDIT, said

T = TypeVar("T")
MIDNIGHT = datetime(2026, 11, 25, 16, tzinfo=UTC)
"""Of 26 November in Beijing."""
BEGINS = MIDNIGHT + timedelta(hours=8)
STORE = NodeStore()
LON, LAT = 115.1, 30.2
PER_LON, PER_LAT = metres_per_degree(LAT)
LEADER = Viewer(name="leader", roles=frozenset({"shift_leader"}), purpose="月度考评")
PEOPLE = (
    Collector(collector="C01", name="甲", team="一中队", firm="蓝天", beat="B1"),
    Collector(collector="C02", name="乙", team="一中队", firm="蓝天", beat="B1"),
    Collector(collector="C03", name="丙", beat="B9"),
)


class Clock:
    """What time it is."""

    now = BEGINS + timedelta(hours=9)

    def us(self) -> int:
        return to_us(self.now)


class Reports:
    """Reports of the evaluation, as it would count them."""

    counts: Mapping[str, tuple[int, int]] = {}

    async def counts_between(
        self, subject: str, rate: str, begins: datetime, ends: datetime, *, only: str = "",
    ) -> Mapping[str, tuple[int, int]]:
        assert ("collector", "valid_report") == (subject, rate)
        return {key: both for key, both in self.counts.items() if only in ("", key)}


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def refused(work: Coroutine[Any, Any, Any]) -> str:
    with pytest.raises(Refused) as error:
        run(work)
    return error.value.code


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def writer(database_url: str, clock: Clock) -> Iterator[GroupWriter]:
    with GroupWriter(database_url, clock=lambda: clock.us() * 1_000) as writer:
        yield writer


@pytest.fixture
def rules(tmp_path: Any) -> PatrolRules:
    return patrol_named("standard", home=tmp_path)


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def room(writer: GroupWriter, clock: Clock, rules: PatrolRules, reports: Reports) -> Tracks:
    register = Collectors(store=collectors, writer=writer, audit=AUDIT, now_us=clock.us,
                          rows_max=200)
    run(register.put(PEOPLE))
    run(register.put_shifts([
        Shift(collector=one, beat=beat, begins_at=BEGINS, ends_at=BEGINS + timedelta(hours=hours))
        for one, beat, hours in (("C01", "B1", 8), ("C02", "B1", 2), ("C03", "B9", 4))]))
    draw(writer)
    return Tracks(store=tracks, audit=AUDIT, writer=writer, rules=rules,
                  evaluation=lambda: reports, age_max=timedelta(hours=72), now_us=clock.us)


def draw(writer: GroupWriter, beat: str = "B1", number: int = 1) -> None:
    """A beat of two streets, 400 by 20 metres each, as two unit grids."""
    def street(north: float) -> bytes:
        corners = [(0, north), (400, north), (400, north + 20), (0, north + 20)]
        return to_wkb(outline_of(
            [[[(LON + x / PER_LON, LAT + y / PER_LAT) for x, y in corners]]]))

    row = {"area": "420203", "standard": "", "area_m2": 1.0, "valid_from": None, "name": "",
           "valid_to": None, "void": False, "note": "", "west": None, "south": None,
           "east": None, "north": None, "digest": b""}

    def operation(tx: Tx) -> None:
        tx.conn.execute(insert(grid), [
            {**row, "kind": "unit", "code": f"{beat}U1", "outline": street(0)},
            {**row, "kind": "unit", "code": f"{beat}U2", "outline": street(300)},
            {**row, "kind": "beat", "code": beat, "outline": None}])
        tx.conn.execute(insert(grid_unit), [
            {"kind": "beat", "code": beat, "unit": f"{beat}U{n}"} for n in (1, 2)])
        for layer in ("grid.unit", "grid.beat"):
            values = dict.fromkeys(
                [one.name for one in layer_version.columns if not one.nullable], 0)
            tx.conn.execute(insert(layer_version), {
                **values, "layer": layer, "number": number, "source": "", "actor": "",
                "digest": b"", **({"dated": BEGINS.date()} if "dated" in values else {})})

    writer.run(operation)


def at(minute: float, east: float = 0.0, north: float = 10.0, **changed: Any) -> Sent:
    return Sent(**{"at": BEGINS + timedelta(minutes=minute), "x": LON + east / PER_LON,
                   "y": LAT + north / PER_LAT, "accuracy_m": 8.0, **changed})


STREET = [at(n, 50.0 * n) for n in range(9)]
"""The first street from end to end."""


def take(room: Tracks, points: list[Sent], number: str = "C01", **who: Any) -> Mapping[str, int]:
    return run(room.points.take(number, points, who.pop("crs", "CGCS2000"), **{
        "actor": number, "roles": frozenset(), **who}))


def kept(writer: GroupWriter, table: Any = track_point) -> int:
    return run(writer.read(
        lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one()))


def looks(writer: GroupWriter) -> list[tuple[str, ...]]:
    return [one for one in said(writer) if one[0] != "ImportTable"]


def test_a_batch_that_comes_twice_changes_nothing(room: Tracks, writer: GroupWriter) -> None:
    assert {"taken": 9, "known": 0} == {
        key: value for key, value in take(room, STREET).items() if key in ("taken", "known")}
    before = run(room.shift("C01", None, LEADER))
    assert {"taken": 0, "known": 9} == {
        key: value for key, value in take(room, STREET[::-1]).items()
        if key in ("taken", "known")}
    assert before == run(room.shift("C01", None, LEADER))
    assert 9 == kept(writer)


def test_whoever_stands_still_leaves_one_point_a_minute(
    room: Tracks, writer: GroupWriter
) -> None:
    still = [at(n / 6, 0.001 * n) for n in range(30)]
    found = take(room, still)
    assert (5, 25) == (found["taken"], found["known"])
    assert 5 == kept(writer)


def test_what_is_not_kept_is_counted_and_sums_to_the_batch(
    room: Tracks, writer: GroupWriter, clock: Clock
) -> None:
    clock.now = BEGINS + timedelta(hours=1)
    odd = [at(1), at(1, accuracy_m=None), at(2, accuracy_m=900.0), at(-10), at(62), at(70),
           at(-60 * 80)]
    found = take(room, odd)
    assert {"taken": 2, "known": 1, "coarse": 1, "off_duty": 1, "too_old": 1, "ahead": 1} == found
    assert 2 == kept(writer)


def test_points_of_other_systems_are_converted_at_the_door(
    room: Tracks, writer: GroupWriter
) -> None:
    take(room, [at(1)], crs="GCJ02")
    lon = run(writer.read(lambda conn: conn.execute(select(track_point.c.lon)).scalar_one()))
    assert 0.003 < LON - lon < 0.01
    assert "place.crs" == refused(
        room.points.take("C01", [at(1)], "?", actor="C01", roles=frozenset()))


def test_points_are_sent_by_whoever_was_there_or_by_the_role(
    room: Tracks, writer: GroupWriter
) -> None:
    sending = {"actor": "gateway", "roles": frozenset({"dispatcher"})}
    assert "track.sender" == refused(room.points.take("C01", [at(1)], "CGCS2000", **sending))
    sending["roles"] = frozenset({"track_gateway"})
    assert 1 == take(room, [at(1)], **sending)["taken"]
    assert [("SendTrack", "gateway", "collector:C01", "")] == looks(writer)
    assert "collector.unknown" == refused(
        room.points.take("C77", [at(1)], "CGCS2000", actor="C77", roles=frozenset()))


def test_a_shift_shows_coverage_time_and_valid_reports(
    room: Tracks, reports: Reports, clock: Clock
) -> None:
    take(room, STREET)
    reports.counts = {"C01": (4, 3)}
    found = run(room.shift("C01", BEGINS, LEADER))
    assert ("甲", "蓝天", "B1") == (found["name"], found["firm"], found["beat"])
    assert [("B1U1", 1.0), ("B1U2", 0.0)] == [
        (one["code"], one["covered"] / one["total"]) for one in found["parts"]]
    assert (0.5, 0.75, 62.5) == (found["coverage"], found["valid_rate"], found["score"])
    assert (9 * 60, 0, 8 * 3600 - 9 * 60) == (found["on_s"], found["off_s"], found["silent_s"])
    assert not found["settled"]
    clock.now += timedelta(hours=72)
    assert run(room.shift("C01", BEGINS, LEADER))["settled"]


def test_later_points_are_counted_and_a_running_shift_is_judged_until_now(
    room: Tracks, clock: Clock
) -> None:
    clock.now = BEGINS + timedelta(minutes=30)
    take(room, STREET[:3])
    first = run(room.shift("C01", None, LEADER))
    assert (clock.now, 30 * 60) == (first["until"], first["planned_s"])
    clock.now = BEGINS + timedelta(hours=10)
    take(room, [*STREET, *(at(20 + n, 50.0 * n, 310.0) for n in range(9))])
    then = run(room.shift("C01", None, LEADER))
    assert (1.0, 8 * 3600) == (then["coverage"], then["planned_s"])


def test_others_tracks_take_a_role_and_a_purpose_and_every_look_is_logged(
    room: Tracks, writer: GroupWriter
) -> None:
    take(room, STREET)
    clerk = replace(LEADER, name="clerk", roles=frozenset({"dispatcher"}))
    for look in (room.shift("C01", None, clerk), room.track("C01", None, clerk),
                 room.table("2026-11", "firm", clerk)):
        assert "track.role" == refused(look)
    for look in (room.shift("C01", None, replace(LEADER, purpose=" ")),
                 room.table("2026-11", "firm", replace(LEADER, purpose=""))):
        assert "track.purpose" == refused(look)
    assert [] == looks(writer)
    own = Viewer(name="C01", roles=frozenset(), purpose="核对")
    run(room.track("C01", None, own))
    run(room.shift("C01", None, LEADER))
    run(room.table("2026-11", "collector", LEADER))
    assert [
        ("ReadTrack", "C01", "collector:C01", "核对"),
        ("ReadPatrol", "leader", "collector:C01", "月度考评"),
        ("ReadPatrolTable", "leader", "patrol:collector 2026-11", "月度考评"),
    ] == looks(writer)
    assert "track.shift" == refused(room.shift("C01", BEGINS + timedelta(hours=1), LEADER))
    assert "collector.unknown" == refused(room.shift("C88", None, LEADER))


def test_where_those_on_duty_were_last_seen_takes_a_role_and_a_purpose_and_is_logged(
    room: Tracks, writer: GroupWriter, clock: Clock
) -> None:
    clock.now = BEGINS + timedelta(minutes=30)
    take(room, [at(1), at(20, 100.0), at(9, 50.0)])
    take(room, [at(5, 200.0)], "C02")
    found = run(room.positions(LEADER))
    assert [("C01", "甲", "一中队", "B1", BEGINS + timedelta(minutes=20)),
            ("C02", "乙", "一中队", "B1", BEGINS + timedelta(minutes=5))] == [
        tuple(one[name] for name in ("collector", "name", "team", "beat", "at"))
        for one in found]
    assert pytest.approx((LON + 100 / PER_LON, LAT + 10 / PER_LAT)) == (
        found[0]["lon"], found[0]["lat"])
    clock.now = BEGINS + timedelta(hours=3)
    assert ["C01"] == [one["collector"] for one in run(room.positions(LEADER))], "C02 went home"
    clock.now = BEGINS + timedelta(hours=9)
    assert [] == run(room.positions(LEADER))
    assert [("ReadPositions", "leader", "patrol:positions", "月度考评")] * 3 == looks(writer)
    assert "track.role" == refused(room.positions(replace(LEADER, roles=frozenset({"x"}))))
    assert "track.purpose" == refused(room.positions(replace(LEADER, purpose=" ")))


def test_a_track_is_geojson_with_its_grids_its_line_and_every_point(room: Tracks) -> None:
    take(room, [*STREET, *(at(120 + n, 50.0 * n, 310.0) for n in range(3))])
    found = run(room.track("C01", BEGINS, LEADER))
    kinds = [one["properties"]["kind"] for one in found["features"]]
    assert {"grid": 2, "line": 2, "point": 12} == {
        kind: kinds.count(kind) for kind in sorted(set(kinds))}
    (line, _) = [one["geometry"] for one in found["features"]
                 if one["properties"]["kind"] == "line"]
    assert ("LineString", 9) == (line["type"], len(line["coordinates"]))
    assert [LON, LAT + 10 / PER_LAT] == pytest.approx(line["coordinates"][0])


def test_a_firm_sums_its_people_by_the_length_of_their_shifts(
    room: Tracks, reports: Reports
) -> None:
    take(room, [at(n, 50.0 * n, north) for north in (10.0, 310.0) for n in range(9)], "C02")
    take(room, STREET)
    reports.counts = {"C01": (1, 1), "C02": (3, 0), "C77": (9, 9)}
    firms = {one["key"]: one for one in run(room.table("2026-11", "firm", LEADER))["lines"]}
    assert {"", "蓝天"} == set(firms)
    blue = firms["蓝天"]
    # Eight hours at a half, two at all of it: not the mean of the two, which is three quarters.
    assert (0.6, 0.25, 42.5) == (blue["coverage"], blue["valid_rate"], blue["score"])
    assert (2, 10 * 3600, 0) == (blue["shifts"], blue["planned_s"], blue["untracked"])
    other = firms[""]
    assert (1, 1, None, None) == (
        other["untracked"], other["unmapped"], other["coverage"], other["score"])
    teams = run(room.table("2026-W48", "team", LEADER))["lines"]
    assert ["", "一中队"] == [one["key"] for one in teams]
    people = run(room.table("2026-11-26", "collector", LEADER))["lines"]
    assert [("C01", 0.5), ("C02", 1.0), ("C03", None)] == [
        (one["key"], one["coverage"]) for one in people]
    assert [] == run(room.table("2026-11-25", "firm", LEADER))["lines"]


def test_a_shift_without_any_point_counts_as_not_walked(room: Tracks) -> None:
    found = run(room.table("2026-11", "collector", LEADER))["lines"][0]
    assert (1, 0.0, 0.0) == (found["untracked"], found["coverage"], found["score"])


def test_a_long_table_is_computed_part_by_part(
    room: Tracks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.service.tracks.COMPUTED_MAX", 2)
    take(room, STREET)
    assert [1, 0] == [
        run(room.table("2026-11", "firm", LEADER))["pending"] for _ in range(2)]


def test_points_are_deleted_in_time_and_what_came_out_stays(
    room: Tracks, writer: GroupWriter, clock: Clock, rules: PatrolRules
) -> None:
    take(room, STREET)
    clock.now += timedelta(days=4)
    assert 0 == run(room.tend())
    assert (9, 3) == (kept(writer), kept(writer, track_result))
    clock.now += rules.keep
    assert 9 == run(room.tend())
    assert 0 == kept(writer)
    found = run(room.shift("C01", BEGINS, LEADER))
    assert (0.5, 9, True) == (found["coverage"], found["points"], found["settled"])
    assert 0.5 == run(room.table("2026-11", "collector", LEADER))["lines"][0]["coverage"]
    assert [] == [one for one in run(room.track("C01", BEGINS, LEADER))["features"]
                  if one["properties"]["kind"] == "point"]


def test_a_beat_that_is_drawn_later_is_counted_while_the_points_are_there(
    room: Tracks, writer: GroupWriter, clock: Clock
) -> None:
    take(room, STREET, "C03")
    clock.now += timedelta(days=4)
    run(room.tend())
    before = run(room.shift("C03", BEGINS, LEADER))
    assert (None, True) == (before["coverage"], before["settled"])
    draw(writer, "B9", 2)
    assert 0.5 == run(room.shift("C03", BEGINS, LEADER))["coverage"]
