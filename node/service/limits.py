"""A file of limits (TOML), validated: what ``node.core.limits.LimitSet`` is read from.

The shipped one lies in ``node/limits``; a profile names it, or one of the city's own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from node.core.catalog import read_limit
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


class LimitsFile(BaseModel):
    """One file; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    version: str = Field(min_length=1)
    handling: Written
    reserve: Reserve = timedelta(0)
    rework_counts_first: bool = True
    overall: Written | None = None
    steps: Mapping[Post, Written]

    def value(self) -> LimitSet:
        """As the core reads it."""
        return LimitSet(
            version=self.version,
            steps=MappingProxyType(dict(self.steps)),
            handling=self.handling,
            overall=self.overall,
            reserve=self.reserve,
            rework_counts_first=self.rework_counts_first,
        )


def read_limits_file(path: Path) -> LimitSet:
    """Read a file of limits. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    return LimitsFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).value()
