"""What no rule solves: nobody is responsible, a body above decides, somebody else repairs first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.coordination import CoordinationKind, Size
from node.core.events.base import Event
from node.core.facts import AssignmentId, Photo, RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOwnerMarked(Event):
    """Nobody responsible can be named (无责任主体): listed apart, proposed by territory."""

    text: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinationAsked(Event):
    """Somebody asks the body of ``level`` to decide (协调). ``upward``: this office does not decide
    that level, so our assignor is asked. ``assignment_id`` names the leg it came up from, "" = it
    was asked here. ``problem_id``: it is asked of several cases at once, "" = of this one alone.
    ``rule``: the article by which it was asked by itself, "" = a person asked."""

    coordination_id: RequestId
    level: str
    kind: CoordinationKind
    text: str
    asker: str
    size: Size = Size.ORDINARY
    upward: bool = False
    assignment_id: AssignmentId | None = None
    generation: int = 0
    said_at: datetime | None = None
    problem_id: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinationDecided(Event):
    """It was decided, here or above: who leads, who assists. It binds whoever has the case.
    ``problem_id``: by the one decision of that joint problem."""

    coordination_id: RequestId
    lead: str
    assistants: tuple[str, ...] = ()
    decider: str
    text: str = ""
    problem_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemJoined(Event):
    """The open question is treated with those of other cases as one problem (综合治理)."""

    coordination_id: RequestId
    problem_id: str
    text: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLeft(Event):
    """It is taken out again, and waits on its own."""

    coordination_id: RequestId
    problem_id: str
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRepairRecorded(Event):
    """Somebody who need not have done it repaired it first (代整治). ``cost_fen`` was paid from the
    fund; ``payer`` owes it to the fund, "" = the fund bears it."""

    repair_id: str
    performer: str
    payer: str
    cost_fen: int
    photos: tuple[Photo, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRecovered(Event):
    """Money of a repair by proxy came back to the fund (追缴)."""

    repair_id: str
    amount_fen: int
    payer: str
    text: str = ""
