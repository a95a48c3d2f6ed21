"""What the form of a report asks for: fields of its source, of its class, and which photos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from node.core.facts import Category
from node.core.sources import Detail, Verify
from node.service.case_words import PHOTOS

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

DETAIL: Final = "detail."
"""What the names of these fields begin with."""
DEFAULT: Final = "hotline"
"""The source that is chosen from the start, where the office has it."""
PLACEHOLDERS: Final = {
    "reply_by": "例如 2026-03-04 18:00", "published": "例如 2026-03-02",
    "seen_at": "例如 2026-03-02 08:40",
}
"""How to write what has a form of its own."""
VERIFYING: Final = {
    Verify.REQUIRED: "该来源登记后须先派人核实", Verify.OPTIONAL: "该来源可先核实，也可直接受理",
    Verify.NONE: "该来源无须核实",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One field of a source or a class."""

    name: str
    label: str
    required: bool
    value: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """All that a source and a class ask for. ``photos``: roles of which one each must be there."""

    fields: tuple[Asked, ...]
    verify: str
    photos: tuple[str, ...]
    public: bool


def sources(visit: Visit) -> list[tuple[str, str]]:
    """What may be chosen, with its name."""
    english = visit.language == "en"
    return [(one.code, one.en if english else one.zh) for one in visit.desk.sources()["sources"]]


def asks(
    visit: Visit, source: str, category: Category | None, given: Mapping[str, str]
) -> Asks:
    """What a report of this source and class is asked for, with what was typed already."""
    say = visit.say
    found, rule = visit.desk.queries.asks(source, category)
    details = {one.key: one for one in (*(found.details if found else ()), *rule.details)}
    roles = dict.fromkeys((*(found.photos if found else ()), *rule.photos))
    return Asks(
        fields=tuple(_field(visit, one, given) for one in details.values()),
        verify=say(VERIFYING[found.verify]) if found else "",
        photos=tuple(say(PHOTOS[role.value]) for role in roles),
        public=found.public if found else False,
    )


def _field(visit: Visit, one: Detail, given: Mapping[str, str]) -> Asked:
    name = DETAIL + one.key
    hint = PLACEHOLDERS.get(one.key, "")
    return Asked(
        name=name, label=one.en if visit.language == "en" else one.zh, required=one.required,
        value=given.get(name, "")[:200], hint=visit.say(hint) if hint else "")
