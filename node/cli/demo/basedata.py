"""The base data of the example, taken over into the nodes' homes by ``wanmi import``.

The same commands that an operator gives; each file is read and checked as a whole first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Command = Callable[..., object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One file of base data: the command that takes it over, and whether every office needs it,
    those with an area (whose id is its code) or the root alone. ``made``: the generator writes it,
    it is no file of the example."""

    command: tuple[str, ...]
    file: str
    made: bool = False
    everywhere: bool = False
    areas: bool = False


TABLES: Final = (
    Table(command=("import", "conditions"), file="conditions.csv", everywhere=True),
    Table(command=("unit", "import"), file="units.csv"),
    Table(command=("import", "calendar"), file="hours.csv", everywhere=True),
    Table(command=("import", "regions"), file="regions.csv", areas=True),
    Table(command=("import", "coverage"), file="coverage.geojson", made=True),
    Table(command=("import", "grids"), file="unit_grids.geojson", made=True, areas=True),
    Table(command=("import", "grids", "--kind", "beat"), file="beats.geojson", made=True),
    Table(command=("import", "components"), file="components.csv", made=True),
    Table(command=("import", "gazetteer"), file="addresses.csv", made=True),
    Table(command=("import", "area-classes"), file="area_classes.csv", everywhere=True),
)


def lay_in(
    wanmi: Command, *, home: Path, node: str, example: Path, ground: Path, root: bool
) -> None:
    """Take over what this office needs; ``wanmi`` runs one command."""
    for table in TABLES:
        if root or table.everywhere or (table.areas and node.isdecimal()):
            folder = ground if table.made else example
            wanmi(*table.command, "--home", str(home), str(folder / table.file))
    rows = responsibilities_of(example / "responsibilities.csv", node)
    if rows:
        path = ground / f"responsibilities-{node}.csv"
        path.write_text(rows, encoding="utf-8")
        wanmi("import", "responsibilities", "--home", str(home), str(path))


def responsibilities_of(path: Path, node: str) -> str:
    """The rows of one node, as CSV; "" = it has none."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    mine = [row for row in rows if row["node"] == node]
    if not mine:
        return ""
    out = io.StringIO()
    writer = csv.DictWriter(out, tuple(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(mine)
    return out.getvalue()
