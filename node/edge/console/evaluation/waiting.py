"""How far figures are that are not there yet, for the page that waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from node.edge.console.visit import Visit
from node.service.evaluation.jobs import Working


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """``path`` is asked again; ``share`` in percent, None = nobody knows."""

    path: str
    share: int | None
    said: str
    waited: str


def waiting(visit: Visit, working: Working, path: str) -> Waiting:
    """First the rows of the cases are brought up to date, then sheets are counted."""
    say, rows = visit.say, visit.desk.boards.advance
    if rows is not None and rows[1] > 0:
        share, said = 100 * rows[0] // rows[1], say(
            "正在更新统计数据：%(done)s / %(all)s", done=rows[0], all=rows[1])
    else:
        share, said = 100 * working.done // max(1, working.total), say(
            "正在统计：%(done)s / %(all)s 期", done=working.done, all=working.total)
    return Waiting(
        path=path, share=min(share, 100) or None, said=said,
        waited=say("已用 %(seconds)s 秒", seconds=round(working.waited_s)))
