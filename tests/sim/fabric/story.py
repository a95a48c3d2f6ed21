"""A whole life of a world: trouble, then calm, then the account is checked."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass

from tests.sim.fabric import account, losses
from tests.sim.fabric.faults import draw_profile
from tests.sim.fabric.plan import Step, draw_plan, schedule
from tests.sim.fabric.terms import TROUBLE_US
from tests.sim.fabric.trust import headers_of_the_future, no_threads
from tests.sim.fabric.world import SECOND, Mutant, Profile, World

CALM_US = 2_400 * SECOND
"""Bound of the liveness phase: several of the longest waiting times (five minutes)."""
LOOK_US = 10 * SECOND


@dataclass(frozen=True, slots=True)
class Told:
    """What a seed did, for comparing two runs and for reports."""

    seed: int
    trace: str
    words: int
    calm_after_s: float
    stopped: tuple[str, ...]
    parked: int
    struck: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A seed told otherwise than it is drawn: with another weather, without some steps, shorter."""

    profile: Profile | None = None
    steps: tuple[Step, ...] | None = None
    until: int = TROUBLE_US


def tell(seed: int, *, profile: Profile | None = None, mutant: Mutant | None = None,
         script: Script | None = None, notes: list[tuple[int, str]] | None = None) -> Told:
    """Run one seed. ``Broken`` names the invariant. ``notes`` is filled with what happened."""
    mutant = mutant or Mutant()
    script = script or Script(profile=profile)
    drawn = script.profile or draw_profile(seed)
    headers = headers_of_the_future if drawn.future_headers else nullcontext
    with mutant, no_threads(), headers():
        world = World(seed, profile=script.profile, mutant=mutant)
        world.notes = notes
        try:
            return _live(world, script)
        finally:
            for node in world.nodes.values():
                node.disk.close()


def _live(world: World, script: Script) -> Told:
    for node in world.nodes.values():
        world.at(world.rng.randint(1, 2 * SECOND), node.start_again)
    steps = script.steps
    schedule(world, draw_plan(world.seed, world.profile) if steps is None else steps)
    if world.guided:
        world.at(losses.LOOK_US, lambda: losses.operate(world))
    world.run_until(script.until)
    world.tell("no fault strikes any more")
    world.grow_calm()
    parked = sum(
        node.disk.rows("SELECT count(*) FROM inbox WHERE outcome = 'PARKED'")[0][0]
        for node in world.nodes.values()
    )
    _settle_down(world)
    account.nothing_else_waits(world)
    world.heal()
    world.utter()
    spent = _settle_down(world)
    account.check(world)
    stopped = sorted({end.state()[1].split(":")[0] for end in world.ends()
                      if end.state()[0] not in ("UP", "DOWN")})
    words = sum(len(end.said) for end in world.ends())
    return Told(world.seed, world.trace, words, spent / SECOND, tuple(stopped), parked,
                world.struck)


def _settle_down(world: World) -> int:
    """Run until every link is quiet or stands still with a reason; how long it took."""
    began = world.now
    while world.now - began < CALM_US:
        world.run_until(world.now + LOOK_US)
        if all(account.quiet(world, end) for end in world.ends()):
            return world.now - began
    waiting = [
        f"{end.node.id}/{end.link}: {end.state()} {account.standing(end)}"
        for end in world.ends() if not account.quiet(world, end)
    ]
    raise account.Broken("I14: not quiet within the bound: " + "; ".join(waiting))
