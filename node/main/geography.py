"""Puts the room of places together, for a node that serves and for one that does not run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.store import ownership
from hub.store.tx import Writer
from hub.store.writer import GroupWriter
from node.service.audit import Audit, Recorder
from node.service.fresh import SystemIds
from node.service.imports.report import RowFault
from node.service.places.room import Distances, Places
from node.service.places.views import RowChange
from node.service.surroundings import uuid_text
from node.settings import Settings, load
from node.store import audit, lookups, places, schema, wording

if TYPE_CHECKING:
    from node.service.places.imports import Applied, Checked, Finished


def places_room(
    settings: Settings, *, writer: Writer, audit: Recorder, now_us: Callable[[], int],
    fresh_id: Callable[[], str],
) -> Places:
    """The room over one writer."""
    return Places(
        store=places,
        lookups=lookups,
        words=wording,
        writer=writer,
        audit=audit,
        now_us=now_us,
        fresh_id=fresh_id,
        distances=Distances(
            boundary=settings.places.boundary_m,
            address=settings.places.address_m,
            nearest=settings.places.nearest_m,
        ),
    )


class OfflinePlaces:
    """The steps of an import of places on the database of a stopped node, one after another."""

    def __init__(self, room: Places, runner: asyncio.Runner) -> None:
        self._room, self._run = room, runner.run

    def begin(self, layer: str, **options: Any) -> str:
        return self._run(self._room.imports.begin(layer, **options))

    def stage(
        self, import_id: str, rows: Sequence[tuple[int, Mapping[str, Any]]]
    ) -> tuple[RowFault, ...]:
        return self._run(self._room.imports.stage(import_id, rows))

    def check(self, import_id: str) -> Checked:
        return self._run(self._room.imports.check(import_id))

    def apply(self, import_id: str, after: str) -> Applied:
        return self._run(self._room.imports.apply(import_id, after))

    def finish(self, import_id: str) -> Finished:
        return self._run(self._room.imports.finish(import_id))

    def drop(self, import_id: str) -> None:
        self._run(self._room.imports.drop(import_id))

    def changes(self, layer: str, number: int, after: int, limit: int) -> list[RowChange]:
        return self._run(self._room.changes(layer, number, after=after, limit=limit))


@contextmanager
def offline_places(home: Path) -> Iterator[OfflinePlaces]:
    """The room of places over the database of a stopped node."""
    settings = load(home)
    schema.check(settings.database_url)
    ownership.refuse_if_served(settings.database_url)
    ids = SystemIds()
    with (
        asyncio.Runner() as runner,
        GroupWriter(settings.database_url, clock=time.time_ns) as writer,
    ):
        room = places_room(
            settings, writer=writer, audit=Audit(audit, alg=settings.audit.digest),
            now_us=lambda: time.time_ns() // 1_000,
            fresh_id=lambda: uuid_text(ids.uuid7()),
        )
        yield OfflinePlaces(room, runner)
