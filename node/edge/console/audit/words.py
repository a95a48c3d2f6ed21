"""What the pages of the audit log call things: Chinese, and keys of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "done": ("ok", "完成"), "refused": ("warn", "拒绝"), "failed": ("bad", "失败"),
}
ACTIONS: Final = {
    "Login": "登录", "CreateAccount": "新建账户", "GrantRoles": "改授岗位",
    "LockAccount": "锁定账户", "UnlockAccount": "解锁账户", "ResetAccount": "重置口令",
    "SetUpAccount": "设置口令", "EndAccount": "注销账户", "EndSessions": "退出会话",
    "CreateToken": "生成令牌", "RevokeToken": "吊销令牌", "LockToken": "挂失令牌",
    "UnlockToken": "恢复令牌", "PauseLink": "暂停收发", "ResumeLink": "恢复收发",
    "ReplayWord": "重放报文", "ReplayWords": "全部重放", "DiscardWord": "放弃报文",
    "ReleaseLink": "放行连接", "InviteNode": "邀请节点", "EnrolNode": "节点加入",
    "AnswerClaim": "答复新成员", "RetireChild": "停用下级", "RevokeNode": "作废节点",
    "ExportAudit": "导出审计日志", "PurgeAudit": "清除到期日志", "BackUpNode": "备份",
    "StartNode": "启动节点", "AddSignKey": "增加签名密钥", "EndSignKey": "停用旧密钥",
    "RenewPapers": "换发证书", "SettleWork": "办结待办", "ResumeAdapterJob": "重试适配器任务",
    "SettleUnitWord": "销号隔离数据", "RehearUnitWord": "重读隔离数据",
    "Logout": "退出登录", "ShowFactor": "二次验证", "EnrolFactor": "启用二次验证",
    "ChangePassword": "修改口令", "EndSession": "退出其他会话", "IssuePapers": "给下级换发证书",
    "ForgetRosters": "清除名册", "ExportEvidence": "取出证据包", "PurgePersonal": "清理个人信息",
    "GetReporter": "查看举报人", "GetCaller": "查看来电人", "EraseCaller": "删除来电人资料",
    "AssignHandler": "指定经办人", "UnassignHandler": "取消经办人", "RaiseAlarm": "呼救",
    "TakeAlarm": "接手呼救", "SettleAlarm": "办结呼救", "ImportLayer": "导入图层",
    "PutBackTable": "恢复表格版本", "ChangeMapping": "更换映射",
    "ChangeConfiguration": "更换配置",
    "PublishSheet": "发布评价", "AdoptEdition": "采用标准", "MapPhrase": "对应用语",
    "ResealPersonal": "更换个人信息密钥", "AddClass": "新增分类", "Deposit": "登记资金",
    "ImportTable": "导入表格", "ApproveEdition": "批准标准版次", "ActivateEdition": "启用标准版次",
    "DiscardEdition": "作废标准草稿", "RegisterStandard": "登记标准",
    "GetCase": "跨级查看案卷", "ListJournal": "跨级查看办理过程", "ListWork": "跨级查看待办",
    "ReadDataset": "读取共享数据", "CountHandlers": "统计经办人", "FindByPhone": "按电话查案卷",
    "FindCalls": "按电话查来电", "UnmaskField": "查看脱敏信息", "ReadAlarm": "查看呼救",
    "ReadPositions": "查看采集员位置", "ReadTrack": "查看采集员轨迹",
    "ReadPatrol": "查看巡查情况", "ReadPatrolTable": "查看巡查统计表",
    "SendTrack": "上传轨迹", "ResumeAfterRecovery": "恢复后续接日志",
}
"""Acts in Chinese; one that is not here is called by its name."""
REASONS: Final = {
    "full": "已登录", "factor": "口令正确，待二次验证", "enrol": "口令正确，须启用二次验证",
    "change": "口令正确，须修改口令", "wrong": "口令或验证码不对", "totp": "用动态口令",
    "recovery": "用恢复码", "locked": "账户已锁定", "invited": "账户还没有设口令",
    "ended": "账户已注销",
}
"""Reasons that the way in writes as a word; codes of refusals have titles of their own."""
DETAILS: Final = {
    "roles": "岗位", "before": "原岗位", "areas": "区划", "codes": "代码", "units": "单位",
    "became": "结果", "sessions": "会话", "tokens": "令牌", "scope": "权限", "position": "位置",
    "rows": "行数", "key": "任务", "key_id": "密钥", "factor": "含二次验证", "code": "代码",
    "serial": "编号", "child": "下级", "up_to": "到第几行", "added": "新增", "changed": "修改",
    "removed": "移出", "replaced": "替换", "number": "版本", "back_to": "恢复到版本",
    "version": "版本", "whole": "整表替换", "boot": "第几次启动", "profile": "配置",
    "configuration": "配置版本", "files": "文件",
    "program": "程序版本", "settings": "设置摘要", "side": "本节点", "peer": "对方节点",
    "why": "原因", "amount_fen": "金额（分）", "field": "项目", "item": "隔离项", "kind": "种类",
    "period": "期别", "settled": "已读出", "signature": "签名", "signer": "签名节点",
    "standard_ref": "标准", "subject": "评价对象", "node": "节点", "outcome": "结果",
    "to": "改为", "suite": "算法", "erased": "已清除", "count": "数量", "alg": "算法",
}
KINDS: Final = {
    "account": "账户", "token": "令牌", "link": "连接", "node": "节点", "case": "案卷",
    "operation": "功能", "adapter": "适配器", "audit": "审计日志", "backup": "备份",
    "personal": "个人信息", "work": "待办", "table": "表格", "layer": "图层", "standard": "标准",
    "alarm": "呼救", "call": "来电", "collector": "采集员", "dataset": "共享数据",
    "deposit": "拨入", "phrase": "用语", "publication": "发布的评价", "quarantine": "隔离项",
    "shift": "班次", "beat": "巡查网格", "roster": "名册",
}
"""What acts are about, as a subject begins."""
VALUES: Final = {
    "ASKED": "询问方", "ANSWERED": "答复方", "REFUSED": "拒绝方", "read": "只读",
    "operate": "办理业务", "admin": "管理", "made": "已生成", "submitted": "已提交",
    "accepted": "已接纳", "approved": "已同意", "withdrawn": "已收回", "ended": "已停用",
}
"""Values of details that are words."""
ORIGINS: Final = {"machine": "在本机执行"}
"""From where an act came, where that is no address."""
