"""Whose turn it is with an open request: the step of the ladder that comes next, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.approvals import Ladder, Ladders, wait_of
from node.core.case import Assignment, Case, Request
from node.core.facts import Facts, RequestKind
from node.core.granting import ordinal_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The step that comes next, counted from 1, of so many; one of ``roles`` takes it. ``since``:
    when it came to them. ``until``: the deadline of the work, which runs while it is asked for;
    None = it has none, or the request is about one that has passed. ``but``: who may not take this
    step, because they took one before."""

    step: int
    of: int
    roles: tuple[str, ...]
    since: datetime
    until: datetime | None
    but: tuple[str, ...] = ()


def ladder_for(
    ladders: Ladders, facts: Facts | None, one: Assignment, request: Request,
    *, end: datetime | None = None,
) -> Ladder:
    """The ladder of this request; ``end`` None = as it was asked for."""
    since = one.limits.finish_by if request.kind is RequestKind.EXTENSION else request.asked_at
    return ladders.ladder(
        request.kind,
        facts,
        ordinal=ordinal_of(one, request.kind),
        reason_code=request.reason_code,
        wait=wait_of(since or request.asked_at, end or request.wanted_until),
    )


def turn_of(
    case: Case, one: Assignment, request: Request, ladders: Ladders | None
) -> Turn | None:
    """Who is to look at it now; None = nobody here (it was passed up), or without a ladder whoever
    may decide."""
    if ladders is None or request.passed_up:
        return None
    ladder = ladder_for(ladders, case.facts, one, request)
    done = len(request.reviews)
    if done >= len(ladder.steps):  # the rules have fewer steps by now: the last one decides
        done = len(ladder.steps) - 1
    reviewed = request.reviews[-1].at if request.reviews else None
    return Turn(
        step=done + 1,
        of=len(ladder.steps),
        roles=ladder.steps[done],
        since=reviewed or request.asked_at,
        until=one.limits.finish_by if request.kind is not RequestKind.APPEAL else None,
        but=tuple(one.reviewer for one in request.reviews) if ladder.distinct else (),
    )
