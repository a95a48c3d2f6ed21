"""The ground of the example city: what its generator makes, written to files for the importers.

``grids.py`` of the example is a program of its own; it is run here as a file, not imported as a
part of wanmi.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from node.cli.demo.federation import Trouble

MODULE = "wanmi_example_ground"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place where something may happen: a point in a unit grid of a street."""

    lon: float
    lat: float
    street: str
    grid: str


def generate(example: Path, folder: Path) -> None:
    """Write the files of the generator below ``folder``."""
    _generator(example).write(folder)


def spots(folder: Path) -> dict[str, tuple[Spot, ...]]:
    """One spot in the middle of each unit grid that was written to ``folder``, by street."""
    told = json.loads((folder / "unit_grids.geojson").read_text(encoding="utf-8"))
    found: dict[str, list[Spot]] = {}
    for feature in told["features"]:
        code = feature["properties"]["code"]
        ring = feature["geometry"]["coordinates"][0][:-1]
        found.setdefault(code[:9], []).append(Spot(
            lon=_middle(ring, 0), lat=_middle(ring, 1), street=code[:9], grid=code))
    return {street: tuple(own) for street, own in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A component as the register has it; ``answerable`` is who keeps it up today, else owns it,
    by name."""

    code: str
    class_code: str
    lon: float
    lat: float
    grid: str
    answerable: str


def things(folder: Path, today: date) -> dict[str, tuple[Thing, ...]]:
    """The components that were written to ``folder``, by street."""
    found: dict[str, list[Thing]] = {}
    with (folder / "components.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            ends = row["maintained_to"]
            kept_up = not ends or ends >= today.strftime("%Y%m%d")
            found.setdefault(row["SZJDDM"], []).append(Thing(
                code=row["GLBJBSM"], class_code=row["type_code"], lon=float(row["lon"]),
                lat=float(row["lat"]), grid=row["SZDYWGBSM"],
                answerable=row["YHDWMC"] if kept_up else row["QSDWMC"]))
    return {street: tuple(own) for street, own in found.items()}


def near(spot: Spot, random: Random) -> tuple[float, float]:
    """A point some metres beside the middle, still inside the grid."""
    return (round(spot.lon + random.uniform(-0.0002, 0.0002), 6),
            round(spot.lat + random.uniform(-0.0002, 0.0002), 6))


def _middle(ring: list[list[float]], axis: int) -> float:
    return sum(point[axis] for point in ring) / len(ring)


def _generator(example: Path) -> Any:
    path = example / "grids.py"
    spec = importlib.util.spec_from_file_location(MODULE, path)
    if spec is None or spec.loader is None:
        raise Trouble(f"the generator of the example is not here: {path}")
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
