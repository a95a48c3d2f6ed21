"""The observer: everything that is known from outside against everything the stores say.

It reads committed rows and journals only, and asks what must hold at any moment (``glance``), when
nothing is under way (``at_rest``), and when people have finished (``all_ended``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hub import wire
from hub.envelope import Flag
from hub.ids import NodeId
from hub.seal import open_envelope
from node.core import events as ev
from node.core.case import Assignment, Case, Duty, is_over, is_part
from node.core.effects import WorkKind
from node.core.evolve import evolve
from node.core.facts import AddressKind, Outcome
from node.edge.codec import WordCodec
from node.service.folding import read_event
from node.service.handle import cause_of
from node.service.surroundings import uuid_text
from tests.sim.fabric import account as fabric
from tests.sim.fabric.world import Broken
from tests.sim.town.places import PARENTS
from tests.sim.town.world import TownNode, TownWorld
from tests.town import DOABLE

if TYPE_CHECKING:
    from tests.sim.town.people import People

CODEC = WordCodec()
ONWARD = frozenset({
    "NotAccept", "StartVerify", "File", "Decline", "Dispatch", "PassCheck", "Close", "TakeBack",
    "ResumeCase", "ForceClose",
})
"""Verbs by which a person moves an own case on that nobody has in hand."""
OPEN = ("reported", "verifying", "pending_filing", "pending_dispatch", "dispatched", "handling",
        "suspended", "feedback_given", "checking", "pending_close", "transferred", "passed_up",
        "held", "done")


def hold(true: bool, sentence: str) -> None:
    if not true:
        raise Broken(sentence)


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry with its event."""

    n: int
    version: int
    cause: str
    event: ev.Event
    digest: bytes


def journal(node: TownNode) -> dict[str, list[Entry]]:
    """All entries by case, in order."""
    found: dict[str, list[Entry]] = {}
    for n, case_id, version, raw, cause, digest in node.disk.rows(
        "SELECT n, case_id, version, entry, cause, digest FROM journal ORDER BY n"
    ):
        found.setdefault(case_id, []).append(Entry(n, version, cause, _event(raw), digest))
    return found


@lru_cache(maxsize=20_000)
def _event(raw: bytes) -> ev.Event:
    """The event of an entry: an observer looks at the same bytes many times."""
    entry = CODEC.read_entry(raw)
    return read_event(entry.event_type, entry.event)


# --- at any moment


def glance(world: TownWorld) -> None:
    """What no fault may break even for a moment."""
    world.fail_if_failed()
    for node in world.offices:
        for case in node.cases():
            parent = PARENTS[node.id]
            if case.duty is None or parent is None:
                continue
            above = world.nodes[parent].case(case.case_id)  # type: ignore[attr-defined]
            hold(above is not None, f"{node.id} holds what {parent} does not know")
            hold(case.held_generation <= above.issued_generation,
                 f"I5: {node.id} holds number {case.held_generation}, {parent} issued "
                 f"{above.issued_generation}")
            live, duty = above.live, case.duty
            same = live is not None and (live.assignment_id, live.generation) == (
                duty.assignment_id, duty.generation)
            # An order that heals a rework somebody gave up begins afresh below.
            hold(not same or live.rank <= duty.rank or bool(world.given_up),
                 f"I6: {parent} believes more of {node.id} than it has said")
            hold(not same or duty.ended is None, f"I6: {node.id} ended what is live at {parent}")


def nothing_waits_for_nobody(world: TownWorld) -> None:
    """I11: parked words have bytes and a code, and wait behind somebody."""
    fabric.nothing_else_waits(world)


def restless(world: TownWorld) -> list[str]:
    """What is still under way."""
    found = []
    for end in world.ends():
        state, reason = end.state()
        if state in fabric.STILL:
            raise Broken(f"{end.node.id}/{end.link} stands still: {state} {reason}")
        if not fabric.quiet(world, end):
            found.append(f"{end.node.id}/{end.link} {fabric.standing(end)}")
    for node in world.offices:
        due = node.disk.rows("SELECT count(*) FROM adapter_job WHERE next_try_at IS NOT NULL")
        if due[0][0]:
            found.append(f"{node.id} has {due[0][0]} jobs")
        for unit in node.units:
            rows = node.disk.rows("SELECT cursor FROM adapter_cursor WHERE adapter = ?", unit.id)
            if (int(rows[0][0]) if rows else 0) < len(unit.said):
                found.append(f"{unit.id} has more to say")
    return found


# --- at rest


def at_rest(world: TownWorld, people: People) -> None:
    """Everything, once nothing is under way."""
    glance(world)
    journals = {node.id: journal(node) for node in world.offices}
    for node in world.offices:
        _answers(node, people)
        _journals(node, journals[node.id])
        _columns(node)
        _nothing_parked(node)
        _timers(node, journals[node.id])
        _facts(world, node)
        _reporters(node, journals[node.id])
        _desk(node)
    for end in world.ends():
        peer = world.nodes[end.peer].ends[end.link]
        fabric._chain(end, peer, holes=(end.node.id, end.link) in world.reworked)
        _delivered(world, end, peer)
        _lanes(end, peer, journals[peer.node.id])
    for node in world.offices:
        _hops(world, node)
        _passings(world, node)
        _words_were_said(world, node, journals)
        _evidence(world, node, journals)
        _units(node)
        _sheets(world, node, people)
        _problems(node, people, journals[node.id])


def _answers(node: TownNode, people: People) -> None:
    """I1: what was answered is there, once."""
    kept = {row[0] for row in node.disk.rows("SELECT command_id FROM command")}
    causes = {row[0] for row in node.disk.rows("SELECT DISTINCT cause FROM journal")}
    for asked in people.ledger:
        if asked.node is not node or asked.reply is None:
            continue
        name = type(asked.command).__name__
        hold(asked.command.command_id in kept, f"I1: the answer to {name} is forgotten")
        hold(cause_of(asked.command.command_id) in causes,
             f"I1: {name} was answered and left nothing at {node.id}")


def _journals(node: TownNode, journals: dict[str, list[Entry]]) -> None:
    """The journal is gapless, folds to the case, and keeps the rules of numbers; columns that
    screens and anti-entropy go by say the same."""
    states = {case.case_id: case for case in node.cases()}
    hold(states.keys() == journals.keys(), f"T1: cases and journals of {node.id} differ")
    ended_rows = {
        row[0]: row[1] for row in node.disk.rows("SELECT assignment_id, ended FROM assignment")
    }
    for case_id, entries in journals.items():
        case: Case | None = None
        decided: set[str] = set()
        answered: set[str] = set()
        issued = held = 0
        live = ""
        ended: set[str] = set()
        for count, entry in enumerate(entries, start=1):
            hold(entry.version == count, f"versions of {case_id} at {node.id} have holes")
            event, before = entry.event, case
            case = evolve(case, event)
            if isinstance(event, ev.RequestDecided):
                hold(event.request_id not in decided, f"{node.id} decided a request twice")
                decided.add(event.request_id)
                hold(not _outlasts(case),
                     f"F8: {node.id} granted more time than it has itself")
            if isinstance(event, ev.RequestAnswered):
                hold(event.request_id not in answered, f"{node.id} took an answer twice")
                answered.add(event.request_id)
            if isinstance(event, ev.AssignmentResumed):
                hold(before is not None and before.live is not None
                     and before.live.paused_by is not None,
                     f"{node.id} set a clock going that did not stand")
            if isinstance(event, ev.DutyResumed):
                hold(before is not None and before.duty is not None
                     and before.duty.paused_by is not None,
                     f"{node.id} was told twice that its clock runs")
            if isinstance(event, ev.CaseVoided):
                hold(case.duty is None, f"{node.id} voided a case that it did not file")
            hold(not _fell_back(before, case), f"F5: a rank of {case_id} at {node.id} fell back")
            if isinstance(event, ev.Assigned | ev.AssignmentReworked):
                hold(event.generation > issued, f"I5: {node.id} issued {event.generation} twice")
                issued = event.generation
            if isinstance(event, ev.Assigned):
                hold(not live, f"I5: two live assignments of {case_id} at {node.id}")
                live = event.assignment_id
            if isinstance(event, ev.AssignmentEnded):
                hold(event.assignment_id == live and live not in ended,
                     f"an assignment of {node.id} ended twice")
                ended.add(live)
                live = ""
            if isinstance(event, ev.OrderTaken | ev.DutyReworked | ev.DutyBuried):
                hold(event.generation > held, f"I6: {node.id} took {event.generation} after {held}")
                held = event.generation
        hold(case == states[case_id], f"T1: the journal of {case_id} at {node.id} folds otherwise")
        for assignment_id in ended:
            hold(ended_rows.get(assignment_id) is not None, f"an end of {node.id} has no row")
        hold(not live or ended_rows.get(live, "?") is None, f"{node.id}: the live row is wrong")
    causes = Counter(
        (row[0], row[1]) for row in node.disk.rows("SELECT cause, part FROM journal")
    )
    hold(all(count == 1 for count in causes.values()), f"I4: a cause acted twice at {node.id}")


def _outlasts(case: Case) -> bool:
    """Does a leg below run beyond what we have ourselves?"""
    live, duty = case.live, case.duty
    if live is None or duty is None or duty.limits.finish_by is None:
        return False
    return live.limits.finish_by is None or live.limits.finish_by > duty.limits.finish_by


def _fell_back(before: Case | None, after: Case) -> bool:
    """Did the rank of one round move backwards?"""
    was, live = before.live if before is not None else None, after.live
    if was is None or live is None or was.timer_ref != live.timer_ref:
        return False
    return live.rank < was.rank


def _columns(node: TownNode) -> None:
    """What screens, timers and anti-entropy go by says the same as the case itself."""
    rows = {row[0]: row[1:] for row in node.disk.rows(
        "SELECT case_id, status, duty, held_generation, issued_generation, version, assignee, "
        "assignment_id FROM cases")}
    live_rows = {row[0]: row[1:] for row in node.disk.rows(
        "SELECT case_id, assignment_id, generation, rank, assignee FROM assignment "
        "WHERE ended IS NULL")}
    for case in node.cases():
        live, duty = case.live, case.duty
        hold(rows[case.case_id] == (
            case.status.value, case.holding.value, case.held_generation, case.issued_generation,
            case.version, str(live.to) if live is not None else None,
            duty.assignment_id if duty is not None else None,
        ), f"the columns of {case.case_id} at {node.id} are wrong: {rows[case.case_id]}")
        expected = None if live is None else (
            live.assignment_id, live.generation, int(live.rank), str(live.to))
        _clocks(node, case)
        hold(live_rows.get(case.case_id) == expected,
             f"the assignment row of {case.case_id} at {node.id} is wrong")


def _clocks(node: TownNode, case: Case) -> None:
    """An inner leg ends within the outer one; what stands runs again by itself, or with ours."""
    live, duty = case.live, case.duty
    hold(not _outlasts(case), f"F8: a leg below {node.id} outlasts what {node.id} holds")
    for one in (live, *case.past):
        if one is not None:
            hold(one.extension_count <= 2 and one.suspension_count <= 1,
                 f"{node.id} granted more often than the rules say")
    ref = ""
    if live is not None and live.paused_at is not None:
        ref = "" if duty is not None and duty.paused_by is not None else live.timer_ref
    elif case.status == "suspended":
        ref = case.wait_ref
    if ref:
        rows = node.disk.rows(
            "SELECT 1 FROM timer WHERE case_id = ? AND kind = 'resume_at' AND ref = ? AND "
            "fired_at IS NULL", case.case_id, ref)
        hold(len(rows) == 1, f"{case.case_id} at {node.id} stands and will never run again")
    asked = live.request if live is not None else None
    if asked is not None and asked.passed_up:
        own = duty.request if duty is not None else None
        hold(own is not None and own.request_id == asked.passed_up,
             f"{node.id} passed a request up and nobody asks for it any more")


def _reporters(node: TownNode, journals: dict[str, list[Entry]]) -> None:
    """Who called is beside the case alone, whoever waits for an end is told it, what was told is
    written down, and what begins out of a case has begun."""
    for table in ("journal", "outbox", "notice", "trace", "work_item", "command"):
        rows = node.disk.rows(f"SELECT * FROM {table}")
        for row in rows:
            for cell in row:
                raw = cell if isinstance(cell, bytes) else str(cell).encode()
                hold(b"13812345678" not in raw, f"{table} of {node.id} names the caller's phone")
    told = Counter(row[0] for row in node.disk.rows("SELECT case_id FROM notice"))
    states = dict(node.disk.rows("SELECT id, state FROM notice"))
    private = dict(node.disk.rows("SELECT case_id, private FROM cases"))
    for case in node.cases():
        if case.duty is not None or case.stage is None:
            continue
        over = case.status.value in ("closed", "not_accepted", "not_filed", "voided")
        hold(not (over and case.wants_reply) or told[case.case_id] > 0,
             f"nobody tells the reporter of {case.case_id} at {node.id} how it ended")
        hold(not case.wants_reply or private[case.case_id] is not None,
             f"who reported {case.case_id} at {node.id} is forgotten")
        begun = [*case.parts]
        if case.reopening is not None and case.reopening.granted:
            begun.append(case.reopening.new_case_id)  # type: ignore[arg-type]
        for one in begun:
            hold(one in journals, f"{one} was to begin at {node.id} and never did")
    for entries in journals.values():
        last: dict[str, str] = {}
        for entry in entries:
            if isinstance(entry.event, ev.ReporterTold):
                last[entry.event.notice_id] = entry.event.outcome
        for notice_id, outcome in last.items():
            hold(states.get(notice_id) == outcome,
                 f"notice {notice_id} of {node.id} is {states.get(notice_id)}, told {outcome}")


def _desk(node: TownNode) -> None:
    """Whatever waits for a person can be done by somebody here, and by right; what a part of a case
    that has ended waits for is shown; nothing of our own stands where nobody may move it."""
    cases = {case.case_id: case for case in node.cases()}
    items = set(node.disk.rows(
        "SELECT case_id, kind, detail FROM work_item WHERE settled_at IS NULL"))
    for case_id, kind, _ in items:
        verbs = DOABLE.get(kind)
        hold(verbs is None or bool(set(verbs) & set(node.offered(cases[case_id]))),
             f"{kind} waits at {node.id} and nobody may do it: {cases[case_id].status}")
    orphans = {case_id for case_id, kind, _ in items if kind == WorkKind.LEAD_OVER}
    for case in cases.values():
        lead = cases.get(case.facts.part_of) if case.facts is not None else None
        waits = is_part(case) and lead is not None and is_over(lead) and not is_over(case)
        hold((case.case_id in orphans) == waits,
             f"{case.case_id} of {node.id} assists what has ended, and nobody is told")
        above = case.passing is not None and case.passing.is_open
        if case.duty is None and not is_over(case) and not above:
            hold(bool(set(node.offered(case)) & ONWARD or case.live is not None),
                 f"{case.case_id} is {case.status} at {node.id}, which nobody may change there")


def _nothing_parked(node: TownNode) -> None:
    rows = node.disk.rows("SELECT link, code, count(*) FROM inbox WHERE outcome = 'PARKED' "
                          "GROUP BY link, code")
    hold(not rows, f"I11: {node.id} still has parked words: {rows}")
    rows = node.disk.rows("SELECT code, detail FROM adapter_quarantine WHERE settled_at IS NULL")
    hold(not rows, f"{node.id} could not place what a unit said: {rows}")


def _timers(node: TownNode, journals: dict[str, list[Entry]]) -> None:
    """I12: each timer fires once."""
    for case_id, entries in journals.items():
        fired = Counter(
            (entry.event.kind, entry.event.ref)
            for entry in entries if isinstance(entry.event, ev.Overdue)
        )
        hold(all(count == 1 for count in fired.values()), f"I12: {case_id} {fired}")
    late = node.disk.rows("SELECT count(*) FROM timer WHERE fired_at IS NULL AND due_at < ?",
                          node.wall() - 60_000_000)
    hold(late[0][0] == 0, f"I12: {node.id} has timers that never fire")


def _facts(world: TownWorld, node: TownNode) -> None:
    """I8: everybody entitled knows the same of a case."""
    for case in node.cases():
        if case.duty is None or case.facts is None:
            continue
        home = world.nodes[NodeId(case.facts.filing_node)].case(case.case_id)  # type: ignore[attr-defined]
        hold(home is not None and home.facts == case.facts,
             f"I8: {node.id} knows other facts of {case.case_id}")


def _delivered(world: TownWorld, end: Any, peer: Any) -> None:
    """I2: every sealed envelope is in the peer's inbox exactly once."""
    there = Counter(
        row[0] for row in peer.node.disk.rows(
            "SELECT msg_id FROM inbox WHERE link = ? AND outcome <> 'DUPLICATE'", end.link)
    )
    hold(all(count == 1 for count in there.values()), f"I2: a word is twice in {peer.node.id}")
    for (msg_id,) in end.node.disk.rows(
        "SELECT msg_id FROM outbox WHERE link = ? AND seq IS NOT NULL", end.link
    ):
        hold(msg_id in there or msg_id in world.trimmed,
             f"I2: a word of {end.node.id} never came to {peer.node.id}")


def _lanes(end: Any, peer: Any, journals: dict[str, list[Entry]]) -> None:
    """G3 and T3: words of a lane acted in the order of their origin, and every word acted."""
    acted: dict[str, int] = {}
    for entries in journals.values():
        for entry in entries:
            acted.setdefault(entry.cause, entry.n)
    outcome = dict(peer.node.disk.rows(
        "SELECT msg_id, outcome FROM inbox WHERE link = ? AND outcome <> 'DUPLICATE'", end.link))
    last: dict[bytes, int] = {}
    for msg_id, lane, sealed in end.node.disk.rows(
        "SELECT msg_id, lane, sealed FROM outbox WHERE link = ? AND seq IS NOT NULL AND "
        "length(lane) > 0 ORDER BY id", end.link,
    ):
        n = acted.get(uuid_text(msg_id))
        if outcome.get(msg_id) in ("APPLIED", "LATE"):
            hold(n is not None, f"T3: a word of {end.node.id} was taken and left nothing")
        head, _, _ = wire.sealed_parts(sealed)
        if n is None or wire.header_from(head).flags & Flag.OVERTAKE:
            continue
        hold(n > last.get(lane, 0), f"G3: a lane of {end.link} acted out of order")
        last[lane] = n


def _hops(world: TownWorld, node: TownNode) -> None:
    """I5, I16, one holder: whom we handed a case to holds it under our number; nobody else
    below works on it."""
    for case in node.cases():
        live = case.live
        if case.duty is not None and case.duty.ended is not None:
            hold(live is None, f"I16: somebody works below an ended duty of {node.id}")
        for child, parent in PARENTS.items():
            if parent != node.id:
                continue
            held = world.nodes[child].case(case.case_id)  # type: ignore[attr-defined]
            if live is not None and live.to.kind is AddressKind.NODE and live.to.id == child:
                hold(held is not None and held.duty is not None,
                     f"I5: {child} does not have what {node.id} handed it")
                duty = held.duty
                hold((held.held_generation, duty.assignment_id, duty.ended)
                     == (live.generation, live.assignment_id, None),
                     f"I5: {child} holds {held.held_generation} of {case.case_id}, {node.id} has "
                     f"{live.generation}")
                _same_clock(world, f"{node.id} and {child}", live, duty)
                hold(duty.rank == live.rank or bool(world.given_up),
                     f"ranks differ: {node.id} {live.rank!r}, {child} {duty.rank!r}")
            elif held is not None and held.duty is not None:
                hold(held.duty.ended is not None,
                     f"I16: {child} works for an assignment that {node.id} has ended")
    for case in node.cases():
        parent = PARENTS[node.id]
        if case.duty is not None and case.duty.ended is None:
            assert parent is not None
            above = world.nodes[parent].case(case.case_id)  # type: ignore[attr-defined]
            hold(above is not None and above.live is not None and above.live.to.id == node.id,
                 f"one holder: {node.id} holds what {parent} has not handed it")


def _passings(world: TownWorld, node: TownNode) -> None:
    """A report that was passed up has one outcome, which both ends know; its photos went along."""
    for case in node.cases():
        passing = case.passing
        if passing is None:
            continue
        parent = PARENTS[node.id]
        assert parent is not None
        above = world.nodes[parent].case(passing.as_case)  # type: ignore[attr-defined]
        if lost_above(world, node, case):
            continue
        hold(above is not None, f"{parent} never took up what {node.id} passed up")
        hold(above.facts.photos == case.facts.photos and above.facts.source == case.facts.source,
             f"{parent} knows another report than {node.id} passed up")
        over = above.status.value not in OPEN
        hold(passing.is_open is not over,
             f"{node.id} takes it for {passing.outcome}, at {parent} it is {above.status}")
        if not passing.is_open and passing.outcome is not Outcome.TAKEN_BACK:
            hold(case.status is above.status,
                 f"{node.id} ended as {case.status}, {parent} as {above.status}")


def lost_above(world: TownWorld, node: TownNode, case: Case) -> bool:
    """A person gave up the very word by which it was passed up, or the one that said how it ended:
    nobody above has it, or has it any more."""
    parent = PARENTS[node.id]
    passing = case.passing
    if not world.given_up or parent is None or passing is None or not passing.is_open:
        return False
    above = world.nodes[parent].case(passing.as_case)  # type: ignore[attr-defined]
    if above is None or above.status.value not in OPEN:
        return True
    return above.passing is not None and lost_above(world, world.nodes[parent], above)  # type: ignore[arg-type]


def _same_clock(world: TownWorld, both: str, live: Assignment, duty: Duty) -> None:
    """Both ends of a hop show the same deadline, the same pause and the same open request."""
    if world.given_up:
        return
    hold(live.limits == duty.limits, f"{both} differ in limits: {live.limits} {duty.limits}")
    hold(live.suspended_until == duty.suspended_until, f"{both} differ in a suspension")
    hold(live.paused_by == duty.paused_by, f"{both} differ in why a clock stands")
    asked = live.request and live.request.request_id
    own = duty.request and duty.request.request_id
    hold(asked == own, f"{both} differ in what is asked")


def _sheets(world: TownWorld, node: TownNode, people: People) -> None:
    """What an office published is kept there, and lies at the office above once, word for word."""
    query = "SELECT period, version, digest, document FROM stock_sheet WHERE node = ?"
    ours = {row[:2]: row[2:] for row in node.disk.rows(query, node.id)}
    for at, period, version, digest in people.sheets:
        if at is node:
            hold(ours[period, version][0] == digest, f"a sheet of {node.id} was changed")
    parent = PARENTS[node.id]
    if parent is None:
        return
    theirs = {row[:2]: row[2:] for row in world.nodes[parent].disk.rows(query, node.id)}
    hold(theirs.items() <= ours.items(), f"{parent} holds a sheet that {node.id} never published")
    hold(len(theirs) == len(ours) or bool(world.given_up),
         f"a sheet of {node.id} never came to {parent}")


def _problems(
    node: TownNode, people: People, journals: dict[str, list[Entry]]
) -> None:
    """The cases of a joint problem are found by it, and each has its one decision in its own
    record."""
    rows = node.disk.rows(
        "SELECT problem_id, case_id, coordination_id, open FROM problem_case")
    found = {(row[0], row[1], row[2], bool(row[3])) for row in rows}
    hold(len(found) == len(rows), f"a case is twice in a problem at {node.id}")
    told = {
        (one.problem_id, case.case_id, one.coordination_id, one.is_open and not is_over(case))
        for case in node.cases() for one in case.coordinations if one.problem_id
    }
    hold(found == told, f"the problems of {node.id} are not those of its cases: {found ^ told}")
    for at, problem_id, settled in people.settled:
        if at is not node:
            continue
        for one in settled.decided:
            said = [
                entry.event for entry in journals[one.case_id]
                if isinstance(entry.event, ev.CoordinationDecided)
                and entry.event.coordination_id == one.coordination_id
            ]
            hold(len(said) == 1 and said[0].problem_id == problem_id,
                 f"{one.case_no} has no decision of its problem in its own record")


def _words_were_said(world: TownWorld, node: TownNode,
                     journals: dict[str, dict[str, list[Entry]]]) -> None:
    """I6: a handing-over that was taken had been given, and a result that counts had been said
    for the very round for which it counts."""
    parent = PARENTS[node.id]
    if parent is not None:
        for case_id, entries in journals[node.id].items():
            given = {
                (one.event.assignment_id, one.event.generation)
                for one in journals[parent].get(case_id, ())
                if isinstance(one.event, ev.Assigned | ev.AssignmentReworked)
            }
            for entry in entries:
                if isinstance(entry.event, ev.OrderTaken):
                    key = entry.event.assignment_id, entry.event.generation
                    hold(key in given, f"I6: {node.id} took what {parent} never gave")
    for case_id, entries in journals[node.id].items():
        to: dict[str, Any] = {}
        for entry in entries:
            event = entry.event
            if isinstance(event, ev.Assigned):
                to[event.assignment_id] = event.to
            if isinstance(event, ev.AssigneeDone):
                whom = to[event.assignment_id]
                key = event.assignment_id, event.generation
                if whom.kind is AddressKind.ADAPTER:
                    said = any(one.key == f"{key[0]}/{key[1]}" and one.act == "done"
                               for one in world.unit(whom.id).said)
                else:
                    said = key in set(_done_rounds(journals[NodeId(whom.id)].get(case_id, [])))
                hold(said, f"I6: {node.id} took a result of {whom} for a round it was not said for")


def _done_rounds(entries: list[Entry]) -> Iterator[tuple[str, int]]:
    assignment_id, generation = "", 0
    for entry in entries:
        event = entry.event
        if isinstance(event, ev.OrderTaken):
            assignment_id, generation = event.assignment_id, event.generation
        elif isinstance(event, ev.DutyReworked):
            generation = event.generation
        elif isinstance(event, ev.DutyDone):
            yield assignment_id, generation


def _evidence(world: TownWorld, node: TownNode,
              journals: dict[str, dict[str, list[Entry]]]) -> None:
    """I7: what lies here of the nodes below is what they wrote, all of it, under their seals."""
    rows = {
        (row[0], row[1], row[2]): (row[3], row[4], row[5])
        for row in node.disk.rows(
            "SELECT case_id, node, version, digest, entry, sealed FROM trace")
    }
    expected = {}
    for other in PARENTS:
        if not world.keys.is_below(other, node.id) or other == node.id:
            continue
        for case_id, entries in journals[other].items():
            case = world.nodes[other].case(case_id)  # type: ignore[attr-defined]
            if case.duty is None or not _handed_down(node, other, case_id, world):
                continue
            for entry in entries:
                expected[case_id, str(other), entry.version] = entry.digest
    lacking = expected.keys() - rows.keys()
    first = min(lacking, default=None)
    hold(not lacking, f"I7: {node.id} lacks {len(lacking)} entries, first {first}")
    surplus = rows.keys() - expected.keys()
    hold(not surplus, f"I7: {node.id} has {len(surplus)} entries that nobody wrote")
    for key, (digest, raw, sealed) in rows.items():
        hold(expected[key] == digest, f"I7: {node.id} has another entry than {key[1]} wrote")
        opened = open_envelope(sealed, keys=world.keys, node=NodeId(key[1]), at_us=node.wall())
        trace = CODEC.read(opened.header.type, opened.body)
        hold(trace.raw == raw, f"I7: the seal of {key[1]} covers another entry")  # type: ignore[union-attr]


def _handed_down(node: TownNode, other: NodeId, case_id: str, world: TownWorld) -> bool:
    """Did the case come to ``other`` through ``node``?"""
    at = PARENTS[other]
    while at is not None and at != node.id:
        case = world.nodes[at].case(case_id)  # type: ignore[attr-defined]
        if case is None or case.duty is None:
            return False
        at = PARENTS[at]
    return at == node.id


def _units(node: TownNode) -> None:
    """I4 and I16 at the last hop: one work order per key, and none without a live assignment."""
    for unit in node.units:
        hold(unit.doubles == 0, f"I4: {unit.id} was given the same order {unit.doubles + 1} times")
        live = {
            f"{case.live.assignment_id}/{case.live.generation}"
            for case in node.cases()
            if case.live is not None and str(case.live.to) == f"adapter:{unit.id}"
        }
        for order in unit.working():
            hold(order.key in live, f"I16: {unit.id} works for an assignment that has ended")
        for key in live:
            hold(key in unit.orders or key in unit.refused,
                 f"{unit.id} never heard of what {node.id} handed it")


# --- at the end


def open_cases(world: TownWorld) -> list[str]:
    return [
        f"{node.id}:{case.case_id[-4:]} {case.status} "
        f"{case.live.to if case.live is not None else ''}"
        for node in world.offices for case in node.cases() if case.status in OPEN
    ]


def all_ended(world: TownWorld) -> None:
    """Every case has come to its end, and so has every handing-over."""
    for node in world.offices:
        for case in node.cases():
            hold(case.status not in OPEN or lost_above(world, node, case),
                 f"liveness: {case.case_id} is {case.status} at {node.id}")
            hold(case.live is None, f"an assignment of {node.id} never ended")
        left = node.disk.rows("SELECT count(*) FROM assignment WHERE ended IS NULL")[0][0]
        hold(left == 0, f"{left} assignments of {node.id} never ended")
        timers = node.disk.rows("SELECT case_id, kind, ref FROM timer WHERE fired_at IS NULL")
        hold(not timers, f"timers of {node.id} outlive what they were set for: {timers[:3]}")
        work = node.disk.rows(
            "SELECT kind, case_id, detail FROM work_item WHERE settled_at IS NULL AND "
            "kind <> 'late_report'")  # a result may come after the end; a person ticks it off
        hold(not work or bool(world.given_up),
             f"{node.id} keeps work for people that nobody can do: {work[:3]}")
