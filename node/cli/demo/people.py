"""People of the day: each looks at the worklist of her office and does the next thing.

She remembers nothing that the node does not show her, so a node may be killed at any moment and
the day goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from node.cli.demo.day import Planned, Twist
from node.cli.demo.desk import Desk

LOOK_EVERY_S = 0.4
HANDS = 4
"""Things one office's people do at the same time."""
PAGE = 100


@dataclass(slots=True, kw_only=True)
class Memory:
    """What the director of the demo knows: which case is which plan. No node sees it."""

    plans: dict[str, Planned] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    """Case ids by the number of the plan."""
    to_call: set[int] = field(default_factory=set)
    """Numbers of plans whose reporter is still to be asked for an opinion."""
    opened_besides: int = 0
    """Cases that came out of others: parts, and what was taken up again."""
    held_back: bool = True
    """Whether clerks leave the feedback of crossing cases to the cut."""
    counts: dict[str, int] = field(default_factory=dict)

    def remember(self, case_id: str, plan: Planned) -> None:
        """This case is that plan."""
        self.plans[case_id] = plan
        self.numbers[plan.number] = case_id

    def twist(self, case_id: str) -> Twist:
        """What befalls this case; nothing, if nobody planned it."""
        plan = self.plans.get(case_id)
        return plan.twist if plan is not None else Twist.NONE

    def crosses(self, case_id: str) -> bool:
        """Whether this case is to be withdrawn while its feedback is on its way."""
        return self.twist(case_id) is Twist.CROSSING

    def count(self, word: str) -> None:
        """One more of this."""
        self.counts[word] = self.counts.get(word, 0) + 1


class Person:
    """Looks at a worklist, does the next thing for each case, looks again."""

    statuses: tuple[str, ...] = ()

    def __init__(self, desk: Desk, memory: Memory, random: Random) -> None:
        self.desk = desk
        self.memory = memory
        self.random = random
        self._hands = asyncio.Semaphore(HANDS)

    async def work(self) -> None:
        """For ever, until cancelled."""
        while True:
            for status in self.statuses:
                page = await self.desk.get("/api/v1/cases", status=status, limit=PAGE)
                await self.each(page["items"])
            await self.besides()
            await asyncio.sleep(LOOK_EVERY_S)

    async def each(self, rows: Iterable[dict[str, Any]]) -> None:
        """``act`` on each, some at the same time."""
        async def one(row: dict[str, Any]) -> None:
            async with self._hands:
                await self.act(row)

        await asyncio.gather(*(one(row) for row in rows))

    async def act(self, row: dict[str, Any]) -> None:
        """The next thing for one case of the list."""
        raise NotImplementedError

    async def besides(self) -> None:
        """What is not on the list of cases."""

    async def requests(self) -> list[tuple[str, dict[str, Any]]]:
        """What our assignees ask: case and request."""
        found = []
        for item in await self.desk.get("/api/v1/work-items", limit=PAGE):
            if item["kind"] == "request":
                case = await self.case(item)
                found += [(item["case_id"], one) for one in case["requests"]
                          if one["direction"] == "in"]
        return found

    async def case(self, row: dict[str, Any]) -> dict[str, Any]:
        """The whole case."""
        found: dict[str, Any] = await self.desk.get(f"/api/v1/cases/{row['case_id']}")
        return found


def soon(seconds: float) -> str:
    """An instant that many seconds from now, as the API takes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


class Reporter:
    """Reports the planned problems, at a pace."""

    def __init__(self, desk: Desk, memory: Memory) -> None:
        self.desk = desk
        self.memory = memory

    async def report(self, plan: Planned) -> None:
        """Register one problem with its near and far photo."""
        photos = [
            await self.desk.photo(data, role)
            for data, role in zip(plan.photos, ("near", "far"), strict=True)
        ]
        condition, report = plan.condition, plan.report
        asked = {
            "category": {
                "standard_ref": condition.standard_ref, "kind": condition.kind,
                "code": condition.code, "name": condition.name,
                "condition_no": condition.condition_no,
            },
            "place": {"area": plan.area, "address": plan.address, "lon": plan.lon,
                      "lat": plan.lat},
            "text": condition.condition, "source": report.source, "urgent": plan.urgent,
            "photos": photos, "component": plan.component,
            "details": dict(report.details),
        }
        if report.reporter is not None:
            asked["reporter"] = dict(report.reporter)
        said = await self.desk.post("/api/v1/cases", asked)
        assert said is not None, "a report is never refused by a rule"
        self.memory.remember(said["case_id"], plan)
