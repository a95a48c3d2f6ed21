"""The doctor: of one thing it says one thing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from node.main.serving import separation_findings
from node.service.findings import Doctor
from node.service.link_views import LinkView
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


class OneLink:
    """An office with one neighbour, out of contact for this reason."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def links(self) -> list[LinkView]:
        return [LinkView(link="420200-420203", peer="420200", peer_is="PARENT", state="DOWN",
                         reason=self._reason, sentence=phrase("link.up"))]


@pytest.mark.parametrize(("reason", "said"), [
    ("link.refused: dialling 420200: this certificate has no link", "联系上级管理员"),
    ("link.unreachable: nobody answers", "检查线路"),
])
def test_whoever_is_refused_by_the_parent_is_not_sent_to_look_at_the_line(
    city: TestOffice, tmp_path: Path, reason: str, said: str
) -> None:
    async def nothing() -> list[Finding]:
        return []

    doctor = Doctor(
        writer=city.writer, neighbours=cast("Any", OneLink(reason)), units=city.units,
        surroundings=city.surroundings, home=tmp_path, disk_warn=1.0, disk_full=1.0, more=nothing,
    )
    [link] = [one for one in asyncio.run(doctor.findings()) if one.subject.startswith("link")]

    assert link.level is Level.WARN
    assert link.remedy.say("zh").startswith(said)


def test_administrators_who_may_be_one_person_are_named_for_as_long_as_they_may() -> None:
    merged = separation_findings(separated=False)

    assert [one.level for one in merged] == [Level.WARN]
    assert "三员未分立" in merged[0].sentence.say("zh")
    assert separation_findings(separated=True) == []
