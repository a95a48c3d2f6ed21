"""The unit desk: legacy systems as the last child, seen from the office.

A job is a wish beside the case, keyed by the generation that fences it; how calls end is delivery
state, never case state. What a unit's system says is heard like any assignee's report, exactly once
per event id, and the cursor moves in the same transaction.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from uuid import UUID, uuid5

from hub.errors import Overloaded
from hub.store.tx import Tx, Writer
from node.core.errors import Invalid
from node.core.facts import (
    Address,
    AddressKind,
    AssignmentId,
    Photo,
    PhotoRole,
    RequestId,
    RequestKind,
)
from node.core.hear import Standing, hear
from node.core.words import (
    DoneReport,
    ProgressReport,
    Report,
    ReportAct,
    RequestReport,
    SignedReport,
)
from node.service.adapter_views import (
    AdapterJob,
    AdapterQuarantined,
    AdapterView,
    JobOutcome,
    OpenJob,
    UnitBytes,
    UnitHeard,
    UnitPhotoStored,
    UnitWord,
)
from node.service.audit import AuditEntry, Recorder
from node.service.desk import Desk
from node.service.folding import read_limits
from node.service.instants import to_time
from node.service.phrases import Phrase, joined, phrase
from node.service.ports import Row
from node.service.staged_work import work_id

UNIT_EVENTS = UUID("a7b6d2f4-3a61-5f0c-8b52-96c0d8a4e533")
"""Name space of causes: one per adapter and event id."""
ADAPTER_EVIDENCE_BYTES_MAX = 64 * 1024
"""Bytes of an unreadable message that are kept; more would be a way to fill the disk."""
QUARANTINE_ROWS_MAX = 2_000
"""Unsettled items of one adapter: 128 MiB at worst. Beyond it nothing more is heard, and what the
unit says stays with the unit, until a person has looked."""
QUARANTINE_SHOWN_MAX = 100
"""Items shown at once; each may carry ``ADAPTER_EVIDENCE_BYTES_MAX``."""
JOBS_SHOWN_MAX = 200
"""Unsettled jobs shown at once; the parked ones come first."""
WORDS_MAX = 1_000
"""Events of one transaction; a longer poll comes in pages."""
REJECTED_CODE = "unit_rejected"
"""Reason code of the return request that a unit's refusal becomes."""


class UnitDesk:
    """Jobs out, reports in."""

    def __init__(
        self,
        *,
        desk: Desk,
        writer: Writer,
        audit: Recorder,
        now_us: Callable[[], int],
        lease_s: float,
        retry_first_s: float,
        retry_max_s: float,
    ) -> None:
        self._desk = desk
        self._writer = writer
        self._audit = audit
        self._now_us = now_us
        self._lease_us = int(lease_s * 1e6)
        self._retry_first_s = retry_first_s
        self._retry_max_s = retry_max_s
        self._woken: dict[str, asyncio.Event] = {}
        self._unlisten: Callable[[], None] = _nothing

    def open(self) -> None:
        """Listen to commits, from inside the event loop."""
        self._unlisten = self._writer.listen("adapter:", self._wake)

    def close(self) -> None:
        """Stop listening to commits."""
        self._unlisten()

    def _wake(self, topic: str) -> None:
        self._event(topic.removeprefix("adapter:")).set()

    def _event(self, adapter: str) -> asyncio.Event:
        return self._woken.setdefault(adapter, asyncio.Event())

    # --- jobs ---------------------------------------------------------------------------------

    async def wait(self, adapter: str, timeout_s: float) -> bool:
        """Wait until a job may be due; False on timeout."""
        event = self._event(adapter)
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            return False
        event.clear()
        return True

    async def claim(self, adapter: str, limit: int) -> list[AdapterJob]:
        """Due jobs, leased; see ``Office.claim_jobs``."""
        return await self._writer.write(lambda tx: self._claim(tx, adapter, limit))

    def _claim(self, tx: Tx, adapter: str, limit: int) -> list[AdapterJob]:
        store = self._desk.store
        rows = store.due_adapter_jobs(tx.conn, adapter, tx.now_us, limit)
        self._desk.clear()
        self._desk.load(tx, {row["case_id"] for row in rows})
        jobs = []
        for row in rows:
            store.update_adapter_job(
                tx.conn,
                {
                    **row,
                    "tries": row["tries"] + 1,
                    # A host that dies during the call leaves an outcome nobody knows.
                    "outcome": JobOutcome.UNKNOWN.value,
                    "next_try_at": tx.now_us + self._lease_us,
                },
            )
            jobs.append(self._job(tx, row))
        self._desk.clear()
        return jobs

    def _job(self, tx: Tx, row: Row) -> AdapterJob:
        case = self._desk.case(row["case_id"])
        assert case is not None, "a job belongs to a case"
        assert case.facts is not None, "what was handed over is known"
        live = case.live
        if live is not None and live.assignment_id == row["assignment_id"]:
            limits = live.limits
        else:  # the folded case forgets its oldest rounds, the table keeps them
            (mine,) = self._desk.store.assignments(tx.conn, [row["assignment_id"]])
            limits = read_limits(mine["limits"])
        return AdapterJob(
            adapter=row["adapter"],
            key=f"{row['assignment_id']}/{row['generation']}",
            case_id=row["case_id"],
            assignment_id=row["assignment_id"],
            generation=row["generation"],
            wish=row["wish"],
            outcome=row["outcome"] or "",
            unit_reference=row["unit_reference"],
            tries=row["tries"],
            facts=case.facts,
            limits=limits,
            text=row["text"],
        )

    async def record(
        self,
        job: AdapterJob,
        outcome: JobOutcome,
        *,
        unit_reference: str,
        detail: str,
        retry_after_s: float,
        park: bool,
    ) -> None:
        """How the call ended; see ``Office.record_job``."""

        def record(tx: Tx) -> None:
            self._record(tx, job, outcome, unit_reference, detail, retry_after_s, park=park)

        await self._writer.write(record)

    def _record(  # noqa: PLR0917
        self,
        tx: Tx,
        job: AdapterJob,
        outcome: JobOutcome,
        unit_reference: str,
        detail: str,
        retry_after_s: float,
        *,
        park: bool,
    ) -> None:
        store = self._desk.store
        row = store.adapter_job(tx.conn, job.adapter, job.assignment_id, job.generation)
        assert row is not None, "jobs are never deleted"
        turned = row["wish"] != job.wish
        if park and job.wish == "WITHDRAW":
            # What became of the submission is known; the withdrawal is what nobody knows.
            outcome = JobOutcome.UNKNOWN
        settled = outcome in (JobOutcome.ACCEPTED, JobOutcome.REJECTED)
        if turned:
            next_try_at = row["next_try_at"]  # the withdrawal that came meanwhile stays due
        elif settled or park:
            next_try_at = None
        else:
            pause_s = max(retry_after_s, self._backoff_s(row["tries"]))
            next_try_at = tx.now_us + int(pause_s * 1e6)
        later = outcome is JobOutcome.LATER
        store.update_adapter_job(
            tx.conn,
            {
                **row,
                # LATER: certainly not taken by this call, so what was known before still holds.
                "outcome": (job.outcome or None) if later else outcome.value,
                "unit_reference": unit_reference or row["unit_reference"],
                "next_try_at": next_try_at,
            },
        )
        desk = self._desk
        desk.clear()
        try:
            if park:
                desk.work.open(
                    job.case_id, "adapter", job.key, f"{job.adapter}: {detail}", now_us=tx.now_us
                )
            rejected = outcome is JobOutcome.REJECTED
            # Without a number of its own the unit has only been handed the order: delivered is
            # not signed for, and it will say so itself.
            speaks = rejected or (settled and bool(unit_reference))
            if speaks and job.wish == "SUBMIT" and not turned:
                word = UnitWord(
                    event_id=f"{job.key}/{outcome.value.lower()}",
                    key=job.key,
                    act="return" if rejected else "signed",
                    text=detail,
                    unit_reference=unit_reference,
                    reason_code=REJECTED_CODE if rejected else "",
                )
                self._hear(tx, job.adapter, (word,))
            desk.flush(tx)
        finally:
            desk.clear()

    async def resume(self, adapter: str, key: str, *, actor: str) -> bool:
        """Try a parked job again now; False if there is none under this key."""

        def resume(tx: Tx) -> bool:
            row = self._work_of(tx, adapter, key)
            if row is None or row["next_try_at"] is not None:
                return False
            if row["outcome"] in (JobOutcome.ACCEPTED.value, JobOutcome.REJECTED.value):
                return False
            self._desk.store.update_adapter_job(tx.conn, {**row, "next_try_at": tx.now_us})
            self._desk.store.settle_work_items(
                tx.conn, tx.now_us, item=work_id(row["case_id"], "adapter", key)
            )
            tx.wake(f"adapter:{adapter}")
            self._audit.record(tx, AuditEntry(
                action="ResumeAdapterJob", actor=actor, subject=f"adapter:{adapter}",
                detail={"key": key}))
            return True

        return await self._writer.write(resume, urgent=True)

    async def jobs(self, adapter: str) -> list[OpenJob]:
        """What is not settled, parked jobs first; at most ``JOBS_SHOWN_MAX``."""
        rows = await self._writer.read(
            lambda conn: self._desk.store.open_adapter_jobs(conn, adapter, JOBS_SHOWN_MAX)
        )
        return [_open_job(row) for row in rows]

    def _backoff_s(self, tries: int) -> float:
        doubled = self._retry_first_s * 2.0 ** min(max(tries - 1, 0), 30)
        return min(doubled, self._retry_max_s)

    # --- words of units -----------------------------------------------------------------------

    async def hear(
        self,
        adapter: str,
        words: Sequence[UnitWord],
        *,
        cursor: str | None,
        unreadable: Sequence[UnitBytes],
    ) -> UnitHeard:
        """Take what a unit's system said; see ``Office.hear_adapter``."""
        if len(words) > WORDS_MAX:
            raise Invalid(
                f"an adapter may bring {WORDS_MAX} events at a time", code="adapter.page_too_large"
            )

        def take(tx: Tx) -> UnitHeard:
            self._desk.clear()
            try:
                heard = self._hear(tx, adapter, words)
                self._desk.flush(tx)
            finally:
                self._desk.clear()
            self._quarantine(tx, adapter, unreadable)
            if cursor is not None:
                self._desk.store.save_adapter_cursor(
                    tx.conn, {"adapter": adapter, "cursor": cursor, "at": tx.now_us}
                )
            return heard

        return await self._writer.write(take)

    def _hear(self, tx: Tx, adapter: str, words: Sequence[UnitWord]) -> UnitHeard:
        desk, store = self._desk, self._desk.store
        known = store.known_adapter_events(tx.conn, adapter, [word.event_id for word in words])
        causes = {word.event_id: _cause(adapter, word) for word in words}
        # After a loss entries come back from neighbours, and the unit says again what led to them.
        journalled = store.known_causes(tx.conn, causes.values())
        jobs = {word.key: self._work_of(tx, adapter, word.key) for word in words}
        desk.load(tx, {job["case_id"] for job in jobs.values() if job is not None})
        applied = late = repeated = parked = 0
        seen: list[Row] = []
        for word in words:
            if word.event_id in known:
                repeated += 1
                continue
            known.add(word.event_id)
            cause = causes[word.event_id]
            seen.append(
                {"adapter": adapter, "event_id": word.event_id, "cause": cause, "at": tx.now_us}
            )
            job = jobs[word.key]
            act = self._act(adapter, word, cause)
            if act is None:
                continue
            if job is None:
                parked += 1
                self._park(tx, adapter, word, "assignment.unknown")
                continue
            self._prove(tx, word, job)
            if cause in journalled:
                repeated += 1
                continue
            standing, code = self._hear_one(tx, adapter, word, act, job, cause)
            if standing is Standing.PARKED:
                parked += 1
                self._park(tx, adapter, word, code)
            elif standing is Standing.LATE:
                late += 1
            else:
                applied += 1
        if seen:
            store.add_adapter_events(tx.conn, seen)
        return UnitHeard(applied=applied, late=late, repeated=repeated, parked=parked)

    def _hear_one(  # noqa: PLR0917
        self, tx: Tx, adapter: str, word: UnitWord, act: ReportAct, job: Row, cause: str
    ) -> tuple[Standing, str]:
        desk = self._desk
        case = desk.case(job["case_id"])
        assert case is not None, "a job belongs to a case"
        if isinstance(act, DoneReport) and word.closing_met and case.facts is not None:
            act = replace(act, closing=case.facts.closing)
        report = Report(
            case_id=case.case_id,
            assignment_id=AssignmentId(job["assignment_id"]),
            generation=job["generation"],
            act=act,
            text=word.text,
        )
        actor = f"adapter:{adapter}"
        context = desk.surroundings.context(now_us=tx.now_us, actor=actor, cause=cause)
        frm = Address(kind=AddressKind.ADAPTER, id=adapter)
        heard = hear(case, report, frm, context)
        if heard.events:
            desk.apply(tx, case.case_id, heard.events, cause=cause, actor=actor)
        return heard.standing, heard.code

    def _prove(self, tx: Tx, word: UnitWord, job: Row) -> None:
        """Who speaks of a work order has it: an unknown outcome is unknown no more."""
        if job["wish"] == "SUBMIT" and job["next_try_at"] is not None:
            self._desk.store.update_adapter_job(
                tx.conn,
                {
                    **job,
                    "outcome": JobOutcome.ACCEPTED.value,
                    "unit_reference": word.unit_reference or job["unit_reference"],
                    "next_try_at": None,
                },
            )

    def _work_of(self, tx: Tx, adapter: str, key: str) -> Row | None:
        """The job a key names, or None: a unit's system may say anything."""
        assignment_id, slash, generation = key.partition("/")
        if not slash or not generation.isdecimal():
            return None
        return self._desk.store.adapter_job(tx.conn, adapter, assignment_id, int(generation))

    def _act(self, adapter: str, word: UnitWord, cause: str) -> ReportAct | None:
        match word.act:
            case "signed":
                return SignedReport(unit_reference=word.unit_reference)
            case "progress":
                return ProgressReport()
            case "done":
                photos = tuple(
                    Photo(
                        digest=photo.digest,
                        size=photo.size,
                        media_type=photo.media_type,
                        role=PhotoRole(photo.role),
                    )
                    for photo in word.photos
                )
                return DoneReport(result=word.text, photos=photos)
            case "return":
                return RequestReport(
                    request_id=RequestId(cause),
                    kind=RequestKind.RETURN,
                    reason_code=word.reason_code or "other",
                    asker=f"adapter:{adapter}",
                )
            case "none":
                return None
            case other:
                raise Invalid(f"a unit cannot say {other!r}", code="adapter.unknown_act")

    def _park(self, tx: Tx, adapter: str, word: UnitWord, code: str) -> None:
        """A unit's word that fits nothing: kept where unreadable bytes are kept."""
        evidence = json.dumps(asdict(word), ensure_ascii=False).encode()
        self._quarantine(
            tx,
            adapter,
            (
                UnitBytes(
                    source=word.event_id,
                    code=code,
                    detail=f"{word.act} for {word.key}",
                    evidence=evidence,
                ),
            ),
        )

    def _quarantine(self, tx: Tx, adapter: str, items: Sequence[UnitBytes]) -> None:
        if items:
            kept = self._desk.store.adapter_quarantine_count(tx.conn, adapter)
            if kept >= QUARANTINE_ROWS_MAX:
                raise Overloaded(
                    f"{kept} unreadable messages of {adapter} wait for a person; no more are "
                    "taken until some are settled",
                    code="adapter.quarantine_full",
                )
            self._desk.store.add_adapter_quarantine(
                tx.conn,
                [
                    {
                        "adapter": adapter,
                        "source": item.source,
                        "code": item.code,
                        "detail": item.detail,
                        "bytes": item.evidence[:ADAPTER_EVIDENCE_BYTES_MAX],
                        "at": tx.now_us,
                    }
                    for item in items
                ],
            )

    # --- standing -----------------------------------------------------------------------------

    async def cursor(self, adapter: str) -> str:
        """Where the next poll starts."""
        row = await self._writer.read(
            lambda conn: self._desk.store.adapter_cursor(conn, adapter)
        )
        return str(row["cursor"]) if row is not None else ""

    async def views(self) -> list[AdapterView]:
        """Standing of every configured adapter and of every one that left traces."""
        rows = {
            row["adapter"]: row
            for row in await self._writer.read(self._desk.store.adapter_counts)
        }
        now_us = self._now_us()
        names = sorted({*self._desk.surroundings.adapters, *rows})
        return [_view(name, rows.get(name), now_us) for name in names]

    async def quarantined(self, adapter: str) -> list[AdapterQuarantined]:
        """Unsettled unreadable bytes."""
        names = [adapter] if adapter else list(self._desk.surroundings.adapters)
        found: list[AdapterQuarantined] = []
        for name in names:
            rows = await self._writer.read(
                lambda conn, name=name: self._desk.store.adapter_quarantine(  # type: ignore[misc]
                    conn, name, QUARANTINE_SHOWN_MAX
                )
            )
            found.extend(_quarantined(row) for row in rows)
        return found

    async def quarantined_item(self, adapter: str, item: int) -> AdapterQuarantined | None:
        """One unsettled item of this adapter."""
        row = await self._writer.read(
            lambda conn: self._desk.store.adapter_quarantine_item(conn, adapter, item)
        )
        return _quarantined(row) if row is not None else None

    async def rehear(self, adapter: str, item: int, *, actor: str) -> UnitHeard:
        """Hear a quarantined word again, now that its case may stand differently; it is settled
        unless it parks again."""

        def rehear(tx: Tx) -> UnitHeard:
            store = self._desk.store
            row = store.adapter_quarantine_item(tx.conn, adapter, item)
            word = _word_of(bytes(row["bytes"])) if row is not None else None
            job = self._work_of(tx, adapter, word.key) if word is not None else None
            if word is None or job is None:
                return UnitHeard(parked=1)
            desk = self._desk
            desk.clear()
            try:
                desk.load(tx, {job["case_id"]})
                cause = _cause(adapter, word)
                act = self._act(adapter, word, cause)
                assert act is not None, "a word that says nothing is never parked"
                self._prove(tx, word, job)
                standing, _ = self._hear_one(tx, adapter, word, act, job, cause)
                if standing is Standing.PARKED:
                    return UnitHeard(parked=1)
                desk.flush(tx)
            finally:
                desk.clear()
            store.settle_adapter_quarantine(tx.conn, item, tx.now_us)
            self._audit.record(tx, AuditEntry(
                action="RehearUnitWord", actor=actor, subject=f"adapter:{adapter}",
                detail={"item": item}))
            late = standing is Standing.LATE
            return UnitHeard(applied=int(not late), late=int(late))

        return await self._writer.write(rehear, urgent=True)

    async def settle_quarantined(self, item: int, *, actor: str) -> bool:
        """Tick one off."""

        def settle(tx: Tx) -> bool:
            settled = self._desk.store.settle_adapter_quarantine(tx.conn, item, tx.now_us)
            self._audit.record(tx, AuditEntry(
                action="SettleUnitWord", actor=actor, subject=f"quarantine:{item}",
                detail={"settled": settled}))
            return settled > 0

        return await self._writer.write(settle)


def _quarantined(row: Row) -> AdapterQuarantined:
    return AdapterQuarantined(
        id=row["id"],
        adapter=row["adapter"],
        source=row["source"],
        code=row["code"],
        detail=row["detail"],
        evidence=bytes(row["bytes"]),
        at=to_time(row["at"]),
    )


def _cause(adapter: str, word: UnitWord) -> str:
    return str(uuid5(UNIT_EVENTS, f"{adapter}/{word.event_id}"))


def _word_of(evidence: bytes) -> UnitWord | None:
    """The word that ``_park`` kept; None if it was cut off or is something else."""
    try:
        raw = json.loads(evidence)
        photos = tuple(UnitPhotoStored(**photo) for photo in raw.pop("photos"))
        return UnitWord(**raw, photos=photos)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _open_job(row: Row) -> OpenJob:
    due = row["next_try_at"]
    return OpenJob(
        adapter=row["adapter"],
        key=f"{row['assignment_id']}/{row['generation']}",
        case_id=row["case_id"],
        wish=row["wish"],
        state="waiting" if due is not None else "parked",
        outcome=(row["outcome"] or "").lower(),
        tries=row["tries"],
        created_at=to_time(row["created_at"]),
        next_try_at=to_time(due) if due is not None else None,
    )


def _view(adapter: str, row: Row | None, now_us: int) -> AdapterView:
    if row is None:
        return AdapterView(
            adapter=adapter,
            waiting=0,
            unknown=0,
            parked=0,
            rejected=0,
            quarantined=0,
            cursor="",
            sentence=phrase("adapter.idle"),
        )
    oldest = row["oldest_waiting_at"]
    return AdapterView(
        adapter=adapter,
        waiting=row["waiting"],
        unknown=row["unknown"],
        parked=row["parked"],
        rejected=row["rejected"],
        quarantined=row["quarantined"],
        cursor=row["cursor"],
        cursor_at=to_time(row["cursor_at"]) if row["cursor_at"] is not None else None,
        oldest_waiting_s=(now_us - oldest) / 1e6 if oldest is not None else None,
        sentence=_sentence(row),
    )


def _sentence(row: Row) -> Phrase:
    """Why an adapter stands as it does."""
    parts = []
    if row["waiting"]:
        since = to_time(row["oldest_waiting_at"])
        parts.append(phrase("adapter.waiting", count=row["waiting"], since=since))
    parts += [
        phrase(f"adapter.{name}", count=row[name])
        for name in ("unknown", "parked", "quarantined")
        if row[name]
    ]
    return joined(parts) if parts else phrase("adapter.well")


def _nothing() -> None:
    """What ends a listening that never began."""
