"""Neighbours that go by different standards say so at both ends, until they agree."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.store.tx import Tx
from node.core.codes import GB_2026
from node.core.errors import NotPermitted
from node.main.serving import Running
from node.main.shipped import install_shipped
from node.service.standards.editing import Editing, Hand
from node.service.views import FilingCondition, Level
from node.store.repository import NodeStore
from tests.integration.node.town import plan, until
from tests.trees import CITY, DISTRICT

SHOP = FilingCondition(
    standard_ref=GB_2026, kind="matter", code="09005", condition_no=1, name="店外经营",
    filing="出店摆卖", limit_text="4小时", limit_count=4, limit_unit="work_hour")


async def supplied(node: Running, *conditions: FilingCondition) -> None:
    """The shipped lists, and what is installed at the machine."""

    def write(tx: Tx) -> None:
        install_shipped(NodeStore(), tx)
        Editing(NodeStore(), tx, Hand(actor="installer", basis="installed")).put_conditions(
            conditions)

    await node.writer.write(write)
    await node.office.standards.reload()


def test_different_standards_are_a_warning_at_both_ends(tmp_path: Path) -> None:
    async def scene() -> None:
        async with plan(tmp_path, street=False).running(CITY, DISTRICT) as nodes:
            city, district = nodes[CITY], nodes[DISTRICT]
            await supplied(city, SHOP)
            await supplied(district)

            async def warned() -> bool:
                await city.rooms.comparison.ask_below()
                found = [[one for one in await node.rooms.comparison.findings()
                          if one.subject == f"standard {GB_2026}"] for node in (city, district)]
                return all(len(some) == 1 for some in found)

            await until("a warning at both ends", warned)
            shown = {one.subject: one for one in await district.office.findings()}
            finding = shown[f"standard {GB_2026}"]
            assert finding.level is Level.WARN
            assert CITY in finding.sentence.say("zh")
            with pytest.raises(NotPermitted):
                city.rooms.comparison.answer(DISTRICT, ())

            edition = await city.office.standards.export(GB_2026)
            taken = await district.office.standards.take_over(edition, actor="陈")
            assert (taken["signature"], taken["signed_by"]) == ("holds", CITY)

            async def agreed() -> bool:
                await city.rooms.comparison.ask_below()
                return not [*await city.rooms.comparison.findings(),
                            *await district.rooms.comparison.findings()]

            await until("agreement", agreed)

    asyncio.run(scene())
