"""Hear a word of a neighbour: fence it, then say what it means here.

Three outcomes. APPLIED: it means something, at least one event. LATE: it belongs to the past, it is
journalled and moves nothing. PARKED: it cannot be right now, nothing is journalled, it waits for a
person or a change under a stable code. Words are never refused and never lost.

The rules in one breath: only the assignor numbers; the assignee keeps the highest number it has
seen, and what was called back stays dead under it; a report counts only for the live assignment
and only forwards; what ends or reopens our duty does the same to what we handed on.
"""

from __future__ import annotations

from node.core import words as w
from node.core.case import Case
from node.core.context import Context, Neighbour, Parent
from node.core.hear import passing
from node.core.hear.directives import directive
from node.core.hear.heard import (
    ACTS,
    CONFLICT,
    NOT_THEIRS,
    NOT_YOURS,
    UNKNOWN,
    Heard,
    Standing,
    act_name,
    parked,
)
from node.core.hear.orders import order
from node.core.hear.reports import report

__all__ = [
    "ACTS",
    "CONFLICT",
    "NOT_YOURS",
    "UNKNOWN",
    "Heard",
    "Standing",
    "act_name",
    "hear",
]


def hear(case: Case | None, word: w.Word, frm: Neighbour, ctx: Context) -> Heard:
    """What ``word`` of ``frm`` means for ``case``. Never raises for anything a peer can say."""
    if isinstance(word, w.Report):
        if isinstance(frm, Parent):
            return NOT_THEIRS
        if isinstance(word.act, w.SubmittedReport | w.RecalledReport):
            return passing.from_below(case, word, frm, ctx)
        return report(case, word, frm, ctx)
    if not isinstance(frm, Parent):
        return NOT_THEIRS
    if word.generation < 1:
        return parked(UNKNOWN)  # numbers begin at 1: nobody ever handed this over
    if isinstance(word, w.Directive) and isinstance(word.act, w.Told):
        return parked(UNKNOWN) if case is None else passing.told(case, word, word.act, ctx)
    if case is not None and case.duty is None:
        # our own case: nobody above can hand it to us or call it back
        return parked(CONFLICT) if isinstance(word, w.Order) else NOT_THEIRS
    if isinstance(word, w.Order):
        return order(case, word, ctx)
    return directive(case, word, ctx)
