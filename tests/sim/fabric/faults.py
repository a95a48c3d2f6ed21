"""The faults of one seed: which are on, and how hard they strike."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hub.carriers.port import Kind


@dataclass(slots=True)
class Profile:
    """Which faults this seed has switched on: chances per message, action or opportunity, and
    numbers of times. ``FAULTS`` says what each one is."""

    loss: float = 0.0
    double: float = 0.0
    reorder: float = 0.0
    delay_ms: int = 20
    cuts: int = 0
    one_way: int = 0
    clogs: int = 0
    carrier_down: int = 0
    crash: float = 0.0
    power: int = 0
    lost_fsync: int = 0
    disk_trouble: float = 0.0
    disk_full: int = 0
    publish_unknown: float = 0.0
    wipes: int = 0
    box_frames: int = 0
    box_drops_old: bool = False
    stalls: int = 0
    restores: int = 0
    new_epochs: int = 0
    zombies: int = 0
    impostors: int = 0
    forgers: int = 0
    liars: int = 0
    pauses: int = 0
    takeovers: int = 0
    future_headers: bool = False
    recoveries: int = 0
    clones: int = 0
    stale: float = 0.0
    poison: float = 0.0
    discard: float = 0.0
    skew_ms: int = 0
    drift_ppm: int = 0
    clock_steps: int = 0
    damage: float = 0.0
    trust: bool = False
    rotations: int = 0
    revocations: int = 0
    renewals: int = 0
    mixed: bool = False
    upgrades: int = 0
    kinds: tuple[Kind, ...] = (Kind.GRPC,)
    words: int = 60
    burst: int = 0


FAULTS = {
    "loss": "a message vanishes; with it, at times, its stream",
    "double": "a message arrives twice, a frame is stored twice",
    "reorder": "messages overtake each other",
    "cuts": "a link is cut both ways, noticed or silently",
    "one_way": "one direction of a link is dead, the other lives",
    "clogs": "a link carries a few KiB a second, its queue fills and breaks",
    "carrier_down": "one carrier of a link fails in the middle, the other works",
    "crash": "a process dies before any action, also between commit and answer",
    "power": "the power fails: what was not synced is gone",
    "lost_fsync": "the disk lied about syncing: the last seconds are gone with the power",
    "disk_trouble": "single writes fail",
    "disk_full": "the disk is full for a while: no write succeeds, credit is 0",
    "publish_unknown": "nobody answers a publish, whether it was stored or not",
    "wipes": "the JetStream store loses everything",
    "box_frames": "a box takes only a few frames and refuses more",
    "box_drops_old": "a box drops its oldest frame instead (a wrong discard policy)",
    "stalls": "a box takes frames and delivers none for a while",
    "restores": "a node goes back to an old image of its disk",
    "new_epochs": "a person opens a new epoch, some delivered words are said again",
    "zombies": "somebody with a node's key seals a second word for a taken position",
    "impostors": "somebody with a node's key says the next word before the node does",
    "forgers": "somebody seals a word with a key of his own, or with one that was ended",
    "liars": "a peer says FENCED and shows no proof",
    "pauses": "a person pauses a link; every hello is answered, none succeeds",
    "takeovers": "a paused process goes on beside its successor, two over one database",
    "future_headers": "headers carry a field that this version does not know",
    "recoveries": "a disk is lost, a backup takes its place, persons lead it through recovery",
    "clones": "a copy of a machine works for a while, then the old machine comes back",
    "stale": "a mailbox gives a frame out minutes later, when its origin may be another copy",
    "poison": "words that park, and words that break the handler, until everything is healed",
    "discard": "people give parked words up",
    "skew_ms": "clocks differ by up to forty seconds",
    "drift_ppm": "clocks run at different speeds",
    "clock_steps": "a wall clock jumps by up to an hour, back or forth",
    "damage": "a byte of a frame is damaged under way",
    "rotations": "a child comes with new keys: accepted above, used below some time later",
    "revocations": "a child's keys are revoked; it goes on speaking",
    "renewals": "a child asks for newer papers over the link, and answers are lost",
    "mixed": "some offices read an older revision and know fewer types than others",
    "upgrades": "an office begins again with the next version, or with the one before",
    "burst": "600 words at once",
}
"""Every fault with a sentence. Tests hold this list against ``Profile``."""
LESS = ("kinds", "words", "delay_ms", "trust")
"""What of a profile is not a fault but how the world is."""


def draw_profile(seed: int) -> Profile:
    """A subset of all faults, so that each seed looks at another corner."""
    rng = random.Random(f"faults {seed}")

    def some(value: float, chance: float = 0.5) -> float:
        return value if rng.random() < chance else 0.0

    trust = rng.random() < 0.2
    mixed = rng.random() < 0.3
    apart = random.Random(f"losses {seed}")
    drawn = Profile(
        trust=trust,
        rotations=rng.choice((0, 1, 2)) if trust else 0,
        revocations=rng.choice((0, 0, 1)) if trust else 0,
        mixed=mixed,
        upgrades=rng.choice((0, 2, 5)) if mixed else 0,
        loss=some(rng.uniform(0.005, 0.1)),
        double=some(rng.uniform(0.01, 0.2)),
        reorder=some(rng.uniform(0.01, 0.3)),
        delay_ms=rng.choice((5, 40, 400, 3_000)),
        cuts=rng.choice((0, 0, 1, 3)),
        one_way=rng.choice((0, 0, 0, 1, 3)),
        clogs=rng.choice((0, 0, 0, 0, 1, 3)),
        carrier_down=rng.choice((0, 0, 0, 1, 2)),
        crash=some(rng.choice((0.002, 0.01, 0.03))),
        power=rng.choice((0, 0, 1, 3)),
        lost_fsync=rng.choice((0,) * 11 + (1,)),
        disk_trouble=some(0.02, 0.25),
        disk_full=rng.choice((0, 0, 0, 0, 1, 2)),
        publish_unknown=some(0.1, 0.3),
        wipes=rng.choice((0, 0, 1)),
        box_frames=rng.choice((0, 0, 0, 2, 8)),
        box_drops_old=rng.random() < 0.3,
        stalls=rng.choice((0, 0, 0, 1)),
        poison=some(rng.choice((0.03, 0.1)), 0.6),
        discard=some(0.5, 0.3),
        skew_ms=rng.choice((0, 0, 900, 40_000)),
        drift_ppm=rng.choice((0, 0, 200)),
        clock_steps=rng.choice((0, 0, 0, 1, 2)),
        damage=some(0.05, 0.2),
        kinds=rng.choice(((Kind.GRPC,), (Kind.NATS,), (Kind.GRPC, Kind.NATS),
                          (Kind.NATS, Kind.GRPC))),
        words=rng.choice((15, 40, 80)),
        burst=rng.choice((0,) * 19 + (600,)),
        restores=rng.choice((0,) * 5 + (1,)),
        new_epochs=rng.choice((0,) * 5 + (1, 2)),
        zombies=rng.choice((0,) * 11 + (1,)),
        impostors=rng.choice((0,) * 11 + (1,)),
        forgers=rng.choice((0, 0, 0, 0, 1, 2)),
        liars=rng.choice((0, 0, 0, 0, 1, 2)),
        pauses=rng.choice((0, 0, 0, 1)),
        takeovers=rng.choice((0, 0, 0, 0, 1)),
        future_headers=rng.random() < 0.1,
        recoveries=apart.choice((0,) * 5 + (1, 2)),
        clones=apart.choice((0,) * 15 + (1,)),
    )
    if trust:
        drawn.renewals = random.Random(f"renewals {seed}").choice((0, 0, 2, 5))
    if drawn.recoveries or drawn.clones:
        # Whoever is led through recovery is not also put back behind everybody's back.
        drawn.restores = drawn.new_epochs = drawn.lost_fsync = 0
        # Keys, versions, and whoever speaks in another's name have worlds of their own.
        drawn.trust = drawn.mixed = drawn.future_headers = False
        drawn.rotations = drawn.revocations = drawn.renewals = drawn.upgrades = 0
        drawn.impostors = drawn.forgers = drawn.liars = drawn.takeovers = drawn.zombies = 0
        drawn.stale = apart.choice((0.0, 0.0, 0.1))
    return drawn
