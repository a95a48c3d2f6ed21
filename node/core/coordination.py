"""What no rule solves, as values: coordination asked and decided, contests that run beside a case,
and the rules that say who may decide what.

Kinds and levels follow the trade: unclear ownership, ordinary, goes to the area's own government,
large to the committee; boundaries and policy go to the committee; several departments are reported
up to it. Which level is right is data of the profile (``CoordinationRules``), never of the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.core.facts import AssignmentId, Category, Facts, RequestId

COORDINATIONS_KEPT_MAX = 16
"""Coordinations of one case in its folded form; one that needs more is no longer a case."""
DISPUTES_KEPT_MAX = 16
"""Contests of one case in its folded form, newest last."""
PROBLEM_CASES_MAX = 64
"""Cases of one joint problem: more is a campaign, which no single decision settles."""


class CoordinationKind(StrEnum):
    """Why no rule solves it."""

    NO_OWNER = "no_owner"
    """Nobody responsible can be named (无责任主体)."""
    BOUNDARY = "boundary"
    """Between two areas (边界不清)."""
    POLICY = "policy"
    """Its cause is a policy (政策原因)."""
    MULTI_DEPARTMENT = "multi_department"
    """Several departments are needed at once (多部门协作)."""
    OWNERSHIP = "ownership"
    """Who owns it is contested (权属不清)."""
    OFFENCE = "offence"
    """An offence that is hard to prosecute (违法行为查处难)."""


class Size(StrEnum):
    """How much is at stake."""

    ORDINARY = "ordinary"
    LARGE = "large"


CONTESTS_THE_CLOCK = frozenset(
    {CoordinationKind.BOUNDARY, CoordinationKind.OWNERSHIP, CoordinationKind.NO_OWNER}
)
"""Kinds that dispute whose clock is running; the others only need more hands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordination:
    """One question to the body that decides, and its answer. ``upward``: our assignor was asked.
    ``assignment_id`` names the leg below that asked, None = asked here. ``lead`` "" = open.
    ``problem_id`` names the joint problem that it is part of, "" = it stands alone. ``rule``: the
    article by which it was asked by itself, "" = somebody asked."""

    coordination_id: RequestId
    level: str
    kind: CoordinationKind | None
    size: Size
    text: str
    asker: str
    asked_at: datetime
    upward: bool = False
    assignment_id: AssignmentId | None = None
    lead: str = ""
    assistants: tuple[str, ...] = ()
    decider: str = ""
    decision: str = ""
    decided_at: datetime | None = None
    problem_id: str = ""
    rule: str = ""

    @property
    def is_open(self) -> bool:
        return not self.lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A contest of whose case it is, beside the handling of it (先行处置): the work goes on and
    ends as if nobody contested. ``upheld`` None = unanswered. ``coordination_id``: whose case it is
    was decided by that coordination before anybody answered; an answer is owed all the same."""

    dispute_id: RequestId
    reason_code: str
    asker: str
    text: str
    asked_at: datetime
    assignment_id: AssignmentId | None = None
    upheld: bool | None = None
    decider: str = ""
    decision: str = ""
    decided_at: datetime | None = None
    coordination_id: str = ""

    @property
    def contests(self) -> bool:
        """Is it still undecided whose case it is?"""
        return self.upheld is None and not self.coordination_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRule:
    """One row: cases of ``kind`` and ``size`` are decided at ``level``. ``source`` names the
    article it comes from."""

    kind: CoordinationKind
    size: Size
    level: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksClass:
    """A class of public works (市政公用): urgent cases of it are acted on first. Each text is a
    beginning, "" = any; a code means something only inside its standard."""

    standard_ref: str
    kind: str
    code: str

    def covers(self, category: Category) -> bool:
        if self.standard_ref and self.standard_ref != category.standard_ref:
            return False
        if self.kind and self.kind != category.kind:
            return False
        return category.code.startswith(self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One row: when so many bodies (``contests``) have said that a case is not theirs, the question
    ``kind``, ``size`` is put by itself to whoever decides it. ``near_border``: only where the place
    is near a border. ``source`` names the article it comes from."""

    kind: CoordinationKind
    size: Size = Size.ORDINARY
    contests: int = 1
    near_border: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinationRules:
    """Who decides what. ``decides`` lists the levels that this office itself decides. The rule
    table is complete (``missing`` names what it leaves open). ``escalations``: the first row that
    fits is used. ``not_theirs``: reasons of a return that say the same as a contest."""

    rules: tuple[LevelRule, ...]
    decides: frozenset[str] = frozenset()
    act_first: tuple[WorksClass, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    not_theirs: frozenset[str] = frozenset()

    def rule_for(self, kind: CoordinationKind, size: Size) -> LevelRule | None:
        """The row of this kind and size, None = the table says nothing."""
        return next((one for one in self.rules if (one.kind, one.size) == (kind, size)), None)

    def missing(self) -> tuple[tuple[CoordinationKind, Size], ...]:
        """Pairs without a row, in order."""
        named = {(one.kind, one.size) for one in self.rules}
        return tuple(
            (kind, size) for kind in CoordinationKind for size in Size if (kind, size) not in named
        )

    def acts_first(self, facts: Facts) -> bool:
        """An emergency of public works: the dispatch stands although it is contested."""
        return facts.urgent and any(one.covers(facts.category) for one in self.act_first)
