"""What the office says about reports that are odd, about reasons and about calls, by key."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REPORT_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    # --- beats that nobody patrols ----------------------------------------------------------------
    "collector.unstaffed": (
        "今日 {count} 个责任网格无人当班：{beats}",
        "{count} beat(s) have no shift today: {beats}",
    ),
    "collector.unstaffed.remedy": (
        "补排班次（wanmi collector shifts），全部网格见 wanmi collector beats",
        "import shifts (wanmi collector shifts); wanmi collector beats lists every beat",
    ),
    # --- calls for help that nobody has taken -----------------------------------------------------
    "alarm.waiting": (
        "{count} 起采集员报警无人接警，最早一起已等 {minutes} 分钟",
        "nobody has taken {count} alarm(s) of collectors; the first has waited {minutes} min",
    ),
    "alarm.waiting.remedy": (
        "立即接警：wanmi alarm list，wanmi alarm take",
        "take it now: wanmi alarm list, wanmi alarm take",
    ),
    # --- the audit log ----------------------------------------------------------------------------
    "audit.unanchored": (
        "审计锚写不进所设的文件：{reason}",
        "signed heads of the audit log cannot be written: {reason}",
    ),
    "audit.unanchored.remedy": (
        "检查 [audit] anchor 所指的磁盘和权限；锚仍保存在数据库中",
        "look at the disk and the permissions of [audit] anchor; the heads are in the database",
    ),
    # --- marks of a report ------------------------------------------------------------------------
    "flag.class_unlisted": (
        "类别 {given} 不在现行监管清单内；相近：{near}。立案须说明理由",
        "class {given} is not in the list in force; near it: {near}. Filing takes a reason",
    ),
    "flag.class_unlisted.alone": (
        "类别 {given} 不在现行监管清单内，立案须说明理由",
        "class {given} is not in the list in force: filing takes a reason",
    ),
    "flag.standard_unknown": (
        "标准 {given} 未启用；现行：{near}。立案须说明理由",
        "nothing is in force under {given}; in force: {near}. Filing takes a reason",
    ),
    "flag.standard_unknown.alone": (
        "标准 {given} 未启用，立案须说明理由",
        "nothing is in force under {given}: filing takes a reason",
    ),
    "flag.division_unknown": (
        "区划代码 {given} 未登记；相近：{near}",
        "division {given} is not registered; near it: {near}",
    ),
    "flag.division_unknown.alone": (
        "区划代码 {given} 未登记", "division {given} is not registered",
    ),
    "flag.outside_coverage": (
        "位置在覆盖范围之外，立案须说明理由",
        "the place lies outside the coverage: filing takes a reason",
    ),
    "flag.area_contradicted": (
        "区划 {given} 与点位不符：点位在单元网格 {grid}，属 {division}。立案须说明理由",
        "division {given} is not where the point lies: grid {grid}, in {division}. Filing takes a "
        "reason",
    ),
    "flag.outside_beat": (
        "位置不在采集员责任网格 {beat} 内，该处属 {here}",
        "the place lies outside the collector's beat {beat}; it is in {here}",
    ),
    "flag.outside_beat.none": (
        "位置不在采集员责任网格 {beat} 内，也不属任何责任网格",
        "the place lies outside the collector's beat {beat}, and in no beat at all",
    ),
    "flag.boundary": (
        "位置临近边界，可能涉及：{divisions}",
        "the place is near a border; it may concern {divisions}",
    ),
    "flag.photo_time": (
        "照片 {digest:.12} 拍摄于 {at}，与上报时间不符，待核实",
        "picture {digest:.12} was taken at {at}, which does not fit the report: to be looked at",
    ),
    "flag.photo_place": (
        "照片 {digest:.12} 拍摄地点距上报位置 {metres} 米，待核实",
        "picture {digest:.12} was taken {metres} m from where the report says: to be looked at",
    ),
    "flag.photo_repeated": (
        "照片 {digest:.12} 已用于案卷 {other}，待核实",
        "picture {digest:.12} belongs to case {other} already: to be looked at",
    ),
    # --- refusals ---------------------------------------------------------------------------------
    "refusal.intake.outside": (
        "位置在覆盖范围之外；确需立案的，请说明理由（outside_reason，命令行 --outside-reason）",
        "the place lies outside the coverage: say why it is to be filed (outside_reason)",
    ),
    "refusal.intake.area": (
        "区划 {given} 与点位不符：点位在单元网格 {grid}，属 {division}；确需按此立案的，请说明理由"
        "（outside_reason，命令行 --outside-reason）",
        "division {given} is not where the point lies (grid {grid}, in {division}): say why it is "
        "to be filed (outside_reason)",
    ),
    "refusal.reason.unknown": (
        "没有原因代码“{given}”；可用：{known}", "there is no reason “{given}”; known: {known}",
    ),
    "refusal.reason.text": (
        "原因“{given}”须另附文字说明", "the reason “{given}” takes words beside it",
    ),
    "refusal.case.wrong_status.not_doubted": (
        "没有这样一张待核实的照片，或已经核实", "no such picture waits for a look",
    ),
})
"""Key → (Chinese, English)."""
