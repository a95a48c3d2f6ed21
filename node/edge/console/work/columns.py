"""Columns of the work list: which are shown, and by which the store sorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

COOKIE: Final = "wanmi_columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. ``sort``: what the store sorts by, "" = it does not; ``fixed``: always shown."""

    name: str
    title: str
    sort: str = ""
    fixed: bool = False
    usual: bool = True


COLUMNS: Final = (
    Column(name="light", title="时限", sort="limit", fixed=True),
    Column(name="no", title="案卷号", sort="no", fixed=True),
    Column(name="state", title="状态", sort="status"),
    Column(name="what", title="问题与地址", sort="code", fixed=True),
    Column(name="area", title="区域", usual=False),
    Column(name="source", title="来源", usual=False),
    Column(name="origin", title="来自", usual=False),
    Column(name="who", title="承办"),
    Column(name="handler", title="经办人", usual=False),
    Column(name="limit", title="办结时限", sort="limit"),
    Column(name="opened", title="登记时间", sort="opened"),
    Column(name="updated", title="更新时间", usual=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a column. ``path``: the list sorted by it, or the other way round; ``sorted``:
    ascending, descending, or "" = by something else."""

    name: str
    title: str
    path: str
    sorted: str


def shown(visit: Visit) -> tuple[Column, ...]:
    """The columns that this person's browser has chosen, else the usual ones."""
    chosen = visit.request.cookies.get(COOKIE, "").split(".")
    if chosen == [""]:
        return tuple(one for one in COLUMNS if one.usual)
    return tuple(one for one in COLUMNS if one.fixed or one.name in chosen)


def heads(visit: Visit, path: str, filters: dict[str, str], sort: str) -> list[Head]:
    """The heads of the columns that are shown, with where a click on each leads."""
    by = sort.removeprefix("-") or "opened"
    down = sort.startswith("-") or not sort
    return [
        Head(
            name=one.name, title=visit.say(one.title),
            path=f"{path}?{urlencode({**filters, 'sort': _next(one.sort, by, down=down)})}"
            if one.sort else "",
            sorted=("descending" if down else "ascending") if one.sort and one.sort == by else "",
        )
        for one in shown(visit)
    ]


def _next(sort: str, by: str, *, down: bool) -> str:
    """What is due first stands first, and what is newest; again turns it round."""
    if sort == by:
        return sort if down else f"-{sort}"
    return f"-{sort}" if sort == "opened" else sort
