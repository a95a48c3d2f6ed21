"""A contest that goes to whoever decides it, without anybody's asking (边界争议自动提请).

Where the profile's rows say so, a body's word that a case is not its own puts the question at once
to the level that decides it: near a border the first such word, elsewhere that of a second body.
The contest itself stays what it is, and is answered as any other.
"""

from __future__ import annotations

from collections.abc import Iterable

from node.core import events as ev
from node.core.case import Assignment, Case
from node.core.context import Context
from node.core.coordination import (
    COORDINATIONS_KEPT_MAX,
    CoordinationRules,
    Escalation,
    LevelRule,
)
from node.core.facts import Address, RequestId, RequestKind
from node.core.flags import FlagKind
from node.core.transitions import COMMANDS

ASK = "AskCoordination"
"""What a person could ask here, the rule may ask by itself; nothing else."""


def near_border(case: Case) -> bool:
    """Is the place so near to a border that the division beyond may be responsible?"""
    noted = case.facts is not None and len(case.facts.borders) > 1
    return noted or any(one.kind is FlagKind.BOUNDARY for one in case.flags)


def escalated(
    case: Case, contest: ev.AssigneeAsked, ctx: Context
) -> tuple[ev.CoordinationAsked, ...]:
    """The question that ``contest``, just heard, puts by itself; () = none."""
    rules = ctx.coordination
    if rules is None or (case.status, ASK) not in COMMANDS or not _says_not_theirs(contest, rules):
        return ()
    holds = case.duty is not None and case.duty.ended is None
    found = _row(case, set(_contesting(case, contest, rules)), rules, holds=holds)
    if found is None or len(case.coordinations) >= COORDINATIONS_KEPT_MAX:
        return ()
    row, level = found
    return (
        ev.CoordinationAsked(
            at=ctx.now,
            coordination_id=RequestId(ctx.fresh_id()),
            level=level.level,
            kind=row.kind,
            size=row.size,
            text=contest.text,
            asker=contest.asker,
            upward=level.level not in rules.decides,
            assignment_id=contest.assignment_id,
            generation=contest.generation,
            said_at=contest.said_at,
            rule=row.source or level.level,
        ),
    )


def _says_not_theirs(contest: ev.AssigneeAsked, rules: CoordinationRules) -> bool:
    if contest.kind is RequestKind.DISPUTE:
        return True
    return contest.kind is RequestKind.RETURN and contest.reason_code in rules.not_theirs


def _contesting(
    case: Case, contest: ev.AssigneeAsked, rules: CoordinationRules
) -> Iterable[Address]:
    """Everybody who has said of this case that it is not theirs."""
    disputed = {contest.assignment_id, *(one.assignment_id for one in case.disputes)}
    handed: tuple[Assignment | None, ...] = (case.live, *case.past)
    for one in handed:
        if one is not None and (
            one.assignment_id in disputed or one.given_back_for in rules.not_theirs
        ):
            yield one.to


def _row(
    case: Case, bodies: set[Address], rules: CoordinationRules, *, holds: bool
) -> tuple[Escalation, LevelRule] | None:
    """The first row that fits and that somebody here or above decides, with who decides it; a
    question that was put before is not put again by itself."""
    for row in rules.escalations:
        if len(bodies) < row.contests or (row.near_border and not near_border(case)):
            continue
        level = rules.rule_for(row.kind, row.size)
        if level is None or not (holds or level.level in rules.decides):
            continue
        return None if any(one.kind is row.kind for one in case.coordinations) else (row, level)
    return None
