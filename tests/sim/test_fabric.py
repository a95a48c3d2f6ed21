"""Short seeds of the simulated fabric; ``WANMI_SIM_SEEDS`` runs more, ``WANMI_SIM_FIRST`` moves
the beginning. A failing seed is named with the command that shows it again."""

from __future__ import annotations

import dataclasses
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.__main__ import kept
from tests.sim.fabric.faults import FAULTS, LESS, Profile, draw_profile
from tests.sim.fabric.story import tell
from tests.sim.fabric.world import Broken

SEEDS = int(os.getenv("WANMI_SIM_SEEDS", "1850"))
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


def test_same_seed_same_trace_in_another_process() -> None:
    """Also with keys, a roster and offices of two versions."""
    seeds = (7, *itertools.islice(_with_trust_and_versions(), 1))
    code = f"from tests.sim.fabric.story import tell\nfor n in {seeds}: print(tell(n).trace)"
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=90,
        cwd=Path(__file__).parents[2], env={"PATH": os.defpath, "PYTHONHASHSEED": "12345"},
    )
    assert other.stdout.split() == [tell(seed).trace for seed in seeds]


def _with_trust_and_versions() -> Iterator[int]:
    for seed in itertools.count(1):
        drawn = draw_profile(seed)
        if drawn.trust and drawn.rotations and drawn.mixed:
            yield seed


def test_every_fault_has_a_sentence_and_is_drawn() -> None:
    named = {field.name for field in dataclasses.fields(Profile)} - set(LESS)
    assert set(FAULTS) == named
    drawn = [draw_profile(seed) for seed in range(200)]
    assert [] == [name for name in sorted(named) if not any(getattr(one, name) for one in drawn)]
