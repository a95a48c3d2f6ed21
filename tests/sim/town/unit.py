"""Legacy systems as the last children: a store that survives everything, a crew that works by its
own lights, and the host that speaks to it through the office's unit desk.

The system keys orders by the work key and counts a second submission of the same key. A request
that is under way arrives even if the office dies meanwhile; an answer may be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hub.errors import FabricError
from node.service.adapter_views import AdapterJob, JobOutcome, UnitPhotoStored, UnitWord
from tests.sim.fabric.world import MS, SECOND

if TYPE_CHECKING:
    from tests.sim.town.world import TownNode, TownWorld

CALL_US = 45 * SECOND
"""Patience of the host, shorter than a job's lease."""
LOOK_US = 3 * SECOND
POLL_US = 6 * SECOND
PAGE = 8


@dataclass(slots=True)
class WorkOrder:
    """What the unit has in its books. ``state``: working, done, returned or withdrawn."""

    key: str
    reference: str
    state: str = "working"
    signed: bool = False


@dataclass(slots=True)
class Unit:
    """One unit's system."""

    id: str
    speaks: bool
    """Gives numbers of its own, so that taking an order counts as signing for it."""
    orders: dict[str, WorkOrder] = field(default_factory=dict)
    called_back: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    said: list[UnitWord] = field(default_factory=list)
    doubles: int = 0

    def submit(self, key: str, *, refuse: bool) -> JobOutcome:
        if key in self.orders:
            self.doubles += 1
            return JobOutcome.ACCEPTED
        if refuse or key in self.called_back or key in self.refused:
            self.refused.add(key)
            return JobOutcome.REJECTED
        self.orders[key] = WorkOrder(key, f"W{len(self.orders) + 1}" if self.speaks else "")
        return JobOutcome.ACCEPTED

    def withdraw(self, key: str) -> None:
        self.called_back.add(key)
        order = self.orders.get(key)
        if order is not None and order.state != "done":
            order.state = "withdrawn"

    def working(self) -> list[WorkOrder]:
        return [order for order in self.orders.values() if order.state == "working"]

    def say(
        self, order: WorkOrder, act: str, *, photos: tuple[UnitPhotoStored, ...] = ()
    ) -> None:
        """The crew reports; what it says is an event of its own system."""
        if act == "signed":
            order.signed = True
        elif act == "done":
            order.state = "done"
        elif act == "return":
            order.state = "returned"
        self.said.append(
            UnitWord(
                event_id=f"{self.id}-{len(self.said) + 1}",
                key=order.key,
                act=act,
                text="井盖已更换" if act == "done" else "现场说明",
                unit_reference=order.reference,
                reason_code="not_ours" if act == "return" else "",
                photos=photos,
            )
        )


class Host:
    """Jobs out and words in, for one life of one office."""

    def __init__(self, node: TownNode, unit: Unit) -> None:
        self.node = node
        self.unit = unit
        self._busy = False

    @property
    def world(self) -> TownWorld:
        return self.node.world

    def start(self) -> None:
        rng = self.world.rng
        self.node.later(rng.randint(MS, 2 * SECOND), self._look)
        self.node.later(rng.randint(MS, POLL_US), self._poll)

    def wake(self) -> None:
        self.node.later(self.world.rng.randint(MS, SECOND), self._pump)

    def _look(self) -> None:
        due = self.node.disk.rows(
            "SELECT 1 FROM adapter_job WHERE adapter = ? AND next_try_at <= ? LIMIT 1",
            self.unit.id, self.node.wall(),
        )
        if due:
            self._pump()
        self.node.later(LOOK_US, self._look)

    # --- jobs

    def _pump(self) -> None:
        if self._busy:
            return
        try:
            jobs = self.node.run(self.node.office.units.claim(self.unit.id, 4))
        except FabricError:
            return
        left = len(jobs)
        if not left:
            return
        self._busy = True

        def one_done() -> None:
            nonlocal left
            left -= 1
            if not left:
                self._busy = False
                self._pump()

        for job in jobs:
            self._work(job, one_done)

    def _work(self, job: AdapterJob, done: Callable[[], None]) -> None:
        world = self.world
        if world.strikes("unit_down"):
            self.node.later(SECOND, lambda: self._record(job, JobOutcome.LATER, done))
            return
        if job.wish == "WITHDRAW":
            self._call(lambda: self.unit.withdraw(job.key),
                       lambda _: self._record(job, JobOutcome.ACCEPTED, done), job, done)
            return
        if job.outcome == JobOutcome.UNKNOWN:
            self._call(lambda: self.unit.orders.get(job.key),
                       lambda order: self._looked_up(job, order, done), job, done)
            return
        self._submit(job, done)

    def _looked_up(self, job: AdapterJob, order: WorkOrder | None,
                   done: Callable[[], None]) -> None:
        if order is not None:
            self._record(job, JobOutcome.ACCEPTED, done)
        else:
            self._submit(job, done)

    def _submit(self, job: AdapterJob, done: Callable[[], None]) -> None:
        refuse = self.world.strikes("unit_refuses")
        self._call(lambda: self.unit.submit(job.key, refuse=refuse),
                   lambda outcome: self._record(job, outcome, done), job, done)

    def _call(self, act: Callable[[], Any], then: Callable[[Any], None], job: AdapterJob,
              done: Callable[[], None]) -> None:
        """A request under way: it arrives whatever becomes of us; the answer may be lost."""
        world = self.world
        there = world.rng.randint(MS, 8 * SECOND)
        answered = False

        def arrive() -> None:
            result = act()
            if not world.strikes("unit_silent"):
                self.node.later(world.rng.randint(MS, SECOND), lambda: answer(result))

        def answer(result: Any) -> None:
            nonlocal answered
            answered = True
            then(result)

        def too_late() -> None:
            if not answered:
                self._record(job, JobOutcome.UNKNOWN, done)

        if not (world.rng.random() < 0.5 and world.strikes("unit_silent")):
            world.at(there, arrive)
        self.node.later(CALL_US // 2, too_late)

    def _record(self, job: AdapterJob, outcome: JobOutcome, done: Callable[[], None]) -> None:
        order = self.unit.orders.get(job.key)
        taken = outcome is JobOutcome.ACCEPTED and job.wish == "SUBMIT"
        self.world.log(self.node.id, self.unit.id, f"{job.wish} {job.key}", outcome.value)
        with suppress(FabricError):  # then the outcome stays unknown until the lease ends
            self.node.run(
                self.node.office.units.record(
                    job, outcome,
                    unit_reference=order.reference if taken and order is not None else "",
                    detail="不属本单位" if outcome is JobOutcome.REJECTED else "",
                    retry_after_s=0.0, park=False,
                )
            )
        if self.node.up:
            done()

    # --- hearing

    def _poll(self) -> None:
        self.node.later(POLL_US, self._poll)
        node, world = self.node, self.world
        if world.strikes("unit_down"):
            return
        rows = node.disk.rows(
            "SELECT cursor FROM adapter_cursor WHERE adapter = ?", self.unit.id)
        at = int(rows[0][0]) if rows else 0
        again = not world.calm and world.rng.random() < 0.1
        if at >= len(self.unit.said) and not again:
            return
        first = max(0, at - 3) if again else at
        page = self.unit.said[first:first + PAGE]
        try:
            node.run(
                node.office.units.hear(
                    self.unit.id, page, cursor=str(max(at, first + len(page))), unreadable=()
                )
            )
        except FabricError:
            return
