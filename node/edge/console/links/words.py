"""What the pages of links call things: Chinese, and keys of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TABS: Final[Mapping[str, tuple[str, str]]] = {
    "/console/links": ("链路总览", "getFederation"),
    "/console/links/invitations": ("邀请与审批", "listInvitations"),
    "/console/links/keys": ("密钥与证书", "getKeys"),
    "/console/links/doctor": ("体检", "listFindings"),
}
"""Pages of the room: address, title and the operation of the API that they show."""
PLACES: Final = {"SELF": "本节点", "PARENT": "上级", "CHILD": "下级", "OTHER": "不相邻"}
STATES: Final = {
    "UP": "正常", "DOWN": "中断", "FENCED": "已隔绝", "RECOVERING": "待恢复",
    "QUARANTINED": "已隔离", "RETIRED": "已停用",
}
SCOPES: Final = {"trace": "过程记录", "assignment": "交办状态"}
WAITS: Final = {"person": "等人员处理", "change": "等升级或新名册", "lane": "等前一条"}
TYPES: Final = {
    "node.v1.Order": "派遣", "node.v1.Directive": "指令", "node.v1.Report": "报告",
    "node.v1.StockSheet": "问题库报表",
}
WORDS: Final = {
    "order": "派遣", "withdraw": "撤回", "press": "催办", "supervise": "督办",
    "decision": "审批意见", "reworkverdict": "返工", "closedverdict": "结案", "resume": "恢复计时",
    "told": "上报的结果", "signed": "签收", "progress": "进展", "done": "处置反馈",
    "request": "申请", "reply": "答复督办", "submitted": "上报上级", "recalled": "收回上报",
    "trace": "过程记录", "stock": "问题库报表",
}
FIELDS: Final = {
    "case_id": "案卷标识", "case_no": "案卷号", "assignment_id": "交办标识", "generation": "轮次",
    "text": "说明", "reason": "理由", "reason_code": "理由类别", "result": "处置结果",
    "facts": "案卷信息", "category": "类别", "place": "地点", "limits": "时限", "name": "名称",
    "code": "代码", "kind": "种类", "area": "区域", "address": "地址", "lon": "经度", "lat": "纬度",
    "finish_by": "办结时限", "sign_by": "签收时限", "handling": "处置时限", "count": "数量",
    "unit": "单位", "photos": "照片", "role": "内容", "size": "字节", "media_type": "格式",
    "act": "内容", "node": "节点", "version": "版本", "event": "事件", "period": "期别",
    "urgent": "紧急", "source": "来源", "standard_ref": "标准", "request_id": "申请标识",
    "supervision_id": "督办标识", "reply_by": "答复期限", "unit_reference": "单位编号",
    "granted": "是否同意", "decider": "审批人", "until": "截止", "outcome": "结果",
    "closing": "结案条件", "caption": "图注", "origin": "出处", "level": "层级", "asker": "申请人",
    "calendar": "日历", "reported_at": "上报时间", "details": "来源信息", "by": "经手",
    "received_text": "原文", "source_details": "来源信息", "ordinal": "次数", "lead": "牵头单位",
}
"""Names of what stands in a word; one without a name here is called as the protocol calls it."""
INVITES: Final[Mapping[str, tuple[str, str]]] = {
    "OPEN": ("accent", "有效，等新节点使用"), "WAITING": ("warn", "新节点已提交，待审批"),
    "APPROVED": ("accent", "已审批，等新节点取件"), "USED": ("ok", "已加入"),
    "EXPIRED": ("", "已过期"), "WITHDRAWN": ("", "已收回"), "REFUSED": ("bad", "已拒绝"),
    "SPOILT": ("bad", "口令多次用错，已作废"),
}
CLAIMS: Final[Mapping[str, tuple[str, str]]] = {
    "WAITING": ("warn", "待确认"), "APPROVED": ("ok", "已确认，待写入名册"),
    "REFUSED": ("bad", "已拒绝"),
}
LEVELS: Final[Mapping[str, tuple[str, str]]] = {
    "alarm": ("bad", "须处理"), "warn": ("warn", "留意"), "ok": ("ok", "无异常"),
}
OUTCOMES: Final = {
    "APPLIED": "已生效", "LATE": "已记录（迟到，不再改变案卷）", "DUPLICATE": "此前已收到",
    "PARKED": "仍不能处理，继续挂起", "DISCARDED": "已放弃",
}
REMEDIES: Final = {
    "remedy.parked": "查看这条连接挂起的报文：排除原因后重放，或写明理由放弃",
    "remedy.paused": "原因排除后，在这条连接上恢复收发",
    "remedy.unsealed": "查看这条连接的隔离区，与对方查明签名为何不符，然后放行",
    "remedy.quarantined": "查看这条连接的隔离区，并与对方核对",
    "adapter.quarantined.remedy": "在“适配器”页查看：改好映射后重读，确认无用的销号",
    "adapter.job.remedy": "在“适配器”页查看停下的任务，排除原因后再试",
    "remedy.quota": "联系对方查明原因；先处理挂起的报文；确属正常业务的，请维护人员调高配额",
}
"""What to do where a button of these pages does it, by the key of the doctor's remedy."""
SUBJECTS: Final = {
    "link": "连接", "adapter": "适配器", "certificate": "证书", "standard": "标准",
}
"""What a finding of the doctor is about, as its subject begins."""
LEADS: Final = {"link": "/console/links", "adapter": "/console/adapters"}
"""Where more is said of those that have a page."""
BOUNDS: Final = {"words": "今日报文", "photos": "今日照片", "parked": "挂起报文"}
SAID: Final = {
    "replayed": "已重放 %(what)s", "replayed_all": "已重放，处理了 %(what)s 条",
    "discarded": "已放弃 %(what)s，理由已入审计日志", "paused": "已暂停收发，报文在本节点排队",
    "resumed": "已恢复收发", "released": "已放行", "reconciled": "对账完成：%(what)s",
    "withdrawn": "已收回给 %(what)s 的邀请", "approved": "已同意 %(what)s 加入",
    "refused": "已拒绝 %(what)s", "retired": "已停用 %(what)s",
    "renewing": "已向上级申请换发证书", "changing": "新密钥已生成，写入名册后自动启用",
    "changed": "现在只用新密钥",
}
"""What is said on the page that follows an act; ``what`` is a name or a number."""
