"""Short seeds of the simulated town of whole offices; ``WANMI_TOWN_SEEDS`` runs more,
``WANMI_TOWN_FIRST`` moves the beginning. A failing seed is named with the command that shows it
again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sim.__main__ import TOWN, kept
from tests.sim.fabric.world import Broken
from tests.sim.town.story import tell

SEEDS = int(os.getenv("WANMI_TOWN_SEEDS", "20"))
FIRST = int(os.getenv("WANMI_TOWN_FIRST", "0"))
BLOCK = 10
KNOWN = kept(TOWN)


def run(seed: int) -> None:
    try:
        tell(seed)
    except AssertionError as err:
        kind = "" if isinstance(err, Broken) else " (an assertion of the code itself)"
        pytest.fail(f"town seed {seed}: {err}{kind}\n"
                    f"again: python -m tests.sim --town --first {seed} --seeds 1")


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, BLOCK))
def test_seeds(first: int) -> None:
    for seed in range(first, min(first + BLOCK, FIRST + SEEDS)):
        run(seed)


@pytest.mark.parametrize("seed", KNOWN)
def test_a_seed_that_once_failed(seed: int) -> None:
    run(seed)


def test_same_seed_same_trace() -> None:
    assert tell(12).trace == tell(12).trace
    assert tell(12).trace != tell(13).trace


def test_same_seed_same_trace_in_another_process() -> None:
    code = "from tests.sim.town.story import tell; print(tell(12).trace)"
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=90,
        cwd=Path(__file__).parents[2], env={"PATH": os.defpath, "PYTHONHASHSEED": "12345"},
    )
    assert other.stdout.strip() == tell(12).trace
