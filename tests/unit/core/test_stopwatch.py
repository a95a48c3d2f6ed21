"""The clocks of a case from its journal. 20 November 2026 is a Friday; hours 08-12 and 14-18."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from node.core import events as ev
from node.core.calendar import BEIJING, Calendar
from node.core.clock import Light, TimeLimit, TimeUnit, extended, leg_limits, resumed
from node.core.clocks import DONE, Clock, ClockKind, kept_in_time, read
from node.core.facts import (
    Address,
    AssignmentId,
    CaseId,
    Category,
    Ending,
    Facts,
    Limits,
    NodeId,
    Place,
    RequestId,
    RequestKind,
)
from node.core.limits import LimitSet, Post
from node.core.stopwatch import Noted, clocks_of
from node.core.stopwatch.steps import written

PLAIN = Calendar()
MINUTES_30 = TimeLimit(value=30, unit=TimeUnit.MINUTE)
CHECK = TimeLimit(value=4, unit=TimeUnit.WORK_HOUR)
LIMITS = LimitSet(
    version="test",
    steps=MappingProxyType(
        {Post.ACCEPT: MINUTES_30, Post.FILE: MINUTES_30, Post.DISPATCH: MINUTES_30,
         Post.SIGN: TimeLimit(value=60, unit=TimeUnit.MINUTE), Post.CHECK: CHECK,
         Post.VERIFY: TimeLimit(value=2, unit=TimeUnit.WORK_HOUR),
         Post.CLOSE: TimeLimit(value=60, unit=TimeUnit.MINUTE)}
    ),
)
ONE = AssignmentId("one")
HANDLING = TimeLimit(value=4, unit=TimeUnit.WORK_HOUR)
DISTRICT = Address.parse("node:D")


def ordered(
    calendar: Calendar, start: datetime, *, handling: TimeLimit, sign: TimeLimit | None
) -> Limits:
    """The limits of an order given at ``start``."""
    counted_from_start = Limits(count=handling.value, unit=handling.unit)
    return leg_limits(calendar, start, counted_from_start, sign=sign)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BEIJING)


FACTS = Facts(
    case_no="1", filing_node=NodeId("C"), text="x", source="patrol", reported_at=at(20, 8),
    category=Category(standard_ref="S", kind="matter", code="01001", name="x"),
    place=Place(area="420203", address="x"),
)


def opened(when: datetime) -> ev.Event:
    return ev.CaseOpened(at=when, case_id=CaseId("case"), facts=FACTS)


def given(when: datetime, limits: Limits | None = None) -> ev.Assigned:
    limits = limits or ordered(PLAIN, when, handling=HANDLING, sign=None)
    return ev.Assigned(at=when, assignment_id=ONE, to=DISTRICT, generation=1, limits=limits)


def about(cls: type[ev.Event], when: datetime, **fields: Any) -> ev.Event:
    return cls(at=when, **{"assignment_id": ONE, "generation": 1, **fields})


def said(cls: type[ev.Event], when: datetime, **fields: Any) -> ev.Event:
    return about(cls, when, said_at=when, **fields)


def run(*events: ev.Event, node: str = "C", limits: LimitSet = LIMITS) -> tuple[Clock, ...]:
    entries = [Noted(node=node, event=event, actor="li") for event in events]
    return clocks_of(entries, calendar=PLAIN, limits=limits)


def step(clocks: tuple[Clock, ...], post: Post) -> list[Clock]:
    return [one for one in clocks if one.post is post]


def legs(clocks: tuple[Clock, ...]) -> list[Clock]:
    return [one for one in clocks if one.kind is ClockKind.HANDLING]


# --- steps of the posts


def test_filing_runs_from_arrival_and_turns_yellow_at_80_percent_and_red_past_the_limit() -> None:
    (filing,) = step(run(opened(at(20, 8))), Post.FILE)

    def seen(when: datetime) -> Light:
        return read(filing, PLAIN, when).light

    assert Light.GREEN is seen(at(20, 8, 24) - timedelta(seconds=1))
    assert Light.YELLOW is seen(at(20, 8, 24))
    assert Light.YELLOW is seen(at(20, 8, 30))
    assert Light.RED is seen(at(20, 8, 30) + timedelta(seconds=1))


def test_an_accepted_report_waits_for_filing_from_its_acceptance() -> None:
    clocks = run(opened(at(20, 8)), ev.CaseAccepted(at=at(20, 8, 10)),
                 ev.CaseFiled(at=at(20, 8, 35)))
    (accept,), (filing,) = step(clocks, Post.ACCEPT), step(clocks, Post.FILE)
    assert (at(20, 8), at(20, 8, 10), "CaseAccepted", "li") == (
        accept.starts_at, accept.ended_at, accept.outcome, accept.actor)
    assert (at(20, 8, 10), at(20, 8, 35)) == (filing.starts_at, filing.ended_at)
    assert read(filing, PLAIN, at(25, 8)).on_time


def test_a_report_filed_at_once_never_waited_to_be_accepted() -> None:
    clocks = run(opened(at(20, 8)), ev.CaseFiled(at=at(20, 9)))
    assert [] == step(clocks, Post.ACCEPT)
    (filing,) = step(clocks, Post.FILE)
    assert at(20, 8) == filing.starts_at
    assert read(filing, PLAIN, at(25, 8)).on_time is False


def test_nobody_is_late_with_filing_while_somebody_looks_on_site() -> None:
    clocks = run(opened(at(20, 8)),
                 ev.VerifyStarted(at=at(20, 8, 5), collector="wang"))
    assert [] == step(clocks, Post.FILE)
    (verify,) = step(clocks, Post.VERIFY)
    assert at(20, 10, 5) == verify.finish_by
    told = run(opened(at(20, 8)),
               ev.VerifyStarted(at=at(20, 8, 5), collector="wang", due_by=at(20, 9)),
               ev.VerifyDone(at=at(20, 9, 30), found=True))
    (verify,), (filing,) = step(told, Post.VERIFY), step(told, Post.FILE)
    assert at(20, 9) == verify.finish_by
    assert read(verify, PLAIN, at(20, 10)).on_time is False
    assert (at(20, 9, 30), None) == (filing.starts_at, filing.ended_at)
    empty = run(opened(at(20, 8)), ev.VerifyStarted(at=at(20, 8, 5), collector="wang"),
                ev.VerifyDone(at=at(20, 9), found=False), ev.CaseNotAccepted(at=at(20, 9),
                                                                             reason="x"))
    assert [] == step(empty, Post.FILE)


def whole_way() -> tuple[Clock, ...]:
    return run(
        opened(at(20, 8)), ev.CaseFiled(at=at(20, 8, 10)), given(at(20, 8, 20)),
        said(ev.AssigneeSigned, at(20, 9)), said(ev.AssigneeDone, at(20, 11), result="done"),
        ev.CheckStarted(at=at(20, 11, 10)), ev.CheckPassed(at=at(20, 15)),
        about(ev.AssignmentEnded, at(20, 15, 20), ending=Ending.CLOSED),
        ev.CaseClosed(at=at(20, 15, 20), text="x"))


def test_a_plain_case_has_one_clock_per_step_one_for_its_leg_and_one_overall() -> None:
    clocks = whole_way()
    assert [
        ("overall", None, at(20, 8, 10), at(20, 15, 20)),
        ("step", "file", at(20, 8), at(20, 8, 10)),
        ("step", "dispatch", at(20, 8, 10), at(20, 8, 20)),
        ("handling", None, at(20, 8, 20), at(20, 11)),
        ("step", "sign", at(20, 8, 20), at(20, 9)),
        ("step", "check", at(20, 11), at(20, 15)),
        ("step", "close", at(20, 15), at(20, 15, 20)),
    ] == [(one.kind, one.post, one.starts_at, one.ended_at) for one in clocks]


def test_used_time_is_of_the_limits_own_kind() -> None:
    clocks = whole_way()
    (check,) = step(clocks, Post.CHECK)
    reading = read(check, PLAIN, at(25, 8))
    assert (timedelta(hours=2), timedelta(hours=4), True) == (
        reading.used, reading.whole, reading.on_time)  # noon to 14:00 does not count
    (sign,) = step(clocks, Post.SIGN)
    assert ("D", timedelta(minutes=40)) == (sign.node, read(sign, PLAIN, at(25, 8)).used)


def test_a_given_back_case_waits_for_dispatching_again() -> None:
    clocks = run(
        opened(at(20, 8)), ev.CaseFiled(at=at(20, 8, 10)), given(at(20, 8, 20)),
        about(ev.AssignmentEnded, at(20, 10), ending=Ending.RETURNED))
    _first, second = step(clocks, Post.DISPATCH)
    assert (at(20, 10), None) == (second.starts_at, second.ended_at)
    (leg,) = legs(clocks)
    assert (at(20, 10), "returned") == (leg.ended_at, leg.outcome)
    assert [] == step(clocks, Post.SIGN)


def test_a_middle_office_is_timed_for_dispatching_only_where_it_dispatches() -> None:
    limits = ordered(PLAIN, at(20, 8), handling=HANDLING, sign=None)
    order = ev.OrderTaken(at=at(20, 8, 1), case_id=CaseId("case"), assignor=NodeId("C"),
                          assignment_id=ONE, generation=1, limits=limits, facts=FACTS)
    assert [] == step(run(order, node="D"), Post.DISPATCH)
    missed = ev.RouteMissed(at=at(20, 8, 1))
    (waiting,) = step(run(order, missed, node="D"), Post.DISPATCH)
    assert waiting.ended_at is None
    inner = ev.Assigned(at=at(20, 8, 20), assignment_id=AssignmentId("two"),
                        to=Address.parse("node:S"), generation=1, limits=limits)
    (passed_on,) = step(run(order, inner, node="D"), Post.DISPATCH)
    assert (at(20, 8, 1), at(20, 8, 20)) == (passed_on.starts_at, passed_on.ended_at)


# --- legs


def test_feedback_at_the_deadline_is_on_time_and_one_second_later_overdue_at_both_ends() -> None:
    deadline = at(20, 14, 20)
    for late, on_time in ((timedelta(0), True), (timedelta(seconds=1), False)):
        done = deadline + late
        limits = ordered(PLAIN, at(20, 8, 20), handling=HANDLING, sign=None)
        above = run(given(at(20, 8, 20), limits), said(ev.AssigneeDone, done, result="x"))
        order = ev.OrderTaken(at=at(20, 8, 50), case_id=CaseId("case"), assignor=NodeId("C"),
                              assignment_id=ONE, generation=1, limits=limits, facts=FACTS)
        below = run(order, ev.DutyDone(at=done, said_at=done, result="x"), node="D")
        (one,), (other,) = legs(above), legs(below)
        assert deadline == one.finish_by
        assert one == other
        assert on_time is read(one, PLAIN, at(25, 8)).on_time
        assert (Light.YELLOW if on_time else Light.RED) is read(one, PLAIN, at(25, 8)).light


def test_where_both_ends_are_read_the_leg_is_told_once() -> None:
    limits = ordered(PLAIN, at(20, 8, 20), handling=HANDLING, sign=None)
    order = ev.OrderTaken(at=at(20, 8, 50), case_id=CaseId("case"), assignor=NodeId("C"),
                          assignment_id=ONE, generation=1, limits=limits, facts=FACTS)
    entries = [
        Noted(node="C", event=given(at(20, 8, 20), limits)), Noted(node="D", event=order),
        Noted(node="D", event=ev.DutySigned(at=at(20, 9))),
        Noted(node="C", event=said(ev.AssigneeSigned, at(20, 9))),
    ]
    clocks = clocks_of(entries, calendar=PLAIN, limits=LIMITS)
    assert 1 == len(legs(clocks))
    assert 1 == len(step(clocks, Post.SIGN))


def asked(kind: RequestKind, when: datetime) -> ev.Event:
    return said(ev.AssigneeAsked, when, request_id=RequestId("r"), kind=kind, reason_code="x",
                asker="wu")


def decided(kind: RequestKind, when: datetime, **fields: Any) -> ev.Event:
    return about(ev.RequestDecided, when, request_id=RequestId("r"), kind=kind, decider="li",
                 **{"granted": True, **fields})


def test_an_extension_decided_after_the_deadline_acts_backwards() -> None:
    start = given(at(20, 8))  # until noon
    limits = start.limits
    question = asked(RequestKind.EXTENSION, at(20, 11))
    grant = decided(RequestKind.EXTENSION, at(20, 15), limits=extended(PLAIN, limits))
    (leg,) = legs(run(start, question, grant, said(ev.AssigneeDone, at(20, 17), result="x")))
    assert (at(20, 18), at(20, 18), 1) == (leg.finish_by, leg.first_finish_by, leg.moves)
    assert read(leg, PLAIN, at(25, 8)).on_time
    no = decided(RequestKind.EXTENSION, at(20, 15), granted=False)
    (leg,) = legs(run(start, question, no, said(ev.AssigneeDone, at(20, 17), result="x")))
    assert read(leg, PLAIN, at(25, 8)).on_time is False


def test_a_suspended_clock_is_grey_and_stands_from_the_asking_on() -> None:
    start = given(at(20, 8))
    grant = decided(RequestKind.SUSPENSION, at(20, 11), until=at(24, 9))
    (leg,) = legs(run(start, asked(RequestKind.SUSPENSION, at(20, 10)), grant))
    reading = read(leg, PLAIN, at(24, 8))
    assert leg.paused
    assert (Light.GREY, timedelta(hours=2), timedelta(hours=2), None) == (
        reading.light, reading.used, reading.left, reading.on_time)


def test_time_paused_is_not_used_and_the_deadline_moves_by_it() -> None:
    start = given(at(20, 8))
    limits = resumed(PLAIN, start.limits, at(20, 10), at(24, 9))
    (leg,) = legs(run(
        start, asked(RequestKind.SUSPENSION, at(20, 10)),
        decided(RequestKind.SUSPENSION, at(20, 11), until=at(24, 9)),
        about(ev.AssignmentResumed, at(24, 9), limits=limits, how="due")))
    assert at(24, 11) == leg.finish_by == leg.first_finish_by
    reading = read(leg, PLAIN, at(24, 10))
    assert (Light.GREEN, timedelta(hours=3), timedelta(hours=4), timedelta(hours=1)) == (
        reading.light, reading.used, reading.whole, reading.left)


def test_a_rework_is_a_new_round_with_the_whole_limit_judged_by_the_first_deadline() -> None:
    again = ordered(PLAIN, at(20, 14), handling=HANDLING, sign=None)
    rounds = legs(run(
        given(at(20, 8)), said(ev.AssigneeDone, at(20, 11), result="x"),
        about(ev.AssignmentReworked, at(20, 14), previous_generation=1, generation=2,
              limits=again),
        said(ev.AssigneeDone, at(20, 17), generation=2, result="x")))
    first, second = rounds
    assert ((0, at(20, 12)), (1, at(20, 18))) == (
        (first.round, first.finish_by), (second.round, second.finish_by))
    assert at(20, 14) == second.starts_at
    assert (DONE, at(20, 12)) == (second.outcome, second.first_finish_by)
    assert read(second, PLAIN, at(25, 8)).on_time
    assert kept_in_time(tuple(rounds), LIMITS) is False
    assert kept_in_time(tuple(rounds), LimitSet(rework_counts_first=False))
    assert kept_in_time(tuple(rounds[:1]), LIMITS)
    assert kept_in_time((), LIMITS) is None


def test_a_clock_without_a_limit_is_timed_and_grey() -> None:
    (filing,) = step(run(opened(at(20, 8)), limits=LimitSet()), Post.FILE)
    reading = read(filing, PLAIN, at(20, 9))
    assert (Light.GREY, timedelta(hours=1), None) == (reading.light, reading.used, reading.left)


SUMS = LimitSet(
    steps={Post.DISPATCH: TimeLimit(value=30, unit=TimeUnit.MINUTE),
           Post.CHECK: TimeLimit(value=4, unit=TimeUnit.WORK_HOUR),
           Post.CLOSE: TimeLimit(value=60, unit=TimeUnit.MINUTE)},
    handling=TimeLimit(value=2, unit=TimeUnit.WORK_DAY), overall_sums=True)


def test_the_overall_limit_is_what_its_parts_may_take_together() -> None:
    four = {"limit_count": 4, "limit_unit": "work_hour"}
    filed = run(opened(at(20, 8)), ev.CaseFiled(at=at(20, 9), **four), limits=SUMS)[0]
    # Friday 9:30, four hours of work until 15:30, four for the check until Monday 9:30, one more
    assert at(23, 10, 30) == filed.finish_by
    assert (None, TimeUnit.WORK_HOUR) == (filed.limit, filed.unit)
    assert Light.GREEN is read(filed, PLAIN, at(20, 15)).light
    assert Light.RED is read(filed, PLAIN, at(23, 10, 31)).light
    without = run(opened(at(20, 8)), ev.CaseFiled(at=at(20, 9)), limits=SUMS)[0]
    assert at(24, 16, 30) == without.finish_by  # Tuesday 9:30, four hours, one hour
    alone = run(opened(at(20, 8)), ev.CaseFiled(at=at(20, 9)),
                limits=LimitSet(overall_sums=True))[0]
    assert alone.finish_by is None


def test_the_overall_clock_stands_while_the_case_waits() -> None:
    days = LimitSet(overall=TimeLimit(value=2, unit=TimeUnit.WORK_DAY))
    clocks = run(
        opened(at(20, 8)), ev.CaseFiled(at=at(20, 9)),
        ev.CaseSuspended(at=at(20, 10), until=at(27, 8), reason="x"),
        ev.CaseResumed(at=at(24, 10), how="person"), limits=days)
    overall = clocks[0]
    assert ClockKind.OVERALL is overall.kind
    assert at(26, 9) == overall.finish_by  # Tuesday 09:00 and two working days more
    assert timedelta(hours=2) == read(overall, PLAIN, at(24, 11)).used


# --- limits that stand in the journal


TWICE = LimitSet(version="later", steps=MappingProxyType(
    {post: TimeLimit(value=8 * 60, unit=TimeUnit.MINUTE) for post in Post}))


def test_a_step_is_judged_by_the_limit_it_was_set_whatever_limits_come_later() -> None:
    events = [opened(at(20, 8)), ev.CaseFiled(at=at(20, 8, 10)), given(at(20, 9)),
              said(ev.AssigneeDone, at(20, 11), result="x"), ev.CheckPassed(at=at(20, 15))]
    entries = [written(one, own=True, calendar=PLAIN, limits=LIMITS) for one in events]
    as_set = run(*events)
    assert run(*entries, limits=TWICE) == as_set != run(*events, limits=TWICE)
    assert written(entries[0], own=True, calendar=PLAIN, limits=TWICE) == entries[0]


def test_that_an_office_counts_no_time_for_a_post_stands_in_the_journal_too() -> None:
    entry = written(opened(at(20, 8)), own=True, calendar=PLAIN, limits=LimitSet())
    (filing,) = step(run(entry), Post.FILE)
    assert filing.finish_by is None


def test_an_office_that_holds_a_case_writes_no_limit_for_checking_it() -> None:
    done = said(ev.AssigneeDone, at(20, 11), result="x")
    assert written(done, own=False, calendar=PLAIN, limits=LIMITS) == done


def test_without_working_time_nothing_is_written() -> None:
    never = Calendar(hours=())
    verify = ev.VerifyStarted(at=at(20, 8), collector="li")
    assert written(verify, own=True, calendar=never, limits=LIMITS) == verify
