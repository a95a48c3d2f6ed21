"""Anti-entropy: proves that nothing is missing below, and has what is missing said again.

The parent asks, compares and descends: windows of time, then cases, then keys. At the last depth
it sends its own list; the child answers what differs and enqueues what the list lacks. Messages
may be lost: an unanswered one is asked again a few times, then the round ends and the next one
starts from nothing. The answering side keeps no state beyond the question in hand.

This module must never know what a key means; the application owns both ends of a comparison.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from hub.link.messages import DigestAsk, DigestRow, List, Message, Result, Tell
from hub.link.steps import (
    Action,
    Alarm,
    Compare,
    ComparedCounts,
    Count,
    Digested,
    Read,
    ReadDigest,
    Repair,
    Report,
    Ticket,
    Write,
)

EVIDENCE = "trace"
"""Scope of sealed entries: the two sides can lack them, but never disagree about one."""
SCOPES = (EVIDENCE, "assignment")
PAGE_ROWS = 1_000
"""Rows per message: some 120 KiB, half of what a message may have."""
LIST_ROWS_MAX = 2_000
"""Keys of one case in a list; a case with more is compared up to here and reported."""
ANSWER_US = 10_000_000
"""Patience for one answer."""
TRIES_MAX = 3
"""Asks per question before the round is given up."""
ANSWERING_MAX = 4
"""Questions answered at once; more are dropped and asked again."""
LAST_DEPTH = 2
REMEMBERED_KEYS_MAX = 256
"""Unequal keys remembered to the next round of a scope."""


class Place(NamedTuple):
    """Where to look: rows under ``prefix`` at ``depth``, after a key."""

    depth: int
    prefix: bytes
    after: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """``round`` is empty while nothing is asked. ``waiting`` are rounds to start."""

    round: bytes = b""
    scope: str = ""
    place: Place | None = None
    todo: tuple[Place, ...] = ()
    told: Tell | None = None
    due_us: int = 0
    tries: int = 0
    said: Message | None = None
    report: Report | None = None
    answering: tuple[tuple[int, DigestAsk | List], ...] = ()
    answers: int = 0
    unequal: tuple[tuple[str, tuple[bytes, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Utter:
    """What the session should say on its contact."""

    message: Message


Step = tuple[Reconciler, tuple["Action | Utter", ...]]


def begin(state: Reconciler, *, scope: str, round_: bytes, since: bytes, now: int) -> Step:
    """Ask about a scope, from the time prefix ``since`` on. One round at a time: a running one
    goes on and this one is refused with a report."""
    if state.round:
        return state, (Report(scope=scope, asked=0, error="reconcile.busy"),)
    fresh = replace(
        state,
        round=round_,
        scope=scope,
        todo=(Place(0, b"", since),),
        place=None,
        report=Report(scope=scope, asked=0),
    )
    return _next(fresh, now)


def tick(state: Reconciler, now: int) -> Step:
    """Ask again, or give the round up."""
    if not state.due_us or now < state.due_us:
        return state, ()
    if state.tries >= TRIES_MAX or state.said is None:
        return end(state, "reconcile.unanswered")
    again = replace(state, tries=state.tries + 1, due_us=now + ANSWER_US)
    return again, (Utter(message=state.said),)


def end(state: Reconciler, error: str) -> Step:
    """The contact was lost or the peer is silent: the round is over, the next starts afresh."""
    if not state.round or state.report is None:
        return state, ()
    report = replace(state.report, error=error)
    return _cleared(state), (report,)


def told(state: Reconciler, tell: Tell) -> Step:
    """The answerer's rows of one page: read ours."""
    if tell.round != state.round or state.place is None or state.told is not None:
        return state, ()
    depth, prefix, after = state.place
    if depth >= LAST_DEPTH:
        return state, ()
    ask = DigestAsk(round=state.round, scope=state.scope, depth=depth, prefix=prefix, after=after)
    return replace(state, told=tell, due_us=0), (
        Read(operation=ReadDigest(ask=ask, limit=PAGE_ROWS), ticket=Ticket("own")),
    )


def own(state: Reconciler, mine: Digested, now: int) -> Step:
    """Our rows of the same page (compare and descend), or our list of one case (say it)."""
    if state.place is None:
        return state, ()
    if state.place.depth >= LAST_DEPTH:
        listed = List(
            round=state.round, scope=state.scope, prefix=state.place.prefix, rows=mine.rows
        )
        return _ask(state, listed, now)
    tell = state.told
    assert tell is not None, "our page is read only after the peer's was told"
    place = state.place
    ends = []
    if tell.next and tell.rows:
        ends.append(tell.rows[-1].key)
    if mine.more and mine.rows:
        ends.append(mine.rows[-1].key)
    upto = min(ends, default=b"")
    found = tuple(
        Place(place.depth + 1, key, b"") for key in _unequal(tell.rows, mine.rows, upto)
    )
    rest = (Place(place.depth, place.prefix, upto),) if upto else ()
    return _next(replace(state, told=None, todo=(*found, *rest, *state.todo)), now)


def resulted(state: Reconciler, result: Result, now: int) -> Step:
    """What the answerer found in one case."""
    if result.round != state.round or state.report is None or not isinstance(state.said, List):
        return state, ()
    report = replace(
        state.report,
        missing=state.report.missing + result.missing,
        pending=state.report.pending + result.pending,
        surplus=state.report.surplus + len(result.surplus),
        differ=state.report.differ + len(result.differ),
        repaired=state.report.repaired + result.missing,
        keys=(*state.report.keys, *result.differ, *result.surplus)[:REMEMBERED_KEYS_MAX],
    )
    state = replace(state, report=report, said=None, due_us=0)
    if not result.surplus and not result.differ:
        return _next(state, now)
    repair = Repair(scope=state.scope, surplus=result.surplus, differ=result.differ)
    return state, (Write(operation=repair, ticket=Ticket("repair")),)


def repaired(state: Reconciler, count: int, now: int) -> Step:
    """Our own part of the repair is committed."""
    if state.report is None:
        return state, ()
    report = replace(state.report, repaired=state.report.repaired + count)
    state, actions = _next(replace(state, report=report), now)
    return state, (Count(metric="reconcile_repaired", n=count, label=report.scope), *actions)


def asked(state: Reconciler, question: DigestAsk | List) -> Step:
    """Answerer: read or compare; the answer is said when that is done."""
    if len(state.answering) >= ANSWERING_MAX:
        return state, ()
    n = state.answers + 1
    state = replace(state, answers=n, answering=(*state.answering, (n, question)))
    if isinstance(question, DigestAsk):
        limit = PAGE_ROWS
        return state, (
            Read(operation=ReadDigest(ask=question, limit=limit), ticket=Ticket("tell", n)),
        )
    return state, (Write(operation=Compare(listed=question), ticket=Ticket("compare", n)),)


def answered(state: Reconciler, n: int, result: object) -> Step:
    """Answerer: our rows, or the comparison, are there: say them. None: it failed, say nothing
    and be asked again."""
    question = dict(state.answering).get(n)
    state = replace(state, answering=tuple(one for one in state.answering if one[0] != n))
    if question is None:
        return state, ()
    if isinstance(result, Digested):
        last = result.rows[-1].key if result.more and result.rows else b""
        return state, (
            Utter(message=Tell(round=question.round, rows=result.rows, next=last)),
        )
    if isinstance(result, ComparedCounts):
        return state, (
            Utter(
                message=Result(
                    round=question.round,
                    missing=result.missing,
                    pending=result.pending,
                    surplus=result.surplus,
                    differ=result.differ,
                )
            ),
            Count(metric="reconcile_repaired", n=result.resupplied, label=question.scope),
        )
    return state, ()


def _next(state: Reconciler, now: int) -> Step:
    """The next place, depth first, so that what is still to do stays small."""
    if not state.todo:
        return _finished(state)
    place, rest = state.todo[0], state.todo[1:]
    state = replace(state, place=place, todo=rest, told=None)
    if place.depth < LAST_DEPTH:
        ask = DigestAsk(
            round=state.round, scope=state.scope, depth=place.depth, prefix=place.prefix,
            after=place.after,
        )
        return _ask(state, ask, now)
    ask = DigestAsk(
        round=state.round, scope=state.scope, depth=LAST_DEPTH, prefix=place.prefix, after=b""
    )
    return replace(state, said=None, due_us=0), (
        Read(operation=ReadDigest(ask=ask, limit=LIST_ROWS_MAX), ticket=Ticket("own")),
    )


def _ask(state: Reconciler, message: Message, now: int) -> Step:
    assert state.report is not None, "a question belongs to a round"
    report = replace(state.report, asked=state.report.asked + 1)
    asking = replace(state, said=message, due_us=now + ANSWER_US, tries=1, report=report)
    return asking, (Utter(message=message),)


def _finished(state: Reconciler) -> Step:
    report = state.report
    assert report is not None, "a round has a report from its beginning"
    before = dict(state.unequal)
    stubborn = set(before.get(report.scope, ())) & set(report.keys)
    before[report.scope] = report.keys
    actions: list[Action | Utter] = [report]
    if report.scope == EVIDENCE and (report.differ or report.surplus):
        actions.append(
            Alarm(
                code="reconcile.evidence",
                detail=f"{report.differ} entries differ from those of the node below, and it lacks "
                f"{report.surplus} that we hold under its seal",
            )
        )
    if stubborn:
        actions.append(
            Alarm(
                code="reconcile.stubborn",
                detail=f"{len(stubborn)} keys of scope {report.scope} stay unequal",
            )
        )
    return replace(_cleared(state), unequal=tuple(sorted(before.items()))), tuple(actions)


def _cleared(state: Reconciler) -> Reconciler:
    return replace(
        state, round=b"", scope="", place=None, todo=(), told=None, due_us=0, said=None,
        report=None, tries=0,
    )


def _unequal(
    theirs: tuple[DigestRow, ...], mine: tuple[DigestRow, ...], upto: bytes
) -> list[bytes]:
    """Keys whose rows differ or exist on one side only, in order; ``upto`` "" = no bound."""
    a = {row.key: (row.count, row.value) for row in theirs if not upto or row.key <= upto}
    b = {row.key: (row.count, row.value) for row in mine if not upto or row.key <= upto}
    return sorted(key for key in a.keys() | b.keys() if a.get(key) != b.get(key))
