"""Every mutant is killed by some seed; a simulator that passes one is not believed.

The weather of each hunt is also run with the unbroken code, which must come through.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sim.fabric.killed import KILLED_BY, NOT_KILLED, poisoned
from tests.sim.fabric.mutants import DeafToNotices, NoticeForNotice
from tests.sim.fabric.story import tell
from tests.sim.fabric.world import SECOND, Mutant, Profile, World

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


@pytest.mark.parametrize(("mutant", "loops"), [(DeafToNotices, False), (NoticeForNotice, True)])
def test_a_notice_never_causes_a_notice(mutant: type[Mutant], loops: bool) -> None:
    """One word parks in an office, and the office that is told of it cannot hear that."""
    with mutant() as broken:
        world = World(5, profile=poisoned(), mutant=broken)
        for node in world.nodes.values():
            node.start_again()
        world.profile.poison = 1.0
        world.utter(3)
        world.run_until(60 * SECOND)
        notices = sum(
            node.disk.rows("SELECT count(*) FROM outbox WHERE type = 'hub.v1.Notice'")[0][0]
            for node in world.nodes.values()
        )
        for node in world.nodes.values():
            node.disk.close()
    assert notices > 0
    assert (notices > 3) is loops


@pytest.mark.parametrize(
    ("mutant", "weather"), [one[:2] for one in NOT_KILLED],
    ids=[one[0].__name__ for one in NOT_KILLED],
)
def test_what_is_said_to_live_lives(
    mutant: type[Mutant], weather: Callable[[], Profile]
) -> None:
    """If a seed kills one of these, it belongs into the other table."""
    for seed in range(5):
        tell(seed, profile=weather(), mutant=mutant())
