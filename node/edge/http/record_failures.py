"""Failures of what is imported, measured and put on record: tables, places, figures, approvals."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from hub.errors import Retry
from node.edge.http.failures import Row, row

_S = HTTPStatus

RECORD: Final[dict[str, Row]] = {
    "table.invalid": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "表格中有无法导入的行", "Rows of the table cannot be imported",
        "修改 errors 所列的行；未导入任何行", "correct the listed rows; nothing was imported",
    ),
    "audit.role": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "没有查看审计日志的岗位", "Reading the audit log takes a role",
        "由审计管理员查看", "ask the auditor",
    ),
    "privacy.field": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这一项个人信息", "There is no such field of personal data",
        "用 wanmi personal fields 查看", "see: wanmi personal fields",
    ),
    "privacy.role": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "没有查看这一项的岗位", "Seeing this field takes a role",
        "由有该岗位的人员查看", "ask somebody who has the role",
    ),
    "evidence.role": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "没有取证的岗位", "Taking evidence out takes a role",
        "由审计管理员、值班长或督查人员取证", "ask the auditor, a shift leader or a supervisor",
    ),
    "evidence.reason": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "取证须写明原因", "Taking evidence out takes a reason",
        "填写原因，如 行政复议 2026-18", "say what for; it is logged",
    ),
    "evidence.unsigned": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "本节点没有可用的签名密钥", "This node has no key to sign with",
        "在运行中的节点上取证", "take the evidence from the running node",
    ),
    "audit.anchor_file": row(
        _S.UNPROCESSABLE_ENTITY, Retry.NEVER,
        "不是审计锚文件", "This is no file of signed heads",
        "核对文件；锚文件由节点按 [audit] anchor 写出",
        "check the file; the node writes it as [audit] anchor says",
    ),
    "calendar.unknown": row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这个版本的日历", "There is no such version of the calendar",
        "不带版本查看当前日历", "ask without a version for the present one",
    ),
    "calendar.limit": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "时限写法无法识别", "The limit cannot be read",
        "写 4工作时、2工作日、2紧急工作时、3自然日或 30分钟",
        "write 4 work_hour, 2 work_day, 2 urgent_hour, 3 calendar_day or 30 minute",
    ),
    "place.unknown": row(
        _S.NOT_FOUND, Retry.NEVER,
        "本节点没有登记", "It is not registered at this node",
        "核对编码或图层名称", "check the code or the name of the layer",
    ),
    "place.point": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "坐标不可用", "The point cannot be used",
        "核对坐标与坐标系；x 为东坐标（经度），y 为北坐标（纬度）",
        "check point and system; x is the easting or longitude, y the northing or latitude",
    ),
    "place.crs": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "不认识的坐标系", "This coordinate system is not known",
        "使用 CGCS2000、WGS84、GCJ02、BD09 或 EPSG:4491 至 4554",
        "use CGCS2000, WGS84, GCJ02, BD09 or EPSG:4491 to 4554",
    ),
    "layer.unknown": row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这个图层", "There is no such layer",
        "核对图层名称", "check the name of the layer",
    ),
    "upkeep.unknown": row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这张表、这个版本或这份待导入的表格",
        "There is no such table, version or waiting sheet",
        "回到应用维护，从列表中选", "go back to maintenance and choose from its lists",
    ),
    "adapter.mapping": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "映射有误，不能启用", "The mapping has faults and cannot be used",
        "先检查映射，逐处改正", "look it through and mend each of them",
    ),
    "adapter.no_mapping": row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这个适配器，或它不用映射", "There is no such adapter, or it has no mapping",
        "核对适配器名称", "check the name of the adapter",
    ),
    "upkeep.moved": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "您看过之后，数据又变了", "The data have changed since you looked",
        "再看一遍将有哪些变化，再确认", "look at what would change now, then confirm",
    ),
    "import.unknown": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这次导入，或已结束", "There is no such import, or it has ended",
        "重新开始导入", "begin the import again",
    ),
    "import.unchecked": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "导入尚未通过检查", "The import was not checked",
        "先检查，通过后再写入", "check it first",
    ),
    "evaluation.period": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有这个周期", "There is no such period",
        "写成 2026-11-25、2026-W48、2026-11、2026-Q4、2026-H2 或 2026",
        "write 2026-11-25, 2026-W48, 2026-11, 2026-Q4, 2026-H2 or 2026",
    ),
    "evaluation.subject": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "指标中没有这类评价对象", "The indicators have no such subject",
        "查看 GET /evaluation/definitions 列出的对象",
        "take one of the subjects that GET /evaluation/definitions lists",
    ),
    "evaluation.version": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这个指标版本", "There is no such version of the indicators",
        "查看 GET /evaluation/definitions 列出的版本",
        "take one of the versions that GET /evaluation/definitions lists",
    ),
    "evaluation.definition": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "指标文件有误", "A file of indicators cannot be used",
        "按提示改正节点目录 indicators 中的文件，再重启节点",
        "correct the file in the folder indicators of the node's home and restart",
    ),
    "evaluation.filter": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "筛选条件不可用", "The filter cannot be used",
        "写成 列=值，可重复", "write column=value; it may be repeated",
    ),
    "evaluation.figure": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "该表没有这个数字", "The sheet has no such figure",
        "取表中 counts 的名称", "take a name out of the sheet's counts",
    ),
    "evaluation.key": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "对象编号的段数不对", "The key has the wrong number of parts",
        "按表中 key 的各段依次给出", "give the parts of the line's key in order",
    ),
    "evaluation.format": row(
        _S.NOT_FOUND, Retry.AFTER_CHANGE,
        "没有这种格式", "There is no such format",
        "可用 json、html、csv、xlsx", "use json, html, csv or xlsx",
    ),
    "evaluation.sheet": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "不是综合评价结果文件", "This is no sheet of an evaluation",
        "取对方以 json 导出的结果", "take the other office's export as json",
    ),
    "evaluation.too_many": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "结果行数过多", "The sheet would be too long",
        "按区划或单位缩小范围", "narrow it by an area or a unit",
    ),
    "evaluation.unfinished": row(
        _S.CONFLICT, Retry.LATER,
        "周期尚未结束，不能公布", "The period is not over and cannot be published",
        "周期结束后再公布", "publish after its end",
    ),
    "evaluation.publication": row(
        _S.NOT_FOUND, Retry.NEVER,
        "没有这次公布", "Nothing was published under this id",
        "核对编号", "check the id",
    ),
    "stock.span": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "问题库报表只按日、周、月", "The problem library is summed up by day, week or month",
        "写成 2026-11-25、2026-W48 或 2026-11", "write 2026-11-25, 2026-W48 or 2026-11",
    ),
    "stock.unfinished": row(
        _S.CONFLICT, Retry.LATER,
        "周期尚未结束", "The period is not over",
        "周期结束后再出表", "draw the sheet up after its end",
    ),
    "stock.no_rules": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "本节点没有审批规则文件，不出报表", "This office has no file of approvals",
        "在节点配置中指定 approvals 文件", "name a file of approvals in the profile",
    ),
    "stock.too_many": row(
        _S.CONFLICT, Retry.NEVER,
        "问题库案卷过多，无法一次汇总", "Too many cases for one sheet",
        "联系维护人员", "call whoever runs the node",
    ),
    "stock.unknown": row(
        _S.NOT_FOUND, Retry.LATER,
        "没有这份报表", "There is no such sheet",
        "核对周期与单位，或先出表", "check period and office, or publish it first",
    ),
    "approval.too_late": row(
        _S.CONFLICT, Retry.NEVER,
        "已过可以提出申请的时间", "It had to be asked earlier",
        "说明原因后由派遣单位处理", "talk to whoever dispatched it",
    ),
    "approval.too_many": row(
        _S.CONFLICT, Retry.NEVER,
        "申请次数已达上限", "It was granted as often as the rules allow",
        "改用其他处理方式", "choose another way",
    ),
    "approval.beyond_limits": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "超出本级时限，须转报上级", "It goes beyond this office's own limits",
        "转报上级审批（pass-up）", "pass the request up",
    ),
    "approval.filing_office": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "作废由立案单位决定，须转报", "Only the office that filed the case may void it",
        "转报上级审批（pass-up）", "pass the request up",
    ),
    "approval.own": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "不得审批自己提出的申请", "Nobody decides what they asked for themselves",
        "由他人审批", "let somebody else decide",
    ),
    "approval.role_missing": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "缺少该环节所需的审批角色", "This step takes a role that the caller does not hold",
        "请由具备该岗位的人员审批", "let somebody who holds that role take it",
    ),
    "approval.same_reviewer": row(
        _S.FORBIDDEN, Retry.AFTER_CHANGE,
        "两次复核不得为同一人", "The next step is somebody else's",
        "由另一人复核", "let another person review",
    ),
    "approval.passed_up": row(
        _S.CONFLICT, Retry.LATER,
        "申请已转报上级，等待答复", "The request was passed up and waits for its answer",
        "等待上级答复", "wait for the answer from above",
    ),
    "approval.suspended": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "案卷正在挂账", "The clock stands still: it is suspended",
        "先恢复计时", "let the clock run again first",
    ),
    "approval.return_open": row(
        _S.CONFLICT, Retry.AFTER_CHANGE,
        "承办单位已申请回退，须先答复", "A return waits for its answer",
        "先审批回退申请", "decide the return first",
    ),
    "approval.not_overdue": row(
        _S.CONFLICT, Retry.NEVER,
        "未超期，无可申诉", "It is not overdue, there is no mark to appeal against",
        "核对时限", "check the deadline",
    ),
    "approval.exempt": row(
        _S.CONFLICT, Retry.NEVER,
        "已豁免，无需申诉", "The mark is lifted already",
        "无需处理", "nothing is to be done",
    ),
    "approval.no_deadline": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "没有可延长的时限", "There is no deadline to move",
        "请派遣单位明确时限", "ask whoever dispatched it for a deadline",
    ),
    "approval.no_end": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "挂账须写明截止日期", "A suspension needs an end",
        "填写截止日期", "say until when",
    ),
    "approval.end_past": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "截止日期已过", "The end is past already",
        "改为以后的日期", "name a later one",
    ),
    "approval.too_long": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "挂账时间超过规定上限", "It asks to wait longer than the rules allow",
        "缩短挂账时间", "ask for less",
    ),
    "approval.no_later": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "新的时限并不晚于原时限", "The new deadline is no later than the old one",
        "改为更晚的时限", "name a later one",
    ),
    "approval.decided_here": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "该申请由本级审批，无须转报", "This kind of request is decided here",
        "直接审批", "decide it",
    ),
    "dossier.version": row(
        _S.UNPROCESSABLE_ENTITY, Retry.AFTER_CHANGE,
        "案卷没有这个版本", "The case has no such version",
        "核对版本号", "check the version",
    ),
    "dossier.too_long": row(
        _S.UNPROCESSABLE_ENTITY, Retry.NEVER,
        "案卷记录过多，无法编目", "The record is too long to be listed",
        "联系维护人员", "call whoever maintains the node",
    ),
}
