"""A toy town under doubles, delay, overtaking withdrawals and replays of old words.

A tape of numbers drives it: each number chooses a lane to deliver, a person or system to act, an
old word to replay. Invariants are checked after every event (see ``tests.town``) and at rest. The
mutants at the end show that the checks have teeth: each weakens one rule and must be caught.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.core import commands as cmd
from node.core import decide as whole
from node.core import handover
from node.core import words as w
from node.core.case import Case, CaseStatus, is_part
from node.core.climbing import Chain, Rung, Step
from node.core.context import Context, Relay
from node.core.coordination import (
    CoordinationKind,
    CoordinationRules,
    Escalation,
    LevelRule,
    Size,
)
from node.core.decide import asking, requests, timing
from node.core.decide import handed as deciding
from node.core.facts import (
    Facts,
    NodeId,
    Photo,
    PhotoRole,
    RequestId,
    RequestKind,
    TimeLimit,
    TimeUnit,
    Wanted,
)
from node.core.feedback import FeedbackRule, FeedbackRules
from node.core.hear import answers, coordination, directives, endings, fences, heard, reports
from node.core.offers import offered
from node.core.reasons import NO_REASONS
from node.core.reporter import Reporter
from node.core.routing import Routed
from node.core.spot import Spot, Taken
from node.core.transitions import allowed
from node.service.approvals import read_approvals
from tests.intake_data import SOURCES, photo
from tests.town import (
    T0,
    Broken,
    Office,
    Town,
    node,
    refused,
    register,
)

STEPS_MAX = 360
"""Length of a tape: enough for several rounds of dispatch, return and rework on two branches."""

NUMBER_MAX = 2**20
"""What one number of a tape can say: whose turn it is, what about, and which of the choices."""


CHAIN = Chain(steps=(
    Step(after=TimeLimit(value=0, unit=TimeUnit.MINUTE), to=Rung.CLERK),
    Step(after=TimeLimit(value=30, unit=TimeUnit.MINUTE), to=Rung.LEADER),
))
AFTER = (photo(PhotoRole.AFTER),)
WANTS = FeedbackRules(version="test", returns_max=1,
                      rows=(FeedbackRule(wanted=Wanted(photos=(PhotoRole.AFTER,))),))
NEAR = Photo(digest="a" * 64, size=7, media_type="image/jpeg", role=PhotoRole.NEAR)
COPIED = Photo(digest="b" * 64, size=7, media_type="image/jpeg", role=PhotoRole.REFERENCE)
"""One was taken long before the report, the other belongs to another case already."""


def _street(facts: Facts) -> Routed:
    return Routed(to=node("S1"), candidates=(node("S1"),))


LEVELS = CoordinationRules(
    rules=tuple(
        LevelRule(kind=kind, size=size, level="committee" if size is Size.LARGE else "district")
        for kind in CoordinationKind
        for size in Size
    ),
    escalations=(
        Escalation(kind=CoordinationKind.BOUNDARY, size=Size.LARGE, near_border=True),
        Escalation(kind=CoordinationKind.OWNERSHIP, contests=2),
    ),
    not_theirs=frozenset({"not_ours"}),
)
"""Ordinary questions are a district's, large ones the committee's; what one body contests near a
border is put to the committee by itself. D2 has no rules of its own."""
BORDER = Spot(divisions=(("420203", "西塞山区"), ("420202", "黄石港区")))


def make_town(relay: Relay, *, wants: bool = False) -> Town:
    """City, two districts, three streets, two systems; one district routes by itself. ``wants``: a
    feedback is held to its photo, at the city and at one district."""
    town = Town()
    town.office("C", coordination=replace(LEVELS, decides=frozenset({"district", "committee"})))
    town.office(
        "D1", "C", relay=relay, route=_street,
        coordination=replace(LEVELS, decides=frozenset({"district"})),
    )
    town.office("D2", "C", relay=Relay.CONFIRM)
    town.office("S1", "D1", relay=relay)
    town.office("S2", "D1")
    town.office("S3", "D2")
    town.system("A1", "S1")
    town.system("A2", "C")
    city = town.offices["C"]
    if wants:
        city.feedback = town.offices["D1"].feedback = WANTS
    city.pictured = {COPIED.digest: ("elsewhere", "C202611200099")}
    register(city, spot=BORDER)
    old = Taken(digest=NEAR.digest, at=T0 - timedelta(days=9))
    register(city, "patrol", file=False, photos=(NEAR,), taken=(old,))
    city.sources = SOURCES
    caller = Reporter(name="张三", phone="13800000000", wants_reply=True)
    register(city, "call", source="hotline", reporter=caller, file=False)
    for name in ("S1", "S2", "S3", "D2"):
        register(town.offices[name], f"walk-{name}", source="walk_in", file=False)
    return town


RULES = replace(
    read_approvals(Path(__file__).parents[2] / "node" / "approvals" / "standard.toml"),
    reasons=NO_REASONS,
)
"""Any reason is as good as another here."""
KINDS = (
    RequestKind.RETURN,
    RequestKind.EXTENSION,
    RequestKind.EXTENSION,
    RequestKind.SUSPENSION,
    RequestKind.SUSPENSION,
    RequestKind.VOID,
    RequestKind.APPEAL,
)
SELDOM = {
    "OpenPart": 4,
    "RecallCase": 10,
    "PassUpCase": 2,
    "VoidCase": 30,
    "ForceClose": 30,
    "Transfer": 15,
    "SuspendCase": 12,
    "SuperviseAssignee": 3,
    "PressAssignee": 3,
}
"""Verbs that end things are tried less often, so that there is something to end."""


def act(town: Town, office: Office, choice: int) -> None:
    """A person at an office tries what the screen offers; a guard may still refuse it. Every fifth
    time it is about a smaller case: a caller's report, a part, what was taken up again."""
    pick, choice = choice % 16, choice // 16
    about = "case"
    names = sorted(office.cases)
    if pick % 5 == 0 and names:
        about = names[pick // 5 % len(names)]
    if about not in office.cases:
        return
    case = office.cases[about]
    might = allowed(case.status, office.capabilities, part=is_part(case))
    sensible = [
        attempt
        for attempt in attempts(town, office, case, choice)
        if attempt[0].__name__ in might
    ]
    if not sensible:
        return
    make, fields = sensible[choice % len(sensible)]
    if choice // len(sensible) % SELDOM.get(make.__name__, 1):
        return
    actor = ("zhang", "li", "wang")[choice // 7 % 3]
    works_by = Context(
        node=NodeId(office.id), now=town.now, fresh_id=str, capabilities=office.capabilities,
        parent=NodeId(office.parent) if office.parent else None, rights=office.rights,
        sources=office.sources,
    )
    screen = offered(case, office.capabilities, office=works_by)
    if not refused(lambda: office.do(make, about, actor=actor, **fields)):
        assert make.__name__ in screen, "what can be done is offered"


def attempts(
    town: Town, office: Office, case: Case, choice: int
) -> list[tuple[type[cmd.Command], dict[str, Any]]]:
    """Every verb there is, with fields that might make sense."""
    children = town.children(office.id)
    names = sorted(office.cases)
    opened = [one.request for one in (case.live, *case.past) if one is not None and one.request]
    request = opened[choice % len(opened)].request_id if opened else RequestId("none")
    owed = [one.supervision_id for one in case.supervisions if not one.replied]
    late = case.late[-1].cause if case.late else "none"
    later = town.now + timedelta(hours=1 + choice % 60)
    found: list[tuple[type[cmd.Command], dict[str, Any]]] = [
        (cmd.Sign, {}),
        (cmd.FeedBack, {"result": "已修复", "photos": AFTER[:choice % 3]}),
        *[(cmd.WithdrawAssignment, {"reason": "派错"})] * 2,
        (cmd.FailCheck, {"text": "未达标", "limits": town.limits(24)}),
        (cmd.FailCheck, {"text": "未达标", "limits": town.limits(24)}),
        (cmd.PassCheck, {}),
        (cmd.StartCheck, {}),
        (cmd.AdoptLate, {"cause": late}),
        (cmd.Close, {"text": "结案"}),
        *(_unsolved(office, case, choice) if choice % 11 < 3 else ()),
        (cmd.Accept, {}),
        (cmd.StartVerify, {"collector": "C-17"}),
        (cmd.RecordVerify, {"found": choice % 5 != 0, "text": "现场所见"}),
        (cmd.RecordVerify, {"found": True, "photos": (COPIED,)}),
        (cmd.File, {}),
        (cmd.NotAccept, {"reason": "不属实",
                          "duplicate_of": names[choice % len(names)] if choice % 3 else ""}),
        (cmd.Decline, {"reason": "未达立案条件"}),
        (cmd.SelfHandle, {"result": "已扶正"}),
        *(
            (
                cmd.SettleDoubt,
                {"ref": one.ref, "confirmed": choice % 2 == 0, "text": "核对原图"},
            )
            for one in case.flags
            if one.waits
        ),
        *[(cmd.PassUpCase, {"as_case": f"up-{office.fresh()}", "text": "请上级受理"})] * 4,
        (cmd.RecallCase, {"text": "已在本街道处理"}),
        (cmd.OpenPart, {"part_id": f"part-{office.fresh()}", "text": "协助围挡"}),
        (cmd.GiveSatisfaction, {"score": choice % 5 + 1, "channel": "phone"}),
        (cmd.AskReopen, {"text": "又坏了"}),
        (
            cmd.DecideReopen,
            {"granted": choice % 3 != 0, "text": "核实", "new_case_id": f"new-{office.fresh()}"},
        ),
        (cmd.TellReporter, {"notice_id": "n", "channel": "sms", "outcome": "delivered"}),
        (
            cmd.VoidCase,
            {"reason": "重复上报", "reason_code": "duplicate",
             "duplicate_of": names[choice % len(names)] if choice % 3 else ""},
        ),
        (cmd.ForceClose, {"text": "会议决定"}),
        (
            cmd.Transfer,
            {"receiver": "执法局", "reference": "7", "reason": "涉嫌违法", "digest": "0" * 64},
        ),
        (cmd.TakeBack, {"text": "不予受理"}),
        (cmd.SuspendCase, {"until": later, "reason": "待拆迁"}),
        (cmd.ResumeCase, {"text": "条件已具备"}),
        (cmd.ResumeAssignment, {"text": "条件已具备"}),
        (cmd.PressAssignee, {"text": "抓紧"}),
        (
            cmd.SuperviseAssignee,
            {
                "supervision_id": office.fresh(),
                "text": "说明情况",
                "reply_by": later,
                "kind": ("overdue", "leader", "important")[choice % 3],
            },
        ),
        (cmd.DecideRequest, {"request_id": request, "granted": False}),
    ]
    if children:
        found.append(
            (cmd.Dispatch, {"to": children[choice % len(children)], "limits": town.limits(24)})
        )
        found.append((cmd.Dispatch, {"to": children[-1], "limits": town.limits(600)}))
    else:
        found.append((cmd.Progress, {"text": "在处置"}))
    if owed:
        found += [(cmd.ReplySupervision, {"supervision_id": owed[-1], "text": "已安排"})] * 2
    if opened:
        found += [(cmd.DecideRequest, {"request_id": request, "granted": True})] * 3
        found += [(cmd.PassUpRequest, {"request_id": request})] * 4
    kind = KINDS[choice // 5 % len(KINDS)]
    found += [
        (
            cmd.AskRequest,
            {
                "request_id": RequestId(office.fresh()),
                "kind": kind,
                "reason_code": ("not_ours", "engineering", "misdispatch")[choice % 3],
                "text": "情况说明",
                "wanted_until": later if kind is RequestKind.SUSPENSION else None,
            },
        )
    ] * 4
    return found


def passed_up(town: Town, kind: RequestKind) -> None:
    """The city has handed it to a district, that to a street, which asks for more than the district
    may grant; the district's own request is under way."""
    town.offices["C"].do(cmd.Dispatch, to=node("D1"), limits=town.limits(24))
    town.settle()
    until = town.now + timedelta(hours=60) if kind is RequestKind.SUSPENSION else None
    request = RequestId("first")
    town.offices["S1"].do(
        cmd.AskRequest,
        request_id=request,
        kind=kind,
        reason_code="engineering",
        text="管线改迁",
        wanted_until=until,
    )
    town.settle()
    town.offices["D1"].do(cmd.PassUpRequest, request_id=request)


def crossed(town: Town) -> None:
    """A district has said that it is done, and answers a supervision while the city already sends
    it round again: both words are under way, and the answer bears the number of the old round."""
    city, district = town.offices["C"], town.offices["D2"]
    city.do(cmd.Dispatch, to=node("D2"), limits=town.limits(24))
    town.settle()
    reply_by = town.now + timedelta(hours=4)
    city.do(cmd.SuperviseAssignee, supervision_id="first", text="说明情况", reply_by=reply_by,
            kind="leader")
    town.settle()
    district.do(cmd.FeedBack, result="已修复", photos=AFTER)
    town.settle()
    district.do(cmd.ReplySupervision, supervision_id="first", text="已安排")
    city.do(cmd.FailCheck, text="未达标", limits=town.limits(24))


def overtaken(town: Town) -> None:
    """The city thought better of it: its withdrawal came to a district before the order did."""
    city = town.offices["C"]
    city.do(cmd.Dispatch, to=node("D2"), limits=town.limits(24))
    city.do(cmd.WithdrawAssignment, reason="派错")
    town.deliver(("C", "D2"), overtake=True)


def appealed(town: Town) -> None:
    """A district was late and appealed; before the answer the city took the case back and handed
    it over anew. The second of the two who decide is about to."""
    city, district = town.offices["C"], town.offices["D2"]
    city.do(cmd.Dispatch, to=node("D2"), limits=town.limits(0.001))
    town.settle()
    for _ in range(10):
        town.tick()
    city.do(cmd.WithdrawAssignment, reason="改派")
    town.settle()
    district.do(cmd.AskRequest, request_id=RequestId("first"), kind=RequestKind.APPEAL,
                reason_code="no_fault", text="非本单位原因")
    town.settle()
    city.do(cmd.Dispatch, to=node("D2"), limits=town.limits(24))
    town.settle()
    city.do(cmd.DecideRequest, request_id=RequestId("first"), granted=True, text="属实")


Beginning = Callable[[Town], None] | None
BEGINNINGS: tuple[Beginning, ...] = (
    None,
    *(
        partial(passed_up, kind=kind)
        for kind in (RequestKind.EXTENSION, RequestKind.SUSPENSION, RequestKind.VOID)
    ),
)
"""Many tapes begin where the most can go wrong: a street asked, its district passed it up."""
ALL_BEGINNINGS = (*BEGINNINGS, crossed, overtaken, appealed)


def _unsolved(
    office: Office, case: Case, choice: int
) -> tuple[tuple[type[cmd.Command], dict[str, Any]], ...]:
    """Attempts at what no rule solves: some sensible, some to be refused."""
    open_ones = [one for one in case.coordinations if one.is_open]
    contested = [one for one in case.disputes if one.upheld is None and one.assignment_id]
    owed = [one for one in case.repairs if one.outstanding_fen]
    level = ("district", "committee")[choice % 2]
    kinds = tuple(CoordinationKind)
    return (
        (cmd.MarkNoOwner, {"text": "找不到权属单位"}),
        (
            cmd.AskCoordination,
            {
                "coordination_id": RequestId(office.fresh()),
                "level": level,
                "kind": kinds[choice % len(kinds)],
                "size": tuple(Size)[choice % 2],
                "text": "请协调",
                "problem_id": ("", "", "p1", "p2")[choice % 4],
            },
        ),
        (
            cmd.DecideCoordination,
            {
                "coordination_id": open_ones[-1].coordination_id if open_ones else RequestId("no"),
                "lead": f"单位{choice % 5}",
                "text": "由其牵头",
                "problem_id": open_ones[-1].problem_id if open_ones and choice % 7 else "",
            },
        ),
        (
            cmd.JoinProblem,
            {
                "coordination_id": open_ones[0].coordination_id if open_ones else RequestId("no"),
                "problem_id": ("p1", "p2")[choice % 2],
            },
        ),
        (
            cmd.LeaveProblem,
            {
                "coordination_id": open_ones[0].coordination_id if open_ones else RequestId("no"),
                "text": "另案处理",
            },
        ),
        (
            cmd.RaiseDispute,
            {
                "dispute_id": RequestId(office.fresh()),
                "reason_code": "not_ours",
                "text": "不属本单位",
            },
        ),
        (
            cmd.DecideDispute,
            {
                "dispute_id": contested[-1].dispute_id if contested else RequestId("no"),
                "upheld": choice % 2 == 0,
                "text": "裁定如下",
            },
        ),
        (
            cmd.RecordProxyRepair,
            {
                "repair_id": office.fresh(),
                "performer": "市政公司",
                "payer": "产权单位" if choice % 3 else "",
                "cost_fen": 1 + choice % 1_000,
            },
        ),
        (
            cmd.RecordRecovery,
            {
                "repair_id": owed[-1].repair_id if owed else "no",
                "amount_fen": 1 + choice % 400,
                "payer": "产权单位",
            },
        ),
    )


def run(
    tape: list[int], relay: Relay = Relay.AUTO, beginning: Beginning = None,
    *, wants: bool = False,
) -> Town:
    """Play a tape to its end and let everything arrive."""
    town = make_town(relay, wants=wants)
    town.ladders = RULES
    town.chain = CHAIN if wants else None
    if beginning is not None:
        beginning(town)
    names = sorted(town.offices)
    systems = sorted(town.systems)
    for number in tape:
        kind, choice = number % 8, number // 8
        lanes = town.busy()
        if kind <= 3 and lanes:
            urgent = [lane for lane in lanes if any(sent.overtake for sent in town.lanes[lane])]
            among = urgent if kind == 2 and urgent else lanes
            lane = among[choice % len(among)]
            town.deliver(lane, twice=kind == 1, overtake=kind == 2)
        elif kind == 4 and town.told:
            town.replay(choice)
        elif kind == 5:
            system = town.systems[systems[choice % len(systems)]]
            names_of_jobs = sorted(system.jobs)
            if names_of_jobs:
                job = names_of_jobs[choice // 8 % len(names_of_jobs)]
                if choice // 64 % 4 and "case" in names_of_jobs:
                    job = "case"
                system.choose(job, choice // 2 % 4)
        elif kind == 6 and choice % 4 == 0:
            due = [
                (at, name, key)
                for name, office in town.offices.items()
                for key, at in office.timers.items()
            ]
            if due:
                _, name, key = min(due)
                town.offices[name].fire(key)
        else:
            act(town, town.offices[names[choice % len(names)]], choice // len(names))
    town.settle()
    town.check_at_rest()
    return town


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    tape=st.lists(st.integers(0, NUMBER_MAX), max_size=STEPS_MAX),
    relay=st.sampled_from(Relay),
    beginning=st.sampled_from(ALL_BEGINNINGS),
    wants=st.booleans(),
)
def test_any_tape_keeps_every_invariant_and_comes_to_rest(
    tape: list[int], relay: Relay, beginning: Beginning, *, wants: bool
) -> None:
    run(tape, relay, beginning, wants=wants)


@pytest.mark.parametrize("beginning", ALL_BEGINNINGS)
def test_every_beginning_comes_to_rest_with_any_length_of_tape(beginning: Beginning) -> None:
    for seed in range(20):
        run(seeded(seed)[:seed], beginning=beginning)


def seeded(seed: int) -> list[int]:
    source = random.Random(seed)
    return [source.randrange(NUMBER_MAX) for _ in range(STEPS_MAX)]


def test_seeded_tapes_reach_the_interesting_places() -> None:
    happened: set[str] = set()
    statuses: set[CaseStatus] = set()
    for seed in range(150):
        relay = Relay.AUTO if seed % 2 else Relay.CONFIRM
        town = run(seeded(seed), relay, BEGINNINGS[seed % len(BEGINNINGS)])
        for office in town.offices.values():
            for events in office.journal.values():
                happened |= {type(event).__name__ for event in events}
            statuses |= {case.status for case in office.cases.values()}
    for seed in range(40):
        town = run(seeded(seed), beginning=BEGINNINGS[seed % len(BEGINNINGS)], wants=True)
        for office in town.offices.values():
            for events in office.journal.values():
                happened |= {type(event).__name__ for event in events}
    assert {
        "FeedbackLacking",
        "OrderClimbed",
        "AssignmentResumed",
        "CaseResumed",
        "CaseSuspended",
        "CaseTakenBack",
        "CaseTransferred",
        "CaseVoided",
        "DutyResumed",
        "Pressed",
        "RequestDecided",
        "RequestPassedUp",
        "RequestReviewed",
        "Supervised",
        "SupervisionAnswered",
        "AssigneeReplied",
        "AssigneeAsked",
        "AssigneeDone",
        "AssignmentReworked",
        "AssignmentEnded",
        "DutyBuried",
        "DutyReworked",
        "LateResultAdopted",
        "OrderRepeated",
        "Overdue",
        "ReportLate",
        "ReportStale",
        "RequestAnswered",
        "WordLate",
        "CheckFailed",
        "NoOwnerMarked",
        "CoordinationAsked",
        "CoordinationDecided",
        "ProblemJoined",
        "ProblemLeft",
        "ProxyRepairRecorded",
        "CostRecovered",
        "CaseAccepted",
        "CaseNotAccepted",
        "VerifyStarted",
        "VerifyDone",
        "CaseSelfHandled",
        "CaseFlagged",
        "DoubtSettled",
        "PartOpened",
        "SatisfactionGiven",
        "ReopenAsked",
        "ReopenDecided",
        "ReporterTold",
        "CasePassedUp",
        "RecallAsked",
        "PassedUpAnswered",
    } <= happened
    assert {CaseStatus.CLOSED, CaseStatus.ENDED, CaseStatus.HANDLING} <= statuses
    assert {CaseStatus.NOT_ACCEPTED, CaseStatus.VERIFYING, CaseStatus.PENDING_FILING} <= statuses


def _no_new_number(*args: Any, **kwargs: Any) -> Any:
    again = handover.send_round_again(*args, **kwargs)
    return replace(again, generation=again.previous_generation)


_BURY = directives.bury


def _no_tombstone(case: Any, word: w.Directive, ctx: Any) -> heard.Heard:
    """The withdrawal is journalled, but no number is held back: the order would be news."""
    if case is not None:
        return heard.late_word(word, ctx)
    (buried,) = _BURY(case, word, ctx).events
    return heard.Heard(events=(replace(buried, generation=0),))  # type: ignore[call-arg]


MUTANTS: dict[str, list[tuple[Any, str, Any]]] = {
    "order fence off": [(fences, "is_older", lambda generation, held: False)],
    "tombstone of an ended duty off": [(fences, "is_buried", lambda duty: False)],
    "tombstone of an unseen order off": [(directives, "bury", _no_tombstone)],
    "report fence off": [(fences, "speaks_for", lambda live, report: live is not None)],
    "rank rule off": [(fences, "moves", lambda rank, said: True)],
    "rework without a new number": [
        (endings, "send_round_again", _no_new_number),
        (deciding, "send_round_again", _no_new_number),
    ],
    "inner survives outer": [(endings, "end_inner", lambda case, ending, text, ctx: ())],
    "a decision from above is old news": [
        (coordination, "decided", lambda case, word, act, ctx: heard.late_word(word, ctx))
    ],
    "inner not sent round with the outer": [
        (endings, "inner_round", lambda case, duty, outer, text, ctx: ())
    ],
    "extension beyond our own deadline": [(requests, "_within", lambda limits, outer: None)],
    "granted more often than the rules say": [
        (requests, "not_too_often", lambda rule, kind, of: None),
        (asking, "not_too_often", lambda rule, kind, of: None),
    ],
    "void decided by a middle office": [
        (requests, "_ours_to_decide", lambda case, one, request, ctx: None)
    ],
    "an answer counts every time": [(fences, "is_answered", lambda request: False)],
    "the clock is set going twice": [(fences, "ends_pause", lambda duty, request_id: True)],
    "a suspension never ends by itself": [
        (timing, "_wait_over", lambda case, command, ctx: ())
    ],
    "what stands with ours stays standing": [
        (answers, "_inner_clock", lambda live, word, act, ctx: ())
    ],
    "what was passed up is not answered below": [
        (answers, "answer_inner", lambda case, duty, word, ctx: ())
    ],
    "an answer that crosses a rework is old news": [
        (fences, "outlives_round", lambda live, report: False)
    ],
    "an appeal is forgotten with the order it was about": [
        (answers, "appealed_before", lambda case, word, ctx: None)
    ],
    "handed on while it is to wait": [
        (whole, "GUARDS", {**whole.GUARDS, "not_to_wait": lambda case, command, ctx: None})
    ],
    "what was handled keeps its old deadline": [(reports, "_stands", lambda case, live: False)],
}
SEEDS_PER_MUTANT = 1_500
WHERE: dict[str, Beginning] = {
    "an answer that crosses a rework is old news": crossed,
    "tombstone of an unseen order off": overtaken,
    "an appeal is forgotten with the order it was about": appealed,
}
"""Where the tapes of a mutant begin that is seldom met from the other beginnings. They grow from
nothing, since what people do afterwards may hide what went wrong."""


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_killed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, attribute, weaker in MUTANTS[name]:
        monkeypatch.setattr(module, attribute, weaker)
    for seed in range(SEEDS_PER_MUTANT):
        try:
            if name in WHERE:
                run(seeded(seed)[:seed], beginning=WHERE[name])
            else:
                run(seeded(seed), beginning=BEGINNINGS[seed % len(BEGINNINGS)])
        except (Broken, AssertionError):
            return
    pytest.fail(f"{SEEDS_PER_MUTANT} tapes believed the machine with {name}")
