"""What a rule says in Chinese when it says no, by code, or by code and why.

In English a refusal has its own words, which name the case at hand; here is the sentence that a
Chinese reader gets instead. It may take the refusal's values. Codes whose sentence stands in the
catalogue in both languages are not here; those that only programs hear are in ``UNHEARD``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

UNHEARD: Final = frozenset({
    "adapter.page_too_large", "adapter.unknown_act", "ask.malformed", "ask.not_permitted",
    "ask.unknown_method", "case.invalid.clock", "case.refused", "word.malformed",
})
"""Said to neighbours' and adapters' programs, never to a person."""

CHINESE: Final[Mapping[str, str]] = MappingProxyType({
    # --- requests and their approval --------------------------------------------------------------
    "approval.beyond_limits": "超出本级的截止时间，须转报上级审批",
    "approval.decided_here": "此类申请由本级审批，不必转报",
    "approval.end_past": "截止时间已过，请填写以后的时间",
    "approval.exempt": "已免除超期责任，不必再申诉",
    "approval.filing_office": "只有立案单位可以作废，请转报",
    "approval.no_deadline": "没有处置时限，无从延期",
    "approval.no_end": "请写明挂账到什么时候",
    "approval.no_later": "延期后的截止时间须晚于原截止时间",
    "approval.not_overdue": "尚未超期，不需要申诉",
    "approval.other_verb": "这类事项另有专门的操作，不走申请",
    "approval.own": "不能审批自己提出的申请",
    "approval.passed_up": "已转报上级，由上级答复",
    "approval.role_missing": "这一步须由以下岗位审批：{needed}；您的岗位：{held}",
    "approval.same_reviewer": "下一步须由另一个人审批",
    "approval.suspended": "已在挂账，计时停止",
    "approval.too_late": "已过申请期限",
    "approval.too_long": "超过最长挂账期限",
    "approval.too_many": "已达到规定的批准次数",
    # --- the case ---------------------------------------------------------------------------------
    "case.act_first": "市政公用应急案件须先行处置；有异议的提出责任争议，不影响处置",
    "case.no_route": "该节点不在本节点之下",
    "case.invalid.empty_time": "截止时间须晚于起始时间",
    "case.no_route.no_parent": "本节点没有上级，不能上报",
    "case.not_permitted.evaluate": "本节点没有评价权限",
    "case.not_permitted.filing_office": "这一操作由立案单位办理，本节点无此权限",
    "case.not_permitted.judging": "下级没有承办单位；对案卷本身的核查和结案由立案单位办理",
    "case.same_hand": "监管分离：处置本案的人员不能核查或结案，核查或结案的人员不能处置",
    "case.unknown": "本节点没有这个案卷",
    "case.version_conflict": "案卷已是第 {version} 版，请重新查看后再办理",
    "case.wrong_status": "案卷目前的状态不能进行此操作",
    "case.wrong_status.contested": "先前提出的责任争议尚未裁定",
    "case.wrong_status.coordination_asked": "同类协调事项已提请，尚未决定",
    "case.wrong_status.filed_above": "上级已经处理，不能撤回",
    "case.wrong_status.recalled": "已申请撤回，等上级答复",
    "case.wrong_status.decided_above": "本级提出的责任争议由上级裁定",
    "case.wrong_status.giving_back": "本级的回退或作废申请尚未答复（申请编号 {request_id}）",
    "case.wrong_status.marked": "已标记为无责任主体",
    "case.wrong_status.no_contest": "没有这项待裁定的责任争议",
    "case.wrong_status.no_duty": "本单位没有承担此案，或任务已了结，不能指定经办人",
    "case.wrong_status.no_coordination": "没有这项待决定的协调事项",
    "case.wrong_status.no_reopening": "没有待审批的重办申请",
    "case.wrong_status.no_request": "没有这项待审批的申请",
    "case.wrong_status.pass_up": "案卷在 {assignee} 手中；须先撤回，或把对方的申请转报上级",
    "case.wrong_status.reopened": "已经重办，新案卷为 {new_case_id}",
    "case.wrong_status.reopening_asked": "已申请重办，尚未审批",
    "case.wrong_status.supervised": "待回复的督办已达上限，请先回复",
    "case.wrong_status.while_held": "任务已反馈或了结，不能再提出此类申请",
    # --- what was filled in -----------------------------------------------------------------------
    "case.invalid.amount": "金额以分计，须为正整数且不超过上限",
    "case.invalid.beyond_calendar": "时限超出日历范围",
    "case.invalid.code_alone": "分类代码须连同所属标准和类别（部件或事件）填写",
    "case.invalid.coordination_known": "该协调事项已提请过",
    "case.invalid.digest": "摘要须为 64 位十六进制（SHA-256）",
    "case.invalid.fresh_case": "新案卷须使用新的标识",
    "case.invalid.fresh_part": "协办案卷须使用新的标识",
    "case.invalid.itself": "案卷不能并入自身",
    "case.invalid.kind": "类别只能是部件或事件",
    "case.invalid.leads": "牵头单位不能同时协办，协办单位不能重复",
    "case.invalid.name": "名称过长",
    "case.invalid.no_late": "没有可采用的迟到反馈",
    "case.invalid.no_repair": "没有这项代整治",
    "case.invalid.no_working_time": "日历中没有工作时间",
    "case.invalid.notice": "告知结果只能是已告知或未告知到",
    "case.invalid.part_of_part": "协办案卷不能再增派协办，请在主办案卷下增派",
    "case.invalid.parts": "协办案卷数已达上限",
    "case.invalid.period": "统计期间过长或起止颠倒",
    "case.invalid.reason_code": "理由代码过长",
    "case.invalid.repair_known": "该代整治已登记过",
    "case.invalid.reply_by": "督办回复期限须在以后",
    "case.invalid.supervision": "督办类别只能是超期、领导或重点",
    "case.invalid.supervision_known": "该督办已下达过",
    "case.invalid.to_itself": "不能派遣给本节点自己",
    "case.invalid.words": "请用文字说明",
    # --- coordination, contests, money ------------------------------------------------------------
    "coordination.level": "按规定此类事项应由 {level} 协调（依据：{rule}），请改报该级",
    "coordination.no_rule": "本节点的配置没有规定此类事项由谁协调",
    "coordination.not_ours": "该事项由上级协调决定",
    "coordination.too_many": "本案协调次数已达上限",
    "dispute.too_many": "本案责任争议次数已达上限",
    "dispute.too_old": "争议所指的派遣已无从查考",
    "fund.too_many": "本案代整治次数已达上限",
    "fund.too_much": "追缴金额超过尚欠金额",
    # --- standards --------------------------------------------------------------------------------
    "bundle.digest": "文件内容与摘要不符，可能不完整或被改动",
    "bundle.format": "文件格式版本与本程序不符",
    "bundle.malformed": "这不是标准文件，或文件已损坏",
    "bundle.signature": "文件与 {signer} 的签名不符，可能在途中被改动",
    "codes.class": "小类代码的位数或取值不符合该标准",
    "codes.identity": "标识码的位数或取值不符合该标准",
    "codes.limit": "无法识别该时限，请写成如 4小时、2工作日",
    "codes.no_room": "该大类已没有可用的地方扩展代码",
    "codes.taken": "该代码已被使用",
    "codes.unknown": "该版标准中没有这个小类",
    "crosswalk.verdict": "对照结论与新旧代码不符",
    "standard.approved": "该版已批准，不能再改",
    "standard.draft": "该版尚为草稿",
    "standard.known": "该标准已登记",
    "standard.own_draft": "草稿须由未参与编写的人批准",
    "standard.past_day": "日期已过，或早于生效日",
    "standard.too_large": "该版的小类或立案条件过多",
    "standard.unknown": "没有这一版标准，或该标准没有现行版",
    "standard.unregistered": "该标准尚未登记，请先登记其代码位数（wanmi standard register）",
    # --- places -----------------------------------------------------------------------------------
    "component.code": "部件标识码须为 16 至 18 位数字",
    "component.name": "部件没有名称",
    "component.period": "养护结束早于养护开始",
    "component.point": "坐标只有一半",
    "grid.code": "网格编码不符合该标准",
    "grid.prefix": "编码不以所在区划代码开头",
    "grid.standard": "不认识这个网格编码标准",
    "import.too_long": "行数超过一次导入的上限",
    "import.unchecked": "请先检查再导入",
    "import.unknown": "没有这次导入：已结束，或同一图层已开始新的导入",
    "layer.unknown": "没有这个图层",
    "outline.shape": "边界图形有误",
    "place.crs": "不认识这个坐标系；可用 CGCS2000、WGS84、GCJ02、BD09 或 EPSG:4491 至 4554",
    "place.point": "坐标有误：不是经纬度，或不在该投影带内（x 为东坐标，y 为北坐标）",
    "place.unknown": "没有登记",
    "region.code": "区划代码有误",
    "unit.credit_code": "统一社会信用代码有误",
    # --- evaluation -------------------------------------------------------------------------------
    "evaluation.figure": "评价表中没有这项指标",
    "evaluation.filter": "筛选条件有误，应写成 列=值",
    "evaluation.format": "没有这种格式",
    "evaluation.key": "评价对象的写法有误",
    "evaluation.period":
        "统计期间有误，应写成如 2026-11-25、2026-W48、2026-11、2026-Q4、2026-H2 或 2026",
    "evaluation.publication": "没有这次发布",
    "evaluation.subject": "现行指标没有这个评价对象",
    "evaluation.too_many": "结果过大，请按区划或单位缩小范围",
    "evaluation.unfinished": "统计期间尚未结束",
    "evaluation.version": "没有适用的指标版本",
    "stock.no_rules": "本节点没有审批规则文件，无从统计问题库",
    "stock.span": "问题库按日、周或月统计",
    "stock.too_many": "案卷过多，请缩小范围",
    "stock.unfinished": "该时段尚未结束",
    "stock.unknown": "没有这张问题库报表",
    # --- the house --------------------------------------------------------------------------------
    "calendar.limit": "时限有误或超出日历范围",
    "calendar.unknown": "没有这一版日历",
    "dossier.too_long": "案卷记录过多，无法编目",
    "dossier.version": "案卷还没有到这一版",
    "drill.purpose": "查看下级案卷须写明用途",
    "idempotency.mismatch": "同一幂等键已用于另一内容",
    "intake.closed_above": "该件由 {office} 以 {case_no} 办结；如又出现问题，请重新登记后上报",
    "intake.score": "满意度须为 1 至 5",
    "limits.nothing_to_extend": "没有可延的时限",
    "notice.delivered": "已经告知过",
    "notice.unknown": "没有这项告知",
    "page.cursor": "翻页游标有误，请从第一页查起",
    "photo.digest": "照片以 64 位十六进制摘要标识",
    "photo.too_large": "照片过大",
    "photo.type": "照片须为 JPEG、PNG 或 WebP",
    "public.closed": "本单位未开通网上上报",
    "public.source": "来源“{source}”不对公众开放",
    "public.unknown": "没有这个编号，或查询码不符",
    "reporter.phone": "电话号码位数不足",
    "reporter.purpose": "查看举报人须写明用途",
    "table.invalid": "表格内容有误",
    "token.name_in_use": "该名称的令牌已存在",
    "token.roles": "岗位名称有误，应如 shift_leader 或 *",
    "collector.overlap": "采集员同一时间排在两处",
    "collector.unknown": "没有这个采集员",
    "unit.group": "没有这个单位分组",
    "unit.no_way_in": "该单位既无节点也无适配器",
    "unit.unanswerable": "该单位无人应答，不能派遣",
    "unit.unknown": "没有这个单位",
    "word.position": "报文位置应写成 <纪元>:<序号>",
    "word.reason_missing": "放弃报文须写明理由",
})
"""Code, or code and why → the sentence."""


def chinese(code: str, why: str, values: Mapping[str, str]) -> str:
    """The sentence of a refusal; "" = there is none, or it lacks a value."""
    for key in (f"{code}.{why}", code):
        if key in CHINESE:
            try:
                return CHINESE[key].format(**values)
            except KeyError:
                continue  # the same code is raised elsewhere without these values
    return ""
