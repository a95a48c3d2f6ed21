"""The clock runs on while it is undecided whose case it is; what of it was contested is told
apart, and a city may leave it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from node.core import events as ev
from node.core.calendar import EVERYDAY
from node.core.clocks import ClockKind, Pause, read
from node.core.coordination import CoordinationKind
from node.core.facts import RequestId, RequestKind
from node.core.limits import LimitSet
from node.core.stopwatch import Noted, clocks_of
from node.core.tally.course import contest_marks
from tests.unit.evaluation.journals import CITY, DISTRICT, Journal, at, limits

HOUR = timedelta(hours=1)


def _journal(*contests: tuple[float, float | None], done: float = 10) -> Journal:
    """A leg until 8 o'clock of the city's own making, contested in between, done later."""
    journal = Journal().taken()
    for number, (since, until) in enumerate(contests):
        journal(DISTRICT, "clerk", since, ev.RequestRaised, request_id=RequestId(f"d{number}"),
                kind=RequestKind.DISPUTE, reason_code="boundary", asker="clerk", text="在界线以东")
        if until is not None:
            journal(DISTRICT, "node:420200", until, ev.RequestAnswered,
                    request_id=RequestId(f"d{number}"), kind=RequestKind.DISPUTE, granted=False,
                    decider="lead", text="仍由你区办理")
    return journal.done(done)


@pytest.mark.parametrize(("contests", "apart"), [
    ((), False), (((2, 5),), True), (((2, 4),), True), (((2, 3),), False),
    (((2, 3), (5, 6)), True), (((2, 5), (3, 4)), True), (((2, None),), True), (((9, 9.5),), False),
])
def test_what_came_late_is_in_time_if_contested_time_is_left_out(
    contests: tuple[tuple[float, float | None], ...], apart: bool
) -> None:
    marks = _journal(*contests).leg().marks
    assert "handled_on_time" not in marks  # it counts, unless the city's indicators say otherwise
    assert ("handled_on_time_apart" in marks) is apart
    assert ("contested" in marks) is bool(contests)


def test_the_marks_tell_since_when_and_until_when_and_an_open_contest_has_no_end() -> None:
    marks = _journal((2, 3), (5, 6)).leg().marks
    assert (marks["contested"], marks["contest_settled"]) == (at(2), at(6))
    lasting = _journal((2, 3), (5, None)).leg().marks
    assert at(2) == lasting["contested"]
    assert "contest_settled" not in lasting
    assert contest_marks(()) == {}


def test_a_contest_across_two_rounds_moves_the_deadline_of_the_whole_leg() -> None:
    journal = _journal((2, 4), (11, 12), done=7)
    journal(DISTRICT, "node:420200", 10, ev.DutyReworked, generation=2, limits=limits(14), text="")
    marks = journal.done(11).leg().marks
    assert "handled_on_time" not in marks  # by the first deadline, at eight
    assert "handled_on_time_apart" not in marks  # two hours of it were contested, three are missing


def test_the_case_tells_at_the_filing_office_how_long_it_was_contested() -> None:
    journal = Journal().opened().filed().assigned()
    journal(CITY, "node:420203", 2, ev.AssigneeAsked, assignment_id="a1", generation=1,
            said_at=at(2), request_id=RequestId("d1"), kind=RequestKind.DISPUTE,
            reason_code="boundary", asker="clerk")
    journal(CITY, "node:420203", 2, ev.CoordinationAsked, coordination_id=RequestId("k1"),
            level="committee", kind=CoordinationKind.BOUNDARY, text="", asker="clerk", rule="九")
    journal(CITY, "lead", 4, ev.CoordinationAsked, coordination_id=RequestId("k2"),
            level="committee", kind=CoordinationKind.POLICY, text="", asker="disp")
    assert "contest_settled" not in journal.case().marks
    journal(CITY, "lead", 5, ev.CoordinationDecided, coordination_id=RequestId("k2"), lead="x",
            decider="lead")
    assert "contest_settled" not in journal.case().marks
    journal(CITY, "lead", 6, ev.CoordinationDecided, coordination_id=RequestId("k1"), lead="x",
            decider="lead")
    marks = journal.case().marks
    assert (marks["contested"], marks["contest_settled"]) == (at(2), at(6))


def test_a_decision_from_above_that_nobody_here_asked_for_settles_what_we_contest() -> None:
    journal = Journal().taken()
    journal(DISTRICT, "clerk", 2, ev.RequestRaised, request_id=RequestId("d"),
            kind=RequestKind.DISPUTE, reason_code="boundary", asker="clerk", text="在界线以东")
    journal(DISTRICT, "node:420200", 3, ev.CoordinationDecided, coordination_id=RequestId("k"),
            lead="x", decider="lead")
    assert at(3) == journal.done(4).leg().marks["contest_settled"]


def test_a_clock_tells_how_much_of_it_was_contested_without_its_pauses() -> None:
    entries = [Noted(node=one.node, event=one.event, actor=one.actor)
               for one in _journal((2, 5), done=20).entries]
    (clock,) = [one for one in clocks_of(entries, calendar=EVERYDAY, limits=LimitSet())
                if one.kind is ClockKind.HANDLING]
    assert 3 * HOUR == read(clock, EVERYDAY, at(30)).contested
    assert 2 * HOUR == read(replace(clock, pauses=(Pause(since=at(1), until=at(3)),)),
                            EVERYDAY, at(30)).contested
    quiet = replace(clock, contested=(), contest_lasts=False)
    assert timedelta(0) == read(quiet, EVERYDAY, at(30)).contested
    assert timedelta(0) == read(replace(quiet, finish_by=None), EVERYDAY, at(30)).contested
