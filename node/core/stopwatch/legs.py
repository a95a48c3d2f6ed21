"""The legs (处置时限): from handing over until the feedback is sent on, round by round.

Both ends of a hop journal it. Where an office reads both, the end that handed over has the first
word; below the newest trace, the end that holds it is all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from node.core import events as ev
from node.core.calendar import Calendar
from node.core.clock import extend, resume
from node.core.clocks import DONE, Clock, ClockKind, Pause
from node.core.facts import Limits, RequestKind, TimeUnit
from node.core.limits import LimitSet, Post
from node.core.stopwatch.noted import Noted
from node.core.stopwatch.steps import due_by, step_clock

REWORKED: Final = "reworked"
"""Outcome of a round that was sent round again before it was done."""


@dataclass(slots=True)
class _Leg:
    """One handing-over as one side of the hop journals it. ``sign`` None = signed, or over."""

    rounds: list[Clock]
    sign: Clock | None
    signed: list[Clock] = field(default_factory=list)
    asked: dict[str, datetime] = field(default_factory=dict)


class Legs:
    """Every leg that the entries tell of, with its signing."""

    def __init__(self, calendar: Calendar, limits: LimitSet) -> None:
        self._calendar = calendar
        self._limits = limits
        self._given: dict[str, _Leg] = {}
        self._held: dict[str, _Leg] = {}
        self._duties: dict[str, str] = {}

    def note(self, entry: Noted) -> None:
        """Take one entry in."""
        follow = _FOLLOWS.get(type(entry.event))
        if follow is not None:
            follow(self, entry, entry.event)

    def clocks(self) -> Iterator[Clock]:
        """Rounds and signings of every leg."""
        below = [leg for ref, leg in self._held.items() if ref not in self._given]
        for leg in (*self._given.values(), *below):
            yield from leg.rounds
            yield from leg.signed
            if leg.sign is not None:
                yield leg.sign

    # --- as the office that hands over journals it

    def _assigned(self, entry: Noted, event: ev.Assigned) -> None:
        self._given[event.assignment_id] = self._leg(
            entry.node, str(event.to), _ref(event), event.limits, event.at
        )

    def _leg(
        self, node: str, to: str, ref: str, limits: Limits, at: datetime
    ) -> _Leg:
        start = limits.starts_at or at
        sign = step_clock(
            self._calendar, self._limits, Post.SIGN, node=to.removeprefix("node:"), start=start
        )
        if limits.sign_by is not None:
            sign = due_by(self._calendar, sign, limits.sign_by)
        elif limits.calendar:  # the order was timed, and nobody counts how soon it is signed for
            sign = replace(sign, limit=None, finish_by=None, first_finish_by=None, warn_at=None)
        sign = replace(sign, ref=ref, to=to)
        return _Leg(rounds=[_round(node, to, ref, limits, at)], sign=sign)

    def _assignee_signed(self, entry: Noted, event: ev.AssigneeSigned) -> None:
        self._sign(self._given.get(event.assignment_id), event.said_at, entry)

    def _assignee_progressed(self, entry: Noted, event: ev.AssigneeProgressed) -> None:
        self._sign(self._given.get(event.assignment_id), event.said_at, entry)

    def _assignee_done(self, entry: Noted, event: ev.AssigneeDone) -> None:
        leg = self._given.get(event.assignment_id)
        self._sign(leg, event.said_at, entry)
        self._end_round(leg, event.said_at, DONE, entry)

    def _sign(self, leg: _Leg | None, at: datetime, entry: Noted) -> None:
        """Signed for, by word or by beginning to work."""
        if leg is not None and leg.sign is not None:
            name = type(entry.event).__name__
            leg.signed.append(replace(leg.sign, ended_at=at, outcome=name, actor=entry.actor))
            leg.sign = None

    def _end_round(
        self, leg: _Leg | None, at: datetime, outcome: str, entry: Noted
    ) -> None:
        if leg is None or leg.rounds[-1].ended_at is not None:
            return
        leg.rounds[-1] = replace(
            leg.rounds[-1], ended_at=at, outcome=outcome, actor=entry.actor
        )

    def _assignee_asked(self, entry: Noted, event: ev.AssigneeAsked) -> None:  # noqa: ARG002
        leg = self._given.get(event.assignment_id)
        if leg is not None:
            leg.asked[event.request_id] = event.said_at

    def _request_decided(self, entry: Noted, event: ev.RequestDecided) -> None:  # noqa: ARG002
        self._granted(self._given.get(event.assignment_id), event)

    def _granted(
        self, leg: _Leg | None, event: ev.RequestDecided | ev.RequestAnswered
    ) -> None:
        """A grant acts backwards: an extension from the old deadline, a suspension from the
        instant of asking."""
        if leg is None or not event.granted:
            return
        last = leg.rounds[-1]
        if event.kind is RequestKind.EXTENSION and event.limits is not None:
            by = event.limits.limit or last.limit
            first = last.first_finish_by
            if last.round == 0:
                first = event.limits.finish_by
            elif first is not None and by is not None:
                first = extend(self._calendar, first, by)
            leg.rounds[-1] = _moved(last, event.limits, first)
        elif event.kind is RequestKind.SUSPENSION:
            # whoever holds it may hear of the grant after their own done: it stood all the same
            leg.rounds[-1] = _paused(last, leg.asked.get(event.request_id, event.at))

    def _assignment_resumed(self, entry: Noted, event: ev.AssignmentResumed) -> None:  # noqa: ARG002
        self._resume_leg(self._given.get(event.assignment_id), event.at, event.limits)

    def _resume_leg(self, leg: _Leg | None, at: datetime, limits: Limits) -> None:
        if leg is None:
            return
        last = leg.rounds[-1]
        since = next((one.since for one in last.pauses if one.until is None), None)
        if since is None:
            return
        until = max(min(at, last.ended_at or at), since)
        pauses = tuple(replace(one, until=one.until or until) for one in last.pauses)
        first = last.first_finish_by
        if last.round == 0:
            first = limits.finish_by
        elif first is not None:
            first = resume(self._calendar, first, since, until, last.unit)
        leg.rounds[-1] = _moved(replace(last, pauses=pauses), limits, first)

    def _assignment_reworked(self, entry: Noted, event: ev.AssignmentReworked) -> None:
        leg = self._given.get(event.assignment_id)
        self._rework(leg, _ref(event), event.limits, entry)

    def _rework(self, leg: _Leg | None, ref: str, limits: Limits, entry: Noted) -> None:
        if leg is None:
            return
        at = entry.event.at
        self._end_round(leg, at, REWORKED, entry)
        last = leg.rounds[-1]
        again = _round(last.node, last.to, ref, limits, at)
        leg.rounds.append(
            replace(again, round=last.round + 1, first_finish_by=last.first_finish_by)
        )

    def _assignment_ended(self, entry: Noted, event: ev.AssignmentEnded) -> None:
        leg = self._given.get(event.assignment_id)
        if leg is not None:
            leg.sign = None
        self._end_round(leg, event.at, event.ending.value, entry)

    # --- as the office that holds it journals it

    def _order_taken(self, entry: Noted, event: ev.OrderTaken) -> None:
        self._duties[entry.node] = event.assignment_id
        self._held[event.assignment_id] = self._leg(
            event.assignor, f"node:{entry.node}", _ref(event), event.limits, event.at
        )

    def _duty(self, entry: Noted) -> _Leg | None:
        return self._held.get(self._duties.get(entry.node, ""))

    def _duty_signed(self, entry: Noted, event: ev.DutySigned | ev.DutyProgressed) -> None:
        self._sign(self._duty(entry), event.at, entry)

    def _duty_done(self, entry: Noted, event: ev.DutyDone) -> None:
        self._sign(self._duty(entry), event.said_at, entry)
        self._end_round(self._duty(entry), event.said_at, DONE, entry)

    def _request_raised(self, entry: Noted, event: ev.RequestRaised) -> None:
        leg = self._duty(entry)
        if leg is not None:
            leg.asked[event.request_id] = event.at

    def _request_answered(self, entry: Noted, event: ev.RequestAnswered) -> None:
        self._granted(self._duty(entry), event)

    def _duty_resumed(self, entry: Noted, event: ev.DutyResumed) -> None:
        self._resume_leg(self._duty(entry), event.at, event.limits)

    def _duty_reworked(self, entry: Noted, event: ev.DutyReworked) -> None:
        ref = f"{self._duties.get(entry.node, '')}/{event.generation}"
        self._rework(self._duty(entry), ref, event.limits, entry)

    def _duty_ended(self, entry: Noted, event: ev.DutyEnded) -> None:
        leg = self._duty(entry)
        if leg is not None:
            leg.sign = None
        self._end_round(leg, event.at, event.ending.value, entry)


def _ref(event: ev.Assigned | ev.AssignmentReworked | ev.OrderTaken) -> str:
    return f"{event.assignment_id}/{event.generation}"


def _round(node: str, to: str, ref: str, limits: Limits, at: datetime) -> Clock:
    return Clock(
        kind=ClockKind.HANDLING,
        node=node,
        ref=ref,
        to=to,
        starts_at=limits.starts_at or at,
        limit=limits.limit,
        unit=limits.unit or TimeUnit.MINUTE,
        finish_by=limits.finish_by,
        warn_at=limits.warn_at,
        first_finish_by=limits.finish_by,
        calendar=limits.calendar,
    )


def _moved(clock: Clock, limits: Limits, first: datetime | None) -> Clock:
    return replace(
        clock,
        finish_by=limits.finish_by,
        warn_at=limits.warn_at,
        first_finish_by=first,
        moves=clock.moves + 1,
    )


def _paused(clock: Clock, since: datetime) -> Clock:
    if clock.paused:
        return clock
    return replace(clock, pauses=(*clock.pauses, Pause(since=since)))


_FOLLOWS: Final[Mapping[type[ev.Event], Callable[[Legs, Noted, Any], None]]] = {
    ev.Assigned: Legs._assigned,
    ev.AssigneeSigned: Legs._assignee_signed,
    ev.AssigneeProgressed: Legs._assignee_progressed,
    ev.AssigneeDone: Legs._assignee_done,
    ev.AssigneeAsked: Legs._assignee_asked,
    ev.RequestDecided: Legs._request_decided,
    ev.AssignmentResumed: Legs._assignment_resumed,
    ev.AssignmentReworked: Legs._assignment_reworked,
    ev.AssignmentEnded: Legs._assignment_ended,
    ev.OrderTaken: Legs._order_taken,
    ev.DutySigned: Legs._duty_signed,
    ev.DutyProgressed: Legs._duty_signed,
    ev.DutyDone: Legs._duty_done,
    ev.RequestRaised: Legs._request_raised,
    ev.RequestAnswered: Legs._request_answered,
    ev.DutyResumed: Legs._duty_resumed,
    ev.DutyReworked: Legs._duty_reworked,
    ev.DutyEnded: Legs._duty_ended,
}
