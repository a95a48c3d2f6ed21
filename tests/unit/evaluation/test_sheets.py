"""Sheets as files: opened again by whoever reads them, with the same figures in each."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from openpyxl import load_workbook
from rich.cells import cell_len

from node.cli.score_page import bands, drawn, shown
from node.cli.speech import Speech
from node.core.indicators import Shown
from node.core.periods import read_period
from node.core.scoring import score
from node.edge.sheets import MEDIA_TYPES, RENDERS
from node.service.evaluation.definitions import read_definition, shipped
from node.service.evaluation.sheet import Sheet, document, opened, unlike
from node.service.unit_kinds import unit_kinds

(_, TEXT), *_ = shipped()
DEFINITION = read_definition(TEXT, name="shipped").definition


def tally(**counts: int) -> dict[Shown, int]:
    found = {}
    for name, count in counts.items():
        counter, _, window = name.partition("__")
        found[Shown(counter=counter, window=window)] = count
    return found


UNITS = {
    ("420203001",): tally(
        taken__taken=60, should_handle__handle=3, handled__handle=2, handled_on_time__handle=1,
        leg_closed__handle=2, reworked__handle=1, signed_on_time__taken=30),
    ("=cmd|' /C calc'!A1",): tally(taken__taken=1),
}


def sheet(subject: str = "unit", tallies: Any = None, **changed: Any) -> Sheet:
    found = DEFINITION.subjects[subject]
    given: dict[str, Any] = {
        "node": "420200", "node_name": "黄石市<中心>", "subject": found,
        "period": read_period("2026-11"), "cut": datetime(2026, 11, 30, 16, tzinfo=UTC),
        "where": {"filing_node": "420200"}, "definition": DEFINITION,
        "lines": score(DEFINITION, found, UNITS if tallies is None else tallies,
                       months=Fraction(1), groups={}),
        "names": {"420203001": "@湖滨街道"}, "measures": DEFINITION.measures(found),
    }
    return Sheet(**{**given, **changed})


def test_every_format_says_what_it_is_about() -> None:
    told = document(sheet())
    for name, render in RENDERS.items():
        data = render(told)
        assert name in MEDIA_TYPES
        if name == "xlsx":
            book = load_workbook(io.BytesIO(data))
            said = " ".join(str(cell.value) for row in book["综合评价"] for cell in row)
        else:
            said = data.decode()
        for fact in ("2026-11", "filing_node", "420200", DEFINITION.version, DEFINITION.digest,
                     "责任单位"):
            assert fact in said, (name, fact)


def test_workbook_holds_numbers_that_a_spreadsheet_can_use() -> None:
    book = load_workbook(io.BytesIO(RENDERS["xlsx"](document(sheet()))))
    rows = [[cell.value for cell in row] for row in book["综合评价"].iter_rows()]
    (top,) = [n for n, row in enumerate(rows) if str(row[0]).startswith("责任单位\n")]
    line = dict(zip(rows[top], rows[top + 1], strict=True))
    assert line["责任单位\nunit"] == "@湖滨街道 420203001"
    assert line["应处置数\nshould handle"] == 3
    assert line["按期处置率\non-time handling rate"] == pytest.approx(1 / 3)
    assert line["等级\ngrade"] in "ABCDE"
    cells = [cell for row in book["综合评价"].iter_rows() for cell in row]
    third = [cell for cell in cells if cell.value == pytest.approx(1 / 3)]
    assert "0.00%" in {cell.number_format for cell in third}
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert "按期处置率" in [cell.value for cell in book["指标说明"]["A"]]


def test_table_opens_in_spreadsheets_of_the_country_and_carries_out_nothing() -> None:
    data = RENDERS["csv"](document(sheet()))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    (top,) = [n for n, row in enumerate(rows) if row and row[0] == "责任单位 unit"]
    lines = {row[0]: dict(zip(rows[top], row, strict=True)) for row in rows[top + 1:]}
    street = lines["'@湖滨街道 420203001"]
    assert street["按期处置率 on-time handling rate"] == "33.33%"
    assert street["处置率 handling rate"] == "66.67%"
    idle = lines["'=cmd|' /C calc'!A1"]
    assert idle["处置率 handling rate"] == "—"
    assert lines["合计 total"]["接收数 handed over"] == "61"


def test_page_loads_nothing_and_says_nothing_that_was_not_escaped() -> None:
    page = RENDERS["html"](document(sheet())).decode()
    assert "黄石市&lt;中心&gt;" in page
    assert not re.search(r"<script|<link|<img|https?://|@import|url\(", page)
    assert "66.67%" in page
    assert "@media print" in page
    assert "lang=\"zh-CN\"" in page


def in_groups() -> Sheet:
    """Two bureaus of our own, and one body of a higher level."""
    tallies = {
        (unit,): tally(should_handle__handle=4, handled__handle=handled,
                       leg_closed__handle=handled, taken__taken=4)
        for unit, handled in (("36", 4), ("37", 1), ("92", 2))}
    groups = {"unit_group": {"36": "local", "37": "local", "92": "higher"}}
    found = DEFINITION.subjects["unit"]
    return sheet(
        tallies=tallies, group_names=unit_kinds().groups, names={},
        lines=score(DEFINITION, found, tallies, months=Fraction(1), groups=groups))


def test_units_of_a_higher_level_stand_in_a_group_of_their_own_with_its_sum() -> None:
    told = document(in_groups())
    assert [("higher", 1), ("local", 2)] == [(one["key"], one["lines"]) for one in told["groups"]]
    assert [1, 1, 2] == sorted(line["rank"] for line in told["lines"])  # a rank in each group
    rows = list(csv.reader(io.StringIO(RENDERS["csv"](told).decode("utf-8-sig"))))
    (top,) = [n for n, row in enumerate(rows) if row and row[0] == "责任单位 unit"]
    rate = rows[top].index("处置率 handling rate")
    assert [
        ("92", "50.00%"), ("小计 subtotal 上级驻地单位", "50.00%"), ("36", "100.00%"),
        ("37", "25.00%"), ("小计 subtotal 本级单位", "62.50%"), ("合计 total", "58.33%"),
    ] == [(row[0], row[rate]) for row in rows[top + 1:]]
    page = RENDERS["html"](told).decode()
    assert page.index("小计 subtotal 上级驻地单位") < page.index("小计 subtotal 本级单位")


def test_document_of_before_there_were_groups_is_still_drawn() -> None:
    told = document(sheet())
    del told["groups"]
    for render in RENDERS.values():
        assert render(told)


def test_screen_shows_rank_and_score_first_and_no_line_is_wider_than_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = document(in_groups())
    found["lines"][0]["names"] = ["国家电网湖北省电力有限公司黄石供电公司"]
    for band in bands(*shown(found, Speech(language="zh")), width=80):
        drawn(band)
    said = capsys.readouterr().out
    assert max(cell_len(line) for line in said.splitlines()) <= 80
    first, *_ = said.splitlines()
    assert ["名次", "责任单位", "综合得分", "等级"] == first.split()[:4]
    assert 2 <= said.count("小计 上级驻地单位")
    assert "62.50%" in said


def test_same_document_gives_the_same_bytes() -> None:
    told = document(sheet())
    for name, render in RENDERS.items():
        assert render(told) == render(json.loads(json.dumps(told))), name


def test_workbook_says_nothing_of_when_it_was_drawn() -> None:
    said = load_workbook(io.BytesIO(RENDERS["xlsx"](document(sheet())))).properties
    assert said.created == said.modified
    assert said.modified.year < 2020


def test_sheet_for_everybody_names_no_person_in_any_format() -> None:
    people = {(name, "420200"): tally(
        dispatch_tasks__done=n, dispatched_on_time__done=1, dispatched_correctly__done=1)
        for n, name in enumerate(("zhang-san", "li-si"), start=1)}
    closed = sheet("dispatcher", people, where={"actor": "zhang-san", "area*": "4202"},
                   names={"zhang-san": "张三"})
    told = document(opened(closed))
    assert [line["key"] for line in told["lines"]] == [["1"], ["2"]]
    assert told["open"]
    for name, render in RENDERS.items():
        data = render(told)
        if name == "xlsx":
            book = load_workbook(io.BytesIO(data))
            data = " ".join(
                str(cell.value) for leaf in book for row in leaf for cell in row).encode()
        for person in ("zhang-san", "li-si", "张三"):
            assert person.encode() not in data, (name, person)
    assert [line["counts"] for line in told["lines"]] == [
        line["counts"] for line in document(closed)["lines"]]


def test_sheets_that_differ_say_in_what() -> None:
    ours = document(sheet())
    assert unlike(ours, document(sheet())) == ()
    other = {key: {**counts} for key, counts in UNITS.items()}
    other[("420203001",)][Shown(counter="handled", window="handle")] = 3
    other[("new",)] = tally(taken__taken=2)
    theirs = document(sheet(tallies=other, where={}))
    found = {(one.key, one.figure): (one.ours, one.theirs) for one in unlike(ours, theirs)}
    assert found[((), "filter")] == ("{'filing_node': '420200'}", "{}")
    assert found[(("420203001",), "handled@handle")] == ("2", "3")
    assert found[(("420203001",), "handling")] == ("[2, 3]", "[1, 1]")
    assert found[(("new",), "line")] == ("", "there")
