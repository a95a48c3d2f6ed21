"""A layer taken over from a file: staged, checked as a whole, applied, and closed as a version.

The importing program (the command line, or a client of the API) drives it step by step, so that a
long import has a progress bar and never holds the writer for long:

1. ``begin`` opens an import of one layer; an older one that never ended is dropped.
2. ``stage`` brings rows, some hundred at a time. A wrong row refuses its batch.
3. ``check`` looks at the rows together. Faults keep the layer as it is.
4. ``apply`` writes them: layers of some thousand rows in one transaction; components and addresses
   slice by slice, beside what is in force, where no reader sees them.
5. ``finish`` retires what a complete update no longer names and writes down the version: with it
   all of the import is seen, and nothing of it before.

Importing the same file again changes nothing and makes no version. When the importing program dies
in the middle of step 4, what it wrote is taken back by the next import of the layer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.calendar import BEIJING
from node.core.errors import Invalid
from node.core.grids import GridKind
from node.service.audit import AuditEntry, Recorder
from node.service.imports.report import RowFault
from node.service.instants import to_time
from node.service.phrases import phrase
from node.service.places import topology
from node.service.places.comparing import Compared, compared, earlier, written
from node.service.places.layers import Layer, canonical, columns_of, digest_of, grams, layer_named
from node.service.places.ports import TOPIC, LayerStore, LookupStore, Row, WordStore
from node.service.places.rules import fault_of

STAGE_ROWS_MAX: Final = 1_000
"""Rows of one ``stage``: one transaction of some tens of milliseconds."""
SLICE_ROWS: Final = 500
"""Rows written by one ``apply`` of a layer that is written beside the one in force, and rows that
are taken back or swept away at a time."""
READ_ROWS: Final = 5_000
"""Rows read at a time when a whole layer is looked at."""
IMPORT_ROWS_MAX: Final = 2_000_000
"""Rows of one import; a megacity's components are imported division by division."""
SLICED: Final = frozenset({"component", "address"})
"""Layers too large for one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the rows are together. ``retiring``: how many rows in force ``finish`` will retire."""

    rows: int
    retiring: int
    faults: tuple[RowFault, ...] = ()
    warnings: tuple[RowFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One slice. ``next`` = where the following one starts, "" = all is written."""

    done: int
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The version an import led to; ``number`` stays the old one if nothing changed."""

    layer: str
    number: int
    rows: int
    added: int
    changed: int
    removed: int
    unchanged: int


class LayerImports:
    """The five steps, over one writer."""

    def __init__(
        self, *, store: LayerStore, lookups: LookupStore, words: WordStore, writer: Writer,
        audit: Recorder, fresh_id: Callable[[], str],
    ) -> None:
        self._store, self._lookups, self._words = store, lookups, words
        self._writer = writer
        self._audit = audit
        self._fresh_id = fresh_id

    async def begin(
        self, layer: str, *, source: str, actor: str, dated: date | None = None,
        complete: bool = False, area: str = "",
    ) -> str:
        """Open an import; returns its id. ``complete``: rows in force below ``area`` that are not
        staged are retired. ``dated``: the day the data speak of, None = today."""
        layer_named(layer)
        import_id = self._fresh_id()

        def write(tx: Tx) -> None:
            day = dated or to_time(tx.now_us).astimezone(BEIJING).date()
            self._store.begin_import(tx.conn, {
                "id": import_id, "layer": layer, "source": source, "actor": actor, "dated": day,
                "complete": complete, "area": area, "begun_at": tx.now_us,
            })

        await self._writer.write(write)
        # What an import that died has left: half of a version that never came, or what ended
        # with the last one.
        await self._undo(layer)
        await self._sweep(layer)
        return import_id

    async def stage(
        self, import_id: str, rows: Sequence[tuple[int, Mapping[str, Any]]]
    ) -> tuple[RowFault, ...]:
        """Bring rows with their lines. Any fault, and none of them is staged. ``Invalid``:
        ``import.unknown``, ``import.too_long``."""
        if len(rows) > STAGE_ROWS_MAX:
            raise Invalid(f"more than {STAGE_ROWS_MAX} rows at once", code="import.too_long")
        layer = layer_named(str((await self._open(import_id))["layer"]))
        read: dict[str, tuple[int, bytes]] = {}
        faults: list[RowFault] = []
        for line, given in rows:
            try:
                row = layer.read(given)
            except Invalid as error:
                faults.append(fault_of(error, line=line, given=given))
                continue
            first = read.setdefault(row["code"], (line, canonical(row)))
            if first[0] != line:
                faults.append(_repeated(line, first[0]))
        if faults:
            return tuple(faults)

        def write(tx: Tx) -> tuple[RowFault, ...]:
            twice = self._store.staged_lines(tx.conn, import_id, read)
            if twice:
                return tuple(_repeated(read[key][0], line) for key, line in twice.items())
            if self._store.staged_count(tx.conn, import_id) + len(read) > IMPORT_ROWS_MAX:
                raise Invalid(f"more than {IMPORT_ROWS_MAX} rows", code="import.too_long")
            self._store.stage(tx.conn, [
                {"import_id": import_id, "key": key, "n": line, "body": body}
                for key, (line, body) in read.items()
            ])
            return ()

        return await self._writer.write(write) if read else ()

    async def check(self, import_id: str) -> Checked:
        """Look at the staged rows together, and at what is there. Nothing is changed but the mark
        that the import may be applied."""
        opened = await self._open(import_id)
        checked = await self._writer.read(lambda conn: self._look(conn, opened))
        if not checked.faults:
            await self._writer.write(
                lambda tx: self._store.update_import(tx.conn, import_id, checked=True)
            )
        return checked

    async def compare(self, import_id: str, most: int) -> Compared:
        """What it would change, with the first ``most`` changes. ``Invalid``
        (``import.unknown``)."""
        opened = await self._open(import_id)
        return await self._writer.read(lambda conn: compared(
            conn, self._store, opened,
            gone=self._unnamed(conn, opened) if opened["complete"] else (), most=most))

    async def progress(self, import_id: str) -> tuple[int, int]:
        """How many of its rows are written, and how many it has; none of them is looked at.
        ``Invalid`` (``import.unknown``)."""
        opened = await self._open(import_id)
        rows = await self._writer.read(
            lambda conn: self._store.staged_count(conn, import_id))
        return written(opened), rows

    async def begin_back(self, layer: str, number: int, *, actor: str) -> str:
        """Open an import that makes the layer what it was after version ``number``; returns its
        id, staged and to be checked. ``Invalid`` (``import.unknown``): there is no such version."""
        was = await self._writer.read(
            lambda conn: earlier(conn, self._store, layer, number))
        import_id = await self.begin(
            layer, source=f"{layer} {number}", actor=actor, complete=True)
        await self._stage_again(import_id, [
            (key, bytes(body)) for key, body in was.items() if body is not None])
        after = ""
        while True:
            start = after
            rows = await self._writer.read(lambda conn: self._store.page(
                conn, layer, after=start, limit=STAGE_ROWS_MAX))  # noqa: B023 - awaited here
            await self._stage_again(import_id, [
                (row["code"], canonical(row)) for row in rows if row["code"] not in was])
            if len(rows) < STAGE_ROWS_MAX:
                return import_id
            after = rows[-1]["code"]

    async def _stage_again(self, import_id: str, rows: Sequence[tuple[str, bytes]]) -> None:
        """Rows that were in the layer before: they were checked when they came."""
        for at in range(0, len(rows), STAGE_ROWS_MAX):
            part = [{"import_id": import_id, "key": key, "n": 0, "body": body}
                    for key, body in rows[at : at + STAGE_ROWS_MAX]]
            await self._writer.write(
                lambda tx: self._store.stage(tx.conn, part))  # noqa: B023 - awaited here

    async def apply(self, import_id: str, after: str = "") -> Applied:
        """Write the next slice. ``Invalid`` (``import.unchecked``): ``check`` has not passed."""
        opened = await self._open(import_id)
        if not opened["checked"]:
            raise Invalid("check the import before it is applied", code="import.unchecked")
        return await self._writer.write(lambda tx: self._apply(tx, opened, after))

    async def finish(self, import_id: str) -> Finished:
        """Retire what is no longer named, write the version, forget what was staged."""
        opened = await self._open(import_id)
        if not opened["checked"]:
            raise Invalid("check the import before it is finished", code="import.unchecked")
        finished = await self._writer.write(lambda tx: self._finish(tx, import_id))
        await self._sweep(finished.layer)
        return finished

    async def drop(self, import_id: str) -> None:
        """Forget an import that is not wanted any more, and what it wrote beside the layer."""
        opened = await self._writer.read(lambda conn: self._store.import_row(conn, import_id))
        if opened is not None:
            await self._writer.write(lambda tx: self._store.end_import(tx.conn, import_id))
            await self._undo(opened["layer"])

    async def _undo(self, layer: str) -> None:
        while await self._writer.write(
            lambda tx: self._store.undo(tx.conn, layer, SLICE_ROWS)
        ):
            pass

    async def _sweep(self, layer: str) -> None:
        after = 0
        while True:
            start = after
            after = await self._writer.write(
                lambda tx: self._store.sweep(
                    tx.conn, layer, start, SLICE_ROWS)  # noqa: B023 - awaited here
            )
            if not after:
                return

    async def _open(self, import_id: str) -> Row:
        row = await self._writer.read(lambda conn: self._store.import_row(conn, import_id))
        if row is None:
            raise Invalid(
                "there is no such import: it ended, or a newer one of its layer was begun",
                code="import.unknown",
            )
        return row

    # --- looking --------------------------------------------------------------------------------

    def _look(self, conn: Connection, opened: Row) -> Checked:
        layer = layer_named(opened["layer"])
        faults: list[RowFault] = []
        warnings: list[RowFault] = []
        if layer.kind:
            rows = self._staged(conn, opened)
            faults += self._reused(conn, layer, rows)
            if layer.kind == GridKind.UNIT:
                units = self._units(conn, opened, rows)
                found = topology.examine(
                    units, [row["outline"] for row in self._lookups.coverages(conn)])
                faults += _crossed(found)
                warnings += _gapped(found)
                warnings += self._unregistered(conn, rows)
            else:
                warnings += self._unknown_units(conn, rows)
        retiring = 0
        if opened["complete"]:
            retiring = sum(1 for _ in self._unnamed(conn, opened))
        return Checked(
            rows=self._store.staged_count(conn, opened["id"]), retiring=retiring,
            faults=tuple(faults), warnings=tuple(warnings),
        )

    def _staged(self, conn: Connection, opened: Row) -> list[tuple[int, dict[str, Any]]]:
        found: list[tuple[int, dict[str, Any]]] = []
        after = ""
        while True:
            part = self._store.staged(conn, opened["id"], after, READ_ROWS)
            found.extend((row["n"], columns_of(row["body"])) for row in part)
            if len(part) < READ_ROWS:
                return found
            after = part[-1]["key"]

    def _reused(
        self, conn: Connection, layer: Layer, rows: Sequence[tuple[int, dict[str, Any]]]
    ) -> list[RowFault]:
        """Codes that were retired before and come again as if they were new."""
        living = {row["code"]: (line, row) for line, row in rows if not row["void"]}
        there = self._store.rows_of(conn, layer.name, living)
        return [
            _fault(living[code][0], "code", "place.grid.void", given=code)
            for code, row in there.items()
            if row["void"] and not self._was(conn, layer, code, canonical(living[code][1]))
        ]

    def _was(self, conn: Connection, layer: Layer, code: str, body: bytes) -> bool:
        """Whether the layer once said exactly this: a grid that is put back is not used again for
        another."""
        return any(row["before"] is not None and bytes(row["before"]) == body
                   for row in self._store.history(conn, layer.name, code))

    def _units(
        self, conn: Connection, opened: Row, rows: Sequence[tuple[int, dict[str, Any]]]
    ) -> list[topology.Shape]:
        """The unit grids as they would be: what is staged, and what stays beside it."""
        named = {row["code"] for _, row in rows}
        area = opened["area"] if opened["complete"] else None
        shapes = [
            topology.Shape(code=row["code"], line=line, outline=row["outline"])
            for line, row in rows if not row["void"]
        ]
        after = ("", "")
        while True:
            part = self._lookups.outlines(conn, after, READ_ROWS)
            for row in part:
                gone = area is not None and row["area"].startswith(area)
                if row["kind"] == GridKind.UNIT and row["code"] not in named and not gone:
                    shapes.append(topology.Shape(
                        code=row["code"], line=0, outline=bytes(row["outline"])))
            if len(part) < READ_ROWS:
                return shapes
            after = (part[-1]["kind"], part[-1]["code"])

    def _unregistered(
        self, conn: Connection, rows: Sequence[tuple[int, dict[str, Any]]]
    ) -> list[RowFault]:
        """Divisions of grids that nobody registered, once regions were imported at all."""
        if not self._store.count(conn, "region"):
            return []
        first: dict[str, int] = {}
        for line, row in rows:
            first.setdefault(row["area"], line)
        known = self._store.digests(conn, "region", first)
        return [
            _fault(line, "area", "place.grid.region_unknown", area=area)
            for area, line in first.items() if area not in known
        ][: topology.TOLD_MAX]

    def _unknown_units(
        self, conn: Connection, rows: Sequence[tuple[int, dict[str, Any]]]
    ) -> list[RowFault]:
        first: dict[str, int] = {}
        for line, row in rows:
            for unit in row["units"]:
                first.setdefault(unit, line)
        known = self._store.digests(conn, "grid.unit", first)
        return [
            _fault(line, "units", "place.grid.unit_unknown", unit=unit)
            for unit, line in first.items() if unit not in known
        ][: topology.TOLD_MAX]

    def _unnamed(self, conn: Connection, opened: Row) -> Sequence[str]:
        found: list[str] = []
        after = ""
        while True:
            part = self._store.unnamed_keys(
                conn, opened["layer"], opened["id"], area=opened["area"], after=after,
                limit=READ_ROWS)
            found.extend(part)
            if len(part) < READ_ROWS:
                return found
            after = part[-1]

    # --- writing --------------------------------------------------------------------------------

    def _apply(self, tx: Tx, opened: Row, after: str) -> Applied:
        layer = layer_named(opened["layer"])
        number = self._store.newest_numbers(tx.conn).get(layer.name, 0) + 1
        done = 0
        while True:
            part = self._store.staged(tx.conn, opened["id"], after, SLICE_ROWS)
            done += len(part)
            if part:
                self._write(tx, opened["id"], layer, number, part)
                after = part[-1]["key"]
            if len(part) < SLICE_ROWS:
                return Applied(done=done, next="")
            if layer.name in SLICED:
                return Applied(done=done, next=after)

    def _write(
        self, tx: Tx, import_id: str, layer: Layer, number: int, part: Sequence[Row]
    ) -> None:
        old = self._store.digests(tx.conn, layer.name, [row["key"] for row in part])
        moved = [row for row in part if old.get(row["key"]) != digest_of(bytes(row["body"]))]
        changed = [row["key"] for row in moved if row["key"] in old]
        before = self._store.rows_of(tx.conn, layer.name, changed)
        self._store.add_changes(tx.conn, [
            {
                "layer": layer.name, "number": number, "key": row["key"], "at": tx.now_us,
                "what": "changed" if row["key"] in old else "added",
                "before": canonical(before[row["key"]]) if row["key"] in old else None,
            }
            for row in moved
        ])
        rows = [columns_of(bytes(row["body"])) for row in moved]
        self._store.save_rows(tx.conn, layer.name, rows, number)
        self._index(tx.conn, layer, rows)
        counts = self._store.import_row(tx.conn, import_id)
        assert counts is not None, "the import is open in this transaction"
        self._store.update_import(
            tx.conn, import_id,
            added=counts["added"] + len(moved) - len(changed),
            changed=counts["changed"] + len(changed),
            unchanged=counts["unchanged"] + len(part) - len(moved),
        )

    def _index(self, conn: Connection, layer: Layer, rows: Sequence[dict[str, Any]]) -> None:
        if layer.label is None:
            return
        name = layer.name.partition(".")[0]
        texts = {layer.label(row) for row in rows} - {""}
        fresh = sorted(texts - self._words.known_texts(conn, name, texts))
        self._words.add_texts(conn, name, [(text, grams(text)) for text in fresh])

    def _finish(self, tx: Tx, import_id: str) -> Finished:
        opened = self._store.import_row(tx.conn, import_id)
        assert opened is not None, "it was open a moment ago, and only this ends it"
        layer = layer_named(opened["layer"])
        newest = self._store.newest_numbers(tx.conn).get(layer.name, 0)
        removed = self._retire(tx, opened, layer, newest + 1) if opened["complete"] else 0
        moved = opened["added"] + opened["changed"] + removed
        rows, digest = self._digest(tx.conn, layer.name)
        if moved:
            self._store.add_version(tx.conn, {
                "layer": layer.name, "number": newest + 1, "at": tx.now_us,
                "dated": opened["dated"], "source": opened["source"], "actor": opened["actor"],
                "digest": digest, "row_count": rows, "added": opened["added"],
                "changed": opened["changed"], "removed": removed,
                "unchanged": opened["unchanged"],
            })
            tx.wake(TOPIC)
        self._audit.record(tx, AuditEntry(
            action="ImportLayer", actor=opened["actor"], subject=f"layer:{layer.name}",
            detail={"added": opened["added"], "changed": opened["changed"], "removed": removed,
                    "number": newest + bool(moved)}))
        self._store.end_import(tx.conn, import_id)
        return Finished(
            layer=layer.name, number=newest + bool(moved), rows=rows, added=opened["added"],
            changed=opened["changed"], removed=removed, unchanged=opened["unchanged"],
        )

    def _retire(self, tx: Tx, opened: Row, layer: Layer, number: int) -> int:
        keys = self._unnamed(tx.conn, opened)
        for at in range(0, len(keys), SLICE_ROWS):
            rows = self._store.rows_of(tx.conn, layer.name, keys[at : at + SLICE_ROWS])
            self._store.add_changes(tx.conn, [
                {"layer": layer.name, "number": number, "key": key, "what": "removed",
                 "at": tx.now_us, "before": canonical(row)}
                for key, row in rows.items()
            ])
            if layer.retire is None:
                self._store.delete_rows(tx.conn, layer.name, list(rows), number)
                continue
            retired = [canonical(layer.retire(row, opened["dated"])) for row in rows.values()]
            self._store.save_rows(
                tx.conn, layer.name, [columns_of(body) for body in retired], number)
        return len(keys)

    def _digest(self, conn: Connection, layer: str) -> tuple[int, bytes]:
        """How many rows, and the digest over their keys and digests in key order."""
        whole = hashlib.sha256()
        rows, after = 0, ""
        while True:
            part = self._store.layer_digests(conn, layer, after, READ_ROWS)
            for row in part:
                whole.update(row["code"].encode() + b"\0" + bytes(row["digest"]))
            rows += len(part)
            if len(part) < READ_ROWS:
                return rows, whole.digest()
            after = part[-1]["code"]


def _fault(line: int, column: str, key: str, **values: str | int | float) -> RowFault:
    return RowFault(row=line, column=column, code=key.removeprefix("place."),
                    sentence=phrase(key, **values), mend=phrase(f"{key}.mend", **values))


def _repeated(line: int, first: int) -> RowFault:
    return _fault(line, "code", "place.code.repeated", row=first)


def _crossed(found: topology.Topology) -> list[RowFault]:
    faults = [
        _fault(one.line, "outline", "place.grid.crossing", where=one.where)
        for one in found.crossings
    ] + [
        _fault(one.line, "outline", "place.grid.overlap", other=one.other, area=one.area_m2)
        for one in found.overlaps
    ]
    if faults and found.more:
        faults.append(_fault(0, "", "place.more", count=found.more))
    return faults


def _gapped(found: topology.Topology) -> list[RowFault]:
    return [
        _fault(0, "outline", "place.grid.gap", area=one.area_m2, lon=one.lon, lat=one.lat)
        for one in found.gaps
    ]
