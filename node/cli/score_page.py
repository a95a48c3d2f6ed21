"""A sheet of the evaluation on a screen that is too narrow for it: rank and score first, then the
rates, a band of columns at a time, each band with the names of the lines before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.cli.speech import Speech
from node.service.evaluation.sheet import printed

NO_DATA: Final = "—"
HEADING_WIDTH_MAX: Final = 12
"""A longer heading is folded: it must not make a column of figures wide."""
NAME_WIDTH_MAX: Final = 26
"""Of the column that names a line; longer names are folded."""
GAP: Final = 2
FIRST: Final = ("rank", "key", "score", "grade")
"""What a clerk looks for; the rates follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. ``names`` the line (repeated in every band); ``figure``: set to the right."""

    title: str
    cells: tuple[str, ...]
    names: bool = False
    figure: bool = False

    def width(self) -> int:
        """Cells of the screen: a Chinese character takes two."""
        from rich.cells import cell_len

        widest = max((cell_len(cell) for cell in self.cells), default=1)
        limit = NAME_WIDTH_MAX if self.names else max(widest, HEADING_WIDTH_MAX)
        return min(max(widest, min(cell_len(self.title), HEADING_WIDTH_MAX)), limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Columns that fit side by side. ``sums``: the lines that are sums of others."""

    columns: tuple[Column, ...]
    sums: frozenset[int]


def shown(sheet: Mapping[str, Any], speech: Speech) -> tuple[list[Column], frozenset[int]]:
    """The columns of a sheet but for counts and parts, in the order in which they are looked for,
    group by group with subtotals; and which lines are sums."""
    lines, sums = _lines(sheet, speech)
    # The sum below the lines of a group names it: no column says so once more.
    chosen = [one for one in sheet["columns"] if one["of"] not in ("count", "part", "group")]
    order = {of: place for place, of in enumerate(FIRST)}
    chosen.sort(key=lambda one: order.get(one["of"], len(order)))
    keys = [one for one in sheet["columns"] if one["of"] == "key"]
    columns = [
        Column(
            title=_title(one, speech),
            cells=tuple(
                _cell(one, keys, line, sums=place in sums) for place, line in enumerate(lines)),
            names=one["of"] == "key",
            figure=one["of"] not in ("key", "grade"),
        )
        for one in chosen
    ]
    return columns, sums


def _title(column: Mapping[str, Any], speech: Speech) -> str:
    if column["of"] == "score":  # the head has said whose
        return speech.t("evaluate.score")
    return str(column["en"] if speech.language == "en" else column["zh"])


def _lines(
    sheet: Mapping[str, Any], speech: Speech
) -> tuple[list[Mapping[str, Any]], frozenset[int]]:
    found: list[Mapping[str, Any]] = []
    sums = set()
    width = len(sheet["lines"][0]["key"]) if sheet["lines"] else 1
    groups = sheet["groups"]
    for one in groups:
        found += [line for line in sheet["lines"] if line["group"] == one["key"]]
        name = speech.t("evaluate.together", name=one["en" if speech.language == "en" else "zh"])
        sums.add(len(found))
        found.append({**one, "names": [], "key": [name, *[""] * (width - 1)]})
    if not groups:
        found += sheet["lines"]
    if len(sheet["lines"]) > 1 and len(groups) != 1:
        sums.add(len(found))
        name = speech.t("evaluate.total")
        found.append({**sheet["total"], "names": [], "key": [name, *[""] * (width - 1)]})
    return found, frozenset(sums)


def _cell(
    column: Mapping[str, Any], keys: Sequence[Mapping[str, Any]], line: Mapping[str, Any], *,
    sums: bool,
) -> str:
    of = column["of"]
    if of == "key":
        place = keys.index(column)
        name = line["names"][place] if line["names"] else ""
        return f"{name} {line['key'][place]}".strip()
    if of == "rate":
        return printed(line["rates"][column["name"]], percent=True) or NO_DATA
    if sums:  # is not ranked
        return ""
    if of == "score":
        points = printed(line["score"], percent=False)
        return f"{points}*" if points and line["partial"] else points or NO_DATA
    return str(line[of]) if line[of] not in (None, "") else NO_DATA


def bands(columns: Sequence[Column], sums: frozenset[int], *, width: int) -> Iterator[Band]:
    """Bands no wider than the screen; one column at least in each."""
    if not columns or not columns[0].cells:
        return
    naming = [one for one in columns if one.names]
    taken = list[Column]()
    for column in columns:
        before = [*naming, *(one for one in taken if not one.names)]
        if any(not one.names for one in taken) and _wide([*before, column]) > width:
            yield Band(columns=tuple(taken), sums=sums)
            taken = list(naming)
        if column not in taken:
            taken.append(column)
    yield Band(columns=tuple(taken), sums=sums)


def _wide(columns: Sequence[Column]) -> int:
    distinct = list(dict.fromkeys(columns))
    return sum(one.width() + GAP for one in distinct) - GAP


def screen_width() -> int:
    """Cells across the screen."""
    from rich.console import Console

    return Console().width


def drawn(band: Band) -> None:
    """Print one band."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in band.columns:
        table.add_column(
            escape(column.title), justify="right" if column.figure else "left", overflow="fold",
            min_width=column.width(), max_width=column.width())
    for place in range(len(band.columns[0].cells)):
        cells = [escape(column.cells[place]) for column in band.columns]
        table.add_row(*cells, style="bold" if place in band.sums else "")
    Console().print(table)
