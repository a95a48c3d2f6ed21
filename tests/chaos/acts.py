"""What people do with a case: every verb of the API with a body that might make sense.

``BODIES`` has one entry per path of ``node.edge.http.routes.verbs.PATHS``; a test compares the two,
so that a new command of the core joins the load or the test fails. A body of None means that the
case has nothing to which the verb could answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Case = Mapping[str, Any]
Body = dict[str, Any]
STANDARD = "GB/T 47678.5-2026"
CATEGORY = {"standard_ref": STANDARD, "kind": "matter", "code": "01001", "name": "供水井盖异常",
            "condition_no": 2}
AREAS = ("420202006", "420203008", "420202007", "420203400")
SELDOM: Mapping[str, float] = {
    "decline": 0.05, "not-accept": 0.05, "withdraw": 0.15, "void": 0.03, "force-close": 0.03,
    "transfer": 0.08, "suspend": 0.1, "supervise": 0.2, "press": 0.2, "no-owner": 0.08,
    "coordination": 0.1, "proxy-repair": 0.1, "dispute": 0.15, "part": 0.06, "self-handle": 0.08,
    "reopen": 0.3, "request": 0.5, "recovery": 0.5, "progress": 0.6, "submit": 0.15,
    "recall": 0.5, "handler": 0.1,
}
"""Weights below 1: verbs that end things, or that could be said again and again."""
ASKED = {"not_ours": "return", "engineering": "extension", "materials": "suspension",
         "out_of_scope": "void", "no_fault": "appeal"}


def soon(random: Random) -> str:
    """An instant a few seconds to a day ahead."""
    seconds = random.choice((5, 20, 3_600, 86_400))
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def opening(random: Random, number: int, photos: list[Body]) -> Body:
    """A report: of a collector with photos, of the media, or of somebody who calls."""
    body: Body = {
        "category": CATEGORY, "text": f"井盖破损 {number}", "urgent": random.random() < 0.05,
        "place": {"area": random.choice(AREAS), "address": f"湖滨大道 {number} 号",
                  "lon": 115.04 + random.random() / 50, "lat": 30.2 + random.random() / 50},
    }
    if photos:
        return body | {"source": "collector", "photos": photos,
                       "details": {"collector": f"C-{random.randint(1, 9)}"}}
    if random.random() < 0.5:
        return body | {"source": "superior", "details": {
            "ordering_body": "省级平台", "ordering_no": f"督〔示例〕{number}号"}}
    return body | {"source": "hotline", "details": {"call_no": f"T{number:05}"},
                   "reporter": {"phone": "00000000000", "wants_reply": True, "channel": "phone"}}


def _words(text: str) -> Callable[..., Body]:
    return lambda case, random, said: {"text": f"{text} {said}"}


def _limits(random: Random) -> Body:
    return {"limits": {"sign_by": soon(random), "finish_by": soon(random)}} if (
        random.random() < 0.5) else {}


def _dispatch(case: Case, random: Random, said: str) -> Body | None:
    if not case["assignees"]:
        return None
    return {"to": random.choice(case["assignees"]), "text": f"请处置 {said}", **_limits(random)}


def _check(case: Case, random: Random, said: str) -> Body:
    passed = case["rework_count"] > 1 or random.random() < 0.7
    return {"passed": passed, "text": f"现场情况 {said}"} | ({} if passed else _limits(random))


def _ask(case: Case, random: Random, said: str) -> Body:
    reason = random.choice(tuple(ASKED))
    return {"kind": ASKED[reason], "reason_code": reason, "text": f"情况说明 {said}",
            "wanted_until": soon(random)}


def _of_assignee(case: Case, *, passed_up: bool | None = None) -> str:
    open_ = [one for one in case["requests"] if one["direction"] == "in"
             and (passed_up is None or bool(one["passed_up"]) is passed_up)]
    return open_[0]["request_id"] if open_ else ""


def _decide(case: Case, random: Random, said: str) -> Body | None:
    request = _of_assignee(case)
    return {"request_id": request, "granted": random.random() < 0.6,
            "text": f"已核实 {said}"} if request else None


def _pass_up(case: Case, random: Random, said: str) -> Body | None:
    request = _of_assignee(case, passed_up=False)
    return {"request_id": request, "text": f"转报 {said}"} if request else None


def _adopt(case: Case, random: Random, said: str) -> Body | None:
    late = [one for one in case["late"] if not one.get("adopted")]
    return {"cause": late[0]["cause"], "text": f"采用 {said}"} if late else None


def _reply(case: Case, random: Random, said: str) -> Body | None:
    owed = [one for one in case["supervisions"] if not one["replied"]]
    return {"supervision_id": owed[0]["supervision_id"],
            "text": f"已安排 {said}"} if owed else None


def _coordination(case: Case, random: Random, said: str) -> Body:
    return {"level": random.choice(("area", "committee")),
            "kind": random.choice(("multi_department", "boundary", "no_owner")),
            "text": f"涉及多个部门 {said}"}


def _coordination_decision(case: Case, random: Random, said: str) -> Body | None:
    open_ = [one for one in case["coordinations"] if one.get("open")]
    return {"coordination_id": open_[0]["coordination_id"], "lead": "市市政公用局",
            "text": f"由其牵头 {said}"} if open_ else None


def _join(case: Case, random: Random, said: str) -> Body | None:
    alone = [one for one in case["coordinations"]
             if one.get("open") and not one.get("problem_id")]
    return {"coordination_id": alone[0]["coordination_id"], "text": f"一并研究 {said}",
            "problem_id": f"整治{random.randint(1, 9)}"} if alone else None


def _leave(case: Case, random: Random, said: str) -> Body | None:
    joined = [one for one in case["coordinations"]
              if one.get("open") and one.get("problem_id")]
    return {"coordination_id": joined[0]["coordination_id"],
            "text": f"另行处理 {said}"} if joined else None


def _dispute_decision(case: Case, random: Random, said: str) -> Body | None:
    open_ = [one for one in case["disputes"] if one.get("upheld") is None]
    return {"dispute_id": open_[0]["dispute_id"], "upheld": random.random() < 0.3,
            "text": f"裁定 {said}"} if open_ else None


def _doubt(case: Case, random: Random, said: str) -> Body | None:
    refs = [one["ref"] for one in case.get("flags", ()) if one.get("ref")]
    return {"ref": random.choice(refs), "confirmed": random.random() < 0.3,
            "text": f"经核对 {said}"} if refs else None


def _recovery(case: Case, random: Random, said: str) -> Body | None:
    repairs = case["repairs"]
    return {"repair_id": repairs[0]["repair_id"], "amount_fen": random.randint(1, 9_000),
            "payer": "黄石电信"} if repairs else None


HANDLER = "handler"
"""An office's own note, in no journal and no word: it is put, and answered with itself."""


BODIES: Mapping[str, Callable[[Case, Random, str], Body | None]] = {
    "accept": _words("受理"),
    "not-accept": lambda case, random, said: {"reason": f"不属实 {said}"},
    "start-verify": lambda case, random, said: {"collector": f"C-{random.randint(1, 9)}"},
    "verify": lambda case, random, said: {"found": random.random() < 0.95, "text": f"所见 {said}"},
    "self-handle": lambda case, random, said: {"result": f"当场扶正 {said}",
                                               "photos": case["after"]},
    "file": lambda case, random, said: {"text": f"立案 {said}"},
    "decline": lambda case, random, said: {"reason": f"达不到立案条件 {said}"},
    "part": _words("请协助围挡"),
    "dispatch": _dispatch,
    "sign": lambda case, random, said: {},
    "progress": _words("已到场处理"),
    "feed-back": lambda case, random, said: {
        "result": f"已修复 {said}", "photos": case["after"], "closing_met": True},
    "withdraw": lambda case, random, said: {"reason": f"改派 {said}"},
    "start-check": _words("请到现场核查"),
    "check": _check,
    "close": _words("核查属实，问题已解决"),
    "adopt-late": _adopt,
    "request": _ask,
    "request-decision": _decide,
    "pass-up": _pass_up,
    "resume": _words("条件已具备"),
    "suspend": lambda case, random, said: {"until": soon(random), "reason": f"待征收 {said}"},
    "resume-case": _words("条件已具备"),
    "void": lambda case, random, said: {"reason": f"重复 {said}", "reason_code": "duplicate"},
    "force-close": _words("按现状结案"),
    "transfer": lambda case, random, said: {"receiver": "市城市管理执法支队",
                                            "reason": f"涉嫌违法 {said}"},
    "take-back": _words("移送退回"),
    "press": _words("请抓紧办理"),
    "supervise": lambda case, random, said: {
        "text": f"请说明进展 {said}", "kind": random.choice(("overdue", "leader", "important")),
        "reply_by": soon(random)},
    "reply": _reply,
    "no-owner": _words("无产权标识"),
    "coordination": _coordination,
    "coordination-decision": _coordination_decision,
    "join-problem": _join,
    "leave-problem": _leave,
    "proxy-repair": lambda case, random, said: {
        "performer": "市市政公用局抢修队", "cost_fen": random.randint(9_000, 90_000),
        "payer": "黄石电信", "text": f"先行修复 {said}"},
    "recovery": _recovery,
    "dispute": lambda case, random, said: {"reason_code": "not_ours", "text": f"有异议 {said}"},
    "dispute-decision": _dispute_decision,
    "doubt": _doubt,
    "satisfaction": lambda case, random, said: {"score": random.randint(1, 5),
                                                "text": f"回访 {said}"},
    "reopen": _words("又坏了"),
    "reopen-decision": lambda case, random, said: {
        "granted": random.random() < 0.5, "text": f"已复核 {said}"} if (
            case["reopening"] and case["reopening"].get("granted") is None) else None,
    "submit": _words("超出职责，请上级受理"),
    "recall": _words("已由本单位当场处理"),
    HANDLER: lambda case, random, said: {"name": f"抢修{random.randint(1, 4)}班",
                                         "note": f"先围挡 {said}"},
}


def choose(case: Case, random: Random, said: str) -> tuple[str, Body] | None:
    """A verb that the case offers, with its body."""
    offers = [(verb, body) for verb in case["verbs"]
              if (body := BODIES[verb](case, random, said)) is not None]
    if not offers:
        return None
    weights = [SELDOM.get(verb, 1.0) for verb, _ in offers]
    return random.choices(offers, weights)[0]
