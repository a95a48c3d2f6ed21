"""A file of what feedbacks must show (TOML), validated.

The shipped ones lie in ``node/feedback``; a profile names one, or a file of the city's own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.core.facts import PhotoRole, Wanted
from node.core.feedback import CLOSING, FeedbackRule, FeedbackRules

RULES_MAX = 500
"""Rows of one file: about as many as a list has classes."""
RETURNS_MAX = 9
"""How often a feedback may go back by itself at most: after that a person asks why."""
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleRow(_Row):
    """One row; its members mean what ``node.core.feedback.FeedbackRule`` says."""

    standard_ref: Short = ""
    kind: Annotated[str, StringConstraints(pattern=r"^(component|matter)?$")] = ""
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{0,20}$")] = ""
    photos: tuple[PhotoRole, ...] = ()
    closing: bool = False

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.code and not self.standard_ref:
            raise ValueError(f"code {self.code!r} means something only with its standard_ref")
        if len(set(self.photos)) < len(self.photos):
            raise ValueError("a role of photos is named twice")
        return self


class FeedbackFile(_Row):
    """One file; unknown keys are mistakes."""

    version: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    returns_max: int = Field(default=0, ge=0, le=RETURNS_MAX)
    text: Annotated[str, StringConstraints(min_length=1, max_length=500)] = "{lacks}"
    names: Mapping[str, Short] = Field(default_factory=dict)
    rule: Annotated[tuple[RuleRow, ...], Field(max_length=RULES_MAX)] = ()

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        named = {name for _, name, _, _ in Formatter().parse(self.text) if name is not None}
        if named - {"lacks"}:
            raise ValueError(f"the text names {sorted(named)}, there is only lacks")
        known = {CLOSING, *(role.value for role in PhotoRole)}
        if unknown := set(self.names) - known:
            raise ValueError(f"{sorted(unknown)} is nothing that may lack")
        keys = [(one.standard_ref, one.kind, one.code) for one in self.rule]
        if len(set(keys)) < len(keys):
            raise ValueError("a class has two rows")
        return self

    def value(self) -> FeedbackRules:
        """As the core reads it."""
        return FeedbackRules(
            version=self.version,
            returns_max=self.returns_max,
            text=self.text,
            names=MappingProxyType(dict(self.names)),
            rows=tuple(
                FeedbackRule(
                    standard_ref=one.standard_ref, kind=one.kind, code=one.code,
                    wanted=Wanted(photos=one.photos, closing=one.closing),
                )
                for one in self.rule
            ),
        )


def read_feedback(path: Path) -> FeedbackRules:
    """Read a file of them. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    return FeedbackFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).value()
