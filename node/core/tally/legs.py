"""Rows of units: one for every leg, read from the journal of whoever holds it.

A leg of a node is told by that node's own entries, which its assignor and every office above have
under the maker's seal, byte for byte: so all of them count the same. A leg of a legacy system,
which keeps no journal, is told by the office that handed the work to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from node.core import events as ev
from node.core.clocks import Clock, ClockKind
from node.core.counters import RowKind
from node.core.facts import Address, AddressKind, Facts
from node.core.limits import Post as StepPost
from node.core.tally.course import Course
from node.core.tally.rows import About, Noted, Row


@dataclass(slots=True, kw_only=True)
class Held:
    """Legs of one node, as it tells them: what it held, and what it handed on."""

    node: str
    duties: list[tuple[Course, Facts, str]]
    handed: list[Course]

    @property
    def duty(self) -> Course | None:
        """The duty that is not over."""
        last = self.duties[-1][0] if self.duties else None
        return last if last is not None and last.ended_at is None and not last.superseded else None

    def live(self, assignment_id: str) -> Course | None:
        """What we handed on under this id, if we did."""
        for one in reversed(self.handed):
            if one.assignment_id == assignment_id:
                return one
        return None


def read_legs(node: str, entries: Sequence[Noted], clocks: Sequence[Clock]) -> Held:
    """Fold one maker's entries, in its order, into courses; ``clocks`` are what the stopwatch
    says of the same entries."""
    held = Held(node=node, duties=[], handed=[])
    for noted in entries:
        tell = _TELL.get(type(noted.event))
        if tell is not None:
            tell(held, noted.event)
    rounds: dict[str, list[Clock]] = {}
    signs: dict[str, Clock] = {}
    for clock in clocks:
        assignment_id = clock.ref.rpartition("/")[0]
        if clock.kind is ClockKind.HANDLING:
            rounds.setdefault(assignment_id, []).append(clock)
        elif clock.post is StepPost.SIGN:
            signs[assignment_id] = clock
    for course in (*(duty[0] for duty in held.duties), *held.handed):
        theirs = sorted(rounds.get(course.assignment_id, ()), key=lambda clock: clock.round)
        course.rounds = tuple(theirs)
        course.sign = signs.get(course.assignment_id)
    return held


def leg_rows(case_id: str, held: Held, facts: Facts | None) -> list[Row]:
    """One row per leg. ``facts`` describe the case where the node itself opened it."""
    rows = [
        leg_row(case_id, held.node, course, known, unit=held.node, assignor=assignor)
        for course, known, assignor in held.duties
    ]
    known = held.duties[-1][1] if held.duties else facts
    if known is None:
        return rows
    for course in held.handed:
        to = Address.parse(course.to)
        if to.kind is AddressKind.ADAPTER:
            unit = f"{held.node}/{to.id}"
            rows.append(leg_row(case_id, held.node, course, known, unit=unit, assignor=held.node))
    return rows


def leg_row(
    case_id: str, maker: str, course: Course, facts: Facts, *, unit: str, assignor: str
) -> Row:
    """The row of one leg."""
    return Row(
        case_id=case_id,
        kind=RowKind.LEG,
        ref=f"{maker}/{course.assignment_id}",
        maker=maker,
        unit=unit,
        assignor=assignor,
        excluded=course.excluded,
        begun_at=course.begun_at,
        due_at=course.due_at,
        done_at=course.done_at,
        marks=MappingProxyType(course.leg_marks()),
        about=About.case(facts),
    )


# --- what the holder of a duty tells --------------------------------------------------------------


def _order_taken(held: Held, event: ev.OrderTaken) -> None:
    before = held.duty
    if before is not None:
        before.superseded = True
    course = Course(assignment_id=event.assignment_id, to=held.node, begun_at=event.at)
    held.duties.append((course, event.facts, event.assignor))


def _order_repeated(held: Held, event: ev.OrderRepeated) -> None:
    if held.duties:
        course, _, assignor = held.duties[-1]
        held.duties[-1] = course, event.facts, assignor


def _request_answered(held: Held, event: ev.RequestAnswered) -> None:
    # An appeal may be decided after the leg has ended.
    course = held.duties[-1][0] if held.duties else None
    if course is not None:
        course.decide(event.kind, event.at, granted=event.granted)


def _duty_reworked(held: Held, event: ev.DutyReworked) -> None:
    if held.duty is not None:
        held.duty.mark("reworked", event.at)


def _duty_ended(held: Held, event: ev.DutyEnded) -> None:
    if held.duty is not None:
        held.duty.end(event.at, event.ending)


# --- what whoever handed it on tells --------------------------------------------------------------


def _assigned(held: Held, event: ev.Assigned) -> None:
    held.handed.append(
        Course(assignment_id=event.assignment_id, to=str(event.to), begun_at=event.at)
    )


def _request_decided(held: Held, event: ev.RequestDecided) -> None:
    course = held.live(event.assignment_id)
    if course is not None:
        course.decide(event.kind, event.at, granted=event.granted)


def _assignment_reworked(held: Held, event: ev.AssignmentReworked) -> None:
    course = held.live(event.assignment_id)
    if course is not None:
        course.mark("reworked", event.at)


def _assignment_ended(held: Held, event: ev.AssignmentEnded) -> None:
    course = held.live(event.assignment_id)
    if course is not None:
        course.end(event.at, event.ending)


# --- marks that reach whoever is at work ----------------------------------------------------------


def _everybody(name: str) -> Callable[[Held, Any], None]:
    def tell(held: Held, event: Any) -> None:
        if held.duty is not None:
            held.duty.mark(name, event.at)
        if held.handed and held.handed[-1].ended_at is None:
            held.handed[-1].mark(name, event.at)

    return tell


_TELL: Final[Mapping[type[ev.Event], Callable[[Held, Any], None]]] = MappingProxyType(
    {
        ev.OrderTaken: _order_taken,
        ev.OrderRepeated: _order_repeated,
        ev.RequestAnswered: _request_answered,
        ev.DutyReworked: _duty_reworked,
        ev.DutyEnded: _duty_ended,
        ev.Assigned: _assigned,
        ev.RequestDecided: _request_decided,
        ev.AssignmentReworked: _assignment_reworked,
        ev.AssignmentEnded: _assignment_ended,
        ev.Pressed: _everybody("pressed"),
        ev.Supervised: _everybody("supervised"),
    }
)
