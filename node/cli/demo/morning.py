"""A morning's work, left lying on every desk after the day of the demo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any

from node.cli.demo.day import DISTRICTS, Planned, Twist
from node.cli.demo.desk import Desk
from node.cli.demo.people import PAGE, Memory, Reporter, soon
from node.cli.demo.pictures import picture
from node.cli.demo.tour import COLLECTOR, STREET

DRAWN = 120
"""Problems drawn for the morning; as many are taken as fill every desk."""
REPORTED, VERIFYING, TO_FILE = 4, 6, 9
"""How many are left as they came in, then with the collector, then waiting to be filed: as ends."""
AT_THE_CENTRE, WITH_DISTRICTS, WITH_THE_STREET, WITH_THE_UNIT = 13, 7, 3, 2
"""How many of the morning's reports are left at the centre, and go to whom."""
UNIT = "node:4202U36"
PATIENCE = 20
"""Half seconds that a feedback from below is waited for."""
TIGHT_S, ANSWER_S = 3.0, 3600.0
"""A limit that is over before anybody looks; how long an answer to a supervision may take."""


def chosen(drawn: Iterable[Planned]) -> list[Planned]:
    """Of these, so many for each desk; those of the centre first."""
    routine = [one for one in drawn if one.twist is Twist.NONE]
    street = [one for one in routine if one.area == STREET and one.lead.startswith(DISTRICTS)]
    unit = [one for one in routine if one.lead == UNIT]
    rest = [one for one in routine if one not in street and one not in unit]
    below = [one for one in rest if one.lead.startswith(DISTRICTS)][:WITH_DISTRICTS]
    left = [one for one in rest if one not in below][:AT_THE_CENTRE]
    return [*left, *below, *street[:WITH_THE_STREET], *unit[:WITH_THE_UNIT]]


class Morning:
    """Work of the next morning, brought just so far that every desk has something to do."""

    def __init__(self, desks: Mapping[str, Desk], root: str, seed: int) -> None:
        self._desks = desks
        self._city = desks[root]
        self._random = Random(f"{seed}/morning")
        self._memory = Memory()

    async def come(self, planned: Sequence[Planned]) -> None:
        """Report the problems and bring each some way; what a rule refuses stays where it is."""
        reporter = Reporter(self._city, self._memory)
        for one in planned:
            await reporter.report(one)
        cases = [self._memory.numbers[one.number] for one in planned]
        for at, case_id in enumerate(cases):
            if REPORTED <= at < VERIFYING:
                await self._city.do(case_id, "start-verify", collector=COLLECTOR)
            elif at >= VERIFYING:
                await self._known(case_id)
            if at >= TO_FILE:
                await self._city.do(case_id, "file")
            if at >= AT_THE_CENTRE:
                await self._dispatch(case_id, tight=at % 5 == 0)
        await asyncio.sleep(TIGHT_S)
        steps: tuple[Callable[[Desk, dict[str, Any]], Awaitable[Any]], ...] = (
            self._signed, self._asks, self._done, self._supervised)
        for desk in self._desks.values():
            if desk is not self._city:
                page = await desk.get("/api/v1/cases", status="held", limit=PAGE)
                own = [row for row in page["items"] if row["case_id"] in cases]
                for at, row in enumerate(own):
                    if row["area"] != STREET:
                        await steps[at % len(steps)](desk, row)
                    elif desk.node == STREET[:6]:
                        await self._handed_on(desk, row)
        await self._check_one()

    async def _check_one(self) -> None:
        """The first result that comes is to be looked at on site."""
        for _ in range(PATIENCE):
            page = await self._city.get("/api/v1/cases", status="feedback_given", limit=1)
            if page["items"]:
                case_id = page["items"][0]["case_id"]
                await self._city.do(case_id, "start-check", collector=COLLECTOR)
                return
            await asyncio.sleep(0.5)

    async def _known(self, case_id: str) -> None:
        if not await self._city.do(case_id, "accept"):
            await self._city.do(case_id, "start-verify", collector=COLLECTOR)
            await self._city.do(case_id, "verify", found=True, text="现场情况属实")

    async def _dispatch(self, case_id: str, *, tight: bool) -> None:
        proposal = await self._city.get(f"/api/v1/cases/{case_id}/proposal")
        to = proposal["assignee"] or next(iter(proposal["candidates"]), "")
        limits = {"limits": {"finish_by": soon(TIGHT_S)}} if tight else {}
        if to:
            await self._city.do(case_id, "dispatch", to=to, **limits)

    async def _handed_on(self, desk: Desk, row: dict[str, Any]) -> None:
        await self._signed(desk, row)
        await desk.do(row["case_id"], "dispatch", to=f"node:{STREET}")

    async def _signed(self, desk: Desk, row: dict[str, Any]) -> None:
        await desk.do(row["case_id"], "sign")

    async def _asks(self, desk: Desk, row: dict[str, Any]) -> None:
        await self._signed(desk, row)
        await desk.do(row["case_id"], "request", kind="extension", reason_code="weather",
                      text="连日降雨，需延期施工")

    async def _done(self, desk: Desk, row: dict[str, Any]) -> None:
        await self._signed(desk, row)
        case = await desk.get(f"/api/v1/cases/{row['case_id']}")
        roles = case["facts"]["wanted"]["photos"] or ["handle_after"]
        await desk.do(row["case_id"], "feed-back", result="已处理完毕，恢复原状",
                      photos=[await desk.photo(picture(self._random), role) for role in roles],
                      closing_met=bool(case["facts"]["closing"]))

    async def _supervised(self, desk: Desk, row: dict[str, Any]) -> None:
        await self._signed(desk, row)
        await self._city.do(row["case_id"], "supervise", text="市民再次来电，请说明进展",
                            kind="leader", reply_by=soon(ANSWER_S))
