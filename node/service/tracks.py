"""``office.tracks``: where collectors walked, and how their shifts come out.

Everybody sees their own; others' are seen by the roles that the rules name, for a purpose, and
every look is in the audit log. What is taken and kept of phones: ``node.service.track_points``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.approvals import role_for
from node.core.errors import Invalid, NotPermitted
from node.core.outlines import from_wkb, to_geojson
from node.core.patrol_sums import (
    PatrolSum,
    patrol_score,
    reports_sum,
    reports_until,
    shift_sum,
    summed,
)
from node.core.periods import read_period
from node.service.audit import AuditEntry, Recorder
from node.service.collectors import FIRM, SHIFT_MAX
from node.service.instants import to_time, to_us
from node.service.patrol_rules import PatrolRules
from node.service.ports import Row
from node.service.track_points import Points, PointStore
from node.service.walks import MICROSECOND, ShiftSpan, Walks, WalkStore, span_of, walk_of

SHIFTS_MAX: Final = 30_000
"""Shifts of one table: a month of a megacity's collectors."""
COMPUTED_MAX: Final = 10
"""Shifts computed for one table, a few tenths of a second each; whoever asks again gets further."""
TENDED_MAX: Final = 40
"""Shifts judged for good in one go."""
LINE_GAP_MIN: Final = 10
"""Minutes of silence after which a drawn line is broken."""
READ_SHIFT, READ_TRACK, READ_TABLE = "ReadPatrol", "ReadTrack", "ReadPatrolTable"
READ_POSITIONS = "ReadPositions"
"""Actions of the audit log."""


class Counting(Protocol):
    """What is asked of the evaluation (``node.service.evaluation.room``)."""

    async def counts_between(
        self, subject: str, rate: str, begins: datetime, ends: datetime, *, only: str = "",
    ) -> Mapping[str, tuple[int, int]]: ...


class TrackStore(PointStore, WalkStore, Protocol):
    """What this room needs from below (``node.store.tracks``)."""

    def collectors_between(
        self, conn: Connection, begins: int, ends: int
    ) -> Sequence[Row]: ...

    def evaluation_groups(self, conn: Connection, at_us: int) -> Sequence[Row]: ...

    def last_points(
        self, conn: Connection, numbers: Collection[str], since: int, until: int
    ) -> Sequence[Row]: ...

    def unsettled(
        self, conn: Connection, since: int, before: int, limit: int
    ) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks, in which roles, and what for."""

    name: str
    roles: frozenset[str]
    purpose: str


class Tracks:
    """The tracks of one office."""

    def __init__(
        self, *, store: TrackStore, audit: Recorder, writer: Writer, rules: PatrolRules,
        evaluation: Callable[[], Counting], age_max: timedelta, now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._audit = audit
        self._writer = writer
        self._rules = rules
        self._evaluation = evaluation
        self._age_max = min(age_max, rules.keep)
        self._now_us = now_us
        self._walks = Walks(
            store=store, writer=writer, rules=rules, age_max=self._age_max, now_us=now_us)
        self.points = Points(
            store=store, audit=audit, writer=writer, rules=rules, age_max=self._age_max)

    async def tend(self) -> int:
        """What is done by itself, in bounded parts: shifts for which no further point is taken are
        judged for good, the oldest first; points that were kept long enough are deleted, whatever
        is still to be judged. Returns how many points went."""
        now = self._now_us()
        since = now - (self._rules.keep + SHIFT_MAX) // MICROSECOND
        before = now - self._age_max // MICROSECOND
        rows = await self._writer.read(
            lambda conn: self._store.unsettled(conn, since, before, TENDED_MAX))
        await self._walks.results([span_of(row, to_time(now)) for row in rows], TENDED_MAX)
        return await self._writer.write(self.points.forget)

    # --- one shift ----------------------------------------------------------------------------

    async def shift(
        self, number: str, begins: datetime | None, viewer: Viewer
    ) -> Mapping[str, Any]:
        """How a shift comes out (None = the one that is on, or else the last one): who, when, which
        beat; ``walk`` (covered total coverage on_s off_s silent_s points parts settled), reports
        and ``score``. ``Invalid``: ``collector.unknown``, ``track.shift``, ``track.purpose``;
        ``NotPermitted`` (``track.role``)."""
        self._may_see(number, viewer)

        def look(tx: Tx) -> tuple[Row, ShiftSpan, datetime]:
            who, found = self._found(tx.conn, number, begins)
            self._log(tx, READ_SHIFT, viewer, f"collector:{number}", rows=1)
            return who, found, self._reports_until(tx.conn, found)

        who, found, reports_until = await self._writer.write(look, urgent=True)
        row = await self._walks.one(found)
        rules = self._rules
        counted = await self._evaluation().counts_between(
            rules.subject, rules.rate, found.begins, reports_until, only=number)
        walk = walk_of(row, found)
        total = shift_sum(walk, tracked=row["points"] > 0) + reports_sum(
            *counted.get(number, (0, 0)))
        return {
            **{name: who[name] for name in ("collector", "name", "team", "firm")},
            "beat": found.beat, "begins_at": found.begins, "ends_at": found.ends,
            "until": found.until, "reports_until": reports_until, "rules": rules.version,
            "settled": row["settled"],
            "points": row["points"], "covered": walk.covered, "total": walk.total,
            "silent_s": total.planned_s - total.on_s - total.off_s,
            "parts": [
                {"code": code, "covered": part, "total": whole} for code, part, whole in walk.parts
            ],
            **self._figures(total),
        }

    async def track(
        self, number: str, begins: datetime | None, viewer: Viewer
    ) -> Mapping[str, Any]:
        """The track of a shift as GeoJSON: its grids with what of each is covered, the line, and
        every point with its time. Raises as ``shift`` does."""
        self._may_see(number, viewer)

        def look(tx: Tx) -> tuple[ShiftSpan, Sequence[Row], Sequence[Row]]:
            _, found = self._found(tx.conn, number, begins)
            points = self._store.points_of(
                tx.conn, number, to_us(found.begins), to_us(found.ends))
            self._log(tx, READ_TRACK, viewer, f"collector:{number}", rows=len(points))
            return found, points, self._store.beat_outlines(tx.conn, found.beat)

        found, points, outlines = await self._writer.write(look, urgent=True)
        row = await self._walks.one(found)
        shares = {code: (part, whole) for code, part, whole in json.loads(row["parts"])}
        features: list[dict[str, Any]] = [
            _feature(to_geojson(from_wkb(bytes(one["outline"]))), kind="grid", code=one["code"],
                     covered=shares.get(one["code"], (0, 0))[0],
                     total=shares.get(one["code"], (0, 0))[1])
            for one in outlines
        ]
        features.extend(
            _feature({"type": "LineString", "coordinates": line}, kind="line")
            for line in _lines(points)
        )
        features.extend(
            _feature({"type": "Point", "coordinates": [one["lon"], one["lat"]]}, kind="point",
                     at=to_time(one["at"]).isoformat(), accuracy_m=one["accuracy_m"])
            for one in points
        )
        return {
            "type": "FeatureCollection",
            "properties": {
                "collector": number, "beat": found.beat, "crs": "CGCS2000",
                "begins_at": found.begins.isoformat(), "ends_at": found.ends.isoformat(),
            },
            "features": features,
        }

    async def positions(self, viewer: Viewer) -> Sequence[Mapping[str, Any]]:
        """Where those whose shift is on were last seen in it, by number: collector name team beat
        at lon lat; who was not seen yet is left out. ``Invalid`` (``track.purpose``);
        ``NotPermitted`` (``track.role``)."""
        self._may_see("", viewer)
        now = self._now_us()

        def look(tx: Tx) -> Sequence[Mapping[str, Any]]:
            # Of two shifts that overlap the later one is on.
            on = {row["collector"]: row
                  for row in self._store.shifts_within(tx.conn, now, now + 1)}
            since = min((row["begins_at"] for row in on.values()), default=now)
            people = {row["collector"]: row
                      for row in self._store.collectors_between(tx.conn, since, now + 1)}
            found = [
                {"collector": one["collector"], "at": to_time(one["at"]), "lon": one["lon"],
                 "lat": one["lat"], "beat": on[one["collector"]]["beat"],
                 **{name: people[one["collector"]][name] for name in ("name", "team")}}
                for one in self._store.last_points(tx.conn, list(on), since, now + 1)
                if one["at"] >= on[one["collector"]]["begins_at"]
            ] if on else []
            self._log(tx, READ_POSITIONS, viewer, "patrol:positions", rows=len(found))
            return found

        return await self._writer.write(look, urgent=True)

    # --- many ---------------------------------------------------------------------------------

    async def table(self, period: str, by: str, viewer: Viewer) -> Mapping[str, Any]:
        """Shifts that begin in a period and are over, summed by ``firm``, ``team`` or
        ``collector``: ``{period by pending lines[{key name …}]}``. While ``pending`` is not 0, so
        many shifts are not computed yet and not in the sums: ask again. ``Invalid``:
        ``evaluation.period``, ``evaluation.too_many``, ``track.purpose``; ``NotPermitted``
        (``track.role``)."""
        self._may_see("", viewer)
        span = read_period(period)
        begins, ends = to_us(span.begins), to_us(span.ends)

        def look(conn: Connection) -> tuple[list[ShiftSpan], dict[str, Row], Mapping[str, str]]:
            now_us = self._now_us()
            rows = [
                row for row in self._store.shifts_within(conn, begins, ends)
                if begins <= row["begins_at"] < ends and row["ends_at"] <= now_us
            ]
            if len(rows) > SHIFTS_MAX:
                raise Invalid(
                    f"more than {SHIFTS_MAX} shifts: take a shorter period",
                    code="evaluation.too_many",
                )
            numbers = {row["collector"] for row in rows}
            people = {
                row["collector"]: row
                for row in self._store.collectors_between(conn, begins, ends)
                if row["collector"] in numbers
            }
            firms = {
                row["key"]: row["member_of"]
                for row in self._store.evaluation_groups(conn, ends - 1)
                if row["scheme"] == FIRM
            }
            return [span_of(row, to_time(now_us)) for row in rows], people, firms

        # Many rows: read beside the writer. The look is written down before it is answered.
        shifts, people, firms = await self._writer.read(look)
        await self._writer.write(
            lambda tx: self._log(tx, READ_TABLE, viewer, f"patrol:{by} {period}", rows=len(people)),
            urgent=True)
        found = await self._walks.results(shifts, COMPUTED_MAX)
        sums = {number: PatrolSum() for number in people}
        pending = 0
        for one in shifts:
            row = found.get((one.collector, to_us(one.begins)))
            if row is None:
                pending += 1
                continue
            sums[one.collector] += shift_sum(walk_of(row, one), tracked=row["points"] > 0)
        counted = await self._evaluation().counts_between(
            self._rules.subject, self._rules.rate, span.begins, span.ends)
        for number, both in counted.items():
            if number in sums:
                sums[number] += reports_sum(*both)
        groups: Mapping[str, str] = {
            "firm": firms, "team": {number: who["team"] for number, who in people.items()},
        }.get(by, {number: number for number in people})
        return {
            "period": span.name, "by": by, "rules": self._rules.version, "pending": pending,
            "lines": [
                {"key": key, "name": people[key]["name"] if by == "collector" else key,
                 **self._figures(one)}
                for key, one in sorted(summed(sums, groups).items())
            ],
        }

    def _figures(self, total: PatrolSum) -> dict[str, Any]:
        coverage, valid = self._rules.weights
        return {
            "shifts": total.shifts, "untracked": total.untracked, "unmapped": total.unmapped,
            "planned_s": total.planned_s, "on_s": total.on_s, "off_s": total.off_s,
            "coverage": _float(total.coverage), "reported": total.reported,
            "valid": total.valid, "valid_rate": _float(total.valid_rate),
            "score": _float(patrol_score(total, coverage=coverage, valid=valid)),
        }

    # --- who, and for what --------------------------------------------------------------------

    def shows(self, roles: frozenset[str]) -> bool:
        """Would somebody in these roles be shown where others are?"""
        return bool(role_for(roles, self._rules.see))

    def _may_see(self, number: str, viewer: Viewer) -> None:
        if viewer.name != number and not self.shows(viewer.roles):
            raise NotPermitted(
                f"this takes the role {' or '.join(self._rules.see)}", code="track.role",
                needed=", ".join(self._rules.see), held=", ".join(sorted(viewer.roles)) or "-",
            )
        if not viewer.purpose.strip():
            raise Invalid(
                "looking at where somebody was takes a purpose", code="track.purpose",
                field="purpose",
            )

    def _found(
        self, conn: Connection, number: str, begins: datetime | None
    ) -> tuple[Row, ShiftSpan]:
        who = self._store.one_collector(conn, number)
        if who is None:
            raise Invalid(f"there is no collector {number} here", code="collector.unknown")
        now = to_time(self._now_us())
        if begins is None:
            rows = [
                row for row in self._store.shifts_within(
                    conn, to_us(now - self._rules.keep), to_us(now) + 1, of=[number])
                if row["begins_at"] <= to_us(now)
            ][-1:]
        else:
            rows = [
                row for row in self._store.shifts_within(
                    conn, to_us(begins), to_us(begins + SHIFT_MAX), of=[number])
                if row["begins_at"] == to_us(begins)
            ]
        if not rows:
            raise Invalid(f"{number} has no such shift", code="track.shift", collector=number)
        return who, span_of(rows[0], now)

    def _reports_until(self, conn: Connection, shift: ShiftSpan) -> datetime:
        later = [
            to_time(row["begins_at"]) for row in self._store.shifts_within(
                conn, to_us(shift.until), to_us(shift.ends + self._age_max), of=[shift.collector])
            if row["begins_at"] > to_us(shift.begins)
        ]
        return reports_until(
            shift.ends, shift.until, to_time(self._now_us()), later, late=self._age_max)

    def _log(
        self, tx: Tx, method: str, viewer: Viewer, about: str, *, rows: int
    ) -> None:
        self._audit.record(tx, AuditEntry(
            action=method, actor=viewer.name, subject=about,
            reason=viewer.purpose.strip(), detail={"rows": rows}))


def _lines(points: Sequence[Row]) -> list[list[list[float]]]:
    """The track as lines, broken where the phone was silent."""
    lines: list[list[list[float]]] = []
    last: int | None = None
    for one in points:
        if last is None or one["at"] - last > LINE_GAP_MIN * 60_000_000:
            lines.append([])
        lines[-1].append([one["lon"], one["lat"]])
        last = one["at"]
    return [line for line in lines if len(line) > 1]


def _feature(geometry: Mapping[str, Any], **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _float(value: Any) -> float | None:
    return None if value is None else round(float(value), 6)
