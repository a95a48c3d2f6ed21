"""A file of approvals (TOML), validated: what ``node.core.approvals.Ladders`` is read from.

The shipped one lies in ``node/approvals``; a profile names it, or one of the city's own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from node.core.approvals import (
    DAYS_MAX,
    STEPS_MAX,
    VERBS,
    Ladder,
    Ladders,
    Per,
    Rule,
    StockRules,
    Thresholds,
)
from node.core.facts import RequestKind
from node.core.periods import Span
from node.service.limits import Written
from node.service.reasons import ReasonsIn, reasons, sound

LADDERS_MAX = 200
"""Rows of one file: a screenful per verb."""
SPANS = frozenset({Span.DAY, Span.WEEK, Span.MONTH})
"""Periods for which the problem library may be summed up."""
HOURS_MAX = 31 * 24
"""Grace for whoever sends a sheet up: a month."""
AGES_MAX, LONGEST_MAX = 12, 50
"""Classes of age, and lines of the longest standing: a page."""
_CASE_KINDS = frozenset({"", "component", "matter", "urgent"})
_Times = Annotated[int, Field(ge=0, le=99)]
_Days = Annotated[int, Field(ge=0, le=DAYS_MAX)]
_Role = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]


class RuleIn(BaseModel):
    """How requests of one kind are bounded."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    times_max: _Times = 0
    per: Per = Per.ASSIGNMENT
    before_deadline: bool = False
    days_max: _Days = 0
    after_end: Written | None = None

    def value(self) -> Rule:
        """As the core reads it."""
        return Rule(
            times_max=self.times_max,
            per=self.per,
            before_deadline=self.before_deadline,
            days_max=self.days_max,
            after_end=self.after_end,
        )


class LadderIn(BaseModel):
    """One row of a ladder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verb: str
    steps: Annotated[
        tuple[Annotated[tuple[_Role, ...], Field(min_length=1)], ...],
        Field(min_length=1, max_length=STEPS_MAX),
    ]
    from_ordinal: Annotated[int, Field(ge=1, le=99)] = 1
    case_kind: str = ""
    reason_code: str = ""
    longer_than_days: _Days = 0
    distinct: bool = False
    source: str = ""

    @field_validator("verb")
    @classmethod
    def _known_verb(cls, verb: str) -> str:
        if verb not in VERBS:
            raise ValueError(f"{verb!r} asks for no approval: {', '.join(VERBS)}")
        return verb

    @field_validator("case_kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        if kind not in _CASE_KINDS:
            raise ValueError(f"{kind!r} is no kind of case: component, matter or urgent")
        return kind

    @property
    def always(self) -> bool:
        """It fits whatever the request is."""
        return not (
            self.case_kind or self.reason_code or self.longer_than_days or self.from_ordinal > 1
        )

    def value(self) -> Ladder:
        """As the core reads it."""
        return Ladder(
            verb=self.verb,
            steps=self.steps,
            from_ordinal=self.from_ordinal,
            case_kind=self.case_kind,
            reason_code=self.reason_code,
            longer_than_days=self.longer_than_days,
            distinct=self.distinct,
            source=self.source,
        )


class ThresholdsIn(BaseModel):
    """From when on a unit is listed; 0 = never."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    returns: _Times = 0
    unsigned: _Times = 0
    late: _Times = 0
    long_overdue_days: _Days = 0
    person_returns: _Times = 0
    person_unsigned: _Times = 0
    person_late: _Times = 0

    def value(self) -> Thresholds:
        """As the core reads it."""
        return Thresholds(**self.model_dump())


class StockIn(BaseModel):
    """How the problem library is summed up; left out = it is not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: tuple[Span, ...] = ()
    below: tuple[Span, ...] | None = None
    grace_h: Annotated[int, Field(ge=0, le=HOURS_MAX)] = 24
    age_days: Annotated[
        tuple[Annotated[int, Field(ge=1, le=DAYS_MAX)], ...], Field(max_length=AGES_MAX)
    ] = (7, 30, 90, 180)
    longest: Annotated[int, Field(ge=1, le=LONGEST_MAX)] = 20

    @field_validator("every", "below")
    @classmethod
    def _drawn_up(cls, spans: tuple[Span, ...] | None) -> tuple[Span, ...] | None:
        if spans is not None and (len(set(spans)) != len(spans) or not set(spans) <= SPANS):
            raise ValueError("each of day, week and month at most once")
        return spans

    @field_validator("age_days")
    @classmethod
    def _ascending(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise ValueError("the classes of age go up")
        return days

    def value(self) -> StockRules:
        """As the core reads it."""
        return StockRules(
            every=self.every,
            below=self.every if self.below is None else self.below,
            grace_h=self.grace_h,
            age_days=self.age_days,
            longest=self.longest,
        )


class ApprovalsFile(BaseModel):
    """One file; unknown keys are mistakes, and so is a row that can never be reached."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1)
    rules: Mapping[RequestKind, RuleIn] = Field(default_factory=dict)
    ladders: Annotated[tuple[LadderIn, ...], Field(max_length=LADDERS_MAX)]
    thresholds: ThresholdsIn = ThresholdsIn()
    stock: StockIn = StockIn()
    reasons: ReasonsIn = ()

    @model_validator(mode="after")
    def _complete(self) -> ApprovalsFile:
        """Every verb has a ladder for whatever else comes, and it is the last of its verb."""
        sound(self.reasons, (kind.value for kind in RequestKind))
        closed: set[str] = set()
        for row in self.ladders:
            if row.verb in closed:
                raise ValueError(f"a ladder for {row.verb} stands behind one that always fits")
            if row.always:
                closed.add(row.verb)
        missing = [verb for verb in VERBS if verb not in closed]
        if missing:
            raise ValueError(f"no ladder without conditions for {', '.join(missing)}")
        return self

    def value(self) -> Ladders:
        """As the core reads it."""
        return Ladders(
            version=self.version,
            rules=tuple((kind.value, rule.value()) for kind, rule in self.rules.items()),
            ladders=tuple(row.value() for row in self.ladders),
            thresholds=self.thresholds.value(),
            stock=self.stock.value(),
            reasons=reasons(self.reasons),
        )



def read_approvals(path: Path) -> Ladders:
    """Read a file of approvals. ``OSError``, ``tomllib.TOMLDecodeError``, ``ValidationError``."""
    return ApprovalsFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).value()
