"""``office.collectors``: collectors in teams, beats and shifts; their training; unstaffed beats.

Reports name a collector by number; what stands here is who that is. The firm of a collector is
written into the grouping ``firm`` as well, so that a firm's score sums its people.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.clock import BEIJING
from node.core.errors import Invalid
from node.core.patrol import Shift, Staffing, overlapping, staffing
from node.service.audit import Recorder, imported
from node.service.instants import to_time, to_us
from node.service.phrases import phrase
from node.service.ports import Row
from node.service.views import Finding, ImportResult, Level, Page

FIRM: Final = "firm"
"""The grouping of the evaluation that says whose people somebody is."""
SHIFTS_SHOWN: Final = timedelta(days=14)
"""How far back and ahead a collector's page shows shifts."""
SHIFT_MAX: Final = timedelta(hours=24)
NAMED_MAX: Final = 5
"""Beats or numbers named in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Somebody who patrols. ``collector``: the number or account that reports name. ``valid_to``:
    the last day."""

    collector: str
    name: str
    team: str = ""
    firm: str = ""
    beat: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One course that somebody attended. ``hours`` and ``result`` as the sheet writes them."""

    collector: str
    day: date
    course: str
    hours: str = ""
    result: str = ""


T = TypeVar("T")


class CollectorStore(Protocol):
    """What it asks of the tables (``node.store.collectors``)."""

    def put_collectors(self, conn: Connection, rows: Sequence[Row]) -> int: ...

    def collectors(
        self, conn: Connection, *, team: str, beat: str, after: str, limit: int
    ) -> Sequence[Row]: ...

    def one_collector(self, conn: Connection, number: str) -> Row | None: ...

    def known_collectors(self, conn: Connection, numbers: Collection[str]) -> set[str]: ...

    def put_shifts(self, conn: Connection, rows: Sequence[Row]) -> int: ...

    def shifts_within(
        self, conn: Connection, begins: int, ends: int, *, of: Collection[str] = ()
    ) -> Sequence[Row]: ...

    def put_training(self, conn: Connection, rows: Sequence[Row]) -> int: ...

    def training_of(self, conn: Connection, number: str) -> Sequence[Row]: ...

    def beats_on(self, conn: Connection, day: date) -> Sequence[Row]: ...

    def usual_beats(self, conn: Connection, day: date) -> Sequence[str]: ...

    def count_collectors(self, conn: Connection) -> int: ...

    def put_evaluation_groups(self, conn: Connection, rows: Sequence[Row]) -> None: ...


class Collectors:
    """The people who patrol for this office."""

    def __init__(
        self, *, store: CollectorStore, writer: Writer, audit: Recorder,
        now_us: Callable[[], int], rows_max: int,
    ) -> None:
        self._store = store
        self._writer = writer
        self._audit = audit
        self._now_us = now_us
        self._rows_max = rows_max

    # --- taking over --------------------------------------------------------------------------

    async def put(self, rows: Sequence[Collector]) -> ImportResult:
        """Add collectors or replace those of the same number, all or none."""
        return await self._import("collectors", put_collectors, rows)

    async def put_shifts(self, rows: Sequence[Shift]) -> ImportResult:
        """Add shifts or replace those of the same collector and begin, all or none.
        ``Invalid``: ``collector.unknown``, ``collector.overlap``."""
        return await self._import("collectors/shifts", put_shifts, rows)

    async def put_training(self, rows: Sequence[Training]) -> ImportResult:
        """Add training records, all or none. ``Invalid`` (``collector.unknown``)."""
        return await self._import("collectors/training", put_training, rows)

    async def _import(
        self, table: str, put: Callable[[CollectorStore, Tx, Sequence[T]], ImportResult],
        rows: Sequence[T],
    ) -> ImportResult:
        def write(tx: Tx) -> ImportResult:
            done = put(self._store, tx, rows)
            self._audit.record(tx, imported(table, done))
            return done

        return await self._writer.write(write, urgent=True)

    # --- telling ------------------------------------------------------------------------------

    async def page(
        self, *, team: str = "", beat: str = "", after: str = "", limit: int = 50
    ) -> Page:
        """Collectors by number. Items: every member of ``Collector``."""
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(lambda conn: self._store.collectors(
            conn, team=team, beat=beat, after=after, limit=limit))
        return Page(
            items=tuple(dict(row) for row in rows),
            next=rows[-1]["collector"] if len(rows) == limit else "",
        )

    async def one(self, number: str) -> Mapping[str, Any]:
        """One collector with ``shifts`` (two weeks back and ahead: beat begins_at ends_at) and
        ``training`` (day course hours result). ``Invalid`` (``collector.unknown``)."""
        now = to_time(self._now_us())

        def read(conn: Connection) -> tuple[Row | None, Sequence[Row], Sequence[Row]]:
            return (
                self._store.one_collector(conn, number),
                self._store.shifts_within(
                    conn, to_us(now - SHIFTS_SHOWN), to_us(now + SHIFTS_SHOWN), of=[number]),
                self._store.training_of(conn, number),
            )

        row, shifts, training = await self._writer.read(read)
        if row is None:
            raise Invalid(f"there is no collector {number} here", code="collector.unknown")
        return {
            **row,
            "shifts": [_told(_shift(one)) for one in shifts],
            "training": [{name: one[name] for name in ("day", "course", "hours", "result")}
                         for one in training],
        }

    async def beats(self, day: date | None = None) -> Mapping[str, Any]:
        """Who patrols what on a day of Beijing time (None = today): ``{day, unstaffed, beats[{beat
        name staffed_minutes shifts[{collector beat begins_at ends_at}]}]}``, beats that nobody
        patrols first. Beats are those of the layer and those that are somebody's usual one."""
        day = day or self._today()
        found, names = await self._writer.read(lambda conn: self._staffing(conn, day))
        return {
            "day": day,
            "unstaffed": sum(not one.shifts for one in found),
            "beats": [
                {"beat": one.beat, "name": names.get(one.beat, ""),
                 "staffed_minutes": int(one.staffed.total_seconds()) // 60,
                 "shifts": [_told(shift) for shift in one.shifts]}
                for one in found
            ],
        }

    async def findings(self) -> list[Finding]:
        """Beats that nobody patrols today; nothing where no collector is registered."""
        day = self._today()

        def look(conn: Connection) -> tuple[Staffing, ...]:
            return self._staffing(conn, day)[0] if self._store.count_collectors(conn) else ()

        empty = [one.beat for one in await self._writer.read(look) if not one.shifts]
        if not empty:
            return []
        named = ", ".join(empty[:NAMED_MAX]) + (" …" if len(empty) > NAMED_MAX else "")
        return [Finding(
            level=Level.WARN, subject="beats",
            sentence=phrase("collector.unstaffed", count=len(empty), beats=named),
            remedy=phrase("collector.unstaffed.remedy"),
        )]

    def _staffing(
        self, conn: Connection, day: date
    ) -> tuple[tuple[Staffing, ...], Mapping[str, str]]:
        names = {row["code"]: row["name"] for row in self._store.beats_on(conn, day)}
        beats = {*names, *self._store.usual_beats(conn, day)}
        begins = datetime.combine(day, time(), BEIJING).astimezone(UTC)
        ends = begins + timedelta(days=1)
        shifts = [
            _shift(row) for row in self._store.shifts_within(conn, to_us(begins), to_us(ends))
            if (row["valid_from"] is None or row["valid_from"] <= day)
            and (row["valid_to"] is None or day <= row["valid_to"])
        ]
        return staffing(beats, shifts, begins, ends), names

    def _today(self) -> date:
        return to_time(self._now_us()).astimezone(BEIJING).date()


def put_collectors(store: CollectorStore, tx: Tx, rows: Sequence[Collector]) -> ImportResult:
    """Write collectors, and the firm of each into the grouping of the evaluation."""
    added = store.put_collectors(tx.conn, [asdict(row) for row in rows])
    store.put_evaluation_groups(tx.conn, [
        {"scheme": FIRM, "key": row.collector, "member_of": row.firm,
         "valid_from": _midnight(row.valid_from) or 0, "valid_to": None}
        for row in rows if row.firm
    ])
    return ImportResult(added=added, replaced=len(rows) - added)


def put_shifts(store: CollectorStore, tx: Tx, rows: Sequence[Shift]) -> ImportResult:
    """Write shifts, unless somebody would be in two places."""
    _known(store, tx, {row.collector for row in rows})
    if rows:
        first = to_us(min(row.begins_at for row in rows))
        last = to_us(max(row.ends_at for row in rows))
        replaced = {(row.collector, row.begins_at) for row in rows}
        there = map(_shift, store.shifts_within(
            tx.conn, first, last, of={row.collector for row in rows}))
        kept = [one for one in there if (one.collector, one.begins_at) not in replaced]
        both = overlapping([*rows, *kept])
        if both is not None:
            one, other = both
            raise Invalid(
                f"{one.collector} would be on {one.beat} and {other.beat} at "
                f"{other.begins_at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
                code="collector.overlap",
            )
    added = store.put_shifts(tx.conn, [
        {"collector": row.collector, "beat": row.beat, "begins_at": to_us(row.begins_at),
         "ends_at": to_us(row.ends_at)} for row in rows])
    return ImportResult(added=added, replaced=len(rows) - added)


def put_training(store: CollectorStore, tx: Tx, rows: Sequence[Training]) -> ImportResult:
    """Write training records."""
    _known(store, tx, {row.collector for row in rows})
    added = store.put_training(tx.conn, [asdict(row) for row in rows])
    return ImportResult(added=added, replaced=len(rows) - added)


def _known(store: CollectorStore, tx: Tx, numbers: set[str]) -> None:
    unknown = sorted(numbers - store.known_collectors(tx.conn, numbers))
    if unknown:
        named = ", ".join(unknown[:NAMED_MAX]) + (" …" if len(unknown) > NAMED_MAX else "")
        raise Invalid(f"there is no collector {named} here", code="collector.unknown")


def _midnight(day: date | None) -> int | None:
    return None if day is None else to_us(datetime.combine(day, time(), BEIJING))


def _shift(row: Row) -> Shift:
    return Shift(
        collector=row["collector"], beat=row["beat"], begins_at=to_time(row["begins_at"]),
        ends_at=to_time(row["ends_at"]))


def _told(shift: Shift) -> dict[str, Any]:
    return {
        "collector": shift.collector, "beat": shift.beat,
        "begins_at": shift.begins_at.isoformat(), "ends_at": shift.ends_at.isoformat(),
    }
