"""What went wrong, for whoever works on pages: the sentences of the API, without what only programs
need (patterns, lists of codes, ids), and each mistake with the name of its field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from node.edge.console.cases.labels import LABELS
from node.edge.console.work.chips import TITLES

if TYPE_CHECKING:
    from node.edge.console.visit import Visit
    from node.edge.http.problems import Fault, Problem

INVALID: Final = "request.invalid"
WORDS: Final = {
    "http.not_found": (
        "没有这个页面", "地址可能有误，或内容已经移走", "从左侧导航进入，或返回上一页"),
    INVALID: ("填写的内容有误", "", "改正后再提交，已填写的内容不会丢失"),
    "http.internal": (
        "系统出错", "本次操作没有完成，是否已有改动请先核对",
        "稍后再试；仍不行时把下面的编号告诉运维人员"),
}
"""Title, what happened ("" = as the API says it) and what to do, where a page says it in its own
words."""
FIELDS: Final = {
    **LABELS, "category": "问题分类", "address": "地址", "area": "所属区域", "lon": "经度",
    "lat": "纬度", "x": "东坐标", "y": "北坐标", "crs": "坐标系", "phone": "联系电话",
    "code": "分类", "source": "来源", "reported_at": "发现时间", "component": "部件标识码",
    "after": "页码", "sort": "排序",
}
"""Fields that are named by more than the forms of verbs."""
CHOSEN: Final = frozenset({"literal_error", "enum", "string_pattern_mismatch", "uuid_parsing"})
"""Mistakes whose sentence holds codes or a pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A failure as a page says it. ``number``: the code and the id of the call, for the log."""

    status: int
    title: str
    detail: str
    remedy: str
    errors: tuple[str, ...]
    number: str


def said(visit: Visit, problem: Problem) -> Told:
    """The failure for a page or a message."""
    own = WORDS.get(problem.code)
    mistakes = tuple(dict.fromkeys(
        _mistake(visit, one) for one in problem.errors if one.code != problem.code))
    title, detail, remedy = problem.title, problem.detail, problem.remedy
    if own is not None:
        title, remedy = visit.say(own[0]), visit.say(own[2])
        if own[1]:
            detail = visit.say(own[1])
        elif mistakes:
            detail = ""  # the mistakes say it
    else:
        detail = _placed(visit, problem)
    return Told(status=problem.status, title=title, detail=detail, remedy=remedy, errors=mistakes,
                number=f"{problem.code} · {problem.request_id}")


def _placed(visit: Visit, problem: Problem) -> str:
    """What happened, with the name of the field that it is about, if a form has it."""
    for one in problem.errors:
        named = FIELDS.get(one.pointer.strip("/"))
        if named and one.code == problem.code and one.detail == problem.detail:
            return visit.say("%(field)s：%(detail)s", field=visit.say(named), detail=one.detail)
    return problem.detail


def _mistake(visit: Visit, fault: Fault) -> str:
    place = fault.pointer.strip("/").split("/")
    name = next((one for one in reversed(place) if not one.isdecimal()), "")
    named = FIELDS.get(name) or TITLES.get(name)
    detail = fault.detail
    if fault.code in CHOSEN:
        detail = visit.say("无法识别，请从列表中选择") if fault.code != "string_pattern_mismatch" \
            else visit.say("格式不对")
    if fault.code == "missing" or (fault.code == "string_too_short" and "1" in detail):
        detail = visit.say("不能为空")
    return visit.say("%(field)s：%(detail)s", field=visit.say(named) if named else name,
                     detail=detail)
