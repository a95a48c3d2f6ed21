"""Every mutant is killed by its recorded seed; the same seed without it holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sim.town.mutants import KILLED_BY, Patched
from tests.sim.town.places import Weather
from tests.sim.town.story import tell

SEEDS = 40
"""The hunt goes on behind the recorded seed, should a change of the code have moved it."""


@pytest.mark.timeout(900)  # the hunt may go on for some lives
@pytest.mark.parametrize(
    ("mutant", "weather", "first"), KILLED_BY, ids=[one[0].__name__ for one in KILLED_BY]
)
def test_a_mutant_is_killed(
    mutant: type[Patched], weather: Callable[[], Weather], first: int
) -> None:
    for seed in range(first, first + SEEDS):
        try:
            tell(seed, weather=weather(), mutant=mutant())
        except Exception:  # a broken invariant, or the store's own refusal
            tell(seed, weather=weather())
            return
    pytest.fail(f"{mutant.__name__} lived through {SEEDS} seeds from {first}")
