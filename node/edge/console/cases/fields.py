"""The form of a verb, from the API's own description of it: which fields, of which kind, with which
choices this case has for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from node.edge.console.cases.acting import HANDLER, Verb, all_verbs
from node.edge.http.limits import SHORT_CHARS_MAX
from node.service.case_words import MATTERS, PHOTOS, REQUESTS, VERBS, WHYS

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
    "amount_fen": "金额（分）", "cause": "迟到报告编号", "condition_no": "立案条件序号",
    "out_of_list_reason": "目录外立案理由", "outside_reason": "区域外立案理由",
    "name": "经办人或班组", "note": "交办说明", "photo_role": "照片内容",
}
"""What fields are called; one without a name here is called as the API calls it."""
ANSWERS: Final = {
    "passed": ("通过", "不通过，返工"), "found": ("属实", "不属实"), "granted": ("同意", "不同意"),
    "upheld": ("成立", "不成立"), "confirmed": ("照片不实", "照片属实"),
}
LEFT_OUT: Final = frozenset({
    "expected_version", "category", "unit", "with_cases", "problem_id", "digest", "cause",
})
"""What a short form does not ask for; the API still takes it."""
_LISTS: Final = {
    "request_id": ("requests", "request_id"), "supervision_id": ("supervisions", "supervision_id"),
    "coordination_id": ("coordinations", "coordination_id"),
    "dispute_id": ("disputes", "dispute_id"), "repair_id": ("repairs", "repair_id"),
    "ref": ("flags", "ref"),
}
"""Fields that name something listed in the document of the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``kind``: text, line, number, time, choice, answer, photos."""

    name: str
    label: str
    kind: str
    required: bool
    most: int = 0
    least: int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form of one verb; ``key`` makes sending it twice harmless."""

    word: str
    title: str
    key: str
    fields: tuple[Field, ...]
    grave: bool = False


GRAVE: Final = frozenset({"void", "decline", "not-accept", "force-close", "withdraw", "transfer"})
"""Verbs that end something: their buttons look so."""


async def form_of_verb(visit: Visit, word: str, document: Mapping[str, Any]) -> Form:
    """The form of a verb for a case."""
    verb = all_verbs()[word]
    return Form(
        word=word, title=visit.say(VERBS.get(word, word)), key=visit.desk.fresh_id(),
        grave=word in GRAVE, fields=tuple(await _fields(visit, verb, document)),
    )


async def _fields(visit: Visit, verb: Verb, document: Mapping[str, Any]) -> list[Field]:
    schema = verb.model.model_json_schema()
    needed = set(schema.get("required", ()))
    if verb.word == "dispatch":
        needed.add("to")
    found = []
    for name, given in schema.get("properties", {}).items():
        if name in LEFT_OUT or (name == "limits" and verb.word == HANDLER):
            continue
        found.append(await _field(visit, name, given, schema, document, needed=name in needed))
        if name == "photos":
            found.append(_roles(visit))
    return found


def _roles(visit: Visit) -> Field:
    return Field(
        name="photo_role", label=visit.say(LABELS["photo_role"]), kind="choice", required=True,
        choices=tuple((key, visit.say(word)) for key, word in PHOTOS.items() if key != "public"),
        chosen="handle_after")


async def _field(
    visit: Visit, name: str, given: Mapping[str, Any], schema: Mapping[str, Any],
    document: Mapping[str, Any], *, needed: bool,
) -> Field:
    kinds = [_resolved(one, schema) for one in (given, *given.get("anyOf", ()))]
    label = visit.say(LABELS.get(name, name))
    if name == "photos":
        return Field(name=name, label=label, kind="photos", required=needed)
    if name == "limits":
        return Field(name="limits.finish_by", label=visit.say(LABELS["limits.finish_by"]),
                     kind="time", required=False)
    choices, chosen = await _choices(visit, name, kinds, document)
    if choices or name in _LISTS or name == "to":
        return Field(name=name, label=label, kind="choice", required=needed, choices=choices,
                     chosen=chosen)
    if any(one.get("format") == "date-time" for one in kinds):
        return Field(name=name, label=label, kind="time", required=needed)
    if any(one.get("type") == "boolean" for one in kinds):
        yes, no = ANSWERS.get(name, ("是", "否"))
        return Field(name=name, label=label, kind="answer", required=needed,
                     choices=(("yes", visit.say(yes)), ("no", visit.say(no))),
                     chosen="" if needed else "no")
    if any(one.get("type") == "integer" for one in kinds):
        whole = next(one for one in kinds if one.get("type") == "integer")
        return Field(name=name, label=label, kind="number", required=needed,
                     least=whole.get("minimum", whole.get("exclusiveMinimum")),
                     most=whole.get("maximum", 0))
    most = max((one.get("maxLength", 0) for one in kinds), default=0)
    listed = any(one.get("type") == "array" for one in kinds)
    example = given.get("examples", [""])[0]
    return Field(
        name=name, label=label, kind="text" if listed or most > SHORT_CHARS_MAX else "line",
        required=needed, most=most,
        example=example if isinstance(example, str) and visit.language == "zh-CN" else "")


def _resolved(one: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(one.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = schema.get("$defs", {}).get(name, one) if name else one
    return found


async def _choices(
    visit: Visit, name: str, kinds: list[Mapping[str, Any]], document: Mapping[str, Any],
) -> tuple[tuple[tuple[str, str], ...], str]:
    """What may be chosen, with its name, and what is chosen from the start."""
    desk, say = visit.desk, visit.say
    if name == "to":
        where = await desk.directory()
        proposal = await desk.propose(document["case_id"])
        addresses = [
            *(f"node:{one}" for one in where["children"]),
            *(f"adapter:{one}" for one in where["adapters"]),
        ]
        proposed = str(proposal.assignee or "")
        found = [(one, desk.queries.called(one)) for one in addresses]
        return tuple(found), proposed
    if name in _LISTS:
        table, key = _LISTS[name]
        found = [
            (str(one[key]), str(one.get("text") or one.get("kind") or one[key]))
            for one in document.get(table, ())
        ]
        return tuple(found), found[0][0] if len(found) == 1 else ""
    if name == "reason_code":
        english = visit.language == "en"
        return tuple(dict.fromkeys(
            (one.code, one.en if english else one.zh) for one in desk.sources()["reasons"])), ""
    for one in kinds:
        if "enum" in one:
            words = {**REQUESTS, **MATTERS, **WHYS}
            return tuple((value, say(words.get(value, value))) for value in one["enum"]), ""
    return (), ""
