"""The demo's screens keep to one line per thing, on narrow terminals too."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from rich.console import Console

from node.cli.demo.books import Finding
from node.cli.demo.story import screen
from node.cli.demo.table import INVARIANTS, Board, Row, verdicts

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
FINDINGS = [
    *(Finding(name=name, counted="5 links, both directions", broken=()) for name in INVARIANTS),
    Finding(name="one that has no Chinese name yet", counted="1", broken=("x",)),
]


def _lines(drawn: object, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(drawn)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().rstrip("\n").split("\n")


@pytest.mark.parametrize("width", [80, 100, 140])
def test_every_invariant_has_one_line_with_its_chinese_name_and_figure(width: int) -> None:
    lines = _lines(verdicts(FINDINGS, width), width)

    assert len(lines) == 1 + len(FINDINGS)
    assert all(cell_len(line) <= width for line in lines)
    for finding, line in zip(FINDINGS, lines[1:], strict=True):
        assert INVARIANTS.get(finding.name, "") in line
        assert line.rstrip().endswith(finding.counted)
        assert line.startswith("✗" if finding.broken else "✓")


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_live_board_never_wraps(width: int) -> None:
    board = Board(planned=320, began_at=0.0, began=BEGAN, opened=320, ended=58, counts={
        "不立案 declined": 5, "回退 returned": 14, "撤回 withdrawn": 9, "返工 reworked": 12})
    for number in range(5):
        board.rows[f"42020000{number}"] = Row(
            name="黄石市城市管理监督指挥中心", up=number % 2 == 0, cases=320, open=262, link="UP")
    for at in range(9):
        board.tell(at, "西塞山区的链路恢复 link mended; 12 crossed 撤回遇反馈" + "，很长" * 30)

    lines = _lines(board.render(60.0), width)

    assert len(lines) == 2 + (1 + 3 + 5 + 1) + (6 + 2)
    assert all(cell_len(line) <= width for line in lines)
    assert sum("黄石市" in line for line in lines) == 5


def test_what_the_screen_shows_never_stands_among_what_a_command_says() -> None:
    shown, said = io.StringIO(), io.StringIO()
    with redirect_stdout(shown):
        console = screen()
    with redirect_stdout(said):
        print("{}")
        console.print("making accounts")
    assert (shown.getvalue(), said.getvalue()) == ("making accounts\n", "{}\n")
