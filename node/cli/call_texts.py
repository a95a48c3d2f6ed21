"""What the command line says about calls, by key: zh-CN first, then English."""

from __future__ import annotations

from typing import Final

CALL_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "call.line": (
        "{call_no}  {kind}  {state}  时限 {due}", "{call_no}  {kind}  {state}  by {due}",
    ),
    "call.holder": ("答复单位：{name}", "to be answered by {name}"),
    "call.ourselves": ("本单位", "our own desk"),
    "call.about": ("有关案卷：{case_no}  {status}", "about {case_no}  {status}"),
    "call.reporter": ("来电人即该案举报人", "the caller reported the case"),
    "call.became": ("转为案卷：{case_no}", "became {case_no}"),
    "call.reopened": ("{at} 已申请重办", "{at} asked to be taken up again"),
    "call.answer": (
        "{at}  {by}  {channel}答复：{text}", "{at}  {by}  answered ({channel}): {text}",
    ),
    "call.recorded": ("已登记 {call_no}，答复时限 {due}", "{call_no}, to be answered by {due}"),
    "call.erased": ("{call_no} 来电人信息已删除", "{call_no}: who called is erased"),
    "call.head": (
        "来电统计 {period}，截至 {at}", "calls of {period}, as of {at}",
    ),
    "call.keep": (
        "答复满 {days} 天后删除姓名和电话；规则 {version}",
        "name and phone go {days} days after the answer; rules {version}",
    ),
    "call.no_share": ("无数据", "no data"),
    "call.total": (
        "合计 {received} 件，已答复 {answered} 件（按时 {in_time}），逾期未答复 {overdue} 件，"
        "按时率 {share}",
        "{received} in all, {answered} answered ({in_time} in time), {overdue} overdue; "
        "{share} in time",
    ),
    "call.total.came": (
        "其中转案卷 {became} 件，申请重办 {reopened} 件",
        "{became} became cases, {reopened} asked to be taken up again",
    ),
    "call.written": ("已写入 {file}", "written to {file}"),
}
