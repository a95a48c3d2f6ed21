"""The steps of the posts (环节时限): which entry starts, ends or drops one is a table.

A dropped step was not that post's to do: a report filed at once never waited to be accepted.

The limit of a step is written into the entry with which it begins (``written``), by the office
whose step it is. So it is judged the same everywhere and ever after, whatever limits come later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from node.core import events as ev
from node.core.calendar import Calendar
from node.core.clock import due, yellow_at
from node.core.clocks import Clock, ClockKind
from node.core.errors import Invalid
from node.core.facts import Ending, TimeUnit
from node.core.limits import LimitSet, Post, StepLimit
from node.core.stopwatch.noted import Noted

STARTS: Final[Mapping[type[ev.Event], tuple[Post, ...]]] = MappingProxyType({
    ev.CaseOpened: (Post.ACCEPT, Post.FILE),
    ev.CaseAccepted: (Post.FILE,),
    ev.VerifyStarted: (Post.VERIFY,),
    ev.VerifyDone: (Post.FILE,),
    ev.CaseSelfHandled: (Post.CLOSE,),
    ev.CaseFiled: (Post.DISPATCH,),
    ev.CaseTakenBack: (Post.DISPATCH,),
    ev.CaseResumed: (Post.DISPATCH,),
    ev.OrderTaken: (Post.DISPATCH,),
    ev.AssigneeDone: (Post.CHECK,),
    ev.LateResultAdopted: (Post.CHECK,),
    ev.CheckPassed: (Post.CLOSE,),
})
"""What a post waits for: from here its step limit runs. Filing runs from the report's arrival where
nobody accepts or verifies first."""
ENDS: Final[Mapping[type[ev.Event], tuple[Post, ...]]] = MappingProxyType({
    ev.CaseAccepted: (Post.ACCEPT,),
    ev.CaseNotAccepted: (Post.ACCEPT, Post.VERIFY),
    ev.VerifyStarted: (Post.ACCEPT,),
    ev.VerifyDone: (Post.VERIFY,),
    ev.CaseFiled: (Post.FILE,),
    ev.CaseDeclined: (Post.FILE,),
    ev.Assigned: (Post.DISPATCH,),
    ev.CheckPassed: (Post.CHECK,),
    ev.CheckFailed: (Post.CHECK,),
    ev.CaseClosed: (Post.CLOSE,),
})
"""What a post does."""
DROPS: Final[Mapping[type[ev.Event], tuple[Post, ...]]] = MappingProxyType({
    ev.CaseAccepted: (Post.FILE,),
    ev.VerifyStarted: (Post.FILE,),
    ev.CaseNotAccepted: (Post.FILE,),
    ev.CaseSelfHandled: (Post.DISPATCH,),
    ev.CaseFiled: (Post.ACCEPT,),
    ev.CaseDeclined: (Post.ACCEPT,),
    ev.CaseSuspended: (Post.DISPATCH,),
    ev.CaseTransferred: tuple(Post),
    ev.CasePassedUp: tuple(Post),
    ev.CaseVoided: tuple(Post),
    ev.CaseClosed: tuple(Post),
    ev.CheckStarted: (Post.CLOSE,),
    ev.AssignmentEnded: (Post.CHECK,),
    ev.AssignmentReworked: (Post.CHECK,),
    ev.DutyDone: (Post.DISPATCH,),
    ev.DutyEnded: tuple(Post),
    ev.DutyReworked: (Post.DISPATCH,),
})
"""What takes a step from a post before it is done."""
_MAY_START: Final[Mapping[type[ev.Event], tuple[Post, ...]]] = MappingProxyType({
    **STARTS, ev.CheckStarted: (Post.CHECK,), ev.CheckFailed: (Post.DISPATCH,),
})
"""With what may begin only now and then: another look, work that nobody holds any more."""
_OWN_POSTS: Final = frozenset({Post.CHECK, Post.CLOSE})
"""Posts of the office that filed: a middle office passes a result on, it does not check it."""
_GIVES_BACK: Final = (Ending.RETURNED, Ending.WITHDRAWN)


def step_clock(
    calendar: Calendar, limits: LimitSet, post: Post, *, node: str, start: datetime
) -> Clock:
    """The clock of a post's step from ``start``, with the limit of that post if it has one."""
    limit = limits.steps.get(post)
    clock = Clock(
        kind=ClockKind.STEP,
        node=node,
        post=post,
        starts_at=start,
        limit=limit,
        unit=limit.unit if limit is not None else TimeUnit.MINUTE,
        calendar=calendar.id,
    )
    return clock if limit is None else due_by(calendar, clock, due(calendar, start, limit))


def begins(event: ev.Event) -> tuple[Post, ...]:
    """The posts whose step may begin with this entry."""
    if isinstance(event, ev.AssignmentEnded):
        return (Post.DISPATCH,) if event.ending in _GIVES_BACK else ()
    return _MAY_START.get(type(event), ())


def written(
    event: ev.Event, *, own: bool, calendar: Calendar, limits: LimitSet
) -> ev.Event:
    """The entry with the limits that its steps are set by the office that makes it (``own``: whose
    case it is). What was written before stays; without a working time nothing is written."""
    if not isinstance(event, ev.StepBegins) or event.steps:
        return event
    posts = [post for post in begins(event) if own or post not in _OWN_POSTS]
    if posts and Post.CHECK in posts:
        posts.append(Post.ACCEPT)  # within which somebody is sent to look
    try:
        return replace(event, steps=tuple(
            _as_set(step_clock(calendar, limits, post, node="", start=event.at)) for post in posts
        ))
    except Invalid:
        return event


def _as_set(clock: Clock) -> StepLimit:
    assert clock.post is not None, "a step's"
    return StepLimit(
        post=clock.post, limit=clock.limit, finish_by=clock.finish_by, warn_at=clock.warn_at,
        calendar=clock.calendar,
    )


def limit_in(event: ev.Event, post: Post) -> StepLimit | None:
    """The limit that this entry set a step; None = it is of a time when none was written down."""
    if not isinstance(event, ev.StepBegins):
        return None
    return next((one for one in event.steps if one.post is post), None)


def clock_as_set(was: StepLimit, *, node: str, start: datetime) -> Clock:
    """The clock of a step whose limit stands in the journal."""
    return Clock(
        kind=ClockKind.STEP,
        node=node,
        post=was.post,
        starts_at=start,
        limit=was.limit,
        unit=was.limit.unit if was.limit is not None else TimeUnit.MINUTE,
        finish_by=was.finish_by,
        first_finish_by=was.finish_by,
        warn_at=was.warn_at,
        calendar=was.calendar,
    )


def due_by(calendar: Calendar, clock: Clock, deadline: datetime) -> Clock:
    """The clock with a deadline, and yellow from 80 % of the time until then."""
    warn_at = yellow_at(calendar, clock.starts_at, deadline, clock.unit)
    return replace(clock, finish_by=deadline, first_finish_by=deadline, warn_at=warn_at)


@dataclass(slots=True)
class _Seat:
    """What one office has open. ``live``: the assignment it handed out."""

    own: bool = False
    self_handled: bool = False
    handed_on: bool = False
    unrouted: bool = False
    live: str = ""
    steps: dict[Post, Clock] = field(default_factory=dict)

    def shows(self, post: Post) -> bool:
        """Whether an open step is really a post's to do: an office that holds a duty may do the
        work itself, unless it handed it on before or its table did not know whom."""
        return post is not Post.DISPATCH or self.own or self.handed_on or self.unrouted


class Steps:
    """Every step of every office that the entries tell of, but signing (a leg's)."""

    def __init__(self, calendar: Calendar, limits: LimitSet) -> None:
        self._calendar = calendar
        self._limits = limits
        self._seats: dict[str, _Seat] = {}
        self._ended: list[Clock] = []

    def clocks(self) -> Iterator[Clock]:
        """Ended steps, and open ones."""
        yield from self._ended
        for seat in self._seats.values():
            yield from (clock for post, clock in seat.steps.items() if seat.shows(post))

    def note(self, entry: Noted) -> None:
        """Take one entry in."""
        event = entry.event
        seat = self._seats.setdefault(entry.node, _Seat())
        self._remember(seat, event)
        for post in ENDS.get(type(event), ()):
            self._end(seat, post, entry)
        for post in DROPS.get(type(event), ()):
            seat.steps.pop(post, None)
        for post in STARTS.get(type(event), ()):
            if seat.own or post not in _OWN_POSTS:
                self._start(seat, post, entry)
        self._particulars(seat, entry)

    def _remember(self, seat: _Seat, event: ev.Event) -> None:
        if isinstance(event, ev.CaseOpened):
            seat.own = True
        elif isinstance(event, ev.CaseSelfHandled):
            seat.self_handled = True
        elif isinstance(event, ev.RouteMissed):
            seat.unrouted = True
        elif isinstance(event, ev.Assigned):
            seat.live, seat.handed_on, seat.unrouted = event.assignment_id, True, False
        elif isinstance(event, ev.AssignmentEnded):
            seat.live = ""

    def _particulars(self, seat: _Seat, entry: Noted) -> None:
        """What a table cannot say: findings, tasks with a time of their own, work given back."""
        event = entry.event
        if isinstance(event, ev.VerifyDone) and not event.found:
            seat.steps.pop(Post.FILE, None)
        elif isinstance(event, ev.VerifyStarted):
            self._task(seat, Post.VERIFY, event.due_by)
        elif isinstance(event, ev.CheckStarted) and seat.own:
            if Post.CHECK not in seat.steps:  # another look, asked for by whoever was to close
                self._start(seat, Post.CHECK, entry)
            self._task(seat, Post.CHECK, event.due_by)
        given_back = isinstance(event, ev.AssignmentEnded) and event.ending in _GIVES_BACK
        nobodys = isinstance(event, ev.CheckFailed) and not seat.live
        if given_back or nobodys:
            self._start(seat, Post.DISPATCH, entry)

    def _task(self, seat: _Seat, post: Post, deadline: datetime | None) -> None:
        if deadline is not None:
            seat.steps[post] = due_by(self._calendar, seat.steps[post], deadline)

    def _start(self, seat: _Seat, post: Post, entry: Noted) -> None:
        if post is Post.DISPATCH and seat.self_handled:
            return
        was, start = limit_in(entry.event, post), entry.event.at
        seat.steps[post] = (
            clock_as_set(was, node=entry.node, start=start)
            if was is not None
            else step_clock(self._calendar, self._limits, post, node=entry.node, start=start)
        )

    def _end(self, seat: _Seat, post: Post, entry: Noted) -> None:
        clock = seat.steps.pop(post, None)
        if clock is not None:
            name, at = type(entry.event).__name__, entry.event.at
            self._ended.append(replace(clock, ended_at=at, outcome=name, actor=entry.actor))
