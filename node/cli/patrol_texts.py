"""What the command line says about patrols, tracks, alarms and budgets, by key: zh-CN first, then
English."""

from __future__ import annotations

from typing import Final

PATROL_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "patrol.head": ("采集员 {number} {name}  班组 {team}  公司 {firm}",
                    "collector {number} {name}  team {team}  firm {firm}"),
    "patrol.shift": ("责任网格 {beat}  {begins} 至 {ends}", "beat {beat}  {begins} to {ends}"),
    "patrol.open": ("截至 {until}，轨迹可能还会补传", "up to {until}; further points may come"),
    "patrol.coverage": ("网格覆盖  {share}（{covered}/{total} 格）",
                        "coverage   {share} ({covered}/{total} squares)"),
    "patrol.time": ("在岗时间  网格内 {on}，网格外 {off}，无定位 {silent}，应到 {planned}",
                    "time       on the beat {on}, off it {off}, silent {silent}, of {planned}"),
    "patrol.reports": ("有效上报  {rate}（{valid}/{reported} 件）",
                       "valid      {rate} ({valid}/{reported} reports)"),
    "patrol.score": ("得分      {score}（定位点 {points} 个，规则 {rules}）",
                     "score      {score} ({points} points, rules {rules})"),
    "patrol.untracked": (
        "本班没有定位数据，按未巡查计", "no phone said anything: counted as not walked"),
    "patrol.unmapped": (
        "该责任网格没有边界图形，不计覆盖率", "this beat is not drawn: no coverage"),
    "patrol.table": ("{period} 已结束班次巡查汇总（规则 {rules}）",
                     "{period}, shifts that are over (rules {rules})"),
    "patrol.gaps": (
        "{count} 个班次没有定位数据，按未巡查计",
        "{count} shift(s) without any point count as not walked",
    ),
    "patrol.undrawn": (
        "{count} 个班次的网格没有边界图形，不计覆盖率",
        "{count} shift(s) on a beat that is not drawn count for no coverage",
    ),
    "patrol.computing": ("计算轨迹", "computing tracks"),
    "patrol.nobody": ("（未归属）", "(none)"),
    "track.there": ("文件 {file} 已存在，换个文件名", "{file} is there already; name another"),
    "track.written": ("已写入 {file}，{points} 个定位点", "{points} points written to {file}"),
    "track.begins": (
        "{given!r} 不是时间，应如 2026-11-26T08:00",
        "{given!r} is no time such as 2026-11-26T08:00",
    ),
    "alarm.raised": ("已报警，编号 {id}", "the duty desk is told; alarm {id}"),
    "alarm.kinds": ("报警类型", "kinds"),
    "alarm.outcomes": ("处理方式", "outcomes"),
    "alarm.duty": ("值班岗位：{roles}", "duty desk: {roles}"),
    "alarm.point": (
        "位置应写成 经度,纬度，例如 115.1012,30.2025，不是 {given!r}",
        "a point is lon,lat, for example 115.1012,30.2025, not {given!r}",
    ),
    "alarm.head": ("采集员报警 {id}", "alarm {id}"),
    "alarm.waiting": ("状态  待接警", "state    nobody has taken it"),
    "alarm.taken": ("状态  已接警：{by}，{at}", "state    taken by {by}, {at}"),
    "alarm.settled": ("状态  已处理：{by}，{at}", "state    settled by {by}, {at}"),
    "alarm.who": ("人员  {collector}（{by} 报警），{kind}",
                  "who      {collector} (raised by {by}), {kind}"),
    "alarm.when": ("时间  {at}，{received} 收到", "when     {at}, received {received}"),
    "alarm.where": ("位置  {lon}, {lat}（CGCS2000），误差 {metres} 米",
                    "where    {lon}, {lat} (CGCS2000), within {metres} m"),
    "alarm.nowhere": ("位置  未提供", "where    not said"),
    "alarm.text": ("说明  {text}", "text     {text}"),
    "alarm.done": ("处理  {outcome}：{report}", "done     {outcome}: {report}"),
    "alarm.reference": ("单号  {reference}", "number   {reference}"),
    "collector.beats": (
        "{day}：{count} 个责任网格，{unstaffed} 个无人当班",
        "{day}: {count} beat(s), {unstaffed} unstaffed",
    ),
    "budget.head": (
        "{name} {year} 年度经费测算，截至 {at}", "{name}, the budget of {year}, as of {at}",
    ),
    "budget.people": (
        "在用账号 {accounts} 个；{units} 个接入单位登记联络人 {clerks} 人",
        "{accounts} live token(s); {clerks} clerk(s) on the cards of {units} unit(s)",
    ),
}
