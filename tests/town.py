"""A toy town for tests of the core: offices and legacy systems joined by lists of words.

No seals, no store, no time but a counter: only the machine under test (decide, hear, evolve,
consequences) and the least around it that carries its effects out. The checks in here know the
rules of the trade, not the code: they look at events and folded cases from outside.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from node.core import commands as cmd
from node.core import consequences as following
from node.core import decide as deciding
from node.core import events as ev
from node.core import evolve as folding
from node.core import hear as hearing
from node.core import words as w
from node.core.approvals import ANY_ROLE, Ladders
from node.core.beginning import begin
from node.core.capability import Capability
from node.core.case import Assignment, Case, CaseStatus, Duty, Request, Stage, is_over, is_part
from node.core.climbing import Chain
from node.core.context import PARENT, Context, Neighbour, Parent, Relay
from node.core.coordination import CoordinationRules
from node.core.effects import (
    CancelTimer,
    OpenAnother,
    OpenWork,
    PartWaits,
    Say,
    SetTimer,
    SettleWork,
    Tell,
    TimerKind,
    WorkKind,
)
from node.core.errors import Refused
from node.core.facts import (
    Address,
    AddressKind,
    CaseId,
    Category,
    CommandId,
    Facts,
    Limits,
    NodeId,
    Outcome,
    Place,
    Rank,
    RequestId,
    RequestKind,
    TimeUnit,
)
from node.core.feedback import FeedbackRules
from node.core.rights import Rights
from node.core.routing import Routed
from node.core.sources import Sources
from node.core.spot import PictureRules
from node.core.standards import Catalog
from node.core.transitions import COMMANDS, MOVES

T0 = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
CATEGORY = Category(
    standard_ref="GB/T 47678.5-2026", kind="matter", code="01001", name="供水井盖异常"
)
PLACE = Place(area="420203001", address="黄石大道12号")


def node(name: str) -> Address:
    return Address(kind=AddressKind.NODE, id=name)


def adapter(name: str) -> Address:
    return Address(kind=AddressKind.ADAPTER, id=name)


def limits(hours: float | None = 48, sign: float | None = 1) -> Limits:
    return Limits(
        sign_by=T0 + timedelta(hours=sign) if sign is not None else None,
        finish_by=T0 + timedelta(hours=hours) if hours is not None else None,
        calendar="default",
    )


class Broken(AssertionError):
    """An invariant does not hold."""


def hold(true: bool, sentence: str) -> None:
    if not true:
        raise Broken(sentence)


@dataclass(kw_only=True)
class Sent:
    """A word under way; ``cause`` is its message id."""

    word: w.Word
    cause: str
    overtake: bool


@dataclass(kw_only=True)
class Office:
    """One node: cases, journals, timers, work for people, and what it says."""

    id: str
    parent: str | None
    town: Town
    relay: Relay = Relay.AUTO
    capabilities: frozenset[Capability] = frozenset(Capability)
    route: Callable[[Facts], Routed] | None = None
    rights: Rights | None = None
    coordination: CoordinationRules | None = None
    unanswerable: Callable[[Address], str] | None = None
    branch: int = 0
    sources: Sources | None = None
    feedback: FeedbackRules | None = None
    catalog: Catalog | None = None
    pictured: dict[str, tuple[str, str]] = field(default_factory=dict)
    told: list[tuple[str, Tell]] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    journal: dict[str, list[ev.Event]] = field(default_factory=dict)
    timers: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    fired: set[tuple[str, str, str]] = field(default_factory=set)
    work: set[tuple[str, str, str]] = field(default_factory=set)
    parked: list[tuple[w.Word, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    numbers: set[tuple[str, int]] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    made: int = 0

    def fresh(self) -> str:
        self.made += 1
        return f"{self.id}-{self.made}"

    def context(
        self,
        *,
        cause: str,
        actor: str = "somebody",
        roles: frozenset[str] = frozenset({ANY_ROLE}),
        said_at: Any = None,
    ) -> Context:
        return Context(
            node=NodeId(self.id),
            now=self.town.tick(),
            fresh_id=self.fresh,
            capabilities=self.capabilities,
            branch=self.branch,
            parent=NodeId(self.parent) if self.parent else None,
            actor=actor,
            cause=cause,
            said_at=said_at,
            relay_done=self.relay,
            route=self.route,
            reachable=lambda to: to in self.town.children(self.id),
            rights=self.rights,
            coordination=self.coordination,
            unanswerable=self.unanswerable,
            roles=roles,
            ladders=self.town.ladders,
            sources=self.sources,
            catalog=self.catalog,
            condition_required=self.catalog is not None,
            others=self.cases,
            reopen_score_max=2,
            reported_age_max=timedelta(days=3),
            feedback=self.feedback,
            chain=self.town.chain,
            named_at=lambda to, rung: f"{rung}@{to.id}",
            pictures=PictureRules(age_h=24, ahead_min=5, metres=200),
            pictured=self.pictured,
            number=lambda: f"{self.id}-no-{self.fresh()}",
        )

    # --- acting

    def do(
        self,
        make: type[cmd.Command],
        case_id: str = "case",
        *,
        actor: str = "somebody",
        roles: frozenset[str] = frozenset({ANY_ROLE}),
        **fields: Any,
    ) -> Case:
        """Carry a command out; raises Refused."""
        command_id = CommandId(self.fresh())
        command = make(command_id=command_id, actor=actor, case_id=CaseId(case_id), **fields)
        before = self.cases.get(case_id)
        context = self.context(cause=command_id, actor=actor, roles=roles)
        events = deciding.decide(before, command, context)
        if not isinstance(command, cmd.TimerFired):
            hold(bool(events), "a command that is not refused has at least one event")
        self._commit(case_id, events, verb=make.__name__)
        return self.cases[case_id]

    def take(self, sent: Sent, frm: Neighbour, *, said_at: Any = None) -> hearing.Heard | None:
        """Hear a word once per cause, as the inbox would have it."""
        if sent.cause in self.seen:
            return None
        self.seen.add(sent.cause)
        word = sent.word
        before = self.cases.get(word.case_id)
        heard = hearing.hear(before, word, frm, self.context(cause=sent.cause, said_at=said_at))
        if heard.standing is hearing.Standing.PARKED:
            hold(not heard.events and bool(heard.code), "a parked word has a code and no event")
            self.parked.append((word, heard.code))
            return heard
        hold(bool(heard.events), "a word that is taken is journalled")
        self._commit(word.case_id, heard.events, verb=hearing.act_name(word))
        after = self.cases[word.case_id]
        if heard.standing is hearing.Standing.LATE:
            hold(before is not None, "only a known case has a past")
            assert before is not None
            hold(_same_but_noted(before, after), "a late word moves nothing")
        self._check_fences(before, word, after)
        return heard

    def fire(self, key: tuple[str, str, str]) -> None:
        """A timer is due: tell the machine, once. Time has come that far for everybody."""
        due_at = self.timers.pop(key)
        self.town.wait_until(due_at)
        self.fired.add(key)
        case_id, kind, ref = key
        self.do(cmd.TimerFired, case_id, kind=kind, ref=ref, due_at=due_at)

    def _commit(self, case_id: str, events: tuple[ev.Event, ...], verb: str) -> None:
        start = self.cases.get(case_id)
        case = start
        for event in events:
            before = case
            case = folding.evolve(before, event)
            self._check_step(before, event, case)
            self.cases[case_id] = case
            self.journal.setdefault(case_id, []).append(event)
            for effect in following.consequences(before, event, case):
                self._carry_out(case_id, effect)
        if case is None or case is start:
            return
        self._check_case(case)
        if start is None or case.status is not start.status:
            move = (start.status if start is not None else None, verb, case.status)
            hold(move in MOVES, f"no transition {move}")

    def _carry_out(self, case_id: str, effect: Any) -> None:
        if isinstance(effect, Say):
            self.town.say(self.id, effect, self.fresh())
        elif isinstance(effect, SetTimer):
            key = (case_id, effect.kind, effect.ref)
            hold(key not in self.timers and key not in self.fired, f"timer {key} set twice")
            self.timers[key] = effect.due_at
        elif isinstance(effect, CancelTimer):
            self.timers.pop((case_id, effect.kind, effect.ref), None)
        elif isinstance(effect, Tell):
            self.told.append((case_id, effect))
        elif isinstance(effect, OpenAnother):
            number = f"{self.id}-no-{effect.case_id}"
            verb = "part" if effect.filed is not None else "reopening"
            events = begin(
                effect, node=NodeId(self.id), case_no=number, at=self.town.tick()
            )
            self._commit(effect.case_id, events, verb=verb)
        elif isinstance(effect, PartWaits):
            item = (effect.part_id, WorkKind.LEAD_OVER, case_id)
            part = self.cases.get(effect.part_id)
            if effect.waits and part is not None and not is_over(part):
                self.work.add(item)
            elif not effect.waits:
                self.work.discard(item)
        elif isinstance(effect, OpenWork):
            self.work.add((case_id, effect.kind, effect.ref))
        elif isinstance(effect, SettleWork):
            self.work = {
                item
                for item in self.work
                if item[:2] != (case_id, effect.kind) or effect.ref not in ("", item[2])
            }

    # --- what must hold after every single event

    def _check_step(self, before: Case | None, event: ev.Event, after: Case) -> None:
        if before is None:
            hold(after.version == 1, "versions count from 1")
            return
        hold(after.version == before.version + 1, "versions have no holes")
        hold(after.held_generation >= before.held_generation, "the held number never falls")
        hold(after.issued_generation >= before.issued_generation, "the issued number never falls")
        if isinstance(event, ev.Assigned):
            hold(before.live is None, "one live assignment per case and node")
        if isinstance(event, ev.Assigned | ev.AssignmentReworked):
            number = (after.case_id, event.generation)
            hold(number not in self.numbers, f"number {number} was given before")
            self.numbers.add(number)
        if isinstance(event, ev.AssigneeAsked) and before.live is not None:
            asked = after.live.request if after.live is not None else None
            hold(asked is None or asked.request_id not in before.live.settled_requests,
                 "a settled request is never open again")
        if isinstance(event, ev.RequestDecided):
            hold((event.request_id not in self.decided), "a request is decided once")
            self.decided.add(event.request_id)
        if isinstance(event, ev.RequestAnswered):
            hold((event.request_id not in self.answered), "an answer counts once")
            self.answered.add(event.request_id)
        if isinstance(event, ev.AssignmentResumed):
            hold(before.live is not None and before.live.paused_by is not None,
                 "only what stands can run again")
        if isinstance(event, ev.DutyResumed):
            hold(before.duty is not None and before.duty.paused_by is not None,
                 "only what stands can run again")
        if isinstance(event, ev.PassedUpAnswered):
            hold(before.passing is not None and before.passing.is_open,
                 "what became of a report is told once")
        if isinstance(event, ev.CaseVoided):
            hold(before.duty is None, "only the filing office voids a case")
        if isinstance(event, ev.AssignmentEnded):
            hold(event.assignment_id not in self.ended, "an assignment ends once")
            self.ended.add(event.assignment_id)
        old, new = before.live, after.live
        if (
            old is not None
            and new is not None
            and (old.assignment_id, old.generation) == (new.assignment_id, new.generation)
        ):
            hold(new.rank >= old.rank, "the rank moves forwards only")

    def _check_desk(self, case: Case) -> None:
        """The desk holds exactly what waits for a person, and timers exactly what may pass."""
        desk = {
            item[1:] for item in self.work if item[0] == case.case_id and item[1] in DOABLE
        }
        waits: set[tuple[str, str]] = _beside_the_way(self, case)
        for one in (case.live, *case.past):
            if one is not None and one.request is not None and not one.request.passed_up:
                waits.add((WorkKind.REQUEST, one.request.request_id))
        for contest in case.disputes:
            if contest.upheld is None and contest.assignment_id is not None:
                waits.add((WorkKind.REQUEST, contest.dispute_id))
        if case.unrouted:
            waits.add((WorkKind.ROUTE, ""))
        runs: set[tuple[str, str]] = set()
        live = case.live
        if live is not None:
            if live.lacks:
                waits.add((WorkKind.PROOFREAD, live.assignment_id))
            if live.to_confirm:
                waits.add((WorkKind.CONFIRM, live.assignment_id))
            if live.rank is Rank.OFFERED and live.sign_overdue:
                waits.add((WorkKind.PRESS, f"{TimerKind.SIGN_BY}/{live.round_ref}"))
            elif live.rank is Rank.OFFERED and live.limits.sign_by is not None:
                runs.add((TimerKind.SIGN_BY, live.round_ref))
            if live.rank is Rank.OFFERED and live.climbed is not None:
                waits.add((WorkKind.CLIMB, live.climb_ref))
                if live.climbed.next_at is not None:
                    runs.add((TimerKind.CLIMB, f"{live.round_ref}/{live.climbed.step + 1}"))
            stands = live.suspended_until is not None or live.rank is Rank.DONE
            if live.limits.finish_by is not None and not stands and not live.finish_overdue:
                runs.add((TimerKind.FINISH_BY, live.timer_ref))
        hold(desk == waits, f"the desk of {self.id} is off by {desk ^ waits}")
        for kind, _ in desk:
            verbs = {verb for verb in DOABLE[kind] if (case.status, verb) in COMMANDS}
            hold(bool(verbs), f"{kind} waits at {self.id} and no verb starts from {case.status}")
        of_legs = (TimerKind.SIGN_BY, TimerKind.FINISH_BY, TimerKind.CLIMB)
        set_up = {key[1:] for key in self.timers if key[0] == case.case_id and key[1] in of_legs}
        hold(set_up == runs, f"the timers of {self.id} are off by {set_up ^ runs}")

    def _check_case(self, case: Case) -> None:
        self._check_desk(case)
        duty, live = case.duty, case.live
        if duty is not None and duty.suspended_until is not None and live is not None:
            stands = live.rank is Rank.DONE or live.suspended_until is not None
            hold(stands, "nobody works below under a clock that stands")
        if duty is not None and duty.ended is not None:
            hold(live is None, "nobody works below an ended duty")
        if live is not None and duty is not None and duty.limits.finish_by is not None:
            inner = live.limits.finish_by
            hold(
                inner is not None and inner <= duty.limits.finish_by,
                "an inner leg never outlasts the outer",
            )
        asked = live.request if live is not None else None
        if asked is not None and asked.passed_up:
            own = duty.request if duty is not None else None
            hold(own is not None and own.request_id == asked.passed_up,
                 "the answer to what was passed up answers it at once")
        if live is not None and live.paused_at is not None:
            ours = duty is not None and duty.paused_by is not None
            key = (case.case_id, "resume_at", live.timer_ref)
            hold(ours or key in self.timers, "what stands runs again by itself, or with ours")
        if case.status is CaseStatus.SUSPENDED:
            waits = case.suspended_until if live is None else live.suspended_until
            hold(waits is not None, "what is suspended has an end")
            kinds = {key[1] for key in self.timers if key[0] == case.case_id}
            hold("resume_at" in kinds, "what is suspended runs again by itself")
            hold("finish_by" not in kinds, "no deadline runs while the clock stands")
        for one in (live, *case.past):
            if one is not None and self.town.ladders is not None:
                hold(one.extension_count <= 2, "two extensions are the most")
                hold(one.suspension_count <= 1, "one suspension is the most")

    def _check_fences(self, before: Case | None, word: w.Word, after: Case) -> None:
        """Second opinion on the fences: old numbers move nothing."""
        if before is None:
            return
        if isinstance(word, w.Report):
            if isinstance(word.act, w.SubmittedReport | w.RecalledReport):
                hold(after.live == before.live, "a report that comes up moves no handing-over")
                return
            live = before.live
            if live is None or (live.assignment_id, live.generation) != (
                word.assignment_id,
                word.generation,
            ):
                hold(after.live == live, "only the live round may be moved by a report")
                hold(after.status is before.status, "only the live round may move the case")
            if live is not None and isinstance(word.act, w.ReplyReport):
                # a number that nobody ever gave is no round
                of_live = (live.assignment_id == word.assignment_id
                           and word.generation <= live.generation)
                asked = word.act.supervision_id
                hold(not of_live or all(one.replied for one in after.supervisions
                                        if one.supervision_id == asked),
                     "an answer is heard whatever round it was given in")
        if isinstance(word, w.Order):
            duty = before.duty
            dead = duty is not None and (
                word.generation < before.held_generation
                or (word.generation == before.held_generation and duty.ended is not None)
            )
            if dead:
                hold(after.duty == duty, "an order at or below a tombstone stays dead")


DOABLE: dict[str, tuple[str, ...]] = {
    WorkKind.REQUEST: ("DecideRequest", "PassUpRequest", "DecideDispute"),
    WorkKind.CONFIRM: ("FeedBack",),
    WorkKind.ROUTE: ("Dispatch", "FeedBack"),
    WorkKind.PRESS: ("PressAssignee", "WithdrawAssignment"),
    WorkKind.COORDINATION: ("DecideCoordination",),
    WorkKind.REPLY: ("ReplySupervision",),
    WorkKind.VERIFY: ("RecordVerify",),
    WorkKind.CHECK: ("PassCheck",),
    WorkKind.PROOFREAD: ("PassCheck",),
    WorkKind.CLIMB: ("PressAssignee", "WithdrawAssignment"),
    WorkKind.REOPEN: ("DecideReopen",),
    WorkKind.LEAD_OVER: ("ForceClose", "VoidCase"),
}
"""What waits for a person, and the verbs that a person has for it. Late results and limits that
passed are not among them: they are ticked off."""


def _beside_the_way(office: Office, case: Case) -> set[tuple[str, str]]:
    """What waits for a person besides what an assignee asks."""
    waits: set[tuple[str, str]] = set()
    if case.stage is Stage.VERIFYING:
        waits.add((WorkKind.VERIFY, ""))
    if case.stage is Stage.CHECKING and case.task is not None:
        waits.add((WorkKind.CHECK, ""))
    if case.reopening is not None and case.reopening.granted is None:
        waits.add((WorkKind.REOPEN, ""))
    if is_over(case):
        return waits
    waits |= {(WorkKind.REPLY, one.supervision_id) for one in case.supervisions if not one.replied}
    waits |= {
        (WorkKind.COORDINATION, one.coordination_id)
        for one in case.coordinations
        if one.is_open and not one.upward
    }
    lead = office.cases.get(case.facts.part_of) if case.facts is not None else None
    if is_part(case) and lead is not None and is_over(lead):
        waits.add((WorkKind.LEAD_OVER, lead.case_id))
    return waits


def _same_but_noted(before: Case, after: Case) -> bool:
    noted = replace(after, version=before.version, updated_at=before.updated_at, late=before.late)
    return noted == before


@dataclass(kw_only=True)
class Job:
    """What a legacy system has been asked to do."""

    assignment_id: str
    generation: int
    working: bool = True
    rank: int = 0
    asked: bool = False


@dataclass(kw_only=True)
class System:
    """A legacy system behind its adapter: the last child. Keeps the highest number it has seen."""

    id: str
    parent: str
    town: Town
    jobs: dict[str, Job] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    made: int = 0

    def take(self, sent: Sent) -> None:
        if sent.cause in self.seen:
            return
        self.seen.add(sent.cause)
        word = sent.word
        highest = self.highest.get(word.case_id, 0)
        job = self.jobs.get(word.case_id)
        if isinstance(word, w.Order):
            if word.generation > highest:
                self.highest[word.case_id] = word.generation
                self.jobs[word.case_id] = Job(
                    assignment_id=word.assignment_id, generation=word.generation
                )
            return
        assert isinstance(word, w.Directive)
        act = word.act
        if isinstance(act, w.Withdraw) and word.generation > highest:
            self.highest[word.case_id] = word.generation
            if job is not None:
                job.working = False
            return
        if job is None or word.generation != job.generation or word.generation < highest:
            return
        if isinstance(act, w.Withdraw | w.ClosedVerdict):
            job.working = False
        elif isinstance(act, w.Decision) and act.lead:
            return  # who leads is no answer to what it asked
        elif isinstance(act, w.Decision):
            job.asked = False
            job.working = job.working and not act.granted
        elif isinstance(act, w.ReworkVerdict):
            self.highest[word.case_id] = act.next_generation
            job.generation = act.next_generation
            job.rank = 1
            job.working = True
            job.asked = False

    def speak(self, case_id: str, act: w.ReportAct, text: str = "") -> None:
        job = self.jobs[case_id]
        self.made += 1
        report = w.Report(
            case_id=CaseId(case_id),
            assignment_id=job.assignment_id,  # type: ignore[arg-type]
            generation=job.generation,
            act=act,
            text=text,
        )
        sent = Sent(word=report, cause=f"{self.id}-{self.made}", overtake=False)
        self.town.post(self.id, self.parent, sent)

    def choose(self, case_id: str, choice: int) -> None:
        """Say something that makes sense now."""
        job = self.jobs[case_id]
        if not job.working or job.rank == 3:
            return
        if choice == 0 and job.rank == 0:
            job.rank = 1
            self.speak(case_id, w.SignedReport(unit_reference=f"W{job.generation}"))
        elif choice == 1:
            job.rank = 2
            self.speak(case_id, w.ProgressReport(), "on site")
        elif choice == 2 and not job.asked:
            job.asked = True
            self.speak(
                case_id,
                w.RequestReport(
                    request_id=RequestId(f"{self.id}-r{self.made}"),
                    kind=RequestKind.RETURN,
                    reason_code="not_ours",
                    asker="crew",
                ),
            )
        else:
            job.rank = 3
            job.asked = False
            self.speak(case_id, w.DoneReport(result="repaired"))


@dataclass(kw_only=True)
class Town:
    """Who is whose child, and what is under way between them, in order per link and direction."""

    offices: dict[str, Office] = field(default_factory=dict)
    systems: dict[str, System] = field(default_factory=dict)
    lanes: dict[tuple[str, str], deque[Sent]] = field(default_factory=dict)
    told: list[tuple[str, str, Sent]] = field(default_factory=list)
    ladders: Ladders | None = None
    chain: Chain | None = None
    ticks: int = 0
    replays: int = 0

    def tick(self) -> datetime:
        self.ticks += 1
        return self.now

    @property
    def now(self) -> datetime:
        return T0 + timedelta(seconds=self.ticks)

    def wait_until(self, at: datetime) -> None:
        """Time passes, unless it has."""
        self.ticks = max(self.ticks, int((at - T0).total_seconds()))

    def limits(self, hours: float) -> Limits:
        """So many hours from now on."""
        start = self.now
        return Limits(
            sign_by=start + timedelta(hours=1),
            finish_by=start + timedelta(hours=hours),
            calendar="default",
            count=int(hours),
            unit=TimeUnit.URGENT_HOUR,
        )

    def office(self, name: str, parent: str | None = None, **fields: Any) -> Office:
        made = Office(id=name, parent=parent, town=self, **fields)
        self.offices[name] = made
        return made

    def system(self, name: str, parent: str) -> System:
        made = System(id=name, parent=parent, town=self)
        self.systems[name] = made
        return made

    def children(self, name: str) -> list[Address]:
        nodes = [node(one.id) for one in self.offices.values() if one.parent == name]
        return nodes + [adapter(one.id) for one in self.systems.values() if one.parent == name]

    def say(self, frm: str, effect: Say, cause: str) -> None:
        if isinstance(effect.to, Parent):
            parent = self.offices[frm].parent
            hold(parent is not None, "a root has nobody to report to")
            to = str(parent)
        else:
            to = effect.to.id
        self.post(frm, to, Sent(word=effect.word, cause=cause, overtake=effect.overtake))

    def post(self, frm: str, to: str, sent: Sent) -> None:
        self.lanes.setdefault((frm, to), deque()).append(sent)

    def busy(self) -> list[tuple[str, str]]:
        return sorted(lane for lane, queue in self.lanes.items() if queue)

    def deliver(
        self, lane: tuple[str, str], *, twice: bool = False, overtake: bool = False
    ) -> None:
        """The first word of a lane arrives (or one that may overtake), perhaps twice."""
        queue = self.lanes[lane]
        index = 0
        if overtake:
            index = next((i for i, sent in enumerate(queue) if sent.overtake), 0)
        sent = queue[index]
        del queue[index]
        self.told.append((*lane, sent))
        self._hand(lane, sent)
        if twice:
            self._hand(lane, sent)

    def replay(self, index: int) -> None:
        """An old word arrives again under a new message id: the inbox cannot know it."""
        frm, to, sent = self.told[index % len(self.told)]
        self.replays += 1
        self._hand((frm, to), replace(sent, cause=f"replay-{self.replays}"))

    def _hand(self, lane: tuple[str, str], sent: Sent) -> None:
        frm, to = lane
        if to in self.systems:
            self.systems[to].take(sent)
        else:
            self.offices[to].take(sent, self._neighbour(frm, to))

    def _neighbour(self, frm: str, to: str) -> Neighbour:
        if self.offices[to].parent == frm:
            return PARENT
        return adapter(frm) if frm in self.systems else node(frm)

    def settle(self) -> None:
        """Everything under way arrives."""
        for _ in range(10_000):
            lanes = self.busy()
            if not lanes:
                return
            for lane in lanes:
                self.deliver(lane)
        raise Broken("the town does not come to rest")

    # --- what must hold at rest

    def check_at_rest(self) -> None:
        hold(not self.busy(), "at rest")
        for office in self.offices.values():
            hold(not office.parked, f"{office.id} parked {office.parked}")
            for case in office.cases.values():
                self._check_hops(office, case)
                self._check_passing(office, case)
                _check_chain(office, case)
        for system in self.systems.values():
            for case_id, job in system.jobs.items():
                if not job.working or job.rank == 3:
                    continue
                case = self.offices[system.parent].cases[case_id]
                live = case.live
                hold(
                    live is not None
                    and live.to == adapter(system.id)
                    and (live.assignment_id, live.generation)
                    == (job.assignment_id, job.generation),
                    f"{system.id} works for an assignment its assignor has ended",
                )

    def _check_clock(self, office: Office, child: Office, live: Assignment, duty: Duty) -> None:
        """Both ends of a hop show the same deadline, the same pause and the same open request."""
        both = f"{child.id} and {office.id}"
        hold(duty.limits == live.limits, f"{both} differ in limits")
        hold(duty.suspended_until == live.suspended_until, f"{both} differ in their suspension")
        hold(duty.paused_by == live.paused_by, f"{both} differ in why the clock stands")
        hold(_same_request(duty.request, live.request), f"{both} differ in what is asked")

    def _check_passing(self, office: Office, case: Case) -> None:
        """A report that was passed up has one outcome, and both ends know it."""
        passing = case.passing
        if passing is None:
            return
        above = self.offices[str(office.parent)].cases.get(passing.as_case)
        hold(above is not None, f"{office.parent} never took up what {office.id} passed up")
        assert above is not None
        assert above.facts is not None
        hold(above.facts.source == case.facts.source  # type: ignore[union-attr]
             and above.facts.photos == case.facts.photos,  # type: ignore[union-attr]
             "source and photos go along")
        hold(passing.is_open is not is_over(above),
             f"{office.id} takes it for {passing.outcome}, above it is {above.status}")
        if passing.is_open:
            hold(case.status is CaseStatus.PASSED_UP, "it waits for the office above")
        elif passing.outcome is Outcome.TAKEN_BACK:
            hold(above.status is CaseStatus.NOT_ACCEPTED, "what came back goes on at one place")
        else:
            hold(case.status.value == passing.outcome == above.status.value,
                 f"{office.id} ended as {case.status}, {office.parent} as {above.status}")
        if passing.outcome is Outcome.FILED and above.passing is None:
            hold(above.stage is not Stage.REPORTED and passing.case_no == above.facts.case_no,
                 f"{office.id} was told a number that is not {office.parent}'s")

    def _check_hops(self, office: Office, case: Case) -> None:
        live = case.live
        if case.status is CaseStatus.HELD and live is not None and live.rank is Rank.DONE:
            hold(live.to_confirm, f"{office.id} owes work, and nobody below or here is at it")
        for child in self.offices.values():
            if child.parent != office.id or case.case_id not in child.cases:
                continue
            held = child.cases[case.case_id]
            if held.duty is None:
                continue
            if live is None or live.to != node(child.id):
                hold(held.status is CaseStatus.ENDED, f"{child.id} works for an ended assignment")
            else:
                hold(
                    (held.held_generation, held.duty.assignment_id)
                    == (live.generation, live.assignment_id),
                    f"{child.id} holds another number than {office.id} has live",
                )
                hold(held.status is not CaseStatus.ENDED, f"{child.id} ended what is live")
                _check_decisions(office, case, child, held)
                _check_said(office, case, child, held)
                hold(held.duty.rank == live.rank, f"{child.id} and {office.id} differ in rank")
                self._check_clock(office, child, live, held.duty)
        if live is not None and live.to.kind is AddressKind.NODE:
            there = self.offices[live.to.id].cases.get(case.case_id)
            hold(there is not None, f"nobody holds the case below {office.id}")


def _check_chain(office: Office, case: Case) -> None:
    """A report goes on in a case that goes on by itself, or came to its own end."""
    seen = {case.case_id}
    while case.duplicate_of:
        hold(case.duplicate_of not in seen, f"{case.case_id} of {office.id} goes on in itself")
        case = office.cases[case.duplicate_of]
        seen.add(case.case_id)


def _check_said(office: Office, case: Case, child: Office, held: Case) -> None:
    """What was said about the case, and not about one round of it, is known at both ends."""
    assert case.live is not None
    answered: set[str] = set()
    for event in child.journal[case.case_id]:
        if isinstance(event, ev.OrderTaken):
            answered = set()
        elif isinstance(event, ev.SupervisionAnswered):
            answered.add(event.supervision_id)
    for one in case.supervisions:
        hold(one.replied or one.supervision_id not in answered,
             f"{office.id} never heard the answer of {child.id} to {one.supervision_id}")
    whose = {one.assignment_id for one in (case.live, *case.past) if one.to == node(child.id)}
    for event in office.journal[case.case_id]:
        appeal = isinstance(event, ev.RequestDecided) and event.kind is RequestKind.APPEAL
        if appeal and event.granted and event.assignment_id in whose:  # type: ignore[union-attr]
            hold(held.exempt, f"{child.id} does not know that its appeal was upheld")


def _same_request(one: Request | None, other: Request | None) -> bool:
    return (one and one.request_id) == (other and other.request_id)


def _check_decisions(office: Office, case: Case, child: Office, held: Case) -> None:
    """What was decided while somebody had the case reached them; what they asked reached us."""
    assert case.live is not None
    theirs = {one.coordination_id: one for one in held.coordinations}
    for one in case.coordinations:
        if one.decided_at is not None and one.decided_at > case.live.assigned_at:
            reached = theirs.get(one.coordination_id)
            hold(
                reached is not None and reached.lead == one.lead,
                f"{child.id} does not know who leads by the decision at {office.id}",
            )
            hold(
                reached is not None and reached.problem_id == one.problem_id,
                f"{child.id} does not know of which problem that was the decision",
            )
    ours = {one.coordination_id for one in case.coordinations}
    for asked in held.coordinations:
        duty = held.duty
        assert duty is not None
        if asked.upward and asked.asked_at > duty.taken_at:
            hold(asked.coordination_id in ours, f"{office.id} never heard {child.id} ask")


def refused(act: Callable[[], Any]) -> bool:
    """Try it; whether a rule said no."""
    try:
        act()
    except Refused:
        return True
    return False


def register(
    office: Office, case_id: str = "case", *, file: bool = True, **fields: Any
) -> Case:
    """Open a case, and file it unless told not to."""
    office.do(
        cmd.OpenCase,
        case_id,
        case_no=f"{office.id}202611200001",
        place=PLACE,
        text="井盖缺失",
        **{"source": "collector", "category": CATEGORY, **fields},
    )
    return office.do(cmd.File, case_id) if file else office.cases[case_id]
