"""Words of a case in Chinese, for whoever reads them: the command line, printed papers,
refusals."""

from __future__ import annotations

from typing import Final

STATUSES: Final[dict[str, str]] = {
    "reported": "待受理", "verifying": "核实中", "pending_filing": "待立案",
    "pending_dispatch": "待派遣", "dispatched": "已派遣待签收", "handling": "处置中",
    "suspended": "挂账中", "feedback_given": "已反馈", "checking": "核查中",
    "pending_close": "待结案", "closed": "结案", "transferred": "移送在外",
    "passed_up": "已上报", "voided": "作废",
    "not_accepted": "不予受理", "not_filed": "不予立案",
    "held": "待办", "done": "已反馈", "ended": "已了结",
}
"""Case status in Chinese; English readers see the code itself."""

EVENTS: Final[dict[str, str]] = {
    "CaseOpened": "登记", "CaseFiled": "立案", "CaseDeclined": "不予立案",
    "CheckStarted": "派出核查", "CheckPassed": "核查通过", "CheckFailed": "核查未通过",
    "CaseClosed": "结案", "Assigned": "派遣", "AssigneeSigned": "承办已签收",
    "AssigneeProgressed": "承办报进展", "AssigneeDone": "承办已反馈", "OrderClimbed": "逐级催签",
    "FeedbackLacking": "校核反馈不全",
    "AssigneeAsked": "承办提出申请",
    "RequestDecided": "审批申请", "AssigneeReplied": "承办回复", "AssignmentReworked": "要求返工",
    "AssignmentEnded": "派遣了结", "ReportLate": "迟到的报告", "ReportStale": "过时的报告",
    "LateResultAdopted": "采用迟到的反馈", "RouteMissed": "无法确定责任单位",
    "OrderTaken": "接到派遣", "OrderRepeated": "重复派遣", "DutySigned": "签收",
    "DutyProgressed": "处置进展", "DutyDone": "反馈", "RequestRaised": "提出申请",
    "RequestAnswered": "申请答复", "DutyReworked": "接到返工", "DutyEnded": "任务了结",
    "DutyBuried": "先到的撤回", "WordLate": "迟到的指令", "Pressed": "催办",
    "Supervised": "督办", "SupervisionAnswered": "督办回复", "Overdue": "超期",
    "NoOwnerMarked": "标记无责任主体", "CoordinationAsked": "提请协调",
    "CoordinationDecided": "协调决定", "ProblemJoined": "并入综合问题",
    "ProblemLeft": "移出综合问题", "ProxyRepairRecorded": "代整治", "CostRecovered": "追缴",
    "CaseAccepted": "受理", "CaseNotAccepted": "不予受理", "VerifyStarted": "派出核实",
    "VerifyDone": "核实结果", "CaseSelfHandled": "自行处置", "PartOpened": "增派协办",
    "SatisfactionGiven": "满意度评价", "ReopenAsked": "要求重办", "ReopenDecided": "重办审批",
    "ReporterTold": "结果回告", "CaseFlagged": "照片存疑", "DoubtSettled": "存疑核实",
    "RequestReviewed": "逐级审批", "RequestPassedUp": "转报上级审批",
    "AssignmentResumed": "恢复计时", "DutyResumed": "恢复计时", "CaseSuspended": "挂账",
    "CaseResumed": "解除挂账", "CaseVoided": "作废", "CaseTransferred": "移送",
    "CaseTakenBack": "移送退回", "CasePassedUp": "上报上级", "RecallAsked": "申请撤回上报",
    "PassedUpAnswered": "上级告知办理情况",
}
"""Journal events in Chinese; English readers see the name itself."""

OUTCOMES: Final[dict[str, str]] = {
    "registered": "已登记", "accepted": "已受理", "filed": "已立案", "taken_back": "已退回",
    "not_accepted": "不予受理", "not_filed": "不予立案", "closed": "已结案", "voided": "已作废",
}
"""What the office above says of a report that was passed up to it."""

RANKS: Final[dict[str, str]] = {
    "offered": "待签收", "signed": "已签收", "handling": "处置中", "done": "已反馈",
    "closed": "结案", "withdrawn": "已撤回", "returned": "已回退", "voided": "作废",
}
"""How far an assignment has come, and how it ended."""

REQUESTS: Final[dict[str, str]] = {
    "return": "回退", "extension": "延期", "suspension": "挂账", "void": "作废",
    "appeal": "申诉", "dispute": "责任争议", "coordination": "提请协调",
}
"""What may be asked of an assignor."""

MATTERS: Final[dict[str, str]] = {
    "no_owner": "无责任主体", "boundary": "边界不清", "policy": "政策原因",
    "multi_department": "多部门协作", "ownership": "权属不清", "offence": "违法行为查处难",
}
"""What a coordination is about."""

WHYS: Final[dict[str, str]] = {"overdue": "超期", "leader": "领导", "important": "重点"}
"""Why a supervision was given."""

LEVELS: Final[dict[str, str]] = {"committee": "委员会", "area": "属地政府"}
"""Who decides what no rule solves, as the shipped rules name them; a city's own level is named as
its file names it."""

UNITS: Final[dict[str, str]] = {
    "urgent_hour": "紧急工作时", "work_hour": "工作时", "work_day": "工作日",
    "calendar_day": "自然日", "minute": "分钟",
}
"""What limits count."""

KINDS: Final[dict[str, str]] = {"component": "部件", "matter": "事件"}
"""What is classed."""

PHOTOS: Final[dict[str, str]] = {
    "near": "近景", "far": "远景", "reference": "参照物", "handle_before": "处置前",
    "handle_after": "处置后", "public": "公示",
}
"""What a photo shows."""

CHANNELS: Final[dict[str, str]] = {
    "phone": "电话", "letter": "函件", "sms": "短信", "app": "应用内", "web": "网页",
    "visit": "上门",
}
"""By which way somebody is told or asked; a city's own way is named as its file names it."""

SCORES: Final[dict[int, str]] = {
    5: "很满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "很不满意",
}
"""How content a reporter is."""

PUBLIC: Final[dict[str, str]] = {"public": "公众页面"}
"""Who acts where a citizen does, and by which way: without an account (``node.service.public``)."""

ENDS: Final = frozenset({
    "CaseClosed", "CaseVoided", "CaseDeclined", "CaseNotAccepted", "CaseTransferred", "DutyEnded",
    "SatisfactionGiven", "ReopenDecided",
})
"""Entries that end a case here, and what came after its end."""

POSITIONS: Final[dict[str, str]] = {
    "intake_operator": "受理员", "dispatcher": "派遣员", "shift_leader": "值班长",
    "section_head": "科长", "centre_head": "指挥长", "main_leader": "主管领导",
}
"""Roles of the shipped rules of approval; a city's own role is named as its file names it."""

VERBS: Final[dict[str, str]] = {
    "file": "立案", "decline": "不予立案", "dispatch": "派遣", "sign": "签收", "progress": "进展",
    "feed-back": "反馈", "request": "提出申请", "request-decision": "申请审批",
    "pass-up": "转报上级", "resume": "恢复计时", "suspend": "挂账", "resume-case": "解除挂账",
    "void": "作废", "force-close": "强制结案", "transfer": "移送", "take-back": "移送退回",
    "reply": "督办回复", "withdraw": "撤回",
    "start-check": "派出核查", "check": "核查", "close": "结案", "adopt-late": "采用迟到反馈",
    "press": "催办", "supervise": "督办",
    "accept": "受理", "not-accept": "不予受理", "start-verify": "派出核实", "verify": "核实结果",
    "self-handle": "自行处置", "part": "增派协办", "satisfaction": "登记满意度",
    "reopen": "申请重办", "reopen-decision": "重办审批", "doubt": "存疑核实",
    "no-owner": "无责任主体", "coordination": "提请协调", "coordination-decision": "协调决定",
    "join-problem": "并入综合问题", "leave-problem": "移出综合问题",
    "proxy-repair": "代整治", "recovery": "追缴", "dispute": "责任争议",
    "dispute-decision": "争议裁定", "handler": "内部交办",
    "submit": "上报上级", "recall": "撤回上报",
}
"""Verbs as a case document names them."""
