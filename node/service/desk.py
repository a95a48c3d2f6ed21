"""The desk: what events do to cases inside one transaction, gathered and written in batches.

Whoever causes events (a person's command, a neighbour's word, a unit's system, a timer) puts them
on the desk; the desk folds them, lets the core say what follows, and at ``flush`` writes journal,
case rows, assignments, outbox drafts, traces for the assignor, timers, adapter jobs, work items and
changes with one statement each. Nothing here decides anything: rules are the core's.

A desk belongs to the writer's thread and to one transaction; ``clear`` forgets everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection

from hub.envelope import PRIO_TRACE, Attachment, Draft, Flag
from hub.ids import LinkId, MsgId
from hub.store.outbox import enqueue
from hub.store.tx import Tx
from node.core.beginning import begin
from node.core.case import Case, is_over
from node.core.consequences import consequences
from node.core.context import PARENT
from node.core.effects import (
    CancelTimer,
    Effect,
    EndKind,
    OpenAnother,
    OpenWork,
    PartWaits,
    Say,
    SetTimer,
    SettleWork,
    Tell,
    WorkKind,
)
from node.core.errors import Invalid
from node.core.events import CaseOpened, Event
from node.core.evolve import evolve
from node.core.facts import Address, AddressKind, Photo, PhotoRole
from node.core.reporter import Reporter
from node.core.routing import Asset
from node.core.stopwatch.steps import written
from node.core.words import (
    Directive,
    DoneReport,
    Order,
    Report,
    RequestReport,
    ReworkVerdict,
    SubmittedReport,
    Told,
    Withdraw,
    Word,
)
from node.service.folding import CaseCache, assignment_row, case_row, event_json, read_event
from node.service.hlc import HybridClock
from node.service.instants import to_time, to_us
from node.service.numbering import case_number
from node.service.ports import Codec, Entry, Row, Store
from node.service.staged_work import StagedWork
from node.service.surroundings import Surroundings, uuid_bytes

if TYPE_CHECKING:
    from node.service.notices import Herald
    from node.service.reporters import Reporters


class PictureStore(Protocol):
    """Which pictures came with which case (``node.store.intake``)."""

    def add_pictures(self, conn: Connection, rows: Sequence[Row]) -> None: ...

    def pictured(
        self, conn: Connection, digests: Collection[bytes], case_id: str
    ) -> Mapping[str, tuple[str, str]]: ...


class ProblemStore(Protocol):
    """Which cases are treated as one problem (``node.store.problems``)."""

    def put(self, conn: Connection, case_ids: Collection[str], rows: Sequence[Row]) -> None: ...


class Desk:
    """Stages one transaction's worth of case work."""

    def __init__(
        self,
        *,
        store: Store,
        codec: Codec,
        clock: HybridClock,
        surroundings: Surroundings,
        reporters: Reporters | None = None,
        herald: Herald | None = None,
        pictures: PictureStore | None = None,
        problems: ProblemStore | None = None,
    ) -> None:
        self.store = store
        self.codec = codec
        self.clock = clock
        self.surroundings = surroundings
        self.reporters = reporters
        self.herald = herald
        self.pictures = pictures
        self.problems = problems
        self.work = StagedWork(store)
        self._cache = CaseCache()
        self._cases: dict[str, Case | None] = {}
        self._private: dict[str, bytes | None] = {}
        self._opened_us: dict[str, int] = {}
        self._dirty: dict[str, None] = {}
        self._assignments: dict[str, dict[str, Any]] = {}
        self._journal: list[dict[str, Any]] = []
        self._traces: list[dict[str, Any]] = []
        self._drafts: dict[LinkId, list[Draft]] = {}
        self._jobs: dict[tuple[str, str, int], dict[str, Any]] = {}
        self._timers: dict[tuple[str, str, str], dict[str, Any] | None] = {}
        self._changes: list[dict[str, Any]] = []
        self._parts: dict[str, int] = {}
        self._pictures: dict[tuple[bytes, str], int] = {}
        self._joint: dict[str, None] = {}

    def clear(self) -> None:
        """Forget everything that is staged and loaded."""
        for staged in (
            self._cases,
            self._private,
            self._opened_us,
            self._dirty,
            self._assignments,
            self._journal,
            self._traces,
            self._drafts,
            self._jobs,
            self._timers,
            self._changes,
            self._parts,
            self._pictures,
            self._joint,
        ):
            staged.clear()
        self.work.clear()

    # --- reading ------------------------------------------------------------------------------

    def load(self, tx: Tx, case_ids: Collection[str]) -> None:
        """Read the cases that are not on the desk yet, in one statement."""
        wanted = [case_id for case_id in case_ids if case_id not in self._cases]
        if not wanted:
            return
        rows = self.store.load_cases(tx.conn, wanted)
        for case_id in wanted:
            row = rows.get(case_id)
            if row is None:
                self._cases[case_id] = None
                continue
            self._cases[case_id] = self._cache.read(case_id, row.state)
            self._private[case_id] = row.private
            self._opened_us[case_id] = row.opened_at

    def holds(self, case_id: str) -> bool:
        """Has this case been loaded (or found missing)?"""
        return case_id in self._cases

    def case(self, case_id: str) -> Case | None:
        """The case as of the last event on the desk; it must have been loaded."""
        return self._cases[case_id]

    def asset_of(self, tx: Tx, code: str) -> Asset | None:
        """Who owns and who maintains a component, None = it is not in our register."""
        row = self.store.component_bodies(tx.conn, code)
        return self.surroundings.asset(row)

    # --- staging ------------------------------------------------------------------------------

    def apply(
        self,
        tx: Tx,
        case_id: str,
        events: Iterable[Event],
        *,
        cause: str,
        actor: str,
        correlation: bytes = b"",
        occurred_us: int | None = None,
        again: bool = False,
    ) -> Case | None:
        """Fold events and stage all that follows from them. ``cause`` is the id of the word or
        command (UUID text), ``correlation`` the first cause of the whole chain. ``again``: it
        happened before and was forgotten; nobody is told a second time."""
        surroundings = self.surroundings
        parent_link = surroundings.parent_link
        at_us = tx.now_us if occurred_us is None else occurred_us
        cause_raw = uuid_bytes(cause)
        correlation = correlation or cause_raw
        case = self._cases[case_id]
        for event in events:
            if not again:
                event = written(  # noqa: PLW2901 -- the limits its steps are set, once
                    event, own=case is None or case.duty is None,
                    calendar=surroundings.calendar, limits=surroundings.limits,
                )
            before, case = case, evolve(case, event)
            self._cases[case_id] = case
            self._dirty[case_id] = None
            if before is None:
                self._opened_us.setdefault(case_id, to_us(event.at))
            hlc = self.clock.tick(tx.now_us)
            duty = case.duty
            part = self._parts.get(cause, 0)
            self._parts[cause] = part + 1
            entry = Entry(
                node=surroundings.node,
                case_id=case_id,
                branch=surroundings.branch,
                version=case.version,
                generation=duty.generation if duty is not None else 0,
                occurred_at_us=at_us,
                hlc=hlc,
                actor=actor,
                cause=cause,
                part=part,
                event_type=type(event).__name__,
                event=event_json(event),
            )
            raw = self.codec.say_entry(entry)
            trace_msg: bytes | None = None
            if (
                duty is not None
                and parent_link is not None
                and duty.assignor == surroundings.parent
            ):
                trace_msg = surroundings.ids.uuid7()
                type_, rev, body = self.codec.say_trace(entry, raw)
                self._enqueue(
                    parent_link,
                    Draft(
                        msg_id=MsgId(trace_msg),
                        type=type_,
                        schema_rev=rev,
                        occurred_at_us=at_us,
                        hlc=hlc,
                        body=body,
                        prio=PRIO_TRACE,
                        causation_id=cause_raw,
                        correlation_id=correlation,
                    ),
                )
            self._stage_entry(tx, entry, raw, trace_msg)
            self._stage_assignments(before, case)
            self._stage_problems(before, case)
            self._stage_pictures(case, event, tx.now_us)
            for effect in consequences(before, event, case):
                if again:
                    self._follow_again(tx, case, effect, at_us=at_us, hlc=hlc, cause=cause_raw)
                elif isinstance(effect, OpenAnother):
                    self._open_another(tx, case, effect, cause=cause, actor=actor)
                elif isinstance(effect, Tell):
                    self._tell(tx, case, effect)
                else:
                    self._follow(
                        tx, case, effect, at_us=at_us, hlc=hlc, cause=cause_raw,
                        correlation=correlation,
                    )
        return case

    def readopt(self, tx: Tx, entry: Entry, raw: bytes, *, trace_msg: bytes) -> None:
        """Stage an entry of our own journal that was lost and came back, byte for byte, behind the
        last one that we have; ``trace_msg`` carried it up."""
        before = self._cases[entry.case_id]
        event = read_event(entry.event_type, entry.event)
        case = self._cases[entry.case_id] = evolve(before, event)
        self._dirty[entry.case_id] = None
        if before is None:
            self._opened_us.setdefault(entry.case_id, to_us(event.at))
        self._stage_entry(tx, entry, raw, trace_msg)
        self._stage_assignments(before, case)
        self._stage_problems(before, case)
        self._stage_pictures(case, event, entry.occurred_at_us)
        cause = uuid_bytes(entry.cause) if entry.cause else b""
        for effect in consequences(before, event, case):
            self._follow_again(
                tx, case, effect, at_us=entry.occurred_at_us, hlc=entry.hlc, cause=cause
            )

    def _stage_entry(self, tx: Tx, entry: Entry, raw: bytes, trace_msg: bytes | None) -> None:
        """A line of the journal, and of the feed."""
        self._journal.append(
            {
                "case_id": entry.case_id,
                "branch": entry.branch,
                "version": entry.version,
                "entry": raw,
                "digest": sha256(raw).digest(),
                "cause": entry.cause or None,
                "part": entry.part,
                "event_type": entry.event_type,
                "occurred_at": entry.occurred_at_us,
                "hlc": entry.hlc,
                "trace_msg": trace_msg,
            }
        )
        self._changes.append(
            {
                "case_id": entry.case_id,
                "version": entry.version,
                "kind": entry.event_type,
                "at": tx.now_us,
            }
        )

    def _follow_again(
        self, tx: Tx, case: Case, effect: Effect, *, at_us: int, hlc: int, cause: bytes
    ) -> None:
        """What follows from something that happened before and was forgotten: timers and work for
        people. What a neighbour has not heard is said by ``Recollection.retell``, once it is known;
        a unit's system is asked before it is told."""
        if isinstance(effect, OpenAnother | Tell):
            return
        if isinstance(effect, Say):
            if isinstance(effect.to, Address) and effect.to.kind is AddressKind.ADAPTER:
                self._commission(tx, effect.to.id, effect.word, outcome="UNKNOWN")
            return
        self._follow(tx, case, effect, at_us=at_us, hlc=hlc, cause=cause, correlation=cause)

    def keep_private(self, tx: Tx, case_id: str, reporter: Reporter) -> None:
        """Put who reported it beside the case, where no event and no word can reach it."""
        if self.reporters is not None:
            self._private[case_id] = self.reporters.remember(tx, case_id, reporter)

    def _open_another(
        self, tx: Tx, case: Case, effect: OpenAnother, *, cause: str, actor: str
    ) -> None:
        """Another case begins, in the same transaction and for the same cause."""
        new_id = effect.case_id
        self.load(tx, (new_id,))
        if self._cases[new_id] is not None:
            raise Invalid(
                f"{new_id} is a case already: a new one takes a fresh id", why="fresh_case"
            )
        number = case_number(self.store, tx, self.surroundings.node)
        events = begin(
            effect, node=self.surroundings.node, case_no=number, at=to_time(tx.now_us)
        )
        if effect.contact and self.reporters is not None:
            self._private[new_id] = self._private.get(case.case_id)
            self.reporters.inherit(tx, case.case_id, new_id)
        self.apply(tx, new_id, events, cause=cause, actor=actor)

    def _part_waits(self, tx: Tx, lead: Case, effect: PartWaits) -> None:
        """The lead of a part has ended, or goes on after all."""
        part_id = effect.part_id
        self.load(tx, (part_id,))
        part = self._cases[part_id]
        if not effect.waits:
            self.work.settle(part_id, WorkKind.LEAD_OVER.value, lead.case_id)
        elif part is not None and not is_over(part):
            detail = lead.facts.case_no if lead.facts is not None else ""
            self.work.open(
                part_id, WorkKind.LEAD_OVER.value, lead.case_id, detail, now_us=tx.now_us
            )

    def _tell(self, tx: Tx, case: Case, effect: Tell) -> None:
        if self.herald is None:
            return
        other = effect.duplicate_of
        if not other and effect.kind is EndKind.REOPENED and case.reopening is not None:
            other = case.reopening.new_case_id
        if other:
            self.load(tx, (other,))
        self.herald.tell(
            tx,
            case,
            effect,
            private=self._private.get(case.case_id),
            other=self._cases.get(other) if other else None,
        )

    def relay(self, link: LinkId, draft: Draft) -> None:
        """Stage a word that is not a consequence of an event: a trace passed up."""
        self._enqueue(link, draft)

    def add_trace(self, row: dict[str, Any], *, now_us: int) -> None:
        """Stage a stored trace and its change row."""
        self._traces.append(row)
        self._changes.append(
            {"case_id": row["case_id"], "version": row["version"], "kind": "trace", "at": now_us}
        )

    def _stage_assignments(self, before: Case | None, after: Case) -> None:
        was = before.live if before is not None else None
        live = after.live
        if live is was:
            return
        if was is not None and (live is None or live.assignment_id != was.assignment_id):
            for ended in reversed(after.past):
                if ended.assignment_id == was.assignment_id:
                    self._assignments[ended.assignment_id] = assignment_row(after, ended)
                    break
        if live is not None:
            self._assignments[live.assignment_id] = assignment_row(after, live)

    def _stage_problems(self, before: Case | None, after: Case) -> None:
        was = before.coordinations if before is not None else ()
        ended = before is not None and is_over(before) != is_over(after)
        if after.coordinations is was and not ended:
            return
        if any(one.problem_id for one in (*was, *after.coordinations)):
            self._joint[after.case_id] = None

    def pictured(
        self, tx: Tx, case_id: str, photos: Collection[Photo]
    ) -> Mapping[str, tuple[str, str]] | None:
        """By digest, the other case that a picture came with; None = nobody keeps them."""
        if self.pictures is None or not photos:
            return None
        digests = [bytes.fromhex(one.digest) for one in photos]
        return self.pictures.pictured(tx.conn, digests, case_id)

    def _stage_pictures(self, case: Case, event: Event, now_us: int) -> None:
        if self.pictures is None or case.duty is not None:
            return
        facts = event.facts if isinstance(event, CaseOpened) else None
        photos = facts.photos if facts is not None else getattr(event, "photos", ())
        for one in photos:
            if one.role is not PhotoRole.PUBLIC:
                self._pictures.setdefault((bytes.fromhex(one.digest), case.case_id), now_us)

    def _follow(
        self,
        tx: Tx,
        case: Case,
        effect: Effect,
        *,
        at_us: int,
        hlc: int,
        cause: bytes,
        correlation: bytes,
    ) -> None:
        match effect:
            case Say(to=to) if isinstance(to, Address) and to.kind is AddressKind.ADAPTER:
                self._commission(tx, to.id, effect.word)
            case Say():
                self._say(effect, at_us=at_us, hlc=hlc, cause=cause, correlation=correlation)
            case SetTimer():
                key = (case.case_id, effect.kind.value, effect.ref)
                self._timers[key] = {
                    "case_id": case.case_id,
                    "kind": effect.kind.value,
                    "ref": effect.ref,
                    "due_at": to_us(effect.due_at),
                    "fired_at": None,
                }
                tx.wake("timer")
            case CancelTimer():
                self._timers[(case.case_id, effect.kind.value, effect.ref)] = None
            case OpenWork():
                self.work.open(
                    case.case_id, effect.kind.value, effect.ref, effect.detail, now_us=tx.now_us
                )
            case SettleWork():
                self.work.settle(case.case_id, effect.kind.value, effect.ref)
            case PartWaits():
                self._part_waits(tx, case, effect)

    def say_again(self, tx: Tx, say: Say, entry: Entry) -> None:
        """Say what an entry of ours that was lost and came back said, and nobody heard."""
        cause = uuid_bytes(entry.cause) if entry.cause else b""
        self._say(
            say, at_us=entry.occurred_at_us, hlc=self.clock.tick(tx.now_us), cause=cause,
            correlation=cause,
        )

    def _say(self, say: Say, *, at_us: int, hlc: int, cause: bytes, correlation: bytes) -> None:
        surroundings = self.surroundings
        to = say.to
        peer = surroundings.parent if to is PARENT else to.id
        link = surroundings.link_to(peer)
        word = say.word
        if link is None and isinstance(word, Directive) and isinstance(word.act, Told):
            return  # whoever passed it up is no office below any more: nobody waits there
        assert link is not None, f"the core spoke to {peer}, who is no neighbour"
        type_, rev, body = self.codec.say(say.word)
        self._enqueue(
            link,
            Draft(
                msg_id=MsgId(surroundings.ids.uuid7()),
                type=type_,
                schema_rev=rev,
                occurred_at_us=at_us,
                hlc=hlc,
                body=body,
                lane=uuid_bytes(say.word.case_id),
                causation_id=cause,
                correlation_id=correlation,
                attachments=attachments(say.word),
                flags=Flag.OVERTAKE if say.overtake else Flag.NONE,
            ),
        )

    def _commission(
        self, tx: Tx, adapter: str, word: Word, *, outcome: str | None = None
    ) -> None:
        """A word to an adapter becomes a wish in its job table, keyed by the generation that
        fences it. A verdict that closes, a decision or a press asks nothing of a unit's system."""
        generation = word.generation
        if isinstance(word, Order):
            wish, text = "SUBMIT", word.text
        elif isinstance(word, Directive) and isinstance(word.act, Withdraw):
            wish, text = "WITHDRAW", word.act.reason
        elif isinstance(word, Directive) and isinstance(word.act, ReworkVerdict):
            wish, text, generation = "SUBMIT", word.text, word.act.next_generation
        else:
            return
        self._jobs[(adapter, word.assignment_id, generation)] = {
            "adapter": adapter,
            "assignment_id": word.assignment_id,
            "generation": generation,
            "case_id": word.case_id,
            "outcome": outcome,
            "wish": wish,
            "text": text,
            "next_try_at": tx.now_us,
            "created_at": tx.now_us,
        }
        tx.wake(f"adapter:{adapter}")

    def _enqueue(self, link: LinkId, draft: Draft) -> None:
        drafts = self._drafts.get(link)
        if drafts is None:
            drafts = self._drafts[link] = []
        drafts.append(draft)

    # --- writing ------------------------------------------------------------------------------

    def flush(self, tx: Tx) -> None:
        """Write what is staged and clear the desk. Cases come before the outbox, so that outbox
        ids follow commit order inside a lane."""
        store, conn = self.store, tx.conn
        if self._dirty:
            store.save_cases(conn, [self._case_row(case_id) for case_id in self._dirty])
        if self._assignments:
            # What ended makes room for what is live: one live assignment per case is an index.
            rows = sorted(self._assignments.values(), key=lambda row: row["ended"] is None)
            store.save_assignments(conn, rows)
        if self._journal:
            store.add_journal(conn, self._journal)
        if self._traces:
            store.add_traces(conn, self._traces)
        self._flush_timers(tx)
        if self._pictures and self.pictures is not None:
            self.pictures.add_pictures(
                conn,
                [
                    {"digest": digest, "case_id": case_id, "at": at}
                    for (digest, case_id), at in self._pictures.items()
                ],
            )
        if self._joint and self.problems is not None:
            self.problems.put(
                conn, self._joint, [row for one in self._joint for row in self._problem_rows(one)]
            )
        if self._jobs:
            store.save_adapter_jobs(conn, list(self._jobs.values()))
        self.work.flush(tx)
        for link, drafts in self._drafts.items():
            enqueue(tx, link, drafts)
        if self._changes:
            store.add_changes(conn, self._changes)
            tx.wake("case")
        self.clear()

    def _case_row(self, case_id: str) -> dict[str, Any]:
        case = self._cases[case_id]
        assert case is not None, "an event was applied to it"
        return case_row(
            case,
            state=self._cache.write(case),
            private=self._private.get(case_id),
            branch=self.surroundings.branch,
            opened_us=self._opened_us[case_id],
            calendar=self.surroundings.calendar,
            limits=self.surroundings.limits,
        )

    def _problem_rows(self, case_id: str) -> list[dict[str, Any]]:
        case = self._cases[case_id]
        assert case is not None, "an event was applied to it"
        return [
            {
                "problem_id": one.problem_id,
                "case_id": case_id,
                "coordination_id": one.coordination_id,
                "open": one.is_open and not is_over(case),
                "asked_at": to_us(one.asked_at),
            }
            for one in case.coordinations
            if one.problem_id
        ]

    def _flush_timers(self, tx: Tx) -> None:
        if not self._timers:
            return
        cancelled = [
            {"case_id": case_id, "kind": kind, "ref": ref}
            for (case_id, kind, ref), row in self._timers.items()
            if row is None
        ]
        if cancelled:
            self.store.cancel_timers(tx.conn, cancelled)
        started = [row for row in self._timers.values() if row is not None]
        if started:
            self.store.save_timers(tx.conn, started)


def attachments(word: Word) -> tuple[Attachment, ...]:
    """Photos that a word names, as attachments of its envelope."""
    photos: Sequence[Photo] = ()
    if isinstance(word, Order):
        photos = word.facts.photos
    elif isinstance(word, Report) and isinstance(word.act, DoneReport | RequestReport):
        photos = word.act.photos
    elif isinstance(word, Report) and isinstance(word.act, SubmittedReport):
        photos = word.act.facts.photos
    if not photos:
        return ()
    return tuple(
        Attachment(digest=digest, size=photo.size, media_type=photo.media_type)
        for digest, photo in {bytes.fromhex(photo.digest): photo for photo in photos}.items()
    )
