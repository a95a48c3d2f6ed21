"""Tables from CSV: every mistake of every row, in one reading."""

from __future__ import annotations

from datetime import datetime

from node.service import tables
from node.service.tables import CHINA, parse_conditions, parse_responsibilities

HEAD = "standard_ref,kind,code,area,assignee,duty,valid_from\n"


def test_a_sound_table_gives_its_rows() -> None:
    line = "GB/T 30428.2-2013,部件,0101,420203,node:420203,主责,2026-03-01"
    text = "\ufeff" + HEAD + line + "\r\n\r\n"

    parsed = parse_responsibilities(text)

    assert parsed.faults == ()
    [row] = parsed.rows
    assert (row.kind, row.assignee, row.duty) == ("component", "node:420203", "lead")
    assert row.valid_from == datetime(2026, 3, 1, tzinfo=CHINA)


def test_empty_cells_mean_any_and_published_duties_are_read() -> None:
    head = "standard_ref,kind,code,area,assignee,duty\n"

    parsed = parse_responsibilities(head + ",,,42,node:X,rectify/manage\nS,,,,node:Y,监管\n")

    assert parsed.faults == ()
    assert [(row.kind, row.area, row.duty) for row in parsed.rows] == [
        ("", "42", "lead"), ("", "", "supervise")]
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
        (2, "assignee", "cell.invalid"), (3, "kind", "cell.invalid"), (4, "assignee", "cell.empty"),
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
        f"S,component,{n},42,node:X,,\n" for n in range(tables.ROWS_MAX + 1)
    )

    parsed = parse_responsibilities(text)

    assert [fault.code for fault in parsed.faults] == ["table.too_long"]
    assert parsed.rows == ()


def test_a_wrong_cell_says_in_both_languages_what_to_write() -> None:
    [fault] = parse_responsibilities(HEAD + "S,component,1,42,nod:X,,\n").faults

    assert (fault.row, fault.column, fault.code) == (2, "assignee", "cell.invalid")
    assert "不是承办方" in fault.sentence.say("zh-CN")
    assert "no assignee" in fault.sentence.say("en")
    assert "node:420203" in fault.sentence.say("zh-CN")
