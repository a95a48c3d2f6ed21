"""What codes and columns are called in Chinese on the command line."""

from __future__ import annotations

from typing import Final

LIGHTS: Final[dict[str, str]] = {"green": "绿", "yellow": "黄", "red": "红", "grey": "灰"}
"""Lights in Chinese."""

AUDIT_OUTCOMES: Final[dict[str, str]] = {"done": "完成", "refused": "拒绝", "failed": "失败"}
"""How something in the audit log ended, in Chinese."""

POSTS: Final[dict[str, str]] = {
    "accept": "受理", "verify": "核实", "file": "立案", "dispatch": "派遣", "sign": "签收",
    "check": "核查", "close": "结案",
}
"""Posts whose step is timed, in Chinese."""

HEADINGS: Final[dict[str, str]] = {
    "field": "字段", "unmask": "可逐项查看", "kept": "保存", "ended_before": "办结早于",
    "count": "次数",
    "office": "立案单位", "reported": "上报", "filed": "立案", "should_close": "应结案",
    "closed": "结案",
    "month": "月份", "database_mib": "数据库 MiB", "files_mib": "附件 MiB",
    "growth_mib": "增长 MiB", "accounts": "账号", "clerks": "联络人",
    "collector": "采集员", "team": "班组", "firm": "公司", "beat": "责任网格",
    "begins_at": "上班", "ends_at": "下班", "course": "课程", "hours": "学时", "result": "结果",
    "minutes": "在岗分钟", "on_duty": "当班",
    "body_group": "分组",
    "opening": "期初", "came": "新增", "resolved": "消除", "remaining": "期末",
    "sheet": "报送", "drawn_at": "出表", "drawn_by": "出表人",
    "standard_ref": "标准", "standing": "状态", "effective_from": "生效", "effective_to": "失效",
    "approved_by": "批准人", "digest": "摘要", "kind": "类别", "major_name": "大类",
    "origin": "来源", "incident": "突发", "valid_to": "失效", "condition_no": "条件",
    "area_class": "区域类别", "filing": "立案条件", "limit_text": "时限", "closing": "结案条件",
    "evidence": "证据", "old": "旧类", "new": "新类", "verdict": "结论", "note": "备注",
    "case_no": "案卷号", "status": "状态", "area": "区划", "code": "代码", "name": "名称",
    "light": "灯", "urgent": "紧急", "assignee": "承办", "finish_by": "办结时限", "overdue": "超期",
    "version": "版本", "opened_at": "登记时间", "link": "连接", "peer": "对方", "state": "状态",
    "carrier": "通道", "drafts": "待发", "unacked": "待确认", "parked": "挂起",
    "quarantined": "隔离", "sentence": "说明", "position": "位置", "type": "类型",
    "waits_for": "等待", "received_at": "收到时间", "size": "字节", "at": "时间", "id": "编号",
    "scope": "范围", "roles": "岗位", "login": "用户名", "second_factor": "动态口令",
    "role": "岗位", "alone": "专人担任",
    "missing": "缺失", "pending": "待定", "surplus": "多余", "differ": "不同",
    "adapter": "适配器", "waiting": "待办", "unknown": "未知", "rejected": "拒绝",
    "source": "来源", "detail": "详情", "node": "节点", "event_type": "事件", "actor": "人员",
    "occurred_at": "发生时间", "verified": "验签", "late": "迟到", "level": "级别",
    "wish": "动作", "key": "单号", "outcome": "上次结果", "tries": "次数",
    "next_try_at": "下次尝试",
    "score": "匹配度", "layer": "图层", "text": "文字", "lon": "经度", "lat": "纬度",
    "grid": "网格", "metres": "距离（米）", "owner_name": "权属单位",
    "update_due_on": "应更新日期", "number": "版本",
    "dated": "数据日期", "row_count": "行数", "added": "新增", "changed": "变更", "removed": "移除",
    "valid_from": "生效", "weekdays": "星期", "intervals": "作息时间",
    "day": "日期",
    "verb": "操作",
    "verify": "核实", "photos": "照片", "details": "内容（*必填）", "distance_m": "距离（米）",
    "made_at": "登录时间", "seen_at": "最近使用", "agent": "浏览器",
    "address": "地址", "phone": "电话", "wants_reply": "要求答复", "channel": "渠道",
    "recipient": "对象", "case_id": "案卷标识",
    "endpoints": "对下地址", "joining": "状态", "link_state": "状态",
    "decided_by": "决定人", "created_by": "邀请人",
    "subject": "对象", "remedy": "处理办法", "parent": "上级", "keys": "密钥数",
    "why": "类别", "reason": "原因", "since": "自", "until": "至", "age_days": "案龄",
    "days_late": "超期天数", "holder": "承办", "owed": "待回复督办", "owed_overdue": "逾期未回复",
    "last": "最近动作", "suspended": "挂账", "oldest_days": "最长案龄", "unit": "单位",
    "returns_asked": "申请回退", "returns_granted": "同意回退", "extensions": "延期",
    "suspensions": "挂账", "unsigned": "未签收", "over": "达到督查线", "person": "人员",
    "phrase": "清单原文", "duty": "职责", "qualifier": "限定", "figure": "指标", "ours": "本方",
    "theirs": "对方", "title": "名称", "payer": "应付单位", "performer": "代整治单位",
    "outstanding": "待追缴（元）", "repair_id": "代整治编号", "value": "内容",
    "unit_id": "单位编号", "group": "分组", "region": "区划", "way": "派遣途径",
    "active": "在岗", "account": "账号", "place": "位置", "refused": "不能派遣",
    "complete": "齐全", "there": "已有",
    "published_at": "公布时间", "period": "周期", "definition": "指标", "open": "对外公布版",
    "published_by": "公布人", "publication_id": "公布编号", "ref": "对应", "column": "列",
    "stored": "已存", "computed": "重算",
    "patrol_key": "对象", "shifts": "班次", "coverage": "覆盖率", "on_beat": "网格内/应到",
    "valid_rate": "有效上报", "patrol_score": "得分",
    "alarm_kind": "类型", "alarm_state": "状态", "locked_at": "锁定时间", "lock_reason": "锁定原因",
    "handler": "经办人", "given": "交办", "held": "在办", "done": "已反馈", "ended": "了结",
    "reworked": "曾返工", "ever_late": "曾超期",
    "received": "来电", "answered": "已答复", "in_time": "按时", "belated": "逾期答复",
    "unanswered": "逾期未答复", "open_yet": "待答复", "share": "按时率",
    "sharing": "共享类别", "basis": "依据", "nodes": "批准对象", "side": "事项", "purpose": "用途",
    "rows": "行数",
    "became": "转案卷", "reopened": "申请重办", "answer_within": "答复时限", "concerns": "关联",
    "by_kind": "类别", "by_concern": "关联", "by_holder": "答复单位", "by_channel": "渠道",
}


NOTICES: Final[dict[str, str]] = {
    "closed": "办结", "not_accepted": "不予受理", "not_filed": "不予立案", "voided": "作废",
    "merged": "并案", "merged_ended": "随并案办结", "reopened": "同意重办",
    "kept_closed": "维持办结",
}
"""What a notice tells, in Chinese."""

TOLD: Final[dict[str, str]] = {"pending": "待回告", "delivered": "已告知", "failed": "未能告知"}
"""How telling it went, in Chinese."""

CHANNELS: Final[dict[str, str]] = {
    "phone": "电话", "letter": "函件", "sms": "短信", "app": "应用", "web": "网页",
}
"""How somebody is told, where the channel is one of the usual ones."""

CALL_CONCERNS: Final[dict[str, str]] = {"none": "无案卷", "case": "在办案卷", "result": "办理结果"}
"""What a call is about, in Chinese."""

CELLS: Final[dict[str, dict[str, str]]] = {
    "concerns": CALL_CONCERNS, "by_concern": CALL_CONCERNS,
    "light": LIGHTS,
    "why": {"suspended": "挂账", "overdue": "超期"},
    "body_group": {
        "local": "本级单位", "district": "区县园区", "street": "街道乡镇", "enterprise": "企业",
        "higher": "上级驻地",
    },
    "sheet": {"received": "已报", "awaited": "未到期", "missing": "未报"},
    "verify": {"none": "不需", "optional": "可选", "required": "必须"},
    "channel": CHANNELS,
    "state": {"intact": "完好", "damaged": "破损", "lost": "丢失", "abandoned": "废弃",
              "removed": "拆除"},
    "link_state": {"UP": "已接通", "DOWN": "未接通", "PAUSED": "已暂停", "FENCED": "已隔绝",
                   "RECOVERING": "待恢复", "QUARANTINED": "已隔离", "RETIRED": "已停用"},
    "joining": {"OPEN": "待对方加入", "WAITING": "待确认", "APPROVED": "已确认", "USED": "已加入",
                "EXPIRED": "已过期", "WITHDRAWN": "已收回", "REFUSED": "已拒绝",
                "SPOILT": "已作废"},
    "alarm_state": {"raised": "待接警", "taken": "已接警", "settled": "已处理"},
    "origin": {"own": "本级", "statutory": "国务院"},
    "kind": {"holiday": "放假", "workday": "上班"},
    "subject": {
        "units": "责任单位", "responsibilities": "权责清单", "limits": "立案条件",
        "people": "联络人", "links": "下级与适配器", "unit": "责任单位",
    },
}
"""Cells of tables whose codes have Chinese names, by column."""


ROLES: Final[dict[str, str]] = {
    "near": "近景照片", "far": "远景照片", "reference": "参照照片",
    "handle_before": "处置前照片", "handle_after": "处置后照片", "public": "公示照片",
    "closing": "所达到的结案条件",
}
"""What a photo shows, and what else a feedback may lack."""

GRIDS: Final[dict[str, str]] = {"beat": "巡查", "responsibility": "责任"}
"""Grids besides the unit grid."""

FORMS: Final[dict[str, str]] = {
    "open": "可填写", "done": "已反馈", "returned": "已申请回退", "withdrawn": "已撤回",
    "expired": "已过期", "unknown": "未知",
}
"""What a form link opens."""

RUNGS: Final[dict[str, str]] = {
    "clerk": "联络人", "deputy": "替班联络人", "leader": "分管领导", "duty": "值班人员",
}
"""Who is named on a unit's card."""

SHARINGS: Final[dict[str, str]] = {
    "free": "无偿共享", "approved": "经批准共享", "barred": "依法不共享",
}
"""Classes of shared data, in Chinese."""

SHARE_SIDES: Final[dict[str, str]] = {
    "ASKED": "本节点读取", "ANSWERED": "提供", "REFUSED": "拒绝",
}
"""Entries of the log of sharing, in Chinese."""

VERDICTS: Final[dict[str, str]] = {
    "pass": "通过", "fail": "不通过", "not_applicable": "不适用",
}
"""How a check of acceptance ended, in Chinese."""

CALL_STATES: Final[dict[str, str]] = {
    "open": "待答复", "overdue": "逾期未答复", "answered": "按时答复", "late": "逾期答复",
}
"""Where a call stands, in Chinese."""

CALL_STEPS: Final[dict[str, str]] = {
    "received": "登记", "handed": "转办", "taken_back": "收回", "tried": "未联系上",
    "answered": "答复", "became": "转案卷", "reopen": "申请重办", "erased": "删除来电人信息",
}
"""What was done with a call, in Chinese."""

KINDS_OF_DAMAGE: Final[dict[str, str]] = {
    "page": "数据页", "entry": "经过记录", "case": "案卷", "envelope": "信封", "trace": "下级记录",
    "photo": "照片",
}
"""What ``verify`` compares, in Chinese."""
