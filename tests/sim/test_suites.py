"""Seeds with keys and a roster, played with SM2 and with both suites at once."""

from __future__ import annotations

import itertools

import pytest

from hub.ids import NodeId
from hub.suites.registry import ED25519, SM2
from tests.sim.fabric import trust
from tests.sim.fabric.faults import draw_profile
from tests.sim.fabric.story import tell

TRUSTING = list(itertools.islice(
    (seed for seed in itertools.count(1)
     if (drawn := draw_profile(seed)).trust and drawn.rotations), 4))


@pytest.mark.parametrize("seed", TRUSTING)
def test_a_seed_with_sm2(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "suite_of", lambda node, number: SM2)
    tell(seed)


@pytest.mark.parametrize("seed", TRUSTING)
def test_a_seed_in_which_every_second_key_is_sm2(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New keys of a node are of the other suite: a migration by rotation."""

    def drawn(node: NodeId, number: int) -> str:
        return SM2 if (sum(node.encode()) + number) % 2 else ED25519

    monkeypatch.setattr(trust, "suite_of", drawn)
    tell(seed)
