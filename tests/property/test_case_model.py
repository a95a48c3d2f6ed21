"""A small reference model against the machine: one middle office, arbitrary words and commands.

The model is written from the rules of the words (numbering, tombstones, live round, forwards only),
with plain variables and no events. Words are arbitrary, not only those a well-behaved neighbour
would say, so every fence is leant on from both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from node.core import commands as cmd
from node.core import words as w
from node.core.case import Case
from node.core.context import PARENT, Neighbour
from node.core.facts import (
    AssignmentId,
    CaseId,
    Facts,
    Limits,
    NodeId,
    RequestId,
    RequestKind,
)
from node.core.hear import Standing
from tests.town import CATEGORY, PLACE, T0, Office, Sent, Town, limits, node, refused

FACTS = Facts(
    case_no="1",
    filing_node=NodeId("C"),
    category=CATEGORY,
    place=PLACE,
    text="井盖缺失",
    source="collector",
    reported_at=T0,
)


@dataclass
class Live:
    id: str
    number: int
    to: str
    rank: int = 0
    open: str = ""
    settled: set[str] = field(default_factory=set)


@dataclass
class Model:
    """What one office must remember, and nothing else."""

    known: bool = False
    held: int = 0
    duty: str = ""  # "", held, done, ended
    duty_id: str = ""
    duty_rank: int = 0
    issued: int = 0
    live: Live | None = None
    ended: dict[str, str] = field(default_factory=dict)
    last_closed: str = ""
    asked: str = ""
    moot: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    supervised: dict[str, bool] = field(default_factory=dict)
    made: int = 0

    # --- helpers

    def end_live(self, how: str) -> None:
        if self.live is None:
            return
        self.ended[self.live.id] = self.live.to
        self.last_closed = self.live.to if how == "closed" else ""
        self.live = None

    def end_duty(self, inner: str) -> None:
        self.end_live(inner)
        self.duty = "ended"
        self.settle_own()

    def settle_own(self) -> None:
        if self.asked:
            self.moot.add(self.asked)
        self.asked = ""

    def assign(self, to: str, fresh: str) -> None:
        self.issued += 1
        self.live = Live(id=fresh, number=self.issued, to=to)

    # --- words

    def order(self, number: int, id_: str) -> str:
        if number < 1:
            return "assignment.unknown"
        if self.known and number < self.held:
            return "LATE"
        if self.known and number == self.held:
            if self.duty == "ended":
                return "LATE"
            return "APPLIED" if id_ == self.duty_id else "assignment.conflict"
        self.end_live("withdrawn")
        self.known, self.held, self.duty, self.duty_id = True, number, "held", id_
        self.duty_rank = 0
        self.asked, self.moot, self.answered = "", set(), set()
        self.supervised = {one: True for one, replied in self.supervised.items() if replied}
        self.last_closed = ""
        return "APPLIED"

    def directive(self, number: int, id_: str, act: str, detail: Any, fresh: str) -> str:
        if number < 1:
            return "assignment.unknown"
        if number < self.held:
            return "LATE"
        if number > self.held:
            if act != "withdraw":
                return "assignment.unknown"
            self.end_live("withdrawn")
            self.known, self.held, self.duty, self.duty_id = True, number, "ended", id_
            self.asked, self.moot, self.answered = "", set(), set()
            return "APPLIED"
        if id_ != self.duty_id:
            return "assignment.conflict"
        if self.duty == "ended":
            return "LATE"
        if act == "withdraw":
            self.end_duty("withdrawn")
        elif act == "closed":
            self.end_duty("closed")
        elif act == "rework":
            if detail <= self.held:
                return "assignment.conflict"
            self.held, self.duty, self.duty_rank = detail, "held", 1
            self.settle_own()
            if self.live is not None:
                self.issued += 1
                self.live.number, self.live.rank = self.issued, 1
                if self.live.open:
                    self.live.settled.add(self.live.open)
                    self.live.open = ""
            elif self.last_closed:
                self.assign(self.last_closed, fresh)
        elif act == "supervise":
            if detail in self.supervised:
                return "LATE"
            self.supervised[detail] = False
        elif act == "decision":
            request, granted = detail
            if request in self.answered:
                return "LATE"
            if request != self.asked and request not in self.moot:
                return "assignment.unknown" if granted else "LATE"
            if request == self.asked:
                self.settle_own()
            self.answered.add(request)
            if granted:
                self.end_duty("withdrawn")
        return "APPLIED"

    def report(self, frm: str, id_: str, number: int, act: str, detail: str) -> str:
        if not self.known:
            return "assignment.unknown"
        live = self.live
        if act == "reply" and live is not None and (live.id, live.to) == (id_, frm):
            if number > live.number or self.supervised.get(detail, True):
                return "LATE"
            self.supervised[detail] = True
            return "APPLIED"
        if live is None or (live.id, live.number) != (id_, number):
            owner = live.to if live is not None and live.id == id_ else self.ended.get(id_)
            had = {*self.ended.values(), *([live.to] if live else [])}
            if owner is None:
                return "LATE" if frm in had else "word.not_yours"
            return "LATE" if owner == frm else "word.not_yours"
        if live.to != frm:
            return "word.not_yours"
        if act == "signed":
            if live.rank >= 1:
                return "LATE"
            live.rank = 1
            if self.duty == "held" and self.duty_rank < 1:
                self.duty_rank = 1
        elif act == "progress":
            if live.rank == 3:
                return "LATE"
            live.rank = 2
            if self.duty == "held":
                self.duty_rank = 2
        elif act == "done":
            if live.rank == 3:
                return "LATE"
            live.rank = 3
            if live.open:
                live.settled.add(live.open)
                live.open = ""
            if self.duty == "held":
                self.duty, self.duty_rank = "done", 3
                self.settle_own()
        elif act == "request":
            if live.rank == 3 or detail == live.open or detail in live.settled:
                return "LATE"
            if live.open:
                live.settled.add(live.open)
            live.open = detail
        return "APPLIED"

    # --- commands: whether they are refused

    def command(self, verb: str, detail: str, fresh: str) -> bool:
        if not self.known or (self.duty != "held" and verb != "close"):
            return True
        live = self.live
        if verb == "dispatch":
            if live is not None or self.asked:
                return True
            self.assign(detail, fresh)
            self.last_closed = ""
        elif verb == "sign":
            if self.duty_rank:
                return True
            self.duty_rank = 1
        elif verb == "feed_back":
            if live is not None and live.rank != 3:
                return True
            self.duty, self.duty_rank = "done", 3
            self.settle_own()
        elif verb == "ask":
            if live is not None or self.asked:
                return True
            self.asked = detail
        elif verb == "withdraw":
            if live is None or live.open:
                return True
            self.end_live("withdrawn")
        elif verb in ("grant", "refuse"):
            if live is None or live.open != detail:
                return True
            live.settled.add(detail)
            live.open = ""
            if verb == "grant":
                self.end_live("returned")
        elif verb == "close":
            if self.duty == "ended" or live is None or live.rank != 3:
                return True
            self.end_live("closed")
        return False


def seen(case: Case | None) -> tuple[Any, ...]:
    """The machine's case in the model's terms."""
    if case is None:
        return (False, 0, "", 0, None, "", 0)
    live = case.live
    duty = case.duty
    assert duty is not None
    return (
        True,
        case.held_generation,
        case.holding.value,
        case.issued_generation,
        (
            live.assignment_id,
            live.generation,
            live.to.id,
            int(live.rank),
            live.request.request_id if live.request else "",
        )
        if live
        else None,
        duty.request.request_id if duty.request else "",
        int(duty.rank) if duty.ended is None else 0,
    )


def told(model: Model) -> tuple[Any, ...]:
    live = model.live
    return (
        model.known,
        model.held,
        model.duty,
        model.issued,
        (live.id, live.number, live.to, live.rank, live.open) if live else None,
        model.asked,
        model.duty_rank if model.duty != "ended" else 0,
    )


OFFSETS = st.sampled_from([0, 0, 0, 1, 1, -1, 2])
"""Numbers are chosen relative to the one held or live, so that most words hit or just miss."""
UPPER_IDS = st.sampled_from(["same", "same", "same", "a", "b"])
REQUESTS = st.sampled_from(["r1", "r2", "r3"])
CHILDREN = st.sampled_from(["S1", "S2"])
STEPS = st.one_of(
    st.tuples(st.just("order"), OFFSETS, UPPER_IDS),
    st.tuples(
        st.just("directive"),
        OFFSETS,
        UPPER_IDS,
        st.one_of(
            st.tuples(st.sampled_from(["withdraw", "closed", "press"]), st.none()),
            st.tuples(st.just("rework"), OFFSETS),
            st.tuples(st.just("supervise"), st.sampled_from(["s1", "s2"])),
            st.tuples(st.just("decision"), st.tuples(REQUESTS, st.booleans())),
        ),
    ),
    st.tuples(
        st.just("report"),
        st.sampled_from(["live", "live", "live", "S1", "S2"]),
        st.sampled_from([0, 0, 0, 0, 1, -1]),
        OFFSETS,
        st.one_of(
            st.tuples(st.sampled_from(["signed", "progress", "done"]), st.just("")),
            st.tuples(st.just("request"), REQUESTS),
            st.tuples(st.just("reply"), st.sampled_from(["s1", "s2"])),
        ),
    ),
    st.tuples(
        st.just("command"),
        st.one_of(
            st.tuples(st.just("dispatch"), CHILDREN),
            st.tuples(st.sampled_from(["sign", "feed_back", "withdraw", "close"]), st.just("")),
            st.tuples(st.sampled_from(["ask", "grant", "refuse"]), REQUESTS),
        ),
    ),
)
"""Reports name an assignment by age (0 = the newest made here, -1 = one never made)."""


def directive_act(act: str, detail: Any) -> w.DirectiveAct:
    acts: dict[str, w.DirectiveAct] = {
        "withdraw": w.Withdraw(reason="派错"),
        "closed": w.ClosedVerdict(),
        "press": w.Press(),
    }
    if act == "rework":
        return w.ReworkVerdict(next_generation=detail, limits=limits())
    if act == "supervise":
        reply_by: datetime = T0
        return w.Supervise(supervision_id=detail, reply_by=reply_by)
    if act == "decision":
        return w.Decision(request_id=RequestId(detail[0]), granted=detail[1], decider="城区")
    return acts[act]


def report_act(act: str, detail: str) -> w.ReportAct:
    acts: dict[str, w.ReportAct] = {
        "signed": w.SignedReport(),
        "progress": w.ProgressReport(),
        "done": w.DoneReport(result="已修复"),
        "reply": w.ReplyReport(supervision_id=detail),
    }
    if act == "request":
        return w.RequestReport(
            request_id=RequestId(detail),
            kind=RequestKind.RETURN,
            reason_code="not_ours",
            asker="crew",
        )
    return acts[act]


COMMANDS: dict[str, tuple[type[cmd.Command], Any]] = {
    "dispatch": (cmd.Dispatch, lambda to: {"to": node(to), "limits": Limits()}),
    "sign": (cmd.Sign, lambda _: {}),
    "feed_back": (cmd.FeedBack, lambda _: {"result": "已修复"}),
    "withdraw": (cmd.WithdrawAssignment, lambda _: {"reason": "派错"}),
    "close": (cmd.Close, lambda _: {"text": "本级核实"}),
    "ask": (
        cmd.AskRequest,
        lambda r: {
            "request_id": RequestId(r),
            "kind": RequestKind.RETURN,
            "reason_code": "not_ours",
            "text": "非本级",
        },
    ),
    "grant": (cmd.DecideRequest, lambda r: {"request_id": RequestId(r), "granted": True}),
    "refuse": (cmd.DecideRequest, lambda r: {"request_id": RequestId(r), "granted": False}),
}


def play(steps: list[Any]) -> None:
    town = Town()
    town.office("C")
    office = town.office("D", "C")
    town.office("S1", "D")
    town.office("S2", "D")
    model = Model()
    ids: list[str] = []
    for step, (kind, *relative) in enumerate(steps):
        # whatever id the machine draws next for an assignment, the model is told
        before = office.cases.get("case")
        rest = _aimed(kind, relative, before)
        if kind == "command":
            verb, detail = rest[0]
            make, fields = COMMANDS[verb]
            no = refused(lambda make=make, f=fields, d=detail: office.do(make, **f(d)))
            expected: Any = model.command(verb, detail, _new_id(before, office))
            assert expected == no, (step, verb, detail)
        else:
            word, frm = _word(kind, rest, ids)
            heard = office.take(
                Sent(word=word, cause=f"m{step}", overtake=False),
                _neighbour(frm),
            )
            assert heard is not None
            outcome = heard.code or heard.standing.value
            if kind == "order":
                expected = model.order(rest[0], rest[1])
            elif kind == "directive":
                act, detail = rest[2]
                expected = model.directive(rest[0], rest[1], act, detail, _new_id(before, office))
            else:
                act, detail = rest[3]
                assert isinstance(word, w.Report)
                expected = model.report(rest[0], word.assignment_id, word.generation, act, detail)
            assert expected == outcome, (step, kind, rest)
            assert (heard.standing is Standing.PARKED) == bool(heard.code)
        after = office.cases.get("case")
        if after is not None and after.live is not None and after.live.assignment_id not in ids:
            ids.append(after.live.assignment_id)
        assert told(model) == seen(after), (step, kind, rest)


def _new_id(before: Case | None, office: Office) -> str:
    """The id the machine gave to an assignment made in this step, if it made one."""
    after = office.cases.get("case")
    live = after.live if after is not None else None
    known = before is not None and before.live is not None
    if live is None or (known and before.live.assignment_id == live.assignment_id):  # type: ignore[union-attr]
        return "none was made"
    return live.assignment_id


def _aimed(kind: str, rest: list[Any], case: Case | None) -> list[Any]:
    """Turn relative numbers, ids and speakers into absolute ones."""
    if kind == "command":
        return rest
    if kind == "report":
        frm, back, off, act = rest
        live = case.live if case is not None else None
        if frm == "live":
            frm = live.to.id if live is not None else "S1"
        return [frm, back, (live.generation if live is not None else 1) + off, act]
    held = case.held_generation if case is not None else 0
    same = case.duty.assignment_id if case is not None and case.duty is not None else "a"
    number = max(0, held + rest[0])
    id_ = same if rest[1] == "same" else rest[1]
    if kind == "order":
        return [number, id_]
    act, detail = rest[2]
    return [number, id_, (act, max(0, held + detail) if act == "rework" else detail)]


def _word(kind: str, rest: list[Any], ids: list[str]) -> tuple[w.Word, str]:
    case_id = CaseId("case")
    if kind == "order":
        order = w.Order(
            case_id=case_id,
            assignment_id=AssignmentId(rest[1]),
            generation=rest[0],
            limits=Limits(),
            facts=FACTS,
        )
        return order, "C"
    if kind == "directive":
        directive = w.Directive(
            case_id=case_id,
            assignment_id=AssignmentId(rest[1]),
            generation=rest[0],
            act=directive_act(*rest[2]),
        )
        return directive, "C"
    frm, back, number, (act, detail) = rest
    named = ids[len(ids) - 1 - back] if 0 <= len(ids) - 1 - back < len(ids) else "unknown"
    report = w.Report(
        case_id=case_id,
        assignment_id=AssignmentId(named),
        generation=number,
        act=report_act(act, detail),
    )
    return report, frm


def _neighbour(frm: str) -> Neighbour:
    return PARENT if frm == "C" else node(frm)


BEGINNINGS = st.sampled_from(
    [
        [],
        [("order", 1, "a")],
        [("order", 1, "a"), ("command", ("dispatch", "S1"))],
        [("order", 1, "a"), ("command", ("dispatch", "S1"))],
    ]
)
"""Most tapes begin where the most can go wrong: with a duty held and handed on."""


ANSWERED_UNDER_NO_NUMBER = [
    *(("order", 0, "same") for _ in range(7)),
    ("command", ("dispatch", "S1")),
    ("directive", 0, "same", ("supervise", "s1")),
    ("report", "live", 0, 1, ("reply", "s1")),
]


@settings(max_examples=400, deadline=None)
@example([("order", 1, "a")], ANSWERED_UNDER_NO_NUMBER)
@given(BEGINNINGS, st.lists(STEPS, min_size=10, max_size=40))
def test_the_machine_agrees_with_the_reference_model(
    beginning: list[Any], steps: list[Any]
) -> None:
    play(beginning + steps)
