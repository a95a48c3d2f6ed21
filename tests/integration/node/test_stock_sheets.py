"""Sheets of the problem library between whole nodes over a real link."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from node.core.clock import BEIJING
from node.core.periods import Span, last_finished
from tests.integration.node.town import Plan, plan, until
from tests.trees import CITY, DISTRICT


async def cut_off_then_together(town: Plan) -> None:
    now = datetime.now(BEIJING)
    days = [(now - timedelta(days=ago)).date().isoformat() for ago in (3, 2, 1)]
    async with town.running(DISTRICT) as node:
        # The office above is away: nothing is lost, and what was published is not again.
        district = node[DISTRICT].office.stock
        for day in days:
            await district.publish(day, actor="clerk")
            await district.publish(day, actor="clerk")
    async with town.running(CITY, DISTRICT) as node:
        city, district = node[CITY].office.stock, node[DISTRICT].office.stock

        async def arrived() -> bool:
            lines = [(await city.below(day))["lines"][0] for day in days]
            return all(one["state"] == "received" for one in lines)

        await until("three sheets at the office above", arrived)
        kept = await city.sheets(node=DISTRICT, span="day")
        assert [(day, 1) for day in reversed(days)] == [
            (one["period"], one["version"]) for one in kept.items]
        for day in days:
            ours, theirs = await district.sheet(day), await city.sheet(day, node=DISTRICT)
            assert (ours["digest"], ours["document"]) == (theirs["digest"], theirs["document"])
            assert (True, False) == (ours["own"], theirs["own"])
        # What the rules schedule goes up by itself, once its morning has come.
        week = last_finished(Span.WEEK, now).name
        published = [one["period"] for one in (await district.sheets(node=DISTRICT)).items]

        async def week_arrived() -> bool:
            return (await city.below(week))["lines"][0]["state"] == "received"

        if week in published:
            await until("the week's sheet at the office above", week_arrived)
        for view in await node[CITY].office.links():
            assert (0, 0) == (view.parked, view.unacked)


def test_sheets_published_while_the_line_is_down_arrive_once(tmp_path: Path) -> None:
    asyncio.run(cut_off_then_together(plan(tmp_path, street=False)))
