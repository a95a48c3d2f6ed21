"""Files of places, read line by line: CSV, Excel, GeoJSON, shapefile.

However a file is made, it becomes pieces of some hundred lines: checked rows in canonical form,
and what is wrong with the others, so that two hundred thousand components never lie in memory at
once. Every mistake of every line is found in one reading.
"""

from __future__ import annotations

import csv
import itertools
import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from node.core.errors import Invalid
from node.service.imports.report import RowFault
from node.service.imports.sheet import ENCODINGS, Sheet, Unreadable, shown, workbook_lines
from node.service.imports.table import Table
from node.service.phrases import phrase
from node.service.places.layers import LAYERS, Layer, canonical
from node.service.places.profiles import TABLES, Fields
from node.service.places.rules import fault_of
from node.service.projection import converter

PIECE_LINES: Final = 500
"""Lines checked at a time."""
READ_CHARS: Final = 1 << 20
"""Characters of a GeoJSON file read at a time."""
KINDS: Final = (".csv", ".xlsx", ".geojson", ".json", ".shp")
_CODE_PAGES: Final = {
    "UTF-8": "utf-8", "UTF8": "utf-8", "65001": "utf-8", "GBK": "gb18030", "GB2312": "gb18030",
    "GB18030": "gb18030", "936": "gb18030", "CP936": "gb18030", "54936": "gb18030",
}
"""What a .cpg file may say."""
_DBASE_CHINESE: Final = 0x4D
"""Language driver of a .dbf in code page 936."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one file is read. ``crs`` "" = as the file says. ``given``: values for columns that it
    lacks. ``area``: division that every code must begin with."""

    path: Path
    layer: str
    encoding: str = ""
    sheet: str = ""
    crs: str = ""
    area: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some lines. ``rejected``: number and cells of the lines with faults."""

    heading: tuple[str, ...]
    rows: tuple[tuple[int, bytes], ...]
    faults: tuple[RowFault, ...]
    rejected: tuple[tuple[int, tuple[str, ...]], ...] = ()
    hopeless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    number: int
    cells: tuple[str, ...]
    shape: Mapping[str, Any] | None = None


def pieces(reading: Reading) -> Iterator[Piece]:
    """The file, piece by piece. Never raises for what is in it."""
    layer, table = LAYERS[reading.layer], TABLES[reading.layer]
    seen: dict[str, int] = {}
    try:
        for heading, records, crs in _records(reading):
            yield _piece(reading, layer, table, heading, records, crs, seen)
    except Unreadable as error:
        yield Piece(heading=(), rows=(), hopeless=True, faults=(RowFault(
            row=error.row, column="", code=error.code, sentence=error.sentence,
            mend=error.mend),))


def _piece(  # noqa: PLR0917 - one place calls it
    reading: Reading, layer: Layer, table: Table[Fields], heading: tuple[str, ...],
    records: Sequence[_Record], crs: str, seen: dict[str, int],
) -> Piece:
    given = dict(reading.given)
    # A table may say the system of each line; an outline has the one of its file.
    parsed = table.parse_sheet(
        Sheet(heading=heading, lines=tuple((one.number, one.cells) for one in records)),
        given=given,
    )
    if parsed.hopeless:
        return Piece(heading=heading, rows=(), faults=parsed.faults, hopeless=True)
    shapes = {one.number: one.shape for one in records}
    faults = list(parsed.faults)
    rows: list[tuple[int, bytes]] = []
    for number, fields in parsed.rows:
        shown: Mapping[str, Any] = fields
        try:
            shown = _placed(reading, layer, fields, shapes[number], crs)
            row = layer.read(shown)
        except Invalid as error:
            faults.append(fault_of(error, line=number, given=shown))
            continue
        first = seen.setdefault(row["code"], number)
        if first != number:
            faults.append(RowFault(
                row=number, column="code", code="code.repeated",
                sentence=phrase("place.code.repeated", row=first),
                mend=phrase("place.code.repeated.mend")))
            continue
        rows.append((number, canonical(row)))
    bad = {fault.row for fault in faults}
    return Piece(
        heading=heading, rows=tuple(rows),
        faults=tuple(sorted(faults, key=lambda fault: fault.row)),
        rejected=tuple((one.number, one.cells) for one in records if one.number in bad),
    )


def _placed(
    reading: Reading, layer: Layer, fields: dict[str, Any], shape: Mapping[str, Any] | None,
    crs: str,
) -> dict[str, Any]:
    """The fields with point or outline, and with the area that the codes were declared for."""
    shown = dict(fields)
    if layer.name in {"component", "address"}:
        if shape is not None and "x" not in shown:
            x, y = _point_of(shape)
            shown.update(x=x, y=y)
        shown["crs"] = shown.get("crs") or crs
    elif layer.name == "organisation":
        if shape is not None and shape.get("type") == "Point":
            x, y = _point_of(shape)
            shown.update(x=x, y=y)
        elif shape is not None:
            shown["outline"] = _converted(shape, crs)
        shown["crs"] = shown.get("crs") or crs
    elif layer.kind or layer.name == "coverage":
        if shape is not None:
            shown["outline"] = _converted(shape, crs)
        if layer.kind and reading.area:
            shown["area"] = shown.get("area") or reading.area
    plain = layer.name in {"coverage", "organisation"}
    if reading.area and not plain and layer.kind in {"", "unit"}:
        _begins(shown, reading.area, layer)
    return shown


def _begins(shown: Mapping[str, Any], area: str, layer: Layer) -> None:
    code = str(shown.get("area" if layer.name == "address" else "code", ""))
    if code and not code.startswith(area):
        refusal = Invalid(f"{code} does not begin with {area}", code="grid.prefix")
        refusal.detail = {"area" if layer.name == "address" else "code": area}
        raise refusal


def _point_of(shape: Mapping[str, Any]) -> tuple[float, float]:
    refusal = Invalid(f"{shape.get('type')} is no point", code="place.point")
    refusal.detail = {"x": "no point"}
    if shape.get("type") != "Point":
        raise refusal
    try:
        x, y = (float(number) for number in shape["coordinates"][:2])
    except (TypeError, ValueError, KeyError) as error:
        raise refusal from error
    return x, y


def _converted(shape: Mapping[str, Any], crs: str) -> dict[str, Any]:
    """A GeoJSON geometry with every corner in CGCS2000."""
    convert = converter(crs)

    def walk(part: Any) -> Any:
        if part and isinstance(part[0], int | float):
            return convert(float(part[0]), float(part[1]))
        return [walk(one) for one in part]

    try:
        return {"type": shape["type"], "coordinates": walk(shape["coordinates"])}
    except (TypeError, IndexError, KeyError, ValueError) as error:
        refusal = Invalid("its coordinates are no numbers", code="outline.shape")
        refusal.detail = {"outline": "no numbers"}
        raise refusal from error


# --- kinds of files -------------------------------------------------------------------------------

_Chunk = tuple[tuple[str, ...], Sequence[_Record], str]


def _records(reading: Reading) -> Iterator[_Chunk]:
    kind = reading.path.suffix.lower()
    try:
        if kind in {".csv", ".xlsx"}:
            yield from _sheet(reading, kind)
        elif kind in {".geojson", ".json"}:
            yield from _geojson(reading)
        elif kind == ".shp":
            yield from _shapefile(reading)
        else:
            raise _unreadable("file.kind", given=kind, names=" ".join(KINDS))
    except UnicodeDecodeError as error:
        raise Unreadable(
            "table.encoding",
            phrase("sheet.encoding", given=reading.encoding or "utf-8", byte=error.start),
            phrase("sheet.encoding.mend"),
        ) from error
    except OSError as error:
        raise _unreadable("file.unreadable", reason=error.strerror or str(error)) from error


def _unreadable(key: str, **values: str | int) -> Unreadable:
    return Unreadable(f"table.{key.partition('.')[2]}" if key == "file.unreadable" else key,
                      phrase(f"place.{key}", **values), phrase(f"place.{key}.mend", **values))


def _sheet(reading: Reading, kind: str) -> Iterator[_Chunk]:
    lines = (
        workbook_lines(reading.path.read_bytes(), reading.sheet) if kind == ".xlsx"
        else _csv_lines(reading)
    )
    numbered = (
        (number, cells) for number, cells in enumerate(lines, start=1)
        if any(cell.strip() for cell in cells)
    )
    first = next(numbered, None)
    if first is None:
        raise Unreadable("table.empty", phrase("table.headless"), phrase("table.headless.mend"))
    heading = tuple(cell.strip() for cell in first[1])
    crs = reading.crs or "CGCS2000"
    for part in _batched(
        _Record(number=number, cells=tuple(cells)) for number, cells in numbered
    ):
        yield heading, part, crs


def _csv_lines(reading: Reading) -> Iterator[Sequence[str]]:
    encoding = ENCODINGS.get(reading.encoding.lower())
    if encoding is None:
        raise Unreadable(
            "table.encoding", phrase("sheet.encoding_unknown", given=reading.encoding),
            phrase("sheet.encoding_unknown.mend", names="utf-8, gb18030"))
    with reading.path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, strict=True)
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Unreadable(
                    "table.unreadable", phrase("table.unreadable", reason=str(error)),
                    phrase("table.unreadable.mend"), row=number + 1) from error
            number += 1
            yield cells


def _geojson(reading: Reading) -> Iterator[_Chunk]:
    """Feature ``n`` of the file is line ``n``."""
    with reading.path.open(encoding=ENCODINGS.get(reading.encoding.lower(), "utf-8")) as file:
        head, found = _features(file)
        crs = reading.crs or _crs_of(head) or "CGCS2000"
        numbered = enumerate(found, start=1)
        while part := list(itertools.islice(numbered, PIECE_LINES)):
            for number, one in part:
                if not isinstance(one, dict) or not isinstance(
                    one.get("properties") or {}, dict
                ):
                    raise Unreadable(
                        "table.unreadable",
                        phrase("place.file.unreadable", reason=f"feature {number}"),
                        phrase("place.file.unreadable.mend"), row=number)
            heading = tuple(dict.fromkeys(
                name for _, one in part for name in (one.get("properties") or {})))
            yield heading, [
                _Record(
                    number=number, shape=one.get("geometry"),
                    cells=tuple(_cell((one.get("properties") or {}).get(name))
                                for name in heading),
                )
                for number, one in part
            ], crs


def _features(file: Any) -> tuple[str, Iterator[Any]]:
    """What stands before the features, and the features one by one: a city's components are too
    many to lie in memory."""
    decoder = json.JSONDecoder()
    buffer = ""
    while True:
        more = file.read(READ_CHARS)
        buffer += more
        name = buffer.find('"features"')
        start = buffer.find("[", name) if name >= 0 else -1
        if start >= 0:
            break
        if not more:
            raise _unreadable("file.unreadable", reason="no features")
    head = buffer[:name]

    def walk() -> Iterator[Any]:
        rest, at = buffer, start + 1
        while True:
            while at < len(rest) and rest[at] in " \t\r\n,":
                at += 1
            if rest.startswith("]", at):
                return
            try:
                one, at = decoder.raw_decode(rest, at)
            except json.JSONDecodeError as error:
                more = file.read(READ_CHARS)
                if not more:
                    raise _unreadable("file.unreadable", reason=error.msg) from error
                rest, at = rest[at:] + more, 0
                continue
            yield one

    return head, walk()


def _crs_of(head: str) -> str:
    """The system that a GeoJSON file of the older kind names before its features."""
    _, found, rest = head.partition('"crs"')
    for number in ("4490", "4326"):
        if found and f":{number}" in rest:
            return f"EPSG:{number}"
    if found and "EPSG::" in rest:
        return "EPSG:" + rest.partition("EPSG::")[2].split('"')[0]
    return ""


def _cell(value: Any) -> str:
    """An attribute as a cell of a table would show it; a list in one cell."""
    if isinstance(value, list):
        return ";".join(shown(one) for one in value)
    return shown(value).strip()


def _shapefile(reading: Reading) -> Iterator[_Chunk]:
    import shapefile

    path = reading.path
    crs = reading.crs or _beside(path, ".prj")
    if not crs:
        raise _unreadable("file.no_crs", given=path.name)
    try:
        with ExitStack() as stack:
            # Its parts are opened here: the reader has an opinion on .cpg files of its own.
            shp, dbf = (
                stack.enter_context(path.with_suffix(suffix).open("rb"))
                for suffix in (path.suffix, ".dbf")
            )
            reader = shapefile.Reader(
                shp=shp, dbf=dbf, encoding=_dbf_encoding(reading), encodingErrors="strict")
            heading = tuple(
                field[0] for field in reader.fields if field[0] != "DeletionFlag")
            numbered = enumerate(reader.iterShapeRecords(), start=1)
            for part in _batched(
                _Record(number=number, cells=tuple(_cell(value) for value in one.record),
                        shape=one.shape.__geo_interface__ if one.shape.points else None)
                for number, one in numbered
            ):
                yield heading, part, crs
    except (shapefile.ShapefileException, struct.error) as error:
        if "decode" in str(error):
            # The library has one exception for everything.
            raise Unreadable(
                "table.encoding",
                phrase("sheet.encoding", given=_dbf_encoding(reading), byte=0),
                phrase("sheet.encoding.mend"),
            ) from error
        raise _unreadable("file.unreadable", reason=str(error)[:200]) from error


def _dbf_encoding(reading: Reading) -> str:
    """As asked for, else as the .cpg says, else as the .dbf does, else UTF-8."""
    if reading.encoding:
        return ENCODINGS.get(reading.encoding.lower(), reading.encoding)
    said = _beside(reading.path, ".cpg").strip().upper()
    if said in _CODE_PAGES:
        return _CODE_PAGES[said]
    table = reading.path.with_suffix(".dbf")
    if table.exists():
        with table.open("rb") as file:
            head = file.read(32)
        if len(head) == 32 and head[29] == _DBASE_CHINESE:
            return "gb18030"
    return "utf-8"


def _beside(path: Path, suffix: str) -> str:
    other = path.with_suffix(suffix)
    return other.read_text(encoding="ascii", errors="replace") if other.exists() else ""


def _batched(records: Iterable[_Record]) -> Iterator[list[_Record]]:
    found = iter(records)
    while part := list(itertools.islice(found, PIECE_LINES)):
        yield part
