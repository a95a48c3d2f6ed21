"""The row of a case, for areas: read from the journal of the office that opened it.

The handling deadline of a case is that of the last handing-over by that office, as moved by
grants; a case is closed in time if the result it was closed on came in time.
"""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Final

from node.core.counters import Excluded, RowKind
from node.core.tally.course import contest_marks
from node.core.tally.legs import Held
from node.core.tally.rows import About, Row
from node.core.tally.walk import Walk

CASE_REF: Final = ""
"""A case has one row of this kind."""
_FROM_BELOW: Final = ("reworked", "extended", "suspended", "returned", "exempt")


def case_row(case_id: str, maker: str, walked: Walk, held: Held) -> Row | None:
    """The row of a case at the office that opened it; None if this maker did not."""
    if walked.facts is None:
        return None
    marks = dict(walked.marks)
    last = held.handed[-1] if held.handed else None
    _below(marks, held)
    marks.update(contest_marks(walked.overall))
    done = walked.adopted_at or (last.done_at if last is not None else None)
    if done is not None:
        marks["handled"] = done
        if last is None or last.in_time(walked.adopted_at):
            marks["handled_on_time"] = done
    closed = marks.get("closed")
    if closed is not None and (done is None or "handled_on_time" in marks):
        marks["closed_on_time"] = closed
    return Row(
        case_id=case_id,
        kind=RowKind.CASE,
        ref=CASE_REF,
        maker=maker,
        excluded=_excluded(walked),
        begun_at=marks.get("reported"),
        due_at=None if walked.paused or last is None else last.due_at,
        done_at=closed,
        filed_at=marks.get("filed"),
        rated_at=walked.rated_at,
        score=walked.score,
        marks=MappingProxyType(marks),
        about=About.case(walked.facts),
    )


def _below(marks: dict[str, datetime], held: Held) -> None:
    """What became of the case below, as far as this office knows of it."""
    for course in held.handed:
        for name in _FROM_BELOW:
            if name in course.marks:
                marks[name] = min(course.marks[name], marks.get(name, course.marks[name]))
        signed = course.sign.ended_at if course.sign is not None else None
        if signed is not None:
            marks["signed"] = min(signed, marks.get("signed", signed))
    elsewhere = [one.begun_at for one in held.handed if one.to != held.handed[0].to]
    if elsewhere:
        marks["misdispatched"] = min(elsewhere)


def _excluded(walked: Walk) -> str:
    if walked.duplicate:
        return Excluded.DUPLICATE
    if "voided" in walked.marks:
        return Excluded.VOIDED
    return Excluded.TRANSFERRED if walked.transferred else ""
