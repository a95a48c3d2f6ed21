"""The faults of one seed: which are on, and how hard they strike."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hub.carriers.port import Kind


@dataclass(slots=True)
class Profile:
    """Which faults this seed has switched on; chances per message, action or opportunity."""

    loss: float = 0.0
    double: float = 0.0
    reorder: float = 0.0
    delay_ms: int = 20
    cuts: int = 0
    crash: float = 0.0
    disk_trouble: float = 0.0
    publish_unknown: float = 0.0
    wipes: int = 0
    restores: int = 0
    new_epochs: int = 0
    zombies: int = 0
    poison: float = 0.0
    discard: float = 0.0
    skew_ms: int = 0
    damage: float = 0.0
    kinds: tuple[Kind, ...] = (Kind.GRPC,)
    words: int = 60
    burst: int = 0


def draw_profile(rng: random.Random) -> Profile:
    """A subset of all faults, so that each seed looks at another corner."""

    def some(value: float, chance: float = 0.5) -> float:
        return value if rng.random() < chance else 0.0

    return Profile(
        loss=some(rng.uniform(0.005, 0.1)),
        double=some(rng.uniform(0.01, 0.2)),
        reorder=some(rng.uniform(0.01, 0.3)),
        delay_ms=rng.choice((5, 40, 400, 3_000)),
        cuts=rng.choice((0, 0, 1, 3)),
        crash=some(rng.choice((0.002, 0.01, 0.03))),
        disk_trouble=some(0.02, 0.25),
        publish_unknown=some(0.1, 0.3),
        wipes=rng.choice((0, 0, 1)),
        poison=some(rng.choice((0.03, 0.1)), 0.6),
        discard=some(0.5, 0.3),
        skew_ms=rng.choice((0, 0, 900, 40_000)),
        damage=some(0.01, 0.2),
        kinds=rng.choice(((Kind.GRPC,), (Kind.NATS,), (Kind.GRPC, Kind.NATS),
                          (Kind.NATS, Kind.GRPC))),
        words=rng.choice((15, 40, 80)),
        burst=rng.choice((0,) * 19 + (600,)),
        restores=rng.choice((0,) * 5 + (1,)),
        new_epochs=rng.choice((0,) * 5 + (1, 2)),
        zombies=rng.choice((0,) * 11 + (1,)),
    )
