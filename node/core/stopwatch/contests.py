"""When whose case it is was undecided (争议期间): the clocks run on, and what of them was contested
is told apart.

Each office's entries open and settle its own contests; contested is whatever any office that the
reader has entries of held to be so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from node.core import events as ev
from node.core.calendar import Calendar
from node.core.clock import resume
from node.core.clocks import Clock, Pause
from node.core.coordination import CONTESTS_THE_CLOCK
from node.core.facts import RequestKind
from node.core.stopwatch.noted import Noted


class Contests:
    """Takes entries in, in the order in which they happened, and tells the stretches."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], datetime] = {}
        self._asked: set[tuple[str, str]] = set()
        self._over: list[Pause] = []

    def note(self, entry: Noted) -> None:
        """Take one entry in."""
        event, node = entry.event, entry.node
        match event:
            case ev.AssigneeAsked(kind=RequestKind.DISPUTE):
                self._begin(node, event.request_id, event.said_at)
            case ev.RequestRaised(kind=RequestKind.DISPUTE):
                self._begin(node, event.request_id, event.at)
            case ev.RequestDecided(kind=RequestKind.DISPUTE) | ev.RequestAnswered(
                kind=RequestKind.DISPUTE
            ):
                self._end(node, event.request_id, event.at)
            case ev.CoordinationAsked():
                self._asked.add((node, event.coordination_id))
                if event.kind in CONTESTS_THE_CLOCK:
                    self._begin(node, event.coordination_id, event.said_at or event.at)
            case ev.CoordinationDecided():
                self._decided(node, event)

    def _begin(self, node: str, name: str, at: datetime) -> None:
        self._open.setdefault((node, name), at)

    def _end(self, node: str, name: str, at: datetime) -> None:
        since = self._open.pop((node, name), None)
        if since is not None and at > since:
            self._over.append(Pause(since=since, until=at))

    def _decided(self, node: str, event: ev.CoordinationDecided) -> None:
        """It says whose case it is, unless it was asked for another reason; then nothing is
        contested any more, but other questions."""
        key = (node, event.coordination_id)
        if key in self._asked and key not in self._open:
            return
        for where, name in list(self._open):
            contest = (where, name) not in self._asked
            if where == node and (contest or name == event.coordination_id):
                self._end(node, name, event.at)

    def stretches(self) -> tuple[Pause, ...]:
        """In order and apart from each other; ``until`` None = it lasts."""
        found: list[Pause] = []
        lasting = [Pause(since=since) for since in self._open.values()]
        for one in sorted((*self._over, *lasting), key=lambda one: one.since):
            last = found[-1] if found else None
            if last is None or (last.until is not None and one.since > last.until):
                found.append(one)
            elif last.until is not None and (one.until is None or one.until > last.until):
                found[-1] = replace(last, until=one.until)
        return tuple(found)


def marked(
    clocks: Iterable[Clock], stretches: tuple[Pause, ...], calendar: Calendar
) -> list[Clock]:
    """``clocks`` with what of them was contested; rounds of one leg in order."""
    moved: dict[str, tuple[Pause, ...]] = {}
    found = []
    for clock in clocks:
        ours = tuple(_within(clock, stretches))
        leg = clock.ref.rpartition("/")[0]
        whole = moved[leg] = (*moved.get(leg, ()), *ours)
        found.append(clock if not whole else replace(
            clock,
            contested=ours,
            contest_lasts=bool(ours) and stretches[-1].until is None,
            apart_by=_apart(clock, whole, calendar),
        ))
    return found


def _within(clock: Clock, stretches: tuple[Pause, ...]) -> Iterable[Pause]:
    """The parts of the stretches in which the clock ran."""
    for one in stretches:
        since = max(one.since, clock.starts_at)
        until = one.until if clock.ended_at is None else min(
            one.until or clock.ended_at, clock.ended_at)
        if until is None or until > since:
            yield Pause(since=since, until=until)


def _apart(clock: Clock, whole: tuple[Pause, ...], calendar: Calendar) -> datetime | None:
    """The first deadline if contested time did not count; what lasts cannot be said yet."""
    deadline = clock.first_finish_by
    for one in whole:
        if deadline is not None and one.until is not None:
            deadline = resume(calendar, deadline, one.since, one.until, clock.unit)
    return deadline
