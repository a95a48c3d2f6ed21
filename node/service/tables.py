"""The two tables an office is given as CSV: responsibilities and filing conditions.

Pure: text in, rows out, with everything that is wrong in any row, so that a person corrects a
table once and not once per mistake. Headings are read in English and in Chinese.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final, Generic, TypeVar

from node.core.catalog import read_limit
from node.core.clock import TimeUnit
from node.core.facts import Address
from node.core.routing import DutyKind
from node.service.phrases import Phrase, phrase
from node.service.views import FilingCondition, Responsibility

Item = TypeVar("Item")

ROWS_MAX: Final = 5_000
"""Rows of one import: it is one transaction, and the writer serves others too."""
CELL_CHARS_MAX: Final = 2_000
"""The longest filing condition of the standards has about 200 characters."""
CHINA: Final = timezone(timedelta(hours=8))
"""Dates without a time mean midnight of China's one time zone."""

KINDS: Final = {
    "component": "component", "部件": "component", "管理部件": "component",
    "matter": "matter", "事件": "matter", "事项": "matter", "管理事项": "matter",
}
DUTIES: Final = {
    "": DutyKind.LEAD, "lead": DutyKind.LEAD, "主责": DutyKind.LEAD, "牵头": DutyKind.LEAD,
    "整改": DutyKind.LEAD, "rectify": DutyKind.LEAD,
    "assist": DutyKind.ASSIST, "配合": DutyKind.ASSIST, "协办": DutyKind.ASSIST,
    "supervise": DutyKind.SUPERVISE, "监管": DutyKind.SUPERVISE, "督办": DutyKind.SUPERVISE,
}
"""How lists of duties say it. Published lists join several with a slash (rectify/manage): the first
one counts, because it says who acts."""

UNIT_CODES: Final = frozenset(str(unit) for unit in TimeUnit)

HEADINGS: Final = {
    "标准": "standard_ref", "分类标准": "standard_ref", "类别": "kind", "代码": "code",
    "分类代码": "code", "code4": "code", "区划": "area", "区划代码": "area", "区域": "area",
    "承办单位": "assignee", "承办": "assignee", "职责": "duty", "生效": "valid_from",
    "失效": "valid_to", "条件序号": "condition_no", "名称": "name", "small_name": "name",
    "立案条件": "filing", "condition": "filing", "filing_condition": "filing",
    "结案条件": "closing", "closing_condition": "closing", "close_condition": "closing",
    "处置时限": "limit_text", "limit": "limit_text", "big_name": "major_name",
    "handling_units": "handling_unit", "supervisors": "department", "limit_value": "limit_count",
}
"""Other names of columns: Chinese headings, and those that published lists use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """One mistake. ``row`` counts lines of the table, the heading being row 1; ``column`` is ""
    when the row as a whole is meant."""

    row: int
    column: str
    code: str
    sentence: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[Item]):
    """What a table holds: rows that can be imported, and faults. Import only without faults."""

    rows: tuple[Item, ...]
    faults: tuple[RowFault, ...]


class _Wrong(Exception):
    def __init__(self, column: str, code: str, sentence: Phrase) -> None:
        super().__init__(str(sentence))
        self.column, self.code, self.sentence = column, code, sentence


def parse_responsibilities(text: str) -> Parsed[Responsibility]:
    """Columns: standard_ref kind code area assignee [duty valid_from valid_to].

    Kind, code and area are beginnings; an empty cell means any.
    """
    return _parse(
        text, ("standard_ref", "kind", "code", "area", "assignee"), ("assignee",),
        read=_responsibility,
        key=lambda row: (row.standard_ref, row.kind, row.code, row.area, row.assignee,
                         row.valid_from),
    )


def parse_conditions(text: str) -> Parsed[FilingCondition]:
    """Columns: standard_ref kind code condition_no filing [name closing limit_text, or
    limit_count and limit_unit; area_class major_name handling_unit department]."""
    columns = ("standard_ref", "kind", "code", "condition_no", "filing")
    return _parse(
        text, columns, columns, read=_condition,
        key=lambda row: (row.standard_ref, row.kind, row.code, row.condition_no, row.area_class),
    )


def _parse(
    text: str, columns: Sequence[str], filled: Sequence[str], *,
    read: Callable[[Mapping[str, str]], Item], key: Callable[[Item], object],
) -> Parsed[Item]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[Item] = []
    faults: list[RowFault] = []
    seen: dict[object, int] = {}
    names: list[str] = []
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1:
                names = [HEADINGS.get(cell.strip(), cell.strip()) for cell in cells]
                missing = [name for name in columns if name not in names]
                if missing:
                    return _nothing(1, "table.columns", phrase(
                        "table.columns", names=", ".join(missing)))
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if number > ROWS_MAX + 1:
                return _nothing(number, "table.too_long", phrase("table.long", count=ROWS_MAX))
            try:
                item = read(_row(names, cells, filled))
            except _Wrong as error:
                faults.append(RowFault(
                    row=number, column=error.column, code=error.code, sentence=error.sentence))
                continue
            first = seen.setdefault(key(item), number)
            if first != number:
                faults.append(RowFault(
                    row=number, column="", code="row.repeated",
                    sentence=phrase("table.repeated", row=first)))
                continue
            rows.append(item)
    except csv.Error as error:
        why = phrase("table.unreadable", reason=str(error))
        return _nothing(number + 1, "table.unreadable", why)
    if not names:
        return _nothing(1, "table.empty", phrase("table.headless"))
    return Parsed(rows=tuple(rows), faults=tuple(faults))


def _nothing(row: int, code: str, sentence: Phrase) -> Parsed[Item]:
    return Parsed(rows=(), faults=(RowFault(row=row, column="", code=code, sentence=sentence),))


def _row(names: Sequence[str], cells: Sequence[str], filled: Sequence[str]) -> Mapping[str, str]:
    if len(cells) != len(names):
        raise _Wrong("", "row.cells", phrase(
            "table.cells", count=len(cells), headings=len(names)))
    row = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    for name in filled:
        if not row[name]:
            raise _Wrong(name, "cell.empty", phrase("cell.empty"))
    for name, cell in row.items():
        if len(cell) > CELL_CHARS_MAX or "\x00" in cell:
            raise _Wrong(name, "cell.invalid", phrase(
                "cell.long", count=CELL_CHARS_MAX))
    return row


def _responsibility(row: Mapping[str, str]) -> Responsibility:
    try:
        Address.parse(row["assignee"])
    except ValueError as error:
        raise _Wrong("assignee", "cell.invalid", phrase(
            "cell.assignee", given=row["assignee"])) from error
    if not re.fullmatch(r"[0-9A-Z]{0,18}", row["area"]):
        raise _Wrong("area", "cell.invalid", phrase("cell.area", given=row["area"]))
    return Responsibility(
        standard_ref=row["standard_ref"], kind=_kind(row["kind"]) if row["kind"] else "",
        code=row["code"], area=row["area"], assignee=row["assignee"], duty=_duty(row),
        valid_from=_instant(row, "valid_from"), valid_to=_instant(row, "valid_to"),
    )


def _condition(row: Mapping[str, str]) -> FilingCondition:
    count, unit = _limit(row)
    return FilingCondition(
        standard_ref=row["standard_ref"], kind=_kind(row["kind"]), code=row["code"],
        condition_no=_number(row, "condition_no"), name=row.get("name", ""),
        filing=row["filing"], closing=row.get("closing", ""),
        area_class=row.get("area_class", ""), major_name=row.get("major_name", ""),
        handling_unit=row.get("handling_unit", ""), department=row.get("department", ""),
        limit_text=row.get("limit_text", ""), limit_count=count, limit_unit=unit,
    )


def _kind(text: str) -> str:
    if text not in KINDS:
        raise _Wrong("kind", "cell.invalid", phrase("cell.kind", given=text))
    return KINDS[text]


def _duty(row: Mapping[str, str]) -> str:
    given = row.get("duty", "")
    duty = DUTIES.get(given.partition("/")[0].strip())
    if duty is None:
        raise _Wrong("duty", "cell.invalid", phrase("cell.duty", given=given))
    return str(duty)


def _number(row: Mapping[str, str], column: str) -> int:
    text = row[column]
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise _Wrong(column, "cell.invalid", phrase("cell.number", given=text))
    return int(text)


def _limit(row: Mapping[str, str]) -> tuple[int | None, str]:
    """Count and unit, from their own columns or from the printed text (``2紧急工作时``)."""
    if row.get("limit_count"):
        unit = row.get("limit_unit", "")
        if unit not in UNIT_CODES:
            raise _Wrong("limit_unit", "cell.invalid", phrase("cell.unit", given=unit))
        return _number(row, "limit_count"), unit
    text = row.get("limit_text", "")
    if not text:
        return None, ""
    limit = read_limit(text).limit
    if limit is None:
        raise _Wrong("limit_text", "cell.invalid", phrase("cell.limit", given=text))
    return limit.value, str(limit.unit)


def _instant(row: Mapping[str, str], column: str) -> datetime | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=CHINA)
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise _Wrong(column, "cell.invalid", phrase("cell.date", given=text)) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=CHINA)
