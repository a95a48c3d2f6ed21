"""Classes of area (zone A of the zones, say), on which limits may depend."""

from __future__ import annotations

import re
from typing import Final

from node.service.imports.line import Line
from node.service.imports.table import Column, Table
from node.service.standards.views import AreaClassRow


def _read(line: Line) -> AreaClassRow:
    if not re.fullmatch(r"[0-9A-Z]{0,18}", line["area"]):
        raise line.wrong("area", "cell.area")
    dimension = line["dimension"] or "area"
    line.put("dimension", dimension)
    return AreaClassRow(dimension=dimension, area=line["area"], area_class=line["area_class"])


AREA_CLASSES: Final[Table[AreaClassRow]] = Table(
    name="area-classes",
    columns=(
        Column(name="dimension", headings=("区域分类方式",)),
        Column(name="area", headings=("区域", "区划", "区划代码"), needed=True),
        Column(name="area_class", headings=("区域类别",), needed=True, filled=True),
    ),
    reader=lambda: _read,
    key=lambda row: (row.dimension, row.area),
)
"""``area`` is the beginning of a division or grid code; an empty cell means everywhere else."""
