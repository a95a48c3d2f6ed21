"""The fences: questions, each answered in one place.

They are called through this module (``fences.is_older``), so that a test may weaken one of them
everywhere at once and see that the weakness is noticed.
"""

from __future__ import annotations

from node.core import words as w
from node.core.case import Assignment, Duty, Request
from node.core.facts import Rank, RequestId, RequestKind


def is_older(generation: int, held: int) -> bool:
    """Behind what the assignee has seen: it belongs to the past."""
    return generation < held


def is_buried(duty: Duty) -> bool:
    """The held number is a tombstone: an order under it stays dead."""
    return duty.ended is not None


def speaks_for(live: Assignment | None, report: w.Report) -> bool:
    """The report is about the live assignment, in its present round."""
    return (
        live is not None
        and live.assignment_id == report.assignment_id
        and live.generation == report.generation
    )


def outlives_round(live: Assignment | None, report: w.Report) -> bool:
    """It is about the case or a supervision of it, not about one round: a rework that crosses it
    does not make it old. Whoever had another handing-over speaks of the past all the same."""
    act = report.act
    beside = isinstance(act, w.ReplyReport) or (
        isinstance(act, w.RequestReport) and act.kind is RequestKind.COORDINATION
    )
    return (
        beside
        and live is not None
        and live.assignment_id == report.assignment_id
        and report.generation < live.generation
    )


def is_answered(request: Request) -> bool:
    """The assignor answered it before: an answer counts once."""
    return request.answered


def ends_pause(duty: Duty, request_id: RequestId) -> bool:
    """It is that suspension whose end was not told yet: a clock is set going once."""
    return duty.paused_by == request_id


def moves(rank: Rank, said: Rank) -> bool:
    """Reports move forwards only."""
    return said > rank
