"""``wanmi import grids|components|gazetteer|regions|coverage``: layers of places from files.

The file is read and checked line by line into a temporary file; only then the first row goes to
the node, piece by piece under a progress bar. The node looks at the rows together (overlaps,
retired codes) before it changes anything, and the import ends as a version of the layer with a
report of what was added, changed, removed and unchanged.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Final

import typer

from node.cli.session import Session, command
from node.cli.speech import Exit, Speech, Trouble, interactive
from node.core.grids import DEFAULT_STANDARD, GridKind
from node.service.imports.report import RowFault, reject_heading, reject_lines

if TYPE_CHECKING:
    from node.cli.place_sinks import PlaceSink
    from node.service.places.files import Piece, Reading
    from node.service.places.imports import Finished

group = typer.Typer()

BATCH_ROWS: Final = 300
"""Rows of one call."""
BATCH_BYTES: Final = 400_000
"""Bytes of one call, well below what a node takes."""
FAULTS_KEPT: Final = 1_000
"""Faults that are told; all rejected lines stand in the file of rejects."""
LINES_SHOWN: Final = 50
"""Faults and warnings listed on the screen."""
CHANGES_READ: Final = 200
LAYER_NAMES: Final = {
    "region": "layer.region", "grid.unit": "layer.grid.unit", "grid.beat": "layer.grid.beat",
    "grid.responsibility": "layer.grid.responsibility", "coverage": "layer.coverage",
    "component": "layer.component", "address": "layer.address",
    "organisation": "layer.organisation",
}

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="文件 (file)")]
Encoding = Annotated[str, typer.Option(
    help="编码，shapefile 默认按 .cpg (utf-8, gb18030; a shapefile says it in its .cpg)")]
Crs = Annotated[str, typer.Option(
    help="坐标系，默认按文件 (CGCS2000, WGS84, GCJ02, BD09, EPSG:4547; default: as the file says)")]
Area = Annotated[str, typer.Option(
    help="所在区划，编码须以此开头 (division: every code begins with it)")]
Dated = Annotated[datetime | None, typer.Option(
    formats=["%Y-%m-%d"], help="数据日期，默认今天 (day of the data; default: today)")]
Complete = Annotated[bool, typer.Option(
    "--complete", help="文件为全量，未列出的作废 (what the file does not name is retired)")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只检查，不导入 (check only)")]
SkipBad = Annotated[bool, typer.Option(
    "--skip-bad", help="跳过有误的行，另存 (import the rest; rejects go beside the file)")]
Report = Annotated[Path | None, typer.Option(
    "--report", help="变更报告 CSV (write what changed, with old and new values)")]
Sheet = Annotated[str, typer.Option("--sheet", help="Excel 工作表，默认第一张 (sheet)")]


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What all imports of places may be told."""

    dated: datetime | None
    complete: bool
    dry_run: bool
    skip_bad: bool
    report: Path | None


@command(group, "grids", "网格：GeoJSON、shapefile 或 CSV (grids)")
def grids(
    session: Session, *, file: File,
    kind: Annotated[GridKind, typer.Option(
        help="unit 单元网格 | beat 巡查网格 | responsibility 责任网格")] = GridKind.UNIT,
    standard: Annotated[str, typer.Option(
        help="编码标准 (GB/T 30428.1, CJ/T 213-2005, local-16)")] = DEFAULT_STANDARD,
    encoding: Encoding = "", crs: Crs = "", area: Area = "", sheet: Sheet = "",
    dated: Dated = None, complete: Complete = False, dry_run: DryRun = False,
    skip_bad: SkipBad = False, report: Report = None,
) -> None:
    _import(
        session, file, f"grid.{kind.value}",
        How(dated=dated, complete=complete, dry_run=dry_run, skip_bad=skip_bad, report=report),
        encoding=encoding, crs=crs, area=area, sheet=sheet, given={"standard": standard},
    )


@command(group, "components", "部件：CSV、Excel、GeoJSON 或 shapefile (components)")
def components(
    session: Session, *, file: File,
    standard: Annotated[str, typer.Option(
        help="标识码所属标准 (standard of the codes)")] = "GB/T 47678.5-2026",
    encoding: Encoding = "", crs: Crs = "", area: Area = "", sheet: Sheet = "",
    dated: Dated = None, complete: Complete = False, dry_run: DryRun = False,
    skip_bad: SkipBad = False, report: Report = None,
) -> None:
    _import(
        session, file, "component",
        How(dated=dated, complete=complete, dry_run=dry_run, skip_bad=skip_bad, report=report),
        encoding=encoding, crs=crs, area=area, sheet=sheet, given={"standard_ref": standard},
    )


@command(group, "gazetteer", "地址库：CSV、Excel 或 GeoJSON (address points)")
def gazetteer(
    session: Session, *, file: File, encoding: Encoding = "", crs: Crs = "", area: Area = "",
    sheet: Sheet = "", dated: Dated = None, complete: Complete = False, dry_run: DryRun = False,
    skip_bad: SkipBad = False, report: Report = None,
) -> None:
    _import(
        session, file, "address",
        How(dated=dated, complete=complete, dry_run=dry_run, skip_bad=skip_bad, report=report),
        encoding=encoding, crs=crs, area=area, sheet=sheet,
    )


@command(group, "organisations", "机构：CSV、Excel、GeoJSON 或 shapefile (units on the ground)")
def organisations(
    session: Session, *, file: File, encoding: Encoding = "", crs: Crs = "", sheet: Sheet = "",
    dated: Dated = None, complete: Complete = False, dry_run: DryRun = False,
    skip_bad: SkipBad = False, report: Report = None,
) -> None:
    _import(
        session, file, "organisation",
        How(dated=dated, complete=complete, dry_run=dry_run, skip_bad=skip_bad, report=report),
        encoding=encoding, crs=crs, sheet=sheet,
    )


@command(group, "regions", "区划与功能区：CSV 或 Excel (divisions and pseudo-regions)")
def regions(
    session: Session, *, file: File, encoding: Encoding = "", sheet: Sheet = "",
    dated: Dated = None, complete: Complete = False, dry_run: DryRun = False,
    skip_bad: SkipBad = False, report: Report = None,
) -> None:
    _import(
        session, file, "region",
        How(dated=dated, complete=complete, dry_run=dry_run, skip_bad=skip_bad, report=report),
        encoding=encoding, sheet=sheet,
    )


@command(group, "coverage", "覆盖范围：GeoJSON 或 shapefile (areas in which the method applies)")
def coverage(
    session: Session, *, file: File, encoding: Encoding = "", crs: Crs = "",
    dated: Dated = None, complete: Complete = False, dry_run: DryRun = False,
    skip_bad: SkipBad = False, report: Report = None,
) -> None:
    _import(
        session, file, "coverage",
        How(dated=dated, complete=complete, dry_run=dry_run, skip_bad=skip_bad, report=report),
        encoding=encoding, crs=crs,
    )


# --- reading --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Read:
    """What came of reading the file. ``spool`` holds a line of JSON for each good row."""

    spool: IO[str]
    rejects: IO[str]
    rows: int = 0
    wrong: int = 0
    hopeless: bool = False
    faults: list[RowFault] = field(default_factory=list)

    def take(self, piece: Piece, speech: Speech) -> None:
        """Keep a piece: good rows in the spool, rejected lines in the rejects."""
        self.hopeless = self.hopeless or piece.hopeless
        self.rows += len(piece.rows)
        self.wrong += len({fault.row for fault in piece.faults})
        self.faults += piece.faults[: max(0, FAULTS_KEPT - len(self.faults))]
        for line, body in piece.rows:
            self.spool.write(f"{line}\t{body.decode()}\n")
        if piece.rejected:
            self._reject(piece, speech)

    def _reject(self, piece: Piece, speech: Speech) -> None:
        out = csv.writer(self.rejects)
        if self.rejects.tell() == 0:
            out.writerow(reject_heading(piece.heading, speech.language))
        out.writerows(reject_lines(piece.rejected, piece.faults, speech.language))

    def batches(self) -> Iterator[list[tuple[int, Mapping[str, Any]]]]:
        """The good rows again, in calls of a bounded size."""
        self.spool.seek(0)
        batch: list[tuple[int, Mapping[str, Any]]] = []
        size = 0
        for text in self.spool:
            number, _, body = text.partition("\t")
            if batch and (len(batch) == BATCH_ROWS or size + len(body) > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append((int(number), json.loads(body)))
            size += len(body.encode())
        if batch:
            yield batch


def _import(session: Session, file: Path, layer: str, how: How, **said: Any) -> None:
    # Loaded here: the other commands have no use for tables and geometry.
    from node.cli.place_sinks import sink_of
    from node.service.places.files import Reading, pieces

    speech = session.speech
    reading = Reading(path=file, layer=layer, **said)
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as spool,
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as rejects,
    ):
        read = _Read(spool, rejects)
        with _bar(speech, "import.reading") as step:
            for piece in pieces(reading):
                read.take(piece, speech)
                step(len(piece.rows) + len(piece.faults), None)
        beside = _settle(speech, reading, read, how)
        with sink_of(session) as sink:
            done, warnings, retiring = _carry(speech, sink, reading, read, how)
            if done is not None and how.report is not None:
                _write_report(sink, done, how.report)
    _tell(speech, reading, read, how, done=done, warnings=warnings, retiring=retiring,
          beside=beside)


def _settle(speech: Speech, reading: Reading, read: _Read, how: How) -> str:
    """Stop at faults, or lay the rejected lines beside the file; returns that file."""
    if not read.faults:
        return ""
    if read.hopeless or not how.skip_bad:
        raise Trouble(
            Exit.REFUSED, "table.invalid",
            speech.t("import.faults", file=reading.path, count=read.wrong),
            lines=_lines(speech, read.faults),
            remedy="" if read.hopeless else speech.t("import.faults.remedy"),
            document={"code": "table.invalid", "file": str(reading.path), "count": read.wrong,
                      "faults": _documents(speech, read.faults)},
        )
    read.rejects.seek(0)
    number = 1
    while True:
        suffix = ".rejected.csv" if number == 1 else f".rejected-{number}.csv"
        path = reading.path.with_name(reading.path.stem + suffix)
        try:
            with path.open("x", encoding="utf-8-sig", newline="") as out:
                for text in read.rejects:
                    out.write(text)
        except FileExistsError:
            number += 1
        else:
            return str(path)


def _carry(
    speech: Speech, sink: PlaceSink, reading: Reading, read: _Read, how: How,
) -> tuple[Finished | None, Sequence[RowFault], int]:
    """Through the five steps; None after a dry run."""
    ident = sink.begin(
        reading.layer, source=reading.path.name, actor="cli",
        dated=how.dated.date() if how.dated else None, complete=how.complete, area=reading.area,
    )
    with _bar(speech, "import.label") as step:
        for batch in read.batches():
            faults = sink.stage(ident, batch)
            if faults:
                raise _refused(speech, reading, faults)
            step(len(batch), read.rows)
    checked = sink.check(ident)
    if checked.faults:
        sink.drop(ident)
        raise _refused(speech, reading, checked.faults)
    if how.dry_run:
        sink.drop(ident)
        return None, checked.warnings, checked.retiring
    with _bar(speech, "import.writing") as step:
        after = ""
        while True:
            applied = sink.apply(ident, after)
            step(applied.done, read.rows)
            after = applied.next
            if not after:
                break
    return sink.finish(ident), checked.warnings, checked.retiring


def _refused(speech: Speech, reading: Reading, faults: Sequence[RowFault]) -> Trouble:
    return Trouble(
        Exit.REFUSED, "table.invalid",
        speech.t("import.faults", file=reading.path, count=len(faults)),
        lines=_lines(speech, faults),
        document={"code": "table.invalid", "file": str(reading.path), "count": len(faults),
                  "faults": _documents(speech, faults)},
    )


# --- telling --------------------------------------------------------------------------------------


def _tell(
    speech: Speech, reading: Reading, read: _Read, how: How, *, done: Finished | None,
    warnings: Sequence[RowFault], retiring: int, beside: str,
) -> None:
    document: dict[str, Any] = {
        "file": str(reading.path), "rows": read.rows, "dry_run": how.dry_run,
        "skipped": read.wrong, "rejects": beside, "retiring": retiring,
        "warnings": _documents(speech, warnings),
        "version": asdict(done) if done is not None else None,
    }

    def draw() -> None:
        if done is None:
            speech.say(speech.t("import.checked", file=reading.path, rows=read.rows))
        else:
            said = {**asdict(done), "layer": speech.t(LAYER_NAMES[done.layer])}
            speech.say(speech.t("import.version", file=reading.path, **said))
        if beside:
            speech.say(speech.t("import.skipped", count=read.wrong, file=beside))
        if warnings:
            speech.note(speech.t("import.warnings", count=len(warnings)))
            for line in _lines(speech, warnings):
                speech.note(line)
        if how.report is not None and done is not None:
            speech.say(speech.t("import.reported", file=how.report))

    speech.show(document, draw)


def _write_report(sink: PlaceSink, done: Finished, path: Path) -> None:
    """What the import changed, one line for each field that differs."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(["key", "what", "field", "old", "new"])
        after = 0
        moved = done.added + done.changed + done.removed
        while moved:
            part = sink.changes(done.layer, done.number, after, CHANGES_READ)
            for one in part:
                fields = one.fields or {"": ("", "")}
                for name, (old, new) in fields.items():
                    out.writerow([one.key, one.what, name, _shown(old), _shown(new)])
            if len(part) < CHANGES_READ:
                return
            after = part[-1].id


def _shown(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 200 else text[:197] + "..."


def _lines(speech: Speech, faults: Sequence[RowFault]) -> list[str]:
    lines = [
        speech.t("import.row" if fault.column else "import.line", row=fault.row,
                 column=fault.column, sentence=fault.say(speech.language))
        for fault in faults[:LINES_SHOWN]
    ]
    if len(faults) > LINES_SHOWN:
        lines.append(speech.t("import.more", count=len(faults) - LINES_SHOWN))
    return lines


def _documents(speech: Speech, faults: Sequence[RowFault]) -> list[dict[str, Any]]:
    return [
        {"row": fault.row, "column": fault.column, "code": fault.code,
         "sentence": fault.sentence.say(speech.language), "mend": fault.mend.say(speech.language)}
        for fault in faults
    ]


@contextmanager
def _bar(speech: Speech, key: str) -> Iterator[Any]:
    """A progress bar on the terminal; the function it gives takes steps and the total, if known."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn())
    with Progress(
        *columns, console=Console(stderr=True), disable=not interactive(), transient=True,
    ) as bar:
        task = bar.add_task(speech.t(key), total=None)

        def step(count: int, total: int | None) -> None:
            bar.update(task, advance=count, total=total)

        yield step
