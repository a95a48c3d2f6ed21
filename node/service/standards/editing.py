"""Writing in editions, in an open transaction: drafts, approval, what is put in place at once.

Imports on a running node go into the one open draft of their standard and wait for another
person's approval. Whoever stands at a stopped node's machine, or migrates it, holds the database
itself: what is imported there is in force at once, and says so (``basis``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from hub.store.tx import Tx
from node.core.catalog import read_limit
from node.core.clock import TimeUnit
from node.core.codes import LAYOUTS, Layout, check_class, next_local, padded_major
from node.core.crosswalk import check_crossing
from node.core.errors import Invalid, WrongStatus
from node.core.revising import counted
from node.core.standards import Edition, activate, approve, day_of, in_force
from node.service.instants import to_time
from node.service.phrases import Phrase, phrase
from node.service.revising import compared, keyed, revise
from node.service.standards.ports import StandardsStore
from node.service.standards.rows import crossing_of, digest_of, edition_of, edition_row
from node.service.standards.views import AreaClassRow, ClassRow, CrossingRow, NewClass
from node.service.views import FilingCondition, ImportResult

CLASSES_MAX = 10_000
"""Classes of one edition; the largest list known has 403."""
CONDITIONS_MAX = 50_000
AREA_CLASSES = "area-classes"
DIMENSION = "area"
"""What classes an area where a sheet does not say by what."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who writes. ``basis`` ``person``: into the open draft; ``installed`` and ``shipped``: an
    edition of its own, in force at once."""

    actor: str
    basis: str = "person"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """The edition that is written in; ``fresh``: it was begun for this; ``digest`` of its content
    before."""

    edition: Edition
    fresh: bool
    digest: str


class Editing:
    """Edits of one transaction."""

    def __init__(self, store: StandardsStore, tx: Tx, hand: Hand) -> None:
        self._store, self._tx, self._hand = store, tx, hand
        self._now = to_time(tx.now_us)

    # --- content --------------------------------------------------------------------------------

    def put_classes(self, rows: Sequence[ClassRow]) -> ImportResult:
        """Add or replace classes. ``Invalid``: the standard is not registered, or a code does not
        have its digits."""
        added = replaced = 0
        notes: list[Phrase] = []
        for ref, some in _by_standard(rows).items():
            begun = self._begun(ref)
            edition = begun.edition
            for row in some:
                if len(row.code) != edition.layout.major:
                    check_class(edition.layout, row.code)
            one, other = self._store.put_standards(self._tx.conn, "class_code", [
                {**dataclasses.asdict(row), "version": edition.version} for row in some])
            if not self._same(begun, notes):
                added, replaced = added + one, replaced + other
                notes.append(self._settled(edition))
        return ImportResult(added=added, replaced=replaced, notes=tuple(notes))

    def put_conditions(self, rows: Sequence[FilingCondition]) -> ImportResult:
        """Add or replace filing conditions. A class that the list does not have is added as a
        local one if the row names it; ``Invalid`` (``table.invalid``) otherwise."""
        units = {unit.value for unit in TimeUnit}
        added = replaced = 0
        notes: list[Phrase] = []
        for ref, some in _by_standard(rows).items():
            begun = self._begun(ref)
            edition = begun.edition
            fresh: dict[tuple[str, str], ClassRow] = {}
            for number, row in enumerate(some, start=1):
                check_class(edition.layout, row.code)
                if row.limit_count is not None and row.limit_unit not in units:
                    raise Invalid(f"row {number}: {row.limit_unit!r} is not a unit of time",
                                  code="table.invalid")
                if self._class(edition, row.kind, row.code) is None:
                    if not row.name:
                        raise Invalid(
                            f"row {number}: {ref} {row.kind} {row.code} is not in the list and "
                            "has no name: import the classes first", code="table.invalid")
                    fresh[row.kind, row.code] = ClassRow(
                        standard_ref=ref, kind=row.kind, code=row.code, name=row.name,
                        major_name=row.major_name, origin="local",
                        handling_unit=row.handling_unit, department=row.department)
            self._store.put_standards(self._tx.conn, "class_code", [
                {**dataclasses.asdict(row), "version": edition.version}
                for row in fresh.values()])
            one, other = self._store.put_standards(self._tx.conn, "filing_condition", [
                {**dataclasses.asdict(row), "version": edition.version} for row in some])
            if self._same(begun, notes):
                continue
            added, replaced = added + one, replaced + other
            if fresh:
                notes.append(phrase("note.local_classes", standard=ref, count=len(fresh)))
            notes.append(self._settled(edition))
        return ImportResult(added=added, replaced=replaced, notes=tuple(notes))

    def put_area_classes(
        self, rows: Sequence[AreaClassRow], *, whole: bool = False, source: str = "",
        seen: str = "",
    ) -> ImportResult:
        """Add or replace classes of area; they hold at once, for limits of new dispatches.
        ``whole``: classes that are not among them go. ``seen``: see ``revise``.
        ``Invalid`` (``standard.dimension``): no filing condition asks for that dimension, so
        nothing would ever follow from the class."""
        known = dict.fromkeys((DIMENSION, *self._store.dimensions(self._tx.conn)))
        for number, row in enumerate(rows, start=1):
            if row.dimension not in known:
                raise Invalid(
                    f"row {number}: no filing condition has the dimension {row.dimension!r}; "
                    f"known: {', '.join(known)}",
                    code="standard.dimension", row=str(number), given=row.dimension,
                    known=", ".join(known),
                )
        given = area_rows(rows)
        changes = compared(self._store, self._tx.conn, AREA_CLASSES, given, whole=whole)
        revise(self._store, self._tx, AREA_CLASSES, changes, source=source, seen=seen)
        added = counted(changes).added
        return ImportResult(added=added, replaced=len(keyed(AREA_CLASSES, given)) - added)

    def put_crosswalk(self, rows: Sequence[CrossingRow], source: str = "") -> ImportResult:
        """A new decision for every old class that the rows name and that is decided otherwise
        now; the older decisions stay readable."""
        by_old: dict[tuple[str, str, str], list[CrossingRow]] = {}
        for row in rows:
            by_old.setdefault((row.old_standard, row.old_kind, row.old_code), []).append(row)
        known: dict[tuple[str, str, str], dict[int, set[tuple[str, ...]]]] = {}
        for old in self._store.crossings(self._tx.conn, old=list(by_old)):
            key = (old["old_standard"], old["old_kind"], old["old_code"])
            known.setdefault(key, {}).setdefault(old["version"], set()).add(_said(old))
        fresh: list[dict[str, Any]] = []
        added = replaced = 0
        for key, some in by_old.items():
            versions = known.get(key, {})
            newest = max(versions, default=0)
            given = [{
                **dataclasses.asdict(row), "version": newest + 1, "source": source,
                "decided_by": self._hand.actor, "decided_at": self._tx.now_us,
            } for row in some]
            for one in given:
                check_crossing(crossing_of(one))
            if newest and versions[newest] == {_said(one) for one in given}:
                replaced += len(given)
                continue
            added += len(given)
            fresh.extend(given)
        self._store.add_crossings(self._tx.conn, fresh)
        return ImportResult(added=added, replaced=replaced)

    def add_class(self, new: NewClass) -> tuple[str, int]:
        """A local class with one condition, into the draft; returns its code and the edition.
        ``Invalid``: no number is left, the limit cannot be read, the number is taken."""
        edition = self._open(new.standard_ref)
        layout, conn = edition.layout, self._tx.conn
        limit = read_limit(new.limit_text).limit if new.limit_text else None
        if new.limit_text and limit is None:
            raise Invalid(f"{new.limit_text!r} is not a limit", code="codes.limit")
        rows = self._store.classes(conn, new.standard_ref, edition.version, kind=new.kind)
        major = padded_major(layout, new.major)
        major_name = next((row["major_name"] or row["name"] for row in rows
                           if row["code"][: layout.major] == major), "")
        minor = [row for row in rows if len(row["code"]) == layout.class_digits]
        taken = {row["code"] for row in minor}
        code = new.code or next_local(
            layout, major, taken=taken,
            national={row["code"] for row in minor if row["origin"] == "national"})
        if check_class(layout, code) in taken:
            raise Invalid(f"{code} is taken in {new.standard_ref}", code="codes.taken")
        self._store.put_standards(conn, "class_code", [{**dataclasses.asdict(ClassRow(
            standard_ref=new.standard_ref, kind=new.kind, code=code, name=new.name,
            major_name=major_name, origin="local", incident=new.incident,
            handling_unit=new.handling_unit, department=new.department,
        )), "version": edition.version}])
        self._store.put_standards(conn, "filing_condition", [{**dataclasses.asdict(FilingCondition(
            standard_ref=new.standard_ref, kind=new.kind, code=code, condition_no=1,
            name=new.name, filing=new.filing, closing=new.closing, major_name=major_name,
            handling_unit=new.handling_unit, department=new.department,
            limit_text=new.limit_text, limit_count=limit.value if limit else None,
            limit_unit=str(limit.unit) if limit else "",
        )), "version": edition.version}])
        self._settled(edition)
        return code, edition.version

    # --- life -----------------------------------------------------------------------------------

    def approve(self, standard_ref: str, version: int, effective_from: date | None) -> Edition:
        """Approve a draft; its digest is fixed now."""
        draft = self._one(standard_ref, version)
        approved = approve(draft, by=self._hand.actor, at=self._now, effective_from=effective_from)
        approved = replace(approved, digest=self._digest(approved))
        self._save(approved)
        return approved

    def activate(
        self, standard_ref: str, version: int, effective_from: date, effective_to: date | None
    ) -> Edition:
        """Move the days of an approved edition."""
        moved = activate(self._one(standard_ref, version), at=self._now,
                         effective_from=effective_from, effective_to=effective_to)
        self._save(moved)
        return moved

    def discard(self, standard_ref: str, version: int) -> None:
        """Throw a draft away. ``WrongStatus`` for an approved edition."""
        if self._one(standard_ref, version).approved:
            raise WrongStatus(f"{standard_ref} version {version} is approved: it stays",
                              code="standard.approved")
        self._store.delete_edition(self._tx.conn, standard_ref, version)

    def register(self, layout: Layout, source: str) -> Edition:
        """Begin a standard that the program does not know, with its digits, as an empty draft."""
        if self._editions(layout.standard_ref):
            raise Invalid(f"{layout.standard_ref} is registered already", code="standard.known")
        return self._begin(layout, base=None, source=source)

    def install(self, edition: Edition, classes: Sequence[ClassRow]) -> bool:
        """Put a shipped list in place under the next number, over what an edition in force adds to
        it and for as long as that was to be in force; False if the very list is there."""
        known = self._editions(edition.standard_ref)
        if any(one.basis == "shipped" and one.source == edition.source for one in known):
            return False
        now = in_force(known, day_of(self._now))
        if now is not None:
            days = [day for day in (edition.effective_from, now.effective_from) if day]
            edition = replace(edition, effective_from=max(days, default=None),
                              effective_to=now.effective_to)
        begun = self._begin(edition.layout, base=now or _newest(known), source=edition.source)
        self._store.put_standards(self._tx.conn, "class_code", [
            {**dataclasses.asdict(row), "version": begun.version} for row in classes])
        self._save(replace(
            begun, approved=True, approved_at=self._now, effective_from=edition.effective_from,
            effective_to=edition.effective_to, digest=self._digest(begun)))
        return True

    # --- inside ---------------------------------------------------------------------------------

    def _open(self, standard_ref: str) -> Edition:
        """The edition to write in: the open draft, or a fresh one over what is in force."""
        known = self._editions(standard_ref)
        if self._hand.basis == "person":
            for one in known:
                if not one.approved:
                    if self._hand.actor not in one.authors:
                        one = replace(one, authors=(*one.authors, self._hand.actor))  # noqa: PLW2901
                        self._save(one)
                    return one
        layout = known[-1].layout if known else LAYOUTS.get(standard_ref)
        if layout is None:
            raise Invalid(
                f"{standard_ref} is not registered: say first how many digits its codes have "
                "(wanmi standard register)", code="standard.unregistered")
        base = in_force(known, day_of(self._now)) or _newest(known)
        return self._begin(layout, base=base, source=base.source if base else "")

    def _begun(self, standard_ref: str) -> _Begun:
        """The edition to write in, and what it says before anything is written."""
        known = {one.version for one in self._editions(standard_ref)}
        edition = self._open(standard_ref)
        return _Begun(edition=edition, fresh=edition.version not in known,
                      digest=self._digest(edition))

    def _same(self, begun: _Begun, notes: list[Phrase]) -> bool:
        """Whether nothing new was written. A draft that was begun for it is taken away again: there
        would be nothing to approve. What is installed looks for itself."""
        edition = begun.edition
        if self._hand.basis != "person" or self._digest(edition) != begun.digest:
            return False
        if begun.fresh:
            self._store.delete_edition(self._tx.conn, edition.standard_ref, edition.version)
            notes.append(phrase("note.unchanged", standard=edition.standard_ref))
        else:
            notes.append(phrase(
                "note.draft_same", standard=edition.standard_ref, version=edition.version))
        return True

    def _begin(self, layout: Layout, *, base: Edition | None, source: str) -> Edition:
        known = self._editions(layout.standard_ref)
        edition = Edition(
            standard_ref=layout.standard_ref, version=max((one.version for one in known),
                                                          default=0) + 1,
            layout=layout, authors=(self._hand.actor,), basis=self._hand.basis, source=source)
        self._store.add_edition(
            self._tx.conn, {**edition_row(edition), "created_at": self._tx.now_us})
        if base is not None:
            self._store.copy_content(
                self._tx.conn, layout.standard_ref, base.version, edition.version)
        return edition

    def _settled(self, edition: Edition) -> Phrase:
        """After content was written: a draft waits; what is installed is in force, unless it says
        nothing new."""
        ref, version = edition.standard_ref, edition.version
        self._bounded(edition)
        if self._hand.basis == "person":
            return phrase("note.draft", standard=ref, version=version)
        digest = self._digest(edition)
        today = day_of(self._now)
        now = in_force([one for one in self._editions(ref) if one.version != version], today)
        if now is not None and self._digest(now) == digest:
            self._store.delete_edition(self._tx.conn, ref, version)
            return phrase("note.unchanged", standard=ref)
        self._save(replace(edition, approved=True, approved_at=self._now, effective_from=today,
                           digest=digest))
        return phrase("note.installed", standard=ref, version=version)

    def _bounded(self, edition: Edition) -> None:
        conn, ref, version = self._tx.conn, edition.standard_ref, edition.version
        if (self._store.classes(conn, ref, version, after=CLASSES_MAX, limit=1)
                or self._store.filing_conditions(conn, ref, version, after=CONDITIONS_MAX,
                                                 limit=1)):
            raise Invalid(
                f"{ref}: an edition has at most {CLASSES_MAX} classes and {CONDITIONS_MAX} "
                "conditions", code="standard.too_large")

    def _digest(self, edition: Edition) -> str:
        conn, ref, version = self._tx.conn, edition.standard_ref, edition.version
        return digest_of(edition.layout, self._store.classes(conn, ref, version),
                         self._store.filing_conditions(conn, ref, version))

    def _editions(self, standard_ref: str) -> list[Edition]:
        return [edition_of(row) for row in self._store.editions(self._tx.conn, standard_ref)]

    def _one(self, standard_ref: str, version: int) -> Edition:
        return edition_in(self._editions(standard_ref), standard_ref, version)

    def _class(self, edition: Edition, kind: str, code: str) -> object:
        return self._store.class_row(
            self._tx.conn, edition.standard_ref, edition.version, kind, code)

    def _save(self, edition: Edition) -> None:
        self._store.update_edition(
            self._tx.conn, edition.standard_ref, edition.version, edition_row(edition))


def area_rows(rows: Iterable[AreaClassRow]) -> list[dict[str, Any]]:
    """Rows of table ``area_class``."""
    return [dataclasses.asdict(row) for row in rows]


def edition_in(editions: Iterable[Edition], standard_ref: str, version: int) -> Edition:
    """The edition of this number. ``Invalid`` (``standard.unknown``) if there is none."""
    for one in editions:
        if one.version == version:
            return one
    raise Invalid(f"there is no version {version} of {standard_ref}", code="standard.unknown")


def _newest(editions: Sequence[Edition]) -> Edition | None:
    approved = [one for one in editions if one.approved]
    return approved[-1] if approved else None


def _by_standard(rows: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.standard_ref, []).append(row)
    return found


def _said(row: Any) -> tuple[str, ...]:
    """What a row of the crosswalk decides."""
    return tuple(row[name] for name in (
        "new_standard", "new_kind", "new_code", "verdict", "note"))
