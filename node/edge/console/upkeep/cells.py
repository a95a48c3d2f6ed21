"""Cells of maintained tables as a clerk reads them: names of columns, words for keys, days."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from node.core.masks import masked_phone
from node.service.instants import to_minute, to_time
from node.service.unit_kinds import unit_kinds

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

LABELS: Final[Mapping[str, str]] = {
    "standard_ref": "标准", "kind": "类别", "code": "代码", "area": "区划", "unit": "责任单位",
    "assignee": "承办", "duty": "职责", "qualifier": "限定", "zone": "网格范围",
    "phrase": "清单用语", "note": "备注", "valid_from": "生效", "valid_to": "失效",
    "unit_id": "单位编号", "name": "名称", "body_group": "分组", "parent": "上级单位",
    "region": "辖区", "territorial": "属地单位", "address": "接入地址", "way": "接入方式",
    "credit_code": "统一社会信用代码", "leader": "分管领导", "leader_phone": "分管领导电话",
    "section": "责任科室", "crew": "处置队伍", "duty_phone": "值班电话", "clerks": "联络人",
    "plans": "应急预案", "dimension": "分类方式", "area_class": "区域类别", "major_name": "大类",
    "origin": "来源", "incident": "突发", "handling_unit": "处置单位", "department": "主管部门",
    "legal_basis": "法律依据", "collection": "采集要求", "condition_no": "条件序号",
    "filing": "立案条件", "closing": "结案条件", "evidence": "证据要求", "limit_text": "时限",
    "limit_count": "时限数值", "limit_unit": "时限单位", "limit_action": "时限动作",
    "limit_assumed": "时限按缺省", "old_standard": "原标准", "old_kind": "原类别",
    "old_code": "原代码", "old_name": "原名称", "verdict": "认定", "new": "归到",
    "new_standard": "新标准", "new_kind": "新类别", "new_code": "新代码", "source": "依据",
    "day": "日期", "standard": "标准", "state": "状态", "grid": "所在网格", "lon": "经度",
    "lat": "纬度", "x": "原始横坐标", "y": "原始纵坐标", "crs": "坐标系",
    "area_m2": "面积（平方米）", "void": "停用", "pseudo": "自设区划", "units": "单元网格",
    "outline": "轮廓", "text": "地址",
    "type_code": "部件类型", "department_code": "主管部门代码", "department_name": "主管部门",
    "owner_code": "权属单位代码", "owner_name": "权属单位", "maintainer_code": "养护单位代码",
    "maintainer_name": "养护单位", "initial_on": "初始日期", "changed_on": "变更日期",
    "maintained_from": "养护起", "maintained_to": "养护止", "update_due_on": "应更新日期",
    "street_code": "街道代码", "street_name": "街道", "community_code": "社区代码",
    "community_name": "社区", "weekdays": "星期", "intervals": "作息时间", "decided_by": "认定人",
}
"""Names of columns."""
WORDS: Final[Mapping[str, str]] = {
    "component": "部件", "matter": "事件", "national": "国家", "local": "本地",
    "statutory": "法定", "holiday": "放假", "workday": "上班", "ordinary": "按星期",
    "hours": "作息", "rectify": "整改", "enforce": "执法", "regulate": "监管", "manage": "管理",
    "penalise": "处罚", "assist": "协助", "own_assets": "涉及本单位设施",
    "maintenance_period": "养护期内", "operating_area": "运行范围内", "node": "节点",
    "system": "系统", "form": "表单", "same": "相同", "renamed": "改名", "moved": "移号",
    "dropped": "取消", "nationalised": "转为国标", "review": "待定", "local-only": "仅本地",
    "work_hour": "工作时", "work_day": "工作日", "urgent_hour": "紧急工作时",
    "calendar_day": "自然日", "minute": "分钟", "intact": "完好", "damaged": "破损",
    "lost": "丢失", "abandoned": "废弃", "removed": "移除", "surveyed": "实测",
    "topographic_map": "地形图", "base_geodata": "基础地理信息", "other": "其他",
}
"""Words for keys that stand in a cell."""
WORDED: Final = frozenset({
    "kind", "origin", "qualifier", "way", "verdict", "old_kind", "new_kind", "limit_unit",
    "state", "source",
})
INSTANTS: Final = frozenset({"valid_from", "valid_to"})
YES, NO = "是", "否"
ANY: Final = {"kind": "全部", "code": "全部", "area": "全部区划", "standard_ref": "全部"}
"""What an empty cell of a beginning means."""
UNSAID: Final = frozenset({
    "body_group", "territorial", "limit_count", "limit_unit", "standard_ref", "kind", "code",
    "area", "unit", "assignee", "unit_id", "name", "condition_no", "day", "weekdays",
})
"""Fields of a new row that its subject says, or that follow from others."""


def label(visit: Visit, name: str) -> str:
    """The name of a column."""
    return visit.say(LABELS[name]) if name in LABELS else name


def cell(visit: Visit, name: str, value: object) -> str:
    """One cell; "" = empty. Phones of persons are masked for who may not see them."""
    say = visit.say
    if value is None or value == "":
        return ""
    if name == "outline":
        drawn = value if isinstance(value, bytes) else str(value).encode()
        return say("轮廓 %(mark)s", mark=sha256(drawn).hexdigest()[:6])
    if isinstance(value, list):
        return say("、").join(str(one) for one in value)
    if isinstance(value, bool):
        return say(YES) if value else say(NO)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, int) and name in INSTANTS:
        return _day(value)
    text = str(value)
    if name in {"unit", "assignee"}:
        called = visit.desk.queries.called(text)
        return called if called == text else say("%(name)s（%(id)s）", name=called, id=text)
    if name == "kind" and text in unit_kinds().kinds:
        known = unit_kinds().kinds[text]
        return known.en if visit.language == "en" else known.zh
    if name == "body_group" and text in unit_kinds().groups:
        return unit_kinds().groups[text][visit.language == "en"]
    if name == "duty":
        return say("、").join(say(WORDS.get(one, one)) for one in text.split("/"))
    if name in {"clerks", "plans"}:
        return _people(visit, text)
    if name == "leader_phone" and not _sees(visit):
        return masked_phone(text)
    return say(WORDS[text]) if name in WORDED and text in WORDS else text


def listed(
    visit: Visit, row: Mapping[str, Any], columns: Sequence[str],
    names: Mapping[tuple[str, str, str], str] = MappingProxyType({}),
) -> list[str]:
    """Cells of a row of a list, where an empty beginning means all. ``names`` of classes, by
    standard, kind and code, stand beside the code."""
    if row.get("assignee") and not row.get("unit"):
        row = {**row, "unit": row["assignee"]}
    found = {name: cell(visit, name, row.get(name))
             or (visit.say(ANY[name]) if name in ANY and name in row else "") for name in columns}
    if found.get("unit"):
        found["unit"] = visit.desk.queries.called(str(row["unit"]))
    called = names.get((str(row.get("standard_ref", "")), str(row.get("kind", "")),
                        str(row.get("code", ""))), "")
    if called and "code" in found:
        found["code"] += f" {called}"
    return list(found.values())


def subject(visit: Visit, key: str, row: Mapping[str, Any]) -> str:
    """What a row is about, in few words: its name, or what its key says."""
    if row.get("unit_id"):
        return f"{row['name']} {row['unit_id']}"
    if "old_code" in row:
        return f"{row['old_standard']} {cell(visit, 'kind', row['old_kind'])} {row['old_code']}"
    if "qualifier" in row:
        what = " ".join(listed(visit, row, ("kind", "code")))
        who = visit.desk.queries.called(row["unit"] or row["assignee"])
        return f"{what} {row['area']} → {who}"
    if "day" in row:
        return f"{row['day']} {cell(visit, 'kind', row.get('kind'))}".strip()
    if row.get("kind") == "hours":
        return visit.say("作息 %(weekdays)s", weekdays=row["weekdays"])
    if row.get("code") and "kind" not in row:
        return f"{row['code']} {row.get('name') or row.get('text') or ''}".strip()
    if row.get("code"):
        number = f" #{row['condition_no']}" if "condition_no" in row else ""
        return f"{cell(visit, 'kind', row['kind'])} {row['code']} {row.get('name', '')}{number}"
    return " ".join(str(one) for one in json.loads(key) if one)


def _people(visit: Visit, text: str) -> str:
    sees, say = _sees(visit), visit.say
    found = []
    for one in json.loads(text):
        phone = one.get("phone", "")
        words = [one.get("name", one.get("title", "")), phone if sees else masked_phone(phone)]
        if not one.get("active", True):
            words.append(say("停用"))
        found.append(" ".join(word for word in words if word))
    return say("、").join(found)


def _sees(visit: Visit) -> bool:
    return visit.desk.privacy.sees("clerk.phone", visit.caller.roles)


def _day(us: int) -> str:
    if not us:
        return ""
    at = to_time(us).astimezone(UTC)
    return to_minute(at).removesuffix(" 00:00")
