"""The clocks of a case, recomputed from journal entries: our own and the traces from below.

Nothing is looked up and nothing is judged: the same entries give the same clocks at every office.
``steps`` times the posts, ``legs`` the handing-overs with their signing; the overall clock is here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from node.core import events as ev
from node.core.calendar import Calendar
from node.core.clock import due, resume
from node.core.clocks import Clock, ClockKind, Pause
from node.core.facts import TimeLimit, TimeUnit
from node.core.limits import LimitSet, Post, handling_limit
from node.core.stopwatch.contests import Contests, marked
from node.core.stopwatch.legs import Legs
from node.core.stopwatch.noted import Noted
from node.core.stopwatch.steps import Steps, due_by

__all__ = ["Noted", "clocks_of"]


def clocks_of(
    entries: Iterable[Noted], *, calendar: Calendar, limits: LimitSet
) -> tuple[Clock, ...]:
    """Every clock of the case by its start, the overall one first.

    ``entries`` in the order in which they happened. Legs carry their limits with them; the steps
    of the posts by what was written down when they began. ``limits`` and ``calendar`` of the office
    that reads measure only what is older, and the overall clock, which informs.
    """
    steps, legs = Steps(calendar, limits), Legs(calendar, limits)
    overall, contests = _Overall(calendar, limits), Contests()
    for entry in entries:
        contests.note(entry)
        legs.note(entry)
        steps.note(entry)
        overall.note(entry)
    running = list(legs.clocks())
    whole = [overall.clock] if overall.clock is not None else []
    stretches = contests.stretches()
    if stretches:
        running, whole = marked(running, stretches, calendar), marked(whole, stretches, calendar)
    found = [*steps.clocks(), *running]
    found.sort(key=lambda clock: (clock.starts_at, clock.kind, clock.post or "", clock.ref))
    return (*whole, *found)


def _filed(event: ev.CaseFiled) -> TimeLimit | None:
    """The limit of the condition that it was filed under."""
    if not event.limit_count:
        return None
    return TimeLimit(value=event.limit_count, unit=TimeUnit(event.limit_unit))


_ENDS: Final = (ev.CaseClosed, ev.CaseVoided, ev.CaseTransferred)


class _Overall:
    """Filing to closing, at the office that filed; stands still while the case waits (挂账)."""

    def __init__(self, calendar: Calendar, limits: LimitSet) -> None:
        self._calendar = calendar
        self._limits = limits
        self._urgent = False
        self.clock: Clock | None = None

    def note(self, entry: Noted) -> None:
        """Take one entry in."""
        event = entry.event
        if isinstance(event, ev.CaseOpened):
            self._urgent = event.facts.urgent
        elif isinstance(event, ev.CaseFiled):
            self.clock = self._started(entry.node, event)
        clock = self.clock
        if clock is None or clock.node != entry.node:
            return
        if isinstance(event, ev.CaseTakenBack):
            self.clock = self._taken_back(clock, event.at)
            return
        if clock.ended_at is not None:
            return
        if isinstance(event, ev.CaseSuspended) and not clock.paused:
            self.clock = replace(clock, pauses=(*clock.pauses, Pause(since=event.at)))
        elif isinstance(event, ev.CaseResumed):
            self.clock = self._resumed(clock, event.at)
        elif isinstance(event, _ENDS):
            self.clock = replace(
                self._resumed(clock, event.at),
                ended_at=event.at,
                outcome=type(event).__name__,
                actor=entry.actor,
            )

    def _started(self, node: str, filed: ev.CaseFiled) -> Clock:
        limits, limit = self._limits, self._limits.overall
        handling = handling_limit(_filed(filed), limits, urgent=self._urgent)
        parts = [limit] if limit is not None else []
        if limit is None and limits.overall_sums and handling is not None:
            posts = [limits.steps.get(post) for post in (Post.DISPATCH, Post.CHECK, Post.CLOSE)]
            parts = [one for one in (posts[0], handling, *posts[1:]) if one is not None]
        counts = limit or handling
        clock = Clock(
            kind=ClockKind.OVERALL,
            node=node,
            starts_at=filed.at,
            limit=limit,
            unit=counts.unit if parts and counts is not None else TimeUnit.MINUTE,
            calendar=self._calendar.id,
        )
        deadline = filed.at
        for part in parts:
            deadline = due(self._calendar, deadline, part)
        return due_by(self._calendar, clock, deadline) if parts else clock

    def _taken_back(self, clock: Clock, at: datetime) -> Clock:
        """It was with another body and runs on: what it waited there was a pause of ours."""
        if clock.ended_at is None:
            return clock
        pauses = (*clock.pauses, Pause(since=clock.ended_at))
        again = replace(clock, ended_at=None, outcome="", actor="", pauses=pauses)
        return self._resumed(again, at)

    def _resumed(self, clock: Clock, at: datetime) -> Clock:
        """It runs again; its deadline moves by the pause."""
        if not clock.paused:
            return clock
        *before, last = clock.pauses
        finish_by, warn_at = (
            instant and resume(self._calendar, instant, last.since, at, clock.unit)
            for instant in (clock.finish_by, clock.warn_at)
        )
        pauses = (*before, replace(last, until=at))
        return replace(clock, finish_by=finish_by, warn_at=warn_at, pauses=pauses)
