"""Puts the room of maintenance together, when somebody first comes there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.store.tx import Tx, Writer
from node.main.profiles import arrangement_of, profile_named, profile_names
from node.service import cards as units
from node.service import holdings
from node.service.audit import Recorder
from node.service.cards import card_rows, put_cards
from node.service.configuration import Configurations
from node.service.holdings import put_responsibilities, responsibility_rows
from node.service.imports.area_classes import AREA_CLASSES
from node.service.imports.calendar import CALENDAR
from node.service.imports.codes import CODES
from node.service.imports.conditions import CONDITIONS
from node.service.imports.crosswalk import CROSSWALK
from node.service.imports.responsibilities import RESPONSIBILITIES
from node.service.imports.units import UNITS
from node.service.standards import desk
from node.service.standards.desk import Standards
from node.service.standards.editing import Editing, Hand, area_rows
from node.service.standards.ports import StandardsStore
from node.service.upkeep.gaps import Coverage
from node.service.upkeep.kept import KeptTable
from node.service.upkeep.lists import Editions, ListTable, WalkTable
from node.service.upkeep.mappings import Mappings
from node.service.upkeep.room import Upkeep
from node.service.upkeep.rulebook import Rulebook
from node.service.upkeep.year import YearTable
from node.service.views import ImportResult
from node.store import calendars as year_rows
from node.store import revisions

if TYPE_CHECKING:
    from node.service.calendars import Calendars
    from node.service.places.room import Places
    from node.service.surroundings import Surroundings
    from node.store.repository import NodeStore


def upkeep_room(
    *, store: NodeStore, writer: Writer, audit: Recorder, standards: Standards,
    calendars: Calendars, table_changed: Callable[[], Awaitable[None]],
    cards_changed: Callable[[], Awaitable[None]], surroundings: Surroundings,
    places: Places, home: Path, now_us: Callable[[], int],
) -> Upkeep:
    """The room over one writer. ``table_changed`` and ``cards_changed`` read anew what the office
    routes by."""
    kept = (
        KeptTable(table=RESPONSIBILITIES, store=store, writer=writer, audit=audit,
                  plain=responsibility_rows, put=put_responsibilities, topic=holdings.TOPIC,
                  changed_here=table_changed),
        KeptTable(table=UNITS, store=store, writer=writer, audit=audit, plain=card_rows,
                  put=put_cards, topic=units.TOPIC, changed_here=cards_changed),
        KeptTable(table=AREA_CLASSES, store=store, writer=writer, audit=audit, plain=area_rows,
                  put=_put_areas, topic=desk.TOPIC, changed_here=standards.reload),
    )
    year = YearTable(table=CALENDAR, store=year_rows, writer=writer, audit=audit,
                     calendars=calendars)
    parts = (
        ListTable(table=CODES, store=store, writer=writer, takes=standards.import_classes,
                  now_us=now_us),
        ListTable(table=CONDITIONS, store=store, writer=writer,
                  takes=standards.import_conditions, now_us=now_us),
    )
    walk = WalkTable(table=CROSSWALK, store=store, writer=writer,
                     takes=standards.import_crosswalk)
    return Upkeep(
        kinds={one.table.name: one for one in (*parts, walk)},
        versioned={one.table.name: one for one in (*kept, year)},
        gaps=Coverage(surroundings=surroundings, now_us=now_us),
        editions=Editions(parts=parts, writer=writer),
        rules=Rulebook(
            surroundings=surroundings, names=lambda: profile_names(home=home),
            named=lambda name: profile_named(name, home=home),
            rights=lambda profile: arrangement_of(profile, home=home).rights),
        places=places, mappings=Mappings(store=store, writer=writer, audit=audit),
        configurations=Configurations(store=revisions, writer=writer),
        store=revisions, writer=writer, fresh_id=surroundings.fresh_id)


def _put_areas(
    store: StandardsStore, tx: Tx, rows: Sequence[Any], *, whole: bool, source: str, seen: str
) -> ImportResult:
    # Who writes is known at the door; only drafts of editions keep their authors.
    tx.wake(desk.TOPIC)
    return Editing(store, tx, Hand(actor="")).put_area_classes(
        rows, whole=whole, source=source, seen=seen)
