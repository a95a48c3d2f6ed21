"""The main job as its user runs it: the whole federation, one bad day, every invariant."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def demo(folder: Path, *args: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "node.cli", "demo", "--exit", "--folder", str(folder), *args],
        cwd=ROOT, capture_output=True, text=True, timeout=380, check=False,
    )
    assert 0 == ended.returncode, f"{args}\n{ended.stdout[-6000:]}\n{ended.stderr[-3000:]}"
    assert "全部成立" in ended.stdout


@pytest.mark.slow
@pytest.mark.nats
@pytest.mark.timeout(400)
def test_the_demo_ends_with_every_invariant_true(tmp_path: Path) -> None:
    demo(tmp_path / "demo", "--seed", "7")


@pytest.mark.slow
@pytest.mark.nats
@pytest.mark.timeout(400)
def test_any_process_may_be_killed_and_started_again(tmp_path: Path) -> None:
    """Each process of the federation dies once: the root with its broker, both other tiers, the
    unit, and the legacy systems. The district that the day itself kills makes it complete."""
    kills = ("420200@0.1", "oms@0.3", "4202U36@0.4", "420203008@0.6", "telecom@0.7",
             "420203@0.9", "420200@1.0")
    demo(tmp_path / "demo", "--seed", "11", "--cases", "120",
         *(part for kill in kills for part in ("--kill", kill)))
