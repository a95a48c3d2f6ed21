"""Points of collectors' phones: taken, kept for a while, deleted.

They are personal data: taken only while their collector has a shift, kept in one table of this
node, deleted in time, in no journal and no word to a neighbour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.approvals import role_for
from node.core.decide.intake import AHEAD_MAX
from node.core.errors import Invalid, NotPermitted
from node.core.tracks import EPOCH, Fix, Mark, TrackRules, Unkept, mark_of, unkept
from node.service.audit import AuditEntry, Recorder
from node.service.instants import to_time, to_us
from node.service.patrol_rules import PatrolRules
from node.service.ports import Row
from node.service.projection import to_cgcs2000
from node.service.walks import MICROSECOND

POINTS_MAX: Final = 500
"""Points of one batch: a phone that was offline sends several."""
FORGOTTEN_MAX: Final = 20_000
"""Points deleted in one transaction."""
SENT: Final = "SendTrack"
"""Action of the audit log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A point as a device gives it: aware ``at``, its own system of coordinates, metres."""

    at: datetime
    x: float
    y: float
    accuracy_m: float | None = None


class PointStore(Protocol):
    """What this needs from below (``node.store.tracks``)."""

    def one_collector(self, conn: Connection, number: str) -> Row | None: ...

    def shifts_within(
        self, conn: Connection, begins: int, ends: int, *, of: Sequence[str] = ()
    ) -> Sequence[Row]: ...

    def add_points(self, conn: Connection, rows: Sequence[Row]) -> int: ...

    def forget_points(self, conn: Connection, before: int, limit: int) -> int: ...


class Points:
    """The points that one office keeps. None older than ``age_max`` is taken."""

    def __init__(
        self, *, store: PointStore, audit: Recorder, writer: Writer, rules: PatrolRules,
        age_max: timedelta,
    ) -> None:
        self._store = store
        self._audit = audit
        self._writer = writer
        self._rules = rules
        self._age_max = age_max

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
                self._audit.record(tx, AuditEntry(
                    action=SENT, actor=actor, subject=f"collector:{number}",
                    detail={"rows": found["taken"]}))
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

    def forget(self, tx: Tx) -> int:
        """Delete points that were kept long enough, a bounded part; how many went."""
        before = tx.now_us - self._rules.keep // MICROSECOND
        return self._store.forget_points(tx.conn, before, FORGOTTEN_MAX)


def _point_row(number: str, fix: Fix, mark: Mark, rules: TrackRules) -> dict[str, Any]:
    return {
        "collector": number, "step_at": to_us(EPOCH + mark.step * rules.step), "x": mark.x,
        "y": mark.y, "at": to_us(fix.at), "lon": fix.lon, "lat": fix.lat,
        "accuracy_m": fix.accuracy_m,
    }
