"""The live table: one row a node, one line of what goes wrong right now, a bar for the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

NEWS_SHOWN_MAX = 6


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
    opened: int = 0
    ended: int = 0
    rows: dict[str, Row] = field(default_factory=dict)
    news: list[tuple[float, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

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
            ProgressBar(total=self.planned, completed=self.ended, width=40),
            Text(f"结案 closed {self.ended}/{self.planned}   上报 reported {self.opened}   "
                 + "   ".join(f"{word} {n}" for word, n in sorted(self.counts.items()))),
        )
        return grid

    def _table(self, rows: Mapping[str, Row]) -> Table:
        table = Table(expand=False)
        for title in ("节点 node", "", "案卷 cases", "在办 open", "链路 link to parent",
                      "待发 queued"):
            table.add_column(title, justify="right" if title[:1] in "案在待" else "left")
        for node, row in rows.items():
            table.add_row(
                f"{node} {row.name}", Text("●", style="green" if row.up else "bold red"),
                str(row.cases), str(row.open), row.link,
                Text(str(row.queued), style="yellow" if row.queued else ""))
        return table

    def _news(self, news: Sequence[tuple[float, str]]) -> Text:
        return Text("\n".join(f"{at:5.0f} s  {what}" for at, what in news[-NEWS_SHOWN_MAX:]))
