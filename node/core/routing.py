"""Who is responsible for what, where: a table, and one explicit answer.

The most specific area wins, then the most specific code. Nobody, or several equally specific, is
an answer of its own: the table never guesses, a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.core.facts import Address, Facts


class DutyKind(StrEnum):
    """How somebody is concerned with a class of problems."""

    LEAD = "lead"
    ASSIST = "assist"
    SUPERVISE = "supervise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """One row. ``kind``, ``code`` and ``area`` are prefixes ("" = any); a code means something
    only inside its ``standard_ref``. Valid in [valid_from, valid_to); None = open."""

    standard_ref: str
    kind: str
    code: str
    area: str
    assignee: Address
    duty: DutyKind = DutyKind.LEAD
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """The answer. ``to`` is set iff exactly one candidate is the most specific."""

    to: Address | None
    candidates: tuple[Address, ...]


def route(rows: Iterable[Responsibility], facts: Facts, at: datetime) -> Routed:
    """Find who leads for this problem at this place and time."""
    category = facts.category
    area = facts.place.area
    best: tuple[int, int, int] | None = None
    found: list[Address] = []
    for row in rows:
        if row.duty is not DutyKind.LEAD or not _valid(row, at):
            continue
        if row.standard_ref not in ("", category.standard_ref):
            continue
        if row.kind not in ("", category.kind):
            continue
        if not (area.startswith(row.area) and category.code.startswith(row.code)):
            continue
        if row.code and not row.standard_ref:
            continue  # digits without their standard mean nothing
        score = (len(row.area), len(row.code), bool(row.kind) + bool(row.standard_ref))
        if best is None or score > best:
            best, found = score, [row.assignee]
        elif score == best and row.assignee not in found:
            found.append(row.assignee)
    return Routed(to=found[0] if len(found) == 1 else None, candidates=tuple(found))


def _valid(row: Responsibility, at: datetime) -> bool:
    if row.valid_from is not None and at < row.valid_from:
        return False
    return row.valid_to is None or at < row.valid_to
