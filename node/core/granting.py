"""What a grant makes of a deadline, shared by ``decide`` (a person grants) and ``hear`` (an answer
from above grants with it)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from node.core import events as ev
from node.core.case import Assignment, Case, Duty, Request
from node.core.clock import extended, leg_limits, resumed
from node.core.context import Context
from node.core.errors import Invalid
from node.core.facts import Limits, RequestKind

PASSED_UP: Final = frozenset({RequestKind.EXTENSION, RequestKind.SUSPENSION, RequestKind.VOID})
"""What an office may not always grant itself, so that it asks its own assignor."""

DUE, PERSON, DONE, ABOVE = "due", "person", "done", "above"
"""How a clock came to run again."""


def lengthened(limits: Limits, until: datetime | None, ctx: Context) -> Limits:
    """``limits`` after one extension: by one original limit, or (where none is known, or a time is
    given) until then. Raises ``Invalid`` (``limits.nothing_to_extend``) if there is neither."""
    if until is None or limits.finish_by is None:
        return extended(ctx.calendar, limits)
    return leg_limits(ctx.calendar, limits.starts_at or ctx.now, replace(limits, finish_by=until))


def extension_of(
    limits: Limits, request: Request, ctx: Context, *, until: datetime | None = None
) -> Limits:
    """``limits`` after the request for an extension was granted; ``until`` as whoever grants it
    says. Raises ``Invalid`` as ``lengthened``."""
    unknown = limits.limit is None
    return lengthened(limits, until or (request.wanted_until if unknown else None), ctx)


def would_end(limits: Limits, request: Request, ctx: Context) -> datetime | None:
    """The deadline of the work, were the request granted as it was asked; None = it moves none, or
    there is none to move."""
    with suppress(Invalid):
        if request.kind is RequestKind.EXTENSION:
            return extension_of(limits, request, ctx).finish_by
        if request.kind is RequestKind.SUSPENSION and request.wanted_until is not None:
            again = max(request.wanted_until, request.asked_at)
            return resumed(ctx.calendar, limits, request.asked_at, again).finish_by
    return None


def lengthened_within(limits: Limits, outer: Limits, ctx: Context) -> Limits:
    """An inner leg after the outer one was extended: one original limit more, or whatever the outer
    one leaves; never less than it had, never beyond it."""
    if limits.finish_by is None or outer.finish_by is None:
        return limits
    wanted = replace(limits, finish_by=outer.finish_by)
    if limits.limit is not None:
        with suppress(Invalid):  # further than any calendar reaches: the outer one ends before
            wanted = extended(ctx.calendar, limits)
    start = limits.starts_at or ctx.now
    bounded = leg_limits(ctx.calendar, start, wanted, outer=outer, reserve=ctx.reserve)
    assert bounded.finish_by is not None, "both ends have a deadline"
    if bounded.finish_by <= limits.finish_by:
        return limits
    return bounded


def run_again(
    live: Assignment, *, at: datetime, outer: Limits | None, how: str, text: str, ctx: Context
) -> ev.AssignmentResumed:
    """The clock of a paused leg runs again from ``at``: its deadline moves by the time paused, in
    its own unit, but never beyond the outer duty's."""
    assert live.paused_at is not None, "only what stands can run again"
    limits = resumed(ctx.calendar, live.limits, live.paused_at, max(at, live.paused_at))
    return ev.AssignmentResumed(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        limits=no_later(limits, outer),
        how=how,
        text=text,
    )


def no_later(limits: Limits, outer: Limits | None) -> Limits:
    """``limits``, none of them later than the outer deadline."""
    edge = outer.finish_by if outer is not None else None
    if edge is None:
        return limits

    def bound(instant: datetime | None) -> datetime | None:
        return instant and min(instant, edge)

    finish_by = bound(limits.finish_by) or edge
    warn_at = bound(limits.warn_at)
    if limits.warn_at is not None and limits.finish_by is not None:
        # yellow comes as long before red as it would have
        warn_at = limits.warn_at - (limits.finish_by - finish_by)
    return replace(
        limits, sign_by=bound(limits.sign_by), finish_by=finish_by, warn_at=warn_at
    )


def outlasts(limits: Limits, outer: Limits | None) -> bool:
    """Would it run beyond the outer deadline?"""
    if outer is None or outer.finish_by is None:
        return False
    return limits.finish_by is None or limits.finish_by > outer.finish_by


def granted_before(of: Duty | Assignment | Case, kind: RequestKind) -> int:
    """How often a request of that kind was granted already; of an appeal: decided."""
    if kind is RequestKind.EXTENSION:
        return of.extension_count
    if kind is RequestKind.SUSPENSION:
        return of.suspension_count
    return of.appeal_count if kind is RequestKind.APPEAL else 0


def ordinal_of(of: Duty | Assignment, kind: RequestKind) -> int:
    """The how-manieth of its kind a request would be."""
    return 1 + granted_before(of, kind)
