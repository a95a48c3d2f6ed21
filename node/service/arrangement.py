"""How an office is arranged, read from data: the matrix of rights, who decides what no rule solves,
and the stages that screens show. A profile names one file of each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from node.core.coordination import (
    CoordinationKind,
    CoordinationRules,
    Escalation,
    LevelRule,
    Size,
    WorksClass,
)
from node.core.rights import Rights, read_matrix
from node.core.stages import Stage, Step, checked

ESCALATE_CONTESTS_MAX = 16
"""Bodies that have to contest a case before it is put to somebody; more is a mistake in a file."""


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Separation(_File):
    working: tuple[str, ...] = ()
    judging: tuple[str, ...] = ()


class _RightsFile(_File):
    title: str
    own: Mapping[str, tuple[str, ...]]
    duty: Mapping[str, tuple[str, ...]]
    calls: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    separation: _Separation = _Separation()


class _Level(_File):
    kind: CoordinationKind
    ordinary: str = Field(min_length=1)
    large: str = Field(min_length=1)
    source: str = ""


class _Works(_File):
    standard_ref: str = ""
    kind: str = ""
    code: str = ""


class _Escalate(_File):
    kind: CoordinationKind
    size: Size = Size.ORDINARY
    contests: int = Field(ge=1, le=ESCALATE_CONTESTS_MAX)
    near_border: bool = False
    source: str = Field(default="", max_length=200)


class _CoordinationFile(_File):
    title: str
    level: tuple[_Level, ...]
    act_first: tuple[_Works, ...] = ()
    escalate: tuple[_Escalate, ...] = ()
    not_theirs: tuple[str, ...] = ()


class _Stage(_File):
    zh: str
    en: str
    steps: tuple[Step, ...]


class _StagesFile(_File):
    stage: tuple[_Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What a profile's files say. ``levels`` are all that the coordination rules know."""

    rights: Rights
    coordination: CoordinationRules
    stages: tuple[Stage, ...]


def read_rights_file(path: Path) -> Rights:
    """A matrix of rights. ``OSError``, or ``ValueError`` naming every mistake."""
    file = _RightsFile.model_validate(_toml(path))
    return read_matrix(
        file.own, file.duty, working=file.separation.working, judging=file.separation.judging,
        title=file.title, calls=file.calls,
    )


def read_coordination_file(path: Path) -> CoordinationRules:
    """Rules of coordination; every kind in both sizes. ``OSError`` or ``ValueError``."""
    file = _CoordinationFile.model_validate(_toml(path))
    rules = CoordinationRules(
        rules=tuple(
            LevelRule(kind=row.kind, size=size, level=getattr(row, size), source=row.source)
            for row in file.level
            for size in Size
        ),
        act_first=tuple(
            WorksClass(standard_ref=row.standard_ref, kind=row.kind, code=row.code)
            for row in file.act_first
        ),
        escalations=tuple(
            Escalation(
                kind=row.kind, size=row.size, contests=row.contests,
                near_border=row.near_border, source=row.source,
            )
            for row in file.escalate
        ),
        not_theirs=frozenset(file.not_theirs),
    )
    missing = rules.missing()
    if missing:
        named = ", ".join(f"{kind} {size}" for kind, size in missing)
        raise ValueError(f"{path.name} does not say who decides: {named}")
    if len(rules.rules) != len(CoordinationKind) * len(Size):
        raise ValueError(f"{path.name} names a kind twice")
    return rules


def read_stages_file(path: Path) -> tuple[Stage, ...]:
    """The stages that screens show. ``OSError`` or ``ValueError``."""
    file = _StagesFile.model_validate(_toml(path))
    return checked(
        tuple(Stage(zh=row.zh, en=row.en, steps=row.steps) for row in file.stage)
    )


def deciding(rules: CoordinationRules, levels: frozenset[str]) -> CoordinationRules:
    """The rules at an office that decides these levels; ``ValueError`` for one nobody uses."""
    unknown = levels - {one.level for one in rules.rules}
    if unknown:
        raise ValueError(f"no rule of coordination knows the level {', '.join(sorted(unknown))}")
    return replace(rules, decides=levels)


def _toml(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
