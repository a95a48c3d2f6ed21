"""Every mutant is killed by some seed; a simulator that passes one is not believed.

The weather of each hunt is also run with the unbroken code, which must come through.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sim.fabric.mutants import KILLED_BY
from tests.sim.fabric.story import tell
from tests.sim.fabric.world import Mutant, Profile

SEEDS = 40
"""A hunt ends at the first kill; most mutants die within three seeds."""


@pytest.mark.parametrize(
    ("mutant", "weather", "first"), KILLED_BY, ids=[one[0].__name__ for one in KILLED_BY]
)
def test_a_mutant_is_killed(
    mutant: type[Mutant], weather: Callable[[], Profile], first: int
) -> None:
    for seed in range(first, first + SEEDS):
        try:
            tell(seed, profile=weather(), mutant=mutant())
        except AssertionError:
            tell(seed, profile=weather())
            return
    pytest.fail(f"{mutant.__name__} lived through {SEEDS} seeds from {first}")
