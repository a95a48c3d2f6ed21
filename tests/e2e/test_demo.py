"""The main job as its user runs it: the whole federation, one bad day, every invariant."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.nats
@pytest.mark.timeout(400)
def test_the_demo_ends_with_every_invariant_true(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "node.cli", "demo", "--exit", "--seed", "7",
         "--folder", str(tmp_path / "demo")],
        cwd=ROOT, capture_output=True, text=True, timeout=380, check=False,
    )
    assert 0 == ended.returncode, f"seed 7\n{ended.stdout[-6000:]}\n{ended.stderr[-3000:]}"
    assert "全部成立" in ended.stdout
