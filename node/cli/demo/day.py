"""A compressed day in the life of a city, planned from a seed.

The plan says what is reported and what goes wrong on the way; it never says how the nodes react.
Same seed, same day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from random import Random

from node.cli.demo.ground import Spot, Thing, near, spots, things
from node.cli.demo.pictures import picture
from node.cli.demo.reports import Report, report_by
from node.cli.demo.sheets import Condition, Sheets


class Twist(StrEnum):
    """What makes a case more than routine."""

    NONE = "none"
    MISDIRECTED = "misdirected"  # sent to the wrong district first: it asks to return it
    REWORK = "rework"            # the first check on site fails
    DECLINED = "declined"        # not filed
    CROSSING = "crossing"        # withdrawn while the feedback is on its way
    UNFOUNDED = "unfounded"      # nothing is found on site before filing: not accepted
    DUPLICATE = "duplicate"      # somebody else has reported it before
    SELF_HANDLED = "self_handled"  # the collector puts it right at once
    ASSISTED = "assisted"        # another unit helps the lead
    HAPPY = "happy"              # the reporter rates the result
    UNHAPPY = "unhappy"          # the reporter is not content: it is taken up again
    EXTENDED = "extended"        # more time is asked for and given
    SUSPENDED = "suspended"      # street, district and city let it wait for a while
    PRESSED = "pressed"          # nothing happens until the centre hurries
    SUPERVISED = "supervised"    # a leader wants an answer
    APPEALED = "appealed"        # late without fault: two reviews lift the mark
    FORCED = "forced"            # closed as it stands
    VOIDED = "voided"            # should not exist
    NO_OWNER = "no_owner"        # nobody responsible can be named: the area takes it
    COORDINATED = "coordinated"  # several bodies are concerned: the committee names the lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One problem of the day. ``lead`` is who should get it, ``wrong`` whom a misdirected case
    goes to first, ``original`` the number of the problem that a duplicate repeats (0 = none)."""

    number: int
    condition: Condition
    area: str
    address: str
    lon: float
    lat: float
    grid: str
    report: Report
    urgent: bool
    twist: Twist
    lead: str
    wrong: str
    photos: tuple[bytes, bytes]
    component: str = ""
    original: int = 0


DISTRICTS = "node:42020"
"""How the addresses of districts begin."""
HANDED_ON = ("420203008",)
"""Areas whose cases the district hands to a street with a node of its own."""
WEIGHTS = {"420203008": 30}
"""How much happens where: streets not named here count 10."""
MATTERS_FROM = "06"
COMPONENT_SHARE = 0.3
"""Of all problems, those with a thing that somebody owns: more than in life, where it is a
twentieth, because otherwise the units of the city would have nothing to do."""
BUSY = {"node:4202U36": 5, "adapter:telecom": 5}
"""Units with a system of their own get more than their share: that is where trouble can start."""
CALLS = ("hotline", "hotline_12345", "website")
OWNERLESS = "01023"
"""The class of things of which nobody knows whose they are (不明井盖)."""
CROSSINGS = 2


def plan(
    *, example: Path, ground: Path, city: str, seed: int, cases: int, crossed: str
) -> list[Planned]:
    """Plan ``cases`` problems from the sheets of the example. ``crossed``: the district whose
    first cases of its own are withdrawn while their feedback is on its way."""
    random = Random(seed)
    sheets = Sheets.read(example, city)
    town = Town(sheets=sheets, spots=spots(ground), things=things(ground, date.today()))  # noqa: DTZ011 - upkeep counts in local days
    problems = [_problem(random, number, town) for number in range(1, cases + 1)]
    own = [n for n, one in enumerate(problems)
           if one.lead == f"node:{crossed}" and one.area not in HANDED_ON]
    for n in own[:CROSSINGS]:
        problems[n] = replace(problems[n], twist=Twist.CROSSING)
    for twist, share, fits in _TWISTS:
        followed = {one.original for one in problems}
        left = [n for n, one in enumerate(problems)
                if one.twist is Twist.NONE and one.number not in followed and fits(one)]
        for n in sorted(random.sample(left, min(len(left), max(1, round(share * cases))))):
            problems[n] = _twisted(problems[n], twist, problems, sheets, random)
    return problems


Fits = Callable[[Planned], bool]


def _anything(one: Planned) -> bool:  # noqa: ARG001
    return True


def _to_a_district(one: Planned) -> bool:
    return one.lead.startswith(DISTRICTS)


def _in_the_districts_hands(one: Planned) -> bool:
    return _to_a_district(one) and one.area not in HANDED_ON


def _in_the_streets_hands(one: Planned) -> bool:
    return _to_a_district(one) and one.area in HANDED_ON


def _called_in(one: Planned) -> bool:
    return one.report.source in CALLS


def _seen_on_patrol(one: Planned) -> bool:
    return one.report.source == "collector"


_TWISTS: tuple[tuple[Twist, float, Fits], ...] = (
    (Twist.UNFOUNDED, 0.02, _called_in),
    (Twist.HAPPY, 0.03, _called_in),
    (Twist.UNHAPPY, 0.01, _called_in),
    (Twist.MISDIRECTED, 0.04, _to_a_district),
    (Twist.ASSISTED, 0.015, _to_a_district),
    (Twist.SELF_HANDLED, 0.02, _seen_on_patrol),
    (Twist.EXTENDED, 0.015, _in_the_districts_hands),
    (Twist.SUSPENDED, 0.01, _in_the_streets_hands),
    (Twist.PRESSED, 0.01, _in_the_districts_hands),
    (Twist.SUPERVISED, 0.01, _in_the_districts_hands),
    (Twist.APPEALED, 0.01, _in_the_districts_hands),
    (Twist.NO_OWNER, 0.01, _in_the_districts_hands),
    (Twist.COORDINATED, 0.005, _in_the_districts_hands),
    (Twist.FORCED, 0.005, _in_the_districts_hands),
    (Twist.VOIDED, 0.005, _anything),
    (Twist.REWORK, 0.07, _anything),
    (Twist.DECLINED, 0.03, _anything),
    (Twist.DUPLICATE, 0.03, _seen_on_patrol),
)
"""Which share of the day has which twist (at least one case), and which problems it can befall."""


def _twisted(
    one: Planned, twist: Twist, problems: list[Planned], sheets: Sheets, random: Random
) -> Planned:
    if twist is Twist.NO_OWNER:
        return replace(one, twist=twist, condition=random.choice(sheets.of(OWNERLESS)))
    if twist is not Twist.DUPLICATE:
        return replace(one, twist=twist)
    before = [other for other in problems[: one.number - 1]
              if other.twist in (Twist.NONE, Twist.REWORK)]
    followed = {other.original for other in problems}
    if not before or one.number in followed:
        return one
    first = random.choice(before)
    return replace(
        one, twist=twist, original=first.number, condition=first.condition, area=first.area,
        component=first.component, address=first.address, lon=first.lon, lat=first.lat,
        grid=first.grid, lead=first.lead)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """What a plan is drawn from; spots and things by street."""

    sheets: Sheets
    spots: Mapping[str, tuple[Spot, ...]]
    things: Mapping[str, tuple[Thing, ...]]

    def thing(self, code: str, street: str, random: Random) -> Thing | None:
        """A registered thing of that class in the street, if somebody reachable answers for it."""
        found = [one for one in self.things.get(street, ())
                 if one.class_code == code and one.answerable in self.sheets.units]
        return random.choice(found) if found else None


def _problem(random: Random, number: int, town: Town) -> Planned:
    sheets, streets = town.sheets, tuple(town.spots)
    street = random.choices(streets, weights=[WEIGHTS.get(one, 10) for one in streets])[0]
    spot = random.choice(town.spots[street])
    lon, lat = near(spot, random)
    things_too = random.random() < COMPONENT_SHARE
    choices = [
        (one, lead) for one in sheets.conditions
        if (one.code < MATTERS_FROM) is things_too and (lead := sheets.lead(one.code, street))
    ]
    condition, lead = random.choices(
        choices, weights=[BUSY.get(lead, 1) for _, lead in choices])[0]
    thing = town.thing(condition.code, street, random) if things_too else None
    if thing is not None:
        lead, lon, lat = sheets.units[thing.answerable], thing.lon, thing.lat
    return Planned(
        number=number,
        condition=condition,
        area=street,
        address=f"{sheets.road(street, random)}{random.randint(1, 280)}号附近",
        lon=lon,
        lat=lat,
        grid=thing.grid if thing else spot.grid,
        component=thing.code if thing else "",
        report=report_by(random, number),
        urgent=random.random() < 0.05,
        twist=Twist.NONE,
        lead=lead,
        wrong="node:420203" if street.startswith("420202") else "node:420202",
        photos=(picture(random), picture(random)),
    )
