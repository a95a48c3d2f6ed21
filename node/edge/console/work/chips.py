"""The filters that are set, as chips that can be taken away, and those that may be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from node.edge.console.work.queues import FLAGS, PATH
from node.edge.console.work.rows import LIGHTS
from node.service.case_words import REQUESTS, STATUSES

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

TITLES: Final = {
    "status": "状态", "light": "时限", "area": "区域", "code": "分类", "text": "搜索",
    "assignee": "承办", "handler": "经办人", "source": "来源", "origin": "来自",
    "handed": "派往下级", "undispatched": "待派遣",
    "task_for": "采集员", "flag": "存疑", "overdue": "超期", "no_owner": "无责任主体",
    "contested": "责任争议", "waits": "待办", "opened_from": "登记自", "opened_to": "登记至",
}
"""Filters of the API's list, as a person calls them."""
WAITS: Final = {
    "route": "无法确定责任单位", "request": "申请待审批", "late_report": "迟到的反馈待采用",
    "confirm": "反馈待确认", "reply": "督办待回复", "overdue": "超期待处理",
    "coordination": "协调待决定", "press": "逾期未签收", "climb": "逐级催签", "verify": "待核实",
    "check": "待核查", "proofread": "反馈待校核", "reopen": "重办待审批", "doubt": "照片存疑待核",
    "lead_over": "主办已结，协办待定",
}
"""What waits for a person, by kind of work item."""
ORIGINS: Final = {"own": "本级受理", "above": "上级交办"}
HANDED: Final = {"yes": "已派", "no": "未派"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One filter that is set; ``without`` is the list without it."""

    name: str
    title: str
    value: str
    without: str


def set_filters(visit: Visit) -> dict[str, str]:
    """The filters in the address of this page."""
    given = visit.request.query_params
    return {name: given[name] for name in TITLES if given.get(name)}


def chips(visit: Visit) -> list[Chip]:
    """What is filtered by."""
    filters = set_filters(visit)
    return [
        Chip(
            name=name, title=visit.say(TITLES[name]), value=_said(visit, name, value),
            without=f"{PATH}?{urlencode({k: v for k, v in filters.items() if k != name})}",
        )
        for name, value in filters.items()
    ]


def _said(visit: Visit, name: str, value: str) -> str:
    if name in FLAGS:
        return ""
    if name == "waits":
        kind, _, asked = value.partition("/")
        said = visit.say(WAITS.get(kind, kind))
        return f"{said} {visit.say(REQUESTS.get(asked, asked))}".strip()
    words = {"status": STATUSES, "light": LIGHTS, "origin": ORIGINS, "handed": HANDED}.get(name, {})
    return visit.say(words[value]) if value in words else value
