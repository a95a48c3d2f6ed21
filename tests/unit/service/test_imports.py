"""Tables from CSV and Excel: every mistake of every row, in one reading, with its mending."""

from __future__ import annotations

import io
from datetime import date, datetime

from openpyxl import Workbook

from node.service.imports.conditions import CONDITIONS
from node.service.imports.line import CHINA, Line
from node.service.imports.report import Parsed, rejects
from node.service.imports.responsibilities import RESPONSIBILITIES
from node.service.imports.sheet import LINES_MAX, read_sheet
from node.service.imports.table import CALL_ROWS_MAX, Column, Table
from node.service.views import FilingCondition, Responsibility


def parse_responsibilities(text: str, rows_max: int = LINES_MAX) -> Parsed[Responsibility]:
    return RESPONSIBILITIES.parse(text.encode(), rows_max=rows_max)[1]


def parse_conditions(text: str) -> Parsed[FilingCondition]:
    return CONDITIONS.parse(text.encode())[1]


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD = "standard_ref,kind,code,area,assignee,duty,valid_from\n"


def test_a_sound_table_gives_its_rows() -> None:
    line = "GB/T 30428.2-2013,部件,0101,420203,node:420203,主责,2026-03-01"
    text = "\ufeff" + HEAD + line + "\r\n\r\n"

    parsed = parse_responsibilities(text)

    assert parsed.faults == ()
    [row] = parsed.rows
    assert (row.kind, row.assignee, row.duty) == ("component", "node:420203", "rectify")
    assert row.valid_from == datetime(2026, 3, 1, tzinfo=CHINA)


def test_empty_cells_mean_any_and_published_duties_are_read() -> None:
    head = "standard_ref,kind,code,area,assignee,duty\n"

    parsed = parse_responsibilities(head + ",,,42,node:X,rectify/manage\nS,,,,node:Y,监管\n")

    assert parsed.faults == ()
    assert [(row.kind, row.area, row.duty) for row in parsed.rows] == [
        ("", "42", "rectify/manage"), ("", "", "regulate")]
    wrong = parse_responsibilities(head + ",,,,node:X,maybe\n")
    assert [fault.column for fault in wrong.faults] == ["duty"]


def test_chinese_headings_are_read() -> None:
    parsed = parse_responsibilities("标准,类别,代码,区划,承办单位\nS,事件,1,42,adapter:oms\n")

    assert [row.assignee for row in parsed.rows] == ["adapter:oms"]


def test_every_wrong_row_is_named_once() -> None:
    text = HEAD + (
        "S,component,1,42,nobody,,\n"
        "S,thing,1,42,node:X,,\n"
        "S,component,1,42,,,\n"
        "S,component,1,42,node:X,,31.12.2026\n"
        "S,component,1,42,node:X\n"
        "S,component,1,42,node:X,,\n"
        "S,component,1,42,node:X,牵头,\n"
    )

    parsed = parse_responsibilities(text)

    assert [(fault.row, fault.column, fault.code) for fault in parsed.faults] == [
        (2, "assignee", "cell.invalid"), (3, "kind", "cell.invalid"), (4, "unit", "cell.invalid"),
        (5, "valid_from", "cell.invalid"), (6, "", "row.cells"), (8, "", "row.repeated"),
    ]
    assert len(parsed.rows) == 1


def test_missing_columns_empty_text_and_torn_quotes_are_faults_of_the_table() -> None:
    for text, code in [("", "table.empty"), ("kind,code\n", "table.columns"),
                       (HEAD + 'S,"component', "table.unreadable")]:
        parsed = parse_responsibilities(text)
        assert ([fault.code for fault in parsed.faults], parsed.rows) == ([code], ()), text


def test_limits_are_read_as_the_standards_print_them() -> None:
    head = "standard_ref,kind,code,condition_no,condition,limit\n"
    body = "".join(
        f"S,component,1,{n},开裂,{limit}\n"
        for n, limit in enumerate(["2紧急工作时", "4小时", "5天", "3自然日", ""], start=1)
    )

    parsed = parse_conditions(head + body)

    assert parsed.faults == ()
    assert [(row.limit_count, row.limit_unit) for row in parsed.rows] == [
        (2, "urgent_hour"), (4, "work_hour"), (5, "work_day"), (3, "calendar_day"), (None, ""),
    ]


def test_published_lists_with_their_own_columns_are_read() -> None:
    text = (
        "standard_ref,kind,big_name,small_name,code4,condition_no,filing_condition,limit_text,"
        "limit_value,limit_unit,close_condition,handling_units,supervisors\n"
        "GB/T 30428.2-2013,部件,公用设施,上水井盖,0101,2,破损,4小时,4,work_hour,修复,"
        "自来水公司,城管局\n"
    )

    [row] = parse_conditions(text).rows

    assert (row.code, row.limit_count, row.limit_unit) == ("0101", 4, "work_hour")
    assert (row.filing, row.closing, row.department) == ("破损", "修复", "城管局")


def test_a_table_that_is_too_long_is_not_taken() -> None:
    text = HEAD + "".join(
        f"S,component,{n},42,node:X,,\n" for n in range(CALL_ROWS_MAX + 1)
    )

    parsed = parse_responsibilities(text, CALL_ROWS_MAX)

    assert [(fault.code, fault.row) for fault in parsed.faults] == [
        ("table.too_long", CALL_ROWS_MAX + 2)]
    assert (parsed.rows, parsed.accepted(skip_bad=True)) == ((), False)
    assert len(parse_responsibilities(text).rows) == CALL_ROWS_MAX + 1


def test_a_wrong_cell_says_in_both_languages_what_is_wrong_and_what_to_write() -> None:
    [fault] = parse_responsibilities(HEAD + "S,component,1,42,nod:X,,\n").faults

    assert (fault.row, fault.column, fault.code) == (2, "assignee", "cell.invalid")
    assert fault.say("zh-CN") == "“nod:X” 不是承办方；写成 node:420203 或 adapter:power"
    assert fault.say("en") == "'nod:X' is no assignee; write node:420203 or adapter:power"


def test_a_workbook_reads_like_the_same_table_as_csv() -> None:
    heading = ["标准", "类别", "代码", "区划", "承办\n单位", "生效"]
    data = workbook([], heading, ["S", "部件", 101, 420203.0, "node:X", datetime(2026, 3, 1)],
                    [None], ["S", "部件", "0102", "42", "node:X"])

    sheet, parsed = RESPONSIBILITIES.parse(data)

    assert parsed.faults == ()
    assert [(row.code, row.area, row.valid_from) for row in parsed.rows] == [
        ("101", "420203", datetime(2026, 3, 1, tzinfo=CHINA)), ("0102", "42", None)]
    assert [number for number, _ in sheet.lines] == [3, 5]


def test_what_is_no_sheet_says_how_to_get_one() -> None:
    for data, options, code, mend in [
        (b"\xd0\xcf\x11\xe0" + bytes(64), {}, "table.unreadable", "另存为 .xlsx"),
        (b"PK\x03\x04" + bytes(64), {}, "table.unreadable", "另存"),
        (workbook(HEAD.split(",")), {"sheet": "汇总"}, "table.sheet", "Sheet"),
        ("标准".encode("gb18030"), {}, "table.encoding", "--encoding gb18030"),
        (b"a", {"encoding": "big5"}, "table.encoding", "utf-8"),
    ]:
        _, parsed = RESPONSIBILITIES.parse(data, **options)
        [fault] = parsed.faults
        assert (fault.code, parsed.hopeless) == (code, True), data[:8]
        assert mend in fault.mend.say("zh")


def test_a_table_in_gb18030_is_read_when_it_is_named() -> None:
    text = "标准,类别,代码,区划,承办单位\nS,事件,1,42,adapter:oms\n"

    _, parsed = RESPONSIBILITIES.parse(text.encode("gb18030"), encoding="gb18030")

    assert [row.kind for row in parsed.rows] == ["matter"]


def test_the_result_of_a_broken_formula_is_no_value() -> None:
    [fault] = parse_responsibilities(HEAD + "S,component,1,#REF!,node:X,,\n").faults

    assert (fault.column, "公式" in fault.say("zh")) == ("area", True)


def test_rejected_lines_come_back_as_they_were_and_can_be_imported_once_mended() -> None:
    text = HEAD + "S,component,1,42,node:X,,\nS,thing,1,42,nobody,主责,\nS,matter,1,42,node:X\n"
    sheet, parsed = RESPONSIBILITIES.parse(text.encode())

    out = rejects(sheet, parsed, "zh")

    lines = read_sheet(out.encode()).lines
    assert read_sheet(out.encode()).heading[:4] == ("行号", "列", "原因", "改法")
    assert [cells[:2] for _, cells in lines] == [("3", "assignee"), ("4", "")]
    assert lines[0][1][4:] == ("S", "thing", "1", "42", "nobody", "主责", "")
    mended = out.replace("thing", "matter").replace("nobody", "node:X")
    [first, second] = [RESPONSIBILITIES.parse(mended.encode())[1].rows[0], parsed.rows[0]]
    assert (first.kind, second.kind) == ("matter", "component")
    assert parsed.accepted(skip_bad=True)
    assert not parsed.accepted(skip_bad=False)


def test_pieces_are_whole_tables_under_canonical_headings() -> None:
    text = "标准,类别,代码,区划,承办单位\n" + "".join(f"S,部件,{n},42,node:X\n" for n in range(7))
    parsed = parse_responsibilities(text)

    pieces = list(parsed.pieces(3))

    assert [count for _, count in pieces] == [3, 3, 1]
    assert [row for piece, _ in pieces for row in parse_responsibilities(piece).rows] == list(
        parsed.rows)


def _plain(line: Line) -> tuple[str, str, date | None]:
    if line["major"] == "?":
        line.warn("major", "cell.number")
    return line["major"], line["minor"], line.day("day")


INHERITING: Table[tuple[str, str, date | None]] = Table(
    name="plain", reader=lambda: _plain, key=lambda row: row, merge=True,
    columns=(Column(name="major", headings=("大类",), needed=True, inherit=True),
             Column(name="minor", needed=True, filled=True), Column(name="day")))


def test_merged_cells_are_inherited_and_a_row_said_twice_alike_counts_once() -> None:
    _, parsed = INHERITING.parse("大类,minor,day\n公用,a,\n,b,2026/3/1\n,b,20260301\n".encode())

    assert parsed.rows == (("公用", "a", None), ("公用", "b", date(2026, 3, 1)))
    assert next(parsed.pieces(9))[0].splitlines()[2] == "公用,b,2026/3/1"


def test_a_column_that_the_sheet_lacks_may_be_given_and_warnings_keep_the_row() -> None:
    _, parsed = INHERITING.parse(b"minor\na\nb\n", given={"major": "?"})

    assert [row[:2] for row in parsed.rows] == [("?", "a"), ("?", "b")]
    assert [(one.row, one.column) for one in parsed.warnings] == [(2, "major"), (3, "major")]
    assert parsed.accepted(skip_bad=False)


def test_a_heading_that_comes_twice_is_not_guessed_at() -> None:
    _, parsed = INHERITING.parse("大类,major,minor\na,b,c\n".encode())

    assert [(one.code, one.column) for one in parsed.faults] == [("table.columns", "major")]
