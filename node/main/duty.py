"""What the owner of a node does, and what everybody else who serves it does meanwhile.

Links, adapters, timers, comparison of standards and scheduled sheets belong to one process. Where a
node has one process, that is this one from the start; where several share a PostgreSQL, it is the
one that owns the node, and the others only keep their knowledge fresh.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from hub.errors import FabricError
from hub.roster import join
from hub.roster.claiming import TOPIC as DECIDED
from hub.roster.claiming import Claims
from hub.roster.identity import Identity
from hub.roster.keeper import RosterKeeper
from hub.roster.renewing import Renewals
from hub.roster.rotating import Rotation
from hub.store import invitations
from hub.store.invitations import TOPIC as INVITED
from hub.store.writer import GroupWriter
from node.core.capability import Capability
from node.edge.adapter_host import AdapterHost
from node.main.alarms import COPY_KEPT, Alarms
from node.main.fabric import Fabric
from node.main.rooms import Rooms
from node.main.starts import proven, remember_proof
from node.service.own_keys import KEYS_TOPIC, RENEW_TOPIC
from node.service.standards.comparing import EVERY_S
from node.store.gauges import has_cases, has_people, has_tracks
from node.store.intake import IntakeStore

if TYPE_CHECKING:
    from node.main.enrolling import Enrolling

REPORTS_S = 3600.0
"""How often scheduled sheets are looked after: they are due at midnights."""
TRACKS_S = 600.0
"""How often shifts are judged for good and old points deleted, a bounded part at a time."""
PRIVACY_S = 86_400.0
"""How often personal data whose time is over is looked for."""
AUDIT_S = 60.0
"""How often it is looked whether the end of the audit log is to be signed."""
REFRESH_S = 30.0
"""How often provisioning files and the roster's age are looked at."""

log = structlog.get_logger("node.main")


@dataclass(slots=True, kw_only=True)
class Duty:
    """The owner's work of one node; ``stack`` ends what was begun, in the reverse order."""

    identity: Identity
    keeper: RosterKeeper
    claims: Claims
    renewals: Renewals
    rotation: Rotation
    writer: GroupWriter
    rooms: Rooms
    fabric: Fabric
    host: AdapterHost
    alarms: Alarms
    stack: AsyncExitStack
    told: Mapping[str, tuple[str, ...]]
    """What the roster says of the root: ``doors`` and ``capabilities``."""
    enrolling: Callable[[], Enrolling]
    """How nodes come to belong; loaded once anybody was invited."""
    begun: bool = False
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _aged: asyncio.Event = field(default_factory=asyncio.Event)
    _renew_wanted: bool = False
    _doored: bool = False

    async def begin(self) -> None:
        """Open the links, run the adapters and the clocks. Raises what keeps the doors shut: a
        port that is taken, a missing key."""
        self.begun = True
        self.stack.push_async_callback(self.fabric.stop)
        self.stack.callback(self.keeper.listen(self._roster_changed))
        self.stack.callback(self.renewals.listen(
            news=self.fabric.papers_aged, renewed=self.fabric.papers_renewed))
        self.stack.callback(self.claims.listen(self.fabric.claims_changed))
        await self.fabric.refresh()
        await self.claims.refresh()
        for topic in (INVITED, DECIDED):
            self.stack.callback(self.writer.listen(topic, self._stir))
        for topic in (KEYS_TOPIC, RENEW_TOPIC):
            self.stack.callback(self.writer.listen(topic, self._keys_asked))
        self.stack.push_async_callback(self._shut_door)
        self.stack.push_async_callback(self.host.stop)
        await self._hold_if_copied()
        await self.host.start()
        for name, loop in (
            ("members", self._tend_members()),
            ("keys", self._tend_keys()),
            ("timers", self.rooms.timers.run()),
            ("watch", self.fabric.watch()),
            ("standards", every(EVERY_S, self.rooms.comparison.ask_below)),
            ("reports", every(REPORTS_S, self._keep_up)),
            ("tracks", every(TRACKS_S, self._tend_tracks)),
            ("audit", every(AUDIT_S, self._tend_audit)),
            ("privacy", every(PRIVACY_S, self._forget_people)),
        ):
            background(name, loop, self.stack)

    async def refresh(self) -> None:
        """Take over what provisioning changed; everybody does, the owner for the links as well."""
        if self.begun and self.identity.is_root:
            await asyncio.to_thread(
                join.renew_roster, self.identity, now_us=time.time_ns() // 1_000, **self.told
            )
        if not self.begun:  # the owner's loop of its own notices changed keys
            await asyncio.to_thread(self.identity.refresh)
        await self.keeper.refresh()
        if self.begun:
            await self.claims.refresh()
        await (self.fabric.refresh() if self.begun else self.fabric.look())
        await self.rooms.neighbours.refresh_contacts()

    def _stir(self, topic: str) -> None:
        del topic
        self._stirred.set()

    async def _tend_members(self) -> None:
        """Have the door for invited nodes open or shut, and sign what was decided: when a process
        of this node says that something changed, and now and then for what only time changes."""
        while True:
            try:
                await self.claims.refresh()
                if self._doored or await self._may_come():
                    self._doored = True
                    await self.enrolling().door.follow()
            except FabricError as err:
                log.warning("members_failed", code=err.code, detail=str(err))
            except Exception:
                log.exception("members_failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S):
                    await self._stirred.wait()
            self._stirred.clear()

    def _roster_changed(self) -> None:
        self.fabric.roster_changed()
        self._aged.set()

    def _keys_asked(self, topic: str) -> None:
        self._renew_wanted = self._renew_wanted or topic == RENEW_TOPIC
        self._aged.set()

    async def _tend_keys(self) -> None:
        """Change the sign key and renew the papers when it is time, or when somebody asked."""
        while True:
            pause_s = REFRESH_S
            try:
                wanted, self._renew_wanted = self._renew_wanted, False
                pause_s = await self.rotation.tend()
                await (self.renewals.want() if wanted else self.renewals.tend())
            except FabricError as err:
                log.warning("keys_failed", code=err.code, detail=str(err))
            except Exception:
                log.exception("keys_failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._aged.wait()
            self._aged.clear()

    async def _shut_door(self) -> None:
        if self._doored or await self.writer.read(invitations.any_row):
            await self.enrolling().door.stop()

    async def _may_come(self) -> bool:
        """Whether anybody was ever invited, or a child's certificate ran out."""
        return self.renewals.any_lapsed() or await self.writer.read(invitations.any_row)

    async def _tend_tracks(self) -> None:
        # The room is not built for an office whose collectors send no points.
        if await self.writer.read(has_tracks):
            await self.rooms.office.tracks.tend()

    async def _tend_audit(self) -> None:
        await self.rooms.office.audit.tend()

    async def _forget_people(self) -> None:
        # The room is not built for an office that knows nobody.
        if await self.writer.read(has_people):
            await self.rooms.office.privacy.purge(dry_run=False)

    async def _keep_up(self) -> None:
        """What is due by the hour: measures, sheets, publications, callers to be erased."""
        await self.rooms.office.budget.measure_due()
        await self.rooms.office.stock.publish_due()
        # The rooms of evaluation are not built for an office that does not evaluate, or that has
        # nothing to evaluate yet.
        evaluates = Capability.EVALUATE in self.rooms.surroundings.capabilities
        if evaluates and await self.writer.read(has_cases):
            await self.rooms.office.publications.publish_due()
        if await self.writer.read(IntakeStore.any_call):
            await self.rooms.office.calls.callers.forget_due()

    def _stand_still(self, why: str) -> None:
        """A copy that may not be the only one does no outside work and lets no limit pass."""
        self.host.hold(why)
        self.rooms.timers.hold()

    async def _hold_if_copied(self) -> None:
        """From now on, stand still on proof of another copy; also if the proof came before this
        start or before anybody listened. It is kept in the database: a restart proves nothing."""

        def prove(why: str) -> None:
            self._stand_still(why)
            task = asyncio.ensure_future(self.writer.write(lambda tx: remember_proof(tx, why)))
            self.alarms.keep(task)

        self.alarms.on_proof = prove
        earlier = await self.writer.read(proven)
        if self.alarms.proof:
            prove(self.alarms.proof)
        elif earlier:
            self.alarms.raise_alarm(COPY_KEPT, earlier)
            self._stand_still(earlier)


def background(name: str, loop: Awaitable[None], stack: AsyncExitStack) -> None:
    """Run until the stack ends; a death is logged."""
    task = asyncio.ensure_future(loop)

    async def end() -> None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def died(done: asyncio.Task[None]) -> None:
        if not done.cancelled() and done.exception() is not None:
            log.error("background_died", name=name, exc_info=done.exception())

    task.add_done_callback(died)
    stack.push_async_callback(end)


async def every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do something again and again; a failure is logged and tried again."""
    while True:
        try:
            await work()
        except FabricError as err:  # the database is away, or its disk is full
            log.warning("refresh_failed", code=err.code, detail=str(err))
        except Exception:
            log.exception("refresh_failed")
        await asyncio.sleep(seconds)
