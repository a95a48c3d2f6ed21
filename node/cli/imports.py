"""``wanmi import …``: tables from CSV files and Excel workbooks.

The whole table is read and checked before the first row is stored. A running node is asked over
REST, piece by piece under a progress bar; where none answers, the rows go straight into the
database of the stopped node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from node.cli.composition import composition
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech, Trouble, interactive
from node.service.imports.area_classes import AREA_CLASSES
from node.service.imports.calendar import CALENDAR
from node.service.imports.codes import CODES
from node.service.imports.conditions import CONDITIONS
from node.service.imports.crosswalk import CROSSWALK
from node.service.imports.report import Parsed, RowFault, rejects
from node.service.imports.responsibilities import RESPONSIBILITIES
from node.service.imports.sheet import Sheet
from node.service.imports.table import Table
from node.service.views import ImportResult

group = typer.Typer(help="导入表格 (import tables)", no_args_is_help=True)

CHUNK_ROWS: Final = 500
"""Rows per call: small enough that the bar moves and the node serves others in between."""
LINES_SHOWN_MAX: Final = 200
"""Faults or warnings listed on the screen; ``--json`` and the rejects file list all."""

File = Annotated[Path, typer.Argument(help="CSV 或 .xlsx 文件 (CSV or Excel file)",
                                      dir_okay=False)]
Encoding = Annotated[str, typer.Option(help="CSV 的编码：utf-8 或 gb18030 (of a CSV file)")]
SheetName = Annotated[str, typer.Option(
    "--sheet", help="Excel 工作表名称，默认第一张 (sheet of a workbook; default: the first)")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只检查，不导入 (check only)")]
SkipBad = Annotated[bool, typer.Option(
    "--skip-bad", help="有误的行另存，其余导入 (keep bad rows aside, import the rest)")]


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How one file is to be imported. ``given`` are values for columns that the file lacks."""

    encoding: str = "utf-8"
    sheet: str = ""
    dry_run: bool = False
    skip_bad: bool = False
    given: Mapping[str, str] | None = None


@command(group, "responsibilities", "权责清单 (the responsibility table)")
def responsibilities(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
    standard: Annotated[str, typer.Option(
        help="表中没有标准列时的分类标准 (standard, where the sheet has no such column)")] = "",
    area: Annotated[str, typer.Option(
        help="表中没有区划列时的区划代码 (area, where the sheet has no such column)")] = "",
) -> None:
    take(session, file, RESPONSIBILITIES,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad,
             given={"standard_ref": standard, "area": area}))


StandardOf = Annotated[str, typer.Option(
    "--standard", help="表中没有标准一列时填 (the standard, where the sheet does not say)")]
KindOf = Annotated[str, typer.Option(
    "--kind", help="表中没有类别一列时填 部件 或 事件 (component or matter, likewise)")]


@command(group, "conditions", "立案条件与时限 (filing conditions with their limits)")
def conditions(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    standard: StandardOf = "", kind: KindOf = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, CONDITIONS,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad,
             given={"standard_ref": standard, "kind": kind}))


@command(group, "codes", "分类标准的大类小类 (classes of a standard)")
def codes(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    standard: StandardOf = "", kind: KindOf = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, CODES,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad,
             given={"standard_ref": standard, "kind": kind}))


@command(group, "crosswalk", "新旧标准对照 (what became of each class)")
def crosswalk(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, CROSSWALK,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad))


@command(group, "area-classes", "区域类别，时限可按其区分 (classes of area, for limits)")
def area_classes(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, AREA_CLASSES,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad))


@command(group, "calendar", "节假日、调休与作息时间 (holidays, make-up workdays, working hours)")
def calendar(
    session: Session, file: File, encoding: Encoding = "utf-8", sheet: SheetName = "",
    dry_run: DryRun = False, skip_bad: SkipBad = False,
) -> None:
    take(session, file, CALENDAR,
         How(encoding=encoding, sheet=sheet, dry_run=dry_run, skip_bad=skip_bad))


def take(session: Session, file: Path, table: Table[Any], how: How) -> None:
    """Read ``file`` as ``table``, say everything that is wrong in it, and import what may be."""
    speech = session.speech
    sheet, parsed = table.parse(
        _bytes(speech, file), encoding=how.encoding, sheet=how.sheet, given=how.given)
    _say_warnings(speech, parsed)
    if not parsed.accepted(skip_bad=how.skip_bad):
        raise _refused(speech, file, parsed)
    beside = ""
    if parsed.faults:
        beside = str(_write_rejects(speech, file, sheet, parsed))
        for line in _lines(speech, parsed.faults):
            speech.note(line)
    result, notes = ImportResult(added=0, replaced=0), list[str]()
    if not how.dry_run and session.online():
        result, notes = _upload(session, table, parsed)
    elif not how.dry_run:
        result = composition(speech).import_rows(session.home, table.name, parsed.rows)
        notes = [note.say(speech.language) for note in result.notes]
    skipped = len({fault.row for fault in parsed.faults})
    said: dict[str, Any] = {
        "rows": len(parsed.rows), "added": result.added, "replaced": result.replaced,
        "dry_run": how.dry_run, "skipped": skipped, "rejects": beside,
        "warnings": _documents(speech, parsed.warnings), "notes": notes,
    }

    def draw() -> None:
        key = "import.checked" if how.dry_run else "import.done"
        speech.say(speech.t(key, file=file, rows=len(parsed.rows), added=result.added,
                            replaced=result.replaced))
        if beside:
            speech.say(speech.t("import.skipped", count=skipped, file=beside))
        for note in notes:
            speech.say(note)

    speech.show(said, draw)


def _bytes(speech: Speech, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise speech.trouble(
            Exit.USAGE, "file.unreadable", file=file, reason=speech.unreadable(error)) from error


def _refused(speech: Speech, file: Path, parsed: Parsed[Any]) -> Trouble:
    faults = _documents(speech, parsed.faults)
    if parsed.faults[0].code == "table.encoding":
        return Trouble(Exit.USAGE, "table.encoding",
                       f"{file}: {parsed.faults[0].sentence.say(speech.language)}",
                       remedy=parsed.faults[0].mend.say(speech.language))
    return Trouble(
        Exit.REFUSED, "table.invalid",
        speech.t("import.faults", file=file, count=len({fault.row for fault in parsed.faults})),
        lines=_lines(speech, parsed.faults),
        remedy="" if parsed.hopeless else speech.t("import.faults.remedy"),
        document={"code": "table.invalid", "file": str(file), "faults": faults},
    )


def _documents(speech: Speech, faults: tuple[RowFault, ...]) -> list[dict[str, Any]]:
    return [{"row": fault.row, "column": fault.column, "code": fault.code,
             "sentence": fault.sentence.say(speech.language),
             "mend": fault.mend.say(speech.language)} for fault in faults]


def _lines(speech: Speech, faults: tuple[RowFault, ...]) -> list[str]:
    lines = [speech.t("import.row" if fault.column else "import.line", row=fault.row,
                      column=fault.column,
                      sentence=fault.say(speech.language))
             for fault in faults[:LINES_SHOWN_MAX]]
    if len(faults) > LINES_SHOWN_MAX:
        lines.append(speech.t("import.more", count=len(faults) - LINES_SHOWN_MAX))
    return lines


def _say_warnings(speech: Speech, parsed: Parsed[Any]) -> None:
    if parsed.warnings and not speech.as_json:
        speech.note(speech.t("import.warnings", count=len(parsed.warnings)))
        for line in _lines(speech, parsed.warnings):
            speech.note(line)


def _write_rejects(speech: Speech, file: Path, sheet: Sheet, parsed: Parsed[Any]) -> Path:
    """The rejected lines beside the file, never over an earlier one: somebody may be mending it.
    With a mark, so that spreadsheets read it as UTF-8."""
    text = rejects(sheet, parsed, speech.language)
    number = 1
    while True:
        suffix = ".rejected.csv" if number == 1 else f".rejected-{number}.csv"
        path = file.with_name(file.stem + suffix)
        try:
            with path.open("x", encoding="utf-8-sig", newline="") as out:
                out.write(text)
        except FileExistsError:
            number += 1
        else:
            return path


def _upload(
    session: Session, table: Table[Any], parsed: Parsed[Any]
) -> tuple[ImportResult, list[str]]:
    """Through the running node, chunk by chunk.

    A chunk that was stored stays stored when the node goes away in the middle: importing the file
    again replaces those rows by themselves.
    """
    from rich.console import Console
    from rich.progress import Progress

    added = replaced = 0
    notes: dict[str, None] = {}
    still: dict[str, None] = {}
    with session.api() as api, Progress(
        console=Console(stderr=True), disable=not interactive(), transient=True,
    ) as bar:
        task = bar.add_task(session.speech.t("import.label"), total=len(parsed.rows))
        for chunk, count in parsed.pieces(CHUNK_ROWS):
            answer = api.post_csv(f"/{table.name}", chunk, dry_run=False)
            added += answer["added"]
            replaced += answer["replaced"]
            # Every piece says the same of a draft, but one that brought nothing new says so.
            news = bool(answer["added"] or answer["replaced"])
            (notes if news else still).update(dict.fromkeys(answer["notes"]))
            bar.advance(task, count)
    return ImportResult(added=added, replaced=replaced), list(notes or still)
