"""The day's evaluation as the offices themselves compute it, and whether they agree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.table import Table

from node.cli.demo.books import Edge, Finding
from node.cli.demo.desk import Desk
from node.core.calendar import BEIJING

SUBJECT = "unit"
RATES = ("handling_on_time", "leg_rework")
TAKEN = "taken@taken"
TRIES, TRY_EVERY_S = 10, 1.0
LINES_MAX = 12
"""Lines of the table; the rest is told as a number."""

Sheet = Mapping[str, Any]


async def sheets(desks: Mapping[str, Desk], began: datetime) -> dict[str, Sheet]:
    """The day's sheet of units, from every office. A day that crosses midnight is told by its
    week."""
    today, first = datetime.now(BEIJING).date(), began.astimezone(BEIJING).date()
    year, week, _ = today.isocalendar()
    period = today.isoformat() if today == first else f"{year}-W{week:02}"
    return {node: await desk.get(f"/api/v1/evaluation/{SUBJECT}", period=period)
            for node, desk in desks.items()}


async def settled(
    desks: Mapping[str, Desk], edges: Sequence[Edge], began: datetime
) -> tuple[Sheet, Finding]:
    """The root's sheet, and whether all agree, once every office has computed its rows: they
    follow the journal at a short distance."""
    root = next(iter(desks))
    for _ in range(TRIES):
        told = await sheets(desks, began)
        found = agreement(told, edges)
        if not found.broken:
            break
        await asyncio.sleep(TRY_EVERY_S)
    return told[root], found


def agreement(told: Mapping[str, Sheet], edges: Iterable[Edge]) -> Finding:
    """What a lower office counts of its units, the office above counts as well."""
    broken: list[str] = []
    figures = 0
    for edge in edges:
        above = {tuple(line["key"]): line for line in told[edge.parent]["lines"]}
        for line in told[edge.child]["lines"]:
            key = tuple(line["key"])
            other = above.get(key)
            if other is None:
                broken.append(f"{edge.link}: {'/'.join(key)} is unknown above")
                continue
            for name, count in line["counts"].items():
                figures += 1
                if other["counts"][name] != count:
                    broken.append(f"{edge.link}: {'/'.join(key)} {name} {other['counts'][name]} "
                                  f"above, {count} below")
    return Finding(name="city and district evaluate alike", counted=f"{figures} figures",
                   broken=tuple(broken))


def drawn(sheet: Sheet, called: Mapping[str, str]) -> Table:
    """The units of one office by rank; ``called`` are their names by key."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0),
                  title=f"责任单位考评 units, {sheet['period']}", title_justify="left")
    table.add_column("单位\nunit", no_wrap=True, overflow="ellipsis")
    names = {one["name"]: one["zh"] for one in sheet["columns"] if one["of"] == "rate"}
    for title in ("接收\ntaken", *(names[rate] + "\n" + ENGLISH[rate] for rate in RATES),
                  "得分\nscore", "等级\ngrade"):
        table.add_column(title, justify="right", no_wrap=True)
    for line in sheet["lines"][:LINES_MAX]:
        table.add_row(
            " ".join((called.get(line["key"][0], ""), *line["key"])).strip(),
            str(line["counts"].get(TAKEN, "")), *(_percent(line["rates"][rate]) for rate in RATES),
            _points(line["score"]), line["grade"] or "")
    return table


ENGLISH = {"handling_on_time": "on time", "leg_rework": "rework"}


def _percent(fraction: list[int] | None) -> str:
    return "—" if fraction is None else f"{100 * fraction[0] / fraction[1]:.1f} %"


def _points(fraction: list[int] | None) -> str:
    return "—" if fraction is None else f"{fraction[0] / fraction[1]:.1f}"
