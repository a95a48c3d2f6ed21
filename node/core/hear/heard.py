"""How a word was taken, and the two ways in which it means nothing now: late, and parked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from node.core import events as ev
from node.core import words as w
from node.core.context import Context
from node.core.facts import NodeId

Events = tuple[ev.Event, ...]


class Standing(StrEnum):
    """How a word was taken."""

    APPLIED = "APPLIED"
    LATE = "LATE"
    PARKED = "PARKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a word did. ``events`` is empty iff PARKED; ``code`` is set iff PARKED."""

    events: Events
    standing: Standing = Standing.APPLIED
    code: str = ""


CONFLICT: Final = "assignment.conflict"
"""One number, two assignments: somebody broke a rule of numbering."""
UNKNOWN: Final = "assignment.unknown"
"""It speaks of a handing-over that never reached us."""
NOT_YOURS: Final = "word.not_yours"
"""The speaker has no right to this word about this case."""


def act_name(word: w.Word) -> str:
    """The word's act, as journal and transition table call it."""
    if isinstance(word, w.Order):
        return "order"
    return ACTS[type(word.act)]


def parked(code: str) -> Heard:
    return Heard(events=(), standing=Standing.PARKED, code=code)


NOT_THEIRS: Final = parked(NOT_YOURS)


def late_word(word: w.Order | w.Directive, ctx: Context) -> Heard:
    late = ev.WordLate(
        at=ctx.now,
        assignment_id=word.assignment_id,
        generation=word.generation,
        act=act_name(word),
        text=word.text,
    )
    return Heard(events=(late,), standing=Standing.LATE)


def assignor(ctx: Context) -> NodeId:
    assert ctx.parent is not None, "a word of the parent was heard, so there is one"
    return ctx.parent


ACTS: Final[Mapping[type[Any], str]] = {
    w.Withdraw: "directive withdraw",
    w.Press: "directive press",
    w.Supervise: "directive supervise",
    w.Decision: "directive decision",
    w.ReworkVerdict: "directive rework",
    w.ClosedVerdict: "directive closed",
    w.Resume: "directive resume",
    w.Told: "directive told",
    w.SignedReport: "report signed",
    w.ProgressReport: "report progress",
    w.DoneReport: "report done",
    w.RequestReport: "report request",
    w.ReplyReport: "report reply",
    w.SubmittedReport: "report submitted",
    w.RecalledReport: "report recalled",
}
