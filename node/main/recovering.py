"""Leads a node through the recovery of its links, step by step, and never twice through one.

The node itself does not serve meanwhile: nobody commits a case, no unit's system is spoken to, no
limit passes. Each step is committed before the next begins, so whoever starts this again after a
crash goes on where it was:

1. every link is put under recovery; the neighbours give our own words back;
2. a person sees what came back and confirms;
3. one commit: the branch that lifts all numbers, what the words tell of lost journal entries, a new
   epoch on every link;
4. the neighbours send what we had not heard; both ends of every link are compared;
5. assignments that a neighbour works for and nobody here knows are taken over, called back, or left
   on the list for later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from prometheus_client import CollectorRegistry
from sqlalchemy import Connection

from hub.errors import FabricError, Unreachable
from hub.ids import LinkId
from hub.link import recovering
from hub.link.checkpoint import Checkpoint, LinkState, Recovery
from hub.link.driver import LinkDriver
from hub.link.metrics import LinkMetrics
from hub.link.sealing import Sealing
from hub.link.steps import Report
from hub.roster.identity import Identity
from hub.roster.keeper import RosterKeeper
from hub.store import links, ownership, recoveries
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.core.audit import REBORN
from node.core.errors import Refused
from node.main import logs
from node.main.fabric import Fabric, settle_rows
from node.main.marks import MARKER_FILE, RESTORED_FILE, copied, write_marker
from node.main.rooms import Rooms, furnish
from node.main.starts import BRANCH_KEY, COPY_KEY, proven, remember_start, started
from node.service.audit import AuditEntry
from node.service.recollection import Unclaimed
from node.service.views import Finding
from node.settings import Settings, load
from node.store import schema, snapshot
from node.store.repository import NodeStore

LOOK_S = 0.5
"""How often the steps of the links are looked at."""
QUIET_LOOKS = 4
"""Looks in a row at which nothing is under way any more."""
TRIES_MAX = 3
"""New epochs refused by a neighbour that had moved on, before a person is asked again."""
UNDER_WAY_KEY = snapshot.RECOVERING
"""Row of ``meta``: a recovery began and has not come to its end."""
US_PER_SECOND = 1_000_000
COPY, LINK, UNFINISHED, NOTHING = "copy", "link", "unfinished", "nothing"
ADOPT, WITHDRAW, LATER = "adopt", "withdraw", "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """One link in a recovery, as a person sees it. ``verdict``: what the peer's first Hello meant.
    ``heard``: words of the peer that came in since."""

    link: str
    peer: str
    step: str
    verdict: str
    contact: bool
    echoed: int
    redrafted: int
    lost: int
    heard: int
    waiting: int
    """What the peer has for us, as far as it said."""


@dataclass(slots=True, kw_only=True)
class Told:
    """What a recovery brought back; the numbers of words are kept, those of entries are of this
    run."""

    stands: tuple[Stand, ...] = ()
    entries: int = 0
    apart: int = 0
    below: int = 0
    mended: int = 0
    retold: int = 0
    compared: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Per link: missing, surplus and differing keys of the last comparison."""
    adopted: int = 0
    called_back: int = 0
    left: int = 0
    needed: bool = True


class Reason(NamedTuple):
    """Why a recovery is needed: ``restored``, ``elsewhere``, ``older`` (the database is a copy),
    ``nothing`` (there was no backup),
    ``copy`` (another copy was proven), ``link`` (one stands still) or ``unfinished``."""

    code: str
    detail: str = ""
    link: str = ""


class Talk(Protocol):
    """Whoever leads: a person at a terminal, or a script."""

    def begun(self, why: Sequence[Reason], links: Sequence[str]) -> None:
        """Why this database cannot be the newest copy, and which links are recovered."""
        ...

    def progress(self, phase: str, stands: Sequence[Stand]) -> None:
        """Phases: echo, resend."""
        ...

    def confirm(self, told: Told) -> bool:
        """May new epochs be opened? Asked once everything is back."""
        ...

    def unclaimed(self, one: Unclaimed) -> str:
        """adopt, withdraw or later."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """``waive``: links to go on without. ``wait_s``: patience for neighbours, per phase. ``by``:
    who confirms. ``no_backup``: the database is a new one beside old keys, and nothing says so."""

    waive: tuple[str, ...] = ()
    wait_s: float = 600.0
    by: str = "operator"
    no_backup: bool = False


def recover(home: Path, talk: Talk, wishes: Wishes) -> Told:
    """Recover the node of a home. ``Unreachable`` (``recovery.waiting``) where neighbours did not
    answer in time: what was reached is kept, the next run goes on."""
    settings = load(home)
    # A person reads what this says; what links complain of goes on stderr if it is an error.
    logs.configure(settings.model_copy(update={"log_level": "error", "log_format": "text"}))
    return asyncio.run(lead(settings, talk, wishes))


async def lead(settings: Settings, talk: Talk, wishes: Wishes) -> Told:
    """The same, inside a loop."""
    schema.check(settings.database_url)
    await asyncio.to_thread(ownership.refuse_if_served, settings.database_url)
    async with _writer(settings) as writer:
        leader = _Leader(settings, writer, talk, wishes)
        return await leader.run()


@asynccontextmanager
async def _writer(settings: Settings) -> AsyncIterator[GroupWriter]:
    writer = GroupWriter(
        settings.database_url, queue_operations_max=settings.limits.writer_queue_max
    )
    await asyncio.to_thread(writer.start)
    try:
        yield writer
    finally:
        await writer.close()


@dataclass(slots=True)
class _Open:
    """The parts that talk to neighbours, for one phase."""

    identity: Identity
    rooms: Rooms
    fabric: Fabric
    drivers: dict[LinkId, LinkDriver]
    keeper: RosterKeeper


class _Leader:
    """One run."""

    def __init__(
        self, settings: Settings, writer: GroupWriter, talk: Talk, wishes: Wishes
    ) -> None:
        self._settings = settings
        self._writer = writer
        self._talk = talk
        self._wishes = wishes
        self._told = Told()

    async def run(self) -> Told:
        why, wanted = await self._diagnose()
        if not wanted:
            self._told.needed = False
            await self._finish()
            return self._told
        self._talk.begun(why, wanted)
        await self._begin(wanted)
        confirmed = False
        for _ in range(TRIES_MAX + 1):
            if await self._is_at(recovering.ECHO, recovering.ECHOED):
                await self._fetch()
                confirmed = confirmed or await asyncio.to_thread(self._talk.confirm, self._told)
                if not confirmed:
                    return self._told
                await self._open_epochs()
            if await self._resume():
                await self._finish()
                return self._told
        raise Unreachable(
            "recovering: a neighbour moved on again and again while its new epoch was under way",
            code="recovery.moving",
        )

    # --- before ---------------------------------------------------------------------------

    async def _diagnose(self) -> tuple[list[Reason], list[LinkId]]:
        """Why a recovery is needed, and of which links."""
        boot_no, _ = await self._writer.read(started)
        why: list[Reason] = []
        if code := copied(self._settings, boot_no):
            why.append(Reason(code))
        if proof := await self._writer.read(proven):
            why.append(Reason(COPY, proof))
        if self._wishes.no_backup:
            why.append(Reason(NOTHING))
            identity = await asyncio.to_thread(Identity.load, self._settings.keys)
            found = await asyncio.to_thread(identity.neighbours)
            await self._writer.write(lambda tx: settle_rows(tx, found, self._settings))
        points = await self._writer.read(links.all_links)
        living = [one for one in points if one.state is not LinkState.RETIRED]
        still = [one for one in living if _needs_recovery(one)]
        why += [Reason(LINK, one.reason, one.link) for one in still]
        if await self._writer.read(_under_way) and not why:
            why.append(Reason(UNFINISHED))
        if not why:
            return [], []
        only = {one.link for one in still}
        whole = any(not one.reason.startswith("link.history_gone") for one in still)
        if whole or not only:
            only = {one.link for one in living}
        return why, sorted(only)

    async def _begin(self, wanted: Sequence[LinkId]) -> None:

        def begin(tx: Tx) -> None:
            if not _under_way(tx.conn):
                NodeStore().set_meta(tx.conn, UNDER_WAY_KEY, "yes")
                for link in wanted:
                    recovering.begin(tx, link, by=self._wishes.by)
            for name in self._wishes.waive:
                row = recoveries.read(tx.conn, LinkId(name))
                if row is not None and row.step in recovering.UNFINISHED:
                    recovering.waive(tx, LinkId(name), by=self._wishes.by)

        await self._writer.write(begin)

    # --- 1: our own words come back -------------------------------------------------------

    async def _fetch(self) -> None:
        async with self._open() as opened:
            await self._wait(opened, "echo", lambda stand: stand.step != recovering.ECHO)
            counted = opened.rooms.receiver.recollection.counted
            self._told.entries += counted.entries
            self._told.apart += counted.apart
            self._told.below += counted.below
            self._told.stands = await self._stands(opened)

    # --- 3: the one commit ----------------------------------------------------------------

    async def _open_epochs(self) -> None:
        async with self._open(talking=False) as opened:
            around = opened.rooms.surroundings
            recollection = opened.rooms.receiver.recollection

            def commit(tx: Tx) -> tuple[int, int]:
                store = NodeStore()
                branch = max(int(store.meta(tx.conn, BRANCH_KEY) or 0) + 1,
                             tx.now_us // US_PER_SECOND)
                store.set_meta(tx.conn, BRANCH_KEY, str(branch))
                around.branch = branch
                opened.rooms.office.recorder.record(tx, AuditEntry(
                    action=REBORN, actor=self._wishes.by, subject=f"node:{around.node}",
                    detail={"branch": branch}, origin="machine"))
                rows = recoveries.all_rows(tx.conn)
                mended = sum(
                    recollection.mend(tx, row.link) for row in rows
                    if row.step in recovering.UNFINISHED
                )
                retold = sum(
                    recollection.retell(tx, row.link) for row in rows
                    if row.step == recovering.ECHOED
                )
                for row in rows:
                    if row.step == recovering.ECHOED:
                        point = links.read(tx.conn, row.link)
                        assert point is not None, "a recovery has its link"
                        recovering.confirm(
                            tx, self._sealing(opened, point), ids=around.ids,
                            reason="recovery", by=self._wishes.by,
                        )
                return mended, retold

            mended, retold = await self._writer.write(commit)
            self._told.mended += mended
            self._told.retold += retold

    def _sealing(self, opened: _Open, point: Checkpoint) -> Sealing:
        return Sealing(
            link=point.link, me=opened.identity.node, peer=point.peer,
            signers=opened.identity.signers, keys=opened.keeper.keys,
            lower=opened.rooms.receiver.lower, dual=point.dual_seal,
        )

    # --- 4: what we had not heard ---------------------------------------------------------

    async def _resume(self) -> bool:
        """True once every link flows and is compared; False if a neighbour had moved on."""
        async with self._open() as opened:
            found = opened.rooms.receiver.list_unclaimed()
            await self._wait(opened, "resend", lambda stand: stand.step != recovering.OPENED)
            if await self._is_at(recovering.ECHO, recovering.ECHOED):
                return False
            await self._drain(opened)
            self._told.compared = await self._compare(opened)
            await self._drain(opened)
            recollection = opened.rooms.receiver.recollection

            def mend(tx: Tx) -> int:
                return sum(
                    recollection.mend(tx, row.link) for row in recoveries.all_rows(tx.conn)
                    if row.step == recovering.DONE
                )

            self._told.mended += await self._writer.write(mend)
            await self._decide(opened, found)
            await self._drain(opened)
            self._told.stands = await self._stands(opened)
        return True

    async def _compare(self, opened: _Open) -> dict[str, tuple[int, int, int]]:
        """Anti-entropy with every neighbour below; the one above compares by itself, as soon as
        it has taken our new epoch. Twice: what the first round sends again, the second finds."""
        compared: dict[str, tuple[int, int, int]] = {}
        for link, driver in opened.drivers.items():
            if driver.status().peer_is_parent or driver.status().state is not LinkState.UP:
                continue
            try:
                await driver.reconcile()
                await self._drain(opened)
                rounds = await driver.reconcile()
            except FabricError:
                continue  # the hourly rounds of the running node go on with it
            compared[link] = _sum(rounds)
        return compared

    async def _drain(self, opened: _Open) -> None:
        """Until nothing is under way on any link that flows."""
        quiet = 0
        deadline = time.monotonic() + self._wishes.wait_s
        while quiet < QUIET_LOOKS and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_S)
            stands = await self._stands(opened)
            self._talk.progress("resend", stands)
            counts = await self._writer.read(
                lambda conn: [
                    links.counts(conn, one.link) for one in links.all_links(conn)
                    if one.state in (LinkState.UP, LinkState.DOWN)
                ]
            )
            busy = any(drafts or unacked for drafts, unacked in counts)
            away = any(
                not one.contact or one.waiting for one in stands if one.step == recovering.DONE
            )
            quiet = 0 if busy or away else quiet + 1

    # --- 5: what nobody here knows --------------------------------------------------------

    async def _decide(self, opened: _Open, found: list[tuple[LinkId, str]]) -> None:
        if not found:
            return
        recollection = opened.rooms.receiver.recollection
        told = await self._writer.read(lambda conn: recollection.unclaimed(conn, tuple(found)))
        for one in told:
            answer = LATER
            if one.order is not None:
                answer = await asyncio.to_thread(self._talk.unclaimed, one)
            try:
                answer = await self._carry_out(opened, one, answer)
            except Refused:
                answer = LATER
            if answer == ADOPT:
                self._told.adopted += 1
            elif answer == WITHDRAW:
                self._told.called_back += 1
            else:
                self._told.left += 1
                await self._writer.write(lambda tx, one=one: _leave(tx, opened.rooms, one))  # type: ignore[misc]

    async def _carry_out(self, opened: _Open, one: Unclaimed, answer: str) -> str:
        recollection = opened.rooms.receiver.recollection
        if answer == ADOPT:
            taken = await self._writer.write(lambda tx: recollection.adopt(tx, one))
            return ADOPT if taken else LATER
        if answer == WITHDRAW:
            await self._writer.write(
                lambda tx: recollection.call_back(tx, one, "not known after a lost history")
            )
        return answer

    # --- after ----------------------------------------------------------------------------

    async def _finish(self) -> None:
        """The node may serve again: its marker is of this database, and nothing says otherwise."""
        marker = self._settings.data / MARKER_FILE
        last = int(marker.read_text()) if marker.exists() else 0

        def finish(tx: Tx) -> int:
            boot_no = max(started(tx.conn)[0], last)
            remember_start(tx, boot_no, self._settings.node.id)
            NodeStore().set_meta(tx.conn, COPY_KEY, "")
            NodeStore().set_meta(tx.conn, UNDER_WAY_KEY, "")
            for row in recoveries.all_rows(tx.conn):
                if row.step == recovering.DONE:
                    recoveries.forget(tx, row.link)
            return boot_no

        boot_no = await self._writer.write(finish)
        await asyncio.to_thread(write_marker, marker, boot_no)
        (self._settings.data / RESTORED_FILE).unlink(missing_ok=True)

    # --- inside ---------------------------------------------------------------------------

    @asynccontextmanager
    async def _open(self, *, talking: bool = True) -> AsyncIterator[_Open]:
        """Everything that hears and speaks, without anything that works by itself."""
        settings, writer = self._settings, self._writer
        identity = await asyncio.to_thread(Identity.load, settings.keys)
        async with AsyncExitStack() as stack:
            keeper = RosterKeeper(
                identity=identity, writer=writer, now_us=_now_us, alarm=_no_alarm
            )
            await keeper.refresh()
            drivers: dict[LinkId, LinkDriver] = {}
            _, branch = await writer.read(started)
            rooms = furnish(
                settings, writer=writer, tree=keeper.keys, runners=drivers, now_us=_now_us,
                branch=branch, alarm=_no_alarm, more_findings=_no_findings, seal=identity.sign,
                keys=keeper.keys,
            )
            rooms.open()
            stack.callback(rooms.close)
            await rooms.office.cards.reload()
            await rooms.office.standards.reload()
            await rooms.calendars.load()
            fabric = Fabric(
                settings, identity=identity, keeper=keeper, writer=writer, rooms=rooms,
                drivers=drivers, now_us=_now_us, alarm=_no_alarm,
                metrics=LinkMetrics(CollectorRegistry()),
            )
            if talking:
                stack.push_async_callback(fabric.stop)
                await fabric.refresh()
            else:
                found = await asyncio.to_thread(identity.neighbours)
                children = [one.peer for one in found if one.peer_is == "CHILD"]
                rooms.surroundings.set_children(children)
            yield _Open(identity, rooms, fabric, drivers, keeper)

    async def _wait(self, opened: _Open, phase: str, done: _Done) -> None:
        deadline = time.monotonic() + self._wishes.wait_s
        while True:
            stands = await self._stands(opened)
            self._talk.progress(phase, stands)
            missing = [one for one in stands if not done(one)]
            if not missing:
                return
            if time.monotonic() > deadline:
                names = ", ".join(one.link for one in missing)
                raise Unreachable(
                    f"recovering: no answer yet on {names}; what came back is kept. Run it again "
                    "when they can be reached, or go on without one by --waive",
                    code="recovery.waiting",
                )
            await asyncio.sleep(LOOK_S)

    async def _is_at(self, *wanted: str) -> bool:
        rows = await self._writer.read(recoveries.all_rows)
        return any(row.step in wanted for row in rows)

    async def _stands(self, opened: _Open) -> tuple[Stand, ...]:
        rows, points = await self._writer.read(
            lambda conn: (
                {row.link: row for row in recoveries.all_rows(conn)}, links.all_links(conn)
            )
        )
        return tuple(
            _stand(rows[point.link], point, opened.drivers)
            for point in points if point.link in rows
        )


class _Done(Protocol):
    def __call__(self, stand: Stand) -> bool: ...


def _stand(
    row: recoveries.Row, point: Checkpoint, drivers: Mapping[LinkId, LinkDriver]
) -> Stand:
    driver = drivers.get(point.link)
    status = driver.status() if driver is not None else None
    same = row.inn.epoch == point.inn.epoch
    return Stand(
        link=point.link,
        peer=point.peer,
        step=row.step,
        verdict=row.verdict,
        contact=status is not None and (status.up or status.in_echo),
        echoed=row.echoed,
        redrafted=row.redrafted,
        lost=row.lost,
        heard=point.inn.seq - row.inn.seq if same else point.inn.seq,
        waiting=status.peer_backlog if status is not None else 0,
    )


def _needs_recovery(point: Checkpoint) -> bool:
    """A link that stands still for want of history, or whose recovery was put off."""
    if point.recovery is not Recovery.NONE:
        return True
    if point.state in (LinkState.FENCED, LinkState.RECOVERING):
        return not point.reason.startswith("link.taken")
    return point.state is LinkState.QUARANTINED and not point.reason.startswith("link.unsealed")


def _under_way(conn: Connection) -> bool:
    return bool(NodeStore().meta(conn, UNDER_WAY_KEY))


def _leave(tx: Tx, rooms: Rooms, one: Unclaimed) -> None:
    """An item for whoever opens the worklist."""
    rooms.receiver.recollection.leave(tx, one)


def _sum(rounds: Sequence[Report]) -> tuple[int, int, int]:
    return (
        sum(one.missing for one in rounds),
        sum(one.surplus for one in rounds),
        sum(one.differ for one in rounds),
    )


def _now_us() -> int:
    return time.time_ns() // 1_000


def _no_alarm(*_: str) -> None:
    """What a link complains of while it is being recovered is what the recovery is for."""


async def _no_findings() -> list[Finding]:
    return []


SURPLUS: Final = (ADOPT, WITHDRAW, LATER)
