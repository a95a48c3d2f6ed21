"""The clocks of a case for people: read from its journal and traces, each with its light."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from node.core.calendar import Calendar
from node.core.clock import Light, light_at
from node.core.clocks import Clock, read
from node.core.limits import LimitSet
from node.core.stopwatch import Noted, clocks_of
from node.service.folding import read_event
from node.service.instants import to_time
from node.service.ports import Entry, Row

MINUTE: Final = timedelta(minutes=1)


def light_of(row: Row, now_us: int) -> Light:
    """The light of the deadline that counts here, from the columns of a case: that of whoever has
    it, or of the post of our own that it waits for; grey where nothing runs. Work that is done is
    judged by when it was done."""
    stands = now_us if row["done_at"] is None else row["done_at"]
    held = row["finish_by"] is not None
    warn_at, deadline = (row["warn_at"], row["finish_by"]) if held else (
        row["step_warn_at"], row["step_by"])
    return light_at(
        warn_at=to_time(warn_at) if warn_at is not None else None,
        deadline=to_time(deadline) if deadline is not None else None,
        now=to_time(stands),
        suspended=bool(row["paused"]) or not row["live"],
    )


def overdue(row: Row, now_us: int) -> bool:
    """Whether whoever has it is late; a late step of our own is shown by its light alone."""
    return row["finish_by"] is not None and light_of(row, now_us) is Light.RED


def noted(entries: Iterable[Entry]) -> list[Noted]:
    """Entries in the order in which they happened; of a node with a newer program, what we cannot
    name yet tells no clock."""
    found = []
    for entry in sorted(entries, key=lambda one: (one.hlc, one.node, one.version)):
        try:
            event = read_event(entry.event_type, entry.event)
        except KeyError:
            continue
        found.append(Noted(node=entry.node, event=event, actor=entry.actor))
    return found


def timed(
    entries: Iterable[Entry], *, calendar: Calendar, limits: LimitSet, now: datetime
) -> list[dict[str, Any]]:
    """Every clock as JSON-ready data: where it runs and since when, its limit, its light, and the
    minutes used and left (negative: overdue, a begun minute counts) of the limit's own kind."""
    found = clocks_of(noted(entries), calendar=calendar, limits=limits)
    return [_told(clock, calendar, now) for clock in found]


def _told(clock: Clock, calendar: Calendar, now: datetime) -> dict[str, Any]:
    reading = read(clock, calendar, now)
    limit = clock.limit
    return {
        "kind": clock.kind.value,
        "post": clock.post.value if clock.post is not None else "",
        "node": clock.node,
        "ref": clock.ref,
        "to": clock.to,
        "round": clock.round,
        "starts_at": clock.starts_at.isoformat(),
        "ended_at": clock.ended_at.isoformat() if clock.ended_at is not None else None,
        "outcome": clock.outcome,
        "actor": clock.actor,
        "limit_count": limit.value if limit is not None else None,
        "limit_unit": limit.unit.value if limit is not None else "",
        "counts_in": clock.unit.value,
        "finish_by": clock.finish_by.isoformat() if clock.finish_by is not None else None,
        "warn_at": clock.warn_at.isoformat() if clock.warn_at is not None else None,
        "paused": clock.paused,
        "moves": clock.moves,
        "calendar": clock.calendar,
        "light": reading.light.value,
        "used_minutes": reading.used // MINUTE,
        "contested_minutes": reading.contested // MINUTE,
        "left_minutes": reading.left // MINUTE if reading.left is not None else None,
        "on_time": reading.on_time,
    }
