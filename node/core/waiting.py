"""Whose turn it is while nobody holds a case: the post whose step runs, and since when.

A case that is handed out shows the light of that leg. Before, and after the work was handed back,
it is some post of our own that it waits for; ``node.core.stopwatch`` has all clocks, here is the
one that a worklist shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from node.core.calendar import Calendar
from node.core.case import Case, CaseStatus
from node.core.clocks import Clock
from node.core.events import Event
from node.core.limits import LimitSet, Post
from node.core.stopwatch.steps import clock_as_set, due_by, limit_in, step_clock

WAITS: Final[Mapping[CaseStatus, Post]] = MappingProxyType({
    CaseStatus.REPORTED: Post.ACCEPT,
    CaseStatus.VERIFYING: Post.VERIFY,
    CaseStatus.PENDING_FILING: Post.FILE,
    CaseStatus.PENDING_DISPATCH: Post.DISPATCH,
    CaseStatus.PENDING_CLOSE: Post.CLOSE,
})
"""Status of an own case that nobody holds → who has to act."""


def post_of(case: Case) -> Post | None:
    """The post it waits for; None = somebody holds it, or nobody has to act."""
    if case.duty is not None or case.live is not None:
        return None
    return WAITS.get(case.status)


def noted(before: Case | None, after: Case, event: Event) -> Case:
    """``after`` with the instant since when it waits for the post it waits for, and the limit that
    this step was set."""
    post = post_of(after)
    if before is not None and post is post_of(before):
        return after
    since, was = (event.at, limit_in(event, post)) if post is not None else (None, None)
    if (after.waits_since, after.waits_by) == (since, was):
        return after
    return replace(after, waits_since=since, waits_by=was)


def step_of(case: Case, *, calendar: Calendar, limits: LimitSet) -> Clock | None:
    """The clock of that step; None = none runs. ``Invalid`` if the calendar has no working time."""
    post = post_of(case)
    if post is None or case.waits_since is None:
        return None
    was, start = case.waits_by, case.waits_since
    clock = (
        clock_as_set(was, node="", start=start)
        if was is not None
        else step_clock(calendar, limits, post, node="", start=start)
    )
    if post is Post.VERIFY and case.task is not None and case.task.due_by is not None:
        return due_by(calendar, clock, case.task.due_by)
    return clock
