"""A compressed day in the life of a city, planned from a seed.

The plan says what is reported and what goes wrong on the way; it never says how the nodes react.
Same seed, same day.
"""

from __future__ import annotations

import csv
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from random import Random

from node.cli.demo.ground import Spot, near, spots

SOURCES = ("collector", "hotline", "video", "web")


class Twist(StrEnum):
    """What makes a case more than routine."""

    NONE = "none"
    MISDIRECTED = "misdirected"  # sent to the wrong district first: it asks to return it
    REWORK = "rework"            # the first check on site fails
    DECLINED = "declined"        # not filed
    CROSSING = "crossing"        # withdrawn while the feedback is on its way


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
class Planned:
    """One problem of the day. ``lead`` is who should get it, ``wrong`` whom a misdirected case
    goes to first."""

    number: int
    condition: Condition
    area: str
    address: str
    lon: float
    lat: float
    grid: str
    source: str
    urgent: bool
    twist: Twist
    lead: str
    wrong: str
    photos: tuple[bytes, bytes]


CITY_AREA = "4202"
HANDED_ON = ("420203008",)
"""Areas whose cases the district hands to a street with a node of its own."""
WEIGHTS = {"420203008": 30}
"""How much happens where: streets not named here share the rest evenly."""
MATTERS_FROM = "06"
COMPONENT_SHARE = 0.3
"""Of all problems, those with a thing that somebody owns: more than in life, where it is a
twentieth, because otherwise the units of the city would have nothing to do."""
BUSY = {"node:4202U36": 5, "adapter:telecom": 5}
"""Units with a system of their own get more than their share: that is where trouble can start."""
CROSSINGS = 2


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
            roads={area: tuple(names) for area, names in roads.items()},
        )

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


LEADING = frozenset({"rectify", "enforce"})


def plan(
    *, example: Path, ground: Path, city: str, seed: int, cases: int, crossed: str
) -> list[Planned]:
    """Plan ``cases`` problems from the sheets of the example. ``crossed``: the district whose
    first cases of its own are withdrawn while their feedback is on its way."""
    random = Random(seed)
    sheets = Sheets.read(example, city)
    places = spots(ground)
    problems = [_problem(random, number, sheets, places) for number in range(1, cases + 1)]
    own = [
        n for n, one in enumerate(problems)
        if one.area.startswith(crossed) and one.area not in HANDED_ON
        and one.lead == f"node:{crossed}"
        and one.twist in (Twist.NONE, Twist.REWORK, Twist.MISDIRECTED)
    ]
    for n in own[:CROSSINGS]:
        problems[n] = replace(problems[n], twist=Twist.CROSSING)
    return problems


def _problem(
    random: Random, number: int, sheets: Sheets, places: Mapping[str, tuple[Spot, ...]]
) -> Planned:
    streets = tuple(places)
    street = random.choices(streets, weights=[WEIGHTS.get(one, 10) for one in streets])[0]
    spot = random.choice(places[street])
    lon, lat = near(spot, random)
    things = random.random() < COMPONENT_SHARE
    choices = [
        (one, lead) for one in sheets.conditions
        if (one.code < MATTERS_FROM) is things and (lead := sheets.lead(one.code, street))
    ]
    condition, lead = random.choices(
        choices, weights=[BUSY.get(lead, 1) for _, lead in choices])[0]
    twist = random.choices(
        (Twist.NONE, Twist.MISDIRECTED, Twist.REWORK, Twist.DECLINED), weights=(84, 6, 7, 3))[0]
    if twist is Twist.MISDIRECTED and not lead.startswith("node:" + CITY_AREA + "0"):
        twist = Twist.REWORK
    return Planned(
        number=number,
        condition=condition,
        area=street,
        address=f"{sheets.road(street, random)}{random.randint(1, 280)}号附近",
        lon=lon,
        lat=lat,
        grid=spot.grid,
        source=random.choices(SOURCES, weights=(85, 8, 4, 3))[0],
        urgent=random.random() < 0.05,
        twist=twist,
        lead=lead,
        wrong="node:420203" if street.startswith("420202") else "node:420202",
        photos=(picture(random), picture(random)),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def picture(random: Random, *, width: int = 48, height: int = 36) -> bytes:
    """A small PNG (ISO/IEC 15948) that no other case has: a street of coloured blocks."""
    colours = [bytes(random.randrange(40, 230) for _ in range(3)) for _ in range(12)]
    rows = b"".join(
        b"\0" + b"".join(colours[(x // 8 + y // 6 * 5) % 12] for x in range(width))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
