"""Whose turn it is while nobody holds a case: the post whose step runs, and since when.

A case that is handed out shows the light of that leg. Before, and after the work was handed back,
it is some post of our own that it waits for; ``node.core.stopwatch`` has all clocks, here is the
one that a worklist shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from node.core.calendar import Calendar
from node.core.case import Case, CaseStatus
from node.core.clocks import Clock
from node.core.limits import LimitSet, Post
from node.core.stopwatch.steps import due_by, step_clock

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


def noted(before: Case | None, after: Case, at: datetime) -> Case:
    """``after`` with the instant since when it waits for the post it waits for."""
    post = post_of(after)
    if before is not None and post is post_of(before):
        return after
    since = at if post is not None else None
    return after if after.waits_since == since else replace(after, waits_since=since)


def step_of(case: Case, *, calendar: Calendar, limits: LimitSet) -> Clock | None:
    """The clock of that step; None = none runs. ``Invalid`` if the calendar has no working time."""
    post = post_of(case)
    if post is None or case.waits_since is None:
        return None
    clock = step_clock(calendar, limits, post, node="", start=case.waits_since)
    if post is Post.VERIFY and case.task is not None and case.task.due_by is not None:
        return due_by(calendar, clock, case.task.due_by)
    return clock
