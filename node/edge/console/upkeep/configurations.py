"""Versions of what the office works by: which files changed at which start, what changed in them,
and the texts, to be laid into the home again."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Response

from node.edge.console.upkeep.difference import difference
from node.edge.console.upkeep.sections import PATH, RULES, tabs
from node.edge.console.visit import HEADERS, Here, PageRoute, Visit
from node.edge.http.problems import BadCall
from node.service.instants import to_minute

router = APIRouter(
    prefix=f"{PATH}/rules/versions", include_in_schema=False, route_class=PageRoute)

SHOWN: Final = 20
"""Versions on a page."""
FILES: Final = {
    "profile": "配置文件", "rights": "权限矩阵", "roles": "岗位文件", "accounts": "账户规则",
    "limits": "时限文件", "approvals": "审批规则", "coordination": "协调规则",
    "stages": "环节划分", "feedback": "反馈要求", "patrol": "巡查规则",
    "privacy": "个人信息规则", "intake.sources": "来源", "intake.notices": "通知文本",
    "intake.calls": "来电规则", "acceptance": "验收标准", "sharing": "共享目录",
}
"""What the files are called, by the setting that names each."""
Number = Annotated[int, Path(ge=1, le=10**6)]


@router.get("", operation_id="getRoster")
async def versions(visit: Here, before: Annotated[int, Query(ge=0, le=10**6)] = 0) -> Response:
    """Newest first."""
    found = await visit.desk.upkeep.configurations.versions(before, SHOWN + 1)
    return await visit.page(
        "upkeep/configurations.html", tabs=tabs(visit), section=RULES, newest=not before,
        versions=[(one.number, to_minute(one.at), _called(visit, one.files))
                  for one in found[:SHOWN]],
        more=found[SHOWN - 1].number if len(found) > SHOWN else 0)


@router.get("/{number}", operation_id="getRoster")
async def version(number: Number, visit: Here) -> Response:
    """What it changed, file by file."""
    found = await _changed(visit, number)
    return await visit.page(
        "upkeep/configuration.html", tabs=tabs(visit), section=RULES, number=number,
        files=[(setting, _name(visit, setting), not before, not after,
                await asyncio.to_thread(difference, before, after) if before and after else [])
               for setting, before, after in found])


@router.get("/{number}/{side}/{setting}.toml", operation_id="getRoster")
async def text(
    number: Number, side: Literal["before", "after"], setting: str, visit: Here,
) -> Response:
    """One of its files, as it was before or after."""
    for one, before, after in await _changed(visit, number):
        whole = before if side == "before" else after
        if one == setting and whole:
            name = f"{setting}-{number}.toml"
            return Response(whole, media_type="application/toml; charset=utf-8", headers={
                **HEADERS, "Content-Disposition": f'attachment; filename="{name}"'})
    raise _unknown(number)


async def _changed(visit: Visit, number: int) -> list[tuple[str, str, str]]:
    found = await visit.desk.upkeep.configurations.changed(number)
    if found is None:
        raise _unknown(number)
    return found


def _unknown(number: int) -> BadCall:
    return BadCall("http.not_found", f"there is no version {number}, or no such file in it")


def _called(visit: Visit, files: tuple[str, ...]) -> str:
    if len(files) == len(FILES):
        return visit.say("全部文件")
    return visit.say("、").join(_name(visit, one) for one in files)


def _name(visit: Visit, setting: str) -> str:
    return visit.say(FILES[setting]) if setting in FILES else setting
