"""Sheets that wait, changes and versions, written for the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from node.core.revising import Change, Counts
from node.edge.console.upkeep.cells import UNSAID, cell, label, subject
from node.service.formulas import harmless
from node.service.instants import to_minute
from node.service.upkeep.gaps import Gaps
from node.service.upkeep.views import Draft, Told, VersionView

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

CHANGES_SHOWN: Final = 200
"""Changes that a page lists; the file has all."""
FAULTS_SHOWN: Final = 200
WHAT: Final = {"added": "新增", "changed": "修改", "removed": "删除"}
LOOKS: Final = {"added": "ok", "changed": "warn", "removed": "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a change. ``old`` and ``new`` are "" where there is nothing."""

    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeShown:
    """One change."""

    look: str
    said: str
    subject: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultShown:
    """One mistake of a sheet, or one thing to look at."""

    row: int
    column: str
    sentence: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionShown:
    """One version in a list."""

    number: int
    at: str
    actor: str
    source: str
    said: str
    newest: bool


def changes(visit: Visit, found: tuple[Change, ...]) -> list[ChangeShown]:
    """The first of them."""
    return [_change(visit, one) for one in found[:CHANGES_SHOWN]]


def _change(visit: Visit, change: Change) -> ChangeShown:
    row = change.after or change.before or {}
    differing = {} if change.what == "removed" else change.differing()
    if change.what == "added":
        # A whole row is told by what it says; what its subject says already is left out.
        differing = {name: values for name, values in differing.items()
                     if values[1] is not False and name not in UNSAID}
    fields = [
        Field(title=label(visit, name), old=cell(visit, name, old), new=cell(visit, name, new))
        for name, (old, new) in differing.items()
    ]
    return ChangeShown(
        look=LOOKS[change.what], said=visit.say(WHAT[change.what]),
        subject=subject(visit, change.key, row),
        fields=tuple(one for one in fields if one.old != one.new),
    )


def sum_of(visit: Visit, counts: Counts) -> str:
    """The counts as a sentence."""
    say = visit.say
    parts = [
        say("%(word)s %(count)s 条", word=say(WHAT[name]), count=count)
        for name, count in (("added", counts.added), ("changed", counts.changed),
                            ("removed", counts.removed)) if count
    ]
    if not parts:
        return say("没有变化")
    if counts.unchanged:
        parts.append(say("另有 %(count)s 条相同", count=counts.unchanged))
    return say("，").join(parts)


def gaps(visit: Visit, both: tuple[Gaps, Gaps]) -> list[tuple[str, str]]:
    """What the table leaves open before and after: look and sentence, those that move."""
    now, then = both
    found = []
    for title, before, after in (
        (visit.say("无人负责的分类"), len(now.open), len(then.open)),
        (visit.say("冲突"), len(now.clashes), len(then.clashes)),
        (visit.say("标准中没有的分类"), len(now.strange), len(then.strange)),
        (visit.say("名册中没有的单位"), len(now.nameless), len(then.nameless)),
        (visit.say("派不到的单位"), len(now.shut), len(then.shut)),
    ):
        if before != after:
            found.append(("ok" if after < before else "warn", visit.say(
                "%(what)s：%(before)s → %(after)s", what=title, before=before, after=after)))
    return found


def faults(visit: Visit, found: tuple[Told, ...]) -> list[FaultShown]:
    """The first of them; columns by the names that clerks know, where there is one."""
    return [
        FaultShown(row=one.row, column=label(visit, one.column),
                   sentence=one.sentence(visit.language), mend=one.mend(visit.language))
        for one in found[:FAULTS_SHOWN]
    ]


def version(visit: Visit, one: VersionView, *, newest: bool) -> VersionShown:
    """A version as the list of versions has it."""
    say = visit.say
    said = sum_of(visit, one.counts) if one.counts is not None else ""
    if one.back_to is not None:
        said = say("恢复到第 %(number)s 版：%(said)s", number=one.back_to, said=said)
    return VersionShown(
        number=one.number, at=to_minute(one.at), actor=_actor(visit, one.actor),
        source=one.source, said=said, newest=newest)


def _actor(visit: Visit, actor: str) -> str:
    return visit.say("程序") if actor in {"program", "system"} else actor


def draft_line(visit: Visit, one: Draft) -> str:
    """Who sent a sheet, and when."""
    return visit.say("%(actor)s 于 %(at)s 上传", actor=one.actor, at=to_minute(one.at))


def report(visit: Visit, found: tuple[Change, ...]) -> Iterator[str]:
    """Every change as CSV with a mark for spreadsheets, one line for each field that differs."""
    say = visit.say
    yield "\ufeff" + _line(say("变化"), say("对象"), say("项目"), say("原值"), say("新值"))
    for change in found:
        row = change.after or change.before or {}
        about = subject(visit, change.key, row)
        for name, (old, new) in change.differing().items():
            said = cell(visit, name, old), cell(visit, name, new)
            if said[0] != said[1]:
                yield _line(say(WHAT[change.what]), about, label(visit, name), *said)


def _line(*cells: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([harmless(one) for one in cells])
    return out.getvalue()
