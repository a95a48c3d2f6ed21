"""Short seeds of the simulated fabric; ``WANMI_SIM_SEEDS`` runs more, ``WANMI_SIM_FIRST`` moves
the beginning. A failing seed is named with the command that shows it again."""

from __future__ import annotations

import os

import pytest

from tests.sim.__main__ import kept
from tests.sim.fabric.story import tell
from tests.sim.fabric.world import Broken

SEEDS = int(os.getenv("WANMI_SIM_SEEDS", "400"))
FIRST = int(os.getenv("WANMI_SIM_FIRST", "0"))
BLOCK = 25
"""Seeds per test: fine enough to share among processes, coarse enough to stay quiet."""
KNOWN = kept()


def run(seed: int) -> None:
    try:
        tell(seed)
    except AssertionError as err:
        kind = "" if isinstance(err, Broken) else " (an assertion of the code itself)"
        pytest.fail(
            f"seed {seed}: {err}{kind}\n"
            f"again: WANMI_SIM_FIRST={seed} WANMI_SIM_SEEDS=1 pytest tests/sim/test_fabric.py"
        )


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, BLOCK))
def test_seeds(first: int) -> None:
    for seed in range(first, min(first + BLOCK, FIRST + SEEDS)):
        run(seed)


@pytest.mark.parametrize("seed", KNOWN)
def test_a_seed_that_once_failed(seed: int) -> None:
    run(seed)


def test_same_seed_same_trace() -> None:
    assert tell(7).trace == tell(7).trace
    assert tell(7).trace != tell(8).trace
