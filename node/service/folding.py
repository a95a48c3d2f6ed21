"""How a folded case and its events are kept: JSON through pydantic, and the listing columns.

The case row is a cache of the journal that is always there; its columns exist because a screen
filters by them. Personal data that must not travel lives in ``private``, never in an event.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any

from pydantic import TypeAdapter

from node.core.calendar import Calendar
from node.core.case import Assignment, Case, is_over
from node.core.errors import Invalid
from node.core.events import EVENTS, Event
from node.core.facts import Limits
from node.core.grams import line_of
from node.core.limits import LimitSet
from node.core.similar import cell_of
from node.core.stock import NO_LIMITS, OVER, done_at, leg_of, stands_still
from node.core.waiting import step_of
from node.service.instants import to_us

CACHE_CASES_MAX = 4_096
"""Folded cases kept beside the JSON they were read from: a busy frame touches the same ones again
and again. About 4 KiB each."""

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    """Built when the first value of a kind is read or written: a street that sees few kinds of
    events does not carry the readers of all (6 MiB)."""
    adapter = _ADAPTERS.get(cls)
    if adapter is None:
        adapter = _ADAPTERS[cls] = TypeAdapter(cls)
    return adapter


def event_json(event: Event) -> bytes:
    """An event's fields as UTF-8 JSON, as every tier will read them."""
    return _adapter(type(event)).dump_json(event)


def event_fields(raw: bytes) -> dict[str, Any]:
    """The fields of a journalled event, for screens."""
    fields: dict[str, Any] = json.loads(raw)
    return fields


def read_event(event_type: str, raw: bytes) -> Event:
    """The event itself, for folding a journal again. ``KeyError``: a name of the future."""
    event: Event = _adapter(EVENTS[event_type]).validate_json(raw)
    return event


def limits_json(limits: Limits) -> bytes:
    return _adapter(Limits).dump_json(limits)


def read_limits(raw: bytes) -> Limits:
    read: Limits = _adapter(Limits).validate_json(raw)
    return read


class CaseCache:
    """Reads ``cases.state``. What was parsed before is found again by comparing the very bytes,
    so a row that somebody else wrote, or that was rolled back, is never mistaken for another."""

    def __init__(self, size: int = CACHE_CASES_MAX) -> None:
        self._size = size
        self._kept: OrderedDict[str, tuple[bytes, Case]] = OrderedDict()

    def read(self, case_id: str, state: bytes) -> Case:
        kept = self._kept.get(case_id)
        if kept is not None and kept[0] == state:
            self._kept.move_to_end(case_id)
            return kept[1]
        case: Case = _adapter(Case).validate_json(state)
        self._keep(case_id, state, case)
        return case

    def write(self, case: Case) -> bytes:
        state = _adapter(Case).dump_json(case)
        self._keep(case.case_id, state, case)
        return state

    def _keep(self, case_id: str, state: bytes, case: Case) -> None:
        self._kept[case_id] = (state, case)
        self._kept.move_to_end(case_id)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)


def case_row(
    case: Case, *, state: bytes, private: bytes | None, branch: int, opened_us: int,
    calendar: Calendar, limits: LimitSet,
) -> dict[str, Any]:
    """Every column of ``cases``."""
    facts, duty, live = case.facts, case.duty, case.live
    holding = case.holding
    status = case.status
    return {
        "case_id": case.case_id,
        "assignor": duty.assignor if duty is not None else None,
        "assignment_id": duty.assignment_id if duty is not None else None,
        "held_generation": case.held_generation,
        "issued_generation": case.issued_generation,
        "duty": holding.value,
        "status": status.value,
        "branch": branch,
        "version": case.version,
        "state": state,
        "private": private,
        "case_no": facts.case_no if facts is not None else "",
        "area": facts.place.area if facts is not None else "",
        "address": facts.place.address if facts is not None else "",
        "words": line_of(facts.case_no, facts.place.address) if facts is not None else "",
        "standard_ref": facts.category.standard_ref if facts is not None else "",
        "kind": facts.category.kind if facts is not None else "",
        "code": facts.category.code if facts is not None else "",
        "name": facts.category.name if facts is not None else "",
        "text": facts.text if facts is not None else "",
        "lon": facts.place.lon if facts is not None else None,
        "lat": facts.place.lat if facts is not None else None,
        "component": facts.component if facts is not None else "",
        "urgent": facts.urgent if facts is not None else False,
        "assignee": str(live.to) if live is not None else None,
        **clock_columns(case, calendar=calendar, limits=limits),
        "no_owner": case.no_owner,
        "contested": case.contested and not is_over(case),
        "source": facts.source if facts is not None else "",
        "cell": cell_of(facts.place.lon, facts.place.lat) if facts is not None else None,
        "task_for": case.task.collector if case.task is not None else None,
        "duplicate_of": case.duplicate_of or None,
        "flags": _flags(case),
        "opened_at": opened_us,
        "updated_at": to_us(case.updated_at),
    }


def _flags(case: Case) -> str | None:
    """Kinds of what is odd about it, between commas; a doubt that was dismissed is none."""
    kinds = dict.fromkeys(one.kind.value for one in case.flags if one.confirmed is not False)
    return f",{','.join(kinds)}," if kinds else None


def clock_columns(case: Case, *, calendar: Calendar, limits: LimitSet) -> dict[str, Any]:
    """What the light of a case needs: of our duty, or else of what we handed on, the deadline, the
    yellow instant and when the work was done; until when the post of our own that it waits for has
    to act; whether the clock stands still, and whether anything is left to do here."""
    leg = leg_of(case)
    given = leg.limits if leg is not None else NO_LIMITS
    done = done_at(leg)
    step_by, step_warn_at = _step(case, calendar, limits)
    return {
        "finish_by": to_us(given.finish_by) if given.finish_by is not None else None,
        "warn_at": to_us(given.warn_at) if given.warn_at is not None else None,
        "step_by": step_by,
        "step_warn_at": step_warn_at,
        "done_at": to_us(done) if done is not None else None,
        "paused": stands_still(case),
        "live": case.status not in OVER,
    }


def _step(case: Case, calendar: Calendar, limits: LimitSet) -> tuple[int | None, int | None]:
    """Deadline and yellow instant of the step it waits for; without a working time in the
    calendar there are none."""
    try:
        clock = step_of(case, calendar=calendar, limits=limits)
    except Invalid:
        return None, None
    if clock is None or clock.finish_by is None:
        return None, None
    return to_us(clock.finish_by), to_us(clock.warn_at) if clock.warn_at is not None else None


def assignment_row(case: Case, assignment: Assignment) -> dict[str, Any]:
    """Every column of ``assignment``."""
    return {
        "assignment_id": assignment.assignment_id,
        "case_id": case.case_id,
        "assignee": str(assignment.to),
        "generation": assignment.generation,
        "rank": int(assignment.rank),
        "ended": assignment.ended.value if assignment.ended is not None else None,
        "limits": limits_json(assignment.limits),
    }
