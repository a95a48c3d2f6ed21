"""``wanmi import …``: responsibility table and filing conditions from CSV files.

The whole table is read and checked before the first row is stored. A running node is asked over
REST; where none answers, the rows go straight into the database of the stopped node.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from node.cli.composition import Composition, composition
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech, Trouble, interactive
from node.service.tables import Parsed, parse_conditions, parse_responsibilities
from node.service.views import ImportResult

group = typer.Typer(help="导入表格 (import tables)", no_args_is_help=True)

CHUNK_ROWS: Final = 500
"""Rows per call: small enough that the bar moves and the node serves others in between."""

File = Annotated[Path, typer.Argument(help="CSV 文件 (CSV file)", dir_okay=False)]
Encoding = Annotated[str, typer.Option(help="utf-8 或 gb18030")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只检查，不导入 (check only)")]


@command(group, "responsibilities", "权责清单 (the responsibility table)")
def responsibilities(
    session: Session, file: File, encoding: Encoding = "utf-8", dry_run: DryRun = False,
) -> None:
    _import(
        session, file, encoding, parse=parse_responsibilities, path="/responsibilities",
        store=lambda main, rows: main.import_responsibilities(session.home, rows),
        dry_run=dry_run,
    )


@command(group, "conditions", "立案条件与时限 (filing conditions with their limits)")
def conditions(
    session: Session, file: File, encoding: Encoding = "utf-8", dry_run: DryRun = False,
) -> None:
    _import(
        session, file, encoding, parse=parse_conditions, path="/conditions",
        store=lambda main, rows: main.import_conditions(session.home, rows), dry_run=dry_run,
    )


def _import(
    session: Session, file: Path, encoding: str, *, parse: Callable[[str], Parsed[Any]],
    path: str, store: Callable[[Composition, Sequence[Any]], ImportResult], dry_run: bool,
) -> None:
    speech = session.speech
    text = _read(speech, file, encoding)
    parsed = parse(text)
    if parsed.faults:
        faults: list[dict[str, Any]] = [
            {"row": fault.row, "column": fault.column, "code": fault.code,
             "sentence": fault.sentence.say(speech.language)} for fault in parsed.faults]
        raise Trouble(
            Exit.REFUSED, "table.invalid",
            speech.t("import.faults", file=file, count=len(faults)),
            lines=[speech.t("import.row", **fault) for fault in faults],
            document={"code": "table.invalid", "file": str(file), "faults": faults},
        )
    rows = len(parsed.rows)
    if dry_run:
        speech.show({"rows": rows, "added": 0, "replaced": 0, "dry_run": True},
                    lambda: speech.say(speech.t("import.checked", file=file, rows=rows)))
        return
    result = (_upload(session, text, path, rows) if session.online()
              else store(composition(speech), parsed.rows))
    added, replaced = result.added, result.replaced
    speech.show(
        {"rows": rows, "added": added, "replaced": replaced, "dry_run": False},
        lambda: speech.say(speech.t(
            "import.done", file=file, rows=rows, added=added, replaced=replaced)))


def _read(speech: Speech, file: Path, encoding: str) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except OSError as error:
        raise speech.trouble(
            Exit.USAGE, "file.unreadable", file=file, reason=error.strerror) from error
    except (UnicodeDecodeError, LookupError) as error:
        raise speech.trouble(
            Exit.USAGE, "import.encoding", file=file, encoding=encoding) from error


def _upload(session: Session, text: str, path: str, rows: int) -> ImportResult:
    """Through the running node, chunk by chunk.

    A chunk that was stored stays stored when the node goes away in the middle: importing the file
    again replaces those rows by themselves.
    """
    from rich.console import Console
    from rich.progress import Progress

    added = replaced = 0
    with session.api() as api, Progress(
        console=Console(stderr=True), disable=not interactive(), transient=True,
    ) as bar:
        task = bar.add_task(session.speech.t("import.label"), total=rows)
        for chunk, count in chunks(text, CHUNK_ROWS):
            answer = api.post_csv(path, chunk, dry_run=False)
            added += answer["added"]
            replaced += answer["replaced"]
            bar.advance(task, count)
    return ImportResult(added=added, replaced=replaced)


def chunks(text: str, size: int) -> Iterator[tuple[str, int]]:
    """The table cut into smaller ones under the same heading, with their counts of rows."""
    reader = csv.reader(io.StringIO(text, newline=""))
    heading = next(reader, [])
    rows: list[list[str]] = []
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        rows.append(row)
        if len(rows) == size:
            yield _written(heading, rows), len(rows)
            rows = []
    if rows:
        yield _written(heading, rows), len(rows)


def _written(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([heading, *rows])
    return out.getvalue()
