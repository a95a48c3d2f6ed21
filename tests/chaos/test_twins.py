"""A short bad day in which the owner of a district that two processes serve is taken away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.faults import Fault
from tests.chaos.run import Wanted, live
from tests.chaos.twins import OWNER, TwinTown

pytestmark = [pytest.mark.slow, pytest.mark.nats, pytest.mark.postgres, pytest.mark.timeout(400)]
FAULTS = (
    Fault(at_s=6.0, for_s=3.0, kind="kill", target=OWNER),
    Fault(at_s=20.0, for_s=14.0, kind="stop", target=OWNER),
    Fault(at_s=40.0, for_s=2.0, kind="kill", target="postgres"),
    Fault(at_s=52.0, for_s=3.0, kind="kill", target=OWNER),
)


def test_the_owner_of_a_district_is_taken_away_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.chaos.run.schedule", lambda *_args, **_more: list(FAULTS))

    async def story() -> None:
        town = TwinTown(tmp_path)
        try:
            outcome = await live(town, replace(Wanted(seed=3, seconds=64.0), pause_s=0.7), print)
        finally:
            await town.remove()
        print("takeovers", town.takeovers, town.ended)
        assert [] == outcome.broken
        assert len(town.takeovers) >= 2
        assert max(town.takeovers) < 10.0
        assert outcome.answered.total() > 50
        log = (tmp_path / "420203 twin.log").read_text("utf-8")
        assert '"exception":' not in log

    asyncio.run(story())
