"""A sheet: the figures of one subject and period, as values and as one document.

The document is what is exported, published, signed and compared with another office's: exact
counts and exact fractions (numerator and denominator), the rules by version and digest, the
filter, the node, the cut. What is printed is made from the document alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from node.core.indicators import Composite, Definition, Shown, Subject
from node.core.periods import Period
from node.core.scoring import Groups, Line, Scored, rate_of, total

KIND: Final = "wanmi.evaluation/1"
HUNDREDTHS: Final = 100
NAMES: Final = "name"
"""The grouping that gives a key the name people know it by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Figures of one subject and period, with everything they depend on."""

    node: str
    node_name: str
    subject: Subject
    period: Period
    cut: datetime
    where: Mapping[str, str]
    definition: Definition
    lines: tuple[Line, ...]
    names: Mapping[str, str]
    measures: tuple[Shown, ...]
    open_to_all: bool = False
    group_names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Groups of the lines as people call them, Chinese and English."""


def shown_name(shown: Shown) -> str:
    """How a count is called in a document: counter, window, and ``*`` if it is attributed."""
    return f"{shown.counter}@{shown.window}{'*' if shown.attributed else ''}"


def opened(sheet: Sheet) -> Sheet:
    """The sheet for everybody: where a key names a person, a number stands for it, in the order
    of the sheet; a filter that names one is not told either."""
    if not sheet.subject.personal:
        where = {name: value for name, value in sheet.where.items() if name != "actor"}
        return replace(sheet, where=where, open_to_all=True)
    width = len(str(len(sheet.lines)))
    lines = tuple(
        replace(line, key=(str(i).zfill(width),)) for i, line in enumerate(sheet.lines, start=1)
    )
    subject = replace(sheet.subject, keys=sheet.subject.keys[:1])
    where = {name: value for name, value in sheet.where.items() if name != "actor"}
    return replace(
        sheet, subject=subject, lines=lines, names={}, where=where, open_to_all=True
    )


def document(sheet: Sheet) -> dict[str, Any]:
    """The sheet as JSON-ready data::

        kind node node_name subject{name zh en} period begins ends as_of filter{} open(bool)
        definition{version title digest source} columns[…] lines[…] total{…}

    A column has ``of`` (key, group, count, rate, part, score, grade, rank), ``name``, ``zh``,
    ``en`` and for a rate its formula. A line has ``key``, ``names``, ``counts``, ``rates`` and
    ``parts`` as ``[numerator, denominator]`` or null, ``score`` likewise, ``grade``, ``rank``,
    ``partial``. Where lines are in groups, ``groups`` has for each (``key``, ``zh``, ``en``) what
    its lines count together, as ``total`` has for all. Instants are ISO 8601 in UTC."""
    subject, definition = sheet.subject, sheet.definition
    composite = definition.composites.get(subject.composite)
    return {
        "kind": KIND,
        "node": sheet.node,
        "node_name": sheet.node_name,
        "subject": {"name": subject.name, "zh": subject.zh, "en": subject.en},
        "period": sheet.period.name,
        "begins": sheet.period.begins.isoformat(),
        "ends": sheet.period.ends.isoformat(),
        "as_of": sheet.cut.isoformat(),
        "filter": dict(sorted(sheet.where.items())),
        "open": sheet.open_to_all,
        "definition": {
            "version": definition.version,
            "title": definition.title,
            "digest": definition.digest,
            "source": definition.source,
            "missing": definition.missing.value,
            "cut": definition.cut.value,
        },
        "columns": _columns(sheet, composite),
        "lines": [_line(line, sheet) for line in sheet.lines],
        "groups": _groups(sheet),
        "total": _together(sheet, sheet.lines),
    }


def _together(sheet: Sheet, lines: Sequence[Line]) -> dict[str, Any]:
    """What these lines count together, and the rates of that."""
    counts, rates = total(lines), sheet.definition.rates
    return {
        "counts": {shown_name(one): counts.get(one, 0) for one in sheet.measures},
        "rates": {
            name: _fraction(rate_of(rates[name], counts)) for name in sheet.subject.rates
        },
    }


def _groups(sheet: Sheet) -> list[dict[str, Any]]:
    """The groups of the lines, those without one last."""
    keys = sorted({line.group for line in sheet.lines}, key=lambda key: (not key, key))
    if not any(keys):
        return []
    found = []
    for key in keys:
        zh, en = sheet.group_names.get(key, (sheet.names.get(key, key),) * 2)
        theirs = [line for line in sheet.lines if line.group == key]
        found.append({
            "key": key, "zh": zh or "未分组", "en": en or "in no group",
            "lines": len(theirs), **_together(sheet, theirs),
        })
    return found


def _columns(sheet: Sheet, composite: Composite | None) -> list[dict[str, Any]]:
    subject, definition = sheet.subject, sheet.definition
    found: list[dict[str, Any]] = [
        {"of": "key", "name": key.column, **_KEY_NAMES[key.column]} for key in subject.keys
    ]
    if subject.peers:
        found.append({"of": "group", "name": subject.peers, "zh": "组别", "en": "group"})
    for shown in sheet.measures:
        counter, window = definition.counters[shown.counter], definition.windows[shown.window]
        found.append(
            {
                "of": "count",
                "name": shown_name(shown),
                "zh": counter.zh,
                "en": counter.en,
                "window_zh": window.zh,
                "window_en": window.en,
            }
        )
    for name in subject.rates:
        rate = definition.rates[name]
        over = Shown(counter=rate.denominator, window=rate.window, attributed=rate.attributed)
        under = replace(over, counter=rate.numerator)
        found.append(
            {
                "of": "rate",
                "name": name,
                "zh": rate.zh,
                "en": rate.en,
                "numerator": shown_name(under),
                "denominator": shown_name(over),
            }
        )
    if composite is None:
        return found
    for part in composite.parts:
        named = definition.rates[part.rate] if part.rate else definition.bands[part.band]
        found.append(
            {
                "of": "part",
                "name": part.rate or part.band,
                "zh": f"分项：{'1−' if part.inverse else ''}{named.zh}",
                "en": f"part: {'1−' if part.inverse else ''}{named.en}",
                "weight": [part.weight.numerator, part.weight.denominator],
            }
        )
    return [
        *found,
        {"of": "score", "name": composite.name, "zh": composite.zh, "en": composite.en},
        {"of": "grade", "name": "grade", "zh": "等级", "en": "grade"},
        {"of": "rank", "name": "rank", "zh": "名次", "en": "rank"},
    ]


def _line(line: Line, sheet: Sheet) -> dict[str, Any]:
    grade = line.grade
    return {
        "key": list(line.key),
        "names": [sheet.names.get(one, "") for one in line.key],
        "group": line.group,
        "counts": {shown_name(one): line.tally.get(one, 0) for one in sheet.measures},
        "rates": {name: _fraction(value) for name, value in line.rates.items()},
        "parts": [_part(part) for part in line.parts],
        "score": _fraction(line.score),
        "partial": line.partial,
        "grade": grade.letter if grade is not None else "",
        "colour": grade.colour if grade is not None else "",
        "rank": line.rank,
    }


def _part(part: Scored) -> dict[str, Any]:
    return {"name": part.name, "value": _fraction(part.value)}


def _fraction(value: Fraction | None) -> list[int] | None:
    return None if value is None else [value.numerator, value.denominator]


def printed(fraction: Sequence[int] | None, *, percent: bool) -> str:
    """A fraction of a document for people, to two decimals, half away from zero; "" = no data."""
    if fraction is None:
        return ""
    value = Fraction(fraction[0], fraction[1]) * (100 if percent else 1)
    hundredths = int(value * HUNDREDTHS + Fraction(1, 2))
    whole, rest = divmod(hundredths, HUNDREDTHS)
    return f"{whole}.{rest:02d}{'%' if percent else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """One figure in which two sheets differ. ``theirs`` or ``ours`` is "" where a sheet does not
    have it."""

    key: tuple[str, ...]
    figure: str
    ours: str
    theirs: str


ABOUT: Final = ("kind", "period", "subject", "filter")


def unlike(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[Unlike, ...]:
    """Every figure in which another office's document differs from ours, for keys that both
    have or that one of them counts something for. Differences are shown, never averaged. What
    the sheets are about comes first: rules, period, filter."""
    found = [
        Unlike(key=(), figure=name, ours=str(ours.get(name)), theirs=str(theirs.get(name)))
        for name in ABOUT
        if ours.get(name) != theirs.get(name)
    ]
    rules = ours["definition"]["digest"], theirs["definition"]["digest"]
    if rules[0] != rules[1]:
        found.append(Unlike(key=(), figure="definition", ours=rules[0], theirs=rules[1]))
    mine = {tuple(line["key"]): line for line in ours["lines"]}
    others = {tuple(line["key"]): line for line in theirs["lines"]}
    for key in sorted({*mine, *others}):
        found.extend(_unlike_line(key, mine.get(key), others.get(key)))
    return tuple(found)


def _unlike_line(
    key: tuple[str, ...], ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None
) -> list[Unlike]:
    if ours is None or theirs is None:
        there = "there"
        return [
            Unlike(
                key=key,
                figure="line",
                ours=there if ours is not None else "",
                theirs=there if theirs is not None else "",
            )
        ]
    found = []
    for name in ("counts", "rates"):
        for figure in {**ours[name], **theirs[name]}:
            one, other = ours[name].get(figure), theirs[name].get(figure)
            if one != other:
                found.append(
                    Unlike(key=key, figure=figure, ours=str(one), theirs=str(other))
                )
    if ours["score"] != theirs["score"]:
        found.append(
            Unlike(key=key, figure="score", ours=str(ours["score"]), theirs=str(theirs["score"]))
        )
    return found


def names_of(groups: Groups) -> Mapping[str, str]:
    """Key -> the name people know it by, as far as names were imported."""
    return groups.get(NAMES, {})


_KEY_NAMES: Final = {
    "area": {"zh": "区划", "en": "area"},
    "grid": {"zh": "单元网格", "en": "grid"},
    "standard_ref": {"zh": "标准", "en": "standard"},
    "category_kind": {"zh": "类别", "en": "kind"},
    "code": {"zh": "分类代码", "en": "code"},
    "component": {"zh": "部件", "en": "component"},
    "source": {"zh": "来源", "en": "source"},
    "unit": {"zh": "责任单位", "en": "unit"},
    "assignor": {"zh": "派遣单位", "en": "assignor"},
    "filing_node": {"zh": "立案单位", "en": "filing office"},
    "maker": {"zh": "所在单位", "en": "office"},
    "post": {"zh": "岗位", "en": "post"},
    "step": {"zh": "环节", "en": "step"},
    "actor": {"zh": "人员", "en": "person"},
    "score": {"zh": "评价分", "en": "reporter's score"},
}
