"""What came out for shifts: computed from points and grids, stored beside them, settled in time.

While points may still come (a phone may have been offline for hours) a shift is computed anew
whenever there are more, or other rules or grids. After that what came out is final, also when its
points are gone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.outlines import from_wkb
from node.core.tracks import Fix, Ground, Mark, TrackRules, Walked, ground_of, mark_of, walked
from node.service.collectors import SHIFT_MAX
from node.service.instants import to_time, to_us
from node.service.patrol_rules import PatrolRules
from node.service.ports import Row

MICROSECOND: Final = timedelta(microseconds=1)


class WalkStore(Protocol):
    """What this needs from below (``node.store.tracks``)."""

    def points_of(
        self, conn: Connection, number: str, begins: int, ends: int
    ) -> Sequence[Row]: ...

    def count_points(
        self, conn: Connection, begins: int, ends: int, *, of: str = ""
    ) -> Sequence[Row]: ...

    def newest_numbers(self, conn: Connection) -> Mapping[str, int]: ...

    def put_results(self, conn: Connection, rows: Sequence[Row]) -> None: ...

    def results(
        self, conn: Connection, begins: int, ends: int, *, of: str = ""
    ) -> Sequence[Row]: ...

    def beat_outlines(self, conn: Connection, beat: str) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSpan:
    """A shift as it is judged: until its end, or until now while it lasts."""

    collector: str
    beat: str
    begins: datetime
    ends: datetime
    until: datetime


class Walks:
    """Results of shifts."""

    def __init__(
        self, *, store: WalkStore, writer: Writer, rules: PatrolRules, age_max: timedelta,
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._writer = writer
        self._rules = rules
        self._age_max = age_max
        self._now_us = now_us

    async def one(self, shift: ShiftSpan) -> Row:
        """What came out for one shift."""
        return (await self.results([shift], 1))[shift.collector, to_us(shift.begins)]

    async def results(
        self, shifts: Sequence[ShiftSpan], computed_max: int
    ) -> dict[tuple[str, int], Row]:
        """What came out by collector and begin (µs); at most so many are computed anew, those
        beyond are left out."""
        if not shifts:
            return {}
        begins = to_us(min(one.begins for one in shifts))
        ends = to_us(max(one.begins for one in shifts)) + 1
        of = shifts[0].collector if len(shifts) == 1 else ""

        # Of older shifts no point is taken any more, so nobody counts theirs.
        open_since = self._now_us() - (self._age_max + SHIFT_MAX) // MICROSECOND

        def read(
            conn: Connection
        ) -> tuple[dict[tuple[str, int], Row], dict[tuple[str, int], int], str]:
            drawn = self._store.newest_numbers(conn)
            layers = f"{drawn.get('grid.unit', 0)}.{drawn.get('grid.beat', 0)}"
            there = {
                (row["collector"], row["begins_at"]): row
                for row in self._store.results(conn, begins, ends, of=of)
            }
            counted = self._store.count_points(conn, max(begins, open_since), ends, of=of)
            return there, {
                (row["collector"], row["begins_at"]): row["points"] for row in counted
            }, layers

        there, points, layers = await self._writer.read(read)
        found: dict[tuple[str, int], Row] = {}
        stale: list[ShiftSpan] = []
        for one in shifts:
            key = (one.collector, to_us(one.begins))
            row = there.get(key)
            if row is not None and self._holds(row, one, points.get(key, 0), layers):
                found[key] = row
            else:
                stale.append(one)
        grounds: dict[str, Ground | None] = {}
        fresh = [
            {**await self._computed(one, grounds, there.get((one.collector, to_us(one.begins)))),
             "ground": layers}
            for one in stale[:computed_max]
        ]
        if fresh:
            await self._writer.write(lambda tx: self._store.put_results(tx.conn, fresh))
        return found | {(row["collector"], row["begins_at"]): row for row in fresh}

    def _holds(self, row: Row, shift: ShiftSpan, points: int, layers: str) -> bool:
        """Whether a stored result still says what there is. One that is settled does, unless its
        beat was drawn later."""
        if (row["until_at"], row["beat"]) != (to_us(shift.until), shift.beat):
            return False
        if row["settled"]:
            return bool(row["total"] or row["ground"] == layers)
        now = (points, self._rules.version, layers)
        return not self.is_final(shift) and (
            row["points"], row["rules"], row["ground"]) == now

    async def _computed(
        self, shift: ShiftSpan, grounds: dict[str, Ground | None], before: Row | None
    ) -> Row:
        """What comes out now; where the points of a settled result are gone, what came out
        ``before``."""
        rules = self._rules.track

        def read(conn: Connection) -> tuple[Sequence[Row], Sequence[Row] | None]:
            points = self._store.points_of(
                conn, shift.collector, to_us(shift.begins), to_us(shift.ends))
            if shift.beat in grounds:
                return points, None
            return points, self._store.beat_outlines(conn, shift.beat)

        points, outlines = await self._writer.read(read)
        if before is not None and before["settled"] and before["points"] and not points:
            return before
        if outlines is not None:
            grounds[shift.beat] = await asyncio.to_thread(_ground, outlines, rules.cell_m)
        marks = [_mark(row, rules) for row in points]
        walk = await asyncio.to_thread(
            walked, marks, grounds[shift.beat], shift.begins, shift.until, rules)
        return {
            "collector": shift.collector, "begins_at": to_us(shift.begins),
            "until_at": to_us(shift.until), "beat": shift.beat, "rules": self._rules.version,
            "points": len(points), "covered": walk.covered,
            "total": walk.total, "on_s": int(walk.on.total_seconds()),
            "off_s": int(walk.off.total_seconds()),
            "parts": json.dumps(walk.parts, ensure_ascii=False, separators=(",", ":")),
            "computed_at": self._now_us(), "settled": self.is_final(shift),
        }

    def is_final(self, shift: ShiftSpan) -> bool:
        """Whether no further point of it is taken."""
        return shift.ends + self._age_max < to_time(self._now_us())


def span_of(row: Row, now: datetime) -> ShiftSpan:
    """A shift as the table of shifts has it, judged at ``now``."""
    ends = to_time(row["ends_at"])
    begins = to_time(row["begins_at"])
    return ShiftSpan(
        collector=row["collector"], beat=row["beat"], begins=begins, ends=ends,
        until=max(begins, min(ends, now)),
    )


def walk_of(row: Row, shift: ShiftSpan) -> Walked:
    """What a stored result says."""
    on, off = timedelta(seconds=row["on_s"]), timedelta(seconds=row["off_s"])
    return Walked(
        covered=row["covered"], total=row["total"],
        parts=tuple((code, part, whole) for code, part, whole in json.loads(row["parts"])),
        on=on, off=off, silent=shift.until - shift.begins - on - off,
    )


def _mark(row: Row, rules: TrackRules) -> Mark:
    """As the rules snap it now: of a point that was taken under others, too."""
    return mark_of(Fix(at=to_time(row["at"]), lon=row["lon"], lat=row["lat"]), rules)


def _ground(outlines: Sequence[Row], cell_m: float) -> Ground | None:
    return ground_of(
        [(one["code"], from_wkb(bytes(one["outline"]))) for one in outlines], cell_m)
