"""The doctor: of one thing it says one thing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from node.main.serving import separation_findings
from node.service.findings import Doctor
from node.service.phrases import phrase
from node.service.views import Finding, Level
from tests.unit.service.world import CITY, TestOffice, World


@pytest.fixture
def city(tmp_path: Path) -> Iterator[TestOffice]:
    world = World()
    yield world.open(CITY, tmp_path, adapters=("parks", "power"))
    world.close()


class NoLinks:
    """An office without neighbours."""

    async def links(self) -> list[Any]:
        return []


def test_an_adapter_that_cannot_start_is_not_said_to_be_well_besides(
    city: TestOffice, tmp_path: Path
) -> None:
    async def more() -> list[Finding]:
        return [Finding(level=Level.ALARM, subject="adapter parks",
                        sentence=phrase("adapter.unusable", adapter="parks", problem="public_url"))]

    doctor = Doctor(
        writer=city.writer, neighbours=cast("Any", NoLinks()), units=city.units,
        surroundings=city.surroundings, home=tmp_path, disk_warn=1.0, disk_full=1.0, more=more,
    )
    found = [(one.subject, one.level) for one in asyncio.run(doctor.findings())
             if one.subject.startswith("adapter")]
    assert found == [("adapter parks", Level.ALARM), ("adapter power", Level.OK)]


def test_administrators_who_may_be_one_person_are_named_for_as_long_as_they_may() -> None:
    merged = separation_findings(separated=False)

    assert [one.level for one in merged] == [Level.WARN]
    assert "三员未分立" in merged[0].sentence.say("zh")
    assert separation_findings(separated=True) == []
