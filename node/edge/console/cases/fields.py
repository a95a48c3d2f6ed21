"""The form of a verb, from the API's own description of it: which fields, of which kind, with which
choices this case has for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from node.edge.console.cases.acting import GRAVE, HANDLER, REQUEST, Verb, all_verbs
from node.edge.console.cases.choices import LISTS, Choice, Choices, choices
from node.edge.console.cases.demands import demanded
from node.edge.http.limits import SHORT_CHARS_MAX
from node.service.case_words import PHOTOS, REQUESTS, VERBS

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

LABELS: Final = {
    "text": "说明", "reason": "理由", "reason_code": "理由类别", "result": "处置结果",
    "closing_met": "是否达到结案条件", "to": "承办单位",
    "limits.finish_by": "办结时限（留空则按标准时限）",
    "unit_reference": "本单位编号", "photos": "照片", "collector": "采集员编号",
    "due_by": "完成期限", "passed": "核查结论", "found": "现场情况", "granted": "审批意见",
    "upheld": "裁定", "until": "截止时间", "wanted_until": "申请至", "kind": "类别",
    "request_id": "申请", "supervision_id": "督办", "coordination_id": "协调事项",
    "dispute_id": "争议", "repair_id": "代整治", "score": "满意度（1 至 5 分）", "channel": "渠道",
    "confirmed": "认定", "ref": "存疑照片", "duplicate_of": "重复的案卷标识",
    "receiver": "接收单位", "reference": "文号", "reply_by": "回复期限", "level": "协调层级",
    "size": "规模", "lead": "牵头单位", "assistants": "配合单位（每行一个）",
    "performer": "实施单位", "cost_fen": "费用（分）", "payer": "出资单位",
    "amount_fen": "金额（分）", "cause": "迟到的反馈", "condition_no": "立案条件序号",
    "out_of_list_reason": "目录外立案理由", "outside_reason": "区域外立案理由",
    "name": "经办人或班组", "note": "交办说明", "photo_role": "照片内容",
    "category": "改立分类（留空为原分类）",
    "with_cases": "同一综合问题的其他案卷（每行一个案卷号）",
    "problem_id": "综合问题",
}
"""What fields are called; one without a name here is called as the API calls it."""
ANSWERS: Final = {
    "passed": ("通过", "不通过，返工"), "found": ("属实", "不属实"), "granted": ("同意", "不同意"),
    "upheld": ("成立", "不成立"), "confirmed": ("照片不实", "照片属实"),
}
LEFT_OUT: Final = frozenset({"expected_version", "unit", "digest"})
"""What a form does not ask for: the version goes along unseen, a unit is named by its address, the
digest of the evidence is that of the moment. The API still takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``kind``: text, line, number, time, choice, answer, photos, class. ``choices`` of
    a line or a number are proposals."""

    name: str
    label: str
    kind: str
    required: bool
    most: int = 0
    least: int | None = None
    choices: tuple[Choice, ...] = ()
    chosen: str = ""
    example: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form of one verb; ``key`` makes sending it twice harmless."""

    word: str
    title: str
    key: str
    fields: tuple[Field, ...]
    grave: bool = False


async def form_of_verb(
    visit: Visit, word: str, document: Mapping[str, Any], given: Mapping[str, str],
) -> Form:
    """The form of a verb for a case; fields of ``given`` are filled in."""
    verb = all_verbs()[word]
    title = visit.say(VERBS.get(word, word))
    if word == REQUEST and given.get("kind", "") in REQUESTS:
        title = visit.say("申请%(kind)s", kind=visit.say(REQUESTS[given["kind"]]))
    return Form(
        word=word, title=title, key=visit.desk.fresh_id(), grave=word in GRAVE,
        fields=tuple(await _fields(visit, verb, document, given)),
    )


async def _fields(
    visit: Visit, verb: Verb, document: Mapping[str, Any], given: Mapping[str, str],
) -> list[Field]:
    schema = verb.model.model_json_schema()
    needed = set(schema.get("required", ()))
    if verb.word == "dispatch":
        needed.add("to")
    found = []
    for name, described in schema.get("properties", {}).items():
        if name in LEFT_OUT or (name == "limits" and verb.word == HANDLER):
            continue
        kinds = [_resolved(one, schema) for one in (described, *described.get("anyOf", ()))]
        may = await choices(
            visit, verb.word, name, kinds, document=document, given=given)
        field = _field(visit, name, described, kinds, may, needed=name in needed)
        field = replace(field, chosen=given.get(name, field.chosen))
        found.append(demanded(visit, verb.word, field, document, given))
        if name == "photos":
            found.append(_roles(visit))
    return found


def _roles(visit: Visit) -> Field:
    return Field(
        name="photo_role", label=visit.say(LABELS["photo_role"]), kind="choice", required=True,
        choices=tuple(Choice(value=key, title=visit.say(word))
                      for key, word in PHOTOS.items() if key != "public"),
        chosen="handle_after")


def _field(
    visit: Visit, name: str, described: Mapping[str, Any], kinds: Sequence[Mapping[str, Any]],
    may: Choices, *, needed: bool,
) -> Field:
    label = visit.say(LABELS.get(name, name))
    if name == "photos":
        return Field(name=name, label=label, kind="photos", required=needed)
    if name == "category":
        return Field(name=name, label=label, kind="class", required=needed)
    if name == "limits":
        return Field(name="limits.finish_by", label=visit.say(LABELS["limits.finish_by"]),
                     kind="time", required=False)
    if (may.found and not may.free) or name in LISTS or name == "to":
        return Field(name=name, label=label, kind="choice", required=needed, choices=may.found,
                     chosen=may.chosen, hint=may.hint)
    if any(one.get("format") == "date-time" for one in kinds):
        return Field(name=name, label=label, kind="time", required=needed)
    if any(one.get("type") == "boolean" for one in kinds):
        yes, no = ANSWERS.get(name, ("是", "否"))
        return Field(name=name, label=label, kind="answer", required=needed,
                     choices=(Choice(value="yes", title=visit.say(yes)),
                              Choice(value="no", title=visit.say(no))),
                     chosen="" if needed else "no")
    if any(one.get("type") == "integer" for one in kinds):
        whole = next(one for one in kinds if one.get("type") == "integer")
        return Field(name=name, label=label, kind="number", required=needed, choices=may.found,
                     chosen=may.chosen,
                     least=whole.get("minimum", whole.get("exclusiveMinimum")),
                     most=whole.get("maximum", 0))
    most = max((one.get("maxLength", 0) for one in kinds), default=0)
    listed = any(one.get("type") == "array" for one in kinds)
    example = described.get("examples", [""])[0]
    return Field(
        name=name, label=label, kind="text" if listed or most > SHORT_CHARS_MAX else "line",
        required=needed, most=most, choices=may.found, chosen=may.chosen,
        example=example if isinstance(example, str) and visit.language == "zh-CN" else "")


def _resolved(one: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(one.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = schema.get("$defs", {}).get(name, one) if name else one
    return found
