"""Unit grids, beats, coverage and components of the example: generated, **not surveyed**.

A lattice of about 100 m by 100 m lies over the real centre of Huangshi, its inner corners pushed a
few metres about so that no two cells are alike. Streets carry their real codes; which cell belongs
to which street, the communities, the beats and every component are made up. Same seed, same files.

    python deploy/examples/huangshi/grids.py FOLDER
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

SEED = 420200
CENTRE = (115.0770, 30.2200)
"""Longitude and latitude (CGCS2000) of the middle of the lattice, in the old town of Huangshi."""
COLUMNS, ROWS = 25, 16
STEP_LON, STEP_LAT = 0.00104, 0.00090
"""About 100 m each way at 30° north."""
PUSH = 0.18
"""Share of a step by which an inner corner may move."""
WEST_COLUMNS = 13
"""Columns of the western district; the rest is the eastern one."""
STREETS = {
    # (western or eastern district, left or right half, upper or lower half)
    ("420202", 0, 0): ("420202005", "沈家营街道"),
    ("420202", 1, 0): ("420202006", "黄石港街道"),
    ("420202", 0, 1): ("420202070", "花湖街道"),
    ("420202", 1, 1): ("420202007", "胜阳港街道"),
    ("420203", 0, 0): ("420203009", "澄月街道"),
    ("420203", 1, 0): ("420203008", "八泉街道"),
    ("420203", 0, 1): ("420203007", "章山街道"),
    ("420203", 1, 1): ("420203011", "黄思湾街道"),
}
GRID_STANDARD = "GB/T 30428.1"
CLASS_STANDARD = "GB/T 47678.5-2026"
COMPONENTS = 2000
DOORS = 12
"""Address points on each road."""
INITIAL_ON = "20250301"
DUE_ON = "20270301"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A class of components: code, name, share of all, and who owns, keeps up and supervises it.
    ``built``: a share of them is still kept up by whoever built them."""

    code: str
    name: str
    share: int
    owner: str
    maintainer: str
    department: str
    built: float = 0.0


CITY = "市市政公用局"
THINGS = (
    Thing(code="01001", name="供水井盖", share=12, owner="市自来水公司",
          maintainer="市自来水公司", department=CITY),
    Thing(code="01002", name="污水井盖", share=10, owner=CITY, maintainer=CITY,
          department=CITY, built=0.15),
    Thing(code="01003", name="雨水井盖", share=12, owner=CITY, maintainer=CITY,
          department=CITY, built=0.15),
    Thing(code="01005", name="电力井盖", share=6, owner="黄石供电公司",
          maintainer="黄石供电公司", department="市发改委"),
    Thing(code="01007", name="通信井盖", share=8, owner="黄石电信", maintainer="黄石电信",
          department="黄石电信"),
    Thing(code="01027", name="通信交接箱", share=3, owner="黄石联通", maintainer="黄石联通",
          department="黄石联通"),
    Thing(code="01023", name="不明井盖", share=1, owner="", maintainer="", department=CITY),
    Thing(code="01037", name="路灯", share=14, owner="黄石供电公司",
          maintainer="黄石供电公司", department=CITY),
    Thing(code="02004", name="公交站设施", share=3, owner="黄石公交集团",
          maintainer="黄石公交集团", department="市交通局"),
    Thing(code="02012", name="路名牌", share=4, owner="市民政局", maintainer="市民政局",
          department="市民政局"),
    Thing(code="02017", name="交通护栏", share=5, owner="市公安局", maintainer="市公安局",
          department="市公安局"),
    Thing(code="03005", name="垃圾箱", share=8, owner="", maintainer="", department="市城管局"),
    Thing(code="04002", name="行道树", share=16, owner="市园林局", maintainer="市园林局",
          department="市园林局"),
    Thing(code="04007", name="街头座椅", share=4, owner="市园林局", maintainer="市园林局",
          department="市园林局", built=0.25),
)
BUILDER = "市城投公司"
PERIODS = (("20240401", "20260331"), ("20250401", "20280331"))
"""Upkeep by the builder: one period that is over, one that runs."""
STATES = ("intact",) * 96 + ("damaged",) * 3 + ("lost",)
DISTRICTS = {"420202": "黄石港区", "420203": "西塞山区"}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One unit grid; corners counter-clockwise from the south-west."""

    code: str
    street: str
    street_name: str
    community: str
    corners: tuple[Point, Point, Point, Point]


def cells() -> tuple[Cell, ...]:
    """The unit grids, numbered in each community from left to right, top to bottom."""
    corners = _corners(Random(SEED))
    numbers: Counter[str] = Counter()
    found = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            street, name = _street(column, row)
            community = f"{street}{1 + row % (ROWS // 2) // 4:03}"
            numbers[community] += 1
            found.append(Cell(
                code=f"{community}{numbers[community]:03}", street=street, street_name=name,
                community=community,
                corners=(corners[row + 1][column], corners[row + 1][column + 1],
                         corners[row][column + 1], corners[row][column]),
            ))
    return tuple(found)


def _street(column: int, row: int) -> tuple[str, str]:
    west = column < WEST_COLUMNS
    district = "420202" if west else "420203"
    within = column if west else column - WEST_COLUMNS
    half = (WEST_COLUMNS + 1) // 2 if west else (COLUMNS - WEST_COLUMNS + 1) // 2
    return STREETS[district, int(within >= half), int(row >= ROWS // 2)]


def _corners(random: Random) -> list[list[Point]]:
    """Corners by row from the north and column from the west; those of the rim stay straight."""
    west = CENTRE[0] - COLUMNS / 2 * STEP_LON
    north = CENTRE[1] + ROWS / 2 * STEP_LAT
    lines = []
    for row in range(ROWS + 1):
        line = []
        for column in range(COLUMNS + 1):
            push_lon, push_lat = (random.uniform(-PUSH, PUSH) for _ in range(2))
            inner_column, inner_row = 0 < column < COLUMNS, 0 < row < ROWS
            line.append((
                round(west + (column + push_lon * inner_column * inner_row) * STEP_LON, 6),
                round(north - (row + push_lat * inner_column * inner_row) * STEP_LAT, 6),
            ))
        lines.append(line)
    return lines


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def unit_grids() -> dict[str, Any]:
    """GeoJSON of the unit grids."""
    return _collection([
        _feature({"type": "Polygon", "coordinates": [[*cell.corners, cell.corners[0]]]},
                 code=cell.code, area=cell.community, standard=GRID_STANDARD,
                 valid_from="2026-01-01", note="示例生成，非实测")
        for cell in cells()
    ])


def beats() -> dict[str, Any]:
    """GeoJSON of the beats: the unit grids of one community each, without an outline."""
    members: dict[str, list[Cell]] = {}
    for cell in cells():
        members.setdefault(cell.community, []).append(cell)
    return _collection([
        _feature(None, code=f"B{community}", area=community,
                 name=f"{own[0].street_name}{int(community[-3:])}号巡查网格",
                 units=[cell.code for cell in own], note="示例生成，非实测")
        for community, own in sorted(members.items())
    ])


def coverage() -> dict[str, Any]:
    """GeoJSON of the area in which the method applies: the rim of the lattice."""
    corners = _corners(Random(SEED))
    rim = [
        *(corners[ROWS][column] for column in range(COLUMNS + 1)),
        *(corners[row][COLUMNS] for row in range(ROWS - 1, -1, -1)),
        *(corners[0][column] for column in range(COLUMNS - 1, -1, -1)),
        *(corners[row][0] for row in range(1, ROWS + 1)),
    ]
    return _collection([
        _feature({"type": "Polygon", "coordinates": [rim]}, code="420200-1",
                 name="黄石市中心城区（示例）", valid_from="2026-01-01"),
    ])


def components() -> Iterator[dict[str, str]]:
    """Rows of the component register under the national attribute names, with point and upkeep."""
    random = Random(SEED + 1)
    lattice = cells()
    numbers: Counter[str] = Counter()
    for _ in range(COMPONENTS):
        thing = random.choices(THINGS, weights=[one.share for one in THINGS])[0]
        cell = random.choice(lattice)
        region = cell.street[:6]
        numbers[region + thing.code] += 1
        lon, lat = _inside(cell, random)
        maintainer, period = thing.maintainer, ("", "")
        if random.random() < thing.built:
            maintainer, period = BUILDER, random.choice(PERIODS)
        owner = thing.owner
        if thing.code == "03005":  # bins belong to the district they stand in
            owner = maintainer = DISTRICTS[region]
        yield {
            "GLBJBSM": f"{region}{thing.code}{numbers[region + thing.code]:06}",
            "GLBJMC": thing.name,
            "ZGBMDM": "", "ZGBMMC": thing.department,
            "QSDWDM": "", "QSDWMC": owner,
            "YHDWDM": "", "YHDWMC": maintainer,
            "SZDYWGBSM": cell.code,
            "GLBJZT": random.choice(STATES),
            "CSRQ": INITIAL_ON, "BGRQ": "",
            "SJLY": "其他", "BZ": "示例生成，非实测",
            "SZJDDM": cell.street, "SZJDMC": cell.street_name,
            "SZSQDM": cell.community, "SZSQMC": "",
            "standard_ref": CLASS_STANDARD, "type_code": thing.code,
            "lon": f"{lon:.6f}", "lat": f"{lat:.6f}", "crs": "CGCS2000",
            "maintained_from": period[0], "maintained_to": period[1],
            "update_due_on": DUE_ON,
        }


def _inside(cell: Cell, random: Random) -> Point:
    """A point well inside a cell."""
    u, v = random.uniform(0.2, 0.8), random.uniform(0.2, 0.8)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = cell.corners
    low = (ax + (bx - ax) * u, ay + (by - ay) * u)
    high = (dx + (cx - dx) * u, dy + (cy - dy) * u)
    return (low[0] + (high[0] - low[0]) * v, low[1] + (high[1] - low[1]) * v)


def addresses() -> Iterator[dict[str, str]]:
    """Doors on the roads of ``gazetteer.csv``: real names, made-up doors."""
    random = Random(SEED + 2)
    lattice = cells()
    with (Path(__file__).parent / "gazetteer.csv").open(encoding="utf-8", newline="") as file:
        roads = [row for row in csv.DictReader(file) if row["kind"] == "road"]
    for road in roads:
        own = [cell for cell in lattice if cell.street.startswith(road["area"])]
        for door in sorted(random.sample(range(1, 281), DOORS)):
            cell = random.choice(own)
            lon, lat = _inside(cell, random)
            yield {"code": f"{road['text']}{door}号", "text": f"{road['text']}{door}号",
                   "kind": "door", "area": cell.street, "lon": f"{lon:.6f}",
                   "lat": f"{lat:.6f}", "crs": "CGCS2000"}


def write(folder: Path) -> None:
    """Write ``unit_grids.geojson``, ``beats.geojson``, ``coverage.geojson``, ``components.csv``
    and ``addresses.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, layer in (("unit_grids", unit_grids()), ("beats", beats()),
                        ("coverage", coverage())):
        text = json.dumps(layer, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{name}.geojson").write_text(text + "\n", encoding="utf-8")
    for name, rows in (("components", list(components())), ("addresses", list(addresses()))):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, tuple(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
