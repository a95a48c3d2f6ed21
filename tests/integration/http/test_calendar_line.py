"""``wanmi calendar`` and the clocks of a case on the command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from node.cli.speech import Exit
from node.main import import_rows, migrate
from node.service.calendars import CalendarRow
from tests.integration.http.node import DISTRICT, Node, wanmi
from tests.integration.http.test_command_line import run, said

START = "2026-11-20T17:00:00+08:00"


def test_the_worked_examples_of_the_trade_come_out_of_the_command_line(node: Node) -> None:
    """20 November 2026 is a Friday."""
    for limit, until in (
        ("4工作时", "2026-11-23 11:00"), ("2紧急工作时", "2026-11-20 19:00"),
        ("2工作日", "2026-11-24 17:00"), ("1自然日", "2026-11-21 17:00"),
    ):
        result = run(node, "calendar", "due", limit, "--from", START, lang="zh")
        assert result.exit_code == Exit.OK, result.stderr
        assert result.stdout.startswith(f"{until} 到期"), result.stdout
    wrong = run(node, "calendar", "due", "soon")
    assert wrong.exit_code == Exit.REFUSED
    assert "calendar.limit" in wrong.stderr


def test_the_calendar_is_shown_and_a_sheet_makes_its_next_version(
    node: Node, tmp_path: Path
) -> None:
    before = said(node, "calendar", "show", "--year", "2032")
    sheet = tmp_path / "days.csv"
    sheet.write_text("kind,date,note\n放假,2032-05-20,城市纪念日\n", encoding="utf-8")

    taken = said(node, "import", "calendar", str(sheet))
    after = said(node, "calendar", "show", "--year", "2032")
    shown = run(node, "calendar", "show", "--year", "2032", lang="zh")

    assert (1, 1) == (taken["rows"], taken["added"])
    assert after["version"] == before["version"] + 1
    assert "城市纪念日" in shown.stdout
    check = run(node, "calendar", "check", lang="zh")
    assert check.exit_code in (Exit.OK, Exit.FOUND)
    assert "日历" in check.stdout


def test_a_case_says_on_both_clocks_how_much_is_left(node: Node) -> None:
    opened = said(
        node, "case", "open", "--standard", "GB/T 47678.5-2026", "--kind", "component",
        "--code", "01001", "--area", "420203", "--address", "颐阳路12号", "--text", "井盖缺失",
        "--source", "superior", "--detail", "ordering_body=市政府办公室")
    number = opened["case_no"]
    waiting = run(node, "case", "show", number, lang="zh")
    assert "立案环节：已用 0小时00分，剩余 0小时" in waiting.stdout
    said(node, "case", "file", number)
    said(node, "case", "dispatch", number, "--to", f"node:{DISTRICT}",
         "--finish-by", "2031-01-01T10:00:00+08:00")

    shown = run(node, "case", "show", number, lang="zh")
    english = run(node, "case", "show", number)

    assert "[绿] 全程：已用 0小时00分，剩余 " in shown.stdout
    assert f"[绿] 处置 node:{DISTRICT}：已用 0小时00分，剩余 " in shown.stdout
    assert "2031-01-01 10:00 到期" in shown.stdout
    assert f"[green] handling by node:{DISTRICT}: used 0 h 00 min" in english.stdout
    green = said(node, "case", "list", "--text", number, "--light", "green")
    assert [opened["case_id"]] == [one["case_id"] for one in green["items"]]
    assert [] == said(node, "case", "list", "--text", number, "--light", "red")["items"]


def test_a_stopped_node_takes_a_calendar_into_its_database(tmp_path: Path) -> None:
    home = tmp_path / "stopped"
    wanmi("init", "--home", str(home), "--id", "420281", "--name", "大冶", "--profile", "district")
    migrate(home)
    rows = [CalendarRow(kind="holiday", day=date(2032, 5, 20), note="城市纪念日")]
    first = import_rows(home, "calendar", rows)
    again = import_rows(home, "calendar", rows)
    assert ((1, 0), (0, 1)) == (
        (first.added, first.replaced), (again.added, again.replaced))
