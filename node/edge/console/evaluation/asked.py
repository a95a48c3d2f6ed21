"""What is asked for on a page of the evaluation, and the addresses of what is beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Query

from node.core.counters import RowKind
from node.core.errors import Invalid
from node.core.indicators import Definition, Subject
from node.core.periods import Period, Span, before, behind, containing, read_period, running
from node.edge.console.visit import Here, Visit
from node.edge.http.evaluation_words import NAME
from node.service.evaluation.names import OFFICES
from node.service.evaluation.room import Ask

PATH: Final = "/console/evaluation"
API: Final = "/api/v1/evaluation"
SPANS: Final = {
    Span.DAY: "日", Span.WEEK: "周", Span.MONTH: "月", Span.QUARTER: "季", Span.HALF_YEAR: "半年",
    Span.YEAR: "年",
}
PLACES, UNITS, POSTS, OTHERS = "区域", "责任单位", "岗位", "其他"
"""What is evaluated, as the tabs say it."""
FIRST: Final = Span.MONTH
"""The length of the period that is shown first."""

SubjectIn = Annotated[str, Query(pattern=NAME)]
PeriodIn = Annotated[str, Query(max_length=10)]
VersionIn = Annotated[str, Query(max_length=64)]
AreaIn = Annotated[str, Query(pattern=r"^[0-9A-Z]{0,18}$")]
GroupIn = Annotated[str, Query(max_length=64)]
OurIn = Annotated[str, Query(pattern=rf"^({'|'.join(sorted(OFFICES))})?$")]
KeyIn = Annotated[list[str], Query(max_length=8)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of the page. ``here``: it leads to what is shown; ``path`` "" = it leads nowhere."""

    title: str
    path: str
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it stands in the address. ``our``: only rows that name this ``node`` in that
    column."""

    subject: Subject
    period: Period
    definition: Definition
    area: str
    group: str
    version: str
    our: str
    node: str

    @property
    def ask(self) -> Ask:
        """The same as the use case takes it."""
        return Ask(
            subject=self.subject.name, period=self.period.name, version=self.version,
            where={self.our: (self.node,)} if self.our else {},
            prefixes={"area": self.area} if self.area else {}, group=self.group)

    @property
    def query(self) -> dict[str, str]:
        """The same as an address has it."""
        given = {
            "subject": self.subject.name, "period": self.period.name, "area": self.area,
            "group": self.group, "version": self.version, "our": self.our}
        return {name: value for name, value in given.items() if value}

    def at(self, path: str = "", *, key: Sequence[str] = (), **changed: str) -> str:
        """The address of a page beside this one."""
        query = {name: value for name, value in {**self.query, **changed}.items() if value}
        pairs = [*query.items(), *(("key", part) for part in key)]
        return f"{PATH}{path}?{urlencode(pairs)}"

    def file(self, format_: str, *, for_all: bool = False) -> str:
        """Where the API gives the sheet as a file."""
        pairs = (
            ("period", self.period.name), ("version", self.version), ("group", self.group),
            ("where", f"area*={self.area}" if self.area else ""),
            ("where", f"{self.our}={self.node}" if self.our else ""), ("format", format_),
            ("open", "true" if for_all else ""))
        query = urlencode([one for one in pairs if one[1]])
        return f"{API}/{self.subject.name}?{query}"


def asked(
    visit: Here, *, subject: SubjectIn = "", period: PeriodIn = "", version: VersionIn = "",
    area: AreaIn = "", group: GroupIn = "", our: OurIn = "",
) -> Asked:
    """The question of an address; what it leaves open is the subject that this office has lines of
    and the month that runs. ``Invalid`` as for ``Evaluation.sheet``."""
    chosen = read_period(period) if period else running(FIRST, datetime.now(UTC))
    definitions = visit.desk.evaluation.definitions
    definition = definitions.of(chosen, version).definition
    name = subject or _begins(visit, definition)
    visit.desk.evaluation.prepare(Ask(subject=name, period=chosen.name, version=version))
    return Asked(
        subject=definition.subjects[name], period=chosen, definition=definition, area=area,
        group=group if definition.subjects[name].peers else "", version=version, our=our,
        node=visit.desk.node)


def _begins(visit: Visit, definition: Definition) -> str:
    """The first subject of the rules. Places are counted by what was filed, which is mostly done
    at the top: an office that works for one above begins with the units below it."""
    names = list(definition.subjects)
    if visit.desk.queries.above:
        names.sort(key=lambda name: tab_of(definition.subjects[name]) != UNITS)
    return names[0] if names else ""


Asks = Annotated[Asked, Depends(asked)]
"""The question of a page, as a parameter of its route."""


def beside(visit: Visit, question: Asked) -> Mapping[str, Link]:
    """The period before and the one behind; there is none behind what runs."""
    earlier = _period_beside(question, before)
    later = _period_beside(question, behind)
    if later is not None and later.begins > datetime.now(UTC):
        later = None
    return {
        "before": Link(title=visit.say("上一期"), path=_to(question, earlier)),
        "behind": Link(title=visit.say("下一期"), path=_to(question, later)),
    }


def _period_beside(question: Asked, look: Callable[[Period], Period]) -> Period | None:
    try:
        return look(question.period)
    except Invalid:
        return None


def _to(question: Asked, period: Period | None) -> str:
    return question.at(period=period.name) if period is not None else ""


def spans(visit: Visit, question: Asked) -> list[Link]:
    """The same for a shorter or longer period: the newest of its kind within what is shown, or the
    one around it, but none that has not begun."""
    now = datetime.now(UTC)
    day = min(question.period.last, running(Span.DAY, now).first)
    return [
        Link(title=visit.say(title), path=question.at(period=containing(span, day).name),
             here=span is question.period.span)
        for span, title in SPANS.items()
    ]


def tab_of(subject: Subject) -> str:
    """Under which tab a subject stands: by what its rows are grouped by."""
    column = subject.keys[0].column
    if subject.kind is RowKind.POST:
        return POSTS
    if column in ("area", "grid"):
        return PLACES
    return UNITS if column in OFFICES else OTHERS


def subjects(visit: Visit, question: Asked) -> list[tuple[str, list[Link]]]:
    """Everything that may be evaluated, by tab."""
    english = visit.language == "en"
    found: dict[str, list[Link]] = {one: [] for one in (PLACES, UNITS, POSTS, OTHERS)}
    for subject in question.definition.subjects.values():
        asks = replace(question, subject=subject, group="")
        found[tab_of(subject)].append(Link(
            title=subject.en if english else subject.zh, path=asks.at(),
            here=subject.name == question.subject.name))
    return [(visit.say(tab), links) for tab, links in found.items() if links]


def shown_tab(tabs: Sequence[tuple[str, list[Link]]]) -> list[Link]:
    """The subjects of the tab that is shown."""
    return next((links for _, links in tabs if any(one.here for one in links)), [])


def when(visit: Visit, period: Period) -> str:
    """From when to when, as people write it: 2026-11-01 至 2026-11-30."""
    if period.first == period.last:
        return period.first.isoformat()
    return visit.say(
        "%(first)s 至 %(last)s", first=period.first.isoformat(), last=period.last.isoformat())
