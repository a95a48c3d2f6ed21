"""What the office works by: its profile with the matrix of rights and the limits, what another
profile would change, and the versions of the indicators."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.datastructures import UploadFile

from node.core.capability import Capability
from node.core.facts import TimeLimit
from node.core.revising import Change
from node.edge.console.upkeep.sections import INDICATORS, PATH, RULES, tabs
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http.problems import BadCall
from node.edge.http.verb_paths import PATHS
from node.service.case_words import UNITS, VERBS
from node.service.evaluation.versions import BadDefinition

if TYPE_CHECKING:
    from node.core.rights import Rights

router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)

RIGHTS: Final = {
    "intake": "受理", "file": "立案权", "dispatch": "派遣权", "check": "核查权", "close": "结案权",
    "coordinate": "协调", "evaluate": "考评", "observe": "督查",
}
"""Capabilities of an office, as columns."""
HOLDING: Final = "持有即可"
COMMANDS: Final = {
    "OpenCase": "登记", "RecordCall": "登记来电", "HandCall": "转办来电", "AnswerCall": "答复来电",
    "LinkCall": "来电关联案卷", "TellReporter": "结果回告", "FailCheck": "核查未通过",
    "PassCheck": "核查通过",
}
"""Commands that have no address of their own below a case, or share one."""
POSTS: Final = {
    "accept": "受理", "verify": "核实", "file": "立案", "dispatch": "派遣", "sign": "签收",
    "check": "核查", "close": "结案",
}
SIDES: Final = {"own": "本级案卷", "duty": "上级派来的任务", "calls": "来电"}
SETTINGS: Final = {
    "title": "名称", "capabilities": "权能", "auto_route": "按权责清单自动下派",
    "relay_done": "下级反馈如何上报", "arrangement": "体制", "source": "依据", "rights": "权限矩阵",
    "separated": "监管分离", "prefer": "属地与部门并存时先提", "stages": "环节划分",
    "coordination": "协调规则", "decides": "本级决定的协调", "targets_answer": "只派有人应答的单位",
    "limits": "时限文件", "feedback": "反馈要求", "patrol": "巡查规则", "acceptance": "验收标准",
    "sharing": "共享目录", "privacy": "个人信息规则", "auditors": "审计岗位",
    "evidence": "取证岗位", "accounts": "账户规则", "roles": "岗位文件",
    "separated_admins": "三员分立", "approvals": "审批规则",
    "intake.filing_condition": "立案须选立案条件", "intake.similar_m": "疑似重复：米",
    "intake.similar_h": "疑似重复：小时",
}
VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "relay_done": {"auto": "自动上报", "confirm": "由人确认后上报"},
    "prefer": {"area": "属地", "bureau": "部门", "neither": "不分先后"},
    "decides": {"area": "区级协调", "committee": "委员会"},
    "intake.filing_condition": {"required": "必须", "optional": "可以不选"},
    "feedback": {"open": "不作要求"}, "accounts": {"graded": "等保三级"},
    "stages": {"four": "四个环节", "six": "六个环节", "seven": "七个环节"},
}
"""Values of settings that are words."""
STANDARD: Final = "standard"
"""How a setting names the file that comes with the program."""
Name = Annotated[str, Query(max_length=100)]


@router.get("/rules", operation_id="getRoster")
async def rules(visit: Here, to: Name = "") -> Response:
    """The profile in words, the matrix, the limits; ``to``: what another profile would change."""
    book = visit.desk.upkeep.rules
    profile, rights = book.present()
    names = await asyncio.to_thread(book.titles)
    switch, problem = None, ""
    if to:
        if to not in names:
            raise BadCall("http.not_found", f"there is no profile {to[:40]}")
        try:
            switch = await asyncio.to_thread(book.switch, to)
        except (OSError, ValueError) as error:
            problem = str(error)
    held = visit.desk.queries.capabilities
    return await visit.page(
        "upkeep/rules.html", tabs=tabs(visit), section=RULES, profile=profile.title,
        arrangement=profile.arrangement, source=profile.source, names=names, to=to,
        problem=problem, columns=[(visit.say(RIGHTS[one]), one in held) for one in Capability],
        own=_matrix(visit, rights.own), duty=_matrix(visit, rights.duty),
        calls=_matrix(visit, rights.calls), apart=_apart(visit, rights),
        settings=_settings(visit, switch.settings) if switch else [],
        gained=[_sided(visit, one) for one in switch.gained] if switch else [],
        lost=[_sided(visit, one) for one in switch.lost] if switch else [],
        switch=switch is not None, limits=_limits(visit))


def _matrix(
    visit: Visit, needs: Mapping[str, Capability | None]
) -> list[tuple[str, list[bool], bool]]:
    """Verb, whether each right is the one that it needs, and whether holding is enough."""
    return [
        (_verb(visit, verb), [need is one for one in Capability], need is None)
        for verb, need in needs.items()
    ]


def _apart(visit: Visit, rights: Rights) -> tuple[str, str] | None:
    """Verbs of either side, where one account may not be on both."""
    if not rights.separated:
        return None
    return _joined(visit, rights.working), _joined(visit, rights.judging)


def _joined(visit: Visit, verbs: frozenset[str]) -> str:
    return visit.say("、").join(sorted({_verb(visit, one) for one in verbs}))


def _verb(visit: Visit, command: str) -> str:
    word = COMMANDS.get(command) or VERBS.get(PATHS.get(command, ""), "")
    return visit.say(word) if word else command


def _sided(visit: Visit, one: tuple[str, str]) -> str:
    side, command = one
    return visit.say(
        "%(verb)s（%(side)s）", verb=_verb(visit, command), side=visit.say(SIDES[side]))


def _settings(visit: Visit, change: Change | None) -> list[tuple[str, str, str]]:
    if change is None:
        return []
    return [
        (visit.say(SETTINGS[name]) if name in SETTINGS else name, _value(visit, name, old),
         _value(visit, name, new))
        for name, (old, new) in change.differing().items()
    ]


def _value(visit: Visit, name: str, value: object) -> str:
    say = visit.say
    if isinstance(value, bool):
        return say("是") if value else say("否")
    if isinstance(value, list):
        words: Sequence[str] = [
            say(RIGHTS[one]) if name == "capabilities" else _value(visit, name, one)
            for one in value]
        return say("、").join(words)
    if value == STANDARD:
        return say("随程序提供")
    known = VALUES.get(name, {})
    return "" if value is None else say(known[str(value)]) if str(value) in known else str(value)


def _limits(visit: Visit) -> dict[str, Any]:
    found = visit.desk.upkeep.rules.limits()
    return {
        "version": found.version,
        "steps": [(visit.say(POSTS[post]), _limit(visit, one)) for post, one in
                  found.steps.items()],
        "handling": _limit(visit, found.handling) if found.handling else "",
    }


def _limit(visit: Visit, one: TimeLimit) -> str:
    return f"{one.value} {visit.say(UNITS[one.unit])}"


# --- indicators -----------------------------------------------------------------------------------


@router.get("/indicators", operation_id="listIndicators")
async def indicators(visit: Here, version: Name = "") -> Response:
    """Every version of the indicators; one of them with its text."""
    return await _indicators(visit, version)


@router.post("/indicators", operation_id="listIndicators")
async def checked(visit: Here) -> Response:
    """Look through a file of indicators before it is laid into the node's home."""
    file = (await form_of(visit.request)).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise BadCall("request.invalid", visit.say("请选择文件"))
    data = await file.read()
    try:
        found = await asyncio.to_thread(
            visit.desk.upkeep.rules.looked_through, data.decode("utf-8-sig"), file.filename)
    except UnicodeDecodeError as error:
        raise BadCall("body.encoding", visit.say("文件不是 UTF-8 编码")) from error
    except BadDefinition as error:
        return await _indicators(visit, "", file=file.filename, wrong=[
            one.say(visit.language) for one in error.sentences])
    return await _indicators(visit, "", file=file.filename, fits=(
        found.definition.title, found.definition.version, found.definition.valid_from.isoformat()))


async def _indicators(visit: Visit, version: str, **more: Any) -> Response:
    definitions = visit.desk.evaluation.definitions
    shown = definitions.named(version) if version else None
    return await visit.page(
        "upkeep/indicators.html", tabs=tabs(visit), section=INDICATORS,
        versions=[(one.definition.version, visit.say(one.definition.title),
                   one.definition.valid_from.isoformat(), visit.say(one.definition.source),
                   one.definition.digest[:12]) for one in reversed(definitions.all())],
        version=version, text=shown.text if shown else "",
        **{"file": "", "wrong": [], "fits": None, **more})
