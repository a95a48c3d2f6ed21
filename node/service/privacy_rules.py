"""The file of personal data (TOML), validated.

The shipped one lies in ``node/privacy``; a profile names it, or a file of the office's own.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.core.privacy import Mask, PersonalField, PrivacyRules

KNOWN = frozenset({
    "reporter.name", "reporter.phone", "caller.name", "caller.phone", "clerk.phone",
    "handler.name", "alarm.place", "collector.track", "case.photo", "case.text", "account.name",
})
"""Every field of the program: a file names them all, or something would be kept by no rule."""
ERASED = frozenset({"reporter.name", "reporter.phone", "handler.name", "alarm.place"})
"""Fields that this rule can erase."""
UNMASKED = frozenset({"reporter.name", "reporter.phone"})
"""Fields that are shown one by one, for a reason."""
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Role = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]{0,39}|\*)$")]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldRow(_Row):
    """One field; its members mean what ``node.core.privacy.PersonalField`` says."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z]+$")]
    zh: Words
    en: Words
    class_: Literal["identity", "contact", "location", "image", "text"] = Field(alias="class")
    where: Words
    mask: Mask
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=20)]
    unmask: Annotated[tuple[Role, ...], Field(max_length=20)] = ()
    legs: Annotated[tuple[Literal["Order", "Directive", "Report"], ...], Field(max_length=3)] = ()
    keep_days: Annotated[int, Field(ge=0, le=36_500)]
    kept_by: str = ""

    @model_validator(mode="after")
    def _is_kept_by_one_rule(self) -> Self:
        if bool(self.keep_days) == bool(self.kept_by):
            raise ValueError(f"{self.name}: either keep_days, or kept_by names another rule")
        if self.keep_days and self.name not in ERASED:
            raise ValueError(f"{self.name}: this rule cannot erase it; say kept_by")
        if self.unmask and self.name not in UNMASKED:
            raise ValueError(f"{self.name} is not among those shown one by one")
        return self


class PrivacyFile(_Row):
    """One file; unknown keys are mistakes."""

    version: Words
    source: Words
    field: Annotated[tuple[FieldRow, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        names = [one.name for one in self.field]
        if len(set(names)) < len(names):
            raise ValueError("a field is named twice")
        if missing := KNOWN - set(names):
            raise ValueError(f"fields without a rule: {', '.join(sorted(missing))}")
        if strange := set(names) - KNOWN:
            raise ValueError(f"no such fields: {', '.join(sorted(strange))}")
        return self


def read_privacy(path: Path) -> PrivacyRules:
    """Read a file. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    told = PrivacyFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    return PrivacyRules(
        version=told.version, source=told.source,
        fields=MappingProxyType({
            one.name: PersonalField(
                name=one.name, zh=one.zh, en=one.en, kind=one.class_, where=one.where,
                mask=one.mask, roles=one.roles, unmask=one.unmask, legs=one.legs,
                keep=timedelta(days=one.keep_days) if one.keep_days else None,
                kept_by=one.kept_by)
            for one in told.field}))
