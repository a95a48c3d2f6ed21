"""A file of criteria (TOML), validated. The shipped one lies in ``node/standards``; a profile
names it, or one of the city's own."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.core.acceptance import Criterion, Unit
from node.core.capability import Capability
from node.core.counters import KEYS

CHECKS_MAX: Final = 100
MONTHS_MAX: Final = 24
RATE: Final = "rate"
MEASURES: Final = frozenset({
    "grids", "grid_cover", "component_density", "components_owned", "conditions",
    "calendar_missing", "classes_assigned", "phrases_unmapped", "units_reachable",
    "roles_staffed", "admins_merged", "beats_unstaffed", "trial_months", "trial_cases", RATE,
    "calls_in_time", "links_up", "parked", "backup_age",
})
"""What the program can measure (``node.service.acceptance.room``)."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Number = Annotated[Decimal, Field(ge=0, le=10**9)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """One file. ``months`` are looked at, ``backups`` is a folder seen from the home."""

    version: str
    title: str
    source: str
    digest: str
    months: int
    backups: str
    checks: tuple[Criterion, ...]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CheckRow(_Row):
    """One demand."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    zh: Words
    en: Words
    measure: str
    of: tuple[str, str, str] = ("", "", "")
    unit: Unit
    at_least: Number | None = None
    at_most: Number | None = None
    needs: frozenset[Capability] = frozenset()
    source: Words
    mend_zh: Words
    mend_en: Words

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.of[2] and self.of[2] not in KEYS:
            raise ValueError(f"{self.code}: {self.of[2]!r} is no column of the evaluation")
        if self.measure not in MEASURES:
            raise ValueError(f"{self.measure!r} is no measure, only {', '.join(sorted(MEASURES))}")
        if (self.at_least is None) is (self.at_most is None):
            raise ValueError(f"{self.code} names one of at_least and at_most")
        if (self.measure == RATE) is not all(self.of):
            raise ValueError(
                f"{self.code}: a rate, and only a rate, is of a subject, a rate and the column "
                "that names our own rows")
        return self

    def value(self) -> Criterion:
        """As the core judges it."""
        return Criterion(
            code=self.code, zh=self.zh, en=self.en, measure=self.measure, of=self.of,
            unit=self.unit, needs=self.needs, source=self.source, mend_zh=self.mend_zh,
            mend_en=self.mend_en,
            at_least=Fraction(self.at_least) if self.at_least is not None else None,
            at_most=Fraction(self.at_most) if self.at_most is not None else None,
        )


class CriteriaFile(_Row):
    """One file; unknown keys are mistakes."""

    version: Words
    title: Words
    source: Words
    months: int = Field(ge=1, le=MONTHS_MAX)
    backups: Words = "backups"
    check: Annotated[tuple[CheckRow, ...], Field(min_length=1, max_length=CHECKS_MAX)]

    @model_validator(mode="after")
    def _has_one_of_each(self) -> Self:
        codes = [one.code for one in self.check]
        if len(set(codes)) < len(codes):
            raise ValueError("a check stands twice in the file")
        return self


def read_criteria(path: Path) -> Criteria:
    """Read a file of criteria. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    raw = path.read_bytes()
    # Decimal: 0.95 in the file is 95 hundredths, not the next number a machine has.
    file = CriteriaFile.model_validate(tomllib.loads(raw.decode("utf-8"), parse_float=Decimal))
    return Criteria(
        version=file.version, title=file.title, source=file.source,
        digest=hashlib.sha256(raw).hexdigest(), months=file.months, backups=file.backups,
        checks=tuple(one.value() for one in file.check),
    )
