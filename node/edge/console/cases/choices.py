"""What may be chosen in a field of a verb's form, for one case: units, requests, reasons, …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from node.core.facts import Category
from node.core.reasons import DECLINE, NOT_ACCEPT, VOID_CASE
from node.edge.console.cases.acting import ASKED, REQUEST
from node.edge.console.work.rows import short
from node.service.case_words import CHANNELS, LEVELS, MATTERS, REQUESTS, SCORES, WHYS

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

LISTS: Final = {
    "request_id": ("requests", "request_id"), "supervision_id": ("supervisions", "supervision_id"),
    "coordination_id": ("coordinations", "coordination_id"),
    "dispute_id": ("disputes", "dispute_id"), "repair_id": ("repairs", "repair_id"),
    "ref": ("flags", "ref"), "cause": ("late", "cause"),
}
"""Fields that name something listed in the document of the case."""
REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "not-accept": (NOT_ACCEPT,), "decline": (DECLINE,), "void": (VOID_CASE,),
    "dispute": ("dispute",),
    REQUEST: ASKED,
}
"""Under which verbs the reasons of a form are listed."""
UNITS_MAX: Final = 200
"""Units offered to choose from; others are written."""
CHANNEL: Final = "phone"
"""How a reporter is asked, as a rule."""
SIZES: Final = {"ordinary": "一般", "large": "重大"}
"""How large a question is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that may be chosen; ``group`` "" = it stands by itself."""

    value: str
    title: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All of them, what is chosen from the start, and a line about why. ``free``: something else
    may be written."""

    found: tuple[Choice, ...] = ()
    chosen: str = ""
    hint: str = ""
    free: bool = False


COLLECTORS_MAX: Final = 500
"""Collectors that a form proposes."""
NONE: Final = Choices()


async def choices(
    visit: Visit, word: str, name: str, kinds: Sequence[Mapping[str, Any]],
    *, document: Mapping[str, Any], given: Mapping[str, str],
) -> Choices:
    """The choices of one field of the form of ``word``; ``given`` are fields that are filled in."""
    if name == "to":
        return await _assignees(visit, word, document)
    if name == "lead":
        return await _units(visit)
    if name == "collector":
        return await _collectors(visit, document)
    if name == "condition_no":
        return _conditions(visit, document)
    if name in LISTS:
        return _listed(visit, name, document)
    if name == "reason_code":
        return _reasons(visit, word, given.get("kind", ""))
    if name == "problem_id":
        return await _problems(visit)
    if name == "channel":
        return Choices(chosen=CHANNEL, found=tuple(
            Choice(value=value, title=visit.say(title)) for value, title in CHANNELS.items()))
    if name == "score":
        return Choices(found=tuple(
            Choice(value=str(score), title=visit.say(title)) for score, title in SCORES.items()))
    words = {**REQUESTS, **MATTERS, **WHYS, **SIZES}
    if name == "level":
        return Choices(free=True, found=tuple(
            Choice(value=value, title=visit.say(title)) for value, title in LEVELS.items()))
    for one in kinds:
        if "enum" in one:
            may = document["askable"] if word == REQUEST else one["enum"]
            return Choices(found=tuple(
                Choice(value=value, title=visit.say(words.get(value, value)))
                for value in one["enum"] if value in may))
    return NONE


async def _assignees(visit: Visit, word: str, document: Mapping[str, Any]) -> Choices:
    """Whom it may be handed to, the proposed one first, and why that one."""
    desk = visit.desk
    where = await desk.directory()
    addresses = [
        *(f"node:{one}" for one in where["children"]),
        *(f"adapter:{one}" for one in where["adapters"]),
    ]
    if word != "dispatch":
        return Choices(found=tuple(
            Choice(value=one, title=desk.queries.called(one)) for one in addresses))
    proposal = await desk.propose(document["case_id"])
    named = [one for one in dict.fromkeys((proposal.assignee, *proposal.candidates)) if one]
    first, rest = visit.say("按责任清单"), visit.say("其他单位")
    return Choices(
        found=(
            *(Choice(value=one, title=desk.queries.called(one), group=first) for one in named),
            *(Choice(value=one, title=desk.queries.called(one), group=rest if named else "")
              for one in addresses if one not in named),
        ),
        chosen=proposal.assignee, hint=proposal.sentence.say(visit.language))


async def _units(visit: Visit) -> Choices:
    """The units of the cards, by name; another may be written."""
    if not visit.may("listUnits"):
        return Choices(free=True)
    cards, _ = await visit.desk.cards.page("", UNITS_MAX, reveal=False)
    return Choices(free=True, found=tuple(
        Choice(value=card.name, title=card.unit_id) for card in cards))


async def _collectors(visit: Visit, document: Mapping[str, Any]) -> Choices:
    """Collectors by number, those who are on duty there first; another number may be written."""
    if not visit.may("listCollectors"):
        return Choices(free=True)
    beat = ((document["facts"] or {}).get("source_details") or {}).get("beat", "")
    roster = await visit.desk.collectors.page(limit=COLLECTORS_MAX)
    rows = sorted(roster.items, key=lambda one: (not beat or one["beat"] != beat, one["collector"]))
    found = tuple(
        Choice(value=one["collector"], title=" ".join(filter(None, (
            one["name"], one["team"], one["beat"])))) for one in rows)
    return Choices(free=True, found=found, hint=visit.say(
        "输入编号或姓名，从列表选择") if found else visit.say("采集员名册尚未导入，请填写编号"))


def _conditions(visit: Visit, document: Mapping[str, Any]) -> Choices:
    category = (document["facts"] or {}).get("category")
    if not category:
        return NONE
    rows = visit.desk.standards.filed_under(Category(
        standard_ref=category["standard_ref"], kind=category["kind"], code=category["code"],
        name=category["name"]))
    found = {str(one.number): one.filing for one in rows}
    chosen = str(category["condition_no"] or "")
    return Choices(
        free=True, found=tuple(Choice(value=key, title=title) for key, title in found.items()),
        chosen=chosen or (next(iter(found)) if len(found) == 1 else ""))


def _listed(visit: Visit, name: str, document: Mapping[str, Any]) -> Choices:
    table, key = LISTS[name]
    found = tuple(
        Choice(value=str(one[key]), title=_called(visit, one) or str(one[key]))
        for one in document.get(table, ()) if not one.get("replied"))
    return Choices(found=found, chosen=found[0].value if len(found) == 1 else "")


def _called(visit: Visit, one: Mapping[str, Any]) -> str:
    """What something listed is about, for whoever chooses among several."""
    words = {**REQUESTS, **MATTERS, **WHYS}
    kind = str(one.get("kind") or "")
    result = one.get("result") or {}
    sentence = one.get("sentence")
    parts = (
        visit.say(words[kind]) if kind in words else "",
        sentence.say(visit.language) if sentence is not None else "",
        str(one.get("text") or result.get("result") or one.get("performer") or ""),
        visit.say("（回复期限 %(value)s）", value=short(one["reply_by"]))
        if one.get("reply_by") else "",
    )
    return " ".join(one for one in parts if one)


def _reasons(visit: Visit, word: str, kind: str) -> Choices:
    english = visit.language == "en"
    verbs = (kind,) if kind in REASONS.get(word, ()) else REASONS.get(word, ())
    many = len(verbs) > 1
    return Choices(found=tuple(
        Choice(value=one.code, title=one.en if english else one.zh,
               group=visit.say(REQUESTS.get(one.verb, one.verb)) if many else "")
        for one in visit.desk.sources()["reasons"] if one.verb in verbs))


async def _problems(visit: Visit) -> Choices:
    if not visit.may("listProblems"):
        return Choices(free=True)
    return Choices(free=True, found=tuple(
        Choice(value=one.problem_id, title=one.text)
        for one in await visit.desk.problems.problems(only_open=True)))
