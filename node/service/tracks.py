"""``office.tracks``: where collectors walked, and how their shifts come out.

Points are personal data: taken only while their collector has a shift, kept in one table of this
node, deleted in time, in no journal and no word to a neighbour. Everybody sees their own; others'
are seen by the roles that the rules name, for a purpose, and every look is in the access log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.approvals import role_for
from node.core.decide.intake import AHEAD_MAX
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
from node.core.tracks import (
    EPOCH,
    Fix,
    Mark,
    TrackRules,
    Unkept,
    mark_of,
    unkept,
)
from node.service.collectors import FIRM, SHIFT_MAX
from node.service.instants import to_time, to_us
from node.service.patrol_rules import PatrolRules
from node.service.ports import Row
from node.service.projection import to_cgcs2000
from node.service.walks import MICROSECOND, ShiftSpan, Walks, WalkStore, span_of, walk_of

POINTS_MAX: Final = 500
"""Points of one batch: a phone that was offline sends several."""
SHIFTS_MAX: Final = 30_000
"""Shifts of one table: a month of a megacity's collectors."""
COMPUTED_MAX: Final = 10
"""Shifts computed for one table, a few tenths of a second each; whoever asks again gets further."""
TENDED_MAX: Final = 40
"""Shifts judged for good in one go."""
FORGOTTEN_MAX: Final = 20_000
"""Points deleted in one transaction."""
LINE_GAP_MIN: Final = 10
"""Minutes of silence after which a drawn line is broken."""
SENT, READ_SHIFT, READ_TRACK, READ_TABLE = (
    "SendTrack", "ReadPatrol", "ReadTrack", "ReadPatrolTable")
"""Methods of the access log."""


class Counting(Protocol):
    """What is asked of the evaluation (``node.service.evaluation.room``)."""

    async def counts_between(
        self, subject: str, rate: str, begins: datetime, ends: datetime, *, only: str = "",
    ) -> Mapping[str, tuple[int, int]]: ...


class TrackStore(WalkStore, Protocol):
    """What this room needs from below (``node.store.tracks``)."""

    def one_collector(self, conn: Connection, number: str) -> Row | None: ...

    def collectors_between(
        self, conn: Connection, begins: int, ends: int
    ) -> Sequence[Row]: ...

    def shifts_within(
        self, conn: Connection, begins: int, ends: int, *, of: Sequence[str] = ()
    ) -> Sequence[Row]: ...

    def evaluation_groups(self, conn: Connection, at_us: int) -> Sequence[Row]: ...

    def add_points(self, conn: Connection, rows: Sequence[Row]) -> int: ...

    def unsettled(
        self, conn: Connection, since: int, before: int, limit: int
    ) -> Sequence[Row]: ...

    def forget_points(self, conn: Connection, before: int, limit: int) -> int: ...


class AccessLog(Protocol):
    """Where looks are written down."""

    def log_access(self, conn: Connection, row: Row) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A point as a device gives it: aware ``at``, its own system of coordinates, metres."""

    at: datetime
    x: float
    y: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks, in which roles, and what for."""

    name: str
    roles: frozenset[str]
    purpose: str


class Tracks:
    """The tracks of one office."""

    def __init__(
        self, *, store: TrackStore, log: AccessLog, writer: Writer, rules: PatrolRules,
        evaluation: Callable[[], Counting], age_max: timedelta, now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._access = log
        self._writer = writer
        self._rules = rules
        self._evaluation = evaluation
        self._age_max = min(age_max, rules.keep)
        self._now_us = now_us
        self._walks = Walks(
            store=store, writer=writer, rules=rules, age_max=self._age_max, now_us=now_us)

    # --- taking points ------------------------------------------------------------------------

    async def take(
        self, number: str, points: Sequence[Sent], crs: str, *, actor: str,
        roles: frozenset[str],
    ) -> Mapping[str, int]:
        """Keep a batch of points: ``{taken, known, coarse, off_duty, too_old, ahead}``, which sum
        to the batch. ``known``: the same was there, or another of the same mark. A batch that comes
        twice changes nothing. ``NotPermitted`` (``track.sender``) for somebody else's points;
        ``Invalid``: ``collector.unknown``, ``place.crs``, ``place.point``."""
        if actor != number and not role_for(roles, self._rules.send):
            raise NotPermitted(
                f"points of {number} are sent by {number}, or in the role "
                f"{' or '.join(self._rules.send)}",
                code="track.sender", collector=number, needed=", ".join(self._rules.send),
            )
        fixes = []
        for one in points:
            lon, lat = to_cgcs2000(one.x, one.y, crs)
            fixes.append(Fix(at=one.at, lon=lon, lat=lat, accuracy_m=one.accuracy_m))

        def write(tx: Tx) -> dict[str, int]:
            if self._store.one_collector(tx.conn, number) is None:
                raise Invalid(f"there is no collector {number} here", code="collector.unknown")
            found = dict.fromkeys(("taken", "known", *map(str, Unkept)), 0)
            spans = self._spans(tx.conn, number, fixes)
            rows: dict[Mark, Row] = {}
            for fix in fixes:
                why = unkept(
                    fix, to_time(tx.now_us), spans, self._rules.track, age_max=self._age_max,
                    ahead_max=AHEAD_MAX,
                )
                if why is not None:
                    found[why] += 1
                    continue
                found["known"] += 1
                mark = mark_of(fix, self._rules.track)
                rows.setdefault(mark, _point_row(number, fix, mark, self._rules.track))
            found["taken"] = self._store.add_points(tx.conn, list(rows.values()))
            found["known"] -= found["taken"]
            if actor != number and found["taken"]:
                self._log(tx, SENT, actor, number, rows=found["taken"])
            return found

        return await self._writer.write(write)

    def _spans(
        self, conn: Connection, number: str, fixes: Sequence[Fix]
    ) -> list[tuple[datetime, datetime]]:
        if not fixes:
            return []
        first, last = min(one.at for one in fixes), max(one.at for one in fixes)
        return [
            (to_time(row["begins_at"]), to_time(row["ends_at"]))
            for row in self._store.shifts_within(
                conn, to_us(first), to_us(last) + 1, of=[number])
        ]

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
        return await self._writer.write(self.forget)

    def forget(self, tx: Tx) -> int:
        """Delete points that were kept long enough, a bounded part; how many went."""
        before = tx.now_us - self._rules.keep // MICROSECOND
        return self._store.forget_points(tx.conn, before, FORGOTTEN_MAX)

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
            self._log(
                tx, READ_SHIFT, viewer.name, number, rows=1, purpose=viewer.purpose)
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
            self._log(tx, READ_TRACK, viewer.name, number, rows=len(points),
                      purpose=viewer.purpose)
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
            lambda tx: self._log(
                tx, READ_TABLE, viewer.name, f"{by} {period}", rows=len(people),
                purpose=viewer.purpose),
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

    def _may_see(self, number: str, viewer: Viewer) -> None:
        if viewer.name != number and not role_for(viewer.roles, self._rules.see):
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
        self, tx: Tx, method: str, actor: str, about: str, *, rows: int, purpose: str = ""
    ) -> None:
        self._access.log_access(tx.conn, {
            "at": tx.now_us, "side": "WRITE" if method == SENT else "READ", "peer": "",
            "actor": actor, "purpose": f"{about}: {purpose.strip()}" if purpose else about,
            "method": method, "case_id": None, "row_count": rows,
        })


def _point_row(number: str, fix: Fix, mark: Mark, rules: TrackRules) -> dict[str, Any]:
    return {
        "collector": number, "step_at": to_us(EPOCH + mark.step * rules.step), "x": mark.x,
        "y": mark.y, "at": to_us(fix.at), "lon": fix.lon, "lat": fix.lat,
        "accuracy_m": fix.accuracy_m,
    }


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
