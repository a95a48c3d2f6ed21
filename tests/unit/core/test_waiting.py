"""While nobody holds a case, it waits for one of our own posts, and shows that step's light."""

from __future__ import annotations

from datetime import datetime, timedelta

from node.core import events as ev
from node.core.case import Case
from node.core.evolve import fold
from node.core.facts import Address, AddressKind, AssignmentId, Ending, Limits
from node.core.limits import LimitSet, Post
from node.core.waiting import post_of, step_of
from tests.unit.core.test_stopwatch import LIMITS, PLAIN, at, opened


def step(case: Case, limits: LimitSet = LIMITS) -> tuple[datetime | None, datetime | None]:
    clock = step_of(case, calendar=PLAIN, limits=limits)
    return (clock.finish_by, clock.warn_at) if clock is not None else (None, None)


def test_each_post_has_its_own_time_from_when_it_was_its_turn() -> None:
    story = [opened(at(20, 8)), ev.CaseAccepted(at=at(20, 9)), ev.CaseFiled(at=at(20, 10))]
    posts = [(Post.ACCEPT, at(20, 8)), (Post.FILE, at(20, 9)), (Post.DISPATCH, at(20, 10))]
    for count, (post, since) in enumerate(posts, start=1):
        case = fold(story[:count])
        assert (post, since) == (post_of(case), case.waits_since)
        deadline, warn_at = step(case)
        limit = timedelta(minutes=LIMITS.steps[post].value)
        assert (since + limit, since + 0.8 * limit) == (deadline, warn_at)


def test_what_happens_beside_does_not_give_the_post_more_time() -> None:
    filed = fold([opened(at(20, 8)), ev.CaseFiled(at=at(20, 10))])
    hurried = fold([ev.NoOwnerMarked(at=at(20, 11), text="x")], filed)
    assert step(filed) == step(hurried)


def test_a_task_brings_its_own_time_along() -> None:
    sent = ev.VerifyStarted(at=at(20, 9), collector="C-1", due_by=at(20, 16))
    assert at(20, 16) == step(fold([opened(at(20, 8)), sent]))[0]


def test_whoever_holds_it_answers_for_the_time_and_what_comes_back_waits_anew() -> None:
    given = ev.Assigned(
        at=at(20, 11), assignment_id=AssignmentId("a"), generation=1,
        to=Address(kind=AddressKind.NODE, id="420203"), limits=Limits(finish_by=at(23, 11)))
    held = fold([opened(at(20, 8)), ev.CaseFiled(at=at(20, 10)), given])
    assert (None, None) == (post_of(held), held.waits_since)
    back = fold([ev.AssignmentEnded(at=at(20, 15), assignment_id=AssignmentId("a"), generation=1,
                                    ending=Ending.RETURNED)], held)
    assert (Post.DISPATCH, at(20, 15)) == (post_of(back), back.waits_since)
    assert (None, None) == step(back, LimitSet())
