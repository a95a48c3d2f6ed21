"""One CSV file of a unit: is it whole, in which encoding, which rows does it hold.

Legacy exporters write straight into the final name, in the code page of the machine, and are
killed half-way. A file counts as whole only when something besides its presence says so.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE_BYTES_MAX = 16 * 1024 * 1024
"""One result file; a day of a large utility is under one MiB."""
ROWS_MAX = 50_000
"""Rows of one file."""
CELL_CHARS_MAX = 65_536
"""Characters of one cell; beyond this a quote was left open."""
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-][0-9][0-9 .,-]*")
_IGNORED_ENDINGS = (".tmp", ".part", ".filepart", ".crdownload", ".swp")
"""Names that writers and copy tools use while a file is under way."""


class Unfit(Exception):
    """The whole file cannot be read, and waiting will not help; the message is for people."""


class Unfinished(Exception):
    """The file is not whole yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a unit writes its files."""

    encoding: str
    delimiter: str
    complete: str
    end_marker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole file. ``rows`` maps column to text; line numbers start at 2 below the header."""

    name: str
    digest: str
    rows: tuple[Mapping[str, str], ...]


def ignored(name: str) -> bool:
    """Not a result file: under way, hidden, or an editor's lock."""
    low = name.lower()
    return not low.endswith(".csv") or low.startswith((".", "~")) or low.endswith(_IGNORED_ENDINGS)


def read_sheet(path: Path, dialect: Dialect) -> Sheet:
    """The file's rows. ``Unfinished`` if it is not whole yet, ``Unfit`` if it never will be.

    With ``complete = "still"`` the caller has made sure that the file no longer changes."""
    size = path.stat().st_size
    if size > FILE_BYTES_MAX:
        raise Unfit(f"文件超过 {FILE_BYTES_MAX} 字节")
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if dialect.complete == "sidecar":
        _check_sidecar(path, digest)
    rows = _cells(_text(data, dialect.encoding, whole=dialect.complete == "sidecar"), dialect)
    if dialect.complete == "marker":
        if not data.endswith(b"\n"):
            raise Unfinished("最后一行不完整")
        rows = _without_marker(rows, dialect.end_marker)
    if not rows:
        raise Unfit("文件没有表头")
    header, *body = rows
    columns = [cell.strip() for cell in header]
    if len(set(columns)) != len(columns):
        raise Unfit("表头有重复的列名")
    return Sheet(name=path.name, digest=digest, rows=tuple(_row(columns, cells) for cells in body))


def write_sheet(row: Mapping[str, object], dialect: Dialect) -> bytes:
    """A file with one row, its header and its end marker."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n")
    writer.writerow(row.keys())
    writer.writerow("" if cell is None else _harmless(str(cell)) for cell in row.values())
    if dialect.complete == "marker":
        writer.writerow([dialect.end_marker, 1])
    return text.getvalue().encode(dialect.encoding)


def _harmless(cell: str) -> str:
    """What a citizen wrote must not be computed by the spreadsheet of a clerk at the unit. Numbers
    and telephone numbers stay as they are."""
    formula = cell.lstrip(" ").startswith(_FORMULA_SIGNS) and not _NUMBER.fullmatch(cell.strip())
    return "'" + cell if formula else cell


def decode(data: bytes, encoding: str) -> str:
    """Text of a file; ``Unfit`` names the encodings that were tried."""
    tries = ("utf-8-sig", "gb18030") if encoding == "auto" else (encoding,)
    for one in tries:
        try:
            return data.decode("utf-8-sig" if one == "utf-8" else one)
        except UnicodeDecodeError:
            continue
    raise Unfit(f"文件编码不是 {' 或 '.join(tries)}")


def _text(data: bytes, encoding: str, *, whole: bool) -> str:
    try:
        return decode(data, encoding)
    except Unfit:
        # A cut in the middle of a character is a file under way, not one in a wrong encoding.
        if not whole and not data.endswith(b"\n"):
            raise Unfinished("最后一行不完整") from None
        raise


def _check_sidecar(path: Path, digest: str) -> None:
    try:
        wanted = path.with_name(path.name + ".sha256").read_text("ascii").split()[:1]
    except (OSError, UnicodeDecodeError) as err:
        raise Unfinished("还没有校验文件") from err
    if wanted != [digest]:
        raise Unfinished("校验值与文件不符")


def _cells(text: str, dialect: Dialect) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter)
    rows: list[list[str]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(cells)
            if len(rows) > ROWS_MAX:
                raise Unfit(f"文件超过 {ROWS_MAX} 行")
            if any(len(cell) > CELL_CHARS_MAX for cell in cells):
                raise Unfit("有单元格过长，可能缺少引号")
    except csv.Error as err:
        raise Unfit(f"不是 CSV 文件：{err}") from err
    return rows


def _without_marker(rows: list[list[str]], marker: str) -> list[list[str]]:
    if not rows or rows[-1][0].strip() != marker:
        raise Unfinished(f"最后一行不是 {marker}")
    count = rows[-1][1].strip() if len(rows[-1]) > 1 else ""
    body = len(rows) - 2
    if count and count != str(body):
        raise Unfinished(f"结束行写明 {count} 行，实有 {body} 行")
    return rows[:-1]


def _row(columns: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    """A short row lacks its last cells; a long one has more cells than the header has names, which
    shows as a column of its own, so the mapping's reader refuses nothing silently."""
    row = {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    if len(cells) > len(columns):
        row["__多余__"] = "|".join(cells[len(columns) :])
    return row
