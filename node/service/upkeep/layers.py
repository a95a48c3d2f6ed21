"""Layers of places from an uploaded file: checked, compared, written slice by slice, put back.

A layer has its own staging and its own versions (``node.service.places.imports``); here is what a
page needs around them: the file that was sent, its report, and the sheet that waits.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from node.core.errors import Invalid
from node.service.imports.report import RowFault, reject_heading, reject_lines
from node.service.places.comparing import Compared
from node.service.places.imports import STAGE_ROWS_MAX, Finished
from node.service.places.layers import LAYERS
from node.service.upkeep.views import Draft, File, Report, told

if TYPE_CHECKING:
    from node.service.places.files import Piece
    from node.service.places.room import Places
    from node.service.upkeep.room import Upkeep

PREFIX: Final = "layer:"
KINDS: Final = (".csv", ".xlsx", ".geojson", ".json")
"""Files that are one file; a shapefile is several, and is imported from the command line."""
CHANGES_SHOWN: Final = 200
BATCH_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a file is to be taken. ``complete``: what it does not name (below ``area``) is
    retired."""

    crs: str = ""
    area: str = ""
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One slice was written. ``next`` "" = all are, and ``finished`` is the version."""

    done: int
    rows: int
    next: str = ""
    finished: Finished | None = None


@dataclass(slots=True, kw_only=True)
class _Read:
    rows: list[tuple[int, bytes]] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    rejects: io.StringIO = field(default_factory=io.StringIO)
    hopeless: bool = False


class LayerDesk:
    """Layers of one office."""

    def __init__(self, *, places: Places, upkeep: Upkeep) -> None:
        self._places, self._upkeep = places, upkeep

    async def check(self, layer: str, file: File, how: How, *, actor: str) -> Draft:
        """Read a file, stage its sound rows, look at them together. ``Invalid``
        (``layer.unknown``)."""
        if layer not in LAYERS:
            raise Invalid(f"there is no layer {layer[:40]!r}", code="layer.unknown")
        read = await asyncio.to_thread(_read, layer, file, how)
        imports, body = self._places.imports, ""
        faults, warnings = tuple(read.faults), tuple[RowFault, ...]()
        if read.rows and not read.hopeless:
            body = await imports.begin(
                layer, source=file.name[:200], actor=actor, complete=how.complete, area=how.area)
            for batch in _batches(read.rows):
                faults += await imports.stage(body, batch)
            checked = await imports.check(body)
            if checked.faults:  # rows that cannot stand beside one another: nothing of it can be
                await imports.drop(body)
                faults, body = (*faults, *checked.faults), ""
            warnings = checked.warnings
        report = Report(
            rows=len(read.rows) if body else 0, bad=len({one.row for one in faults}),
            hopeless=not body, faults=told(faults), warnings=told(warnings))
        return await self._upkeep.keep(
            PREFIX + layer, file, body=body, report=report, rejected=read.rejects.getvalue(),
            actor=actor, whole=how.complete)

    async def back(self, layer: str, number: int, *, actor: str) -> Draft:
        """A sheet that makes the layer what it was after a version."""
        imports = self._places.imports
        import_id = await imports.begin_back(layer, number, actor=actor)
        checked = await imports.check(import_id)
        if checked.faults:
            await imports.drop(import_id)
        report = Report(
            rows=0 if checked.faults else checked.rows, hopeless=bool(checked.faults),
            bad=len(checked.faults), faults=told(checked.faults), warnings=told(checked.warnings))
        return await self._upkeep.keep(
            PREFIX + layer, File(name=f"{layer} {number}", data=b""),
            body="" if checked.faults else import_id, report=report, rejected="", actor=actor,
            whole=True)

    async def preview(self, draft: Draft) -> Compared:
        """What it would change, or what is left to write. ``Invalid`` (``import.unknown``): a newer
        import of the layer has taken its place."""
        return await self._places.imports.compare(
            await self._upkeep.body(draft.id), CHANGES_SHOWN)

    async def step(self, draft: Draft, after: str) -> Step:
        """Write the next slice, or the version when all is written."""
        imports, import_id = self._places.imports, await self._upkeep.body(draft.id)
        applied = await imports.apply(import_id, after)
        if applied.next:
            done, rows = await imports.progress(import_id)
            return Step(done=done, rows=rows, next=applied.next)
        finished = await imports.finish(import_id)
        await self._upkeep.drop(draft.id)
        return Step(done=finished.rows, rows=finished.rows, finished=finished)

    async def drop(self, draft: Draft) -> None:
        """Throw it away, with what was staged."""
        body = await self._upkeep.body(draft.id)
        if body:
            await self._places.imports.drop(body)
        await self._upkeep.drop(draft.id)


def _read(layer: str, file: File, how: How) -> _Read:
    # Loaded here: whoever takes no layer over does not carry the reading of geometry.
    from node.service.places.files import Reading, pieces

    suffix = Path(file.name).suffix.lower()
    read = _Read()
    with tempfile.NamedTemporaryFile(suffix=suffix if suffix in KINDS else ".txt") as spool:
        spool.write(file.data)
        spool.flush()
        for piece in pieces(Reading(
                path=Path(spool.name), layer=layer, encoding=file.encoding, sheet=file.sheet,
                crs=how.crs, area=how.area, given=file.given)):
            read.hopeless = read.hopeless or piece.hopeless
            read.rows += piece.rows
            read.faults += piece.faults
            _reject(read.rejects, piece, file.language)
    return read


def _reject(out: io.StringIO, piece: Piece, language: str) -> None:
    """Wrong lines with what is wrong with them, under the heading of their file."""
    if not piece.rejected:
        return
    writer = csv.writer(out)
    if not out.tell():
        writer.writerow(reject_heading(piece.heading, language))
    writer.writerows(reject_lines(piece.rejected, piece.faults, language))


def _batches(rows: list[tuple[int, bytes]]) -> Iterator[list[tuple[int, Mapping[str, Any]]]]:
    """The rows in calls of a bounded size."""
    batch: list[tuple[int, Mapping[str, Any]]] = []
    size = 0
    for number, body in rows:
        if batch and (len(batch) == STAGE_ROWS_MAX or size + len(body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((number, json.loads(body)))
        size += len(body)
    if batch:
        yield batch
