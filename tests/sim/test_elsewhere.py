"""What the simulated worlds cannot show is shown by the named test of the real thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sim.elsewhere import ELSEWHERE, Elsewhere, fails


@pytest.mark.parametrize("one", ELSEWHERE, ids=[one.mutant.__name__ for one in ELSEWHERE])
def test_the_named_test_fails_with_the_mutant_and_passes_without(
    one: Elsewhere, tmp_path: Path
) -> None:
    assert fails(one) != ""
    one.run(tmp_path)
