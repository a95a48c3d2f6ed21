"""What the demo shows: the live table, a bar for the day, news; at the end one line an invariant.

Lines never wrap: on a narrow terminal the English half is cut short, Chinese and figures stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from node.cli.demo.books import Finding

NEWS_SHOWN_MAX = 6
ENGLISH_LEAST = 12
"""Columns that the English half of an invariant keeps on the narrowest terminal."""

INVARIANTS: Mapping[str, str] = {
    "the federation comes to rest": "全部办完归于平静",
    "every case ended exactly once": "案卷各了结一次",
    "every assignment ended exactly once": "派遣各了结一次",
    "every answer a person got survived": "答复过的都在",
    "both ends of every link hold the same chain": "链路两端一致",
    "every word arrived exactly once": "报文不丢不重",
    "no word is left parked": "无挂起报文",
    "supervision is complete: each journal below arrived above": "下级日志全部上达",
    "anti-entropy finds nothing missing": "对账无缺失",
    "no work order stands twice in a legacy system": "旧系统无重单",
    "no unit works on what was called back": "撤回的无人再办",
    "every photo is whole where it is needed": "照片完整",
    "no inner limit outlasts the outer one": "内层不晚于外层",
    "every request was decided once, or became moot": "申请件件有答复",
    "every duplicate names the case that goes on": "重复件指向原件",
    "both tiers count the same": "上下级数字一致",
    "city and district evaluate alike": "考评上下一致",
    "the day had its troubles": "一天确有波折",
}
"""Invariants in Chinese, by the name the observer gives them."""


@dataclass(slots=True, kw_only=True)
class Row:
    """What the table shows of one node."""

    name: str
    up: bool = False
    cases: int = 0
    open: int = 0
    link: str = ""
    queued: int = 0


@dataclass(slots=True, kw_only=True)
class Board:
    """The state of the screen; the demo writes, ``render`` reads."""

    planned: int
    began_at: float
    began: datetime
    opened: int = 0
    ended: int = 0
    rows: dict[str, Row] = field(default_factory=dict)
    news: list[tuple[float, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    sheet: Mapping[str, Any] | None = None
    """The evaluation of the day at the root, once it is over."""

    def tell(self, at: float, sentence: str) -> None:
        """Add one line of news."""
        self.news.append((at - self.began_at, sentence))

    def render(self, now: float) -> RenderableType:
        """The screen at this moment."""
        return Group(
            self._bar(now),
            self._table(self.rows),
            Panel(self._news(self.news), title="发生了什么 what happened", title_align="left"),
        )

    def _bar(self, now: float) -> RenderableType:
        grid = Table.grid(padding=(0, 2))
        grid.add_row(
            Text(f"{now - self.began_at:5.0f} s"),
            ProgressBar(total=self.planned, completed=self.ended, width=36),
            Text(f"结案 closed {self.ended}/{self.planned}"),
        )
        counts = {"上报 reported": self.opened, **dict(sorted(self.counts.items()))}
        line = Text("         " + "  ".join(f"{word} {n}" for word, n in counts.items()),
                    style="dim", no_wrap=True, overflow="ellipsis")
        return Group(grid, line)

    def _table(self, rows: Mapping[str, Row]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column("", width=1)
        table.add_column("节点\nnode", no_wrap=True, overflow="ellipsis")
        for title in ("案卷\ncases", "在办\nopen", "待发\nqueue"):
            table.add_column(title, justify="right", no_wrap=True)
        table.add_column("链路\nlink", no_wrap=True)
        for node, row in rows.items():
            table.add_row(
                Text("●", style="green" if row.up else "bold red"), f"{node} {row.name}",
                str(row.cases), str(row.open),
                Text(str(row.queued), style="yellow" if row.queued else ""),
                Text(row.link or "-", style="" if row.link in {"UP", ""} else "yellow"))
        return table

    def _news(self, news: Sequence[tuple[float, str]]) -> Text:
        return Text("\n".join(f"{at:5.0f} s  {what}" for at, what in news[-NEWS_SHOWN_MAX:]),
                    no_wrap=True, overflow="ellipsis")


def verdicts(findings: Sequence[Finding], width: int) -> Table:
    """One line an invariant, aligned, for a terminal of this width."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False,
                  title="从外部核对的不变量 invariants, checked from outside", title_justify="left")
    chinese = [INVARIANTS.get(finding.name, "") for finding in findings]
    taken = 1 + max(map(cell_len, chinese), default=0) + max(
        (cell_len(finding.counted) for finding in findings), default=0) + 3 * 2
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", style="dim",
                     max_width=max(ENGLISH_LEAST, width - taken))
    table.add_column(justify="right", no_wrap=True)
    for finding, name in zip(findings, chinese, strict=True):
        mark = Text("✗", style="bold red") if finding.broken else Text("✓", style="green")
        table.add_row(mark, name, Text(finding.name), Text(finding.counted))
    return table
