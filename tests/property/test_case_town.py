"""A toy town under doubles, delay, overtaking withdrawals and replays of old words.

A tape of numbers drives it: each number chooses a lane to deliver, a person or system to act, an
old word to replay. Invariants are checked after every event (see ``tests.town``) and at rest. The
mutants at the end show that the checks have teeth: each weakens one rule and must be caught.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.core import commands as cmd
from node.core import handover
from node.core import words as w
from node.core.case import Case, CaseStatus
from node.core.context import Relay
from node.core.coordination import CoordinationKind, CoordinationRules, LevelRule, Size
from node.core.decide import handed as deciding
from node.core.facts import Facts, RequestId
from node.core.hear import coordination, directives, endings, fences, heard
from node.core.routing import Routed
from node.core.transitions import allowed
from tests.town import (
    Broken,
    Office,
    Town,
    limits,
    node,
    refused,
    register,
)

STEPS_MAX = 160
"""Length of a tape: enough for several rounds of dispatch, return and rework on two branches."""


def _street(facts: Facts) -> Routed:
    return Routed(to=node("S1"), candidates=(node("S1"),))


LEVELS = CoordinationRules(
    rules=tuple(
        LevelRule(kind=kind, size=size, level="committee" if size is Size.LARGE else "district")
        for kind in CoordinationKind
        for size in Size
    )
)
"""Ordinary questions are a district's, large ones the committee's. D2 has no rules of its own."""


def make_town(relay: Relay) -> Town:
    """City, two districts, three streets, two systems; one district routes by itself."""
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
    register(town.offices["C"])
    return town


def act(town: Town, office: Office, choice: int) -> None:
    """A person at an office tries what the screen offers; a guard may still refuse it."""
    if "case" not in office.cases:
        return
    case = office.cases["case"]
    children = town.children(office.id)
    request = case.live.request.request_id if case.live and case.live.request else "none"
    late = case.late[-1].cause if case.late else "none"
    attempts: tuple[tuple[type[cmd.Command], dict[str, Any]], ...] = (
        (cmd.Dispatch, {"to": children[choice % len(children)], "limits": limits(24)})
        if children
        else (cmd.Progress, {"text": "在处置"}),
        (cmd.Dispatch, {"to": children[-1], "limits": limits(600)}) if children else (cmd.Sign, {}),
        (cmd.Sign, {}),
        (cmd.FeedBack, {"result": "已修复"}),
        (
            cmd.AskReturn,
            {
                "request_id": RequestId(office.fresh()),
                "reason_code": "not_ours",
                "text": "非本级",
            },
        ),
        (cmd.DecideReturn, {"request_id": RequestId(request), "granted": True}),
        (cmd.DecideReturn, {"request_id": RequestId(request), "granted": False}),
        (cmd.WithdrawAssignment, {"reason": "派错"}),
        (cmd.FailCheck, {"text": "未达标", "limits": limits(24)}),
        (cmd.FailCheck, {"text": "未达标", "limits": limits(24)}),
        (cmd.PassCheck, {}),
        (cmd.StartCheck, {}),
        (cmd.AdoptLate, {"cause": late}),
        (cmd.Close, {"text": "结案"}),
        *(_unsolved(office, case, choice) if choice % 11 < 3 else ()),
    )
    offered = allowed(case.status, office.capabilities)
    sensible = [attempt for attempt in attempts if attempt[0].__name__ in offered]
    if not sensible:
        return
    make, fields = sensible[choice % len(sensible)]
    refused(lambda: office.do(make, **fields))


def _unsolved(
    office: Office, case: Case, choice: int
) -> tuple[tuple[type[cmd.Command], dict[str, Any]], ...]:
    """Attempts at what no rule solves: some sensible, some to be refused."""
    open_ones = [one for one in case.coordinations if one.is_open]
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
            },
        ),
        (
            cmd.DecideCoordination,
            {
                "coordination_id": open_ones[-1].coordination_id if open_ones else RequestId("no"),
                "lead": f"单位{choice % 5}",
                "text": "由其牵头",
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


def run(tape: list[int], relay: Relay = Relay.AUTO) -> Town:
    """Play a tape to its end and let everything arrive."""
    town = make_town(relay)
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
            if "case" in system.jobs:
                system.choose("case", choice // 2 % 4)
        elif kind == 6 and choice % 4 == 0:
            office = town.offices[names[choice // 4 % len(names)]]
            if office.timers:
                office.fire(min(office.timers))
        else:
            act(town, town.offices[names[choice % len(names)]], choice // len(names))
    town.settle()
    town.check_at_rest()
    return town


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    tape=st.lists(st.integers(0, 2**14), max_size=STEPS_MAX),
    relay=st.sampled_from(Relay),
)
def test_any_tape_keeps_every_invariant_and_comes_to_rest(tape: list[int], relay: Relay) -> None:
    run(tape, relay)


def seeded(seed: int) -> list[int]:
    source = random.Random(seed)
    return [source.randrange(2**14) for _ in range(STEPS_MAX)]


def test_seeded_tapes_reach_the_interesting_places() -> None:
    happened: set[str] = set()
    statuses: set[CaseStatus] = set()
    for seed in range(150):
        town = run(seeded(seed), Relay.AUTO if seed % 2 else Relay.CONFIRM)
        for office in town.offices.values():
            for events in office.journal.values():
                happened |= {type(event).__name__ for event in events}
            statuses |= {case.status for case in office.cases.values()}
    assert {
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
        "ProxyRepairRecorded",
        "CostRecovered",
    } <= happened
    assert {CaseStatus.CLOSED, CaseStatus.ENDED, CaseStatus.HANDLING} <= statuses


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


MUTANTS: dict[str, list[tuple[Any, str, Callable[..., Any]]]] = {
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
}
SEEDS_PER_MUTANT = 300


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_killed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, attribute, weaker in MUTANTS[name]:
        monkeypatch.setattr(module, attribute, weaker)
    for seed in range(SEEDS_PER_MUTANT):
        try:
            run(seeded(seed))
        except (Broken, AssertionError):
            return
    pytest.fail(f"{SEEDS_PER_MUTANT} tapes believed the machine with {name}")
