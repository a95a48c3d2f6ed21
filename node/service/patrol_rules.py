"""The file of patrol rules (TOML), validated: tracks and alarms, who sees and who takes them.

The shipped one lies in ``node/patrol``; a profile names it, or a city's own. It is read when
somebody first needs it: most offices have no collectors.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.core.alarms import AlarmRules, Named
from node.core.tracks import TrackRules

CHOICES_MAX = 40
"""Kinds or outcomes of alarms: somebody in danger reads them."""
ROLES_MAX = 20
STEP_S_MAX = 3_600
"""The grain of time: the store looks so far before a shift for its first step."""

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
    see: Roles
    send: Roles


Metres = Annotated[float, Field(gt=0, le=1_000)]


class TrackPart(_Row):
    """How tracks are judged; its members mean what ``node.core.tracks.TrackRules`` says."""

    accuracy_m: Metres
    buffer_m: Metres
    still_m: Metres
    cell_m: Annotated[float, Field(ge=1, le=100)]
    join_m: Metres
    step_s: Annotated[int, Field(ge=1, le=STEP_S_MAX)]
    join_s: Annotated[int, Field(ge=0, le=600)]
    gap_s: Annotated[int, Field(ge=0, le=7_200)]
    keep_days: Annotated[int, Field(ge=7, le=3_650)]


class ScorePart(_Row):
    """What a shift is worth, and where valid reports are counted."""

    subject: Words
    rate: Words
    coverage: Annotated[Decimal, Field(ge=0, le=1)]
    valid: Annotated[Decimal, Field(ge=0, le=1)]

    @model_validator(mode="after")
    def _sums_to_one(self) -> Self:
        if self.coverage + self.valid != 1:
            raise ValueError("the weights of the score sum to one")
        return self


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
    track: TrackPart
    score: ScorePart
    alarm: AlarmPart


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolRules:
    """One version of the rules. ``see`` and ``send``: roles, one is enough. ``keep``: how long
    points are kept. ``subject`` and ``rate`` name the indicator of valid reports; ``weights`` are
    those of coverage and of it."""

    version: str
    alarm: AlarmRules
    track: TrackRules
    keep: timedelta
    see: tuple[str, ...]
    send: tuple[str, ...]
    subject: str
    rate: str
    weights: tuple[Fraction, Fraction]


def read_patrol(path: Path) -> PatrolRules:
    """Read a file of patrol rules. Raises ``OSError``, ``tomllib.TOMLDecodeError`` or
    ``ValidationError``."""
    file = PatrolFile.model_validate(tomllib.loads(
        path.read_text(encoding="utf-8"), parse_float=Decimal))
    track = file.track
    return PatrolRules(
        version=file.version,
        track=TrackRules(
            accuracy_m=track.accuracy_m, buffer_m=track.buffer_m, still_m=track.still_m,
            cell_m=track.cell_m, join_m=track.join_m, step=timedelta(seconds=track.step_s),
            join=timedelta(seconds=track.join_s), gap=timedelta(seconds=track.gap_s),
        ),
        keep=timedelta(days=track.keep_days),
        see=file.roles.see,
        send=file.roles.send,
        subject=file.score.subject,
        rate=file.score.rate,
        weights=(Fraction(file.score.coverage), Fraction(file.score.valid)),
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
