"""Who does the work: clerks of districts, streets and units, and bureaus without a system."""

from __future__ import annotations

import asyncio
import re
from random import Random
from typing import Any

from node.cli.demo.day import Twist
from node.cli.demo.desk import Desk
from node.cli.demo.people import PAGE, Memory, Person, soon
from node.cli.demo.pictures import picture

SUSPENSION_S = 120.0
"""How long a suspension is asked for; less is given. Long enough for the slowest answer."""
BUREAU_LOOKS_EVERY_S = 1.5
"""A bureau without a system reads its links less often than a clerk her worklist."""


class Clerk(Person):
    """Signs, works, feeds back with a photo; says "not ours" where it is not."""

    statuses = ("held",)

    async def act(self, row: dict[str, Any]) -> None:
        case_id = row["case_id"]
        case = await self.case(row)
        duty = case["duty"]
        asked = any(r["direction"] == "out" for r in case["requests"])
        if case["assignment"] or asked or duty is None or duty["state"] in ("done", "ended"):
            return
        if not self._ours(row["area"]):
            await self._ask(case_id, "return", "not_ours", "不在本辖区，请改派")
        elif duty["state"] == "offered":
            await self.desk.do(case_id, "sign")
        elif duty["state"] == "signed":
            await self.desk.do(case_id, "progress", text="已到场处理")
        elif not await self._held_up(case_id, case):
            await self.feed_back(case)

    async def _held_up(self, case_id: str, case: dict[str, Any]) -> bool:
        """Whether something has to happen before it can be fed back; does the next thing of it."""
        duty = case["duty"]
        match self.memory.twist(case_id):
            case Twist.CROSSING:
                return self.memory.held_back
            case Twist.EXTENDED if not duty["extension_count"]:
                await self._ask(case_id, "extension", "weather", "连日降雨，需延期施工")
            case Twist.SUSPENDED if not duty["suspension_count"]:
                await self._ask(case_id, "suspension", "materials", "等待配件到货",
                                wanted_until=soon(SUSPENSION_S))
            case Twist.SUSPENDED if duty["suspended_until"]:
                pass
            case Twist.PRESSED if not case["press_count"]:
                pass
            case Twist.SUPERVISED if not case["supervisions"]:
                pass
            case Twist.SUPERVISED if owed := [
                    one for one in case["supervisions"] if not one["replied"]]:
                await self.desk.do(case_id, "reply", supervision_id=owed[0]["supervision_id"],
                                   text="已安排专人，今日办结")
                self.memory.count("督办回复 replied")
            case Twist.APPEALED if not case["overdue"]:
                pass
            case Twist.APPEALED if not case["exempt"]:
                await self._ask(case_id, "appeal", "no_fault", "现场被占用，非我方原因超期")
            case Twist.FORCED:
                pass
            case _:
                return False
        return True

    async def _ask(self, case_id: str, kind: str, reason: str, text: str, **more: object) -> None:
        await self.desk.do(case_id, "request", kind=kind, reason_code=reason, text=text, **more)

    async def feed_back(self, case: dict[str, Any]) -> bool:
        """Say that it is handled, with what the order asks to see."""
        facts = case["facts"]
        roles = facts["wanted"]["photos"] or ["handle_after"]
        photos = [await self.desk.photo(picture(self.random), role) for role in roles]
        return await self.desk.do(case["case_id"], "feed-back", result="已处理完毕，恢复原状",
                                  photos=photos, closing_met=bool(facts["closing"]))

    def _ours(self, area: str) -> bool:
        """A unit's area is its parent's whole city."""
        node = self.desk.node
        return area.startswith(node) or not node.isdecimal()


class BureauStaff(Person):
    """A bureau without a system: opens the one-time links it was sent and fills in the form."""

    def __init__(self, desk: Desk, memory: Memory, random: Random, adapter: str) -> None:
        super().__init__(desk, memory, random)
        self._assignee = f"adapter:{adapter}"

    async def work(self) -> None:
        while True:
            page = await self.desk.get("/api/v1/cases", assignee=self._assignee, limit=PAGE)
            await self.each(row for row in page["items"]
                            if row["status"] in ("dispatched", "handling"))
            await asyncio.sleep(BUREAU_LOOKS_EVERY_S)

    async def act(self, row: dict[str, Any]) -> None:
        forms = await self.desk.get(f"/api/v1/cases/{row['case_id']}/forms")
        for form in forms:
            page = await self.desk.page(form["url"])
            if 'name="act"' in page:
                act = "signed" if 'value="signed"' in page else "done"
                fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
                await self.desk.send_form(
                    form["url"], {**fields, "act": act, "text": "养护班组已处理"},
                    picture(self.random) if act == "done" else b"")
