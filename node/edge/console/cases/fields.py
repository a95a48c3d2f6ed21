"""The form of a verb, from the API's own description of it: which fields, of which kind, with which
choices this case has for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from node.edge.console.cases.acting import GRAVE, HANDLER, REQUEST, Verb, all_verbs
from node.edge.console.cases.choices import LISTS, Choice, Choices, choices
from node.edge.console.cases.demands import ENDS, demanded
from node.edge.console.cases.labels import LABELS
from node.edge.console.cases.photos import (
    SHOWN,
    SHOWN_FILES,
    kinds,
    results,
    shows_citizens,
)
from node.edge.console.money.sums import FEN
from node.edge.http.limits import SHORT_CHARS_MAX
from node.service.case_words import REQUESTS, VERBS

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

ANSWERS: Final = {
    "passed": ("通过", "不通过，返工"), "found": ("属实", "不属实"), "granted": ("同意", "不同意"),
    "upheld": ("成立", "不成立"), "confirmed": ("照片不实", "照片属实"),
}
HINTS: Final = {
    "until": "只在挂账和没有原时限的延期时填写，留空为申请的时间",
    "due_by": "北京时间，留空为不限",
    SHOWN_FILES: "凭查询码可见，先遮住人脸、车牌和门牌",
}
"""What a time means that may be left empty."""
ASKED_KIND: Final = "kind"
"""Of requests: each kind has reasons of its own."""
LEFT_OUT: Final = frozenset({"expected_version", "unit", "digest"})
"""What a form does not ask for: the version goes along unseen, a unit is named by its address, the
digest of the evidence is that of the moment. The API still takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``kind``: text, line, number, money (in yuan), time, choice, answer, photos,
    class, settled, pictures. ``choices`` of a line or a number are proposals, those of pictures
    are photos of the case of which some may be chosen; what is settled is shown, not asked."""

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
        if name == "wanted_until" and given.get("kind", "") not in ("", *ENDS):
            continue  # what it asks for has no end
        if name == "until" and _asks(document, given.get("request_id", "")) not in ("", *ENDS):
            continue
        kinds = [_resolved(one, schema) for one in (described, *described.get("anyOf", ()))]
        may = await choices(
            visit, verb.word, name, kinds, document=document, given=given)
        field = _field(visit, name, described, kinds, may, needed=name in needed)
        found.append(demanded(visit, verb.word, _filled(field, given), document, given))
        if name == "photos":
            found.append(_roles(visit))
            found += _for_citizens(visit, verb.word, document)
    return found


def _asks(document: Mapping[str, Any], request_id: str) -> str:
    """The kind of an open request; "" = none is named."""
    return next((str(one["kind"]) for one in document["requests"]
                 if one["request_id"] == request_id), "")


def _filled(field: Field, given: Mapping[str, str]) -> Field:
    """The field with what the address says; of things listed, the one that a button stands beside
    is not asked for again."""
    chosen = given.get(field.name, field.chosen)
    settled = field.name in (*LISTS, ASKED_KIND) and field.name in given and any(
        one.value == chosen for one in field.choices)
    return replace(field, chosen=chosen, kind="settled" if settled else field.kind)


def _roles(visit: Visit) -> Field:
    return Field(
        name="photo_role", label=visit.say(LABELS["photo_role"]), kind="choice", required=True,
        choices=tuple(Choice(value=role, title=word) for role, word in kinds(visit)),
        chosen="handle_after")


def _for_citizens(visit: Visit, word: str, document: Mapping[str, Any]) -> Iterator[Field]:
    """What citizens may see of the result: photos that are there, and files made for them."""
    if not shows_citizens(visit, word):
        return
    if found := results(document):
        yield Field(
            name=SHOWN, label=visit.say(LABELS[SHOWN]), kind="pictures", required=False,
            choices=tuple(Choice(value=one["digest"], title=one["caption"]) for one in found))
    yield Field(
        name=SHOWN_FILES, label=visit.say(LABELS[SHOWN_FILES]), kind="photos", required=False,
        hint=visit.say(HINTS[SHOWN_FILES]))


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
        return Field(name=name, label=label, kind="time", required=needed,
                     hint=visit.say(HINTS[name]) if name in HINTS and not needed else "")
    if any(one.get("type") == "boolean" for one in kinds):
        yes, no = ANSWERS.get(name, ("是", "否"))
        return Field(name=name, label=label, kind="answer", required=needed,
                     choices=(Choice(value="yes", title=visit.say(yes)),
                              Choice(value="no", title=visit.say(no))),
                     chosen="" if needed else "no")
    if name.endswith(FEN):
        return Field(name=name, label=label, kind="money", required=needed)
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
        required=needed, most=most, choices=may.found, chosen=may.chosen, hint=may.hint,
        # Of what is offered in a list the examples are codes, which nobody is to type.
        example=example if isinstance(example, str) and visit.language == "zh-CN"
        and not may.found else "")


def _resolved(one: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(one.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = schema.get("$defs", {}).get(name, one) if name else one
    return found
