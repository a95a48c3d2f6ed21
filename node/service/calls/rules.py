"""A file of calls (TOML), validated: what ``node.core.calls.CallRules`` is read from.

The shipped one lies in ``node/standards``; a profile names it, or one of the city's own.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.core.calls import CallKind, CallRules, Channel, Concern
from node.service.limits import Written

KINDS_MAX: Final = 32
"""Kinds, and channels, of one office: what a clerk can choose among while somebody waits."""
KEEP_DAYS_MAX: Final = 3_650

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class KindRow(_Row):
    """One kind of call."""

    code: Code
    zh: Words
    en: Words
    concerns: Concern
    answer_within: Written


class ChannelRow(_Row):
    """One way of calling and answering."""

    code: Code
    zh: Words
    en: Words


class CallsFile(_Row):
    """One file; unknown keys are mistakes."""

    version: Words
    source: str = ""
    keep_days: int = Field(ge=0, le=KEEP_DAYS_MAX)
    kind: Annotated[tuple[KindRow, ...], Field(min_length=1, max_length=KINDS_MAX)]
    channel: Annotated[tuple[ChannelRow, ...], Field(min_length=1, max_length=KINDS_MAX)]

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        for named, rows in (("kind", self.kind), ("channel", self.channel)):
            codes = [one.code for one in rows]
            if len(set(codes)) < len(codes):
                raise ValueError(f"a {named} stands twice in the file")
        absent = set(Concern) - {one.concerns for one in self.kind}
        if absent:
            raise ValueError(f"no kind is for calls that concern {', '.join(sorted(absent))}")
        return self

    def value(self) -> CallRules:
        """As the core reads it."""
        return CallRules(
            version=self.version,
            kinds=MappingProxyType({
                one.code: CallKind(
                    code=one.code, zh=one.zh, en=one.en, concerns=one.concerns,
                    answer_within=one.answer_within)
                for one in self.kind}),
            channels=MappingProxyType({
                one.code: Channel(code=one.code, zh=one.zh, en=one.en) for one in self.channel}),
            keep=timedelta(days=self.keep_days),
        )


def read_calls(path: Path) -> CallRules:
    """Read a file of calls. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    return CallsFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).value()
