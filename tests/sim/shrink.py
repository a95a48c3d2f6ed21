"""A failing seed becomes a short story: faults are left out one at a time, then steps, then time.

What is left still breaks the same promise. The story is the list of what happened in the shortest
life found, numbered, in order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.sim.fabric import story as fabric
from tests.sim.fabric.faults import FAULTS, draw_profile
from tests.sim.fabric.plan import Step
from tests.sim.fabric.plan import draw_plan as fabric_plan
from tests.sim.fabric.terms import SECOND, TROUBLE_US
from tests.sim.fabric.world import Mutant
from tests.sim.town import places
from tests.sim.town import story as town

RUNS_MAX = 250
"""Lives lived for one seed; a fabric's takes tens of milliseconds, a town's about a second."""
LINES_MAX = 60
PEOPLE = ("utter", "act", "crew")
"""Steps that are words rather than faults: they go after the faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One of the two simulated worlds, as far as shrinking needs it."""

    name: str
    draw: Callable[[int], Any]
    plan: Callable[[int, Any], tuple[Step, ...]]
    tell: Callable[..., Any]
    script: Callable[[Any, tuple[Step, ...], int], Any]


FABRIC = World(
    name="fabric", draw=draw_profile, plan=fabric_plan, tell=fabric.tell,
    script=lambda weather, steps, until: fabric.Script(profile=weather, steps=steps, until=until),
)
TOWN = World(
    name="town", draw=places.draw_weather, plan=town.draw_plan, tell=town.tell,
    script=lambda weather, steps, until: town.Script(weather=weather, steps=steps, until=until),
)


@dataclass(slots=True)
class Shrunk:
    """The shortest life found that breaks the same promise."""

    world: World
    seed: int
    weather: Any
    steps: tuple[Step, ...]
    until: int
    broke: str
    mutant: Mutant | None = None
    runs: int = 0
    notes: list[tuple[int, str]] = field(default_factory=list)

    def breaks(self, *, weather: Any = None, steps: Sequence[Step] | None = None,
               until: int | None = None) -> bool:
        """Does it still break the same promise like this? If so, this is the life from now on."""
        if self.runs >= RUNS_MAX:
            return False
        self.runs += 1
        weather = self.weather if weather is None else weather
        kept = tuple(self.steps if steps is None else steps)
        end = self.until if until is None else until
        notes: list[tuple[int, str]] = []
        what = _break(self.world, self.seed, weather, kept, end, self.mutant, notes)
        if not what or promise_of(what) != promise_of(self.broke):
            return False
        self.weather, self.steps, self.until = weather, kept, end
        self.broke, self.notes = what, notes
        return True

    def story(self) -> list[str]:
        """Numbered lines: what happened, and what it broke."""
        lines = [f"{n:3}. {at / SECOND:8.3f} s  {sentence}"
                 for n, (at, sentence) in enumerate(self.notes, start=1)]
        if len(lines) > LINES_MAX:
            left = len(lines) - LINES_MAX
            half = LINES_MAX // 2
            lines = [*lines[:half], f"     … {left} more …", *lines[-half:]]
        return [*lines, f"     then: {self.broke}"]

    def sentence(self) -> str:
        """One line: which faults it still takes."""
        on = [name for name in _faults(self.weather) if getattr(self.weather, name)]
        acts = sorted({step.act for step in self.steps})
        return (f"{self.broke.splitlines()[0][:100]} (takes: {', '.join(on) or 'no fault'}; "
                f"{', '.join(acts) or 'no step'}; {self.until // SECOND} s)")


def promise_of(what: str) -> str:
    """The name of what broke, without its particulars."""
    kind, _, rest = what.partition(":")
    return f"{kind}:{rest.strip()[:3]}"


def shrink(world: World, seed: int, *, mutant: Mutant | None = None,
           weather: Any = None) -> Shrunk | None:
    """The short story of a failing seed; None if it does not fail (any more)."""
    weather = world.draw(seed) if weather is None else weather
    steps = world.plan(seed, weather)
    notes: list[tuple[int, str]] = []
    broke = _break(world, seed, weather, steps, TROUBLE_US, mutant, notes)
    if not broke:
        return None
    found = Shrunk(world, seed, weather, steps, TROUBLE_US, broke, mutant, notes=notes)
    _without_faults(found)
    _without(found, [step for step in found.steps if step.act not in PEOPLE])
    _without(found, [step for step in found.steps if step.act in PEOPLE])
    _shorter(found)
    return found


def _break(world: World, seed: int, weather: Any, steps: tuple[Step, ...], until: int,
           mutant: Mutant | None, notes: list[tuple[int, str]]) -> str:
    try:
        world.tell(seed, script=world.script(weather, steps, until), mutant=mutant, notes=notes)
    except Exception as err:  # a broken promise, or a bug: both are findings
        return f"{type(err).__name__}: {err}"
    return ""


def _faults(weather: Any) -> list[str]:
    own = {one.name for one in dataclasses.fields(weather)}
    return [name for name in (*FAULTS, *places.FAULTS) if name in own]


def _without_faults(found: Shrunk) -> None:
    for name in _faults(found.weather):
        value = getattr(found.weather, name)
        if value:
            found.breaks(weather=dataclasses.replace(found.weather, **{name: type(value)(0)}))


def _without(found: Shrunk, among: list[Step]) -> None:
    """Leave out as many of these steps as possible, in blocks that get smaller."""
    size = len(among)
    while size:
        at = 0
        while at < len(among):
            gone = set(among[at:at + size])
            if found.breaks(steps=[step for step in found.steps if step not in gone]):
                among = among[:at] + among[at + size:]
            else:
                at += size
        size //= 2


def _shorter(found: Shrunk) -> None:
    """Calm earlier: what comes after that does not matter."""
    low, high = 2 * SECOND, found.until
    while high - low > 2 * SECOND:
        middle = (low + high) // 2
        steps = [step for step in found.steps if step.at < middle]
        if found.breaks(steps=steps, until=middle):
            high = middle
        else:
            low = middle
