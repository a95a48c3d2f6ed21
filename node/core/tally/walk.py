"""One office's walk through a case: its own steps in order, who took each, when each was due.

When a step began and when it is due is the stopwatch's (``node.core.stopwatch``): its clocks are
looked up by the post they time and the entry that ended them. Here is who took the step, and what
it counts for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from node.core import events as ev
from node.core.clocks import Clock, ClockKind
from node.core.counters import Post
from node.core.facts import Facts
from node.core.flags import FlagKind
from node.core.limits import Post as StepPost
from node.core.tally.rows import Noted

SentBy = Callable[[datetime], datetime | None]
"""By when a check task is sent that became due at that instant; None = no limit."""
FORCED: Final = "forced"
"""How a case is closed by decision (``CaseClosed.how``)."""
NOBODY: Final = ("node:", "adapter:", "timer:")
"""Actors that are no persons: a neighbour's word, a unit's system, the clock."""


@dataclass(slots=True, kw_only=True)
class Step:
    """One step of one person's post. ``handed`` is the assignment that a dispatch step made."""

    post: Post
    step: str
    ref: str
    actor: str
    begun_at: datetime
    due_at: datetime | None
    done_at: datetime | None = None
    handed: str = ""
    marks: dict[str, datetime] = field(default_factory=dict)

    def finish(self, at: datetime, name: str) -> None:
        """Done; on time if there was no limit, or it had not passed."""
        self.done_at = at
        self.marks[name] = at
        if self.due_at is None or at <= self.due_at:
            self.marks[f"{name}_on_time"] = at


@dataclass(slots=True, kw_only=True)
class Walk:
    """What one office did with a case of its own, or with one it was handed."""

    clocks: Sequence[Clock]
    sent_by: SentBy
    overall: Sequence[Clock] = ()
    facts: Facts | None = None
    marks: dict[str, datetime] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    adopted_at: datetime | None = None
    rated_at: datetime | None = None
    score: str = ""
    paused: bool = False
    duplicate: bool = False
    transferred: bool = False
    verifying: Step | None = None
    checking: Step | None = None

    def mark(self, name: str, at: datetime) -> None:
        """Set an instant of the case; the first one counts."""
        self.marks.setdefault(name, at)

    def clock(self, timed: StepPost, noted: Noted) -> Clock | None:
        """The clock of this step that the entry ended."""
        name, at = type(noted.event).__name__, noted.event.at
        for one in reversed(self.clocks):
            if one.post is timed and one.ended_at == at and one.outcome == name:
                return one
        return None

    def running(self, timed: StepPost, at: datetime) -> Clock | None:
        """The clock of this step that ran at that instant, or began with it."""
        for one in reversed(self.clocks):
            ended = one.ended_at is not None and one.ended_at < at
            if one.post is timed and one.starts_at <= at and not ended:
                return one
        return None

    def step(
        self, noted: Noted, post: Post, name: str, *,
        clock: Clock | None = None, actor: str = "",
    ) -> Step:
        """A step as its clock timed it; without a clock it began with this very entry and has no
        limit."""
        made = Step(
            post=post,
            step=name,
            ref=f"{post}/{name}/{noted.node}/{noted.branch}.{noted.version}",
            actor=actor or getattr(noted.event, "by", "") or noted.actor,
            begun_at=clock.starts_at if clock is not None else noted.event.at,
            due_at=clock.finish_by if clock is not None else None,
        )
        self.steps.append(made)
        return made


def read_walk(entries: Sequence[Noted], clocks: Sequence[Clock], sent_by: SentBy) -> Walk:
    """Fold one maker's entries, in its order; ``clocks`` are what the stopwatch says of them."""
    steps = [clock for clock in clocks if clock.kind is ClockKind.STEP]
    whole = tuple(clock for clock in clocks if clock.kind is ClockKind.OVERALL)
    walked = Walk(clocks=steps, sent_by=sent_by, overall=whole)
    for noted in entries:
        take = _TAKE.get(type(noted.event))
        if take is not None:
            take(walked, noted, noted.event)
    _afterwards(walked)
    return walked


def _afterwards(walked: Walk) -> None:
    """What only the end of the story tells: was it right to file it?"""
    marks = walked.marks
    filed = marks.get("filed")
    if filed is None or "voided" in marks:
        return
    marks["filed_correctly"] = marks["valid_report"] = filed
    for one in walked.steps:
        if one.post is Post.REPORTER:
            one.marks["valid_report"] = filed
        elif "filed" in one.marks:
            one.marks["filed_correctly"] = one.marks["filed"]


def _opened(walked: Walk, noted: Noted, event: ev.CaseOpened) -> None:
    facts = event.facts
    walked.facts = facts
    walked.mark("reported", event.at)
    details = dict(facts.source_details)
    step = walked.step(noted, Post.REPORTER, "report", actor=details.get("collector", ""))
    step.done_at = event.at
    step.marks = {"reported": event.at, "registered": event.at}
    if any(one.kind is FlagKind.OUTSIDE_BEAT for one in event.flags):
        step.marks["outside_beat"] = event.at
        walked.mark("outside_beat", event.at)


def _doubt_settled(walked: Walk, noted: Noted, event: ev.DoubtSettled) -> None:
    del noted
    if not event.confirmed:
        return
    walked.mark("false_report", event.at)
    theirs = [one for one in walked.steps if event.collector and one.actor == event.collector]
    if theirs:  # the newest: the picture came with it
        theirs[-1].marks["false_report"] = event.at


def _accepted(walked: Walk, noted: Noted, event: ev.CaseAccepted) -> None:
    clock = walked.clock(StepPost.ACCEPT, noted)
    step = walked.step(noted, Post.INTAKE_OPERATOR, "accept", clock=clock)
    step.finish(event.at, "accepted")
    for name, at in step.marks.items():
        walked.mark(name, at)


def _not_accepted(walked: Walk, noted: Noted, event: ev.CaseNotAccepted) -> None:
    clock = walked.clock(StepPost.ACCEPT, noted)
    step = walked.step(noted, Post.INTAKE_OPERATOR, "accept", clock=clock)
    step.done_at = event.at
    step.marks["rejected"] = event.at
    walked.mark("rejected", event.at)
    walked.mark("ended", event.at)
    walked.duplicate = bool(event.duplicate_of)


def _verify_started(walked: Walk, noted: Noted, event: ev.VerifyStarted) -> None:
    # Sending somebody is how the report is taken up: the limit of accepting holds.
    clock = walked.clock(StepPost.ACCEPT, noted)
    sent = walked.step(noted, Post.INTAKE_OPERATOR, "verify_task", clock=clock)
    sent.finish(event.at, "verify_sent")
    walked.mark("verify_sent", event.at)
    clock = walked.running(StepPost.VERIFY, event.at)
    walked.verifying = walked.step(
        noted, Post.COLLECTOR, "verify", clock=clock, actor=event.collector
    )
    walked.verifying.marks["verify_sent"] = event.at


def _verify_done(walked: Walk, noted: Noted, event: ev.VerifyDone) -> None:
    step, walked.verifying = walked.verifying, None
    if step is None:
        step = walked.step(noted, Post.COLLECTOR, "verify")
    step.actor = event.collector or step.actor
    step.finish(event.at, "verified")
    for name in ("verified", "verified_on_time"):
        if name in step.marks:
            walked.mark(name, event.at)
    if event.found:
        walked.mark("accepted", event.at)
    else:
        walked.mark("rejected", event.at)
        walked.mark("ended", event.at)


def _self_handled(walked: Walk, noted: Noted, event: ev.CaseSelfHandled) -> None:
    step = walked.step(noted, Post.COLLECTOR, "self_handle")
    step.done_at = event.at
    step.marks["self_handled"] = event.at
    walked.mark("self_handled", event.at)
    walked.mark("should_close", event.at)


def _filed(walked: Walk, noted: Noted, event: ev.CaseFiled) -> None:
    clock = walked.clock(StepPost.FILE, noted)
    step = walked.step(noted, Post.SHIFT_LEADER, "file", clock=clock)
    step.finish(event.at, "filed")
    for name in ("filed", "filed_on_time"):
        if name in step.marks:
            walked.mark(name, event.at)
    walked.mark("should_close", event.at)
    if event.category is not None and walked.facts is not None:
        walked.facts = replace(walked.facts, category=event.category)


def _declined(walked: Walk, noted: Noted, event: ev.CaseDeclined) -> None:
    clock = walked.clock(StepPost.FILE, noted)
    step = walked.step(noted, Post.SHIFT_LEADER, "file", clock=clock)
    step.done_at = event.at
    step.marks["declined"] = event.at
    walked.mark("declined", event.at)
    walked.mark("ended", event.at)
    walked.duplicate = bool(event.duplicate_of)


def _assigned(walked: Walk, noted: Noted, event: ev.Assigned) -> None:
    clock = walked.clock(StepPost.DISPATCH, noted)
    step = walked.step(noted, Post.DISPATCHER, "dispatch", clock=clock)
    step.handed = event.assignment_id
    step.finish(event.at, "dispatched")
    if "dispatched" not in walked.marks:
        for name, at in step.marks.items():
            walked.mark(name, at)


def _late_adopted(walked: Walk, noted: Noted, event: ev.LateResultAdopted) -> None:
    del noted
    walked.adopted_at = event.said_at


def _check_started(walked: Walk, noted: Noted, event: ev.CheckStarted) -> None:
    clock = walked.running(StepPost.CHECK, event.at)
    sent = walked.step(noted, Post.INTAKE_OPERATOR, "check_task", clock=clock)
    sent.due_at = walked.sent_by(sent.begun_at)
    sent.finish(event.at, "check_sent")
    went = walked.step(noted, Post.COLLECTOR, "check", clock=clock)
    # Nobody named: whoever takes it up.
    went.actor, went.begun_at = event.collector, event.at
    went.marks["check_sent"] = event.at
    walked.checking = went


def _looked(walked: Walk, noted: Noted, event: ev.CheckPassed | ev.CheckFailed) -> None:
    step, walked.checking = walked.checking, None
    if step is None:
        clock = walked.clock(StepPost.CHECK, noted)
        step = walked.step(noted, Post.COLLECTOR, "check", clock=clock)
        step.marks["check_sent"] = step.begun_at
    step.actor = event.by or step.actor or noted.actor
    step.finish(event.at, "checked")
    walked.mark("checked", event.at)
    if "checked_on_time" in step.marks:
        walked.mark("checked_on_time", event.at)
    if isinstance(event, ev.CheckFailed):
        walked.adopted_at = None


def _closed(walked: Walk, noted: Noted, event: ev.CaseClosed) -> None:
    clock = walked.clock(StepPost.CLOSE, noted)
    step = walked.step(noted, Post.SHIFT_LEADER, "close", clock=clock)
    step.finish(event.at, "closed")
    walked.mark("closed", event.at)
    walked.mark("ended", event.at)
    if event.how == FORCED:
        walked.mark("forced", event.at)


def _voided(walked: Walk, noted: Noted, event: ev.CaseVoided) -> None:
    del noted
    walked.mark("voided", event.at)
    walked.mark("ended", event.at)
    walked.duplicate = bool(event.duplicate_of)


def _transferred(walked: Walk, noted: Noted, event: ev.CaseTransferred) -> None:
    del noted
    walked.transferred = True
    walked.mark("transferred", event.at)
    walked.mark("ended", event.at)


def _taken_back(walked: Walk, noted: Noted, event: ev.CaseTakenBack) -> None:
    del noted, event
    walked.transferred = False
    for name in ("transferred", "ended"):
        walked.marks.pop(name, None)


def _suspended(walked: Walk, noted: Noted, event: Any) -> None:
    del noted
    walked.paused = True
    walked.mark("suspended", event.at)


def _resumed(walked: Walk, noted: Noted, event: Any) -> None:
    del noted, event
    walked.paused = False


def _rated(walked: Walk, noted: Noted, event: ev.SatisfactionGiven) -> None:
    del noted
    if walked.rated_at is None:  # it is asked once
        walked.rated_at, walked.score = event.at, str(event.score)


def _marking(name: str) -> Callable[[Walk, Noted, Any], None]:
    def take(walked: Walk, noted: Noted, event: Any) -> None:
        del noted
        walked.mark(name, event.at)

    return take


_TAKE: Final[Mapping[type[ev.Event], Callable[[Walk, Noted, Any], None]]] = MappingProxyType(
    {
        ev.CaseOpened: _opened,
        ev.DoubtSettled: _doubt_settled,
        ev.CaseAccepted: _accepted,
        ev.CaseNotAccepted: _not_accepted,
        ev.VerifyStarted: _verify_started,
        ev.VerifyDone: _verify_done,
        ev.CaseSelfHandled: _self_handled,
        ev.CaseFiled: _filed,
        ev.CaseDeclined: _declined,
        ev.Assigned: _assigned,
        ev.LateResultAdopted: _late_adopted,
        ev.CheckStarted: _check_started,
        ev.CheckPassed: _looked,
        ev.CheckFailed: _looked,
        ev.CaseClosed: _closed,
        ev.CaseVoided: _voided,
        ev.CaseTransferred: _transferred,
        ev.CaseTakenBack: _taken_back,
        ev.CaseSuspended: _suspended,
        ev.CaseResumed: _resumed,
        ev.SatisfactionGiven: _rated,
        ev.Pressed: _marking("pressed"),
        ev.Supervised: _marking("supervised"),
        ev.NoOwnerMarked: _marking("unowned"),
    }
)
