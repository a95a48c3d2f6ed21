"""What a clerk reads on a screen of 80 columns."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from node.cli import app, case_page
from node.cli.cases import group
from node.cli.lines import laid
from node.cli.speech import Speech
from node.service.case_words import VERBS

CASE: dict[str, Any] = {
    "case_no": "4202002026112600009", "status": "dispatched", "area": "420203",
    "name": "雨水井盖异常", "assignee": "adapter:municipal",
    "finish_by": "2026-11-30T08:00:00+08:00", "light": "green",
}


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_table_too_wide_for_the_screen_loses_no_column(
    capsys: pytest.CaptureFixture[str], language: str
) -> None:
    Speech(language=language).table(
        ("case_no", "status", "area", "name", "assignee", "finish_by", "light"), [CASE, CASE])
    said = capsys.readouterr().out
    assert said.count("雨水井盖异常") == 2
    assert said.count("adapter:municipal") == 2
    assert all(cell_len(line) <= 80 for line in said.splitlines())
    assert all(line.strip() for line in said.splitlines())


def test_a_table_that_fits_stays_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    Speech(language="zh").table(("case_no", "status", "name"), [CASE])
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_pieces_are_laid_out_within_the_width_and_kept_whole() -> None:
    lines = laid(["提请协调 coordinate"] * 5, 40, indent=2)
    assert all(cell_len(line) <= 40 and line.startswith("  提请") for line in lines)
    assert " ".join(lines).count("提请协调 coordinate") == 5
    assert laid(["界" * 50], 40, indent=2) == ["  " + "界" * 19, "  " + "界" * 19, "  " + "界" * 12]


def test_the_verbs_of_a_case_are_named_as_they_are_typed() -> None:
    commands = {one.name for one in group.registered_commands}
    assert {case_page.TYPED.get(verb, verb) for verb in VERBS} <= commands


def _document(**more: object) -> dict[str, Any]:
    return {
        "case_no": "4202002026112600005", "case_id": "x", "version": 3, "status": "reported",
        "facts": {"text": "井盖松动", "place": {"area": "420203", "address": "颐阳路12号",
                                          "grid": "420203011001022"},
                  "category": {"standard_ref": "GB/T 47678.5-2026", "kind": "matter",
                               "code": "01003", "name": "雨水井盖异常"},
                  "source": "media", "source_details": {"outlet": "东楚晚报"}},
        "assignments": [], "clocks": [], "bonds": [], "requests": [], "supervisions": [],
        "sources": {"classes": [], "sources": [
            {"code": "media", "zh": "媒体曝光", "en": "media",
             "details": [{"key": "outlet", "zh": "媒体名称", "en": "outlet"}]}]},
        "late": [{"cause": "m-7", "adopted": False}, {"cause": "m-6", "adopted": True}],
        "photos": [{}, {}], "verbs": list(VERBS), **more,
    }


def test_a_case_on_the_screen_says_class_source_and_kin(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kin = {"case_id": "y", "case_no": "4202002026112600001", "status": "pending_filing"}
    case_page.draw(Speech(language="zh"), _document(
        duplicate_of=kin, reopened_as=kin, similar=[kin], no_owner=True,
        condition={"condition_no": 3, "filing": "松动翘起"}))
    said = capsys.readouterr().out
    for word in ("雨水井盖异常", "01003", "420203011001022", "媒体曝光", "媒体名称 东楚晚报",
                 "照片 2 张", "重复于 4202002026112600001", "相似上报 4202002026112600001",
                 "松动翘起", "重办为 4202002026112600001", "无责任主体"):
        assert word in said
    assert all(cell_len(line) <= 80 for line in said.splitlines() if "相似" not in line)


def test_codes_in_tables_have_chinese_names(capsys: pytest.CaptureFixture[str]) -> None:
    Speech(language="zh").table(("state", "kind", "origin"), [
        {"state": "lost", "kind": "workday", "origin": "statutory"}])
    assert capsys.readouterr().out.splitlines()[1].split() == ["丢失", "上班", "国务院"]


@pytest.mark.parametrize(("line", "said"), [
    (["case", "ask", "x", "回退", "--reason", "x", "--text", "x"],
     "“回退”不在可选值中；可写：return, extension"),
    (["import", "gazetteer", "nosuch.csv"], "没有“nosuch.csv”这个文件或目录"),
])
def test_a_value_that_cannot_be_is_refused_in_chinese(
    line: list[str], said: str, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["wanmi", *line])
    monkeypatch.setenv("WANMI_LANG", "zh")
    with pytest.raises(SystemExit):
        app(line)
    told = capfd.readouterr().err
    assert said in told
    assert "Value error" not in told
