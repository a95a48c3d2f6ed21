"""A compressed day in the life of a city, planned from a seed.

The plan says what is reported and what goes wrong on the way; it never says how the nodes react.
Same seed, same day.
"""

from __future__ import annotations

import csv
import struct
import zlib
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from random import Random

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
    """One problem of the day. ``wrong`` is whom a misdirected case goes to first."""

    number: int
    condition: Condition
    area: str
    address: str
    lon: float
    lat: float
    source: str
    urgent: bool
    twist: Twist
    wrong: str
    photos: tuple[bytes, bytes]


STREETS = {
    "420202": ("黄石大道", "湖滨中路", "武汉路", "天津路", "交通路"),
    "420203008": ("八泉街", "和平街", "飞云路", "沿江路"),
    "420203011": ("黄厂街", "袁海湾路"),
    "420203": ("颐阳路", "澄月路", "石料山路"),
}
CENTRE = (115.0770, 30.2200)
HANDED_ON = ("420203008",)
"""Areas whose cases the district hands to a street with a node of its own."""
OF_DISTRICTS = ("06", "07", "09")
"""Major classes that the example's table gives to the districts."""
CROSSINGS = 2


def plan(*, example: Path, seed: int, cases: int, crossed: str) -> list[Planned]:
    """Plan ``cases`` problems from ``conditions.csv`` of the example. ``crossed``: the district
    whose first cases of its own are withdrawn while their feedback is on its way."""
    random = Random(seed)
    with (example / "conditions.csv").open(encoding="utf-8", newline="") as file:
        sheet = [
            Condition(
                standard_ref=row["standard_ref"], kind=row["kind"], code=row["code"],
                name=row["name"], condition_no=int(row["condition_no"]),
                condition=row["condition"],
            )
            for row in csv.DictReader(file)
        ]
    problems = [_problem(random, number, sheet) for number in range(1, cases + 1)]
    own = [
        n for n, one in enumerate(problems)
        if one.area.startswith(crossed) and one.area not in HANDED_ON
        and one.condition.code[:2] in OF_DISTRICTS
        and one.twist in (Twist.NONE, Twist.REWORK, Twist.MISDIRECTED)
    ]
    for n in own[:CROSSINGS]:
        problems[n] = replace(problems[n], twist=Twist.CROSSING)
    return problems


def _problem(random: Random, number: int, sheet: list[Condition]) -> Planned:
    condition = random.choice(sheet)
    area = random.choices(tuple(STREETS), weights=(40, 35, 10, 15))[0]
    twist = random.choices(
        (Twist.NONE, Twist.MISDIRECTED, Twist.REWORK, Twist.DECLINED), weights=(84, 6, 7, 3))[0]
    if twist is Twist.MISDIRECTED and condition.code[:2] not in OF_DISTRICTS:
        twist = Twist.REWORK
    return Planned(
        number=number,
        condition=condition,
        area=area,
        address=f"{random.choice(STREETS[area])}{random.randint(1, 280)}号附近",
        lon=round(CENTRE[0] + random.uniform(-0.03, 0.03), 6),
        lat=round(CENTRE[1] + random.uniform(-0.02, 0.02), 6),
        source=random.choices(SOURCES, weights=(85, 8, 4, 3))[0],
        urgent=random.random() < 0.05,
        twist=twist,
        wrong="node:420203" if area.startswith("420202") else "node:420202",
        photos=(picture(random), picture(random)),
    )


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
