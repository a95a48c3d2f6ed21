"""The problem library over time (问题库存量): when a case was in it, why, and with whom.

A case is in the library while its clock stands still (挂账), or while it is so long past its
deadline that somebody has to meet about it (长期超期). Both follow from the journal alone, so the
stock of any past instant can be counted again from it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from node.core import events as ev
from node.core.calendar import Calendar
from node.core.case import Assignment, Case, CaseStatus, Duty
from node.core.evolve import evolve
from node.core.facts import Limits, Rank
from node.core.periods import Period

OVER: Final = frozenset({
    CaseStatus.CLOSED, CaseStatus.VOIDED, CaseStatus.NOT_ACCEPTED, CaseStatus.NOT_FILED,
    CaseStatus.ENDED,
})
"""Statuses in which nothing is left to do here; such a case cannot become overdue."""
HANDLED: Final = frozenset({
    CaseStatus.FEEDBACK_GIVEN, CaseStatus.CHECKING, CaseStatus.PENDING_CLOSE, CaseStatus.DONE,
})
"""Statuses in which the work is done and somebody looks at the result."""
FREE_DAYS_MAX: Final = 60
"""Free days in a row that a calendar may have; behind them a sheet is drawn up all the same."""
NO_LIMITS: Final = Limits()

Key = TypeVar("Key", bound=Hashable)


class Why(StrEnum):
    """Why a case is in the library."""

    SUSPENDED = "suspended"
    OVERDUE = "overdue"


class Left(StrEnum):
    """How a case came out of it."""

    HANDLED = "handled"
    RESUMED = "resumed"
    MOVED = "moved"
    """Its deadline is another one: an extension, a rework, a new handing-over."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An uninterrupted time in the library under one reason and holder: [since, until), ``until``
    None = it goes on. ``left`` says how it ended, None = it goes on or another piece follows."""

    case_id: str
    since: datetime
    until: datetime | None
    why: Why
    reason: str
    holder: str
    left: Left | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What a period did to a stock. ``opening + came - resolved == closing``, always."""

    opening: int = 0
    came: int = 0
    resolved: int = 0

    @property
    def closing(self) -> int:
        return self.opening + self.came - self.resolved


# --- of one case ----------------------------------------------------------------------------------


def leg_of(case: Case) -> Duty | Assignment | None:
    """Whose deadline counts here: our duty's while we hold it, else that of what we handed on."""
    duty = case.duty
    return duty if duty is not None and duty.ended is None else case.live


def done_at(leg: Duty | Assignment | None) -> datetime | None:
    """When the work of a leg was done; its clock ended there, whoever still looks at the result."""
    if leg is None or leg.rank is not Rank.DONE or leg.result is None:
        return None
    return leg.result.said_at


def stands_still(case: Case) -> bool:
    """Whether the clock that counts here is suspended (挂账): our own wait, our duty's, or that of
    whoever has it from us."""
    duty = case.duty
    if duty is not None and duty.ended is None:
        return duty.suspended_until is not None
    if case.live is not None:
        return case.live.suspended_until is not None
    return case.suspended_until is not None


def pause_of(case: Case) -> tuple[datetime, datetime, str] | None:
    """Since when its clock stands, until when, and why; None = it runs."""
    live, duty = case.live, case.duty
    if duty is not None and duty.suspended_until is not None:
        asked = next(
            (one for one in duty.settled_requests if one.request_id == duty.paused_by), None
        )
        since = asked.asked_at if asked is not None else case.updated_at
        return since, duty.suspended_until, asked.text if asked is not None else ""
    if live is not None and live.suspended_until is not None:
        return live.paused_at or case.updated_at, live.suspended_until, live.pause_reason
    if case.suspended_until is not None:
        since = case.suspended_since or case.updated_at
        return since, case.suspended_until, case.suspended_reason
    return None


def holder_of(case: Case) -> str:
    """With whom it lies; "" = with ourselves."""
    return str(case.live.to) if case.live is not None else ""


def pieces(
    case_id: str, events: Iterable[ev.Event], grace: timedelta, now: datetime
) -> tuple[Case | None, list[Piece]]:
    """The times a case spent in the library, in order, and the case as it is after these events.
    ``grace``: how long past its deadline a case is before it is long overdue. Nothing is said of
    what comes after ``now``."""
    case: Case | None = None
    found: list[Piece] = []
    there: Piece | None = None
    falls_in: tuple[datetime, Piece] | None = None
    for event in events:
        at = event.at
        if there is None and falls_in is not None and falls_in[0] < at:
            there = falls_in[1]
        case = evolve(case, event)
        next_, falls_in = _standing(case, case_id, at, grace)
        if there is not None and not _same(there, next_):
            left = None if next_ is not None else _left(event, case)
            if there.since < at:
                found.append(replace(there, until=at, left=left))
            elif found and found[-1].until == at:
                found[-1] = replace(found[-1], left=left)
            there = next_
        elif there is None:
            there = next_
    if there is None and falls_in is not None and falls_in[0] < now:
        there = falls_in[1]
    if there is not None:
        found.append(there)
    return case, found


def _standing(
    case: Case, case_id: str, at: datetime, grace: timedelta
) -> tuple[Piece | None, tuple[datetime, Piece] | None]:
    """Is it in the library at this instant, and else from when on, if nothing happens?"""
    if case.status in OVER:
        return None, None
    holder = holder_of(case)
    if stands_still(case):
        pause = pause_of(case)
        reason = pause[2] if pause is not None else ""
        return Piece(case_id=case_id, since=at, until=None, why=Why.SUSPENDED, reason=reason,
                     holder=holder), None
    leg = leg_of(case)
    finish_by = leg.limits.finish_by if leg is not None else None
    if finish_by is None or done_at(leg) is not None:
        return None, None
    since = finish_by + grace
    late = Piece(case_id=case_id, since=max(since, at), until=None, why=Why.OVERDUE, reason="",
                 holder=holder)
    return (late, None) if since <= at else (None, (since, late))


def _same(one: Piece, other: Piece | None) -> bool:
    return other is not None and (one.why, one.reason, one.holder) == (
        other.why, other.reason, other.holder)


def _left(event: ev.Event, case: Case) -> Left:
    if case.status in OVER:
        return Left.ENDED
    if case.status in HANDLED or done_at(leg_of(case)) is not None:
        return Left.HANDLED
    if isinstance(event, ev.AssignmentResumed | ev.DutyResumed | ev.CaseResumed):
        return Left.RESUMED
    return Left.MOVED


# --- of many --------------------------------------------------------------------------------------


def flows(
    all_of_them: Sequence[Piece], key: Callable[[Piece], Key], begins: datetime, ends: datetime
) -> Mapping[Key, Flow]:
    """What the period [begins, ends) did to the stock of each key. A case that stays in the library
    but goes to another key has left the one and come to the other. ``all_of_them``: whole cases,
    each in order."""
    found: dict[Key, list[int]] = {}
    for name, since, until in _stays(all_of_them, key):
        counts = found.setdefault(name, [0, 0, 0])
        if since >= ends or (until is not None and until < begins):
            continue
        counts[0 if since < begins else 1] += 1
        if until is not None and until < ends:
            counts[2] += 1
    return {
        name: Flow(opening=opening, came=came, resolved=resolved)
        for name, (opening, came, resolved) in found.items()
        if opening or came
    }


def _stays(
    all_of_them: Sequence[Piece], key: Callable[[Piece], Key]
) -> Iterable[tuple[Key, datetime, datetime | None]]:
    """Pieces of one case and key that follow upon each other are one stay."""
    held: tuple[str, Key, datetime, datetime | None] | None = None
    for one in all_of_them:
        name = key(one)
        if held is not None and held[:2] == (one.case_id, name) and held[3] == one.since:
            held = (*held[:3], one.until)
            continue
        if held is not None:
            yield held[1:]
        held = (one.case_id, name, one.since, one.until)
    if held is not None:
        yield held[1:]


def in_stock(all_of_them: Iterable[Piece], at: datetime) -> list[Piece]:
    """The pieces that cover the last moment before ``at``: the closing stock of a period that
    ends there."""
    return [
        one for one in all_of_them if one.since < at and (one.until is None or one.until >= at)
    ]


def ways_out(all_of_them: Iterable[Piece], begins: datetime, ends: datetime) -> Mapping[Left, int]:
    """How the cases that left the library in the period came out of it."""
    found = dict.fromkeys(Left, 0)
    for one in all_of_them:
        if one.left is not None and one.until is not None and begins <= one.until < ends:
            found[one.left] += 1
    return found


def age_classes(days: Iterable[int], bounds: Sequence[int]) -> list[int]:
    """How many ages (in whole days) fall below the first bound, between bounds, and above all."""
    found = [0] * (len(bounds) + 1)
    for age in days:
        found[sum(age >= bound for bound in bounds)] += 1
    return found


# --- when a sheet is drawn up ---------------------------------------------------------------------


def due_at(period: Period, calendar: Calendar) -> datetime:
    """When the sheet of a period is to be drawn up: at the first opening after its end."""
    day = period.last
    for _ in range(FREE_DAYS_MAX):
        day += timedelta(days=1)
        opening = calendar.opening(day)
        if opening:
            return opening[0][0]
    return period.ends
