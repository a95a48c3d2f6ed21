"""What the fields of verbs are called on pages."""

from __future__ import annotations

from typing import Final

LABELS: Final = {
    "text": "说明", "reason": "理由", "reason_code": "理由类别", "result": "处置结果",
    "closing_met": "是否达到结案条件", "to": "承办单位",
    "limits.finish_by": "办结时限（留空则按标准时限）",
    "unit_reference": "本单位编号", "photos": "照片", "collector": "采集员编号",
    "due_by": "完成期限", "passed": "核查结论", "found": "现场情况", "granted": "审批意见",
    "upheld": "裁定", "until": "截止时间", "wanted_until": "申请至", "kind": "类别",
    "request_id": "申请", "supervision_id": "督办", "coordination_id": "协调事项",
    "dispute_id": "争议", "repair_id": "代整治", "score": "满意度", "channel": "渠道",
    "confirmed": "认定", "ref": "存疑照片", "duplicate_of": "重复的案卷号",
    "receiver": "接收单位", "reference": "文号", "reply_by": "回复期限", "level": "协调层级",
    "size": "规模", "lead": "牵头单位", "assistants": "配合单位（每行一个）",
    "performer": "实施单位", "cost_fen": "费用（元）", "payer": "出资单位",
    "amount_fen": "金额（元）", "cause": "迟到的反馈", "condition_no": "立案条件序号",
    "out_of_list_reason": "目录外立案理由", "outside_reason": "区域外立案理由",
    "name": "经办人或班组", "note": "交办说明", "photo_role": "照片内容",
    "photos_shown": "让群众看到的处置后照片", "photos_public": "为群众另附照片",
    "category": "改立分类（留空为原分类）",
    "with_cases": "同一综合问题的其他案卷（每行一个案卷号）",
    "problem_id": "综合问题",
}
"""What fields are called; one without a name here is called as the API calls it."""
