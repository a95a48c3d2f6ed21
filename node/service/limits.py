"""A file of limits (TOML), validated: what ``node.core.limits.LimitSet`` is read from.

The shipped one lies in ``node/limits``; a profile names it, or one of the city's own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from node.core.catalog import read_limit
from node.core.climbing import Chain, Rung, Step
from node.core.facts import TimeLimit, TimeUnit
from node.core.limits import LimitSet, Post

_MINUTES = {TimeUnit.MINUTE: 1, TimeUnit.WORK_HOUR: 60}
"""A reserve is a stretch within one day: whole days of it would eat short limits."""


def _read(written: object) -> TimeLimit:
    found = read_limit(written) if isinstance(written, str) else None
    if found is None or found.limit is None or found.action:
        raise ValueError(
            f"{written!r} is no limit: write 30分钟, 2工作时, 5工作日, 2紧急工作时 or 3自然日"
        )
    return found.limit


def _read_reserve(written: object) -> timedelta:
    limit = _read(written)
    if limit.unit not in _MINUTES:
        raise ValueError(f"{written!r} is no reserve: write it in 工作时 or 分钟")
    return timedelta(minutes=limit.value * _MINUTES[limit.unit])


Written = Annotated[TimeLimit, BeforeValidator(_read)]
Reserve = Annotated[timedelta, BeforeValidator(_read_reserve)]


class StepRow(BaseModel):
    """One rung: so long after the time to sign has passed, it is somebody's turn."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    after: Written | None = None
    to: Rung


class ClimbTable(BaseModel):
    """The chain of an unsigned order; the first rung is climbed when the time to sign has passed,
    each later one ``after`` so long more, counted from there."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    steps: Annotated[tuple[StepRow, ...], Field(max_length=len(Rung))] = ()
    text: Annotated[str, Field(min_length=1, max_length=300)] = "{post} {name} {since}"
    posts: Mapping[Rung, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        named = {name for _, name, _, _ in Formatter().parse(self.text) if name is not None}
        if named - {"post", "name", "since"}:
            raise ValueError(f"the text of climb names {sorted(named)}")
        for index, one in enumerate(self.steps):
            if (one.after is None) is not (index == 0):
                raise ValueError("the first rung is climbed at the time to sign, each later one "
                                 "names how long after it")
        units = {one.after.unit for one in self.steps if one.after is not None}
        later = [one.after.value for one in self.steps if one.after is not None]
        if len(units) > 1 or later != sorted(set(later)):
            raise ValueError("rungs are climbed one after another, counted in one unit")
        return self

    def value(self) -> Chain:
        """As the core reads it."""
        now = TimeLimit(value=0, unit=TimeUnit.MINUTE)
        return Chain(
            steps=tuple(Step(after=one.after or now, to=one.to) for one in self.steps),
            text=self.text,
            posts=MappingProxyType({rung.value: word for rung, word in self.posts.items()}),
        )


class LimitsFile(BaseModel):
    """One file; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    version: str = Field(min_length=1)
    handling: Written
    reserve: Reserve = timedelta(0)
    rework_counts_first: bool = True
    overall: Written | Literal["合计"] | None = None
    steps: Mapping[Post, Written]
    climb: ClimbTable = ClimbTable()

    def value(self) -> LimitSet:
        """As the core reads it."""
        return LimitSet(
            version=self.version,
            steps=MappingProxyType(dict(self.steps)),
            handling=self.handling,
            overall=self.overall if isinstance(self.overall, TimeLimit) else None,
            overall_sums=self.overall == "合计",
            reserve=self.reserve,
            rework_counts_first=self.rework_counts_first,
            chain=self.climb.value(),
        )


def read_limits_file(path: Path) -> LimitSet:
    """Read a file of limits. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    return LimitsFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).value()
