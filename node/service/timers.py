"""Durable timers: what the core set is fired once, in the transaction of what it causes.

Timers are rows. The loop sleeps until the next one is due, but never longer than its poll, so that
a stepped wall clock shows soon. Firing is a command of the clock; the core may say that it means
nothing any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID, uuid5

import structlog

from hub.errors import FabricError
from hub.store.tx import Tx, Writer
from node.core.commands import TimerFired
from node.core.decide import decide
from node.core.facts import CaseId, CommandId
from node.service.desk import Desk
from node.service.instants import to_time
from node.service.ports import Row

TIMERS = UUID("0f2c8d5a-7d54-5d6b-9c0e-5a4d8f1b3c22")
"""Name space of the causes of timers: firing twice would be one cause."""
ACTOR = "clock"

log = structlog.get_logger("node.timers")


class Timers:
    """Fires what is due."""

    def __init__(
        self,
        *,
        desk: Desk,
        writer: Writer,
        now_us: Callable[[], int],
        batch: int,
        poll_s: float,
        housekeeping: Callable[[Tx], object],
    ) -> None:
        self._desk = desk
        self._writer = writer
        self._now_us = now_us
        self._batch = batch
        self._poll_s = poll_s
        self._housekeeping = housekeeping
        self._woken = asyncio.Event()
        self._held = False

    def hold(self) -> None:
        """Fire nothing more until the process is started again: this copy may not be the only
        one."""
        self._held = True

    async def run(self) -> None:
        """Fire timers until cancelled."""
        unlisten = self._writer.listen("timer", lambda _: self._woken.set())
        kept_house = False
        try:
            while True:
                self._woken.clear()
                try:
                    if not kept_house:
                        await self._writer.write(self._housekeeping)
                        kept_house = True
                    fired = await self._writer.write(self.fire_due)
                    pause = 0.0 if fired == self._batch else await self._pause()
                except FabricError as err:  # the database is away, or its disk is full
                    log.warning("timers_failed", code=err.code, detail=str(err))
                    pause = self._poll_s
                except Exception:
                    log.exception("timers_failed")
                    pause = self._poll_s
                if pause > 0:
                    await self._sleep(pause)
        finally:
            unlisten()

    async def _pause(self) -> float:
        due_us = await self._writer.read(self._desk.store.next_timer)
        if due_us is None:
            return self._poll_s
        return min(self._poll_s, max(0.01, (due_us - self._now_us()) / 1e6))

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    def fire_due(self, tx: Tx) -> int:
        """One batch of due timers in one transaction; returns how many fired."""
        if self._held:
            return 0
        rows = self._desk.store.due_timers(tx.conn, tx.now_us, self._batch)
        if not rows:
            return 0
        desk = self._desk
        desk.clear()
        try:
            desk.load(tx, {row["case_id"] for row in rows})
            for row in rows:
                self._fire(tx, row)
            desk.store.fire_timers(tx.conn, rows, tx.now_us)
            desk.flush(tx)
        finally:
            desk.clear()
        return len(rows)

    def _fire(self, tx: Tx, row: Row) -> None:
        desk, case_id = self._desk, row["case_id"]
        name = f"{case_id}/{row['kind']}/{row['ref']}/{row['due_at']}"
        cause = str(uuid5(TIMERS, name))
        command = TimerFired(
            command_id=CommandId(cause),
            actor=ACTOR,
            case_id=CaseId(case_id),
            kind=row["kind"],
            ref=row["ref"],
            due_at=to_time(row["due_at"]),
        )
        context = desk.surroundings.context(now_us=tx.now_us, actor=ACTOR, cause=cause)
        events = decide(desk.case(case_id), command, context)
        if events:
            desk.apply(tx, case_id, events, cause=cause, actor=ACTOR)


