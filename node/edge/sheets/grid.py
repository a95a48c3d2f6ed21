"""A document as rows of cells, the same for every kind of file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from node.core.clock import BEIJING
from node.service.evaluation.sheet import printed
from node.service.instants import minute_in

NO_DATA = "—"
"""Shown where a denominator is zero: it is neither 0 nor 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """``text`` for people; ``number`` for a spreadsheet (None = it is text); ``percent``: the
    number is a share of one. ``colour`` is the grade's, "" = none."""

    text: str
    number: Fraction | int | None = None
    percent: bool = False
    colour: str = ""


def about(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the sheet is about: Chinese, English, value."""
    definition = document["definition"]
    chosen = "; ".join(f"{name}={value}" for name, value in document["filter"].items())
    return [
        ("对象", "subject", f"{document['subject']['zh']} {document['subject']['en']}"),
        ("周期", "period", document["period"]),
        ("起止", "from – to", f"{minute_in(document['begins'])} – {minute_in(document['ends'])}"),
        ("截至", "as of", _second(document["as_of"])),
        ("出具单位", "node", f"{document['node_name']} {document['node']}"),
        ("筛选条件", "filter", chosen or "无 none"),
        ("指标版本", "indicators", f"{definition['version']} {definition['title']}"),
        ("指标摘要", "digest", f"sha256:{definition['digest']}"),
    ]


def headings(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Chinese, English, and what stands below them (a formula, a window, a weight)."""
    found = []
    for column in document["columns"]:
        below = ""
        if column["of"] == "rate":
            below = f"{column['numerator']} / {column['denominator']}"
        elif column["of"] == "count":
            below = column["window_zh"]
        elif column["of"] == "part":
            weight = printed(column["weight"], percent=True)
            below = f"权重 {weight}"
        found.append((column["zh"], column["en"], below))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines that stand together; ``sums`` is what they come to, empty where nothing is in
    groups."""

    lines: list[list[Cell]]
    sums: list[Cell]


def blocks(document: Mapping[str, Any]) -> list[Block]:
    """The cells of every line, in the order of the columns: group by group where there are any. A
    document of before there were groups has none."""
    groups, columns = document.get("groups", ()), document["columns"]
    if not groups:
        return [Block(lines=[_line(columns, one, {}) for one in document["lines"]], sums=[])]
    called = {one["key"]: one["zh"] for one in groups}
    return [
        Block(
            lines=[_line(columns, line, called) for line in document["lines"]
                   if line["group"] == one["key"]],
            sums=_sums(document, one, f"小计 subtotal {one['zh']}"),
        )
        for one in groups
    ]


def rows(document: Mapping[str, Any]) -> list[list[Cell]]:
    """Every line with the sums of groups and the total in their places."""
    found = []
    for block in blocks(document):
        found += block.lines
        found += [block.sums] if block.sums else []
    return [*found, total(document)]


def total(document: Mapping[str, Any]) -> list[Cell]:
    """The last line: what all lines count together, and the rates of that."""
    return _sums(document, document["total"], "合计 total")


def _sums(document: Mapping[str, Any], sums: Mapping[str, Any], title: str) -> list[Cell]:
    cells = []
    for column in document["columns"]:
        if column["of"] == "count":
            cells.append(_number(sums["counts"][column["name"]]))
        elif column["of"] == "rate":
            cells.append(_share(sums["rates"][column["name"]], percent=True))
        else:
            cells.append(Cell(text=""))
    cells[0] = Cell(text=title)
    return cells


def _line(
    columns: Sequence[Mapping[str, Any]], line: Mapping[str, Any], groups: Mapping[str, str]
) -> list[Cell]:
    cells: list[Cell] = []
    keys = iter(zip(line["key"], line["names"] or [""] * len(line["key"]), strict=True))
    parts = iter(line["parts"])
    for column in columns:
        of = column["of"]
        if of == "key":
            key, name = next(keys)
            cells.append(Cell(text=f"{name} {key}".strip()))
        elif of == "group":
            cells.append(Cell(text=groups.get(line["group"], line["group"])))
        elif of == "count":
            cells.append(_number(line["counts"][column["name"]]))
        elif of == "rate":
            cells.append(_share(line["rates"][column["name"]], percent=True))
        elif of == "part":
            cells.append(_share(next(parts)["value"], percent=False))
        elif of == "score":
            cell = _share(line["score"], percent=False)
            mark = "*" if line["partial"] and line["score"] is not None else ""
            cells.append(Cell(text=cell.text + mark, number=cell.number))
        elif of == "grade":
            cells.append(Cell(text=line["grade"] or NO_DATA, colour=line["colour"]))
        else:
            rank = line["rank"]
            cells.append(Cell(text=NO_DATA) if rank is None else _number(rank))
    return cells


def _number(count: int) -> Cell:
    return Cell(text=str(count), number=count)


def _share(fraction: Sequence[int] | None, *, percent: bool) -> Cell:
    if fraction is None:
        return Cell(text=NO_DATA)
    return Cell(
        text=printed(fraction, percent=percent),
        number=Fraction(fraction[0], fraction[1]),
        percent=percent,
    )


def _second(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
