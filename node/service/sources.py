"""Files of sources and of notices (TOML), validated: what a report must bring along, and in which
words its end is told.

The shipped ones lie in ``node/standards``; a profile names them, or a city's own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.core.effects import EndKind
from node.core.facts import PhotoRole
from node.core.reasons import INTAKE_VERBS
from node.core.sources import ClassRule, Detail, Source, Sources, Verify
from node.service.reasons import ReasonsIn, reasons, sound

SOURCES_MAX = 64
"""Sources of one office: a desk chooses from a list it can read."""
CLASSES_MAX = 500
"""Rows of what classes ask for: about as many as a list has classes."""
DETAILS_MAX = 16
"""Fields of one source: a form, not a questionnaire."""
REPORTER = "reporter"
"""``result_to`` of a source whose end is told to whoever reported it."""
MERGED, MERGED_ENDED, BODY = "merged", "merged_ended", "body"
"""Texts that are no kind of end of their own."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DetailRow(_Row):
    """One field of a source."""

    key: Code
    zh: Words
    en: Words
    required: bool = False


class SourceRow(_Row):
    """One source of the file; its members mean what ``node.core.sources.Source`` says."""

    code: Code
    zh: Words
    en: Words
    verify: Verify
    photos: tuple[PhotoRole, ...] = ()
    public: bool = False
    group: Code
    result_to: str = ""
    reference: str = ""
    tells: tuple[EndKind, ...] = ()
    collector: str = ""
    beat: str = ""
    handled: tuple[PhotoRole, ...] = ()
    details: Annotated[tuple[DetailRow, ...], Field(max_length=DETAILS_MAX)] = ()

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        keys = [one.key for one in self.details]
        if len(set(keys)) < len(keys):
            raise ValueError(f"source {self.code} names a detail twice")
        for name, value in (("result_to", self.result_to), ("reference", self.reference),
                            ("collector", self.collector), ("beat", self.beat)):
            if value and value not in keys and not (name == "result_to" and value == REPORTER):
                raise ValueError(f"source {self.code}: {name} {value!r} is none of its details")
        return self


class ClassRow(_Row):
    """What reports of a class bring besides; its members mean what ``ClassRule`` says."""

    standard_ref: Annotated[str, StringConstraints(max_length=100)] = ""
    kind: Annotated[str, StringConstraints(pattern=r"^(component|matter)?$")] = ""
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{0,20}$")] = ""
    photos: tuple[PhotoRole, ...] = ()
    details: Annotated[tuple[DetailRow, ...], Field(max_length=DETAILS_MAX)] = ()

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.code and not self.standard_ref:
            raise ValueError(f"code {self.code!r} means something only with its standard_ref")
        keys = [one.key for one in self.details]
        if len(set(keys)) < len(keys):
            raise ValueError(f"class {self.code or '(any)'} names a detail twice")
        return self


class SourcesFile(_Row):
    """One file of sources, and of what classes ask for besides; unknown keys are mistakes."""

    version: Words
    source: Annotated[tuple[SourceRow, ...], Field(min_length=1, max_length=SOURCES_MAX)]
    type: Annotated[tuple[ClassRow, ...], Field(max_length=CLASSES_MAX)] = ()
    reasons: ReasonsIn = ()

    @model_validator(mode="after")
    def _has_one_of_each(self) -> Self:
        codes = [one.code for one in self.source]
        if len(set(codes)) < len(codes):
            raise ValueError("a source stands twice in the file")
        sound(self.reasons, INTAKE_VERBS)
        return self

    def value(self) -> Sources:
        """As the core reads it."""
        rows = {
            one.code: Source(
                code=one.code,
                zh=one.zh,
                en=one.en,
                details=_details(one.details),
                photos=one.photos,
                verify=one.verify,
                public=one.public,
                result_to=one.result_to,
                reference=one.reference,
                tells=tuple(kind.value for kind in one.tells),
                group=one.group,
                collector=one.collector,
                beat=one.beat,
                handled=one.handled,
            )
            for one in self.source
        }
        classes = tuple(
            ClassRule(
                standard_ref=one.standard_ref, kind=one.kind, code=one.code, photos=one.photos,
                details=_details(one.details),
            )
            for one in self.type
        )
        return Sources(
            version=self.version, rows=MappingProxyType(rows), classes=classes,
            reasons=reasons(self.reasons),
        )


def _details(rows: tuple[DetailRow, ...]) -> tuple[Detail, ...]:
    return tuple(
        Detail(key=row.key, zh=row.zh, en=row.en, required=row.required) for row in rows
    )


def read_sources(path: Path) -> Sources:
    """Read a file of sources. ``OSError``, ``tomllib.TOMLDecodeError`` or ``ValidationError``."""
    return SourcesFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).value()


# --- notices --------------------------------------------------------------------------------------

PLACEHOLDERS = frozenset(
    {"case_no", "name", "address", "text", "original_no", "new_no", "closed_at", "office",
     "reference", "end"}
)
"""What a text may name. Nothing of the reporter is among them: a text is kept and shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTexts:
    """In which words an end is told, by kind; ``ends`` say it inside a note to another body."""

    version: str
    texts: Mapping[str, str]
    ends: Mapping[str, str]

    def say(self, kind: str, **values: str) -> str:
        """The text of a kind, "" = it is not sent."""
        text = self.texts.get(kind, "")
        return text.format(**{**dict.fromkeys(PLACEHOLDERS, ""), **values}) if text else ""

    def end(self, kind: str, **values: str) -> str:
        """How the end is called inside a note to another body."""
        return self.ends.get(kind, kind).format(**{**dict.fromkeys(PLACEHOLDERS, ""), **values})


class NoticesFile(_Row):
    """One file of notices; unknown keys, kinds and placeholders are mistakes."""

    version: Words
    text: Mapping[str, Annotated[str, StringConstraints(max_length=1_000)]]
    end: Mapping[str, Words]

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        kinds = {*(kind.value for kind in EndKind), MERGED, MERGED_ENDED, BODY}
        for kind, text in (*self.text.items(), *self.end.items()):
            if kind not in kinds:
                raise ValueError(f"{kind!r} is no kind of notice")
            names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
            if unknown := names - PLACEHOLDERS:
                raise ValueError(f"the text of {kind!r} names {sorted(unknown)}")
        return self

    def value(self) -> NoticeTexts:
        """As the desk uses it."""
        return NoticeTexts(
            version=self.version,
            texts=MappingProxyType(dict(self.text)),
            ends=MappingProxyType(dict(self.end)),
        )


def read_notices(path: Path) -> NoticeTexts:
    """Read a file of notices; fails as ``read_sources`` does."""
    return NoticesFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).value()
