"""The posts of the city centre: intake and filing, dispatch, checking and closing, call-back."""

from __future__ import annotations

from typing import Any

from node.cli.demo.day import Twist
from node.cli.demo.people import PAGE, Person, soon
from node.cli.demo.pictures import picture

WORST, BEST = 1, 5
"""Ends of the scale of satisfaction."""
ASSISTING = "adapter:police"
"""Who helps on this day: somebody with a form, whoever leads."""


COMMITTEE, COORDINATED_LEAD = "committee", "市市政公用局"
REPLY_S, TIGHT_S, SUSPENDED_S = 60.0, 3.0, 6.0
"""How long an answer to a supervision may take; a limit that nobody can keep; how long a suspension
of this compressed day lasts."""
REVIEWED = {
    "return": "回退初审 return reviewed", "extension": "延期 extended",
    "suspension": "挂账核实 suspension verified", "appeal": "申诉复核 appeal reviewed",
}
AGREED = {
    "return": "回退 returned", "suspension": "挂账 suspended", "appeal": "申诉 appeal upheld",
}
"""What the first and the second agreement to a request are counted as, by the city's own rules."""


class Intake(Person):
    """Takes reports in, has them verified where the source asks for it, files."""

    statuses = ("reported", "verifying", "pending_filing")

    async def act(self, row: dict[str, Any]) -> None:
        case_id, status = row["case_id"], row["status"]
        twist = self.memory.twist(case_id)
        if status == "verifying":
            await self._verified(case_id, twist)
        elif status == "pending_filing":
            await self._file(case_id, twist)
        elif twist is Twist.DUPLICATE:
            await self._merge(case_id)
        elif twist is Twist.SELF_HANDLED:
            if await self.desk.do(case_id, "self-handle", result="巡查时当场清理恢复",
                                  photos=await self._proof()):
                self.memory.count("自处置 self-handled")
        elif await self._known(row) and not await self.desk.do(case_id, "accept"):
            await self.desk.do(case_id, "start-verify", collector="C-01")

    async def _proof(self) -> list[dict[str, Any]]:
        """Before and after, as whoever puts it right at once has to show."""
        return [await self.desk.photo(picture(self.random), role)
                for role in ("handle_before", "handle_after")]

    async def _known(self, row: dict[str, Any]) -> bool:
        """Whether the plan of a case is known; a moment after its report the answer is still on
        its way to the reporter. What is taken up again was never planned."""
        return row["case_id"] in self.memory.plans or bool((await self.case(row))["reopens"])

    async def _verified(self, case_id: str, twist: Twist) -> None:
        if twist is Twist.UNFOUNDED:
            if await self.desk.do(case_id, "verify", found=False, text="现场未发现所反映的问题"):
                self.memory.count("不受理 not accepted")
        else:
            await self.desk.do(case_id, "verify", found=True, text="现场情况属实")

    async def _file(self, case_id: str, twist: Twist) -> None:
        if twist is Twist.DECLINED:
            if await self.desk.do(case_id, "decline", reason="达不到立案条件"):
                self.memory.count("不立案 declined")
        else:
            await self.desk.do(case_id, "file")

    async def _merge(self, case_id: str) -> None:
        original = self.memory.numbers.get(self.memory.plans[case_id].original, "")
        if original and await self.desk.do(
                case_id, "not-accept", reason="同一问题已有人反映，合并办理",
                reason_code="duplicate", duplicate_of=original):
            self.memory.count("重复 duplicate")


class Dispatcher(Person):
    """Dispatches by the proposal, hurries, asks others to assist, decides what assignees ask."""

    statuses = ("pending_dispatch", "handling")

    async def act(self, row: dict[str, Any]) -> None:
        if row["status"] == "pending_dispatch":
            await self._dispatch(row)
            return
        case_id, twist = row["case_id"], self.memory.twist(row["case_id"])
        if twist is Twist.PRESSED and not (await self.case(row))["press_count"]:
            if await self.desk.do(case_id, "press", text="请抓紧办理"):
                self.memory.count("催办 pressed")
        elif twist is Twist.SUPERVISED:
            await self._supervise(row)

    async def _supervise(self, row: dict[str, Any]) -> None:
        if not (await self.case(row))["supervisions"] and await self.desk.do(
                row["case_id"], "supervise", text="领导关注，请说明进展", kind="leader",
                reply_by=soon(REPLY_S)):
            self.memory.count("督办 supervised")

    async def _dispatch(self, row: dict[str, Any]) -> None:
        case_id = row["case_id"]
        case = await self.case(row)
        twist = self.memory.twist(case_id)
        if twist is Twist.VOIDED:
            return  # the shift leader's
        if case["lead"]:
            await self.desk.do(case_id, "dispatch", to=ASSISTING)
            return
        if twist is Twist.ASSISTED and not case["parts"] and await self.desk.do(
                case_id, "part", text="请到场疏导交通，配合处置"):
            self.memory.opened_besides += 1
            self.memory.count("协办 assisted")
        if twist is Twist.NO_OWNER and not case["no_owner"]:
            if await self.desk.do(case_id, "no-owner", text="无产权标识，各单位均不认领"):
                self.memory.count("无主 no owner")
            return
        if twist is Twist.COORDINATED and not any(
                not one["open"] for one in case["coordinations"]):
            if not case["coordinations"]:
                await self.desk.do(case_id, "coordination", level=COMMITTEE, text="涉及多个部门",
                                   kind="multi_department")
            return
        proposal = await self.desk.get(f"/api/v1/cases/{case_id}/proposal")
        to = proposal["assignee"] or next(iter(proposal["candidates"]), "")  # a person decides
        if twist is Twist.MISDIRECTED and not case["assignments"]:
            to = self.memory.plans[case_id].wrong
        if to and twist is Twist.APPEALED:
            await self.desk.do(case_id, "dispatch", to=to, limits={"finish_by": soon(TIGHT_S)})
        elif to:
            await self.desk.do(case_id, "dispatch", to=to)

    async def besides(self) -> None:
        """Answer what assignees ask: what a clerk says is believed. What takes two is looked at
        here and agreed to by another."""
        for case_id, request in await self.requests():
            if not request["reviews"] and await self.desk.do(
                    case_id, "request-decision", request_id=request["request_id"],
                    granted=True, text="情况属实，同意", **_until(request)):
                self.memory.count(REVIEWED[request["kind"]])


def _until(request: dict[str, Any]) -> dict[str, str]:
    """A suspension is granted until an instant."""
    return {"until": soon(SUSPENDED_S)} if request["kind"] == "suspension" else {}


class ShiftLeader(Person):
    """Voids, closes by force, agrees where the dispatcher alone is not enough."""

    statuses = ("pending_dispatch", "handling")

    async def act(self, row: dict[str, Any]) -> None:
        case_id, twist = row["case_id"], self.memory.twist(row["case_id"])
        if twist is Twist.COORDINATED and row["status"] == "pending_dispatch":
            await self._coordinate(row)
        elif twist is Twist.VOIDED:
            if await self.desk.do(case_id, "void", reason="不属于城市管理范围",
                                  reason_code="out_of_scope"):
                self.memory.count("作废 voided")
        elif twist is Twist.FORCED and row["status"] == "handling" and await self.desk.do(
                case_id, "force-close", text="列入片区改造，统一实施"):
            self.memory.count("强制结案 forced")

    async def _coordinate(self, row: dict[str, Any]) -> None:
        """What the committee decided, written down by its secretary."""
        for one in (await self.case(row))["coordinations"]:
            if one["open"] and await self.desk.do(
                    row["case_id"], "coordination-decision", lead=COORDINATED_LEAD,
                    coordination_id=one["coordination_id"], text="由市政公用局牵头处置"):
                self.memory.count("协调 coordinated")

    async def besides(self) -> None:
        """The second agreement to a return, a suspension, an appeal."""
        for case_id, request in await self.requests():
            if request["reviews"] and await self.desk.do(
                    case_id, "request-decision", request_id=request["request_id"],
                    granted=True, text="复核属实", **_until(request)):
                self.memory.count(AGREED[request["kind"]])


class LowerDesk(Person):
    """A lower office's answer to what its assignees ask: a suspension is not its own to give."""

    async def besides(self) -> None:
        for case_id, request in await self.requests():
            if request["passed_up"]:
                continue
            if request["kind"] == "suspension":
                if await self.desk.do(case_id, "pass-up", request_id=request["request_id"],
                                      text="本级无权挂账，转报市中心"):
                    self.memory.count("转报 passed up")
            else:
                await self.desk.do(case_id, "request-decision", granted=True,
                                   request_id=request["request_id"], text="同意")


class Checker(Person):
    """Has results looked at on site, sends back what is not done, closes."""

    statuses = ("feedback_given", "checking", "pending_close")

    async def act(self, row: dict[str, Any]) -> None:
        case_id, status = row["case_id"], row["status"]
        if status == "feedback_given":
            await self.desk.do(case_id, "start-check")
        elif status == "pending_close":
            await self.desk.do(case_id, "close", text="核查属实，问题已解决")
        elif self.memory.twist(case_id) is not Twist.REWORK or (
                await self.case(row))["rework_count"]:
            await self.desk.do(case_id, "check", passed=True, text="现场已恢复")
        elif await self.desk.do(case_id, "check", passed=False, text="现场仍有遗留，请继续处理"):
            self.memory.count("返工 reworked")


class CallBack(Person):
    """Asks reporters what the result is worth, tells those who wait, takes up again."""

    async def besides(self) -> None:
        for case_id in [self.memory.numbers[number] for number in self.memory.to_call
                        if number in self.memory.numbers]:
            await self._call(case_id)
        page = await self.desk.get("/api/v1/notices", state="pending", limit=PAGE)
        for notice in page["items"]:
            if await self.desk.post(f"/api/v1/notices/{notice['id']}/outcome",
                                    {"delivered": True, "note": "已电话告知"}) is not None:
                self.memory.count("回告 told")

    async def _call(self, case_id: str) -> None:
        """The next thing for one case whose reporter is to be asked."""
        plan = self.memory.plans[case_id]
        case = await self.case({"case_id": case_id})
        if case["status"] != "closed":
            return
        happy = plan.twist is Twist.HAPPY
        if not case["satisfaction"]:
            if await self.desk.do(
                    case_id, "satisfaction", score=BEST if happy else WORST, channel="phone",
                    text="很快就处理了" if happy else "第二天又出现了"):
                self.memory.count("满意度 rated")
        elif not happy and case["reopening"]["granted"] is None:
            if await self.desk.do(case_id, "reopen-decision", granted=True, text="重新办理"):
                self.memory.opened_besides += 1
                self.memory.count("重办 reopened")
        else:
            self.memory.to_call.discard(plan.number)
