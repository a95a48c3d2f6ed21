"""Where reports come from: what each source must bring along, as a city's data says it.

Sources are data with a version (``node.standards`` ships one set, a city may have its own); the
core only holds a report to what its source asks for. Source of the list: the channels that the
notices name (patrol, video, hotline, media, transfer, superiors, leaders, website) and those that
practice added since (12345, app, sensors).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from node.core.errors import Invalid, Refused
from node.core.facts import Category, Photo, PhotoRole
from node.core.reasons import NO_REASONS, Reasons


class Verify(StrEnum):
    """Whether somebody looks on site before filing (核实)."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One field of a source beyond those every report has."""

    key: str
    zh: str
    en: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source. ``photos`` are the roles of which at least one photo each must be there.

    ``public``: citizens speak through it. ``result_to`` says who is told the end: ``reporter`` or
    the key of a detail (an ordering body, an outlet, a collector), "" = nobody; ``reference`` is
    the key of their own number for it. ``tells`` are the ends that are told to that detail.
    ``group`` is how figures are split: patrol, public, media, transfer, system. ``collector`` and
    ``beat`` are the keys of the details that name whoever patrols, and their beat, "" = nobody
    does. ``handled`` are the photo roles of which one each proves what was put right at once.
    """

    code: str
    zh: str
    en: str
    details: tuple[Detail, ...] = ()
    photos: tuple[PhotoRole, ...] = ()
    verify: Verify = Verify.OPTIONAL
    public: bool = False
    result_to: str = ""
    reference: str = ""
    tells: tuple[str, ...] = ()
    group: str = ""
    collector: str = ""
    beat: str = ""
    handled: tuple[PhotoRole, ...] = ()

    def detail(self, key: str) -> Detail | None:
        """The field of that key, None = this source has none."""
        return next((one for one in self.details if one.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule:
    """What reports of a class bring besides what their source asks for (工作规范): fields, and
    roles of which at least one photo each must be there. ``code`` is a beginning (a major class
    is the beginning of its minor ones), each text "" = any."""

    standard_ref: str = ""
    kind: str = ""
    code: str = ""
    details: tuple[Detail, ...] = ()
    photos: tuple[PhotoRole, ...] = ()

    def covers(self, category: Category) -> bool:
        """Is this class under the rule?"""
        return (
            self.standard_ref in ("", category.standard_ref)
            and self.kind in ("", category.kind)
            and category.code.startswith(self.code)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Every source of one office and what its classes ask for besides, with the version of the data
    they come from, and the reasons for which a report may be refused."""

    version: str
    rows: Mapping[str, Source]
    classes: tuple[ClassRule, ...] = ()
    reasons: Reasons = NO_REASONS

    def named(self, code: str) -> dict[str, str]:
        """A source for whoever reads a refusal: its code, and its name in both languages."""
        source = self.rows[code]
        return {"source": code, "source_name_zh": source.zh, "source_name_en": source.en}

    def of_class(self, category: Category) -> ClassRule:
        """All that rules covering this class ask for, joined: a minor class keeps what its major
        class asks for, and a field is required if one of them requires it."""
        covering = [one for one in self.classes if one.covers(category)]
        details: dict[str, Detail] = {}
        for row in (row for one in covering for row in one.details):
            if row.required or row.key not in details:
                details[row.key] = row
        roles = dict.fromkeys(role for one in covering for role in one.photos)
        return ClassRule(code=category.code, details=tuple(details.values()), photos=tuple(roles))

    def get(self, code: str) -> Source:
        """``Invalid`` (``intake.source``) if the office knows no such source."""
        source = self.rows.get(code)
        if source is None:
            raise Invalid(
                f"there is no source {code!r} here",
                code="intake.source",
                source=code,
                known=", ".join(self.rows),
            )
        return source

    def must_verify(self, code: str) -> bool:
        """Whether a report of this source is looked at before filing. A source that the data has
        dropped since asks for nothing."""
        source = self.rows.get(code)
        return source is not None and source.verify is Verify.REQUIRED


def details_of(
    source: Source, given: Iterable[tuple[str, str]], besides: Iterable[Detail] = ()
) -> tuple[tuple[str, str], ...]:
    """The given details in the source's own order, then those ``besides`` (of the class); blanks
    left out. ``Invalid`` (``intake.detail``): unknown, or given twice.
    """
    own = {one.key for one in source.details}
    more = tuple(one for one in besides if one.key not in own)
    known = own | {one.key for one in more}
    found: dict[str, str] = {}
    for key, value in given:
        if key not in known:
            raise _about(source, f"a report by {source.code} has no {key!r}", "intake.detail", key)
        if key in found:
            raise _about(source, f"{key!r} was given twice", "intake.detail", key)
        found[key] = value.strip()
    return tuple(
        (one.key, found[one.key]) for one in (*source.details, *more) if found.get(one.key)
    )


def hold_to(
    source: Source,
    rule: ClassRule,
    category: Category,
    details: Iterable[tuple[str, str]],
    photos: Iterable[Photo],
) -> None:
    """``Invalid`` unless a report brings what its source and its class ask for. All that is missing
    is named at once, under the code of what comes first: ``intake.detail_missing``,
    ``intake.photo_missing``, ``intake.class_detail_missing``, ``intake.class_photo_missing``.
    """
    given, roles = dict(details), {photo.role for photo in photos}
    name = category.name or category.code

    def lacks(fields: Iterable[Detail]) -> list[Detail]:
        return [one for one in fields if one.required and not given.get(one.key)]

    own, besides = lacks(source.details), lacks(rule.details)
    shown = [role for role in source.photos if role not in roles]
    more = [role for role in rule.photos if role not in roles]
    fields = {one.key: one for one in (*own, *besides)}
    missing = [role.value for role in dict.fromkeys((*shown, *more))]
    if not fields and not missing:
        return
    code = next(code for code, lacking in (
        ("intake.detail_missing", own), ("intake.photo_missing", shown),
        ("intake.class_detail_missing", besides), ("intake.class_photo_missing", more),
    ) if lacking)
    first = next(iter(fields.values()), None)
    named = {"field_name_zh": first.zh, "field_name_en": first.en} if first is not None else {}
    raise _about(
        source,
        f"a report by {source.code} on {name} needs {', '.join((*fields, *missing))}",
        code,
        first.key if first is not None else "photos",
        why="both" if fields and missing else "details" if fields else "photos",
        name=name,
        roles=", ".join(missing),
        fields=", ".join((*fields, *(["photos"] if missing else []))),
        lacks_zh="、".join(f"“{one.zh}”（{one.key}）" for one in fields.values()),
        lacks_en=", ".join(f"“{one.en}” ({one.key})" for one in fields.values()),
        **named,
    )


def photos_of(
    source: Source, photos: Iterable[Photo], asked: Iterable[PhotoRole]
) -> None:
    """``Invalid`` (``intake.photo_missing``) unless every role that is asked for is there."""
    roles = {photo.role for photo in photos}
    missing = [role.value for role in asked if role not in roles]
    if missing:
        raise _about(
            source,
            f"a report by {source.code} needs photos of role {', '.join(missing)}",
            "intake.photo_missing",
            "photos",
            roles=", ".join(missing),
        )


def _about(source: Source, message: str, code: str, field: str, **more: str) -> Refused:
    return Invalid(
        message,
        code=code,
        field=field,
        source=source.code,
        source_name_zh=source.zh,
        source_name_en=source.en,
        **more,
    )
