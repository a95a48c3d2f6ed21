"""Rows of posts: one for every step that a person took, or was sent to take."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType

from node.core.counters import Post, RowKind
from node.core.facts import Facts
from node.core.tally.legs import Held
from node.core.tally.rows import About, Row
from node.core.tally.walk import NOBODY, Step, Walk


def post_rows(case_id: str, maker: str, walked: Walk, held: Held, facts: Facts) -> list[Row]:
    """One row per step of a person; what a route, a system or the clock did is nobody's step."""
    return [
        _row(case_id, maker, step, _marks(step, held), facts)
        for step in walked.steps
        if step.actor and not step.actor.startswith(NOBODY)
    ]


def _row(
    case_id: str, maker: str, step: Step, marks: dict[str, datetime], facts: Facts
) -> Row:
    return Row(
        case_id=case_id,
        kind=RowKind.POST,
        ref=step.ref,
        maker=maker,
        post=step.post,
        step=step.step,
        actor=step.actor,
        begun_at=step.begun_at,
        due_at=step.due_at,
        done_at=step.done_at,
        marks=MappingProxyType(marks),
        about=About.case(facts),
    )


def _marks(step: Step, held: Held) -> dict[str, datetime]:
    """The marks of a step; a dispatch was wrong if the work then went to somebody else."""
    if step.post is not Post.DISPATCHER:
        return step.marks
    at = next(i for i, one in enumerate(held.handed) if one.assignment_id == step.handed)
    later = [one.begun_at for one in held.handed[at + 1 :] if one.to != held.handed[at].to]
    return {**step.marks, "misdispatched": min(later)} if later else step.marks
