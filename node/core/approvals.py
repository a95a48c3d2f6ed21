"""Who may approve what, and how often: the rules of requests as data.

An office works by one file of them. A rule says how often a request of a kind may be granted and
until when it may be asked; a ladder says whose agreement it takes, step by step. A row of a ladder
that names more (a later ordinal, a reason, a kind of case, a long wait) stands before one that
names less: the first that fits is the one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from node.core.facts import Facts, RequestKind, TimeLimit
from node.core.periods import Span
from node.core.reasons import NO_REASONS, Reasons

ANY_ROLE: Final = "*"
"""The role of whoever may act in every role: one person runs a small office."""
FORCED_CLOSE: Final = "forced_close"
"""The one approval that nobody asks for by a request."""
VERBS: Final = (*(kind.value for kind in RequestKind), FORCED_CLOSE)
"""What a ladder may be for."""
STEPS_MAX: Final = 8
"""Steps of one ladder: more is no approval but a delay."""
DAYS_MAX: Final = 3_650
"""Days of any wait that a rule may allow: ten years, as far as a calendar reaches."""


class Per(StrEnum):
    """Over what a rule counts."""

    ASSIGNMENT = "assignment"
    CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How requests of one kind are bounded. ``times_max`` 0 = as often as needed; it counts grants
    (of an appeal: decisions, so that an upheld and a dismissed one both end it), over one
    handing-over or over the case. ``before_deadline``: it must have been signed before the
    deadline. ``days_max``: the longest wait it may ask for, 0 = it asks for none. ``after_end``:
    how long after the end it is still heard; None = not any more."""

    times_max: int = 0
    per: Per = Per.ASSIGNMENT
    before_deadline: bool = False
    days_max: int = 0
    after_end: TimeLimit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """One row: whose agreement it takes. Each step names the roles of which one is enough; the last
    step decides. ``distinct``: nobody may take two of its steps. ``from_ordinal``: from the second
    (third, …) request of its kind on; ``case_kind``: component, matter or urgent, "" = any;
    ``longer_than_days``: only if it asks for more than so many days, 0 = always."""

    verb: str
    steps: tuple[tuple[str, ...], ...]
    from_ordinal: int = 1
    case_kind: str = ""
    reason_code: str = ""
    longer_than_days: int = 0
    distinct: bool = False
    source: str = ""

    def fits(
        self, facts: Facts | None, *, ordinal: int, reason_code: str, wait: timedelta
    ) -> bool:
        """Is it for this request?"""
        if ordinal < self.from_ordinal:
            return False
        if self.reason_code and self.reason_code != reason_code:
            return False
        if self.longer_than_days and wait <= timedelta(days=self.longer_than_days):
            return False
        if not self.case_kind or facts is None:
            return not self.case_kind
        if self.case_kind == "urgent":
            return facts.urgent
        return self.case_kind == facts.category.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From when on the habits of a unit, and of one person, are listed (推诿、拖延), per period;
    0 = never. Long overdue is what is so many days past its deadline."""

    returns: int = 0
    unsigned: int = 0
    late: int = 0
    long_overdue_days: int = 0
    person_returns: int = 0
    person_unsigned: int = 0
    person_late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRules:
    """How a library is summed up. ``every``: the periods for which a sheet is drawn up, ``below``:
    those for which one is expected of each office below, ``grace_h`` hours after it was due.
    ``age_days``: where one class of age ends and the next begins. ``longest``: lines of the longest
    standing."""

    every: tuple[Span, ...] = ()
    below: tuple[Span, ...] = ()
    grace_h: int = 24
    age_days: tuple[int, ...] = (7, 30, 90, 180)
    longest: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladders:
    """One file of rules. Every verb has a ladder without conditions, so there is always one."""

    version: str
    rules: tuple[tuple[str, Rule], ...] = ()
    ladders: tuple[Ladder, ...] = ()
    thresholds: Thresholds = Thresholds()
    stock: StockRules = StockRules()
    reasons: Reasons = NO_REASONS

    def rule(self, kind: RequestKind) -> Rule:
        """The rule of a kind; one that bounds nothing if the file has none."""
        return next((rule for verb, rule in self.rules if verb == kind.value), UNBOUNDED)

    def ladder(
        self,
        verb: str,
        facts: Facts | None,
        *,
        ordinal: int = 1,
        reason_code: str = "",
        wait: timedelta = timedelta(0),
    ) -> Ladder:
        """The first row that fits."""
        for row in self.ladders:
            if row.verb == verb and row.fits(
                facts, ordinal=ordinal, reason_code=reason_code, wait=wait
            ):
                return row
        raise AssertionError(f"a file of approvals has a ladder for every {verb}")

    def deciders(self, verb: str, facts: Facts | None) -> tuple[str, ...]:
        """The roles of which one decides at once what nobody asked for by a request, however long
        it would wait."""
        rows = (self.ladder(verb, facts, wait=wait) for wait in (timedelta(0), timedelta.max))
        return tuple(dict.fromkeys(role for row in rows for role in row.steps[-1]))


UNBOUNDED: Final = Rule()


def rule_of(ladders: Ladders | None, kind: RequestKind) -> Rule:
    """The rule of a kind; without a file nothing is bounded."""
    return UNBOUNDED if ladders is None else ladders.rule(kind)


def role_for(roles: frozenset[str], step: tuple[str, ...]) -> str:
    """In which of its roles somebody may take a step; "" = in none."""
    if ANY_ROLE in roles:
        return step[0]
    return next((role for role in step if role in roles), "")


def wait_of(since: datetime, until: datetime | None) -> timedelta:
    """How long a request asks to wait."""
    return timedelta(0) if until is None or until <= since else until - since
