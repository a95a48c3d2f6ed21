"""The sheets of the example as the day is planned from: conditions, who leads, names of roads."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

LEADING = frozenset({"rectify", "enforce"})
"""Kinds of duty of which one makes a lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A filing condition of the example's sheet."""

    standard_ref: str
    kind: str
    code: str
    name: str
    condition_no: int
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A row of the example's responsibility table: who leads for a class in an area."""

    code: str
    area: str
    assignee: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """What the example says: conditions, who leads for them at the city, names of roads."""

    conditions: tuple[Condition, ...]
    leads: Mapping[str, tuple[Lead, ...]]
    roads: Mapping[str, tuple[str, ...]]
    units: Mapping[str, str]
    """Where the orders of a unit go, by its name; units that cannot be reached are not here."""

    @classmethod
    def read(cls, example: Path, city: str) -> Sheets:
        """Read the example's files; ``city`` is the node whose table counts."""
        leads: dict[str, list[Lead]] = {}
        for row in _rows(example / "responsibilities.csv"):
            if row["node"] == city and row["assignee"] and LEADING & set(row["duty"].split("/")):
                leads.setdefault(row["code"], []).append(
                    Lead(code=row["code"], area=row["area"], assignee=row["assignee"]))
        roads: dict[str, list[str]] = {}
        for row in _rows(example / "gazetteer.csv"):
            if row["kind"] == "road":
                roads.setdefault(row["area"], []).append(row["text"])
        return cls(
            conditions=tuple(
                Condition(
                    standard_ref=row["standard_ref"], kind=row["kind"], code=row["code"],
                    name=row["name"], condition_no=int(row["condition_no"]),
                    condition=row["condition"],
                )
                for row in _rows(example / "conditions.csv") if not row["area_class"]
            ),
            leads={code: tuple(rows) for code, rows in leads.items()},
            units={row["name"]: row["address"] for row in _rows(example / "units.csv")
                   if row["address"]},
            roads={area: tuple(names) for area, names in roads.items()},
        )

    def of(self, code: str) -> tuple[Condition, ...]:
        """The conditions of one class."""
        return tuple(one for one in self.conditions if one.code == code)

    def lead(self, code: str, area: str) -> str:
        """Who leads there and can be reached; "" = nobody, or nobody alone."""
        fitting = [one for one in self.leads.get(code, ()) if area.startswith(one.area)]
        nearest = max((len(one.area) for one in fitting), default=0)
        found = {one.assignee for one in fitting if len(one.area) == nearest}
        return found.pop() if len(found) == 1 else ""

    def road(self, area: str, random: Random) -> str:
        """A road of the district that the area lies in."""
        return random.choice(next(
            names for district, names in self.roads.items() if area.startswith(district)))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
