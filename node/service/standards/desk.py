"""The room of standards: what is in force here, what is being drafted, who approves it.

Doors reach it as ``office.standards``. Every change that touches what is in force gives the core a
new catalogue before it returns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.class_names import find
from node.core.codes import ClassKey, Layout, canonical_ref
from node.core.crosswalk import Crosswalk, propose
from node.core.errors import Invalid
from node.core.facts import Category
from node.core.standards import (
    Catalog,
    ClassEntry,
    Condition,
    Edition,
    Standing,
    day_of,
    every_in_force,
    in_force,
    key_of,
    standing,
)
from node.service.audit import AuditEntry, Recorder, imported
from node.service.instants import to_time
from node.service.ports import Row
from node.service.standards.bundle import document, read_document
from node.service.standards.editing import Editing, Hand, edition_in
from node.service.standards.handbook import Handbook, printed
from node.service.standards.listing import listed
from node.service.standards.ports import StandardsStore
from node.service.standards.rows import content_of, crossing_of, edition_of, edition_row
from node.service.standards.signing import Keys, Seal, look, signed
from node.service.standards.views import AreaClassRow, ClassRow, CrossingRow, NewClass
from node.service.views import FilingCondition, ImportResult, Page

T = TypeVar("T")
TOPIC = "standards"
"""Woken when anything here changed: the node's other processes read anew what is in force."""


class Holder(Protocol):
    """Who holds the catalogue that the core is given (``node.service.surroundings``)."""

    catalog: Catalog | None


class Standards:
    """One node's standards."""

    def __init__(
        self, *, node: str, store: StandardsStore, writer: Writer, audit: Recorder,
        holder: Holder, now_us: Callable[[], int], rows_max: int, seal: Seal | None = None,
        keys: Keys | None = None,
    ) -> None:
        self._seal, self._keys, self._audit = seal, keys, audit
        self._node, self._store, self._writer = node, store, writer
        self._holder, self._now_us, self._rows_max = holder, now_us, rows_max

    # --- reading --------------------------------------------------------------------------------

    async def editions(self) -> list[dict[str, Any]]:
        """Every edition: standard_ref version standing digest effective_from effective_to basis
        authors approved_by approved_at classes(digits) source note published_by."""
        rows = await self._writer.read(self._store.editions)
        return _shown([edition_of(row) for row in rows], self._today())

    async def classes(
        self, standard_ref: str, *, version: int = 0, kind: str = "", text: str = "",
        after: str = "", limit: int = 50,
    ) -> Page:
        """Classes of an edition (0 = in force) by code. ``text``: part of the name, or the
        beginning of the code."""
        start, most = self._page(after, limit)
        ref = canonical_ref(standard_ref)

        def look(conn: Connection) -> Sequence[Row]:
            edition = self._edition(conn, ref, version)
            return self._store.classes(conn, ref, edition.version, kind=kind, text=text.strip(),
                                       after=start, limit=most)

        return _paged(await self._writer.read(look), start, most)

    def named(self, text: str, *, limit: int) -> list[ClassEntry]:
        """Classes that new cases may be of today, by a part of the name, the beginning of the code
        or the initials of the name; what fits best first. Held in memory: it is asked for with
        every letter that somebody types."""
        catalog, today = self._holder.catalog, self._today()
        if catalog is None:
            return []
        return find(catalog.every_class(today), text, limit)

    def class_names(self) -> dict[tuple[str, str, str], str]:
        """Names of the classes that new cases may be of today, by standard, kind and code. Held in
        memory."""
        catalog, today = self._holder.catalog, self._today()
        if catalog is None:
            return {}
        return {
            (entry.key.standard_ref, entry.key.kind, entry.key.code): entry.name
            for entry in catalog.every_class(today)}

    def filed_under(self, category: Category) -> tuple[Condition, ...]:
        """The filing conditions of a class that hold today, for every class of area."""
        catalog = self._holder.catalog
        return catalog.conditions(key_of(category), self._today()) if catalog is not None else ()

    async def one_class(
        self, standard_ref: str, kind: str, code: str, *, version: int = 0
    ) -> Mapping[str, Any]:
        """A class with its conditions and its crosswalk, both ways, newest decisions only, and
        what the rule would propose. ``Invalid`` (``codes.unknown``) if the edition has none."""
        ref = canonical_ref(standard_ref)
        key = ClassKey(standard_ref=ref, kind=kind, code=code)
        triple = (ref, kind, code)

        def look(conn: Connection) -> Mapping[str, Any]:
            edition = self._edition(conn, ref, version)
            row = self._store.class_row(conn, ref, edition.version, kind, code)
            if row is None:
                raise Invalid(f"{ref} version {edition.version} has no {kind} {code}",
                              code="codes.unknown")
            conditions = self._store.filing_conditions(
                conn, ref, edition.version, kind=kind, code=code)
            leading = self._store.crossings(conn, new=[triple])
            olds = {(one["old_standard"], one["old_kind"], one["old_code"]) for one in leading}
            walk = Crosswalk(crossing_of(one) for one in self._store.crossings(
                conn, old=[triple, *sorted(olds)]))
            rule = propose(key)
            return {
                **row, "digest": edition.digest,
                "conditions": [dict(one) for one in conditions],
                "became": [_crossed(one) for one in walk.of(key)],
                "came_from": [_crossed(one) for one in walk.into(key)],
                "proposed": None if rule is None else dataclasses.asdict(rule),
            }

        return await self._writer.read(look)

    async def conditions(
        self, standard_ref: str = "", *, version: int = 0, after: str = "", limit: int = 200
    ) -> Page:
        """Filing conditions of an edition in key order (0 = in force); of every standard in force
        where none is named."""
        start, most = self._page(after, limit)
        ref = canonical_ref(standard_ref)

        def look(conn: Connection) -> Sequence[Row]:
            editions = (self._edition(conn, ref, version),) if ref else self._in_force(conn)
            return self._store.list_conditions(
                conn, [(one.standard_ref, one.version) for one in editions],
                after=start, limit=most)

        return _paged(await self._writer.read(look), start, most)

    async def crosswalk(self, *, after: str = "", limit: int = 200) -> Page:
        """Every decision of the crosswalk, older ones too, by old class."""
        start, most = self._page(after, limit)
        return _paged(await self._writer.read(
            lambda conn: self._store.crossings(conn, after=start, limit=most)), start, most)

    async def crossed(self, standard_ref: str, kind: str, code: str) -> Mapping[str, Any]:
        """What became of a class, what became it, and what the rule proposes; the class need not
        be in a list here."""
        key = ClassKey(standard_ref=canonical_ref(standard_ref), kind=kind, code=code)
        triple = (key.standard_ref, kind, code)

        def look(conn: Connection) -> Crosswalk:
            leading = self._store.crossings(conn, new=[triple])
            olds = {(one["old_standard"], one["old_kind"], one["old_code"]) for one in leading}
            return Crosswalk(crossing_of(one) for one in self._store.crossings(
                conn, old=[triple, *sorted(olds)]))

        walk = await self._writer.read(look)
        rule = propose(key)
        return {
            "became": [_crossed(one) for one in walk.of(key)],
            "came_from": [_crossed(one) for one in walk.into(key)],
            "proposed": None if rule is None else dataclasses.asdict(rule),
        }

    def listed(self) -> list[dict[str, Any]]:
        """What may be reported: every minor class in force with its filing conditions
        (``listing.listed``)."""
        catalog = self._holder.catalog
        return listed(catalog, self._today()) if catalog is not None else []

    async def area_classes(self) -> list[Row]:
        """Every registered class of area."""
        return list(await self._writer.read(self._store.area_classes))

    # --- drafting -------------------------------------------------------------------------------

    async def import_classes(self, rows: Sequence[ClassRow], *, actor: str) -> ImportResult:
        """Into the open draft of each standard named."""
        return await self._import(actor, "classes", lambda edit: edit.put_classes(rows))

    async def import_conditions(
        self, rows: Sequence[FilingCondition], *, actor: str
    ) -> ImportResult:
        """Into the open draft of each standard named."""
        return await self._import(actor, "conditions", lambda edit: edit.put_conditions(rows))

    async def import_crosswalk(self, rows: Sequence[CrossingRow], *, actor: str) -> ImportResult:
        """New decisions where they differ from the present ones; they count at once."""
        return await self._import(actor, "crosswalk", lambda edit: edit.put_crosswalk(rows))

    async def import_area_classes(
        self, rows: Sequence[AreaClassRow], *, actor: str
    ) -> ImportResult:
        """Classes of area; they count at once."""
        result = await self._import(actor, "area-classes", lambda edit: edit.put_area_classes(rows))
        await self.reload()
        return result

    async def add_class(self, new: NewClass, *, actor: str) -> Mapping[str, Any]:
        """A local class into the draft: its code and the edition that has to be approved."""
        new = replace(new, standard_ref=canonical_ref(new.standard_ref))
        code, version = await self._edit(
            actor, "AddClass", new.standard_ref, lambda edit: edit.add_class(new))
        return {"standard_ref": new.standard_ref, "kind": new.kind, "code": code,
                "version": version}

    async def register(self, layout: Layout, *, source: str, actor: str) -> Mapping[str, Any]:
        """A standard that the program does not know, as an empty draft."""
        edition = await self._edit(
            actor, "RegisterStandard", layout.standard_ref,
            lambda edit: edit.register(layout, source))
        return await self._view(edition)

    async def discard(self, standard_ref: str, version: int, *, actor: str) -> None:
        """Throw a draft away."""
        ref = canonical_ref(standard_ref)
        await self._edit(
            actor, "DiscardEdition", f"{ref} {version}", lambda edit: edit.discard(ref, version))

    # --- life -----------------------------------------------------------------------------------

    async def approve(
        self, standard_ref: str, version: int, *, effective_from: date | None, actor: str
    ) -> Mapping[str, Any]:
        """Approve a draft of others; in force from its day on (None = today)."""
        ref = canonical_ref(standard_ref)
        edition = await self._edit(
            actor, "ApproveEdition", f"{ref} {version}",
            lambda edit: edit.approve(ref, version, effective_from))
        await self.reload()
        return await self._view(edition)

    async def activate(
        self, standard_ref: str, version: int, *, effective_from: date | None,
        effective_to: date | None, actor: str,
    ) -> Mapping[str, Any]:
        """Move the days of an approved edition (from None = today; to None = open end)."""
        ref = canonical_ref(standard_ref)
        edition = await self._edit(
            actor, "ActivateEdition", f"{ref} {version}",
            lambda edit: edit.activate(
                ref, version, effective_from or self._today(), effective_to))
        await self.reload()
        return await self._view(edition)

    async def export(self, standard_ref: str, version: int = 0) -> Mapping[str, Any]:
        """An approved edition as a document for other nodes (0 = in force), under our signature."""
        ref = canonical_ref(standard_ref)

        def read(conn: Connection) -> Mapping[str, Any]:
            edition = self._edition(conn, ref, version)
            return document(
                edition, self._store.classes(conn, ref, edition.version),
                self._store.filing_conditions(conn, ref, edition.version), publisher=self._node)

        found = await self._writer.read(read)
        if self._seal is None:
            return found
        return signed(found, node=self._node, seal=self._seal, now_us=self._now_us())

    async def handbook(
        self, which: str, standard_ref: str, version: int = 0, *, office: str
    ) -> str:
        """A handbook of an edition (0 = in force) as Markdown, with edition, digest and date."""
        ref, day = canonical_ref(standard_ref), self._today()

        def look(conn: Connection) -> str:
            edition = self._edition(conn, ref, version)
            return printed(
                Handbook(which), edition, self._store.classes(conn, ref, edition.version),
                self._store.filing_conditions(conn, ref, edition.version), day=day, office=office)

        return await self._writer.read(look)

    async def take_over(self, found: Mapping[str, Any], *, actor: str) -> Mapping[str, Any]:
        """An edition that another node approved; in force from the day it says. The same digest
        again changes nothing. ``signature`` of the answer says whether the signer is known and
        meant it; ``Invalid`` (``bundle.signature``) if it is known and did not."""
        signature = look(found, keys=self._keys)

        def write(tx: Tx) -> Edition:
            ref = canonical_ref(str(found.get("standard_ref", "")))
            known = [edition_of(row) for row in self._store.editions(tx.conn, ref)]
            version = max((one.version for one in known), default=0) + 1
            bundle = read_document(found, version=version)
            edition = replace(bundle.edition, authors=(actor,))
            for one in known:
                if (one.approved and one.digest == edition.digest
                        and one.effective_from == edition.effective_from):
                    return one
            tx.wake(TOPIC)
            self._store.add_edition(
                tx.conn, {**edition_row(edition), "created_at": tx.now_us})
            for table, rows in (("class_code", bundle.classes),
                                ("filing_condition", bundle.conditions)):
                self._store.put_standards(tx.conn, table, [
                    {**dataclasses.asdict(row), "version": version} for row in rows])
            self._audit.record(tx, AuditEntry(
                action="AdoptEdition", actor=actor, subject=f"standard:{ref} {version}",
                detail={"signature": signature.standing.value, "signer": signature.signed_by}))
            return edition

        edition = await self._writer.write(write, urgent=True)
        await self.reload()
        return {
            **await self._view(edition), "signature": signature.standing.value,
            "signed_by": signature.signed_by,
        }

    async def reload(self) -> None:
        """Read anew what is in force now or later, for the core."""
        today = self._today()

        def read(conn: Connection) -> Catalog | None:
            return catalog_of(self._store, conn, today)

        self._holder.catalog = await self._writer.read(read)

    # --- inside ---------------------------------------------------------------------------------

    async def _import(
        self, actor: str, table: str, act: Callable[[Editing], ImportResult]
    ) -> ImportResult:
        def write(tx: Tx) -> ImportResult:
            tx.wake(TOPIC)
            done = act(Editing(self._store, tx, Hand(actor=actor)))
            self._audit.record(tx, imported(table, done, actor=actor))
            return done

        return await self._writer.write(write, urgent=True)

    async def _edit(
        self, actor: str, action: str, edition: str, act: Callable[[Editing], T]
    ) -> T:
        def write(tx: Tx) -> T:
            tx.wake(TOPIC)
            done = act(Editing(self._store, tx, Hand(actor=actor)))
            self._audit.record(
                tx, AuditEntry(action=action, actor=actor, subject=f"standard:{edition}"))
            return done

        return await self._writer.write(write, urgent=True)

    async def _view(self, edition: Edition) -> Mapping[str, Any]:
        rows = await self._writer.read(
            lambda conn: self._store.editions(conn, edition.standard_ref))
        shown = _shown([edition_of(row) for row in rows], self._today())
        return next(one for one in shown if one["version"] == edition.version)

    def _edition(self, conn: Connection, standard_ref: str, version: int) -> Edition:
        known = [edition_of(row) for row in self._store.editions(conn, standard_ref)]
        if version:
            return edition_in(known, standard_ref, version)
        now = in_force(known, self._today())
        if now is None:
            raise Invalid(f"no edition of {standard_ref or 'any standard'} is in force: name one "
                          "by its version", code="standard.unknown")
        return now

    def _in_force(self, conn: Connection) -> tuple[Edition, ...]:
        return every_in_force(map(edition_of, self._store.editions(conn)), self._today())

    def _page(self, after: str, limit: int) -> tuple[int, int]:
        if after and not (after.isascii() and after.isdecimal()):
            raise Invalid("this is no cursor of a page", code="page.cursor")
        return int(after or 0), max(1, min(limit, self._rows_max))

    def _today(self) -> date:
        return day_of(to_time(self._now_us()))


def catalog_of(store: StandardsStore, conn: Connection, today: date) -> Catalog | None:
    """The catalogue of editions that are in force today or later; None where nothing was ever
    approved, so that a node without lists checks nothing. Contents of drafts and of
    superseded editions are left in the database: old cases are looked up there."""
    editions = [edition_of(row) for row in store.editions(conn)]
    if not any(one.approved for one in editions):
        return None
    by_ref: dict[str, list[Edition]] = {}
    for edition in editions:
        by_ref.setdefault(edition.standard_ref, []).append(edition)
    contents = {
        (one.standard_ref, one.version): content_of(
            store.classes(conn, one.standard_ref, one.version),
            store.filing_conditions(conn, one.standard_ref, one.version), one.layout)
        for one in editions
        if standing(one, by_ref[one.standard_ref], today) in (Standing.ACTIVE, Standing.APPROVED)
    }
    areas = {(row["dimension"], row["area"]): row["area_class"]
             for row in store.area_classes(conn)}
    return Catalog(editions, contents, areas)


def _shown(editions: Sequence[Edition], today: date) -> list[dict[str, Any]]:
    by_ref: dict[str, list[Edition]] = {}
    for edition in editions:
        by_ref.setdefault(edition.standard_ref, []).append(edition)
    return [{
        "standard_ref": one.standard_ref, "version": one.version,
        "standing": standing(one, by_ref[one.standard_ref], today).value,
        "digest": one.digest, "effective_from": one.effective_from,
        "effective_to": one.effective_to, "basis": one.basis, "authors": list(one.authors),
        "approved_by": one.approved_by, "approved_at": one.approved_at,
        "digits": f"{one.layout.major}+{one.layout.minor}", "source": one.source,
        "note": one.note, "published_by": one.published_by,
        "published_version": one.published_version,
    } for one in editions]


def _crossed(one: Any) -> dict[str, Any]:
    return {
        "old": dataclasses.asdict(one.old),
        "new": None if one.new is None else dataclasses.asdict(one.new),
        "verdict": one.verdict.value, "version": one.version, "source": one.source,
        "note": one.note,
    }


def _paged(rows: Sequence[Row], start: int, limit: int) -> Page:
    return Page(items=tuple(dict(row) for row in rows),
                next=str(start + limit) if len(rows) == limit else "")
