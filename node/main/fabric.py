"""The links of a node at run time: drivers, carriers, mailbox server, photos and questions.

A parent listens (gRPC, and a mailbox server where children use one), a child dials. Children may be
accepted while the node runs, so ``refresh`` is called again and again and only does what is new:
link rows, drivers, listeners, NATS accounts; a retired child is dropped at once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from sqlalchemy import Connection

from hub.blobs.exchange import BlobExchange
from hub.blobs.pull import Pressure
from hub.carriers.grpc_stream import Caller, GrpcDialer, GrpcServer
from hub.carriers.port import Dialer, Kind, Listener
from hub.carriers.streams import ByteStream
from hub.carriers.tls import TlsFiles
from hub.errors import FabricError
from hub.ids import LinkId
from hub.link.checkpoint import LinkState, Recovery
from hub.link.driver import LinkDriver
from hub.link.metrics import LinkMetrics
from hub.link.quota import Quota
from hub.roster import join
from hub.roster.authority import CERTIFICATE_FILE
from hub.roster.claiming import Claims
from hub.roster.holding import TLS_FILE
from hub.roster.identity import SERVER_FILE, Identity, Neighbour
from hub.roster.keeper import RosterKeeper
from hub.roster.renewing import Renewals
from hub.store import links
from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.main.dialing import dialers_of
from node.main.mailboxes import Mailboxes, PostOffice
from node.main.rooms import Rooms
from node.service.views import Finding
from node.settings import Settings

STREAM_RETRY_S = (1.0, 15.0)
"""First and longest pause before a side stream (photos, questions) is opened again. Short: on a
mailbox carrier it can only be opened while the link speaks there."""
WATCH_S = 2.0
"""How often gauges and waiting words are looked at; photos stand back after as much."""
DISK_LOOK_S = 0.9
"""Between two looks at the disk; the links ask every second, all of them."""
WORKERS = 2
"""Threads that seal and verify; more would only wait for each other's GIL between signatures."""
KEY_UNKNOWN, UNSUPPORTED = "key.unknown", "schema.unsupported"
"""What a newer roster, and what a newer program, may release."""

log = structlog.get_logger("node.fabric")


class Fabric:
    """Everything that talks to neighbours."""

    def __init__(
        self,
        settings: Settings,
        *,
        identity: Identity,
        keeper: RosterKeeper,
        claims: Claims | None = None,
        renewals: Renewals | None = None,
        writer: GroupWriter,
        rooms: Rooms,
        drivers: dict[LinkId, LinkDriver],
        now_us: Callable[[], int],
        alarm: Callable[[str, str, str], None],
        metrics: LinkMetrics,
    ) -> None:
        self._settings = settings
        self._identity = identity
        self._keeper = keeper
        self._claims = claims
        self._renewals = renewals
        self._dialers: tuple[Dialer, ...] = ()
        self._writer = writer
        self._rooms = rooms
        self._drivers = drivers
        self._now_us = now_us
        self._alarm = alarm
        self._metrics = metrics
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="seal")
        self._oldest_us: dict[LinkId, int | None] = {}
        self._disk_used, self._disk_looked_at = 0.0, -DISK_LOOK_S
        self.violations = 0
        """What mailbox servers refused since the start: somebody tried what he may not."""
        self._server: GrpcServer | None = None
        self._server_certificate = ""
        self._boxes = PostOffice(settings, identity=identity, violated=self._violated)
        self._listeners: dict[LinkId, list[Listener]] = {}
        # Whoever takes over begins the links while the half-minute's look may be under way.
        self._refreshing = asyncio.Lock()
        self._sides: set[asyncio.Task[None]] = set()
        self._quotas: dict[LinkId, Quota] = {}
        self._exchange = BlobExchange(
            library=rooms.library, writer=writer, now_us=now_us, pressure=self._pressure,
            quota=self._quotas.get,
        )

    @property
    def grpc_port(self) -> int:
        """The port children dial; 0 while there are none."""
        return self._server.port if self._server is not None else 0

    @property
    def nats_url(self) -> str:
        """Our mailbox server's URL; "" while there is none."""
        return self._boxes.url

    # --- life ---------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """Take over what provisioning changed: new neighbours, retired ones, a newer roster."""
        async with self._refreshing:
            await self._refresh()

    async def _refresh(self) -> None:
        if await asyncio.to_thread(self._end_revoked):
            await self._keeper.refresh()
        found = await asyncio.to_thread(self._identity.neighbours)
        await self._writer.write(lambda tx: settle_rows(tx, found, self._settings))
        living, children = await self._know(found)
        for one in found:
            if one.retired and one.link in self._drivers:
                await self._drop(one.link)
        if children:
            await self._open_doors(children)
        for one in living:
            if one.link not in self._drivers:
                await self._run(one)

    def _end_revoked(self) -> bool:
        """Children that the roster ended are ended here as well."""
        ended = join.retire_revoked(
            self._identity, self._keeper.roster, now_us=self._now_us()
        )
        for node in ended:
            log.warning("child_revoked", child=node)
        return bool(ended)

    async def look(self) -> None:
        """Know who is there and run nothing: another process talks to them."""
        await self._know(await asyncio.to_thread(self._identity.neighbours))

    async def _know(
        self, found: tuple[Neighbour, ...]
    ) -> tuple[list[Neighbour], list[Neighbour]]:
        """Whoever is not retired, and the children among them; routing knows them from now on."""
        living = [one for one in found if not one.retired]
        children = [one for one in living if one.peer_is == "CHILD"]
        self._rooms.surroundings.set_children([one.peer for one in children])
        self._rooms.surroundings.waived = await self._writer.read(_waived)
        return living, children

    async def stop(self) -> None:
        """Say goodbye on every link, then close the doors."""
        for task in self._sides:
            task.cancel()
        await asyncio.gather(*self._sides, return_exceptions=True)
        await asyncio.gather(*(driver.stop() for driver in self._drivers.values()))
        for listeners in self._listeners.values():
            await asyncio.gather(*(listener.stop() for listener in listeners))
        if self._server is not None:
            await self._server.stop()
        await self._boxes.stop()
        self._workers.shutdown(wait=False)

    async def _drop(self, link: LinkId) -> None:
        driver = self._drivers.pop(link)
        await driver.stop()
        for listener in self._listeners.pop(link, []):
            await listener.stop()
        if self._server is not None:
            await self._server.drop(link)
        await self._boxes.drop(link)

    # --- our doors ----------------------------------------------------------------------------

    async def _open_doors(self, children: list[Neighbour]) -> None:
        tls, serial = await asyncio.to_thread(self._server_tls)
        renewed = self._server_certificate not in ("", serial)
        self._server_certificate = serial
        if self._server is None:
            self._server = GrpcServer(
                tls=tls,
                authorise=self._authorise,
                host=self._settings.grpc.host,
                port=self._settings.grpc.port,
            )
            self._server.route("Bulk", self._exchange.attach)
            self._server.route("Ask", self._rooms.ask_desk.attach)
            await self._server.start()
            log.info("grpc_open", port=self._server.port)
        elif renewed:
            self._server.renew(tls)
            log.info("server_certificate_renewed")
        await self._boxes.follow([one.link for one in children], tls, renewed=renewed)

    def _server_tls(self) -> tuple[TlsFiles, str]:
        """The files to serve with, and the certificate itself, to notice when it is a new one."""
        keys = self._settings.keys
        present = self._identity.server_certificate(
            hosts=self._settings.grpc.hosts, now_us=self._now_us()
        )
        files = TlsFiles(
            ca=keys / CERTIFICATE_FILE, certificate=keys / SERVER_FILE, key=keys / TLS_FILE
        )
        return files, present.pem

    def _authorise(self, caller: Caller) -> LinkId | None:
        return self._keeper.admit(caller.names, caller.spki_digest)

    # --- one link -----------------------------------------------------------------------------

    async def _run(self, one: Neighbour) -> None:
        is_parent = one.peer_is == "PARENT"
        dialers = dialers_of(
            one.link, settings=self._settings, identity=self._identity, violated=self._violated
        ) if is_parent else ()
        quota = self._quotas[one.link] = self._settings.quota.for_peer(one.peer)
        driver = LinkDriver(
            link=one.link,
            me=self._identity.node,
            writer=self._writer,
            application=self._rooms.receiver,
            signers=self._identity.live_signers,
            keys=self._keeper.keys,
            ids=self._rooms.surroundings.ids,
            clock=self._now_us,
            monotonic=lambda: time.monotonic_ns() // 1_000,
            jitter=lambda: random.uniform(0.8, 1.4),  # noqa: S311 - spreads retries, no secret
            workers=self._workers,
            dialers=dialers,
            roster=self._keeper,
            claims=self._claims,
            renewals=self._renewals,
            credit=self._credit,
            full=self._full,
            quota=quota,
            alarm=self._link_alarm,
            metrics=self._metrics,
        )
        self._drivers[one.link] = driver
        await driver.start()
        self._spawn(driver.release_parked((UNSUPPORTED,), actor="start"))
        if is_parent:
            self._dialers = dialers
            self._open_sides(dialers)
        else:
            await self._listen(one.link, driver)

    async def _listen(self, link: LinkId, driver: LinkDriver) -> None:
        assert self._server is not None, "doors open before links run"
        listeners: list[Listener] = [self._server.listener(link)]
        if (box := self._boxes.listener(link)) is not None:
            box.route("Bulk", self._exchange.attach)
            listeners.append(box)
        self._listeners[link] = listeners
        for listener in listeners:
            await listener.start(driver.accept)

    # --- photos and questions -----------------------------------------------------------------

    def _open_sides(self, dialers: tuple[Dialer, ...]) -> None:
        """The child opens the side streams: questions on gRPC only, photos on every carrier, since
        the parent asks on each and a stream that only one end attends would never be answered."""
        by_kind = {dialer.kind: dialer for dialer in dialers}
        grpc, box = by_kind.get(Kind.GRPC), by_kind.get(Kind.NATS)
        if isinstance(grpc, GrpcDialer):
            self._keep_open(lambda: grpc.stream("Ask"), self._rooms.ask_desk.attach, "Ask")
            self._keep_open(lambda: grpc.stream("Bulk"), self._exchange.attach, "Bulk")
        if box is None:
            return
        from hub.carriers.jetstream import JetStreamDialer

        if isinstance(box, JetStreamDialer):
            self._keep_open(lambda: box.stream("Bulk"), self._exchange.attach, "Bulk")

    def _keep_open(
        self,
        dial: Callable[[], Coroutine[Any, Any, ByteStream]],
        attach: Callable[[ByteStream], Coroutine[Any, Any, None]],
        method: str,
    ) -> None:
        async def keep() -> None:
            first_s, last_s = STREAM_RETRY_S
            pause_s = first_s
            while True:
                try:
                    stream = await dial()
                    pause_s = first_s
                    await attach(stream)
                except FabricError as err:
                    log.debug("side_stream_down", method=method, code=err.code)
                except Exception:
                    log.exception("side_stream_failed", method=method)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, last_s)

        task = asyncio.create_task(keep(), name=f"side {method}")
        self._sides.add(task)
        task.add_done_callback(self._sides.discard)

    # --- what drivers and photos ask ----------------------------------------------------------

    def _credit(self) -> int:
        """Envelopes we take beyond what we have: none when the disk is nearly full."""
        if self._used() >= self._settings.limits.disk_used_warn:
            return 0
        return self._writer.free_places

    def _full(self) -> bool:
        """Whether the disk has no place for anybody's words, asked for or not."""
        return self._used() >= self._settings.limits.disk_used_full

    def _used(self) -> float:
        now = time.monotonic()
        if now - self._disk_looked_at >= DISK_LOOK_S:
            self._disk_looked_at, self._disk_used = now, self._rooms.doctor.disk_used()
        return self._disk_used

    def _pressure(self, link: LinkId) -> Pressure:
        driver = self._drivers.get(link)
        if driver is None:
            return Pressure()
        oldest_us = self._oldest_us.get(link)
        waited_s = (self._now_us() - oldest_us) / 1e6 if oldest_us is not None else 0.0
        return Pressure(frame_rtt_ms=driver.status().rtt_s * 1000, oldest_undelivered_s=waited_s)

    def _link_alarm(self, link: LinkId, code: str, detail: str) -> None:
        self._alarm(code, detail, link)

    def _violated(self, link: LinkId, what: str) -> None:
        self.violations += 1
        log.warning("nats_violation", link=link, what=what)

    async def mailboxes(self) -> Mailboxes:
        """What the mailboxes of our children hold."""
        return await self._boxes.boxes()

    async def findings(self) -> list[Finding]:
        """What the doctor should say of a cluster of mailbox servers; nothing where none is."""
        return await self._boxes.findings()

    def roster_changed(self) -> None:
        """A newer roster is in use: whoever waits for a key looks again."""
        for driver in self._drivers.values():
            driver.roster_changed()
            self._spawn(driver.release_parked((KEY_UNKNOWN,), actor="roster"))
        if self._claims is not None:
            self._spawn(self._claims.refresh())
        # It may have ended a child of ours: that one is cut off now.
        self._spawn(self.refresh())

    def claims_changed(self) -> None:
        """There is something new to claim: our parent hears it at once, if there is contact."""
        for driver in self._drivers.values():
            driver.claims_changed()

    def papers_aged(self) -> None:
        """There is something to say to our parent about our papers."""
        for driver in self._drivers.values():
            driver.papers_aged()

    async def papers_renewed(self) -> None:
        """Newer papers are in place: everything that was opened under those of before begins
        anew."""
        for driver in self._drivers.values():
            driver.papers_renewed()
        for dialer in self._dialers:
            if isinstance(dialer, GrpcDialer):
                await dialer.close()

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        async def guarded() -> None:
            try:
                await work
            except FabricError as err:
                log.warning("release_failed", code=err.code, detail=str(err))

        task = asyncio.create_task(guarded())
        self._sides.add(task)
        task.add_done_callback(self._sides.discard)

    async def watch(self) -> None:
        """Keep the gauges and what photos yield to up to date, until cancelled."""
        while True:
            try:
                for link, driver in list(self._drivers.items()):
                    await driver.show()
                    self._oldest_us[link] = driver.oldest_us
            except FabricError as err:
                log.warning("watch_failed", code=err.code, detail=str(err))
            await asyncio.sleep(WATCH_S)


def _waived(conn: Connection) -> frozenset[str]:
    """Neighbours who were left out of a recovery."""
    return frozenset(
        str(point.peer)
        for point in links.all_links(conn)
        if point.recovery is Recovery.WAIVED
    )


def settle_rows(tx: Tx, found: tuple[Neighbour, ...], settings: Settings) -> None:
    """A row for every link that the papers name; retired ones end."""
    known = {point.link: point for point in links.all_links(tx.conn)}
    prefer = settings.parent.prefer if settings.parent is not None else "GRPC"
    for one in found:
        is_parent = one.peer_is == "PARENT"
        if one.link not in known:
            links.create(
                tx,
                link=one.link,
                peer=one.peer,
                peer_is_parent=is_parent,
                prefer=prefer if is_parent else "GRPC",
            )
        elif one.retired and known[one.link].state is not LinkState.RETIRED:
            links.set_state(tx, one.link, LinkState.RETIRED, "link.retired: ended here")
        elif not one.retired and known[one.link].state is LinkState.RETIRED:
            # Taken in again with new keys; both ends go on from where they stand.
            links.set_state(tx, one.link, LinkState.DOWN, "link.readmitted: with new keys")
        dual = one.peer in settings.keyring.dual
        if dual != (one.link in known and known[one.link].dual_seal):
            links.set_dual_seal(tx, one.link, dual=dual)
