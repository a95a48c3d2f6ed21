"""The people of the day: operators, clerks and units' staff, each at the API of their own node.

A person looks at the worklist of her office and does the next thing; she remembers nothing that
the node does not show her, so a node may be killed at any moment and the day goes on. Every call
has a key of its own and is repeated with the same key until it is answered.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from node.cli.demo.day import Planned, Twist, picture
from node.cli.demo.federation import Office
from node.cli.demo.verdict import Answered

LOOK_EVERY_S = 0.4
BUREAU_LOOKS_EVERY_S = 1.5
"""A bureau without a system reads its links less often than a clerk her worklist."""
TRY_AGAIN_S = 0.5
TRIES_MAX = 120
"""A node that is away longer than TRIES_MAX * TRY_AGAIN_S ends the demo."""
HANDS = 4
"""Things one office's people do at the same time."""
PAGE = 100
REFUSED = (403, 404, 409, 422)
"""The world has moved on since the person looked; she looks again."""


class Desk:
    """One person's access to one node."""

    def __init__(self, office: Office, random: Random) -> None:
        self.office = office
        self.node = office.plan.id
        self.answered: list[Answered] = []
        self.refused = 0
        self._random = random
        self._http = httpx.AsyncClient(
            base_url=office.url, timeout=30.0,
            headers={"Authorization": f"Bearer {office.token}", "Accept-Language": "zh-CN"},
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def get(self, path: str, **query: object) -> Any:
        """GET, again and again until the node answers."""
        params = {name: str(value) for name, value in query.items()}
        answer = await self._until_answered(lambda: self._http.get(path, params=params))
        answer.raise_for_status()
        return answer.json()

    async def do(self, case_id: str, verb: str, **body: object) -> bool:
        """One verb on one case; False if the node refused it."""
        return await self.post(f"/api/v1/cases/{case_id}/{verb}", body) is not None

    async def post(self, path: str, body: object) -> Any:
        """POST with a key; the answer, or None if a rule said no."""
        key = {"Idempotency-Key": self._random.randbytes(16).hex()}
        answer = await self._until_answered(
            lambda: self._http.post(path, json=body, headers=key))
        if answer.status_code in REFUSED:
            self.refused += 1
            return None
        if answer.status_code >= 400:
            raise RuntimeError(f"{self.node} {path}: {answer.status_code} {answer.text[:300]}")
        said = answer.json()
        if isinstance(said, dict) and "version" in said and "case_id" in said:
            self.answered.append(Answered(
                node=self.node, case_id=said["case_id"], version=said["version"]))
        return said

    async def photo(self, data: bytes, role: str) -> dict[str, Any]:
        """Upload a photo; what a case then says about it."""
        answer = await self._until_answered(lambda: self._http.post(
            "/api/v1/photos", files={"file": ("photo.png", data, "image/png")}))
        answer.raise_for_status()
        stored = answer.json()
        return {"digest": stored["digest"], "size": stored["size"],
                "media_type": stored["media_type"], "role": role}

    async def page(self, url: str) -> str:
        """A page of the node as a browser without a token sees it."""
        answer = await self._until_answered(
            lambda: self._http.get(url, headers={"Authorization": ""}))
        return answer.text

    async def send_form(self, url: str, fields: dict[str, str], photo: bytes) -> int:
        """Send a form with one photo, as a browser does; the HTTP status."""
        files = {"photos": ("after.png", photo, "image/png") if photo else ("", b"")}
        answer = await self._until_answered(lambda: self._http.post(
            url, data=fields, headers={"Authorization": ""}, files=files))
        return answer.status_code

    async def _until_answered(
        self, call: Callable[[], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        for _ in range(TRIES_MAX):
            with suppress(httpx.TransportError):
                answer = await call()
                if answer.status_code not in (429, 503):
                    return answer
            await asyncio.sleep(TRY_AGAIN_S)
        raise RuntimeError(f"{self.node} does not answer")


@dataclass(slots=True, kw_only=True)
class Memory:
    """What the director of the demo knows: which case is which plan. No node sees it."""

    plans: dict[str, Planned] = field(default_factory=dict)
    held_back: bool = True
    """Whether clerks leave the feedback of crossing cases to the cut."""
    counts: dict[str, int] = field(default_factory=dict)

    def crosses(self, case_id: str) -> bool:
        """Whether this case is to be withdrawn while its feedback is on its way."""
        plan = self.plans.get(case_id)
        return plan is not None and plan.twist is Twist.CROSSING

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
                await self._each(row for row in page["items"])
            await self.decide_requests()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _each(self, rows: Iterable[dict[str, Any]]) -> None:
        async def one(row: dict[str, Any]) -> None:
            async with self._hands:
                await self.act(row)

        await asyncio.gather(*(one(row) for row in rows))

    async def act(self, row: dict[str, Any]) -> None:
        """The next thing for one case of the list."""
        raise NotImplementedError

    async def decide_requests(self) -> None:
        """Answer what assignees ask: a clerk who says "not ours" is believed."""
        items = await self.desk.get("/api/v1/work-items", limit=PAGE)
        for item in items:
            if item["kind"] != "request":
                continue
            case = await self.desk.get(f"/api/v1/cases/{item['case_id']}")
            for request in case["requests"]:
                if request["direction"] == "in" and await self.desk.do(
                        item["case_id"], "request-decision", request_id=request["request_id"],
                        granted=True, text="情况属实，同意回退"):
                    self.memory.count("回退 returned")


class CityCentre(Person):
    """Files, dispatches, has results checked, closes."""

    statuses = ("reported", "pending_dispatch", "feedback_given", "checking", "pending_close")

    async def act(self, row: dict[str, Any]) -> None:
        case_id, status = row["case_id"], row["status"]
        plan = self.memory.plans.get(case_id)
        if plan is None:
            return  # reported a moment ago; the answer is still on its way to the reporter
        if status == "reported":
            if plan.twist is Twist.DECLINED:
                await self.desk.do(case_id, "decline", reason="现场核实未发现问题")
                self.memory.count("不立案 declined")
            else:
                await self.desk.do(case_id, "file")
        elif status == "pending_dispatch":
            await self._dispatch(case_id, plan)
        elif status == "feedback_given":
            await self.desk.do(case_id, "start-check")
        elif status == "checking":
            await self._check(case_id, plan)
        elif status == "pending_close":
            await self.desk.do(case_id, "close", text="核查属实，问题已解决")

    async def _dispatch(self, case_id: str, plan: Planned) -> None:
        proposal = await self.desk.get(f"/api/v1/cases/{case_id}/proposal")
        to = proposal["assignee"] or next(iter(proposal["candidates"]), "")  # a person decides
        if plan.twist is Twist.MISDIRECTED:
            case = await self.desk.get(f"/api/v1/cases/{case_id}")
            if not case["assignments"]:
                to = plan.wrong
        if to:
            await self.desk.do(case_id, "dispatch", to=to)

    async def _check(self, case_id: str, plan: Planned) -> None:
        if plan.twist is Twist.REWORK:
            case = await self.desk.get(f"/api/v1/cases/{case_id}")
            if not case["rework_count"]:
                if await self.desk.do(case_id, "check", passed=False,
                                      text="现场仍有遗留，请继续处理"):
                    self.memory.count("返工 reworked")
                return
        await self.desk.do(case_id, "check", passed=True, text="现场已恢复")


class Clerk(Person):
    """Signs, works, feeds back with a photo; says "not ours" where it is not."""

    statuses = ("held",)

    async def act(self, row: dict[str, Any]) -> None:
        case_id = row["case_id"]
        case = await self.desk.get(f"/api/v1/cases/{case_id}")
        duty = case["duty"]
        asked = any(r["direction"] == "out" for r in case["requests"])
        if case["assignment"] or asked or duty is None or duty["state"] in ("done", "ended"):
            return
        if not self._ours(row["area"]):
            await self.desk.do(case_id, "request", kind="return", reason_code="not_ours",
                               text="不在本辖区，请改派")
        elif duty["state"] == "offered":
            await self.desk.do(case_id, "sign")
        elif duty["state"] == "signed":
            await self.desk.do(case_id, "progress", text="已到场处理")
        elif not (self.memory.held_back and self.memory.crosses(case_id)):
            await self.feed_back(case_id)

    async def feed_back(self, case_id: str) -> bool:
        """Say that it is handled."""
        photo = await self.desk.photo(picture(self.random), "handle_after")
        return await self.desk.do(case_id, "feed-back", result="已处理完毕，恢复原状",
                                  photos=[photo])

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
            await self._each(row for row in page["items"]
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
        condition = plan.condition
        said = await self.desk.post("/api/v1/cases", {
            "category": {
                "standard_ref": condition.standard_ref, "kind": condition.kind,
                "code": condition.code, "name": condition.name,
                "condition_no": condition.condition_no,
            },
            "place": {"area": plan.area, "address": plan.address, "lon": plan.lon,
                      "lat": plan.lat},
            "text": condition.condition, "source": plan.source, "urgent": plan.urgent,
            "photos": photos,
        })
        assert said is not None, "a report is never refused by a rule"
        self.memory.plans[said["case_id"]] = plan
