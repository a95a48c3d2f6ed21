"""The clocks of a case and how they stand: one per step of a post, one per leg, one overall.

A clock is never stored as truth: ``node.core.stopwatch`` runs the journal through and gives these
values; ``read`` says how one stands at an instant. Time is counted in the limit's own kind: working
time for work hours and work days, natural time for the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from node.core.calendar import Calendar
from node.core.clock import Light, elapsed, light_at, yellow_at
from node.core.facts import TimeLimit, TimeUnit
from node.core.limits import LimitSet, Post


class ClockKind(StrEnum):
    """What a clock measures."""

    STEP = "step"
    """One post, one step (环节时限)."""
    HANDLING = "handling"
    """One leg from handing over until the feedback is sent on (处置时限)."""
    OVERALL = "overall"
    """Filing to closing; informational."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A suspension; ``until`` None = it lasts."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock as the journal tells it; instants are aware UTC.

    ``node`` is where it runs: the post's office, or the office that handed over. ``ref`` names a
    leg (assignment and number), ``to`` who has it. ``finish_by`` None = no limit: it is timed and
    has no light. ``first_finish_by`` is the deadline of the leg's first round as grants moved it;
    ``round`` counts reworks from 0. ``outcome``: how it ended ("" = it runs): the event's name for
    a step, ``done`` or the ending of the assignment for a leg. ``actor`` ended it. ``contested``:
    when it was undecided whose case it is, while the clock ran; ``contest_lasts``: it still is;
    ``apart_by``: ``first_finish_by`` if that time did not count, None = none was contested.
    """

    kind: ClockKind
    node: str
    post: Post | None = None
    ref: str = ""
    to: str = ""
    starts_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    actor: str = ""
    limit: TimeLimit | None = None
    unit: TimeUnit = TimeUnit.MINUTE
    finish_by: datetime | None = None
    warn_at: datetime | None = None
    first_finish_by: datetime | None = None
    round: int = 0
    pauses: tuple[Pause, ...] = ()
    contested: tuple[Pause, ...] = ()
    contest_lasts: bool = False
    apart_by: datetime | None = None
    moves: int = 0
    calendar: str = ""

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return self.ended_at is None and any(one.until is None for one in self.pauses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a clock stands. ``used`` and ``whole`` are of the limit's own kind of time, without
    pauses; ``left`` is negative by how late it is; None = no limit. ``on_time`` None = it runs, or
    has no limit. ``contested``: how much of ``used`` passed while it was undecided whose case it
    is."""

    light: Light
    used: timedelta
    contested: timedelta = timedelta(0)
    whole: timedelta | None = None
    left: timedelta | None = None
    on_time: bool | None = None


def read(clock: Clock, calendar: Calendar, now: datetime) -> Reading:
    """How ``clock`` stands at ``now``; one that has ended stands as it ended.

    Exactly at the deadline is on time and yellow; one instant later is overdue and red.
    """
    stand = clock.ended_at or now
    for pause in clock.pauses:
        if pause.until is None:
            stand = min(stand, pause.since)
    used = _counted(clock, calendar, clock.starts_at, stand)
    contested = sum(
        (_counted(clock, calendar, one.since, min(one.until or stand, stand))
         for one in clock.contested),
        timedelta(0),
    )
    deadline = clock.finish_by
    if deadline is None:
        return Reading(light=Light.GREY, used=used, contested=contested)
    warn_at = clock.warn_at or yellow_at(calendar, clock.starts_at, deadline, clock.unit)
    if stand <= deadline:
        left = elapsed(calendar, stand, deadline, clock.unit)
    else:
        left = -elapsed(calendar, deadline, stand, clock.unit)
    return Reading(
        light=light_at(warn_at=warn_at, deadline=deadline, now=stand, suspended=clock.paused),
        used=used,
        contested=contested,
        whole=_counted(clock, calendar, clock.starts_at, deadline),
        left=left,
        on_time=None if clock.ended_at is None else clock.ended_at <= deadline,
    )


def kept_in_time(rounds: tuple[Clock, ...], limits: LimitSet) -> bool | None:
    """Whether a leg, over all its rounds in order, was handled in time.

    With ``rework_counts_first`` the feedback that passes must have come before the first deadline,
    as grants moved it; otherwise before that of its own round. None = not handled, or no limit.
    """
    if not rounds or rounds[-1].outcome != DONE:
        return None
    last = rounds[-1]
    deadline = last.first_finish_by if limits.rework_counts_first else last.finish_by
    return None if deadline is None or last.ended_at is None else last.ended_at <= deadline


DONE = "done"
"""Outcome of a leg whose feedback was sent on."""


def _counted(clock: Clock, calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Time of the clock's kind between two instants, without what was paused."""
    total = elapsed(calendar, start, end, clock.unit)
    for pause in clock.pauses:
        since, until = max(pause.since, start), min(pause.until or end, end)
        total -= elapsed(calendar, since, until, clock.unit)
    return total
