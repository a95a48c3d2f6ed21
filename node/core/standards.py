"""Editions of standards, and what is in force on a day.

An edition holds the classes of one standard and a city's filing conditions with their limits. It is
drafted, approved by another person than those who wrote it, and in force from its stated day until
the next approved edition of the same standard, or until its last day. Nothing is ever overwritten:
an old case is read under the edition it was filed under.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from node.core.calendar import BEIJING
from node.core.clock import TimeLimit
from node.core.codes import ClassKey, Kind, Layout
from node.core.errors import Invalid, NotPermitted, WrongStatus
from node.core.facts import Category


class Standing(StrEnum):
    """Where an edition stands on a day."""

    DRAFT = "draft"
    APPROVED = "approved"
    """Its day has not come."""
    ACTIVE = "active"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One version of one standard at this node.

    ``authors``: all who wrote in it. ``effective_from`` None = since ever, ``effective_to`` is its
    last day. ``approved_by`` "" = not approved, unless it came with the program or was put in place
    at the machine (``basis``: ``person``, ``shipped``, ``installed``). ``digest``: SHA-256 in hex
    of the content alone, so equal at every node that holds the same.
    """

    standard_ref: str
    version: int
    layout: Layout
    authors: tuple[str, ...] = ()
    approved: bool = False
    approved_by: str = ""
    approved_at: datetime | None = None
    basis: str = "person"
    effective_from: date | None = None
    effective_to: date | None = None
    digest: str = ""
    source: str = ""
    note: str = ""
    published_by: str = ""
    published_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassEntry:
    """A class of an edition. ``origin``: national or local; ``incident``: it is one that harms at
    once (burst pipe, collapse), whatever its number says."""

    key: ClassKey
    name: str
    major_name: str = ""
    origin: str = "national"
    incident: bool = False
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether new cases may be of this class that day."""
        return _holds(self.valid_from, self.valid_to, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A filing condition of a class. ``area_class`` "" = wherever no class of area is named;
    ``dimension`` names what classes the area (zones, say). ``limit`` None = the sheet gives none;
    ``assumed``: its text could not be read and the default stands in."""

    key: ClassKey
    number: int
    filing: str
    closing: str = ""
    evidence: tuple[str, ...] = ()
    dimension: str = ""
    area_class: str = ""
    limit: TimeLimit | None = None
    limit_text: str = ""
    limit_action: str = ""
    assumed: bool = False
    valid_from: date | None = None
    valid_to: date | None = None


# --- the life of an edition -----------------------------------------------------------------------


def approve(
    edition: Edition, *, by: str, at: datetime, effective_from: date | None
) -> Edition:
    """The edition approved, from its day on. ``NotPermitted`` (``standard.own_draft``) for whoever
    wrote in it; ``WrongStatus`` if it is approved; ``Invalid`` for a day that has passed, because
    what was in force cannot be changed afterwards."""
    if edition.approved:
        raise WrongStatus(f"{edition.standard_ref} version {edition.version} is approved already",
                          code="standard.approved")
    if not by or by in edition.authors:
        raise NotPermitted(
            f"{by or 'nobody'} wrote in this draft: another person approves it",
            code="standard.own_draft")
    today = day_of(at)
    starts = effective_from or today
    if starts < today:
        raise Invalid(f"{starts} has passed: an edition takes effect today or later",
                      code="standard.past_day")
    return replace(edition, approved=True, approved_by=by, approved_at=at, effective_from=starts)


def activate(
    edition: Edition, *, at: datetime, effective_from: date, effective_to: date | None
) -> Edition:
    """Another day for an approved edition. A day that has passed stays as it was."""
    if not edition.approved:
        raise WrongStatus(f"{edition.standard_ref} version {edition.version} is a draft",
                          code="standard.draft")
    today = day_of(at)
    if effective_from < today and effective_from != edition.effective_from:
        raise Invalid(f"{effective_from} has passed", code="standard.past_day")
    if effective_to is not None and effective_to < max(effective_from, today):
        raise Invalid(f"{effective_to} has passed, or lies before {effective_from}",
                      code="standard.past_day")
    return replace(edition, effective_from=effective_from, effective_to=effective_to)


def in_force(editions: Iterable[Edition], day: date) -> Edition | None:
    """Of editions of one standard, the one in force that day: the latest to take effect, of equal
    ones the higher version. Its last day ends the standard, not only the edition."""
    approved = [one for one in editions
                if one.approved and _holds(one.effective_from, None, day)]
    if not approved:
        return None
    latest = max(approved, key=lambda one: (one.effective_from or date.min, one.version))
    return latest if _holds(None, latest.effective_to, day) else None


def every_in_force(editions: Iterable[Edition], day: date) -> tuple[Edition, ...]:
    """Of the editions of several standards, those in force that day, by standard."""
    by_ref: dict[str, list[Edition]] = {}
    for one in editions:
        by_ref.setdefault(one.standard_ref, []).append(one)
    found = (in_force(some, day) for _, some in sorted(by_ref.items()))
    return tuple(one for one in found if one is not None)


def standing(edition: Edition, editions: Iterable[Edition], day: date) -> Standing:
    """Where an edition stands among those of its standard."""
    if not edition.approved:
        return Standing.DRAFT
    if edition.effective_from is not None and day < edition.effective_from:
        return Standing.APPROVED
    now = in_force(editions, day)
    active = now is not None and now.version == edition.version
    return Standing.ACTIVE if active else Standing.SUPERSEDED


def day_of(instant: datetime) -> date:
    """The day in China: editions change at its midnight."""
    return instant.astimezone(BEIJING).date()


def _holds(start: date | None, end: date | None, day: date) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)


# --- what is in force -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The classes and conditions of one edition, by class."""

    classes: Mapping[ClassKey, ClassEntry]
    conditions: Mapping[ClassKey, tuple[Condition, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How a category stands to the supervision list. ``entry`` None = out of the list, accepted
    for ``reason``. ``version`` says by which edition it was judged: ``<standard>@<version>``, ""
    if none of the standard is in force."""

    entry: ClassEntry | None
    version: str
    reason: str = ""


class Catalog:
    """What the editions of this node say on a day. Immutable: a change brings a new one."""

    def __init__(
        self, editions: Iterable[Edition], contents: Mapping[tuple[str, int], Content],
        areas: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        """``contents`` by (standard, version); ``areas``: (dimension, beginning of an area code)
        to class."""
        self._editions: dict[str, list[Edition]] = {}
        for edition in editions:
            self._editions.setdefault(edition.standard_ref, []).append(edition)
        self._contents = dict(contents)
        self._areas = dict(areas or {})

    def edition(self, standard_ref: str, day: date) -> Edition | None:
        """The edition of a standard in force that day."""
        return in_force(self._editions.get(standard_ref, ()), day)

    def standards(self, day: date) -> tuple[Edition, ...]:
        """Every standard in force that day."""
        found = (self.edition(ref, day) for ref in sorted(self._editions))
        return tuple(one for one in found if one is not None)

    def entry(self, key: ClassKey, day: date) -> ClassEntry | None:
        """The class, if new cases may be of it that day."""
        content = self._content(key.standard_ref, day)
        entry = content.classes.get(key) if content else None
        return entry if entry is not None and entry.holds_on(day) else None

    def classes(self, standard_ref: str, kind: str, day: date) -> tuple[ClassEntry, ...]:
        """Every class of a kind that new cases may be of that day."""
        content = self._content(standard_ref, day)
        found = content.classes.values() if content else ()
        return tuple(one for one in found if one.key.kind == kind and one.holds_on(day))

    def every_class(self, day: date) -> Iterator[ClassEntry]:
        """Every class of every standard that new cases may be of that day, components first."""
        for edition in self.standards(day):
            for kind in Kind:
                yield from self.classes(edition.standard_ref, kind, day)

    def conditions(self, key: ClassKey, day: date) -> tuple[Condition, ...]:
        """The filing conditions of a class that hold that day, for every class of area."""
        content = self._content(key.standard_ref, day)
        found = content.conditions.get(key, ()) if content else ()
        return tuple(one for one in found if _holds(one.valid_from, one.valid_to, day))

    def condition(self, key: ClassKey, number: int, area: str, day: date) -> Condition | None:
        """The condition as it holds in an area: the row of the area's class, else the one that
        names no class."""
        return chosen(
            (one for one in self.conditions(key, day) if one.number == number), area, self._areas)

    def _content(self, standard_ref: str, day: date) -> Content | None:
        edition = self.edition(standard_ref, day)
        return self._contents.get((standard_ref, edition.version)) if edition else None


def chosen(
    rows: Iterable[Condition], area: str, areas: Mapping[tuple[str, str], str]
) -> Condition | None:
    """Of one condition's rows over the classes of area, the one that holds in ``area``."""
    plain: Condition | None = None
    for row in rows:
        if not row.area_class:
            plain = row
        elif area_class(row.dimension, area, areas) == row.area_class:
            return row
    return plain


def area_class(dimension: str, area: str, areas: Mapping[tuple[str, str], str]) -> str:
    """The class of an area in a dimension: of the longest registered beginning of its code; "" =
    none is registered."""
    for length in range(len(area), -1, -1):
        found = areas.get((dimension, area[:length]))
        if found is not None:
            return found
    return ""


# --- what filing asks -----------------------------------------------------------------------------


def key_of(category: Category) -> ClassKey:
    """The triple of a category."""
    return ClassKey(standard_ref=category.standard_ref, kind=category.kind, code=category.code)


def check_listed(
    catalog: Catalog | None, category: Category, *, at: datetime, reason: str = ""
) -> Listed:
    """Is the category in the supervision list on the day of ``at``?

    Out of the list (unknown class, class or standard no longer in force) it may only be filed for
    a stated ``reason``: otherwise ``Invalid`` with code ``category.out_of_list``. A node without a
    catalogue checks nothing.
    """
    if catalog is None:
        return Listed(entry=None, version="", reason=reason)
    day = day_of(at)
    edition = catalog.edition(category.standard_ref, day)
    version = f"{edition.standard_ref}@{edition.version}" if edition else ""
    entry = catalog.entry(key_of(category), day)
    if entry is not None:
        return Listed(entry=entry, version=version)
    if not reason.strip():
        raise Invalid(
            f"{key_of(category)} is not in the supervision list in force on {day}: say why the "
            "case is to be filed all the same",
            code="category.out_of_list", field="category", category=str(key_of(category)),
            day=day.isoformat(),
        )
    return Listed(entry=None, version=version, reason=reason.strip())


def check_condition(
    catalog: Catalog | None, category: Category, number: int, *, area: str, at: datetime
) -> Condition | None:
    """The filing condition under which a case is filed.

    None where the class has no conditions at all (a list without a city's sheet, or a case out of
    the list) or no catalogue is there. ``Invalid``: ``condition.missing`` if the class has
    conditions and none is named, ``condition.unknown`` if the named one is none of them or none of
    its rows holds in this area.
    """
    if catalog is None:
        return None
    key, day = key_of(category), day_of(at)
    offered = catalog.conditions(key, day)
    if not offered:
        return None
    numbers = sorted({one.number for one in offered})
    listed = ", ".join(str(one) for one in numbers)
    if number == 0 and 0 not in numbers:
        raise Invalid(f"{key} has filing conditions {listed}: name the one that is met",
                      code="condition.missing", field="condition_no",
                      conditions=listed)
    found = catalog.condition(key, number, area, day)
    if found is None:
        raise Invalid(f"{key} has no filing condition {number} in {area}; it has {listed}",
                      code="condition.unknown", field="condition_no",
                      given=str(number), area=area, conditions=listed)
    return found
