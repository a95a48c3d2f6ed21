"""The file of patrol rules (TOML), validated: alarms of collectors, and who takes them.

The shipped one lies in ``node/patrol``; a profile names it, or a city's own. It is read when
somebody first needs it: most offices have no collectors.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.core.alarms import AlarmRules, Named

CHOICES_MAX = 40
"""Kinds or outcomes of alarms: somebody in danger reads them."""
ROLES_MAX = 20

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Role = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Roles = Annotated[tuple[Role, ...], Field(min_length=1, max_length=ROLES_MAX)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChoiceRow(_Row):
    """One code that somebody chooses."""

    code: Code
    zh: Words
    en: Words


Choices = Annotated[tuple[ChoiceRow, ...], Field(min_length=1, max_length=CHOICES_MAX)]


class RolesPart(_Row):
    """Who may do what, by the roles of tokens."""

    duty: Roles


class AlarmPart(_Row):
    """Alarms; its members mean what ``node.core.alarms.AlarmRules`` says."""

    take_within_min: float = Field(gt=0, le=24 * 60)
    kinds: Choices
    outcomes: Choices

    @model_validator(mode="after")
    def _has_one_of_each(self) -> Self:
        for rows in (self.kinds, self.outcomes):
            codes = [one.code for one in rows]
            if len(set(codes)) < len(codes):
                raise ValueError("a code stands twice in a list of the alarm")
        return self


class PatrolFile(_Row):
    """One file of patrol rules; unknown keys are mistakes."""

    version: Words
    roles: RolesPart
    alarm: AlarmPart


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolRules:
    """One version of the rules."""

    version: str
    alarm: AlarmRules


def read_patrol(path: Path) -> PatrolRules:
    """Read a file of patrol rules. ``OSError``, ``tomllib.TOMLDecodeError`` or
    ``ValidationError``."""
    file = PatrolFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    return PatrolRules(
        version=file.version,
        alarm=AlarmRules(
            duty=file.roles.duty,
            kinds=_named(file.alarm.kinds),
            outcomes=_named(file.alarm.outcomes),
            take_within=timedelta(minutes=file.alarm.take_within_min),
        ),
    )


def _named(rows: tuple[ChoiceRow, ...]) -> Mapping[str, Named]:
    return MappingProxyType(
        {one.code: Named(code=one.code, zh=one.zh, en=one.en) for one in rows}
    )
