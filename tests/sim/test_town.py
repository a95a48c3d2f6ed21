"""Short seeds of the simulated town of whole offices; ``WANMI_TOWN_SEEDS`` runs more,
``WANMI_TOWN_FIRST`` moves the beginning. A failing seed is named with the command that shows it
again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from node.core import commands as cmd
from tests.sim.__main__ import TOWN, kept
from tests.sim.fabric.world import Broken
from tests.sim.town.places import Weather
from tests.sim.town.story import tell

SEEDS = int(os.getenv("WANMI_TOWN_SEEDS", "150"))
FIRST = int(os.getenv("WANMI_TOWN_FIRST", "0"))
BLOCK = 10
VERB_SEEDS = 60
RICH = (0, 1, 2, 3, 6, 12, 29)
"""Lives in which rare verbs are done, looked at first."""
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


@pytest.mark.timeout(900)  # as many lives as it takes
def test_people_do_every_verb_there_is() -> None:
    """Also the reporter is told and the clock speaks; a new verb has to be done in the town."""
    never = {verb.__name__ for verb in cmd.Command.__subclasses__()}
    for seed in dict.fromkeys((*RICH, *range(VERB_SEEDS))):
        weather = Weather(acts=400, cases=12, delay_ms=400, cuts=4, even=0.5)
        never -= {verb for verb, times in tell(seed, weather=weather).verbs.items() if times}
        if not never:
            return
    pytest.fail(f"{sorted(never)} were never accepted in {VERB_SEEDS} lives")


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
