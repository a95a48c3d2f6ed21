"""From the journal of a case to the rows it counts for.

Pure: entries in, rows out, whatever the order in which they arrived. Entries are this node's own
and, under their makers' seals, those from below. Each maker's entries are read alone, so two
offices that hold the same entries of a maker compute the same rows from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from node.core import stopwatch
from node.core.calendar import Calendar
from node.core.counters import RowKind
from node.core.limits import LimitSet, Post, StepLimit
from node.core.stopwatch import clocks_of
from node.core.stopwatch.steps import limit_in, step_clock
from node.core.tally.cases import case_row
from node.core.tally.legs import leg_rows, read_legs
from node.core.tally.posts import post_rows
from node.core.tally.rows import Noted, Row, in_order
from node.core.tally.walk import read_walk

__all__ = ["PROJECTION", "Noted", "Row", "rows_of"]

PROJECTION = 5
"""Raised whenever the same journal gives other rows: stored rows are then computed anew."""


def rows_of(
    case_id: str, entries: Iterable[Noted], *, calendar: Calendar, limits: LimitSet
) -> tuple[Row, ...]:
    """Every row of one case, ordered by kind and ref. Legs and the steps of
    posts carry their limits; ``calendar`` and ``limits``, those of the office that evaluates, judge
    only steps of entries that are older than that."""
    makers: dict[str, list[Noted]] = {}
    for noted in entries:
        makers.setdefault(noted.node, []).append(noted)
    rows: list[Row] = []
    for maker, theirs in makers.items():
        ordered = in_order(theirs)
        clocks = clocks_of(
            [
                stopwatch.Noted(node=one.node, event=one.event, actor=one.actor)
                for one in ordered
            ],
            calendar=calendar,
            limits=limits,
        )

        sending = {
            one.event.at: was for one in ordered
            if (was := limit_in(one.event, Post.ACCEPT)) is not None
            and limit_in(one.event, Post.CHECK) is not None
        }

        def sent_by(
            begun: datetime, maker: str = maker, sending: dict[datetime, StepLimit] = sending
        ) -> datetime | None:
            # A check task is sent within the time in which a report is taken up.
            if begun in sending:
                return sending[begun].finish_by
            return step_clock(calendar, limits, Post.ACCEPT, node=maker, start=begun).finish_by

        walked = read_walk(ordered, clocks, sent_by)
        held = read_legs(maker, ordered, clocks)
        facts = walked.facts or (held.duties[-1][1] if held.duties else None)
        row = case_row(case_id, maker, walked, held)
        if row is not None:
            rows.append(row)
        rows.extend(leg_rows(case_id, held, facts))
        if facts is not None:
            rows.extend(post_rows(case_id, maker, walked, held, facts))
    return tuple(sorted(_rated(rows), key=lambda row: (row.kind, row.ref)))


def _rated(rows: list[Row]) -> list[Row]:
    """What the reporter said of a case is said of every unit whose work stood at its closing. Only
    an office that has the rating in its entries can tell."""
    said = next((row for row in rows if row.kind is RowKind.CASE and row.rated_at), None)
    if said is None:
        return rows
    return [
        replace(row, rated_at=said.rated_at, score=said.score)
        if row.kind is RowKind.LEG and "closed" in row.marks and not row.excluded
        else row
        for row in rows
    ]
