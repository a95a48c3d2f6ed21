"""One adapter at work: jobs out, words in, and the discipline between them.

An unknown outcome is looked up before anything is repeated; a parked job waits for a person; what
was heard is committed together with its cursor before it is settled. Loss of a unit is logged
once, and once when it is back.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

from adapters.contract import (
    Adapter,
    AdapterError,
    Health,
    OutcomeUnknown,
    Page,
    PhotoRef,
    Rereader,
    UnitEvent,
    UnitRejected,
    UnitUnavailable,
    UnitUnreadable,
    Unreadable,
    WorkOrder,
)
from adapters.manifest import AdapterManifest
from adapters.remarks import Remark
from hub.errors import FabricError
from node.core.errors import Refused
from node.service.adapter_views import (
    AdapterJob,
    AdapterQuarantined,
    JobOutcome,
    UnitBytes,
    UnitHeard,
    UnitPhotoStored,
    UnitWord,
)
from node.service.views import PhotoStored

JOBS_AT_ONCE = 4
"""Calls to one unit side by side; legacy systems fall over long before we do."""
CALL_S_MAX = 50.0
"""One call, whatever the kind's own time-outs: shorter than the lease of a claimed job."""
WORDS_AT_ONCE = 200
"""Words of a unit in one transaction: the writer serves others too."""
PAGES_PER_ROUND = 20
"""Pages of one poll round; the rest waits, so that a flood does not starve the jobs."""
TRIES_MAX = 300
"""Tries before a job is parked for a person: about a day at the longest pause."""
PHOTO_TRIES_MAX = 8
"""Tries for which a submission waits for photos that are still being pulled; then it goes without,
because late work is worse than a missing picture."""
PAUSE_FIRST_S = 2.0
PAUSE_MAX_S = 300.0
"""Back-off of a failing call or poll, doubled, with up to half as much again as jitter."""
IDLE_S = 2.0
"""Longest sleep before looking for due jobs: a retry becomes due without anybody committing."""

T = TypeVar("T")


class UnitsOffice(Protocol):
    """What the host needs of the office; ``node.service.office.Office`` is one by shape."""

    async def claim_jobs(self, adapter: str, limit: int = 16) -> list[AdapterJob]: ...
    async def wait_adapter(self, adapter: str, timeout_s: float) -> bool: ...
    async def record_job(
        self,
        job: AdapterJob,
        outcome: JobOutcome,
        *,
        unit_reference: str = "",
        detail: str = "",
        retry_after_s: float = 0.0,
        park: bool = False,
    ) -> None: ...
    async def hear_adapter(
        self,
        adapter: str,
        words: Sequence[UnitWord],
        *,
        cursor: str | None = None,
        unreadable: Sequence[UnitBytes] = (),
    ) -> UnitHeard: ...
    async def adapter_cursor(self, adapter: str) -> str: ...
    async def quarantined_item(self, adapter: str, item: int) -> AdapterQuarantined | None: ...
    async def rehear(self, adapter: str, item: int, *, actor: str) -> UnitHeard: ...
    async def settle_quarantined(self, item: int, *, actor: str) -> bool: ...
    async def put_photo(self, data: bytes, media_type: str) -> PhotoStored: ...
    async def shown_photo(self, digest: str) -> tuple[Path, str] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an adapter is, in words for a screen. ``since``: when it became so."""

    id: str
    kind: str
    name: str
    up: bool
    detail: str
    since: datetime
    heard_at: datetime | None
    can: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What became of a quarantined item that was read again. ``settled`` False: it stays."""

    settled: bool
    heard: UnitHeard
    detail: str = ""


class Runner:
    """One adapter at work: a task for jobs, a task for polling."""

    def __init__(
        self,
        *,
        manifest: AdapterManifest,
        adapter: Adapter,
        office: UnitsOffice,
        now: Callable[[], datetime],
        may_work: asyncio.Event,
        log: structlog.stdlib.BoundLogger,
    ) -> None:
        self.manifest = manifest
        self.adapter = adapter
        self._office = office
        self._now = now
        self._may_work = may_work
        self._log = log
        self._nudged = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._up = True
        self._detail: str = Remark("", "not_called")
        self._since = now()
        self._heard_at: datetime | None = None
        self._last_garbage = b""

    def start(self) -> None:
        """Begin both loops."""
        self._tasks = [
            asyncio.create_task(self._jobs(), name=f"adapter {self.manifest.id} jobs"),
            asyncio.create_task(self._listen(), name=f"adapter {self.manifest.id} poll"),
        ]

    async def stop(self) -> None:
        """End both loops and close the adapter."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.adapter.close()

    def nudge(self) -> None:
        """End the pause between two polls."""
        self._nudged.set()

    def standing(self) -> Standing:
        """How this adapter is."""
        return Standing(
            id=self.manifest.id,
            kind=self.manifest.kind.kind,
            name=self.manifest.name,
            up=self._up,
            detail=self._detail,
            since=self._since,
            heard_at=self._heard_at,
            can=tuple(sorted(self.manifest.kind.can)),
        )

    async def probe(self) -> Health:
        """Harmless question to the unit's system, bounded in time."""
        try:
            return await self._bounded(self.adapter.probe())
        except AdapterError as err:
            return Health(ok=False, detail=err.remark)

    # --- jobs -----------------------------------------------------------------------------------

    async def _jobs(self) -> None:
        """For ever: claim what is due, call, record."""
        while True:
            await self._may_work.wait()
            try:
                jobs = await self._office.claim_jobs(self.manifest.id, JOBS_AT_ONCE)
                await asyncio.gather(*(self._work(job) for job in jobs))
                if not jobs:
                    await self._office.wait_adapter(self.manifest.id, _idle_s())
            except FabricError as err:  # the database is away: what was called is looked up later
                self._log.warning("adapter.jobs_failed", code=err.code, detail=str(err))
                await asyncio.sleep(PAUSE_FIRST_S)
            except Exception:  # noqa: BLE001 - an outer loop: count, log, go on
                self._log.exception("adapter.jobs_failed")
                await asyncio.sleep(PAUSE_FIRST_S)

    async def _work(self, job: AdapterJob) -> None:
        """One call and its record. A bug in a kind leaves the outcome unknown, like a crash."""
        try:
            async with asyncio.timeout(CALL_S_MAX):
                reference = await self._call(job)
        except UnitRejected as err:
            await self._rejected(job, err)
        except OutcomeUnknown as err:
            await self._again(job, JobOutcome.UNKNOWN, str(err), least_s=self.manifest.doubt_s)
            await self._keep(err, "job")
        except _PhotosOnTheWay as err:
            await self._again(job, JobOutcome.LATER, str(err))
        except UnitUnavailable as err:
            self._lost(err.remark)
            await self._again(job, JobOutcome.LATER, str(err))
        except UnitUnreadable as err:
            await self._keep(err, f"job {job.key}")
            await self._park(job, f"无法转换，需修正映射：{err}")
        except TimeoutError:
            self._lost(Remark("", "slow", seconds=int(CALL_S_MAX)))
            await self._again(job, JobOutcome.UNKNOWN, f"no end within {CALL_S_MAX} s")
        except Exception as err:  # noqa: BLE001 - a bug in a kind is like a crash
            self._log.exception("adapter.call_failed", job=job.key, case_id=job.case_id)
            await self._again(job, JobOutcome.UNKNOWN, f"{type(err).__name__} while calling")
        else:
            self._back()
            await self._office.record_job(job, JobOutcome.ACCEPTED, unit_reference=reference)

    async def _call(self, job: AdapterJob) -> str:
        """Say it to the unit; returns the unit's number, if it told one."""
        if job.wish == "WITHDRAW":
            await self.adapter.withdraw(job.key, job.unit_reference, job.text)
            return job.unit_reference
        if job.outcome == JobOutcome.UNKNOWN:
            if "lookup" not in self.manifest.kind.can:
                raise UnitUnreadable("the outcome is unknown and this system cannot be searched")
            known = await self.adapter.lookup(job.key)
            if known is not None:
                return known.unit_reference
        receipt = await self.adapter.submit(await self._order(job))
        return receipt.unit_reference

    async def _order(self, job: AdapterJob) -> WorkOrder:
        """The job in the contract's words, photos by path."""
        facts = job.facts
        photos = []
        for photo in facts.photos:
            found = await self._office.shown_photo(photo.digest)
            if found is None and job.tries < PHOTO_TRIES_MAX:
                raise _PhotosOnTheWay(f"photo {photo.digest[:12]} is still on its way here")
            photos.append(
                PhotoRef(
                    digest=photo.digest,
                    media_type=found[1] if found else photo.media_type,
                    role=photo.role.value,
                    path=str(found[0]) if found else "",
                )
            )
        return WorkOrder(
            key=job.key,
            case_id=job.case_id,
            case_no=facts.case_no,
            generation=job.generation,
            standard_ref=facts.category.standard_ref,
            kind=facts.category.kind,
            code=facts.category.code,
            code_name=facts.category.name,
            area=facts.place.area,
            address=facts.place.address,
            lon=facts.place.lon,
            lat=facts.place.lat,
            text="\n".join(part for part in (facts.text, job.text) if part),
            urgent=facts.urgent,
            finish_by=job.limits.finish_by,
            photos=tuple(photos),
            closing=facts.closing,
        )

    async def _rejected(self, job: AdapterJob, err: UnitRejected) -> None:
        """The unit's no is an answer, so it is back. A refused withdrawal needs a person: the
        unit may go on working for an assignment that has ended."""
        self._back()
        if job.wish == "WITHDRAW":
            await self._park(job, f"责任单位拒绝撤回：{err}")
        else:
            await self._office.record_job(job, JobOutcome.REJECTED, detail=str(err))

    async def _again(
        self, job: AdapterJob, outcome: JobOutcome, detail: str, *, least_s: float = 0.0
    ) -> None:
        if job.tries >= TRIES_MAX:
            await self._park(job, f"已尝试 {job.tries} 次仍未办成：{detail}", outcome=outcome)
            return
        await self._office.record_job(
            job, outcome, detail=detail, retry_after_s=max(least_s, _pause_s(job.tries))
        )

    async def _park(
        self, job: AdapterJob, detail: str, *, outcome: JobOutcome = JobOutcome.LATER
    ) -> None:
        self._log.warning("adapter.parked", job=job.key, case_id=job.case_id, detail=detail)
        await self._office.record_job(job, outcome, detail=detail, park=True)

    # --- hearing --------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """For ever: poll, commit, settle."""
        failures, settled = 0, False
        while True:
            await self._may_work.wait()
            pause = self.manifest.poll_every_s
            try:
                if not settled:
                    # What was committed before a crash may not have been settled then.
                    await self._bounded(
                        self.adapter.settle(await self._office.adapter_cursor(self.manifest.id))
                    )
                    settled = True
                await self._round()
                failures = 0
                self._back()
            except (UnitUnreadable, OutcomeUnknown) as err:
                failures += 1
                self._lost(err.remark)
                await self._keep_quietly(err)
            except AdapterError as err:
                failures += 1
                self._lost(err.remark)
            except (FabricError, Refused) as err:
                failures += 1
                self._log.warning("adapter.poll_not_taken", code=err.code, detail=str(err))
            except Exception:  # noqa: BLE001 - an outer loop: count, log, go on
                failures += 1
                self._log.exception("adapter.poll_failed")
            if failures:
                pause = max(pause, _pause_s(failures))
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._nudged.wait()
            self._nudged.clear()

    async def _round(self) -> None:
        """Pages until there is no more, each committed before it is settled."""
        for _ in range(PAGES_PER_ROUND):
            cursor = await self._office.adapter_cursor(self.manifest.id)
            page = await self._bounded(self.adapter.poll(cursor))
            if page.cursor != cursor or page.events or page.unreadable:
                await self._hear(page, cursor=page.cursor)
                await self._bounded(self.adapter.settle(page.cursor))
            if not page.more:
                return

    async def push(self, headers: Mapping[str, str], body: bytes) -> UnitHeard:
        """A notification, signature first. Reading it may take a while: photos are inside."""
        try:
            page = await asyncio.to_thread(self.adapter.webhook, headers, body)
        except UnitUnreadable as err:
            await self._keep(err, "webhook", evidence=body)
            return UnitHeard(parked=1)
        self._back()
        return await self._hear(page, cursor=None)

    async def replay(self, item: int, *, actor: str) -> Replayed | None:
        """Read a quarantined item again, with the mapping as it stands now. None: no such item.

        A word that parked for a reason of the office is heard again as it was read; bytes of the
        unit are read anew. What still cannot be taken stays where it is."""
        kept = await self._office.quarantined_item(self.manifest.id, item)
        if kept is None:
            return None
        if kept.code != UnitUnreadable.code:
            heard = await self._office.rehear(self.manifest.id, item, actor=actor)
            return Replayed(settled=not heard.parked, heard=heard, detail=kept.code)
        if not isinstance(self.adapter, Rereader):
            detail = Remark("", "once")
            return Replayed(settled=False, heard=UnitHeard(), detail=detail)
        try:
            event = await self._bounded(self.adapter.reread(kept.evidence))
        except AdapterError as err:
            return Replayed(settled=False, heard=UnitHeard(), detail=str(err))
        heard = await self._hear(Page(events=(event,), cursor=""), cursor=None)
        # Should it park now, it is kept anew under the reason that the office gave.
        await self._office.settle_quarantined(item, actor=actor)
        return Replayed(settled=True, heard=heard)

    async def _hear(self, page: Page, *, cursor: str | None) -> UnitHeard:
        unread = [_bytes_of(one) for one in page.unreadable]
        words = [await self._word(one, unread) for one in _in_order(page.events)]
        # A system may answer more than was asked for: what does not fit into one transaction goes
        # before, without the cursor; heard twice after a crash, it counts once.
        *before, last = _batches(words)
        counts = [await self._office.hear_adapter(self.manifest.id, one) for one in before]
        counts.append(
            await self._office.hear_adapter(
                self.manifest.id, last, cursor=cursor, unreadable=unread
            )
        )
        heard = UnitHeard(
            applied=sum(one.applied for one in counts),
            late=sum(one.late for one in counts),
            repeated=sum(one.repeated for one in counts),
            parked=sum(one.parked for one in counts) + len(unread),
        )
        if words or unread:
            self._heard_at = self._now()
            self._log.info(
                "adapter.heard",
                applied=heard.applied,
                late=heard.late,
                repeated=heard.repeated,
                parked=heard.parked,
            )
        return heard

    async def _word(self, event: UnitEvent, unread: list[UnitBytes]) -> UnitWord:
        """The event with its photos stored; one the office refuses is quarantined, the event
        lives."""
        photos = []
        for photo in event.photos:
            try:
                stored = await self._office.put_photo(photo.data, photo.media_type)
            except Refused as err:
                unread.append(
                    UnitBytes(
                        source=f"photo of {event.event_id}",
                        code=err.code,
                        detail=str(err),
                        evidence=photo.data[:4096],
                    )
                )
                continue
            photos.append(
                UnitPhotoStored(
                    digest=stored.digest,
                    size=stored.size,
                    media_type=stored.media_type,
                    role=photo.role,
                )
            )
        return UnitWord(
            event_id=event.event_id,
            key=event.key,
            act=event.act.value,
            text=event.text,
            unit_reference=event.unit_reference,
            reason_code=event.reason_code,
            photos=tuple(photos),
            closing_met=event.closing_met,
        )

    async def _keep(self, err: AdapterError, source: str, *, evidence: bytes = b"") -> None:
        """Quarantine what an error carries; nothing to keep is no entry."""
        kept = err.evidence or evidence
        if kept or isinstance(err, UnitUnreadable):
            item = UnitBytes(source=source, code=err.code, detail=str(err), evidence=kept)
            await self._office.hear_adapter(self.manifest.id, (), unreadable=(item,))

    async def _keep_quietly(self, err: AdapterError) -> None:
        """A system that answers the same garbage to every poll is quarantined once."""
        digest = hashlib.sha256(str(err).encode() + err.evidence).digest()
        if digest != self._last_garbage:
            self._last_garbage = digest
            await self._keep(err, "poll")

    async def _bounded(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(CALL_S_MAX):
                return await call
        except TimeoutError as err:
            raise UnitUnavailable(f"no end within {CALL_S_MAX} s") from err

    # --- lost and back --------------------------------------------------------------------------

    def _lost(self, detail: str) -> None:
        self._detail = detail
        if self._up:
            self._up, self._since = False, self._now()
            self._log.warning("adapter.lost", detail=detail)

    def _back(self) -> None:
        if not self._up:
            away = (self._now() - self._since).total_seconds()
            self._log.info("adapter.back", away_s=round(away, 1))
            self._since = self._now()
        self._up, self._detail = True, Remark("", "answers")


class _PhotosOnTheWay(UnitUnavailable):
    """The unit is fine; our own pictures are not here yet."""


def _in_order(events: Sequence[UnitEvent]) -> list[UnitEvent]:
    """Per work order by the unit's time, then its id; a page may come in any order."""
    return sorted(events, key=lambda one: (one.key, one.order))


def _batches(words: Sequence[UnitWord]) -> list[Sequence[UnitWord]]:
    """At least one batch, which may be empty."""
    starts = range(0, max(len(words), 1), WORDS_AT_ONCE)
    return [words[start : start + WORDS_AT_ONCE] for start in starts]


def _bytes_of(one: Unreadable) -> UnitBytes:
    return UnitBytes(source=one.source, code=one.code, detail=one.detail, evidence=one.evidence)


def _pause_s(tries: int) -> float:
    doubled = min(PAUSE_FIRST_S * 2.0 ** min(tries, 20), PAUSE_MAX_S)
    return doubled * random.uniform(1.0, 1.5)  # noqa: S311 - jitter, not a secret


def _idle_s() -> float:
    return IDLE_S * random.uniform(0.8, 1.0)  # noqa: S311 - spreads the adapters' looks
