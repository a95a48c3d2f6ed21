"""Groupings of the evaluation: which key belongs to what (collectors to a firm, units to their
like, areas to a class, grids to a beat or a head, any key to the name people know it by)."""

from __future__ import annotations

from typing import Final

from node.service.evaluation.room import Member
from node.service.imports.line import Line
from node.service.imports.table import Column, Table


def _read(line: Line) -> Member:
    begins, ends = line.instant("valid_from"), line.instant("valid_to")
    if begins is not None and ends is not None and ends <= begins:
        raise line.wrong("valid_to", "group.order", begins=line["valid_from"])
    return Member(
        scheme=line["scheme"], key=line["key"], member_of=line["member_of"],
        valid_from=begins, valid_to=ends,
    )


GROUPS: Final[Table[Member]] = Table(
    name="evaluation/groups",
    columns=(
        Column(name="scheme", headings=("分组方式",), needed=True, filled=True),
        Column(name="key", headings=("编号", "成员"), needed=True, filled=True),
        Column(name="member_of", headings=("所属", "名称"), needed=True, filled=True),
        Column(name="valid_from", headings=("生效",)),
        Column(name="valid_to", headings=("失效",)),
    ),
    reader=lambda: _read,
    key=lambda row: (row.scheme, row.key, row.valid_from),
)
"""Schemes that the shipped indicators use: name, unit_group, area_class, firm, beat, grid_head,
building_head."""
