"""Failures of the work itself: cases, problems, units, sharing, calls, collectors and alarms."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from hub.errors import Retry
from node.edge.http.failures import Row, row

_S = HTTPStatus

WORK: Final[dict[str, Row]] = {
    "case.same_hand": row(
        _S.FORBIDDEN, Retry.NEVER,
        "经办人与核查人不得为同一人", "Whoever handles a case neither checks nor closes it",
        "由另一账号办理", "let another account do it",
    ),
    "intake.unverified": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "上报尚未核实", "Nobody has looked at the place yet",
        "派人核实（wanmi case verify --collector），再登记结果（--found）",
        "send somebody (wanmi case verify --collector), then say what was found (--found)",
    ),
    "standard.unknown": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这个标准", "There is no such standard here",
        "用 wanmi standard list 查标准号和版本", "wanmi standard list shows names and editions",
    ),
    "case.act_first": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "市政公用应急案件须先行处置", "An emergency of public works is handled first",
        "先处置；责任有争议的提出争议，另行裁定",
        "handle it; contest it by a dispute, which runs beside it",
    ),
    "coordination.level": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "提请协调的层级不对", "This is not the level that decides it",
        "改报 detail 所列层级", "ask the level that the rule in the detail names",
    ),
    "problem.unknown": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "本节点没有这个综合问题", "There is no such joint problem here",
        "用 wanmi case problems 查编号", "wanmi case problems lists them",
    ),
    "problem.not_in": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "案卷没有并入这个综合问题，或已决定", "The case is not, or no longer, part of that problem",
        "用 wanmi case problem 查所含案卷", "wanmi case problem lists its cases",
    ),
    "problem.nothing_open": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "综合问题没有待本级决定的案卷", "Nothing of that joint problem waits for a decision here",
        "用 wanmi case problem 查各案卷现状", "wanmi case problem tells how its cases stand",
    ),
    "problem.too_many": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "综合问题所含案卷过多", "A joint problem would have too many cases",
        "分成几个综合问题", "make several problems of it",
    ),
    "unit.unanswerable": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "该单位无人应答，不能派遣", "Nobody at this unit would answer an order",
        "先补全单位卡片（wanmi unit gaps）", "complete its card first (see wanmi unit gaps)",
    ),
    "unit.group": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这个单位分组", "There is no such group of units",
        "可写：local 本级单位、district 区县与园区、street 街道乡镇、enterprise 企业单位、"
        "higher 上级驻地单位",
        "write local, district, street, enterprise or higher",
    ),
    "unit.kind": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这个单位类别", "There is no such kind of unit",
        "改为单位类别表中的代码", "write one of the kinds that the detail names",
    ),
    "unit.no_way_in": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "该单位没有接入，不能派遣", "This unit has neither a node nor an adapter",
        "先为其配置节点或适配器", "give it a node or an adapter first",
    ),
    "share.unknown": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这项共享数据", "There is no such shared data set",
        "核对数据名称（wanmi share list）", "check its name (wanmi share list, there)",
    ),
    "share.barred": row(
        _S.FORBIDDEN, Retry.NEVER,
        "法律规定不予共享", "A law bars this data set from sharing",
        "不再索取；确需使用的，由对方依法提供", "do not ask again; the other office may act by law",
    ),
    "share.not_approved": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "未经批准共享", "The data set was not approved for this node",
        "办理审批后由对方列入共享目录", "have it approved; the other office lists it then",
    ),
    "call.unknown": row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这个来电", "There is no such call",
        "核对来电编号", "check its number",
    ),
    "call.too_many": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "来电过多，一个文件装不下", "Too many calls for one file",
        "按时间分段导出；较长的清单导出为 CSV", "export a shorter time; a long list goes into CSV",
    ),
    "call.answered": row(
        _S.CONFLICT, Retry.NEVER,
        "来电已经答复", "The call was answered already",
        "再次来电的，另行登记", "take a further call down as one of its own",
    ),
    "call.became": row(
        _S.CONFLICT, Retry.NEVER,
        "来电已转为另一案卷", "Another case came of the call already",
        "查看该案卷", "look at that case",
    ),
    "call.about_case": row(
        _S.CONFLICT, Retry.NEVER,
        "来电已关联案卷", "The call is about a case already",
        "新问题另行登记", "take a new problem down as a call of its own",
    ),
    "call.no_opinion": row(
        _S.CONFLICT, Retry.NEVER,
        "该来电不是对结果的意见", "The call is no opinion on a result",
        "按结果意见登记，或对案卷申请重办",
        "take it down as an opinion, or ask at the case itself",
    ),
    "collector.unknown": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这个采集员", "There is no such collector",
        "核对编号，或先导入采集员名册", "check the number, or import the collectors first",
    ),
    "collector.overlap": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "采集员同一时间排在两处", "A collector would be in two places at a time",
        "核对已有排班，改时间后再导入", "look at the shifts that are there, and change the times",
    ),
    "track.sender": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "只能上传本人的轨迹", "Only one's own points are sent",
        "用采集员本人的令牌，或给代传系统的令牌加代传岗位",
        "use the collector's own token, or give the sending system's token the role",
    ),
    "track.role": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "没有查看他人轨迹的岗位", "Seeing where others were takes a role",
        "由有该岗位的人员查看", "ask somebody who has the role",
    ),
    "track.purpose": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "查看轨迹须写明目的", "Looking at a track takes a purpose",
        "填写目的，如 月度考评", "say what for; it is logged",
    ),
    "track.shift": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这个班次", "There is no such shift",
        "用 wanmi collector show 查看排班", "see the shifts: wanmi collector show",
    ),
    "alarm.unknown": row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这条报警", "There is no such alarm",
        "用 wanmi alarm list 核对", "see: wanmi alarm list",
    ),
    "alarm.role": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "须由值班岗位办理", "Only the duty desk does this",
        "由值班人员办理，或在令牌上加值班岗位",
        "ask the duty desk, or give the token its role",
    ),
    "alarm.taken": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "已有人接警", "Somebody has taken this alarm",
        "如需接手，加 over（wanmi alarm take --over）",
        "to take it over, say so: over (wanmi alarm take --over)",
    ),
    "alarm.settled": row(
        _S.CONFLICT, Retry.NEVER,
        "报警已处理完毕", "This alarm is settled",
        "不必再办；情况有变请重新报警", "nothing is to be done; raise a new one if it is not over",
    ),
    "alarm.unsaid": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "报警须写明处理结果才能销项", "An alarm is settled by saying what was done",
        "用 wanmi alarm settle 登记结果", "use: wanmi alarm settle",
    ),
    "alarm.kind": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这种报警类型", "There is no such kind of alarm",
        "用 GET /alarms/choices 查看可选项", "GET /alarms/choices lists what may be chosen",
    ),
    "alarm.outcome": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这种处理方式", "There is no such outcome of an alarm",
        "用 GET /alarms/choices 查看可选项", "GET /alarms/choices lists what may be chosen",
    ),
    "alarm.report": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "须写明做了什么", "What was done is missing",
        "填写处理经过", "say what was done",
    ),
}
