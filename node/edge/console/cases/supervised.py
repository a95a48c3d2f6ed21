"""Supervisions (督办) that wait for an answer, as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from node.core.calendar import BEIJING
from node.edge.console.work.rows import left, short
from node.service.case_words import WHYS

if TYPE_CHECKING:
    from node.edge.console.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One answer that is owed: why it was asked for, the question, and until when."""

    text: str
    kind: str
    due: datetime
    reply_by: str
    left: str
    late: bool


def owed_answers(visit: Visit, document: Mapping[str, Any]) -> Sequence[Owed]:
    """The answers that a case owes, the soonest first."""
    return sorted(
        (_owed(visit, one) for one in document["supervisions"] if not one["replied"]),
        key=attrgetter("due"))


def _owed(visit: Visit, one: Mapping[str, Any]) -> Owed:
    by = str(one["reply_by"])
    due = datetime.fromisoformat(by)
    return Owed(
        text=one["text"], kind=visit.say(WHYS.get(one["kind"], one["kind"])), due=due,
        reply_by=short(by), left=left(visit, by), late=due < datetime.now(BEIJING))
