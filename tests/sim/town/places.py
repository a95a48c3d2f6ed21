"""The town: who is whose child, which units hang on which office, and the weather of a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hub.carriers.port import Kind
from hub.ids import NodeId
from node.core.context import Relay
from node.core.facts import RequestKind
from tests.sim.fabric.world import Profile

CITY = NodeId("420200")
PARENTS: dict[NodeId, NodeId | None] = {
    CITY: None,
    NodeId("420202"): CITY,
    NodeId("420203"): CITY,
    NodeId("420202001"): NodeId("420202"),
    NodeId("420202002"): NodeId("420202"),
    NodeId("420203001"): NodeId("420203"),
}
"""Parents before children, so that offices are founded in this order."""
UNITS: dict[NodeId, tuple[str, ...]] = {
    NodeId("420202001"): ("water",),
    NodeId("420203"): ("gas",),
}
STANDARD = "GB/T 47678.5-2026"
ROUTES: tuple[tuple[NodeId, str, str], ...] = (
    (CITY, "420202", "node:420202"),
    (CITY, "420203", "node:420203"),
    (NodeId("420202"), "420202001", "node:420202001"),
    (NodeId("420202"), "420202002", "node:420202002"),
    (NodeId("420203"), "420203001", "node:420203001"),
    (NodeId("420203"), "420203002", "adapter:gas"),
    (NodeId("420202001"), "420202001", "adapter:water"),
)
"""Responsibility: office, area, assignee."""
AREAS = ("420202001", "420202002", "420203001", "420203002", "420203003")
"""The last one is nobody's: routing must leave it to a person."""


ARRANGEMENTS: dict[str, tuple[str, str, str]] = {
    "two levels of command": ("city", "command_only", "street"),
    "the area goes first": ("four_stages", "command_only", "unit"),
    "own reports below": ("city", "own_intake_below", "street"),
    "districts of their own": ("city", "district", "own_intake_below"),
    "both levels in one node": ("both_levels_one_node", "district", "unit"),
    "an area on top": ("area_on_top", "own_intake_below", "street"),
}
"""How a city may be arranged: the shipped profiles of the top, of the offices below it, and of
those below them."""


def profile_of(arrangement: str, node: NodeId) -> str:
    """The profile of an office by its place in the tree, "" = everything is granted to everybody
    and no matrix of rights is asked."""
    if not arrangement:
        return ""
    depth, above = 0, PARENTS[node]
    while above is not None:
        depth, above = depth + 1, PARENTS[above]
    return ARRANGEMENTS[arrangement][depth]


@dataclass(slots=True)
class Weather(Profile):
    """The faults of the fabric, and those of a town."""

    acts: int = 60
    cases: int = 4
    unit_down: float = 0.0
    unit_silent: float = 0.0
    unit_refuses: float = 0.0
    trims: int = 0
    auto_route: float = 0.5
    relay: tuple[Relay, ...] = (Relay.AUTO,)
    short_limits: float = 0.3
    photos: float = 0.3
    asks: tuple[RequestKind, ...] = ()
    """What is asked for while somebody holds a case, if not anything."""
    even: float = 0.0
    """How often people try any verb alike, instead of what they mostly do."""
    sheets: int = 3
    arrangement: str = ""
    """One of ``ARRANGEMENTS``; "" = nobody is refused anything by right."""
    echoes: int = 0
    """How often an office says an old word again, under another message id."""


FAULTS = {
    "unit_down": "a unit's system cannot be reached",
    "unit_silent": "a unit's system does its work and its answer is lost, or never hears of it",
    "unit_refuses": "a unit's system says no",
    "trims": "an office forgets inbox rows it need not keep",
    "short_limits": "deadlines that pass while people work",
    "echoes": "an office says an old word again, under another message id",
}
"""What a town adds to the faults of the fabric."""
LESS = ("acts", "cases", "auto_route", "relay", "photos", "asks", "even", "sheets", "arrangement")


def draw_weather(seed: int) -> Weather:
    """A subset of all faults, so that each seed looks at another corner."""
    rng = random.Random(f"weather {seed}")

    def some(value: float, chance: float = 0.5) -> float:
        return value if rng.random() < chance else 0.0

    return Weather(
        loss=some(rng.uniform(0.005, 0.08)),
        double=some(rng.uniform(0.01, 0.2)),
        reorder=some(rng.uniform(0.01, 0.3)),
        delay_ms=rng.choice((5, 40, 400, 3_000)),
        cuts=rng.choice((0, 1, 3, 5)),
        one_way=rng.choice((0, 0, 0, 1, 3)),
        clogs=rng.choice((0, 0, 0, 1, 3)),
        carrier_down=rng.choice((0, 0, 0, 1, 2)),
        power=rng.choice((0, 0, 1, 2)),
        disk_full=rng.choice((0, 0, 0, 1, 2)),
        box_frames=rng.choice((0, 0, 0, 2, 8)),
        box_drops_old=rng.random() < 0.3,
        stalls=rng.choice((0, 0, 0, 1)),
        clock_steps=rng.choice((0, 0, 0, 1, 2)),
        drift_ppm=rng.choice((0, 0, 200)),
        crash=some(rng.choice((0.001, 0.004, 0.01))),
        disk_trouble=some(0.02, 0.25),
        publish_unknown=some(0.1, 0.3),
        wipes=rng.choice((0, 0, 1)),
        poison=some(rng.choice((0.03, 0.1)), 0.5),
        discard=some(0.5, 0.25),
        skew_ms=rng.choice((0, 0, 900, 40_000)),
        damage=some(0.01, 0.2),
        kinds=rng.choice(((Kind.GRPC,), (Kind.NATS,), (Kind.GRPC, Kind.NATS),
                          (Kind.NATS, Kind.GRPC))),
        new_epochs=rng.choice((0,) * 4 + (1, 2)),
        acts=rng.choice((60, 150, 400)),
        cases=rng.choice((1, 3, 6, 10)),
        unit_down=some(0.2, 0.3),
        unit_silent=some(0.2, 0.4),
        unit_refuses=some(0.2, 0.4),
        trims=rng.choice((0, 0, 1)),
        auto_route=rng.choice((0.0, 0.5, 1.0)),
        relay=rng.choice(((Relay.AUTO,), (Relay.CONFIRM,), tuple(Relay))),
        short_limits=rng.choice((0.0, 0.4)),
        photos=some(0.4),
        even=rng.choice((0.0, 0.0, 0.3)),
        mixed=(mixed := rng.random() < 0.25),
        upgrades=rng.choice((0, 2, 5)) if mixed else 0,
        burst=rng.choice((0,) * 14 + (300,)),
        sheets=rng.choice((0, 2, 6)),
        arrangement=rng.choice(tuple(ARRANGEMENTS)),
        echoes=rng.choice((0, 0, 20)),
    )
